//! Publishing: the one write that changes what is served.
//!
//! InstantDB has no compare-and-swap. Its one guard across transactions is a
//! unique attribute, so a publication takes the next `seq`, and of two that
//! take the same one exactly one succeeds (DESIGN section 4). So whoever
//! publishes a name first holds it, whatever server it is done on: who comes
//! second finds out before anything of it is served.

use super::{ServiceError, error::is_unanswered, heads::Heads, names::holders, reading::ReadingSettings};
use crate::{auth::Actor, tenants::Tenant};
use futures::future::BoxFuture;
use instant::{InstantError, Timestamp, Transaction, rows};
use model::{Digest, ItemName, PublicationId, RepositoryId, SnapshotId};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// What took a number of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicationKind {
    Sync,
    Manual,
    Rollback,
    /// Nothing was published: names lead elsewhere now.
    Names,
    /// Nothing was published: a repository was removed.
    Removal,
}

impl PublicationKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Manual => "manual",
            Self::Rollback => "rollback",
            Self::Names => "names",
            Self::Removal => "removal",
        }
    }
}

/// What became of an attempt to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Published {
    /// It is current, with this number.
    Done(u64),
    /// Someone else published this repository, changed its settings or took one
    /// of its names since it was decided: look again.
    Overtaken,
}

/// How often others may take the number before we give up.
const ATTEMPTS: u32 = 32;
/// The longest pause before the number after theirs is tried.
const PAUSE: Duration = Duration::from_millis(200);

/// A snapshot that should become current, and what that was decided on.
pub(super) struct Proposal<'a> {
    pub(super) repository: RepositoryId,
    pub(super) snapshot: SnapshotId,
    pub(super) kind: PublicationKind,
    /// Who decided, where someone did.
    pub(super) actor: Option<&'a Actor>,
    /// What was current of the repository.
    pub(super) expected: Option<PublicationId>,
    /// The settings with which it was read.
    pub(super) settings: Digest,
    /// The names that would be served from here for the first time, and their items.
    pub(super) claimed: HashMap<ItemName, ItemName>,
}

/// Makes a snapshot current, if what it was decided on still holds. `closing`
/// adds what has to happen with it, or not at all.
pub(super) async fn publish(
    tenant: &Tenant,
    proposal: Proposal<'_>,
    closing: impl Fn(&mut Transaction) + Sync,
) -> Result<Published, ServiceError> {
    let Proposal { repository, snapshot, kind, actor, .. } = proposal;
    let (proposal, closing) = (&proposal, &closing);
    let decide = |heads: Arc<Heads>, id| -> Decision<'_> {
        Box::pin(async move {
            if !proposal.holds(tenant, &heads).await? {
                return Ok(None);
            }
            let mut transaction = Transaction::new();
            transaction
                .relink::<rows::Publication>(id)
                .link(rows::Publication::REPOSITORY, repository)
                .link(rows::Publication::SNAPSHOT, snapshot);
            closing(&mut transaction);
            Ok(Some(transaction))
        })
    };
    let taken = in_sequence(tenant, kind, actor, decide).await?;
    Ok(taken.map_or(Published::Overtaken, Published::Done))
}

impl Proposal<'_> {
    async fn holds(&self, tenant: &Tenant, heads: &Heads) -> Result<bool, ServiceError> {
        if heads.of(self.repository).map(|head| head.id) != self.expected {
            return Ok(false);
        }
        let row = tenant.db.get::<rows::Repository>(self.repository).await?;
        let settings = row.as_ref().map(ReadingSettings::of).transpose()?;
        if settings.is_none_or(|now| now.digest() != self.settings) {
            return Ok(false);
        }
        Ok(holders(tenant, heads, self.repository, &self.claimed).await?.is_empty())
    }
}

/// What should be done with the next number, if anything.
pub(super) type Decision<'a> = BoxFuture<'a, Result<Option<Transaction>, ServiceError>>;

/// Takes the next number, and does in the same transaction what `decide` says,
/// which is told all that came before that number. `None` from it ends this,
/// and nothing is done.
pub(super) async fn in_sequence<'a>(
    tenant: &Tenant,
    kind: PublicationKind,
    actor: Option<&Actor>,
    decide: impl Fn(Arc<Heads>, PublicationId) -> Decision<'a>,
) -> Result<Option<u64>, ServiceError> {
    // One id for all attempts: an earlier one whose answer was lost may arrive
    // late, and of two with the same id only one can be made.
    let id = PublicationId::random();
    let attempt = uuid::Uuid::new_v4().to_string();
    for nth in 0..ATTEMPTS {
        if nth > 0 {
            if let Some(row) = tenant.db.get::<rows::Publication>(id).await?.filter(|row| row.attempt == attempt) {
                return Ok(Some(row.seq));
            }
            tokio::time::sleep((PAUSE / ATTEMPTS * nth).mul_f64(rand::random())).await;
        }
        let heads = tenant.sequence.catch_up(tenant).await?;
        let seq = heads.seq() + 1;
        let Some(more) = decide(heads, id).await? else { return Ok(None) };
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Publication>(id)
            .set(rows::Publication::SEQ, seq)
            .set(rows::Publication::ATTEMPT, attempt.clone())
            .set(rows::Publication::AT, Timestamp::now())
            .set(rows::Publication::KIND, kind.as_str().to_owned())
            .set_opt(rows::Publication::ACTOR, actor.map(ToString::to_string));
        transaction.steps.extend(more.steps);
        match tenant.db.transact(transaction).await {
            Ok(_) => return Ok(Some(seq)),
            // Someone took the number, or an earlier attempt arrived.
            Err(InstantError::NotUnique { label, .. }) if label == rows::Publication::SEQ.label() => {}
            Err(InstantError::Exists { entities, .. }) if entities.contains(&id.to_string()) => {}
            // Whether it was carried out is unknown: the next turn looks.
            Err(error) if is_unanswered(&error) => tracing::warn!(%error, "a publication was not answered"),
            Err(error) => return Err(error.into()),
        }
    }
    Err(ServiceError::Contention)
}
