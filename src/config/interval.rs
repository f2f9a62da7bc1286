//! How often something is done.

use std::{fmt, str::FromStr, time::Duration};

/// A time between two looks: whole seconds, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval(u64);

/// A text that is not an interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an interval: write `30s`, `5m` or `2h`, at least a second and at most a week, or `off`")]
pub struct InvalidInterval {
    text: String,
}

/// The longest interval, in seconds.
const WEEK: u64 = 7 * 24 * 60 * 60;

impl Interval {
    /// Seconds between two looks; 0 is never.
    pub fn as_seconds(self) -> u64 {
        self.0
    }

    /// From seconds; 0 is never.
    pub fn from_seconds(seconds: u64) -> Result<Self, InvalidInterval> {
        if seconds > WEEK { Err(InvalidInterval { text: format!("{seconds}s") }) } else { Ok(Self(seconds)) }
    }
}

impl FromStr for Interval {
    type Err = InvalidInterval;

    fn from_str(text: &str) -> Result<Self, InvalidInterval> {
        if text == "off" {
            return Ok(Self(0));
        }
        let invalid = || InvalidInterval { text: text.to_owned() };
        let duration = humantime::parse_duration(text).map_err(|_| invalid())?;
        let whole = duration.subsec_nanos() == 0 && duration >= Duration::from_secs(1);
        if whole { Self::from_seconds(duration.as_secs()) } else { Err(invalid()) }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("off"),
            seconds => humantime::format_duration(Duration::from_secs(seconds)).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_written_as_people_write_it() {
        for (text, seconds, shown) in
            [("30s", 30, "30s"), ("5m", 300, "5m"), ("1h 30m", 5_400, "1h 30m"), ("off", 0, "off")]
        {
            let interval: Interval = text.parse().unwrap();
            assert_eq!((interval.as_seconds(), interval.to_string().as_str()), (seconds, shown));
        }
    }

    #[test]
    fn what_is_no_interval_is_refused_with_an_example() {
        for text in ["", "0s", "5", "-5m", "200ms", "1.5s", "8d", "soon"] {
            let error = text.parse::<Interval>().unwrap_err().to_string();
            assert!(error.contains("`5m`"), "{text:?}: {error}");
        }
    }
}
