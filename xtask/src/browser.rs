//! Finding (or, on Debian, installing) Chromium and its driver.

use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

use crate::apt;
use crate::project::Project;
use crate::shell::which;

/// Programs that are Chromium under one name or another.
const BROWSERS: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const MAC_CHROMIUM: &str = "/Applications/Chromium.app/Contents/MacOS/Chromium";
const WINDOWS_CHROME: &str = r"C:\Program Files\Google\Chrome\Application\chrome.exe";

/// The browser that tests run in: `$CHROMIUM`, or the first of the usual names.
pub fn chromium() -> Option<PathBuf> {
    named("CHROMIUM").or_else(|| {
        let names = BROWSERS.iter().chain([&MAC_CHROMIUM, &WINDOWS_CHROME]);
        names.into_iter().find_map(|name| find(name))
    })
}

/// The driver for it: `$CHROMEDRIVER`, or the one on PATH.
pub fn chromedriver() -> Option<PathBuf> {
    named("CHROMEDRIVER")
        .or_else(|| ["chromedriver", "/usr/lib/chromium/chromedriver"].iter().find_map(|name| find(name)))
}

/// Makes sure that both are there.
///
/// # Errors
/// When they are missing and cannot be installed here, saying what to install.
pub fn ensure() -> Result<()> {
    if chromium().is_some() && chromedriver().is_some() {
        return Ok(());
    }
    if apt::is_available() {
        apt::install(&["chromium", "chromium-driver"])?;
    }
    if chromium().is_none() {
        bail!(
            "no Chromium or Chrome was found. Install one, or name its program in the \
             environment variable CHROMIUM, then try again."
        );
    }
    if chromedriver().is_none() {
        bail!(
            "no chromedriver was found. Install the one of your browser's version (for example \
             `brew install chromedriver`), or name it in the environment variable CHROMEDRIVER."
        );
    }
    Ok(())
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn find(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(name);
    if path.is_absolute() {
        return path.is_file().then_some(path);
    }
    which(path)
}

/// A node command that finds the browser, for the journeys and the in-page bench.
///
/// # Errors
/// When node or the browser is missing.
pub fn node_command(project: &Project, script: &str) -> Result<Command> {
    let Some(node) = which("node") else {
        bail!("node is missing: install Node.js 20 or newer, then try again");
    };
    let mut command = project.command(node);
    command.arg(script);
    if let Some(browser) = chromium() {
        command.env("CHROMIUM", browser);
    }
    Ok(command)
}
