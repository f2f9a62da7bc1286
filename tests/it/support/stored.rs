//! What an embedded store holds, read from its folder while nothing runs there.

use instant::{AppStatus, Embedded, Form, Query, Store, rows::ENTITIES};
use model::Digest;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(work)
}

/// Everything of the registry's but leases: rows with values and links, and
/// files by path, with what differs from store to store left out.
pub(crate) fn stored(data: &Path) -> BTreeMap<String, Value> {
    run(async {
        let store = Embedded::open(data).await.expect("a store");
        let mut all = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for file in list(&store, "$files", &[]).await {
            let path = file["path"].as_str().expect("a path").to_owned();
            let bytes = store.download(&path).await.expect("a store").expect("its bytes");
            paths.insert(file["id"].to_string(), path.clone());
            all.insert(path, json!([Digest::of(&bytes).to_string(), file["content-type"], file["size"]]));
        }
        for entity in ENTITIES.iter().filter(|entity| !["$files", "registry_leases"].contains(&entity.namespace)) {
            let links: Vec<&str> = entity.links.iter().map(|link| link.forward.label).collect();
            for mut row in list(&store, entity.namespace, &links).await {
                let key = format!("{} {}", entity.namespace, row["id"]);
                let row = row.as_object_mut().expect("an entity");
                row.retain(|_, value| !value.is_null() && *value != json!([]));
                for label in &links {
                    if let Some(Value::Array(targets)) = row.get_mut(*label) {
                        let name = |id: String| paths.get(&id).cloned().unwrap_or(id);
                        let mut names: Vec<String> =
                            targets.iter().map(|target| name(target["id"].to_string())).collect();
                        names.sort();
                        row.insert((*label).to_owned(), names.into());
                    }
                }
                row.sort_keys();
                all.insert(key, Value::Object(std::mem::take(row)));
            }
        }
        all
    })
}

async fn list(store: &Embedded, namespace: &str, links: &[&str]) -> Vec<Value> {
    let children = links.iter().map(|link| ((*link).to_owned(), Form::default())).collect();
    let mut query = Query::of(namespace, Form { children, ..Form::default() });
    query.inference = false;
    match store.query(&query).await.expect("an answer").remove(namespace) {
        Some(Value::Array(rows)) => rows,
        other => panic!("{other:?}"),
    }
}

/// Lets the callers of a store's app in, to read only, or not at all.
pub(crate) fn set_status(data: &Path, status: AppStatus) {
    run(async {
        let store = Embedded::open(data).await.expect("a store");
        store.set_status(status).await.expect("it is written");
    });
}
