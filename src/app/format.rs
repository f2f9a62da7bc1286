//! Values as people read them: times, counts, sizes and addresses.

pub use super::number::{number, plural};
use model::view::Millis;
use std::time::{SystemTime, UNIX_EPOCH};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short] [year]");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const WEEKDAY: &[BorrowedFormatItem<'_>] = format_description!("[weekday], [day padding:none] [month repr:long]");
const MONTH: &[BorrowedFormatItem<'_>] = format_description!("[month repr:short]");
const YEAR: &[BorrowedFormatItem<'_>] = format_description!("[year]");
const MACHINE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const WEEK: i64 = 7 * 24 * HOUR;
const DAY_SECONDS: i64 = 24 * HOUR;

/// The time now.
pub fn now() -> Millis {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(elapsed.as_millis()).unwrap_or(Millis::MAX)
}

/// How long ago, in one unit; a date once that is longer than four weeks.
pub fn ago(at: Millis, now: Millis) -> String {
    let seconds = (now - at).max(0) / 1_000;
    match seconds {
        0..45 => "just now".to_owned(),
        45..MINUTE => "1 min ago".to_owned(),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY_SECONDS => format!("{} h ago", seconds / HOUR),
        DAY_SECONDS..WEEK => plural(seconds / DAY_SECONDS, "day", "days") + " ago",
        _ if seconds < 4 * WEEK => plural(seconds / WEEK, "week", "weeks") + " ago",
        _ => written(at, DAY),
    }
}

/// The day.
pub fn day(at: Millis) -> String {
    written(at, DAY)
}

/// The day as it stands in an address: `2026-11-16`.
pub fn date(at: Millis) -> String {
    written(at, DATE)
}

/// The day as a heading: `Today`, `Yesterday`, `Monday, 16 November`; the year
/// only where it is another one.
pub fn day_heading(at: Millis, now: Millis) -> String {
    let days = |at: Millis| at.div_euclid(DAY_SECONDS * 1_000);
    match days(now) - days(at) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ if written(at, YEAR) == written(now, YEAR) => written(at, WEEKDAY),
        _ => written(at, WEEKDAY) + " " + &written(at, YEAR),
    }
}

/// The week that begins on this day: `16 – 22 Nov 2026`.
pub fn week(begins: Millis) -> String {
    let ends = begins + 6 * DAY_SECONDS * 1_000;
    let first = match (written(begins, MONTH) == written(ends, MONTH), written(begins, YEAR) == written(ends, YEAR)) {
        (true, true) => written(begins, format_description!("[day padding:none]")),
        (false, true) => written(begins, format_description!("[day padding:none] [month repr:short]")),
        _ => written(begins, DAY),
    };
    format!("{first} – {}", written(ends, DAY))
}

/// The month, where a week that begins on this day is the first of it: `Nov`.
pub fn new_month(begins: Millis) -> Option<String> {
    let before = begins - 7 * DAY_SECONDS * 1_000;
    (written(begins, MONTH) != written(before, MONTH)).then(|| written(begins, MONTH))
}

/// How long until then, in one unit; `now` once it is here.
pub fn ahead(at: Millis, now: Millis) -> String {
    let seconds = (at - now) / 1_000;
    match seconds {
        ..1 => "now".to_owned(),
        1..MINUTE => "in less than a minute".to_owned(),
        MINUTE..HOUR => format!("in {} min", seconds / MINUTE),
        HOUR..DAY_SECONDS => format!("in {} h", seconds / HOUR),
        _ => format!("in {}", plural((seconds + HOUR) / DAY_SECONDS, "day", "days")),
    }
}

/// To the second, in UTC: `12 March 2026, 14:03:22 UTC`.
pub fn exact(at: Millis) -> String {
    written(at, EXACT)
}

/// As `<time datetime>` wants it.
pub fn machine(at: Millis) -> String {
    written(at, MACHINE)
}

fn written(at: Millis, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000))
        .ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// How long something took: `0.4 s`, `12 s`, `3 min`.
pub fn duration(millis: Millis) -> String {
    match millis.max(0) {
        millis @ 0..10_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        millis @ 10_000..120_000 => format!("{} s", millis / 1_000),
        millis => format!("{} min", millis / 60_000),
    }
}

/// A file's size: `512 B`, `4.2 KiB`.
pub fn bytes(size: u64) -> String {
    const KIB: u64 = 1_024;
    const MIB: u64 = KIB * KIB;
    match size {
        0..KIB => format!("{size} B"),
        KIB..MIB => format!("{}.{} KiB", size / KIB, size % KIB * 10 / KIB),
        _ => format!("{}.{} MiB", size / MIB, size % MIB * 10 / MIB),
    }
}

/// Who did something, as people say it.
pub fn actor_label(actor: &str) -> String {
    match actor.split_once(':') {
        Some(("person", "user_local")) | None => "by the operator".to_owned(),
        Some(("person", name)) => format!("by {name}"),
        Some(("token", _)) => "by a token".to_owned(),
        Some(_) => String::new(),
    }
}

/// The part of a registry type that carries meaning: `ui` of `registry:ui`.
pub fn kind(kind: &str) -> &str {
    kind.strip_prefix("registry:").unwrap_or(kind)
}

/// A text as part of a URL; `/` stays when `path` is set.
fn encoded(text: &str, path: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte.into());
            }
            b'/' | b'@' if path => out.push(byte.into()),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)].into());
                out.push(HEX[usize::from(byte & 15)].into());
            }
        }
    }
    out
}

/// The page of a component.
pub fn component_href(name: &str) -> String {
    format!("/components/{}", encoded(name, true))
}

/// The page that compares two versions of a component.
pub fn diff_href(name: &str, from: &str, to: &str) -> String {
    href(&format!("/diff/{}", encoded(name, true)), &[("from", from), ("to", to)])
}

/// Where a component's JSON is served, as it is now or was at a commit.
pub fn served_href(name: &str, commit: Option<&model::CommitSha>) -> String {
    let selector = commit.map(|sha| format!("@sha-{sha}")).unwrap_or_default();
    format!("/r/{}{selector}.json", encoded(name, true))
}

/// Whether a character is not seen, or changes how others are seen: controls
/// but the tab, marks of writing direction, separators and blanks without width.
pub fn is_odd(c: char) -> bool {
    let format = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    format || (c.is_control() && c != '\t')
}

/// What is shown for a character that is not seen: `U+202E`, `CR`.
pub fn odd_name(c: char) -> String {
    match c {
        '\r' => "CR".to_owned(),
        c => format!("U+{:04X}", u32::from(c)),
    }
}

/// A text of one line in which every character is seen.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_odd(c) {
            out.push('⟨');
            out.push_str(&odd_name(c));
            out.push('⟩');
        } else {
            out.push(c);
        }
    }
    out
}

/// A message as a sentence: a large letter first and a full stop last, unless
/// it begins with something that is written so.
pub fn sentence(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    let plain = word.chars().all(|c| c.is_ascii_alphabetic() || c == ',') && word != "npm";
    let mut out = String::with_capacity(text.len() + 1);
    let mut rest = text.chars();
    if let Some(first) = rest.next() {
        out.push(if plain { first.to_ascii_uppercase() } else { first });
    }
    out.push_str(rest.as_str());
    if !out.ends_with(['.', '!', '?', ':']) && !out.is_empty() {
        out.push('.');
    }
    out
}

/// An address with a query; pairs with an empty value are left out.
pub fn href(path: &str, query: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut separator = '?';
    for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(separator);
        out.push_str(key);
        out.push('=');
        out.push_str(&encoded(value, false));
        separator = '&';
    }
    out
}

/// An address without its scheme and `.git`, as people write it.
pub fn short_url(url: &str) -> &str {
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.strip_suffix(".git").unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        let now = 1_773_324_202_000;
        let told = |seconds: i64| ago(now - seconds * 1_000, now);
        assert_eq!(told(-5), "just now");
        assert_eq!(told(44), "just now");
        assert_eq!(told(59), "1 min ago");
        assert_eq!(told(3_599), "59 min ago");
        assert_eq!(told(7_200), "2 h ago");
        assert_eq!(told(86_400), "1 day ago");
        assert_eq!(told(8 * 86_400), "1 week ago");
        assert_eq!(told(28 * 86_400), "12 Feb 2026");
        assert_eq!(exact(now), "12 March 2026, 14:03:22 UTC");
        assert_eq!(machine(now), "2026-03-12T14:03:22Z");
    }

    #[test]
    fn sizes_and_durations_are_told_to_people() {
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(4_300), "4.1 KiB");
        assert_eq!(bytes(5 * 1_024 * 1_024), "5.0 MiB");
        assert_eq!(duration(440), "0.4 s");
        assert_eq!(duration(61_000), "61 s");
        assert_eq!(duration(180_000), "3 min");
    }

    #[test]
    fn addresses_carry_any_name() {
        assert_eq!(component_href("team/my button@v1"), "/components/team/my%20button@v1");
        assert_eq!(href("/components", &[("q", "a&b"), ("type", "")]), "/components?q=a%26b");
        assert_eq!(href("/components", &[]), "/components");
        assert_eq!(short_url("https://github.com/acme/ui.git"), "github.com/acme/ui");
        assert_eq!(diff_href("team/a b", "v1", ""), "/diff/team/a%20b?from=v1");
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("there is no file \"a\""), "There is no file \"a\".");
        assert_eq!(sentence("files.0 goes nowhere"), "files.0 goes nowhere.");
        assert_eq!(sentence("Commit it."), "Commit it.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(visible("a\u{202e}b\r\tc é 👩\u{200d}💻"), "a⟨U+202E⟩b⟨CR⟩\tc é 👩\u{200d}💻");
    }
}
