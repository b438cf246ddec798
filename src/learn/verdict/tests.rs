//! How curves are judged.

use super::*;
use crate::learn::algorithm::Report;

fn curve(values: &[f64]) -> Vec<Point> {
    let point = |(i, v): (usize, &f64)| Point {
        env_steps: 1e5 * (i + 1) as f64,
        mean: *v,
        low: v - 4.0,
        high: v + 4.0,
        se: 2.0,
        seeds: vec![*v],
        retention: None,
        entropy: None,
    };
    values.iter().enumerate().map(point).collect()
}

fn lines() -> Vec<Line> {
    let line = |name: &str, mean: f64, reference: bool| Line {
        name: name.to_lowercase(),
        title: name.to_owned(),
        oracle: false,
        reference,
        mean,
        se: 0.5,
    };
    vec![line("Random", 154.0, false), line("Greedy", 166.0, true), line("Planner", 300.0, false)]
}

fn verdict(points: &[Point]) -> Verdict {
    judge(&Case {
        name: "PPO",
        unit: "an episode",
        stopped: None,
        points,
        lines: &lines(),
        paired: None,
        keeps_best: true,
    })
}

#[test]
fn a_rising_curve_is_learning_and_names_its_lead_with_the_interval() {
    let v = verdict(&curve(&[150.0, 170.0, 191.0, 205.0, 222.0, 235.0, 251.0, 268.0]));
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Clear, "It is learning."));
    // The mean of the last three is 251.3; greedy is 166: 85.3 ± √(4² + 0.98²).
    assert!(v.evidence.contains("85.3 more than greedy (95 % interval 81.2 to 89.5)"), "{}", v.evidence);
    assert!(v.evidence.starts_with("After 0.8 M steps PPO earns 251 an episode"), "{}", v.evidence);
    assert!(v.signs.iter().any(|s| s.words.contains("64 % of the way from greedy to planner")), "{:?}", v.signs);
}

#[test]
fn a_level_curve_is_a_plateau_or_no_learning_at_all() {
    let v = verdict(&curve(&[150.0, 200.0, 240.0, 262.0, 268.0, 270.0, 269.0, 271.0, 268.0, 270.0, 269.5]));
    assert_eq!(v.answer, "It has learnt, and holds its level.");
    assert!(v.signs.iter().any(|s| s.urgency == Urgency::Look && s.words.contains("A plateau")), "{:?}", v.signs);
    // The last points say nothing yet of whether it goes on.
    let v = verdict(&curve(&[150.0, 170.0, 192.0, 206.0, 215.0, 211.0, 224.0, 216.0]));
    assert_eq!(v.answer, "It has learnt; whether it still improves is open.");
    assert!(v.signs.iter().any(|s| s.words.contains("A plateau or not is open")), "{:?}", v.signs);
    let v = verdict(&curve(&[153.0, 155.0, 152.0, 154.0, 155.0, 152.0, 153.0]));
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Look, "It is not learning so far."));
    assert!(v.evidence.contains("less than greedy"), "{}", v.evidence);
    let v = verdict(&curve(&[153.0, 175.0]));
    assert_eq!(v.answer, "Too early to say.");
    assert_eq!(verdict(&[]).answer, "Too early to say.");
}

#[test]
fn a_fall_from_the_best_is_a_collapse() {
    let v = verdict(&curve(&[150.0, 200.0, 250.0, 270.0, 268.0, 210.0, 160.0, 150.0, 151.0]));
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Wrong, "It has collapsed."));
    assert!(v.signs.iter().any(|s| s.words.contains("it earned 270 after 0.4 M steps")), "{:?}", v.signs);
}

#[test]
fn a_fall_that_leaves_a_lead_is_no_collapse_and_where_no_best_is_kept_none_is_promised() {
    let fallen = curve(&[170.0, 220.0, 270.0, 290.0, 288.0, 230.0, 205.0, 200.0, 201.0]);
    let v = verdict(&fallen);
    assert_ne!(v.answer, "It has collapsed.", "it is still ahead of greedy");
    assert!(v.signs.iter().any(|s| s.words.starts_with("A fall: it earned 290")), "{:?}", v.signs);
    let fallen = curve(&[150.0, 200.0, 250.0, 270.0, 268.0, 210.0, 160.0, 150.0, 151.0]);
    let told = |keeps_best: bool| {
        let (points, lines) = (&fallen, &lines());
        let case = Case { name: "PPO", unit: "an episode", stopped: None, points, lines, paired: None, keeps_best };
        judge(&case).text()
    };
    assert!(told(true).contains("The best policy is kept"));
    assert!(told(false).contains("the one of the end, not the best"));
}

#[test]
fn iterations_that_happen_to_agree_do_not_make_a_group_sure() {
    // Ten groups of two: those of the best agree to the last digit, the others lie two apart.
    let pair = |i: usize| if i == 3 { [8.0, 8.0] } else { [6.0, 8.0] };
    let report =
        |(i, r): (usize, f64)| Report { env_steps: 100 * (i as u64 + 1), return_mean: Some(r), ..Report::default() };
    let reports: Vec<Report> = (0..10).flat_map(pair).enumerate().map(report).collect();
    let points = points(&reports, None);
    assert!(points.len() == 10 && points.iter().all(|p| p.se > 0.9 && p.se == points[0].se), "{points:?}");
    assert!(collapsed(&points).is_none());
}

#[test]
fn a_policy_from_a_file_is_judged_by_what_it_earns() {
    let lines = lines();
    let judged = |mean: f64| imported("PPO", "an episode", &curve(&[mean])[0], &lines);
    let v = judged(200.0);
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Clear, "It is ahead of greedy."));
    assert!(v.evidence.starts_with("The policy from the file (PPO) earns 200 an episode: 34.0 more than greedy"));
    assert_eq!(judged(150.0).answer, "It is behind greedy.");
    assert_eq!(judged(167.0).answer, "Whether it is ahead of greedy is open.");
}

#[test]
fn reward_that_rises_while_people_stay_away_is_named() {
    let mut points = curve(&[1.0, 2.0, 3.1, 4.0, 5.2, 6.0]);
    for (i, p) in points.iter_mut().enumerate() {
        p.retention = Some(0.8 - 0.05 * i as f64);
    }
    let v = verdict(&points);
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Wrong, "It learns the wrong thing."));
    assert!(v.signs[0].words.contains("Reward hacking") && v.signs[0].words.contains("0.80 to 0.55"), "{:?}", v.signs);
    points.iter_mut().enumerate().for_each(|(i, p)| p.retention = Some(0.5 + 0.05 * i as f64));
    assert!(verdict(&points).signs[0].words.contains("rise together"));
}

#[test]
fn a_seed_that_lags_is_named() {
    let mut points = curve(&[150.0, 200.0, 250.0, 270.0, 275.0]);
    points.last_mut().expect("points").seeds = vec![280.0, 281.0, 160.0, 279.0, 282.0];
    let v = verdict(&points);
    assert!(v.signs.iter().any(|s| s.words.contains("Seed 3 of the list lags")), "{:?}", v.signs);
}

/// A hundred iterations of noisy returns.
fn iterations(of: impl Fn(f64) -> (f64, f64, f64)) -> Vec<Report> {
    let mut random = crate::math::Source::new(4).stream(crate::math::Purpose::Other);
    let mut noise = move |k: f64| k * f64::from(random.normal());
    let report = |i: u32| {
        let (earned, retention, entropy) = of(f64::from(i) / 100.0);
        Report {
            iteration: u64::from(i) + 1,
            env_steps: 1024 * u64::from(i + 1),
            episodes: 8,
            return_mean: Some(earned + noise(0.5)),
            measures: vec![("retention", retention + noise(0.01))],
            diagnostics: vec![entropy],
        }
    };
    (0..100).map(report).collect()
}

#[test]
fn each_way_that_training_goes_is_named_from_its_iterations_too() {
    let answer = |of: &dyn Fn(f64) -> (f64, f64, f64)| {
        let points = points(&iterations(of), Some(0));
        assert_eq!(points.len(), 20);
        judge(&Case {
            name: "PPO",
            unit: "a session",
            stopped: None,
            points: &points,
            lines: &[],
            paired: None,
            keeps_best: false,
        })
        .answer
    };
    assert_eq!(answer(&|t| (10.0 * t, 0.5 + 0.1 * t, 3.0)), "It is learning.");
    assert!(answer(&|t| (10.0 * (4.0 * t).min(1.0), 0.5, 3.0)).starts_with("It has learnt"));
    assert_eq!(answer(&|_| (5.0, 0.5, 3.0)), "It is not learning so far.");
    assert_eq!(answer(&|t| (if t < 0.6 { 10.0 * t } else { 0.5 }, 0.5, 3.0)), "It has collapsed.");
    assert_eq!(answer(&|t| (10.0 * t, 0.6 - 0.3 * t, 3.0)), "It learns the wrong thing.");
    let falls = |t: f64| 3.0 * (1.0 - t) * (1.0 - t) * (1.0 - t) * (1.0 - t);
    assert_eq!(answer(&|t| (5.0, 0.5, falls(t))), "It is stuck.");
    // One part is the best by luck alone: a fall within the noise is none.
    assert_ne!(answer(&|t| (if (0.4..0.6).contains(&t) { 4.8 } else { 4.5 }, 0.5, 3.0)), "It has collapsed.");
    assert!(points(&[], None).is_empty());
}

#[test]
fn what_leaps_at_once_and_stays_level_has_learnt() {
    let v = verdict(&curve(&[150.0, 271.0, 269.0, 270.0, 272.0, 268.0, 271.0, 270.0, 269.0, 271.0, 270.0, 269.0]));
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Clear, "It has learnt, and holds its level."));
}

#[test]
fn what_starts_ahead_and_stays_level_has_not_learnt() {
    let v = verdict(&curve(&[180.0, 182.0, 181.0, 179.0, 180.0, 182.0, 181.0]));
    assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Look, "It is ahead, but no rise shows that it learnt this."));
}

#[test]
fn a_difference_on_the_same_episodes_is_the_evidence_where_there_is_one() {
    let paired = Estimate { mean: 3.0, se: 0.5, low: 2.0, high: 4.0 };
    let points = curve(&[160.0, 162.0, 165.0, 169.0, 172.0, 175.0]);
    let case = Case {
        name: "PPO",
        unit: "a session",
        stopped: None,
        points: &points,
        lines: &lines(),
        paired: Some(paired),
        keeps_best: false,
    };
    let v = judge(&case);
    assert!(v.evidence.contains("3.00 more than greedy (95 % interval 2.00 to 4.00)"), "{}", v.evidence);
    assert!(v.text().starts_with("It is learning. After"), "{}", v.text());
    let stopped = judge(&Case { stopped: Some("the gradients are no numbers"), ..case });
    assert_eq!((stopped.urgency, stopped.evidence.as_str()), (Urgency::Wrong, "the gradients are no numbers"));
}
