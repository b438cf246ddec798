//! Sessions with a language model, and its report card.

use super::{
    Done, Found, Problem,
    args::{SessionArgs, Table},
    catalog,
    llm_args::{CardArgs, How, LlmArgs, ModelArgs, Part},
    llm_http::Server,
    llm_play::{self, Line, Network, Replayed},
    load::{self, Stage},
    paint::Paint,
    progress::Progress,
    remote::Remote,
    said,
    session::{Printer, player},
};
use crate::{
    lab::export,
    llm::{
        budget::{Budget, Prices},
        dialect::{self, Dialect, PRESETS, Preset, preset, preset_at},
        driver::{Driver, Held, Tally},
        failure,
        fault::Fault,
        secret::Secret,
        settings::{Mode, Settings},
        tape::{MOST_BYTES, Tape},
    },
    scenario::Representation,
    session::player::Player,
};
use std::{
    io::{self, Write},
    path::Path,
};

/// A session with a model, over the network or from a tape.
pub fn session(args: &SessionArgs, out: &mut dyn Write) -> Done {
    match &args.llm.tape {
        Some(file) => from_tape(args, file, out),
        None => live(args, out),
    }
}

fn live(args: &SessionArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage(&args.run)?;
    let (server, preset) = connect(&args.llm.model)?;
    let settings = settings(&args.llm)?;
    if settings.sees && stage.scenario.representation != Representation::Multimodal {
        return Err(said(
            "--sees shows pictures, which only the representation of text and picture has. Add --set \
             representation=multimodal.",
        ));
    }
    if settings.user && settings.mode == Mode::Scored && !server.dialect.logprobs {
        return Err(said(
            "This server gives no log-probabilities, which scored mode needs. Use --llm-mode written (or start \
             llama-cpp-python with --logits_all true).",
        ));
    }
    may_serve(args, &settings)?;
    let mut tape = Tape::new(server.model(), &stage.scenario, &settings);
    let (mut player, remote) = player(args, &stage)?;
    let mut driver = Driver::new(settings);
    let mut shown = Shown::new(args, &stage, remote, out);
    let ended = shown.play(&mut player, &mut driver, &mut Network::new(&server), Some(&mut tape));
    // What was exchanged is kept also where the session could not go on.
    if let Some(file) = &args.llm.tape_out {
        write_tape(file, &tape.to_json(server.secret()))?;
    }
    shown.end(&player, &driver, ended, preset)
}

fn from_tape(args: &SessionArgs, file: &Path, out: &mut dyn Write) -> Done {
    let bytes = load::read(file, MOST_BYTES)?;
    let here = |what: &dyn std::fmt::Display| said(format!("{}: {what}.", file.display()));
    let text = String::from_utf8(bytes).map_err(|_| here(&"it is not UTF-8 text"))?;
    let tape = Tape::from_json(&text).map_err(|e| here(&e))?;
    let imported = args.run.catalog.as_deref().map(catalog::read).transpose()?;
    let stage = load::built(tape.scenario.clone(), imported)?;
    may_serve(args, &tape.settings)?;
    let (mut player, remote) = player(args, &stage)?;
    let mut driver = Driver::new(tape.settings.clone());
    let mut shown = Shown::new(args, &stage, remote, out);
    let mut line = Replayed::new(&tape);
    let ended = shown.play(&mut player, &mut driver, &mut line, None);
    shown.end(&player, &driver, ended, None)
}

/// Two cannot serve: a model that recommends, and whom the arguments name.
fn may_serve(args: &SessionArgs, settings: &Settings) -> Result<(), Problem> {
    let named = [("--recommender-url", args.remote.recommender_url.is_some()), ("--policy", args.policy.is_some())];
    match named.iter().find(|n| n.1 && settings.recommender) {
        Some((flag, _)) => {
            Err(said(format!("{flag}: the model recommends already. Let it be the user: --llm-as user.")))
        }
        None => Ok(()),
    }
}

fn write_tape(file: &Path, text: &str) -> Result<(), Problem> {
    std::fs::write(file, text).map_err(|e| said(format!("{} could not be written: {e}.", file.display())))
}

/// The report card of a model.
pub fn card(args: &CardArgs, out: &mut dyn Write) -> Done {
    let (server, preset) = connect(&args.model)?;
    let settings = Settings {
        budget: Budget { prices: prices(&args.model)?, ..Budget::default() },
        timeout_ms: args.model.timeout * 1000,
        ..Settings::default()
    };
    let mut progress = Progress::new("calls answered");
    let mut tell = |done, all| progress.tell(done as u32, all as u32);
    let card = llm_play::check(server.model(), &settings, &mut Network::new(&server), &mut tell);
    progress.end();
    let card = card.map_err(|held| stopped(&held, preset))?;
    if args.json {
        serde_json::to_writer(&mut *out, &card)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", card.to_text())?;
    }
    Ok(if card.passed() { Found::Good } else { Found::Bad })
}

/// The server of the arguments, reached and probed.
pub(super) fn connect(args: &ModelArgs) -> Result<(Server, Option<&'static Preset>), Problem> {
    let Some(named) = args.llm.as_deref() else {
        let names = PRESETS.iter().map(|p| p.name).collect::<Vec<_>>().join(", ");
        return Err(said(format!("Which server? Use --llm URL, or one of {names}.")));
    };
    let (base, chosen) = base(named, "--llm", args.plain_http)?;
    let Some(model) = args.model.as_deref().filter(|m| !m.trim().is_empty()) else {
        let such = chosen.map_or(String::new(), |p| format!(", such as {}", p.models.join(" or ")));
        return Err(said(format!("Which model? Use --model NAME{such}.")));
    };
    let start: Option<Dialect> = chosen.map(|p| p.dialect);
    let mut server =
        Server::new(base, model, key(args.key_env.as_deref(), chosen)?, start.unwrap_or(Dialect::COMMON), false);
    let found = llm_play::probe(&server, args.timeout * 1000).map_err(|f| stopped(&Held::Fault(f), chosen))?;
    server.dialect = found.dialect;
    Ok((server, chosen))
}

/// The key that an environment variable holds, where the server wants one.
pub(super) fn key(key_env: Option<&str>, chosen: Option<&Preset>) -> Result<Secret, Problem> {
    match key_env {
        Some(name) => match std::env::var(name) {
            Ok(key) if !key.trim().is_empty() => Ok(Secret::new(&key)),
            _ => Err(said(format!("The environment variable {name} is not set, or holds no text. Put the key there."))),
        },
        None if chosen.is_some_and(|p| p.key) => {
            let title = chosen.map_or("This server", |p| p.title);
            Err(said(format!("{title} wants a key. Put it into an environment variable and use --key-env NAME.")))
        }
        None => Ok(Secret::default()),
    }
}

/// The base address of a server that is named by its address or a preset's name, and the preset; `flag` is where it was
/// named.
pub(super) fn base<'a>(
    named: &'a str,
    flag: &str,
    plain_http: bool,
) -> Result<(&'a str, Option<&'static Preset>), Problem> {
    let chosen = preset(named).or_else(|| preset_at(named));
    let base = if preset(named).is_some() { chosen.map_or(named, |p| p.base) } else { named };
    dialect::check_address(base, plain_http).map_err(|e| {
        said(format!("{flag}: {e}{}", if e.contains("plain http") { " (or --plain-http)." } else { "." }))
    })?;
    Ok((base, chosen))
}

pub(super) fn prices(args: &ModelArgs) -> Result<Prices, Problem> {
    let Some(text) = &args.prices else { return Ok(Prices::default()) };
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|n| n.trim().parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0)).collect();
    match numbers.as_deref() {
        Some([prompt, completion]) => Ok(Prices { prompt: *prompt, cached: None, completion: *completion }),
        _ => Err(said(format!("--prices {text}: write two prices for a million tokens, such as 0.4,1.6."))),
    }
}

fn settings(args: &LlmArgs) -> Result<Settings, Problem> {
    let budget = Budget { prices: prices(&args.model)?, most_cost: args.most_cost, most_tokens: args.most_tokens };
    Ok(Settings {
        user: args.llm_as != Part::Recommender,
        recommender: args.llm_as != Part::User,
        mode: if args.llm_mode == How::Scored { Mode::Scored } else { Mode::Written },
        sees: args.sees,
        picture_hosts: args.picture_host.clone(),
        budget,
        timeout_ms: args.model.timeout * 1000,
        ..Settings::default()
    })
}

/// Why it stopped, and what to do.
pub(super) fn stopped(held: &Held, preset: Option<&Preset>) -> Problem {
    said(match held {
        Held::Fault(fault @ Fault::Rejected { status: 300..=399, .. }) => {
            format!("{} Give the address that it sends on to.", fault.words())
        }
        Held::Fault(fault) => format!("{} {}", fault.words(), fault.fix(preset, "this program")),
        Held::Budget(words) => words.clone(),
    })
}

/// A session as it is printed while it plays.
struct Shown<'a> {
    args: &'a SessionArgs,
    print: Printer<'a>,
    /// A recommender of the person's own, where one serves.
    remote: Option<Remote>,
    out: &'a mut dyn Write,
    printed: usize,
    failed: Option<io::Error>,
}

impl<'a> Shown<'a> {
    fn new(args: &'a SessionArgs, stage: &'a Stage, remote: Option<Remote>, out: &'a mut dyn Write) -> Self {
        Self { args, print: Printer { stage, paint: Paint::stdout() }, remote, out, printed: 0, failed: None }
    }

    fn is_live(&self) -> bool {
        !self.args.json && self.args.csv.is_none()
    }

    fn play(
        &mut self,
        player: &mut Player,
        driver: &mut Driver,
        line: &mut dyn Line,
        tape: Option<&mut Tape>,
    ) -> Result<(), Held> {
        if self.is_live() {
            self.failed = self.print.head(self.out).err();
        }
        let most = self.args.turns.unwrap_or(u32::MAX) as usize;
        let mut each = |player: &Player, _: &Driver| {
            let finished = player.session().turns().len() - usize::from(player.session().end().is_none());
            if finished > self.printed {
                self.printed = finished;
                self.tell_turn(player);
            }
            self.printed < most && self.failed.is_none() && self.served().is_ok()
        };
        llm_play::play_while(player, driver, line, tape, &mut each)
    }

    /// What went wrong with a recommender of the person's own.
    fn served(&self) -> Done {
        self.remote.as_ref().map_or(Ok(()), Remote::check).map(|()| Found::Good)
    }

    fn tell_turn(&mut self, player: &Player) {
        if let Some(turns) = player.session().turns().get(..self.printed).filter(|_| self.is_live()) {
            let told = self.print.newest(turns, self.out).and_then(|()| self.out.flush());
            self.failed = told.err();
        }
    }

    fn end(mut self, player: &Player, driver: &Driver, ended: Result<(), Held>, preset: Option<&Preset>) -> Done {
        if let Some(e) = self.failed.take() {
            return Err(e.into());
        }
        self.served()?;
        self.write(player)?;
        tell_model(player, driver);
        ended.map_err(|held| stopped(&held, preset))?;
        Ok(Found::Good)
    }

    fn write(&mut self, player: &Player) -> Result<(), Problem> {
        let session = player.session();
        if self.is_live() {
            return Ok(self.print.ending(session.end(), &session.metrics(), self.out)?);
        }
        let run = player.trajectory().map_err(said)?;
        let shelf = session.world().shelf();
        match self.args.csv {
            Some(Table::Turns) => write!(self.out, "{}", export::turns_csv(&run, shelf).map_err(said)?)?,
            Some(Table::Items) => write!(self.out, "{}", export::items_csv(&run, shelf).map_err(said)?)?,
            None => {
                serde_json::to_writer(&mut *self.out, &run)?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }
}

/// What the model did, on standard error: results alone go to standard output.
fn tell_model(player: &Player, driver: &Driver) {
    let mut lines = Vec::new();
    let mut side = |name: &str, t: &Tally| {
        if t.turns > 0 {
            let repaired =
                if t.repaired > 0 { format!(", {} of them after a repair", t.repaired) } else { String::new() };
            let filled = if t.filled > 0 { format!("; {} places were filled for it", t.filled) } else { String::new() };
            lines.push(format!(
                "The model answered {} of {} turns itself as the {name} ({:.0} %){repaired}{filled}.",
                t.by_model,
                t.turns,
                100.0 * t.share()
            ));
        }
    };
    side("user", driver.user());
    side("recommender", driver.recommender());
    let spent = driver.spent();
    let cost = if spent.cost > 0.0 { format!(", {:.4} in cost", spent.cost) } else { String::new() };
    lines.push(format!(
        "{} calls, {} + {} tokens{cost}, {:.1} s.",
        spent.calls,
        spent.prompt,
        spent.completion,
        spent.ms as f64 / 1000.0
    ));
    if let Some(said) = player.interview() {
        lines.push(format!(
            "Asked afterwards, it rates the session {} of 5. It stayed: {} It left: {}",
            said.rating, said.stay, said.leave
        ));
    }
    let session = player.session();
    for f in failure::look(session.turns(), session.world().shelf()).list {
        lines.push(format!("Turn {}: {}: {}", f.turn + 1, f.signature.title(), f.evidence));
    }
    let mut err = io::stderr();
    for line in lines {
        // Nobody left to tell is no reason to fail.
        let _ = writeln!(err, "{}", super::paint::safe(&line));
    }
}
