//! The vectors R1, R3 and R8 to R11 over the domain schema of
//! `specs/instantdb-admin-api.md` 4.4.

use super::*;

/// The schema of section 4.4.
pub(super) fn schema() -> Value {
    // `*` required, `u` unique, `i` indexed.
    let attrs = |list: &[&str]| -> Value {
        let attrs = list.iter().map(|text| {
            let (name, rest) = text.split_once(':').unwrap();
            let (value_type, flags) = rest.split_once(' ').unwrap_or((rest, ""));
            let config = json!({ "indexed": flags.contains('i'), "unique": flags.contains('u') });
            (name.to_owned(), json!({ "valueType": value_type, "required": flags.contains('*'), "config": config }))
        });
        json!({ "attrs": attrs.collect::<serde_json::Map<_, _>>() })
    };
    let link = |on: &str, has: &str, label: &str, to: &str, back: &str, reverse: &str| json!({ "forward": { "on": on, "has": has, "label": label }, "reverse": { "on": to, "has": back, "label": reverse } });
    json!({
        "entities": {
            "registry_repositories": attrs(&["url:string ui*", "name:string *", "lastSyncedAt:date", "defaultBranch:string"]),
            "registry_commits": attrs(&["hash:string ui*", "message:string *", "date:date *", "author:string *"]),
            "registry_packages": attrs(&["name:string i*", "version:string *", "type:string", "key:string ui*"]),
            "registry_components": attrs(&["name:string ui*", "type:string *", "title:string *", "description:string", "cssVars:json", "meta:json", "version:string"]),
            "registry_files": attrs(&["path:string *", "type:string *", "target:string"]),
        },
        "links": {
            "repoCommits": link("registry_commits", "one", "repository", "registry_repositories", "many", "commits"),
            "componentRepo": link("registry_components", "one", "repository", "registry_repositories", "many", "components"),
            "componentFiles": link("registry_files", "one", "component", "registry_components", "many", "files"),
            "commitComponents": link("registry_commits", "many", "components", "registry_components", "many", "commits"),
            "componentPackages": link("registry_components", "many", "dependencies", "registry_packages", "many", "usedByComponents"),
            "componentRegistryDeps": link("registry_components", "many", "registryDependencies", "registry_components", "many", "usedBy"),
            "fileStorage": link("registry_files", "one", "storage", "$files", "one", "registryFile"),
        },
    })
}

fn component(number: u128, name: &str) -> Value {
    json!(["create", "registry_components", id(number), { "name": name, "type": "registry:ui", "title": name }])
}

#[tokio::test]
async fn a_component_needs_its_title_r1() {
    let store = pushed(schema()).await;
    let steps = json!([["create", "registry_components", id(1), { "name": "button", "type": "registry:ui" }]]);
    let error = transact(&store, steps).await.unwrap_err();
    assert_eq!(error.to_string(), format!("Missing required attribute `registry_components/title`: {}", id(1)));
}

#[tokio::test]
async fn a_stored_file_belongs_to_one_registry_file_r3() {
    let store = pushed(schema()).await;
    let stored = store.upload("a", "text/plain", bytes::Bytes::from_static(b"a")).await.unwrap();
    let other = store.upload("b", "text/plain", bytes::Bytes::from_static(b"b")).await.unwrap();
    let file = |number: u128| json!(["create", "registry_files", id(number), { "path": "x", "type": "registry:file" }]);
    let link = |number: u128, to: EntityId| json!(["link", "registry_files", id(number), { "storage": to }]);
    transact(&store, json!([file(1), link(1, stored), file(2)])).await.unwrap();
    let error = transact(&store, json!([link(2, stored)])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`storage` is a unique attribute on `registry_files` and an entity already exists with `registry_files.storage` = \"{stored}\""
        )
    );
    transact(&store, json!([link(1, other)])).await.unwrap();
    transact(&store, json!([link(2, stored)])).await.unwrap();
    // A link from a file that was never created misses everything.
    let error = transact(&store, json!([["link", "registry_files", id(9), { "component": id(1) }]])).await.unwrap_err();
    let InstantError::MissingRequired { missing } = &error else { panic!("{error}") };
    assert_eq!(missing.iter().map(|attr| attr.label.as_str()).collect::<Vec<_>>(), ["id", "path", "type"]);
}

#[tokio::test]
async fn a_deleted_component_leaves_its_files_behind_r8() {
    let store = pushed(schema()).await;
    let file = json!(["create", "registry_files", id(2), { "path": "x", "type": "registry:file", "component": id(1) }]);
    let uses = json!(["link", "registry_components", id(3), { "registryDependencies": id(1) }]);
    transact(&store, json!([component(1, "button"), component(3, "dialog"), file, uses])).await.unwrap();
    transact(&store, json!([["delete", "registry_components", id(1)]])).await.unwrap();
    let tree = query(&store, json!({ "registry_files": {}, "registry_components": { "registryDependencies": {} } }))
        .await
        .unwrap();
    assert_eq!(tree["registry_files"], json!([{ "id": id(2), "path": "x", "type": "registry:file" }]));
    assert_eq!(tree["registry_components"][0]["registryDependencies"], json!([]));
}

#[tokio::test]
async fn a_component_is_made_by_its_name_r9() {
    let store = pushed(schema()).await;
    let update = |values: Value| json!([["update", "registry_components", ["name", "button"], values]]);
    assert!(transact(&store, update(json!({ "title": "Button" }))).await.is_err());
    transact(&store, update(json!({ "title": "Button", "type": "registry:ui" }))).await.unwrap();
    transact(&store, update(json!({ "title": "A button" }))).await.unwrap();
    let found = rows(&store, "registry_components").await;
    assert_eq!((found.len(), &found[0]["name"], &found[0]["title"]), (1, &json!("button"), &json!("A button")));
}

#[tokio::test]
async fn a_merge_keeps_what_is_beside_it_r10() {
    let store = pushed(schema()).await;
    transact(&store, json!([component(1, "button"), ["merge", "registry_components", id(1), { "cssVars": { "light": { "a": "1", "b": "2" } } }]])).await.unwrap();
    transact(&store, json!([["merge", "registry_components", id(1), { "cssVars": { "light": { "a": null, "c": "3" }, "dark": { "a": "4" } } }]])).await.unwrap();
    assert_eq!(
        rows(&store, "registry_components").await[0]["cssVars"],
        json!({ "light": { "b": "2", "c": "3" }, "dark": { "a": "4" } })
    );
}

#[tokio::test]
async fn a_component_is_found_from_its_stored_file_r11() {
    let store = pushed(schema()).await;
    let stored = store.upload("a", "text/plain", bytes::Bytes::from_static(b"a")).await.unwrap();
    let file = json!(["create", "registry_files", id(2), { "path": "x", "type": "registry:file", "component": id(1), "storage": stored }]);
    transact(&store, json!([component(1, "button"), file])).await.unwrap();
    let tree = query(&store, json!({ "$files": { "registryFile": { "component": {} } } })).await.unwrap();
    assert_eq!(tree["$files"][0]["registryFile"][0]["component"][0]["name"], "button");
}
