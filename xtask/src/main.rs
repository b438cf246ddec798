//! The project's build scripts: `cargo xtask setup | serve | build | test | bench | fmt`.

mod apt;
mod bench;
mod browser;
mod budget;
mod build;
mod count;
mod llm;
mod policy;
mod project;
mod serve;
mod setup;
mod shell;
mod start_script;
mod test;
mod wasm_std;

use anyhow::{Context as _, Result, bail};

use project::Project;
use setup::Need;

const HELP: &str = "\
cargo xtask COMMAND

  serve    set up what is missing, build the page, serve it and open a browser
             --port N    use this port (else the first free from 8080 on)
             --no-open   do not open a browser
             --no-build  serve dist/ as it is
             --connect ORIGIN  let the page speak to this host over plain http too, such as
                         http://192.168.1.5:11434 (may be given several times)
  test     set up, then run every stage of the tests
             --only STAGE   fmt, clippy, clippy-wasm, native, llm, long, browser, build, e2e or e2e-long
             --full         the long tests too
  build    set up, build the release page into dist/, check its size
             --connect ORIGIN  as above
  bench    the same workloads natively and in the page
             --native    natively only
  setup    only set up what is missing
  fmt      format the code";

fn main() {
    if let Err(error) = carry_out() {
        eprintln!("[xtask] {error:#}");
        std::process::exit(1);
    }
}

fn carry_out() -> Result<()> {
    let mut arguments = Arguments(std::env::args().skip(1).collect());
    let project = Project::find()?;
    let command = arguments.command();
    match command.as_deref() {
        Some("setup") => {
            arguments.finish()?;
            setup::ensure(&project, Need::Tests)
        }
        Some("build") => {
            let origins = arguments.values("--connect")?;
            arguments.finish()?;
            setup::ensure(&project, Need::Build)?;
            build::build(&project)?;
            policy::admit(&project, &origins)
        }
        Some("serve") => serve_page(&project, arguments),
        Some("test") => {
            let only = arguments.value("--only")?;
            let full = arguments.flag("--full");
            arguments.finish()?;
            test::test(&project, only.as_deref(), full)
        }
        Some("bench") => {
            let native_only = arguments.flag("--native");
            arguments.finish()?;
            bench::bench(&project, native_only)
        }
        Some("fmt") => {
            arguments.finish()?;
            shell::run(project.command("cargo").args(["fmt", "--all"]))
        }
        None | Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}

fn serve_page(project: &Project, mut arguments: Arguments) -> Result<()> {
    let port = arguments.value("--port")?;
    let port = port.map(|text| text.parse::<u16>().with_context(|| format!("`{text}` is not a port (0 to 65535)")));
    let port = port.transpose()?;
    let (quiet, built) = (arguments.flag("--no-open"), arguments.flag("--no-build"));
    let origins = arguments.values("--connect")?;
    arguments.finish()?;
    if !built {
        setup::ensure(project, Need::Build)?;
        build::ensure_built(project)?;
    }
    if !built || !origins.is_empty() {
        policy::admit(project, &origins)?;
    }
    let options = serve::Options { port, prefix: String::new(), isolated: true };
    let server = serve::start(project, &options)?;
    shell::say(format!("RecoWorld is at {} (stop with Ctrl+C)", server.address));
    if !quiet {
        serve::open(&server.address);
    }
    server.wait();
    Ok(())
}

/// What was typed, taken word by word.
struct Arguments(Vec<String>);

impl Arguments {
    fn command(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    fn flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|word| word == name);
        at.map(|at| self.0.remove(at)).is_some()
    }

    fn value(&mut self, name: &str) -> Result<Option<String>> {
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if at + 1 >= self.0.len() {
            bail!("{name} needs a value");
        }
        self.0.remove(at);
        Ok(Some(self.0.remove(at)))
    }

    fn values(&mut self, name: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        while let Some(value) = self.value(name)? {
            all.push(value);
        }
        Ok(all)
    }

    fn finish(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => bail!("`{word}` is not understood here\n\n{HELP}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_once_and_what_is_left_is_refused() {
        let words = ["test", "--only", "fmt", "--full", "--fast"].map(String::from);
        let mut arguments = Arguments(words.to_vec());
        assert_eq!(arguments.command().as_deref(), Some("test"));
        assert_eq!(arguments.value("--only").expect("has one").as_deref(), Some("fmt"));
        assert!(arguments.flag("--full") && !arguments.flag("--full"));
        assert!(arguments.finish().is_err());
        assert!(Arguments(vec!["--port".into()]).value("--port").is_err());
        let two = ["--connect", "a", "--connect", "b"].map(String::from).to_vec();
        assert_eq!(Arguments(two).values("--connect").expect("has two"), ["a", "b"]);
    }
}
