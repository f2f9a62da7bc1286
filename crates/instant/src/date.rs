//! What InstantDB takes for a date (`specs/instantdb-admin-api.md` 5.2): epoch
//! milliseconds, and strings in any of the spellings below.
//!
//! ISO 8601 with or without zone (`2025-01-02T00:00:00-08`, `2025-01-15 20:53:08.892865`,
//! `2025-12-31 21:11`, `2025-06-05T17:00:00PDT`) and in its short form (`20250115T205308Z`), RFC 1123, what JavaScript's
//! `toString` and `toDateString` give, `8/4/2025[, 11:02:31 PM]`, `04-17-2025`,
//! any of them as a JSON string, `epoch` and `±infinity`; in a query also `now`,
//! `today`, `tomorrow` and `yesterday`. Without a zone it is UTC.

mod scan;

use crate::Timestamp;
use scan::Scan;
use serde_json::Value;

/// Milliseconds since 1970, if the value reads as a date that stays the same.
pub(crate) fn millis(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64().filter(|millis| millis.abs() <= 8.64e15),
        Value::String(text) => parse(text),
        _ => None,
    }
}

/// Milliseconds since 1970 of a date in a query: numbers are whole there, and
/// strings may name the present day.
#[expect(clippy::cast_precision_loss, reason = "a date beyond 2^53 milliseconds equals none that is stored")]
pub(crate) fn queried(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_i64().map(|millis| millis as f64),
        Value::String(text) => parse(text).or_else(|| relative(text)),
        _ => None,
    }
}

/// Whether the text means another instant every day.
pub(crate) fn is_relative(text: &str) -> bool {
    matches!(text, "now" | "today" | "tomorrow" | "yesterday")
}

const DAY: i64 = 86_400_000;

#[expect(clippy::cast_precision_loss, reason = "the present is far below 2^53 milliseconds")]
fn relative(text: &str) -> Option<f64> {
    let now = Timestamp::now().as_millis();
    let today = now - now.rem_euclid(DAY);
    let millis = match text {
        "now" => now,
        "today" => today,
        "tomorrow" => today + DAY,
        "yesterday" => today - DAY,
        _ => return None,
    };
    Some(millis as f64)
}

fn parse(text: &str) -> Option<f64> {
    // What pgjdbc takes for the infinities.
    let special = match text {
        "epoch" => Some(0.0),
        "infinity" => Some(9_223_372_036_825_200_000.0),
        "-infinity" => Some(-9_223_372_036_832_400_000.0),
        _ => None,
    };
    special.or_else(|| date(text)).or_else(|| {
        let quoted = serde_json::from_str::<String>(text).ok();
        quoted.and_then(|quoted| date(&quoted)).or_else(|| date(text.trim()))
    })
}

fn date(text: &str) -> Option<f64> {
    let ways: [fn(&mut Scan<'_>) -> Option<Instant>; 6] = [iso, compact, slashes, month_first, spelled, rfc_1123];
    ways.iter().find_map(|way| {
        let mut scan = Scan::new(text);
        let instant = way(&mut scan)?;
        if scan.is_done() { instant.millis() } else { None }
    })
}

/// A date, a time of day and the zone's distance from UTC, the times in microseconds.
#[derive(Debug, Default, Clone, Copy)]
struct Instant {
    day: i64,
    time: i64,
    offset: i64,
}

impl Instant {
    #[expect(clippy::cast_precision_loss, reason = "microseconds up to year 200,000 round by less than one of them")]
    fn millis(self) -> Option<f64> {
        let micros = self.day.checked_mul(DAY * 1_000)?.checked_add(self.time)?.checked_sub(self.offset)?;
        Some(micros as f64 / 1_000.0)
    }
}

/// `2025-01-15`, with a time after `T` or a space, and a zone after that.
fn iso(scan: &mut Scan<'_>) -> Option<Instant> {
    let year = scan.year()?;
    scan.literal("-")?;
    let before = scan.left();
    let (month, day) = (scan.number(1, 2)?, {
        scan.literal("-")?;
        scan.number(1, 2)?
    });
    let day = scan::day(year, month, day)?;
    if scan.is_done() {
        // A date alone has all of its digits.
        return (before == 5).then_some(Instant { day, ..Instant::default() });
    }
    scan.literal("T").or_else(|| scan.literal(" "))?;
    let time = scan.time(1)?;
    let offset = scan.zone().unwrap_or(0);
    scan.bracketed('[', ']');
    Some(Instant { day, time, offset })
}

/// `20250115`, `20250115T205308Z`.
fn compact(scan: &mut Scan<'_>) -> Option<Instant> {
    let (year, month) = (scan.number(4, 4)?, scan.number(2, 2)?);
    let day = scan::day(year, month, scan.number(2, 2)?)?;
    if scan.is_done() {
        return Some(Instant { day, ..Instant::default() });
    }
    scan.literal("T").or_else(|| scan.literal(" "))?;
    let time = scan.digits().or_else(|| scan.time(2))?;
    let offset = scan.zone().unwrap_or(0);
    Some(Instant { day, time, offset })
}

/// `8/4/2025`, `8/4/2025, 11:02:31 PM`.
fn slashes(scan: &mut Scan<'_>) -> Option<Instant> {
    let month = scan.number(1, 2)?;
    scan.literal("/")?;
    let day = scan.number(1, 2)?;
    scan.literal("/")?;
    let day = scan::day(scan.year()?, month, day)?;
    if scan.is_done() {
        return Some(Instant { day, ..Instant::default() });
    }
    scan.literal(", ")?;
    let time = scan.clock()?;
    Some(Instant { day, time, offset: 0 })
}

/// `04-17-2025`.
fn month_first(scan: &mut Scan<'_>) -> Option<Instant> {
    let month = scan.number(2, 2)?;
    scan.literal("-")?;
    let day = scan.number(2, 2)?;
    scan.literal("-")?;
    Some(Instant { day: scan::day(scan.year()?, month, day)?, ..Instant::default() })
}

/// `Wed Jul 09 2025`, `Mon Feb 24 2025 22:37:27 GMT+0000 (Coordinated Universal Time)`.
fn spelled(scan: &mut Scan<'_>) -> Option<Instant> {
    let weekday = scan.weekday()?;
    scan.literal(" ")?;
    let month = scan.month()?;
    scan.literal(" ")?;
    let day = scan.number(2, 2)?;
    scan.literal(" ")?;
    let day = scan::day(scan.year()?, month, day).filter(|day| scan::weekday_of(*day) == weekday)?;
    if scan.is_done() {
        return Some(Instant { day, ..Instant::default() });
    }
    scan.literal(" ")?;
    let time = scan.time(2)?;
    scan.literal(" GMT").or_else(|| scan.literal(" UTC"))?;
    let offset = scan.zone()?;
    scan.literal(" ").and_then(|()| scan.bracketed('(', ')'));
    Some(Instant { day, time, offset })
}

/// `Sat, 05 Apr 2025 18:00:31 GMT`. InstantDB does not look at the zone.
fn rfc_1123(scan: &mut Scan<'_>) -> Option<Instant> {
    let weekday = scan.weekday();
    if weekday.is_some() {
        scan.literal(", ")?;
    }
    let day = scan.number(1, 2)?;
    scan.literal(" ")?;
    let month = scan.month()?;
    scan.literal(" ")?;
    let day = scan::day(scan.year()?, month, day)?;
    if weekday.is_some_and(|weekday| weekday != scan::weekday_of(day)) {
        return None;
    }
    scan.literal(" ")?;
    let time = scan.time(2)?;
    scan.literal(" ")?;
    scan.literal("GMT").or_else(|| scan.zone().map(drop))?;
    Some(Instant { day, time, offset: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    fn utc(text: &str) -> f64 {
        let instant = OffsetDateTime::parse(text, &Rfc3339).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a present date")]
        let micros = (instant.unix_timestamp_nanos() / 1_000) as f64;
        micros / 1_000.0
    }

    #[test]
    fn every_spelling_is_the_instant_it_means() {
        for (text, same) in [
            ("Sat, 05 Apr 2025 18:00:31 GMT", "2025-04-05T18:00:31Z"),
            ("5 Apr 2025 18:00 GMT", "2025-04-05T18:00:00Z"),
            ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("2025-01-01T10:30", "2025-01-01T10:30:00Z"),
            ("2025-01-01", "2025-01-01T00:00:00Z"),
            ("20250101", "2025-01-01T00:00:00Z"),
            ("20250115T205308Z", "2025-01-15T20:53:08Z"),
            ("20250115T205308.25+0100", "2025-01-15T19:53:08.25Z"),
            ("20250115 20:53", "2025-01-15T20:53:00Z"),
            ("2025-01-02T00:00:00-08", "2025-01-02T08:00:00Z"),
            ("\"2025-01-02T00:00:00-08\"", "2025-01-02T08:00:00Z"),
            ("2025-01-15 20:53:08.200", "2025-01-15T20:53:08.2Z"),
            ("2025-01-15 20:53:08.892865", "2025-01-15T20:53:08.892865Z"),
            ("\"2025-01-15 20:53:08\"", "2025-01-15T20:53:08Z"),
            ("Wed Jul 09 2025", "2025-07-09T00:00:00Z"),
            ("8/4/2025, 11:02:31 PM", "2025-08-04T23:02:31Z"),
            ("8/4/2025, 12:02:31 AM", "2025-08-04T00:02:31Z"),
            ("2024-12-30 20:19:41.892865+00", "2024-12-30T20:19:41.892865Z"),
            ("Mon Feb 24 2025 22:37:27 GMT+0000", "2025-02-24T22:37:27Z"),
            ("Mon Feb 24 2025 22:37:27 GMT-0500 (Eastern Standard Time)", "2025-02-25T03:37:27Z"),
            ("\t2025-03-02T16:08:53Z", "2025-03-02T16:08:53Z"),
            ("2025-03-01T16:08:53+0000", "2025-03-01T16:08:53Z"),
            ("2025-12-31 21:11", "2025-12-31T21:11:00Z"),
            ("04-17-2025", "2025-04-17T00:00:00Z"),
            ("2025-06-12T10:56:31.924+0530", "2025-06-12T05:26:31.924Z"),
            ("2025-06-12T10:56:31+05:30", "2025-06-12T05:26:31Z"),
            ("2025-08-7T00:00:00.000Z", "2025-08-07T00:00:00Z"),
            ("2025-06-05T17:00:00EST", "2025-06-05T22:00:00Z"),
            ("2025-06-05T17:00:00PDT", "2025-06-06T00:00:00Z"),
            ("2025-06-05T17:00:00CETDST", "2025-06-05T15:00:00Z"),
            ("2025-06-05T17:00:00CET", "2025-06-05T16:00:00Z"),
            ("3/12/4444", "4444-03-12T00:00:00Z"),
            ("2025-9-29T23:59:59.999Z", "2025-09-29T23:59:59.999Z"),
            ("2026-04-28T4:07:7.000Z", "2026-04-28T04:07:07Z"),
            ("epoch", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(millis(&json!(text)), Some(utc(same)), "{text}");
        }
        assert_eq!(millis(&json!("72026-07-01")), Some(2_210_769_504_000_000.0));
        assert_eq!(millis(&json!(1.5)), Some(1.5));
        assert!(millis(&json!("infinity")) > millis(&json!("72026-07-01")));
        assert!(millis(&json!("-infinity")) < Some(0.0));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2025-01-0",
            "\"2025-01-0\"",
            "2025-1-5",
            "2025-02-30",
            "2025-13-01",
            "Tue Jul 09 2025",
            "2025-01-01T25:00",
            "2025-01-01T00:00:00Q",
            "8/4/2025, 13:00:00 PM",
            "Sun, 05 Apr 2025 18:00:31 GMT",
            "now",
            "1700000000000",
            "20251301",
            "202501",
            "20250101T2",
        ] {
            assert_eq!(millis(&json!(text)), None, "{text}");
        }
        assert_eq!(millis(&json!(1e22)), None);
        assert_eq!(millis(&json!(true)), None);
    }

    #[test]
    fn a_query_may_name_the_present_day() {
        let day = |text: &str| queried(&json!(text)).unwrap();
        assert!(day("yesterday") < day("today") && day("today") <= day("now") && day("now") < day("tomorrow"));
        assert_eq!(queried(&json!(1.5)), None);
    }
}
