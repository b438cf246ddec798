//! A run's folder: checkpoints that survive a crash, and the curve.

use super::{Problem, said};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The newest checkpoint.
pub const NEWEST: &str = "checkpoint.safetensors";
/// The one before it.
pub const BEFORE: &str = "checkpoint.previous.safetensors";
/// One that is being written.
const NEXT: &str = "checkpoint.next.safetensors";
/// One that could not be used, set aside.
const DAMAGED: &str = "checkpoint.damaged.safetensors";

/// The folder of one seed's run.
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder, making it where it is not there.
    pub fn open(path: PathBuf) -> Result<Self, Problem> {
        fs::create_dir_all(&path).map_err(|e| failed(&path, &e))?;
        Ok(Self { path })
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file whole or not at all: to a neighbour first, which then takes its name.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let (to, beside) = (self.file(name), self.file(&format!("{name}.part")));
        let written = File::create(&beside).and_then(|mut f| {
            f.write_all(bytes)?;
            f.sync_all()
        });
        written.and_then(|()| fs::rename(&beside, &to)).map_err(|e| failed(&to, &e))
    }

    /// Writes a checkpoint and keeps the one before it. A crash at any moment leaves one of them whole.
    pub fn checkpoint(&self, bytes: &[u8]) -> Result<(), Problem> {
        self.write(NEXT, bytes)?;
        let moved = |from: &str, to: &str| {
            let to = self.file(to);
            fs::rename(self.file(from), &to).map_err(|e| failed(&to, &e))
        };
        if self.file(NEWEST).exists() {
            moved(NEWEST, BEFORE)?;
        }
        moved(NEXT, NEWEST)
    }

    /// Takes the newest checkpoint that `restore` accepts. What was wrong with a newer one is told in words; `None` where
    /// there is no checkpoint at all.
    pub fn restore(&self, mut restore: impl FnMut(&[u8]) -> Result<(), String>) -> Result<Option<Restored>, Problem> {
        let mut wrong = Vec::new();
        for name in [NEWEST, BEFORE] {
            let path = self.file(name);
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(failed(&path, &e)),
            };
            match restore(&bytes) {
                Ok(()) => {
                    // Else it would take the place of the good one when the next is written.
                    if name == BEFORE && !wrong.is_empty() {
                        let aside = self.file(DAMAGED);
                        fs::rename(self.file(NEWEST), &aside).map_err(|e| failed(&aside, &e))?;
                    }
                    return Ok(Some(Restored { name, wrong }));
                }
                Err(why) => wrong.push(format!("{}: {why}", path.display())),
            }
        }
        if wrong.is_empty() {
            return Ok(None);
        }
        let told = wrong.join(". ");
        Err(said(format!("No checkpoint can be used. {told}. Leave --resume out to begin anew.")))
    }
}

/// A checkpoint that training goes on from.
pub struct Restored {
    /// Its file's name.
    pub name: &'static str,
    /// What was wrong with newer ones.
    pub wrong: Vec<String>,
}

fn failed(path: &Path, e: &io::Error) -> Problem {
    said(format!("{} could not be written or read: {e}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_checkpoint_falls_back_to_the_one_before() {
        let path = std::env::temp_dir().join(format!("recoworld-keep-{}", std::process::id()));
        let Ok(folder) = Folder::open(path.clone()) else { panic!("a folder can be made") };
        let read = |folder: &Folder| {
            let mut got = Vec::new();
            let restored = folder.restore(|bytes| {
                got = bytes.to_vec();
                if bytes.starts_with(b"good") { Ok(()) } else { Err("damaged".into()) }
            });
            (restored.ok().flatten().map(|r| (r.name, r.wrong.len())), got)
        };
        assert_eq!(read(&folder).0, None);
        for bytes in [&b"good 1"[..], b"good 2", b"bad 3"] {
            assert!(folder.checkpoint(bytes).is_ok());
        }
        assert_eq!(read(&folder), (Some((BEFORE, 1)), b"good 2".to_vec()));
        assert!(folder.checkpoint(b"good 4").is_ok());
        assert_eq!(read(&folder), (Some((NEWEST, 0)), b"good 4".to_vec()));
        assert_eq!(fs::read(folder.file(BEFORE)).ok().as_deref(), Some(&b"good 2"[..]), "the damaged one is set aside");
        assert!(fs::remove_dir_all(path).is_ok());
    }
}
