//! Findings about what is read well and would surprise whoever installs it,
//! each with its fix. The same for a sync and a check.

mod dependencies;
mod files;
mod packages;

use model::{DependencyPolicy, Diagnostic, DiagnosticCode, Severity};
use source::{Item, Registry};

/// Most findings that a report keeps.
const MAX_FINDINGS: usize = 500;

/// What findings depend on besides the registry itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// How bare own dependencies are served.
    pub(super) policy: DependencyPolicy,
    /// Where the repository is, where that is known.
    pub(super) address: Option<&'a str>,
}

/// Adds what should be known about the items that are served.
pub(super) fn add(registry: &mut Registry, surroundings: Surroundings<'_>) {
    let mut findings = dependencies::find(registry, surroundings);
    findings.extend(packages::find(registry));
    findings.extend(registry.items.iter().flat_map(files::find));
    registry.diagnostics.extend(findings);
}

/// Says which item a finding is about.
fn about(item: &Item, finding: Diagnostic) -> Diagnostic {
    finding.in_file(&item.definition.file).at_item(item.definition.index, Some(item.name.as_str()))
}

/// `a, b, c and 4 more`
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Errors first, and not more than a report can hold.
pub(super) fn for_report(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    let left_out = diagnostics.len().saturating_sub(MAX_FINDINGS);
    if left_out > 0 {
        let worst = diagnostics[MAX_FINDINGS].severity;
        diagnostics.truncate(MAX_FINDINGS);
        let message = format!("{left_out} more findings are left out of this report");
        let more = Diagnostic { severity: worst, ..Diagnostic::error(DiagnosticCode::TooMany, message) };
        diagnostics.push(more.fix("Run `ekairos-registry check` in a checkout of the repository to see all of them"));
    }
    diagnostics
}

/// Whether anything of this keeps an item from being served.
pub(super) fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|finding| finding.severity == Severity::Error)
}
