//! `cargo xtask serve`: dist/ over HTTP on this machine only.

use anyhow::{Context as _, Result, anyhow, bail};
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server};

use crate::project::Project;
use crate::shell::{is_set, say};

const THREADS: usize = 4;
/// How many ports after a taken one are tried when the person named none.
const TRIES: u16 = 20;
const USUAL_PORT: u16 = 8080;

/// How dist/ is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The port; without one the first free from 8080 on, and 0 for any.
    pub port: Option<u16>,
    /// The folder of the host that the page appears in, such as `/some/folder`; empty for its root.
    pub prefix: String,
    /// Whether to send the headers that make the page cross-origin isolated. Many static hosts
    /// cannot, so tests leave them out.
    pub isolated: bool,
}

/// A running server; it stops when the program does.
pub struct Running {
    /// Where the page is, with a slash at the end.
    pub address: String,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Running {
    /// Serves until the program is ended.
    pub fn wait(self) {
        for thread in self.threads {
            // A thread only ends by a panic, which has been printed.
            let _ = thread.join();
        }
    }
}

/// Starts serving dist/ in threads of its own.
///
/// # Errors
/// When dist/ is missing or no port can be had.
pub fn start(project: &Project, options: &Options) -> Result<Running> {
    let root = project.dist();
    if !root.join("index.html").is_file() {
        bail!("there is no built page yet; run `cargo xtask build` first");
    }
    let server = Arc::new(listen(options.port)?);
    let port = server.server_addr().to_ip().context("the server has no port")?.port();
    let site = Arc::new(Site { root, options: options.clone() });
    let threads = (0..THREADS).map(|_| {
        let (server, site) = (Arc::clone(&server), Arc::clone(&site));
        std::thread::spawn(move || {
            while let Ok(request) = server.recv() {
                // A reader who went away is no fault of the server.
                let _ = site.answer(request);
            }
        })
    });
    Ok(Running { threads: threads.collect(), address: format!("http://127.0.0.1:{port}{}/", options.prefix) })
}

/// Shows an address in the person's browser where there is a desktop.
pub fn open(address: &str) {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        Command::new("xdg-open")
    } else {
        return;
    };
    if command.arg(address).spawn().is_err() {
        say("no browser could be opened; open the address above yourself");
    }
}

fn listen(port: Option<u16>) -> Result<Server> {
    let try_port = |port: u16| Server::http(("127.0.0.1", port));
    if let Some(port) = port {
        return try_port(port)
            .map_err(|error| anyhow!("port {port} cannot be used ({error}); choose another with --port"));
    }
    (USUAL_PORT..USUAL_PORT + TRIES).find_map(|port| try_port(port).ok()).with_context(|| {
        let last = USUAL_PORT + TRIES - 1;
        format!("all ports from {USUAL_PORT} to {last} are taken; choose another with --port")
    })
}

struct Site {
    root: PathBuf,
    options: Options,
}

impl Site {
    fn answer(&self, request: Request) -> std::io::Result<()> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return request.respond(Response::from_string("Only GET and HEAD").with_status_code(405));
        }
        let url = request.url().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let file = relative(path, &self.options.prefix).map(|relative| self.root.join(relative));
        let file = file.map(|f| if f.is_dir() { f.join("index.html") } else { f });
        let opened = file.and_then(|path| File::open(&path).ok().map(|file| (path, file)));
        let Some((path, file)) = opened else {
            return request.respond(Response::from_string("Not found").with_status_code(404));
        };
        let mut response = Response::from_file(file);
        response.add_header(header("Content-Type", content_type(&path)));
        response.add_header(header("Cache-Control", caching(&path, query)));
        response.add_header(header("X-Content-Type-Options", "nosniff"));
        if self.options.isolated {
            response.add_header(header("Cross-Origin-Opener-Policy", "same-origin"));
            response.add_header(header("Cross-Origin-Embedder-Policy", "require-corp"));
        }
        request.respond(response)
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("the server's own headers are plain text")
}

/// The file that an address names, relative to dist/; `None` when it is outside.
fn relative(path: &str, prefix: &str) -> Option<PathBuf> {
    let rest = path.strip_prefix(prefix)?.strip_prefix('/')?;
    let name = PathBuf::from(decoded(rest)?);
    let inside = name.components().all(|part| matches!(part, Component::Normal(_)));
    inside.then_some(name)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(path: &Path) -> &'static str {
    let kind = path.extension().and_then(|e| e.to_str());
    match kind.unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A file whose address names its contents never changes; any other is asked for each time.
fn caching(path: &Path, query: &str) -> &'static str {
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    let stem = stem.trim_end_matches("_bg");
    let hash = stem.rsplit_once('-').map(|(_, hash)| hash);
    let hashed = hash.is_some_and(|h| h.len() >= 12 && h.chars().all(|c| c.is_ascii_hexdigit()));
    if hashed || query.starts_with("v=") && query != "v=dev" {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_inside_the_served_folder() {
        let file = |path| relative(path, "/sub");
        assert_eq!(file("/sub/"), Some(PathBuf::new()));
        assert_eq!(file("/sub/a%20b.js"), Some(PathBuf::from("a b.js")));
        for outside in ["/a.js", "/sub", "/sub/../a.js", "/sub/%2e%2e/a.js", "/sub//etc/hosts", "/sub/%zz", "/sub/%2"] {
            assert_eq!(file(outside), None, "{outside}");
        }
    }

    #[test]
    fn only_addresses_that_name_their_contents_are_kept() {
        let kept = |name, query| caching(Path::new(name), query).contains("immutable");
        assert!(kept("recoworld-2f4cbb26e86c5a26_bg.wasm", ""));
        assert!(kept("worker.js", "v=0123456789ab"));
        assert!(!kept("worker.js", ""));
        assert!(!kept("worker.js", "v=dev"));
        assert!(!kept("index.html", ""));
        assert!(!kept("some-name.js", ""));
    }
}
