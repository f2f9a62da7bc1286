//! Reading the token: rows of the platform, in the organisation's database.
//!
//! `integration_secrets` and `externalConnection` are the platform's own
//! (`specs/clerk-and-onboarding.md` 7.7), so they are asked for by name, past
//! our schema. A store answers a name that it does not know with an empty list.

use ::github::{Listing, Token};
use instant::{Query, Tree};
use serde_json::{Value, json};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How long a token is used before it is read again.
const FRESH: Duration = Duration::from_secs(60);
/// The same for there being none: someone may be connecting GitHub right now.
const FRESH_NONE: Duration = Duration::from_secs(5);
/// The platform's entity of secrets.
const SECRETS: &str = "integration_secrets";
/// Most rows that are looked at. There is one, unless GitHub was connected again.
const MOST: u64 = 50;

/// Whether the token has to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It was read just now, or that there is none.
    Fresh(Option<Token>),
    /// It has to be read.
    Stale,
}

/// What is known of an organisation's GitHub for a moment.
#[derive(Default)]
pub(crate) struct GithubCache {
    token: Mutex<Option<(Instant, Option<Token>)>>,
    listing: Mutex<Option<(Instant, Token, Arc<Listing>)>>,
}

impl GithubCache {
    /// What was read last, if that was just now.
    pub(super) fn known(&self, now: Instant) -> Known {
        let Some((at, token)) = lock(&self.token).clone() else { return Known::Stale };
        let fresh = if token.is_some() { FRESH } else { FRESH_NONE };
        if now.saturating_duration_since(at) < fresh { Known::Fresh(token) } else { Known::Stale }
    }

    pub(super) fn keep(&self, at: Instant, token: Option<Token>) {
        *lock(&self.token) = Some((at, token));
    }

    /// What this token saw, if that was asked just now.
    pub(super) fn listing(&self, token: &Token, now: Instant) -> Option<Arc<Listing>> {
        let kept = lock(&self.listing);
        let (at, of, listing) = kept.as_ref()?;
        (of == token && now.saturating_duration_since(*at) < FRESH).then(|| listing.clone())
    }

    pub(super) fn keep_listing(&self, at: Instant, token: Token, listing: Arc<Listing>) {
        *lock(&self.listing) = Some((at, token, listing));
    }
}

impl fmt::Debug for GithubCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubCache").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics while it holds this lock")
}

/// Asks for the secrets of active connections to GitHub, made last first.
///
/// Not in the order of `updatedAt`: a store orders by indexed attributes alone,
/// and whether this one is indexed, or there at all, is the platform's business.
pub(super) fn query() -> Query {
    let asked = json!({ SECRETS: { "$": {
        "where": {
            "kind": "github.access_token",
            "externalConnection.provider": "github",
            "externalConnection.status": "active",
        },
        "order": { "serverCreatedAt": "desc" },
        "limit": MOST,
    } } });
    Query::from_json(&asked, true).expect("the query is well-formed")
}

/// When a row was changed, in milliseconds since 1970: InstantDB's dates are
/// numbers or ISO texts.
fn updated_at(row: &Value) -> Option<i64> {
    match row.get("updatedAt")? {
        Value::Number(number) => number.as_i64().or_else(|| {
            #[expect(clippy::cast_possible_truncation, reason = "only compared, and `as` saturates")]
            number.as_f64().map(|millis| millis as i64)
        }),
        Value::String(text) => {
            let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
        }
        _ => None,
    }
}

/// The token of the row that was changed last; of several without a time, of
/// the one made last. Rows without a token are passed over.
pub(super) fn newest(tree: &Tree) -> Option<Token> {
    let rows = tree.get(SECRETS).and_then(Value::as_array)?;
    let usable = rows.iter().filter_map(|row| {
        let token = row.get("data").and_then(Value::as_str).and_then(|text| Token::new(text).ok());
        if token.is_none() {
            tracing::warn!("a GitHub connection in the organisation's database holds no usable token");
        }
        Some((updated_at(row), token?))
    });
    // Of equals `max_by_key` takes the last, which was made first.
    let mut usable: Vec<_> = usable.collect();
    usable.reverse();
    usable.into_iter().max_by_key(|(at, _)| *at).map(|(_, token)| token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(rows: &Value) -> Option<String> {
        let tree = json!({ SECRETS: rows }).as_object().expect("an object").clone();
        newest(&tree).map(|token| token.secret().expose().to_owned())
    }

    #[test]
    fn of_several_rows_the_one_changed_last_counts() {
        let row = |data: &str, at: Value| json!({ "data": data, "updatedAt": at });
        for (rows, expected) in [
            (json!([]), None),
            (json!([row("a", Value::Null), row("b", Value::Null)]), Some("a")),
            (json!([row("a", 1.into()), row("b", 2.into())]), Some("b")),
            (json!([row("a", "2026-01-01T00:00:00Z".into()), row("b", 1000.5.into())]), Some("a")),
            (json!([row("a", Value::Null), row("b", 1.into())]), Some("b")),
            (
                json!([row("a", 1.into()), { "data": "", "updatedAt": 9 }, { "updatedAt": 8 }, { "data": {} }]),
                Some("a"),
            ),
            (json!([{ "data": "not a token" }]), None),
        ] {
            assert_eq!(found(&rows).as_deref(), expected, "{rows}");
        }
        assert!(newest(&Tree::new()).is_none(), "a store that knows no such entity");
    }

    #[test]
    fn a_token_is_kept_for_a_minute_and_its_absence_for_seconds() {
        let (cache, now) = (GithubCache::default(), Instant::now());
        let token = || Token::new("canary").ok();
        assert_eq!(cache.known(now), Known::Stale);
        cache.keep(now, token());
        assert_eq!(cache.known(now + FRESH.mul_f64(0.9)), Known::Fresh(token()));
        assert_eq!(cache.known(now + FRESH), Known::Stale);
        cache.keep(now, None);
        assert_eq!(cache.known(now), Known::Fresh(None));
        assert_eq!(cache.known(now + FRESH_NONE), Known::Stale);
        assert!(!format!("{cache:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn whatever_the_platform_wrote_is_read_without_a_fault(
            data in "\\PC{0,20}", number in any::<f64>(), text in "\\PC{0,30}"
        ) {
            let rows = json!([{ "data": data, "updatedAt": number }, { "data": data, "updatedAt": text }, data]);
            let token = found(&rows);
            prop_assert!(token.is_none_or(|token| token.bytes().all(|byte| byte.is_ascii_graphic())));
        }
    }
}
