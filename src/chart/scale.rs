//! From values to pixels, and the round values to mark on an axis.

/// A linear scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    domain: [f64; 2],
    range: [f64; 2],
}

impl Scale {
    /// A scale from `domain` to `range`. A domain of no width is widened by half a unit each way; one that is not finite
    /// becomes 0 to 1.
    #[must_use]
    pub fn new(domain: [f64; 2], range: [f64; 2]) -> Self {
        let domain = if !domain[0].is_finite() || !domain[1].is_finite() {
            [0.0, 1.0]
        } else if domain[0] == domain[1] {
            [domain[0] - 0.5, domain[1] + 0.5]
        } else {
            domain
        };
        Self { domain, range }
    }

    /// Where a value stands.
    #[must_use]
    pub fn at(&self, v: f64) -> f64 {
        let [a, b] = self.domain;
        let [c, d] = self.range;
        c + (v - a) / (b - a) * (d - c)
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> [f64; 2] {
        self.domain
    }
}

/// The smallest and the largest of the finite values, or `None` where there are none.
#[must_use]
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<[f64; 2]> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |e, v| match e {
        None => Some([v, v]),
        Some([a, b]) => Some([a.min(v), b.max(v)]),
    })
}

/// Round values (1, 2 or 5 times a power of ten apart), about `wanted` of them, that lie in the domain; and the decimals
/// that tell them apart.
#[must_use]
pub fn ticks(domain: [f64; 2], wanted: usize) -> (Vec<f64>, usize) {
    let [a, b] = domain;
    let span = b - a;
    if !span.is_finite() || span <= 0.0 || wanted == 0 {
        return (vec![a], 1);
    }
    // Where a domain holds no two round values that far apart, they stand closer.
    let mut step = round_step(span / wanted as f64);
    for finer in 1..8 {
        if ((b / step + 1e-9).floor() - (a / step - 1e-9).ceil()) >= 1.0 {
            break;
        }
        step = round_step(span / (wanted as f64 * f64::from(1 << finer)));
    }
    let first = (a / step - 1e-9).ceil();
    let count = ((b / step + 1e-9).floor() - first).max(0.0) as usize;
    let values = (0..=count.min(50)).map(|i| (first + i as f64) * step).collect();
    (values, decimals_of(step))
}

/// The domain widened to round values.
#[must_use]
pub fn nice(domain: [f64; 2], wanted: usize) -> [f64; 2] {
    let [a, b] = domain;
    let span = b - a;
    if !span.is_finite() || span <= 0.0 {
        return domain;
    }
    let step = round_step(span / wanted.max(1) as f64);
    [(a / step + 1e-9).floor() * step, (b / step - 1e-9).ceil() * step]
}

/// 1, 2 or 5 times a power of ten, the nearest not far below `rough` (which is above 0).
fn round_step(rough: f64) -> f64 {
    let mut power = 1.0;
    while power > rough && power > 1e-300 {
        power /= 10.0;
    }
    while power * 10.0 <= rough && power < 1e300 {
        power *= 10.0;
    }
    let times = rough / power;
    power
        * if times < 1.5 {
            1.0
        } else if times < 3.5 {
            2.0
        } else if times < 7.5 {
            5.0
        } else {
            10.0
        }
}

fn decimals_of(step: f64) -> usize {
    let mut decimals = 0;
    let mut rest = step;
    while decimals < 6 && (rest - rest.round()).abs() > 1e-6 {
        rest *= 10.0;
        decimals += 1;
    }
    decimals
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks([0.0, 1.0], 5), (vec![0.0, 0.2, 0.4, 0.600_000_000_000_000_1, 0.8, 1.0], 1));
        assert_eq!(ticks([0.0, 40.0], 4), (vec![0.0, 10.0, 20.0, 30.0, 40.0], 0));
        assert_eq!(ticks([-1.0, 1.0], 2).0, vec![-1.0, 0.0, 1.0]);
        assert_eq!(ticks([3.0, 3.0], 4).0, vec![3.0]);
    }

    #[test]
    fn a_domain_of_nothing_still_has_a_scale() {
        assert_eq!(Scale::new([2.0, 2.0], [0.0, 10.0]).at(2.0), 5.0);
        assert!(Scale::new([f64::NAN, 2.0], [0.0, 10.0]).at(0.5).is_finite());
        assert_eq!(extent([f64::NAN, 2.0, -1.0, f64::INFINITY]), Some([-1.0, 2.0]));
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_and_nice_holds_them(a in -1e6f64..1e6, span in 1e-6f64..1e6, wanted in 1usize..12) {
            let domain = [a, a + span];
            let (ticks, _) = ticks(domain, wanted);
            prop_assert!(ticks.len() <= 3 * wanted + 2);
            let slack = span * 1e-6 + a.abs() * 1e-9;
            for t in &ticks {
                prop_assert!(*t >= domain[0] - slack && *t <= domain[1] + slack);
            }
            let n = nice(domain, wanted);
            prop_assert!(n[0] <= domain[0] + slack && n[1] >= domain[1] - slack);
        }
    }
}
