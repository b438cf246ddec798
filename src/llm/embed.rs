//! Texts of items as vectors, made by a model behind OpenAI's `/v1/embeddings`; without input or output.
//!
//! A [`Job`] says what to ask next; whoever holds a network asks. Items of the same text are asked for once. A batch that a
//! server finds too long is halved. Some servers of models that write (llama.cpp without pooling) answer with a vector for
//! every token: their mean is taken.

use super::{
    fault::{Fault, Retry},
    shape::clip,
};
use crate::{
    catalog::{ItemIx, Shelf, represent::text::hash},
    math::{Purpose, Source, Stream},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::HashMap, rc::Rc};

/// The most characters of an item's text that are sent: about 250 tokens, what small models of sentences read.
pub const MOST_TEXT: usize = 1000;
/// Texts of one call.
const BATCH: usize = 32;
/// The most numbers that are kept: 160 MB.
pub const MOST_NUMBERS: usize = 40_000_000;
/// The format's name and version.
const FORMAT: &str = "recoworld/embeddings-v1";

/// Where embeddings are asked for.
#[must_use]
pub fn url(base: &str) -> String {
    format!("{}/embeddings", base.trim().trim_end_matches('/'))
}

/// What is read of an item: title, text, topics, creator.
#[must_use]
pub fn text_of(shelf: &Shelf, item: ItemIx) -> String {
    let it = &shelf.items[item as usize];
    let mut text = it.title.trim().to_owned();
    if !it.text.trim().is_empty() {
        text += &format!(". {}", it.text.trim());
    }
    let topics: Vec<&str> =
        it.topics.iter().filter_map(|t| shelf.topics.get(usize::from(*t))).map(String::as_str).collect();
    if !topics.is_empty() {
        text += &format!(". Topics: {}", topics.join(", "));
    }
    if let Some(creator) = shelf.creators.get(it.creator as usize) {
        text += &format!(". By {creator}");
    }
    clip(&text, MOST_TEXT)
}

/// The body of a call.
#[must_use]
pub fn body(model: &str, texts: &[&str]) -> String {
    json!({ "model": model, "input": texts, "encoding_format": "float" }).to_string()
}

/// What a call brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// A vector for each text, in their order.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens as the server counted them; 0 where it does not say.
    pub tokens: u64,
}

/// Reads an answer to a call of `count` texts.
///
/// # Errors
/// [`Fault::Cut`] where it ends too soon, [`Fault::Garbage`] where it is something else, and the server's own.
pub fn read(text: &str, count: usize) -> Result<Batch, Fault> {
    let garbage = |why: &str| Fault::Garbage { said: format!("{why}: {}", clip(text.trim(), 120)) };
    let value: Value = serde_json::from_str(text)
        .map_err(|e| if e.is_eof() && !text.trim().is_empty() { Fault::Cut } else { garbage("no JSON") })?;
    if let Some(error) = value.get("error").filter(|e| !e.is_null()) {
        return Err(Fault::of_error(error));
    }
    let data = value.get("data").and_then(Value::as_array).ok_or_else(|| garbage("no data"))?;
    let mut vectors: Vec<Vec<f32>> = vec![Vec::new(); count];
    for (i, one) in data.iter().enumerate() {
        let at = one.get("index").and_then(Value::as_u64).map_or(i, |n| n as usize);
        let vector = one.get("embedding").and_then(vector).ok_or_else(|| garbage("no vector of numbers"))?;
        *vectors.get_mut(at).ok_or_else(|| garbage("more vectors than texts"))? = vector;
    }
    let dims = vectors.first().map_or(0, Vec::len);
    if dims == 0 || vectors.iter().any(|v| v.len() != dims) {
        return Err(garbage("not one vector of one length for each text"));
    }
    let count = |name: &str| value.pointer(&format!("/usage/{name}")).and_then(Value::as_u64);
    Ok(Batch { vectors, tokens: count("prompt_tokens").or_else(|| count("total_tokens")).unwrap_or(0) })
}

/// A vector, or the mean of one for each token, brought to length one; `None` where it is no such thing.
fn vector(value: &Value) -> Option<Vec<f32>> {
    let rows = value.as_array()?;
    let numbers = |row: &[Value]| row.iter().map(|x| x.as_f64().map(|x| x as f32)).collect::<Option<Vec<f32>>>();
    let mut sum = if rows.first().is_some_and(Value::is_array) {
        let mut tokens = rows.iter().map(|row| numbers(row.as_array()?));
        tokens.next()?.and_then(|first| {
            tokens.try_fold(first, |sum, row| {
                let row = row.filter(|r| r.len() == sum.len())?;
                Some(sum.iter().zip(row).map(|(a, b)| a + b).collect())
            })
        })?
    } else {
        numbers(rows)?
    };
    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    if !length.is_finite() {
        return None;
    }
    sum.iter_mut().for_each(|x| *x /= length.max(1e-12));
    Some(sum)
}

/// What items' texts are as vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// The model that made them.
    pub model: String,
    /// The length of a vector.
    pub dims: usize,
    /// Which vector is which item's.
    pub of_item: Vec<u32>,
    /// The vectors, laid end to end, each of length one.
    pub vectors: Rc<[f32]>,
    /// Tokens that were sent, as the server counted them.
    pub tokens: u64,
    /// Milliseconds that the calls took.
    pub ms: f64,
}

/// What stands before the numbers of kept embeddings.
#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    model: String,
    dims: usize,
    of_item: Vec<u32>,
    tokens: u64,
    ms: f64,
}

impl Embeddings {
    /// An item's vector.
    #[must_use]
    pub fn of(&self, item: usize) -> &[f32] {
        let from = self.of_item.get(item).map_or(0, |n| *n as usize) * self.dims;
        self.vectors.get(from..from + self.dims).unwrap_or_default()
    }

    /// As bytes, to be kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Head {
            format: FORMAT.to_owned(),
            model: self.model.clone(),
            dims: self.dims,
            of_item: self.of_item.clone(),
            tokens: self.tokens,
            ms: self.ms,
        };
        // Plain numbers and words can be written.
        let mut out = serde_json::to_vec(&head).unwrap_or_default();
        out.push(b'\n');
        out.extend(self.vectors.iter().flat_map(|x| x.to_le_bytes()));
        out
    }

    /// Reads kept bytes; `None` where they are of another version, damaged, or not of so many items.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], items: usize) -> Option<Self> {
        let end = bytes.iter().position(|b| *b == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let (numbers, rest) = bytes[end + 1..].as_chunks::<4>();
        let vectors: Rc<[f32]> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let most = head.of_item.iter().max().map_or(0, |n| *n as usize + 1);
        let whole = rest.is_empty()
            && head.format == FORMAT
            && head.dims > 0
            && head.of_item.len() == items
            && head.dims.checked_mul(most) == Some(vectors.len())
            && vectors.iter().all(|x| x.is_finite());
        whole.then_some(Self {
            model: head.model,
            dims: head.dims,
            of_item: head.of_item,
            vectors,
            tokens: head.tokens,
            ms: head.ms,
        })
    }
}

/// The work of embedding a shelf's items.
pub struct Job {
    model: String,
    texts: Vec<String>,
    of_item: Vec<u32>,
    vectors: Vec<f32>,
    dims: usize,
    done: usize,
    batch: usize,
    tokens: u64,
    ms: f64,
    call: u32,
    tried: u32,
    wait_until: u64,
    retry: Retry,
    random: Stream,
    ended: Option<Fault>,
}

/// What a job wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A call.
    Send {
        /// Its number.
        id: u32,
        /// Its body.
        body: String,
    },
    /// Nothing before this time, ms.
    Wait(u64),
    /// Nothing: all is there.
    Done,
    /// Nothing: it failed for good.
    Failed(Fault),
}

impl Job {
    /// Of a shelf's items and a model.
    #[must_use]
    pub fn new(shelf: &Shelf, model: &str) -> Self {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut texts = Vec::new();
        let of_item = (0..shelf.items.len()).map(|i| {
            *known.entry(text_of(shelf, i as ItemIx)).or_insert_with_key(|text| {
                texts.push(text.clone());
                texts.len() as u32 - 1
            })
        });
        let of_item = of_item.collect();
        Self {
            model: model.to_owned(),
            texts,
            of_item,
            vectors: Vec::new(),
            dims: 0,
            done: 0,
            batch: BATCH,
            tokens: 0,
            ms: 0.0,
            call: 0,
            tried: 0,
            wait_until: 0,
            retry: Retry::default(),
            random: Source::new(0xe3b).stream(Purpose::Other),
            ended: None,
        }
    }

    /// A name for these very texts: the same for the same, whoever asks.
    #[must_use]
    pub fn digest(&self) -> String {
        let all = self.texts.iter().fold(0u64, |sum, text| sum.rotate_left(7).wrapping_add(hash(text.as_bytes())));
        let of = self.of_item.iter().fold(0u64, |sum, n| sum.rotate_left(5).wrapping_add(hash(&n.to_le_bytes())));
        format!("{all:016x}{of:016x}")
    }

    /// How many texts are done, how many there are, and the tokens so far.
    #[must_use]
    pub fn progress(&self) -> (usize, usize, u64) {
        (self.done, self.texts.len(), self.tokens)
    }

    fn now(&self) -> &[String] {
        &self.texts[self.done..(self.done + self.batch).min(self.texts.len())]
    }

    /// What is wanted now.
    #[must_use]
    pub fn poll(&self, now_ms: u64) -> Ask {
        if let Some(fault) = &self.ended {
            return Ask::Failed(fault.clone());
        }
        if self.done == self.texts.len() {
            return Ask::Done;
        }
        if now_ms < self.wait_until {
            return Ask::Wait(self.wait_until);
        }
        let texts: Vec<&str> = self.now().iter().map(String::as_str).collect();
        Ask::Send { id: self.call, body: body(&self.model, &texts) }
    }

    /// Takes what a call brought: the answer's text, and the time that it took. A late answer of another call is dropped.
    pub fn reply(&mut self, id: u32, outcome: Result<String, Fault>, ms: u64, now_ms: u64) {
        if id != self.call || self.ended.is_some() || self.done == self.texts.len() {
            return;
        }
        self.call += 1;
        self.ms += ms as f64;
        let count = self.now().len();
        match outcome.and_then(|text| read(&text, count)) {
            Ok(batch) => self.take(batch),
            Err(Fault::TooLong { .. } | Fault::Rejected { status: 413, .. }) if count > 1 => self.batch = count / 2,
            Err(fault) => {
                self.tried += 1;
                match self.retry.wait_ms(self.tried, &fault, &mut self.random) {
                    Some(wait) => self.wait_until = now_ms + wait,
                    None => self.ended = Some(fault),
                }
            }
        }
    }

    fn take(&mut self, batch: Batch) {
        let dims = batch.vectors.first().map_or(0, Vec::len);
        if self.dims == 0 {
            self.dims = dims;
        }
        if dims != self.dims {
            self.ended =
                Some(Fault::Garbage { said: format!("vectors of {dims} numbers after some of {}", self.dims) });
            return;
        }
        if dims.saturating_mul(self.texts.len()) > MOST_NUMBERS {
            let said = format!(
                "{} texts of {dims} numbers each are more than the {} million that are kept; use a model of shorter vectors or fewer items",
                self.texts.len(),
                MOST_NUMBERS / 1_000_000
            );
            self.ended = Some(Fault::Garbage { said });
            return;
        }
        self.done += batch.vectors.len();
        self.tokens += batch.tokens;
        self.tried = 0;
        self.vectors.extend(batch.vectors.into_iter().flatten());
    }

    /// Tries again after it failed.
    pub fn again(&mut self) {
        (self.ended, self.tried) = (None, 0);
    }

    /// The embeddings, once all is done.
    #[must_use]
    pub fn finish(&self) -> Option<Embeddings> {
        (self.done == self.texts.len() && self.dims > 0).then(|| Embeddings {
            model: self.model.clone(),
            dims: self.dims,
            of_item: self.of_item.clone(),
            vectors: self.vectors.as_slice().into(),
            tokens: self.tokens,
            ms: self.ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::synthetic, scenario::CatalogStyle};

    fn answer(vectors: &[Vec<f32>]) -> String {
        let data: Vec<Value> = vectors
            .iter()
            .enumerate()
            // Servers may answer in any order.
            .rev()
            .map(|(i, v)| json!({ "object": "embedding", "index": i, "embedding": v }))
            .collect();
        json!({ "object": "list", "data": data, "model": "m", "usage": { "prompt_tokens": 7, "total_tokens": 7 } })
            .to_string()
    }

    fn asked(body: &str) -> Vec<String> {
        let value: Value = serde_json::from_str(body).expect("JSON");
        value["input"].as_array().expect("texts").iter().map(|t| t.as_str().expect("a text").to_owned()).collect()
    }

    fn made_up(texts: &[String]) -> Vec<Vec<f32>> {
        texts.iter().map(|t| (0..5).map(|k| (hash(t.as_bytes()) >> (8 * k) & 255) as f32 + 1.0).collect()).collect()
    }

    #[test]
    fn items_are_embedded_in_batches_and_equal_texts_once() {
        let mut shelf = synthetic::make(CatalogStyle::Clips, 70, 1).shelf;
        let first = shelf.items[0].clone();
        shelf.items.extend([first.clone(), first]);
        let mut job = Job::new(&shelf, "m");
        let mut calls = 0;
        while let Ask::Send { id, body } = job.poll(0) {
            let texts = asked(&body);
            assert!(texts.len() <= BATCH && texts.iter().all(|t| !t.is_empty()));
            job.reply(id, Ok(answer(&made_up(&texts))), 10, 0);
            job.reply(id, Ok("late".into()), 10, 0);
            calls += 1;
        }
        assert_eq!(calls, 3);
        let all = job.finish().expect("done");
        assert_eq!((all.dims, all.of_item.len(), all.tokens, all.ms), (5, 72, 21, 30.0));
        assert_eq!(all.of(0), all.of(71));
        assert!((all.of(5).iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
        let kept = all.to_bytes();
        assert_eq!(Embeddings::from_bytes(&kept, 72), Some(all));
        for wrong in [&kept[..kept.len() - 3], b"", b"{}\n", &kept[1..]] {
            assert_eq!(Embeddings::from_bytes(wrong, 72), None);
        }
        assert_eq!(Embeddings::from_bytes(&kept, 71), None);
    }

    #[test]
    fn what_is_too_long_is_halved_what_passes_is_tried_again_and_the_rest_ends_it() {
        let shelf = synthetic::make(CatalogStyle::Clips, 20, 1).shelf;
        let mut job = Job::new(&shelf, "m");
        let long = || Err(Fault::TooLong { said: String::new() });
        job.reply(0, long(), 1, 0);
        let Ask::Send { id, body } = job.poll(0) else { panic!("asks again") };
        assert_eq!((id, asked(&body).len()), (1, 10));
        job.reply(1, Err(Fault::Server { status: 503, said: String::new() }), 1, 1000);
        let Ask::Wait(until) = job.poll(1000) else { panic!("waits") };
        let Ask::Send { id, .. } = job.poll(until) else { panic!("asks again") };
        job.reply(id, Err(Fault::Key { said: String::new() }), 1, until);
        assert!(matches!(job.poll(until), Ask::Failed(Fault::Key { .. })));
        job.again();
        assert!(matches!(job.poll(until), Ask::Send { .. }));
    }

    #[test]
    fn answers_of_every_kind_are_read_for_what_they_are() {
        let good = answer(&[vec![3.0, 4.0], vec![0.0, 2.0]]);
        assert_eq!(read(&good, 2), Ok(Batch { vectors: vec![vec![0.6, 0.8], vec![0.0, 1.0]], tokens: 7 }));
        let by_token = json!({ "data": [{ "embedding": [[1.0, 0.0], [1.0, 2.0]], "index": 0 }] }).to_string();
        let mean = read(&by_token, 1).expect("the mean").vectors;
        assert!((mean[0][0] - mean[0][1]).abs() < 1e-6, "{mean:?}");
        assert_eq!(read(&good[..good.len() / 2], 2), Err(Fault::Cut));
        for bad in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"data":[]}"#,
            &good.replace("3.0", "null"),
            &good.replace("[3.0,4.0]", "[3.0]"),
            &good.replace("[3.0,4.0]", "[]"),
            &good.replace("[3.0,4.0]", "[[1],[1,2]]"),
            r#"{"data":[{"index":9,"embedding":[1]}]}"#,
        ] {
            assert!(matches!(read(bad, 2), Err(Fault::Garbage { .. })), "{bad}: {:?}", read(bad, 2));
        }
        assert!(matches!(read(&good, 3), Err(Fault::Garbage { .. })));
        assert!(matches!(read(r#"{"error":{"message":"no","code":401}}"#, 1), Err(Fault::Key { .. })));
    }
}
