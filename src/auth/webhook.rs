//! The right that a git host's signature gives: to have a repository looked at.

use super::{Access, Actor, Asker, Sync};
use model::{OrganisationId, RepositoryId};
use webhook::Authentic;

impl Access<Sync> {
    /// The access of a git host that proved to know a repository's secret:
    /// there is no [`Authentic`] whose signature was not checked.
    pub fn of_delivery(
        organisation: OrganisationId,
        repository: RepositoryId,
        asker: Asker,
        _proof: &Authentic<'_>,
    ) -> Self {
        Self::granted(organisation, Actor::Webhook(repository)).asked_from(asker.address)
    }
}
