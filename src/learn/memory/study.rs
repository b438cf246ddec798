//! The whole study: split the sessions, fit every variant, judge them on sessions that none of them saw.

use super::{
    data::Run,
    judge::{self, Hidden, Recovery},
    train::{Fit, Fitted, Settings},
    weights::{SCALAR_NAMES, VARIANTS, Variant, Weights},
};
use crate::lab::Estimate;
use serde::Serialize;
use std::collections::BTreeMap;

/// Of ten sessions in a row, six train, two validate and two judge.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// What is fitted on.
    pub train: Vec<Run>,
    /// What early stopping looks at.
    pub valid: Vec<Run>,
    /// What judges.
    pub test: Vec<Run>,
    /// What is hidden of `train` and `test`, where sessions were simulated.
    pub hidden: Option<(Vec<Hidden>, Vec<Hidden>)>,
}

impl Split {
    /// Splits sessions; `hidden` is empty or has one entry a session.
    #[must_use]
    pub fn new(runs: Vec<Run>, hidden: Vec<Hidden>) -> Self {
        let mut split = Self::default();
        let simulated = hidden.len() == runs.len() && !hidden.is_empty();
        let (mut of_train, mut of_test) = (Vec::new(), Vec::new());
        let mut hidden = hidden.into_iter();
        for (i, run) in runs.into_iter().enumerate() {
            let h = hidden.next().unwrap_or_default();
            match i % 10 {
                0..6 => {
                    split.train.push(run);
                    of_train.push(h);
                }
                6..8 => split.valid.push(run),
                _ => {
                    split.test.push(run);
                    of_test.push(h);
                }
            }
        }
        split.hidden = simulated.then_some((of_train, of_test));
        split
    }

    /// How many actions of examined items a part holds.
    #[must_use]
    pub fn actions(part: &[Run]) -> usize {
        part.iter().map(|r| r.looks.len()).sum()
    }
}

/// How one variant did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which.
    pub variant: String,
    /// Log-likelihood an action on held-out sessions, nats; standard error clustered by session.
    pub held_out: Estimate,
    /// Learned less this one, session by session; `None` for learned itself.
    pub learned_gains: Option<Estimate>,
    /// The share of the way from no memory to the true chances that this variant goes; simulated sessions only.
    pub share_of_ceiling: Option<f64>,
    /// How much of the true mindset it holds; simulated sessions only.
    pub recovery: Option<Recovery>,
    /// Passes made, and the one kept.
    pub epochs: (u32, u32),
    /// The scalars fitted.
    pub scalars: BTreeMap<String, f64>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Sessions to train, validate, judge.
    pub sessions: [usize; 3],
    /// Actions to train, validate, judge.
    pub actions: [usize; 3],
    /// One row a variant, the full one first.
    pub variants: Vec<Row>,
    /// Log-likelihood an action under the users' true chances; simulated sessions only.
    pub ceiling: Option<Estimate>,
}

/// A study under way.
pub struct Study<'a> {
    split: &'a Split,
    start: Weights,
    settings: Settings,
    done: Vec<Fitted>,
    open: Option<Fit<'a>>,
}

impl<'a> Study<'a> {
    /// Begins; nothing is fitted yet.
    #[must_use]
    pub fn new(split: &'a Split, start: Weights, settings: Settings) -> Self {
        Self { split, start, settings, done: Vec::new(), open: None }
    }

    /// One pass of the variant at hand. Returns whether there is more to do.
    pub fn step(&mut self) -> bool {
        let Some(variant) = VARIANTS.get(self.done.len()) else { return false };
        let fit = self.open.get_or_insert_with(|| {
            Fit::new(*variant, &self.start, &self.split.train, &self.split.valid, self.settings.clone())
        });
        if !fit.epoch() {
            self.done.push(fit.best().clone());
            self.open = None;
        }
        self.done.len() < VARIANTS.len()
    }

    /// How many variants are fitted.
    #[must_use]
    pub fn fitted(&self) -> &[Fitted] {
        &self.done
    }

    /// Judges what is fitted.
    #[must_use]
    pub fn report(&self) -> Report {
        report(self.split, &self.done)
    }
}

/// Judges fitted memories, the first of which the others are held against.
#[must_use]
pub fn report(s: &Split, fitted: &[Fitted]) -> Report {
    let scores: Vec<Vec<(f64, usize)>> = fitted.iter().map(|f| judge::by_session(&f.weights, &s.test)).collect();
    let ceiling = s.hidden.as_ref().map(|h| judge::an_action(&judge::ceiling(&s.test, &h.1)));
    let floor = fitted.iter().position(|f| f.variant == Variant::Forgetful).map(|i| judge::an_action(&scores[i]).mean);
    let rows = fitted.iter().enumerate().map(|(i, f)| {
        let held_out = judge::an_action(&scores[i]);
        Row {
            variant: f.variant.name().into(),
            learned_gains: (i > 0).then(|| judge::gain(&scores[0], &scores[i])),
            share_of_ceiling: ceiling.zip(floor).map(|(c, f)| (held_out.mean - f) / (c.mean - f)),
            recovery: s.hidden.as_ref().map(|h| judge::recovery(&f.weights, (&s.train, &h.0), (&s.test, &h.1))),
            epochs: (f.epochs, f.best_epoch),
            scalars: SCALAR_NAMES.iter().zip(&f.weights.flat).map(|(n, v)| ((*n).to_owned(), *v)).collect(),
            held_out,
        }
    });
    let parts = [&s.train, &s.valid, &s.test];
    Report {
        sessions: parts.map(|p| p.len()),
        actions: parts.map(|p| Split::actions(p)),
        variants: rows.collect(),
        ceiling,
    }
}
