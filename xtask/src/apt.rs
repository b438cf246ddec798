//! Debian's packages, for machines whose other sources are closed or absent.

use anyhow::{Context as _, Result, bail};
use std::process::Command;

use crate::shell::{output_of, run, say, which};

/// Whether this system installs packages with apt.
pub fn is_available() -> bool {
    which("apt-get").is_some()
}

/// Installs packages, refreshing the package list first.
///
/// # Errors
/// When not root and without sudo, or when apt fails; both say what to type by hand.
pub fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    say(format!("set-up: installing {list} with apt"));
    let by_hand = || format!("run `apt-get update && apt-get install -y {list}` as root by hand, then try again");
    run(as_root("apt-get").with_context(by_hand)?.args(["update", "-qq"])).with_context(by_hand)?;
    run(as_root("apt-get")?
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages))
    .with_context(by_hand)
}

/// A command run as root: directly, or through sudo.
///
/// # Errors
/// When this is not root and there is no sudo.
pub fn as_root(program: &str) -> Result<Command> {
    if is_root() {
        return Ok(Command::new(program));
    }
    if which("sudo").is_none() {
        bail!("installing system packages needs root, and there is no sudo here");
    }
    let mut command = Command::new("sudo");
    command.args(["--preserve-env=DEBIAN_FRONTEND", program]);
    Ok(command)
}

/// Whether this process is root, which Chromium's sandbox refuses.
pub fn is_root() -> bool {
    output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}
