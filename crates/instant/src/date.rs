//! What InstantDB takes for a date (`specs/instantdb-admin-api.md` 5.2): epoch
//! milliseconds, ISO 8601 and `yyyy-MM-dd[ HH:mm[:ss[.frac]]]`. The other
//! spellings it knows (RFC 1123, JavaScript's `toString`) are refused here.

use serde_json::Value;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

const LOCAL_FORMATS: [&[BorrowedFormatItem<'_>]; 6] = [
    format_description!("[year]-[month]-[day] [hour]:[minute]"),
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond]"),
    format_description!("[year]-[month]-[day]T[hour]:[minute]"),
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]"),
];

/// Milliseconds since 1970, if the value reads as a date.
pub(crate) fn millis(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64().filter(|millis| millis.abs() <= 8.64e15),
        Value::String(text) => parse(text),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of years 0 to 9999 are far below 2^53")]
fn parse(text: &str) -> Option<f64> {
    let utc = OffsetDateTime::parse(text, &Rfc3339).ok().or_else(|| {
        let date_time = LOCAL_FORMATS.iter().find_map(|format| PrimitiveDateTime::parse(text, format).ok());
        let midnight = || Date::parse(text, format_description!("[year]-[month]-[day]")).ok().map(Date::midnight);
        date_time.or_else(midnight).map(PrimitiveDateTime::assume_utc)
    })?;
    Some((utc.unix_timestamp_nanos() / 1_000_000) as f64)
}
