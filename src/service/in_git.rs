//! Where a component's files stand in git.

use super::{RegistryService, ServiceError, reading};
use crate::auth::{Access, Read};
use model::{
    CommitSha, EntryKind, RepositoryId,
    view::{ComponentView, OriginView},
};

impl RegistryService {
    /// Where the files of a component stand in its repository, at this commit or
    /// at the one that is served. A file that was not found has no place.
    pub async fn in_git(
        &self,
        access: &Access<Read>,
        component: &ComponentView,
        commit: Option<CommitSha>,
    ) -> Result<OriginView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let id: RepositoryId = component.row.repository;
        let repository = self.repository(access, id).await?;
        let url = repository.url.clone();
        let commit = commit.or(repository.head);
        let nowhere = || OriginView { url: url.clone(), commit: commit.clone(), files: Vec::new() };
        let Some(sha) = commit.clone().filter(|_| !component.row.by_hand) else { return Ok(nowhere()) };
        // Paths of a registry count from its own folder, unless they were made for the repository's.
        let found = repository.last_sync.and_then(|sync| sync.report).and_then(|report| report.registry);
        let registry = found.map(|found| found.path).or(repository.config_path).unwrap_or_default();
        let folders = [folder(&registry), registry.as_str(), ""].map(str::to_owned);
        let recorded: Vec<String> =
            component.commits.iter().flat_map(|commit| &commit.files).map(|file| file.path.clone()).collect();
        let paths: Vec<String> = component.contents.iter().map(|file| file.path.clone()).collect();
        let (data, address) = (tenant.data.clone(), url.clone());
        let read = move || {
            let opened = reading::open(&data, &address).ok()?;
            let tree = opened.tree(&sha).ok()?;
            let is_file = |path: &String| {
                let entry = tree.lookup(path).ok().and_then(git::Lookup::found);
                entry.is_some_and(|entry| entry.kind == EntryKind::File)
            };
            let place = |path: &String| {
                let below = folders.iter().map(|folder| joined(folder, path));
                // A file that was moved where it is served is known from the commits that touched it.
                let end = format!("/{path}");
                let touched = recorded.iter().filter(|recorded| recorded.ends_with(&end)).cloned();
                below.chain(touched).find(is_file)
            };
            Some(paths.iter().map(place).collect())
        };
        let files: Option<Vec<Option<String>>> = tokio::task::spawn_blocking(read).await?;
        Ok(OriginView { files: files.unwrap_or_default(), ..nowhere() })
    }
}

/// The folder of a file.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}
