//! `cargo xtask build`: the release page in dist/, its start script made fit for the policy, and
//! its size held to the budget.

use anyhow::{Context as _, Result};
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};

use crate::project::Project;
use crate::shell::{run, say};
use crate::{budget, start_script};

/// What decides the built page; a change in any of it makes another build.
const SOURCES: [&str; 11] = [
    "src",
    "www",
    "data",
    "prompts",
    "lessons",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
    ".cargo/config.toml",
];

/// Builds dist/ and checks its size.
///
/// # Errors
/// When a step fails or the first load is larger than the budget.
pub fn build(project: &Project) -> Result<()> {
    let id = build_id(&project.root)?;
    let stamp = stamp_path(project);
    // A build that fails midway must not pass for the one before it.
    if stamp.exists() {
        std::fs::remove_file(&stamp)?;
    }
    say(format!("building the page, build {id}"));
    run(project
        .wasm_command("trunk")
        .args(["build", "--release", "--offline", "--locked"])
        .env("RECOWORLD_BUILD_ID", &id)
        // trunk takes NO_COLOR for an option of its own and wants it to be a word it knows.
        .env_remove("NO_COLOR"))
    .context("trunk could not build the page")?;
    start_script::move_to_file(&project.dist())?;
    std::fs::write(&stamp, &id)?;
    budget::check(&project.dist())
}

/// Builds dist/ unless it was built from the very sources that are here now.
///
/// # Errors
/// As [`build`].
pub fn ensure_built(project: &Project) -> Result<()> {
    let id = build_id(&project.root)?;
    let built = std::fs::read_to_string(stamp_path(project)).is_ok_and(|stamped| stamped == id);
    if built && project.dist().join("index.html").is_file() {
        say(format!("the page is built already, build {id}"));
        return Ok(());
    }
    build(project)
}

/// Outside dist/, which holds nothing but the page.
fn stamp_path(project: &Project) -> PathBuf {
    project.root.join("target").join("dist-build-id")
}

/// Names the sources by their contents: the same sources are the same build on any machine, so
/// nothing is compiled anew for a name.
fn build_id(root: &Path) -> Result<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    for path in files {
        let name = path.strip_prefix(root).unwrap_or(&path);
        // The separator differs between systems; the name of a build should not.
        hash.write(name.to_string_lossy().replace('\\', "/").as_bytes());
        hash.write(&std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(format!("{:012x}", hash.finish() >> 16))
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        into.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), into)?;
        }
    }
    Ok(())
}

/// FNV-1a with 64 bits: unlike the standard hasher it is the same in every version of Rust.
struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.write(b"foobar");
        assert_eq!(hash.finish(), 0x8594_4171_f739_67e8);
    }
}
