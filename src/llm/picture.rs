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
use serde::{Serialize, Serializer, ser::SerializeSeq as _};

/// How many pixels of the request's picture, each way, a pixel of the drawn one takes.
const SCALE: usize = 2;
/// The longest address that is passed on, characters.
const MOST_ADDRESS: usize = 2000;
/// About how many tokens a small picture is: what OpenAI counts for one of low detail.
pub const TOKENS: u32 = 85;

/// A picture with what it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    let one = |(n, &item): (usize, &ItemIx)| {
        let address = address(shelf, item, &settings.picture_hosts)?;
        Some(Picture { label: format!("The picture of item {}:", n + 1), address })
    };
    items.iter().enumerate().filter_map(one).collect()
}

/// Where an item's picture may be had; `None` where it has none, or where nobody agreed to its host.
fn address(shelf: &Shelf, item: ItemIx, hosts: &[String]) -> Option<String> {
    let it = shelf.items.get(item as usize)?;
    match it.image.as_deref().filter(|a| Look::parse(a).is_none()) {
        None => Some(data_address(&png(&raster::draw(&thumbnail::picture(shelf, it))))),
        Some(address) => {
            let host = pictures::host(address)?;
            let secret = address.split(['/', '?', '#']).nth(2).is_some_and(|authority| authority.contains('@'));
            let agreed = hosts.iter().any(|h| h.eq_ignore_ascii_case(host));
            (agreed && !secret && address.len() <= MOST_ADDRESS).then(|| address.to_owned())
        }
    }
}

/// A picture as PNG: one palette of at most 256 colours, each pixel [`SCALE`] × [`SCALE`] of them, stored uncompressed.
/// Drawn pictures have five colours.
#[must_use]
pub fn png(pixels: &Pixels) -> Vec<u8> {
    let mut colours: Vec<[u8; 3]> = Vec::new();
    let mut rows = Vec::with_capacity((COLUMNS * SCALE + 1) * ROWS * SCALE);
    for row in pixels.rgb.chunks(COLUMNS) {
        let mut line = vec![0u8];
        for colour in row {
            let known = colours.iter().position(|c| c == colour);
            let index = known.unwrap_or_else(|| {
                // What comes after 256 colours takes the last of them.
                if colours.len() < 256 {
                    colours.push(*colour);
                }
                colours.len() - 1
            });
            line.extend([index as u8; SCALE]);
        }
        (0..SCALE).for_each(|_| rows.extend_from_slice(&line));
    }
    let size = |n: usize| ((n * SCALE) as u32).to_be_bytes();
    let mut header = [size(COLUMNS), size(ROWS)].concat();
    // Eight bits a pixel, by palette, the one way of packing, the one set of filters, not interlaced.
    header.extend([8, 3, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(b"IHDR", &header, &mut out);
    chunk(b"PLTE", colours.as_flattened(), &mut out);
    chunk(b"IDAT", &stored(&rows), &mut out);
    chunk(b"IEND", &[], &mut out);
    out
}

fn chunk(name: &[u8; 4], data: &[u8], out: &mut Vec<u8>) {
    out.extend((data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend(name);
    out.extend(data);
    let sum = crc32(&out[from..]);
    out.extend(sum.to_be_bytes());
}

/// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    const MOST: usize = 65_535;
    let mut out = vec![0x78, 0x01];
    let blocks = data.chunks(MOST).count();
    for (n, block) in data.chunks(MOST).enumerate() {
        out.push(u8::from(n + 1 == blocks));
        let length = block.len() as u16;
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// The checksum of a PNG's chunk.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { 0xedb8_8320 ^ (s >> 1) } else { s >> 1 })
    })
}

fn data_address(png: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = "data:image/png;base64,".to_owned();
    for three in png.chunks(3) {
        let bits = (0..3).fold(0u32, |b, i| b << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
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

    #[test]
    fn sums_and_letters_are_the_published_ones() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
        assert_eq!(data_address(b"foobar"), "data:image/png;base64,Zm9vYmFy");
        assert_eq!(data_address(b"foob"), "data:image/png;base64,Zm9vYg==");
        assert_eq!(data_address(b"fooba"), "data:image/png;base64,Zm9vYmE=");
        // The sum of "Wikipedia" as RFC 1950 computes it.
        assert_eq!(stored(b"Wikipedia").last_chunk::<4>(), Some(&0x11e6_0398u32.to_be_bytes()));
    }

    #[test]
    fn a_png_holds_each_pixel_as_it_was_drawn() {
        let shelf = synthetic::make(CatalogStyle::Shop, 5, 1).shelf;
        let pixels = raster::draw(&thumbnail::picture(&shelf, &shelf.items[2]));
        let png = png(&pixels);
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(&0xae42_6082u32.to_be_bytes()));
        let part = |name: &[u8]| {
            let at = png.windows(4).position(|w| w == name).expect("a chunk");
            let length = u32::from_be_bytes(png[at - 4..at].try_into().unwrap()) as usize;
            &png[at + 4..at + 4 + length]
        };
        let palette = part(b"PLTE").as_chunks::<3>().0;
        // One stored block behind two bytes of zlib's and five of the block's.
        let rows = &part(b"IDAT")[7..];
        for (i, colour) in pixels.rgb.iter().enumerate() {
            let (x, y) = (i % COLUMNS * SCALE, i / COLUMNS * SCALE);
            let index = rows[y * (COLUMNS * SCALE + 1) + 1 + x];
            assert_eq!(&palette[usize::from(index)], colour);
        }
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
