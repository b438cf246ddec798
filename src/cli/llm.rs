//! Sessions with a language model, and its report card.

use super::{
    Done, Found, Problem,
    args::{SessionArgs, Table},
    catalog,
    llm_args::{CardArgs, How, LlmArgs, ModelArgs, Part},
    llm_http::Server,
    llm_play::{self, Line, Network, Replayed},
    llm_tape::{Resumed, TapeFile, Taping},
    load::{self, Stage},
    paint::Paint,
    progress::Progress,
    remote::Remote,
    said,
    session::{Printer, player},
};
use crate::{
    chart::text::count,
    lab::export,
    llm::{
        battery::Battery,
        budget::{Budget, Prices},
        card::Check,
        dialect::{self, Dialect, PRESETS, Preset, preset, preset_at},
        driver::{Driver, Held, Tally},
        failure,
        fault::Fault,
        secret::{self, Secret},
        settings::{Mode, Settings},
        tape::{MOST_BYTES, Tape},
    },
    scenario::{CatalogSpec, Representation},
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
    let resumed = args.llm.resume_tape.as_deref().map(read_tape).transpose()?;
    let stage = match &resumed {
        Some(tape) => stage_of(args, tape)?,
        None => load::stage(&args.run)?,
    };
    let settings = match &resumed {
        Some(tape) => {
            let now = settings(&args.llm)?;
            Settings { budget: now.budget, timeout_ms: now.timeout_ms, ..tape.settings.clone() }
        }
        None => settings(&args.llm)?,
    };
    if settings.sees && stage.scenario.representation != Representation::Multimodal {
        return Err(said(
            "--sees shows pictures, which only the representation of text and picture has. Add --set \
             representation=multimodal.",
        ));
    }
    may_serve(args, &settings)?;
    let file = args.llm.tape_out.as_deref().map(TapeFile::open).transpose()?;
    let (server, preset) = connect(&args.llm.model)?;
    if let Some(tape) = resumed.as_ref().filter(|t| t.model != server.model()) {
        return Err(said(format!("--resume-tape: the session was played with {}. Use --model {0}.", tape.model)));
    }
    if settings.user && settings.mode == Mode::Scored && !server.dialect.logprobs {
        return Err(said(
            "This server gives no log-probabilities, which scored mode needs. Use --llm-mode written (or start \
             llama-cpp-python with --logits_all true).",
        ));
    }
    let mut tape = Tape::new(server.model(), &stage.scenario, &settings);
    let (mut player, remote) = player(args, &stage)?;
    let mut driver = Driver::new(settings);
    let mut shown = Shown::new(args, &stage, remote, out);
    shown.tape = file.as_ref();
    let network = Network::new(&server);
    let line: &mut dyn Line = match resumed {
        Some(before) => &mut Resumed::new(before, network),
        None => &mut { network },
    };
    let mut taping = Taping { line, tape: &mut tape, file: file.as_ref(), secret: server.secret() };
    let ended = shown.play(&mut player, &mut driver, &mut taping);
    // What was exchanged is kept also where the session could not go on; a tape that was not played to its end stays whole.
    let stays = |f: &TapeFile| taping.line.replays() && args.llm.resume_tape.as_deref().is_some_and(|r| f.is(r));
    let writes = file.as_ref().filter(|f| !stays(f));
    let kept = writes.map_or(Ok(()), |f| f.finish(&tape, server.secret()));
    let done = shown.end(&player, &driver, ended, preset);
    kept.and(done)
}

fn from_tape(args: &SessionArgs, file: &Path, out: &mut dyn Write) -> Done {
    let tape = read_tape(file)?;
    let stage = stage_of(args, &tape)?;
    may_serve(args, &tape.settings)?;
    let (mut player, remote) = player(args, &stage)?;
    let mut driver = Driver::new(tape.settings.clone());
    let mut shown = Shown::new(args, &stage, remote, out);
    let ended = shown.play(&mut player, &mut driver, &mut Replayed::new(&tape));
    shown.end(&player, &driver, ended, None)
}

fn read_tape(file: &Path) -> Result<Tape, Problem> {
    let bytes = load::read(file, MOST_BYTES)?;
    let here = |what: &dyn std::fmt::Display| said(format!("{}: {what}.", file.display()));
    let text = String::from_utf8(bytes).map_err(|_| here(&"it is not UTF-8 text"))?;
    Tape::from_json(&text).map_err(|e| here(&e))
}

/// What the session on a tape is played in.
fn stage_of(args: &SessionArgs, tape: &Tape) -> Result<Stage, Problem> {
    if args.run.catalog.is_some() && !matches!(tape.scenario.catalog, CatalogSpec::Imported { .. }) {
        return Err(said("--catalog: the session on the tape is over items that ship. Leave it out."));
    }
    let imported = args.run.catalog.as_deref().map(catalog::read).transpose()?;
    load::built_seeing(tape.scenario.clone(), imported, args.run.pictures.as_deref())
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

/// The report card of a model.
pub fn card(args: &CardArgs, out: &mut dyn Write) -> Done {
    let (server, preset) = connect(&args.model)?;
    let settings = asking(&args.model)?;
    let mut check = Check::new(server.model(), &settings);
    answer_all(&mut check, &server, preset)?;
    let card = check.card();
    if args.json {
        serde_json::to_writer(&mut *out, &card)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", card.to_text())?;
    }
    Ok(if card.passed() { Found::Good } else { Found::Bad })
}

/// How a model is asked apart from any session.
pub(super) fn asking(args: &ModelArgs) -> Result<Settings, Problem> {
    let budget = Budget { prices: prices(args)?, ..Budget::default() };
    Ok(Settings { budget, timeout_ms: args.timeout * 1000, ..Settings::default() })
}

/// Has a server answer all of a battery's questions.
pub(super) fn answer_all(battery: &mut dyn Battery, server: &Server, preset: Option<&Preset>) -> Result<(), Problem> {
    let mut progress = Progress::new("calls answered");
    let mut tell = |done, all| progress.tell(done as u32, all as u32);
    let answered = llm_play::answer_all(battery, &mut Network::new(server), &mut tell);
    progress.end();
    answered.map_err(|held| stopped(&held, preset))
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
            Ok(key) if !key.trim().is_empty() => match secret::check(&key) {
                Ok(()) => Ok(Secret::new(&key)),
                Err(why) => Err(said(format!("--key-env {name}: {why}. Copy the key anew, and nothing else."))),
            },
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(said(format!("--key-env {name}: the key holds a letter that no key has. Copy the key anew.")))
            }
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
    let named = named.trim();
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
        debias: args.debias.into(),
        score_temperature: args.score_temperature,
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
        Held::Fault(fault) => format!("{} {}", fault.words(), fix(fault, preset)),
        Held::Budget(words) => words.clone(),
    })
}

/// What to do about a fault, where the program ends with it.
pub(super) fn fix(fault: &Fault, preset: Option<&Preset>) -> String {
    match fault {
        Fault::Busy { wait_ms: Some(_) } => "Wait that long, and run it again.".to_owned(),
        Fault::Busy { wait_ms: None } => {
            "It was tried again several times. Wait a few minutes, and run it again, or use another model.".to_owned()
        }
        other => other.fix(preset, "this program"),
    }
}

/// A session as it is printed while it plays.
struct Shown<'a> {
    args: &'a SessionArgs,
    print: Printer<'a>,
    /// A recommender of the person's own, where one serves.
    remote: Option<Remote>,
    /// Where the tape is written, if anywhere.
    tape: Option<&'a TapeFile>,
    out: &'a mut dyn Write,
    printed: usize,
    failed: Option<io::Error>,
}

impl<'a> Shown<'a> {
    fn new(args: &'a SessionArgs, stage: &'a Stage, remote: Option<Remote>, out: &'a mut dyn Write) -> Self {
        let print = Printer { stage, paint: Paint::stdout() };
        Self { args, print, remote, tape: None, out, printed: 0, failed: None }
    }

    fn is_live(&self) -> bool {
        !self.args.json && self.args.csv.is_none()
    }

    fn play(&mut self, player: &mut Player, driver: &mut Driver, line: &mut dyn Line) -> Result<(), Held> {
        if self.is_live() {
            self.failed = self.print.head(self.out).err();
        }
        let most = self.args.turns.unwrap_or(u32::MAX) as usize;
        if most == 0 {
            return Ok(());
        }
        let mut each = |player: &Player, _: &Driver| {
            let session = player.session();
            // A turn is finished with its verdict, before anything is asked for the next one.
            let over = session.end().is_some();
            let finished = if over { session.turns().len() } else { session.turn() as usize };
            if finished > self.printed {
                self.printed = finished;
                self.tell_turn(player);
            }
            let kept = self.tape.is_none_or(TapeFile::is_well);
            (over || finished < most) && self.failed.is_none() && kept && self.served().is_ok()
        };
        llm_play::play_while(player, driver, line, None, &mut each)
    }

    /// What went wrong with a recommender of the person's own.
    fn served(&self) -> Done {
        self.remote.as_ref().map_or(Ok(()), Remote::check).map(|()| Found::Good)
    }

    fn tell_turn(&mut self, player: &Player) {
        if self.is_live() {
            let told = self.print.newest(player, self.printed, self.out).and_then(|()| self.out.flush());
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
        let Err(held) = ended else { return Ok(Found::Good) };
        let why = stopped(&held, preset);
        Err(match (why, self.tape) {
            (Problem::Said(why), Some(file)) => said(format!(
                "{why} What was answered is on {}: --resume-tape {0} goes on from there.",
                file.named.display()
            )),
            (why, _) => why,
        })
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
            let filled = match t.filled {
                0 => String::new(),
                1 => "; 1 place was filled for it".to_owned(),
                n => format!("; {n} places were filled for it"),
            };
            lines.push(format!(
                "The model answered {} of {} itself as the {name} ({:.0} %){repaired}{filled}.",
                t.by_model,
                count(t.turns as usize, "turn"),
                100.0 * t.share()
            ));
        }
    };
    side("user", driver.user());
    side("recommender", driver.recommender());
    let spent = driver.spent();
    let cost = if spent.cost > 0.0 { format!(", {:.4} in cost", spent.cost) } else { String::new() };
    let failed = if spent.failed > 0 { format!(" ({} without an answer)", spent.failed) } else { String::new() };
    let estimated = match spent.estimated {
        0 => String::new(),
        n if n == spent.tokens() => " (estimated)".to_owned(),
        n => format!(" ({n} of them estimated)"),
    };
    lines.push(format!(
        "{}{failed}, {} + {} tokens{estimated}{cost}, {:.1} s.",
        count(spent.calls as usize, "call"),
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
