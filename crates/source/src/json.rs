//! JSON as JavaScript reads and writes it.

use serde_json::{Map, Number, Value};

/// Why a text is not JSON that can be read here.
#[derive(Debug)]
pub(crate) enum Malformed {
    /// It begins with a byte order mark, which `JSON.parse` refuses.
    ByteOrderMark,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// It is not JSON, or nested deeper than 128 levels.
    Syntax(serde_json::Error),
}

/// What `JSON.parse` makes of the bytes: numbers are doubles, keys that look
/// like array indexes come first, of equal keys the last one's value counts.
///
/// Nesting is limited to 128 levels. Lone surrogates and numbers beyond a
/// double's range, which JavaScript lets through, are refused.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
    if text.starts_with('\u{feff}') {
        return Err(Malformed::ByteOrderMark);
    }
    let mut value = serde_json::from_str(text).map_err(Malformed::Syntax)?;
    as_javascript(&mut value);
    Ok(value)
}

fn as_javascript(value: &mut Value) {
    match value {
        Value::Number(number) => *number = double(number),
        Value::Array(values) => values.iter_mut().for_each(as_javascript),
        Value::Object(map) => {
            map.values_mut().for_each(as_javascript);
            if map.keys().any(|key| array_index(key).is_some()) {
                let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
                // Stable: keys that are no index keep their order behind those that are.
                entries.sort_by_key(|(key, _)| array_index(key).unwrap_or(u32::MAX));
                *map = entries.into_iter().collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The array index that a key spells, by ECMA-262 6.1.7: below 2³² − 1, without
/// leading zeros.
fn array_index(key: &str) -> Option<u32> {
    let digits = key.as_bytes();
    let canonical = digits == b"0" || digits.first().is_some_and(|digit| matches!(digit, b'1'..=b'9'));
    if !canonical || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    key.parse().ok().filter(|index| *index != u32::MAX)
}

/// The largest integer below which doubles are exact.
const MAX_SAFE: f64 = 9_007_199_254_740_992.0;

/// The number as a double; whole ones that a double holds exactly are kept as
/// integers, so that a manifest spells them one way.
fn double(number: &Number) -> Number {
    let Some(double) = number.as_f64() else {
        return number.clone();
    };
    if double.fract() == 0.0 && double.abs() <= MAX_SAFE {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return Number::from(double as i64);
    }
    Number::from_f64(double).unwrap_or_else(|| number.clone())
}

/// How [`Writer`] lays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `JSON.stringify(value)`.
    Compact,
    /// `JSON.stringify(value, null, 2)`.
    Indented,
}

/// Writes JSON as `JSON.stringify` does.
pub(crate) struct Writer {
    text: String,
    layout: Layout,
    depth: usize,
    /// Whether the innermost open bracket has no member yet.
    empty: bool,
}

impl Writer {
    pub(crate) fn new(layout: Layout, capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), layout, depth: 0, empty: true }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// The offset in bytes at which the next character goes.
    pub(crate) fn position(&self) -> usize {
        self.text.len()
    }

    /// Text that is JSON already.
    pub(crate) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
        self.empty = true;
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.depth -= 1;
        if !self.empty {
            self.line();
        }
        self.text.push(bracket);
        self.empty = false;
    }

    /// Begins the next member of the innermost bracket.
    pub(crate) fn member(&mut self) {
        if !self.empty {
            self.text.push(',');
        }
        self.empty = false;
        self.line();
    }

    /// Begins the next member of the innermost object.
    pub(crate) fn key(&mut self, key: &str) {
        self.member();
        self.string(key);
        self.text.push_str(if self.layout == Layout::Indented { ": " } else { ":" });
    }

    fn line(&mut self) {
        if self.layout == Layout::Indented {
            self.text.push('\n');
            for _ in 0..self.depth {
                self.text.push_str("  ");
            }
        }
    }

    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.raw("null"),
            Value::Bool(true) => self.raw("true"),
            Value::Bool(false) => self.raw("false"),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.string(text),
            Value::Array(values) => {
                self.open('[');
                for value in values {
                    self.member();
                    self.value(value);
                }
                self.close(']');
            }
            Value::Object(map) => self.object(map),
        }
    }

    fn object(&mut self, map: &Map<String, Value>) {
        self.open('{');
        for (key, value) in map {
            self.key(key);
            self.value(value);
        }
        self.close('}');
    }

    pub(crate) fn string(&mut self, text: &str) {
        self.text.push('"');
        self.escaped(text);
        self.text.push('"');
    }

    /// The inside of a string.
    pub(crate) fn escaped(&mut self, text: &str) {
        let mut copied = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.text.push_str(&text[copied..at]);
            copied = at + 1;
            match byte {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                b'\n' => self.text.push_str("\\n"),
                b'\r' => self.text.push_str("\\r"),
                b'\t' => self.text.push_str("\\t"),
                0x08 => self.text.push_str("\\b"),
                0x0c => self.text.push_str("\\f"),
                _ => {
                    self.text.push_str("\\u00");
                    self.text.push(char::from(b'0' + (byte >> 4)));
                    self.text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
                }
            }
        }
        self.text.push_str(&text[copied..]);
    }

    /// ECMA-262 6.1.6.1.20, `Number::toString` in base 10.
    fn number(&mut self, number: &Number) {
        let Some(double) = number.as_f64() else {
            self.text.push_str(&number.to_string());
            return;
        };
        if double == 0.0 {
            self.text.push('0');
            return;
        }
        if double < 0.0 {
            self.text.push('-');
        }
        // Rust writes the shortest digits that read back as the same double, as JavaScript does.
        let scientific = format!("{:e}", double.abs());
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let digits = mantissa.replace('.', "");
        let point = exponent.parse::<i32>().unwrap_or_default() + 1;
        self.digits(&digits, point);
    }

    /// `0.digits × 10^point`.
    fn digits(&mut self, digits: &str, point: i32) {
        let zeros = |count: usize| "0".repeat(count);
        match usize::try_from(point) {
            Ok(whole @ 1..=21) if whole >= digits.len() => {
                self.text.push_str(digits);
                self.text.push_str(&zeros(whole - digits.len()));
            }
            Ok(whole @ 1..=21) => {
                self.text.push_str(&digits[..whole]);
                self.text.push('.');
                self.text.push_str(&digits[whole..]);
            }
            _ if (-5..=0).contains(&point) => {
                self.text.push_str("0.");
                self.text.push_str(&zeros(point.unsigned_abs() as usize));
                self.text.push_str(digits);
            }
            _ => {
                self.text.push_str(&digits[..1]);
                if digits.len() > 1 {
                    self.text.push('.');
                    self.text.push_str(&digits[1..]);
                }
                let exponent = point - 1;
                self.text.push_str(if exponent < 0 { "e-" } else { "e+" });
                self.text.push_str(&exponent.unsigned_abs().to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(text: &str) -> String {
        let mut writer = Writer::new(Layout::Compact, 0);
        writer.value(&parse(text.as_bytes()).unwrap());
        writer.finish()
    }

    #[test]
    fn numbers_are_spelled_as_javascript_spells_them() {
        for (written, spelled) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("1e21", "1e+21"),
            ("123456789012345678901", "123456789012345680000"),
            ("12345678901234567890", "12345678901234567000"),
            ("1e20", "100000000000000000000"),
            ("9007199254740993", "9007199254740992"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("-1.50e-10", "-1.5e-10"),
            ("12.5", "12.5"),
            ("5e-324", "5e-324"),
            ("0.1", "0.1"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            assert_eq!(through(written), spelled, "{written}");
            assert_eq!(through(spelled), spelled, "{spelled} is stable");
        }
    }

    #[test]
    fn keys_that_look_like_indexes_come_first_in_rising_order() {
        let text = r#"{"b":1,"10":1,"2":1,"01":1,"a":1,"4294967295":1,"-1":1}"#;
        assert_eq!(through(text), r#"{"2":1,"10":1,"b":1,"01":1,"a":1,"4294967295":1,"-1":1}"#);
    }

    #[test]
    fn of_equal_keys_the_last_value_counts_at_the_first_place() {
        assert_eq!(through(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn only_what_json_must_escape_is_escaped() {
        let text = "\u{1}\u{1f}\u{7f}\u{2028}é\"\\/\n\r\t\u{8}\u{c}";
        let mut writer = Writer::new(Layout::Compact, 0);
        writer.string(text);
        assert_eq!(writer.finish(), "\"\\u0001\\u001f\u{7f}\u{2028}é\\\"\\\\/\\n\\r\\t\\b\\f\"");
    }

    #[test]
    fn bottomless_nesting_is_refused_not_followed() {
        let text = "[".repeat(1_000_000);
        assert!(matches!(parse(text.as_bytes()), Err(Malformed::Syntax(_))));
    }
}
