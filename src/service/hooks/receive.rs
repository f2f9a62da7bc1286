//! Taking a delivery: from its bytes to a sync that someone else waits for.

use super::{coalescer::Arrival, journal::First};
use crate::{
    auth::{Access, Asker, Sync},
    service::{EnterError, RegistryService, ServiceError, kept::KeptRepository},
    tenants::Tenant,
};
use instant::{Timestamp, rows};
use model::{DeliveryOutcome, HookId, RepositoryId, Trigger, view::DeliveryView};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use webhook::{Claim, Event, HeaderMap, HookSecret, Malformed, RefChange, Refused, authenticate};

/// The longest pause between two looks of which the first found nothing new.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The first such pause.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A webhook that exists. Knowing its address is no proof of anything.
pub struct KnownHook {
    tenant: Arc<Tenant>,
    repository: RepositoryId,
    url: String,
    secret: Option<HookSecret>,
}

/// What came of a delivery that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// What.
    pub outcome: DeliveryOutcome,
}

/// Why a delivery was refused.
#[derive(Debug, thiserror::Error)]
pub enum HookRefusal {
    /// There is no such webhook. The same whatever is not there.
    #[error(
        "There is no such webhook. It may have been removed, or its repository; `ekairos-registry repo hook <repository>` prints the address of one that is there."
    )]
    Unknown,
    /// It is not genuine.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Too many that were not genuine.
    #[error("Too many deliveries with wrong signatures. Correct the secret at the host, then wait {} seconds.", .0.as_secs() + 1)]
    TooMany(Duration),
    /// It is genuine and cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The registry cannot open its own secret.
    #[error(
        "The registry cannot open this webhook's secret. Its operator has to make a new one and enter it at the host."
    )]
    NoSecret,
    /// The registry could not take it.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl RegistryService {
    /// Whether a webhook of this name is known without opening or asking anything.
    pub fn remembers_hook(&self, name: &str) -> bool {
        let Ok(hook) = name.parse::<HookId>() else { return false };
        self.tenants.get(hook.organisation()).is_some_and(|tenant| tenant.kept.by_hook(&hook).is_some())
    }

    /// The webhook of this name.
    ///
    /// # Errors
    /// [`HookRefusal::Unknown`], which does not tell what is missing.
    pub async fn known_hook(&self, name: &str) -> Result<KnownHook, HookRefusal> {
        let hook: HookId = name.parse().map_err(|_| HookRefusal::Unknown)?;
        let tenant = self.enter(hook.organisation()).await.map_err(|error| match error {
            EnterError::NoOrganisation | EnterError::NoCredentials { .. } => HookRefusal::Unknown,
            EnterError::Service(error) => error.into(),
            // The host tries again; if it does not, polling finds what it had to tell.
            _ => ServiceError::Away.into(),
        })?;
        let found = match find(&tenant, &hook).await {
            Err(error) if error.is_store_away() => Some(tenant.kept.by_hook(&hook).ok_or(ServiceError::Away)?),
            found => found?,
        };
        let KeptRepository { id, url, secret, .. } = found.ok_or(HookRefusal::Unknown)?;
        let secret = self.open_secret(&tenant, id, secret).await?;
        Ok(KnownHook { repository: id, url, tenant, secret })
    }

    /// Takes a delivery and answers at once; what has to be looked at is looked
    /// at in the background. The right to ask for that comes from the signature.
    pub async fn receive(
        &self,
        hook: &KnownHook,
        asker: Asker,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Received, HookRefusal> {
        let claim = Claim::of(headers);
        let Some(secret) = &hook.secret else {
            tracing::error!(repository = %hook.repository, "a delivery cannot be checked: the webhook's secret cannot be opened; make a new one with `repo hook --rotate`");
            note(hook, claim, DeliveryOutcome::NoSecret, Some(HookRefusal::NoSecret.to_string())).await;
            return Err(HookRefusal::NoSecret);
        };
        let now = Timestamp::now().as_millis() / 1000;
        let authentic = match authenticate(headers, body, secret, now) {
            Ok(authentic) => authentic,
            Err(refused) => {
                let hooks = &hook.tenant.hooks;
                hooks.limiter.count(hook.repository, Instant::now()).map_err(HookRefusal::TooMany)?;
                note(hook, claim, DeliveryOutcome::WrongSignature, Some(refused.to_string())).await;
                return Err(refused.into());
            }
        };
        let delivery = match authentic.read() {
            Ok(delivery) => delivery,
            Err(malformed) => {
                note(hook, claim, DeliveryOutcome::Malformed, Some(malformed.to_string())).await;
                return Err(malformed.into());
            }
        };
        let access = Access::of_delivery(hook.tenant.organisation.clone(), hook.repository, asker, &authentic);
        // Before it counts as handled: if this fails, the host may try again.
        let repositories = match &delivery.event {
            Event::Push { .. } => hook.of_the_same_address().await?,
            Event::Ping | Event::Ignored(_) => Vec::new(),
        };
        let journal = &hook.tenant.hooks.journal;
        let here = hook.tenant.contact.away().is_some();
        let first = journal.is_first(hook.repository, delivery.id.as_ref(), body, !here).await;
        let first = first.map_err(ServiceError::from)?;
        let outcome = match (first, delivery.event) {
            (None, _) => DeliveryOutcome::Duplicate,
            (Some(first), Event::Push { .. }) if here => {
                // It is on disk before the host is told that it was taken.
                hook.tenant.hooks.pending.add(&repositories).await.map_err(ServiceError::from)?;
                journal.handled(first);
                DeliveryOutcome::Accepted
            }
            (Some(first), Event::Push { changes }) => {
                return Ok(self.push(hook, claim, first, &access, &repositories, &changes).await);
            }
            (Some(first), event) => {
                journal.handled(first);
                if event == Event::Ping { DeliveryOutcome::Pong } else { DeliveryOutcome::Ignored }
            }
        };
        note(hook, claim, outcome, None).await;
        if here && outcome == DeliveryOutcome::Accepted {
            // Its sync may be asked for by another process.
            journal.write_here().await;
        }
        Ok(Received { outcome })
    }

    /// Takes note of a delivery whose body is larger than any that is read.
    pub async fn refuse_too_large(&self, hook: &KnownHook, headers: &HeaderMap, problem: &str) {
        let claim = Claim::of(headers);
        note(hook, claim, DeliveryOutcome::TooLarge, Some(problem.to_owned())).await;
    }

    /// Refs moved: sees to it that every registry of that address is looked at.
    async fn push(
        &self,
        hook: &KnownHook,
        claim: Option<Claim>,
        first: First,
        access: &Access<Sync>,
        repositories: &[RepositoryId],
        changes: &[RefChange],
    ) -> Received {
        let hooks = &hook.tenant.hooks;
        // Noted first, so that a look that is quick finds the note.
        let number = note(hook, claim, DeliveryOutcome::Accepted, None).await;
        let mut outcome = DeliveryOutcome::UpToDate;
        for &repository in repositories {
            let number = number.filter(|_| repository == hook.repository);
            let seen = hook.tenant.jobs.seen(repository);
            let arrival = hooks.coalescer.arrive(repository, changes, number, seen.as_deref());
            if arrival == Arrival::Begin {
                tokio::spawn(look(self.clone(), hook.tenant.clone(), access.clone(), repository));
            }
            if arrival != Arrival::UpToDate {
                outcome = DeliveryOutcome::Accepted;
            }
        }
        hooks.journal.handled(first);
        if let Some(number) = number.filter(|_| outcome == DeliveryOutcome::UpToDate) {
            hooks.journal.amend(hook.repository, number, outcome);
        }
        Received { outcome }
    }
}

impl RegistryService {
    /// Asks for the syncs of which deliveries told while the database was away.
    pub(in crate::service) async fn take_up_deliveries(&self, tenant: &Arc<Tenant>) -> Result<(), ServiceError> {
        let access: Access<Sync> = Access::operator(tenant.organisation.clone()).into();
        for repository in tenant.hooks.pending.list().await? {
            match self.sync_from_git(&access, repository, Trigger::Webhook).await {
                Ok(_) => {}
                Err(error) if error.is_store_away() => return Err(error),
                // It was removed meanwhile.
                Err(error) => tracing::warn!(%repository, %error, "a delivery could not start a sync"),
            }
            // From here on the request is in the store.
            tenant.hooks.pending.remove(repository).await?;
            let (service, access, tenant) = (self.clone(), access.clone(), tenant.clone());
            tokio::spawn(async move {
                if let Ok(view) = service.wait_for_sync(&access, repository, |_| {}).await
                    && let Err(error) = tenant.hooks.journal.settle_all(repository, view.id).await
                {
                    tracing::warn!(%error, "the journal of webhook deliveries could not be read");
                }
            });
        }
        Ok(())
    }
}

impl KnownHook {
    /// The repositories of this address: one may hold several registries.
    async fn of_the_same_address(&self) -> Result<Vec<RepositoryId>, ServiceError> {
        let bare = self.url.strip_suffix(".git").unwrap_or(&self.url);
        let spellings = [bare.to_owned(), format!("{bare}.git")];
        if self.tenant.contact.away().is_some() {
            return Ok(self.tenant.kept.by_address(&spellings));
        }
        let rows = self.tenant.db.select::<rows::Repository>().filter(rows::Repository::URL.is_in(spellings.clone()));
        match rows.pages().await.map_err(ServiceError::from) {
            Err(error) if error.is_store_away() => Ok(self.tenant.kept.by_address(&spellings)),
            rows => Ok(rows?.into_iter().map(|row| row.id).collect()),
        }
    }
}

/// The repository that has this webhook, as the store has it.
async fn find(tenant: &Tenant, hook: &HookId) -> Result<Option<KeptRepository>, ServiceError> {
    if tenant.contact.away().is_some() {
        return Err(ServiceError::Away);
    }
    let rows = tenant.db.select::<rows::Repository>().filter(rows::Repository::HOOK.eq(hook.as_str()));
    Ok(rows.one().await?.as_ref().map(KeptRepository::from))
}

/// Adds a line to the journal. One that cannot be written is no reason to
/// refuse a delivery.
async fn note(
    hook: &KnownHook,
    claim: Option<Claim>,
    outcome: DeliveryOutcome,
    problem: Option<String>,
) -> Option<u64> {
    let (host, event, id) = claim.map_or((None, None, None), |claim| (Some(claim.host), Some(claim.event), claim.id));
    let view = DeliveryView {
        at: Timestamp::now().as_millis(),
        outcome,
        sync: None,
        host: host.map(|host| host.label().to_owned()),
        event,
        delivery: id.map(|id| id.to_string()),
        problem,
        times: 1,
    };
    match hook.tenant.hooks.journal.note(hook.repository, view).await {
        Ok(number) => Some(number),
        Err(error) => {
            tracing::warn!(%error, "a webhook's delivery could not be noted");
            None
        }
    }
}

/// Gives up what waits for a look that ends early, however it ends: the next
/// delivery begins anew.
struct Unfinished<'a> {
    tenant: Option<&'a Tenant>,
    repository: RepositoryId,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(tenant) = self.tenant {
            tenant.hooks.coalescer.give_up(self.repository);
        }
    }
}

/// Looks at a repository until every delivery that arrived is taken care of.
async fn look(service: RegistryService, tenant: Arc<Tenant>, access: Access<Sync>, repository: RepositoryId) {
    let mut unfinished = Unfinished { tenant: Some(&tenant), repository };
    let (coalescer, journal) = (&tenant.hooks.coalescer, &tenant.hooks.journal);
    let stop = tenant.jobs.cancellation();
    let mut pause = Duration::ZERO;
    while !stop.is_cancelled() {
        let before = tenant.jobs.last_seen(repository);
        let notes = coalescer.begin_look(repository);
        if let Err(error) = service.sync_from_git(&access, repository, Trigger::Webhook).await {
            tracing::warn!(%repository, %error, "a delivery could not start a sync");
            if error.is_store_away()
                && let Err(error) = tenant.hooks.pending.add(&[repository]).await
            {
                tracing::error!(%repository, %error, "a delivery is lost; polling finds what it told");
            }
            return;
        }
        // Its own, or another server's.
        let sync = match service.wait_for_sync(&access, repository, |_| {}).await {
            Ok(view) => view.id,
            Err(error) => {
                tracing::warn!(%repository, %error, "the end of a sync was not heard of");
                return;
            }
        };
        journal.settle(repository, &notes, sync);
        let ended = coalescer.end_look(repository, tenant.jobs.seen(repository).as_deref());
        journal.settle(repository, &ended.done, sync);
        if !ended.again {
            // What waits from now on belongs to the next one.
            unfinished.tenant = None;
            return;
        }
        // Deliveries that keep telling of what is past must not keep the host busy.
        let news = before != tenant.jobs.last_seen(repository);
        pause = if news { Duration::ZERO } else { (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE) };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }
}
