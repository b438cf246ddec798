//! Trunk starts the page by an inline script, which the content-security policy forbids. It is
//! moved, unchanged, into a file named by its contents.

use anyhow::{Context as _, Result, bail};
use std::path::Path;

const OPEN: &str = "<script type=\"module\">";
const CLOSE: &str = "</script>";

/// Moves the inline start script of `dist/index.html` to a file beside it.
///
/// # Errors
/// When the page cannot be read or written, or has no start script or more inline ones: then the
/// built page would not start, or not under the policy.
pub fn move_to_file(dist: &Path) -> Result<()> {
    let page_path = dist.join("index.html");
    let page = std::fs::read_to_string(&page_path).with_context(|| format!("cannot read {}", page_path.display()))?;
    let (script, before, after) = split(&page)?;
    // The script names the hashed program, so the program's name tells one script from another.
    let name = format!("start-{}.js", program_hash(script)?);
    std::fs::write(dist.join(&name), script.trim_start())?;
    let moved = format!("{before}<script type=\"module\" src=\"./{name}\"></script>{after}");
    refuse_inline(&moved)?;
    std::fs::write(&page_path, for_browsers(&moved))?;
    Ok(())
}

/// Without what is meant for those who read the source: comments, and the lines that they and trunk's links leave empty.
fn for_browsers(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, (_, after))) =
        rest.split_once("<!--").and_then(|(before, comment)| Some((before, comment.split_once("-->")?)))
    {
        text.push_str(before);
        rest = after;
    }
    text.push_str(rest);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.join("\n") + "\n"
}

fn split(page: &str) -> Result<(&str, &str, &str)> {
    let at = page.find(OPEN).context("the built page has no start script; has trunk changed its form?")?;
    let rest = &page[at + OPEN.len()..];
    let end = rest.find(CLOSE).context("the start script does not end")?;
    Ok((&rest[..end], &page[..at], &rest[end + CLOSE.len()..]))
}

fn program_hash(script: &str) -> Result<&str> {
    let after = script.split_once("recoworld-").map(|(_, rest)| rest);
    let hash = after.and_then(|rest| rest.split(['.', '_', '\'']).next());
    hash.filter(|hash| !hash.is_empty() && hash.chars().all(|c| c.is_ascii_alphanumeric()))
        .context("the start script names no hashed program; has trunk changed its form?")
}

fn refuse_inline(page: &str) -> Result<()> {
    for (at, _) in page.match_indices("<script") {
        let tag = page[at..].split('>').next().unwrap_or_default();
        if !tag.contains("src=") {
            bail!("the built page has another inline script, which its policy forbids: {tag}>");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str =
        "\nimport init from './recoworld-ab12.js';\ninit({ module_or_path: './recoworld-ab12_bg.wasm' });\n";

    #[test]
    fn the_script_is_found_and_named_by_its_program() {
        let page = format!("<head>{OPEN}{SCRIPT}</script></head>");
        let (script, before, after) = split(&page).expect("there is a script");
        assert_eq!((script, before, after), (SCRIPT, "<head>", "</head>"));
        assert_eq!(program_hash(script).expect("there is a hash"), "ab12");
    }

    #[test]
    fn comments_and_empty_lines_are_left_out() {
        let page = "<head>\n  <!-- for\n  readers -->\n  \n  <meta a=\"1\" /><!-- more -->\n</head>\n";
        assert_eq!(for_browsers(page), "<head>\n  <meta a=\"1\" />\n</head>\n");
        assert_eq!(for_browsers("a <!-- not ended"), "a <!-- not ended\n");
    }

    #[test]
    fn a_page_without_or_with_more_inline_scripts_is_refused() {
        assert!(split("<head></head>").is_err());
        assert!(refuse_inline("<script>alert(1)</script>").is_err());
        assert!(refuse_inline("<script type=\"module\" src=\"./a.js\"></script>").is_ok());
    }
}
