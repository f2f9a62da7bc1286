//! The typed layer over the embedded store.

use super::*;
use crate::rows::{Commit, Component, File, Lease, Repository, Version};
use crate::{Action, Db, Filter, Timestamp};
use model::{CommitId, ComponentId, FileId, RepositoryId, VersionId};

async fn db() -> Db {
    Arc::new(store(&[]).await)
}

#[tokio::test]
async fn rows_come_back_as_they_were_written() {
    let db = db().await;
    let (repository, component, version) = (RepositoryId::random(), ComponentId::random(), VersionId::random());
    let mut tx = Transaction::new();
    tx.create::<Repository>(repository).set(Repository::KEY, "r#").set(Repository::POLL_EVERY, 300_u64);
    tx.create::<Component>(component)
        .set(Component::KEY, "r/button")
        .set(Component::NAME, "team/button")
        .set(Component::META, json!({ "a": 1 }))
        .set_opt(Component::TITLE, None::<String>)
        .link(Component::REPOSITORY, repository);
    tx.create::<Version>(version)
        .set(Version::KEY, "v")
        .set(Version::CREATED_AT, Timestamp::from_millis(5))
        .link(Version::COMPONENT, component);
    tx.create::<File>(FileId::random()).set(File::KEY, "f").set(File::SIZE, 7_u64).link(File::COMPONENT, component);
    assert_eq!(tx.len(), 7);
    db.transact(tx).await.unwrap();

    let found = db.select::<Component>().filter(Component::NAME.eq("team/button")).one().await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.repository, found.title, found.meta),
        (component, Some(repository), None, Some(json!({ "a": 1 })))
    );
    let version = db.get::<Version>(version).await.unwrap().unwrap();
    assert_eq!((version.created_at.as_millis(), version.component), (5, Some(component)));
    let by_path =
        db.select::<Version>().filter(Version::COMPONENT.path(Component::REPOSITORY.attr(Repository::KEY)).eq("r#"));
    assert_eq!(by_path.all().await.unwrap(), std::slice::from_ref(&version));
    let with = db.select::<Component>().all_with(Component::FILES).await.unwrap();
    assert_eq!((with[0].0.repository, with[0].1[0].size), (Some(repository), 7));
    let with = db.select::<Version>().all_with(Version::COMPONENT).await.unwrap();
    assert_eq!((with[0].0.component, with[0].1[0].id), (Some(component), component));
    assert_eq!(db.select::<Component>().filter(Component::REMOVED_AT.is_null()).count().await.unwrap(), 1);
    assert_eq!(db.select::<Component>().filter(Filter::any([])).count().await.unwrap(), 0);
    let either = Component::NAME.eq("x").or(Component::KEY.like("r/%").and(Component::TYPE.is_null()));
    assert_eq!(db.select::<Component>().filter(either).count().await.unwrap(), 1);

    let mut tx = Transaction::new();
    tx.delete::<Repository>(repository);
    db.transact(tx).await.unwrap();
    assert!(db.get::<Component>(component).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lease_changes_hands_in_one_transaction() {
    let db = db().await;
    let lease = |tx: &mut Transaction, id: EntityId, holder: &str| {
        tx.create::<Lease>(id).set(Lease::KEY, "sync:r").set(Lease::HOLDER, holder).set(Lease::BEAT, 1_u64);
    };
    let mut tx = Transaction::new();
    lease(&mut tx, id(1), "a");
    db.transact(tx).await.unwrap();
    let mut tx = Transaction::new();
    lease(&mut tx, id(2), "b");
    assert!(db.transact(tx).await.unwrap_err().is_not_unique());
    let mut tx = Transaction::new();
    tx.delete::<Lease>(id(1));
    lease(&mut tx, id(2), "b");
    db.transact(tx).await.unwrap();
    let mut tx = Transaction::new();
    tx.update_existing::<Lease>(id(1)).set(Lease::BEAT, 2_u64);
    assert!(matches!(db.transact(tx).await.unwrap_err(), InstantError::Missing { .. }));
}

#[tokio::test]
async fn chunks_keep_to_the_promise_and_lose_nothing() {
    let mut tx = Transaction::new();
    let repository = RepositoryId::random();
    for index in 0..1_300 {
        let key = format!("k{index}");
        tx.update::<Component>(ComponentId::of_key(&key))
            .set(Component::KEY, key)
            .link(Component::REPOSITORY, repository);
    }
    let steps = tx.len();
    let chunks = tx.clone().into_chunks();
    assert_eq!(chunks.iter().map(Transaction::len).sum::<usize>(), steps);
    assert!(chunks.iter().all(|chunk| chunk.len() <= 500));
    let db = db().await;
    db.transact_in_chunks(tx).await.unwrap();
    assert_eq!(db.select::<Component>().pages().await.unwrap().len(), 1_300);
    assert_eq!(db.select::<Component>().limit(0).all().await.unwrap().len(), 0);
}

#[test]
fn more_links_than_fit_a_transaction_are_made_in_several() {
    let mut tx = Transaction::new();
    let components: Vec<ComponentId> = (0..12_000).map(|n| ComponentId::of_key(&n.to_string())).collect();
    tx.update::<Commit>(CommitId::random()).set(Commit::KEY, "k").link_all(Commit::COMPONENTS, components.clone());
    let chunks = tx.into_chunks();
    assert!(chunks.iter().all(|chunk| chunk.triples() <= 5_000));
    let linked = chunks.iter().flat_map(|chunk| &chunk.steps).filter_map(|step| match &step.entity()?.action {
        Action::Link(links) => Some(links.iter().map(|(_, to)| to.len()).sum::<usize>()),
        _ => None,
    });
    assert_eq!(linked.sum::<usize>(), components.len());
}

#[tokio::test]
async fn the_steps_and_queries_read_back_from_the_admin_apis_json() {
    let mut tx = Transaction::new();
    tx.create::<Lease>(id(1)).set(Lease::KEY, "k");
    tx.update_by(Component::KEY.lookup("c"))
        .set(Component::TITLE, "t")
        .link_by(Component::REPOSITORY, Repository::KEY.lookup("r \"q\"__"));
    tx.update_existing::<Lease>(id(1)).set(Lease::BEAT, 1_u64);
    tx.merge::<Component>(ComponentId::random()).set(Component::META, json!({ "a": null }));
    tx.relink::<Component>(ComponentId::random()).unlink(Component::FILES, FileId::random());
    tx.delete_by(Lease::KEY.lookup("k"));
    let mut back = Transaction::from_json(&tx.to_json()).unwrap();
    back.throw_on_missing_attrs = true;
    assert_eq!(back, tx);
}

#[test]
fn the_pushed_schema_has_every_namespace_and_only_keys_required() {
    let schema = crate::schema_json();
    assert_eq!(
        schema["entities"]["registry_leases"]["attrs"]["key"],
        json!({ "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } })
    );
    assert!(schema["entities"].get("$files").is_none());
    let link = &schema["links"]["registry_files_storage"];
    assert_eq!(
        *link,
        json!({ "forward": { "on": "registry_files", "label": "storage", "has": "one" }, "reverse": { "on": "$files", "label": "registryFiles", "has": "many" } })
    );
    assert_eq!(schema["links"]["registry_versions_component"]["forward"]["onDelete"], "cascade");
    let mut labels = std::collections::HashSet::new();
    for entity in crate::rows::ENTITIES {
        for name in entity.attrs.iter().map(|attr| attr.label).chain(entity.links.iter().map(|link| link.forward.label))
        {
            assert!(labels.insert((entity.namespace, name)), "{} has {name} twice", entity.namespace);
        }
        for link in entity.links {
            assert!(
                labels.insert((link.reverse.on, link.reverse.label)),
                "{} has {} twice",
                link.reverse.on,
                link.reverse.label
            );
        }
    }
}
