//! A repository with components and no `registry.json`.

use crate::support::{Host, Registry, until};
use git::testing::TestRepository;
use serde_json::{Value, json};

/// An app's components as a team has them.
fn team_components(host: &Host) -> TestRepository {
    let repository = host.empty_repository("web");
    repository
        .write("package.json", json!({ "name": "web", "dependencies": { "clsx": "^2.1.0", "zod": "~3.23.0" } }).to_string())
        .write("tsconfig.json", "{\n  // ours\n  \"compilerOptions\": { \"paths\": { \"@/*\": [\"./src/*\"], }, },\n}\n")
        .write("src/lib/utils.ts", "import { clsx } from \"clsx\"\n\n/** Joins class names. */\nexport function cn(...names: string[]) {\n  return clsx(names)\n}\n")
        .write("src/components/ui/price-tag.tsx", "/** Shows a price in the reader's currency. */\nimport { cn } from \"@/lib/utils\"\n\nexport function PriceTag({ price }: { price: number }) {\n  return <span className={cn(\"tag\")}>{price}</span>\n}\n")
        .write("src/components/checkout-form.tsx", "import { z } from \"zod\"\nimport { PriceTag } from \"./ui/price-tag\"\n\nexport function CheckoutForm() {\n  z.string()\n  return <PriceTag price={1} />\n}\n")
        .write("src/components/checkout-form.test.tsx", "import { test } from \"vitest\"\ntest(\"x\", () => {})\n")
        .write("src/hooks/use-cart.ts", "export function useCart() {\n  return []\n}\n")
        .commit("Begin");
    repository
}

fn item(registry: &Registry, name: &str) -> Value {
    registry.get(&format!("/r/{name}.json")).expect(200).json()
}

#[test]
fn components_without_a_registry_json_are_served_with_what_they_need() {
    let host = Host::start();
    team_components(&host);
    let registry = Registry::start();
    let report = registry.add_and_sync_report(&host.url("web"));
    assert_eq!(report["registry"]["shape"], "folder", "{report:#}");
    let mut names = registry.names();
    names.sort();
    assert_eq!(names, ["checkout-form", "price-tag", "use-cart", "utils"], "{report:#}");
    let tag = item(&registry, "price-tag");
    assert_eq!(
        (&tag["type"], &tag["description"]),
        (&json!("registry:ui"), &json!("Shows a price in the reader's currency."))
    );
    let form = item(&registry, "checkout-form");
    assert_eq!(form["type"], "registry:component");
    assert_eq!(form["dependencies"], json!(["zod@~3.23.0"]));
    assert_eq!(form["registryDependencies"], json!(["@registry/price-tag"]));
    assert_eq!(item(&registry, "use-cart")["type"], "registry:hook");
    assert_eq!(item(&registry, "utils")["type"], "registry:lib");
}

#[test]
fn what_a_folder_would_publish_is_seen_before_anyone_commits() {
    let host = Host::start();
    let repository = team_components(&host);
    repository.write("src/components/ui/new-one.tsx", "export function NewOne() {\n  return <b />\n}\n");
    let path = repository.folder().display().to_string();
    let ran = crate::support::Offline::new().cli(["check", &path]).ok();
    insta::assert_snapshot!("folder_preview", ran.out);
    let inside = crate::support::Offline::new().cli(["check", &format!("{path}/src/components"), "--json"]).ok().json();
    assert_eq!(inside["shape"], "folder", "{inside:#}");
    let form = inside["preview"].as_array().expect("items").iter().find(|item| item["name"] == "checkout-form");
    assert_eq!(form.expect("it is there")["dependencies"], json!(["zod@~3.23.0"]));
}

#[test]
fn a_file_that_cannot_be_parsed_is_held_back_alone_and_its_last_good_version_stays() {
    let host = Host::start();
    let repository = team_components(&host);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("web"));
    let before = item(&registry, "price-tag");
    repository
        .write("src/components/ui/price-tag.tsx", "export function PriceTag( {\n")
        .write("src/hooks/use-cart.ts", "export function useCart() {\n  return [1]\n}\n")
        .commit("Break one, change another");
    let report = registry.sync("web");
    assert_eq!(item(&registry, "price-tag"), before);
    assert!(item(&registry, "use-cart")["files"][0]["content"].as_str().expect("a text").contains("[1]"));
    let broken =
        report["diagnostics"].as_array().expect("findings").iter().find(|finding| finding["code"] == "syntax-error");
    let broken = broken.unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(broken["file"], "src/components/ui/price-tag.tsx");
    assert!(broken["message"].as_str().expect("a message").contains('1'), "{broken}");
}

#[test]
fn a_folder_keeps_its_history_when_a_registry_json_takes_its_place() {
    let host = Host::start();
    let repository = team_components(&host);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("web"));
    let items = [crate::support::item_of("price-tag", "src/components/ui/price-tag.tsx")];
    repository.write("registry.json", crate::support::registry_of(&items).to_string()).commit("Say it ourselves");
    registry.sync(&id);
    assert_eq!(registry.names(), ["price-tag"]);
    assert_eq!(registry.get("/r/use-cart.json").status, 410);
    until("two versions", || {
        let versions = registry.as_admin("GET", "/api/internal/versions/price-tag").send().expect(200).json();
        (versions["total"] == 2).then_some(())
    });
}

#[test]
fn an_unchanged_folder_is_read_from_memory_after_a_restart() {
    let host = Host::start();
    let repository = team_components(&host);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("web"));
    let registry = registry.kill().serve();
    repository.write("src/hooks/use-cart.ts", "export function useCart() {\n  return [2]\n}\n").commit("Change");
    let report = registry.sync("web");
    assert_eq!(report["changes"], json!([["use-cart", "changed"]]));
}

#[test]
fn a_registry_json_that_vanishes_does_not_publish_the_folder_beside_it() {
    let host = Host::start();
    let repository = host.repository("ui", &[crate::support::item("acme-button")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    repository
        .remove("registry.json")
        .write("ui/half-done.tsx", "export const HalfDone = () => <i />\n")
        .commit("Oops");
    let failure = registry.failing_sync(&id);
    assert!(failure.contains("registry.json is gone") && failure.contains("still served"), "{failure}");
    assert_eq!(registry.names(), ["acme-button"]);
}
