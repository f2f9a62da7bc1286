//! Our schema and rules in an app: planned, pushed, and taken back.

mod remove;

pub use remove::{Removal, Removed, removal, remove};

use crate::MovingError;
use instant::rows::ENTITIES;
use instant::rules::{self, RulesPlan};
use instant::{AppAttr, Difference, Form, InstantError, Plan, Query, Store};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// What a push would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemaPlan {
    /// Namespaces, attributes and links.
    pub schema: Plan,
    /// Permission rules.
    pub rules: RulesPlan,
}

impl SchemaPlan {
    /// Whether there is nothing to do and nothing in the way.
    pub fn is_done(&self) -> bool {
        self.schema.is_done() && self.rules.is_done()
    }
}

impl fmt::Display for SchemaPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.schema, self.rules)
    }
}

/// Whose rules a push writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Those of our namespaces; all others stay.
    #[default]
    Shared,
    /// All of the app's: none but admins reach anything.
    Exclusive,
}

/// What a push would change.
pub async fn plan(db: &dyn Store, access: Access) -> Result<SchemaPlan, MovingError> {
    let schema = plan_schema(db).await?;
    let rules = plan_rules(db.rules().await?.as_ref(), access);
    Ok(SchemaPlan { schema, rules })
}

fn plan_rules(found: Option<&Value>, access: Access) -> RulesPlan {
    match access {
        Access::Shared => rules::merge(found, ENTITIES),
        Access::Exclusive => rules::exclusive(found),
    }
}

async fn plan_schema(db: &dyn Store) -> Result<Plan, MovingError> {
    let attrs = db.attrs().await?;
    let occupied = occupied(db, &attrs).await?;
    Ok(instant::plan(&attrs, ENTITIES, &occupied))
}

/// In what attributes and links of our names differ from how this program makes
/// them. What else stands on our namespaces does not count.
pub(crate) fn differences(attrs: &[AppAttr]) -> Vec<Difference> {
    let all = ENTITIES.iter().map(|entity| entity.namespace.to_owned()).collect();
    let known = |difference: &Difference| {
        ENTITIES.iter().filter(|entity| entity.namespace == difference.entity).any(|entity| {
            entity.attrs.iter().any(|attr| attr.label == difference.label)
                || entity.links.iter().any(|link| link.forward.label == difference.label)
        })
    };
    instant::plan(attrs, ENTITIES, &all).conflicts.into_iter().filter(known).collect()
}

/// Which of our namespaces have rows.
async fn occupied(db: &dyn Store, attrs: &[AppAttr]) -> Result<BTreeSet<String>, InstantError> {
    let there = attrs.iter().map(AppAttr::namespace).filter(|namespace| crate::scope::is_ours(namespace));
    let form = || Form { limit: Some(1), fields: Some(vec!["id".to_owned()]), ..Form::default() };
    let forms = there.collect::<BTreeSet<_>>().into_iter().map(|namespace| (namespace.to_owned(), form()));
    let query = Query { forms: forms.collect(), inference: false };
    if query.forms.is_empty() {
        return Ok(BTreeSet::new());
    }
    let tree = db.query(&query).await?;
    let has_rows = |rows: &Value| rows.as_array().is_some_and(|rows| !rows.is_empty());
    Ok(tree.into_iter().filter(|(_, rows)| has_rows(rows)).map(|(namespace, _)| namespace).collect())
}

/// Carries out a plan, and answers what it was; nothing is written where it has
/// nothing to do. `seen` is the plan that someone agreed to: if it is no longer
/// the plan, nothing is done.
///
/// [`MovingError::Conflict`] when the schema cannot be reconciled.
pub async fn push(db: &dyn Store, access: Access, seen: Option<&SchemaPlan>) -> Result<SchemaPlan, MovingError> {
    let schema = plan_schema(db).await?;
    if !schema.conflicts.is_empty() {
        return Err(MovingError::Conflict(Box::new(schema)));
    }
    let before = db.rules().await?;
    let rules = plan_rules(before.as_ref(), access);
    if seen.is_some_and(|seen| seen.rules.remove != rules.remove || seen.rules.change != rules.change) {
        return Err(MovingError::RulesChanged);
    }
    carry_out(db, &schema, before.as_ref(), &rules).await?;
    Ok(SchemaPlan { schema, rules })
}

/// Rules first, so that no row of ours is ever open to all.
async fn carry_out(
    db: &dyn Store,
    schema: &Plan,
    before: Option<&Value>,
    rules: &RulesPlan,
) -> Result<(), MovingError> {
    write_rules(db, before, rules).await?;
    if let Some(missing) = schema.schema() {
        db.push_schema(&missing).await?;
        let after = plan_schema(db).await?;
        if !after.is_done() {
            return Err(MovingError::NotTaken(Box::new(after)));
        }
    }
    Ok(())
}

/// The platform may write rules at the same time, and InstantDB replaces them
/// as a whole: they are looked at right before and after.
async fn write_rules(db: &dyn Store, before: Option<&Value>, plan: &RulesPlan) -> Result<(), MovingError> {
    let Some(code) = &plan.code else {
        return Ok(());
    };
    if db.rules().await?.as_ref() != before {
        return Err(MovingError::RulesChanged);
    }
    db.replace_rules(code).await?;
    if db.rules().await?.as_ref() != Some(code) {
        return Err(MovingError::RulesChanged);
    }
    Ok(())
}

/// What a service does with a store before it uses it: pushes what is missing,
/// if that is all there is to do. A rule of ours that was loosened is logged
/// and stays.
pub async fn ensure(db: &dyn Store) -> Result<(), MovingError> {
    // Most often there is nothing to do, whatever has rows.
    let attrs = db.attrs().await?;
    let all = ENTITIES.iter().map(|entity| entity.namespace.to_owned()).collect();
    let mut schema = instant::plan(&attrs, ENTITIES, &all);
    if !schema.is_done() {
        schema = plan_schema(db).await?;
    }
    if !schema.conflicts.is_empty() {
        return Err(MovingError::Conflict(Box::new(schema)));
    }
    if !schema.only_adds() {
        return Err(MovingError::NeedsPush(Box::new(schema)));
    }
    let before = db.rules().await?;
    let rules = plan_rules(before.as_ref(), Access::Shared);
    for warning in &rules.warnings {
        tracing::warn!("{warning}");
    }
    for changed in &rules.change {
        let (entity, found) = (&changed.entity, &changed.found);
        tracing::warn!(%entity, %found, "this rule lets others in; `schema push` closes it");
    }
    carry_out(db, &schema, before.as_ref(), &rules::missing(before.as_ref(), ENTITIES)).await
}
