//! Decimal numbers in text, as people and charts write them.
//!
//! The standard library reads every number of every form exactly, and its tables for that weigh as much as a page. What is
//! read here has up to fifteen digits, for which one division of two exact numbers gives the same bits.

/// The most digits that are exact.
const MOST_DIGITS: u32 = 15;

/// The number that a text such as `-12.5` stands for; `None` for any other form. Digits after the fifteenth are passed over.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mut whole, mut scale, mut used) = (0u64, 1u64, 0);
    let (mut point, mut any) = (false, false);
    for c in digits.chars() {
        match (c, c.to_digit(10)) {
            ('.', _) if !point => point = true,
            (_, Some(digit)) => {
                any = true;
                if used < MOST_DIGITS {
                    whole = whole * 10 + u64::from(digit);
                    used += u32::from(whole > 0);
                    scale *= if point { 10 } else { 1 };
                } else if !point {
                    return None;
                }
                // A fraction of so many zeros is nothing.
                if scale >= 10_000_000_000_000_000_000 {
                    break;
                }
            }
            _ => return None,
        }
    }
    let size = whole as f64 / scale as f64;
    any.then_some(if digits.len() < text.len() { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, number) in
            [("7", 7.0), ("0.2", 0.2), (".5", 0.5), ("5.", 5.0), ("-12.75", -12.75), ("007", 7.0), ("0", 0.0)]
        {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        for text in ["", ".", "-", "1e5", "inf", "nan", "1.2.3", "+1", "two", "1,5", " 1", "9999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn up_to_fifteen_digits_are_exact(n in -999_999_999_999_999i64..=999_999_999_999_999, places in 0usize..=15) {
            let digits = format!("{:0width$}", n.unsigned_abs(), width = places + 1);
            let (whole, part) = digits.split_at(digits.len() - places);
            let text = format!("{}{whole}.{part}", if n < 0 { "-" } else { "" });
            prop_assert_eq!(parse(&text), text.parse().ok());
        }

        #[test]
        fn single_precision_as_it_is_shown_is_exact(x in -1e6f32..1e6) {
            let text = format!("{x}");
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            prop_assume!(digits <= 18);
            prop_assert_eq!(parse(&text), text.parse().ok());
        }
    }
}
