//! One look of a sync: fetch, read, publish, and write what follows from it.

use super::{
    claims::{self, Waiting},
    fetch::{FetchJob, Fetched, Read, as_found, shape_of},
    lists::{changes, held_back, merged_list, refuse_another_shape},
    materialise::{Materialised, materialise},
    run::SyncRun,
    trigger_text,
};
use crate::service::audit::{Action, Event};
use crate::service::{
    ServiceError,
    catalogue::Fresh,
    fetching::{Got, Wanted},
    findings::{self, Surroundings},
    heads::Head,
    history::{self, ComponentPaths},
    lease::Lease,
    names::{self, content_of},
    projection::{self, Projected},
    publish::{Proposal, PublicationKind, Published, publish},
    reading::ReadingSettings,
    refs,
    reports::{last_report, last_success},
    settings::Settings,
    snapshots::SnapshotList,
};
use git::{CommitInfo, Refs};
use instant::{Timestamp, Transaction, rows};
use model::{
    CommitSha, DependencyPolicy, DiagnosticCode, ItemChange, ItemName, Progress, RefName, RegistryShape, SnapshotId,
    Stage, SyncReport, SyncState,
};
use serde_json::json;
use source::Registry;
use std::collections::HashSet;

/// Least time between two notes that nothing changed, in milliseconds.
const NOTE_EVERY: i64 = 60 * 60 * 1000;

impl SyncRun {
    /// Fetches, reads and publishes once. `None` if that was overtaken: then all of it again.
    pub(super) async fn once(
        &self,
        repository: &rows::Repository,
        lease: &Lease,
    ) -> Result<Option<SyncReport>, ServiceError> {
        let mut settings = ReadingSettings::of(repository)?;
        let heads = self.tenant.sequence.catch_up(&self.tenant).await?;
        let head = heads.of(self.repository).cloned();
        let seen =
            if heads.is_unreadable(self.repository) { None } else { self.last_seen(repository, &settings).await? };
        let Got { value, notice } = self.fetch_and_read(repository, &settings, seen).await?;
        let Fetched { head: commit, branch, refs, read } = value;
        let (report, rest) = match read {
            None => (self.nothing_new(repository, head.as_ref(), &commit.sha).await?, None),
            Some(read) => {
                let last = last_report(&self.tenant, repository).await?;
                refuse_another_shape(repository, last.as_ref(), &read.registry)?;
                self.settle_policy(repository, &mut settings, shape_of(read.registry.kind)).await?;
                let change = Change { repository, settings: &settings, commit: &commit, before: head.as_ref() };
                match self.publish(change, read, lease).await? {
                    Some((report, rest)) => (report, Some(rest)),
                    None => return Ok(None),
                }
            }
        };
        let mut report = self.finish(repository, &settings, &branch, &commit, &refs, report, rest).await?;
        report.diagnostics.retain(|finding| finding.code != DiagnosticCode::GithubConnection);
        report.diagnostics.extend(notice);
        self.tenant.jobs.saw(self.repository, Some(refs));
        Ok(Some(report))
    }

    /// Where nobody chose a dependency policy, the organisation's default does, else
    /// how the registry is written down; once: what is served must not change its
    /// meaning later.
    async fn settle_policy(
        &self,
        repository: &rows::Repository,
        settings: &mut ReadingSettings,
        shape: RegistryShape,
    ) -> Result<(), ServiceError> {
        if repository.dependency_policy.is_some() {
            return Ok(());
        }
        let chosen = Settings::of(&self.tenant).await?.default_policy;
        settings.policy = chosen.unwrap_or_else(|| DependencyPolicy::default_for(shape));
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
        let Some(last) = last_success(&self.tenant, repository).await? else {
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
        if history::is_due(repository, self.service.config.history_commits.value.get()) {
            return Ok(None);
        }
        Ok(last.to.filter(|to| same && repository.head_commit.as_ref() == Some(to)).and_then(|to| to.parse().ok()))
    }

    fn tell(&self, stage: Stage) -> impl Fn(u64, Option<u64>) + Send + Sync + 'static {
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
    ) -> Result<Got<Fetched>, ServiceError> {
        let job = FetchJob {
            id: self.repository,
            url: repository.url.clone(),
            settings: settings.clone(),
            seen,
            data: self.tenant.data.clone(),
            http: self.service.http.clone(),
            cancel: self.tenant.jobs.cancellation(),
        };
        let (fetching, reading) = (self.tell(Stage::Fetching), self.tell(Stage::Reading));
        fetching(0, None);
        let back = format!("/registry/{}", self.repository);
        let wanted = Wanted { url: &repository.url, given: None, back: &back };
        let got = self
            .service
            .fetch_signed_in(&self.tenant, wanted, move |credentials| job.run(credentials, &fetching, &reading))
            .await?;
        let (state, fetched) = got.value;
        self.saw(state);
        Ok(Got { value: fetched?, notice: got.notice })
    }

    /// The report of a sync that found nothing new: what was found last time
    /// still holds.
    async fn nothing_new(
        &self,
        repository: &rows::Repository,
        head: Option<&Head>,
        commit: &CommitSha,
    ) -> Result<SyncReport, ServiceError> {
        if repository.projected != head.map(|head| head.seq) {
            projection::repair(&self.tenant, self.repository).await?;
            self.service.rebuild_catalog(&self.tenant, &Fresh::new(), |_, _| {}).await?;
        }
        let last = last_report(&self.tenant, repository).await?.unwrap_or_default();
        let quarantined = last.changes.into_iter().filter(|(_, change)| *change == ItemChange::Quarantined);
        let now = Timestamp::now();
        if repository.last_synced_at.is_none_or(|at| now.as_millis() - at.as_millis() > NOTE_EVERY) {
            let mut transaction = Transaction::new();
            transaction.update_existing::<rows::Repository>(self.repository).set(rows::Repository::LAST_SYNCED_AT, now);
            self.tenant.db.transact(transaction).await?;
        }
        Ok(SyncReport {
            commit: Some(commit.clone()),
            snapshot: last.snapshot,
            registry: last.registry,
            others: last.others,
            items: last.items,
            changes: quarantined.collect(),
            diagnostics: last.diagnostics,
            ..SyncReport::default()
        })
    }

    /// What the audit trail says of a publication.
    fn told(&self, repository: &rows::Repository, commit: &git::CommitInfo, items: usize) -> Event {
        Event::of_job("sync", Action::RepositoryPublish, self.repository).with(json!({
            "name": repository.name,
            "trigger": trigger_text(self.trigger),
            "commit": commit.sha,
            "items": items,
        }))
    }

    /// Makes what was read current. `None` if it has to be read once more:
    /// someone else published meanwhile, or took a name, or the settings changed.
    async fn publish(
        &self,
        change: Change<'_>,
        read: Read,
        lease: &Lease,
    ) -> Result<Option<(SyncReport, Rest)>, ServiceError> {
        let Change { repository, settings, commit, before } = change;
        let Read { mut registry, mut texts, others } = read;
        let before_list = before.map(|head| head.snapshot.list.clone()).unwrap_or_default();
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
        history::write_commit(&self.tenant, self.repository, commit).await?;
        let Materialised { snapshot, fresh } = materialise(
            &self.tenant,
            repository,
            settings.digest(),
            Some(&commit.sha),
            &registry.items,
            list,
            &before_list,
            &mut texts,
            |done| publishing(done, None),
        )
        .await?;
        drop(texts);

        if lease.is_lost() {
            return Err(ServiceError::TakenOver);
        }
        // Until it is served here, so that whoever follows what others publish need not prepare it, too.
        let _order = self.tenant.publishing.lock().await;
        let mut seq = before.map(|head| head.seq).unwrap_or_default();
        let published = before.is_none_or(|head| head.snapshot.row.id != snapshot.row.id);
        if published {
            let after = &snapshot.list;
            names::note_renames(&self.tenant, self.repository, namespace, &before_list, after, &registry.items).await?;
            let proposal = Proposal {
                repository: self.repository,
                snapshot: snapshot.row.id,
                kind: PublicationKind::Sync,
                actor: None,
                expected: before.map(|head| head.id),
                settings: settings.digest(),
                claimed: claims::claimed(settings, &before_list, &snapshot.list)?,
            };
            let event = self.told(repository, commit, snapshot.list.0.len());
            let outcome = publish(&self.tenant, proposal, |transaction| {
                event.note(transaction);
                transaction
                    .update_existing::<rows::Sync>(self.id)
                    .set(rows::Sync::STATE, SyncState::Succeeded.as_str().to_owned())
                    .set(rows::Sync::TO, commit.sha.to_string());
            });
            match outcome.await? {
                Published::Done(taken) => seq = taken,
                Published::Overtaken => return Ok(None),
            }
        }
        let findings = findings::for_report(std::mem::take(&mut registry.diagnostics));
        let report = SyncReport {
            commit: Some(commit.sha.clone()),
            snapshot: Some(snapshot.row.id),
            registry: Some(as_found(&registry)),
            others,
            published,
            items: snapshot.list.0.len(),
            changes,
            diagnostics: findings,
            ..SyncReport::default()
        };
        let (written, removed) = differences(&registry, &before_list, &snapshot.list);
        let follow = projection::Change {
            repository: self.repository,
            projected: repository.projected,
            before,
            seq,
            current: &snapshot.list,
            settings,
        };
        projection::follow(&self.tenant, follow, &written, &removed).await?;
        // The catalogue marks what is quarantined by the newest report.
        self.tenant.db.transact(self.closing(&self.ended(SyncState::Succeeded, report.clone()))).await?;
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
        // What a tag or branch names may have moved.
        self.tenant.pinned.invalidate_all();
        Ok(report)
    }
}

/// The rows to write where one list follows another, and those that go.
fn differences(registry: &Registry, before: &SnapshotList, after: &SnapshotList) -> (Vec<Projected>, Vec<ItemName>) {
    let versions = before.by_item();
    let changed = registry.items.iter().filter_map(|item| {
        let version = item.version_digest();
        (versions.get(item.name.as_str()) != Some(&version)).then(|| Projected {
            item: item.name.clone(),
            manifest: item.manifest.clone(),
            version,
            content: content_of(item),
            files: item.files.len(),
        })
    });
    let now = after.by_item();
    let gone = before.0.iter().filter(|listed| !now.contains_key(listed.item.as_str()));
    (changed.collect(), gone.map(|listed| listed.item.clone()).collect())
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
    commit: &'a CommitInfo,
    /// What is current.
    before: Option<&'a Head>,
}
