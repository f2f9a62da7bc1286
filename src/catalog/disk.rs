//! The catalogue on disk: what was served last is served again at once after a
//! start. A cache: a file that cannot be read is made anew from the store.

use super::{Answer, Catalog, Entry, Identity, Names};
use bytes::Bytes;
use model::{Digest, ItemName};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use source::Dependency;
use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

/// Raised whenever what is stored, or how an item is rendered, changes.
const FORMAT: &str = "ekairos-catalog-4\n";

#[derive(Serialize, Deserialize)]
struct Stored {
    /// Tells what the catalogue was made from.
    basis: Option<Digest>,
    identity: Identity,
    names: Names,
    entries: Vec<StoredEntry>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    name: ItemName,
    component: [u8; 16],
    repository: [u8; 16],
    version: [u8; 32],
    updated_at: i64,
    kind: Box<str>,
    title: Option<Box<str>>,
    description: Option<Box<str>>,
    files: u32,
    /// Whether it is our own item, and the text.
    dependencies: Vec<(bool, String)>,
    written: Vec<Box<str>>,
    splices: Vec<u32>,
    listed: Box<str>,
    listed_splices: Vec<u32>,
    gzip: Blob,
    tag: [u8; 16],
}

/// Bytes that are written and read in one piece, not one by one.
struct Blob(Bytes);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|bytes| Self(Bytes::copy_from_slice(bytes)))
    }
}

/// Writes the catalogue, whole or not at all.
pub fn save(path: &Path, catalog: &Catalog) -> io::Result<()> {
    let entries = catalog.entries().iter().map(|entry| StoredEntry {
        name: entry.name.clone(),
        component: *entry.component.entity().as_bytes(),
        repository: *entry.repository.entity().as_bytes(),
        version: *entry.version.as_bytes(),
        updated_at: entry.updated_at,
        kind: entry.kind.clone(),
        title: entry.title.clone(),
        description: entry.description.clone(),
        files: entry.files,
        dependencies: entry
            .dependencies
            .iter()
            .map(|dependency| match dependency {
                Dependency::Own(name) => (true, name.clone()),
                Dependency::AsWritten(text) => (false, text.clone()),
            })
            .collect(),
        written: entry.written.clone(),
        splices: entry.splices.clone(),
        listed: entry.listed.clone(),
        listed_splices: entry.listed_splices.clone(),
        gzip: Blob(entry.answer.gzip()),
        tag: entry.answer.tag(),
    });
    let stored = Stored {
        basis: catalog.basis(),
        identity: catalog.identity().clone(),
        names: catalog.names().clone(),
        entries: entries.collect(),
    };
    let body = postcard::to_stdvec(&stored).map_err(io::Error::other)?;
    let folder = path.parent().expect("the catalogue lies in a folder");
    fs::create_dir_all(folder)?;
    let temporary = path.with_extension("new");
    let mut file = fs::File::create(&temporary)?;
    file.write_all(FORMAT.as_bytes())?;
    file.write_all(Digest::of(&body).as_bytes())?;
    file.write_all(&body)?;
    drop(file);
    fs::rename(temporary, path)
}

/// Reads a catalogue; `None` when there is none that this version can use.
pub fn load(path: &Path) -> Option<Catalog> {
    let bytes = fs::read(path).ok()?;
    let rest = bytes.strip_prefix(FORMAT.as_bytes())?;
    let (digest, body) = rest.split_at_checked(32)?;
    if Digest::of(body).as_bytes() != digest {
        tracing::warn!(path = %path.display(), "the catalogue on disk is damaged; making it anew");
        return None;
    }
    let stored: Stored = postcard::from_bytes(body).ok()?;
    let alias: Arc<str> = stored.identity.alias.as_str().into();
    let entries = stored.entries.into_iter().map(|entry| {
        Arc::new(Entry {
            name: entry.name,
            component: model::EntityId::from_bytes(entry.component).into(),
            repository: model::EntityId::from_bytes(entry.repository).into(),
            version: Digest::from_bytes(entry.version),
            updated_at: entry.updated_at,
            kind: entry.kind,
            title: entry.title,
            description: entry.description,
            files: entry.files,
            dependencies: entry
                .dependencies
                .into_iter()
                .map(|(own, text)| if own { Dependency::Own(text) } else { Dependency::AsWritten(text) })
                .collect(),
            written: entry.written,
            splices: entry.splices,
            listed: entry.listed,
            listed_splices: entry.listed_splices,
            alias: alias.clone(),
            answer: Answer::from_parts(entry.gzip.0, entry.tag),
        })
    });
    Some(Catalog::new(stored.basis?, stored.identity.clone(), entries.collect(), stored.names))
}
