//! A whole instance, against a fake Clerk, with a browser between them.

mod browser;

use super::*;
use crate::{
    InstanceKind, InvalidApiKey, Principal, Reason, UnixMillis, UrlOrganization, returning,
    testing::{self, FakeClerk, HandshakeForm, ManualClock, Trouble},
};
use browser::{Browser, Visit};
use serde_json::json;
use std::time::Duration;

pub(super) const REGISTRY: &str = "http://localhost:3030";

struct Place {
    fake: FakeClerk,
    clock: Arc<ManualClock>,
    clerk: Clerk,
}

/// An instance with two organisations and one person, and its registry.
fn place(kind: InstanceKind) -> Place {
    let clock = Arc::new(ManualClock::at(UnixMillis::from_seconds(1_795_400_600)));
    let fake = FakeClerk::start_with(kind, None, clock.clone());
    fake.organization_with_app("org_1", "Acme", "app-1", "canary-1").organization("org_2", "Globex", json!({})).user(
        "user_1",
        "Ada",
        &[("org_1", "org:admin"), ("org_2", "org:member")],
    );
    let settings = ClerkSettings::read(&fake.variables(REGISTRY)).unwrap().unwrap();
    let backend = Backend::new(OperatorClient::new().unwrap(), &settings);
    let clerk = Clerk::with(settings, backend, clock.clone());
    Place { fake, clock, clerk }
}

fn production() -> Place {
    place(InstanceKind::Production)
}

/// Somebody who has just signed in on the platform, and has never been here.
fn newcomer(place: &Place, organization: Option<&str>) -> (Browser, String) {
    let signed_in = place.fake.sign_in("user_1", organization, REGISTRY);
    let mut browser = Browser::default();
    browser.clerk("__client", &signed_in.browser);
    if place.clerk.settings().kind() == InstanceKind::Production {
        browser.registry("__client_uat", &place.fake.now().seconds().to_string());
    }
    (browser, signed_in.session)
}

fn organization(visit: &Visit) -> &str {
    let Verdict::SignedIn(principal) = &visit.decision.verdict else { panic!("{:?}", visit.decision.verdict) };
    principal.organization().map_or("none", OrganizationId::as_str)
}

#[tokio::test]
async fn a_newcomer_is_signed_in_by_one_handshake() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        for form in [HandshakeForm::Nonce, HandshakeForm::Token] {
            let place = place(kind);
            place.fake.hands_over(form);
            let (mut browser, _) = newcomer(&place, Some("org_1"));
            let visit = browser.visit(&place.clerk, "/registry?x=1").await;
            assert_eq!((organization(&visit), visit.handshakes), ("org_1", 1), "{kind:?} {form:?}");
            assert_eq!(visit.path, "/registry?x=1");
            let again = browser.visit(&place.clerk, "/registry").await;
            assert_eq!((organization(&again), again.handshakes), ("org_1", 0));
            assert_eq!(place.fake.calls("GET /v1/jwks"), 1);
        }
    }
}

#[tokio::test]
async fn a_stranger_is_signed_out() {
    let place = production();
    let visit = Browser::default().visit(&place.clerk, "/registry").await;
    assert_eq!(visit.decision.verdict, Verdict::SignedOut(Reason::SessionAndUatMissing));
    assert_eq!(visit.handshakes, 0);
    // In development Clerk is asked first who the browser is.
    let place = self::place(InstanceKind::Development);
    let visit = Browser::default().visit(&place.clerk, "/registry").await;
    assert_eq!((visit.decision.verdict, visit.handshakes), (Verdict::SignedOut(Reason::SessionAndUatMissing), 1));
}

#[tokio::test]
async fn who_comes_back_after_a_while_is_still_signed_in() {
    let place = production();
    let (mut browser, _) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    place.clock.advance(Duration::from_hours(2));
    let visit = browser.visit(&place.clerk, "/").await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_1", 1));
}

#[tokio::test]
async fn with_a_refresh_token_no_redirect_is_needed() {
    let place = production();
    place.fake.refreshes(true, true);
    let (mut browser, _) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    place.clock.advance(Duration::from_hours(2));
    let visit = browser.visit(&place.clerk, "/").await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_1", 0));
    // One that is refused leads to a handshake after all.
    place.fake.refreshes(true, false);
    place.clock.advance(Duration::from_hours(2));
    let visit = browser.visit(&place.clerk, "/").await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_1", 1));
}

#[tokio::test]
async fn who_signed_out_elsewhere_is_signed_out_here() {
    let place = production();
    let (mut browser, session) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    place.fake.end(&session);
    place.clock.advance(Duration::from_mins(2));
    let visit = browser.visit(&place.clerk, "/").await;
    assert_eq!(visit.decision.verdict, Verdict::SignedOut(Reason::SessionMissing));
    let again = browser.visit(&place.clerk, "/").await;
    assert_eq!((again.decision.verdict, again.handshakes), (Verdict::SignedOut(Reason::SessionAndUatMissing), 0));
}

#[tokio::test]
async fn an_organisation_that_was_switched_elsewhere_is_noticed_on_return() {
    let place = production();
    let (mut browser, session) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    place.fake.switch(&session, Some("org_2"));
    // By itself the token keeps the old one, for a minute at most.
    assert_eq!(organization(&browser.visit(&place.clerk, "/").await), "org_1");
    let back = returning::marked(&format!("{REGISTRY}/registry?x=1").parse().unwrap());
    let visit = browser.visit(&place.clerk, &back[url::Position::BeforePath..]).await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_2", 1));
    let url: url::Url = format!("{REGISTRY}{}", visit.path).parse().unwrap();
    assert_eq!(returning::of(&url), Some(returning::Return::LookedAt));
    assert_eq!(&returning::unmarked(&url)[url::Position::BeforePath..], "/registry?x=1");
    // Or by where they come from.
    place.fake.switch(&session, Some("org_1"));
    browser.referrer = Some(place.fake.platform_url("localhost"));
    let visit = browser.visit(&place.clerk, "/").await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_1", 1));
}

#[tokio::test]
async fn an_address_that_names_an_organisation_makes_it_the_active_one() {
    let place = production();
    let (mut browser, _) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    browser.organization = UrlOrganization::Named("globex");
    let visit = browser.visit(&place.clerk, "/o/globex").await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_2", 1));
    // Of one that they do not belong to they hear after three tries; the page says so.
    browser.organization = UrlOrganization::Named("others");
    let visit = browser.visit(&place.clerk, "/o/others").await;
    assert_eq!(organization(&visit), "org_2");
    assert!(visit.handshakes <= 3);
}

#[tokio::test]
async fn a_rotated_key_signs_nobody_out() {
    let place = production();
    let (mut browser, _) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    place.clock.advance(Duration::from_mins(2));
    place.fake.rotate(true);
    assert_eq!(organization(&browser.visit(&place.clerk, "/").await), "org_1");
}

#[tokio::test]
async fn while_clerk_is_away_who_is_signed_in_stays_so() {
    let place = production();
    let (mut browser, session) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    assert!(matches!(place.clerk.credentials(&"org_1".parse().unwrap()).await, Credentials::Found { .. }));
    place.fake.trouble("/", Trouble::Status(500));
    for _ in 0..3 {
        place.clock.advance(Duration::from_hours(7));
        // clerk-js has brought a fresh token before it went away.
        let token = place.fake.token(&session, Some(REGISTRY), Duration::ZERO).unwrap();
        browser.registry("__session", &token);
        browser.registry("__session_V0ilF7kJ", &token);
        let visit = browser.visit(&place.clerk, "/").await;
        assert_eq!((organization(&visit), visit.handshakes), ("org_1", 0));
        let credentials = place.clerk.credentials(&"org_1".parse().unwrap()).await;
        assert!(matches!(credentials, Credentials::Found { .. }), "{credentials:?}");
    }
    // A server that starts meanwhile says that Clerk is away.
    let stranger = production();
    stranger.fake.trouble("/", Trouble::Status(500));
    let (mut browser, session) = newcomer(&stranger, Some("org_1"));
    browser.registry("__session", &stranger.fake.token(&session, Some(REGISTRY), Duration::ZERO).unwrap());
    let visit = browser.visit(&stranger.clerk, "/").await;
    assert_eq!((visit.decision.verdict, visit.handshakes), (Verdict::Unavailable, 0));
    let credentials = stranger.clerk.credentials(&"org_1".parse().unwrap()).await;
    assert!(matches!(credentials, Credentials::Unavailable { .. }), "{credentials:?}");
}

#[tokio::test]
async fn a_handshake_that_comes_back_while_clerk_is_away_can_be_tried_again() {
    let place = production();
    let (mut browser, _) = newcomer(&place, Some("org_1"));
    place.fake.trouble("/v1/clients", Trouble::Status(500));
    let visit = browser.visit(&place.clerk, "/registry").await;
    assert_eq!(visit.decision.verdict, Verdict::Unavailable);
    place.fake.no_trouble();
    let visit = browser.visit(&place.clerk, "/registry").await;
    assert_eq!((organization(&visit), visit.handshakes), ("org_1", 0));
}

#[tokio::test]
async fn a_wrong_secret_key_is_not_taken_for_a_stranger() {
    let place = production();
    let mut settings = place.clerk.settings().clone();
    settings.secret_key = "sk_live_canary".parse().unwrap();
    let clerk = Clerk::new(settings, OperatorClient::new().unwrap());
    let (mut browser, _) = newcomer(&place, Some("org_1"));
    let visit = browser.visit(&clerk, "/").await;
    assert!(matches!(visit.decision.verdict, Verdict::Misconfigured(_)), "{:?}", visit.decision);
    assert_eq!(clerk.credentials(&"org_1".parse().unwrap()).await, Credentials::Misconfigured);
    assert!(!format!("{clerk:?}").contains("canary"));
}

#[tokio::test]
async fn an_api_key_acts_for_its_organisation_until_it_is_revoked() {
    let place = production();
    place.fake.api_key("ak_good", "org_1", &json!({ "scopes": ["registry:read"] }));
    let asked = async |token: &str| {
        let (method, uri) = (http::Method::GET, http::Uri::from_static("/r/button.json"));
        let bearer = http::HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        let headers: HeaderMap = [(http::header::AUTHORIZATION, bearer)].into_iter().collect();
        place.clerk.authenticate(&RequestView::api(&method, &uri, &headers)).await
    };
    let Verdict::SignedIn(principal) = asked("ak_good").await.verdict else { panic!("it holds") };
    assert!(matches!(*principal, Principal::ApiKey(_)));
    assert_eq!(principal.organization().unwrap().as_str(), "org_1");
    place.fake.api_key("ak_good", "org_1", &json!({ "revoked": true }));
    place.clock.advance(Duration::from_secs(61));
    assert_eq!(asked("ak_good").await.status().1.as_deref(), Some("token-invalid"));
    assert_eq!(asked("ak_unknown").await.status().1.as_deref(), Some("token-invalid"));
    let why = place.clerk.api_keys.verify(&net::Secret::new("ak_good")).await;
    assert_eq!(why, crate::ApiKeyOutcome::Invalid(InvalidApiKey::Revoked));
}

#[tokio::test]
async fn a_call_that_a_stranger_can_cause_is_counted() {
    let place = production();
    let mut browser = Browser::default();
    browser.registry("__clerk_handshake_nonce", "invented");
    let (method, uri, headers) = browser.request("/");
    let page = RequestView::page(&method, &uri, &headers);
    assert_eq!(place.clerk.authenticate_within(&page, || false).await.verdict, Verdict::Limited);
    assert_eq!(place.fake.calls("GET /v1/clients/handshake_payload"), 0);
    // Nor is a session renewed by whoever kept an old token of one.
    let (mut browser, session) = newcomer(&place, Some("org_1"));
    let old = place.fake.token(&session, Some(REGISTRY), Duration::from_hours(1)).unwrap();
    let suffix = place.clerk.settings().publishable_key.cookie_suffix();
    for (name, value) in [("__session", &*old), ("__client_uat", "1"), (&format!("__refresh_{suffix}"), "invented")] {
        browser.registry(name, value);
    }
    let (method, uri, headers) = browser.request("/");
    let page = RequestView::page(&method, &uri, &headers);
    assert_eq!(place.clerk.authenticate_within(&page, || false).await.verdict, Verdict::Limited);
    assert_eq!(place.fake.calls(&format!("POST /v1/sessions/{session}/refresh")), 0);
    // What is remembered, or can be no key, costs nothing.
    place.fake.api_key("ak_good", "org_1", &json!({}));
    let asked = async |token: &str, may_call: bool| {
        let bearer = http::HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        let headers: HeaderMap = [(http::header::AUTHORIZATION, bearer)].into_iter().collect();
        place.clerk.authenticate_within(&RequestView::api(&method, &uri, &headers), || may_call).await.verdict
    };
    assert_eq!(asked("ak_good", false).await, Verdict::Limited);
    assert!(matches!(asked("ak_good", true).await, Verdict::SignedIn(_)));
    assert!(matches!(asked("ak_good", false).await, Verdict::SignedIn(_)));
    assert!(matches!(asked("ak_!", false).await, Verdict::SignedOut(_)));
    assert_eq!(place.fake.calls("POST /api_keys/verify"), 1);
}

#[tokio::test]
async fn a_session_can_be_ended_by_a_token_that_has_expired_and_by_none_that_is_not_clerks() {
    let place = production();
    let (mut browser, session) = newcomer(&place, Some("org_1"));
    browser.visit(&place.clerk, "/").await;
    place.clock.advance(Duration::from_hours(2));
    let ends = async |browser: &Browser| place.clerk.session_to_end(&browser.request("/").2).await;
    assert_eq!(ends(&browser).await.map(|id| id.to_string()), Some(session.clone()));
    let token = place.fake.token(&session, None, Duration::from_hours(1)).unwrap();
    let (signed, _) = token.rsplit_once('.').unwrap();
    let other = testing::SigningKey::generate("ins_1").sign(&json!({ "sid": session }));
    for forged in [format!("{signed}.AAAA"), other, "garbage".to_owned(), String::new()] {
        let mut browser = Browser::default();
        browser.registry("__session", &forged);
        browser.registry("__client_uat", "1");
        assert_eq!(ends(&browser).await, None, "{forged}");
    }
}

#[tokio::test]
async fn a_change_of_an_organisation_is_known_as_soon_as_clerk_tells_of_it() {
    let place = production();
    let id: OrganizationId = "org_1".parse().unwrap();
    let token = async || match place.clerk.credentials(&id).await {
        Credentials::Found { credentials, .. } => credentials.admin_token.expose().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(token().await, "canary-1");
    place.fake.organization_with_app("org_1", "Acme", "app-1", "canary-2");
    assert_eq!(token().await, "canary-1");
    let (headers, body) = place.fake.delivery("msg_1", "organization.updated", &json!({ "id": "org_1" }));
    let headers: HeaderMap =
        headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    assert_eq!(place.clerk.webhook(&headers, &body), Ok(Some(Event::OrganizationChanged(id.clone()))));
    assert_eq!(token().await, "canary-2");
    // The same delivery again changes nothing.
    place.fake.organization_with_app("org_1", "Acme", "app-1", "canary-3");
    assert_eq!(place.clerk.webhook(&headers, &body), Ok(None));
    assert_eq!(token().await, "canary-2");
    assert_eq!(place.clerk.webhook(&HeaderMap::new(), &body), Err(RefusedDelivery::Unsigned));
}

#[tokio::test]
async fn credentials_that_are_missing_are_found_on_return_from_the_platform() {
    let place = production();
    let id: OrganizationId = "org_2".parse().unwrap();
    assert!(matches!(place.clerk.credentials(&id).await, Credentials::Missing { .. }));
    place.fake.organization_with_app("org_2", "Globex", "app-2", "canary-2");
    place.clerk.forget_missing(&id);
    assert!(matches!(place.clerk.credentials(&id).await, Credentials::Found { .. }));
}

#[tokio::test]
async fn a_program_is_never_sent_to_clerk() {
    let place = production();
    let (browser, _) = newcomer(&place, Some("org_1"));
    let (method, uri, headers) = browser.request("/api/components");
    let decision = place.clerk.authenticate(&RequestView::api(&method, &uri, &headers)).await;
    assert_eq!(decision.verdict, Verdict::SignedOut(Reason::UatButNoSession));
    assert_eq!((decision.location(), decision.cookies.len()), (None, 0));
}
