//! The compiler's standard library for the browser: from rustup where it has a network, else from
//! a Debian system's own compiler packages, built once and linked into rustup as `wasm`.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::project::{LINKED_TOOLCHAIN, Project, WASM};
use crate::shell::{output_of, run, say};

/// Debian's compiler, its sources (for the standard library) and the linker that it points at.
const DEBIAN_PACKAGES: [&str; 6] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy", "lld-22"];
const DEBIAN_SYSROOT: &str = "/usr";

/// The rustup toolchain to name for browser builds, or `None` when the usual one has the target.
pub fn linked_toolchain_needed() -> Option<&'static str> {
    let usual = sysroot().is_some_and(|root| has_std(&root));
    (!usual && linked_has_std()).then_some(LINKED_TOOLCHAIN)
}

/// Makes sure that code can be compiled for the browser.
///
/// # Errors
/// When neither rustup nor Debian's packages can provide the target, saying what to install.
pub fn ensure(project: &Project) -> Result<()> {
    if sysroot().is_some_and(|root| has_std(&root)) || ready_through_link() {
        return Ok(());
    }
    say(format!("set-up: adding the {WASM} target to rustup"));
    if add_by_rustup() {
        return Ok(());
    }
    say("set-up: rustup could not fetch it; using the system's own compiler packages instead");
    if !apt::is_available() {
        bail!(
            "the {WASM} target is missing. Install Rust from rustup and run \
             `rustup target add {WASM}`, then try again."
        );
    }
    apt::install(&DEBIAN_PACKAGES)?;
    if !has_std(Path::new(DEBIAN_SYSROOT)) {
        build_std(project)?;
    }
    link()
}

fn add_by_rustup() -> bool {
    run(Command::new("rustup").args(["target", "add", WASM])).is_ok() && sysroot().is_some_and(|root| has_std(&root))
}

fn ready_through_link() -> bool {
    linked_has_std() && Path::new("/usr/bin/cargo-clippy").exists()
}

fn linked_has_std() -> bool {
    let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".rustup")));
    home.is_some_and(|home| has_std(&home.join("toolchains").join(LINKED_TOOLCHAIN)))
}

fn sysroot() -> Option<PathBuf> {
    let printed = output_of(Command::new("rustc").args(["--print", "sysroot"]))?;
    Some(PathBuf::from(printed.trim()))
}

fn library_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("lib").join("rustlib").join(WASM).join("lib")
}

fn has_std(sysroot: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(library_folder(sysroot)) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// Builds the standard library from the packaged sources. `embed-bitcode` is what lets a later
/// `lto = true` build read it.
fn build_std(project: &Project) -> Result<()> {
    say("set-up: building the standard library for the browser, once (about a minute)");
    let folder = project.root.join("target").join("wasm-std");
    std::fs::create_dir_all(folder.join("src"))?;
    std::fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
    )?;
    std::fs::write(folder.join("src").join("lib.rs"), "")?;
    let built = folder.join("target");
    run(Command::new("/usr/bin/cargo")
        .current_dir(&folder)
        .args(["build", "--release", "--target", WASM])
        .args(["-Z", "build-std=std,panic_abort,proc_macro,test"])
        .arg("--target-dir")
        .arg(&built)
        .env("PATH", crate::shell::path_with(&[PathBuf::from("/usr/bin")]))
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN"))
    .context(
        "the standard library could not be built; its few crates come from the crate registry, so a network is needed",
    )?;
    install_libraries(&built.join(WASM).join("release").join("deps"))?;
    // What was compiled against an earlier standard library would not link.
    let stale = project.root.join("target").join(WASM);
    if stale.exists() {
        std::fs::remove_dir_all(stale)?;
    }
    Ok(())
}

fn install_libraries(deps: &Path) -> Result<()> {
    let to = library_folder(Path::new(DEBIAN_SYSROOT));
    let mut copy = Vec::new();
    for entry in std::fs::read_dir(deps)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            copy.push(path);
        }
    }
    run(apt::as_root("mkdir")?.arg("-p").arg(&to))?;
    run(apt::as_root("cp")?.args(&copy).arg(&to))
}

fn link() -> Result<()> {
    say(format!("set-up: linking the system's compiler into rustup as `{LINKED_TOOLCHAIN}`"));
    run(Command::new("rustup").args(["toolchain", "link", LINKED_TOOLCHAIN, DEBIAN_SYSROOT]))
        .context("rustup is needed to choose between two compilers: install it, or put a Rust that has the wasm32 target first on PATH")
}
