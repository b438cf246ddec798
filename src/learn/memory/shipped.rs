//! The fitted memory that ships, and any fitted memory as parameters of the simulated user.

use super::{
    file::{MemoryFile, MemoryFileError},
    model::MATCH,
    weights::{Scalar, Weights},
};
use crate::{
    math::DIM,
    user::{
        MINDSET_WORTH,
        mindset::{HIDDEN, Parameters},
    },
};
use std::sync::OnceLock;

/// The file, as the command in it made it; a test makes it anew.
pub const FILE: &str = include_str!("shipped.json");

/// The fitted memory that ships.
///
/// # Errors
/// Where the file is none; tests read it.
pub fn memory() -> Result<MemoryFile, MemoryFileError> {
    MemoryFile::from_json(FILE)
}

/// The parameters that it gives a simulated user.
pub fn parameters() -> &'static Parameters {
    static PARAMETERS: OnceLock<Parameters> = OnceLock::new();
    PARAMETERS.get_or_init(|| memory().map_or_else(|_| Parameters::stated(), |file| of(&file.weights())))
}

/// Fitted weights as parameters of a simulated user: what the fit can tell is taken from it, the rest stays as stated.
///
/// Taken: κ (W_q and W_k, for what items are alike by), λ, w, the gate's b and u, and ρ (W_r), which is brought from the
/// fit's scale of z, [`MATCH`] logits, to the user's, [`MINDSET_WORTH`]. The fit has W_z = 0, where a smaller gate does what
/// a carry does; so W_p and W_c are stretched by what the stated carry would have added, and z comes to rest where it did.
/// u weighs the length of what is recalled; of 16 even parts each is a quarter of it. The fit's own p, C and A live in
/// the space of an item's public features, and say nothing of the user's.
#[must_use]
pub fn of(fitted: &Weights) -> Parameters {
    let scalar = |s| fitted.scalar(s) as f32;
    let mut p = Parameters::stated();
    for i in 0..DIM {
        p.query[i] = scalar(Scalar::Likeness) / (HIDDEN as f32).sqrt();
        let stretch = 1.0 / (1.0 - p.carry[i]);
        p.carry[i] = 0.0;
        p.taste[i] *= stretch;
        p.context.iter_mut().for_each(|column| column[i] *= stretch);
        p.recall[i] = scalar(Scalar::Recall) * MATCH as f32 / MINDSET_WORTH;
        p.gate[i] = scalar(Scalar::Gate);
        p.gate_recall[i] = scalar(Scalar::GateRecall) * (DIM as f32).sqrt();
    }
    p.age = scalar(Scalar::Age);
    p.salience = scalar(Scalar::Salience);
    p
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{ZERO, dot, length};

    #[test]
    fn what_ships_is_a_fitted_memory_and_no_copy_of_what_was_stated() {
        let file = memory().expect("it is a memory file");
        assert!(file.made_by.starts_with("recoworld fit-memory "));
        let (fitted, stated) = (parameters(), Parameters::stated());
        assert_eq!(f64::from(fitted.age), f64::from(file.scalars["age"] as f32));
        assert!(fitted != &stated);
    }

    #[test]
    fn with_nothing_recalled_the_mindset_comes_to_rest_where_the_stated_one_does() {
        let mut taste = ZERO;
        (taste[2], taste[9]) = (0.3, -0.2);
        let at_rest = |p: &Parameters| {
            let rest = p.rest(&[0.5; crate::user::CONTEXT], &taste);
            (0..4000).fold(ZERO, |z, _| p.update(&z, &ZERO, &rest))
        };
        let (a, b) = (at_rest(parameters()), at_rest(&Parameters::stated()));
        assert!(dot(&a, &b) / length(&a) / length(&b) > 0.99);
        assert!((length(&a) / length(&b) - 1.0).abs() < 0.1);
    }
}
