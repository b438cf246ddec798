//! Where things are: the project's folders, the tools' folder, and the versions that must match.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell;

/// The trunk that the project is built with; 0.22 wants a newer compiler than most people have.
pub const TRUNK_VERSION: &str = "0.21.14";
/// The target triple of the browser.
pub const WASM: &str = "wasm32-unknown-unknown";
/// The name under which a distribution's own compiler is linked into rustup.
pub const LINKED_TOOLCHAIN: &str = "wasm";

/// The folders and tools that every step needs.
pub struct Project {
    /// The workspace's root.
    pub root: PathBuf,
}

impl Project {
    /// Finds the workspace from where xtask was compiled.
    ///
    /// # Errors
    /// When xtask's folder has no parent, which means that the binary was moved.
    pub fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask was moved out of the workspace; run it as `cargo xtask`")?;
        Ok(Self { root: root.to_path_buf() })
    }

    /// The built page.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Programs that npm installed.
    pub fn npm_bin(&self) -> PathBuf {
        self.root.join("node_modules").join(".bin")
    }

    /// `wasm-bindgen`'s version in Cargo.lock: the command-line tool must equal it.
    ///
    /// # Errors
    /// When Cargo.lock cannot be read or has no such package.
    pub fn bindgen_version(&self) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        locked_version(&lock, "wasm-bindgen")
            .context("Cargo.lock has no wasm-bindgen; run `cargo check` once and commit the lock")
    }

    /// A command in the workspace's root, with the project's own tools first on PATH.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", shell::path_with(&self.tool_folders().unwrap_or_default()));
        // `cargo run` puts the compiler's own libraries here, which another compiler must not load.
        command.env_remove("LD_LIBRARY_PATH");
        command
    }

    /// A cargo (or trunk) command that compiles for the browser.
    pub fn wasm_command(&self, program: &str) -> Command {
        let mut command = self.command(program);
        if let Some(toolchain) = crate::wasm_std::linked_toolchain_needed() {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        // In the environment these would silently replace the configured `+simd128`.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("CARGO").env_remove("RUSTC");
        command
    }

    /// Folders of tools that the set-up installed for this project.
    ///
    /// # Errors
    /// When no cache folder can be found or Cargo.lock cannot be read.
    pub fn tool_folders(&self) -> Result<Vec<PathBuf>> {
        let bindgen = self.bindgen_version()?;
        Ok(vec![
            tool_root("trunk", TRUNK_VERSION)?.join("bin"),
            tool_root("wasm-bindgen-cli", &bindgen)?.join("bin"),
            self.npm_bin(),
        ])
    }
}

/// The folder that tools of one version are installed into: apart from the person's own tools,
/// which may be of another version for another project.
///
/// # Errors
/// When neither a cache folder nor a home folder is known.
pub fn tool_root(name: &str, version: &str) -> Result<PathBuf> {
    Ok(cache_folder()?.join(format!("{name}-{version}")))
}

/// Where the set-up keeps what all checkouts of the project share.
///
/// # Errors
/// When the environment names no cache or home folder.
pub fn cache_folder() -> Result<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = named("XDG_CACHE_HOME")
        .or_else(|| named("LOCALAPPDATA"))
        .or_else(|| named("HOME").map(|home| home.join(".cache")))
        .context("no home folder is known; set HOME or XDG_CACHE_HOME")?;
    Ok(base.join("recoworld").join("tools"))
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines();
    let wanted = format!("name = \"{package}\"");
    lines.find(|line| line.trim() == wanted)?;
    let version = lines.next()?.trim().strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_read_for_the_whole_name_only() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
