//! How OpenAI-compatible servers differ: one table, and where each is found.

use super::shape::clip;
use serde::{Deserialize, Serialize};

/// Which field carries the schema of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaField {
    /// `response_format: {type: "json_schema", json_schema: {schema}}`.
    JsonSchema,
    /// `response_format: {type: "json_object", schema}`.
    ObjectWithSchema,
    /// `response_format: {type: "json_object"}`: some JSON; the prompt alone says which.
    Object,
    /// None: the prompt alone asks for JSON.
    None,
}

/// What the limit of tokens is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitField {
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

/// What a server understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// Which field carries the schema.
    pub schema: SchemaField,
    /// Whether the schema must do without the greatest length of texts.
    pub plain_schema: bool,
    /// What the limit of tokens is called.
    pub limit: LimitField,
    /// Whether log-probabilities are given when asked for.
    pub logprobs: bool,
    /// The most alternatives of a token that may be asked for.
    pub most_logprobs: u8,
    /// Whether a temperature may be set (some reasoning models refuse one).
    pub temperature: bool,
    /// Whether a seed may be set.
    pub seed: bool,
    /// Whether a stream says its usage when asked to.
    pub stream_usage: bool,
}

impl Dialect {
    /// What most servers understand: where a probe starts from for an address that no preset knows.
    pub const COMMON: Self = Self {
        schema: SchemaField::JsonSchema,
        plain_schema: false,
        limit: LimitField::MaxTokens,
        logprobs: true,
        most_logprobs: 20,
        temperature: true,
        seed: true,
        stream_usage: true,
    };
}

/// A server that many people use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its short name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Where its `chat/completions` is, without that.
    pub base: &'static str,
    /// Whether it wants a key.
    pub key: bool,
    /// What a person does so that a page may call it; `{origin}` stands for the page's own address.
    pub allow: &'static str,
    /// Models to start with.
    pub models: &'static [&'static str],
    /// What it understands, to be confirmed by a [`Probe`](super::probe::Probe).
    pub dialect: Dialect,
}

/// The servers, hosted ones first.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "openai",
        title: "OpenAI",
        base: "https://api.openai.com/v1",
        key: true,
        allow: "OpenAI answers pages of any address; nothing has to be set.",
        models: &["gpt-4.1-mini", "gpt-4o-mini"],
        dialect: Dialect { plain_schema: true, limit: LimitField::MaxCompletionTokens, ..Dialect::COMMON },
    },
    Preset {
        name: "openrouter",
        title: "OpenRouter",
        base: "https://openrouter.ai/api/v1",
        key: true,
        allow: "OpenRouter answers pages of any address; nothing has to be set.",
        models: &["meta-llama/llama-4-maverick", "qwen/qwen3-32b", "google/gemini-2.5-pro"],
        dialect: Dialect { plain_schema: true, ..Dialect::COMMON },
    },
    Preset {
        name: "gemini",
        title: "Google Gemini",
        base: "https://generativelanguage.googleapis.com/v1beta/openai",
        key: true,
        allow: "Gemini answers pages of any address; nothing has to be set.",
        models: &["gemini-2.5-pro", "gemini-2.5-flash"],
        dialect: Dialect { plain_schema: true, logprobs: false, seed: false, ..Dialect::COMMON },
    },
    Preset {
        name: "mistral",
        title: "Mistral",
        base: "https://api.mistral.ai/v1",
        key: true,
        allow: "Mistral answers pages of any address; nothing has to be set.",
        models: &["mistral-small-latest", "mistral-large-latest"],
        dialect: Dialect { plain_schema: true, logprobs: false, seed: false, stream_usage: false, ..Dialect::COMMON },
    },
    Preset {
        name: "groq",
        title: "Groq",
        base: "https://api.groq.com/openai/v1",
        key: true,
        allow: "Groq answers pages of any address; nothing has to be set.",
        models: &["meta-llama/llama-4-scout-17b-16e-instruct", "qwen/qwen3-32b"],
        dialect: Dialect { schema: SchemaField::Object, plain_schema: true, logprobs: false, ..Dialect::COMMON },
    },
    Preset {
        name: "vllm",
        title: "vLLM",
        base: "http://localhost:8000/v1",
        key: false,
        allow: "Start it with: vllm serve MODEL --allowed-origins '[\"{origin}\"]'",
        models: &["Qwen/Qwen3-8B", "Qwen/Qwen3-Omni-30B-A3B-Instruct", "meta-llama/Llama-4-Scout-17B-16E-Instruct"],
        dialect: Dialect::COMMON,
    },
    Preset {
        name: "ollama",
        title: "Ollama",
        base: "http://localhost:11434/v1",
        key: false,
        allow: "Start it with: OLLAMA_ORIGINS={origin} ollama serve",
        models: &["qwen3:4b", "llama4:scout"],
        dialect: Dialect { logprobs: false, ..Dialect::COMMON },
    },
    Preset {
        name: "lm-studio",
        title: "LM Studio",
        base: "http://localhost:1234/v1",
        key: false,
        allow: "In LM Studio open Developer, Server Settings and switch on \"Enable CORS\".",
        models: &["qwen3-4b"],
        dialect: Dialect { logprobs: false, ..Dialect::COMMON },
    },
    Preset {
        name: "llama.cpp",
        title: "llama.cpp",
        base: "http://localhost:8080/v1",
        key: false,
        allow: "llama-server answers pages of any address; nothing has to be set.",
        models: &["default"],
        dialect: Dialect::COMMON,
    },
    Preset {
        name: "llama-cpp-python",
        title: "llama-cpp-python",
        base: "http://localhost:8000/v1",
        key: false,
        allow: "It answers pages of any address; nothing has to be set. For scored mode start it with --logits_all true.",
        models: &["default"],
        dialect: Dialect {
            schema: SchemaField::ObjectWithSchema,
            logprobs: false,
            stream_usage: false,
            ..Dialect::COMMON
        },
    },
];

/// The preset of that name.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|p| p.name == name)
}

/// The preset whose address this is, if any: the same host (and port).
#[must_use]
pub fn preset_at(url: &str) -> Option<&'static Preset> {
    let host = host(url)?;
    PRESETS.iter().find(|p| self::host(p.base).is_some_and(|h| h.eq_ignore_ascii_case(host)))
}

/// The host (with its port) of an address.
#[must_use]
pub fn host(url: &str) -> Option<&str> {
    let rest = url.trim().split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

/// Whether an address may be called: by https, or on this machine; other plain http only where the person said so.
///
/// # Errors
/// In words what is wrong with it and what to do.
pub fn check_address(url: &str, plain_http: bool) -> Result<(), String> {
    let url = url.trim();
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!("\"{}\" holds a space, which no web address does", clip(url, 80)));
    }
    let Some(host) = host(url) else {
        return Err(match host(&format!("http://{url}")) {
            Some(host) if is_here(host) => format!("\"{url}\" lacks its beginning: add http:// (http://{url})"),
            Some(host) if host.contains('.') && !url.contains(':') => {
                format!("\"{url}\" lacks its beginning: add https:// (https://{url})")
            }
            _ => format!("\"{url}\" is no web address; it must look like https://example.org/v1"),
        });
    };
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if scheme.eq_ignore_ascii_case("https") {
        return Ok(());
    }
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(format!("\"{url}\" must begin with https:// (or http:// for this machine)"));
    }
    if is_here(host) || plain_http {
        return Ok(());
    }
    Err(format!("{host} would be called over plain http, where anybody on the way can read the key; use https"))
}

/// Whether an address is over plain http.
#[must_use]
pub fn is_plain(url: &str) -> bool {
    url.trim().split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
}

/// Whether an address is on this machine.
#[must_use]
pub fn is_local(url: &str) -> bool {
    host(url).is_some_and(is_here)
}

/// Whether an address has parts that people put secrets into: a user's name and password, a query.
#[must_use]
pub fn may_hold_a_secret(url: &str) -> bool {
    url.contains(['@', '?', '#'])
}

/// Whether a host (with or without its port) is this machine.
fn is_here(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let name = host.split(if host.starts_with('[') { ']' } else { ':' }).next().unwrap_or(&host);
    name == "localhost" || name.ends_with(".localhost") || name == "[::1" || is_loopback(name)
}

/// Whether it is a whole IPv4 address in 127.0.0.0/8, and no name that merely begins like one.
fn is_loopback(name: &str) -> bool {
    name.parse::<core::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// The address of the chat completions under a base address, whether or not the person typed all of it.
#[must_use]
pub fn completions_url(base: &str) -> String {
    format!("{}{COMPLETIONS}", stem(base))
}

/// The address of the list of models beside them.
#[must_use]
pub fn models_url(base: &str) -> String {
    format!("{}/models", stem(base))
}

const COMPLETIONS: &str = "/chat/completions";

fn stem(base: &str) -> &str {
    let base = base.trim().trim_end_matches('/');
    base.strip_suffix(COMPLETIONS).unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_their_own_names_and_addresses_that_may_be_called() {
        for (i, p) in PRESETS.iter().enumerate() {
            assert!(PRESETS[..i].iter().all(|q| q.name != p.name));
            assert_eq!(check_address(p.base, false), Ok(()));
            assert!(!p.models.is_empty() && !p.allow.is_empty());
            assert_eq!(p.key, p.base.starts_with("https://"));
        }
    }

    #[test]
    fn keys_never_travel_in_the_open() {
        for good in ["https://a.example/v1", "http://localhost:80", "http://127.0.0.1:9/v1", "http://[::1]:8080/v1"] {
            assert_eq!(check_address(good, false), Ok(()), "{good}");
        }
        for bad in
            ["http://a.example/v1", "http://127.0.0.1.evil.example/", "http://localhost@evil.example/", "ftp://x", "x"]
        {
            assert!(check_address(bad, false).is_err(), "{bad}");
        }
        assert_eq!(check_address("http://192.168.1.5:8000/v1", true), Ok(()));
        for typed in [" http://localhost:80/v1\n", "HTTP://LocalHost:80", "Https://a.example/v1"] {
            assert_eq!(check_address(typed, false), Ok(()), "{typed:?}");
        }
        for (typed, told) in [
            ("localhost:11434", "add http:// (http://localhost:11434)"),
            ("127.0.0.1:8080/v1", "add http:// (http://127.0.0.1:8080/v1)"),
            ("api.example.org/v1", "add https:// (https://api.example.org/v1)"),
            ("HTTP://a.example/v1", "over plain http"),
            ("http://local host/v1", "holds a space"),
            ("nonsense", "no web address"),
        ] {
            let why = check_address(typed, false).expect_err("is refused");
            assert!(why.contains(told), "{typed}: {why}");
        }
    }

    #[test]
    fn addresses_are_told_apart_however_they_are_typed() {
        assert!(is_plain(" HTTP://a.example") && !is_plain("https://a.example") && !is_plain("a.example"));
        assert!(is_local("Http://LocalHost:80/v1") && is_local("https://127.0.0.1") && !is_local("http://192.168.1.5"));
        for secret in ["https://me:word@a.example/v1", "https://a.example/v1?key=k", "https://a.example/#k"] {
            assert!(may_hold_a_secret(secret), "{secret}");
        }
        assert!(!may_hold_a_secret("https://a.example/v1"));
    }

    #[test]
    fn addresses_are_completed_once() {
        assert_eq!(completions_url("http://localhost:1/v1/"), "http://localhost:1/v1/chat/completions");
        assert_eq!(completions_url("http://h/v1/chat/completions"), "http://h/v1/chat/completions");
        assert_eq!(models_url("http://h/v1/chat/completions"), "http://h/v1/models");
        assert_eq!(preset_at("https://api.openai.com/v1/").map(|p| p.name), Some("openai"));
        assert_eq!(preset_at(" HTTPS://API.openai.com/v1 ").map(|p| p.name), Some("openai"));
    }
}
