//! One run of a sync.

use super::{
    claims::{self, Waiting},
    fetch::{FetchJob, Fetched, Read, as_found, shape_of},
    lists::{changes, held_back, merged_list, refuse_another_shape},
    materialise::{Materialised, materialise},
    prune::prune,
};
use crate::{
    service::{
        RegistryService, ServiceError, catalogue,
        findings::{self, Surroundings},
        history::{self, ComponentPaths},
        lease::Lease,
        names::{self, content_of},
        projection::{self, Projected},
        publish::{PublicationKind, Published, publish},
        reading::ReadingSettings,
        refs, seen,
        snapshots::{self, Snapshot, SnapshotList},
    },
    tenants::Tenant,
};
use futures::FutureExt as _;
use git::{CommitInfo, Refs};
use instant::{Timestamp, Transaction, rows};
use model::{
    CommitSha, DependencyPolicy, DiagnosticCode, Digest, ItemChange, ItemName, Progress, PublicationId, RefName,
    RegistryShape, RepositoryId, SnapshotId, Stage, SyncId, SyncReport, SyncState, view::SyncView,
};
use source::Registry;
use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};
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
    /// The state of the refs at the last fetch.
    seen: Mutex<Option<Digest>>,
}

impl SyncRun {
    pub(super) fn new(
        service: RegistryService,
        tenant: Arc<Tenant>,
        repository: RepositoryId,
        id: SyncId,
        sender: watch::Sender<SyncView>,
    ) -> Self {
        Self { service, tenant, repository, id, sender, seen: Mutex::default() }
    }

    /// Runs to the end and takes note of it, whatever it is.
    pub(super) async fn run(self) {
        self.sender.send_modify(|view| view.state = SyncState::Running);
        while !self.look_and_end().await {}
    }

    /// Syncs and takes note of what came of it. Whether that was the end: not
    /// if someone asked again meanwhile.
    async fn look_and_end(&self) -> bool {
        // Whatever goes wrong before it looks is no reason to try at once again, for ever.
        self.tenant.jobs.look(self.repository);
        // A sync that broke would otherwise be under way for ever, and keep others from beginning.
        let result = AssertUnwindSafe(self.until_settled())
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(ServiceError::Internal("a sync panicked; the log says where".to_owned())));
        self.remember_what_was_seen(&result).await;
        let (state, report) = match result {
            Ok(report) => {
                self.tenant.polls.mend(self.repository);
                (SyncState::Succeeded, report)
            }
            Err(error) => {
                tracing::warn!(repository = %self.repository, %error, cause = ?error, "a sync failed");
                self.tenant.jobs.saw(self.repository, None);
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
        if let Err(error) = prune(&self.tenant, self.repository).await {
            tracing::warn!(repository = %self.repository, %error, "old syncs could not be let go");
        }
        self.tenant.jobs.end(self.repository, |view| {
            view.state = state;
            view.progress = None;
            view.finished_at = Some(finished.as_millis());
            view.report = Some(report);
        })
    }

    /// The next look compares with what this sync saw, unless trying again may
    /// go better: the same refs lead to the same registry, broken or not.
    async fn remember_what_was_seen(&self, result: &Result<SyncReport, ServiceError>) {
        let lasting = matches!(result, Ok(_) | Err(ServiceError::Source(_) | ServiceError::Invalid(_)));
        let seen = self.seen.lock().expect("nothing panics while it holds this lock").take().filter(|_| lasting);
        let noted = match seen {
            Some(state) => seen::put(&self.tenant, self.repository, &state).await,
            None => seen::forget(&self.tenant, self.repository).await,
        };
        if let Err(error) = noted {
            tracing::warn!(repository = %self.repository, %error, "could not take note of the refs that were seen");
        }
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
        let result = self.under(&lease).await;
        if let Err(error) = lease.release().await {
            tracing::warn!(repository = %self.repository, %error, "a lease could not be given back");
        }
        result
    }

    async fn under(&self, lease: &Lease) -> Result<SyncReport, ServiceError> {
        loop {
            self.tenant.jobs.look(self.repository);
            let before = self.service.repository_row(&self.tenant, self.repository).await?;
            // Overtaken: by a publication, by someone's claim to a name, or by other settings.
            let Some(report) = self.once(&before, lease).await? else { continue };
            let after = self.service.repository_row(&self.tenant, self.repository).await?;
            if after.wanted == before.wanted {
                return Ok(report);
            }
        }
    }

    /// Fetches, reads and publishes once. `None` if that was overtaken: then all of it again.
    async fn once(&self, repository: &rows::Repository, lease: &Lease) -> Result<Option<SyncReport>, ServiceError> {
        let mut settings = ReadingSettings::of(repository)?;
        let expected = snapshots::current_publication(&self.tenant, self.repository).await?;
        let seen = self.last_seen(repository, &settings).await?;
        let Fetched { head, branch, refs, read } = self.fetch_and_read(repository, &settings, seen).await?;
        let (report, rest) = match read {
            None => (self.nothing_new(repository, &head.sha).await?, None),
            Some(read) => {
                let last = catalogue::last_report(&self.tenant, self.repository).await?;
                refuse_another_shape(repository, last.as_ref(), &read.registry)?;
                self.settle_policy(repository, &mut settings, shape_of(read.registry.kind)).await?;
                let change = Change { repository, settings: &settings, head: &head, expected: expected.as_ref() };
                match self.publish(change, read, lease).await? {
                    Some((report, rest)) => (report, Some(rest)),
                    None => return Ok(None),
                }
            }
        };
        let report = self.finish(repository, &settings, &branch, &head, &refs, report, rest).await?;
        self.tenant.jobs.saw(self.repository, Some(refs));
        Ok(Some(report))
    }

    /// Where nobody chose a dependency policy, how the registry is written down
    /// decides, once: what is served must not change its meaning later.
    async fn settle_policy(
        &self,
        repository: &rows::Repository,
        settings: &mut ReadingSettings,
        shape: RegistryShape,
    ) -> Result<(), ServiceError> {
        if repository.dependency_policy.is_some() {
            return Ok(());
        }
        settings.policy = DependencyPolicy::default_for(shape);
        let mut transaction = Transaction::new();
        transaction
            .update_existing::<rows::Repository>(self.repository)
            .set(rows::Repository::DEPENDENCY_POLICY, settings.policy.to_string());
        self.tenant.db.transact(transaction).await?;
        Ok(())
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
        let report = last.report.as_deref().and_then(|report| serde_json::from_str(report).ok());
        if let Some(report) = report
            && claims::waiting(&self.tenant, repository, &report).await? != Waiting::Same
        {
            return Ok(None);
        }
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
        let job = FetchJob {
            id: self.repository,
            url: repository.url.clone(),
            settings: settings.clone(),
            seen,
            data: self.tenant.data.clone(),
            http: self.service.http.clone(),
            config: self.service.config.clone(),
            cancel: self.tenant.jobs.cancellation(),
        };
        let (fetching, reading) = (self.tell(Stage::Fetching), self.tell(Stage::Reading));
        fetching(0, None);
        let (state, fetched) = tokio::task::spawn_blocking(move || job.run(&fetching, &reading)).await??;
        *self.seen.lock().expect("nothing panics while it holds this lock") = Some(state);
        fetched
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
            registry: last.registry,
            others: last.others,
            items: last.items,
            changes: quarantined.collect(),
            diagnostics: last.diagnostics,
            ..SyncReport::default()
        })
    }

    /// Makes what was read current. `None` if it has to be read once more:
    /// someone else published meanwhile, or took a name, or the settings changed.
    async fn publish(
        &self,
        change: Change<'_>,
        read: Read,
        lease: &Lease,
    ) -> Result<Option<(SyncReport, Rest)>, ServiceError> {
        let Change { repository, settings, head, expected } = change;
        let Read { mut registry, mut texts, others } = read;
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
        findings::add(&mut registry, Surroundings { policy: settings.policy, address: Some(&repository.url) });

        let list = merged_list(&registry, &before_list);
        let mut changes = changes(&before_list, &list);
        changes.extend(held_back(&registry, &taken));
        // Refs name what their commit holds, less nothing and with nothing kept from before.
        let as_read = taken.is_empty() && list.0.len() == registry.items.len();

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
        let order = self.tenant.publishing.lock().await;
        if claims::is_overtaken(&self.tenant, self.repository, settings, &before_list, &snapshot.list).await? {
            return Ok(None);
        }
        if published {
            let (before, after) = (&before_list, &snapshot.list);
            names::note_renames(&self.tenant, self.repository, namespace, before, after, &registry.items).await?;
            let expected: Option<PublicationId> = expected.map(|publication| publication.id);
            let outcome = publish(
                &self.tenant,
                self.repository,
                snapshot.row.id,
                PublicationKind::Sync,
                None,
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
        let findings = findings::for_report(std::mem::take(&mut registry.diagnostics));
        let report = SyncReport {
            commit: Some(head.sha.clone()),
            snapshot: Some(snapshot.row.id),
            registry: Some(as_found(&registry)),
            others,
            published,
            items: snapshot.list.0.len(),
            changes,
            diagnostics: findings,
            ..SyncReport::default()
        };
        self.project(settings, &registry, &before_list, &snapshot, before.is_none()).await?;
        drop(order);
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
                    content: content_of(item),
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
        let about_refs = [DiagnosticCode::UnreadableRef, DiagnosticCode::RepositoryMoved];
        report.diagnostics.retain(|finding| !about_refs.contains(&finding.code));
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
