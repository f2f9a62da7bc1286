use super::*;
use crate::testing::SigningKey;
use http::HeaderValue;
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

const NOW: i64 = 1_795_400_600;
const SUFFIX: &str = "V0ilF7kJ";
const TEST_SUFFIX: &str = "sAfxoAZ_";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ins_A"));

fn live() -> PublishableKey {
    "pk_live_Y2xlcmsuZWthaXJvcy5kZXYk".parse().unwrap()
}

fn test() -> PublishableKey {
    "pk_test_aGFwcHktb3R0ZXItNDIuY2xlcmsuYWNjb3VudHMuZGV2JA".parse().unwrap()
}

fn parsed(lines: &[&str]) -> Cookies {
    let lines = lines.iter().map(|line| (header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap()));
    Cookies::of(&lines.collect())
}

fn of(pairs: &[(&str, &str)]) -> Cookies {
    Cookies(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// A token of an instance, issued and expiring in so many seconds from now.
fn token(key: &PublishableKey, issued: i64, expires: i64) -> String {
    KEY.sign(&json!({ "iss": key.issuer(), "iat": NOW + issued, "exp": NOW + expires }))
}

fn suffixed(key: &PublishableKey, pairs: &[(&str, &str)]) -> bool {
    SessionCookies::of(&of(pairs), key, UnixMillis::from_seconds(NOW)).suffixed
}

#[test]
fn of_two_cookies_with_one_name_the_first_counts() {
    let cookies = parsed(&["__client_uat=0; __client_uat=5", "__client_uat=6; other=7"]);
    assert_eq!(cookies.get("__client_uat"), Some("0"));
    assert_eq!(cookies.get("other"), Some("7"));
}

#[test]
fn values_are_percent_decoded_where_they_can_be() {
    let cookies = parsed(&["a=x%2Ey; b=%zz; c=%FF; d= spaced \t; e==; f; =g; h="]);
    let expected = [("a", "x.y"), ("b", "%zz"), ("c", "%FF"), ("d", "spaced"), ("e", "=")];
    for (name, value) in expected {
        assert_eq!(cookies.get(name), Some(value), "{name}");
    }
    // What is empty is as good as absent.
    assert_eq!((cookies.get("f"), cookies.get("h")), (None, None));
}

#[test]
fn what_is_no_number_counts_as_zero() {
    for text in ["abc", "-5", "99999999999999999999", "1.5", ""] {
        let cookies = of(&[("__client_uat", text), ("__clerk_redirect_count", text)]);
        let read = SessionCookies::of(&cookies, &live(), UnixMillis::from_seconds(NOW));
        assert_eq!((read.client_uat, read.redirects), (0, 0), "{text}");
    }
}

#[test]
fn the_table_of_names_is_followed_row_by_row() {
    let (live, test) = (live(), test());
    let (session, uat) = (format!("__session_{SUFFIX}"), format!("__client_uat_{SUFFIX}"));
    let (session, uat) = (session.as_str(), uat.as_str());
    let (old, new) = (token(&live, -60, 0), token(&live, -5, 55));
    // 1
    assert!(!suffixed(&live, &[("__session", "garbage"), (session, &new), (uat, "5")]));
    assert!(!suffixed(&live, &[("__session", &KEY.sign(&json!({}))), (session, &new), (uat, "5")]));
    // 2
    assert!(suffixed(&live, &[("__session", &token(&test, 0, 60))]));
    // 3
    assert!(!suffixed(&live, &[("__client_uat", "5"), ("__session", &new)]));
    assert!(!suffixed(&live, &[]));
    // 4
    assert!(!suffixed(&live, &[("__session", &new), ("__client_uat", "5"), (session, &old), (uat, "5")]));
    assert!(suffixed(&live, &[("__session", &old), ("__client_uat", "5"), (session, &new), (uat, "5")]));
    assert!(!suffixed(&live, &[("__session", &new), ("__client_uat", "5"), (uat, "5")]));
    // 5
    assert!(!suffixed(&live, &[("__client_uat", "5"), (uat, "0")]));
    assert!(suffixed(&live, &[("__client_uat", "0"), (uat, "0")]));
    // 6
    let expired = token(&test, -120, -60);
    let (test_session, test_uat) = (format!("__session_{TEST_SUFFIX}"), format!("__client_uat_{TEST_SUFFIX}"));
    assert!(!suffixed(&test, &[("__client_uat", "0"), (&test_session, &expired), (&test_uat, "5")]));
    let good = token(&test, -5, 55);
    assert!(suffixed(&test, &[("__client_uat", "0"), (&test_session, &good), (&test_uat, "5")]));
    assert!(suffixed(&live, &[("__client_uat", "0"), (session, &token(&live, -120, -60)), (uat, "5")]));
    // 7
    assert!(!suffixed(&live, &[("__client_uat", "0"), (session, &new)]));
    // 8
    assert!(suffixed(&live, &[("__client_uat", "0"), (session, &new), (uat, "5")]));
}

#[test]
fn all_names_are_chosen_together_and_refresh_only_with_the_suffix() {
    let new = token(&live(), -5, 55);
    let of_suffix = |name: &str| format!("{name}_{SUFFIX}");
    let names = ["__session", "__client_uat", "__clerk_db_jwt", "__refresh"].map(of_suffix);
    let cookies = of(&[
        ("__client_uat", "0"),
        ("__clerk_db_jwt", "plain"),
        ("__refresh", "plain"),
        (&names[0], &new),
        (&names[1], "5"),
        (&names[2], "suffixed"),
        (&names[3], "suffixed"),
    ]);
    let read = SessionCookies::of(&cookies, &live(), UnixMillis::from_seconds(NOW));
    assert_eq!((read.session.as_deref(), read.client_uat), (Some(new.as_str()), 5));
    assert_eq!((read.dev_browser.as_deref(), read.refresh.as_deref()), (Some("suffixed"), Some("suffixed")));
    let plain = of(&[("__refresh", "plain")]);
    assert_eq!(SessionCookies::of(&plain, &live(), UnixMillis::from_seconds(NOW)).refresh, None);
}

proptest! {
    #[test]
    fn any_header_is_read_without_harm(line in proptest::collection::vec(0x20_u8..=0xff, 0..200)) {
        let line: Vec<u8> = line.into_iter().filter(|byte| *byte != 0x7f).collect();
        let cookies = Cookies::of(&[(header::COOKIE, HeaderValue::from_bytes(&line).unwrap())].into_iter().collect());
        SessionCookies::of(&cookies, &live(), UnixMillis::from_seconds(NOW));
    }

    #[test]
    fn the_first_value_of_a_name_is_the_one_that_is_read(
        pairs in proptest::collection::vec(("[a-c]", "[a-zA-Z0-9._-]{1,8}"), 1..12),
        split in 0_usize..12,
    ) {
        let split = split.min(pairs.len());
        let line = |pairs: &[(String, String)]| {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        };
        let cookies = parsed(&[&line(&pairs[..split]), &line(&pairs[split..])]);
        for (name, _) in &pairs {
            let first = pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
            prop_assert_eq!(cookies.get(name), first);
        }
    }

    #[test]
    fn without_suffixed_cookies_of_its_own_an_instance_reads_the_plain_ones(
        uat in proptest::option::of("[0-9]{1,10}"),
        session in any::<bool>(),
        foreign_suffix in any::<bool>(),
    ) {
        let own = token(&live(), -5, 55);
        let foreign = format!("__client_uat_{TEST_SUFFIX}");
        let mut pairs = Vec::new();
        if let Some(uat) = &uat {
            pairs.push(("__client_uat", uat.as_str()));
        }
        if session {
            pairs.push(("__session", own.as_str()));
        }
        if foreign_suffix {
            pairs.push((foreign.as_str(), "5"));
        }
        prop_assert!(!suffixed(&live(), &pairs));
    }

    #[test]
    fn the_session_of_another_instance_is_never_read(uat in "[0-9]{1,10}", own in any::<bool>()) {
        let foreign = token(&test(), -5, 55);
        let (name, new) = (format!("__session_{SUFFIX}"), token(&live(), -5, 55));
        let mut pairs = vec![("__session", foreign.as_str()), ("__client_uat", uat.as_str())];
        if own {
            pairs.push((name.as_str(), new.as_str()));
        }
        let read = SessionCookies::of(&of(&pairs), &live(), UnixMillis::from_seconds(NOW));
        prop_assert_eq!(read.session, own.then_some(new));
    }
}
