//! What a query asks, with the names that the store knows put in: checked form
//! by form, in InstantDB's order, before anything is read.

use super::catalog::{Catalog, Hop, Namespace};
use super::condition::{Conditions, Part, Stop, refuse};
use super::page::Page;
use crate::query::{Form, Problem};
use serde_json::Value;
use std::sync::Arc;

/// What one form asks.
pub(super) struct Plan<'a> {
    pub(super) namespace: Arc<Namespace>,
    pub(super) form: &'a Form,
    /// The conditions, of which all hold.
    pub(super) parts: Vec<Part>,
    /// Which part of the list; only at the top.
    pub(super) page: Option<Page>,
    pub(super) children: Vec<Child<'a>>,
}

/// A form below another.
pub(super) struct Child<'a> {
    pub(super) label: &'a str,
    /// The link to follow; `None` when no link has the name.
    pub(super) hop: Option<Hop>,
    /// What is asked there; `None` when nothing can be found.
    pub(super) plan: Option<Plan<'a>>,
}

/// Plans the form at `at`, which ends with its name. `None` when it names
/// something that the store does not know.
pub(super) fn of_form<'a>(
    catalog: &Catalog,
    etype: &str,
    form: &'a Form,
    at: &[Value],
) -> Result<Option<Plan<'a>>, Stop> {
    let is_top = at.len() == 1;
    // A namespace that only links name has no entities, but links lead there.
    let Some(namespace) = catalog.namespace(etype).filter(|namespace| namespace.attr.is_some() || !is_top) else {
        return Ok(None);
    };
    let conditions = Conditions { catalog, form: at };
    let parts = match conditions.of_where(namespace, &form.filter) {
        Ok(parts) => Some(parts),
        Err(Stop::Unknown) => None,
        Err(refused) => return Err(refused),
    };
    let page = if parts.is_some() && is_top { Page::of_form(catalog, namespace, form, at)? } else { None };
    let mut children = Vec::new();
    for (label, child) in &form.children {
        let hop = match conditions.hop(namespace, label) {
            Ok(hop) => Some(hop),
            Err(Stop::Unknown) => None,
            Err(refused) => return Err(refused),
        };
        let at = [at, &[label.as_str().into()]].concat();
        let plan = hop.as_ref().map(|hop| of_form(catalog, hop.etype(), child, &at)).transpose()?.flatten();
        children.push(Child { label, hop, plan });
    }
    if form.count && !children.is_empty() {
        let at = [at, &["$".into(), "aggregate".into()]].concat();
        let problem = Problem::new("valid-query?", at);
        return refuse(problem.saying("You can not combine aggregates with child queries at this time."));
    }
    Ok(parts.map(|parts| Plan { namespace: Arc::clone(namespace), form, parts, page, children }))
}
