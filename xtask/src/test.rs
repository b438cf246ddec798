//! `cargo xtask test`: every stage, its time, and one closing line.

use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::count::{self, Count};
use crate::project::{Project, WASM};
use crate::serve;
use crate::setup::{self, Need};
use crate::shell::{run, say};
use crate::{browser, build, llm};

/// The folder of the host that the page is tested in: it must work from any.
const TESTED_PREFIX: &str = "/some/folder";

/// One stage of the tests.
struct Stage {
    name: &'static str,
    /// Only run when asked for: too long for every change.
    long: bool,
    what: fn(&Project) -> Result<(Count, bool)>,
}

const STAGES: [Stage; 10] = [
    Stage { name: "fmt", long: false, what: fmt },
    Stage { name: "clippy", long: false, what: clippy },
    Stage { name: "clippy-wasm", long: false, what: clippy_wasm },
    Stage { name: "native", long: false, what: native },
    Stage { name: "llm", long: false, what: llm::stage },
    Stage { name: "long", long: true, what: long },
    Stage { name: "browser", long: false, what: in_browser },
    Stage { name: "build", long: false, what: built },
    Stage { name: "e2e", long: false, what: journeys },
    Stage { name: "e2e-long", long: true, what: long_journeys },
];

/// Runs the stages: all, all with the long ones, or one.
///
/// # Errors
/// When the set-up fails, no stage has the name, or any stage failed.
pub fn test(project: &Project, only: Option<&str>, full: bool) -> Result<()> {
    let chosen = STAGES.iter().filter(|stage| match only {
        Some(name) => stage.name == name,
        None => full || !stage.long,
    });
    let chosen = chosen.collect::<Vec<_>>();
    if chosen.is_empty() {
        let names = STAGES.map(|stage| stage.name).join(", ");
        bail!("there is no such stage; the stages are {names}");
    }
    setup::ensure(project, Need::Tests)?;
    let mut total = Count::default();
    let mut report = Vec::new();
    for stage in chosen {
        say(format!("stage {}", stage.name));
        let started = Instant::now();
        let (count, succeeded) = (stage.what)(project).unwrap_or_else(|error| {
            eprintln!("[xtask] {error:#}");
            (Count::default(), false)
        });
        let count = whole_stage(count, succeeded);
        total.add(count);
        let seconds = started.elapsed().as_secs_f64();
        let verdict = if succeeded { "ok" } else { "FAILED" };
        report.push(format!(
            "{:<12} {verdict:<7} {seconds:>7.1} s {:>6} passed {:>4} failed",
            stage.name, count.passed, count.failed
        ));
    }
    println!();
    report.iter().for_each(say);
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// A stage without tests of its own is one check, and one that failed otherwise than by a test
/// has still failed.
fn whole_stage(mut count: Count, succeeded: bool) -> Count {
    if succeeded && count == Count::default() {
        count.passed = 1;
    }
    if !succeeded && count.failed == 0 {
        count.failed = 1;
    }
    count
}

/// A check without tests of its own.
fn check(command: &mut Command) -> Result<(Count, bool)> {
    run(command).map(|()| (Count::default(), true))
}

fn fmt(project: &Project) -> Result<(Count, bool)> {
    check(project.command("cargo").args(["fmt", "--all", "--check"]))
}

fn clippy(project: &Project) -> Result<(Count, bool)> {
    check(project.command("cargo").args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-Dwarnings"]))
}

fn clippy_wasm(project: &Project) -> Result<(Count, bool)> {
    check(project.wasm_command("cargo").args([
        "clippy",
        "--target",
        WASM,
        "--lib",
        "--bins",
        "--test",
        "browser",
        "--test",
        "page",
        "--locked",
        "--",
        "-Dwarnings",
    ]))
}

/// Unit, integration and documentation tests.
fn native(project: &Project) -> Result<(Count, bool)> {
    count::run(project.command("cargo").args(["test", "--workspace", "--locked", "--no-fail-fast"]))
}

/// The native tests that are marked as too long for every change.
fn long(project: &Project) -> Result<(Count, bool)> {
    count::run(project.command("cargo").args(["test", "--workspace", "--locked", "--no-fail-fast", "--", "--ignored"]))
}

/// The engine in a browser's worker, and the page's side of the way there.
fn in_browser(project: &Project) -> Result<(Count, bool)> {
    let mut command = project.wasm_command("cargo");
    command
        .args(["test", "--target", WASM, "--test", "browser", "--test", "page", "--locked", "--no-fail-fast"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    if let Some(driver) = browser::chromedriver() {
        command.env("CHROMEDRIVER", driver);
    }
    count::run(&mut command)
}

fn built(project: &Project) -> Result<(Count, bool)> {
    build::build(project).map(|()| (Count::default(), true))
}

/// The journeys of a person through the built page, served as a plain static host would, from a
/// folder of it; beside it a real language model.
fn journeys(project: &Project) -> Result<(Count, bool)> {
    through_the_page(project, &["--grep-invert", "@long"], &llm::setup_llm()?, false, &[])
}

/// The journeys that are marked as too long for every change: served isolated, so that a model in the tab has threads, and
/// one at a time, so that they are its own.
fn long_journeys(project: &Project) -> Result<(Count, bool)> {
    let model = llm::setup_llm()?;
    let sentences = llm::setup_sentences(project, &model)?;
    let alone = ["--grep", "@long", "--workers", "1"];
    through_the_page(project, &alone, &model, true, &[("RECOWORLD_SENTENCES", &sentences)])
}

fn through_the_page(
    project: &Project,
    which: &[&str],
    model: &llm::Model,
    isolated: bool,
    more: &[(&str, &PathBuf)],
) -> Result<(Count, bool)> {
    build::ensure_built(project)?;
    let served = llm::serve_llm(model)?;
    let server = serve::start(project, &serve::Options { port: Some(0), prefix: TESTED_PREFIX.to_owned(), isolated })?;
    let mut command = browser::node_command(project, "node_modules/@playwright/test/cli.js")?;
    command
        .args(["test", "--config", "tests/e2e/playwright.config.mjs"])
        .args(which)
        .env("RECOWORLD_URL", &server.address)
        .env("RECOWORLD_LLM_URL", &served.url)
        .env("RECOWORLD_LLM_WEIGHTS", &model.weights)
        .envs(more.iter().copied());
    count::run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_counts_for_something() {
        let none = Count::default();
        assert_eq!(whole_stage(none, true), Count { passed: 1, failed: 0 });
        assert_eq!(whole_stage(none, false), Count { passed: 0, failed: 1 });
        let some = Count { passed: 5, failed: 2 };
        assert_eq!(whole_stage(some, false), some);
    }
}
