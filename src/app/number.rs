//! Numbers as people read them, on the server and in the browser.

use super::language::Language;

/// A whole number with its thousands apart, in the page's language: `12,345`.
pub fn number(n: impl TryInto<u64>) -> String {
    number_in(Language::current(), n.try_into().unwrap_or_default())
}

fn number_in(language: Language, n: u64) -> String {
    let digits = n.to_string();
    let separator = match language {
        Language::English => ',',
        // Four digits stay together (Ortografía de la lengua española, VIII.2.1).
        Language::Spanish if digits.len() == 4 => return digits,
        Language::Spanish => '\u{202f}',
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number and its noun: `1 item`, `2 items`.
pub fn plural(n: impl TryInto<u64>, one: &str, many: &str) -> String {
    let n = n.try_into().unwrap_or_default();
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_to_people() {
        assert_eq!(number(0_usize), "0");
        assert_eq!(number(1_234_567_u64), "1,234,567");
        assert_eq!(number_in(Language::Spanish, 1_234), "1234");
        assert_eq!(number_in(Language::Spanish, 12_345), "12\u{202f}345");
        assert_eq!(plural(1_usize, "item", "items"), "1 item");
        assert_eq!(plural(2_000_i64, "item", "items"), "2,000 items");
    }
}
