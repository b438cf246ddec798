//! The project's build scripts.
fn main() -> anyhow::Result<()> {
    Ok(())
}
