//! What an organisation sets of its own registry, in local mode and on several servers.

use crate::support::{
    Answer, Asking, Database, Host, Offline, Registry, is_about_local_mode, is_with_clerk, item, needing, until,
};
use serde_json::{Value, json};

/// A button, and a card that needs it.
fn with_a_card() -> (Registry, Host) {
    let host = Host::start();
    host.repository("ui", &[item("acme-button"), needing("acme-card", &["acme-button"])]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host)
}

fn settings(registry: &Registry) -> Value {
    registry.as_admin("GET", "/api/internal/settings").send().expect(200).json()
}

fn change(registry: &Registry, body: &Value) -> Asking {
    registry.as_admin("PATCH", "/api/internal/settings").json(body)
}

/// Someone who is not on this machine; where there may be many organisations, they name this one.
fn stranger(registry: &Registry, path: &str) -> Answer {
    let names_one = is_with_clerk() && path.starts_with("/r/") && path != "/r/registries.json";
    let path = if names_one { format!("/o/org_local{path}") } else { path.to_owned() };
    registry.ask("GET", &path).with("x-forwarded-for", "203.0.113.7").send()
}

/// Sends the form of the settings page.
fn send(registry: &Registry, fields: &[(&str, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let asking = registry.as_admin("POST", "/settings/registry");
    asking.text("application/x-www-form-urlencoded", &form.finish()).send()
}

#[test]
fn an_alias_of_its_own_is_in_every_answer_and_every_tag() {
    let (registry, _host) = with_a_card();
    let card = || registry.get("/r/acme-card.json").expect(200);
    let before = card();
    assert_eq!(before.json()["registryDependencies"], json!(["@registry/acme-button"]));
    let told =
        registry.cli(["settings", "--alias", "@acme", "--name", "Acme", "--homepage", "https://ui.acme.example"]);
    assert!(told.ok().out.contains("@acme"));
    let after = card();
    assert_eq!(after.json()["registryDependencies"], json!(["@acme/acme-button"]));
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(
        registry.ask("GET", "/r/acme-card.json").with("if-none-match", before.header("etag")).send().status,
        200
    );
    let pinned = registry.get("/r/acme-card@main.json").expect(200);
    assert!(
        pinned.json()["registryDependencies"][0].as_str().is_some_and(|name| name.starts_with("@acme/acme-button@"))
    );
    let listing = registry.get("/r/registry.json").expect(200).json();
    assert_eq!((&listing["name"], &listing["homepage"]), (&json!("Acme"), &json!("https://ui.acme.example")));
    assert_eq!(listing["items"][1]["registryDependencies"], json!(["@acme/acme-button"]));
    let directory = registry.get("/r/registries.json").expect(200).json();
    assert_eq!((&directory[0]["name"], &directory[0]["description"]), (&json!("@acme"), &json!("Acme")));
    let init = registry.get("/r/init.json").expect(200).json();
    assert!(!init["config"]["registries"]["@acme"].is_null(), "{init}");
    assert_eq!(
        registry.get("/r/acme-card.json?ns=@other").json()["registryDependencies"],
        json!(["@other/acme-button"])
    );
    // What is not set any more is as the configuration says.
    registry.cli(["settings", "--alias", "", "--name", ""]).ok();
    assert_eq!(card().header("etag"), before.header("etag"));
    let now = settings(&registry);
    assert_eq!(
        (&now["alias"], &now["name"], &now["homepage"]),
        (&Value::Null, &Value::Null, &json!("https://ui.acme.example"))
    );
}

#[test]
fn settings_are_told_with_what_counts_where_nothing_is_set() {
    let registry = Registry::start_with(&[("EKAIROS_ALIAS", "@house"), ("EKAIROS_NAME", "House")]);
    let told = settings(&registry);
    let expected = json!({
        "alias": null, "name": null, "homepage": null, "public": false, "defaultPolicy": null, "accent": null,
        "defaults": { "alias": "@house", "name": "House", "homepage": registry.url },
    });
    assert_eq!(told, expected);
    assert_eq!(registry.cli(["settings", "--json"]).ok().json(), expected);
    let changed = change(&registry, &json!({ "defaultPolicy": "as-written" })).send().expect(200).json();
    assert_eq!(changed["defaultPolicy"], "as-written");
    let text = registry.cli(["settings"]).ok().out;
    for part in ["@house  (default)", "as-written", "private"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_and_nothing_changes() {
    let (registry, _host) = with_a_card();
    let before = settings(&registry);
    for (body, told) in [
        (json!({ "alias": "acme" }), "must be `@`"),
        (json!({ "alias": "@shadcn" }), "another alias"),
        (json!({ "name": "", "public": true }), "empty"),
        (json!({ "homepage": "javascript:alert(1)" }), "http or https"),
        (json!({ "defaultPolicy": "mine" }), "own-first"),
        (json!({ "accent": "#ff0000" }), "violet"),
        (json!({ "public": "yes" }), "boolean"),
        (json!({ "visibility": "public" }), "unknown field"),
    ] {
        let answer = change(&registry, &body).send().expect(422);
        assert!(answer.text().contains(told), "{body}: {}", answer.text());
    }
    for (arguments, told) in [
        (["--alias", "acme"], "must be `@`"),
        (["--homepage", "acme.example"], "http or https"),
        (["--public", "yes"], "on"),
        (["--policy", "mine"], "own-first"),
        (["--accent", "red"], "graphite"),
    ] {
        let ran = registry.cli(["settings", arguments[0], arguments[1]]);
        assert!(ran.code != 0 && ran.err.contains(told), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(settings(&registry), before);
    // What changes nothing is no event.
    change(&registry, &json!({})).send().expect(200);
    change(&registry, &json!({ "public": false })).send().expect(200);
    let events = registry.as_admin("GET", "/api/internal/audit?action=settings.change").send().expect(200).json();
    assert_eq!(events["rows"], json!([]));
}

#[test]
fn a_change_is_in_the_trail_with_what_was_before() {
    let registry = Registry::start();
    registry.cli(["settings", "--alias", "@one"]).ok();
    change(&registry, &json!({ "alias": "@two", "public": true })).send().expect(200);
    let events = registry.as_admin("GET", "/api/internal/audit?action=settings.change").send().expect(200).json();
    let detail =
        json!({ "before": { "alias": "@one", "public": false }, "after": { "alias": "@two", "public": true } });
    assert_eq!((&events["rows"][0]["detail"], &events["rows"][0]["subject"]), (&detail, &json!("registry")));
    assert!(events["rows"][0]["actor"].as_str().is_some_and(|actor| actor.starts_with("token:")));
    assert_eq!(events["rows"][1]["actor"], "operator");
}

#[test]
fn in_local_mode_a_public_registry_is_for_everyone_by_both_addresses() {
    if is_about_local_mode("with Clerk a public registry is opened by its name alone: tests/it/organisations/public.rs")
    {
        return;
    }
    let (registry, _host) = with_a_card();
    let paths = ["/r/acme-card.json", "/o/org_local/r/acme-card.json", "/acme-card.json", "/r/registry.json"];
    for path in paths {
        stranger(&registry, path).expect(401).plain_error();
        assert!(registry.get(path).expect(200).header("cache-control").starts_with("private"), "this machine may");
    }
    let unknown = stranger(&registry, "/o/org_nobody/r/acme-card.json").expect(401);
    registry.cli(["settings", "--public", "on", "--alias", "@acme"]).ok();
    for path in paths {
        let answer = stranger(&registry, path).expect(200);
        assert_eq!(answer.header("cache-control"), "public, no-cache", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let by_token = registry.as_admin("GET", path).send().expect(200);
        assert_eq!(by_token.header("cache-control"), "private, no-cache", "{path}");
        assert_eq!(by_token.header("access-control-allow-origin"), "", "{path}");
    }
    assert_eq!(stranger(&registry, "/o/org_nobody/r/acme-card.json").expect(401).body, unknown.body);
    let directory = stranger(&registry, "/r/registries.json").expect(200);
    assert_eq!(directory.json()[0]["url"], format!("{}/r/{{name}}.json", registry.url));
    // A project that is set up from there needs no token.
    let item = stranger(&registry, "/r/init.json").expect(200).json();
    assert_eq!(item["config"]["registries"]["@acme"], format!("{}/r/{{name}}.json", registry.url));
    for path in ["/api/internal/registry", "/api/internal/components", "/api/internal/settings", "/registry"] {
        stranger(&registry, path).expect(401);
    }
    registry.cli(["settings", "--public", "off"]).ok();
    for path in paths {
        stranger(&registry, path).expect(401);
    }
    assert_eq!(stranger(&registry, "/r/registries.json").expect(200).json(), json!([]));
    assert!(!stranger(&registry, "/r/init.json").expect(200).text().contains("@acme"), "private, it is not told");
}

#[test]
fn a_repository_added_without_a_policy_takes_the_organisations_and_keeps_it() {
    let host = Host::start();
    let items = [item("button"), needing("acme-card", &["button"])];
    for name in ["one", "two", "three"] {
        host.repository(name, &items);
    }
    let registry = Registry::start();
    let needs = |namespace: &str| {
        let card = registry.get(&format!("/r/{namespace}/acme-card.json")).expect(200).json();
        card["registryDependencies"][0].as_str().expect("a text").to_owned()
    };
    let add = |name: &str, more: &[&str]| {
        let url = host.url(name);
        let arguments = [["repo", "add", &url, "--namespace", name, "--json"].as_slice(), more].concat();
        let added = crate::support::Ran::of(registry.command(arguments)).ok().json();
        registry.sync(added["id"].as_str().expect("an id"));
    };
    add("one", &[]);
    registry.cli(["settings", "--policy", "own-first"]).ok();
    add("two", &[]);
    add("three", &["--dependencies", "as-written"]);
    assert_eq!(needs("one"), "button", "as it was found before");
    assert_eq!(needs("two"), "@registry/two/button");
    assert_eq!(needs("three"), "button", "chosen for itself");
    registry.cli(["settings", "--policy", "as-written"]).ok();
    registry.sync("two");
    assert_eq!(needs("two"), "@registry/two/button", "what is served does not change its meaning");
}

#[test]
fn the_form_keeps_what_was_typed_and_asks_before_a_registry_becomes_public() {
    let (registry, _host) = with_a_card();
    let page = registry.as_admin("GET", "/settings/registry").send().expect(200);
    assert!(
        page.text().contains("action=\"/settings/registry\"") && page.text().contains("@registry"),
        "{}",
        page.text()
    );
    let typed = |alias: &'static str, visibility: &'static str, confirm: &'static str| {
        [
            ("alias", alias),
            ("name", "Acme & Sons"),
            ("homepage", "https://ui.acme.example"),
            ("visibility", visibility),
            ("dependencies", "own-first"),
            ("confirm", confirm),
        ]
    };
    // One bad field: nothing changes, and the others are as they were typed.
    let refused = send(&registry, &typed("acme", "public", "")).expect(422);
    for text in ["must be", "Acme &amp; Sons", "https://ui.acme.example"] {
        assert!(refused.text().contains(text), "{text}: {}", refused.text());
    }
    assert_eq!(settings(&registry)["name"], Value::Null);
    // What makes it public is asked about once, with all that was typed.
    let asked = send(&registry, &typed("@acme", "public", "")).expect(200);
    for text in ["Make this registry public?", "2 components", "value=\"@acme\"", "Yes, make it public"] {
        assert!(asked.text().contains(text), "{text}: {}", asked.text());
    }
    assert_eq!(settings(&registry)["public"], false);
    stranger(&registry, "/r/acme-card.json").expect(401);
    assert_eq!(
        send(&registry, &typed("@acme", "public", "public")).expect(303).header("location"),
        "/settings/registry"
    );
    let now = settings(&registry);
    assert_eq!(
        (&now["alias"], &now["name"], &now["public"], &now["defaultPolicy"]),
        (&json!("@acme"), &json!("Acme & Sons"), &json!(true), &json!("own-first"))
    );
    stranger(&registry, "/r/acme-card.json").expect(200);
    // Closing it, and giving a field up, needs no question.
    let fields = [("alias", ""), ("name", ""), ("homepage", ""), ("visibility", "private"), ("dependencies", "")];
    send(&registry, &fields).expect(303);
    let now = settings(&registry);
    assert_eq!((&now["alias"], &now["public"], &now["defaultPolicy"]), (&Value::Null, &json!(false), &Value::Null));
    // Half a form is not taken for fields that were emptied.
    registry.cli(["settings", "--alias", "@acme"]).ok();
    send(&registry, &[("name", "nothing")]).expect(422);
    assert_eq!(settings(&registry)["alias"], "@acme");
}

#[test]
fn the_accent_of_the_organisation_is_on_every_page() {
    let registry = Registry::start();
    let content = |path: &str| {
        let page = registry.as_admin("GET", path).with("accept", "text/html").send();
        let (_, html) = page.text().split_once("<main").expect("a page");
        html.split_once('>').expect("its content").0.to_owned()
    };
    assert!(!content("/registry").contains("data-accent"), "{}", content("/registry"));
    change(&registry, &json!({ "accent": "teal" })).send().expect(200);
    for path in ["/", "/registry", "/components", "/settings/registry", "/nowhere"] {
        assert!(content(path).contains("data-accent=\"teal\""), "{path}: {}", content(path));
    }
    assert!(registry.cli(["settings", "--accent", "pink"]).ok().out.contains("Accent      pink"));
    assert!(content("/registry").contains("data-accent=\"pink\""));
    // The form changes it, and leaves it where it was not sent.
    let fields = [("alias", ""), ("name", ""), ("homepage", ""), ("visibility", "private"), ("dependencies", "")];
    send(&registry, &fields).expect(303);
    assert_eq!(settings(&registry)["accent"], "pink");
    send(&registry, &[&fields[..], &[("accent", "violet")]].concat()).expect(303);
    assert_eq!(settings(&registry)["accent"], "violet");
    assert!(
        send(&registry, &[&fields[..], &[("accent", "mauve")]].concat()).expect(422).text().contains("violet, pink")
    );
    registry.cli(["settings", "--accent", ""]).ok();
    assert!(!content("/registry").contains("data-accent"));
}

#[test]
fn the_page_that_says_how_to_use_it_names_the_alias_and_the_address_that_work() {
    let registry = Registry::start_with(&[("EKAIROS_PUBLIC_URL", "https://registry.example")]);
    let page = || registry.as_admin("GET", "/settings").send().expect(200).text().to_owned();
    registry.cli(["settings", "--alias", "@acme"]).ok();
    let private = page();
    assert!(
        private.contains("https://registry.example/r/init.json?ns=@acme") && private.contains("REGISTRY_TOKEN"),
        "{private}"
    );
    registry.cli(["settings", "--public", "on"]).ok();
    let public = page();
    let address = if is_with_clerk() { "/o/org_local/r/init.json<" } else { "/r/init.json<" };
    let address = format!("https://registry.example{address}");
    assert!(public.contains(&address) && !public.contains("REGISTRY_TOKEN"), "{public}");
}

#[test]
fn settings_reach_every_server_and_outlive_a_start_without_the_database() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button"), needing("acme-card", &["acme-button"])]);
    let database = Database::start();
    let (one, other) = (database.replica(), database.replica());
    one.registry.add_and_sync(&host.url("ui"));
    other.lists(&["acme-button", "acme-card"]);
    let admin = one.registry.admin_token();
    one.registry.cli(["settings", "--alias", "@acme", "--public", "on"]).ok();
    let strangers_card = |registry: &Registry| {
        let answer = stranger(registry, "/r/acme-card.json");
        (answer.status == 200).then(|| answer.json()["registryDependencies"].clone())
    };
    assert_eq!(strangers_card(&one.registry), Some(json!(["@acme/acme-button"])));
    until("the other server hears of it", || {
        strangers_card(&other.registry).filter(|needs| *needs == json!(["@acme/acme-button"]))
    });
    // Started anew without the database, it serves as it did.
    other.cut_off();
    let other = other.stop().start();
    assert_eq!(other.health(), "stale");
    assert_eq!(strangers_card(&other.registry), Some(json!(["@acme/acme-button"])));
    // What cannot be noted anywhere is refused.
    let asking = other.registry.ask("PATCH", "/api/internal/settings").token(&admin);
    asking.json(&json!({ "public": false })).send().expect(503);
    other.reconnect();
    one.registry.cli(["settings", "--public", "off"]).ok();
    stranger(&one.registry, "/r/acme-card.json").expect(401);
    until("the other server closes, too", || strangers_card(&other.registry).is_none().then_some(()));
    // Also where it was stopped since.
    other.cut_off();
    let other = other.stop().start();
    stranger(&other.registry, "/r/acme-card.json").expect(401);
}

#[test]
fn a_value_that_another_program_wrote_and_cannot_be_meant_counts_as_not_set() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button"), needing("acme-card", &["acme-button"])]);
    let database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    replica.registry.cli(["settings", "--alias", "@acme"]).ok();
    let row = database.rows("registry_settings").remove(0);
    database
        .transact(&json!([["update", "registry_settings", row["id"], { "alias": "not an alias", "name": "Kept" }]]));
    until("it is served under the default", || {
        let listing = replica.registry.get("/r/registry.json").expect(200).json();
        (listing["name"] == "Kept").then_some(())
    });
    let card = replica.registry.get("/r/acme-card.json").expect(200).json();
    assert_eq!(card["registryDependencies"], json!(["@registry/acme-button"]));
}

#[test]
fn the_command_works_without_a_server_too() {
    let offline = Offline::new();
    offline.cli(["settings", "--alias", "@acme", "--public", "on"]).ok();
    let told = offline.cli(["settings", "--json"]).ok().json();
    assert_eq!((&told["alias"], &told["public"]), (&json!("@acme"), &json!(true)));
    let registry = offline.serve();
    assert_eq!(stranger(&registry, "/r/registries.json").expect(200).json()[0]["name"], "@acme");
}
