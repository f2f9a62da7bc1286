//! `POST /admin/transact`.

use super::Shared;
use super::body::{flag, required};
use super::caller::{Asked, Caller};
use super::error::ApiError;
use super::rules::{Rules, other_end};
use crate::{AppAttr, Store as _, Transaction};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// Carries out steps.
pub(super) async fn transact(State(api): State<Shared>, asked: Asked) -> Result<Json<Value>, ApiError> {
    let steps = steps_of(&asked.body)?;
    let app = api.store.app();
    app.check_writable()?;
    let mut transaction = Transaction::from_json(steps)?;
    transaction.throw_on_missing_attrs = flag(&asked.body, "throw-on-missing-attrs?");
    if asked.caller != Caller::Admin {
        let rules = Rules(app.rules.as_ref());
        for check in checks(steps, &api.store.attrs().await?) {
            rules.check(&check.etype, check.action)?;
        }
        transaction.throw_on_missing_attrs |= !rules.allow("attrs", "create");
    }
    let tx = api.store.transact(transaction).await?;
    Ok(Json(json!({ "tx-id": tx.0 })))
}

/// The steps of a request: a list.
pub(super) fn steps_of(body: &Value) -> Result<&Value, ApiError> {
    required(body, "steps", |steps| (steps.is_array() || steps.is_object()).then_some(steps))
}

/// Something that must be allowed for a step.
pub(super) struct Check {
    pub(super) etype: String,
    pub(super) action: &'static str,
    /// The entity as the step names it.
    pub(super) entity: Value,
}

/// All that must be allowed for steps. `update` steps may make an entity, so
/// that they need both permissions; links need them at both ends, and a
/// deletion wherever it may lead.
pub(super) fn checks(steps: &Value, attrs: &[AppAttr]) -> Vec<Check> {
    let mut checks = Vec::new();
    for step in steps.as_array().into_iter().flatten() {
        let part = |at: usize| step.get(at).unwrap_or(&Value::Null);
        let etype = part(1).as_str().unwrap_or_default();
        let mut need = |etype: &str, action: &'static str| {
            checks.push(Check { etype: etype.to_owned(), action, entity: part(2).clone() });
        };
        match part(0).as_str().unwrap_or_default() {
            "create" => need(etype, "create"),
            "update" | "merge" => {
                need(etype, "create");
                need(etype, "update");
            }
            "link" | "unlink" => {
                need(etype, "create");
                need(etype, "update");
                let labels = part(3).as_object().into_iter().flatten();
                for other in labels.filter_map(|(label, _)| other_end(attrs, etype, label)) {
                    need(other, "update");
                }
            }
            "delete" => reached(attrs, etype).into_iter().for_each(|etype| need(etype, "delete")),
            "ruleParams" => {}
            // What changes the schema is the admin's.
            _ => need("attrs", "create"),
        }
    }
    checks
}

/// A namespace, and those whose entities may be deleted with its own.
fn reached<'a>(attrs: &'a [AppAttr], etype: &'a str) -> Vec<&'a str> {
    let mut reached = vec![etype];
    let mut at = 0;
    while let Some(from) = reached.get(at).copied() {
        at += 1;
        for attr in attrs {
            let Some(reverse) = &attr.reverse_identity else {
                continue;
            };
            let (forward, reverse) = (attr.namespace(), reverse.1.as_str());
            let taken = (attr.on_delete.is_some() && reverse == from).then_some(forward);
            let taken_too = (attr.on_delete_reverse.is_some() && forward == from).then_some(reverse);
            for next in taken.into_iter().chain(taken_too) {
                if !reached.contains(&next) {
                    reached.push(next);
                }
            }
        }
    }
    reached
}
