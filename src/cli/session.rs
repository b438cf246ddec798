//! One session, as a person reads it.

use super::{
    Done, Found, Problem,
    args::{SessionArgs, Table},
    load::{self, Stage},
    paint::{Paint, Tone, clock, fit, grouped, safe, signed, wrap},
    remote::Remote,
    said, tasks,
};
use crate::{
    lab::export,
    recommender::{self, ReasoningTrace},
    scenario::fields::{Kind, field},
    session::{Appraisal, Author, Metrics, SlateRecord, TurnRecord, Voice, Voices, player::Player, voices},
    user::{ALL_TERMS, Channel, Instruction, Specificity, Term, state::budget_s},
};
use std::{
    io::{self, Write},
    rc::Rc,
};

/// Plays and prints.
pub fn run(args: &SessionArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage(&args.run)?;
    let (mut player, remote) = player(args, &stage)?;
    let most = args.turns.unwrap_or(u32::MAX);
    let live = !args.json && args.csv.is_none();
    let print = Printer { stage: &stage, paint: Paint::stdout() };
    if live {
        print.head(out)?;
    }
    let mut turns = 0;
    while turns < most && player.step_turn().map_err(said)? {
        turns += 1;
        remote.as_ref().map_or(Ok(()), Remote::check)?;
        if live {
            print.newest(&player, player.session().turns().len(), out)?;
            // Whoever pipes the output on sees each turn as it happens.
            out.flush()?;
        }
    }
    if live {
        let ended = player.session().end();
        print.ending(ended, &player.session().metrics(), out)?;
        return Ok(Found::Good);
    }
    let run = player.trajectory().map_err(said)?;
    match args.csv {
        Some(Table::Turns) => {
            write!(out, "{}", export::turns_csv(&run, stage.world.shelf()).map_err(said)?)?;
        }
        Some(Table::Items) => {
            write!(out, "{}", export::items_csv(&run, stage.world.shelf()).map_err(said)?)?;
        }
        None => {
            serde_json::to_writer(&mut *out, &run)?;
            writeln!(out)?;
        }
    }
    Ok(Found::Good)
}

/// A player of a stage, served by whom the arguments name; and the line to a recommender of the person's own.
pub fn player(args: &SessionArgs, stage: &Stage) -> Result<(Player, Option<Remote>), Problem> {
    let remote = Remote::of(&args.remote, &stage.scenario.id)?;
    let make = match (&remote, &args.policy) {
        (Some(remote), _) => remote.maker(),
        (None, Some(path)) => tasks::maker(stage, path)?,
        (None, None) => maker(stage),
    };
    Ok((Player::new(stage.scenario.clone(), stage.world.clone(), make).map_err(said)?, remote))
}

/// What makes a stage's recommenders.
pub fn maker(stage: &Stage) -> crate::session::player::Make {
    let knowledge = stage.knowledge.clone();
    Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()))
}

/// Prints a session of a stage.
pub struct Printer<'a> {
    /// What it plays in.
    pub stage: &'a Stage,
    /// How it is coloured.
    pub paint: Paint,
}

impl Printer<'_> {
    /// Who meets whom.
    pub fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let s = &self.stage.scenario;
        let strong = |t: &str| self.paint.tone(Tone::Strong, &safe(t));
        writeln!(out, "{}  {} · seed {}", strong(&s.title), safe(&s.id), s.seed)?;
        self.lines(out, 0, Tone::Faint, &s.about)?;
        let p = &s.profile;
        let c = &s.context;
        let shown = |path: &str| label(path, &s.get(path).unwrap_or_default()).to_lowercase();
        self.lines(out, 0, Tone::Faint, &format!("{}, {}. {}", p.name, p.age, p.about))?;
        let budget = match (budget_s(s.minutes, &self.stage.world) / 60.0).round() {
            1.0 => "1 minute".to_owned(),
            minutes => format!("{minutes} minutes"),
        };
        let circumstances = format!(
            "{}, {}, {}, {:02}:{:02}, {} to spend.",
            shown("context.device"),
            shown("context.place"),
            shown("context.company"),
            c.minute / 60,
            c.minute % 60,
            budget
        );
        let mut circumstances: Vec<char> = circumstances.chars().collect();
        circumstances[0] = circumstances[0].to_ascii_uppercase();
        self.lines(out, 0, Tone::Faint, &circumstances.iter().collect::<String>())?;
        let title = recommender::find(&s.recommender.name).map_or(s.recommender.name.as_str(), |l| l.title);
        let heard = if s.instructions { "heard" } else { "not heard" };
        let items = grouped(self.stage.world.shelf().items.len());
        let served =
            format!("Served by {title}: slates of {} from {items} items; instructions are {heard}.", s.slate_size);
        self.lines(out, 0, Tone::Faint, &served)
    }

    /// The last of a player's first so many turns, whole; what was asked before it was asked about the one before.
    pub fn newest(&self, player: &Player, so_many: usize, out: &mut dyn Write) -> io::Result<()> {
        let turns = player.session().turns();
        let Some((turn, earlier)) = turns.get(..so_many).and_then(<[_]>::split_last) else { return Ok(()) };
        if let Some(asked) = earlier.last().and_then(|t| t.asked.as_ref()) {
            self.lines(out, 2, Tone::Thought, &format!("The recommender asks: {}", asked.question.text))?;
            let reply = match asked.reply.as_deref() {
                None | Some("") => "lets the question pass".to_owned(),
                Some(words) => format!("answers: “{words}”"),
            };
            self.lines(out, 2, Tone::Voice, &format!("{} {reply}", self.stage.scenario.profile.name))?;
        }
        let voices = voices(player.answers(), player.remarks());
        self.turn(turn, voices.get(earlier.len()), out)
    }

    fn turn(&self, turn: &TurnRecord, voices: Option<&Voices<'_>>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        let met = match turn.met {
            Some(true) => "  the instruction was met",
            Some(false) => "  the instruction was not met",
            None => "",
        };
        let head = self.paint.tone(Tone::Strong, &format!("TURN {}", turn.turn + 1));
        writeln!(out, "{head}{}", self.paint.tone(if turn.met == Some(true) { Tone::Good } else { Tone::Faint }, met))?;
        if let Some(why) = voices.and_then(|v| v.slate.stood_in()) {
            self.lines(out, 2, Tone::Voice, &format!("The built-in recommender answered this turn: {why}"))?;
        }
        if let Some(trace) = &turn.trace {
            self.trace(trace, out)?;
        }
        if let Some(why) = voices.and_then(Voices::user_stood_in) {
            self.lines(out, 2, Tone::Voice, &format!("The built-in user answered this turn: {why}"))?;
        }
        let seen = turn.slate.iter().take_while(|r| r.reaction.is_some_and(|a| a.examined)).count();
        for (i, record) in turn.slate[..seen].iter().enumerate() {
            self.item(i, record, voices.and_then(|v| v.items.get(i)), out)?;
        }
        if seen < turn.slate.len() {
            let rest = turn.slate.len() - seen;
            let text = format!("  {rest} more {} not looked at.", if rest == 1 { "was" } else { "were" });
            writeln!(out, "{}", self.paint.tone(Tone::Faint, &text))?;
        }
        if let Some(instruction) = &turn.instruction {
            self.instruction(instruction, out)?;
        }
        self.reward(turn, out)
    }

    fn item(&self, i: usize, record: &SlateRecord, voice: Option<&Voice<'_>>, out: &mut dyn Write) -> io::Result<()> {
        let shelf = self.stage.world.shelf();
        let Some(item) = shelf.items.get(record.item as usize) else { return Ok(()) };
        let topic = &shelf.topics[shelf.topic(record.item) as usize];
        let creator = shelf.creators.get(item.creator as usize).map_or("", String::as_str);
        let reaction = record.reaction.unwrap_or_default();
        let action = if reaction.clicked {
            let mut words = format!("watched {}", clock(reaction.seconds));
            let more = [
                (reaction.liked, "liked"),
                (reaction.shared, "shared"),
                (reaction.commented, "commented"),
                (reaction.followed, "followed"),
                (reaction.left, "left"),
            ];
            more.iter().filter(|(did, _)| *did).for_each(|(_, word)| words.push_str(&format!(", {word}")));
            self.paint.tone(Tone::Good, &words)
        } else {
            let left = if reaction.left { ", left" } else { "" };
            self.paint.tone(Tone::Faint, &format!("skipped after {:.0} s{left}", reaction.seconds))
        };
        let about = format!("{} · {} · {}", safe(topic), safe(creator), clock(item.duration_s));
        let for_title = self.paint.width().saturating_sub(60).clamp(20, 52);
        let (title, about) = (fit(&safe(&item.title), for_title), fit(&about, 32));
        writeln!(out, "{:>3}  {title}  {}  {action}", i + 1, self.paint.tone(Tone::Faint, &about))?;
        // A model acts for its own reasons: the built-in user's formula explains nothing that it does.
        if let Some(voice) = voice.filter(|v| v.by == Author::Model) {
            self.lines(out, 5, Tone::Faint, &own_reason(voice))?;
        } else if let Some(appraisal) = &record.appraisal {
            let why = format!("     {}", why(appraisal, reaction.clicked));
            writeln!(out, "{}", self.paint.tone(Tone::Faint, &why))?;
        }
        Ok(())
    }

    fn trace(&self, trace: &ReasoningTrace, out: &mut dyn Write) -> io::Result<()> {
        let parts =
            [("Perceive", &trace.perceive), ("Plan", &trace.plan), ("Act", &trace.act), ("Remember", &trace.remember)];
        for (name, steps) in parts.iter().filter(|(_, steps)| !steps.is_empty()) {
            let text: Vec<String> = steps.iter().map(|s| safe(&s.text)).collect();
            for (i, line) in wrap(&text.join(" "), self.paint.width().saturating_sub(13)).iter().enumerate() {
                let name = if i == 0 { name } else { "" };
                writeln!(out, "  {}  {line}", self.paint.tone(Tone::Thought, &fit(name, 9)))?;
            }
        }
        Ok(())
    }

    fn instruction(&self, said: &Instruction, out: &mut dyn Write) -> io::Result<()> {
        let how = match (said.channel, said.specificity) {
            (Channel::Explicit, Specificity::Specific) => "says, to the point",
            (Channel::Explicit, Specificity::Vague) => "says, vaguely",
            (Channel::Implicit, _) => "says nothing, and shows it: fast skips and silence",
        };
        let words = if said.words.is_empty() { String::new() } else { format!(": “{}”", said.words) };
        let reason = said.reason.map_or_else(String::new, |r| format!(" (because of {})", name(r)));
        let line = format!("{} {how}{words}{reason}", self.stage.scenario.profile.name);
        self.lines(out, 2, Tone::Voice, &line)
    }

    fn reward(&self, turn: &TurnRecord, out: &mut dyn Write) -> io::Result<()> {
        let (s, minutes) = (&turn.state, turn.state.seconds_left / 60.0);
        let earned =
            format!("reward {} · NDCG {:.2} · diversity {:.2}", signed(turn.reward), turn.ndcg, turn.diversity);
        writeln!(out, "  {earned}")?;
        let line = format!(
            "satisfaction {:.2} · boredom {:.2} · energy {:.2} · trust {:.2} · {minutes:.0} min left · {:.0} % to leave",
            s.satisfaction,
            s.boredom,
            s.energy,
            s.trust,
            s.leave_forecast * 100.0
        );
        self.lines(out, 2, Tone::Faint, &line)
    }

    /// How it ended and what it amounts to.
    pub fn ending(&self, end: Option<crate::session::End>, m: &Metrics, out: &mut dyn Write) -> io::Result<()> {
        let how = match end {
            Some(crate::session::End::Left) => "The user left.",
            Some(crate::session::End::Truncated) => "The session was cut off at its most turns.",
            None => "Stopped here; the session would go on.",
        };
        writeln!(out, "\n{}", self.paint.tone(Tone::Strong, how))?;
        let rows = [
            ("Reward", format!("{:.2}", m.reward)),
            ("Turns", m.turns.to_string()),
            ("Time spent", clock(m.seconds as f32)),
            (
                "Clicks · likes · shares · comments · follows",
                counts(&[m.clicks, m.likes, m.shares, m.comments, m.follows]),
            ),
            ("Instructions issued · in words · met", counts(&[m.issued, m.explicit, m.met])),
            ("Chance to return tomorrow", format!("{:.2}, in {:.1} days on average", m.return_chance, m.return_days)),
            ("NDCG", format!("{:.3}", m.ndcg)),
            ("Diversity within · across slates", format!("{:.3} · {:.3}", m.diversity, m.diversity_across)),
            ("Topics covered", format!("{:.0} %", m.coverage * 100.0)),
            ("Mean satisfaction", format!("{:.3}", m.satisfaction)),
        ];
        for (label, value) in rows {
            writeln!(out, "  {}  {value}", fit(label, 44))?;
        }
        Ok(())
    }

    fn lines(&self, out: &mut dyn Write, indent: usize, tone: Tone, text: &str) -> io::Result<()> {
        for line in wrap(&safe(text), self.paint.width().saturating_sub(indent)) {
            writeln!(out, "{}{}", " ".repeat(indent), self.paint.tone(tone, &line))?;
        }
        Ok(())
    }
}

fn counts(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" · ")
}

/// A choice's word as people read it.
fn label(path: &str, word: &str) -> &'static str {
    match field(path).map(|(f, _)| f.kind) {
        Some(Kind::Choice(options)) => options.iter().find(|(w, _)| *w == word).map_or("", |(_, l)| *l),
        _ => "",
    }
}

/// Why a model did what it did, as it says itself.
fn own_reason(voice: &Voice<'_>) -> String {
    if !voice.reason().is_empty() {
        return format!("the model: “{}”", voice.reason());
    }
    let mut chances: Vec<&(String, f32)> = voice.remark.map_or_else(Vec::new, |r| r.distribution.iter().collect());
    chances.sort_by(|x, y| y.1.total_cmp(&x.1));
    if chances.is_empty() {
        return "the model gives no reason".to_owned();
    }
    let told: Vec<String> = chances.iter().take(3).map(|(what, p)| format!("{what} {:.0} %", p * 100.0)).collect();
    format!("the model's chances: {}", told.join(", "))
}

/// The two terms that moved the user most, as differences from what is usual for them: upwards for a click, downwards
/// for a skip.
fn why(a: &Appraisal, clicked: bool) -> String {
    let mut differences: Vec<(f32, Term)> =
        ALL_TERMS.iter().map(|t| (a.terms[*t as usize] - a.usual[*t as usize], *t)).collect();
    differences.sort_by(|x, y| if clicked { y.0.total_cmp(&x.0) } else { x.0.total_cmp(&y.0) });
    let told: Vec<String> = differences
        .iter()
        .take(2)
        .filter(|(d, _)| if clicked { *d > 0.0 } else { *d < 0.0 })
        .map(|(d, t)| format!("{} {}", name(*t), signed(f64::from(*d))))
        .collect();
    let chance = format!("chance of a click {:.0} %", a.click_chance * 100.0);
    if told.is_empty() {
        return format!("by luck: nothing speaks {} it; {chance}", if clicked { "for" } else { "against" });
    }
    format!("{} against usual; {chance}", told.join(", "))
}

fn name(term: Term) -> &'static str {
    match term {
        Term::Mindset => "match with the mindset",
        Term::Quality => "quality",
        Term::Novelty => "novelty",
        Term::Satiation => "having had enough of it",
        Term::Context => "the circumstances",
        Term::Length => "length",
        Term::Creator => "the creator",
        Term::Social => "what others think",
        Term::Fatigue => "tiredness",
        Term::Budget => "the time left",
    }
}
