//! The generative retriever: what it learns of the order of codes, and what it finds.

use crate::support;

use recoworld::{
    catalog::represent::quantise::LEVELS,
    recommender::{
        Knowledge, Logs,
        generative::{Model, Past, retrieve},
    },
    session::{Keep, Need, Session},
};
use support::{knowledge, play, spec};

#[test]
fn training_makes_the_codes_of_other_sessions_likelier() {
    let (scenario, world, knowledge) = knowledge(600, 8);
    let ids = knowledge.codes();
    let duration = |i: u32| world.shelf().items[i as usize].duration_s;
    let all = Logs::collect(&scenario, &world, 300);
    let (train, test) = all.sessions.split_at(220);
    let logs = |s: &[recoworld::recommender::logs::LoggedSession]| Logs { sessions: s.to_vec(), slate_size: 8 };
    let held_out =
        |n: usize| Model::train(ids.clone(), &logs(&train[..n]), duration).log_likelihood(&logs(test), duration);
    let (none, few, many) = (held_out(0), held_out(40), held_out(220));
    println!("held-out log-likelihood a number: untrained {none:.3}, 40 sessions {few:.3}, 220 sessions {many:.3}");
    assert!(many > none && many > few, "{none} {few} {many}");
}

#[test]
fn chances_of_what_comes_next_add_up_to_one() {
    let (_, _, knowledge) = knowledge(300, 8);
    let model = knowledge.generator(60);
    let ids = model.ids();
    let liked = [ids.codes()[3], ids.codes()[90]];
    let code = ids.codes()[42];
    for depth in 0..LEVELS {
        let range = ids.range(&code[..depth]);
        let all = range.len() as f32;
        let branches = ids.branches(depth, range);
        let sum: f32 =
            branches.iter().map(|b| model.chance(&code[..depth], b.number, b.range.len() as f32 / all, &liked)).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{depth}: {sum}");
    }
}

#[test]
fn it_finds_only_candidates_and_serves_better_than_chance() {
    let (scenario, world, knowledge) = knowledge(600, 8);
    let model = knowledge.generator(200);
    let session = Session::new(scenario.clone(), world.clone(), 1, Keep::Totals);
    let Need::Slate(obs) = session.poll() else { panic!("a slate comes first") };
    let some: Vec<u32> = obs.candidates.iter().copied().filter(|i| i % 7 == 0).collect();
    let found = retrieve(&model, &Past::of(&obs, model.ids()), &some, 64, 30);
    assert_eq!(found.len(), 30);
    assert!(found.iter().all(|f| f.1 % 7 == 0) && found.windows(2).all(|w| w[0].0 >= w[1].0));
    let reward = |name: &str| {
        let mut r = recoworld::recommender::make(&spec(name), &knowledge).expect("listed");
        (0..120).map(|seed| play(&scenario, &world, r.as_mut(), seed).reward).sum::<f64>() / 120.0
    };
    let (generative, random) = (reward("generative"), reward("random"));
    println!("reward: generative {generative:.2}, random {random:.2}");
    assert!(generative > 1.1 * random, "{generative} {random}");
}

#[test]
fn another_catalogue_gets_codes_without_training() {
    let (_, world, knowledge) = knowledge(400, 8);
    let ids = knowledge.codes();
    let rows: Vec<f32> = world.features().rows.iter().flatten().copied().collect();
    let (quantiser, grown) = (ids.quantiser().clone(), rows[..100 * 32].to_vec());
    let error = quantiser.error(&rows);
    let (_, forgotten) = ids.under(quantiser.continued(&grown, 0.5, 3), &rows);
    println!("after going on with a quarter of the items: {forgotten:?}");
    assert_eq!(forgotten.items, 400);
    assert!(forgotten.any < 0.9 && forgotten.error_before == error && forgotten.error_after.is_finite());
    let _: &Knowledge = &knowledge;
}
