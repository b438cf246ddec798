//! Which hosts the built page's content-security policy lets it speak to: those of `index.html`, and more where whoever
//! hosts the page says so.

use anyhow::{Context as _, Result, bail};
use std::path::Path;

use crate::project::Project;

const DIRECTIVE: &str = "connect-src ";

/// Writes the `connect-src` of the source page, and these origins behind it, into the built page. Without any, the built
/// page is as the source says, whatever it was before.
///
/// # Errors
/// When an origin is none, or a page cannot be read or written.
pub fn admit(project: &Project, origins: &[String]) -> Result<()> {
    for origin in origins {
        check(origin)?;
    }
    let source = read(&project.root.join("index.html"))?;
    let built = project.dist().join("index.html");
    let page = read(&built)?;
    let wanted = format!("{}{}", hosts(&source)?, origins.iter().map(|o| format!(" {o}")).collect::<String>());
    let now = hosts(&page)?;
    if now != wanted {
        std::fs::write(&built, page.replacen(now, &wanted, 1))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What stands in the directive.
fn hosts(page: &str) -> Result<&str> {
    let rest = page.split_once(DIRECTIVE).map(|(_, rest)| rest).context("the page's policy has no connect-src")?;
    Ok(rest.split(';').next().unwrap_or(rest))
}

/// Whether it is an origin: a scheme, a host and perhaps a port, and nothing that would end the directive.
fn check(origin: &str) -> Result<()> {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if host.is_empty() || !host.chars().all(fits) {
        bail!("--connect {origin}: it must be a scheme, a host and perhaps a port, such as http://192.168.1.5:11434");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_taken() {
        for good in ["http://192.168.1.5:11434", "http://gpu-box", "https://[fe80::1]:8000"] {
            check(good).expect(good);
        }
        for bad in ["192.168.1.5:11434", "http://", "http://a/v1", "http://a; script-src *", "http://*", "ftp://a"] {
            check(bad).expect_err(bad);
        }
    }

    #[test]
    fn the_page_of_this_project_names_its_hosts_once() {
        let page = include_str!("../../index.html");
        assert_eq!(page.matches(DIRECTIVE).count(), 1);
        assert!(hosts(page).expect("has them").starts_with("'self' https: http://localhost:*"));
    }
}
