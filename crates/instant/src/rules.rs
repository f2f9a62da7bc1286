//! Permission rules: what has to stand in an app's rules so that none but
//! admins reach what is ours.
//!
//! A rule is looked up as InstantDB does (`server/src/instant/model/rule.clj`):
//! the namespace's own action, its own `$default`, then the action and the
//! `$default` of the namespace called `$default`. Without any, everything is
//! allowed, but nothing is on `$files`.

#[cfg(test)]
mod tests;

use crate::EntityDef;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;

/// What clients do that rules can forbid.
const ACTIONS: [&str; 4] = ["view", "create", "update", "delete"];

/// What would change in an app's rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RulesPlan {
    /// Namespaces that get a rule.
    pub add: Vec<String>,
    /// Rules of ours that say something else.
    pub change: Vec<Replaced>,
    /// Rules that go.
    pub remove: Vec<Replaced>,
    /// What of ours the app's other rules lay open.
    pub warnings: Vec<String>,
    /// The rules as they shall be; `None` when nothing changes.
    #[serde(skip)]
    pub code: Option<Value>,
}

/// A rule that is replaced or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replaced {
    /// The namespace.
    pub entity: String,
    /// What its rule says.
    pub found: Value,
}

/// The rule of each of our namespaces.
fn deny() -> Value {
    json!({ "allow": { "$default": "false" } })
}

/// The rules that lock a whole app down to admins (`specs/instantdb-admin-api.md` 4.4).
fn lock_down() -> Value {
    json!({ "attrs": deny(), "$default": deny() })
}

/// Gives each of `entities` a rule that lets in admins only, and leaves all
/// other rules as they are.
pub fn merge(rules: Option<&Value>, entities: &[EntityDef]) -> RulesPlan {
    merged(rules, entities, true)
}

/// The same for those of `entities` that have no rule at all.
pub fn missing(rules: Option<&Value>, entities: &[EntityDef]) -> RulesPlan {
    merged(rules, entities, false)
}

fn merged(rules: Option<&Value>, entities: &[EntityDef], close: bool) -> RulesPlan {
    let mut code = rules.and_then(Value::as_object).cloned().unwrap_or_default();
    let mut plan = RulesPlan::default();
    for entity in ours(entities) {
        if is_denied(&code, entity) || !close && code.contains_key(entity) {
            continue;
        }
        match code.insert(entity.to_owned(), deny()) {
            None => plan.add.push(entity.to_owned()),
            Some(found) => plan.change.push(Replaced { entity: entity.to_owned(), found }),
        }
    }
    plan.warnings = exposures(&code);
    plan.code = (!plan.add.is_empty() || !plan.change.is_empty()).then(|| code.into());
    plan
}

/// Replaces all rules, so that none but admins reach anything of the app.
pub fn exclusive(rules: Option<&Value>) -> RulesPlan {
    let code = lock_down();
    if rules == Some(&code) {
        return RulesPlan::default();
    }
    let mut plan = RulesPlan::default();
    for (entity, found) in rules.and_then(Value::as_object).into_iter().flatten() {
        match code.get(entity) {
            Some(wanted) if wanted == found => {}
            Some(_) => plan.change.push(Replaced { entity: entity.clone(), found: found.clone() }),
            None => plan.remove.push(Replaced { entity: entity.clone(), found: found.clone() }),
        }
    }
    let there = |entity: &&String| rules.and_then(|rules| rules.get(entity.as_str())).is_some();
    plan.add = code.as_object().into_iter().flat_map(Map::keys).filter(|entity| !there(entity)).cloned().collect();
    plan.code = Some(code);
    plan
}

/// Takes the rules of `entities` away again.
pub fn without(rules: Option<&Value>, entities: &[EntityDef]) -> RulesPlan {
    let mut code = rules.and_then(Value::as_object).cloned().unwrap_or_default();
    let mut plan = RulesPlan::default();
    for entity in ours(entities) {
        if let Some(found) = code.shift_remove(entity) {
            plan.remove.push(Replaced { entity: entity.to_owned(), found });
        }
    }
    plan.code = (!plan.remove.is_empty()).then(|| code.into());
    plan
}

/// The namespaces that are ours alone: not `$files`.
fn ours(entities: &[EntityDef]) -> impl Iterator<Item = &'static str> {
    entities.iter().map(|entity| entity.namespace).filter(|namespace| !namespace.starts_with('$'))
}

/// An expression and the place it was found at.
struct Rule {
    place: String,
    expression: String,
}

/// What decides about `action` on `entity`; `None` when nothing does.
fn rule(code: &Map<String, Value>, entity: &str, action: &str) -> Option<Rule> {
    let places = [(entity, action), (entity, "$default"), ("$default", action), ("$default", "$default")];
    places.into_iter().find_map(|(entity, action)| {
        let expression = match code.get(entity)?.get("allow")?.get(action)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Null => return None,
            other => other.to_string(),
        };
        Some(Rule { place: format!("{entity}.allow.{action}"), expression })
    })
}

/// Whether none but admins may do anything to `entity`.
fn is_denied(code: &Map<String, Value>, entity: &str) -> bool {
    // Actions that a later InstantDB may know are decided by these too.
    let named = ["$default", entity].into_iter().filter_map(|name| code.get(name)?.get("allow")?.as_object());
    let more: Vec<&String> = named.flat_map(Map::keys).collect();
    let actions = ACTIONS.into_iter().chain(more.into_iter().map(String::as_str));
    actions.into_iter().all(|action| rule(code, entity, action).is_some_and(|rule| rule.expression == "false"))
}

/// What of ours can be reached through rules that are not ours.
fn exposures(code: &Map<String, Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (action, harm) in [
        ("view", "read registry/blobs/, the files of your components"),
        ("create", "add files below registry/"),
        ("update", "replace or rename files below registry/"),
        ("delete", "delete files below registry/"),
    ] {
        let Some(Rule { place, expression }) = rule(code, "$files", action) else { continue };
        // A file may be renamed: what it was and what it becomes must lie elsewhere.
        let needed: &[&str] = if action == "update" { &["data", "newData"] } else { &["data"] };
        let needed: Vec<String> = needed.iter().map(|data| format!("!{data}.path.startsWith('registry/')")).collect();
        if expression == "false" || says_all(code, &expression, &needed) {
            continue;
        }
        warnings.push(format!(
            "the rule {place} is `{expression}`: whoever it lets through can {harm}; add `{}` to it with &&",
            needed.join(" && ")
        ));
    }
    match rule(code, "attrs", "create") {
        Some(rule) if rule.expression == "false" => {}
        Some(Rule { place, expression }) => warnings.push(format!(
            "the rule {place} is `{expression}`: whoever it lets through can add attributes to registry_ namespaces"
        )),
        None => warnings.push(
            "there is no rule attrs.allow.create: anyone who knows the app's id can add attributes to registry_ namespaces; set it to \"false\"".to_owned(),
        ),
    }
    warnings
}

/// Whether an expression certainly holds only where all of `needed` do. Anything
/// that is not plainly so counts as not.
fn says_all(code: &Map<String, Value>, expression: &str, needed: &[String]) -> bool {
    let mut text = expression.to_owned();
    for namespace in ["$default", "$files"] {
        let binds = code.get(namespace).and_then(|rules| rules.get("bind")).and_then(Value::as_array);
        for pair in binds.into_iter().flatten().collect::<Vec<_>>().chunks(2) {
            if let [Value::String(name), Value::String(value)] = pair
                && *name == expression
            {
                text.clone_from(value);
            }
        }
    }
    let text: String = text.chars().filter(|char| !char.is_whitespace()).collect::<String>().replace('"', "'");
    !text.contains("||")
        && !text.contains('?')
        && needed.iter().all(|needed| text.split("&&").any(|part| part == needed))
}

impl RulesPlan {
    /// Whether nothing changes.
    pub fn is_done(&self) -> bool {
        self.code.is_none()
    }
}

impl fmt::Display for RulesPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        for entity in &self.add {
            lines.push(format!("add a rule for {entity}: admins only"));
        }
        for Replaced { entity, found } in &self.change {
            lines.push(format!("change the rule for {entity} to admins only; it is {found}"));
        }
        for Replaced { entity, found } in &self.remove {
            lines.push(format!("remove the rule for {entity}; it is {found}"));
        }
        let mut sections = Vec::new();
        if lines.is_empty() {
            sections.push("The rules are up to date.".to_owned());
        } else {
            sections.push(format!("Rules:\n  {}", lines.join("\n  ")));
        }
        if !self.warnings.is_empty() {
            sections.push(format!("Look at these rules of the app:\n  {}", self.warnings.join("\n  ")));
        }
        f.write_str(&sections.join("\n"))
    }
}
