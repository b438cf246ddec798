//! What must hold in a browser's dedicated worker, where the page's simulations run. The same
//! tests run natively with the others: what is compared here is compared on both sides.

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

mod bits;
mod golden;
mod learn;
mod recsim;
#[cfg(target_arch = "wasm32")]
mod wire;
