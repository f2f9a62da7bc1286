//! Finding components: words, facets, order; as JSON and as the page that
//! works without scripts.

use crate::support::{Host, Registry, item};
use serde_json::{Value, json};

fn with(name: &str, more: &[(&str, Value)]) -> Value {
    let mut item = item(name);
    for (key, value) in more {
        item[*key] = value.clone();
    }
    item
}

fn settle() -> (Registry, Host) {
    let host = Host::start();
    let dialog =
        with("dialog", &[("description", json!("A window above the page")), ("dependencies", json!(["zod@^3.0"]))]);
    let login = with(
        "login-form",
        &[("type", json!("registry:block")), ("categories", json!(["forms"])), ("dependencies", json!(["zod@^4.0"]))],
    );
    host.repository("ui", &[with("alert", &[("title", json!("Warning"))]), dialog, login]);
    host.repository("blocks", &[with("alert-dialog", &[("categories", json!(["overlays"]))])]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    registry.add_and_sync(&host.url("blocks"));
    (registry, host)
}

fn found(registry: &Registry, query: &str) -> Value {
    registry.as_admin("GET", &format!("/api/internal/components?{query}")).send().expect(200).json()
}

fn names(found: &Value) -> Vec<&str> {
    found["rows"].as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

#[test]
fn components_are_found_by_words_with_and_without_mistakes_and_narrowed() {
    let (registry, _host) = settle();
    assert_eq!(names(&found(&registry, "q=dialog")), ["dialog", "alert-dialog"]);
    assert_eq!(names(&found(&registry, "q=dilaog")), ["dialog", "alert-dialog"]);
    assert_eq!(names(&found(&registry, "q=warning")), ["alert"]);
    assert_eq!(names(&found(&registry, "category=forms")), ["login-form"]);
    assert_eq!(names(&found(&registry, "package=zod&sort=name")), ["dialog", "login-form"]);
    assert_eq!(names(&found(&registry, "package=zod&type=registry:block")), ["login-form"]);
    let of_blocks = found(&registry, "q=alert-dialog")["rows"][0]["repository"].clone();
    let narrowed = format!("q=dialog&repository={}", of_blocks.as_str().expect("an id"));
    assert_eq!(names(&found(&registry, &narrowed)), ["alert-dialog"]);
    assert_eq!(names(&found(&registry, "sort=name")), ["alert", "alert-dialog", "dialog", "login-form"]);
    assert_eq!(found(&registry, "sort=updated")["total"], 4);
    let nothing = found(&registry, "q=dialogue-box");
    assert_eq!((&nothing["total"], &nothing["nearest"]), (&json!(0), &json!("dialog")));
    for refused in ["sort=best", "facets=maybe", "repository=ui"] {
        let answer = registry.as_admin("GET", &format!("/api/internal/components?{refused}")).send().expect(400);
        assert_eq!(answer.plain_error().0, "invalid_query", "{refused}");
    }
}

#[test]
fn facets_tell_how_many_each_value_would_find() {
    let (registry, _host) = settle();
    assert!(found(&registry, "q=dialog").get("facets").is_none(), "only who asks for them pays for them");
    let values = |query: &str, facet: &str| -> Vec<(String, Value)> {
        let found = found(&registry, &format!("facets=true&{query}"));
        let facets = found["facets"].as_array().expect("facets");
        let facet = facets.iter().find(|one| one["facet"] == facet).expect("the facet");
        let values = facet["values"].as_array().expect("values").iter();
        values.map(|value| (value["label"].as_str().expect("a label").to_owned(), value["count"].clone())).collect()
    };
    let told = |values: Vec<(String, Value)>| -> Vec<String> {
        values.into_iter().map(|(label, count)| format!("{label} {count}")).collect()
    };
    assert_eq!(told(values("", "type")), ["registry:ui 3", "registry:block 1"]);
    assert_eq!(told(values("", "repository")), ["ui 3", "blocks 1"]);
    assert_eq!(told(values("", "package")), ["zod 2"]);
    // Its own facet does not narrow what it counts; the others do.
    assert_eq!(told(values("package=zod", "type")), ["registry:block 1", "registry:ui 1"]);
    assert_eq!(told(values("type=registry:block", "type")), ["registry:ui 3", "registry:block 1"]);
    assert_eq!(told(values("type=registry:none", "type")), ["registry:ui 3", "registry:block 1", "registry:none 0"]);
}

#[test]
fn the_page_finds_and_narrows_without_scripts() {
    let (registry, _host) = settle();
    let page =
        |path: &str| registry.as_admin("GET", path).with("accept", "text/html").send().expect(200).text().to_owned();
    let shown = page("/components?q=dilaog");
    assert!(shown.contains("<mark>dialog</mark>"), "{shown}");
    assert!(shown.contains("/components?q=dilaog&amp;package=zod"), "{shown}");
    let narrowed = page("/components?q=dialog&package=zod");
    assert!(narrowed.contains("Remove package zod") && !narrowed.contains("/components/alert-dialog"), "{narrowed}");
    let nothing = page("/components?q=alert&package=zod");
    assert!(nothing.contains("Without “zod”") && nothing.contains("2 components"), "{nothing}");
    let meant = page("/components?q=dialogue-box");
    assert!(meant.contains("Did you mean") && meant.contains("/components?q=dialog\""), "{meant}");
    // What goes beyond the end shows the end, and what cannot be is nothing.
    assert!(page("/components?offset=5000").contains("login-form"));
    for odd in ["repository=%00", "type=%3Cscript%3E", "sort=zzz&offset=-1", "q=%F0%9F%92%A9%20%E2%80%AE"] {
        assert!(!page(&format!("/components?{odd}")).contains("<script>%"), "{odd}");
    }
    let packages = page("/packages?q=zdo1&differing=true");
    assert!(packages.contains("Nothing matches") && packages.contains("Any range"), "{packages}");
    assert!(page("/packages?q=zod").contains("<mark>zod</mark>"));
}
