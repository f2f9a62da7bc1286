//! InstantDB's own clients against the embedded store: `@instantdb/admin`,
//! `@instantdb/platform` and `instant-cli`, driven by `end2end/sdk`.

mod zeneca;

use crate::support::{Apps, Ran};
use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Stdio},
};

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
    let apps = Apps::start(zeneca::backup(folder.path()));
    script.env("APPS", &apps.url);
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
