//! Commits as pages and JSON routes show them.

use super::{
    RegistryService, ServiceError, history,
    reading::{self, ReadingSettings},
};
use crate::auth::{Access, Read};
use futures::try_join;
use instant::rows;
use model::{
    CommitSha, ItemName, Namespace, RepositoryId,
    view::{CommitDetail, CommitFiles, CommitView, CommitsPage, HistoryBound, Page},
};
use serde::Deserialize;

/// Most commits on one page.
const MAX_PAGE: usize = 200;

/// Which part of a list to show.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Part {
    /// How many to leave out.
    pub offset: usize,
    /// How many at most; 50 if not given, 200 at most.
    pub limit: Option<usize>,
}

impl Part {
    /// How many at most.
    pub(super) fn size(self) -> usize {
        self.limit.unwrap_or(50).clamp(1, MAX_PAGE)
    }
}

impl RegistryService {
    /// The recorded commits of a repository, newest first.
    pub async fn commits(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        part: Part,
    ) -> Result<CommitsPage, ServiceError> {
        let tenant = &self.tenant(access)?;
        let repository = self.repository_row(tenant, id).await?;
        let namespace = ReadingSettings::of(&repository)?.namespace;
        // Those that touched a component, and those that were published.
        let select = || tenant.db.select::<rows::Commit>().filter(rows::Commit::REPOSITORY.is(id));
        let rows = select()
            .order(rows::Commit::ORDER.desc())
            .offset(part.offset as u64)
            .limit(part.size() as u64)
            .all_with(rows::Commit::COMPONENTS);
        let (total, rows) = try_join!(select().count(), rows)?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let rows = rows.into_iter().filter_map(|(row, components)| view(row, &components, namespace.as_ref(), None));
        let page = Page { rows: rows.collect(), total, offset: part.offset, limit: part.size() };
        Ok(CommitsPage { page, history: self.history_bound(&repository) })
    }

    /// How many commits of a repository are recorded.
    pub async fn commit_count(&self, access: &Access<Read>, id: RepositoryId) -> Result<usize, ServiceError> {
        let tenant = &self.tenant(access)?;
        let count = tenant.db.select::<rows::Commit>().filter(rows::Commit::REPOSITORY.is(id)).count().await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// One recorded commit, by its hash or at least seven digits of it.
    pub async fn commit(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        sha: &str,
    ) -> Result<CommitDetail, ServiceError> {
        let tenant = &self.tenant(access)?;
        let repository = self.repository_row(tenant, id).await?;
        let none = || {
            ServiceError::not_found(
                "recorded commit",
                sha,
                "The list of commits shows those that touched a component of this repository.",
            )
        };
        let digits = (7..=40).contains(&sha.len()) && sha.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !digits {
            return Err(none());
        }
        let mut found = tenant
            .db
            .select::<rows::Commit>()
            .filter(rows::Commit::REPOSITORY.is(id))
            .filter(rows::Commit::HASH.like(&format!("{sha}%")))
            .limit(2)
            .all_with(rows::Commit::COMPONENTS)
            .await?;
        if found.len() > 1 {
            return Err(ServiceError::Conflict(format!("Several commits begin with {sha}. Give more digits.")));
        }
        let (row, components) = found.pop().ok_or_else(none)?;
        let namespace = ReadingSettings::of(&repository)?.namespace;
        let commit = view(row, &components, namespace.as_ref(), None).ok_or_else(none)?;
        let (data, sha) = (tenant.data.clone(), commit.sha.clone());
        let read = move || -> Option<CommitSha> {
            let opened = reading::open(&data, &repository.url).ok()?;
            let parent = opened.commit(&sha).ok()?.parents.into_iter().next()?;
            // Behind a shallow clone's boundary there is a name and no commit.
            opened.commit(&parent).ok().map(|parent| parent.sha)
        };
        let parent = tokio::task::spawn_blocking(read).await?;
        Ok(CommitDetail { commit, parent })
    }

    /// The recorded commits that touched a component, newest first. What else each
    /// touched is not told: a repository's first commit touches everything in it.
    pub async fn component_commits(
        &self,
        access: &Access<Read>,
        name: &str,
        part: Part,
    ) -> Result<Page<CommitView>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let known = self.known_component(tenant, name).await?;
        let select = || tenant.db.select::<rows::Commit>().filter(rows::Commit::COMPONENTS.is(known.id));
        let rows =
            select().order(rows::Commit::ORDER.desc()).offset(part.offset as u64).limit(part.size() as u64).all();
        let (total, rows) = try_join!(select().count(), rows)?;
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let namespace = known.settings.namespace.as_ref();
        let of_it = |row| {
            let commit = view(row, &[], namespace, Some(&known.name))?;
            Some(CommitView { components: vec![known.name.clone()], ..commit })
        };
        let rows = rows.into_iter().filter_map(of_it);
        Ok(Page { rows: rows.collect(), total, offset: part.offset, limit: part.size() })
    }

    /// How far back the recorded commits of a repository go.
    fn history_bound(&self, repository: &rows::Repository) -> HistoryBound {
        history::bound(repository, self.config.history_commits.value.get())
    }
}

/// A commit as pages show it; with the files of one component only, if one is given.
pub(super) fn view(
    row: rows::Commit,
    components: &[rows::Component],
    namespace: Option<&Namespace>,
    of: Option<&ItemName>,
) -> Option<CommitView> {
    let CommitFiles { files, more } = history::files_of(&row, namespace, of);
    Some(CommitView {
        sha: row.hash.parse().ok()?,
        message: row.message,
        author: row.author,
        date: row.date.as_millis(),
        components: components.iter().filter_map(|component| component.name.as_deref()?.parse().ok()).collect(),
        files,
        more_files: more,
    })
}
