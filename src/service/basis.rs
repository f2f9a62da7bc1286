//! Everything that a catalogue is made from, as the store has it.

use super::{
    RegistryService, ServiceError, heads::Head, names, projection::served_name, reading::ReadingSettings,
    reports::last_report, settings::Settings,
};
use crate::{
    catalog::{Identity, Names},
    tenants::Tenant,
};
use instant::rows;
use model::{Digest, ItemChange, RepositoryId};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    sync::Mutex,
};

/// A repository with what is current of it.
pub(super) struct Current {
    pub(super) id: RepositoryId,
    pub(super) settings: ReadingSettings,
    pub(super) head: Head,
}

/// Everything that a catalogue is made from.
pub(super) struct Basis {
    pub(super) identity: Identity,
    pub(super) repositories: Vec<Current>,
    /// Those of which something is current that cannot be read.
    pub(super) unreadable: Vec<RepositoryId>,
    pub(super) names: Names,
    /// Tells what was written about repositories beside that: other answers than
    /// the catalogue's may follow from it.
    pub(super) marks: Digest,
}

/// The broken items of each repository's newest report, by the sync that made it.
#[derive(Debug, Default)]
pub(crate) struct Broken(Mutex<HashMap<RepositoryId, (String, HashSet<String>)>>);

impl Basis {
    /// Tells two bases apart.
    pub(super) fn digest(&self) -> Digest {
        let mut text = format!("{:?}\n", self.identity);
        for current in &self.repositories {
            // The number alone may stand for another publication in a store that was restored.
            let Head { id, seq, .. } = &current.head;
            let _ = writeln!(text, "{} {seq} {id} {}", current.id, current.settings.digest());
        }
        for id in &self.unreadable {
            let _ = writeln!(text, "{id} unreadable");
        }
        let Names { removed, aliases, quarantined, repositories } = &self.names;
        let mut removed: Vec<_> = removed.iter().map(|(name, gone)| format!("{name} {:?}", gone.replacement)).collect();
        removed.sort();
        let mut aliases: Vec<_> = aliases.iter().map(|(name, to)| format!("{name} {to}")).collect();
        aliases.sort();
        let mut quarantined: Vec<_> = quarantined.iter().map(ToString::to_string).collect();
        quarantined.sort();
        let mut repositories: Vec<_> = repositories.iter().map(|(id, name)| format!("{id} {name:?}")).collect();
        repositories.sort();
        let _ = write!(text, "{removed:?}\n{aliases:?}\n{quarantined:?}\n{repositories:?}");
        Digest::of(text.as_bytes())
    }
}

impl RegistryService {
    /// What the store says now; `rows` are its repositories.
    pub(super) async fn basis(&self, tenant: &Tenant, rows: &[rows::Repository]) -> Result<Basis, ServiceError> {
        let heads = tenant.sequence.catch_up(tenant).await?;
        let (mut repositories, mut unreadable) = (Vec::new(), Vec::new());
        let mut quarantined = HashSet::new();
        let mut marks = String::new();
        for row in rows {
            let _ = writeln!(marks, "{} {:?} {:?}", row.id, row.last_success, row.projected);
            let settings = ReadingSettings::of(row)?;
            let Some(head) = heads.of(row.id).cloned() else {
                unreadable.extend(heads.is_unreadable(row.id).then_some(row.id));
                continue;
            };
            let broken = tenant.broken.of(tenant, row).await?;
            // What is not in the list has no good version here; another may serve its name.
            let kept = head.snapshot.list.0.iter().filter(|listed| broken.contains(listed.item.as_str()));
            quarantined.extend(kept.filter_map(|listed| served_name(settings.namespace.as_ref(), &listed.item).ok()));
            repositories.push(Current { id: row.id, settings, head });
        }
        let lists = repositories
            .iter()
            .map(|current| (current.id, current.settings.namespace.as_ref(), &current.head.snapshot.list));
        let (removed, aliases) = names::look_up(tenant, lists).await?;
        let repository_names = rows.iter().map(|row| (row.id, row.name.clone())).collect();
        Ok(Basis {
            identity: self.identity(Settings::of(tenant).await?),
            repositories,
            unreadable,
            names: Names { removed, aliases, quarantined, repositories: repository_names },
            marks: Digest::of(marks.as_bytes()),
        })
    }
}

impl Broken {
    /// The items of a repository whose newest state is broken.
    async fn of(&self, tenant: &Tenant, row: &rows::Repository) -> Result<HashSet<String>, ServiceError> {
        if let Some(sync) = &row.last_success
            && let Some((_, broken)) = self.lock().get(&row.id).filter(|(of, _)| of == sync)
        {
            return Ok(broken.clone());
        }
        let report = last_report(tenant, row).await?.unwrap_or_default();
        let broken = report.changes.into_iter().filter(|(_, change)| *change == ItemChange::Quarantined);
        let broken: HashSet<String> = broken.map(|(item, _)| item).collect();
        if let Some(sync) = row.last_success.clone() {
            self.lock().insert(row.id, (sync, broken.clone()));
        }
        Ok(broken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RepositoryId, (String, HashSet<String>)>> {
        self.0.lock().expect("nothing panics while it holds this lock")
    }
}
