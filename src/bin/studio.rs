//! The page's second program: every page but the first, fetched when one of them is asked for.

#[cfg(target_arch = "wasm32")]
fn main() {
    recoworld::app::studio::mount();
}

/// There is no page outside a browser; the command line does what its pages do.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program is a part of the page and only runs in a browser.");
    std::process::exit(2);
}
