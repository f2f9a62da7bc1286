//! Asking for a state other than the current one: `button@v1`, `button@sha-1a2b3c4`.

use super::{
    RegistryService, ServiceError,
    projection::served_name,
    reading::{self, ReadingSettings},
    refs::ref_key,
    snapshots::{self, Snapshot},
    versions::{self, component_id, version_id},
};
use crate::{
    auth::{Access, Install},
    catalog::{self, Answer, Resolution, Subject},
    tenants::Tenant,
};
use git::CommitInfo;
use instant::rows;
use model::{CommitSha, ItemName, RepositoryId, Selector, Semver, view::RefKind};
use std::{collections::HashSet, sync::Arc};

impl RegistryService {
    /// The answer for an item as it was at a commit, tag or branch. Its own
    /// dependencies are pinned to the same state. `None` if that state has no
    /// such item, or there is no such state.
    pub async fn pinned(
        &self,
        access: &Access<Install>,
        name: &ItemName,
        selector: &Selector,
        alias: &str,
    ) -> Result<Option<Answer>, ServiceError> {
        let tenant = &self.tenant(access)?;
        // Another publication may move what a name means: the key tells catalogues apart.
        let catalogue = Arc::as_ptr(&tenant.catalog.load_full()) as usize;
        let key = (catalogue, format!("{name}@{selector}"), alias.to_owned());
        if let Some(answer) = tenant.pinned.get(&key) {
            return Ok(answer);
        }
        let answer = self.find_pinned(tenant, name, selector, alias).await?;
        tenant.pinned.insert(key, answer.clone());
        Ok(answer)
    }

    async fn find_pinned(
        &self,
        tenant: &Arc<Tenant>,
        name: &ItemName,
        selector: &Selector,
        alias: &str,
    ) -> Result<Option<Answer>, ServiceError> {
        let Some(repository) = self.repository_of_name(tenant, name).await? else {
            return Ok(None);
        };
        let settings = ReadingSettings::of(&repository)?;
        let Some(snapshot) = self.find_snapshot(tenant, &repository, &settings, selector).await? else {
            return Ok(None);
        };
        let namespace = settings.namespace.as_ref();
        let listed = snapshot
            .list
            .0
            .iter()
            .find(|listed| served_name(namespace, &listed.item).is_ok_and(|served| served == *name));
        let Some(listed) = listed else {
            return Ok(None);
        };
        let id = version_id(repository.id, &listed.item, &listed.version);
        let Some(content) = versions::contents(tenant, &[id]).await?.remove(&id) else {
            return Ok(None);
        };

        let pin = match selector {
            Selector::Commit(digits) if digits.len() == 40 => Some(format!("sha-{digits}")),
            _ => match snapshot.row.commit {
                Some(commit) => {
                    super::history::hashes(tenant, [commit]).await?.into_values().next().map(|sha| format!("sha-{sha}"))
                }
                None => None,
            },
        };
        let own: HashSet<&str> = snapshot.list.0.iter().map(|listed| listed.item.as_str()).collect();
        let resolution = Resolution { policy: settings.policy, namespace, own: &own, pin: pin.as_deref() };
        let dependencies = resolution.resolve_all(&content.manifest);
        let subject = Subject {
            name: name.clone(),
            component: component_id(repository.id, &listed.item),
            repository: repository.id,
            version: listed.version,
            updated_at: 0,
        };
        let alias: Arc<str> = alias.into();
        let rendered = tokio::task::spawn_blocking(move || catalog::prepare(subject, &content, dependencies, &alias));
        Ok(Some(rendered.await?.answer))
    }

    /// The repository whose item this is, or was.
    pub(super) async fn repository_of_name(
        &self,
        tenant: &Tenant,
        name: &ItemName,
    ) -> Result<Option<rows::Repository>, ServiceError> {
        let served: Option<RepositoryId> = tenant.catalog.load().get(name.as_str()).map(|entry| entry.repository);
        let held = if served.is_some() {
            served
        } else {
            let select = tenant.db.select::<rows::Component>().filter(rows::Component::NAME.eq(name.to_string()));
            select.one().await?.and_then(|row| row.repository)
        };
        match held {
            Some(id) => Ok(tenant.db.get::<rows::Repository>(id).await?),
            None => Ok(None),
        }
    }

    /// The snapshot that a selector names: `sha-<commit>`, then a tag, a
    /// channel, a branch, then a version number among the tags.
    pub(super) async fn find_snapshot(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        selector: &Selector,
    ) -> Result<Option<Snapshot>, ServiceError> {
        let name = match selector {
            Selector::Commit(digits) => {
                return self.snapshot_at(tenant, repository, settings, digits).await;
            }
            Selector::Name(name) => name,
        };
        for kind in RefKind::ALL {
            let key = ref_key(repository.id, kind.as_str(), name);
            if let Some(row) = tenant.db.select::<rows::Ref>().filter(rows::Ref::KEY.eq(key)).one().await? {
                return match row.snapshot {
                    Some(snapshot) => snapshots::get(tenant, snapshot).await,
                    None => Ok(None),
                };
            }
        }
        if let Some(wanted) = selector.semver()
            && let Some(snapshot) = self.newest_release(tenant, repository, wanted).await?
        {
            return Ok(Some(snapshot));
        }
        self.unlisted(tenant, repository, settings, selector).await
    }

    /// The newest release among the tags that are listed.
    async fn newest_release(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        wanted: Semver,
    ) -> Result<Option<Snapshot>, ServiceError> {
        let tags = tenant
            .db
            .select::<rows::Ref>()
            .filter(rows::Ref::REPOSITORY.is(repository.id))
            .filter(rows::Ref::KIND.eq("tag".to_owned()))
            .pages()
            .await?;
        let newest = tags
            .into_iter()
            .filter_map(|row| Some((release(&row.name)?, row)))
            .filter(|(release, _)| fits(wanted, *release));
        match newest.max_by_key(|(release, _)| *release).and_then(|(_, row)| row.snapshot) {
            Some(snapshot) => snapshots::get(tenant, snapshot).await,
            None => Ok(None),
        }
    }

    /// What a selector names among all tags and branches of the mirror: only the
    /// newest are listed, and what someone pinned must not go when newer ones come.
    async fn unlisted(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        selector: &Selector,
    ) -> Result<Option<Snapshot>, ServiceError> {
        match self.unlisted_here(tenant, repository, settings, selector).await? {
            None if self.catch_up_mirror(tenant, repository).await? => {
                self.unlisted_here(tenant, repository, settings, selector).await
            }
            found => Ok(found),
        }
    }

    async fn unlisted_here(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        selector: &Selector,
    ) -> Result<Option<Snapshot>, ServiceError> {
        let Selector::Name(name) = selector else { return Ok(None) };
        let (data, url, name, wanted) = (tenant.data.clone(), repository.url.clone(), name.clone(), selector.semver());
        let found = tokio::task::spawn_blocking(move || {
            let refs = reading::open(&data, &url)?.refs()?;
            let named = refs.tags.get(name.as_str()).or_else(|| refs.branches.get(name.as_str())).cloned();
            let releases = || refs.tags.iter().filter_map(|(tag, commit)| Some((release(tag.as_str())?, commit)));
            let newest = |wanted| releases().filter(|(release, _)| fits(wanted, *release)).max_by_key(|found| found.0);
            Ok(named.or_else(|| newest(wanted?).map(|(_, commit)| commit.clone())))
        });
        match found.await? {
            Ok(Some(commit)) => self.snapshot_at(tenant, repository, settings, commit.as_str()).await,
            // A mirror that cannot be read has no such state, as far as anyone can tell now.
            Ok(None) | Err(ServiceError::Git(_) | ServiceError::Invalid(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The snapshot of the one commit that begins with these digits. Any commit
    /// of the mirror will do: what was never published is read on demand.
    async fn snapshot_at(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        digits: &str,
    ) -> Result<Option<Snapshot>, ServiceError> {
        let recorded = tenant
            .db
            .select::<rows::Snapshot>()
            .filter(rows::Snapshot::REPOSITORY.is(repository.id))
            .filter(rows::Snapshot::COMMIT.attr(rows::Commit::HASH).like(&format!("{digits}%")))
            .limit(2)
            .all()
            .await?;
        if let [row] = recorded.as_slice()
            && row.settings_digest == settings.digest().to_string()
        {
            return snapshots::get(tenant, row.id).await;
        }
        let mut commit = commit_here(tenant, repository, digits).await?;
        if commit.is_none() && self.catch_up_mirror(tenant, repository).await? {
            commit = commit_here(tenant, repository, digits).await?;
        }
        let Some(commit) = commit else { return Ok(None) };
        match self.snapshot_of(tenant, repository, settings, &commit).await {
            Ok(snapshot) => snapshots::get(tenant, snapshot).await,
            Err(ServiceError::Source(_) | ServiceError::Git(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The one commit of the mirror that begins with these digits.
async fn commit_here(
    tenant: &Tenant,
    repository: &rows::Repository,
    digits: &str,
) -> Result<Option<CommitInfo>, ServiceError> {
    let (data, url, digits) = (tenant.data.clone(), repository.url.clone(), digits.to_owned());
    let commit = tokio::task::spawn_blocking(move || {
        let opened = reading::open(&data, &url)?;
        let sha: Option<CommitSha> = opened.resolve_prefix(&digits)?;
        sha.map(|sha| opened.commit(&sha)).transpose().map_err(ServiceError::from)
    });
    match commit.await? {
        // Gone from the host, or ambiguous: not a state that can be named.
        Err(ServiceError::Git(_)) => Ok(None),
        commit => commit,
    }
}

/// `v1.4.2` or `1.4.2`, as numbers.
fn release(tag: &str) -> Option<(u64, u64, u64)> {
    let semver = Selector::parse(tag.strip_prefix('v').unwrap_or(tag)).semver()?;
    Some((semver.major, semver.minor?, semver.patch?))
}

fn fits(wanted: Semver, (major, minor, patch): (u64, u64, u64)) -> bool {
    wanted.major == major
        && wanted.minor.is_none_or(|wanted| wanted == minor)
        && wanted.patch.is_none_or(|wanted| wanted == patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_number_means_the_newest_release_that_it_covers() {
        let wanted = |text: &str| Selector::parse(text).semver().unwrap();
        assert!(fits(wanted("1"), release("v1.4.2").unwrap()));
        assert!(fits(wanted("1.4"), release("1.4.2").unwrap()));
        assert!(!fits(wanted("1.5"), release("1.4.2").unwrap()));
        assert_eq!(release("v1.4"), None);
        assert_eq!(release("next"), None);
    }
}
