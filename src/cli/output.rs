//! What commands print. The one place that writes to standard output.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line's voice")]

mod check;
mod moving;
mod names;
mod settings;
mod tokens;

pub(super) use check::{Format, check};
pub(super) use moving::{imported, nothing_to_remove, plan, question, removed, survey};

use super::command::{Reply, Told};
use crate::{config::ConfigRow, service::Discovery};
use indicatif::{ProgressBar as Bar, ProgressDrawTarget, ProgressStyle};
use model::{
    FoundRegistry, ItemChange, SyncState,
    view::{Health, HookView, HostSteps, RepositoryView, SyncView},
};
use serde::Serialize;
use serde_json::json;
use std::{io::IsTerminal, process::ExitCode, time::Duration};

/// Prints JSON, indented.
pub(super) fn json(value: &impl Serialize) {
    println!("{}", serde_json::to_string_pretty(value).expect("what is printed serialises"));
}

/// Prints why a command failed.
pub(super) fn failure(message: &str) {
    eprintln!("error: {message}");
}

/// Prints lines as they are.
pub(super) fn lines(text: &str) {
    println!("{text}");
}

/// A sync's progress on a terminal; silent elsewhere.
pub(super) struct ProgressBar(Bar);

impl ProgressBar {
    pub(super) fn new(silent: bool) -> Self {
        let target = if silent || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        Self(Bar::with_draw_target(None, target))
    }

    /// Shows how far a command is.
    pub(super) fn show(&mut self, told: &Told) {
        match told {
            Told::Sync(view) => {
                if let Some(progress) = &view.progress {
                    self.step(progress.stage.label(), progress.done, progress.total);
                }
            }
            Told::Step { label, done, total } => self.step(label, *done, Some(*total).filter(|total| *total > 0)),
        }
    }

    /// Shows what it is at, and how many of how many are done.
    pub(super) fn step(&mut self, label: &str, done: u64, total: Option<u64>) {
        let template = if total.is_some() { "{msg:18} {bar:32} {pos}/{len}" } else { "{msg:18} {spinner} {pos}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
        match total {
            Some(total) => self.0.set_length(total),
            None => self.0.unset_length(),
        }
        self.0.set_message(label.to_owned());
        self.0.set_position(done);
        self.0.enable_steady_tick(Duration::from_millis(120));
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Prints what came of a command, and says how the process should end.
pub(super) fn reply(reply: &Reply, as_json: bool) -> ExitCode {
    match reply {
        Reply::Repository(repository) if as_json => json(repository),
        Reply::Repository(repository) => {
            println!("Registered {} as {:?}.", repository.url, repository.name);
            println!("Next: ekairos-registry sync {:?} --wait", repository.name);
        }
        Reply::Discovery(discovery) if as_json => json(discovery),
        Reply::Discovery(discovery) => print_discovery(discovery),
        Reply::Changed(repository) if as_json => json(repository),
        Reply::Changed(repository) => match &repository.namespace {
            Some(namespace) => println!("Changed {:?}; its items are served below {namespace}/.", repository.name),
            None => println!("Changed {:?}; its items are served by their own names.", repository.name),
        },
        Reply::Alias(_)
        | Reply::Aliases(_)
        | Reply::AliasRemoved(_)
        | Reply::RemovedComponents(_)
        | Reply::Replaced(_)
        | Reply::Released(_) => names::print(reply, as_json),
        Reply::Repositories(repositories) if as_json => json(repositories),
        Reply::Repositories(repositories) => table(repositories),
        Reply::Credential { set } if as_json => json(&serde_json::json!({ "set": set })),
        Reply::Credential { set: true } => println!("The token is kept, sealed. It is tried with the next sync."),
        Reply::Credential { set: false } => println!("The repository has no token of its own any more."),
        Reply::Hook(hook) if as_json => json(hook),
        Reply::Hook(hook) => print_hook(hook),
        Reply::Sync(sync) => {
            if as_json {
                json(sync);
            } else {
                print_sync(sync);
            }
            if sync.state == SyncState::Failed {
                return ExitCode::FAILURE;
            }
        }
        Reply::Publication(publication) if as_json => json(publication),
        Reply::Publication(publication) => {
            println!("Rolled back: {} items of snapshot {} are served.", publication.count, publication.snapshot);
        }
        Reply::Token(_) | Reply::Tokens(_) | Reply::TokenRevoked(_) => tokens::print(reply, as_json),
        Reply::Settings(settings) if as_json => json(settings),
        Reply::Settings(settings) => settings::print(settings),
        Reply::Credentials(credentials) if as_json => json(credentials),
        Reply::Credentials(credentials) => {
            println!("App id       {}\nAdmin token  {}\n", credentials.app_id, credentials.admin_token);
            println!("The token may do everything with the store's data. Keep it secret.");
        }
        Reply::SchemaPlan(_) | Reply::SchemaPushed(_) | Reply::BackedUp(_) | Reply::Restored(_) => {
            moving::print(reply, as_json);
        }
        Reply::Link(link) if as_json => json(&json!({ "url": link })),
        Reply::Link(link) => println!("{link}\n\nIt signs in once, within 15 minutes."),
    }
    ExitCode::SUCCESS
}

fn table(repositories: &[RepositoryView]) {
    if repositories.is_empty() {
        println!("No repositories yet. Next: ekairos-registry repo add <url-or-path>");
        return;
    }
    let rows: Vec<[String; 5]> = repositories
        .iter()
        .map(|repository| {
            let state = match repository.health() {
                Health::Fresh => "fresh",
                Health::Working => "syncing",
                Health::Attention if repository.last_sync.is_none() => "not synced",
                Health::Attention => "attention",
                Health::Broken => "broken",
            };
            let head = repository.head.as_ref().map_or("-", |head| head.short());
            [
                repository.name.clone(),
                state.to_owned(),
                repository.components.to_string(),
                head.to_owned(),
                repository.url.clone(),
            ]
        })
        .collect();
    columns(["NAME", "STATE", "COMPONENTS", "COMMIT", "ADDRESS"], &rows);
}

/// Rows below a heading, each column as wide as it needs. Numbers stand to the right.
fn columns<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let heading = heading.map(str::to_owned);
    let width =
        |column: usize| rows.iter().chain([&heading]).map(|row| row[column].chars().count()).max().unwrap_or_default();
    for row in [&heading].into_iter().chain(rows) {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let numbers = rows.iter().all(|row| row[column].bytes().all(|byte| byte.is_ascii_digit()));
            match (column + 1 == N, numbers) {
                (true, _) => cell.clone(),
                (false, true) => format!("{cell:>0$}", width(column)),
                (false, false) => format!("{cell:0$}", width(column)),
            }
        });
        println!("{}", cells.collect::<Vec<_>>().join("  "));
    }
}

fn print_discovery(discovery: &Discovery) {
    println!("{} at {} ({})", discovery.url, discovery.commit.short(), discovery.branch);
    if discovery.registries.is_empty() {
        println!("No registry was found: no registry.json with items, no built items, no components folder.");
        return;
    }
    for (nth, offer) in discovery.registries.iter().enumerate() {
        let FoundRegistry { path, shape, items, built_from } = &offer.registry;
        let note = match (offer.registered, nth, built_from) {
            (Some(_), _, _) => "registered".to_owned(),
            (None, 0, _) => "read unless you name another".to_owned(),
            (None, _, Some(source)) => format!("probably built from {source}"),
            (None, _, None) => String::new(),
        };
        println!("  {path:40}  {:17}  {items:>5} items  {note}", shape.label());
    }
    println!("Next: ekairos-registry repo add {} --config-path <one of these>", discovery.url);
}

fn print_hook(hook: &HookView) {
    println!("Address  {}", hook.address);
    println!("Secret   {}", hook.secret.as_deref().unwrap_or("(cannot be opened)"));
    for HostSteps { host, steps } in &hook.steps {
        println!("\n{host}");
        for (nth, step) in (1..).zip(steps) {
            println!("  {nth}. {step}");
        }
    }
    if let Some(problem) = &hook.problem {
        eprintln!("\nnote: {problem}");
    }
}

fn print_sync(sync: &SyncView) {
    let Some(report) = &sync.report else {
        println!("Sync {} is {}.", sync.id, sync.state);
        return;
    };
    if let Some(failure) = &report.failure {
        eprintln!("error: {failure}");
    }
    if let Some(next) = &report.next {
        eprintln!("  {}: {}", next.label, next.url);
    }
    for finding in &report.diagnostics {
        eprintln!("{finding}");
    }
    if sync.state == SyncState::Succeeded {
        let commit = report.commit.as_ref().map_or("-", |commit| commit.short());
        let counts = [
            (ItemChange::Added, "added"),
            (ItemChange::Changed, "changed"),
            (ItemChange::Removed, "removed"),
            (ItemChange::Quarantined, "quarantined"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter_map(|(change, word)| {
                Some(report.count(change)).filter(|count| *count > 0).map(|count| format!("{count} {word}"))
            })
            .collect();
        let changes = if counts.is_empty() { "nothing changed".to_owned() } else { counts.join(", ") };
        println!("{} items are served at {commit}: {changes}.", report.items);
        for other in report.others.iter().filter(|other| other.built_from.is_none()) {
            println!(
                "Also in this repository: {} ({}, {} items). Add it with `repo add --config-path {}`.",
                other.path,
                other.shape.label(),
                other.items,
                other.path
            );
        }
    }
}

/// Prints the configuration.
pub(super) fn config(rows: &[ConfigRow], as_json: bool) {
    if as_json {
        json(&rows);
        return;
    }
    let name = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let value = rows.iter().map(|row| row.value.len()).max().unwrap_or_default();
    for row in rows {
        println!("{:name$}  {:value$}  {}", row.name, row.value, row.origin);
    }
}
