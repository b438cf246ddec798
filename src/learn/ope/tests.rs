//! Estimators against a problem small enough to be counted out.

use super::{Decision, Estimator, Trail, estimate};
use crate::math::{Purpose, Source, Stream};

/// At most three decisions among three actions, each taken once; an action pays 0 or 1 and may end the session.
struct Toy {
    behaviour: [f64; 3],
    target: [f64; 3],
    pays: [f64; 3],
    ends: [f64; 3],
    /// What an action's worth gains by the decisions before it: rewards depend on the past.
    habit: f64,
    /// The fitted value, wrong on purpose or right.
    guess: Option<f64>,
}

const TOY: Toy = Toy {
    behaviour: [0.5, 0.3, 0.2],
    target: [0.2, 0.3, 0.5],
    pays: [0.2, 0.5, 0.9],
    ends: [0.5, 0.2, 0.1],
    habit: -0.15,
    guess: None,
};

impl Toy {
    fn chance(weights: &[f64; 3], taken: &[usize], a: usize) -> f64 {
        let left: f64 = (0..3).filter(|i| !taken.contains(i)).map(|i| weights[i]).sum();
        if taken.contains(&a) { 0.0 } else { weights[a] / left }
    }

    fn pay(&self, taken: &[usize], a: usize) -> f64 {
        (self.pays[a] + self.habit * taken.len() as f64).clamp(0.0, 1.0)
    }

    /// The target's exact value from here.
    fn value(&self, taken: &[usize]) -> f64 {
        (0..3).filter(|a| !taken.contains(a)).map(|a| Self::chance(&self.target, taken, a) * self.worth(taken, a)).sum()
    }

    /// The exact value of an action.
    fn worth(&self, taken: &[usize], a: usize) -> f64 {
        let mut next = taken.to_vec();
        next.push(a);
        self.pay(taken, a) + if next.len() < 3 { (1.0 - self.ends[a]) * self.value(&next) } else { 0.0 }
    }

    fn decision(&self, taken: &[usize], a: usize, reward: f64) -> Decision {
        let q = |a: usize| self.guess.map_or_else(|| self.worth(taken, a), |g| g * (a as f64 - 0.7));
        let open = (0..3).filter(|a| !taken.contains(a));
        Decision {
            ratio: Self::chance(&self.target, taken, a) / Self::chance(&self.behaviour, taken, a),
            reward,
            q: q(a),
            v: open.map(|a| Self::chance(&self.target, taken, a) * q(a)).sum(),
        }
    }

    /// Every session with its chance under the policy that logs.
    fn all(&self, taken: &[usize], trail: &Trail, chance: f64, out: &mut Vec<(f64, Trail)>) {
        for a in (0..3).filter(|a| !taken.contains(a)) {
            for paid in [true, false] {
                let p = self.pay(taken, a);
                let here = chance * Self::chance(&self.behaviour, taken, a) * if paid { p } else { 1.0 - p };
                let mut longer = trail.clone();
                longer.decisions.push(self.decision(taken, a, f64::from(u8::from(paid))));
                let mut next = taken.to_vec();
                next.push(a);
                let ends = if next.len() == 3 { 1.0 } else { self.ends[a] };
                out.push((here * ends, longer.clone()));
                if ends < 1.0 {
                    self.all(&next, &longer, here * (1.0 - ends), out);
                }
            }
        }
    }

    fn sample(&self, draw: &mut Stream) -> Trail {
        let (mut trail, mut taken) = (Trail::default(), Vec::new());
        loop {
            let mut u = f64::from(draw.uniform());
            let mut a = 2;
            for i in 0..3 {
                let p = Self::chance(&self.behaviour, &taken, i);
                if p > 0.0 {
                    a = i;
                    if u < p {
                        break;
                    }
                    u -= p;
                }
            }
            let paid = draw.chance(self.pay(&taken, a) as f32);
            trail.decisions.push(self.decision(&taken, a, f64::from(u8::from(paid))));
            taken.push(a);
            if taken.len() == 3 || draw.chance(self.ends[a] as f32) {
                return trail;
            }
        }
    }
}

#[test]
fn ips_and_dr_are_unbiased_to_the_last_digit_whatever_the_fitted_value() {
    for guess in [None, Some(0.0), Some(3.0), Some(-1.0)] {
        let toy = Toy { guess, ..TOY };
        let mut all = Vec::new();
        toy.all(&[], &Trail::default(), 1.0, &mut all);
        assert!((all.iter().map(|x| x.0).sum::<f64>() - 1.0).abs() < 1e-12);
        let exact = toy.value(&[]);
        for e in [Estimator::Ips, Estimator::Dr] {
            let expected: f64 = all.iter().map(|(p, t)| p * e.of(core::slice::from_ref(t), &[1])).sum();
            assert!((expected - exact).abs() < 1e-12, "{}: {expected} and {exact}", e.name());
        }
    }
}

fn exact_variance(toy: &Toy, e: Estimator) -> f64 {
    let mut all = Vec::new();
    toy.all(&[], &Trail::default(), 1.0, &mut all);
    let exact = toy.value(&[]);
    all.iter()
        .map(|(p, t)| {
            p * (e.of(core::slice::from_ref(t), &[1]) - exact) * (e.of(core::slice::from_ref(t), &[1]) - exact)
        })
        .sum()
}

#[test]
fn a_good_fitted_value_calms_dr_and_none_makes_it_ips() {
    let ips = exact_variance(&TOY, Estimator::Ips);
    assert!(exact_variance(&TOY, Estimator::Dr) < 0.7 * ips);
    let blind = Toy { guess: Some(0.0), ..TOY };
    assert!((exact_variance(&blind, Estimator::Dr) - exact_variance(&blind, Estimator::Ips)).abs() < 1e-12);
}

#[test]
fn intervals_hold_the_exact_value_about_as_often_as_they_say() {
    let exact = TOY.value(&[]);
    let mut draw = Source::new(4).stream(Purpose::Other);
    let mut held = [0u32; 3];
    const TIMES: u32 = 300;
    for time in 0..TIMES {
        let trails: Vec<Trail> = (0..150).map(|_| TOY.sample(&mut draw)).collect();
        for (h, e) in held.iter_mut().zip(super::ESTIMATORS) {
            let found = estimate(e, &trails, 120, u64::from(time));
            *h += u32::from((found.low..=found.high).contains(&exact));
        }
    }
    // 95 % of 300 is 285 with a standard deviation of 3.8; percentiles of 120 draws are a little short.
    assert!(held.iter().all(|h| (268..=297).contains(h)), "{held:?}");
}

#[test]
fn snips_comes_near_the_exact_value_and_does_not_mind_a_wrong_scale_of_chances() {
    let exact = TOY.value(&[]);
    let mut draw = Source::new(5).stream(Purpose::Other);
    let mut trails: Vec<Trail> = (0..20_000).map(|_| TOY.sample(&mut draw)).collect();
    let ones = vec![1; trails.len()];
    let found = Estimator::Snips.of(&trails, &ones);
    assert!((found - exact).abs() < 0.02, "{found} and {exact}");
    for t in &mut trails {
        t.decisions[0].ratio *= 2.0;
    }
    assert!((Estimator::Snips.of(&trails, &ones) - found).abs() < 1e-9);
}

#[test]
fn the_same_policy_is_its_own_mean_with_every_session_counting() {
    let toy = Toy { target: TOY.behaviour, ..TOY };
    let mut draw = Source::new(6).stream(Purpose::Other);
    let trails: Vec<Trail> = (0..500).map(|_| toy.sample(&mut draw)).collect();
    let mean = trails.iter().map(|t| t.decisions.iter().map(|d| d.reward).sum::<f64>()).sum::<f64>() / 500.0;
    let ones = vec![1; 500];
    assert!((Estimator::Ips.of(&trails, &ones) - mean).abs() < 1e-9);
    assert!((Estimator::Snips.of(&trails, &ones) - mean).abs() < 1e-9);
    assert!((super::effective(trails.iter().map(Trail::weight)) - 500.0).abs() < 1e-6);
}
