//! The second worker: what is too large for the first load, at desks that are opened one by one.

#[cfg(target_arch = "wasm32")]
fn main() {
    recoworld::app::lab();
}

/// There is no worker outside a browser; the command line does what its desks do.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program is the page's second worker and only runs in a browser.");
    std::process::exit(2);
}
