//! Counting tests in what the runners print, while it is shown.

use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::shell::{direct, print, shown};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
}

impl Count {
    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds what one line of a runner's output reports: cargo's and wasm-bindgen's
    /// `test result: … 3 passed; 1 failed; …`, or Playwright's `3 passed (2s)` and `1 failed`.
    fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("test result: ") {
            for part in rest.split([';', '.']) {
                self.read_part(part.trim());
            }
        } else {
            // Only a whole closing line counts, not a title that speaks of passing.
            let alone = line.split(" (").next().unwrap_or_default();
            if alone.split(' ').count() == 2 {
                self.read_part(alone);
            }
        }
    }

    fn read_part(&mut self, part: &str) {
        let Some((number, word)) = part.split_once(' ') else {
            return;
        };
        let Ok(number) = number.parse::<usize>() else {
            return;
        };
        match word {
            // A flaky test passed at last; it is still shown as flaky by its runner.
            "passed" | "flaky" => self.passed += number,
            "failed" => self.failed += number,
            _ => {}
        }
    }
}

/// Runs a test command, showing its output, and counts the tests in it. The flag is whether the
/// command succeeded.
///
/// # Errors
/// When the command cannot be started or its output cannot be read.
pub fn run(command: &mut Command) -> Result<(Count, bool)> {
    let mut count = Count::default();
    let succeeded = run_with(command, |line| count.read(line))?;
    Ok((count, succeeded))
}

/// Runs a command, showing each line of its output and handing it over; returns whether the
/// command succeeded.
///
/// # Errors
/// When the command cannot be started or its output cannot be read.
pub fn run_with(command: &mut Command, mut hear: impl FnMut(&str)) -> Result<bool> {
    let line = shown(command);
    direct(command, false)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{line}`"))?;
    let output = child.stdout.take().context("the output was not piped")?;
    for bytes in BufReader::new(output).split(b'\n') {
        let bytes = bytes?;
        let text = String::from_utf8_lossy(&bytes);
        print(&text);
        hear(&text);
    }
    Ok(child.wait()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str]) -> (usize, usize) {
        let mut count = Count::default();
        lines.iter().for_each(|line| count.read(line));
        (count.passed, count.failed)
    }

    #[test]
    fn closing_lines_of_the_runners_are_counted() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(counted(&[cargo]), (12, 3));
        assert_eq!(counted(&["  2 failed", "  40 passed (12.3s)", "  1 flaky"]), (41, 2));
    }

    #[test]
    fn other_lines_are_not() {
        let lines = ["test a ... ok", "running 3 tests", "3 tests passed over", "12 passed on the way", ""];
        assert_eq!(counted(&lines), (0, 0));
    }
}
