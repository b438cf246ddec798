//! A stand-in for a model: answers every question as a willing model would, or with the faults asked for.

use recoworld::{
    cli::llm_play::Line,
    llm::{
        chat::{Reply, Role, TokenScore},
        exchange::Call,
        fault::Fault,
        task::Purposed,
    },
    math::{Purpose, Source, Stream},
};

/// The stand-in.
pub struct Fake {
    pub random: Stream,
    pub now: u64,
    /// The first answer to each question is of the wrong form.
    pub bad_first: bool,
    /// All answers are.
    pub always_bad: bool,
    /// Slates hold numbers that are on no list.
    pub invent: bool,
    /// The share of calls that fail.
    pub faults: f32,
}

impl Fake {
    pub fn good(seed: u64) -> Self {
        let random = Source::new(seed).stream(Purpose::Other);
        Self { random, now: 0, bad_first: false, always_bad: false, invent: false, faults: 0.0 }
    }

    fn fault(&mut self) -> Fault {
        let said = String::new();
        match self.random.below(7) {
            0 => Fault::Refused { said },
            1 => Fault::Slow { after_ms: 1000 },
            2 => Fault::Busy { wait_ms: Some(2000) },
            3 => Fault::Busy { wait_ms: None },
            4 => Fault::Server { status: 503, said },
            5 => Fault::Cut,
            _ => Fault::Garbage { said },
        }
    }
}

impl Line for Fake {
    fn call(&mut self, call: &Call) -> (Result<Reply, Fault>, u64) {
        self.now += 40;
        if self.random.chance(self.faults) {
            return (Err(self.fault()), 40);
        }
        let repair = call.request.messages.last().is_some_and(|m| m.content.starts_with("That cannot be used"));
        let written = call.request.shape.is_some();
        if written && (self.always_bad || self.bad_first && !repair) && call.purpose != Purposed::Interview {
            return (Ok(Reply { text: "Gladly! {\"items\": []}".into(), ..Reply::default() }), 40);
        }
        if self.invent && call.purpose == Purposed::Choose {
            let list = numbers(call);
            let text = format!(r#"{{"why":"a","slate":[{},999999,{}],"remember":"b"}}"#, list[0], list[0]);
            return (Ok(Reply { text, ..Reply::default() }), 40);
        }
        (answer(call, self.random.bits()), 40)
    }

    fn now(&mut self) -> u64 {
        self.now
    }

    fn wait(&mut self, until_ms: u64) {
        self.now = self.now.max(until_ms);
    }
}

/// The numbers on the list to choose from.
fn numbers(call: &Call) -> Vec<u32> {
    let text =
        &call.request.messages.iter().rev().find(|m| m.content.contains("Choose the slate")).expect("asks").content;
    text.lines().filter_map(|l| l.split_once(": \"")?.0.parse().ok()).collect()
}

/// A willing answer.
pub fn answer(call: &Call, luck: u64) -> Result<Reply, Fault> {
    let users = call.request.messages.iter().rev().filter(|m| m.role == Role::User);
    let last = &users.into_iter().find(|m| !m.content.starts_with("That cannot be used")).expect("asks").content;
    let text = match call.purpose {
        Purposed::React => react(call, luck),
        Purposed::Score | Purposed::Decide => return Ok(score(last)),
        Purposed::Instruct | Purposed::Check => {
            r#"{"channel":"explicit","specificity":"specific","words":"Enough cooking, show me travel."}"#.into()
        }
        Purposed::Interview => r#"{"stay":"It was fun.","leave":"I had to go.","rating":4}"#.into(),
        Purposed::Step => {
            let first = !call.request.messages.iter().any(|m| m.content.contains("more steps"));
            let tool = if first { "search" } else { "slate" };
            format!(r#"{{"why":"looks fit","tool":"{tool}","words":"travel","topic":"any","minutes":0,"item":0}}"#)
        }
        Purposed::Choose => {
            let wanted =
                last.split("Choose the slate: ").nth(1).and_then(|t| t.split(' ').next()).and_then(|n| n.parse().ok());
            let chosen: Vec<String> =
                numbers(call).iter().take(wanted.expect("says how many")).map(u32::to_string).collect();
            format!(r#"{{"why":"varied","slate":[{}],"remember":"likes travel"}}"#, chosen.join(","))
        }
        Purposed::Probe | Purposed::Read => "{}".into(),
    };
    Ok(Reply { text, ..Reply::default() })
}

fn react(call: &Call, luck: u64) -> String {
    let text = &call.request.messages[1].content;
    let n: usize = text
        .split("Slate of ")
        .nth(1)
        .and_then(|t| t.split(':').next())
        .and_then(|n| n.parse().ok())
        .expect("says how many");
    let items: Vec<String> = (0..n)
        .map(|i| {
            let (action, watched) = [("skip", 0), ("watch", 60), ("like", 90), ("click", 10)][(luck as usize >> i) % 4];
            format!(r#"{{"action":"{action}","watched":{watched},"reason":"reason {i}"}}"#)
        })
        .collect();
    format!(
        r#"{{"items":[{}],"mindset":{{"wants":"Travel","satisfaction":6,"boredom":3}},"leave":{},"instruction":{{"channel":"{}","specificity":"specific","words":"{}"}}}}"#,
        items.join(","),
        luck.is_multiple_of(97),
        ["none", "explicit"][(luck.is_multiple_of(5)) as usize],
        if luck.is_multiple_of(5) { "More travel, please." } else { "" }
    )
}

/// Likes one meaning, and the letter A a little too much.
fn score(question: &str) -> Reply {
    let mut top: Vec<(String, f32)> = Vec::new();
    for line in question.lines() {
        let Some((letter, meaning)) = line.split_once(") ").filter(|l| l.0.len() == 1) else { continue };
        let mut p: f32 =
            if meaning.contains("stays for most") || meaning.contains("goes on to the next") { 0.5 } else { 0.05 };
        if question.contains("N/A") {
            p = 0.1;
        }
        top.push((format!(" {letter}"), recoworld::math::ln(p)));
    }
    Reply { text: "A".into(), tokens: vec![TokenScore { token: " A".into(), top }], ..Reply::default() }
}
