//! `cargo xtask test`: every stage, its time, and one closing line.
//!
//! Compilers leave a processor idle for long: a crate is read by one thread, and so is a whole program optimised. So what
//! concerns the page runs beside what is native, its output kept in a log until it is done; journeys, which have
//! timeouts, run after both, alone.

use anyhow::{Result, anyhow, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::count::{self, Count};
use crate::project::{Project, WASM};
use crate::serve;
use crate::setup::{self, Need};
use crate::shell::{self, run, say};
use crate::{browser, build, llm};

/// The folder of the host that the page is tested in: it must work from any.
const TESTED_PREFIX: &str = "/some/folder";

/// When a stage runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// First, shown as it runs; needs no set-up but its own.
    Native,
    /// Beside those, after the set-up.
    Page,
    /// After all of those, alone.
    Last,
}

/// One stage of the tests.
struct Stage {
    name: &'static str,
    when: When,
    /// Only run when asked for: too long for every change.
    long: bool,
    what: fn(&Project) -> Result<(Count, bool)>,
}

const STAGES: [Stage; 10] = [
    Stage { name: "fmt", when: When::Native, long: false, what: fmt },
    Stage { name: "clippy", when: When::Native, long: false, what: clippy },
    Stage { name: "native", when: When::Native, long: false, what: native },
    Stage { name: "llm", when: When::Native, long: false, what: llm::stage },
    Stage { name: "build", when: When::Page, long: false, what: built },
    Stage { name: "clippy-wasm", when: When::Page, long: false, what: clippy_wasm },
    Stage { name: "browser", when: When::Page, long: false, what: in_browser },
    Stage { name: "e2e", when: When::Last, long: false, what: journeys },
    Stage { name: "e2e-long", when: When::Last, long: true, what: long_journeys },
    Stage { name: "long", when: When::Last, long: true, what: long },
];

/// What a stage came to.
struct Done {
    count: Count,
    line: String,
}

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
    let done = if only.is_some() {
        setup::ensure(project, Need::Tests)?;
        carry_out(project, &chosen)
    } else {
        let mut done = side_by_side(project, &chosen)?;
        done.extend(carry_out(project, &at(&chosen, When::Last)));
        done
    };
    let mut total = Count::default();
    println!();
    for stage in done {
        total.add(stage.count);
        say(stage.line);
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn at(stages: &[&'static Stage], when: When) -> Vec<&'static Stage> {
    stages.iter().copied().filter(|stage| stage.when == when).collect()
}

/// The native stages, and beside them the set-up and the page's, whose output follows when they are done.
fn side_by_side(project: &Project, stages: &[&'static Stage]) -> Result<Vec<Done>> {
    let log = project.root.join("target").join("page-stages.log");
    let (native, page) = (at(stages, When::Native), at(stages, When::Page));
    say(format!("the set-up and the page's stages run beside the native ones; see {}", log.display()));
    let (mut done, beside) = std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            shell::into_log(&log, || {
                setup::ensure(project, Need::Tests).inspect_err(|error| shell::complain(format!("{error:#}")))?;
                Ok(carry_out(project, &page))
            })
        });
        let done = carry_out(project, &native);
        (done, beside.join())
    });
    println!("{}", std::fs::read_to_string(&log).unwrap_or_default());
    done.extend(beside.map_err(|_| anyhow!("the page's stages ended with a panic"))??);
    Ok(done)
}

fn carry_out(project: &Project, stages: &[&Stage]) -> Vec<Done> {
    let one = |stage: &&Stage| {
        say(format!("stage {}", stage.name));
        let started = Instant::now();
        let (count, succeeded) = (stage.what)(project).unwrap_or_else(|error| {
            shell::complain(format!("{error:#}"));
            (Count::default(), false)
        });
        let count = whole_stage(count, succeeded);
        let seconds = started.elapsed().as_secs_f64();
        let verdict = if succeeded { "ok" } else { "FAILED" };
        let line = format!(
            "{:<12} {verdict:<7} {seconds:>7.1} s {:>6} passed {:>4} failed",
            stage.name, count.passed, count.failed
        );
        say(&line);
        Done { count, line }
    };
    stages.iter().map(one).collect()
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
    let projector = llm::setup_projector(project, &model)?;
    let alone = ["--grep", "@long", "--workers", "1"];
    let more = [("RECOWORLD_SENTENCES", &sentences), ("RECOWORLD_LLM_PROJECTOR", &projector)];
    through_the_page(project, &alone, &model, true, &more)
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
