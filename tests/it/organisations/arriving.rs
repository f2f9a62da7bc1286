//! How people come in: from the platform, by handshakes, without a session,
//! without an organisation, without a database.

use super::{ACME, BETA, Neighbours};
use crate::support::{Database, Deployment, Seen, Visitor, metadata_of};
use clerk::InstanceKind;
use serde_json::json;

/// Whether a page lists a repository.
fn shows(page: &str, repository: &str) -> bool {
    page.contains(&format!(">{repository}</a>"))
}

#[test]
fn someone_signed_in_on_the_platform_sees_their_organisations_page_at_once() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let neighbours = Neighbours::settle(kind);
        let deployment = &neighbours.deployment;
        for (user, organisation, own, other) in [("user_ann", ACME, "acme", "beta"), ("user_bea", BETA, "beta", "acme")]
        {
            let visitor = deployment.visitor_of_platform(user, Some(organisation));
            let seen = visitor.visit("/registry");
            assert!(seen.way[1].contains("/v1/client/handshake"), "{:#?}", seen.way);
            assert_eq!(seen.url(), format!("{}/registry", deployment.url));
            let page = seen.page(200);
            assert!(shows(&page, own) && !shows(&page, other), "{page}");
            // From then on without a detour, until the token is old.
            assert_eq!(visitor.open("/components").status, 200);
        }
    }
}

/// Signs in on the platform, where a page of ours led.
fn sign_in_on_platform(deployment: &Deployment, visitor: &Visitor, page: &str, user: &str) -> Seen {
    let led = visitor.visit(page);
    let location = url::Url::parse(led.url()).expect("an address");
    let back =
        location.query_pairs().find(|(name, _)| name == "redirect").expect("where to come back to").1.into_owned();
    let sign_in = format!("{}/sign-in", deployment.clerk.platform_url("localhost"));
    visitor.send_form(&sign_in, &[("id", user), ("redirect", &back)])
}

#[test]
fn whoever_is_not_signed_in_is_led_to_the_platform_with_our_own_address() {
    let deployment = Deployment::start(InstanceKind::Production);
    let platform = deployment.clerk.platform_url("localhost");
    for (path, back) in [
        ("/registry", "/registry?ek_return=1"),
        ("/components?q=card", "/components?q=card&ek_return=1"),
        ("/components?ek_return=https://evil.example/", "/components?ek_return=1"),
        ("/components?__clerk_db_jwt=canary&token=canary&code=canary&state=canary", "/components?ek_return=1"),
    ] {
        let stranger = deployment.stranger();
        let headers =
            [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("forwarded", "host=evil.example")];
        let led = stranger.open_with(path, &headers).expect(303);
        let location = url::Url::parse(led.header("location")).expect("an address");
        assert_eq!(
            format!("{}{}", location.origin().ascii_serialization(), location.path()),
            format!("{platform}/sign-in")
        );
        let pairs: Vec<_> = location.query_pairs().into_owned().collect();
        assert_eq!(pairs, [("redirect".to_owned(), format!("{}{back}", deployment.url))]);
        // Led once; whoever is back without a session is told so.
        let page = stranger.open(path).expect(401);
        assert!(page.text().contains("/sign-in?redirect="), "{}", page.text());
        let page = deployment.stranger().open(back).expect(401);
        assert!(page.text().contains("/sign-in?redirect="), "{}", page.text());
    }
    let elsewhere = deployment.ask("GET", "/registry").with("accept", "text/html").with("host", "evil.example").send();
    assert_eq!((elsewhere.status, elsewhere.header("location")), (421, ""));
}

#[test]
fn someone_who_signs_in_on_the_platform_and_chooses_an_organisation_gets_there_without_scripts() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let neighbours = Neighbours::settle(kind);
        let deployment = &neighbours.deployment;
        deployment.clerk.user("user_both", "Bo", &[(ACME, "org:member"), (BETA, "org:member")]);
        let visitor = deployment.stranger();
        let seen = sign_in_on_platform(deployment, &visitor, "/registry", "user_both");
        assert_eq!(seen.url(), format!("{}/registry", deployment.url));
        let page = seen.page(403);
        assert!(page.contains("Choose an organisation") && page.contains("href=\"/organisations\""), "{page}");

        let page = visitor.visit("/organisations").page(200);
        for (id, name) in [(ACME, "Acme"), (BETA, "Beta")] {
            assert!(page.contains(&format!("href=\"/organisations/{id}/enter\"")) && page.contains(name), "{page}");
        }
        for (id, own, other) in [(BETA, "beta", "acme"), (ACME, "acme", "beta")] {
            visitor.a_moment_later();
            let seen = visitor.visit(&format!("/organisations/{id}/enter"));
            assert_eq!(seen.url(), format!("{}/", deployment.url));
            let page = seen.page(200);
            assert!(shows(&page, own) && !shows(&page, other), "{page}");
        }
        // One that is not theirs, or nobody's, is refused in the same words.
        deployment.clerk.organization("org_gamma", "Gamma", json!({}));
        for id in ["org_gamma", "org_nobody", "..%2F..%2F", "%2F%2Fevil.example", "org_acme;x", "%0D%0Ax"] {
            visitor.a_moment_later();
            let seen = visitor.visit(&format!("/organisations/{id}/enter"));
            assert_eq!(seen.url(), format!("{}/organisations?refused=true", deployment.url), "{id}");
            assert!(seen.page(200).contains("could not be chosen"));
        }
        assert!(shows(&visitor.visit("/registry").page(200), "acme"), "still in Acme");
    }
}

#[test]
fn the_first_page_says_to_strangers_what_this_is_and_to_members_what_is_theirs() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let page = deployment.stranger().open("/").expect(200).text().to_owned();
    let sign_in = format!("{}/sign-in?redirect=", deployment.clerk.platform_url("localhost"));
    assert!(page.contains("Git repositories in") && page.contains(&sign_in), "{page}");
    for secret in ["acme-only", "beta-only", ACME, BETA, "Acme", "Beta"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    let page = deployment.visitor("user_ann", Some(ACME)).visit("/").page(200);
    assert!(shows(&page, "acme") && page.contains(">Acme</h1>") && page.contains("Whose it is"), "{page}");
    assert!(!shows(&page, "beta"), "{page}");
    // Whoever has no organisation yet, or none that is set up, is led on as elsewhere.
    deployment.clerk.user("user_new", "Nia", &[]);
    let page = deployment.visitor("user_new", None).visit("/").page(403);
    assert!(page.contains("Choose an organisation") && page.contains("href=\"/organisations\""), "{page}");
    deployment.clerk.organization("org_unset", "Unset", json!({}));
    deployment.clerk.user("user_una", "Una", &[("org_unset", "org:admin")]);
    let led = deployment.visitor("user_una", Some("org_unset")).open("/").expect(303);
    assert!(led.header("location").contains("/platform/grant?redirect="), "{}", led.header("location"));
}

/// Where the platform sets up the organisation of someone who was led there.
fn set_up(deployment: &Deployment, visitor: &Visitor, location: &str, organisation: &str) -> Seen {
    let grant = format!("{}/platform/grant", deployment.clerk.platform_url("localhost"));
    assert!(location.starts_with(&format!("{grant}?redirect=")), "{location}");
    assert!(visitor.open(location).expect(200).text().contains(organisation));
    let location = url::Url::parse(location).expect("an address");
    let back =
        location.query_pairs().find(|(name, _)| name == "redirect").expect("where to come back to").1.into_owned();
    visitor.send_form(&grant, &[("id", organisation), ("redirect", &back)])
}

#[test]
fn an_organisation_without_a_database_is_set_up_on_the_platform_and_the_page_is_there_on_return() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let deployment = Deployment::start(kind);
        deployment.clerk.organization("org_new", "New", json!({}));
        deployment.clerk.user("user_nia", "Nia", &[("org_new", "org:admin")]);
        let database = Database::start();
        deployment.clerk.grants(Some(metadata_of(&database)));
        let visitor = deployment.visitor("user_nia", Some("org_new"));
        let led = visitor.open("/components?q=card").expect(303);
        let seen = set_up(&deployment, &visitor, led.header("location"), "org_new");
        assert_eq!(seen.url(), format!("{}/components?q=card", deployment.url), "{:#?}", seen.way);
        seen.page(200);
        assert_eq!(visitor.cookie("ekr_led"), None, "nothing is left of the way");
    }
}

#[test]
fn an_organisation_that_is_still_not_set_up_gets_a_page_that_says_so_and_no_second_redirect() {
    let deployment = Deployment::start(InstanceKind::Production);
    deployment.clerk.organization(
        "org_new",
        "New",
        json!({ "instant": { "appId": "8a1f2c9e-0000-4000-8000-000000000001" } }),
    );
    deployment.clerk.user("user_nia", "Nia", &[("org_new", "org:admin")]);
    let visitor = deployment.visitor("user_nia", Some("org_new"));
    let led = visitor.open("/registry").expect(303);
    let seen = set_up(&deployment, &visitor, led.header("location"), "org_new");
    assert_eq!(seen.url(), format!("{}/registry", deployment.url));
    let refresh = seen.answer.header("refresh").to_owned();
    let page = seen.page(403);
    for part in [
        "Finish setting up",
        "org_new",
        "instant.appId",
        "instant.adminToken",
        "administrator",
        "/platform/grant?redirect=",
        "/organisations",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(refresh.parse::<u32>().is_ok_and(|seconds| (1..=10).contains(&seconds)), "{refresh:?}");
    // It stays so, however often the page asks.
    for _ in 0..3 {
        assert_eq!(visitor.open("/registry").status, 403);
    }
    let database = Database::start();
    deployment.clerk.organization("org_new", "New", metadata_of(&database));
    deployment.tell("msg_set_up", "organization.updated", "org_new").expect(204);
    assert_eq!(visitor.open("/registry").status, 200, "it is there as soon as it is set up");
}

/// What is visited with whatever cookies.
const PAGES: [&str; 7] = [
    "/registry",
    "/registry?ek_return=1",
    "/organisations",
    "/organisations/org_beta/enter",
    "/signed-out",
    "/login",
    "/",
];

#[test]
fn whatever_cookies_a_browser_has_it_is_never_sent_in_a_circle() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let neighbours = Neighbours::settle(kind);
        let deployment = &neighbours.deployment;
        let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
        let ended = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
        deployment.clerk.end(&ended.session);
        let foreign = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln";
        let sets: Vec<String> = vec![
            String::new(),
            "__session=garbage".to_owned(),
            format!("__session={foreign}; __client_uat=1"),
            "__client_uat=99999999999".to_owned(),
            "__client_uat=0; __session=".to_owned(),
            "__clerk_handshake=garbage; __client_uat=1".to_owned(),
            "__clerk_handshake_nonce=garbage; __client_uat=1".to_owned(),
            "__clerk_redirect_count=99; __client_uat=1".to_owned(),
            "ekr_led=sign-in".to_owned(),
            "ekr_led=grant.org_acme; __client_uat=1".to_owned(),
            ended.cookies.clone(),
            format!("{}; __client={}", ended.cookies, ended.browser),
            format!("{}; __client_uat=99999999999", signed_in.cookies),
        ];
        for cookies in sets {
            for (page, slow) in PAGES.iter().flat_map(|page| [(*page, false), (*page, true)]) {
                let visitor = deployment.stranger();
                for pair in cookies.split("; ").filter(|pair| !pair.is_empty()) {
                    visitor.keep(pair);
                }
                // Ends somewhere, or the visitor panics; also where everything takes long.
                let seen = if slow { visitor.visit_slowly(page) } else { visitor.visit(page) };
                let (ours, platform) = (&deployment.url, deployment.clerk.platform_url("localhost"));
                assert!(
                    seen.way.iter().all(|url| url.starts_with(ours) || url.starts_with(&platform)),
                    "{:#?}",
                    seen.way
                );
                // What a development instance's own answer cannot be is a mistake of the operator (C1).
                let told = kind == InstanceKind::Development && cookies.starts_with("__clerk_handshake=");
                assert!(seen.answer.status < 500 || told, "{cookies} {:#?} {}", seen.way, seen.answer.text());
            }
        }
    }
}
