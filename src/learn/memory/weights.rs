//! The parameters of the estimated memory, as one flat list with named parts, and which of them a variant holds fixed.

use super::NUISANCES;
use crate::{
    catalog::Shelf,
    math::DIM,
    recommender::{FEATURES, Features},
    user::CONTEXT,
};

/// The scalars, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Scalar {
    /// κ: what a memory gains by likeness, in logits a cosine.
    Likeness = 0,
    /// λ: what a memory loses with each item looked at after it.
    Age,
    /// w: what a memory gains by how strongly it was felt (|valence|).
    Salience,
    /// o: the logit of what is remembered from before the session.
    Before,
    /// b: the gate's logit where nothing is recalled.
    Gate,
    /// u: what the gate's logit gains by the length of what is recalled.
    GateRecall,
    /// ρ: how strongly what is recalled draws the mindset.
    Recall,
    /// ν: what likeness to what memory brings up costs: the want of novelty.
    Novelty,
    /// ln σ₀: what likeness to what was lately looked at costs. Satiation can only cost: free to draw as well, it would be a
    /// second memory of what was watched, and every variant would have it.
    Satiation,
    /// ln σ₁: the same for each share watched.
    SatiationWatched,
    /// ln δ: how fast satiation fades, an item.
    Fading,
}

/// How many scalars there are.
pub const SCALARS: usize = 11;

/// Their names in files and reports, in the same order.
pub const SCALAR_NAMES: [&str; SCALARS] = [
    "likeness",
    "age",
    "salience",
    "before",
    "gate",
    "gate_recall",
    "recall",
    "novelty",
    "log_satiation",
    "log_satiation_watched",
    "log_fading",
];

/// Where the parts lie in the flat list.
pub(super) const TASTE: usize = SCALARS;
pub(super) const CIRCUMSTANCES: usize = TASTE + DIM;
pub(super) const NUISANCE: usize = CIRCUMSTANCES + DIM * CONTEXT;
pub(super) const EMBED: usize = NUISANCE + NUISANCES;
/// The length of the list.
pub const COUNT: usize = EMBED + DIM * FEATURES;

/// The parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Scalars, taste pull p (16), circumstances C (16 × 8, row by row), nuisance β, embedding A (16 × 32, row by row).
    pub flat: Vec<f64>,
}

impl Weights {
    /// Where learning starts: items embedded on the principal axes of the shelf's features, no taste, and scalars of the
    /// order that the built-in user's stated ones have, but none of them equal to it.
    #[must_use]
    pub fn start(shelf: &Shelf, features: &Features) -> Self {
        debug_assert_eq!(shelf.items.len(), features.rows.len());
        let mut flat = vec![0.0; COUNT];
        let scalars = [1.0, 0.02, 0.0, 0.0, -2.0, 0.0, 0.5, 0.1, -3.9, -3.0, -3.0];
        flat[..SCALARS].copy_from_slice(&scalars);
        flat[NUISANCE] = -1.0;
        flat[EMBED..].copy_from_slice(&principal_axes(features));
        Self { flat }
    }

    /// One scalar.
    #[must_use]
    pub fn scalar(&self, s: Scalar) -> f64 {
        self.flat[s as usize]
    }

    /// Sets one scalar.
    pub fn set(&mut self, s: Scalar, value: f64) {
        self.flat[s as usize] = value;
    }

    pub(super) fn taste(&self) -> &[f64; DIM] {
        self.flat[TASTE..].first_chunk().expect("the taste lies within")
    }

    pub(super) fn circumstances(&self) -> &[f64] {
        &self.flat[CIRCUMSTANCES..NUISANCE]
    }

    pub(super) fn nuisance(&self) -> &[f64; NUISANCES] {
        self.flat[NUISANCE..].first_chunk().expect("the nuisances lie within")
    }

    pub(super) fn embed(&self) -> &[[f64; FEATURES]] {
        self.flat[EMBED..].as_chunks().0
    }

    /// An item's public features as a point of length one in the estimated taste space, with the length before.
    #[must_use]
    pub fn place(&self, row: &[f32; FEATURES]) -> ([f64; DIM], f64) {
        let mut x = [0.0; DIM];
        for (x, a) in x.iter_mut().zip(self.embed()) {
            *x = a.iter().zip(row).fold(0.0, |s, (a, f)| s + a * f64::from(*f));
        }
        let length = x.iter().fold(1e-12, |s, v| s + v * v).sqrt();
        (x.map(|v| v / length), length)
    }
}

/// What a variant of the model may learn; the rest stays where the variant puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// Everything: importance by likeness, age and salience.
    Learned,
    /// Importance by age alone.
    Recency,
    /// Every memory as important as any other.
    Uniform,
    /// Importance learned for novelty, but a mindset that nothing moves.
    Frozen,
    /// No memory at all: neither the mindset nor the sense of novelty.
    Forgetful,
}

/// All variants, the full one first.
pub const VARIANTS: [Variant; 5] =
    [Variant::Learned, Variant::Recency, Variant::Uniform, Variant::Frozen, Variant::Forgetful];

impl Variant {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::Recency => "recency_only",
            Self::Uniform => "uniform",
            Self::Frozen => "frozen_mindset",
            Self::Forgetful => "no_memory",
        }
    }

    /// The scalars that it holds at 0.
    #[must_use]
    pub fn holds(self) -> &'static [Scalar] {
        use Scalar::{Age, Likeness, Novelty, Recall, Salience};
        match self {
            Self::Learned => &[],
            Self::Recency => &[Likeness, Salience],
            Self::Uniform => &[Likeness, Salience, Age],
            Self::Frozen => &[Recall],
            Self::Forgetful => &[Recall, Novelty],
        }
    }
}

/// The first 16 principal axes of the features (about 0, not about the mean), each of length one, the strongest first:
/// subspace iteration from the unit vectors, with the sign that makes the largest coordinate positive.
fn principal_axes(features: &Features) -> Vec<f64> {
    let gram = crate::recommender::fit::gram(&features.rows);
    let mut axes: Vec<[f64; FEATURES]> = (0..DIM)
        .map(|i| {
            // Near a unit vector, but with something of every direction, so that none is missed by symmetry.
            let mut v = [0.01; FEATURES];
            v[i] = 1.0;
            v[FEATURES - 1 - i] += 0.3;
            v
        })
        .collect();
    for _ in 0..200 {
        for i in 0..DIM {
            let mut next = [0.0; FEATURES];
            for (row, k) in gram.chunks(FEATURES).zip(axes[i]) {
                for (n, g) in next.iter_mut().zip(row) {
                    *n += k * g;
                }
            }
            for earlier in &axes[..i] {
                let k = earlier.iter().zip(&next).fold(0.0, |s, (a, b)| s + a * b);
                for (n, e) in next.iter_mut().zip(earlier) {
                    *n -= k * e;
                }
            }
            let length = next.iter().fold(0.0, |s, v| s + v * v).sqrt();
            if length > 1e-9 {
                axes[i] = next.map(|v| v / length);
            } else {
                // A shelf that spans fewer directions: the rest of them tell no item apart.
                axes[i] = [0.0; FEATURES];
            }
        }
    }
    for axis in &mut axes {
        let top = axis.iter().fold(0.0f64, |t, v| if v.abs() > t.abs() { *v } else { t });
        if top < 0.0 {
            *axis = axis.map(|v| -v);
        }
    }
    axes.concat()
}
