//! Transactions of which nothing stays.

use super::{Embedded, blocking, locked, write};
use crate::store::TxId;
use crate::{InstantError, Transaction};
use rusqlite::TransactionBehavior;
use std::sync::Arc;

impl Embedded {
    /// What a transaction would be answered with now. Nothing of it is kept,
    /// and nobody is told.
    pub async fn rehearse(&self, transaction: Transaction) -> Result<TxId, InstantError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            shared.app().check_writable()?;
            let mut connection = locked(&shared.writer);
            // Rolled back when dropped.
            let rehearsal = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut catalog = shared.catalog();
            write::run(&rehearsal, &mut catalog, &transaction)
        })
        .await
    }
}
