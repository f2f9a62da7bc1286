//! The data in an app of an InstantDB: what is set, what an app must be like,
//! and what the data folder is then.

use crate::support::{Counted, Database, Host, Offline, Ran, is_about_local_mode, item};
use instant::{Db, InstantError, Remote, RemoteSettings};
use model::EntityId;
use serde_json::{Value, json};
use std::sync::Arc;

const APP: &str = "8a1f2c9e-0000-4000-8000-000000000001";
const TOKEN: &str = "c0ffee00-canary-4000-8000-000000000002";

/// Runs a command with these settings in its environment.
fn with(offline: &Offline, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
    let mut command = offline.command(arguments);
    for name in ["INSTANT_API_URI", "INSTANT_APP_ID", "INSTANT_ADMIN_TOKEN"] {
        command.env_remove(name);
    }
    command.envs(settings.iter().copied());
    Ran::of(command)
}

fn row(rows: &Value, name: &str) -> (String, String) {
    let row = rows.as_array().expect("rows").iter().find(|row| row["name"] == name).expect("a row");
    (row["value"].as_str().expect("a value").to_owned(), row["origin"].as_str().expect("an origin").to_owned())
}

fn pair(value: &str, origin: &str) -> (String, String) {
    (value.to_owned(), origin.to_owned())
}

#[test]
fn the_settings_of_an_app_are_shown_with_their_origins_and_its_token_is_not() {
    let offline = Offline::new();
    let rows = with(&offline, &["config", "--json"], &[]).ok().json();
    for name in ["instant-api-uri", "instant-app-id", "instant-admin-token"] {
        assert_eq!(row(&rows, name), pair("(not set)", "default"));
    }
    for variable in ["INSTANT_ADMIN_TOKEN", "INSTANT_APP_ADMIN_TOKEN"] {
        let ran = with(&offline, &["config", "--json"], &[("INSTANT_APP_ID", APP), (variable, TOKEN)]).ok();
        assert!(!ran.out.contains("canary"), "{}", ran.out);
        let rows = ran.json();
        assert_eq!(row(&rows, "instant-api-uri"), pair("https://api.instantdb.com", "default"));
        assert_eq!(row(&rows, "instant-app-id"), pair(APP, "INSTANT_APP_ID"));
        assert_eq!(row(&rows, "instant-admin-token"), pair("(hidden)", variable));
    }
    let file = format!(
        "instant-api-uri = \"http://instant.corp.example:8888/prefix/\"\ninstant-app-id = \"{APP}\"\ninstant-admin-token = \"{TOKEN}\"\n"
    );
    std::fs::write(offline.folder().join("registry.toml"), file).expect("writable");
    let ran = with(&offline, &["config", "--json"], &[]).ok();
    assert!(!ran.out.contains("canary"), "{}", ran.out);
    assert_eq!(row(&ran.json(), "instant-api-uri"), pair("http://instant.corp.example:8888/prefix", "registry.toml"));
}

#[test]
fn settings_that_cannot_be_meant_are_refused_with_what_is_missing_or_wrong() {
    if is_about_local_mode(
        "the settings of one app are refused; `organisations::credentials` has what takes their place",
    ) {
        return;
    }
    let offline = Offline::new();
    for (settings, told) in [
        (vec![("INSTANT_APP_ID", APP)], "instant-admin-token is not"),
        (vec![("INSTANT_ADMIN_TOKEN", TOKEN)], "instant-app-id is not"),
        (vec![("INSTANT_API_URI", "http://x:1")], "instant-app-id and instant-admin-token are not"),
        (vec![("INSTANT_APP_ID", "acme"), ("INSTANT_ADMIN_TOKEN", TOKEN)], "is not the id of an app"),
        (vec![("INSTANT_APP_ID", APP), ("INSTANT_ADMIN_TOKEN", "canary canary")], "white space"),
        (
            vec![("INSTANT_APP_ID", APP), ("INSTANT_ADMIN_TOKEN", TOKEN), ("INSTANT_API_URI", "https://a:canary@x")],
            "user or password",
        ),
        (
            vec![("INSTANT_APP_ID", APP), ("INSTANT_ADMIN_TOKEN", TOKEN), ("EKAIROS_INSTANT_LISTEN", "127.0.0.1:0")],
            "instant-listen serves the embedded store",
        ),
    ] {
        let message = with(&offline, &["repo", "list"], &settings).refused();
        assert!(message.contains(told) && !message.contains("canary"), "{message}");
    }
    assert!(!offline.data().exists(), "nothing was begun");
}

#[test]
fn the_data_folder_is_a_cache_that_may_be_lost() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button"), item("acme-card")]);
    let database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    let served = replica.registry.get("/r/acme-card.json").expect(200);
    let listed = replica.registry.names();
    let data = replica.registry.data();
    for file in ["registry.sqlite", "blobs"] {
        assert!(!data.join(file).exists(), "{file} is the database's");
    }

    let replica = replica.stop().start_anew();
    let again = replica.registry.get("/r/acme-card.json").expect(200);
    assert_eq!((again.body, again.headers.get("etag")), (served.body, served.headers.get("etag")));
    assert_eq!(replica.registry.names(), listed);
    assert_eq!(replica.registry.sync("ui")["published"], false);
}

#[test]
fn an_app_that_cannot_be_opened_says_which_settings_to_look_at() {
    if is_about_local_mode("an app is not set; `organisations::credentials` has what is said of an organisation's") {
        return;
    }
    let database = Database::start();
    let elsewhere = Host::start();
    let (app, token) = (EntityId::random().to_string(), EntityId::random().to_string());
    for settings in [
        [("INSTANT_ADMIN_TOKEN", token.as_str())].as_slice(),
        &[("INSTANT_APP_ID", &app)],
        &[("INSTANT_API_URI", &elsewhere.url("not-instant"))],
    ] {
        let stopped = database.offline(settings);
        let ran = stopped.offline.cli(["repo", "list"]);
        let told = format!("{}{}", ran.out, ran.err);
        assert!(told.contains("instant-api-uri"), "{told}");
        assert!(!told.contains(&token), "{told}");
        if settings[0].0 != "INSTANT_API_URI" {
            assert!(told.contains("instant-admin-token") && ran.code == 1, "{told}");
        }
    }
}

/// Does something with the database's app, past all servers.
fn with_app<T>(database: &Database, work: impl AsyncFnOnce(Db) -> Result<T, InstantError>) -> T {
    let settings = RemoteSettings {
        app_id: database.app().parse().expect("an app id"),
        admin_token: net::Secret::new(database.token()),
        api_uri: database.uri().parse().expect("an address"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let strangers = net::TenantClient::new(net::AllowList::default()).expect("a client");
        let db: Db = Arc::new(Remote::new(settings, strangers).expect("a client"));
        work(db).await.expect("the database does it")
    })
}

/// Takes all of the registry's own out of the app.
fn without_entities(database: &Database) {
    with_app(database, async |db| {
        let attrs = db.attrs().await?;
        let ours = attrs.iter().filter(|attr| attr.namespace().starts_with("registry_"));
        db.delete_attrs(&ours.map(|attr| attr.id).collect::<Vec<_>>()).await
    });
}

#[test]
fn an_app_without_our_entities_gets_them_and_keeps_its_own() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let database = Database::start();
    without_entities(&database);
    let horse = EntityId::random();
    with_app(&database, async |db| {
        let name = json!({ "valueType": "string", "required": true, "config": { "indexed": true, "unique": false } });
        db.push_schema(&json!({ "entities": { "horses": { "attrs": { "name": name } } }, "links": {} })).await
    });
    database.transact(&json!([["create", "horses", horse, { "name": "Rosinante" }]]));

    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    assert_eq!(replica.registry.names(), ["acme-button"]);
    assert_eq!(database.rows("horses"), [json!({ "id": horse, "name": "Rosinante" })]);
}

#[test]
fn an_app_whose_entities_are_someone_elses_is_refused_with_the_flags_that_differ() {
    let database = Database::start();
    without_entities(&database);
    with_app(&database, async |db| {
        let hash = json!({ "valueType": "number", "required": true, "config": { "indexed": false, "unique": false } });
        db.push_schema(&json!({ "entities": { "registry_commits": { "attrs": { "hash": hash } } }, "links": {} })).await
    });
    let before = with_app(&database, async |db| db.attrs().await);
    let stopped = database.offline(&[]);
    let message = stopped.offline.cli(["repo", "list"]).refused();
    for part in ["registry_commits.hash", "type: number, needed: string", "nothing was pushed"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(with_app(&database, async |db| db.attrs().await), before, "nothing was changed");
}

#[test]
fn what_concerns_the_embedded_store_alone_says_where_the_data_is() {
    let database = Database::start();
    let message = database.offline(&[]).offline.cli(["instant", "credentials"]).refused();
    assert!(message.contains(&database.app()) && message.contains("embedded store"), "{message}");
}

#[test]
fn the_way_to_the_database_is_gone_once_for_many_items_not_for_each() {
    const ITEMS: usize = 400;
    let host = Host::start();
    let items: Vec<Value> = (0..ITEMS).map(|nth| item(&format!("part-{nth}"))).collect();
    let repository = host.repository("ui", &items);
    let database = Counted::start();
    let offline = database.offline();
    offline.cli(["repo", "add", &host.url("ui")]).ok();

    database.files_and_others();
    offline.cli(["sync", "ui"]).ok();
    let (files, others) = database.files_and_others();
    assert!(files <= ITEMS + 10 && others < ITEMS / 2, "the first sync: {files} files, {others} others");

    repository.write("ui/part-7.tsx", "changed\n").commit("Change one");
    offline.cli(["sync", "ui"]).ok();
    let (files, others) = database.files_and_others();
    assert!(files < 20 && others < ITEMS / 2, "a change of one file: {files} files, {others} others");

    // A start without anything that was kept.
    std::fs::remove_dir_all(offline.data()).expect("it is there");
    offline.cli(["repo", "list"]).ok();
    let (files, others) = database.files_and_others();
    assert!(files <= ITEMS + 10 && others < ITEMS / 4, "a start: {files} files, {others} others");
}
