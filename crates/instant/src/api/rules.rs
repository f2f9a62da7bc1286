//! What users and guests may do: only what the app's rules allow outright.
//!
//! Rules are programs in CEL, which are not evaluated here. A rule that is
//! `true` needs no evaluation; whatever else a rule says, and where there is
//! none, the answer is no.

use super::error::ApiError;
use crate::query::{Clause, Form, Where};
use crate::{AppAttr, InstantError, Query};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The rules of an app, or those that a check puts in their place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a>(pub(super) Option<&'a Value>);

impl<'a> Rules<'a> {
    /// The rule for an action on a namespace: its own, its `$default`, or that
    /// of the namespace `$default`, which has no say in the store's own
    /// namespaces and in the schema (`attrs`).
    pub(super) fn rule(self, etype: &str, action: &str) -> Option<&'a Value> {
        let of = |etype: &str| {
            let allow = self.0?.get(etype)?.get("allow")?;
            allow.get(action).or_else(|| allow.get("$default"))
        };
        of(etype).or_else(|| if etype.starts_with('$') || etype == "attrs" { None } else { of("$default") })
    }

    /// Whether everybody may do this to every entity of a namespace.
    pub(super) fn allow(self, etype: &str, action: &str) -> bool {
        let outright = match self.rule(etype, action) {
            Some(Value::Bool(allowed)) => *allowed,
            Some(Value::String(rule)) => rule.trim() == "true",
            _ => false,
        };
        // Rules for single fields would hide parts of what is viewed.
        let fields = || self.0?.get(etype)?.get("fields")?.as_object();
        outright && (action != "view" || fields().is_none_or(serde_json::Map::is_empty))
    }

    /// Refuses what is not allowed outright.
    pub(super) fn check(self, etype: &str, action: &str) -> Result<(), ApiError> {
        if self.allow(etype, action) {
            Ok(())
        } else {
            Err(InstantError::permission_denied("perms-pass?", &json!([etype, action])).into())
        }
    }

    /// Refuses a query that looks at namespaces which may not be viewed.
    pub(super) fn check_query(self, attrs: &[AppAttr], query: &Query) -> Result<(), ApiError> {
        viewed(attrs, query).iter().try_for_each(|etype| self.check(etype, "view"))
    }
}

/// The namespaces that a query looks at, in its conditions too.
fn viewed(attrs: &[AppAttr], query: &Query) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for (etype, form) in &query.forms {
        look(attrs, etype, form, &mut seen);
    }
    seen
}

fn look(attrs: &[AppAttr], etype: &str, form: &Form, seen: &mut BTreeSet<String>) {
    seen.insert(etype.to_owned());
    look_through(attrs, etype, &form.filter, seen);
    for (label, child) in &form.children {
        if let Some(other) = other_end(attrs, etype, label) {
            look(attrs, other, child, seen);
        }
    }
}

fn look_through(attrs: &[AppAttr], etype: &str, filter: &Where, seen: &mut BTreeSet<String>) {
    for clause in &filter.clauses {
        match clause {
            Clause::And(parts) | Clause::Or(parts) => {
                for part in parts {
                    look_through(attrs, etype, part, seen);
                }
            }
            Clause::Field(path, _) => {
                let mut at = etype;
                for label in path {
                    let Some(other) = other_end(attrs, at, label) else {
                        break;
                    };
                    seen.insert(other.to_owned());
                    at = other;
                }
            }
        }
    }
}

/// The namespace that a link leads to, from whichever end.
pub(super) fn other_end<'a>(attrs: &'a [AppAttr], etype: &str, label: &str) -> Option<&'a str> {
    attrs.iter().find_map(|attr| {
        let (forward, reverse) = (&attr.forward_identity, attr.reverse_identity.as_ref()?);
        if (forward.1.as_str(), forward.2.as_str()) == (etype, label) {
            Some(reverse.1.as_str())
        } else if (reverse.1.as_str(), reverse.2.as_str()) == (etype, label) {
            Some(forward.1.as_str())
        } else {
            None
        }
    })
}
