//! The whole answer to a query: the tree, and what InstantDB tells beside it.

use super::{Embedded, read};
use crate::{InstantError, Query, Tree, TxId};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a query is answered with (`specs/instantdb-admin-api.md` 8).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The entities.
    pub tree: Tree,
    /// The `result-meta` object: `page-info` and `aggregate`, by namespace.
    pub meta: Value,
    /// The last transaction that the answer has seen.
    pub processed: TxId,
}

impl Embedded {
    /// Answers a query, with what `result-meta` of a subscription tells of it.
    pub async fn answer(&self, query: &Query) -> Result<Answer, InstantError> {
        self.app().check_readable()?;
        let query = query.clone();
        Arc::clone(&self.shared)
            .read(move |connection, catalog| {
                let tree = read::Reader { connection, catalog, inference: query.inference }.query(&query)?;
                let processed = connection.query_row("SELECT tx FROM meta", [], |row| row.get(0)).map(TxId)?;
                Ok(Answer { tree, meta: json!({}), processed })
            })
            .await
    }
}
