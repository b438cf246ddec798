//! What models a server has, and what they cost where it says so: the answer to `GET …/models`.

use super::budget::Prices;
use serde::Deserialize;
use serde_json::Value;

/// The longest list that is read, bytes.
const MOST_BYTES: usize = 16 << 20;
/// The most models of a list that are heeded.
const MOST: usize = 2000;
/// The longest name of a model that is heeded, bytes.
const MOST_NAME: usize = 200;

/// A model of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its name, as the server is asked for it.
    pub name: String,
    /// Its prices, where the server tells them (OpenRouter does, per token, in US dollars).
    pub prices: Option<Prices>,
}

/// Reads a server's list. What is no list is an empty one: nothing depends on it.
#[must_use]
pub fn read(text: &str) -> Vec<Listed> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Value>,
    }
    if text.len() > MOST_BYTES {
        return Vec::new();
    }
    let list = serde_json::from_str::<List>(text).map_or_else(|_| Vec::new(), |list| list.data);
    list.iter().filter_map(one).take(MOST).collect()
}

fn one(model: &Value) -> Option<Listed> {
    let name = model.get("id")?.as_str()?;
    let fits = !name.is_empty() && name.len() <= MOST_NAME && !name.contains(char::is_control);
    fits.then(|| Listed { name: name.to_owned(), prices: model.get("pricing").and_then(prices) })
}

/// Prices of a million tokens from those of one.
fn prices(of: &Value) -> Option<Prices> {
    let price = |field: &str| {
        let value = of.get(field)?;
        let price = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
        // OpenRouter writes -1 where the price depends on what is asked.
        (price.is_finite() && price >= 0.0).then(|| round(price * 1e6))
    };
    Some(Prices { prompt: price("prompt")?, cached: price("input_cache_read"), completion: price("completion")? })
}

/// Without the digits that a product of decimal fractions brings along.
fn round(price: f64) -> f64 {
    (price * 1e6).round() / 1e6
}

/// A few of the names, the likest to the wanted one first, in words; empty where there are none.
#[must_use]
pub fn in_words(models: &[Listed], wanted: &str) -> String {
    const SHOWN: usize = 5;
    let likeness = |name: &str| {
        let (name, wanted) = (name.to_lowercase(), wanted.to_lowercase());
        let parts = wanted.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty());
        parts.filter(|p| name.contains(p)).map(str::len).sum::<usize>()
    };
    let mut names: Vec<&str> = models.iter().map(|m| m.name.as_str()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(likeness(name)));
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => String::new(),
        n if n > SHOWN => format!("It has {shown} and {} more.", n - SHOWN),
        _ => format!("It has {shown}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_read_with_their_prices_for_a_million_tokens_where_there_are_any() {
        let text = r#"{"object":"list","data":[
            {"id":"a/cheap","pricing":{"prompt":"0.0000001","completion":"0.0000004","input_cache_read":"0.00000002"}},
            {"id":"a/auto","pricing":{"prompt":"-1","completion":"-1"}},
            {"id":"plain","object":"model"},
            {"id":7},{"no":"id"}]}"#;
        let list = read(text);
        assert_eq!(list.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["a/cheap", "a/auto", "plain"]);
        assert_eq!(list[0].prices, Some(Prices { prompt: 0.1, cached: Some(0.02), completion: 0.4 }));
        assert_eq!((list[1].prices, list[2].prices), (None, None));
    }

    #[test]
    fn what_is_no_list_is_an_empty_one() {
        for text in ["", "<html>", "[]", r#"{"data":{}}"#, r#"{"data":[{"id":""}]}"#, "{\"data\":[{\"id\":\"a\\nb\"}]}"]
        {
            assert_eq!(read(text), []);
        }
    }

    #[test]
    fn the_likest_names_are_told_first() {
        let named = |name: &str| Listed { name: name.into(), prices: None };
        let list = ["x/one", "x/two", "qwen/qwen3-32b", "x/three", "x/four", "x/five"].map(named);
        assert_eq!(in_words(&list, "qwen3"), "It has qwen/qwen3-32b, x/one, x/two, x/three, x/four and 1 more.");
        assert_eq!(in_words(&list[..1], "y"), "It has x/one.");
        assert_eq!(in_words(&[], "y"), "");
    }
}
