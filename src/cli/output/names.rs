//! What commands print about names.

use super::{columns, json};
use crate::cli::Reply;
use model::{
    ItemName,
    view::{AliasOrigin, AliasView, RemovedView},
};

/// Prints what came of a command about names.
pub(super) fn print(reply: &Reply, as_json: bool) {
    match reply {
        Reply::Alias(alias) if as_json => json(alias),
        Reply::Alias(alias) => println!("{} leads to {} now.", alias.name, or_nothing(alias.leads_to.as_ref())),
        Reply::Aliases(aliases) if as_json => json(aliases),
        Reply::Aliases(aliases) => table_of_aliases(aliases),
        Reply::AliasRemoved(name) if as_json => json(&json!({ "removed": name })),
        Reply::AliasRemoved(name) => println!("{name} leads nowhere now."),
        Reply::RemovedComponents(removed) if as_json => json(removed),
        Reply::RemovedComponents(removed) => table_of_removed(removed),
        Reply::Replaced(removed) if as_json => json(removed),
        Reply::Replaced(removed) => match &removed.replacement {
            Some(replacement) => println!("Who asks for {} is told to use {replacement}.", removed.name),
            None => println!("Who asks for {} is told that it was removed.", removed.name),
        },
        Reply::Released(released) if as_json => json(released),
        Reply::Released(released) => {
            println!("{} is free: whoever publishes it first has it.", released.name);
            if !released.syncing.is_empty() {
                println!("Syncing, because it waited for the name: {}.", released.syncing.join(", "));
            }
        }
        _ => {}
    }
}

fn or_nothing(name: Option<&ItemName>) -> String {
    name.map_or_else(|| "-".to_owned(), ToString::to_string)
}

fn table_of_aliases(aliases: &[AliasView]) {
    if aliases.is_empty() {
        println!("No aliases. Next: ekairos-registry alias add <name> <to>");
        return;
    }
    let made = |origin| match origin {
        AliasOrigin::Rename => "by a rename",
        AliasOrigin::Namespace => "by a namespace",
        AliasOrigin::Admin => "by an admin",
    };
    let row = |alias: &AliasView| {
        [alias.name.to_string(), made(alias.origin).to_owned(), or_nothing(alias.leads_to.as_ref())]
    };
    columns(["NAME", "MADE", "LEADS TO"], &aliases.iter().map(row).collect::<Vec<_>>());
}

fn table_of_removed(removed: &[RemovedView]) {
    if removed.is_empty() {
        println!("No names are held by removed components.");
        return;
    }
    let row = |gone: &RemovedView| {
        let instead = gone.leads_to.as_ref().or(gone.replacement.as_ref());
        [gone.name.to_string(), gone.repository_name.clone(), or_nothing(instead)]
    };
    columns(["NAME", "REPOSITORY", "USE INSTEAD"], &removed.iter().map(row).collect::<Vec<_>>());
}
