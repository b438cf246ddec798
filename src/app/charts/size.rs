//! How wide an element is, followed as it changes.

use super::js;
use leptos::{html::Div, prelude::*};
use wasm_bindgen::{JsValue, closure::Closure};

/// The width inside the element, CSS pixels, whole, so that a picture of that width never makes its frame wider; 0 until
/// it is in the document.
pub fn width_of(node: NodeRef<Div>) -> ReadSignal<f64> {
    let (width, set_width) = signal(0.0);
    let observer = StoredValue::new_local(None::<(JsValue, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let measured = {
            let element = element.clone();
            move || {
                let wide = f64::from(element.client_width());
                // Afterwards the figure may be gone while its last measurement is still on the way.
                if width.try_get_untracked().is_some_and(|before| before != wide && wide > 0.0) {
                    set_width.try_set(wide);
                }
            }
        };
        measured();
        let closure = Closure::<dyn FnMut()>::new(measured);
        let made = js::make("ResizeObserver", &[closure.as_ref().clone()]);
        if let Ok(made) = made
            && js::call(&made, "observe", &[element.into()]).is_ok()
        {
            observer.set_value(Some((made, closure)));
        }
    });
    on_cleanup(move || {
        observer.try_update_value(|o| {
            if let Some((made, closure)) = o.take() {
                // An observer that is there can be disconnected.
                let _ = js::call(&made, "disconnect", &[]);
                drop(closure);
            }
        });
    });
    width
}
