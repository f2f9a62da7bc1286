//! `debugQuery` and `debugTransact`: what would be, and which rules say so.
//!
//! Both answer as admin and tell of each rule whether it allows outright
//! (`rules.rs`). What only an evaluation could tell counts as not allowed.

use super::Shared;
use super::body::{flag, required};
use super::caller::{AdminOnly, Asked, Caller};
use super::error::ApiError;
use super::rules::{Rules, other_end};
use super::transact::{checks, steps_of};
use crate::{AppAttr, Query, Store as _, Transaction};
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

/// `POST /admin/query_perms_check`
pub(super) async fn query(State(api): State<Shared>, _admin: AdminOnly, asked: Asked) -> Result<Json<Value>, ApiError> {
    refuse_admin(&asked.caller)?;
    let app = api.store.app();
    app.check_readable()?;
    let json = required(&asked.body, "query", |query| query.is_object().then_some(query))?;
    let query = Query::from_json(json, flag(&asked.body, "inference?"))?;
    let attrs = api.store.attrs().await?;
    let rules = Rules(asked.body.get("rules-override").filter(|rules| rules.is_object()).or(app.rules.as_ref()));
    let mut found = Found { rules, attrs: &attrs, results: Vec::new() };
    let tree = api.store.answer(&query).await?.tree;
    let result: Map<String, Value> = tree
        .into_iter()
        .map(|(etype, entities)| {
            let form = json.get(&etype).unwrap_or(&Value::Null);
            let seen = found.visible(&etype, form, entities);
            (etype, seen)
        })
        .collect();
    Ok(Json(json!({ "result": result, "check-results": found.results, "rule-wheres": {} })))
}

/// `POST /admin/transact_perms_check`. Commits only what all rules allow, and
/// only when that is asked for.
pub(super) async fn transact(
    State(api): State<Shared>,
    _admin: AdminOnly,
    asked: Asked,
) -> Result<Json<Value>, ApiError> {
    refuse_admin(&asked.caller)?;
    let app = api.store.app();
    app.check_writable()?;
    let steps = steps_of(&asked.body)?;
    let mut transaction = Transaction::from_json(steps)?;
    transaction.throw_on_missing_attrs = flag(&asked.body, "throw-on-missing-attrs?");
    let attrs = api.store.attrs().await?;
    let rules = Rules(asked.body.get("rules-override").filter(|rules| rules.is_object()).or(app.rules.as_ref()));
    let results: Vec<Value> = checks(steps, &attrs)
        .iter()
        .map(|check| {
            let ok = rules.allow(&check.etype, check.action);
            json!({
                "scope": "object", "etype": check.etype, "action": check.action, "eid": check.entity,
                "program": program(rules, &check.etype, check.action), "check-result": ok, "check-pass?": ok,
            })
        })
        .collect();
    let all_ok = results.iter().all(|result| result["check-pass?"] == true);
    let commit = all_ok && flag(&asked.body, "dangerously-commit-tx");
    let tx = if commit { api.store.transact(transaction).await? } else { api.store.rehearse(transaction).await? };
    Ok(Json(json!({ "tx-id": tx.0, "all-checks-ok?": all_ok, "committed?": commit, "check-results": results })))
}

fn refuse_admin(caller: &Caller) -> Result<(), ApiError> {
    if *caller == Caller::Admin {
        let message = "Cannot test perms as admin";
        return Err(ApiError::invalid("non-admin", &json!("non-admin"), message));
    }
    Ok(())
}

/// The rule that decides, as its author wrote it.
fn program(rules: Rules<'_>, etype: &str, action: &str) -> Value {
    rules
        .rule(etype, action)
        .map_or(Value::Null, |code| json!({ "etype": etype, "action": action, "code": code, "display-code": code }))
}

/// What a check of a query finds while it goes through the tree.
struct Found<'a> {
    rules: Rules<'a>,
    attrs: &'a [AppAttr],
    results: Vec<Value>,
}

impl Found<'_> {
    /// The part of an answer that may be seen; each entity on the way is noted.
    fn visible(&mut self, etype: &str, form: &Value, answer: Value) -> Value {
        match answer {
            Value::Array(entities) => {
                entities.into_iter().filter_map(|entity| self.entity(etype, form, entity)).collect()
            }
            Value::Object(_) => self.entity(etype, form, answer).unwrap_or_default(),
            other => other,
        }
    }

    fn entity(&mut self, etype: &str, form: &Value, entity: Value) -> Option<Value> {
        let Value::Object(mut fields) = entity else {
            return None;
        };
        let allowed = self.rules.allow(etype, "view");
        let children = form.as_object().into_iter().flatten().filter(|(label, _)| *label != "$");
        let links: Vec<(&String, &Value)> = children.collect();
        let record: Map<String, Value> = fields
            .iter()
            .filter(|(label, _)| !links.iter().any(|(link, _)| link == label))
            .map(|(label, value)| (label.clone(), value.clone()))
            .collect();
        self.results.push(json!({
            "id": record.get("id"), "entity": etype, "record": record,
            "program": program(self.rules, etype, "view"), "check": allowed,
        }));
        for (label, child) in links {
            if let (Some(value), Some(other)) = (fields.remove(label), other_end(self.attrs, etype, label)) {
                let seen = self.visible(other, child, value);
                fields.insert(label.clone(), seen);
            }
        }
        allowed.then_some(Value::Object(fields))
    }
}
