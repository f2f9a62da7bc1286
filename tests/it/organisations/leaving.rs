//! Signing out, and forms that were open for long.

use super::{ACME, Neighbours};
use clerk::InstanceKind;
use std::time::Duration;

#[test]
fn whoever_signs_out_is_out_everywhere() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let neighbours = Neighbours::settle(kind);
        let deployment = &neighbours.deployment;
        let ann = deployment.stranger();
        let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
        for pair in signed_in.cookies.split("; ") {
            ann.keep(pair);
        }
        ann.keep(&format!("__client={}", signed_in.browser));
        ann.open("/registry").expect(200);
        let seen = ann.send_form("/logout", &[]);
        assert_eq!(seen.url(), format!("{}/signed-out", deployment.url));
        assert_eq!(seen.answer.header("cache-control"), "private, no-store");
        seen.page(200);
        assert!(!deployment.clerk.is_signed_in(&signed_in.session), "the session is ended at Clerk");
        assert_eq!(ann.cookie("__session"), None);
        // By a handshake it turns out that there is no session any more.
        let seen = ann.visit("/registry");
        assert!(seen.url().starts_with(&deployment.clerk.platform_url("localhost")), "{:#?}", seen.way);
        assert_eq!(ann.ask("GET", "/api/internal/registry").send().status, 401);
        let trail = deployment.visitor("user_ann", Some(ACME)).ask("GET", "/api/internal/audit").send().expect(200);
        assert!(trail.text().contains("session.close"), "{}", trail.text());
    }
}

#[test]
fn whoever_signs_out_after_their_token_has_expired_is_out_too() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let neighbours = Neighbours::settle(kind);
        let deployment = &neighbours.deployment;
        let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
        let ann = deployment.stranger();
        for pair in signed_in.cookies.split("; ") {
            ann.keep(pair);
        }
        ann.keep(&format!("__client={}", signed_in.browser));
        let old = deployment.clerk.token(&signed_in.session, None, Duration::from_hours(1)).expect("a session");
        ann.change("__session", |_| old.clone());
        ann.change("__client_uat", |since| (since.parse::<i64>().expect("seconds") - 3700).to_string());
        let seen = ann.send_form("/logout", &[]);
        assert_eq!(seen.url(), format!("{}/signed-out", deployment.url));
        assert!(!deployment.clerk.is_signed_in(&signed_in.session), "the session is ended at Clerk");
        let seen = ann.visit("/registry");
        assert!(seen.url().starts_with(&deployment.clerk.platform_url("localhost")), "{:#?}", seen.way);
    }
}

#[test]
fn a_form_is_taken_that_was_typed_for_longer_than_a_session_token_lives() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    deployment.clerk.refreshes(true, true);
    let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
    let ann = deployment.stranger();
    for pair in signed_in.cookies.split("; ").filter(|pair| !pair.starts_with("__session")) {
        ann.keep(pair);
    }
    ann.keep(&format!("__client={}", signed_in.browser));
    ann.visit("/settings/tokens").page(200);
    // An hour passes.
    let hour = Duration::from_hours(1);
    let old = deployment.clerk.token(&signed_in.session, None, hour).expect("a session");
    ann.change("__session", |_| old.clone());
    ann.change("__client_uat", |since| (since.parse::<i64>().expect("seconds") - 3700).to_string());
    let made = ann.send_form("/settings/tokens", &[("name", "typed"), ("scope", "read"), ("expires", "never")]);
    assert!(made.way.len() == 1 && made.answer.status < 300, "{:#?} {}", made.way, made.answer.text());
    assert!(made.answer.text().contains(&format!("ekr_{ACME}_")));
    // Not where the session has ended meanwhile.
    deployment.clerk.end(&signed_in.session);
    ann.change("__session", |_| old.clone());
    let refused = ann.send_form("/settings/tokens", &[("name", "late"), ("scope", "read"), ("expires", "never")]);
    assert!(!refused.answer.text().contains("ekr_"), "{:#?}", refused.way);
    assert_eq!(neighbours.databases[0].rows("registry_tokens").len(), 1);
}

#[test]
fn a_session_that_is_renewed_for_a_form_or_a_script_is_renewed_once_and_the_browser_has_it() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    deployment.clerk.refreshes(true, true);
    let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
    let ann = deployment.stranger();
    for pair in signed_in.cookies.split("; ").filter(|pair| !pair.starts_with("__session")) {
        ann.keep(pair);
    }
    ann.keep(&format!("__client={}", signed_in.browser));
    ann.visit("/settings/tokens").page(200);
    ann.change("__client_uat", |since| (since.parse::<i64>().expect("seconds") - 3700).to_string());
    let old = deployment.clerk.token(&signed_in.session, None, Duration::from_hours(1)).expect("a session");
    let renewals = || deployment.clerk.calls(&format!("POST /v1/sessions/{}/refresh", signed_in.session));
    // A form: who sends it, and whose page follows, is found out once.
    let before = renewals();
    ann.change("__session", |_| old.clone());
    let made = ann.send_form("/settings/tokens", &[("name", "typed"), ("scope", "read"), ("expires", "never")]);
    assert!(made.answer.text().contains(&format!("ekr_{ACME}_")));
    assert_eq!(renewals() - before, 1);
    assert_ne!(ann.cookie("__session").expect("a session"), old);
    ann.ask("GET", "/api/internal/registry").send().expect(200);
    assert_eq!(renewals() - before, 1, "from then on it is fresh");
    // A script.
    ann.change("__session", |_| old.clone());
    let answer = ann.ask("GET", "/api/internal/registry").send().expect(200);
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).collect();
    assert!(set.iter().any(|line| line.starts_with("__session=e")), "{set:?}");
    // Whoever signs out is out, though the session was renewed for that.
    ann.change("__session", |_| old.clone());
    ann.send_form("/logout", &[]).page(200);
    assert_eq!(ann.cookie("__session"), None);
}

#[test]
fn a_page_that_tells_how_to_sign_in_leads_to_the_platform() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let sign_in = format!("{}/sign-in?redirect=", deployment.clerk.platform_url("localhost"));
    let stranger = deployment.stranger();
    let led = stranger.open("/login").expect(303);
    assert!(led.header("location").starts_with(&sign_in), "{}", led.header("location"));
    for page in ["/login", "/login?t=guessed", "/login?error=used"] {
        let page = stranger.open(page).expect(401);
        assert!(page.text().contains(&sign_in) && !page.text().contains("login-link"), "{}", page.text());
    }
    // Whoever is in already has nothing to do there.
    let ann = deployment.visitor("user_ann", Some(ACME));
    assert_eq!(ann.open("/login").expect(303).header("location"), "/");
}
