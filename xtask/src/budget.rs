//! The size of the first load, after brotli, against its budget.

use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
use std::path::Path;

use crate::shell;

/// What a first visit should cost at the most: the program of page and worker, glue, style and HTML, in bytes.
const BUDGET: usize = 450 * 1024;
/// What it may cost: a ratchet within the budget, to be lowered with every saving and raised only for what a visitor notices,
/// with the reason in the commit. Builds of the same sources in two folders differ by some hundred bytes.
const CEILING: usize = 436 * 1024;
/// The kinds of file that a visit loads.
const LOADED: [&str; 4] = ["html", "css", "js", "wasm"];
/// How the names of files begin that are only fetched when a person asks for what they hold; a journey of
/// `tests/e2e/start.spec.mjs` sees to it that a first visit asks for all the others and for none of these.
const LAZY: [&str; 2] = ["studio", "lab"];

struct Measured {
    name: String,
    plain: usize,
    packed: usize,
}

/// Prints what each file of the first load weighs and refuses a page over the ceiling.
///
/// # Errors
/// When dist/ cannot be read, lacks a program, or is over the ceiling.
pub fn check(dist: &Path) -> Result<()> {
    let mut files = measure(dist)?;
    files.sort_by(|a, b| b.packed.cmp(&a.packed).then_with(|| a.name.cmp(&b.name)));
    let (lazy, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|f| is_lazy(&f.name));
    let programs = |of: &[Measured]| of.iter().filter(|f| f.name.ends_with(".wasm")).count();
    if programs(&files) != 1 || programs(&lazy) != 2 {
        bail!("dist/ lacks one of the programs (page; studio, lab), or holds an older one; build it again");
    }
    show("first load", &files);
    show("when asked for", &lazy);
    let total = files.iter().map(|f| f.packed).sum::<usize>();
    let share = 100.0 * total as f64 / BUDGET as f64;
    shell::print(&format!("{:<36} {:>11} {total:>11}  ({share:.0} % of {BUDGET})", "total", ""));
    if total > CEILING {
        bail!("the first load is {} bytes over its ceiling; the largest file is {}", total - CEILING, files[0].name);
    }
    Ok(())
}

fn show(title: &str, files: &[Measured]) {
    shell::print(&format!("{title:<36} {:>11} {:>11}", "bytes", "brotli"));
    for file in files {
        shell::print(&format!("{:<36} {:>11} {:>11}", file.name, file.plain, file.packed));
    }
}

fn is_lazy(name: &str) -> bool {
    LAZY.iter().any(|program| name.starts_with(program))
}

fn measure(dist: &Path) -> Result<Vec<Measured>> {
    let entries =
        std::fs::read_dir(dist).with_context(|| format!("cannot read {}; run `cargo xtask build`", dist.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if LOADED.contains(&kind) {
            let bytes = std::fs::read(&path)?;
            let name = path.file_name().unwrap_or_default();
            files.push(Measured {
                name: name.to_string_lossy().into_owned(),
                plain: bytes.len(),
                packed: brotli_size(&bytes)?,
            });
        }
    }
    Ok(files)
}

/// The size after brotli at its best, which is what static hosts serve.
fn brotli_size(bytes: &[u8]) -> Result<usize> {
    let mut packed = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    packed.write_all(bytes)?;
    Ok(packed.into_inner().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_later_is_told_by_its_name() {
        for name in ["studio.js", "studio_bg.wasm", "studio_loader.js", "lab.js", "lab_bg.wasm"] {
            assert!(is_lazy(name), "{name}");
        }
        for name in ["index.html", "worker_loader.js", "recoworld-1f_bg.wasm", "styles-2e.css"] {
            assert!(!is_lazy(name), "{name}");
        }
    }

    #[test]
    fn repetition_packs_and_noise_does_not() {
        let same = vec![7; 100_000];
        assert!(brotli_size(&same).expect("packs") < 100);
        let mut state = 1u64;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        let noise = noise.take(100_000).collect::<Vec<_>>();
        assert!(brotli_size(&noise).expect("packs") > 99_000);
    }
}
