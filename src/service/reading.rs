//! Reading a repository: refs, the tree of one commit, and which texts are new.

mod modules;

use super::{ServiceError, tree::CommitTree};
use crate::data::DataFolder;
use bytes::Bytes;
use git::{Address, Repository};
use instant::rows;
use model::{CommitSha, DependencyPolicy, Digest, Namespace, ObjectId, RepositoryId};
use modules::Modules;
use source::{Blobs, Dialect, Module, Registry, Settings};
use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::PathBuf,
};

/// What of a repository's settings decides what is read and served.
#[derive(Debug, Clone)]
pub(super) struct ReadingSettings {
    pub(super) config_path: Option<String>,
    pub(super) namespace: Option<Namespace>,
    pub(super) policy: DependencyPolicy,
    pub(super) branch: Option<String>,
}

impl ReadingSettings {
    pub(super) fn of(row: &rows::Repository) -> Result<Self, ServiceError> {
        Ok(Self {
            config_path: row.config_path.clone().filter(|path| !path.is_empty()),
            namespace: row.namespace.as_deref().map(str::parse).transpose()?,
            policy: row.dependency_policy.as_deref().unwrap_or_default().parse().unwrap_or_default(),
            branch: row.tracked_ref.clone(),
        })
    }

    /// The digest that a snapshot carries: other settings, other snapshot.
    pub(super) fn digest(&self) -> Digest {
        let text = format!(
            "{}\0{}\0{}\0{}",
            self.config_path.as_deref().unwrap_or_default(),
            self.namespace.as_ref().map_or("", |namespace| namespace.as_str()),
            self.policy,
            self.branch.as_deref().unwrap_or_default(),
        );
        Digest::of(text.as_bytes())
    }

    pub(super) fn source(&self) -> Settings {
        Settings {
            config_path: self.config_path.clone(),
            namespace: self.namespace.clone(),
            is_shadcn_name: Some(crate::catalog::is_shadcn_name),
        }
    }
}

/// Opens the repository's mirror, or the repository itself where it is local.
/// All registries of one repository share its mirror.
pub(super) fn open(data: &DataFolder, url: &str) -> Result<Repository, ServiceError> {
    let address = Address::parse(url, true).map_err(|error| ServiceError::Invalid(error.to_string()))?;
    match &address {
        Address::Local(path) => Ok(Repository::open_in_place(path)?),
        Address::Remote(remote) => {
            fs::create_dir_all(data.git())?;
            Ok(Repository::open_mirror(&data.mirror(&address.key()), remote)?)
        }
    }
}

/// The texts of a repository: which object ids are known, and what is new.
#[derive(Debug, Default)]
pub(super) struct Texts {
    path: PathBuf,
    modules: Modules,
    known: HashMap<ObjectId, (Digest, u64)>,
    /// Read in this sync, by digest.
    pub(super) fresh: HashMap<Digest, Bytes>,
    grown: bool,
}

type StoredText = ([u8; 20], [u8; 32], u64);

impl Texts {
    /// What earlier syncs knew. A file that cannot be read is an empty memory.
    pub(super) fn load(data: &DataFolder, id: RepositoryId) -> Self {
        let path = data.git().join(format!("{id}.texts"));
        let stored: Vec<StoredText> =
            fs::read(&path).ok().and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default();
        let known = stored
            .into_iter()
            .map(|(id, digest, size)| (ObjectId::from_bytes(id), (Digest::from_bytes(digest), size)))
            .collect();
        let modules = Modules::at(data.git().join(format!("{id}.modules")));
        Self { path, modules, known, ..Self::default() }
    }

    /// Remembers, once everything that is known is in the store. What was not
    /// loaded for a repository has no place to be remembered in.
    pub(super) fn save(&self) -> io::Result<()> {
        self.modules.save()?;
        if !self.grown || self.path.as_os_str().is_empty() {
            return Ok(());
        }
        let stored: Vec<StoredText> =
            self.known.iter().map(|(id, (digest, size))| (*id.as_bytes(), *digest.as_bytes(), *size)).collect();
        let bytes = postcard::to_stdvec(&stored).map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        // A pinned request may save at the same time as a sync: each writes a file of its own.
        let temporary = self.path.with_extension(format!("{}.new", uuid::Uuid::new_v4()));
        let saved = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, &self.path));
        if saved.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        saved
    }

    /// The objects that hold these texts, for reading them again.
    pub(super) fn objects_of(&self, digests: &HashSet<Digest>) -> Vec<(Digest, ObjectId)> {
        let held = self.known.iter().filter(|(_, (digest, _))| digests.contains(digest));
        held.map(|(id, (digest, _))| (*digest, *id)).collect()
    }
}

impl Blobs for Texts {
    fn known(&self, id: ObjectId) -> Option<(Digest, u64)> {
        self.known.get(&id).copied()
    }

    fn store(&mut self, id: Option<ObjectId>, digest: Digest, bytes: Vec<u8>) {
        if let Some(id) = id {
            self.known.insert(id, (digest, bytes.len() as u64));
            self.grown = true;
        }
        self.fresh.entry(digest).or_insert_with(|| bytes.into());
    }

    fn parsed(&self, id: ObjectId, dialect: Dialect) -> Option<Module> {
        self.modules.get(id, dialect)
    }

    fn store_parsed(&mut self, id: ObjectId, dialect: Dialect, module: &Module) {
        self.modules.put(id, dialect, module);
    }
}

/// Reads the registry of one commit. Blocks.
pub(super) fn read_commit(
    repository: &Repository,
    commit: &CommitSha,
    settings: &ReadingSettings,
    texts: &mut Texts,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Registry, ServiceError> {
    let tree = CommitTree(repository.tree(commit)?);
    Ok(source::read_registry(&tree, &settings.source(), texts, progress)?)
}
