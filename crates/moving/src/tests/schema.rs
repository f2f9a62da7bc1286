use super::support::{empty, filled};
use crate::schema::{Access, ensure, plan, push};
use instant::Store;
use serde_json::json;

#[tokio::test]
async fn rules_are_pushed_once_and_those_of_others_stay() {
    let store = empty().await;
    let theirs = json!({ "todos": { "allow": { "view": "true" } }, "attrs": { "allow": { "create": "false" } } });
    store.replace_rules(&theirs).await.unwrap();
    assert!(!plan(&store, Access::Shared).await.unwrap().is_done());
    let done = push(&store, Access::Shared, None).await.unwrap();
    assert_eq!(done.rules.add.len(), 15);
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
    assert_eq!(store.rules().await.unwrap(), Some(code));
}
