//! Conditions over links: entities that stand for each other, and what is asked of them.

use super::test::{Candidate, Test};
use crate::embedded::catalog::Hop;
use crate::embedded::sql::Sql;
use rusqlite::types::Value as Sqlite;
use std::collections::BTreeMap;

/// Stands for one entity: of this namespace, so many links away from the root.
/// InstantDB names its variables so: two paths that lead to the same namespace
/// in as many steps are about the same entity, whichever links they take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Var {
    pub(super) etype: String,
    pub(super) depth: usize,
    /// The number of the namespace.
    pub(super) number: i64,
}

/// A link between two of them.
#[derive(Debug, Clone)]
struct Edge {
    hop: Hop,
    from: Var,
    to: Var,
}

/// What is asked of the entities that links lead to, all at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Pattern {
    edges: Vec<Edge>,
    tests: Vec<(Var, Test)>,
}

impl Pattern {
    /// A link from one entity to another.
    pub(super) fn link(&mut self, hop: &Hop, from: &Var, to: &Var) {
        let known = |edge: &Edge| {
            edge.hop.attr.id == hop.attr.id && edge.hop.forward == hop.forward && edge.from == *from && edge.to == *to
        };
        if !self.edges.iter().any(known) {
            self.edges.push(Edge { hop: hop.clone(), from: from.clone(), to: to.clone() });
        }
    }

    /// What is asked of an entity.
    pub(super) fn ask(&mut self, of: Var, test: Test) {
        self.tests.push((of, test));
    }

    /// How many links there are.
    pub(super) fn links(&self) -> usize {
        self.edges.len()
    }

    /// Whether both are about one entity besides the root.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.edges.iter().any(|edge| other.edges.iter().any(|theirs| edge.to == theirs.to))
    }

    /// Both at once.
    pub(super) fn and(&mut self, other: Self) {
        for edge in &other.edges {
            self.link(&edge.hop, &edge.from, &edge.to);
        }
        self.tests.extend(other.tests);
    }

    /// Whether the root behind the expression fulfils it: links are followed from there.
    pub(super) fn probe(&self, root: &Var, expression: &str) -> Sql {
        let (tables, _, conditions) = self.join(root, expression, None);
        Sql::new("EXISTS (SELECT 1 FROM ", [])
            .text(&tables.join(" CROSS JOIN "))
            .text(" WHERE ")
            .then(conditions)
            .text(")")
    }

    /// A query of the roots that fulfil it, as `id`: links are followed from
    /// what an index finds at their end.
    pub(super) fn ids(&self, root: &Var) -> Option<Sql> {
        let indexed =
            self.tests.iter().enumerate().filter_map(|(place, (var, test))| Some((place, var, test, test.ids()?)));
        let (place, var, test, found) = indexed.min_by_key(|(_, _, test, _)| test.rank())?;
        // Ids need not be those of entities that exist: that is asked once more.
        let done = (!matches!(test, Test::Ids(_))).then_some(place);
        let (tables, known, conditions) = self.join(var, "s.id", done);
        let root = known.get(root)?;
        Some(
            Sql::new(format!("SELECT DISTINCT {root} AS id FROM ("), [])
                .then(found)
                .text(") s CROSS JOIN ")
                .text(&tables.join(" CROSS JOIN "))
                .text(" WHERE ")
                .then(conditions),
        )
    }

    /// The tables, each found by those before it, where each entity then stands, and all conditions but the `done` test.
    fn join(&self, start: &Var, expression: &str, done: Option<usize>) -> (Vec<String>, BTreeMap<Var, String>, Sql) {
        let mut known = BTreeMap::from([(start.clone(), expression.to_owned())]);
        let mut tables = Vec::new();
        let mut conditions = Vec::new();
        let mut left: Vec<&Edge> = self.edges.iter().collect();
        while let Some(next) =
            left.iter().position(|edge| known.contains_key(&edge.from) || known.contains_key(&edge.to))
        {
            let edge = left.remove(next);
            let alias = format!("l{}", tables.len());
            conditions.push(Sql::new(format!("{alias}.attr = ?"), [Sqlite::Integer(edge.hop.attr.id)]));
            let (here, there) = edge.hop.columns();
            for (var, column) in [(&edge.from, here), (&edge.to, there)] {
                let place = format!("{alias}.{column}");
                match known.get(var) {
                    Some(same) => conditions.push(Sql::new(format!("{place} = {same}"), [])),
                    None => drop(known.insert(var.clone(), place)),
                }
            }
            tables.push(format!("links {alias}"));
        }
        for (place, (var, test)) in self.tests.iter().enumerate() {
            if Some(place) != done
                && let Some(id) = known.get(var)
            {
                conditions.push(test.probe(Candidate { id, etype: var.number, doc: None }));
            }
        }
        (tables, known, Sql::all(conditions))
    }
}
