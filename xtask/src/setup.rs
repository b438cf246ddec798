//! `cargo xtask setup`: everything that a fresh machine lacks. Each step looks first, says in one
//! line what it does, and does nothing the second time.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::project::{Project, TRUNK_VERSION, cache_folder, tool_root};
use crate::shell::{output_of, run, say, which};
use crate::{browser, wasm_std};

/// What a command is about to need: only that much is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Compiling and serving the page.
    Build,
    /// That, and a browser with its driver.
    Tests,
}

/// Sets up what is missing.
///
/// # Errors
/// When a step fails; the message says which and what to do.
pub fn ensure(project: &Project, need: Need) -> Result<()> {
    let started = Instant::now();
    let cache = cache_folder()?;
    std::fs::create_dir_all(&cache).with_context(|| format!("cannot make the tools' folder {}", cache.display()))?;
    // Two checkouts setting up at once would install into the same folders.
    let lock = std::fs::File::create(cache.join("lock"))?;
    lock.lock()?;
    wasm_std::ensure(project)?;
    if need == Need::Tests {
        browser::ensure()?;
    }
    npm(project)?;
    // wasm-bindgen's own locked dependencies are not all still served; a fresh resolution is.
    let bindgen = project.bindgen_version()?;
    tool("wasm-bindgen", "wasm-bindgen-cli", &bindgen, "1", &[])?;
    // It only calls the others, and runs offline: neither speed nor TLS is worth the minutes.
    tool("trunk", "trunk", TRUNK_VERSION, "0", &["--locked", "--no-default-features"])?;
    say(format!("set-up: ready in {:.1} s", started.elapsed().as_secs_f64()));
    Ok(())
}

/// Installs a cargo tool of exactly one version into a folder of its own, optimised as little as its work allows.
fn tool(program: &str, package: &str, version: &str, optimised: &str, options: &[&str]) -> Result<()> {
    let root = tool_root(package, version)?;
    if is_program(&root.join("bin"), program) || is_version_on_path(program, version) {
        return Ok(());
    }
    say(format!("set-up: building {package} {version} (some minutes, once)"));
    let mut command = Command::new("cargo");
    command
        .args(["install", package, "--version", version, "--root"])
        .arg(&root)
        .args(options)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimised)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env_remove("RUSTFLAGS");
    run(&mut command).with_context(|| {
        format!("could not install {package} {version}; try `cargo install {package} --version {version}` by hand, then again")
    })
}

fn is_program(folder: &Path, name: &str) -> bool {
    [folder.join(name), folder.join(name).with_extension("exe")].iter().any(|path| path.is_file())
}

fn is_version_on_path(program: &str, version: &str) -> bool {
    which(program)
        .and_then(|path| output_of(Command::new(path).arg("--version")))
        .is_some_and(|line| line.split_whitespace().any(|word| word == version))
}

/// Installs the npm packages when the lock file has changed since the last time.
fn npm(project: &Project) -> Result<()> {
    let lock_path = project.root.join("package-lock.json");
    let lock = std::fs::read(&lock_path).with_context(|| format!("cannot read {}", lock_path.display()))?;
    let stamp = stamp_path(project);
    if std::fs::read(&stamp).is_ok_and(|stamped| stamped == lock) {
        return Ok(());
    }
    let Some(npm) = which("npm").or_else(|| which("npm.cmd")) else {
        bail!("npm is missing: install Node.js 20 or newer (it brings npm), then try again");
    };
    say("set-up: installing the npm packages of package-lock.json (wasm-opt, Playwright, axe)");
    run(Command::new(npm)
        .current_dir(&project.root)
        .args(["ci", "--no-audit", "--no-fund"])
        // Playwright drives the system's browser; its own download is neither needed nor always possible.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
    .context("npm could not install the packages; check the network and npm's registry setting")?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

fn stamp_path(project: &Project) -> PathBuf {
    project.root.join("node_modules").join(".installed-from-lock.json")
}
