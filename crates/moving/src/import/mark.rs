//! The mark of an import that is not finished: a small file in the target,
//! which neither a service nor a sync touches.

use crate::error::{End, MovingError};
use crate::read::Reader;
use bytes::Bytes;
use instant::{Action, EntityStep, Reference, Step, Store, Timestamp, Transaction};
use serde::{Deserialize, Serialize};

/// Where it lies.
pub(crate) const MARK: &str = "registry/import.json";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    from: String,
    begun_at: i64,
}

/// Where the import came from that was begun in this store and not finished.
/// Nothing should use a store that has one.
pub async fn unfinished(db: &dyn Store) -> Result<Option<String>, MovingError> {
    find(&Reader { db, end: End::Target }).await
}

/// The same at one end of an import.
pub(super) async fn find(reader: &Reader<'_>) -> Result<Option<String>, MovingError> {
    let Some(bytes) = reader.db.download(MARK).await.map_err(reader.failed())? else {
        return Ok(None);
    };
    // One that cannot be read is one all the same.
    Ok(Some(serde_json::from_slice::<Mark>(&bytes).map_or_else(|_| "an unknown store".to_owned(), |mark| mark.from)))
}

/// Sets it.
pub(super) async fn set(target: &Reader<'_>, from: &str) -> Result<(), MovingError> {
    let mark = Mark { from: from.to_owned(), begun_at: Timestamp::now().as_millis() };
    let bytes = Bytes::from(serde_json::to_vec(&mark).expect("a mark serialises"));
    target.db.upload(MARK, "application/json", bytes).await.map_err(target.failed())?;
    Ok(())
}

/// Removes it, if it is there.
pub(super) async fn clear(target: &Reader<'_>) -> Result<(), MovingError> {
    let mark = Reference::Lookup("path".to_owned(), MARK.into());
    let step = EntityStep { etype: crate::scope::FILES.to_owned(), target: mark, action: Action::Delete };
    let transaction = Transaction { steps: vec![Step::from(step)], throw_on_missing_attrs: true };
    target.db.transact(transaction).await.map_err(target.failed())?;
    Ok(())
}
