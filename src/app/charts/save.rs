//! Files out of charts: CSV of the data, SVG with every colour resolved, PNG of the same.

use super::js;
use crate::chart::{Chart, Palette, framed, svg, text::file_name};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// Pictures are saved at least so wide, whatever the window: they go into papers and slides.
const LEAST_WIDTH: f64 = 720.0;
/// Pixels of a PNG a CSS pixel.
const SHARPNESS: f64 = 2.0;

/// What a chart is saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Its numbers.
    Csv,
    /// Its lines.
    Svg,
    /// Its pixels.
    Png,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Svg, Self::Png];

    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Svg => "SVG",
            Self::Png => "PNG",
        }
    }
}

/// Saves a chart that is seen `width` pixels wide.
///
/// # Errors
/// When the browser refuses; the words say what.
pub async fn save(chart: &dyn Chart, format: Format, width: f64) -> Result<(), String> {
    let name = file_name(&chart.title());
    match format {
        // The byte order mark makes spreadsheets read it as UTF-8.
        Format::Csv => {
            download(&format!("{name}.csv"), &text_blob(&format!("\u{feff}{}", chart.table().csv()), "text/csv")?)
        }
        Format::Svg => download(&format!("{name}.svg"), &text_blob(&picture(chart, width).0, "image/svg+xml")?),
        Format::Png => download(&format!("{name}.png"), &png(chart, width).await?),
    }
}

/// The picture as an SVG file, with its width and height.
fn picture(chart: &dyn Chart, width: f64) -> (String, f64, f64) {
    let scene = framed(&chart.draw(width.max(LEAST_WIDTH)).scene, &chart.title(), &chart.legend());
    (svg(&scene, &palette(), &chart.title(), &chart.describe()), scene.width, scene.height)
}

/// The page's colours as they are now.
fn palette() -> Palette {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    Palette::new(|property| style.as_ref().and_then(|s| s.get_property_value(property).ok()).unwrap_or_default())
}

async fn png(chart: &dyn Chart, width: f64) -> Result<web_sys::Blob, String> {
    let (text, wide, high) = picture(chart, width);
    let image = web_sys::HtmlImageElement::new().map_err(said)?;
    let url = Url::of(&text_blob(&text, "image/svg+xml")?)?;
    image.set_src(&url.0);
    JsFuture::from(image.decode()).await.map_err(said)?;
    let canvas: web_sys::HtmlCanvasElement =
        document().create_element("canvas").map_err(said)?.dyn_into().map_err(|_| "no canvas".to_owned())?;
    canvas.set_width((wide * SHARPNESS) as u32);
    canvas.set_height((high * SHARPNESS) as u32);
    let context = canvas.get_context("2d").map_err(said)?.ok_or("the browser draws no pictures")?;
    let area = [0.0, 0.0, wide * SHARPNESS, high * SHARPNESS].map(JsValue::from);
    let arguments: Vec<JsValue> = std::iter::once(JsValue::from(&image)).chain(area).collect();
    js::call(&context, "drawImage", &arguments).map_err(said)?;
    let made = js_sys::Promise::new(&mut |resolve, _| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            // Resolving calls no code of ours that could fail.
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        if canvas.to_blob(done.unchecked_ref()).is_err() {
            let _ = done.unchecked_ref::<js_sys::Function>().call1(&JsValue::NULL, &JsValue::NULL);
        }
    });
    let blob = JsFuture::from(made).await.map_err(said)?;
    blob.dyn_into().map_err(|_| "the browser could not make the picture".to_owned())
}

/// Text as a file to be.
///
/// # Errors
/// When the browser refuses.
pub fn text_blob(text: &str, mime: &str) -> Result<web_sys::Blob, String> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    web_sys::Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options).map_err(said)
}

/// Hands a file to the person.
///
/// # Errors
/// When the browser refuses.
pub fn download(name: &str, blob: &web_sys::Blob) -> Result<(), String> {
    let url = Url::of(blob)?;
    let link: web_sys::HtmlAnchorElement =
        document().create_element("a").map_err(said)?.dyn_into().map_err(|_| "no link".to_owned())?;
    link.set_href(&url.0);
    link.set_download(name);
    link.click();
    // The browser has begun to read it by the next turn of its loop, not before.
    set_timeout(move || drop(url), std::time::Duration::from_secs(10));
    Ok(())
}

/// An address for a blob, given back when dropped.
struct Url(String);

impl Url {
    fn of(blob: &web_sys::Blob) -> Result<Self, String> {
        web_sys::Url::create_object_url_with_blob(blob).map(Self).map_err(said)
    }
}

impl Drop for Url {
    fn drop(&mut self) {
        // It only fails where there are no such addresses at all.
        let _ = web_sys::Url::revoke_object_url(&self.0);
    }
}

fn said(error: JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(e) => String::from(e.message()),
        None => "the browser refused".into(),
    }
}
