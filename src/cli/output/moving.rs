//! What commands print about schemas, backups and imports.

use super::{columns, json};
use crate::cli::Reply;
use ::moving::{
    import::{FileCount, Report, RowCount, Survey},
    schema::{Removal, SchemaPlan},
};
use instant::BackupSummary;

/// Prints what came of a command about the schema or a backup.
pub(super) fn print(reply: &Reply, as_json: bool) {
    match reply {
        Reply::SchemaPlan(plan_of) => plan(plan_of, as_json),
        Reply::SchemaPushed(done) if as_json => json(done),
        Reply::SchemaPushed(done) if done.is_done() => println!("{done}"),
        Reply::SchemaPushed(done) => println!("{done}\nDone."),
        Reply::BackedUp(summary) | Reply::Restored(summary) if as_json => json(summary),
        Reply::BackedUp(summary) => {
            println!("Backed up and read back: {}.", in_words(summary));
            println!("Secrets in it are sealed under seal.key, which is not in it.");
        }
        Reply::Restored(summary) => println!("Restored: {}.", in_words(summary)),
        _ => {}
    }
}

/// Asks something, or shows what it is about.
pub(in crate::cli) fn question(text: &str) {
    eprint!("{text}");
}

/// Prints what a push would change.
pub(in crate::cli) fn plan(plan: &SchemaPlan, as_json: bool) {
    if as_json {
        json(plan);
    } else {
        println!("{plan}");
    }
}

/// Prints that nothing of ours is there.
pub(in crate::cli) fn nothing_to_remove(counted: &Removal, as_json: bool) {
    if as_json { json(counted) } else { println!("{counted}") }
}

/// Prints what was removed.
pub(in crate::cli) fn removed(gone: &Removal, as_json: bool) {
    if as_json { json(gone) } else { println!("Removed:\n{gone}") }
}

fn in_words(summary: &BackupSummary) -> String {
    let entities: u64 = summary.entities.values().sum();
    format!("{entities} entities, {} files of {}", summary.files, bytes(summary.bytes))
}

fn bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

/// Prints what an import would do.
pub(in crate::cli) fn survey(from: &str, to: &str, found: &Survey, as_json: bool) {
    if as_json {
        json(&json!({ "from": from, "to": to, "found": found }));
        return;
    }
    println!("From  {from}\nTo    {to}\n");
    table(&found.namespaces, found.files);
    for left in &found.left_out {
        println!("Not moved: {left}");
    }
    if !found.schema.is_done() {
        println!("\n{}", found.schema);
    }
    match &found.refused {
        Some(refusal) => eprintln!("\nThe import would be refused: {refusal}"),
        None if found.continued => println!("\nAn import from there was begun; it goes on. Nothing was written now."),
        None => println!("\nNothing was written. Run it without --dry-run to import."),
    }
}

/// Prints what an import did.
pub(in crate::cli) fn imported(from: &str, to: &str, report: &Report, warnings: &[String], as_json: bool) {
    if as_json {
        json(&json!({ "from": from, "to": to, "report": report, "warnings": warnings }));
        return;
    }
    println!("From  {from}\nTo    {to}\n");
    table(&report.namespaces, report.files);
    for left in &report.left_out {
        println!("Not moved: {left}");
    }
    println!(
        "\n{} rows were written and {} files copied; every row was read back and compared, every file by its digest.",
        report.rows_written, report.files_copied
    );
    for warning in warnings {
        eprintln!("note: {warning}");
    }
}

fn table(namespaces: &[RowCount], files: FileCount) {
    let row = |count: &RowCount| {
        [count.entities.to_string(), count.links.to_string(), count.there.to_string(), count.namespace.clone()]
    };
    let mut rows: Vec<[String; 4]> = namespaces.iter().map(row).collect();
    let named = format!("files, {}", bytes(files.bytes));
    rows.push([files.files.to_string(), "0".to_owned(), files.there.to_string(), named]);
    columns(["COUNT", "LINKS", "THERE", "WHAT"], &rows);
}
