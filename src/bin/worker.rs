//! The worker that runs sessions, so that the page never waits.

#[cfg(target_arch = "wasm32")]
fn main() {
    recoworld::app::work();
}

/// There is no worker outside a browser; the command line runs sessions in its own thread.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program is the page's worker and only runs in a browser.");
    std::process::exit(2);
}
