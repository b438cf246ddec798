//! Running other programs: what is said about them, and what is said when they fail.

use anyhow::{Context as _, Result, bail};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

thread_local! {
    /// Where this thread's output goes, when not to the terminal.
    static LOG: RefCell<Option<File>> = const { RefCell::new(None) };
}

/// Does something with all that this thread and its programs print going into a file.
///
/// # Errors
/// When the file cannot be written, or the work fails.
pub fn into_log<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    LOG.set(Some(file));
    let result = work();
    LOG.set(None);
    result
}

/// Prints one line where this thread's output goes.
pub fn print(line: &str) {
    LOG.with_borrow_mut(|log| match log {
        // A full disk is told of by the programs that fill it.
        Some(file) => _ = writeln!(file, "{line}"),
        None => println!("{line}"),
    });
}

/// Lets a program's complaints (and, with `all`, the rest of its output) go where this thread's output goes.
///
/// # Errors
/// When the log cannot be opened a second time.
pub fn direct(command: &mut Command, all: bool) -> Result<()> {
    LOG.with_borrow(|log| {
        if let Some(file) = log {
            command.stderr(file.try_clone()?);
            if all {
                command.stdout(file.try_clone()?);
            }
        }
        Ok(())
    })
}

/// Says one line about what is being done, in the same form everywhere.
pub fn say(line: impl AsRef<str>) {
    print(&format!("[xtask] {}", line.as_ref()));
}

/// Says what went wrong.
pub fn complain(line: impl AsRef<str>) {
    if LOG.with_borrow(Option::is_some) {
        say(line);
    } else {
        eprintln!("[xtask] {}", line.as_ref());
    }
}

/// The program and its arguments as a person would type them.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end with its output shown.
///
/// # Errors
/// When the program cannot be started or ends with a failure; the message has the whole command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    direct(command, true)?;
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command quietly and returns what it printed; `None` when it could not run or failed.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Finds a program on PATH, as a shell would.
pub fn which(name: impl AsRef<Path>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| {
            let plain = folder.join(name.as_ref());
            let windows = plain.with_extension("exe");
            [plain, windows]
        })
        .find(|candidate| candidate.is_file())
}

/// PATH with some folders put before the rest.
pub fn path_with(first: &[PathBuf]) -> std::ffi::OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().cloned().chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap_or(rest)
}

/// Whether an environment variable is set to something.
pub fn is_set(name: impl AsRef<OsStr>) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_into_a_log_is_read_there_with_what_its_programs_print() {
        let path = std::env::temp_dir().join(format!("recoworld-xtask-{}.log", std::process::id()));
        let failed = into_log(&path, || {
            say("before");
            run(Command::new("cargo").arg("--version"))?;
            complain("after");
            run(Command::new("cargo").arg("no-such-command"))
        });
        let read = std::fs::read_to_string(&path).expect("is there");
        std::fs::remove_file(&path).expect("is removed");
        assert!(failed.is_err());
        let lines = read.lines().collect::<Vec<_>>();
        assert_eq!((lines[0], lines[2]), ("[xtask] before", "[xtask] after"));
        assert!(lines[1].starts_with("cargo 1.") && read.contains("no-such-command"), "{read}");
        assert!(LOG.with_borrow(Option::is_none));
    }
}
