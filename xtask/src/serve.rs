//! `cargo xtask serve`: dist/ over HTTP on this machine only.

use anyhow::{Context as _, Result, anyhow, bail};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use tokio::runtime::Runtime;
use tower_http::services::ServeDir;

use crate::project::Project;
use crate::shell::{is_set, say};

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

/// A running server; it stops when this is dropped.
pub struct Running {
    /// Where the page is, with a slash at the end.
    pub address: String,
    runtime: Runtime,
}

impl Running {
    /// Serves until the program is ended.
    pub fn wait(self) {
        self.runtime.block_on(std::future::pending())
    }
}

/// Starts serving dist/ in the background.
///
/// # Errors
/// When dist/ is missing or no port can be had.
pub fn start(project: &Project, options: &Options) -> Result<Running> {
    let root = project.dist();
    if !root.join("index.html").is_file() {
        bail!("there is no built page yet; run `cargo xtask build` first");
    }
    start_at(&root, options)
}

fn start_at(root: &Path, options: &Options) -> Result<Running> {
    let listener = listen(options.port)?;
    let port = listener.local_addr().context("the server has no port")?.port();
    listener.set_nonblocking(true).context("the server's port cannot be shared")?;
    let runtime = Runtime::new().context("the server cannot start its threads")?;
    let site = site(root, options);
    runtime.spawn(async move {
        let served = async { axum::serve(tokio::net::TcpListener::from_std(listener)?, site).await };
        if let Err(error) = served.await {
            say(format!("the server stopped: {error}"));
        }
    });
    Ok(Running { address: format!("http://127.0.0.1:{port}{}/", options.prefix), runtime })
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

fn listen(port: Option<u16>) -> Result<TcpListener> {
    let try_port = |port: u16| TcpListener::bind(("127.0.0.1", port));
    if let Some(port) = port {
        return try_port(port)
            .map_err(|error| anyhow!("port {port} cannot be used ({error}); choose another with --port"));
    }
    (USUAL_PORT..USUAL_PORT + TRIES).find_map(|port| try_port(port).ok()).with_context(|| {
        let last = USUAL_PORT + TRIES - 1;
        format!("all ports from {USUAL_PORT} to {last} are taken; choose another with --port")
    })
}

fn site(root: &Path, options: &Options) -> Router {
    let files =
        Router::new().fallback_service(ServeDir::new(root)).layer(from_fn_with_state(options.isolated, with_headers));
    if options.prefix.is_empty() { files } else { Router::new().nest_service(&options.prefix, files) }
}

async fn with_headers(State(isolated): State<bool>, request: Request, next: Next) -> Response {
    let caching = caching(request.uri());
    let mut response = next.run(request).await;
    if response.status().is_client_error() {
        return response;
    }
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, caching);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if isolated {
        set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        // The stricter `require-corp` would keep the page from telling a server that is not there from one that lets no page
        // read it.
        set(headers, HeaderName::from_static("cross-origin-embedder-policy"), "credentialless");
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// A file whose address names its contents never changes; any other is asked for each time.
fn caching(address: &Uri) -> &'static str {
    let query = address.query().unwrap_or_default();
    let stem = Path::new(address.path()).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
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
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    /// More connections than a browser opens at once, each kept open after its answer.
    const BURST: usize = 24;

    struct Folder {
        path: std::path::PathBuf,
        server: Running,
    }

    impl Folder {
        fn served(name: &str, prefix: &str, isolated: bool) -> Self {
            let path = std::env::temp_dir().join(format!("recoworld-serve-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("index.html"), "<p>the page</p>").unwrap();
            std::fs::write(path.join("a b.wasm"), "\0asm").unwrap();
            let options = Options { port: Some(0), prefix: prefix.to_owned(), isolated };
            let server = start_at(&path, &options).unwrap();
            Self { path, server }
        }

        fn connect(&self) -> TcpStream {
            let host = self.server.address.trim_start_matches("http://").split('/').next().unwrap();
            let stream = TcpStream::connect(host).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stream
        }

        fn ask(&self, request: &str) -> String {
            let mut stream = self.connect();
            answer(&mut stream, request)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }

    /// The head and the body's beginning; the connection stays open.
    fn answer(stream: &mut TcpStream, request: &str) -> String {
        write!(stream, "{request} HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
        let mut bytes = [0; 4096];
        let mut text = String::new();
        while !text.contains("\r\n\r\n") {
            let read = stream.read(&mut bytes).unwrap();
            assert!(read > 0, "the server closed the connection after {text:?}");
            text += &String::from_utf8_lossy(&bytes[..read]);
        }
        text.to_ascii_lowercase()
    }

    #[test]
    fn a_burst_of_connections_that_stay_open_is_answered_whole() {
        let folder = Folder::served("burst", "", false);
        let mut open: Vec<_> = (0..BURST).map(|_| folder.connect()).collect();
        for stream in &mut open {
            assert!(answer(stream, "GET /index.html").starts_with("http/1.1 200"));
        }
    }

    #[test]
    fn files_are_found_under_the_prefix_and_nowhere_else() {
        let folder = Folder::served("prefix", "/some/folder", false);
        assert!(folder.ask("GET /some/folder/").contains("content-type: text/html"));
        assert!(folder.ask("GET /some/folder/a%20b.wasm").contains("content-type: application/wasm"));
        for outside in ["/index.html", "/some/folder/nothing.js", "/some/folder/%2e%2e/", "/some/folder//etc/hosts"] {
            assert!(folder.ask(&format!("GET {outside}")).starts_with("http/1.1 404"), "{outside}");
        }
        assert!(folder.ask("POST /some/folder/index.html").starts_with("http/1.1 405"));
    }

    #[test]
    fn the_page_is_isolated_only_where_that_is_asked_for() {
        let isolated = |asked: bool| {
            let folder = Folder::served(if asked { "isolated" } else { "plain" }, "", asked);
            folder.ask("HEAD /").contains("cross-origin-opener-policy: same-origin")
        };
        assert!(isolated(true));
        assert!(!isolated(false));
    }

    #[test]
    fn only_addresses_that_name_their_contents_are_kept() {
        let kept = |address: &'static str| caching(&Uri::from_static(address)).contains("immutable");
        assert!(kept("/recoworld-2f4cbb26e86c5a26_bg.wasm"));
        assert!(kept("/worker.js?v=0123456789ab"));
        for changing in ["/worker.js", "/worker.js?v=dev", "/index.html", "/", "/some-name.js"] {
            assert!(!kept(changing), "{changing}");
        }
    }
}
