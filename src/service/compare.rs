//! Comparing: two versions of a component, two states of a repository.

use super::{
    RegistryService, ServiceError, history,
    known::Known,
    projection::served_name,
    reading::ReadingSettings,
    snapshots::{self, Snapshot},
    versions::{self, version_id},
};
use crate::{
    auth::{Access, Read},
    catalog::Content,
    tenants::Tenant,
};
use instant::rows;
use model::{
    Digest, ItemChange, RepositoryId, Selector,
    view::{ComponentDifference, DiffSide, Difference, StateDiff, StateSide, VersionDiff},
};
use serde::Deserialize;
use serde_json::Value;
use source::{DiffFile, DiffLimits, DiffVersion};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long comparing two versions may take; what is not done then is told as
/// too large.
const PATIENCE: Duration = Duration::from_secs(1);

/// Most components that a comparison of two states tells.
const MAX_COMPONENTS: usize = 1_000;

/// Longest name of a side, in bytes; tags and branches that are read are shorter.
const MAX_NAME: usize = model::MAX_INDEXED_BYTES;

/// What is served now.
const CURRENT: &str = "current";

/// The two sides of a comparison: a tag, a branch, `1.4`, `sha-` and digits of
/// a commit, `current`; for components also at least seven digits of a version.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Sides {
    /// Before.
    pub from: String,
    /// After; what is served now if not given.
    pub to: String,
}

impl Sides {
    fn read(&self) -> Result<(&str, &str), ServiceError> {
        let (from, to) = (self.from.trim(), self.to.trim());
        if from.is_empty() {
            return Err(ServiceError::Invalid(
                "Say what to compare with: `from` is a tag, a branch, `sha-` and a commit, or a version's digest."
                    .to_owned(),
            ));
        }
        if from.len().max(to.len()) > MAX_NAME {
            return Err(ServiceError::Invalid(format!("A version's name has at most {MAX_NAME} bytes.")));
        }
        Ok((from, if to.is_empty() { CURRENT } else { to }))
    }
}

impl RegistryService {
    /// What differs between two versions of a component.
    pub async fn diff(&self, access: &Access<Read>, name: &str, sides: &Sides) -> Result<VersionDiff, ServiceError> {
        let tenant = &self.tenant(access)?;
        let known = self.known_component(tenant, name).await?;
        let (from, to) = sides.read()?;
        let (from, to) = (self.version_side(tenant, &known, from).await?, self.version_side(tenant, &known, to).await?);
        let identical = from.digest == to.digest;
        let mut difference = Difference::default();
        if !identical {
            let ids = [&from, &to].map(|side| version_id(known.repository.id, &known.item, &side.digest));
            let mut contents = versions::contents(tenant, &ids).await?;
            let [before, after] = ids.map(|id| contents.remove(&id));
            let lost = || ServiceError::Internal("a version that was found is not in the store".to_owned());
            let (before, after) = (before.ok_or_else(lost)?, after.ok_or_else(lost)?);
            difference = tokio::task::spawn_blocking(move || difference_of(&before, &after)).await?;
        }
        Ok(VersionDiff { name: known.name, from, to, identical, difference })
    }

    /// The version that a side of a comparison names.
    async fn version_side(&self, tenant: &Arc<Tenant>, known: &Known, asked: &str) -> Result<DiffSide, ServiceError> {
        let hex = asked.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut commit = None;
        let digest: Option<Digest> = if asked == CURRENT {
            known.current
        } else if hex && asked.len() == 64 {
            asked.parse().ok()
        } else if let Some(snapshot) =
            self.find_snapshot(tenant, &known.repository, &known.settings, &Selector::parse(asked)).await?
        {
            commit = snapshot.row.commit;
            snapshot.list.0.iter().find(|listed| listed.item == known.item).map(|listed| listed.version)
        } else if hex && asked.len() >= 7 {
            version_with_prefix(tenant, known, asked).await?
        } else {
            None
        };
        let missing = || {
            let name = format!("{}@{asked}", known.name);
            ServiceError::not_found(
                "version",
                name,
                "Name a tag, a branch, `sha-` and a commit, `current`, or at least seven digits of a version; the component's versions are listed on its page.",
            )
        };
        let digest = digest.ok_or_else(missing)?;
        let row = tenant.db.get::<rows::Version>(version_id(known.repository.id, &known.item, &digest)).await?;
        let row = row.ok_or_else(missing)?;
        let commit = commit.or(row.commit);
        let commit = history::hashes(tenant, commit).await?.into_values().next();
        let current = known.current == Some(digest);
        Ok(DiffSide { asked: asked.to_owned(), digest, created_at: row.created_at.as_millis(), commit, current })
    }

    /// What differs between two states of a repository.
    pub async fn compare(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
        sides: &Sides,
    ) -> Result<StateDiff, ServiceError> {
        let tenant = &self.tenant(access)?;
        let repository = self.repository_row(tenant, id).await?;
        let settings = ReadingSettings::of(&repository)?;
        let (from, to) = sides.read()?;
        let (before, from) = self.state_side(tenant, &repository, &settings, from).await?;
        let (after, to) = self.state_side(tenant, &repository, &settings, to).await?;
        let (old, new) = (before.list.by_item(), after.list.by_item());
        let mut components = Vec::new();
        let mut differing = 0;
        let mut unchanged = 0;
        let gone = before.list.0.iter().filter(|listed| !new.contains_key(listed.item.as_str()));
        for listed in after.list.0.iter().chain(gone) {
            let sides = (old.get(listed.item.as_str()).copied(), new.get(listed.item.as_str()).copied());
            let change = match sides {
                (Some(from), Some(to)) if from == to => {
                    unchanged += 1;
                    continue;
                }
                (None, _) => ItemChange::Added,
                (_, None) => ItemChange::Removed,
                _ => ItemChange::Changed,
            };
            differing += 1;
            if components.len() < MAX_COMPONENTS
                && let Ok(name) = served_name(settings.namespace.as_ref(), &listed.item)
            {
                components.push(ComponentDifference { name, change, from: sides.0, to: sides.1 });
            }
        }
        let more = differing - components.len();
        Ok(StateDiff { from, to, components, unchanged, more })
    }

    /// The state that a side of a comparison names.
    async fn state_side(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        settings: &ReadingSettings,
        asked: &str,
    ) -> Result<(Snapshot, StateSide), ServiceError> {
        let found = if asked == CURRENT {
            snapshots::current(tenant, repository.id).await?
        } else {
            self.find_snapshot(tenant, repository, settings, &Selector::parse(asked)).await?
        };
        let snapshot = found.ok_or_else(|| {
            let hint = "Name a tag, a branch, `sha-` and a commit, or `current`; older branches and tags are read by commit only.";
            ServiceError::not_found("state", asked, hint)
        })?;
        let commit = history::hashes(tenant, snapshot.row.commit).await?.into_values().next();
        let side =
            StateSide { asked: asked.to_owned(), snapshot: snapshot.row.id, commit, count: snapshot.list.0.len() };
        Ok((snapshot, side))
    }
}

/// The one version of a component whose digest begins with these digits.
async fn version_with_prefix(tenant: &Tenant, known: &Known, digits: &str) -> Result<Option<Digest>, ServiceError> {
    let found = tenant
        .db
        .select::<rows::Version>()
        .filter(rows::Version::COMPONENT.is(known.id))
        .filter(rows::Version::DIGEST.like(&format!("{digits}%")))
        .limit(2)
        .all()
        .await?;
    match found.as_slice() {
        [row] => Ok(row.digest.parse().ok()),
        [] => Ok(None),
        _ => Err(ServiceError::Conflict(format!("Several versions begin with {digits}. Give more digits."))),
    }
}

/// Compares two versions. Takes a while: not for an async task.
fn difference_of(before: &Content, after: &Content) -> Difference {
    let (old_paths, new_paths) = (paths(before), paths(after));
    let (old_files, new_files) = (files(before, &old_paths), files(after, &new_paths));
    let limits = DiffLimits { deadline: Some(Instant::now() + PATIENCE), ..DiffLimits::default() };
    source::diff(
        &DiffVersion { manifest: &before.manifest, files: &old_files },
        &DiffVersion { manifest: &after.manifest, files: &new_files },
        &limits,
    )
}

/// The paths of a version's files, in the item's order.
fn paths(content: &Content) -> Vec<String> {
    let mut manifest = content.manifest.to_object();
    let Some(Value::Array(files)) = manifest.remove("files") else {
        return Vec::new();
    };
    let path = |file: &Value| file.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
    files.iter().map(path).collect()
}

fn files<'c>(content: &'c Content, paths: &'c [String]) -> Vec<DiffFile<'c>> {
    let files = paths.iter().zip(&content.files);
    files.map(|(path, text)| DiffFile { path, digest: Digest::of(text.as_bytes()), text }).collect()
}
