//! What a push of our schema would do to an app, and what stands in its way.
//!
//! The app may be shared, and its namespaces may have been made by someone
//! else. A push adds what is missing, and changes a flag only where that can
//! neither fail nor take anything away from whoever else uses the app:
//!
//! | the app has → we need | namespace without rows | with rows |
//! | --- | --- | --- |
//! | not indexed → indexed | changed | changed; the store refuses it as a whole if a value is too long |
//! | not unique → unique | changed | conflict: two rows may be equal |
//! | optional → required | changed | left: our writers set it in any case |
//! | indexed → not, unique → not, required → not | conflict | conflict |
//! | another type | conflict | conflict |
//! | a link of other cardinality, direction, labels or cascade | conflict | conflict |
//!
//! What is there and not in our table is left alone, unless it is required:
//! then none of our rows could be written.

#[cfg(test)]
mod tests;
mod words;

use crate::schema::{AttrDef, Cardinality, EntityDef, LinkDef, Side, ValueType, shape_json, side_json};
use crate::{AppAttr, AppCardinality, AttrCatalog, AttrKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The difference between an app's schema and ours.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What is missing.
    pub add: Vec<Addition>,
    /// What is there with other flags and can be changed.
    pub change: Vec<Difference>,
    /// What is there and cannot be reconciled.
    pub conflicts: Vec<Difference>,
    /// What differs and may stay so.
    pub left: Vec<Left>,
    /// How many attributes and links are as they should be.
    pub untouched: usize,
    /// Attributes in the shape of a push, by namespace.
    #[serde(skip)]
    attrs: BTreeMap<String, Map<String, Value>>,
    /// Links in the shape of a push.
    #[serde(skip)]
    links: Map<String, Value>,
}

/// Something that the app does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Addition {
    /// A namespace.
    Namespace {
        /// Its name.
        entity: String,
    },
    /// An attribute.
    Attribute {
        /// The namespace.
        entity: String,
        /// Its name there.
        label: String,
        /// `string`, `number`, `boolean`, `date` or `json`.
        r#type: String,
        /// Whether no two entities may have the same value.
        unique: bool,
        /// Whether it can be ordered by and compared.
        indexed: bool,
        /// Whether every entity must have it.
        required: bool,
    },
    /// A link.
    Link {
        /// The namespace that holds it.
        entity: String,
        /// Its name there.
        label: String,
        /// `one` or `many`.
        has: String,
        /// The namespace that it leads to.
        reverse_entity: String,
        /// Its name there.
        reverse_label: String,
        /// `one` or `many`.
        reverse_has: String,
        /// Whether its holder is deleted with what it leads to.
        cascade: bool,
    },
}

/// A flag of an attribute or link that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The namespace.
    pub entity: String,
    /// The attribute or link.
    pub label: String,
    /// `kind`, `type`, `unique`, `indexed`, `required`, `has`, `reverse`, `reverse has`, `direction` or `onDelete`.
    pub flag: String,
    /// What the app has.
    pub found: String,
    /// What we need.
    pub wanted: String,
}

/// A difference that does no harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The namespace.
    pub entity: String,
    /// The attribute or link.
    pub label: String,
    /// Why it stays.
    pub why: String,
}

impl Plan {
    /// Whether there is nothing to do and nothing in the way.
    pub fn is_done(&self) -> bool {
        self.add.is_empty() && self.change.is_empty() && self.conflicts.is_empty()
    }

    /// Whether carrying it out changes nothing that is there.
    pub fn only_adds(&self) -> bool {
        self.change.is_empty() && self.conflicts.is_empty()
    }

    /// What has to be pushed, in the shape of `specs/instantdb-admin-api.md` 4.2;
    /// `None` when there is nothing to push or a conflict forbids it.
    pub fn schema(&self) -> Option<Value> {
        if self.is_done() || !self.conflicts.is_empty() {
            return None;
        }
        let entities: Map<String, Value> =
            self.attrs.iter().map(|(entity, attrs)| (entity.clone(), json!({ "attrs": attrs }))).collect();
        Some(json!({ "entities": entities, "links": self.links }))
    }

    fn conflict(&mut self, entity: &str, label: &str, flag: &str, found: impl Into<String>, wanted: impl Into<String>) {
        self.conflicts.push(difference(entity, label, flag, found, wanted));
    }
}

fn difference(
    entity: &str,
    label: &str,
    flag: &str,
    found: impl Into<String>,
    wanted: impl Into<String>,
) -> Difference {
    Difference {
        entity: entity.to_owned(),
        label: label.to_owned(),
        flag: flag.to_owned(),
        found: found.into(),
        wanted: wanted.into(),
    }
}

/// Compares an app's attributes with `entities`. `occupied` are the namespaces
/// that have rows: those that are not named are taken to be empty.
pub fn plan(attrs: &[AppAttr], entities: &[EntityDef], occupied: &BTreeSet<String>) -> Plan {
    let app = App::new(attrs);
    let mut plan = Plan::default();
    for entity in entities {
        // `$files` is the store's own; of it only our links concern us.
        let own = entity.attrs.iter().any(|attr| !attr.system);
        if own && !app.namespaces.contains(entity.namespace) {
            plan.add.push(Addition::Namespace { entity: entity.namespace.to_owned() });
        }
        let has_rows = occupied.contains(entity.namespace);
        for attr in entity.attrs.iter().filter(|attr| !attr.system) {
            attribute(&mut plan, &app, entity.namespace, attr, has_rows);
        }
    }
    for link in entities.iter().flat_map(|entity| entity.links) {
        self::link(&mut plan, &app, link);
    }
    foreign(&mut plan, attrs, entities);
    plan
}

/// An app's attributes by name.
struct App<'a> {
    namespaces: BTreeSet<&'a str>,
    forward: BTreeMap<(&'a str, &'a str), &'a AppAttr>,
    reverse: BTreeMap<(&'a str, &'a str), &'a AppAttr>,
}

impl<'a> App<'a> {
    fn new(attrs: &'a [AppAttr]) -> Self {
        Self {
            namespaces: attrs.iter().map(AppAttr::namespace).collect(),
            forward: attrs.iter().map(|attr| ((attr.namespace(), attr.label()), attr)).collect(),
            reverse: attrs.iter().filter_map(|attr| Some((reverse_name(attr)?, attr))).collect(),
        }
    }
}

/// The namespace and label at a link's other end.
fn reverse_name(attr: &AppAttr) -> Option<(&str, &str)> {
    attr.reverse_identity.as_ref().map(|ident| (ident.1.as_str(), ident.2.as_str()))
}

fn attribute(plan: &mut Plan, app: &App, entity: &str, wanted: &AttrDef, has_rows: bool) {
    let label = wanted.label;
    let Some(found) = app.forward.get(&(entity, label)) else {
        if let Some(link) = app.reverse.get(&(entity, label)) {
            let found = format!("the other end of {}.{}", link.namespace(), link.label());
            plan.conflict(entity, label, "kind", found, "attribute");
            return;
        }
        // A required attribute cannot be added to what has rows
        // (`specs/instantdb-admin-api.md` 4.2).
        let required = wanted.required && !has_rows;
        if wanted.required && has_rows {
            plan.left.push(optional(entity, label));
        }
        let shape = AttrDef { required, ..*wanted };
        plan.attrs.entry(entity.to_owned()).or_default().insert(label.to_owned(), shape_json(&shape));
        plan.add.push(Addition::Attribute {
            entity: entity.to_owned(),
            label: label.to_owned(),
            r#type: wanted.value_type.as_str().to_owned(),
            unique: wanted.unique,
            indexed: wanted.indexed,
            required,
        });
        return;
    };
    if found.value_type == AttrKind::Ref {
        plan.conflict(entity, label, "kind", "link", "attribute");
        return;
    }
    let mut changes = Vec::new();
    let mut conflicts = Vec::new();
    let wanted_type = Some(wanted.value_type).filter(|value_type| *value_type != ValueType::Json);
    if found.checked_data_type.as_deref() != wanted_type.map(ValueType::as_str) {
        let found = found.checked_data_type.as_deref().unwrap_or("json");
        conflicts.push(difference(entity, label, "type", found, wanted.value_type.as_str()));
    }
    let mut flag = |name: &str, found: bool, wanted: bool, changeable: bool| {
        if found != wanted {
            let kind = if wanted && changeable { &mut changes } else { &mut conflicts };
            kind.push(difference(entity, label, name, yes_or_no(found), yes_or_no(wanted)));
        }
    };
    flag("unique", found.unique, wanted.unique, !has_rows);
    flag("indexed", found.indexed, wanted.indexed, true);
    let stays_optional = wanted.required && !found.required && has_rows;
    if stays_optional {
        plan.left.push(optional(entity, label));
    } else {
        flag("required", found.required, wanted.required, true);
    }
    if changes.is_empty() && conflicts.is_empty() {
        plan.untouched += 1;
    }
    if !changes.is_empty() {
        let shape = AttrDef { required: wanted.required && !stays_optional, ..*wanted };
        plan.attrs.entry(entity.to_owned()).or_default().insert(label.to_owned(), shape_json(&shape));
    }
    plan.change.extend(changes);
    plan.conflicts.extend(conflicts);
}

fn optional(entity: &str, label: &str) -> Left {
    Left {
        entity: entity.to_owned(),
        label: label.to_owned(),
        why: "stays optional, because the namespace has rows".to_owned(),
    }
}

fn yes_or_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn link(plan: &mut Plan, app: &App, wanted: &LinkDef) {
    let Side { on, label, .. } = wanted.forward;
    let reverse = (wanted.reverse.on, wanted.reverse.label);
    let reverse_text = format!("{}.{}", reverse.0, reverse.1);
    let Some(found) = app.forward.get(&(on, label)) else {
        if let Some(link) = app.reverse.get(&(on, label)) {
            let (flag, found) = if (link.namespace(), link.label()) == reverse {
                ("direction", format!("held by {reverse_text}"))
            } else {
                ("kind", format!("the other end of {}.{}", link.namespace(), link.label()))
            };
            plan.conflict(on, label, flag, found, format!("held by {on}.{label}"));
        } else if app.reverse.contains_key(&reverse) || app.forward.contains_key(&reverse) {
            let taken = app.reverse.get(&reverse).or_else(|| app.forward.get(&reverse));
            let found = taken.map_or_else(String::new, |attr| format!("{}.{}", attr.namespace(), attr.label()));
            plan.conflict(reverse.0, reverse.1, "reverse", format!("of {found}"), format!("of {on}.{label}"));
        } else {
            let shape = json!({ "forward": side_json(wanted.forward), "reverse": side_json(wanted.reverse) });
            plan.links.insert(format!("{on}_{label}"), shape);
            plan.add.push(Addition::Link {
                entity: on.to_owned(),
                label: label.to_owned(),
                has: wanted.forward.has.as_str().to_owned(),
                reverse_entity: reverse.0.to_owned(),
                reverse_label: reverse.1.to_owned(),
                reverse_has: wanted.reverse.has.as_str().to_owned(),
                cascade: wanted.forward.cascade,
            });
        }
        return;
    };
    let Some(found_reverse) = reverse_name(found) else {
        plan.conflict(on, label, "kind", "attribute", format!("link to {reverse_text}"));
        return;
    };
    let before = plan.conflicts.len();
    if found_reverse != reverse {
        plan.conflict(on, label, "reverse", format!("{}.{}", found_reverse.0, found_reverse.1), reverse_text);
    }
    let mut differ = |flag: &str, found: &str, wanted: &str| {
        if found != wanted {
            plan.conflict(on, label, flag, found, wanted);
        }
    };
    let has = if found.cardinality == AppCardinality::Many { Cardinality::Many } else { Cardinality::One };
    differ("has", has.as_str(), wanted.forward.has.as_str());
    let reverse_has = if found.unique { Cardinality::One } else { Cardinality::Many };
    differ("reverse has", reverse_has.as_str(), wanted.reverse.has.as_str());
    differ("required", yes_or_no(found.required), "no");
    let on_delete = |cascade: bool| if cascade { "cascade" } else { "none" };
    differ("onDelete", found.on_delete.as_deref().unwrap_or("none"), on_delete(wanted.forward.cascade));
    differ("reverse onDelete", found.on_delete_reverse.as_deref().unwrap_or("none"), on_delete(wanted.reverse.cascade));
    if plan.conflicts.len() == before {
        plan.untouched += 1;
    }
}

/// What stands on our namespaces and is not of our table.
fn foreign(plan: &mut Plan, attrs: &[AppAttr], entities: &[EntityDef]) {
    for attr in attrs.iter().filter(|attr| attr.catalog == AttrCatalog::User && attr.label() != "id") {
        let Some(entity) = entities.iter().find(|entity| entity.namespace == attr.namespace()) else { continue };
        let ours = entity.attrs.iter().any(|ours| ours.label == attr.label())
            || entity.links.iter().any(|ours| ours.forward.label == attr.label())
            // A link of ours in the other direction is a conflict already.
            || entities.iter().flat_map(|entity| entity.links).any(|link| {
                (link.reverse.on, link.reverse.label) == (attr.namespace(), attr.label())
            });
        if ours || entity.attrs.iter().all(|attr| attr.system) {
            continue;
        }
        if attr.required {
            plan.conflict(attr.namespace(), attr.label(), "required", "yes, and not of this registry", "no");
        } else {
            plan.left.push(Left {
                entity: attr.namespace().to_owned(),
                label: attr.label().to_owned(),
                why: "not of this registry".to_owned(),
            });
        }
    }
}
