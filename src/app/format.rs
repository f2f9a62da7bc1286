//! Values as people read them: times, counts, sizes and addresses.

pub use super::number::{number, plural};
use super::{
    language::Language,
    words::{count, t},
};
use model::view::Millis;
use std::{
    borrow::Cow,
    time::{SystemTime, UNIX_EPOCH},
};
use time::{Month, OffsetDateTime, Weekday, format_description::BorrowedFormatItem, macros::format_description};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second]");
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
    let span = match seconds {
        0..45 => return t!("just now").into_owned(),
        45..MINUTE => "1 min".to_owned(),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY_SECONDS => format!("{} h", seconds / HOUR),
        DAY_SECONDS..WEEK => count!(seconds / DAY_SECONDS, "day", "days"),
        _ if seconds < 4 * WEEK => count!(seconds / WEEK, "week", "weeks"),
        _ => return day(at),
    };
    t!("%{span} ago", span = span).into_owned()
}

/// The day: `12 Mar 2026`.
pub fn day(at: Millis) -> String {
    let Some(time) = moment(at) else { return t!("unknown").into_owned() };
    format!("{} {} {}", time.day(), short(time.month()), time.year())
}

/// The day as it stands in an address: `2026-11-16`.
pub fn date(at: Millis) -> String {
    written(at, DATE)
}

/// The day as a heading: `Today`, `Yesterday`, `Monday, 16 November`; the year
/// only where it is another one.
pub fn day_heading(at: Millis, today: Millis) -> String {
    let days = |at: Millis| at.div_euclid(DAY_SECONDS * 1_000);
    let (Some(time), Some(now)) = (moment(at), moment(today)) else { return t!("unknown").into_owned() };
    match days(today) - days(at) {
        0 => return t!("Today").into_owned(),
        1 => return t!("Yesterday").into_owned(),
        _ => {}
    }
    let (weekday, day, month) = (weekday(time.weekday()), time.day(), month(time.month()));
    let heading = t!("%{weekday}, %{day} %{month}", weekday = weekday, day = day, month = month).into_owned();
    if time.year() == now.year() { heading } else { format!("{heading} {}", time.year()) }
}

/// The week that begins on this day: `16 – 22 Nov 2026`.
pub fn week(begins: Millis) -> String {
    let ends = begins + 6 * DAY_SECONDS * 1_000;
    let (Some(first), Some(last)) = (moment(begins), moment(ends)) else { return t!("unknown").into_owned() };
    let first = match (first.month() == last.month(), first.year() == last.year()) {
        (true, true) => first.day().to_string(),
        (false, true) => format!("{} {}", first.day(), short(first.month())),
        _ => day(begins),
    };
    format!("{first} – {}", day(ends))
}

/// The month, where a week that begins on this day is the first one to begin in it: `Nov`.
pub fn new_month(begins: Millis) -> Option<String> {
    let month = |at: Millis| moment(at).map(OffsetDateTime::month);
    let this = month(begins)?;
    (month(begins - 7 * DAY_SECONDS * 1_000) != Some(this)).then(|| short(this))
}

/// How long until then, in one unit; `now` once it is here.
pub fn ahead(at: Millis, now: Millis) -> String {
    let seconds = (at - now) / 1_000;
    let span = match seconds {
        ..1 => return t!("now").into_owned(),
        1..MINUTE => return t!("in less than a minute").into_owned(),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY_SECONDS => format!("{} h", seconds / HOUR),
        _ => count!((seconds + HOUR) / DAY_SECONDS, "day", "days"),
    };
    t!("in %{span}", span = span).into_owned()
}

/// To the second, in UTC: `12 March 2026, 14:03:22 UTC`.
pub fn exact(at: Millis) -> String {
    let Some(time) = moment(at) else { return t!("unknown").into_owned() };
    let (day, month, year, clock) = (time.day(), month(time.month()), time.year(), written(at, CLOCK));
    t!("%{day} %{month} %{year}, %{clock} UTC", day = day, month = month, year = year, clock = clock).into_owned()
}

/// As `<time datetime>` wants it.
pub fn machine(at: Millis) -> String {
    written(at, MACHINE)
}

fn moment(at: Millis) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.div_euclid(1_000)).ok()
}

fn written(at: Millis, format: &[BorrowedFormatItem<'_>]) -> String {
    moment(at).and_then(|time| time.format(format).ok()).unwrap_or_default()
}

/// A month in three letters.
fn short(of: Month) -> String {
    month(of).chars().take(3).collect()
}

fn weekday(day: Weekday) -> Cow<'static, str> {
    match day {
        Weekday::Monday => t!("Monday"),
        Weekday::Tuesday => t!("Tuesday"),
        Weekday::Wednesday => t!("Wednesday"),
        Weekday::Thursday => t!("Thursday"),
        Weekday::Friday => t!("Friday"),
        Weekday::Saturday => t!("Saturday"),
        Weekday::Sunday => t!("Sunday"),
    }
}

fn month(month: Month) -> Cow<'static, str> {
    match month {
        Month::January => t!("January"),
        Month::February => t!("February"),
        Month::March => t!("March"),
        Month::April => t!("April"),
        Month::May => t!("May"),
        Month::June => t!("June"),
        Month::July => t!("July"),
        Month::August => t!("August"),
        Month::September => t!("September"),
        Month::October => t!("October"),
        Month::November => t!("November"),
        Month::December => t!("December"),
    }
}

/// A number with one decimal, given as tenths.
fn tenths(tenths: u64) -> String {
    let point = match Language::current() {
        Language::English => '.',
        Language::Spanish => ',',
    };
    format!("{}{point}{}", tenths / 10, tenths % 10)
}

/// How long something took: `40 ms`, `0.4 s`, `12 s`, `3 min`.
pub fn duration(millis: Millis) -> String {
    match u64::try_from(millis).unwrap_or_default() {
        millis @ 0..100 => format!("{millis} ms"),
        millis @ 0..10_000 => format!("{} s", tenths(millis / 100)),
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
        KIB..MIB => format!("{} KiB", tenths(size * 10 / KIB)),
        _ => format!("{} MiB", tenths(size / KIB * 10 / KIB)),
    }
}

/// Who did something, as people say it.
pub fn actor_label(actor: &str) -> String {
    match actor.split_once(':') {
        Some(("person", "user_local")) | None => t!("by the operator").into_owned(),
        Some(("person", name)) => t!("by %{name}", name = name).into_owned(),
        Some(("token", _)) => t!("by a token").into_owned(),
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

/// A path as part of a URL.
pub fn encoded_path(path: &str) -> String {
    encoded(path, true)
}

/// The page of a component.
pub fn component_href(name: &str) -> String {
    format!("/components/{}", encoded(name, true))
}

/// The page that compares two versions of a component.
pub fn diff_href(name: &str, from: &str, to: &str) -> String {
    href(&format!("/diff/{}", encoded(name, true)), &[("from", from), ("to", to)])
}

/// Where one file of a component stands as a plain text; `at` names a version,
/// or nothing.
pub fn raw_href(name: &str, at: &str, file: &str) -> String {
    href(&format!("/raw/{}", encoded(name, true)), &[("at", at), ("file", file)])
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
    use leptos::prelude::{Owner, provide_context};

    #[test]
    fn days_and_weeks_are_named_as_people_name_them() {
        const DAY: i64 = 86_400_000;
        // 23 November 2026, a Monday, at noon.
        let now = 1_795_435_200_000;
        let heading = |days: i64| day_heading(now - days * DAY, now);
        assert_eq!([heading(0), heading(1), heading(2)], ["Today", "Yesterday", "Saturday, 21 November"]);
        assert_eq!(heading(365), "Sunday, 23 November 2025");
        assert_eq!(date(now), "2026-11-23");
        assert_eq!([week(now), week(now - 56 * DAY)], ["23 – 29 Nov 2026", "28 Sep – 4 Oct 2026"]);
        assert_eq!(week(now + 35 * DAY), "28 Dec 2026 – 3 Jan 2027");
        assert_eq!((new_month(now), new_month(now - 21 * DAY).as_deref()), (None, Some("Nov")));
    }

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
    fn times_and_numbers_are_told_in_the_language_of_the_page() {
        let owner = Owner::new();
        owner.with(|| {
            provide_context(Language::Spanish);
            let now = 1_773_324_202_000;
            assert_eq!(ago(now - 3_000_000, now), "hace 50 min");
            assert_eq!(ago(now - 2 * 86_400_000, now), "hace 2 días");
            assert_eq!(ahead(now + 86_400_000, now), "dentro de 1 día");
            assert_eq!(exact(now), "12 de marzo de 2026, 14:03:22 UTC");
            assert_eq!(day(now), "12 mar 2026");
            assert_eq!((duration(440), bytes(4_300)), ("0,4 s".to_owned(), "4,1 KiB".to_owned()));
        });
    }

    #[test]
    fn sizes_and_durations_are_told_to_people() {
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(4_300), "4.1 KiB");
        assert_eq!(bytes(5 * 1_024 * 1_024), "5.0 MiB");
        assert_eq!(duration(40), "40 ms");
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
