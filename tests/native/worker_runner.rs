//! The runner of the page's sessions: played, scrubbed, forked, killed and taken up again, natively.

use crate::support::desk::{Desk, scene};

use recoworld::{
    scenario::{RecommenderSpec, Scenario, registry},
    session::Author,
    user::Reaction,
    worker::{
        Command, Event, Export, ForkChange, HumanAnswer, ImportCommand, Side, Speed,
        import::ImportKind,
        runner::{Runner, Wake},
        snapshot::NeedView,
    },
};

#[test]
fn on_opening_the_first_turn_is_played() {
    let desk = Desk::open();
    let s = desk.now();
    assert_eq!(s.branches.len(), 1);
    assert!(s.branches[0].turns[0].finished, "{:?}", s.branches[0].turns);
    assert_eq!(s.slate.len(), s.scenario.slate_size);
    assert!(s.slate[0].reaction.is_some());
    assert!(!s.slate[0].why.is_empty());
    assert!(!s.happening.is_empty());
    assert!(desk.save.is_some());
    assert_eq!(desk.wake, Wake::Idle);
}

#[test]
fn playing_comes_to_the_end_and_draws_at_most_once_a_frame() {
    let mut desk = Desk::open();
    desk.start(Command::SetSpeed(Speed::Top));
    desk.start(Command::Play);
    let (mut frames, mut last) = (0, f64::NEG_INFINITY);
    let began = desk.clock.get();
    while desk.now().playing && desk.clock.get() - began < 600_000.0 {
        let number = desk.now().number;
        desk.run_for(1.0);
        if desk.now().number != number {
            frames += 1;
            assert!(desk.clock.get() - last >= 12.0, "two snapshots within a frame");
            last = desk.clock.get();
        }
    }
    assert!(frames >= 10, "{frames}");
    assert!(desk.now().branches[0].ended.is_some());
    assert_eq!(desk.now().cursor, desk.now().branches[0].moments);
}

#[test]
fn scrubbing_there_and_back_shows_the_same_moments() {
    let mut desk = Desk::open();
    desk.tell(Command::RunToEnd);
    let end = desk.now().cursor;
    assert!(end > 20);
    let mut forward = Vec::new();
    for moment in 0..=end.min(40) {
        forward.push(scene(desk.tell(Command::Seek(moment))));
    }
    for (moment, seen) in forward.iter().enumerate().rev() {
        assert_eq!(&scene(desk.tell(Command::Seek(moment))), seen, "moment {moment}");
    }
    assert_eq!(desk.now().branches[0].moments, end, "scrubbing loses nothing");
}

#[test]
fn stepping_shows_what_scrubbing_shows() {
    let mut desk = Desk::open();
    desk.tell(Command::Seek(0));
    let mut stepped = vec![scene(desk.now())];
    for _ in 0..15 {
        stepped.push(scene(desk.tell(Command::StepItem)));
    }
    for (moment, seen) in stepped.iter().enumerate() {
        assert_eq!(&scene(desk.tell(Command::Seek(moment))), seen, "moment {moment}");
    }
}

#[test]
fn a_fork_shares_the_past_and_is_drawn_beside_the_original() {
    let mut desk = Desk::open();
    for _ in 0..3 {
        desk.tell(Command::StepTurn);
    }
    let moment = desk.now().branches[0].turns[1].to;
    let before = scene(desk.tell(Command::Seek(moment)));
    let change = ForkChange::Recommender(RecommenderSpec { name: "random".into(), settings: Default::default() });
    let s = desk.tell(Command::Fork { moment, change }).clone();
    assert_eq!(s.branches.len(), 2);
    assert_eq!(s.selected, 1);
    assert_eq!(s.branches[1].origin, Some((0, moment)));
    assert_eq!(s.branches[0].turns[..2], s.branches[1].turns[..2]);
    assert!(s.branches[1].turns.len() >= 3, "it runs on");
    assert_eq!(scene(desk.tell(Command::Seek(moment))), before);
    let s = desk.tell(Command::DropFork(1));
    assert_eq!((s.branches.len(), s.selected), (1, 0));
}

#[test]
fn a_slate_is_told_of_by_who_composed_it_also_after_a_fork_in_the_middle_of_its_turn() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    let original = desk.now().branches[0].serving.clone();
    let moment = desk.now().branches[0].turns[0].from + 3;
    let change = ForkChange::Recommender(RecommenderSpec { name: "random".into(), settings: Default::default() });
    let s = desk.tell(Command::Fork { moment, change }).clone();
    assert_eq!((s.selected, &s.branches[1].serving), (1, &original));
    let next = s.branches[1].turns[1].to;
    assert_eq!(desk.tell(Command::Seek(next)).branches[1].serving, "Random");
    assert_eq!(desk.tell(Command::Seek(moment)).branches[1].serving, original);
}

#[test]
fn a_slate_is_told_of_by_who_composed_it_also_after_a_fork_at_the_end_of_a_turn() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    let original = desk.now().branches[0].serving.clone();
    let moment = desk.now().branches[0].turns[0].to;
    let change = ForkChange::Recommender(RecommenderSpec { name: "random".into(), settings: Default::default() });
    desk.tell(Command::Fork { moment, change });
    assert_eq!(desk.tell(Command::Seek(moment)).branches[1].serving, original, "the slate on show is of before");
    assert_eq!(desk.tell(Command::Seek(moment + 1)).branches[1].serving, "Random");
}

#[test]
fn a_fork_of_a_fork_names_the_one_it_left() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    let moment = desk.now().branches[0].turns[0].to;
    let change = ForkChange::Recommender(RecommenderSpec { name: "random".into(), settings: Default::default() });
    assert_eq!(desk.tell(Command::Fork { moment, change }).branches[1].what, "Random from turn 2");
    let change = ForkChange::Instructions(false);
    let s = desk.tell(Command::Fork { moment: moment + 1, change });
    assert_eq!(s.branches[2].origin, Some((1, moment + 1)));
    assert_eq!(s.branches[2].what, "Fork 1, then instructions unheard from turn 2");
}

#[test]
fn a_killed_session_is_taken_up_where_it_was() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    desk.tell(Command::PlayUser(Side::Person));
    answer_a_slate(&mut desk, "Something calm, under two minutes");
    let moment = desk.now().branches[0].turns[1].to;
    desk.tell(Command::Fork { moment, change: ForkChange::Instructions(false) });
    let (before, branches) = (scene(desk.now()), desk.now().branches.clone());
    let json = serde_json::to_string(desk.save.as_ref().expect("a save")).expect("plain");
    assert!(json.len() < 20_000, "the save is small: {} bytes", json.len());

    let mut after = Desk::new();
    after.tell(Command::Resume(serde_json::from_str(&json).expect("reads back")));
    assert_eq!(after.refused(), None);
    assert_eq!(scene(after.now()), before);
    assert_eq!(after.now().branches, branches);
    assert_eq!(after.now().user_by, Side::Person);
}

/// Answers one slate as a person: watches the first item, skips the second, has enough, and says something.
fn answer_a_slate(desk: &mut Desk, words: &str) {
    let NeedView::Review(0) = desk.now().need else { panic!("a slate is due to the person: {:?}", desk.now().need) };
    let watched = Reaction { clicked: true, seconds: 3.0, liked: true, ..Reaction::default() };
    desk.tell(Command::Answer(HumanAnswer::React(watched)));
    desk.tell(Command::Answer(HumanAnswer::React(Reaction::default())));
    desk.tell(Command::Answer(HumanAnswer::EnoughOfThis));
    assert_eq!(desk.now().need, NeedView::Verdict);
    desk.tell(Command::Answer(HumanAnswer::Say(words.into())));
    assert_eq!(desk.now().need, NeedView::Review(0), "the next slate is there at once");
}

#[test]
fn a_person_can_be_the_user_and_their_words_reach_the_recommender() {
    let mut desk = Desk::open();
    desk.tell(Command::PlayUser(Side::Person));
    answer_a_slate(&mut desk, "No more of this <b>please</b> \u{202e}");
    let said = desk.now().answered.clone().expect("the instruction that this slate answers");
    assert_eq!(said.words, "No more of this <b>please</b> \u{202e}");
    assert!(said.heard);
    assert_eq!(desk.refused(), None);
    desk.tell(Command::StepItem);
    assert!(desk.refused().expect("it is the person's turn").contains("your turn"));
}

#[test]
fn that_a_person_has_answered_is_known_as_long_as_the_moment_rests_on_it() {
    let mut desk = Desk::open();
    let before = desk.now().cursor;
    assert_eq!(desk.now().answers_by, Author::Builtin);
    desk.tell(Command::PlayUser(Side::Person));
    answer_a_slate(&mut desk, "Something calm, under two minutes");
    desk.tell(Command::PlayUser(Side::Builtin));
    for _ in 0..2 {
        desk.tell(Command::StepTurn);
    }
    let s = desk.now();
    assert!(s.slate.iter().all(|i| i.by == Author::Builtin), "the built-in user has looked at the slate on show");
    assert_eq!(s.answers_by, Author::Person);
    assert_eq!(desk.tell(Command::Seek(before)).answers_by, Author::Builtin, "the built-in sides alone lead here");
}

#[test]
fn a_person_who_is_vague_is_asked_back_and_their_answer_is_served() {
    let mut desk = Desk::open();
    let settings = [("level".to_owned(), 2.0), ("asks".to_owned(), 1.0)].into();
    desk.tell(Command::SetRecommender(RecommenderSpec { name: "agent".into(), settings }));
    desk.tell(Command::PlayUser(Side::Person));
    let vague = ["Hm.", "Not interested.", "I don't know.", "Hm, no idea."];
    for words in vague.iter().cycle().take(12) {
        if desk.now().need == NeedView::Reply {
            break;
        }
        desk.tell(Command::Answer(HumanAnswer::EnoughOfThis));
        desk.tell(Command::Answer(HumanAnswer::Say((*words).into())));
    }
    assert_eq!(desk.now().need, NeedView::Reply, "so vague a person is asked back");
    let asked = desk.now().instruction.clone().and_then(|i| i.asked).expect("a question");
    assert!(asked.question.ends_with('?') && asked.options.len() == 2 && asked.reply.is_none(), "{asked:?}");
    desk.tell(Command::StepItem);
    assert!(desk.refused().expect("it is the person's turn").contains("your turn"));
    let saved = desk.save.clone().expect("saved");
    desk.tell(Command::Answer(HumanAnswer::Say(asked.options[1].clone())));
    assert_eq!(desk.now().need, NeedView::Review(0), "the slate follows at once");
    let told = desk.now().answered.clone().expect("what this slate answers");
    assert_eq!(told.asked.and_then(|a| a.reply).as_deref(), Some(asked.options[1].as_str()));
    assert!(vague.contains(&told.words.as_str()));
    assert_eq!(told.by, Author::Person);
    // A killed worker is taken up where it was: at the question.
    let mut after = Desk::new();
    after.tell(Command::Resume(Box::new(saved)));
    assert_eq!(after.now().need, NeedView::Reply);
    after.tell(Command::Answer(HumanAnswer::Continue));
    assert_eq!(after.now().need, NeedView::Review(0));
}

#[test]
fn a_person_can_compose_the_slate_and_the_user_looks_at_it() {
    let mut desk = Desk::open();
    desk.tell(Command::PlayRecommender(Side::Person));
    assert_eq!(desk.now().need, NeedView::Slate);
    desk.tell(Command::Search { words: String::new(), topic: None, limit: 20 });
    let items = desk.others.iter().rev().find_map(|e| match e {
        Event::Found { items, .. } => Some(items.clone()),
        _ => None,
    });
    let size = desk.now().scenario.slate_size;
    let slate: Vec<u32> = items.expect("items are found").iter().take(size).map(|i| i.ix).collect();
    let twice = vec![slate[0]; size];
    desk.tell(Command::Answer(HumanAnswer::Slate(twice)));
    assert!(desk.refused().expect("an item twice").contains("twice"));
    desk.start(Command::Answer(HumanAnswer::Slate(slate.clone())));
    desk.run_for(60_000.0);
    let shown: Vec<u32> = desk.now().slate.iter().map(|i| i.card.ix).collect();
    assert_eq!(shown, slate);
    assert!(desk.now().slate[0].reaction.is_some(), "the user has looked at it");
}

#[test]
fn answering_in_the_past_forks_instead_of_losing_the_future() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    let moments = desk.now().branches[0].moments;
    desk.tell(Command::Seek(1));
    desk.tell(Command::PlayUser(Side::Person));
    desk.tell(Command::Answer(HumanAnswer::React(Reaction::default())));
    assert_eq!(desk.refused(), None);
    assert_eq!(desk.now().branches.len(), 2);
    assert_eq!(desk.now().branches[0].moments, moments);
    assert_eq!(desk.now().selected, 1);
    assert!(desk.now().branches[1].what.contains("you stepped in"), "{}", desk.now().branches[1].what);
}

#[test]
fn a_run_reads_back_to_the_same_screen() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    desk.tell(Command::StepTurn);
    let text = saved_run(&mut desk);
    let mut other = Desk::new();
    other.tell(Command::LoadRun { json: text });
    assert_eq!(other.refused(), None);
    assert_eq!(scene(other.now()), scene(desk.now()));
    assert_eq!(other.now().branches, desk.now().branches);
}

/// What the page saves as a run.
fn saved_run(desk: &mut Desk) -> String {
    desk.tell(Command::Export(Export::RunJson));
    let text = desk.others.iter().rev().find_map(|e| match e {
        Event::Exported { text, .. } => Some(text.clone()),
        _ => None,
    });
    text.expect("a file")
}

#[test]
fn a_run_with_forks_reads_back_with_them_at_the_moment_looked_at() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    desk.tell(Command::StepTurn);
    desk.tell(Command::Fork { moment: 9, change: ForkChange::Instructions(false) });
    desk.tell(Command::Fork { moment: 18, change: ForkChange::Seed("5".into()) });
    // The fork that the last one left goes: its own past stays with it.
    desk.tell(Command::DropFork(1));
    desk.tell(Command::SelectBranch(2));
    desk.tell(Command::Seek(12));
    let text = saved_run(&mut desk);
    let mut other = Desk::new();
    other.tell(Command::LoadRun { json: text.clone() });
    assert_eq!(other.refused(), None);
    assert_eq!((other.now().selected, other.now().cursor), (2, 12));
    assert_eq!(scene(other.now()), scene(desk.now()));
    assert_eq!(other.now().branches, desk.now().branches);
    assert_eq!(saved_run(&mut other), text, "saved again, it is the same file");
}

#[test]
fn a_run_whose_branches_do_not_fit_together_is_refused_in_words() {
    let mut desk = Desk::open();
    desk.tell(Command::Fork { moment: 3, change: ForkChange::Instructions(false) });
    let text = saved_run(&mut desk);
    let before = scene(desk.now());
    for (from, to) in [("\"origin\":[0,3]", "\"origin\":[1,3]"), ("\"branch\":0", "\"branch\":3")] {
        assert!(text.contains(from), "{from}");
        desk.tell(Command::LoadRun { json: text.replace(from, to) });
        assert!(desk.refused().expect("it cannot be").contains("place"));
        assert_eq!(scene(desk.now()), before);
    }
}

#[test]
fn what_a_turn_has_changed_is_told_from_its_start_also_after_it() {
    let mut desk = Desk::open();
    let after = desk.tell(Command::StepTurn).clone();
    assert!(after.mdp.transition.iter().any(|(_, before, now)| before != now), "{:?}", after.mdp.transition);
    assert_ne!(after.user.before, after.user.state);
}

#[test]
fn weights_count_the_same_session_anew() {
    let mut desk = Desk::open();
    desk.tell(Command::StepTurn);
    let before = desk.now().clone();
    let mut weights = before.scenario.reward.clone();
    weights.clicks += 1.0;
    let after = desk.tell(Command::SetReward(weights)).clone();
    assert_eq!(after.cursor, before.cursor);
    let clicks = before.reward.parts.clicks;
    assert!((after.reward.total - before.reward.total - clicks).abs() < 1e-9);
}

#[test]
fn comparing_is_heard_to_stop_and_says_how_far_it_came() {
    let mut desk = Desk::open();
    desk.start(Command::CompareMany { seeds: 5000 });
    desk.run_for(400.0);
    desk.start(Command::StopComparing);
    let last = desk.others.iter().rev().find_map(|e| match e {
        Event::Rollouts(r) => Some(r.clone()),
        _ => None,
    });
    let r = last.expect("a report");
    assert!(r.stopped && !r.running && r.done > 0 && r.done < r.total, "{} of {}", r.done, r.total);
    assert!(r.rows.iter().all(|row| row.reward.low <= row.reward.mean && row.reward.mean <= row.reward.high));
}

#[test]
fn the_comparison_on_this_seed_agrees_with_the_session_played() {
    let mut desk = Desk::open();
    desk.tell(Command::RunToEnd);
    let reward = desk.now().reward.total;
    desk.start(Command::Compare);
    desk.run_for(60_000.0);
    let last = desk.others.iter().rev().find_map(|e| match e {
        Event::Compared(c) => Some(c.clone()),
        _ => None,
    });
    let rows = last.expect("a comparison").rows;
    let own = rows.iter().find(|r| r.current).expect("the scenario's own");
    assert!((own.reward - reward).abs() < 1e-9, "{} and {reward}", own.reward);
}

#[test]
fn what_cannot_be_done_is_refused_in_words_and_changes_nothing() {
    let mut desk = Desk::open();
    let before = scene(desk.now());
    let mut newer: Scenario = registry::default_preset();
    newer.slate_size = 0;
    for command in [
        Command::Open(Box::new(newer)),
        Command::SetSeed("-3".into()),
        Command::SetRecommender(RecommenderSpec { name: "oracel".into(), settings: Default::default() }),
        Command::LoadRun { json: "{\"schema\": 3".into() },
        Command::DropFork(0),
        Command::SelectBranch(9),
        Command::CompareMany { seeds: 1 },
        Command::Answer(HumanAnswer::Continue),
        Command::Answer(HumanAnswer::Slate(vec![1, 2])),
    ] {
        desk.others.clear();
        let what = format!("{command:?}");
        desk.tell(command);
        assert!(desk.refused().is_some(), "{what}");
        assert_eq!(scene(desk.now()), before, "{what}");
    }
}

#[test]
fn a_small_runner_plays_and_leaves_the_rest_to_the_large_one() {
    let mut desk = Desk { runner: Runner::small(), ..Desk::new() };
    let open = Command::Open(Box::new(registry::default_preset()));
    assert!(!open.needs_lab());
    desk.tell(open);
    let before = desk.tell(Command::StepTurn).clone();
    let import = Command::Import(ImportCommand::Begin { kind: ImportKind::Items, files: vec![("a.csv".into(), 1)] });
    let run = Command::LoadRun { json: "{}".into() };
    let guest = Command::Guest { json: "{}".into() };
    for command in
        [import, run, guest, Command::Export(Export::TurnsCsv), Command::CompareMany { seeds: 4 }, Command::Bench]
    {
        assert!(command.needs_lab());
        desk.others.clear();
        desk.tell(command);
        assert!(matches!(desk.others[..], [Event::Refused(_)]), "{:?}", desk.others);
    }
    // What it kept is where the large one goes on.
    let mut large = Desk::new();
    let resumed = large.tell(Command::Resume(Box::new(desk.save.expect("it was kept")))).clone();
    assert_eq!((resumed.cursor, &resumed.slate), (before.cursor, &before.slate));
    large.tell(Command::Export(Export::TurnsCsv));
    assert!(matches!(large.others[..], [Event::Exported { .. }]));
}
