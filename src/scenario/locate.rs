//! Where each field of a JSON text is, so that an error can name its line and column.

/// Walks valid JSON and tells `visit` of each member: its dotted path and the byte at which its key begins.
/// `visit` returns false to stop.
pub(super) fn members(text: &str, visit: &mut dyn FnMut(&str, usize) -> bool) {
    let mut walk = Walk { bytes: text.as_bytes(), text, at: 0, visit, going: true };
    walk.value(&mut String::new());
}

/// Line and column, from 1, of a byte; columns count characters.
pub(super) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// The place of the field with that path, or of the deepest parent that is there.
pub(super) fn find(text: &str, path: &str) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    members(text, &mut |p, byte| {
        let parent = path.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if parent && best.is_none_or(|(length, _)| p.len() > length) {
            best = Some((p.len(), byte));
        }
        p != path
    });
    best.map(|(_, byte)| place(text, byte))
}

struct Walk<'a, 'v> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    visit: &'v mut dyn FnMut(&str, usize) -> bool,
    going: bool,
}

impl Walk<'_, '_> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Recursion is bounded because the text was parsed before, and the parser refuses deep nesting.
    fn value(&mut self, path: &mut String) {
        self.space();
        match self.bytes.get(self.at) {
            Some(b'{') => self.object(path),
            Some(b'[') => self.array(path),
            Some(b'"') => {
                self.string();
            }
            _ => {
                while self.bytes.get(self.at).is_some_and(|b| !b",]}".contains(b) && !b.is_ascii_whitespace()) {
                    self.at += 1;
                }
            }
        }
        self.space();
    }

    fn object(&mut self, path: &mut String) {
        self.at += 1;
        loop {
            self.space();
            let key_at = self.at;
            if !self.going || self.bytes.get(self.at) != Some(&b'"') {
                break;
            }
            let raw = self.string();
            let key: String = serde_json::from_str(raw).unwrap_or_default();
            let length = path.len();
            if length > 0 {
                path.push('.');
            }
            path.push_str(&key);
            self.going = (self.visit)(path, key_at);
            self.space();
            self.at += 1; // the colon
            self.value(path);
            path.truncate(length);
            if self.bytes.get(self.at) != Some(&b',') {
                break;
            }
            self.at += 1;
        }
        self.at += 1;
    }

    fn array(&mut self, path: &mut String) {
        self.at += 1;
        self.space();
        while self.going && self.at < self.bytes.len() && self.bytes[self.at] != b']' {
            self.value(path);
            if self.bytes.get(self.at) == Some(&b',') {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    /// Passes a string and returns it with its quotes.
    fn string(&mut self) -> &str {
        let from = self.at;
        self.at += 1;
        while let Some(&b) = self.bytes.get(self.at) {
            self.at += if b == b'\\' { 2 } else { 1 };
            if b == b'"' {
                break;
            }
        }
        self.text.get(from..self.at).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_are_found_past_strings_with_braces() {
        let text = "{\n \"a\": \"}{\\\"\",\n \"b\": {\"c\": [1, {\"x\": 2}],\n  \"d\": 3}\n}";
        assert_eq!(find(text, "b.d"), Some((4, 3)));
        assert_eq!(find(text, "b.absent"), Some((3, 2)), "falls back on the parent");
        assert_eq!(find(text, "zzz"), None);
    }
}
