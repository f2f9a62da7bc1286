//! InstantDB's own clients against the embedded store: `@instantdb/admin`,
//! `@instantdb/platform` and `instant-cli`, driven by `end2end/sdk`.

mod zeneca;

use crate::support::{Host, Offline, Ran, Registry, is_left_out, item, until};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Stdio},
};

const EMBEDDED_ONLY: &str = "only the embedded store has a listener of its own";

/// A script of `end2end/sdk`; `None` if `node` or its packages are not installed.
fn script(name: &str) -> Option<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("end2end");
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if !folder.join("node_modules/@instantdb/admin/package.json").is_file() || node.is_err() {
        assert!(std::env::var_os("CI").is_none(), "node and end2end/node_modules are missing: run scripts/bootstrap");
        println!("skipped: node or end2end/node_modules is missing; scripts/bootstrap installs them");
        return None;
    }
    let mut command = Command::new("node");
    command
        .arg(folder.join("sdk").join(name))
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null());
    Some(command)
}

#[test]
fn the_real_sdk_cannot_tell_the_embedded_store_from_instantdb() {
    let Some(mut script) = script("run.mjs") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let apps = instant::testing::host_apps(zeneca::backup(folder.path()));
    script.env("APPS", runtime.block_on(apps).expect("a free port"));
    let ran = Ran::of(script);
    let rows = ran.json();
    let text = |row: &Value, field: &str| row[field].as_str().expect("a text").to_owned();
    let rows = rows.as_array().expect("a table");
    let failed: Vec<String> = rows
        .iter()
        .filter(|row| text(row, "result").starts_with("FAIL"))
        .map(|row| format!("{}: {}\n{}", text(row, "number"), text(row, "promise"), text(row, "result")))
        .collect();
    assert!(failed.is_empty(), "{} of {} vectors:\n\n{}", failed.len(), rows.len(), failed.join("\n\n"));
    let table: Vec<String> = rows
        .iter()
        .map(|row| format!("{:14} {:6} {}", text(row, "number"), text(row, "result"), text(row, "promise")))
        .collect();
    insta::assert_snapshot!("vectors", table.join("\n"));
}

#[test]
fn the_sdk_works_on_what_a_whole_server_stores() {
    if is_left_out(EMBEDDED_ONLY) {
        return;
    }
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let home = Offline::new();
    let before = home.cli(["instant", "credentials", "--json"]).ok().json();
    let registry = home.serve_with(&[("EKAIROS_INSTANT_LISTEN", "127.0.0.1:0")]);
    let credentials = registry.cli(["instant", "credentials", "--json"]).ok().json();
    assert_eq!(credentials, before, "the same with and without a server");
    assert_eq!(credentials.as_object().map(serde_json::Map::len), Some(2));
    registry.add_and_sync(&host.url("ui"));
    let Some(mut script) = script("served.mjs") else {
        return;
    };
    let text = |field: &str| credentials[field].as_str().expect("a text");
    script
        .env("API_URI", registry.instant.as_deref().expect("an address"))
        .env("APP_ID", text("appId"))
        .env("ADMIN_TOKEN", text("adminToken"));
    let seen = Ran::of(script).ok().json();
    assert_eq!(seen["components"], json!([["acme-button", "ui"]]));
    assert_eq!(seen["contents"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(seen["notes"], json!([[], ["written by the SDK"]]));
    registry.get("/r/acme-button.json").expect(200);
}

#[test]
fn credentials_are_printed_for_people_and_say_what_they_are() {
    if is_left_out(EMBEDDED_ONLY) {
        return;
    }
    let told = Offline::new().cli(["instant", "credentials"]).ok().out;
    assert!(told.contains("App id") && told.contains("Admin token") && told.contains("Keep it secret"), "{told}");
}

#[test]
fn the_admin_api_is_off_and_stays_on_this_machine_unless_the_operator_says_otherwise() {
    if is_left_out(EMBEDDED_ONLY) {
        return;
    }
    assert_eq!(Registry::start().instant, None);
    let home = Offline::new();
    let rows = home.cli(["config", "--json"]).ok().json();
    let rows = rows.as_array().expect("rows").iter();
    let off =
        rows.filter(|row| ["instant-listen", "instant-public-url"].contains(&row["name"].as_str().expect("a name")));
    assert_eq!(off.map(|row| &row["value"]).collect::<Vec<_>>(), ["(not set)"; 2]);
    let outside = ("EKAIROS_INSTANT_LISTEN", "0.0.0.0:0");
    let mut command = home.command(["config"]);
    command.env(outside.0, outside.1);
    let message = Ran::of(command).refused();
    assert!(message.contains("admin token") && message.contains("instant-public-url"), "{message}");
    let public = ("EKAIROS_INSTANT_PUBLIC_URL", "https://instant.example.com/db");
    let registry = home.serve_with(&[outside, public, ("EKAIROS_LOG", "warn")]);
    assert_eq!(registry.instant.as_deref(), Some("https://instant.example.com/db"));
    until("the warning", || registry.log().contains("whoever reaches it and knows the admin token").then_some(()));
}
