//! What is current of each repository, followed along the sequence.
//!
//! Every publication takes the next `seq`, and so does everything else that
//! decides which name leads where. Whoever knows what came up to a number and
//! then takes the next one knows that nothing came between (DESIGN section 4).

use super::{
    ServiceError,
    publish::PublicationKind,
    snapshots::{self, Snapshot},
};
use crate::tenants::Tenant;
use futures::{StreamExt, TryStreamExt, stream};
use instant::rows;
use model::{PublicationId, RepositoryId, SnapshotId};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::Mutex;

/// How many snapshots are read at a time.
const AT_A_TIME: usize = 8;

/// What is current, as it was up to one number of the sequence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heads {
    /// The newest number, and what took it.
    newest: Option<(u64, PublicationId)>,
    by_repository: HashMap<RepositoryId, Head>,
    /// What is current and cannot be read: the store has lost its list, or has
    /// it not yet. Looked for again each time.
    unreadable: HashMap<RepositoryId, rows::Publication>,
}

/// What is current of one repository.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) id: PublicationId,
    pub(super) seq: u64,
    pub(super) snapshot: Arc<Snapshot>,
}

/// Where one organisation's sequence stands, as far as this server has read it.
#[derive(Default)]
pub(crate) struct Sequence(Mutex<Arc<Heads>>);

impl Heads {
    /// The newest number; 0 while nothing was published.
    pub(super) fn seq(&self) -> u64 {
        self.newest.map_or(0, |(seq, _)| seq)
    }

    /// What is current of a repository; `None` also where it cannot be read.
    pub(super) fn of(&self, repository: RepositoryId) -> Option<&Head> {
        self.by_repository.get(&repository)
    }

    /// Whether something is current of a repository that cannot be read.
    pub(super) fn is_unreadable(&self, repository: RepositoryId) -> bool {
        self.unreadable.contains_key(&repository)
    }
}

impl Sequence {
    /// Reads what came since it was read last.
    pub(super) async fn catch_up(&self, tenant: &Tenant) -> Result<Arc<Heads>, ServiceError> {
        let mut heads = self.0.lock().await;
        let next = match heads.newest {
            Some(newest) => since(tenant, &heads, newest).await?,
            None => None,
        };
        let mut next = match next {
            Some(next) => next,
            None => all(tenant).await?,
        };
        if !next.unreadable.is_empty() {
            let again: Vec<rows::Publication> = next.unreadable.values().cloned().collect();
            read(tenant, again.iter(), Arc::make_mut(&mut next)).await?;
        }
        *heads = next;
        Ok(heads.clone())
    }
}

/// What is current after what came since. `None` if that is another story:
/// the store was replaced, or a repository removed.
async fn since(
    tenant: &Tenant,
    heads: &Arc<Heads>,
    (seq, id): (u64, PublicationId),
) -> Result<Option<Arc<Heads>>, ServiceError> {
    let rows = tenant.db.select::<rows::Publication>().filter(rows::Publication::SEQ.gte(seq));
    let rows = rows.order(rows::Publication::SEQ.asc()).pages().await?;
    let Some((first, rest)) = rows.split_first() else { return Ok(None) };
    if (first.seq, first.id) != (seq, id) || rest.iter().any(|row| row.kind == PublicationKind::Removal.as_str()) {
        return Ok(None);
    }
    let Some(last) = rest.last() else { return Ok(Some(heads.clone())) };
    let mut next = Heads { newest: Some((last.seq, last.id)), ..Heads::clone(heads) };
    let newest: HashMap<RepositoryId, &rows::Publication> =
        rest.iter().filter_map(|row| Some((row.repository?, row))).collect();
    read(tenant, newest.into_values(), &mut next).await?;
    Ok(Some(Arc::new(next)))
}

/// What is current of every repository.
async fn all(tenant: &Tenant) -> Result<Arc<Heads>, ServiceError> {
    // The number first: what comes while the rest is read is read once more.
    let newest = tenant.db.select::<rows::Publication>().order(rows::Publication::SEQ.desc()).one().await?;
    let mut heads = Heads { newest: newest.map(|row| (row.seq, row.id)), ..Heads::default() };
    let repositories = tenant.db.select::<rows::Repository>().pages().await?;
    let current = stream::iter(repositories)
        .map(|row| snapshots::current_publication(tenant, row.id))
        .buffer_unordered(AT_A_TIME)
        .try_collect::<Vec<_>>()
        .await?;
    read(tenant, current.iter().flatten(), &mut heads).await?;
    Ok(Arc::new(heads))
}

/// Reads the snapshots of these publications, which are current. What has lost
/// its list holds up no other repository.
async fn read(
    tenant: &Tenant,
    current: impl Iterator<Item = &rows::Publication>,
    heads: &mut Heads,
) -> Result<(), ServiceError> {
    let current: Vec<_> = current.filter_map(|row| Some((row.repository?, row.snapshot?, row))).collect();
    let wanted: HashSet<SnapshotId> = current.iter().map(|(_, snapshot, _)| *snapshot).collect();
    let found = stream::iter(wanted)
        .map(|id| async move {
            match snapshots::get(tenant, id).await {
                Err(error) if !error.is_store_away() => {
                    tracing::error!(snapshot = %id, %error, "what is current of a repository cannot be read; sync it, or roll it back");
                    Ok(None)
                }
                found => found,
            }
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect::<Vec<_>>()
        .await?;
    let read: HashMap<SnapshotId, Arc<Snapshot>> =
        found.into_iter().flatten().map(|snapshot| (snapshot.row.id, Arc::new(snapshot))).collect();
    for (repository, snapshot, row) in current {
        if let Some(snapshot) = read.get(&snapshot) {
            let head = Head { id: row.id, seq: row.seq, snapshot: snapshot.clone() };
            heads.by_repository.insert(repository, head);
            heads.unreadable.remove(&repository);
        } else {
            heads.by_repository.remove(&repository);
            heads.unreadable.insert(repository, row.clone());
        }
    }
    Ok(())
}
