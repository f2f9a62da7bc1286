//! What `check` prints: for people, for programs, and for GitHub's annotations.

use super::json;
use crate::service::CheckReport;
use model::{Diagnostic, RegistryShape, Severity};
use std::{collections::HashMap, fs, process::ExitCode};

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum Format {
    /// A line for each finding and a summary.
    Text,
    /// The whole report with a preview of every item.
    Json,
    /// GitHub's workflow commands: findings appear beside the lines they are about.
    Github,
}

/// Prints what a check found.
pub(in crate::cli) fn check(report: &CheckReport, format: Format) -> ExitCode {
    match format {
        Format::Json => json(report),
        Format::Text => text(report),
        Format::Github => github(report),
    }
    if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn text(report: &CheckReport) {
    // A registry.json says itself what it has; of a folder this is the answer.
    if report.shape == Some(RegistryShape::Folder) {
        for item in &report.preview {
            println!("{}  {}", plain(&item.name), plain(&item.kind));
            for (label, values) in
                [("files", &item.files), ("needs", &item.registry_dependencies), ("npm", &item.dependencies)]
            {
                if !values.is_empty() {
                    println!("  {label}: {}", plain(&values.join(", ")));
                }
            }
        }
    }
    for finding in &report.diagnostics {
        println!("{}", plain(&finding.to_string()));
    }
    println!("{}", plain(&summary(report)));
}

/// A text of our own with texts of the repository in it: names of files may hold
/// what a terminal obeys, or what a workflow takes for a command.
fn plain(text: &str) -> String {
    let mut lines = text.split('\n').map(|line| {
        let mut plain = String::with_capacity(line.len());
        for c in line.chars() {
            if c.is_control() { plain.extend(c.escape_default()) } else { plain.push(c) }
        }
        plain
    });
    // Only our own second line, the fix, begins one.
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |text, line| if line.starts_with("  fix: ") { text + "\n" + &line } else { text + "\\n" + &line })
}

fn summary(report: &CheckReport) -> String {
    let count = |severity| report.diagnostics.iter().filter(|finding| finding.severity == severity).count();
    format!(
        "{}: {} items would be served, {} would not; {} errors, {} warnings, {} notes",
        report.registry.as_deref().unwrap_or("no registry"),
        report.items,
        report.quarantined,
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    )
}

/// One workflow command a finding
/// (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).
fn github(report: &CheckReport) {
    let mut texts: HashMap<&str, Option<String>> = HashMap::new();
    for finding in &report.diagnostics {
        let line = finding.file.as_deref().and_then(|file| {
            let text = texts.entry(file).or_insert_with(|| fs::read_to_string(report.root.join(file)).ok());
            source::line_of(text.as_deref()?, finding.item_index, finding.field.as_deref())
        });
        println!("{}", annotation(finding, line));
    }
    println!("{}", plain(&summary(report)));
}

fn annotation(finding: &Diagnostic, line: Option<usize>) -> String {
    let command = match finding.severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut properties = Vec::new();
    properties.extend(finding.file.as_ref().map(|file| format!("file={}", property(file))));
    properties.extend(line.map(|line| format!("line={line}")));
    properties.push(format!("title={}", property(finding.code.as_str())));
    let item = finding.item.as_ref().map(|item| format!("{item}: ")).unwrap_or_default();
    let fix = finding.fix.as_ref().map(|fix| format!("\n{fix}")).unwrap_or_default();
    format!("::{command} {}::{}", properties.join(","), data(&format!("{item}{}{fix}", finding.message)))
}

/// A command's message: what would end it is written otherwise.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, which `:` and `,` would end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DiagnosticCode;

    #[test]
    fn a_terminal_is_told_what_a_repositorys_texts_hold_and_does_not_obey_it() {
        let finding = Diagnostic::error(DiagnosticCode::Schema, "bad").in_file("a\x1b[2J\n::error::b").fix("mend it");
        assert_eq!(plain(&finding.to_string()), "error[schema] a\\u{1b}[2J\\n::error::b: bad\n  fix: mend it");
    }

    #[test]
    fn an_annotation_is_one_line_whatever_its_texts_hold() {
        let finding = Diagnostic::error(DiagnosticCode::Schema, "bad\n::error::injected 100%")
            .in_file("a,b:c.json")
            .at_item(3, Some("x"))
            .fix("mend it");
        assert_eq!(
            annotation(&finding, Some(7)),
            "::error file=a%2Cb%3Ac.json,line=7,title=schema::x: bad%0A::error::injected 100%25%0Amend it"
        );
    }
}
