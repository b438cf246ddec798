//! A picture's file, read to the few pixels that are looked at: by the same code in a browser's worker and natively, so that
//! the same file gives the same numbers.
//!
//! A file says its kind and its size in its first bytes. Both are looked at before anything is unpacked, so that a small
//! file that claims a huge picture costs nothing.

use super::{
    raster::Pixels,
    visual::{self, MOST_BYTES, MOST_PIXELS, PictureError},
};
#[cfg(feature = "whole")]
use image::{DynamicImage, GenericImageView as _, ImageDecoder as _, ImageError, ImageReader, Limits};
use std::io::Cursor;

/// The most bytes that unpacking may take: eight for each pixel that there may be.
const MOST_MEMORY: u64 = 8 * MOST_PIXELS as u64;

/// A small program reads none.
#[cfg(not(feature = "whole"))]
pub fn read(_: &[u8]) -> Result<Pixels, PictureError> {
    Err(PictureError::WrongKind)
}

/// Reads a file's picture; of a moving one the first.
///
/// # Errors
/// Where the file is empty, too large, of another kind or broken.
#[cfg(feature = "whole")]
pub fn read(file: &[u8]) -> Result<Pixels, PictureError> {
    if file.is_empty() {
        return Err(PictureError::Empty);
    }
    if file.len() as u64 > MOST_BYTES {
        return Err(PictureError::TooHeavy { bytes: file.len() as u64 });
    }
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::WrongKind)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|e| error(&e))?;
    let (width, height) = decoder.dimensions();
    visual::check_size(width as usize, height as usize)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| error(&e))?;
    visual::shrink(width as usize, height as usize, |x, y| picture.get_pixel(x as u32, y as u32).0)
}

#[cfg(feature = "whole")]
fn error(e: &ImageError) -> PictureError {
    match e {
        ImageError::Unsupported(_) => PictureError::WrongKind,
        other => PictureError::Broken { said: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, ImageFormat, Rgb};

    const KINDS: [ImageFormat; 5] =
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp];

    fn file(kind: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let picture =
            ImageBuffer::from_fn(width, height, |x, _| Rgb(if x < width / 2 { [250, 20, 20] } else { [20, 20, 250] }));
        let mut out = Vec::new();
        DynamicImage::ImageRgb8(picture).write_to(&mut Cursor::new(&mut out), kind).expect("is written");
        out
    }

    /// A PNG whose head claims a size, with hardly anything behind it.
    fn claiming(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let encoder = png::Encoder::new(&mut out, width, height);
        encoder
            .write_header()
            .and_then(|mut file| file.write_chunk(png::chunk::IDAT, &[0x78, 0x01]))
            .expect("is written");
        out
    }

    #[test]
    fn each_kind_is_read_and_shows_the_same() {
        for kind in KINDS {
            let pixels = read(&file(kind, 90, 70)).expect("is read");
            let (left, right) = (pixels.rgb[5], pixels.rgb[50]);
            assert!(left[0] > 200 && left[2] < 60, "{kind:?} {left:?}");
            assert!(right[2] > 200 && right[0] < 60, "{kind:?} {right:?}");
        }
    }

    #[test]
    fn a_file_that_claims_a_huge_picture_is_refused_before_it_is_unpacked() {
        for (width, height) in [(20_000, 20_000), (100_000, 100_000), (2_000_000_000, 2)] {
            let small = claiming(width, height);
            assert!(small.len() < 100);
            let refused = read(&small);
            let told = refused.as_ref().map_err(ToString::to_string).expect_err("is refused");
            assert!(
                matches!(refused, Err(PictureError::TooLarge { .. } | PictureError::Broken { .. })),
                "{width} × {height}: {told}"
            );
        }
        assert_eq!(read(&claiming(20_000, 20_000)), Err(PictureError::TooLarge { width: 20_000, height: 20_000 }));
        // Wide, but not more than is taken in: broken only because so little follows its head.
        assert!(matches!(read(&claiming(20_000, 2_000)), Err(PictureError::Broken { .. })));
        assert!(read(&file(ImageFormat::Png, 20_000, 20)).is_ok());
    }

    #[test]
    fn other_files_are_told_from_broken_pictures() {
        assert_eq!(read(&[]), Err(PictureError::Empty));
        for other in [&b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..], b"<!doctype html>", b"%PDF-1.7", b"\0\0\0"] {
            assert_eq!(read(other), Err(PictureError::WrongKind), "{:?}", String::from_utf8_lossy(other));
        }
        assert!(matches!(read(&vec![0; MOST_BYTES as usize + 1]), Err(PictureError::TooHeavy { .. })));
    }

    #[test]
    fn a_file_cut_off_or_changed_anywhere_panics_nowhere() {
        for kind in KINDS {
            let whole = file(kind, 40, 30);
            for end in (0..whole.len()).step_by(7) {
                let _ = read(&whole[..end]);
            }
            for at in (0..whole.len()).step_by(5) {
                for bits in [0x01, 0x80, 0xff] {
                    let mut changed = whole.clone();
                    changed[at] ^= bits;
                    let _ = read(&changed);
                }
            }
            assert!(matches!(read(&whole[..whole.len() / 2]), Err(PictureError::Broken { .. }) | Ok(_)), "{kind:?}");
        }
    }
}
