//! Random streams keyed by what they are for, not by the order of drawing.
//!
//! A counterfactual ("the same user, another recommender") is only paired with the original if the user's luck with
//! item 17 in turn 3 does not depend on how many numbers were drawn before. So each draw names its seed, its user, its
//! turn, its item and its purpose, and a stream is made for just that key (a hash, then SplitMix64: Steele, Lea and
//! Flood, "Fast splittable pseudorandom number generators", 2014).

use super::{lanes::LANES, ln, ln_of_normal};
use core::convert::Infallible;
use rand::TryRng;

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a random number decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The making of a catalogue.
    Catalog = 1,
    /// Who the user is: taste and traits.
    Profile,
    /// Whether the user looks at the next item.
    Examine,
    /// Whether the user clicks.
    Click,
    /// How long the user watches, or looks before skipping.
    Dwell,
    /// Like, share, comment and follow.
    Endorse,
    /// Whether the user leaves.
    Leave,
    /// Whether and how the user speaks.
    Instruct,
    /// The words an instruction is put in.
    Words,
    /// What a recommender draws.
    Recommend,
    /// Logged sessions that recommenders are fitted on.
    Log,
    /// The user's usual values before the first slate.
    Usual,
    /// Anything of a test or a tool.
    Other,
    /// What is drawn for a language model: the order of labels, an action from its distribution, a seed, a pause.
    Model,
    /// What a learner draws: first parameters, its own slates, the order of its minibatches.
    Learn,
    /// What the user answers to a question.
    Reply,
}

/// A key from which streams are made. Cheap to copy; adding parts never changes the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source(u64);

impl Source {
    /// The key of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(mix(seed ^ GOLDEN))
    }

    /// This key narrowed by one more part (a user, a turn, an item).
    #[inline]
    #[must_use]
    pub const fn keyed(self, part: u64) -> Self {
        Self(mix(self.0.wrapping_add(GOLDEN) ^ part.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// The stream for one purpose under this key.
    #[inline]
    #[must_use]
    pub const fn stream(self, purpose: Purpose) -> Stream {
        Stream { state: self.keyed(purpose as u64 ^ 0x5bf0_3635).0, spare: None }
    }

    /// A seed derived from this key, for a source of its own.
    #[must_use]
    pub const fn seed(self) -> u64 {
        self.0
    }
}

/// SplitMix64's output function.
#[inline]
const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A number below 2³¹, by way of a signed integer of 32 bits: processors have an instruction for that, and none for what a
/// browser would need to convert 64 bits without a sign.
#[inline]
const fn small(x: u64) -> f32 {
    x as i32 as f32
}

/// The upper 64 bits of `x`·`n` for `n` up to 2³². WebAssembly has no product of 128 bits: it would call a function.
#[inline]
const fn high_product(x: u64, n: u64) -> u64 {
    ((x >> 32) * n + (((x & 0xffff_ffff) * n) >> 32)) >> 32
}

/// A point of the unit disc, and its squared distance from the middle, in (0, 1).
#[derive(Clone, Copy)]
struct Point {
    u: f32,
    v: f32,
    s: f32,
}

/// What the polar method stretches a point by.
#[inline(always)]
fn reach(s: f32) -> f32 {
    (-2.0 * ln_of_normal(s) / s).sqrt()
}

/// A stream of random numbers. Implements [`rand::Rng`], so that `rand`'s tools work on it; never draw a `usize`
/// through them, since its size differs between 32 and 64 bits: use [`Stream::below`].
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
    spare: Option<f32>,
}

impl Stream {
    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in [0, 1), a multiple of 2⁻²⁴.
    #[inline]
    pub fn uniform(&mut self) -> f32 {
        small(self.bits() >> 40) * (1.0 / 16_777_216.0)
    }

    /// Uniform in (0, 1): safe to take the logarithm of.
    #[inline]
    pub fn open(&mut self) -> f32 {
        (small(self.bits() >> 41) + 0.5) * (1.0 / 8_388_608.0)
    }

    /// True with probability `p`.
    #[inline]
    pub fn chance(&mut self, p: f32) -> bool {
        self.uniform() < p
    }

    /// Uniform in `0..n` (`0` when `n` is 0), by the high bits of a product; the bias is below `n`/2⁶⁴. At most 2³² values.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        debug_assert!(n as u64 <= 1 << 32);
        high_product(self.bits(), n as u64) as usize
    }

    /// Standard normal, by the polar method (Marsaglia and Bray, 1964).
    pub fn normal(&mut self) -> f32 {
        if let Some(z) = self.spare.take() {
            return z;
        }
        let point = self.in_disc();
        let k = reach(point.s);
        self.spare = Some(point.v * k);
        point.u * k
    }

    /// A point of the unit disc, of which the polar method makes two normal numbers.
    #[inline]
    fn in_disc(&mut self) -> Point {
        loop {
            let (u, v) = (2.0 * self.open() - 1.0, 2.0 * self.open() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return Point { u, v, s };
            }
        }
    }

    /// Fills two lists of the same length: for each place first what `draw` draws, then a standard normal number. They are
    /// those of drawing in turn, from a stream of which no half of a pair is left over, but the logarithms and roots of
    /// eight pairs are taken side by side.
    pub fn with_normals<T>(&mut self, drawn: &mut [T], normals: &mut [f32], mut draw: impl FnMut(&mut Self) -> T) {
        debug_assert!(self.spare.is_none() && drawn.len() == normals.len());
        for (drawn, normals) in drawn.chunks_mut(2 * LANES).zip(normals.chunks_mut(2 * LANES)) {
            let mut points = [Point { u: 0.0, v: 0.0, s: 0.5 }; LANES];
            for (pair, point) in drawn.chunks_mut(2).zip(&mut points) {
                pair[0] = draw(self);
                *point = self.in_disc();
                if let Some(second) = pair.get_mut(1) {
                    *second = draw(self);
                }
            }
            let reaches = points.map(|p| p.s).map(reach);
            for ((pair, p), k) in normals.chunks_mut(2).zip(points).zip(reaches) {
                pair[0] = p.u * k;
                if let Some(second) = pair.get_mut(1) {
                    *second = p.v * k;
                }
            }
        }
    }

    /// Standard Gumbel: adding it to logits and sorting draws without replacement (Plackett–Luce).
    pub fn gumbel(&mut self) -> f32 {
        -ln(-ln(self.open()))
    }

    /// Moves a random sample of `k` elements to the front of `items` (partial Fisher–Yates).
    pub fn sample_front<T>(&mut self, items: &mut [T], k: usize) {
        for i in 0..k.min(items.len()) {
            let j = i + self.below(items.len() - i);
            items.swap(i, j);
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(8) {
            let bytes = self.bits().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_ways_give_the_bits_of_the_plain_ones() {
        let mut draw = Source::new(1).stream(Purpose::Other);
        for k in 0..10_000 {
            let (x, n) = (draw.bits(), if k % 2 == 0 { draw.bits() >> (32 + k % 30) } else { 1 << 32 });
            assert_eq!(high_product(x, n), ((u128::from(x) * u128::from(n)) >> 64) as u64, "{x} by {n}");
            assert_eq!(small(x >> 40).to_bits(), ((x >> 40) as f32).to_bits());
        }
        assert_eq!(high_product(u64::MAX, 1 << 32), (1 << 32) - 1);
    }

    #[test]
    fn normal_numbers_side_by_side_are_those_drawn_in_turn() {
        for n in [0, 1, 2, 15, 16, 17, 100] {
            let (mut a, mut b) = (Source::new(n).stream(Purpose::Other), Source::new(n).stream(Purpose::Other));
            let (mut drawn, mut normals) = (vec![0; n as usize], vec![0.0; n as usize]);
            a.with_normals(&mut drawn, &mut normals, |stream| stream.below(20));
            for (drawn, normal) in drawn.into_iter().zip(normals) {
                assert_eq!((drawn, normal.to_bits()), (b.below(20), b.normal().to_bits()), "of {n}");
            }
        }
    }

    #[test]
    fn a_key_gives_the_same_stream_whatever_was_drawn_before() {
        let source = Source::new(7).keyed(3);
        let mut other = source.stream(Purpose::Click);
        other.bits();
        assert_eq!(source.stream(Purpose::Dwell).bits(), Source::new(7).keyed(3).stream(Purpose::Dwell).bits());
        assert_ne!(source.stream(Purpose::Dwell).bits(), source.stream(Purpose::Click).bits());
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let mut s = Source::new(1).stream(Purpose::Other);
        let n = 100_000;
        let (mut u, mut m, mut v) = (0.0f64, 0.0f64, 0.0f64);
        for _ in 0..n {
            u += f64::from(s.uniform());
            let z = f64::from(s.normal());
            m += z;
            v += z * z;
        }
        let n = f64::from(n);
        assert!((u / n - 0.5).abs() < 0.005);
        assert!((m / n).abs() < 0.015 && (v / n - 1.0).abs() < 0.02);
    }

    #[test]
    fn keys_of_neighbouring_turns_and_items_are_uncorrelated() {
        let mut sum = 0.0f64;
        for turn in 0..300u64 {
            for item in 0..100u64 {
                let a = Source::new(5).keyed(turn).keyed(item).stream(Purpose::Click).uniform();
                let b = Source::new(5).keyed(turn).keyed(item + 1).stream(Purpose::Click).uniform();
                sum += f64::from((a - 0.5) * (b - 0.5));
            }
        }
        // Variance of the product is 1/144; 30,000 draws: three standard errors are 0.0014.
        assert!((sum / 30_000.0).abs() < 0.0015);
    }
}
