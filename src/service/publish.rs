//! Publishing: the one write that changes what is served.
//!
//! InstantDB has no compare-and-swap. Its one guard across transactions is a
//! unique attribute, so a publication takes the next `seq`, and of two that
//! take the same one exactly one succeeds (DESIGN section 4).

use super::ServiceError;
use crate::{auth::Actor, tenants::Tenant};
use instant::{InstantError, Timestamp, Transaction, rows};
use model::{PublicationId, RepositoryId, SnapshotId};

/// What a publication came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicationKind {
    Sync,
    Manual,
    Rollback,
}

impl PublicationKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Manual => "manual",
            Self::Rollback => "rollback",
        }
    }
}

/// What became of an attempt to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Published {
    /// It is current, with this number.
    Done(u64),
    /// Someone else published this repository since `expected` was read: look again.
    Overtaken,
}

/// How often others may take the number before we give up.
const ATTEMPTS: usize = 32;

/// Makes a snapshot current. The caller holds `tenant.publishing`. `expected` is the repository's current publication
/// as it was when the snapshot was decided on; `actor` is who decided, where
/// someone did. `closing` adds what has to happen
/// with it, or not at all.
pub(super) async fn publish(
    tenant: &Tenant,
    repository: RepositoryId,
    snapshot: SnapshotId,
    kind: PublicationKind,
    actor: Option<&Actor>,
    expected: Option<PublicationId>,
    closing: impl Fn(&mut Transaction),
) -> Result<Published, ServiceError> {
    let attempt = uuid::Uuid::new_v4().to_string();
    for _ in 0..ATTEMPTS {
        let newest = tenant.db.select::<rows::Publication>().order(rows::Publication::SEQ.desc()).one().await?;
        let current = super::snapshots::current_publication(tenant, repository).await?;
        if current.map(|publication| publication.id) != expected {
            return Ok(Published::Overtaken);
        }
        let seq = newest.map_or(0, |publication| publication.seq) + 1;
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Publication>(PublicationId::random())
            .set(rows::Publication::SEQ, seq)
            .set(rows::Publication::ATTEMPT, attempt.clone())
            .set(rows::Publication::AT, Timestamp::now())
            .set(rows::Publication::KIND, kind.as_str().to_owned())
            .set_opt(rows::Publication::ACTOR, actor.map(ToString::to_string))
            .link(rows::Publication::REPOSITORY, repository)
            .link(rows::Publication::SNAPSHOT, snapshot);
        closing(&mut transaction);
        match tenant.db.transact(transaction).await {
            Ok(_) => return Ok(Published::Done(seq)),
            // Someone took the number: see whether it was for this repository.
            Err(InstantError::NotUnique { .. }) => {}
            Err(InstantError::Unavailable { .. }) => {
                // The outcome is unknown: whose attempt holds the number says it.
                let holder =
                    tenant.db.select::<rows::Publication>().filter(rows::Publication::SEQ.eq(seq)).one().await?;
                if holder.is_some_and(|publication| publication.attempt == attempt) {
                    return Ok(Published::Done(seq));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contention)
}
