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
use crate::math::{DIM, Vector};

/// The width of queries and keys: an item and its circumstances.
pub const HIDDEN: usize = DIM + CONTEXT;

/// An item in its circumstances, or a memory of one.
pub type Situation = [f32; HIDDEN];

/// The parameters of attention and update. Matrices are stored by columns: `w[input][output]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// W_q / √h, so that the division is done once.
    pub query: [[f32; HIDDEN]; HIDDEN],
    /// W_k.
    pub key: [[f32; HIDDEN]; HIDDEN],
    /// λ: what a memory loses with each item that came after it.
    pub age: f32,
    /// w: what a memory gains by how strongly it was felt.
    pub salience: f32,
    /// W_z.
    pub carry: [[f32; DIM]; DIM],
    /// W_r.
    pub recall: [[f32; DIM]; DIM],
    /// W_c.
    pub context: [[f32; DIM]; CONTEXT],
    /// W_p.
    pub taste: [[f32; DIM]; DIM],
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
        let mut query = [[0.0; HIDDEN]; HIDDEN];
        let mut key = [[0.0; HIDDEN]; HIDDEN];
        for i in 0..HIDDEN {
            query[i][i] = if i < DIM { 4.0 } else { 1.0 } / root;
            key[i][i] = root;
        }
        let mut context = [[0.0; DIM]; CONTEXT];
        for (c, column) in context.iter_mut().enumerate() {
            // Circumstances nudge the mindset a little, each towards directions of its own.
            column[(c * 5 + 1) % DIM] = 0.06;
            column[(c * 3 + 7) % DIM] = -0.04;
        }
        Self {
            query,
            key,
            age: 0.04,
            salience: 1.0,
            carry: diagonal(0.35),
            recall: diagonal(0.75),
            context,
            taste: diagonal(0.65),
            gate: [-2.2; DIM],
            gate_recall: [1.0; DIM],
        }
    }

    /// The parameters of a kind. Without feature `whole` there are only the stated ones, and
    /// [`Scenario::is_small`](crate::scenario::Scenario::is_small) keeps others out.
    #[must_use]
    pub fn of(kind: Remembering) -> Self {
        match kind {
            #[cfg(feature = "whole")]
            Remembering::Fitted => crate::learn::memory::shipped::parameters().clone(),
            _ => Self::stated(),
        }
    }

    /// The query of a situation, W_q c / √h.
    #[must_use]
    pub fn query_of(&self, c: &Situation) -> Situation {
        apply(&self.query, c)
    }

    /// The key of a memory, W_k m.
    #[must_use]
    pub fn key_of(&self, m: &Situation) -> Situation {
        apply(&self.key, m)
    }

    /// The part of the update that does not change during a session: W_c c + W_p p.
    #[must_use]
    pub fn rest(&self, context: &[f32; CONTEXT], taste: &Vector) -> Vector {
        let mut out: Vector = apply(&self.context, context);
        let pull: Vector = apply(&self.taste, taste);
        for (o, p) in out.iter_mut().zip(pull) {
            *o += p;
        }
        out
    }

    /// z_t from z_{t−1}, the recalled r_t and the [`rest`](Self::rest).
    #[must_use]
    pub fn update(&self, before: &Vector, recalled: &Vector, rest: &Vector) -> Vector {
        let carried: Vector = apply(&self.carry, before);
        let brought: Vector = apply(&self.recall, recalled);
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

fn diagonal(value: f32) -> [[f32; DIM]; DIM] {
    let mut m = [[0.0; DIM]; DIM];
    for (i, row) in m.iter_mut().enumerate() {
        row[i] = value;
    }
    m
}

/// Matrix (by columns) times vector; the sum over inputs runs in order, so it is the same everywhere.
#[inline]
fn apply<const I: usize, const O: usize>(columns: &[[f32; O]; I], x: &[f32; I]) -> [f32; O] {
    let mut out = [0.0; O];
    for (column, &k) in columns.iter().zip(x) {
        for (o, w) in out.iter_mut().zip(column) {
            *o += k * w;
        }
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
    use crate::math::{ZERO, dot, length};

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
