//! The whole answer to a query: the tree, and what InstantDB tells beside it.

use super::{Embedded, read};
use crate::{InstantError, Query, Tree, TxId};
use serde_json::Value;
use std::sync::Arc;

/// What a query is answered with (`specs/instantdb-admin-api.md` 8).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The entities.
    pub tree: Tree,
    /// The `result-meta` object: `page-info` of the forms that ask for a part of
    /// a list or for an order, and `aggregate`, each by namespace.
    pub meta: Value,
    /// The last transaction that the answer has seen.
    pub processed: TxId,
}

impl Embedded {
    /// Answers a query, with what `result-meta` of a subscription tells of it.
    pub async fn answer(&self, query: &Query) -> Result<Answer, InstantError> {
        self.read_answer(query, true).await
    }

    pub(super) async fn read_answer(&self, query: &Query, with_meta: bool) -> Result<Answer, InstantError> {
        self.app().check_readable()?;
        let query = query.clone();
        let urls = self.file_urls();
        Arc::clone(&self.shared)
            .read(move |connection, catalog| read::Reader { connection, catalog, urls }.answer(&query, with_meta))
            .await
    }
}
