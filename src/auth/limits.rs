//! How often something may be asked for: token buckets in tables of a fixed size.

use super::Asker;
use crate::{api::ApiError, config::Config};
use model::TokenId;
use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Buckets in one table. Two keys share one by chance, so that the table needs
/// no more room whoever comes.
const SLOTS: usize = 1 << 14;
/// Tokens that open nothing, and states of a public registry that are not there, from one address.
const GUESSES: Rate = Rate { count: 30, per: Duration::from_mins(1) };
/// Sign-in links that are not good, from one address.
const SIGN_INS: Rate = Rate { count: 5, per: Duration::from_mins(1) };

/// A number in a time: what a bucket holds, and how long it takes to fill up
/// again. It fills evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    per: Duration,
}

impl Rate {
    /// This many in a minute.
    pub const fn per_minute(count: u32) -> Self {
        Self { count, per: Duration::from_mins(1) }
    }

    /// Nanoseconds until one more is let through.
    fn interval(self) -> u64 {
        u64::try_from(self.per.as_nanos()).expect("hours at most") / u64::from(self.count)
    }
}

/// A text that is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a rate: write `100/s`, `6000/m` or `50000/h`, at most 1000000, or `off`")]
pub struct InvalidRate(String);

/// A rate, or no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(Option<Rate>);

impl Limit {
    /// This many in a minute.
    pub const fn per_minute(count: u32) -> Self {
        Self(Some(Rate::per_minute(count)))
    }
}

impl FromStr for Limit {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        if text == "off" {
            return Ok(Self(None));
        }
        let invalid = || InvalidRate(text.to_owned());
        let (count, unit) = text.split_once('/').ok_or_else(invalid)?;
        let per = match unit {
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            _ => return Err(invalid()),
        };
        let count = count.parse().ok().filter(|count| (1..=1_000_000).contains(count)).ok_or_else(invalid)?;
        Ok(Self(Some(Rate { count, per })))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "m",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(rate) => rate.fmt(f),
            None => f.write_str("off"),
        }
    }
}

/// One bucket for each key, of a rate. Each is one number: the moment at which
/// it will be full again, in nanoseconds since the table was made (the generic
/// cell rate algorithm).
struct Buckets {
    rate: Rate,
    slots: Box<[AtomicU64]>,
    /// Seeded at random: nobody can aim at another's bucket.
    hasher: RandomState,
    begun: Instant,
}

impl Buckets {
    fn new(rate: Rate) -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { rate, slots, hasher: RandomState::new(), begun: Instant::now() }
    }

    fn slot(&self, key: impl Hash) -> &AtomicU64 {
        let hash = self.hasher.hash_one(key);
        &self.slots[usize::try_from(hash % SLOTS as u64).expect("smaller than the table")]
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// When it will be full again after one more is taken at `now`, or how long
    /// to wait until one can be.
    fn next(&self, full: u64, now: u64) -> Result<u64, Duration> {
        let interval = self.rate.interval();
        let next = full.max(now) + interval;
        let most = now + interval * u64::from(self.rate.count);
        if next <= most { Ok(next) } else { Err(Duration::from_nanos(next - most)) }
    }

    fn take_at(&self, key: impl Hash, now: u64) -> Result<(), Duration> {
        let slot = self.slot(key);
        let mut full = slot.load(Ordering::Relaxed);
        loop {
            let next = self.next(full, now)?;
            match slot.compare_exchange_weak(full, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(changed) => full = changed,
            }
        }
    }

    /// Takes one, or says how long to wait.
    fn take(&self, key: impl Hash) -> Result<(), Duration> {
        self.take_at(key, self.now())
    }

    /// Gives one back that was taken.
    fn give_back(&self, key: impl Hash) {
        let slot = self.slot(key);
        let mut full = slot.load(Ordering::Relaxed);
        while let Some(less) = full.checked_sub(self.rate.interval()) {
            match slot.compare_exchange_weak(full, less, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(changed) => full = changed,
            }
        }
    }

    /// Whether one could be taken.
    fn look(&self, key: impl Hash) -> Result<(), Duration> {
        self.next(self.slot(key).load(Ordering::Relaxed), self.now()).map(drop)
    }
}

/// What requests are limited by. Programs on this machine are not: whoever runs
/// one has other ways to keep it busy.
pub struct Limits {
    addresses: Option<Buckets>,
    tokens: Option<Buckets>,
    guesses: Buckets,
    sign_ins: Buckets,
}

/// What an address is counted as: of IPv6, everyone has a network of 64 bits.
fn network(address: Option<IpAddr>) -> Option<IpAddr> {
    address.map(|address| match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    })
}

fn refuse(what: &str, wait: Duration) -> ApiError {
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000).max(1)).unwrap_or(u32::MAX);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    ApiError::too_many(format!("{what} Wait {seconds} {unit}, then try again."), seconds)
}

fn guesses(wait: Duration) -> ApiError {
    refuse("Too many guesses from your address led to nothing.", wait)
}

impl Limits {
    /// Limits as they are configured.
    pub fn new(config: &Config) -> Self {
        Self {
            addresses: config.limit_per_address.value.0.map(Buckets::new),
            tokens: config.limit_per_token.value.0.map(Buckets::new),
            guesses: Buckets::new(GUESSES),
            sign_ins: Buckets::new(SIGN_INS),
        }
    }

    /// Counts a request of an address. Whoever hides behind a proxy that nobody
    /// trusts has none to count by.
    pub fn count(&self, asker: Asker) -> Result<(), ApiError> {
        let (Some(buckets), Some(address), false) = (&self.addresses, network(asker.address), asker.is_here) else {
            return Ok(());
        };
        buckets
            .take(address)
            .map_err(|wait| refuse(&format!("There were more than {} requests from your address.", buckets.rate), wait))
    }

    /// Counts a request that a token proved, wherever it came from.
    pub(super) fn count_token(&self, asker: Asker, token: TokenId) -> Result<(), ApiError> {
        let (Some(buckets), false) = (&self.tokens, asker.is_here) else { return Ok(()) };
        buckets
            .take(token)
            .map_err(|wait| refuse(&format!("There were more than {} requests with this token.", buckets.rate), wait))
    }

    /// Whether an organisation is looked up for a token of this address: not after
    /// too many that opened nothing.
    pub fn may_guess(&self, asker: Asker) -> Result<(), ApiError> {
        if asker.is_here { Ok(()) } else { self.guesses.look(network(asker.address)).map_err(guesses) }
    }

    /// Counts a token that opened nothing. One that is good is never refused for
    /// others of its address: many people may share it.
    pub fn guessed(&self, asker: Asker) -> Result<(), ApiError> {
        if asker.is_here { Ok(()) } else { self.guesses.take(network(asker.address)).map_err(guesses) }
    }

    /// Takes back what was counted before it was known to be good.
    pub(super) fn was_no_guess(&self, asker: Asker) {
        if !asker.is_here {
            self.guesses.give_back(network(asker.address));
        }
    }

    /// Whether a sign-in link of this address is looked at.
    pub fn may_sign_in(&self, asker: Asker) -> bool {
        self.sign_ins.look(network(asker.address)).is_ok()
    }

    /// Counts a sign-in link that was not good.
    pub fn sign_in_failed(&self, asker: Asker) {
        let _ = self.sign_ins.take(network(asker.address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_bucket_gives_what_it_holds_at_once_and_then_as_it_fills() {
        let buckets = Buckets::new(Rate { count: 10, per: Duration::from_secs(10) });
        for nth in 0..10 {
            assert_eq!(buckets.take_at("a", 0), Ok(()), "{nth}");
        }
        assert_eq!(buckets.take_at("a", 0), Err(Duration::from_secs(1)));
        assert_eq!(buckets.take_at("a", SECOND / 2), Err(Duration::from_millis(500)));
        assert_eq!(buckets.take_at("a", SECOND), Ok(()));
        assert_eq!(buckets.take_at("a", SECOND), Err(Duration::from_secs(1)));
        assert_eq!(buckets.take_at("b", SECOND), Ok(()), "another key has its own");
        for nth in 0..10 {
            assert_eq!(buckets.take_at("a", 100 * SECOND), Ok(()), "it holds no more than it did: {nth}");
        }
        assert!(buckets.take_at("a", 100 * SECOND).is_err());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more_than_the_bucket_holds() {
        let buckets = Buckets::new(Rate { count: 3, per: Duration::from_hours(1) });
        for round in 0..10 {
            assert_eq!(buckets.take("a"), Ok(()), "{round}");
            buckets.give_back("a");
        }
        for _ in 0..10 {
            buckets.give_back("a");
        }
        let given = (0..10).filter(|_| buckets.take("a").is_ok()).count();
        assert_eq!(given, 3);
    }

    #[test]
    fn many_at_once_get_no_more_than_the_bucket_holds() {
        let buckets = Buckets::new(Rate { count: 100, per: Duration::from_hours(1) });
        let given: usize = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| (0..100).filter(|_| buckets.take("a").is_ok()).count())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(given, 100);
    }

    #[test]
    fn whoever_comes_the_table_stays_as_large_as_it_is() {
        let buckets = Buckets::new(Rate::per_minute(1000));
        for key in 0..100_000_u32 {
            let _ = buckets.take(key);
        }
        assert_eq!(buckets.slots.len(), SLOTS);
    }

    #[test]
    fn one_network_of_ipv6_is_one_asker() {
        let network = |text: &str| network(text.parse().ok());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn a_rate_is_written_as_a_number_in_a_time() {
        for text in ["1/s", "6000/m", "1000000/h", "off"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for text in ["", "0/s", "1000001/m", "5", "5/d", "-1/s", "5/ s"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
    }
}
