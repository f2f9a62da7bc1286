//! Which indexes queries use: the cost of a query must not grow with what it does not concern.

use super::*;
use crate::embedded::catalog::Catalog;
use crate::embedded::{Embedded, plan};
use crate::{Query, Store, Transaction};
use rusqlite::Connection;
use serde_json::json;
use std::sync::Arc;

/// The plans of all SQL that a query of components may lead to: what finds ids,
/// and the walk, each step in a line.
fn plans(connection: &Connection, catalog: &Catalog, options: &Value) -> (Vec<Vec<String>>, Vec<String>) {
    let query = Query::from_json(&json!({ "registry_components": { "$": options } }), false).unwrap();
    let (etype, form) = &query.forms[0];
    let plan = plan::of_form(catalog, etype, form, &[etype.as_str().into()]).unwrap().unwrap();
    let finds = plan.parts.iter().filter_map(|part| Some(explain(connection, part.ids.as_ref()?))).collect();
    let by = plan.page.as_ref().map_or(By::Created, |page| page.by.clone());
    let bounds: Vec<(&str, &Position)> =
        plan.page.iter().filter_map(|page| Some((">", &page.after.as_ref()?.0))).collect();
    (finds, explain(connection, &walk(&plan, &by, COLUMNS, &bounds).text(&ordered(&by, false))))
}

fn explain(connection: &Connection, sql: &Sql) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).unwrap();
    let rows = statement.query_map(params_from_iter(&sql.params), |row| row.get::<_, String>(3)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Runs `check` on an empty store of the registry's schema.
async fn on_a_store(check: impl FnOnce(&Connection, &Catalog) + Send + 'static) {
    let store = Embedded::temporary().await.unwrap();
    let work = move |connection: &Connection, catalog: &Catalog| {
        check(connection, catalog);
        Ok(())
    };
    Arc::clone(&store.shared).read(work).await.unwrap();
}

const NAME_KEY: &str = "SEARCH k USING PRIMARY KEY (attr=? AND key=?)";

#[tokio::test]
async fn conditions_of_the_root_are_found_in_an_index() {
    on_a_store(|connection, catalog| {
        let link = "6a0c1a3e-0000-4000-8000-000000000000";
        for (filter, step) in [
            (json!({ "name": "button" }), NAME_KEY),
            (json!({ "type": "registry:ui" }), NAME_KEY),
            (json!({ "name": { "$in": ["button", "card"] } }), NAME_KEY),
            (json!({ "removedAt": { "$isNull": true } }), NAME_KEY),
            (json!({ "name": { "$gt": "b" } }), "SEARCH k USING PRIMARY KEY (attr=? AND key>? AND key<?)"),
            (json!({ "name": { "$like": "but%" } }), "SEARCH k USING PRIMARY KEY (attr=? AND key>? AND key<?)"),
            (json!({ "repository": link }), "SEARCH m USING COVERING INDEX links_reverse (attr=? AND target=?)"),
            (json!({ "files": link }), "SEARCH m USING PRIMARY KEY (attr=? AND source=?)"),
        ] {
            let (finds, _) = plans(connection, catalog, &json!({ "where": filter }));
            assert_eq!(finds[0][0], step, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn paths_are_followed_from_what_an_index_finds_at_their_end() {
    on_a_store(|connection, catalog| {
        let found = |filter: Value| {
            let (mut finds, _) = plans(connection, catalog, &json!({ "where": filter }));
            finds.remove(0)
        };
        let forward = found(json!({ "repository.key": "a" }));
        assert_eq!(forward[..2], [NAME_KEY, "SEARCH l0 USING COVERING INDEX links_reverse (attr=? AND target=?)"]);
        let reverse = found(json!({ "files.digest": "a" }));
        assert_eq!(reverse[..2], [NAME_KEY, "SEARCH l0 USING PRIMARY KEY (attr=? AND source=?)"]);
        let far = found(json!({ "versions.files.digest": "a" }));
        assert_eq!(
            far[..3],
            [
                NAME_KEY,
                "SEARCH l0 USING PRIMARY KEY (attr=? AND source=?)",
                "SEARCH l1 USING PRIMARY KEY (attr=? AND source=?)"
            ]
        );
        // Both conditions are about one component: found by one, then checked.
        let shared = found(json!({ "registryDependencies.name": "a", "usedBy.key": "b" }));
        assert_eq!(shared[0], NAME_KEY);
        let last = shared.len() - 1;
        assert!(shared[1..last].iter().all(|step| step.starts_with("SEARCH ")), "{shared:?}");
        assert_eq!(shared[last], "USE TEMP B-TREE FOR DISTINCT");
    })
    .await;
}

#[tokio::test]
async fn a_page_walks_the_index_of_its_order_from_its_cursor_on() {
    on_a_store(|connection, catalog| {
        let attr = |label: &str| catalog.at("registry_components", label).unwrap().attr().id;
        let id = EntityId::from_bytes([1; 16]);
        let rows = "SEARCH e USING INDEX entities_id (etype=? AND id=?)";
        for (options, steps) in [
            (json!({ "limit": 50 }), vec!["SEARCH e USING INDEX entities_created (etype=?)"]),
            (
                json!({ "limit": 50, "after": [id, attr("id"), id, 5] }),
                vec!["SEARCH e USING INDEX entities_created (etype=? AND (created_at,id)>(?,?))"],
            ),
            (json!({ "limit": 50, "order": { "name": "asc" } }), vec!["SEARCH o USING PRIMARY KEY (attr=?)", rows]),
            (
                json!({ "limit": 50, "order": { "name": "asc" }, "after": [id, attr("name"), "button", 0] }),
                vec!["SEARCH o USING PRIMARY KEY (attr=? AND (key,entity)>(?,?))", rows],
            ),
            // What is asked of the attribute that orders bounds the walk.
            (
                json!({ "limit": 50, "order": { "name": "asc" }, "where": { "name": { "$gt": "button" } } }),
                vec!["SEARCH o USING PRIMARY KEY (attr=? AND key>? AND key<?)", rows],
            ),
        ] {
            let (_, walk) = plans(connection, catalog, &options);
            assert_eq!(walk, steps, "{options}");
        }
    })
    .await;
}

#[tokio::test]
async fn rows_that_are_walked_are_asked_with_steps_in_an_index() {
    on_a_store(|connection, catalog| {
        let link = "6a0c1a3e-0000-4000-8000-000000000000";
        for filter in [
            json!({ "type": "registry:ui" }),
            json!({ "type": { "$in": ["registry:ui", "registry:lib"] } }),
            json!({ "type": { "$not": "registry:ui" } }),
            json!({ "removedAt": { "$isNull": false } }),
            json!({ "content": { "$gt": "a" } }),
            json!({ "repository": link, "title": "x" }),
            json!({ "repository": { "$isNull": true } }),
            json!({ "replaces": { "$not": link } }),
            json!({ "repository.url": "a", "files.digest": "b", "dependencies.version": "1" }),
            json!({ "repository.url": { "$not": "a" } }),
            json!({ "files.version.digest": { "$isNull": true } }),
            json!({ "or": [{ "type": "a" }, { "and": [{ "files.path": "b" }, { "name": { "$ilike": "%x%" } }] }] }),
        ] {
            let (_, walk) =
                plans(connection, catalog, &json!({ "where": filter, "order": { "key": "asc" }, "limit": 9 }));
            for step in &walk {
                // Lists of values are the only thing that is read whole.
                let scan = step.starts_with("SCAN") && !step.starts_with("SCAN json_each VIRTUAL TABLE");
                assert!(!scan && !step.contains("TEMP B-TREE") && !step.contains("AUTOMATIC"), "{filter}: {walk:#?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn few_candidates_are_read_and_many_are_walked_with_the_same_answer() {
    let store = Embedded::temporary().await.unwrap();
    let many = FEW + 10;
    let mut steps = Vec::new();
    for index in 0..many {
        let key = format!("r/{index:05}");
        let kind = if index == many / 2 { "registry:hook" } else { "registry:ui" };
        steps.push(json!(["update", "registry_components", EntityId::of_key("c", &key), { "key": key, "type": kind }]));
    }
    store.transact(Transaction::from_json(&steps.into()).unwrap()).await.unwrap();
    let keys = async |options: Value| {
        let query = Query::from_json(&json!({ "registry_components": { "$": options } }), false).unwrap();
        let tree = store.query(&query).await.unwrap();
        let rows = tree["registry_components"].as_array().unwrap().clone();
        rows.into_iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let rare = format!("r/{:05}", many / 2);
    assert_eq!(
        keys(json!({ "where": { "type": "registry:hook" }, "order": { "key": "asc" }, "limit": 5 })).await,
        [rare.as_str()]
    );
    let page =
        keys(json!({ "where": { "type": "registry:ui" }, "order": { "key": "desc" }, "limit": 2, "offset": 1 })).await;
    assert_eq!(page, [format!("r/{:05}", many - 2), format!("r/{:05}", many - 3)]);
    assert_eq!(keys(json!({ "where": { "type": "registry:ui" } })).await.len(), many - 1);
    // What bounds the walk does not keep a better part from being used.
    let both = json!({ "key": { "$gt": "r/00100" }, "type": "registry:hook" });
    assert_eq!(keys(json!({ "where": both, "order": { "key": "asc" }, "limit": 5 })).await, [rare.as_str()]);
    let page = keys(json!({ "where": { "key": { "$gt": "r/00100" } }, "order": { "key": "asc" }, "limit": 2 })).await;
    assert_eq!(page, ["r/00101", "r/00102"]);
}
