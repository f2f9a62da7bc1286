//! The pieces that dates are spelled with.

/// Reads a text from its start.
pub(super) struct Scan<'a> {
    left: &'a str,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// From the first day of 1970 on.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Names of zones in common use, and their distance from UTC in hours.
const ZONES: [(&str, i64); 23] = [
    ("CETDST", 2),
    ("AEDT", 11),
    ("AEST", 10),
    ("AKDT", -8),
    ("AKST", -9),
    ("CEST", 2),
    ("EEST", 3),
    ("NZDT", 13),
    ("NZST", 12),
    ("CDT", -5),
    ("CET", 1),
    ("CST", -6),
    ("EDT", -4),
    ("EET", 2),
    ("EST", -5),
    ("GMT", 0),
    ("HST", -10),
    ("JST", 9),
    ("MDT", -6),
    ("MST", -7),
    ("PDT", -7),
    ("PST", -8),
    ("UTC", 0),
];

const SECOND: i64 = 1_000_000;

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { left: text }
    }

    pub(super) fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    pub(super) fn literal(&mut self, text: &str) -> Option<()> {
        self.left = self.left.strip_prefix(text)?;
        Some(())
    }

    /// So many digits, as many as there are.
    pub(super) fn number(&mut self, fewest: usize, most: usize) -> Option<i64> {
        let digits = self.left.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (number, left) = self.left.split_at_checked(digits).filter(|_| digits >= fewest)?;
        self.left = left;
        number.parse().ok()
    }

    pub(super) fn year(&mut self) -> Option<i64> {
        let sign = if self.literal("-").is_some() { -1 } else { 1 };
        self.number(1, 6).map(|year| sign * year)
    }

    fn name(&mut self, names: &[&str]) -> Option<usize> {
        let place = names.iter().position(|name| self.left.starts_with(name))?;
        self.literal(names[place])?;
        Some(place)
    }

    /// From 1 on.
    pub(super) fn month(&mut self) -> Option<i64> {
        self.name(&MONTHS).and_then(|place| i64::try_from(place + 1).ok())
    }

    /// Its place in `WEEKDAYS`.
    pub(super) fn weekday(&mut self) -> Option<usize> {
        self.name(&WEEKDAYS)
    }

    /// `20:53[:08[.892865]]` in microseconds; numbers have `fewest` digits or two.
    pub(super) fn time(&mut self, fewest: usize) -> Option<i64> {
        let hour = self.number(fewest, 2).filter(|hour| *hour < 24)?;
        self.literal(":")?;
        let minute = self.number(fewest, 2).filter(|minute| *minute < 60)?;
        let mut micros = (hour * 60 + minute) * 60 * SECOND;
        if self.literal(":").is_some() {
            micros += self.number(fewest, 2).filter(|second| *second < 60)? * SECOND;
            if self.literal(".").is_some() {
                micros += self.fraction();
            }
        }
        Some(micros)
    }

    /// `205308[.892865]` in microseconds.
    pub(super) fn digits(&mut self) -> Option<i64> {
        let mut ahead = Self { left: self.left };
        let hour = ahead.number(2, 2).filter(|hour| *hour < 24)?;
        let minute = ahead.number(2, 2).filter(|minute| *minute < 60)?;
        let second = ahead.number(2, 2).filter(|second| *second < 60)?;
        let mut micros = ((hour * 60 + minute) * 60 + second) * SECOND;
        if ahead.literal(".").is_some() {
            micros += ahead.fraction();
        }
        self.left = ahead.left;
        Some(micros)
    }

    fn fraction(&mut self) -> i64 {
        let digits = self.left.bytes().take(9).take_while(u8::is_ascii_digit).count();
        let (digits, left) = self.left.split_at(digits);
        self.left = left;
        format!("{digits:0<6.6}").parse().unwrap_or_default()
    }

    /// `11:02:31 PM`.
    pub(super) fn clock(&mut self) -> Option<i64> {
        let hour = self.number(1, 2).filter(|hour| (1..=12).contains(hour))? % 12;
        self.literal(":")?;
        let minute = self.number(2, 2).filter(|minute| *minute < 60)?;
        self.literal(":")?;
        let second = self.number(2, 2).filter(|second| *second < 60)?;
        let noon = if self.literal(" PM").is_some() {
            12
        } else {
            self.literal(" AM")?;
            0
        };
        Some((((hour + noon) * 60 + minute) * 60 + second) * SECOND)
    }

    /// `Z`, `+05`, `+0530`, `+05:30[:00]` or the name of a zone: its distance from UTC in microseconds.
    pub(super) fn zone(&mut self) -> Option<i64> {
        if self.literal("Z").is_some() {
            return Some(0);
        }
        if let Some((name, hours)) = ZONES.iter().find(|(name, _)| self.left.starts_with(name)) {
            self.literal(name)?;
            return Some(hours * 3_600 * SECOND);
        }
        let sign = if self.literal("+").is_some() {
            1
        } else {
            self.literal("-")?;
            -1
        };
        let mut seconds = self.number(2, 2).filter(|hours| *hours <= 18)? * 3_600;
        for unit in [60, 1] {
            if self.left.starts_with(':') {
                self.literal(":")?;
            } else if !self.left.starts_with(|next: char| next.is_ascii_digit()) {
                break;
            }
            seconds += self.number(2, 2).filter(|part| *part < 60)? * unit;
        }
        Some(sign * seconds * SECOND)
    }

    /// Skips what stands in brackets, if anything does.
    pub(super) fn bracketed(&mut self, open: char, close: char) -> Option<()> {
        let end = self.left.strip_prefix(open)?.find(close)?;
        self.left = &self.left[open.len_utf8() + end + close.len_utf8()..];
        Some(())
    }
}

/// The number of a day, counted from 1970-01-01 in the Gregorian calendar.
pub(super) fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years that begin in March end with the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_year = (153 * month + 2) / 5 + day - 1;
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(days + in_year - 719_468)
}

/// The place of a day's weekday in `WEEKDAYS`.
pub(super) fn weekday_of(day: i64) -> usize {
    usize::try_from(day.rem_euclid(7)).unwrap_or_default()
}
