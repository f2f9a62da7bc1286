//! What a push changes (`specs/instantdb-admin-api.md` 4.2).

use super::definitions;
use super::show::{self, RefKeys};
use crate::InstantError;
use crate::app_attr::{AppAttr, AppCardinality, AttrCatalog, AttrKind, Ident};
use crate::embedded::catalog::new_id;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// How definitions are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushOptions {
    /// Whether types are taken over: `check_types`.
    pub check_types: bool,
    /// Whether flags of attributes that are there change by steps of their own:
    /// `supports_background_updates`. Else by `update-attr`.
    pub background_updates: bool,
}

/// The plan, and the steps in it.
pub(super) fn plan(current: &[AppAttr], definitions: &Value, options: PushOptions) -> Result<Value, InstantError> {
    let new = definitions::read(definitions)?;
    let mut steps = Vec::new();
    let mut seen = HashSet::new();
    let shown: HashSet<&str> = current
        .iter()
        .filter(|attr| attr.value_type == AttrKind::Blob && !show::is_hidden(attr))
        .map(AppAttr::namespace)
        .collect();
    for attr in new.iter().filter(|attr| attr.value_type == AttrKind::Blob) {
        if seen.insert(attr.namespace()) && !shown.contains(attr.namespace()) {
            steps.push(add(&new_id(attr.namespace())));
        }
    }
    for attr in new.iter().filter(|attr| attr.label() != "id") {
        match current.iter().find(|there| is_same(there, attr)) {
            None => steps.push(add(&AppAttr {
                checked_data_type: attr.checked_data_type.clone().filter(|_| options.check_types),
                ..attr.clone()
            })),
            Some(there) if attr.value_type == AttrKind::Blob => change_blob(&mut steps, there, attr, options),
            Some(there) => change_ref(&mut steps, there, attr, options),
        }
    }
    check(current, &steps)?;
    Ok(json!({
        "new-schema": show::arrange(new.iter().map(|attr| (attr, without_ids(attr))), RefKeys::Vector),
        "current-schema": show::schema(current, RefKeys::Vector),
        "current-attrs": current,
        "steps": steps.iter().map(|step| json!([step.action, step.payload])).collect::<Vec<_>>(),
    }))
}

struct Planned {
    action: &'static str,
    payload: Value,
    /// The attribute as it shall be, for `add-attr` and `update-attr`.
    attr: Option<AppAttr>,
}

/// Whether the two have the same names, at both ends if they are links.
fn is_same(one: &AppAttr, other: &AppAttr) -> bool {
    one.value_type == other.value_type && forward(one) == forward(other) && reverse(one) == reverse(other)
}

type Name<'a> = (&'a str, &'a str);

fn name(ident: &Ident) -> Name<'_> {
    (&ident.1, &ident.2)
}

fn forward(attr: &AppAttr) -> Name<'_> {
    name(&attr.forward_identity)
}

fn reverse(attr: &AppAttr) -> Option<Name<'_>> {
    attr.reverse_identity.as_ref().map(name)
}

fn without_ids(attr: &AppAttr) -> Value {
    let mut json = json!(attr);
    json["id"] = Value::Null;
    for identity in ["forward-identity", "reverse-identity"] {
        if let Some(id) = json.get_mut(identity).and_then(|identity| identity.get_mut(0)) {
            *id = Value::Null;
        }
    }
    json
}

fn add(attr: &AppAttr) -> Planned {
    let mut payload = json!(attr);
    if let Some(payload) = payload.as_object_mut() {
        payload.shift_remove("catalog");
        payload.shift_remove("inferred-types");
    }
    Planned { action: "add-attr", payload, attr: Some(attr.clone()) }
}

fn job(action: &'static str, there: &AppAttr) -> Planned {
    let payload = json!({ "attr-id": there.id, "forward-identity": there.forward_identity });
    Planned { action, payload, attr: None }
}

fn update(there: &AppAttr, attr: &AppAttr) -> Planned {
    let attr = AppAttr {
        id: there.id,
        forward_identity: there.forward_identity.clone(),
        reverse_identity: there.reverse_identity.clone(),
        ..attr.clone()
    };
    let mut payload = json!({
        "value-type": attr.value_type, "cardinality": attr.cardinality, "id": attr.id,
        "forward-identity": attr.forward_identity,
        "unique?": attr.unique, "index?": attr.indexed, "required?": attr.required,
    });
    if attr.value_type == AttrKind::Ref {
        payload["reverse-identity"] = json!(attr.reverse_identity);
        payload["on-delete"] = json!(attr.on_delete);
        payload["on-delete-reverse"] = json!(attr.on_delete_reverse);
    }
    Planned { action: "update-attr", payload, attr: Some(attr) }
}

fn change_blob(steps: &mut Vec<Planned>, there: &AppAttr, attr: &AppAttr, options: PushOptions) {
    let jobs = [
        (there.indexed, attr.indexed, "index", "remove-index"),
        (there.unique, attr.unique, "unique", "remove-unique"),
        (there.required, attr.required, "required", "remove-required"),
    ];
    let mut changed = jobs.into_iter().filter(|(before, after, ..)| before != after).peekable();
    if options.background_updates {
        steps.extend(changed.map(|(_, after, set, unset)| job(if after { set } else { unset }, there)));
    } else if changed.peek().is_some() {
        steps.push(update(there, attr));
    }
    let retyped = options.check_types && there.checked_data_type != attr.checked_data_type;
    if retyped && there.catalog != AttrCatalog::System {
        steps.push(match &attr.checked_data_type {
            Some(value_type) => {
                let mut check = job("check-data-type", there);
                check.payload["checked-data-type"] = json!(value_type);
                check
            }
            None => job("remove-data-type", there),
        });
    }
}

fn change_ref(steps: &mut Vec<Planned>, there: &AppAttr, attr: &AppAttr, options: PushOptions) {
    let flags =
        |attr: &AppAttr| (attr.cardinality, attr.unique, attr.on_delete.clone(), attr.on_delete_reverse.clone());
    let required = there.required != attr.required;
    let changed = flags(there) != flags(attr);
    if required && options.background_updates {
        steps.push(job(if attr.required { "required" } else { "remove-required" }, there));
    }
    if changed || (required && !options.background_updates) {
        steps.push(update(there, attr));
    }
}

/// Refuses names that are taken, and cascades over links to many.
fn check(current: &[AppAttr], steps: &[Planned]) -> Result<(), InstantError> {
    let links = || current.iter().filter_map(|attr| Some((forward(attr), reverse(attr)?)));
    let by_forward: HashMap<Name<'_>, Name<'_>> = links().collect();
    let by_reverse: HashMap<Name<'_>, Name<'_>> = links().map(|(forward, reverse)| (reverse, forward)).collect();
    let linked = |name: Name<'_>| by_forward.contains_key(&name) || by_reverse.contains_key(&name);
    let blobs: HashSet<Name<'_>> =
        current.iter().filter(|attr| attr.value_type == AttrKind::Blob).map(forward).collect();
    let planned = |adds_only: bool| {
        let wanted = move |step: &&Planned| !adds_only || step.action == "add-attr";
        steps.iter().filter(wanted).filter_map(|step| step.attr.as_ref())
    };
    let taken = planned(true).filter_map(|attr| {
        let (forward, reverse) = (forward(attr), reverse(attr));
        let turned = by_reverse.get(&forward).copied();
        if turned.is_some() && reverse == turned {
            return Some(backwards(forward));
        }
        let twice = if linked(forward) || (blobs.contains(&forward) && !reverse.is_some_and(linked)) {
            Some(forward)
        } else {
            reverse.filter(|reverse| linked(*reverse))
        };
        twice.map(duplicate)
    });
    let cascades = planned(false).filter(|attr| attr.value_type == AttrKind::Ref).filter_map(|attr| {
        let cascades = |on_delete: &Option<String>| on_delete.as_deref() == Some("cascade");
        if attr.cardinality == AppCardinality::Many && cascades(&attr.on_delete) {
            Some(cascade(forward(attr)))
        } else if !attr.unique && cascades(&attr.on_delete_reverse) {
            reverse(attr).map(cascade)
        } else {
            None
        }
    });
    let messages: Vec<String> = taken.chain(cascades).collect();
    if messages.is_empty() {
        return Ok(());
    }
    let errors: Vec<Value> = messages.iter().map(|message| json!({ "in": ["schema"], "message": message })).collect();
    Err(InstantError::invalid("schema", messages.join(", ")).with_hint(errors.into()).with_input(|| "plan".into()))
}

const DASHBOARD: &str = "https://www.instantdb.com/dash?s=main&t=explorer";

fn duplicate((etype, label): Name<'_>) -> String {
    format!(
        "{etype}->{label}: Duplicate entry found for attribute. Check your schema file for duplicate link definitions. If it's not in the schema file, it may have been generated by the backend. Check your full schema in the dashboard: {DASHBOARD}"
    )
}

fn backwards((etype, label): Name<'_>) -> String {
    format!(
        "{etype}->{label}: Conflicting link found for attribute. It's possible that you already have a link with the same label names, but in the reverse direction. We cannot automatically swap the direction of the link. To fix this, can: a) swap the `forward` and `reverse` parameters for this link in your schema file, or b) delete the existing link in the dashboard.Check your full schema in the dashboard for a link with the same label names: {DASHBOARD}"
    )
}

fn cascade((etype, label): Name<'_>) -> String {
    format!(
        "{etype}->{label}: Cascade delete is only possible on links with `has: 'one'`. Check your full schema in the dashboard: {DASHBOARD}"
    )
}
