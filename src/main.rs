//! The doors to one engine: the page and its worker in a browser, the command line elsewhere.

#[cfg(target_arch = "wasm32")]
fn main() {
    recoworld::app::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    recoworld::cli::main()
}
