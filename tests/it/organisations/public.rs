//! Public registries: what anyone may read, and that nothing else is open.

use super::{ACME, BETA, Neighbours};
use crate::support::{Answer, Database, Deployment, item, until, write_registry};
use clerk::{InstanceKind, testing::Trouble};
use serde_json::{Value, json};

/// The key that the operator set.
const SEAL_KEY: (&str, &str) = ("EKAIROS_SEAL_KEY", "c2VhbGluZy1rZXktb2YtMzItYnl0ZXMtaW4tYmFzZTY=");

/// Makes an organisation public under an alias of its own.
fn open_up(deployment: &Deployment, organisation: &str, alias: &str) {
    deployment.cli_in(organisation, ["settings", "--public", "on", "--alias", alias]).ok();
}

/// What someone unknown gets.
fn anyone(deployment: &Deployment, path: &str) -> Answer {
    deployment.ask("GET", path).send()
}

/// The directory, as someone unknown gets it.
fn directory(deployment: &Deployment) -> Vec<Value> {
    let answer = anyone(deployment, "/r/registries.json").expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    answer.json().as_array().expect("a list").clone()
}

/// An answer may lie in a shared cache, and is told apart from those that proofs give.
fn assert_shared(answer: &Answer) {
    assert!(answer.header("cache-control").starts_with("public, "), "{}", answer.header("cache-control"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    for name in ["Authorization", "Cookie", "Accept-Encoding"] {
        assert!(answer.header("vary").contains(name), "{}", answer.header("vary"));
    }
}

/// An answer is for whoever proved it alone.
fn assert_private(answer: &Answer) {
    assert!(answer.header("cache-control").starts_with("private, "), "{}", answer.header("cache-control"));
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[test]
fn anyone_installs_from_a_public_organisation_and_nothing_else_is_open() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let token = deployment.token(ACME, "read");
    let before = anyone(deployment, "/o/org_acme/r/card.json").expect(401);
    before.plain_error();
    open_up(deployment, ACME, "@acme");

    let card = anyone(deployment, "/o/org_acme/r/card.json").expect(200);
    assert_eq!(card.content(), "export const whose = \"acme\"\n");
    assert_shared(&card);
    let listing = anyone(deployment, "/o/org_acme/r/registry.json").expect(200);
    assert_shared(&listing);
    assert!(listing.text().contains("acme-only") && !listing.text().contains("beta-only"));
    let again = deployment.ask("GET", "/o/org_acme/r/card.json").with("if-none-match", card.header("etag")).send();
    assert_shared(&again.expect(304));
    let page = deployment.ask("GET", "/o/org_acme/r/registry.json?q=only").token(&token).send().expect(200);
    assert_private(&page);
    // A pin, of which the whole one never changes.
    let pinned = anyone(deployment, "/o/org_acme/r/card@main.json").expect(200);
    assert_eq!(pinned.header("cache-control"), "public, no-cache");
    let [repository, _] = &neighbours.repositories;
    let ann = deployment.visitor("user_ann", Some(ACME));
    let commits = ann.ask("GET", &format!("/api/internal/registry/{repository}/commits")).send().expect(200).json();
    let sha = commits["rows"][0]["sha"].as_str().expect("a commit");
    let pinned = anyone(deployment, &format!("/o/org_acme/r/card@sha-{sha}.json")).expect(200);
    assert_eq!(pinned.header("cache-control"), "public, max-age=31536000, immutable");
    // What is not there is told of, to pages of other sites, too.
    let missing = anyone(deployment, "/o/org_acme/r/cards.json").expect(404);
    assert!(missing.plain_error().1.contains("@acme/card"), "{}", missing.text());
    assert_eq!(missing.header("access-control-allow-origin"), "*");

    // Without its name in the path nobody is meant.
    for path in ["/r/card.json", "/card.json", "/registry/card.json", "/api/registry/card.json", "/r/registry.json"] {
        assert_eq!(anyone(deployment, path).status, 401, "{path}");
        let named = deployment.ask("GET", path).with("x-registry-org-id", ACME).send();
        assert_eq!(named.status, 401, "{path}");
    }
    for path in [
        "/api/internal/registry",
        "/api/internal/components",
        "/api/internal/components/card",
        "/api/internal/settings",
        "/api/internal/tokens",
        "/api/internal/audit",
        "/api/internal/versions/card",
    ] {
        assert_eq!(deployment.ask("GET", path).with("x-registry-org-id", ACME).send().status, 401, "{path}");
    }
    for page in ["/registry", "/components/card", "/settings", "/settings/registry"] {
        let answer = deployment.stranger().open(page);
        assert!(matches!(answer.status, 303 | 401), "{page}: {}", answer.status);
    }

    // The first page says how to install what is open, and nothing of what is not.
    let page = deployment.stranger().open("/").expect(200).text().to_owned();
    assert!(page.contains("/o/org_acme/r/init.json") && page.contains("@acme/"), "{page}");
    // Its picture is `/card.png`.
    for secret in [BETA, "beta", ">card<", "/card\"", "card.json"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    // Who wrote what stays inside.
    anyone(deployment, "/activity.atom").expect(401);
    anyone(deployment, "/o/org_acme/activity.atom").expect(404);

    // A proof is looked at first: its own organisation's answers are its own, another's are not there.
    let (own, other) = (deployment.token(ACME, "read"), deployment.token(BETA, "read"));
    let by_token = deployment.ask("GET", "/o/org_acme/r/card.json").token(&own).send().expect(200);
    assert_eq!(by_token.body, card.body);
    assert_private(&by_token);
    assert_private(&ann.ask("GET", "/o/org_acme/r/card.json").send().expect(200));
    deployment.ask("GET", "/o/org_acme/r/card.json").token(&other).send().expect(404).plain_error();
    let bea = deployment.visitor("user_bea", Some(BETA));
    bea.ask("GET", "/o/org_acme/r/card.json").send().expect(404);
    // A wrong proof is not nobody; a cookie that says nothing is.
    deployment.ask("GET", "/o/org_acme/r/card.json").token("ekr_org_acme_x").send().expect(401);
    for cookie in ["__session=nonsense", "other=1"] {
        let answer = deployment.ask("GET", "/o/org_acme/r/card.json").with("cookie", cookie).send().expect(200);
        assert_shared(&answer);
    }
}

#[test]
fn a_private_organisation_is_answered_like_one_that_is_not_there_and_neither_is_looked_up() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@acme");
    // There, with a database, and never entered here.
    let _late = deployment.organisation("org_late", "Late");
    let before = deployment.clerk.calls("GET /v1/organizations/");
    for name in ["card.json", "registry.json", "nothing.json", "card@main.json", "styles/new-york/card.json"] {
        let [private, late, nobody] = [BETA, "org_late", "org_nobody"].map(|organisation| {
            let answer = anyone(deployment, &format!("/o/{organisation}/r/{name}")).expect(401);
            answer.plain_error();
            let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "date").collect();
            (answer.body.clone(), format!("{headers:?}"))
        });
        assert_eq!(private, nobody, "{name}");
        assert_eq!(late, nobody, "{name}");
    }
    // The item that sets a project up is for everyone, and tells of no one but the public.
    let alias = |organisation: &str| {
        let answer = anyone(deployment, &format!("/o/{organisation}/r/init.json")).expect(200);
        let registries = answer.json()["config"]["registries"].as_object().expect("one").clone();
        (registries.keys().next().expect("one").clone(), answer.header("cache-control").to_owned())
    };
    deployment.cli_in(BETA, ["settings", "--alias", "@secret"]).ok();
    assert_eq!(alias(ACME), ("@acme".to_owned(), "public, no-cache".to_owned()));
    assert_eq!(alias(BETA), ("@registry".to_owned(), "private, no-cache".to_owned()));
    assert_eq!(alias("org_nobody"), alias(BETA));
    let token = deployment.token(BETA, "read");
    let own = deployment.ask("GET", "/o/org_beta/r/init.json").token(&token).send().expect(200);
    assert!(own.text().contains("@secret"), "who proves it is told: {}", own.text());
    assert_private(&own);
    assert_eq!(deployment.clerk.calls("GET /v1/organizations/org_late"), 0);
    assert_eq!(deployment.clerk.calls("GET /v1/organizations/org_nobody"), 0);
    assert_eq!(deployment.clerk.calls("GET /v1/organizations/"), before);
    assert!(!deployment.data().join("organisations").join("org_nobody").exists());
}

#[test]
fn two_organisations_of_which_one_is_public_share_no_bytes_tags_or_counts() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@same");
    deployment.cli_in(BETA, ["settings", "--alias", "@same"]).ok();
    let token = deployment.token(BETA, "read");
    let paths = ["card.json", "card@main.json", "registry.json", "registry.json?q=only"];
    for path in paths {
        let public = anyone(deployment, &format!("/o/{ACME}/r/{path}")).expect(200);
        let private = deployment.ask("GET", &format!("/o/{BETA}/r/{path}")).token(&token).send().expect(200);
        assert_ne!(public.body, private.body, "{path}");
        assert_shared(&public);
        assert_private(&private);
        // A tag of the one says nothing at the other.
        let cross = |answer: &Answer, path: String, token: Option<&str>| {
            let asking = deployment.ask("GET", &path).with("if-none-match", answer.header("etag"));
            if let Some(token) = token { asking.token(token) } else { asking }.send().status
        };
        assert_eq!(cross(&private, format!("/o/{ACME}/r/{path}"), None), 200, "{path}");
        assert_eq!(cross(&public, format!("/o/{BETA}/r/{path}"), Some(&token)), 200, "{path}");
        assert!(!public.text().contains("beta") && !private.text().contains("acme"), "{path}");
    }
    // A commit of the one is none of the other's.
    let [_, theirs] = &neighbours.repositories;
    let bea = deployment.visitor("user_bea", Some(BETA));
    let commits = bea.ask("GET", &format!("/api/internal/registry/{theirs}/commits")).send().expect(200).json();
    let sha = commits["rows"][0]["sha"].as_str().expect("a commit");
    anyone(deployment, &format!("/o/{ACME}/r/card@sha-{sha}.json")).expect(404).plain_error();
    // More in the private one changes nothing in the public one.
    let count = || {
        anyone(deployment, &format!("/o/{ACME}/r/registry.json?limit=1")).expect(200).json()["pagination"]["total"]
            .clone()
    };
    let before = count();
    let more = neighbours.host.repository("more", &[item("beta-more"), item("beta-most")]);
    drop(more);
    deployment.add_and_sync(BETA, &neighbours.host.url("more"));
    assert_eq!(count(), before);
}

#[test]
fn the_directory_lists_public_organisations_and_ones_own() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    assert_eq!(directory(deployment), Vec::<Value>::new());
    open_up(deployment, ACME, "@acme");
    deployment.cli_in(ACME, ["settings", "--name", "Acme Design", "--homepage", "https://ui.acme.example"]).ok();
    let acme = json!({
        "name": "@acme",
        "homepage": "https://ui.acme.example",
        "url": format!("{}/o/org_acme/r/{{name}}.json", deployment.url),
        "description": "Acme Design",
    });
    assert_eq!(directory(deployment), [acme]);
    // With a proof one's own comes first, and others may not keep it.
    let names = |organisation: &str| {
        let token = deployment.token(organisation, "read");
        let answer = deployment.ask("GET", "/r/registries.json").token(&token).send().expect(200);
        assert_private(&answer);
        let listed = answer.json();
        let names =
            listed.as_array().expect("a list").iter().map(|entry| entry["name"].as_str().expect("a name").to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(BETA), ["@registry", "@acme"]);
    assert_eq!(names(ACME), ["@acme"]);
    // A name that two claim leads nobody to the wrong one.
    open_up(deployment, BETA, "@acme");
    assert_eq!(directory(deployment), Vec::<Value>::new());
    assert_eq!(names(BETA), ["@acme"]);
    deployment.cli_in(BETA, ["settings", "--alias", "@beta"]).ok();
    assert_eq!(directory(deployment).len(), 2);
    // Nobody is refused, whatever they show.
    deployment.ask("GET", "/r/registries.json").token("nonsense").send().expect(200);
}

#[test]
fn a_registry_that_is_private_again_is_closed_at_once() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = deployment.visitor("user_ann", Some(ACME));
    let change = |body: Value| ann.ask("PATCH", "/api/internal/settings").json(&body).send().expect(200).json();
    for _ in 0..3 {
        assert_eq!(change(json!({ "public": true }))["public"], true);
        let card = anyone(deployment, "/o/org_acme/r/card.json").expect(200);
        assert_eq!(change(json!({ "public": false }))["public"], false);
        let closed = deployment.ask("GET", "/o/org_acme/r/card.json").with("if-none-match", card.header("etag")).send();
        assert_eq!(closed.expect(401).body, anyone(deployment, "/o/org_nobody/r/card.json").body);
        assert_eq!(directory(deployment), Vec::<Value>::new());
        assert!(!deployment.data().join("organisations").join(ACME).join("public.json").exists());
    }
    let events = ann.ask("GET", "/api/internal/audit?action=settings.change").send().expect(200).json();
    let details: Vec<_> =
        events["rows"].as_array().expect("rows").iter().map(|event| event["detail"].clone()).collect();
    assert_eq!(details.len(), 6);
    assert_eq!(details[0], json!({ "before": { "public": true }, "after": { "public": false } }));
    assert_eq!(events["rows"][0]["actor"], "person:user_ann");
}

#[test]
fn after_a_restart_without_the_database_the_alias_and_who_may_read_are_as_they_were() {
    let mut neighbours = Neighbours::settle_with(InstanceKind::Production, &[SEAL_KEY]);
    open_up(&neighbours.deployment, ACME, "@acme");
    open_up(&neighbours.deployment, BETA, "@beta");
    neighbours.deployment.cli_in(BETA, ["settings", "--public", "off"]).ok();
    let tag = anyone(&neighbours.deployment, "/o/org_acme/r/card.json").expect(200).header("etag").to_owned();
    neighbours.deployment.end();
    neighbours.databases.iter_mut().for_each(Database::kill);
    neighbours.deployment.begin();
    let deployment = &neighbours.deployment;
    assert_eq!(directory(deployment).len(), 1, "known before anything is opened");
    let card = anyone(deployment, "/o/org_acme/r/card.json").expect(200);
    assert_eq!(card.header("etag"), tag);
    assert_ne!(card.header("x-registry-stale"), "");
    assert_shared(&card);
    assert!(anyone(deployment, "/o/org_acme/r/init.json").expect(200).text().contains("@acme"));
    anyone(deployment, "/o/org_beta/r/card.json").expect(401);
}

#[test]
fn while_the_sign_in_provider_is_away_a_public_registry_is_open_and_nobody_else_is_looked_up() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@acme");
    deployment.clerk.trouble("/", Trouble::Status(503));
    anyone(deployment, "/o/org_acme/r/card.json").expect(200);
    // A key that nobody can check is not let in as nobody.
    deployment.ask("GET", "/o/org_acme/r/card.json").token("ak_new").send().expect(503);
    anyone(deployment, "/o/org_nobody/r/card.json").expect(401);
}

#[test]
fn an_organisation_that_is_no_more_is_public_no_more() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@acme");
    anyone(deployment, "/o/org_acme/r/card.json").expect(200);
    deployment.clerk.without_organization(ACME);
    deployment.tell("msg_gone", "organization.deleted", ACME).expect(204);
    let gone = anyone(deployment, "/o/org_acme/r/card.json").expect(401);
    assert_eq!(gone.body, anyone(deployment, "/o/org_nobody/r/card.json").body);
    assert_eq!(directory(deployment), Vec::<Value>::new());
}

#[test]
fn readers_without_a_proof_are_counted_by_address_like_others() {
    let settings = [("EKAIROS_TRUSTED_PROXIES", "127.0.0.1"), ("EKAIROS_LIMIT_PER_ADDRESS", "5/h")];
    let neighbours = Neighbours::settle_with(InstanceKind::Production, &settings);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@acme");
    let from = |address: &str| deployment.ask("GET", "/o/org_acme/r/card.json").with("x-forwarded-for", address).send();
    for _ in 0..5 {
        from("203.0.113.7").expect(200);
    }
    assert!(from("203.0.113.7").expect(429).header("retry-after").parse::<u32>().is_ok());
    from("203.0.113.8").expect(200);
}

#[test]
fn whoever_makes_up_states_of_a_public_registry_is_stopped_before_the_database_is_asked() {
    let neighbours = Neighbours::settle_with(InstanceKind::Production, &[("EKAIROS_TRUSTED_PROXIES", "127.0.0.1")]);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@acme");
    let ask = |name: &str, address: &str| {
        let path = format!("/o/org_acme/r/{name}.json");
        deployment.ask("GET", &path).with("x-forwarded-for", address).send().status
    };
    for nth in 0..30 {
        assert_eq!(ask(&format!("card@v{nth}"), "203.0.113.7"), 404, "{nth}");
    }
    assert_eq!(ask("card@v31", "203.0.113.7"), 429);
    // What is prepared is still there for them, and everything for others.
    assert_eq!(ask("card", "203.0.113.7"), 200);
    assert_eq!(ask("card@main", "203.0.113.8"), 200);
}

#[test]
fn a_public_organisation_goes_on_being_synced_for_its_readers() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    open_up(deployment, ACME, "@acme");
    let host = &neighbours.host;
    let repository = host.repository("news", &[item("acme-news")]);
    let id = deployment.add_and_sync(ACME, &host.url("news"));
    anyone(deployment, "/o/org_acme/r/acme-news.json").expect(200);
    write_registry(&repository, &[item("acme-latest")]);
    repository.commit("Another");
    deployment.cli_in(ACME, ["sync", &id, "--wait"]).ok();
    until("it is served", || (anyone(deployment, "/o/org_acme/r/acme-latest.json").status == 200).then_some(()));
    assert_eq!(anyone(deployment, "/o/org_acme/r/acme-news.json").expect(410).plain_error().0, "removed");
}

#[test]
fn a_member_sees_the_settings_and_who_can_change_them() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    deployment.cli_in(ACME, ["settings", "--alias", "@acme", "--name", "Acme Design"]).ok();
    let abe = deployment.visitor("user_abe", Some(ACME));
    let page = abe.open("/settings/registry").expect(200);
    for text in ["@acme", "Acme Design", "Private", "Administrators of the organisation"] {
        assert!(page.text().contains(text), "{text}: {}", page.text());
    }
    assert!(!page.text().contains("action=\"/settings/registry\""), "{}", page.text());
    assert_eq!(abe.ask("GET", "/api/internal/settings").send().expect(200).json()["alias"], "@acme");
    let refused = abe.ask("PATCH", "/api/internal/settings").json(&json!({ "public": true })).send().expect(403);
    assert_eq!(refused.json()["error"], "missing_scope");
    let sent = abe.send_form("/settings/registry", &[("visibility", "public"), ("confirm", "public")]);
    assert_eq!(sent.answer.status, 403);
    anyone(deployment, "/o/org_acme/r/card.json").expect(401);
}

#[test]
fn the_address_that_a_component_tells_works_for_whoever_may_install_it() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let ann = || deployment.visitor("user_ann", Some(ACME));
    let address = || -> String {
        let component = ann().ask("GET", "/api/internal/components/card").send().expect(200).json();
        component["url"].as_str().expect("an address").to_owned()
    };
    let page = || ann().open("/components/card").expect(200).text().to_owned();
    assert_eq!(address(), format!("{}/r/card.json", deployment.url));
    // An address alone carries no token.
    assert!(page().contains("A project needs a token") && !page().contains("install-by-url"));
    open_up(deployment, ACME, "@acme");
    assert_eq!(address(), format!("{}/o/{ACME}/r/card.json", deployment.url));
    assert!(!page().contains("A project needs a token") && page().contains(&format!("add {}", address())));
    anyone(deployment, &format!("/o/{ACME}/r/card.json")).expect(200);
}
