//! The worker that runs sessions, so that the page never waits.
fn main() {}
