//! How long a model's file should be, from its beginning: llama.cpp in the tab takes a GGUF file that was cut off, and breaks
//! when it is played.
//!
//! The format is that of ggml's `docs/gguf.md`: a head of named values, then each tensor's shape, type and place.

/// The longest head that is looked into, bytes: it holds the model's whole vocabulary.
pub const MOST_HEAD: usize = 24 << 20;
/// Where a file does not say how its tensors are aligned.
const ALIGNMENT: u64 = 32;

/// The least length of the file whose beginning this is, bytes. `None` where the beginning is no GGUF file's, or is cut off
/// itself, or counts what cannot be.
#[must_use]
pub fn least_len(head: &[u8]) -> Option<u64> {
    let mut at = Reader { bytes: head };
    if at.take(4)? != b"GGUF" || !(2..=3).contains(&at.u32()?) {
        return None;
    }
    let (tensors, values) = (at.u64()?, at.u64()?);
    let mut alignment = ALIGNMENT;
    for _ in 0..values {
        let name = at.text()?;
        let kind = at.u32()?;
        match (name, kind) {
            (b"general.alignment", UINT32) => alignment = u64::from(at.u32()?).max(1),
            _ => at.skip_value(kind)?,
        }
    }
    let mut end = 0u64;
    for _ in 0..tensors {
        at.text()?;
        let dimensions = at.u32()?;
        let mut elements = 1u64;
        for _ in 0..dimensions {
            elements = elements.checked_mul(at.u64()?)?;
        }
        let kind = at.u32()?;
        let from = at.u64()?;
        end = end.max(from.checked_add(bytes_of(kind, elements)?)?);
    }
    let data = (head.len() - at.bytes.len()) as u64;
    data.checked_next_multiple_of(alignment)?.checked_add(end)
}

/// The bytes of so many elements of a type of ggml; those of a type that is not known here are not counted.
fn bytes_of(kind: u32, elements: u64) -> Option<u64> {
    let (block, bytes) = match kind {
        0 => (1, 4),
        1 | 30 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return Some(0),
    };
    (elements / block).checked_mul(bytes)
}

/// Types of values.
const UINT32: u32 = 4;
const TEXT: u32 = 8;
const LIST: u32 = 9;

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u64()?).ok()?;
        self.take(length)
    }

    fn skip_value(&mut self, kind: u32) -> Option<()> {
        match kind {
            TEXT => self.text().map(drop),
            LIST => {
                let (of, count) = (self.u32()?, self.u64()?);
                match width(of) {
                    Some(width) => self.take(usize::try_from(count.checked_mul(width)?).ok()?).map(drop),
                    None => (0..count).try_for_each(|_| self.skip_value(of)),
                }
            }
            _ => self.take(width(kind)? as usize).map(drop),
        }
    }
}

/// The bytes of a value of a type with a width of its own.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(of: &str) -> Vec<u8> {
        [(of.len() as u64).to_le_bytes().as_slice(), of.as_bytes()].concat()
    }

    /// A head with a vocabulary, an alignment and two tensors, and how long the file is.
    fn head() -> (Vec<u8>, u64) {
        let mut head = [b"GGUF".as_slice(), &3u32.to_le_bytes(), &2u64.to_le_bytes(), &3u64.to_le_bytes()].concat();
        let words = [text("one"), text("two")].concat();
        for (name, kind, value) in [
            ("general.alignment", UINT32, 64u32.to_le_bytes().to_vec()),
            ("words", LIST, [TEXT.to_le_bytes().as_slice(), &2u64.to_le_bytes(), &words].concat()),
            ("scores", LIST, [6u32.to_le_bytes().as_slice(), &2u64.to_le_bytes(), &[0; 8]].concat()),
        ] {
            head.extend([text(name), kind.to_le_bytes().to_vec(), value].concat());
        }
        for (name, shape, kind, from) in [("a", [32u64, 4], 3u32, 0u64), ("b", [8, 2], 0, 128)] {
            head.extend(text(name));
            head.extend(2u32.to_le_bytes());
            shape.iter().for_each(|n| head.extend(n.to_le_bytes()));
            head.extend(kind.to_le_bytes());
            head.extend(from.to_le_bytes());
        }
        let data = (head.len() as u64).next_multiple_of(64);
        (head, data + 128 + 8 * 2 * 4)
    }

    #[test]
    fn the_length_follows_from_the_head_alone() {
        let (head, length) = head();
        assert_eq!(least_len(&head), Some(length));
        assert_eq!(least_len(&[head, vec![0; 500]].concat()), Some(length), "what follows does not matter");
    }

    #[test]
    fn what_is_cut_off_or_no_model_or_counts_what_cannot_be_says_nothing() {
        let (head, _) = head();
        for cut in 0..head.len() {
            assert_eq!(least_len(&head[..cut]), None, "{cut}");
        }
        assert_eq!(least_len(b"not a model at all, but long enough to hold a head of one"), None);
        let vast = [b"GGUF".as_slice(), &3u32.to_le_bytes(), &u64::MAX.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
        assert_eq!(least_len(&vast), None);
    }
}
