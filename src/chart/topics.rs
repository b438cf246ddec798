//! The patterns that tell topics apart without colour.

/// The side of a pattern's tile, pixels.
pub const TILE: f64 = 8.0;

/// One pattern a topic hue: lines to stroke, then dots to fill, both in the paper's colour over the hue.
/// Each is told apart from the others by its direction or its shape; the first is plain.
pub const PATTERNS: [(&str, &str); 8] = [
    ("", ""),
    ("M-2 2L2 -2M0 8L8 0M6 10L10 6", ""),
    ("", "M4 2.4A1.6 1.6 0 1 1 4 5.6A1.6 1.6 0 1 1 4 2.4Z"),
    ("M0 4L8 4", ""),
    ("M-2 6L2 10M0 0L8 8M6 -2L10 2", ""),
    ("M4 0L4 8", ""),
    ("M0 4L8 4M4 0L4 8", ""),
    ("M0 6L2 2L4 6L6 2L8 6", ""),
];

/// The pattern of a hue.
#[must_use]
pub fn pattern(hue: u8) -> (&'static str, &'static str) {
    PATTERNS[usize::from(hue % 8)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_patterns_are_alike() {
        for (i, a) in PATTERNS.iter().enumerate() {
            assert!(PATTERNS[..i].iter().all(|b| b != a));
        }
    }
}
