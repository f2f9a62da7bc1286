use super::support::{empty, everything, failing_after, fill, filled};
use crate::import::{Order, import, survey};
use crate::schema::{Access, ensure, plan, push, removal, remove};
use crate::{MovingError, Scope};
use instant::rows::ENTITIES;
use instant::{Embedded, Query, Store, Transaction};
use model::EntityId;
use serde_json::json;

#[tokio::test]
async fn rules_are_pushed_once_and_those_of_others_stay() {
    let store = empty().await;
    let theirs = json!({ "todos": { "allow": { "view": "true" } }, "attrs": { "allow": { "create": "false" } } });
    store.replace_rules(&theirs).await.unwrap();
    assert!(!plan(&store, Access::Shared).await.unwrap().is_done());
    let done = push(&store, Access::Shared, None).await.unwrap();
    assert_eq!(done.rules.add.len(), ENTITIES.len() - 1);
    let code = store.rules().await.unwrap().unwrap();
    assert!(code.to_string().starts_with(theirs.to_string().trim_end_matches('}')));
    let before = *store.latest().borrow();
    assert!(push(&store, Access::Shared, None).await.unwrap().is_done());
    assert_eq!(*store.latest().borrow(), before);
}

#[tokio::test]
async fn a_lock_down_is_only_what_someone_agreed_to() {
    let store = empty().await;
    store.replace_rules(&json!({ "todos": { "allow": { "view": "true" } } })).await.unwrap();
    let seen = plan(&store, Access::Exclusive).await.unwrap();
    assert_eq!(seen.rules.remove.len(), 1);
    let more = json!({ "todos": { "allow": { "view": "true" } }, "people": { "allow": { "view": "true" } } });
    store.replace_rules(&more).await.unwrap();
    let refused = push(&store, Access::Exclusive, Some(&seen)).await.unwrap_err();
    assert!(refused.to_string().contains("changed by someone else"), "{refused}");
    assert_eq!(store.rules().await.unwrap(), Some(more));
    let seen = plan(&store, Access::Exclusive).await.unwrap();
    push(&store, Access::Exclusive, Some(&seen)).await.unwrap();
    assert_eq!(
        store.rules().await.unwrap(),
        Some(
            json!({ "attrs": { "allow": { "$default": "false" } }, "$default": { "allow": { "$default": "false" } } })
        )
    );
    assert!(plan(&store, Access::Shared).await.unwrap().is_done());
}

#[tokio::test]
async fn a_start_adds_rules_and_leaves_one_that_was_loosened() {
    let store = filled(1).await;
    ensure(&store).await.unwrap();
    let mut code = store.rules().await.unwrap().unwrap();
    code["registry_components"] = json!({ "allow": { "view": "true" } });
    store.replace_rules(&code).await.unwrap();
    ensure(&store).await.unwrap();
    assert_eq!(store.rules().await.unwrap(), Some(code.clone()));
    // Also where there is more to add.
    let ours = |attr: &&instant::AppAttr| (attr.namespace(), attr.label()) == ("registry_components", "title");
    let title: Vec<EntityId> = store.attrs().await.unwrap().iter().filter(ours).map(|attr| attr.id).collect();
    store.delete_attrs(&title).await.unwrap();
    let tokens = code.as_object_mut().unwrap().shift_remove("registry_tokens").unwrap();
    store.replace_rules(&code).await.unwrap();
    ensure(&store).await.unwrap();
    assert!(plan(&store, Access::Shared).await.unwrap().schema.is_done());
    code["registry_tokens"] = tokens;
    assert_eq!(store.rules().await.unwrap(), Some(code));
}

/// What the platform put into the app before us.
async fn shared_app() -> Embedded {
    let store = empty().await;
    remove(&store, &mut |_, _| {}).await.unwrap();
    let schema = json!({
        "entities": {
            "todos": { "attrs": { "title": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } } } },
            "projects": { "attrs": { "name": { "valueType": "string", "required": false, "config": {} } } },
        },
        "links": {
            "todoProject": { "forward": { "on": "todos", "label": "project", "has": "one" }, "reverse": { "on": "projects", "label": "todos", "has": "many" } },
            "todoFile": { "forward": { "on": "todos", "label": "picture", "has": "one" }, "reverse": { "on": "$files", "label": "todo", "has": "one" } },
        },
    });
    store.push_schema(&schema).await.unwrap();
    store.replace_rules(&json!({ "todos": { "allow": { "view": "auth.id != null" } } })).await.unwrap();
    let picture = store.upload("pictures/cat.png", "image/png", "meow".into()).await.unwrap();
    let (todo, project) = (EntityId::random(), EntityId::random());
    let steps = json!([
        ["update", "projects", project, { "name": "one" }],
        ["update", "todos", todo, { "title": "first" }],
        ["link", "todos", todo, { "project": project, "picture": picture }],
    ]);
    store.transact(Transaction::from_json(&steps).unwrap()).await.unwrap();
    store
}

/// Attributes, rows and rules that are not ours, to compare.
async fn theirs(store: &Embedded) -> serde_json::Value {
    let attrs = store.attrs().await.unwrap();
    let names: Vec<String> = attrs
        .iter()
        .filter(|attr| !attr.namespace().starts_with("registry_"))
        .map(|attr| serde_json::to_string(attr).unwrap())
        .collect();
    let query = json!({ "todos": { "project": {}, "picture": { "$": { "fields": ["path"] } } }, "projects": {} });
    let rows = store.query(&Query::from_json(&query, true).unwrap()).await.unwrap();
    json!([
        names,
        rows,
        store.rules().await.unwrap().unwrap()["todos"],
        store.download("pictures/cat.png").await.unwrap().map(|bytes| bytes.len())
    ])
}

#[tokio::test]
async fn a_push_into_a_shared_app_adds_ours_and_a_removal_takes_exactly_that_back() {
    let store = shared_app().await;
    let before = theirs(&store).await;
    let rules = store.rules().await.unwrap();
    let attrs = store.attrs().await.unwrap();
    let planned = plan(&store, Access::Shared).await.unwrap();
    assert!(planned.schema.only_adds() && planned.schema.add.len() > 100, "{planned}");
    assert_eq!(push(&store, Access::Shared, None).await.unwrap().schema.add, planned.schema.add);
    assert!(plan(&store, Access::Shared).await.unwrap().is_done());
    assert_eq!(theirs(&store).await, before);

    fill(&store, 3).await;
    let counted = removal(&store).await.unwrap();
    assert_eq!((counted.entities["registry_components"], counted.files), (6, 8));
    assert_eq!(counted.rules.len(), ENTITIES.len() - 1);
    let mut told = Vec::new();
    let removed = remove(&store, &mut |done, total| told.push((done, total))).await.unwrap();
    assert_eq!(removed, counted);
    assert_eq!(told.last().map(|(done, total)| done == total), Some(true));
    assert_eq!(theirs(&store).await, before);
    assert_eq!(store.rules().await.unwrap(), rules);
    assert_eq!(store.attrs().await.unwrap(), attrs);
    assert!(removal(&store).await.unwrap().is_empty());
    assert!(remove(&store, &mut |_, _| {}).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_removal_that_was_cut_off_is_run_again() {
    let store = shared_app().await;
    let before = theirs(&store).await;
    push(&store, Access::Shared, None).await.unwrap();
    fill(&store, 3).await;
    let mut writes = 0;
    while remove(&failing_after(&store, writes), &mut |_, _| {}).await.is_err() {
        writes += 1;
    }
    assert!(writes > 3);
    assert!(removal(&store).await.unwrap().is_empty());
    assert_eq!(theirs(&store).await, before);
}

#[tokio::test]
async fn what_others_put_on_our_namespaces_stays_and_is_told() {
    let store = shared_app().await;
    push(&store, Access::Shared, None).await.unwrap();
    let schema = json!({
        "entities": { "registry_components": { "attrs": { "stars": { "valueType": "number", "required": false, "config": {} } } } },
        "links": { "todoComponent": { "forward": { "on": "todos", "label": "component", "has": "one" }, "reverse": { "on": "registry_components", "label": "todos", "has": "many" } } },
    });
    store.push_schema(&schema).await.unwrap();
    assert!(plan(&store, Access::Shared).await.unwrap().is_done());
    let counted = removal(&store).await.unwrap();
    assert_eq!(counted.left, ["registry_components.stars", "todos.component"]);
    remove(&store, &mut |_, _| {}).await.unwrap();
    let left: Vec<String> = store
        .attrs()
        .await
        .unwrap()
        .iter()
        .filter(|attr| attr.namespace().starts_with("registry_"))
        .map(|attr| format!("{}.{}", attr.namespace(), attr.label()))
        .collect();
    assert_eq!(left, ["registry_components.id", "registry_components.stars"]);
    // There is a way back.
    push(&store, Access::Shared, None).await.unwrap();
    fill(&store, 1).await;
    assert_eq!(removal(&store).await.unwrap().entities["registry_components"], 2);
}

/// A registry that someone else made of the same names, with a row.
async fn another_registry() -> Embedded {
    let store = empty().await;
    remove(&store, &mut |_, _| {}).await.unwrap();
    let attr = |required: bool, unique: bool| json!({ "valueType": "string", "required": required, "config": { "indexed": unique, "unique": unique } });
    let original = json!({
        "entities": {
            "registry_repositories": { "attrs": { "url": attr(true, true), "name": attr(true, false) } },
            "registry_commits": { "attrs": { "hash": attr(true, true), "message": attr(true, false) } },
        },
        "links": {},
    });
    store.push_schema(&original).await.unwrap();
    let steps = json!([
        ["update", "registry_repositories", EntityId::random(), { "url": "https://host.example/ui", "name": "ui" }],
        ["update", "registry_commits", EntityId::random(), { "hash": "c0ffee", "message": "Begin" }],
    ]);
    store.transact(Transaction::from_json(&steps).unwrap()).await.unwrap();
    store
}

#[tokio::test]
async fn a_removal_does_not_take_a_registry_that_someone_else_made() {
    let store = another_registry().await;
    let before = *store.latest().borrow();
    for refused in [removal(&store).await.map(drop), remove(&store, &mut |_, _| {}).await.map(drop)] {
        let told = refused.unwrap_err().to_string();
        assert!(told.contains("registry_commits.hash: unique: yes, needed: no"), "{told}");
        assert!(told.contains("Nothing was removed"), "{told}");
    }
    assert_eq!(*store.latest().borrow(), before);
}

#[tokio::test]
async fn a_registry_that_someone_else_made_is_no_source_and_the_target_stays_as_it_is() {
    let (source, target) = (another_registry().await, empty().await);
    let before = *target.latest().borrow();
    for scope in [Scope::Ours, Scope::WholeApp] {
        let order = Order { scope, from: "embedded:/a".to_owned() };
        let refused = import(&source, &target, &order, &mut |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains("registry_repositories.key is missing"), "{refused}");
        let told = survey(&source, &target, &order, &mut |_| {}).await.unwrap_err().to_string();
        assert_eq!(told, refused);
    }
    assert_eq!(*target.latest().borrow(), before);
}

#[tokio::test]
async fn a_whole_app_does_not_overwrite_other_files_of_the_target() {
    let source = shared_app().await;
    push(&source, Access::Shared, None).await.unwrap();
    fill(&source, 1).await;
    let order = Order { scope: Scope::WholeApp, from: "embedded:/a".to_owned() };
    for other in ["purr", "hiss!"] {
        let target = empty().await;
        target.upload("pictures/cat.png", "image/png", other.into()).await.unwrap();
        let refused = import(&source, &target, &order, &mut |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains("pictures/cat.png"), "{refused}");
        let told = survey(&source, &target, &order, &mut |_| {}).await.unwrap().refused.unwrap();
        assert_eq!(told, refused);
        assert_eq!(target.download("pictures/cat.png").await.unwrap().unwrap(), other);
    }
    let target = empty().await;
    target.upload("pictures/cat.png", "image/png", "meow".into()).await.unwrap();
    import(&source, &target, &order, &mut |_| {}).await.unwrap();
    assert_eq!(import(&source, &target, &order, &mut |_| {}).await.unwrap().files_copied, 0);
}

#[tokio::test]
async fn a_whole_app_that_was_begun_is_not_finished_by_a_part_of_it() {
    let (source, target) = (shared_app().await, empty().await);
    push(&source, Access::Shared, None).await.unwrap();
    fill(&source, 1).await;
    let order = |scope| Order { scope, from: "embedded:/a".to_owned() };
    import(&source, &failing_after(&target, 6), &order(Scope::WholeApp), &mut |_| {}).await.unwrap_err();
    let refused = import(&source, &target, &order(Scope::Ours), &mut |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("--whole-app"), "{refused}");
    import(&source, &target, &order(Scope::WholeApp), &mut |_| {}).await.unwrap();
    import(&source, &target, &order(Scope::Ours), &mut |_| {}).await.unwrap();
}

#[tokio::test]
async fn a_schema_that_does_not_go_with_ours_is_refused_and_nothing_is_written() {
    let store = empty().await;
    remove(&store, &mut |_, _| {}).await.unwrap();
    let original = json!({
        "entities": { "registry_commits": { "attrs": { "hash": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } } } } },
        "links": {},
    });
    store.push_schema(&original).await.unwrap();
    let (attrs, rules) = (store.attrs().await.unwrap(), store.rules().await.unwrap());
    for refused in [push(&store, Access::Shared, None).await.map(drop), ensure(&store).await] {
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("registry_commits.hash: unique: yes, needed: no"), "{message}");
    }
    assert_eq!((store.attrs().await.unwrap(), store.rules().await.unwrap()), (attrs, rules));
}

#[tokio::test]
async fn a_start_adds_and_leaves_changes_to_a_push() {
    let store = empty().await;
    remove(&store, &mut |_, _| {}).await.unwrap();
    ensure(&store).await.unwrap();
    assert!(plan(&store, Access::Shared).await.unwrap().is_done());
    let older = json!({
        "entities": { "registry_commits": { "attrs": { "hash": { "valueType": "string", "required": false, "config": { "indexed": false, "unique": false } } } } },
        "links": {},
    });
    store.push_schema(&older).await.unwrap();
    let refused = ensure(&store).await.unwrap_err().to_string();
    assert!(refused.contains("registry_commits.hash: indexed: no, to be: yes"), "{refused}");
    assert!(refused.contains("`ekairos-registry schema push`"), "{refused}");
    push(&store, Access::Shared, None).await.unwrap();
    ensure(&store).await.unwrap();
}

#[tokio::test]
async fn a_whole_app_is_moved_with_its_schema_rules_rows_and_files() {
    let store = shared_app().await;
    push(&store, Access::Shared, None).await.unwrap();
    fill(&store, 2).await;
    let users = json!([["update", "$users", EntityId::random(), { "email": "ada@example.com" }]]);
    store.transact(Transaction::from_json(&users).unwrap()).await.unwrap();
    let target = empty().await;
    let order = Order { scope: Scope::WholeApp, from: "embedded:/a".to_owned() };
    let report = import(&store, &target, &order, &mut |_| {}).await.unwrap();
    assert_eq!(everything(&target).await, everything(&store).await);
    let query = json!({ "todos": { "project": {}, "picture": { "$": { "fields": ["path"] } } }, "$users": {} });
    let query = Query::from_json(&query, true).unwrap();
    let (mut found, mut wanted) = (target.query(&query).await.unwrap(), store.query(&query).await.unwrap());
    for tree in [&mut found, &mut wanted] {
        // Files have other ids.
        assert_eq!(tree["todos"][0]["picture"]["path"], "pictures/cat.png");
        tree["todos"][0]["picture"].take();
    }
    assert_eq!(found, wanted);
    assert_eq!(target.rules().await.unwrap().unwrap()["todos"], store.rules().await.unwrap().unwrap()["todos"]);
    assert!(report.namespaces.iter().any(|count| count.namespace == "todos" && count.entities == 1));
    // Ours alone would not have taken it along.
    let ours = empty().await;
    import(&store, &ours, &Order { scope: Scope::Ours, ..order }, &mut |_| {}).await.unwrap();
    assert!(ours.attrs().await.unwrap().iter().all(|attr| attr.namespace() != "todos"));
    assert_eq!(ours.download("pictures/cat.png").await.unwrap(), None);
}

#[tokio::test]
async fn an_app_without_a_registry_is_no_source_unless_all_of_it_is_wanted() {
    let (source, target) = (shared_app().await, empty().await);
    let order = |scope| Order { scope, from: "embedded:/a".to_owned() };
    let refused = import(&source, &target, &order(Scope::Ours), &mut |_| {}).await.unwrap_err();
    assert!(matches!(refused, MovingError::NoRegistry), "{refused}");
    let report = import(&source, &target, &order(Scope::WholeApp), &mut |_| {}).await.unwrap();
    assert_eq!(report.rows_written, 2);
}

#[tokio::test]
async fn a_whole_app_is_not_moved_over_another_with_the_same_names() {
    let (source, target) = (shared_app().await, shared_app().await);
    let other = json!({
        "entities": { "projects": { "attrs": { "name": { "valueType": "number", "required": false, "config": {} } } } },
        "links": {},
    });
    let order = Order { scope: Scope::WholeApp, from: "embedded:/a".to_owned() };
    push(&source, Access::Shared, None).await.unwrap();
    let refused = import(&source, &target, &order, &mut |_| {}).await.unwrap_err();
    assert!(matches!(refused, MovingError::OtherData(_)), "{refused}");
    let target = empty().await;
    target.push_schema(&other).await.unwrap();
    let refused = import(&source, &target, &order, &mut |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("projects.name is something else there"), "{refused}");
}
