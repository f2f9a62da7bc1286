//! The CLI's own schema and target check as judges over many odd values.

use crate::{
    common::{read_with, registry_json, rendered},
    judge::{node, node_modules},
};
use serde_json::{Value, json};
use source::{MemoryTree, Settings, is_safe_target};

/// Every value at every place of an item, and some shapes by hand.
#[expect(clippy::too_many_lines, reason = "a list of values and places")]
fn items() -> Vec<Value> {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1.5),
        json!(""),
        json!("x"),
        json!("xy"),
        json!("😀"),
        json!("google"),
        json!("{name}"),
        json!([]),
        json!(["a"]),
        json!([1]),
        json!([["a"]]),
        json!([{}]),
        json!([{"a": "b"}]),
        json!([{"a": 1}]),
        json!({}),
        json!({"a": "b"}),
        json!({"a": 1}),
        json!({"a": {"b": {}}}),
        json!({"a": ["b", {"c": "d"}]}),
        json!({"a": [[]]}),
        json!({"a": null}),
        json!({"__proto__": 1, "b": "c"}),
        json!({"constructor": "x"}),
        json!({"@a": "{name}", "@b": {"url": "{name}", "x": 1, "headers": {"h": "v"}}}),
        json!({"@a": "x"}),
        json!({"10": "a", "9": "b", "z": "c", "01": "d"}),
        json!({"config": {"content": ["a"], "theme": {"x": [1.0, null]}, "x": 1}}),
        json!({"light": {"a": "b"}, "dark": {}, "x": 1}),
        json!({"css": "a", "cssVariables": false, "x": 1}),
        json!({"ui": "a", "lib": "b", "x": 1}),
    ];
    let keys = [
        "$schema",
        "extends",
        "name",
        "title",
        "author",
        "description",
        "dependencies",
        "devDependencies",
        "registryDependencies",
        "files",
        "tailwind",
        "cssVars",
        "css",
        "envVars",
        "meta",
        "docs",
        "categories",
        "type",
        "config",
        "font",
        "x",
    ];
    let config = [
        "$schema",
        "style",
        "rsc",
        "tsx",
        "tailwind",
        "iconLibrary",
        "rtl",
        "menuColor",
        "menuAccent",
        "aliases",
        "registries",
        "resolvedPaths",
    ];
    let font = ["family", "provider", "import", "variable", "weight", "subsets", "selector", "dependency", "x"];
    let file = ["path", "content", "type", "target", "x"];
    let whole_font = json!({"family": "F", "provider": "google", "import": "i", "variable": "v"});
    let mut items = Vec::new();
    for value in &values {
        for key in keys {
            for kind in ["registry:ui", "registry:base", "registry:font"] {
                let mut item = json!({"name": "n", "type": kind, "font": whole_font});
                item[key] = value.clone();
                items.push(item);
            }
        }
        for key in config {
            items.push(json!({"name": "n", "type": "registry:base", "config": {"style": "s", key: value}}));
        }
        for key in font {
            let mut item = json!({"name": "n", "type": "registry:font", "font": whole_font});
            item["font"][key] = value.clone();
            items.push(item);
        }
        for (key, kind) in file
            .iter()
            .flat_map(|key| ["registry:ui", "registry:file", "registry:page", "registry:font"].map(|kind| (key, kind)))
        {
            let mut item =
                json!({"name": "n", "type": "registry:block", "files": [{"type": kind, "path": "a", "target": "t"}]});
            item["files"][0][key] = value.clone();
            items.push(item.clone());
            item["files"][0].as_object_mut().unwrap().remove("target");
            items.push(item);
        }
    }
    items
}

const PARSE: &str = r#"
import { registryItemSchema } from "REGISTRY/schema/index.js"
import { readFileSync } from "node:fs"
const items = JSON.parse(readFileSync(0, "utf8"))
const judged = items.map((item) => {
  const { success, data } = registryItemSchema.safeParse(item)
  if (!success) return null
  const built = registryItemSchema.parse({ ...data, $schema: "https://ui.shadcn.com/schema/registry-item.json" })
  for (const file of built.files ?? []) file.content = "content"
  return JSON.stringify(registryItemSchema.parse(built), null, 2)
})
console.log(JSON.stringify(judged))
"#;

#[test]
fn an_item_is_accepted_and_cleaned_exactly_as_the_cli_does() {
    let Some(node_modules) = node_modules() else {
        return;
    };
    let items = items();
    let judged: Vec<Option<String>> =
        serde_json::from_str(&node(&node_modules, PARSE, &json!(items).to_string())).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for (item, judged) in items.iter().zip(judged) {
        // Names and paths have rules of their own, with tests of their own.
        let mut plain = item.clone();
        if plain["name"].is_string() {
            plain["name"] = json!("n");
        }
        if let Some(file) = plain.pointer_mut("/files/0").filter(|file| file["path"].is_string()) {
            file["path"] = json!("a");
        }
        let tree = MemoryTree::new().file("registry.json", registry_json(&json!([plain]))).file("a", "content");
        let settings = Settings { config_path: Some("registry.json".into()), ..Settings::default() };
        let (registry, blobs) = read_with(&tree, &settings).unwrap();
        if let Some(judged) = judged {
            let judged = judged.replacen(&format!("\"name\": {}", item["name"]), "\"name\": \"n\"", 1);
            let judged = item
                .pointer("/files/0/path")
                .map_or(judged.clone(), |path| judged.replacen(&format!("\"path\": {path}"), "\"path\": \"a\"", 1));
            let ours = registry.items.first().unwrap_or_else(|| panic!("refused {item}: {:?}", registry.diagnostics));
            assert_eq!(rendered(ours, &blobs), judged, "{item}");
            accepted += 1;
        } else {
            assert_eq!(registry.quarantined.len(), 1, "accepted {item}");
            refused += 1;
        }
    }
    assert!(accepted > 500 && refused > 500, "{accepted} accepted, {refused} refused");
}

#[test]
fn a_target_is_safe_exactly_when_the_cli_says_so() {
    let Some(node_modules) = node_modules() else {
        return;
    };
    let pieces = [
        "a", "/", "..", ".", "\\", "%2e", "%2E", "%252e", "%2f", "%5c", "%", "%00", "\n", "~", "[...", "]", "[", "C:",
        "é", "%c3%a9", "%ff", " ", "\u{2028}",
    ];
    let mut targets = vec![String::new()];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                targets.push(format!("{first}{second}{third}"));
                targets.push(format!("x/{first}{second}{third}/y"));
                targets.push(format!("[...{first}/{second}]{third}"));
            }
        }
    }
    let script = r#"
        import { isSafeTarget } from "REGISTRY/is-safe-target.js"
        import { readFileSync } from "node:fs"
        const targets = JSON.parse(readFileSync(0, "utf8"))
        console.log(JSON.stringify(targets.map((target) => isSafeTarget(target, "/home/dev/project"))))
    "#;
    let judged: Vec<bool> = serde_json::from_str(&node(&node_modules, script, &json!(targets).to_string())).unwrap();
    for (target, judged) in targets.iter().zip(judged) {
        assert_eq!(is_safe_target(target), judged, "{target:?}");
    }
}
