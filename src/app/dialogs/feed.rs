//! Files on their way to the worker, slice by slice: the next is read only once the one before has been received, so that
//! neither side freezes or fills up.

use crate::worker::{
    ImportCommand,
    import::{ImportKind, MAX_BYTES, SLICE},
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// The files of one import and how far they are.
#[derive(Clone, Debug)]
pub struct Feed {
    files: Vec<web_sys::File>,
    file: usize,
    offset: f64,
    /// Bytes in all.
    pub total: u64,
}

impl Feed {
    /// Files to import.
    ///
    /// # Errors
    /// Where there are none, or they are too large.
    pub fn new(files: Vec<web_sys::File>) -> Result<Self, String> {
        if files.is_empty() {
            return Err("No file was chosen.".into());
        }
        let total: f64 = files.iter().map(|f| f.size()).sum();
        if total > MAX_BYTES as f64 {
            let (has, most) = (total / 1048576.0, MAX_BYTES >> 20);
            return Err(format!("The files have {has:.0} MB; at most {most} MB are read. Cut them into parts."));
        }
        Ok(Self { files, file: 0, offset: 0.0, total: total as u64 })
    }

    /// The first command.
    pub fn begin(&self, kind: ImportKind) -> ImportCommand {
        ImportCommand::Begin { kind, files: self.files.iter().map(|f| (f.name(), f.size() as u64)).collect() }
    }

    /// The name of the first file without its ending: what an import is called at first.
    pub fn name(&self) -> String {
        let name = self.files.first().map(web_sys::File::name).unwrap_or_default();
        name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
    }

    /// The next slice, or the end.
    ///
    /// # Errors
    /// Where the browser can no longer read the file: it was moved, changed or taken away.
    pub async fn next(&mut self) -> Result<ImportCommand, String> {
        while let Some(file) = self.files.get(self.file) {
            if self.offset < file.size() {
                let to = (self.offset + SLICE as f64).min(file.size());
                let gone =
                    || format!("{} can no longer be read: was it moved or changed? Choose it again.", file.name());
                let blob: &web_sys::Blob = file.unchecked_ref();
                let part = blob.slice_with_f64_and_f64(self.offset, to).map_err(|_| gone())?;
                let buffer = JsFuture::from(part.array_buffer()).await.map_err(|_| gone())?;
                self.offset = to;
                let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                return Ok(ImportCommand::Slice { file: self.file, bytes });
            }
            self.file += 1;
            self.offset = 0.0;
        }
        Ok(ImportCommand::End)
    }
}

/// Milliseconds on the page's clock.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

/// The time left, in words, from what is done so far; empty while that cannot be told.
pub fn time_left(began_ms: f64, done: u64, total: u64) -> String {
    let spent = (now_ms() - began_ms) / 1000.0;
    if done == 0 || total <= done || spent < 0.5 {
        return String::new();
    }
    let left = spent / done as f64 * (total - done) as f64;
    if left < 1.5 { "about a second left".into() } else { format!("about {left:.0} s left") }
}
