//! Pictures for a model that sees: the slate's items as image parts of OpenAI's chat completions.
//!
//! Only the representation of text and picture shows pictures, so only under it do any go along. A drawn picture goes as
//! the pixels that the engine itself reads, in the request itself (`data:image/png`). A picture that lies at an address
//! would be fetched by the model's server: it goes along only where the person has agreed to its host, and never with a
//! name or password in the address.

use super::settings::Settings;
use crate::{
    catalog::{
        ItemIx, Shelf,
        look::Look,
        represent::{
            Shown, pictures,
            raster::{self, COLUMNS, Pixels, ROWS},
        },
        thumbnail,
    },
    session::Session,
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq as _};

/// How many pixels of the request's picture, each way, a pixel of the drawn one takes.
const SCALE: usize = 2;
/// The longest address that is passed on, characters.
const MOST_ADDRESS: usize = 2000;
/// About how many tokens a small picture is: what OpenAI counts for one of low detail.
pub const TOKENS: u32 = 85;

/// A picture with what it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What it is of, in words that stand before it.
    pub label: String,
    /// Where it is: `data:` with the picture itself, or an address of the web.
    pub address: String,
}

/// The pictures of a slate, for a model that sees; none where it does not, or where items are not shown by pictures.
#[must_use]
pub fn slate(session: &Session, settings: &Settings, items: &[ItemIx]) -> Vec<Picture> {
    let (shelf, features) = (session.world().shelf(), session.world().features());
    if !settings.sees || !matches!(features.shown, Shown::Pictures(_)) {
        return Vec::new();
    }
    // What the person brought goes along as it is seen here.
    let brought = |item| session.world().gallery().small(item).and_then(data_address);
    let one = |(n, &item): (usize, &ItemIx)| {
        let address = brought(item).or_else(|| address(shelf, item, &settings.picture_hosts))?;
        Some(Picture { label: format!("The picture of item {}:", n + 1), address })
    };
    items.iter().enumerate().filter_map(one).collect()
}

/// Where an item's picture may be had; `None` where it has none, or where nobody agreed to its host.
fn address(shelf: &Shelf, item: ItemIx, hosts: &[String]) -> Option<String> {
    let it = shelf.items.get(item as usize)?;
    match it.image.as_deref().filter(|a| Look::parse(a).is_none()) {
        None => data_address(&raster::draw(&thumbnail::picture(shelf, it))),
        Some(address) => {
            let host = pictures::host(address)?;
            let secret = address.split(['/', '?', '#']).nth(2).is_some_and(|authority| authority.contains('@'));
            let agreed = hosts.iter().any(|h| h.eq_ignore_ascii_case(host));
            (agreed && !secret && address.len() <= MOST_ADDRESS).then(|| address.to_owned())
        }
    }
}

/// A picture as PNG, each pixel [`SCALE`] × [`SCALE`] of the file's; `None` where it has not the pixels of its size.
#[cfg(feature = "whole")]
#[must_use]
pub fn png(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut rgb = Vec::with_capacity(3 * COLUMNS * ROWS * SCALE * SCALE);
    for row in pixels.rgb.chunks(COLUMNS) {
        let line: Vec<u8> = row.iter().flat_map(|colour| [*colour; SCALE]).flatten().collect();
        (0..SCALE).for_each(|_| rgb.extend_from_slice(&line));
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, (COLUMNS * SCALE) as u32, (ROWS * SCALE) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().and_then(|mut file| file.write_image_data(&rgb)).ok()?;
    Some(out)
}

/// A picture as an address that holds it whole.
#[cfg(feature = "whole")]
#[must_use]
pub fn data_address(pixels: &Pixels) -> Option<String> {
    use base64::Engine as _;
    Some(format!("data:image/png;base64,{}", base64::prelude::BASE64_STANDARD.encode(png(pixels)?)))
}

/// A small program has no model that sees.
#[cfg(not(feature = "whole"))]
#[must_use]
pub fn data_address(_: &Pixels) -> Option<String> {
    None
}

/// A message's text and pictures as the parts that OpenAI's chat completions take.
pub(super) fn parts<S: Serializer>(text: &str, pictures: &[Picture], s: S) -> Result<S::Ok, S::Error> {
    let mut parts = s.serialize_seq(Some(1 + 2 * pictures.len()))?;
    parts.serialize_element(&Text { kind: "text", text })?;
    for picture in pictures {
        parts.serialize_element(&Text { kind: "text", text: &picture.label })?;
        let image_url = Address { url: &picture.address, detail: "low" };
        parts.serialize_element(&Image { kind: "image_url", image_url })?;
    }
    parts.end()
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Image<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    image_url: Address<'a>,
}

#[derive(Serialize)]
struct Address<'a> {
    url: &'a str,
    detail: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::synthetic, scenario::CatalogStyle};
    use base64::Engine as _;

    #[test]
    fn a_png_holds_each_pixel_as_it_was_drawn() {
        let shelf = synthetic::make(CatalogStyle::Shop, 5, 1).shelf;
        let pixels = raster::draw(&thumbnail::picture(&shelf, &shelf.items[2]));
        let address = data_address(&pixels).expect("a picture");
        let letters = address.strip_prefix("data:image/png;base64,").expect("in the address itself");
        let file = base64::prelude::BASE64_STANDARD.decode(letters).expect("base64");
        let read = image::load_from_memory(&file).expect("a PNG").to_rgb8();
        assert_eq!(read.dimensions(), ((COLUMNS * SCALE) as u32, (ROWS * SCALE) as u32));
        for (x, y, colour) in read.enumerate_pixels() {
            let at = y as usize / SCALE * COLUMNS + x as usize / SCALE;
            assert_eq!(colour.0, pixels.rgb[at], "{x}, {y}");
        }
        assert_eq!(png(&Pixels { rgb: Vec::new() }), None);
    }

    #[test]
    fn a_picture_at_an_address_waits_for_agreement_and_never_tells_a_password() {
        let mut shelf = synthetic::make(CatalogStyle::Shop, 6, 1).shelf;
        for (item, image) in shelf.items.iter_mut().zip([
            Some("https://pictures.example/1.png"),
            Some("https://me:secret@pictures.example/2.png"),
            Some("https://elsewhere.example/3.png"),
            Some("not an address"),
            None,
        ]) {
            item.image = image.map(str::to_owned);
        }
        shelf.items[5].image = Some(format!("https://pictures.example/{}", "x".repeat(3000)));
        let at = |hosts: &[String]| -> Vec<bool> { (0..6).map(|i| address(&shelf, i, hosts).is_some()).collect() };
        assert_eq!(at(&[]), [false, false, false, false, true, false]);
        assert_eq!(at(&["Pictures.example".to_owned()]), [true, false, false, false, true, false]);
        assert!(address(&shelf, 99, &[]).is_none());
    }
}
