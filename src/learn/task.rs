//! What a learner meets: numbers to look at, candidates to choose from, and a reward.

/// The sizes of a task, which do not change from episode to episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many numbers describe the situation.
    pub observation: usize,
    /// How many numbers describe a candidate; 0 where the candidates are the same fixed actions at every step.
    pub features: usize,
    /// The most candidates of a step.
    pub candidates: usize,
    /// How many of them an action shows, in order.
    pub slate: usize,
}

/// What the learner sees before it acts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The situation: [`Shape::observation`] numbers, roughly within [−1, 1].
    pub observation: Vec<f32>,
    /// The candidates, one row of [`Shape::features`] numbers each.
    pub features: Vec<f32>,
    /// How many candidates there are now, at least [`Shape::slate`].
    pub count: usize,
}

/// What came of an action.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What it earned.
    pub reward: f64,
    /// Whether the episode ended in itself: nothing would follow.
    pub terminated: bool,
    /// Whether the episode was cut off: something would have followed, and the view is what would have been seen.
    pub truncated: bool,
}

/// What came of one place of a slate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Whether it was looked at.
    pub examined: bool,
    /// Whether what stood there was consumed: opened, clicked, watched.
    pub consumed: bool,
    /// What it earned by itself; the rest of a step's reward belongs to the slate as a whole.
    pub reward: f64,
}

/// A thing to be learnt.
pub trait Task {
    /// The sizes.
    fn shape(&self) -> Shape;

    /// Begins the episode of a seed: the same seed is the same episode, as far as the actions are the same.
    fn reset(&mut self, seed: u64, view: &mut View);

    /// Shows a slate of [`Shape::slate`] different candidates, named by their place in the view, the first on top.
    /// The view becomes the next one.
    fn step(&mut self, slate: &[usize], view: &mut View) -> Outcome;

    /// What came of each place of the slate shown last, from the top, for learners that ask item by item. Nothing where
    /// the task does not tell: the first place then stands for the slate.
    fn places(&self, to: &mut Vec<Place>) {
        to.clear();
    }

    /// The same task before any episode.
    fn fresh(&self) -> Box<dyn Task>;

    /// Settings of learners that suit this task better than their defaults, by field.
    fn hints(&self) -> &'static [(&'static str, f64)] {
        &[]
    }

    /// The situation of a view in words, and each of its candidates, for exports that people and language models read.
    fn told(&self, view: &View) -> (String, Vec<String>) {
        let shape = self.shape();
        let numbers = |row: &[f32]| row.iter().map(|x| format!("{x:.3}")).collect::<Vec<_>>().join(" ");
        let rows = (0..view.count).map(|i| {
            let row = &view.features[i * shape.features..(i + 1) * shape.features];
            if row.is_empty() { format!("action {i}") } else { numbers(row) }
        });
        (format!("Observation: {}", numbers(&view.observation)), rows.collect())
    }

    /// From here on, luck is another seed's, where the task can do that; what happened, and who the user is, stays.
    fn luck(&mut self, seed: u64) {
        let _ = seed;
    }

    /// Measures of the episode so far beside the reward, by name (such as `retention`), in a fixed order.
    fn measures(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}
