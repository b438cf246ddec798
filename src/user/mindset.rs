//! The mindset: a momentary taste that drifts with what memory brings up and returns to the long-term taste.
//!
//! With c_t the context of the item under review (circumstances and item together) and m_k the k-th memory:
//!
//! α_k = softmax over k of ((W_q c_t)·(W_k m_k)/√h − λ·age_k + w·salience_k)
//!
//! r_t = Σ α_k v_k
//!
//! z_t = (1 − g) ⊙ z_{t−1} + g ⊙ tanh(W_z z_{t−1} + W_r r_t + W_c c + W_p p), g = σ(b_g + u_g ⊙ |r_t|)
//!
//! after section 3 of RecoWorld (arXiv 2509.10397), which gives the roles and leaves the form open. [`Parameters`] holds
//! W, λ, w, b and u; [`Parameters::stated`] is where they start, and [`Remembering::Fitted`] has what was learned instead.

use super::{CONTEXT, Remembering};
use crate::math::{DIM, Vector, ZERO, add_scaled};
use std::sync::OnceLock;

/// The width of queries and keys: an item and its circumstances.
pub const HIDDEN: usize = DIM + CONTEXT;

/// An item in its circumstances, or a memory of one.
pub type Situation = [f32; HIDDEN];

/// The parameters of attention and update. W_q, W_k, W_z, W_r and W_p are diagonal, as stated and as fitted: a dimension
/// speaks for itself. They are held as their diagonals.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// W_q / √h, so that the division is done once.
    pub query: Situation,
    /// W_k.
    pub key: Situation,
    /// λ: what a memory loses with each item that came after it.
    pub age: f32,
    /// w: what a memory gains by how strongly it was felt.
    pub salience: f32,
    /// W_z.
    pub carry: Vector,
    /// W_r.
    pub recall: Vector,
    /// W_c, by columns: `context[circumstance][dimension]`.
    pub context: [Vector; CONTEXT],
    /// W_p.
    pub taste: Vector,
    /// b_g.
    pub gate: Vector,
    /// u_g.
    pub gate_recall: Vector,
}

impl Parameters {
    /// The stated starting values. Keys and queries compare items by 4·cosine and circumstances by 1 each; a memory
    /// fades by 0.04 an item and gains up to 1 by salience; the mindset carries 0.35, is drawn 0.65 to taste and 0.75 to
    /// what memory brings up, moving about a tenth of the way at each item.
    #[must_use]
    pub fn stated() -> Self {
        let root = (HIDDEN as f32).sqrt();
        let mut query = [1.0 / root; HIDDEN];
        query[..DIM].fill(4.0 / root);
        let mut context = [[0.0; DIM]; CONTEXT];
        for (c, column) in context.iter_mut().enumerate() {
            // Circumstances nudge the mindset a little, each towards directions of its own.
            column[(c * 5 + 1) % DIM] = 0.06;
            column[(c * 3 + 7) % DIM] = -0.04;
        }
        Self {
            query,
            key: [root; HIDDEN],
            age: 0.04,
            salience: 1.0,
            carry: [0.35; DIM],
            recall: [0.75; DIM],
            context,
            taste: [0.65; DIM],
            gate: [-2.2; DIM],
            gate_recall: [1.0; DIM],
        }
    }

    /// The parameters of a kind. Without feature `whole` there are only the stated ones, and
    /// [`Scenario::is_small`](crate::scenario::Scenario::is_small) keeps others out.
    #[must_use]
    pub fn of(kind: Remembering) -> &'static Self {
        static STATED: OnceLock<Parameters> = OnceLock::new();
        match kind {
            #[cfg(feature = "whole")]
            Remembering::Fitted => crate::learn::memory::shipped::parameters(),
            _ => STATED.get_or_init(Self::stated),
        }
    }

    /// The query of a situation, W_q c / √h.
    #[must_use]
    pub fn query_of(&self, c: &Situation) -> Situation {
        times(&self.query, c)
    }

    /// The key of a memory, W_k m.
    #[must_use]
    pub fn key_of(&self, m: &Situation) -> Situation {
        times(&self.key, m)
    }

    /// The part of the update that does not change during a session: W_c c + W_p p.
    #[must_use]
    pub fn rest(&self, context: &[f32; CONTEXT], taste: &Vector) -> Vector {
        let mut out = ZERO;
        for (column, &c) in self.context.iter().zip(context) {
            add_scaled(&mut out, c, column);
        }
        add_scaled(&mut out, 1.0, &times(&self.taste, taste));
        out
    }

    /// z_t from z_{t−1}, the recalled r_t and the [`rest`](Self::rest).
    #[must_use]
    pub fn update(&self, before: &Vector, recalled: &Vector, rest: &Vector) -> Vector {
        let carried = times(&self.carry, before);
        let brought = times(&self.recall, recalled);
        let mut drive = [0.0; DIM];
        let mut gate = [0.0; DIM];
        for i in 0..DIM {
            drive[i] = carried[i] + brought[i] + rest[i];
            gate[i] = self.gate[i] + self.gate_recall[i] * recalled[i].abs();
        }
        let (drive, gate) = (tanh_lanes(drive), sigmoid_lanes(gate));
        let mut z = [0.0; DIM];
        for i in 0..DIM {
            z[i] = (1.0 - gate[i]) * before[i] + gate[i] * drive[i];
        }
        z
    }
}

/// A diagonal matrix times a vector.
#[inline]
fn times<const N: usize>(diagonal: &[f32; N], x: &[f32; N]) -> [f32; N] {
    let mut out = [0.0; N];
    for ((o, d), x) in out.iter_mut().zip(diagonal).zip(x) {
        *o = d * x;
    }
    out
}

fn sigmoid_lanes(x: Vector) -> Vector {
    let mut out = [0.0; DIM];
    for (o, c) in out.as_chunks_mut::<8>().0.iter_mut().zip(x.as_chunks::<8>().0) {
        let e = crate::math::lanes::exp(c.map(|v| -v));
        *o = e.map(|e| 1.0 / (1.0 + e));
    }
    out
}

/// tanh x = 2σ(2x) − 1.
fn tanh_lanes(x: Vector) -> Vector {
    sigmoid_lanes(x.map(|v| 2.0 * v)).map(|s| 2.0 * s - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{dot, length};

    #[test]
    fn without_memories_the_mindset_returns_to_the_taste() {
        let p = Parameters::stated();
        let mut taste = ZERO;
        taste[2] = 0.8;
        taste[9] = -0.6;
        let rest = p.rest(&[0.0; CONTEXT], &taste);
        let mut z = ZERO;
        z[4] = 0.9;
        for _ in 0..200 {
            z = p.update(&z, &ZERO, &rest);
        }
        assert!(dot(&z, &taste) / length(&z) / length(&taste) > 0.99);
    }

    #[test]
    fn what_memory_brings_up_pulls_the_mindset_its_way() {
        let p = Parameters::stated();
        let rest = p.rest(&[0.0; CONTEXT], &ZERO);
        let mut recalled = ZERO;
        recalled[5] = 0.7;
        let z = p.update(&ZERO, &recalled, &rest);
        assert!(z[5] > 0.03 && z[4] == 0.0);
    }
}
