//! What the shadcn CLI gets: every route, every representation, every refusal.

use crate::support::{Host, Registry, item, needing, write_registry};
use flate2::read::GzDecoder;
use git::testing::TestRepository;
use serde_json::{Value, json};
use std::io::Read as _;

/// A server with a button, a nested form field, a hook, and a card that needs the button.
fn small_registry() -> (Registry, Host, TestRepository) {
    let host = Host::start();
    let mut hook = item("use-theme");
    hook["type"] = json!("registry:hook");
    hook["description"] = json!("Switches between light and dark");
    let repository = host
        .repository("ui", &[item("acme-button"), item("forms/field"), hook, needing("fancy-card", &["acme-button"])]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host, repository)
}

fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut bytes).expect("gzip");
    bytes
}

fn names(listing: &Value) -> Vec<&str> {
    listing["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[test]
fn an_item_is_served_under_every_address_that_a_project_may_use() {
    let (registry, _host, _) = small_registry();
    let expected = registry.get("/r/acme-button.json").expect(200);
    assert_eq!(expected.json()["name"], "acme-button");
    assert_eq!(expected.content(), "export const made = \"first acme-button\"\n");
    for path in [
        "/r/acme-button",
        "/api/registry/acme-button.json",
        "/registry/acme-button.json",
        "/acme-button.json",
        "/o/org_local/r/acme-button.json",
        "/r/styles/new-york/acme-button.json",
        "/r/styles/new-york-v4/acme-button.json",
    ] {
        let answer = registry.get(path).expect(200);
        assert_eq!(answer.text(), expected.text(), "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
}

#[test]
fn a_nested_name_is_served_with_its_slash_plain_or_encoded() {
    let (registry, _host, _) = small_registry();
    for path in
        ["/r/forms/field.json", "/r/forms%2Ffield.json", "/registry/forms/field", "/r/styles/new-york/forms/field.json"]
    {
        assert_eq!(registry.get(path).expect(200).json()["name"], "forms/field", "{path}");
    }
}

#[test]
fn head_tells_what_get_would_and_sends_no_body() {
    let (registry, _host, _) = small_registry();
    let get = registry.get("/r/acme-button.json").expect(200);
    let head = registry.ask("HEAD", "/r/acme-button.json").send().expect(200);
    assert_eq!(head.text(), "");
    for name in ["etag", "content-type", "cache-control", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    registry.ask("HEAD", "/r/absent.json").send().expect(404);
}

#[test]
fn gzip_holds_the_same_bytes_under_an_etag_of_its_own() {
    let (registry, _host, _) = small_registry();
    for path in ["/r/acme-button.json", "/r/registry.json"] {
        let plain = registry.ask("GET", path).with("accept-encoding", "identity").send().expect(200);
        let packed = registry.ask("GET", path).with("accept-encoding", "gzip, br").send().expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(unpacked(&packed.body), plain.body, "{path}");
        assert_ne!(packed.header("etag"), plain.header("etag"), "{path}");
        for etag in [plain.header("etag"), packed.header("etag")] {
            assert!(etag.starts_with('"'), "{etag} is a strong one");
        }
    }
}

#[test]
fn what_a_client_has_already_is_answered_by_304_until_it_changes() {
    let (registry, _host, repository) = small_registry();
    let mut etags = Vec::new();
    for coding in ["identity", "gzip"] {
        let ask = || registry.ask("GET", "/r/acme-button.json").with("accept-encoding", coding);
        let etag = ask().send().expect(200).header("etag").to_owned();
        let unchanged = ask().with("if-none-match", &etag).send().expect(304);
        assert_eq!(unchanged.text(), "");
        assert_eq!(unchanged.header("etag"), etag);
        assert_ne!(unchanged.header("vary"), "");
        etags.push((coding, etag));
    }
    repository.write("ui/acme-button.tsx", "export const made = \"again\"\n").commit("Change the button");
    registry.sync("ui");
    for (coding, etag) in etags {
        let ask = registry.ask("GET", "/r/acme-button.json").with("accept-encoding", coding);
        ask.with("if-none-match", &etag).send().expect(200);
    }
}

#[test]
fn answers_say_how_long_they_hold_and_on_what_they_depend() {
    let (registry, _host, _) = small_registry();
    for path in ["/r/acme-button.json", "/r/registry.json", "/r/registry.json?limit=1"] {
        let answer = registry.get(path).expect(200);
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{path}");
        for looked_at in ["Accept-Encoding", "Authorization", "Cookie", "X-Registry-Org-Id"] {
            assert!(answer.header("vary").contains(looked_at), "{path}: {looked_at}");
        }
    }
}

#[test]
fn a_misspelt_name_gets_404_with_the_name_that_was_meant() {
    let (registry, _host, _) = small_registry();
    for path in [
        "/r/acme-buton.json",
        "/r/acme-buton",
        "/registry/acme-buton.json",
        "/acme-buton.json",
        "/o/org_local/r/acme-buton.json",
    ] {
        let answer = registry.get(path).expect(404);
        let (code, message) = answer.plain_error();
        assert_eq!(code, "not_found");
        assert!(message.contains("Did you mean @registry/acme-button?"), "{path}: {message}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let (_, message) = registry.get("/r/nothing-like-it-at-all.json").expect(404).plain_error();
    assert!(message.contains("npx shadcn@latest list @registry"), "{message}");
}

#[test]
fn reserved_names_are_routes_and_never_items() {
    let (registry, _host, _) = small_registry();
    for name in ["registries", "colors", "icons", "themes", "index", "styles"] {
        let answer = registry.get(&format!("/r/{name}.json"));
        assert!(matches!(answer.status, 200 | 404), "{name}: {}", answer.status);
        assert_ne!(answer.json()["name"], name);
    }
    assert_eq!(registry.get("/r/registry.json").expect(200).json()["name"], "registry");
    assert_eq!(registry.get("/r/init.json").expect(200).json()["type"], "registry:base");
}

#[test]
fn another_organisation_is_not_found_whoever_names_it() {
    let (registry, _host, _) = small_registry();
    let (code, _) = registry.get("/o/org_other/r/acme-button.json").expect(404).plain_error();
    assert_eq!(code, "no_organisation");
    let named = registry.ask("GET", "/r/acme-button.json").with("x-registry-org-id", "org_other").send().expect(404);
    assert_eq!(named.plain_error().0, "no_organisation");
    let right = registry.ask("GET", "/r/acme-button.json").with("x-registry-org-id", "org_local");
    right.send().expect(200);
    // Of several, all have to be right.
    let one_is_wrong = registry.ask("GET", "/r/acme-button.json").with("x-registry-org-id", "org_local");
    one_is_wrong.with("x-registry-org-id", "org_other").send().expect(404).plain_error();
}

#[test]
fn a_removed_item_is_gone_and_its_old_states_can_still_be_pinned() {
    let (registry, _host, repository) = small_registry();
    let before = repository.head();
    write_registry(&repository, &[item("forms/field")]);
    repository.commit("Only the field stays");
    registry.sync("ui");
    let (code, message) = registry.get("/r/acme-button.json").expect(410).plain_error();
    assert_eq!(code, "removed");
    assert!(message.contains("acme-button") && message.contains("@sha-"), "{message}");
    registry.get(&format!("/r/acme-button@sha-{before}.json")).expect(200);
    assert_eq!(registry.names(), ["forms/field"]);
}

#[test]
fn the_whole_listing_has_every_item_in_the_registrys_order_and_no_contents() {
    let (registry, _host, _) = small_registry();
    let listing = registry.get("/r/registry.json").expect(200).json();
    assert_eq!(names(&listing), ["acme-button", "forms/field", "use-theme", "fancy-card"]);
    assert_eq!(listing["$schema"], "https://ui.shadcn.com/schema/registry.json");
    assert_eq!(listing["homepage"], registry.url);
    assert!(listing.get("pagination").is_none());
    for item in listing["items"].as_array().expect("items") {
        assert!(item["type"].is_string());
        assert!(item["files"][0].get("content").is_none(), "{item}");
    }
    assert_eq!(registry.get("/r/registry").expect(200).json(), listing);
}

#[test]
fn a_listing_can_be_paged_searched_and_narrowed_by_type() {
    let (registry, _host, _) = small_registry();
    let page = |query: &str| registry.get(&format!("/r/registry.json?{query}")).expect(200).json();

    let first = page("limit=3");
    assert_eq!(names(&first).len(), 3);
    assert_eq!(first["pagination"], json!({ "total": 4, "offset": 0, "limit": 3, "hasMore": true }));
    let rest = page("limit=3&offset=3");
    assert_eq!(rest["pagination"], json!({ "total": 4, "offset": 3, "limit": 3, "hasMore": false }));
    let mut all = names(&first);
    all.extend(names(&rest));
    all.sort_unstable();
    assert_eq!(all, ["acme-button", "fancy-card", "forms/field", "use-theme"]);

    assert_eq!(names(&page("type=registry:hook")), ["use-theme"]);
    assert_eq!(names(&page("type=registry:hook,registry:ui")).len(), 4);
    assert_eq!(names(&page("q=light")), ["use-theme"], "descriptions are searched");
    assert_eq!(names(&page("q=button"))[0], "acme-button");
    assert_eq!(page("offset=100")["items"], json!([]));
    let (code, _) = registry.get("/r/registry.json?limit=many").expect(400).plain_error();
    assert_eq!(code, "invalid_query");
}

#[test]
fn dependencies_on_own_items_carry_the_alias_that_the_project_asks_with() {
    let (registry, _host, _) = small_registry();
    let needs = |path: &str| registry.get(path).expect(200).json()["registryDependencies"].clone();
    assert_eq!(needs("/r/fancy-card.json"), json!(["@registry/acme-button"]));
    assert_eq!(needs("/r/fancy-card.json?ns=@x"), json!(["@x/acme-button"]));
    assert_eq!(needs("/r/fancy-card?ns=@x.json"), json!(["@x/acme-button"]));
    let listing = registry.get("/r/registry.json?ns=@x").expect(200).json();
    assert_eq!(names(&listing).len(), 4);
    assert!(listing.to_string().contains("@x/acme-button"));
    let (code, _) = registry.get("/r/fancy-card.json?ns=x%20y").expect(400).plain_error();
    assert_eq!(code, "invalid_alias");
}

#[test]
fn the_listing_of_an_empty_registry_is_empty_and_valid() {
    let listing = Registry::start().get("/r/registry.json").expect(200).json();
    assert_eq!(listing["items"], json!([]));
}
