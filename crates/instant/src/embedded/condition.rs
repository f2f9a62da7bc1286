//! `where` objects as SQL.
//!
//! Each part of a condition is made in two directions: as an expression that
//! tells of a row `e` of `entities` whether it fulfils the part, by a few steps
//! in an index or from the row's document; and, where an index can yield them,
//! as a query of the ids that do. What reads them picks the part that yields the
//! fewest ids, or walks the rows in order and asks of each.

mod document;
mod pattern;
mod test;
mod value;

pub(super) use value::{fits, type_name};

use super::catalog::{Catalog, Hop, Namespace};
use super::sql::Sql;
use crate::query::{Clause, Condition, Problem, Where};
use pattern::{Pattern, Var};
use serde_json::Value;
use std::sync::Arc;
use test::{Candidate, Test};

/// Why there is no SQL for a `where`.
#[derive(Debug)]
pub(super) enum Stop {
    /// It names something that the store does not know: the form's answer is empty.
    Unknown,
    /// It is refused: what was checked (the query itself when `None`), and what is wrong.
    Refused(Option<(&'static str, Value)>, Vec<Problem>),
}

impl Stop {
    pub(super) fn refuse(problem: Problem) -> Self {
        Self::Refused(None, vec![problem])
    }
}

pub(super) fn refuse<T>(problem: Problem) -> Result<T, Stop> {
    Err(Stop::refuse(problem))
}

/// One of the conditions that all hold.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Whether the row `e` of `entities` fulfils it.
    pub(super) probe: Sql,
    /// The ids that fulfil it, as `id`.
    pub(super) ids: Option<Sql>,
    /// Of how many queries `ids` is the union.
    united: usize,
    /// Whether `ids` are no more than those that fulfil it.
    pub(super) exact: bool,
    /// How few they are likely to be; fewer come first.
    pub(super) rank: u8,
    /// It as a condition on `o.key`, a key of this attribute.
    pub(super) on_key: Option<(i64, Sql)>,
}

/// The rank of parts over links.
const LINKED: u8 = 2;
/// What ranks no higher is worth reading in full instead of walking all rows.
pub(super) const SELECTIVE: u8 = 2;

impl Part {
    fn of_root(test: &Test, namespace: &Namespace) -> Self {
        let root = Candidate { id: "e.id", etype: namespace.id, doc: Some("e.doc") };
        let (probe, ids, on_key) = (test.probe(root), test.ids(), test.on_key("o.key"));
        Self { probe, ids, united: 1, exact: true, rank: test.rank(), on_key }
    }

    fn of_pattern(pattern: &Pattern, root: &Var) -> Self {
        let (probe, ids) = (pattern.probe(root, "e.id"), pattern.ids(root));
        Self { probe, ids, united: 1, exact: true, rank: LINKED, on_key: None }
    }

    /// One of several lists of parts holds.
    fn one_of(branches: &[Vec<Self>]) -> Self {
        let probe = Sql::any(branches.iter().map(|parts| Sql::all(parts.iter().map(|part| part.probe.clone()))));
        let picked: Option<Vec<&Self>> = branches
            .iter()
            .map(|parts| parts.iter().filter(|part| part.ids.is_some()).min_by_key(|part| part.rank))
            .collect();
        let united = picked.iter().flatten().map(|part| part.united).sum();
        let picked = picked.filter(|_| united <= MAX_UNION);
        let rank = picked.iter().flatten().map(|part| part.rank).max().unwrap_or(u8::MAX);
        let ids = picked.and_then(|picked| {
            let each = picked.into_iter().filter_map(|part| part.ids.clone());
            each.reduce(|all, ids| all.text(" UNION ").then(ids))
        });
        Self { probe, ids, united, exact: false, rank, on_key: None }
    }
}

/// How many queries are united, those of inner `or` included; SQLite takes 500.
const MAX_UNION: usize = 200;

/// How many links one condition follows; SQLite joins 64 tables.
const MAX_LINKS: usize = 60;

/// Makes the conditions of one form.
pub(super) struct Conditions<'a> {
    pub(super) catalog: &'a Catalog,
    /// The names that lead to the form.
    pub(super) form: &'a [Value],
}

impl Conditions<'_> {
    /// The parts of a whole `where` on entities of `namespace`.
    pub(super) fn of_where(&self, namespace: &Arc<Namespace>, filter: &Where) -> Result<Vec<Part>, Stop> {
        let root = Var { etype: namespace.name.clone(), depth: 0, number: namespace.id };
        let mut parts = Vec::new();
        let mut patterns: Vec<Pattern> = Vec::new();
        for clause in &filter.clauses {
            match clause {
                Clause::And(list) => {
                    for filter in list {
                        parts.append(&mut self.of_where(namespace, filter)?);
                    }
                }
                Clause::Or(list) => {
                    let list = together(list);
                    let branches = list.iter().map(|filter| self.of_where(namespace, filter));
                    parts.push(Part::one_of(&branches.collect::<Result<Vec<_>, _>>()?));
                }
                Clause::Field(path, condition) => match path.as_slice() {
                    [] => return Err(Stop::Unknown),
                    [label] => {
                        let test = value::test(namespace, label, condition, self.form)?;
                        parts.push(Part::of_root(&test, namespace));
                    }
                    [_, ..] if is_negative(condition) => {
                        parts.push(Part::one_of(&self.negative(&root, path, condition)?));
                    }
                    [_, ..] => join(&mut patterns, self.positive(&root, path, condition)?),
                },
            }
        }
        for pattern in &patterns {
            self.check_length(pattern)?;
            parts.push(Part::of_pattern(pattern, &root));
        }
        Ok(parts)
    }

    /// Something at the end of the path fulfils the condition.
    fn positive(&self, root: &Var, path: &[String], condition: &Condition) -> Result<Pattern, Stop> {
        let (label, links) = path.split_last().ok_or(Stop::Unknown)?;
        let (mut pattern, last) = self.follow(root, links)?;
        let test = value::test(self.namespace(&last.etype)?, label, condition, self.form)?;
        pattern.ask(last, test);
        Ok(pattern)
    }

    /// The same for what also holds where a link on the way is missing: one of these does.
    fn negative(&self, root: &Var, path: &[String], condition: &Condition) -> Result<Vec<Vec<Part>>, Stop> {
        let whole = self.positive(root, path, condition)?;
        self.check_length(&whole)?;
        let mut ways = vec![vec![Part::of_pattern(&whole, root)]];
        for missing in 1..path.len() {
            let (label, links) = path[..missing].split_last().ok_or(Stop::Unknown)?;
            let (mut pattern, last) = self.follow(root, links)?;
            let namespace = self.namespace(&last.etype)?;
            let test = value::test(namespace, label, &Condition::IsNull(true), self.form)?;
            ways.push(vec![if links.is_empty() {
                Part::of_root(&test, namespace)
            } else {
                pattern.ask(last, test);
                Part::of_pattern(&pattern, root)
            }]);
        }
        Ok(ways)
    }

    /// Refuses what is too much for one query.
    fn check_length(&self, pattern: &Pattern) -> Result<(), Stop> {
        if pattern.links() <= MAX_LINKS {
            return Ok(());
        }
        let at = [self.form, &["$".into(), "where".into()]].concat();
        refuse(Problem::new("fewer-links?", at).saying(format!(
            "The conditions of one `where` object follow {} links together; this store follows {MAX_LINKS} at most.",
            pattern.links()
        )))
    }

    /// Follows links; answers where they lead.
    fn follow(&self, root: &Var, links: &[String]) -> Result<(Pattern, Var), Stop> {
        let mut pattern = Pattern::default();
        let mut here = root.clone();
        for label in links {
            let hop = self.hop(self.namespace(&here.etype)?, label)?;
            let number = self.catalog.namespace(hop.etype()).map_or(0, |namespace| namespace.id);
            let there = Var { etype: hop.etype().to_owned(), depth: here.depth + 1, number };
            pattern.link(&hop, &here, &there);
            here = there;
        }
        Ok((pattern, here))
    }

    fn namespace(&self, name: &str) -> Result<&Arc<Namespace>, Stop> {
        self.catalog.namespace(name).ok_or(Stop::Unknown)
    }

    /// The link with this name. What is no link is refused.
    pub(super) fn hop(&self, namespace: &Namespace, label: &str) -> Result<Hop, Stop> {
        if let Some(hop) = namespace.hop(label) {
            return Ok(hop);
        }
        let known = self.catalog.at(&namespace.name, label).map(|known| known.attr().clone());
        let attr = known.ok_or(Stop::Unknown)?;
        let problem = Problem::only(format!("{}.{label} needs to be a link", namespace.name));
        Err(Stop::Refused(Some(("attr", serde_json::to_value(attr).unwrap_or_default())), vec![problem]))
    }
}

/// Adds a pattern to those that it shares an entity with.
fn join(patterns: &mut Vec<Pattern>, new: Pattern) {
    let (mut meeting, apart): (Vec<_>, Vec<_>) =
        std::mem::take(patterns).into_iter().partition(|pattern| pattern.meets(&new));
    *patterns = apart;
    let mut all = if meeting.is_empty() { Pattern::default() } else { meeting.remove(0) };
    for pattern in meeting.into_iter().chain([new]) {
        all.and(pattern);
    }
    patterns.push(all);
}

/// What also holds where there is no value, or no link on the way to it.
fn is_negative(condition: &Condition) -> bool {
    matches!(condition, Condition::Not(_) | Condition::IsNull(true))
}

/// Alternatives that compare one path with single values become one comparison
/// with all of them, as in InstantDB.
fn together(list: &[Where]) -> Vec<Where> {
    let mut together: Vec<Where> = Vec::new();
    for filter in list {
        let [Clause::Field(path, Condition::Eq(value))] = filter.clauses.as_slice() else {
            together.push(filter.clone());
            continue;
        };
        let same = together.iter_mut().find_map(|before| match before.clauses.as_mut_slice() {
            [Clause::Field(theirs, Condition::In(values))] if theirs == path => Some(values),
            _ => None,
        });
        if let Some(values) = same {
            values.push(value.clone());
        } else {
            let clause = Clause::Field(path.clone(), Condition::In(vec![value.clone()]));
            together.push(Where { clauses: vec![clause] });
        }
    }
    together
}
