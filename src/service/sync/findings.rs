//! Findings about dependencies: what the CLI would ask the wrong registry for.

use crate::catalog::is_shadcn_name;
use model::{DependencyPolicy, Diagnostic, DiagnosticCode, Severity};
use source::Registry;
use std::collections::HashSet;

/// Most findings that a report keeps.
const MAX_FINDINGS: usize = 500;

/// A name that the CLI would look for at ui.shadcn.com: no `@`, no URL, no
/// GitHub address (`specs/shadcn-protocol.md` 2.1).
fn is_bare(dependency: &str) -> bool {
    let github = dependency.split('/').count() >= 3;
    !dependency.starts_with('@')
        && !dependency.contains(':')
        && !dependency.to_ascii_lowercase().ends_with(".json")
        && !github
}

/// Adds what should be known about dependencies by bare name.
pub(super) fn add_dependency_findings(registry: &mut Registry, policy: DependencyPolicy) {
    let own: HashSet<&str> = registry.items.iter().map(|item| item.name.as_str()).collect();
    let mut findings = Vec::new();
    for item in &registry.items {
        for (nth, dependency) in source::registry_dependencies(&item.manifest).iter().enumerate() {
            if !is_bare(dependency) {
                continue;
            }
            let (ours, theirs) = (own.contains(dependency.as_str()), is_shadcn_name(dependency));
            let finding = match (ours, theirs, policy) {
                (true, true, DependencyPolicy::ShadcnFirst) => Diagnostic::warning(
                    DiagnosticCode::BareOwnDependency,
                    format!("{dependency:?} is an item here and at ui.shadcn.com; shadcn's is served"),
                )
                .fix("Set the repository's dependency policy to own-first if yours is meant"),
                (true, _, DependencyPolicy::AsWritten) => Diagnostic::warning(
                    DiagnosticCode::BareOwnDependency,
                    format!("{dependency:?} is an item here, but by bare name the CLI asks ui.shadcn.com for it"),
                )
                .fix(
                    "Set the repository's dependency policy to own-first or shadcn-first, or write @<namespace>/<name>",
                ),
                (false, false, _) => Diagnostic::warning(
                    DiagnosticCode::UnresolvedDependency,
                    format!("{dependency:?} is neither an item here nor one of ui.shadcn.com"),
                )
                .fix("Correct the name, or write the address of the registry that has it"),
                _ => continue,
            };
            findings.push(
                finding
                    .in_file(&item.definition.file)
                    .at_item(item.definition.index, Some(item.name.as_str()))
                    .at_field(format!("registryDependencies.{nth}")),
            );
        }
    }
    registry.diagnostics.extend(findings);
}

/// Errors first, and not more than a report can hold.
pub(super) fn for_report(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    let left_out = diagnostics.len().saturating_sub(MAX_FINDINGS);
    if left_out > 0 {
        let errors = diagnostics[MAX_FINDINGS..].iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        diagnostics.truncate(MAX_FINDINGS);
        let message = format!("{left_out} more findings are left out of this report");
        let more = if errors {
            Diagnostic::error(DiagnosticCode::TooMany, message)
        } else {
            Diagnostic::warning(DiagnosticCode::TooMany, message)
        };
        diagnostics.push(more.fix("Run `ekairos-registry check` in a checkout of the repository to see all of them"));
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_cli_takes_to_shadcn_are_bare() {
        for name in ["button", "team/button"] {
            assert!(is_bare(name), "{name}");
        }
        for address in ["@acme/button", "https://example.com/r/button.json", "owner/repo/item", "./x.json"] {
            assert!(!is_bare(address), "{address}");
        }
    }
}
