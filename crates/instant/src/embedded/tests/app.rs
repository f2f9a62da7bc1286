//! The app: its secrets, rules and attributes.

use super::*;
use crate::app_attr::AttrCatalog;

#[tokio::test]
async fn an_app_keeps_its_id_token_and_key_and_shows_neither_secret() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).await.unwrap();
    let first = store.app();
    let shown = format!("{first:?}");
    assert!(!shown.contains(first.admin_token.expose()), "{shown}");
    assert!(!shown.contains(&format!("{:?}", first.file_key.expose())), "{shown}");
    drop(store);
    let store = Embedded::open(dir.path()).await.unwrap();
    let second = store.app();
    assert_eq!((second.id, second.admin_token.expose()), (first.id, first.admin_token.expose()));
    assert_eq!(second.file_key, first.file_key);
    let renewed = store.renew_admin_token().await.unwrap();
    assert_ne!(renewed, first.admin_token);
    assert_eq!(store.app().admin_token, renewed);
}

#[tokio::test]
async fn rules_are_replaced_whole_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).await.unwrap();
    assert_eq!(store.rules().await.unwrap(), None);
    let code = json!({ "$default": { "allow": { "$default": "false" } } });
    store.replace_rules(&code).await.unwrap();
    drop(store);
    let store = Embedded::open(dir.path()).await.unwrap();
    assert_eq!(store.rules().await.unwrap(), Some(code));
    store.replace_rules(&Value::Null).await.unwrap();
    assert_eq!(store.rules().await.unwrap(), None);
}

#[tokio::test]
async fn every_attribute_has_ids_that_stay() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).await.unwrap();
    let attrs = store.attrs().await.unwrap();
    let find = |etype: &str, label: &str| {
        attrs.iter().find(|attr| (attr.namespace(), attr.label()) == (etype, label)).cloned().unwrap()
    };
    let path = find("$files", "path");
    assert_eq!(
        (path.id.to_string().as_str(), path.catalog),
        ("96653230-13ff-ffff-2a34-f04cffffffff", AttrCatalog::System)
    );
    assert_eq!(find("registry_leases", "id").catalog, AttrCatalog::User);
    let link = find("registry_versions", "component");
    assert_eq!(link.reverse_identity.as_ref().map(|ident| ident.2.as_str()), Some("versions"));
    assert_eq!(link.on_delete.as_deref(), Some("cascade"));
    drop(store);
    let store = Embedded::open(dir.path()).await.unwrap();
    assert_eq!(store.attrs().await.unwrap(), attrs);
}
