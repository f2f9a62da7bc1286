//! The files of one item: what the CLI would overwrite or leave out.

use super::about;
use model::{Diagnostic, DiagnosticCode};
use source::Item;
use std::collections::HashMap;

/// Findings about an item's files.
pub(super) fn find(item: &Item) -> Vec<Diagnostic> {
    let mut findings = collisions(item);
    // `specs/shadcn-protocol.md`, section 0: silently skipped elsewhere.
    if let Some(nth) = item.files.iter().position(|file| file.kind == "registry:page") {
        findings.push(
            Diagnostic::note(
                DiagnosticCode::SkippedPage,
                format!(
                    "the CLI writes {:?}, a registry:page, in projects of Next.js, React Router and Laravel only, and skips it without a word elsewhere",
                    item.files[nth].path
                ),
            )
            .at_field(format!("files.{nth}.type"))
            .fix("For other frameworks give the file the type registry:file, with its own target"),
        );
    }
    findings.into_iter().map(|finding| about(item, finding)).collect()
}

/// Where a file goes, as far as its item decides that; also where upper and
/// lower case are one.
fn place(file: &source::ItemFile) -> String {
    match file.target.as_deref().filter(|target| !target.is_empty()) {
        Some(target) => target.trim_start_matches("./").to_lowercase(),
        None => format!("{} {}", file.kind, file.path.trim_start_matches("./").to_lowercase()),
    }
}

/// Two files for one place: the CLI writes the second over the first.
fn collisions(item: &Item) -> Vec<Diagnostic> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut findings = Vec::new();
    for (nth, file) in item.files.iter().enumerate() {
        let first = *taken.entry(place(file)).or_insert(nth);
        if first != nth {
            let has_target = file.target.as_deref().is_some_and(|target| !target.is_empty());
            findings.push(
                Diagnostic::warning(
                    DiagnosticCode::TargetCollision,
                    format!(
                        "files.{first} ({:?}) and files.{nth} ({:?}) go to the same place, and the CLI keeps one of them",
                        item.files[first].path, file.path
                    ),
                )
                .at_field(format!("files.{nth}.{}", if has_target { "target" } else { "path" }))
                .fix("Give one of the two another target, or remove it"),
            );
        }
    }
    findings
}
