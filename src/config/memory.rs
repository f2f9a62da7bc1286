//! How large the process may become.

use std::{fmt, str::FromStr};

/// A size in bytes: `512MiB`, `2GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory(u64);

/// A text that is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a size of at least 16MiB, such as 512MiB or 2GiB")]
pub struct InvalidMemory;

/// Less is taken up by the program alone.
const LEAST: u64 = 16 << 20;

impl Memory {
    /// The size in bytes.
    pub fn as_bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Memory {
    type Err = InvalidMemory;

    fn from_str(text: &str) -> Result<Self, InvalidMemory> {
        let text = text.trim();
        let units = [("MiB", 1_u64 << 20), ("GiB", 1 << 30)];
        let read = |(unit, bytes): (&str, u64)| {
            let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            number.checked_mul(bytes)
        };
        units.into_iter().find_map(read).filter(|bytes| *bytes >= LEAST).map(Self).ok_or(InvalidMemory)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1 << 30) { write!(f, "{}GiB", self.0 >> 30) } else { write!(f, "{}MiB", self.0 >> 20) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_with_its_unit_and_nothing_else_is() {
        let read = |text: &str| text.parse::<Memory>().map(|memory| memory.to_string());
        assert_eq!(read("512MiB").as_deref(), Ok("512MiB"));
        assert_eq!(read("2048 MiB").as_deref(), Ok("2GiB"));
        for text in ["", "2", "2GB", "-1GiB", "15MiB", "99999999999999999999GiB", "18446744073709551615GiB"] {
            assert_eq!(read(text), Err(InvalidMemory), "{text}");
        }
    }
}
