//! The real CLI, as it stands in `end2end/node_modules`.
#![expect(clippy::disallowed_types, reason = "tests ask the real CLI")]

use crate::common::workspace;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The `node_modules` with the CLI; `None` (and a note) where it is not installed.
pub(crate) fn node_modules() -> Option<PathBuf> {
    let folder = workspace("end2end/node_modules");
    let folder = folder.join("@shadcn/registry").exists().then_some(folder);
    if folder.is_none() {
        eprintln!("skipped: end2end/node_modules is not installed (npm ci in end2end)");
    }
    folder
}

/// Runs `shadcn build registry.json` in `folder` and answers its output folder.
pub(crate) fn shadcn_build(node_modules: &Path, folder: &Path) -> PathBuf {
    let output = folder.join("judged");
    let run = Command::new(node_modules.join(".bin/shadcn"))
        .args(["build", "registry.json", "-o"])
        .arg(&output)
        .arg("-c")
        .arg(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    output
}

/// Runs a script of ours in Node, its input on standard input, and answers
/// what it prints. `REGISTRY` in the script is the folder of `@shadcn/registry`.
pub(crate) fn node(node_modules: &Path, script: &str, input: &str) -> String {
    let registry = node_modules.join("@shadcn/registry/dist").canonicalize().unwrap();
    let mut child = Command::new("node")
        .args(["--input-type=module", "-e", &script.replace("REGISTRY", registry.to_str().unwrap())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
