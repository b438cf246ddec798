//! What anybody may see of an episode.

/// What a user did with a slate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Click {
    /// The place of the slate that was consumed.
    pub place: usize,
    /// How much: minutes watched, engagement, or 1.
    pub amount: f64,
}

/// What anybody may see of an episode now. What an environment does not have is empty.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The step, from 0.
    pub step: u32,
    /// The last step's number plus one, where it is known beforehand.
    pub horizon: Option<u32>,
    /// What is observed of the user: the interests, each in [−1, 1].
    pub user: &'a [f32],
    /// Each candidate's topic.
    pub topics: &'a [u8],
    /// Each candidate's quality.
    pub qualities: &'a [f32],
    /// Each candidate's clickbait, in (0, 1).
    pub clickbait: &'a [f32],
    /// The last slate from the top: topic and quality, or 0 and clickbait; empty before the first.
    pub shown: &'a [(u8, f32)],
    /// What was done with it.
    pub click: Option<Click>,
}

impl Seen<'_> {
    /// How many candidates there are.
    #[must_use]
    pub fn candidates(&self) -> usize {
        self.topics.len().max(self.clickbait.len())
    }
}
