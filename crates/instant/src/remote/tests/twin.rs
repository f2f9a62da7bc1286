//! One store and its twin: what an embedded store answers, it answers through
//! its admin API and this client as well, word for word.

use super::*;
use crate::api::{ApiOptions, admin_api};
use crate::rows::{Component, Lease};
use crate::{
    Clause, Condition, Db, Direction, Embedded, InstantError, Order, Reach, Store, Timestamp, Tree, Upload, Where,
};
use model::{ComponentId, EntityId};
use proptest::prelude::*;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A store, and another one that is reached over HTTP only.
struct Twins {
    here: Embedded,
    behind: Embedded,
    there: Remote,
    serving: JoinHandle<()>,
}

impl Twins {
    async fn new() -> Self {
        let (here, behind) = (Embedded::temporary().await.unwrap(), Embedded::temporary().await.unwrap());
        // Of several wrong values, the one of the attribute with the lowest id is
        // named: the ids must be the same.
        let backup = here.dir().join("backup.zip");
        here.backup(&backup, false, |_, _| ()).await.unwrap();
        behind.restore(&backup, true, |_, _| ()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = admin_api(behind.clone(), ApiOptions::new(origin.as_str()));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let app = behind.app();
        let settings = RemoteSettings {
            app_id: app.id.into(),
            admin_token: app.admin_token.clone(),
            api_uri: origin.parse().unwrap(),
        };
        let strangers = TenantClient::new("".parse().unwrap()).unwrap();
        let there = Remote::with_patience(settings, strangers, patience()).unwrap();
        Self { here, behind, there, serving }
    }

    /// Carries out a transaction on both; they must agree on what comes of it.
    async fn transact(&self, transaction: Transaction) {
        let here = self.here.transact(transaction.clone()).await;
        let there = self.there.transact(transaction.clone()).await;
        assert_eq!(told(&here), told(&there), "{transaction:?}");
    }

    /// Asks both; they must answer the same.
    async fn query(&self, query: &Query) -> Result<Tree, InstantError> {
        let (here, there) = (self.here.query(query).await, self.there.query(query).await);
        assert_eq!(told(&here), told(&there), "{query:?}");
        if let (Ok(here), Ok(there)) = (&here, &there) {
            assert_eq!(Value::from(here.clone()), Value::from(there.clone()), "{query:?}");
        }
        here
    }

    async fn all(&self) {
        for namespace in NAMESPACES {
            let children =
                ["repository", "component", "files", "versions", "components", "registryDependencies", "usedBy"];
            let children = children.into_iter().map(|label| (label.to_owned(), Form::default())).collect();
            self.query(&Query::of(namespace, Form { children, ..Form::default() })).await.unwrap();
        }
    }
}

impl Drop for Twins {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What became of a call, in words: kind, code and message of a refusal.
fn told<T>(result: &Result<T, InstantError>) -> Option<(String, String, String)> {
    let error = result.as_ref().err()?;
    let kind = format!("{error:?}").split([' ', '(', '{']).next().unwrap().to_owned();
    Some((kind, error.code().to_owned(), error.to_string()))
}

const NAMESPACES: [&str; 5] =
    ["registry_repositories", "registry_components", "registry_versions", "registry_files", "registry_leases"];

fn id(number: u8) -> EntityId {
    EntityId::of_key("twin", &number.to_string())
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        (0_i64..4).prop_map(Value::from),
        Just(json!(1.5)),
        "[ab\"\\\\ä]{0,3}".prop_map(Value::from),
        Just(json!({ "a": { "b": 1 }, "c": [1, "x"] })),
        Just(json!("10000000-0000-4000-8000-00000000000A")),
        Just(json!("2024-02-29T12:00:00Z")),
        Just(json!("x\u{0}y")),
        Just(json!("x".repeat(1_100))),
    ]
}

fn attributes() -> impl Strategy<Value = Value> {
    let label = prop_oneof![
        8 => prop::sample::select(vec!["key", "name", "url", "type", "title", "beat", "holder", "meta", "createdAt", "size", "digest", "removedAt"]),
        1 => Just("unheardOf"),
        1 => Just("id"),
    ];
    // Required ones are there more often than not.
    let keys = prop_oneof![3 => (0_u8..4).prop_map(|n| Some(json!(format!("k{n}")))), 1 => Just(None)];
    (keys.clone(), keys, proptest::collection::vec((label, value()), 0..3)).prop_map(|(key, holder, more)| {
        let mut object = serde_json::Map::new();
        object.extend(key.map(|key| ("key".to_owned(), key)));
        object.extend(holder.map(|holder| ("holder".to_owned(), holder)));
        object.extend(more.into_iter().map(|(label, value)| (label.to_owned(), value)));
        object.into()
    })
}

fn step() -> impl Strategy<Value = Value> {
    let namespace = || prop::sample::select(NAMESPACES.to_vec());
    let entity = || (0_u8..5).prop_map(id);
    let label = || {
        prop::sample::select(vec![
            "repository",
            "component",
            "files",
            "versions",
            "registryDependencies",
            "usedBy",
            "unheardOf",
            "key",
        ])
    };
    let target = || {
        prop_oneof![
            6 => entity().prop_map(|id| json!(id)),
            1 => Just(json!("lookup__key__\"k1\"")),
            1 => Just(json!("not a uuid")),
        ]
    };
    prop_oneof![
        3 => (namespace(), entity(), attributes()).prop_map(|(ns, id, set)| json!(["create", ns, id, set])),
        4 => (namespace(), entity(), attributes()).prop_map(|(ns, id, set)| json!(["update", ns, id, set])),
        2 => (namespace(), entity(), attributes()).prop_map(|(ns, id, set)| json!(["update", ns, id, set, { "upsert": false }])),
        1 => (namespace(), entity(), attributes()).prop_map(|(ns, id, set)| json!(["merge", ns, id, set])),
        3 => (namespace(), entity(), label(), target()).prop_map(|(ns, id, label, to)| json!(["link", ns, id, { label: to }])),
        1 => (namespace(), entity(), label(), target()).prop_map(|(ns, id, label, to)| json!(["unlink", ns, id, { label: [to] }])),
        2 => (namespace(), entity()).prop_map(|(ns, id)| json!(["delete", ns, id, null])),
        1 => namespace().prop_map(|ns| json!(["delete", ns, ["key", "k2"], null])),
    ]
}

/// What a typed query can compare with: never null, and only single values.
fn scalar() -> impl Strategy<Value = Value> {
    value().prop_filter("a single value", |value| !value.is_null() && !value.is_object())
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        scalar().prop_map(Condition::Eq),
        proptest::collection::vec(scalar(), 0..3).prop_map(Condition::In),
        scalar().prop_map(Condition::Not),
        any::<bool>().prop_map(Condition::IsNull),
        scalar().prop_map(Condition::Gt),
        scalar().prop_map(Condition::Lte),
        "[ab%_]{0,3}".prop_map(|pattern| Condition::Like(pattern.into())),
    ]
}

fn clause() -> impl Strategy<Value = Clause> {
    let paths = [
        "id",
        "key",
        "name",
        "url",
        "title",
        "type",
        "beat",
        "createdAt",
        "repository",
        "repository.key",
        "component.repository.key",
        "files.key",
        "registryDependencies.name",
        "unheardOf",
        "key.x",
    ];
    (prop::sample::select(paths.to_vec()), condition())
        .prop_map(|(path, condition)| Clause::Field(path.split('.').map(str::to_owned).collect(), condition))
}

fn filter() -> impl Strategy<Value = Where> {
    let flat = |least: usize| proptest::collection::vec(clause(), least..3).prop_map(|clauses| Where { clauses });
    let parts = || proptest::collection::vec(flat(1), 1..3);
    prop_oneof![
        3 => flat(0),
        1 => (flat(0), parts()).prop_map(|(mut flat, parts)| {
            flat.clauses.push(Clause::Or(parts));
            flat
        }),
        1 => parts().prop_map(|parts| Where { clauses: vec![Clause::And(parts)] }),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let order = prop::option::of((
        prop::sample::select(vec!["serverCreatedAt", "key", "name", "title", "createdAt", "unheardOf"]),
        any::<bool>(),
    ));
    let children = proptest::collection::vec(
        prop::sample::select(vec!["repository", "components", "files", "versions", "unheardOf"]),
        0..2,
    );
    let fields =
        prop::option::of(proptest::collection::vec(prop::sample::select(vec!["id", "key", "name", "unheardOf"]), 0..3));
    let parts = (
        prop::sample::select(NAMESPACES.to_vec()),
        filter(),
        order,
        prop::option::of(1_u64..4),
        prop::option::of(0_u64..3),
        children,
        fields,
        any::<bool>(),
    );
    parts.prop_map(|(namespace, filter, order, limit, offset, children, fields, inference)| {
        let form = Form {
            filter,
            order: order.map(|(by, up)| Order {
                by: by.to_owned(),
                direction: if up { Direction::Asc } else { Direction::Desc },
            }),
            limit,
            offset,
            fields: fields.map(|fields| fields.into_iter().map(str::to_owned).collect()),
            children: children.into_iter().map(|label| (label.to_owned(), Form::default())).collect(),
            ..Form::default()
        };
        Query { inference, ..Query::of(namespace, form) }
    })
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_transactions_and_queries_have_the_same_outcome_over_http(
        transactions in proptest::collection::vec(proptest::collection::vec(step(), 1..5), 1..12),
        queries in proptest::collection::vec(query(), 1..12),
    ) {
        block_on(async {
            let twins = Twins::new().await;
            for transaction in transactions.iter().filter_map(|steps| transaction_of(steps)) {
                twins.transact(transaction).await;
            }
            twins.all().await;
            for query in &queries {
                let _ = twins.query(query).await;
                let (etype, form) = &query.forms[0];
                let (here, there) = (twins.here.count(etype, &form.filter).await, twins.there.count(etype, &form.filter).await);
                assert_eq!((here.as_ref().ok(), told(&here)), (there.as_ref().ok(), told(&there)), "{query:?}");
            }
        });
    }

    #[test]
    fn what_counts_as_repeatable_changes_nothing_the_second_time(
        before in proptest::collection::vec(proptest::collection::vec(step(), 1..4), 0..6),
        steps in proptest::collection::vec(step(), 1..5),
    ) {
        let steps = transaction_of(&steps);
        prop_assume!(steps.as_ref().is_some_and(super::super::repeat::is_repeatable));
        let steps = steps.unwrap();
        block_on(async {
            let store = Embedded::temporary().await.unwrap();
            for earlier in before {
                if let Some(earlier) = transaction_of(&earlier) {
                    let _ = store.transact(earlier).await;
                }
            }
            if store.transact(steps.clone()).await.is_ok() {
                let once = dump(&store).await;
                store.transact(steps.clone()).await.unwrap();
                assert_eq!(dump(&store).await, once, "{steps:?}");
            }
        });
    }
}

fn transaction_of(steps: &[Value]) -> Option<Transaction> {
    let transaction = Transaction::from_json(&steps.to_vec().into()).ok()?;
    Some(Transaction { throw_on_missing_attrs: true, ..transaction })
}

/// Everything, in an order that does not tell when it was made.
async fn dump(store: &Embedded) -> Vec<Value> {
    let mut trees = Vec::new();
    for namespace in NAMESPACES {
        let children =
            ["files", "versions", "registryDependencies"].map(|label| (label.to_owned(), Form::default())).into();
        let form = Form { children, ..Form::default() };
        let mut rows = store.query(&Query::of(namespace, form)).await.unwrap()[namespace].as_array().unwrap().clone();
        for row in &mut rows {
            for value in row.as_object_mut().unwrap().values_mut() {
                if let Value::Array(linked) = value {
                    linked.sort_by_key(|linked| linked["id"].to_string());
                }
            }
        }
        rows.sort_by_key(|row| row["id"].to_string());
        trees.push(rows.into());
    }
    trees
}

#[tokio::test]
async fn typed_rows_come_back_the_same() {
    let twins = Twins::new().await;
    for db in [Arc::new(twins.here.clone()) as Db, Arc::new(twins.there.clone()) as Db] {
        let mut tx = Transaction::new();
        for n in 0..1_200 {
            let key = format!("k{n}");
            tx.update::<Component>(ComponentId::of_key(&key))
                .set(Component::KEY, key)
                .set(Component::META, json!({ "n": n }))
                .set(Component::REMOVED_AT, Timestamp::from_millis(n));
        }
        db.transact_in_chunks(tx).await.unwrap();
        let rows = db.select::<Component>().pages().await.unwrap();
        assert_eq!(rows.len(), 1_200);
        assert_eq!(db.select::<Component>().filter(Component::KEY.eq("k7")).count().await.unwrap(), 1);
        let row = db.get::<Component>(ComponentId::of_key("k7")).await.unwrap().unwrap();
        assert_eq!((row.meta, row.removed_at), (Some(json!({ "n": 7 })), Some(Timestamp::from_millis(7))));

        let mut tx = Transaction::new();
        tx.create::<Lease>(id(1)).set(Lease::KEY, "k").set(Lease::HOLDER, "h").set(Lease::BEAT, 0_u64);
        db.transact(tx.clone()).await.unwrap();
        assert!(matches!(db.transact(tx).await.unwrap_err(), InstantError::Exists { .. }));
        let mut tx = Transaction::new();
        tx.create::<Lease>(id(2)).set(Lease::KEY, "k").set(Lease::HOLDER, "h").set(Lease::BEAT, 0_u64);
        let error = db.transact(tx).await.unwrap_err();
        assert!(matches!(error, InstantError::NotUnique { label, .. } if label == "key"));
        let mut tx = Transaction::new();
        tx.update_existing::<Lease>(id(3)).set(Lease::BEAT, 1_u64);
        assert!(matches!(db.transact(tx).await.unwrap_err(), InstantError::Missing { .. }));
    }
}

#[tokio::test]
async fn files_come_back_as_they_went_up() {
    let twins = Twins::new().await;
    let upload = |path: &str, bytes: &str| Upload {
        path: path.to_owned(),
        content_type: "text/plain; charset=utf-8".to_owned(),
        bytes: bytes.to_owned().into(),
    };
    let mut many: Vec<Upload> = (0..40).map(|n| upload(&format!("registry/blobs/{n}"), &format!("text {n}"))).collect();
    many.push(upload("registry/blobs/empty", ""));
    many.push(upload("a b/c+d%20e?f#g", "odd"));
    let far = many.len();
    many.extend(["日本/é.png", "résumé.pdf", " spaced "].map(|path| upload(path, path)));
    many[far].content_type = String::new();
    for db in [Arc::new(twins.here.clone()) as Db, Arc::new(twins.there.clone()) as Db] {
        let ids = db.upload_all(many.clone()).await.unwrap();
        let again = db.upload("registry/blobs/7", "text/plain", "replaced".into()).await.unwrap();
        assert_eq!(again, ids[7], "a file keeps its id");
        let again = db.upload_all(vec![many[far].clone()]).await.unwrap();
        assert_eq!(again, [ids[far]], "whatever its path");
        let mut paths: Vec<String> = many.iter().map(|upload| upload.path.clone()).collect();
        paths.push("missing".to_owned());
        let bytes = db.download_all(&paths).await.unwrap();
        for (nth, (upload, bytes)) in many.iter().zip(&bytes).enumerate() {
            let expected: &[u8] = if nth == 7 { b"replaced" } else { &upload.bytes };
            assert_eq!(bytes.as_ref().unwrap(), expected, "{}", upload.path);
        }
        assert_eq!(bytes.last().unwrap(), &None);
    }
    let form =
        Form { fields: Some(vec!["path".to_owned(), "size".to_owned(), "content-type".to_owned()]), ..Form::default() };
    let query =
        Query::of("$files", Form { order: Some(Order { by: "path".to_owned(), direction: Direction::Asc }), ..form });
    let rows = |tree: Tree| {
        let mut rows = tree["$files"].as_array().unwrap().clone();
        for row in &mut rows {
            drop(row.as_object_mut().unwrap().remove("id"));
        }
        rows
    };
    assert_eq!(rows(twins.here.query(&query).await.unwrap()), rows(twins.there.query(&query).await.unwrap()));
}

#[tokio::test]
async fn live_queries_follow_what_others_write() {
    let twins = Twins::new().await;
    let query = Query::of("registry_leases", Form::default());
    let (mut here, mut there) = (twins.here.live(query.clone()), twins.there.live(query));
    for n in 0..5_u64 {
        let steps = json!([["update", "registry_leases", id(1), { "key": "k", "holder": "h", "beat": n }]]);
        twins.here.transact(transaction(&steps)).await.unwrap();
        // Behind the client's back.
        twins.behind.transact(transaction(&steps)).await.unwrap();
        for live in [&mut here, &mut there] {
            let is_there = |last: &Option<Arc<Tree>>| {
                last.as_ref().is_some_and(|tree| tree["registry_leases"][0]["beat"] == json!(n))
            };
            live.wait_for(is_there).await.unwrap();
        }
    }
    let last = |live: &super::super::watch::Receiver<Option<Arc<Tree>>>| live.borrow().clone().unwrap();
    assert_eq!(last(&here), last(&there));
}

#[tokio::test]
async fn schema_and_rules_are_read_and_changed_alike() {
    let twins = Twins::new().await;
    assert_eq!(twins.there.attrs().await.unwrap(), twins.behind.attrs().await.unwrap());
    let schema = json!({ "entities": { "horses": { "attrs": {
        "name": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } },
        "hands": { "valueType": "number", "required": false, "config": { "indexed": false, "unique": false } },
    } } }, "links": {} });
    for db in [Arc::new(twins.here.clone()) as Db, Arc::new(twins.there.clone()) as Db] {
        db.push_schema(&schema).await.unwrap();
        db.push_schema(&schema).await.unwrap();
        let attrs = db.attrs().await.unwrap();
        let added: Vec<_> = attrs.iter().filter(|attr| attr.namespace() == "horses").collect();
        let mut labels: Vec<_> =
            added.iter().map(|attr| (attr.label(), attr.unique, attr.indexed, attr.required)).collect();
        labels.sort_unstable();
        assert_eq!(labels, [("hands", false, false, false), ("id", true, false, false), ("name", true, true, true)]);
        let ids: Vec<EntityId> = added.iter().map(|attr| attr.id).collect();
        db.delete_attrs(&ids).await.unwrap();
        assert!(db.attrs().await.unwrap().iter().all(|attr| attr.namespace() != "horses"));

        let rules = json!({ "$default": { "allow": { "$default": "false" } } });
        assert_eq!(db.rules().await.unwrap(), None);
        db.replace_rules(&rules).await.unwrap();
        assert_eq!(db.rules().await.unwrap(), Some(rules));
    }
}

#[tokio::test]
async fn an_app_without_writes_and_a_wrong_token_say_what_to_do() {
    let twins = Twins::new().await;
    let step = json!([["update", "registry_leases", id(1), { "key": "k", "holder": "h", "beat": 1 }]]);
    twins.behind.set_status(crate::AppStatus::ReadOnly).await.unwrap();
    let error = twins.there.transact(transaction(&step)).await.unwrap_err();
    assert!(matches!(error, InstantError::ReadOnly { .. }) && error.to_string().contains("import"), "{error}");
    twins.there.query(&todos()).await.unwrap();
    twins.behind.set_status(crate::AppStatus::Disabled).await.unwrap();
    let error = twins.there.query(&todos()).await.unwrap_err();
    assert!(matches!(error, InstantError::Disabled { .. }), "{error}");
    assert_eq!(*twins.there.reach().borrow(), Reach::Up);
    twins.behind.set_status(crate::AppStatus::Active).await.unwrap();

    for (app_id, admin_token) in [
        (twins.behind.app().id, Secret::new(EntityId::random().to_string())),
        (EntityId::random(), twins.behind.app().admin_token.clone()),
        (twins.behind.app().id, Secret::new("no-uuid")),
    ] {
        let settings = RemoteSettings { app_id: app_id.into(), admin_token, ..twins.there.settings().clone() };
        let wrong = Remote::new(settings, TenantClient::new("".parse().unwrap()).unwrap()).unwrap();
        let error = wrong.query(&todos()).await.unwrap_err();
        assert!(error.to_string().contains("instant-admin-token"), "{error}");
        assert!(!format!("{error:?}").contains(wrong.settings().admin_token.expose()), "{error:?}");
        assert!(wrong.attrs().await.is_err());
    }
}
