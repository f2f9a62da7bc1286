//! The gate before libgit2: takes a host's answer apart as it arrives and
//! refuses a pack that is too large, or that would become so. libgit2 alone
//! gives a 1 MB pack two gigabytes of memory when its deltas ask for it.

mod pack;

use crate::{error::Limit, limits::Limits, pkt, protocol::said};
use pack::PackScanner;

/// Most bytes of a host's message that are kept.
const MAX_MESSAGE: usize = 1_000;

/// Why an answer was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Something is larger than allowed.
    Limit(Limit, u64),
    /// It is not what git sends.
    Malformed(&'static str),
    /// The host gave up and said why.
    Said(String),
}

/// What the next bytes are.
enum State {
    /// The digits of a pkt-line's length.
    Length { digits: [u8; 4], have: usize },
    /// The first byte of a pkt-line, which tells what it holds.
    First { left: usize },
    /// Bytes of the pack: side band 1.
    Pack { left: usize },
    /// A text: side bands 2 and 3, or a line of the negotiation.
    Text { left: usize, fatal: bool, text: Vec<u8> },
    /// A pack without side bands: all that is left.
    Raw,
}

/// Watches one answer to `POST git-upload-pack`.
pub(crate) struct Gate {
    state: State,
    pack: PackScanner,
    max_bytes: u64,
    received: u64,
}

impl Gate {
    /// A gate with these limits.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Length { digits: [0; 4], have: 0 },
            pack: PackScanner::new(limits),
            max_bytes: limits.max_pack_bytes,
            received: 0,
        }
    }

    /// Looks at the next bytes. They may go on to libgit2 only if this is `Ok`.
    pub(crate) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        self.received += bytes.len() as u64;
        if self.received > self.max_bytes {
            return Err(Stop::Limit(Limit::PackBytes, self.max_bytes));
        }
        while !bytes.is_empty() {
            bytes = self.step(bytes)?;
        }
        Ok(())
    }

    /// Takes some bytes and returns the rest.
    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Stop> {
        const START: State = State::Length { digits: [0; 4], have: 0 };
        match &mut self.state {
            State::Length { digits, have } => {
                digits[*have] = bytes[0];
                *have += 1;
                if *have == 4 {
                    self.state = if digits == b"PACK" {
                        self.pack.scan(b"PACK")?;
                        State::Raw
                    } else {
                        match pkt::length(digits) {
                            Ok(0..=2 | 4) => START,
                            Ok(length) => State::First { left: length - 4 },
                            Err(pkt::Malformed) => {
                                return Err(Stop::Malformed("a broken pkt-line"));
                            }
                        }
                    };
                }
                Ok(&bytes[1..])
            }
            State::First { left } => {
                let left = *left;
                let (state, used) = match bytes[0] {
                    1 => (State::Pack { left: left - 1 }, 1),
                    2 => (State::Text { left: left - 1, fatal: false, text: Vec::new() }, 1),
                    3 => (State::Text { left: left - 1, fatal: true, text: Vec::new() }, 1),
                    _ => (State::Text { left, fatal: false, text: Vec::new() }, 0),
                };
                self.state = state;
                self.finish_empty(&bytes[used..])
            }
            State::Pack { left } => {
                let (now, rest) = bytes.split_at(bytes.len().min(*left));
                *left -= now.len();
                self.pack.scan(now)?;
                self.finish_empty(rest)
            }
            State::Text { left, text, .. } => {
                let (now, rest) = bytes.split_at(bytes.len().min(*left));
                *left -= now.len();
                text.extend_from_slice(&now[..now.len().min(MAX_MESSAGE.saturating_sub(text.len()))]);
                self.finish_empty(rest)
            }
            State::Raw => {
                self.pack.scan(bytes)?;
                Ok(&[])
            }
        }
    }

    /// Begins the next pkt-line if this one is complete.
    fn finish_empty<'a>(&mut self, rest: &'a [u8]) -> Result<&'a [u8], Stop> {
        match &self.state {
            State::Pack { left: 0 } => {}
            State::Text { left: 0, fatal, text } => {
                if *fatal {
                    return Err(Stop::Said(said(text)));
                }
                if let Some(message) = text.strip_prefix(b"ERR ") {
                    return Err(Stop::Said(said(message)));
                }
            }
            _ => return Ok(rest),
        }
        self.state = State::Length { digits: [0; 4], have: 0 };
        Ok(rest)
    }
}

#[cfg(test)]
mod tests;
