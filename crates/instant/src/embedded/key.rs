//! Values as bytes whose order is the values' order: what the index holds.

use crate::{ValueType, date};
use serde_json::Value;

/// Before every key of a value that is not null.
pub(super) const NULL: &[u8] = &[0x10];
/// After every key.
pub(super) const END: &[u8] = &[0xff];

/// The key of a value of an attribute with this type.
///
/// Null, strings, numbers, booleans and the rest, in this order, as jsonb has
/// it. Numbers are doubles, as in JavaScript: integers beyond 2^53 may fall
/// together. Dates are compared as instants.
pub(super) fn key(value: &Value, value_type: Option<ValueType>) -> Vec<u8> {
    if value_type == Some(ValueType::Date)
        && let Some(millis) = date::millis(value)
    {
        return instant(millis);
    }
    match value {
        Value::Null => NULL.to_vec(),
        Value::String(text) => [&[0x20], text.as_bytes()].concat(),
        Value::Number(number) => number_key(number.as_f64().unwrap_or_default()),
        Value::Bool(bool) => vec![0x40, u8::from(*bool)],
        other => [&[0x50], other.to_string().as_bytes()].concat(),
    }
}

/// The key of an instant, in milliseconds since 1970.
pub(super) fn instant(millis: f64) -> Vec<u8> {
    number_key(millis)
}

/// The bounds of all keys of the same kind as `key`.
pub(super) fn kind_bounds(key: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let kind = key.first().copied().unwrap_or(0x10);
    (vec![kind], vec![kind + 0x10])
}

fn number_key(number: f64) -> Vec<u8> {
    // -0 equals 0; then flip so that bytes sort as numbers do.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    [&[0x30], ordered.to_be_bytes().as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn null_sorts_before_strings_and_strings_before_numbers() {
        let keys = [json!(null), json!(""), json!("a"), json!(-1), json!(0), json!(2), json!(false), json!(true)]
            .map(|value| key(&value, None));
        assert!(keys.is_sorted());
    }

    #[test]
    fn a_date_equals_the_same_instant_spelled_otherwise() {
        let date = Some(ValueType::Date);
        assert_eq!(key(&json!("1970-01-01T00:00:00.001Z"), date), key(&json!(1), date));
        assert_eq!(key(&json!("1970-01-02"), date), key(&json!(86_400_000), date));
    }

    proptest! {
        #[test]
        fn number_keys_sort_as_numbers(a in any::<f64>().prop_filter("NaN", |f| !f.is_nan()), b in any::<f64>().prop_filter("NaN", |f| !f.is_nan())) {
            prop_assert_eq!(number_key(a).cmp(&number_key(b)), (a + 0.0).partial_cmp(&(b + 0.0)).unwrap());
        }
    }
}
