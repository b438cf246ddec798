//! Files of numbers: the safetensors format, which Python reads (`safetensors.numpy.load_file`).
//!
//! Eight bytes tell how long the header is; the header is JSON that names each tensor with its type, shape and place, and
//! holds a map of words, `__metadata__`; the numbers follow. Only single precision is written and read here. One of the
//! words is a checksum over everything else, so that a file that was cut off or changed is noticed.

use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt};

/// A named array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The numbers, the last dimension running fastest.
    pub data: Vec<f32>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The arrays, in order.
    pub tensors: Vec<Tensor>,
    /// Words by name.
    pub words: BTreeMap<String, String>,
}

/// Why a file could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// It is no safetensors file, or was cut off.
    Format(String),
    /// Its bytes are not the ones that were written.
    Damaged,
    /// Something that belongs into it is missing.
    Missing(String),
    /// It was made for something else.
    Mismatch(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(why) => write!(f, "it is no safetensors file that can be read here: {why}"),
            Self::Damaged => write!(f, "it is damaged: its checksum does not fit its contents"),
            Self::Missing(what) => write!(f, "it holds no {what}: it was not written by a learner of this program"),
            Self::Mismatch(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for FileError {}

const CHECKSUM: &str = "checksum";
/// The longest header that is read.
const MOST_HEADER: usize = 4 << 20;

impl Contents {
    /// Adds an array.
    pub fn put(&mut self, name: impl Into<String>, shape: Vec<usize>, data: Vec<f32>) {
        self.tensors.push(Tensor { name: name.into(), shape, data });
    }

    /// The numbers of an array.
    ///
    /// # Errors
    /// Where there is none of that name.
    pub fn get(&self, name: &str) -> Result<&[f32], FileError> {
        let found = self.tensors.iter().find(|t| t.name == name);
        found.map(|t| t.data.as_slice()).ok_or_else(|| FileError::Missing(format!("\"{name}\"")))
    }

    /// A word.
    ///
    /// # Errors
    /// Where there is none of that name.
    pub fn word(&self, name: &str) -> Result<&str, FileError> {
        self.words.get(name).map(String::as_str).ok_or_else(|| FileError::Missing(format!("\"{name}\"")))
    }

    /// The file's bytes: the same contents give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut words = self.words.clone();
        words.insert(CHECKSUM.into(), format!("{:016x}", self.checksum()));
        let mut header = Map::new();
        header.insert("__metadata__".into(), json!(words));
        let mut at = 0;
        for t in &self.tensors {
            let end = at + 4 * t.data.len();
            let entry = json!({ "dtype": "F32", "shape": t.shape, "data_offsets": [at, end] });
            header.insert(t.name.clone(), entry);
            at = end;
        }
        let mut text = Value::Object(header).to_string();
        // The numbers begin at a multiple of eight bytes.
        text.extend(core::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
        let mut out = Vec::with_capacity(8 + text.len() + at);
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
        self.tensors.iter().for_each(|t| t.data.iter().for_each(|x| out.extend(x.to_le_bytes())));
        out
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Where it is no such file, was cut off or changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let format = |why: &str| FileError::Format(why.to_owned());
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| format("it is too short"))?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > MOST_HEADER {
            return Err(format("its header would be longer than any header is"));
        }
        let (header, data) = rest.split_at_checked(length).ok_or_else(|| format("it is cut off in its header"))?;
        let header: Map<String, Value> =
            serde_json::from_slice(header).map_err(|e| format(&format!("its header is no JSON ({e})")))?;
        let mut out = Self::default();
        let mut spans = Vec::new();
        for (name, entry) in header {
            if name == "__metadata__" {
                out.words = serde_json::from_value(entry).map_err(|_| format("its metadata are no words"))?;
                continue;
            }
            let (tensor, from) = tensor(name, &entry, data)?;
            spans.push((from, tensor));
        }
        // The order of the file, whatever the order of the header.
        spans.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
        out.tensors = spans.into_iter().map(|s| s.1).collect();
        if let Some(written) = out.words.remove(CHECKSUM)
            && written != format!("{:016x}", out.checksum())
        {
            return Err(FileError::Damaged);
        }
        Ok(out)
    }

    /// FNV-1a (Fowler, Noll and Vo) over words, names, shapes and numbers, eight bytes at a time.
    fn checksum(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut eat = |x: u64| hash = (hash ^ x).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        for text in self.words.iter().flat_map(|(k, v)| [k, v]).chain(self.tensors.iter().map(|t| &t.name)) {
            eat(text.len() as u64);
            text.bytes().for_each(|b| eat(u64::from(b)));
        }
        for t in &self.tensors {
            t.shape.iter().for_each(|n| eat(*n as u64));
            t.data.iter().for_each(|x| eat(u64::from(x.to_bits())));
        }
        hash
    }
}

/// One tensor of the header with its numbers, and where they begin.
fn tensor(name: String, entry: &Value, data: &[u8]) -> Result<(Tensor, usize), FileError> {
    let wrong = |what: &str| FileError::Format(format!("{what} of its array \"{name}\""));
    if entry["dtype"] != "F32" {
        return Err(wrong("only single precision (F32) is read, not the type"));
    }
    let numbers = |v: &Value| -> Option<Vec<usize>> {
        v.as_array()?.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok())).collect()
    };
    let shape = numbers(&entry["shape"]).ok_or_else(|| wrong("there is no shape"))?;
    let span = numbers(&entry["data_offsets"]).ok_or_else(|| wrong("there is no place"))?;
    let [from, to] = span[..] else { return Err(wrong("there is no place")) };
    let bytes = data.get(from..to).ok_or_else(|| wrong("it is cut off within the numbers"))?;
    let size = shape.iter().try_fold(4usize, |n, d| n.checked_mul(*d));
    if size != Some(bytes.len()) {
        return Err(wrong("the place does not fit the shape"));
    }
    let data = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    Ok((Tensor { name, shape, data }, from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Contents {
        let mut c = Contents::default();
        c.put("b.weight", vec![2, 3], vec![1.0, -2.5, 3.0e-8, f32::MAX, 0.0, -0.0]);
        c.put("a", vec![1], vec![7.0]);
        c.words.insert("about".into(), "Prüfung".into());
        c
    }

    #[test]
    fn contents_come_back_to_the_bit() {
        let bytes = sample().to_bytes();
        let back = Contents::from_bytes(&bytes).expect("just written");
        assert_eq!(back, sample());
        assert_eq!(back.to_bytes(), bytes);
        let length = u64::from_le_bytes(*bytes.first_chunk().expect("long enough"));
        assert!(length.is_multiple_of(8), "readers map the numbers in place");
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_noticed() {
        let bytes = sample().to_bytes();
        for n in 0..bytes.len() {
            assert!(Contents::from_bytes(&bytes[..n]).is_err(), "cut at {n}");
        }
        for i in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[i] ^= 0x04;
            assert_ne!(Contents::from_bytes(&changed).ok(), Some(sample()), "byte {i}");
        }
        assert_eq!(Contents::from_bytes(&[255; 64]).map_err(|e| e.to_string().contains("header")), Err(true));
    }
}
