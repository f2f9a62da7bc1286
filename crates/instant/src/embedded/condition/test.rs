//! What is asked of one entity, as SQL in two directions: whether a candidate
//! fulfils it, and which entities do.

use super::document::DocTest;
use crate::embedded::catalog::Hop;
use crate::embedded::key;
use crate::embedded::sql::{Sql, bytes, hex_list};
use model::EntityId;
use rusqlite::types::Value as Sqlite;

/// What is asked of one entity.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// Its id is one of these.
    Ids(Vec<EntityId>),
    /// Its value of an attribute with keys is one of these. No two entities share a value that is `unique`.
    /// Of many a document tells sooner than the index.
    Keys { attr: i64, keys: Vec<Vec<u8>>, unique: bool, on_doc: Option<DocTest> },
    /// Its value of an indexed attribute lies in a range: told of `k.key`, and of its document.
    Range { attr: i64, on_key: Sql, on_doc: DocTest },
    /// What its document says.
    Doc(DocTest),
    /// It is linked to one of these.
    Linked { hop: Hop, ids: Vec<EntityId> },
    /// It is linked to something else than this.
    LinkedOther { hop: Hop, id: EntityId },
    /// It is linked to something.
    LinkedAny(Hop),
    /// It exists, and this does not hold.
    Not(Box<Test>),
    /// One of these holds.
    Any(Vec<Test>),
    /// Nothing fulfils this.
    Never,
}

/// A candidate in the SQL being made.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The expression of its id.
    pub(super) id: &'a str,
    /// The number of its namespace.
    pub(super) etype: i64,
    /// The expression of its document, where its row is at hand; then it exists.
    pub(super) doc: Option<&'a str>,
}

impl Candidate<'_> {
    fn exists(self, doc: Option<&DocTest>) -> Sql {
        match (self.doc, doc) {
            (Some(_), None) => Sql::yes(),
            (Some(at_hand), Some(doc)) => doc.sql(at_hand),
            (None, doc) => {
                let text = "EXISTS (SELECT 1 FROM entities d INDEXED BY entities_id WHERE d.etype = ? AND d.id = ";
                let row = Sql::new(text, [Sqlite::Integer(self.etype)]).text(self.id);
                let row = match doc {
                    Some(doc) => row.text(" AND ").then(doc.sql("d.doc")),
                    None => row,
                };
                row.text(")")
            }
        }
    }
}

impl Test {
    /// Whether the candidate fulfils it.
    pub(super) fn probe(&self, candidate: Candidate<'_>) -> Sql {
        let x = candidate.id;
        match self {
            Self::Ids(ids) => {
                let ids: Vec<_> = ids.iter().copied().map(bytes).collect();
                Sql::all([Sql::one_of(x, &ids), candidate.exists(None)])
            }
            Self::Keys { attr, keys, on_doc: None, .. } => {
                Sql::new("EXISTS (SELECT 1 FROM keys k WHERE k.attr = ? AND ", [Sqlite::Integer(*attr)])
                    .then(Sql::one_of("k.key", keys))
                    .text(&format!(" AND k.entity = {x})"))
            }
            Self::Keys { on_doc: Some(on_doc), .. } | Self::Range { on_doc, .. } | Self::Doc(on_doc) => {
                candidate.exists(Some(on_doc))
            }
            Self::Linked { hop, ids } => {
                let ids: Vec<_> = ids.iter().copied().map(bytes).collect();
                link(hop, x, Some(Sql::one_of(&format!("m.{}", hop.columns().1), &ids)))
            }
            Self::LinkedOther { hop, id } => {
                let other = Sql::new(format!("m.{} <> ?", hop.columns().1), [Sqlite::Blob(bytes(*id))]);
                link(hop, x, Some(other))
            }
            Self::LinkedAny(hop) => link(hop, x, None),
            Self::Not(test) => Sql::all([test.probe(candidate).not(), candidate.exists(None)]),
            Self::Any(tests) => Sql::any(tests.iter().map(|test| test.probe(candidate))),
            Self::Never => Sql::no(),
        }
    }

    /// A query of the ids that fulfil it, as `id`, where an index has them.
    pub(super) fn ids(&self) -> Option<Sql> {
        match self {
            Self::Ids(ids) => {
                let list = hex_list(ids.iter().map(|id| id.as_bytes().as_slice()));
                Some(Sql::new("SELECT unhex(value) AS id FROM json_each(?)", [list]))
            }
            Self::Keys { attr, .. } | Self::Range { attr, .. } => Some(
                Sql::new("SELECT k.entity AS id FROM keys k WHERE k.attr = ? AND ", [Sqlite::Integer(*attr)])
                    .then(self.on_key("k.key")?.1),
            ),
            Self::Linked { hop, ids } => {
                let (here, there) = hop.columns();
                let ids: Vec<_> = ids.iter().copied().map(bytes).collect();
                let text = format!("SELECT DISTINCT m.{here} AS id FROM links m WHERE m.attr = ? AND ");
                Some(Sql::new(text, [Sqlite::Integer(hop.attr.id)]).then(Sql::one_of(&format!("m.{there}"), &ids)))
            }
            _ => None,
        }
    }

    /// It as a condition on a key of the attribute that is named.
    pub(super) fn on_key(&self, column: &str) -> Option<(i64, Sql)> {
        match self {
            Self::Keys { attr, keys, .. } => Some((*attr, Sql::one_of(column, keys))),
            Self::Range { attr, on_key, .. } => {
                Some((*attr, Sql { text: on_key.text.replace("k.key", column), params: on_key.params.clone() }))
            }
            _ => None,
        }
    }

    /// How few entities fulfil it, as far as that can be said beforehand; fewer come first.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Ids(_) | Self::Keys { unique: true, .. } => 0,
            Self::Linked { .. } => 1,
            Self::Keys { keys, .. } if keys.iter().all(|key| key != key::NULL) => 2,
            _ => 3,
        }
    }
}

fn link(hop: &Hop, x: &str, other: Option<Sql>) -> Sql {
    let text = format!("EXISTS (SELECT 1 FROM links m WHERE m.attr = ? AND m.{} = {x}", hop.columns().0);
    let found = Sql::new(text, [Sqlite::Integer(hop.attr.id)]);
    let found = match other {
        Some(other) => found.text(" AND ").then(other),
        None => found,
    };
    found.text(")")
}
