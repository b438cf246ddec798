//! `cargo xtask bench`: the same workloads natively and in the built page, in one run, beside what
//! they are held against.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use crate::project::Project;
use crate::serve;
use crate::setup::{self, Need};
use crate::shell::say;
use crate::{browser, build, count};

/// What a workload is held against: nanoseconds for one unit of it, and where that is from.
struct Reference {
    name: &'static str,
    unit_ns: f64,
    from: &'static str,
}

/// The arithmetic of one environment step of PPO at the bench's sizes: 15,552 weights, a multiplication and an addition
/// each, once to act and three times in each of four epochs, less what the first layers need not carry back.
const PPO_MFLOP: f64 = 0.37;
/// Environment steps of the bench's iteration.
const PPO_STEPS: f64 = 1024.0;

const REFERENCES: [Reference; 8] = [
    Reference {
        name: "ppo_iteration",
        unit_ns: PPO_STEPS * 1e9 / 10_100.0,
        from: "Stable-Baselines3 2.9.2's PPO at the same sizes, 10,100 environment steps a second",
    },
    Reference { name: "item_with_attention", unit_ns: 520.0, from: "tight native code, polynomial exp in fixed lanes" },
    Reference {
        name: "interest_evolution",
        unit_ns: 1e9 / 7_500.0,
        from: "RecSim 0.2.4 in Python, the same slate and candidates, 7,500 steps a second",
    },
    Reference { name: "embed_10k", unit_ns: 3e9, from: "the goal of 10,000 items embedded and indexed in 3 s" },
    Reference { name: "retrieve_200", unit_ns: 2e6, from: "the goal of 200 of 100,000 items in 2 ms" },
    Reference { name: "quantise_10k", unit_ns: 5e9, from: "the goal of 10,000 × 64 quantised in 5 s" },
    Reference { name: "usable", unit_ns: 1.5e9, from: "the goal of a usable page 1.5 s after asking for it" },
    Reference { name: "user_turn", unit_ns: 10_000.0, from: "the goal of 100,000 user turns a second on one core" },
];

/// Measures and prints; with `native_only` the page is left out.
///
/// # Errors
/// When a step fails, or the page does not report.
pub fn bench(project: &Project, native_only: bool) -> Result<()> {
    let need = if native_only { Need::Build } else { Need::Tests };
    setup::ensure(project, need)?;
    say("benching natively");
    let mut command = project.command("cargo");
    command.args(["bench", "--locked", "--bench", "engine"]);
    let mut lines = Vec::new();
    if !count::run_with(&mut command, |line| lines.push(line.to_owned()))? {
        bail!("the native benches failed");
    }
    let native = medians(&lines);
    let page = if native_only { BTreeMap::new() } else { in_page(project)? };
    report(&native, &page);
    Ok(())
}

/// The medians in divan's table, in nanoseconds, by the bench's name.
fn medians(lines: &[String]) -> BTreeMap<String, f64> {
    lines.iter().filter_map(|line| median(line)).collect()
}

fn median(line: &str) -> Option<(String, f64)> {
    let mut cells = line.split('│').map(str::trim).filter(|cell| !cell.is_empty());
    let first = cells.next()?.trim_start_matches(['├', '╰', '─', ' ']);
    let name = first.split_whitespace().next()?;
    let duration = cells.nth(1)?;
    Some((name.to_owned(), nanoseconds(duration)?))
}

fn nanoseconds(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let factor = match unit {
        "ps" => 1e-3,
        "ns" => 1.0,
        "µs" | "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

/// Opens the built page with `?bench` and reads what it puts into `#bench-result`:
/// `{"results": [{"name": …, "median_ns": …}]}`, with the native benches' names.
fn in_page(project: &Project) -> Result<BTreeMap<String, f64>> {
    build::ensure_built(project)?;
    say("benching in the built page");
    let server = serve::start(project, &serve::Options { port: Some(0), prefix: String::new(), isolated: true })?;
    let mut command = browser::node_command(project, "tests/e2e/bench.mjs")?;
    command.env("RECOWORLD_URL", &server.address);
    let mut output = String::new();
    if !count::run_with(&mut command, |line| output = line.to_owned())? {
        bail!("the page did not report its bench");
    }
    page_results(&output)
}

fn page_results(json: &str) -> Result<BTreeMap<String, f64>> {
    let value = serde_json::from_str::<Value>(json).context("the page's bench is not JSON")?;
    let results = value["results"].as_array().context("the page's bench has no `results`")?;
    let read = |result: &Value| {
        let name = result["name"].as_str()?.to_owned();
        Some((name, result["median_ns"].as_f64()?))
    };
    results.iter().map(|result| read(result).context("a result of the page lacks `name` or `median_ns`")).collect()
}

fn report(native: &BTreeMap<String, f64>, page: &BTreeMap<String, f64>) {
    println!();
    println!("{:<26} {:>14} {:>14} {:>12}  held against", "workload", "native ns", "page ns", "page/native");
    let names: BTreeSet<&String> = native.keys().chain(page.keys()).collect();
    for name in names {
        let (here, there) = (native.get(name), page.get(name));
        let shown = |ns: Option<&f64>| ns.map_or("-".to_owned(), |ns| format!("{ns:.1}"));
        // Speed, not time: 0.8 means that the page does 0.8 of the native work in the same time.
        let ratio = here.zip(there).map_or("-".to_owned(), |(here, there)| format!("{:.2}", here / there));
        let reference = REFERENCES.iter().find(|reference| reference.name == name).zip(here.or(there));
        let reference = reference.map_or(String::new(), |(r, ns)| {
            format!("{:.1} ns: {} ({:.2} of its speed)", r.unit_ns, r.from, r.unit_ns / ns)
        });
        println!("{name:<26} {:>14} {:>14} {ratio:>12}  {reference}", shown(here), shown(there));
    }
    for (where_, figures) in [("natively", native), ("in the page", page)] {
        if let Some(line) = arithmetic(figures) {
            println!("PPO {where_}: {line}");
        }
    }
}

/// How fast PPO learns, and which share of the arithmetic limit that is.
fn arithmetic(figures: &BTreeMap<String, f64>) -> Option<String> {
    let (iteration, limit) = (figures.get("ppo_iteration")?, figures.get("multiply_add")?);
    let (steps, share) = (PPO_STEPS * 1e9 / iteration, PPO_STEPS * PPO_MFLOP * limit / iteration);
    let gflops = steps * PPO_MFLOP / 1e3;
    Some(format!(
        "{steps:.0} environment steps a second, {:.1} times Stable-Baselines3's 10,100; {gflops:.1} GFLOP/s, {:.0} % of \
         the {:.1} that multiplications and additions in registers reach",
        steps / 10_100.0,
        100.0 * share,
        1e6 / limit
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_the_table_is_read() {
        let row = "├─ user_turn   7.9 µs   │ 12.1 µs   │ 8.25 µs   │ 8.4 µs    │ 100     │ 100";
        assert_eq!(median(row), Some(("user_turn".into(), 8250.0)));
        assert_eq!(median("engine   fastest   │ slowest   │ median   │ mean"), None);
        assert_eq!(median("Timer precision: 20 ns"), None);
    }

    #[test]
    fn the_page_s_report_is_read_or_refused() {
        let read = page_results(r#"{"results":[{"name":"a","median_ns":2.5}]}"#);
        assert_eq!(read.expect("is read").get("a"), Some(&2.5));
        for bad in ["", "{}", r#"{"results":[{"name":"a"}]}"#] {
            assert!(page_results(bad).is_err(), "{bad}");
        }
    }
}
