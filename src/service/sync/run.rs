//! One run of a sync.

use super::{
    claims, findings,
    materialise::{Materialised, materialise},
};
use crate::{
    service::{
        RegistryService, ServiceError, catalogue,
        history::{self, ComponentPaths},
        lease::Lease,
        projection::{self, Projected},
        publish::{PublicationKind, Published, publish},
        reading::{self, ReadingSettings, Texts},
        refs,
        snapshots::{self, Listed, Snapshot, SnapshotList},
    },
    tenants::Tenant,
};
use git::{CommitInfo, Fetch, FetchProgress, Refs};
use instant::{Timestamp, Transaction, rows};
use model::{
    CommitSha, ItemChange, ItemName, Progress, PublicationId, RefName, RepositoryId, SnapshotId, Stage, SyncId,
    SyncReport, SyncState, view::SyncView,
};
use source::Registry;
use std::{collections::HashSet, sync::Arc};
use tokio::sync::watch;

/// Scope of the marks that say up to which publication a repository's
/// projection is written; kept beside the store, so that a start knows.
pub(in crate::service) const SETTLED_MARK: &str = "settled";

/// Least time between two notes that nothing changed, in milliseconds.
const NOTE_EVERY: i64 = 60 * 60 * 1000;

pub(super) struct SyncRun {
    service: RegistryService,
    tenant: Arc<Tenant>,
    repository: RepositoryId,
    id: SyncId,
    sender: watch::Sender<SyncView>,
}

/// What fetching and reading yield.
struct Fetched {
    head: CommitInfo,
    branch: RefName,
    refs: Refs,
    /// `None` when there is nothing new to read.
    read: Option<(Registry, Texts)>,
}

impl SyncRun {
    pub(super) fn new(
        service: RegistryService,
        tenant: Arc<Tenant>,
        repository: RepositoryId,
        id: SyncId,
        sender: watch::Sender<SyncView>,
    ) -> Self {
        Self { service, tenant, repository, id, sender }
    }

    /// Runs to the end and takes note of it, whatever it is.
    pub(super) async fn run(self) {
        self.sender.send_modify(|view| view.state = SyncState::Running);
        while !self.look_and_end().await {}
    }

    /// Syncs and takes note of what came of it. Whether that was the end: not
    /// if someone asked again meanwhile.
    async fn look_and_end(&self) -> bool {
        let result = self.until_settled().await;
        let (state, report) = match result {
            Ok(report) => (SyncState::Succeeded, report),
            Err(error) => {
                tracing::warn!(repository = %self.repository, %error, cause = ?error, "a sync failed");
                let mut report = SyncReport { failure: Some(error.to_string()), ..SyncReport::default() };
                if let ServiceError::Source(error) = &error {
                    report.diagnostics.push(error.diagnostic());
                }
                (SyncState::Failed, report)
            }
        };
        let finished = Timestamp::now();
        if let Err(error) = self.close(state, &report, finished).await {
            tracing::error!(repository = %self.repository, %error, "could not take note of a sync's end");
        }
        self.tenant.jobs.end(self.repository, |view| {
            view.state = state;
            view.progress = None;
            view.finished_at = Some(finished.as_millis());
            view.report = Some(report);
        })
    }

    async fn close(&self, state: SyncState, report: &SyncReport, finished: Timestamp) -> Result<(), ServiceError> {
        let text = serde_json::to_string(report).expect("a report serialises");
        let mut transaction = Transaction::new();
        transaction
            .update_existing::<rows::Sync>(self.id)
            .set(rows::Sync::STATE, state.as_str().to_owned())
            .set(rows::Sync::FINISHED_AT, finished)
            .set_opt(rows::Sync::TO, report.commit.as_ref().map(ToString::to_string))
            .set(rows::Sync::REPORT, text);
        self.tenant.db.transact(transaction).await?;
        Ok(())
    }

    /// Syncs until no one has asked for more in the meantime.
    async fn until_settled(&self) -> Result<SyncReport, ServiceError> {
        let lease = Lease::acquire(&self.tenant, &format!("sync:{}", self.repository), &self.id.to_string()).await?;
        let result = loop {
            self.tenant.jobs.look(self.repository);
            let before = self.service.repository_row(&self.tenant, self.repository).await?;
            let report = match self.once(&before, &lease).await {
                Ok(report) => report,
                Err(error) => break Err(error),
            };
            let after = self.service.repository_row(&self.tenant, self.repository).await?;
            if after.wanted == before.wanted {
                break Ok(report);
            }
        };
        lease.release().await?;
        result
    }

    async fn once(&self, repository: &rows::Repository, lease: &Lease) -> Result<SyncReport, ServiceError> {
        let settings = ReadingSettings::of(repository)?;
        loop {
            let expected = snapshots::current_publication(&self.tenant, self.repository).await?;
            let seen = self.last_seen(repository, &settings).await?;
            let fetched = self.fetch_and_read(repository, &settings, seen).await?;
            let (report, rest) = match fetched.read {
                None => (self.nothing_new(repository, &fetched.head.sha).await?, None),
                Some((registry, texts)) => {
                    let change =
                        Change { repository, settings: &settings, head: &fetched.head, expected: expected.as_ref() };
                    match self.publish(change, registry, texts, lease).await? {
                        Some((report, rest)) => (report, Some(rest)),
                        // Someone else published: look at git again.
                        None => continue,
                    }
                }
            };
            return self
                .finish(repository, &settings, &fetched.branch, &fetched.head, &fetched.refs, report, rest)
                .await;
        }
    }

    /// The commit that the last successful sync read, if that sync came to its
    /// end and the settings are still the same: then that commit need not be
    /// read again.
    async fn last_seen(
        &self,
        repository: &rows::Repository,
        settings: &ReadingSettings,
    ) -> Result<Option<CommitSha>, ServiceError> {
        let Some(last) = catalogue::last_success(&self.tenant, self.repository).await? else {
            return Ok(None);
        };
        let publication = self
            .tenant
            .db
            .select::<rows::Publication>()
            .filter(rows::Publication::REPOSITORY.is(self.repository))
            .filter(rows::Publication::KIND.eq(PublicationKind::Sync.as_str().to_owned()))
            .order(rows::Publication::SEQ.desc())
            .one()
            .await?;
        let snapshot = match publication.and_then(|publication| publication.snapshot) {
            Some(id) => self.tenant.db.get::<rows::Snapshot>(id).await?,
            None => None,
        };
        let same = snapshot.is_some_and(|snapshot| snapshot.settings_digest == settings.digest().to_string());
        if history::is_due(&self.tenant, repository, self.service.config.history_commits.value.get()).await? {
            return Ok(None);
        }
        Ok(last.to.filter(|to| same && repository.head_commit.as_ref() == Some(to)).and_then(|to| to.parse().ok()))
    }

    fn tell(&self, stage: Stage) -> impl Fn(u64, Option<u64>) + Send + 'static {
        let sender = self.sender.clone();
        move |done, total| {
            sender.send_modify(|view| view.progress = Some(Progress { stage, done, total }));
        }
    }

    async fn fetch_and_read(
        &self,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        seen: Option<CommitSha>,
    ) -> Result<Fetched, ServiceError> {
        let (tenant, settings) = (self.tenant.clone(), settings.clone());
        let (id, url) = (self.repository, repository.url.clone());
        let (http, cancel) = (self.service.http.clone(), tenant.jobs.cancellation());
        let config = self.service.config.clone();
        let (fetching, reading) = (self.tell(Stage::Fetching), self.tell(Stage::Reading));
        fetching(0, None);
        tokio::task::spawn_blocking(move || {
            let mut opened = reading::open(&tenant.data, id, &url)?;
            let progress = |progress: FetchProgress| {
                let total = (progress.total_objects > 0).then_some(progress.total_objects as u64);
                fetching(progress.received_objects as u64, total);
            };
            let mut fetch = Fetch::new(&http);
            fetch.progress = &progress;
            fetch.credentials = config.git_credentials.at(&url, &config.allow_hosts);
            fetch.cancel = cancel;
            let refs = opened.refresh(&fetch)?;
            let (branch, head) = tracked(&refs, settings.branch.as_deref())?;
            let (branch, head) = (branch.clone(), opened.commit(head)?);
            if seen.as_ref() == Some(&head.sha) {
                return Ok(Fetched { head, branch, refs, read: None });
            }
            let mut texts = Texts::load(&tenant.data, id);
            let mut progress = |done: usize, total: usize| {
                if done.is_multiple_of(32) || done == total {
                    reading(done as u64, Some(total as u64));
                }
            };
            let registry = reading::read_commit(&opened, &head.sha, &settings, &mut texts, &mut progress)?;
            Ok(Fetched { head, branch, refs, read: Some((registry, texts)) })
        })
        .await?
    }

    /// The report of a sync that found nothing new: what was found last time
    /// still holds.
    async fn nothing_new(&self, repository: &rows::Repository, head: &CommitSha) -> Result<SyncReport, ServiceError> {
        let last = catalogue::last_report(&self.tenant, self.repository).await?.unwrap_or_default();
        let quarantined = last.changes.into_iter().filter(|(_, change)| *change == ItemChange::Quarantined);
        let now = Timestamp::now();
        if repository.last_synced_at.is_none_or(|at| now.as_millis() - at.as_millis() > NOTE_EVERY) {
            let mut transaction = Transaction::new();
            transaction.update_existing::<rows::Repository>(self.repository).set(rows::Repository::LAST_SYNCED_AT, now);
            self.tenant.db.transact(transaction).await?;
        }
        Ok(SyncReport {
            commit: Some(head.clone()),
            snapshot: last.snapshot,
            items: last.items,
            changes: quarantined.collect(),
            diagnostics: last.diagnostics,
            ..SyncReport::default()
        })
    }

    /// Makes what was read current. `None` if someone else published meanwhile.
    async fn publish(
        &self,
        change: Change<'_>,
        mut registry: Registry,
        mut texts: Texts,
        lease: &Lease,
    ) -> Result<Option<(SyncReport, Rest)>, ServiceError> {
        let Change { repository, settings, head, expected } = change;
        let before = match expected.and_then(|publication| publication.snapshot) {
            Some(id) => snapshots::get(&self.tenant, id).await?,
            None => None,
        };
        let before_list = before.as_ref().map(|snapshot| snapshot.list.clone()).unwrap_or_default();
        let ours: HashSet<&ItemName> = before_list.0.iter().map(|listed| &listed.item).collect();
        let namespace = settings.namespace.as_ref();
        let taken = claims::yield_taken_names(
            &self.tenant,
            self.repository,
            namespace,
            |item| ours.contains(item),
            &mut registry,
        )
        .await?;
        findings::add_dependency_findings(&mut registry, settings.policy);

        let list = merged_list(&registry, &before_list);
        let mut changes = changes(&before_list, &list);
        // Refs name what their commit holds, less nothing and with nothing kept from before.
        let as_read = taken.is_empty() && list.0.len() == registry.items.len();
        let taken = taken.iter().map(ItemName::as_str);
        let quarantined = registry.quarantined.iter().filter_map(|item| item.written_name.as_deref()).chain(taken);
        let served: HashSet<&str> = registry.items.iter().map(|item| item.name.as_str()).collect();
        for name in quarantined.filter(|name| !served.contains(name)) {
            changes.push((name.to_string(), ItemChange::Quarantined));
        }

        let publishing = self.tell(Stage::Publishing);
        publishing(0, None);
        history::write_commit(&self.tenant, self.repository, head).await?;
        let Materialised { snapshot, fresh } = materialise(
            &self.tenant,
            repository,
            settings.digest(),
            Some(&head.sha),
            &registry.items,
            list,
            &before_list,
            &mut texts,
            |done| publishing(done, None),
        )
        .await?;
        drop(texts);

        if lease.is_lost() {
            tracing::warn!(repository = %self.repository, "publishing without the lease; the sequence decides");
        }
        let current = before.as_ref().map(|snapshot| snapshot.row.id);
        let published = current != Some(snapshot.row.id);
        if published {
            let expected: Option<PublicationId> = expected.map(|publication| publication.id);
            let outcome = publish(
                &self.tenant,
                self.repository,
                snapshot.row.id,
                PublicationKind::Sync,
                expected,
                |transaction| {
                    transaction
                        .update_existing::<rows::Sync>(self.id)
                        .set(rows::Sync::STATE, SyncState::Succeeded.as_str().to_owned())
                        .set(rows::Sync::TO, head.sha.to_string());
                },
            )
            .await?;
            let Published::Done(_) = outcome else {
                return Ok(None);
            };
        }
        let report = SyncReport {
            commit: Some(head.sha.clone()),
            snapshot: Some(snapshot.row.id),
            published,
            items: snapshot.list.0.len(),
            changes,
            commits: 0,
            diagnostics: findings::for_report(std::mem::take(&mut registry.diagnostics)),
            failure: None,
        };
        self.project(settings, &registry, &before_list, &snapshot, before.is_none()).await?;
        // The catalogue marks what is quarantined by the newest report.
        self.close(SyncState::Succeeded, &report, Timestamp::now()).await?;
        let preparing = self.tell(Stage::Preparing);
        self.service
            .rebuild_catalog(&self.tenant, &fresh, |done, total| {
                if done.is_multiple_of(64) || done == total {
                    preparing(done, Some(total));
                }
            })
            .await?;
        let rest = Rest { paths: ComponentPaths::of(&registry), of_head: as_read.then_some(snapshot.row.id) };
        Ok(Some((report, rest)))
    }

    async fn project(
        &self,
        settings: &ReadingSettings,
        registry: &Registry,
        before: &SnapshotList,
        snapshot: &Snapshot,
        first: bool,
    ) -> Result<(), ServiceError> {
        let versions = before.by_item();
        let changed: Vec<Projected> = registry
            .items
            .iter()
            .filter_map(|item| {
                let version = item.version_digest();
                (versions.get(item.name.as_str()) != Some(&version)).then(|| Projected {
                    item: item.name.clone(),
                    manifest: item.manifest.clone(),
                    version,
                    files: item.files.len(),
                })
            })
            .collect();
        let after: HashSet<&ItemName> = snapshot.list.0.iter().map(|listed| &listed.item).collect();
        let removed: Vec<ItemName> =
            before.0.iter().filter(|listed| !after.contains(&listed.item)).map(|listed| listed.item.clone()).collect();
        let namespace = settings.namespace.as_ref();
        projection::project(&self.tenant, self.repository, namespace, &changed, &removed, first, &snapshot.list).await
    }

    /// What follows once everything is served: history, refs, and the note
    /// that this is done.
    #[expect(clippy::too_many_arguments, reason = "the parts of what was fetched, borrowed one by one")]
    async fn finish(
        &self,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        branch: &RefName,
        head: &CommitInfo,
        refs: &Refs,
        mut report: SyncReport,
        rest: Option<Rest>,
    ) -> Result<SyncReport, ServiceError> {
        let tell = self.tell(Stage::History);
        let changed = rest.is_some();
        let mut read = None;
        if let Some(Rest { paths, of_head }) = rest {
            read = of_head.map(|snapshot| (&head.sha, snapshot));
            let limit = self.service.config.history_commits.value.get();
            report.commits =
                history::record(&self.tenant, repository, &head.sha, paths, limit, move |done| tell(done, None))
                    .await?;
        }
        let mut problems = refs::record(&self.service, &self.tenant, repository, settings, refs, read).await?;
        report.diagnostics.retain(|finding| finding.code != model::DiagnosticCode::UnreadableRef);
        report.diagnostics.append(&mut problems);
        if changed {
            let mut transaction = Transaction::new();
            transaction
                .update_existing::<rows::Repository>(self.repository)
                .set(rows::Repository::LAST_SYNCED_AT, Timestamp::now())
                .set(rows::Repository::HEAD_COMMIT, head.sha.to_string())
                .set(rows::Repository::DEFAULT_BRANCH, refs.default_branch.as_ref().unwrap_or(branch).to_string());
            self.tenant.db.transact(transaction).await?;
        }
        self.service.mark_settled(&self.tenant, self.repository).await?;
        Ok(report)
    }
}

/// What is left to do once everything is served.
struct Rest {
    paths: ComponentPaths,
    /// The snapshot of what the head commit holds, if that is what was published.
    of_head: Option<SnapshotId>,
}

/// What a publication starts from.
struct Change<'a> {
    repository: &'a rows::Repository,
    settings: &'a ReadingSettings,
    head: &'a CommitInfo,
    expected: Option<&'a rows::Publication>,
}

/// The branch or tag that is followed, and its commit.
fn tracked<'r>(refs: &'r Refs, wanted: Option<&str>) -> Result<(&'r RefName, &'r CommitSha), ServiceError> {
    let Some(wanted) = wanted else {
        return refs.head().ok_or_else(|| {
            ServiceError::Invalid(format!(
                "The repository has no default branch. {} Choose one with --branch.",
                listed("Its branches are", refs.branches.keys())
            ))
        });
    };
    let found = refs.branches.get_key_value(wanted).or_else(|| refs.tags.get_key_value(wanted));
    found.ok_or_else(|| {
        ServiceError::Invalid(format!(
            "The repository has no branch or tag {wanted:?}. {} Change the branch in the repository's settings.",
            listed("Its branches are", refs.branches.keys())
        ))
    })
}

fn listed<'a>(lead: &str, names: impl Iterator<Item = &'a RefName>) -> String {
    let names: Vec<&str> = names.take(10).map(RefName::as_str).collect();
    if names.is_empty() { String::new() } else { format!("{lead} {}.", names.join(", ")) }
}

/// The list to publish: what was read, and the last good version of what is
/// there but cannot be served.
fn merged_list(registry: &Registry, before: &SnapshotList) -> SnapshotList {
    let mut list: Vec<Listed> =
        registry.items.iter().map(|item| Listed { item: item.name.clone(), version: item.version_digest() }).collect();
    let read: HashSet<&ItemName> = registry.items.iter().map(|item| &item.name).collect();
    let broken: HashSet<&ItemName> = registry.quarantined.iter().filter_map(|item| item.name.as_ref()).collect();
    // Where a definition cannot be read, what it defined is unknown, not gone.
    let unknown = registry.is_incomplete();
    let kept =
        before.0.iter().filter(|listed| !read.contains(&listed.item) && (unknown || broken.contains(&listed.item)));
    list.extend(kept.cloned());
    SnapshotList(list)
}

/// What changed from one list to the next, in the order of the new one.
fn changes(before: &SnapshotList, after: &SnapshotList) -> Vec<(String, ItemChange)> {
    let (old, new) = (before.by_item(), after.by_item());
    let mut changes = Vec::new();
    for listed in &after.0 {
        match old.get(listed.item.as_str()) {
            None => changes.push((listed.item.to_string(), ItemChange::Added)),
            Some(version) if *version != listed.version => changes.push((listed.item.to_string(), ItemChange::Changed)),
            Some(_) => {}
        }
    }
    let gone = before.0.iter().filter(|listed| !new.contains_key(listed.item.as_str()));
    changes.extend(gone.map(|listed| (listed.item.to_string(), ItemChange::Removed)));
    changes
}
