//! Attributes added, changed and removed, with InstantDB's refusals
//! (`specs/instantdb-admin-api.md` 4.1, 4.2).

mod fit;

use crate::InstantError;
use crate::app_attr::{AppAttr, AttrCatalog, Ident};
use crate::embedded::catalog::{Catalog, Known, system_attrs};
use model::EntityId;
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Namespace and label of everything that the system catalogue has, reverse names included.
static SYSTEM_NAMES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let attrs = system_attrs();
    let idents = attrs.iter().flat_map(idents);
    idents.map(|ident| (ident.1.clone(), ident.2.clone())).collect()
});

/// Whether the system catalogue has this name.
pub(super) fn is_system_name(etype: &str, label: &str) -> bool {
    SYSTEM_NAMES.iter().any(|name| (name.0.as_str(), name.1.as_str()) == (etype, label))
}

/// Namespaces of the system to which apps may add.
const EDITABLE: [&str; 3] = ["$users", "$files", "$streams"];

fn idents(attr: &AppAttr) -> impl Iterator<Item = &Ident> {
    [Some(&attr.forward_identity), attr.reverse_identity.as_ref()].into_iter().flatten()
}

fn refuse(attr: &AppAttr, message: impl Into<String>) -> InstantError {
    InstantError::invalid("attributes", message).with_input(|| json!(attr))
}

/// Names of the system are not for apps.
fn check_names(attr: &AppAttr) -> Result<(), InstantError> {
    for Ident(_, etype, label) in idents(attr) {
        if is_system_name(etype, label) {
            return Err(refuse(attr, format!("{etype}.{label} is a system column and it already exists.")));
        }
        if etype.starts_with('$') && !EDITABLE.contains(&etype.as_str()) {
            return Err(refuse(attr, format!("$ is reserved for system tables. You can't create {etype}")));
        }
        // In our SQL names stand in JSON paths.
        let odd = [etype, label]
            .into_iter()
            .find(|text| text.is_empty() || text.contains(['"', '\\']) || text.chars().any(char::is_control));
        if let Some(text) = odd {
            let message =
                format!("`{text}` cannot be a name: it is empty, or contains a quote, `\\` or a control character");
            return Err(refuse(attr, message));
        }
    }
    Ok(())
}

/// A name belongs to one attribute, from whichever end of a link.
fn check_taken(catalog: &Catalog, attr: &AppAttr) -> Result<(), InstantError> {
    for Ident(_, etype, label) in idents(attr) {
        let taken = catalog.namespace(etype).is_some_and(|namespace| {
            let link = namespace.hop(label).map(|hop| hop.attr.attr.id);
            let holder = catalog.at(etype, label).map(|known| known.attr().id).or(link);
            holder.is_some_and(|holder| holder != attr.id)
        });
        let twice = attr
            .reverse_identity
            .as_ref()
            .is_some_and(|reverse| (&reverse.1, &reverse.2) == (&attr.forward_identity.1, &attr.forward_identity.2));
        if taken || twice {
            let hint = json!({ "record-type": "ident", "etype": etype, "label": label });
            let message = format!("`{label}` already exists on `{etype}`");
            return Err(InstantError::refused("record-not-unique", message, hint));
        }
    }
    Ok(())
}

/// Adds an attribute. One that is there just so is no error.
pub(in crate::embedded) fn add(
    connection: &Connection,
    catalog: &mut Catalog,
    attr: AppAttr,
) -> Result<(), InstantError> {
    check_names(&attr)?;
    let (etype, label) = (attr.namespace(), attr.label());
    if attr.required && etype.starts_with('$') {
        let message = "You can't create a required system attribute. Make sure it's optional. Check out the docs to learn more: https://www.instantdb.com/docs/modeling-data#required-constraints";
        return Err(InstantError::refused("validation-failed", message, Value::Null));
    }
    if attr.required && fit::has_triples(connection, catalog, etype)? {
        let message = format!("Can't create attribute `{label}` as required because `{etype}` already have entities");
        return Err(refuse(&attr, message));
    }
    check_taken(catalog, &attr)?;
    if let Some(there) = catalog.by_uuid(attr.id).map(Known::attr) {
        if *there == attr {
            return Ok(());
        }
        let message = format!("The attribute with id {0} conflicts with an existing attribute with id {0}.", attr.id);
        return Err(raised(&message));
    }
    catalog.add(connection, attr)
}

/// What Postgres' functions of InstantDB raise.
pub(in crate::embedded) fn raised(message: &str) -> InstantError {
    InstantError::refused(
        "sql-raise",
        format!("Raised Exception: {message}"),
        json!({ "condition": "raise-exception" }),
    )
}

/// Changes an attribute to `attr`, which has its id. The data must fit.
pub(super) fn change(connection: &Connection, catalog: &mut Catalog, attr: AppAttr) -> Result<(), InstantError> {
    let Some(before) = catalog.by_uuid(attr.id).map(|known| known.attr().clone()) else {
        return Ok(());
    };
    if before.catalog == AttrCatalog::System {
        return Err(refuse(
            &attr,
            format!("{}.{} is a system column and it already exists.", attr.namespace(), attr.label()),
        ));
    }
    check_names(&attr)?;
    check_taken(catalog, &attr)?;
    let renamed = (before.namespace(), before.label()) != (attr.namespace(), attr.label());
    if renamed && matches!(catalog.by_uuid(attr.id), Some(Known::Id(..) | Known::Blob(..))) {
        if before.namespace() != attr.namespace() {
            return Err(refuse(
                &attr,
                "The embedded store cannot move values to another namespace; add the attribute there and write them anew.",
            ));
        }
        if before.label() == "id" || attr.label() == "id" {
            return Err(refuse(&attr, "`id` cannot be renamed."));
        }
        rename(connection, catalog, before.namespace(), before.label(), attr.label())?;
    }
    fit::check(connection, catalog, &before, &attr)?;
    catalog.replace(connection, attr)
}

/// Gives the values in documents another label.
fn rename(connection: &Connection, catalog: &Catalog, etype: &str, old: &str, new: &str) -> Result<(), InstantError> {
    let number = catalog.namespace(etype).map_or(0, |namespace| namespace.id);
    fit::rewrite(connection, number, |doc: &mut Map<String, Value>| {
        doc.shift_remove(old).map(|value| doc.insert(new.to_owned(), value)).is_some()
    })
}

/// Removes an attribute with all of its values; one that is not there, or is the store's, stays.
pub(in crate::embedded) fn remove(
    connection: &Connection,
    catalog: &mut Catalog,
    id: EntityId,
) -> Result<(), InstantError> {
    let Some(known) = catalog.by_uuid(id) else {
        return Ok(());
    };
    if known.attr().catalog == AttrCatalog::System {
        return Ok(());
    }
    match known {
        Known::Id(namespace, _) => {
            for blob in namespace.blobs.values() {
                connection.execute("DELETE FROM keys WHERE attr = ?1", [blob.id])?;
            }
            connection.execute("DELETE FROM entities WHERE etype = ?1", [namespace.id])?;
        }
        Known::Blob(namespace, blob) => {
            connection.execute("DELETE FROM keys WHERE attr = ?1", [blob.id])?;
            fit::rewrite(connection, namespace.id, |doc| doc.shift_remove(&blob.label).is_some())?;
        }
        Known::Ref(link) => {
            connection.execute("DELETE FROM links WHERE attr = ?1", [link.id])?;
        }
    }
    connection.execute("DELETE FROM attrs WHERE id = ?1", params![known.id()])?;
    catalog.forget(id);
    Ok(())
}
