//! npm packages: which are in use, in which ranges, and by whom.

use crate::support::{Host, Registry, item, registry_of};
use git::testing::TestRepository;
use serde_json::{Value, json};

fn asking_for(name: &str, dependencies: &[&str], dev: &[&str]) -> Value {
    let mut item = item(name);
    item["dependencies"] = json!(dependencies);
    item["devDependencies"] = json!(dev);
    item
}

fn settle() -> (Registry, Host, TestRepository) {
    let host = Host::start();
    let repository = host.repository(
        "ui",
        &[
            asking_for("card", &["zod@^3.0", "@radix-ui/react-slot"], &["vitest"]),
            asking_for("form", &["zod@^3.0", "zod@^3.0"], &[]),
            asking_for("old-form", &["zod@^2.0", "@radix-ui/react-slot"], &["zod@^3.0"]),
            item("plain"),
        ],
    );
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host, repository)
}

#[test]
fn every_package_is_listed_with_its_ranges_and_who_asks_for_them() {
    let (registry, _host, _) = settle();
    let list =
        |query: &str| registry.as_admin("GET", &format!("/api/internal/packages{query}")).send().expect(200).json();
    insta::assert_json_snapshot!("packages", list(""));
    let names = |query: &str| -> Vec<String> {
        let rows = list(query)["rows"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names("?q=RADIX"), ["@radix-ui/react-slot"]);
    assert_eq!(names("?differing=true"), ["zod"]);
    assert_eq!(names("?limit=1&offset=1"), ["vitest"]);
    assert_eq!(list("?limit=1&offset=1")["total"], 3);
}

#[test]
fn a_package_that_nobody_asks_for_any_more_is_not_listed() {
    let (registry, _host, repository) = settle();
    repository.write("registry.json", registry_of(&[item("plain")]).to_string()).commit("Plain");
    registry.sync("ui");
    let answer = registry.as_admin("GET", "/api/internal/packages").send().expect(200).json();
    assert_eq!(answer["rows"], json!([]));
}
