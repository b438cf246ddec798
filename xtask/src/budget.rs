//! The size of the first load, after brotli, against its budget.

use anyhow::{Context as _, Result, bail};
use std::io::Write as _;
use std::path::Path;

/// What a first visit should cost at the most: page and worker program, glue, style and HTML, in bytes.
const BUDGET: usize = 450 * 1024;
/// What it may cost until the budget is met: a ratchet, to be lowered with every saving and never raised.
const CEILING: usize = 1010 * 1024;
/// The kinds of file that a first visit loads.
const FIRST_LOAD: [&str; 4] = ["html", "css", "js", "wasm"];

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
    let programs = files.iter().filter(|f| f.name.ends_with(".wasm")).count();
    if programs < 2 {
        bail!("dist/ has {programs} of the two programs (page and worker); build it again");
    }
    println!("{:<36} {:>11} {:>11}", "first load", "bytes", "brotli");
    for file in &files {
        println!("{:<36} {:>11} {:>11}", file.name, file.plain, file.packed);
    }
    let total = files.iter().map(|f| f.packed).sum::<usize>();
    let share = 100.0 * total as f64 / BUDGET as f64;
    println!("{:<36} {:>11} {total:>11}  ({share:.0} % of {BUDGET})", "total", "");
    if total > CEILING {
        bail!("the first load is {} bytes over its ceiling; the largest file is {}", total - CEILING, files[0].name);
    }
    if total > BUDGET {
        println!("the first load is {} bytes over the budget; the ceiling that fails is {CEILING}", total - BUDGET);
    }
    Ok(())
}

fn measure(dist: &Path) -> Result<Vec<Measured>> {
    let entries =
        std::fs::read_dir(dist).with_context(|| format!("cannot read {}; run `cargo xtask build`", dist.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if FIRST_LOAD.contains(&kind) {
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
