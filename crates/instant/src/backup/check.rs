//! Checking a backup as a whole, before anything is taken from it.

use super::archive::Archive;
use super::config::Link;
use super::{BackupError, BackupSummary, Row};
use crate::AppCardinality;
use model::{Digest, EntityId};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What a label of a namespace stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A value.
    Value,
    /// A link to at most one entity.
    One,
    /// A link to any number of entities.
    Many,
}

/// The labels that a backup's rows may have, by namespace.
pub(crate) struct Kinds(HashMap<String, HashMap<String, Kind>>);

impl Kinds {
    pub(crate) fn of(schema: &super::config::Schema) -> Self {
        let mut kinds: HashMap<String, HashMap<String, Kind>> = HashMap::new();
        for (namespace, entity) in &schema.entities {
            let labels = kinds.entry(namespace.clone()).or_default();
            labels.extend(entity.attrs.keys().map(|label| (label.clone(), Kind::Value)));
        }
        for Link { forward, .. } in schema.links.values() {
            let kind = match forward.has {
                AppCardinality::One => Kind::One,
                AppCardinality::Many => Kind::Many,
            };
            kinds.entry(forward.on.clone()).or_default().insert(forward.label.clone(), kind);
        }
        Self(kinds)
    }

    /// Reads one line, and counts its triples. `None` for an entity without an
    /// id: links of something that was never created.
    pub(crate) fn row(&self, namespace: &str, line: &[u8]) -> Result<(Option<Row>, u64), String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Line {
            entity: Map<String, Value>,
            created_at: i64,
        }
        let Line { mut entity, created_at } =
            serde_json::from_slice(line).map_err(|error| format!("it is no entity: {error}"))?;
        let id = match entity.shift_remove("id") {
            None => {
                let triples = entity.values().map(|value| value.as_array().map_or(1, Vec::len)).sum::<usize>();
                return Ok((None, triples as u64));
            }
            Some(id) => id.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| format!("{id} is no id"))?,
        };
        if created_at < 0 {
            return Err(format!("createdAt is {created_at}"));
        }
        let mut row = Row { id, created_at, values: Map::new(), one: Vec::new(), many: Vec::new() };
        for (label, value) in entity {
            match self.kind(namespace, &label)? {
                Kind::Value => drop(row.values.insert(label, value)),
                Kind::One => row.one.push((label, link(&value)?)),
                Kind::Many => {
                    let list = value.as_array().ok_or_else(|| format!("the links {label} are no list"))?;
                    row.many.push((label, list.iter().map(link).collect::<Result<_, _>>()?));
                }
            }
        }
        let triples = row.triples();
        Ok((Some(row), triples))
    }

    /// What a label stands for.
    pub(crate) fn kind(&self, namespace: &str, label: &str) -> Result<Kind, String> {
        match self.0.get(namespace).and_then(|labels| labels.get(label)) {
            Some(kind) => Ok(*kind),
            // The store's own namespaces have more attributes than a schema shows.
            None if namespace.starts_with('$') => Ok(Kind::Value),
            None => Err(format!("{namespace}.{label} is not in the schema of config.json")),
        }
    }
}

fn link(value: &Value) -> Result<EntityId, String> {
    value.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| format!("{value} is no id to link to"))
}

/// Whether a link may not lead nowhere, because something would be served that
/// is not there. Others may: InstantDB lets anyone link to what was never
/// created, and a sync writes versions before their components.
fn must_lead(link: &Link) -> bool {
    link.reverse.on == "$files" || link.forward.on == "registry_publications"
}

/// Checks a backup: every entry, every entity, every file, every digest that a
/// path names, and every link that has to lead somewhere. Answers what is in it.
///
/// [`BackupError::Invalid`] says what is wrong and where.
pub fn check(path: &Path) -> Result<BackupSummary, BackupError> {
    let mut archive = Archive::open(path)?;
    let kinds = Kinds::of(&archive.config.schema);
    let mut summary = BackupSummary::default();
    let mut ids: HashMap<String, HashSet<EntityId>> = HashMap::new();
    let schema = archive.config.schema.clone();
    let needed: HashMap<(&str, &str), &Link> = {
        let links = schema.links.values().filter(|link| must_lead(link));
        links.map(|link| ((&*link.forward.on, &*link.forward.label), link)).collect()
    };
    let mut leads: Vec<(&Link, EntityId)> = Vec::new();
    let mut stored: HashMap<EntityId, Stored> = HashMap::new();
    let mut settings: HashMap<EntityId, Digest> = HashMap::new();
    let entities = archive.entities.clone();
    for (namespace, place) in &entities {
        let there = ids.entry(namespace.clone()).or_default();
        let mut rows = 0;
        let mut triples = 0;
        archive.lines(*place, |_, line| {
            rows += 1;
            let (row, more) = kinds.row(namespace, line)?;
            triples += more;
            let Some(row) = row else {
                return Ok(());
            };
            if !there.insert(row.id) {
                return Err(format!("the id {} is there twice", row.id));
            }
            let links = row.one.iter().filter_map(|(label, to)| Some((*needed.get(&(&**namespace, &**label))?, *to)));
            leads.extend(links);
            if namespace == "$files" {
                let (location, path, size) = file(&row)?;
                if stored.insert(location, Stored { id: row.id, path, size }).is_some() {
                    return Err(format!("the location-id {location} is there twice"));
                }
            }
            if namespace == "registry_snapshots" {
                settings.extend(list_of(&row));
            }
            Ok(())
        })?;
        if rows > 0 {
            summary.entities.insert(namespace.clone(), rows);
        }
        summary.triples += triples;
    }
    for (Link { forward, reverse }, to) in leads {
        if !ids.get(&reverse.on).is_some_and(|ids| ids.contains(&to)) {
            let problem = format!("{}.{} leads to {} {to}, which is not in it", forward.on, forward.label, reverse.on);
            return Err(archive.invalid(problem));
        }
    }
    check_counts(&archive, &summary)?;
    check_files(&mut archive, stored, &settings, &mut summary)?;
    Ok(summary)
}

/// Location, path and size of a row of `$files`.
pub(crate) fn file(row: &Row) -> Result<(EntityId, String, u64), String> {
    let text = |label: &str| row.values.get(label).and_then(Value::as_str);
    let location = text("location-id").and_then(|id| id.parse().ok());
    let size = row.values.get("size").and_then(Value::as_u64);
    match (location, text("path"), size) {
        (Some(location), Some(path), Some(size)) if !path.is_empty() => Ok((location, path.to_owned(), size)),
        _ => Err(format!("the file {} lacks its path, size or location-id", row.id)),
    }
}

fn check_counts(archive: &Archive, found: &BackupSummary) -> Result<(), BackupError> {
    let told = &archive.config.counts;
    for namespace in told.keys().chain(found.entities.keys()) {
        let [told, found] = [told, &found.entities].map(|counts| counts.get(namespace).copied().unwrap_or_default());
        if told != found {
            let problem = format!("config.json tells of {told} entities of {namespace}, and there are {found}");
            return Err(archive.invalid(problem));
        }
    }
    match archive.config.triple_count {
        Some(told) if told != found.triples => {
            Err(archive.invalid(format!("config.json tells of {told} triples, and there are {}", found.triples)))
        }
        _ => Ok(()),
    }
}

/// A file as its row tells of it.
struct Stored {
    id: EntityId,
    path: String,
    size: u64,
}

/// The file that a snapshot's list lies in, and the digest of the settings it was made with.
fn list_of(row: &Row) -> Option<(EntityId, Digest)> {
    let (_, list) = row.one.iter().find(|(label, _)| label == "list")?;
    Some((*list, row.values.get("settingsDigest")?.as_str()?.parse().ok()?))
}

fn check_files(
    archive: &mut Archive,
    mut stored: HashMap<EntityId, Stored>,
    settings: &HashMap<EntityId, Digest>,
    summary: &mut BackupSummary,
) -> Result<(), BackupError> {
    let mut paths = HashSet::new();
    if let Some(Stored { path, .. }) = stored.values().find(|file| !paths.insert(file.path.clone())) {
        return Err(archive.invalid(format!("two files have the path {path:?}")));
    }
    for (location, place) in archive.files.clone() {
        let Some(Stored { id, path, size }) = stored.remove(&location) else {
            return Err(archive.invalid(format!("files/{location} belongs to no row of $files")));
        };
        let mut content = Content::named_by(&path, settings.get(&id));
        archive.pieces(place, size, |piece| {
            content.hasher.update(piece);
            Ok(())
        })?;
        if !content.fits() {
            let problem = format!("files/{location} does not have the content that its path {path} names");
            return Err(archive.invalid(problem));
        }
        summary.files += 1;
        summary.bytes += size;
    }
    match stored.iter().next() {
        None => Ok(()),
        Some((location, Stored { path, .. })) => {
            Err(archive.invalid(format!("files/{location} is missing, the file {path}")))
        }
    }
}

/// A file's content, which has to be what its path names.
struct Content {
    hasher: Sha256,
    named: Option<Digest>,
}

impl Content {
    /// The path of a list of versions names the settings too that it was made with.
    fn named_by(path: &str, settings: Option<&Digest>) -> Self {
        let list = || path.strip_prefix("registry/snapshots/").and_then(|name| name.parse::<Digest>().ok());
        let mut hasher = Sha256::new();
        let named = digest_in(path).or_else(|| {
            let (named, settings) = list().zip(settings)?;
            hasher.update(settings.as_bytes());
            Some(named)
        });
        Self { hasher, named }
    }

    fn fits(self) -> bool {
        self.named.is_none_or(|named| named == Digest::from_bytes(self.hasher.finalize().into()))
    }
}

/// The digest of its content that the path of a stored file names: `registry/blobs/<sha256>`.
pub fn digest_in(path: &str) -> Option<Digest> {
    path.strip_prefix("registry/blobs/")?.parse().ok()
}
