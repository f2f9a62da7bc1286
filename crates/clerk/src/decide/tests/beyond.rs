//! What the oracle does not ask.

use super::desk::{EVIL, Input, LIVE, NOW, OTHER, OWN, Seen, at, expired, live, local, see, sign, v2, valid};
use crate::{Handshakes, Question, UrlOrganization};
use proptest::prelude::*;
use serde_json::json;

/// Status and reason, as the table has them.
async fn verdict(input: &Input) -> (&'static str, Option<String>) {
    let Seen { status, reason, .. } = see(input).await;
    (status, reason)
}

/// A reason that is given.
#[expect(clippy::unnecessary_wraps, reason = "compared with reasons that may be missing")]
fn reason(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn of_two_hints_the_first_counts() {
    let two = |first: i64, second: i64| live().cookie("__client_uat", first).cookie("__client_uat", second);
    assert_eq!(verdict(&two(0, NOW - 5)).await, ("signed-out", reason("session-token-and-uat-missing")));
    assert_eq!(verdict(&two(NOW - 5, 0)).await, ("handshake", reason("client-uat-but-no-session-token")));
    let encoded = valid().replace('.', "%2E");
    assert_eq!(verdict(&live().with(&encoded)).await.0, "signed-in");
}

#[tokio::test]
async fn clerk_away_is_a_503_and_not_a_sign_out() {
    let away = |input: Input| input.set(|input| input.keys_away = true);
    let nonce = sign(&json!({ "handshake": [] }));
    for input in [live().with(&valid()), live().bearer(&valid()), live().cookie("__clerk_handshake", nonce)] {
        let seen = see(&away(input)).await;
        assert_eq!(seen.reason, reason("jwk-remote-failed-to-load"));
        assert!(seen.location.is_none() && seen.cookies.is_empty());
    }
    // What needs no key is judged as ever.
    assert_eq!(verdict(&away(live())).await, ("signed-out", reason("session-token-and-uat-missing")));
}

#[tokio::test]
async fn a_route_without_handshakes_is_never_redirected() {
    let quiet = |input: Input| input.set(|input| input.handshakes = Handshakes::Never);
    let late = live().uat(-500).session(&sign(&expired()));
    for input in [live().uat(-9), late, live().session(&valid()), local()] {
        assert_eq!(see(&input).await.status, "handshake");
        let seen = see(&quiet(input)).await;
        assert_eq!((seen.status, seen.location), ("signed-out", None));
    }
}

#[tokio::test]
async fn what_a_handshake_brings_is_a_pages_and_not_a_scripts() {
    let lines = [format!("__session={}", valid())];
    let page = live().uat(-9).cookie("__clerk_handshake_nonce", "n1").nonce("n1", &lines);
    assert_eq!(see(&page).await.status, "signed-in");
    let seen = see(&page.set(|input| input.handshakes = Handshakes::Never)).await;
    assert_eq!((seen.status, seen.asked, seen.cookies), ("signed-out", Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_loop_ends_after_three_redirects() {
    for count in 0..6 {
        let status = see(&live().uat(-9).redirected(count)).await.status;
        assert_eq!(status, if count < 3 { "handshake" } else { "signed-out" }, "{count}");
    }
}

#[tokio::test]
async fn a_visit_from_elsewhere_costs_no_redirect() {
    let from = |referrer: &str| live().with(&valid()).header("referer", referrer);
    for referrer in ["https://github.com/x", "https://registry.ekairos.dev/y", EVIL, "android-app://x", "?"] {
        assert_eq!(see(&from(referrer)).await.status, "signed-in", "{referrer}");
    }
    // As the SDK has it, if the operator wants it so.
    let any = |referrer: &str| from(referrer).set(|input| input.variables.sync_referrers = Some("*".into()));
    for referrer in ["https://github.com/x", EVIL] {
        assert_eq!(see(&any(referrer)).await.status, "handshake", "{referrer}");
    }
    for referrer in ["https://clerk.ekairos.dev/v1", "https://accounts.ekairos.dev/sign-in"] {
        assert_eq!(see(&any(referrer)).await.status, "signed-in", "{referrer}");
    }
    // Only for documents in a tab of their own.
    let frame = from("https://platform.ekairos.dev/").header("sec-fetch-dest", "iframe");
    assert_eq!(see(&frame).await.status, "signed-in");
}

#[tokio::test]
async fn a_return_from_the_platform_asks_once_for_the_organisation() {
    let back = || live().with(&valid()).asking("ek_return=1");
    let seen = see(&back()).await;
    assert_eq!((seen.status, seen.reason), ("handshake", reason("ekairos-return")));
    let location = seen.location.unwrap();
    let (_, redirect) = location.query_pairs().find(|(name, _)| name == "redirect_url").unwrap();
    assert_eq!(redirect, "https://registry.ekairos.dev/registry?x=1&ek_return=2");
    assert_eq!(see(&live().with(&valid()).asking("ek_return=2")).await.status, "signed-in");
    assert_eq!(see(&back().redirected(1)).await.status, "signed-in");
    assert_eq!(see(&back().xhr()).await.status, "signed-in");
    // A handshake for another reason has looked, too.
    let location = see(&live().uat(-9).asking("ek_return=1")).await.location.unwrap();
    assert!(location.as_str().contains("ek_return%3D2"));
}

#[tokio::test]
async fn an_unknown_nonce_is_deleted_wherever_it_may_be() {
    let seen = see(&live().cookie("__clerk_handshake_nonce", "nX").uat(-9)).await;
    assert_eq!(
        seen.cookies,
        [
            "__clerk_redirect_count=1; SameSite=Lax; HttpOnly; Max-Age=2",
            "__clerk_handshake_nonce=; Path=/; Max-Age=0",
            "__clerk_handshake_nonce=; Path=/; Domain=ekairos.dev; Max-Age=0",
        ]
    );
    // With a session of one's own it does no harm.
    let seen = see(&live().cookie("__clerk_handshake_nonce", "nX").with(&valid())).await;
    assert_eq!((seen.status, seen.cookies.len()), ("signed-in", 2));
    // What cannot be a nonce is not even asked for.
    let seen = see(&live().cookie("__clerk_handshake_nonce", "n".repeat(600))).await;
    assert_eq!(seen.asked, Vec::new());
}

#[tokio::test]
async fn a_handshake_brings_back_no_parameter_of_an_earlier_one() {
    let input = live().uat(-9).asking("__clerk_handshake_nonce=nX&__dev_session=d&y=%20a+b");
    let location = see(&input).await.location.unwrap();
    let (_, redirect) = location.query_pairs().find(|(name, _)| name == "redirect_url").unwrap();
    assert_eq!(redirect, "https://registry.ekairos.dev/registry?x=1&y=%20a+b");
}

#[tokio::test]
async fn a_directive_cannot_bring_another_header() {
    let lines = [format!("__session={}", valid()), "a=b\r\nx-evil: 1".to_owned(), "c=d\0".to_owned()];
    let seen = see(&live().cookie("__clerk_handshake_nonce", "n1").nonce("n1", &lines)).await;
    assert_eq!((seen.status, seen.cookies.len()), ("signed-in", 1));
    let many = vec!["a=b".to_owned(); 1000];
    let seen = see(&live().cookie("__clerk_handshake_nonce", "n1").nonce("n1", &many)).await;
    assert_eq!((seen.status, seen.cookies.len()), ("signed-out", 32));
}

#[tokio::test]
async fn a_payload_is_taken_from_clerk_alone() {
    let plain = format!("__session={}", valid());
    let unsigned = OWN.sign_with(&json!({ "alg": "none" }), &json!({ "handshake": [plain] }));
    for token in [unsigned, OTHER.sign(&json!({ "handshake": [plain] })), plain, "e30.e30.".to_owned()] {
        let seen = see(&live().cookie("__clerk_handshake", token)).await;
        assert_eq!((seen.status, seen.cookies.len()), ("signed-out", 0));
    }
}

#[tokio::test]
async fn a_refreshed_session_is_verified_like_any_other() {
    let suffixed = |name: &str| format!("{name}_{LIVE}");
    let token = sign(&expired());
    let late = |lines: &[String]| {
        live()
            .cookie(&suffixed("__client_uat"), NOW - 500)
            .cookie(&suffixed("__session"), &token)
            .cookie(&suffixed("__refresh"), "rt")
            .set(|input| input.refreshed = Some(lines.to_vec()))
    };
    let stranger = OTHER.sign(&v2(&json!({})));
    for (lines, why) in [
        (vec![format!("__session={stranger}")], "session-token-expired-refresh-invalid-session-token"),
        (vec!["a=b".to_owned()], "session-token-expired-refresh-missing-session-token"),
    ] {
        assert_eq!(verdict(&late(&lines)).await, ("handshake", reason(why)));
    }
    // A script's request is renewed, too.
    let seen = see(&late(&[format!("__session={}", valid())]).xhr()).await;
    assert_eq!((seen.status, seen.cookies.len()), ("signed-in", 1));
    // So is a form's (D11), where Clerk's SDK has whoever typed for a minute lose it.
    let form = see(&late(&[format!("__session={}", valid())]).post()).await;
    assert_eq!((form.status, form.cookies.len()), ("signed-in", 1));
    let Some(Question::Refresh(request)) = seen.asked.iter().find(|asked| matches!(asked, Question::Refresh(_))) else {
        panic!("nobody asked for a new session")
    };
    assert_eq!((request.session.as_str(), request.suffixed), ("sess_1", true));
    assert!(!format!("{request:?}").contains(&token));
}

#[tokio::test]
async fn whoever_impersonates_is_told_of() {
    let input = live().with(&sign(&v2(&json!({ "act": { "sub": "user_support" } }))));
    assert_eq!(see(&input).await.status, "signed-in");
}

#[tokio::test]
async fn a_pending_session_is_led_to_the_organisation_that_the_address_names() {
    let pending = || live().with(&sign(&v2(&json!({ "sts": "pending" })))).named(UrlOrganization::Named("acme"));
    assert_eq!(verdict(&pending()).await, ("handshake", reason("active-organization-mismatch")));
    assert_eq!(see(&pending().xhr()).await.status, "signed-in");
}

#[tokio::test]
async fn times_may_be_fractions_and_must_be_numbers() {
    let fraction = |seconds: f64| live().with(&sign(&v2(&json!({ "exp": seconds }))));
    #[expect(clippy::cast_precision_loss, reason = "a time of this century")]
    let now = NOW as f64;
    assert_eq!(see(&fraction(now - 4.5)).await.status, "signed-in");
    assert_eq!(see(&fraction(now - 5.5)).await.status, "handshake");
    for claims in [json!({ "exp": "soon" }), json!({ "nbf": "soon" }), json!({ "iat": [] })] {
        let seen = verdict(&live().with(&sign(&v2(&claims)))).await;
        assert_eq!(seen, ("signed-out", reason("token-verification-failed")));
    }
}

#[tokio::test]
async fn every_way_to_write_the_path_stays_on_our_origin() {
    for path in ["//evil.example/x", "/\\evil.example", "/@evil.example", "/x?redirect=https://evil.example", "*"] {
        let location = see(&live().uat(-9).path(path)).await.location.unwrap();
        let (_, redirect) = location.query_pairs().find(|(name, _)| name == "redirect_url").unwrap();
        assert!(redirect.starts_with("https://registry.ekairos.dev/"), "{path}: {redirect}");
    }
}

proptest! {
    #[test]
    fn no_cookies_and_headers_sign_anyone_in_without_a_signature(
        session in "[ -:<-~]{0,40}", uat in "[0-9a-z-]{0,12}", handshake in "[ -:<-~]{0,40}",
        authorization in "[ -~]{0,40}", referer in "[ -~]{0,40}", query in "[!$-;=?-_a-z~]{0,60}",
    ) {
        let path = format!("/x?{query}");
        prop_assume!(path.parse::<http::Uri>().is_ok());
        let claims = json!({ "exp": at(60), "sub": "user_1" });
        let unsigned = OWN.sign_with(&json!({ "alg": "none" }), &claims);
        let input = live().path(path).cookie("__session", &session).cookie("__client_uat", &uat)
            .cookie("__clerk_handshake", &handshake).cookie("__session", unsigned)
            .header("authorization", &authorization).header("referer", &referer);
        let seen = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(see(&input));
        prop_assert_ne!(seen.status, "signed-in");
    }
}
