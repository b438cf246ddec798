//! Two doors to one engine: the page in a browser, the command line elsewhere.
fn main() {}
