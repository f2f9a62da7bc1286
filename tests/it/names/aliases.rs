//! Former names, and names that lead elsewhere.

use super::{ALIASES, add_alias, finding, followed, gone, leads, renamed, state, synced, text};
use crate::support::{item, item_of, write_registry};
use serde_json::json;

#[test]
fn whoever_asks_for_a_renamed_item_is_sent_on_to_its_new_name() {
    let (registry, _host, repository, _) = renamed();
    for (from, to) in [
        ("/r/acme-button.json", "/r/acme-press.json"),
        ("/r/acme-button", "/r/acme-press"),
        ("/r/acme-button.json?ns=@x", "/r/acme-press.json?ns=@x"),
        ("/r/acme-button?ns=@x.json", "/r/acme-press?ns=@x.json"),
        ("/api/registry/acme-button.json", "/api/registry/acme-press.json"),
        ("/registry/acme-button", "/registry/acme-press"),
        ("/o/org_local/r/acme-button.json", "/o/org_local/r/acme-press.json"),
        ("/r/styles/new-york/acme-button.json", "/r/styles/new-york/acme-press.json"),
        ("/acme-button.json", "/r/acme-press.json"),
        ("/r/acme-button@main.json", "/r/acme-press@main.json"),
    ] {
        leads(&registry, from, to);
        registry.get(to).expect(200);
    }
    registry.get("/o/org_other/r/acme-button.json").expect(404);
    assert_eq!(state(&registry, "acme-button"), "alias");
    assert_eq!(registry.names(), ["acme-press", "fancy-card"], "an alias is not listed");
    let behind = registry.ask("GET", "/r/acme-button.json").with("x-forwarded-for", "203.0.113.7").send();
    behind.expect(401);

    // Renamed again: both former names lead to the end.
    write_registry(&repository, &[item_of("acme-knob", "ui/acme-button.tsx"), item("fancy-card")]);
    repository.commit("Call it knob");
    registry.sync("ui");
    leads(&registry, "/r/acme-button.json", "/r/acme-knob.json");
    leads(&registry, "/r/acme-press.json", "/r/acme-knob.json");
    let registry = registry.kill().serve();
    leads(&registry, "/r/acme-button.json", "/r/acme-knob.json");
}

#[test]
fn a_state_in_which_an_item_still_had_its_former_name_is_pinned_by_that_name() {
    let (registry, _host, repository, _) = followed();
    repository.tag("v1");
    write_registry(&repository, &[item_of("acme-press", "ui/acme-button.tsx"), item("fancy-card")]);
    repository.commit("Call it press");
    repository.tag("v2");
    registry.sync("ui");
    assert_eq!(registry.get("/r/acme-button@v1.json").expect(200).json()["name"], "acme-button");
    leads(&registry, "/r/acme-button@v2.json", "/r/acme-press@v2.json");
    registry.get("/r/acme-press@v2.json").expect(200);
}

#[test]
fn a_rename_with_its_file_is_known_by_its_content_and_one_that_is_not_sure_is_not() {
    let (registry, _host, repository, _) = followed();
    repository.rename("ui/acme-button.tsx", "ui/acme-press.tsx");
    write_registry(&repository, &[item("acme-press"), item("fancy-card")]);
    repository.commit("Move it too");
    registry.sync("ui");
    leads(&registry, "/r/acme-button.json", "/r/acme-press.json");

    // Two items with the very same content: either could be the one that is meant.
    let same = |name| item_of(name, "ui/fancy-card.tsx");
    write_registry(&repository, &[item("acme-press"), same("card-one"), same("card-two")]);
    repository.commit("Two cards");
    registry.sync("ui");
    let message = gone(&registry, "fancy-card");
    assert!(message.contains("Use @registry/card-one instead"), "{message}");
}

#[test]
fn an_alias_never_hides_what_is_served_and_comes_back_when_that_goes() {
    let (registry, _host, repository, id) = renamed();
    let first = registry.cli(["rollback", "ui", repository.git(&["rev-parse", "HEAD~1"]).trim(), "--json"]).ok();
    assert_eq!(first.json()["kind"], "rollback");
    assert_eq!(registry.get("/r/acme-button.json").expect(200).json()["name"], "acme-button");
    let message = gone(&registry, "acme-press");
    assert!(message.contains("Use @registry/acme-button instead"), "the same content: {message}");
    let registry = registry.kill().serve();
    registry.get("/r/acme-button.json").expect(200);
    registry.cli(["rollback", &id, repository.head().as_str()]).ok();
    leads(&registry, "/r/acme-button.json", "/r/acme-press.json");

    // By hand, the other way round: what is served cannot become an alias.
    let refused = add_alias(&registry, "fancy-card", "acme-press").expect(409).json();
    assert!(text(&refused["message"]).contains("never hides"), "{refused}");
}

#[test]
fn an_admin_makes_lists_and_removes_aliases() {
    let (registry, _host, repository, _) = followed();
    let made = add_alias(&registry, "btn", "acme-button").expect(201).json();
    assert_eq!((&made["leadsTo"], &made["origin"]), (&json!("acme-button"), &json!("admin")));
    leads(&registry, "/r/btn.json", "/r/acme-button.json");
    leads(&registry, "/r/btn@main", "/r/acme-button@main");
    add_alias(&registry, "btn", "acme-button").expect(201);
    add_alias(&registry, "b", "btn").expect(201);
    leads(&registry, "/r/b.json", "/r/acme-button.json");

    let cases = [
        ("x", "x", 409, "itself"),
        ("acme-button", "fancy-card", 409, "never hides"),
        ("acme-button", "btn", 409, "never hides"),
        ("btn", "fancy-card", 409, "an alias already"),
        ("x", "acme-buton", 404, "Did you mean \"acme-button\"?"),
        ("registry", "acme-button", 422, "own routes"),
    ];
    for (name, to, status, part) in cases {
        let refused = add_alias(&registry, name, to).expect(status).json();
        assert!(text(&refused["message"]).contains(part), "{name} to {to}: {refused}");
    }
    registry.as_admin("POST", ALIASES).json(&json!({ "name": "a?b", "to": "btn" })).send().expect(422);

    // The component is gone: its aliases lead nowhere, and not in a circle either.
    write_registry(&repository, &[item("fancy-card")]);
    repository.commit("No button");
    registry.sync("ui");
    for name in ["btn", "b", "acme-button"] {
        gone(&registry, name);
    }
    let refused = add_alias(&registry, "acme-button", "btn").expect(409).json();
    assert!(text(&refused["message"]).contains("leads nowhere"), "{refused}");
    add_alias(&registry, "acme-button", "fancy-card").expect(201);
    leads(&registry, "/r/btn.json", "/r/fancy-card.json");

    let listed = registry.as_admin("GET", ALIASES).send().expect(200).json();
    assert_eq!(listed["total"], 3);
    registry.as_admin("DELETE", &format!("{ALIASES}/btn")).send().expect(204);
    registry.as_admin("DELETE", &format!("{ALIASES}/btn")).send().expect(404);
    registry.get("/r/btn.json").expect(404);
}

#[test]
fn an_alias_holds_its_name_until_it_is_removed() {
    let (registry, host, _, _) = followed();
    add_alias(&registry, "btn", "acme-button").expect(201);
    host.repository("other", &[item("btn")]);
    let other = registry.add(&host.url("other"));
    let report = registry.sync("other");
    let taken = finding(&report, "name-taken");
    assert!(text(&taken["message"]).contains("another name of a component published by ui"), "{taken}");
    assert!(text(&taken["fix"]).contains("alias remove btn"), "{taken}");
    leads(&registry, "/r/btn.json", "/r/acme-button.json");
    registry.cli(["alias", "remove", "btn"]).ok();
    synced(&registry, &other);
    assert_eq!(registry.get("/r/btn.json").expect(200).json()["name"], "btn");
}
