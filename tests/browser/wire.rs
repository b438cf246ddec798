//! Messages between page and worker arrive as they were sent.

use recoworld::worker::transport::{from_js, to_js};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Message {
    Numbers { seed: u64, below_zero: i64, weights: Vec<f32> },
    Words(Option<String>, Vec<(String, bool)>),
    Nothing,
}

#[wasm_bindgen_test]
fn messages_survive_the_way_there() {
    let messages = [
        Message::Numbers { seed: u64::MAX, below_zero: i64::MIN, weights: vec![0.1, -0.0, f32::MAX] },
        Message::Numbers { seed: 1, below_zero: -1, weights: vec![] },
        Message::Words(Some("<script>\u{202e}ü\0".into()), vec![("a".into(), true)]),
        Message::Words(None, vec![]),
        Message::Nothing,
    ];
    for message in messages {
        let value = to_js(&message).expect("is written");
        assert_eq!(from_js::<Message>(value), Ok(message));
    }
}

#[wasm_bindgen_test]
fn what_is_no_message_is_refused_in_words() {
    for value in [JsValue::UNDEFINED, JsValue::from_str("Elsewhere"), JsValue::from_f64(1.5)] {
        let refused = from_js::<Message>(value).expect_err("is refused");
        assert!(!refused.is_empty());
    }
}

#[wasm_bindgen_test]
fn these_tests_run_where_the_simulations_do() {
    use wasm_bindgen::JsCast;
    assert!(js_sys::global().is_instance_of::<web_sys::DedicatedWorkerGlobalScope>());
}
