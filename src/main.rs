//! Two doors to one engine: the page in a browser, the command line elsewhere.

#[cfg(target_arch = "wasm32")]
fn main() {
    recoworld::app::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    recoworld::cli::main()
}
