//! The data folder: what lies where, and who may use it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The layout of a data folder.
#[derive(Debug, Clone)]
pub struct DataFolder {
    root: PathBuf,
    /// The folder of the whole installation: the same, but for one organisation of many.
    whole: PathBuf,
    /// The app that holds the data; none where the folder itself does.
    app: Option<String>,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another process uses it.
    #[error("the data folder {} is in use by another ekairos-registry; stop that one, or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    /// It cannot be created or opened.
    #[error("cannot use the data folder {}: {source}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The right to use a data folder, held until dropped or the process ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataFolder {
    /// The folder at this path, created for this user alone if there is none.
    pub fn at(root: &Path) -> Result<Self, DataError> {
        let unusable = |source| DataError::Unusable { path: root.to_owned(), source };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(root).map_err(unusable)?;
        let root = root.canonicalize().map_err(unusable)?;
        Ok(Self { whole: root.clone(), root, app: None })
    }

    /// One organisation's part of the folder, where there are many. Nothing in
    /// it is another one's: not even a mirror of the same repository, which may
    /// have been fetched with credentials that the other has not.
    pub fn of(&self, organisation: &model::OrganisationId) -> Result<Self, DataError> {
        let part = Self::at(&self.whole.join("organisations").join(organisation.as_str()))?;
        Ok(Self { whole: self.whole.clone(), ..part })
    }

    /// The organisations that have a part of the folder.
    pub fn organisations(&self) -> Vec<model::OrganisationId> {
        let Ok(entries) = fs::read_dir(self.whole.join("organisations")) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut organisations: Vec<_> = names.filter_map(|name| name.parse().ok()).collect();
        organisations.sort();
        organisations
    }

    /// As the cache of this app: what is kept of another one is not looked at.
    #[must_use]
    pub fn of_app(self, app: instant::AppId) -> Self {
        Self { app: Some(app.to_string()), ..self }
    }

    /// Takes the folder for this process.
    pub fn lock(&self) -> Result<DataLock, DataError> {
        let unusable = |source| DataError::Unusable { path: self.root.clone(), source };
        let mut file = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(self.root.join("lock"))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataError::InUse(self.root.clone())),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        // For a person who wonders; the lock itself is what counts.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(DataLock { _file: file })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where one organisation's git mirrors lie.
    pub fn git(&self) -> PathBuf {
        self.root.join("git")
    }

    /// Where the mirror of the repository at this address lies, whatever
    /// registries of it are served: `address` is a [`git::Address::key`].
    pub fn mirror(&self, address: &str) -> PathBuf {
        let name = model::Digest::of(address.as_bytes()).to_string();
        self.git().join(&name[..32])
    }

    /// Where one organisation's catalogue lies.
    pub fn catalog(&self, organisation: &model::OrganisationId) -> PathBuf {
        self.kept_of(organisation, "bin")
    }

    /// Where that lies, sealed, which one organisation keeps beside its catalogue.
    pub fn kept(&self, organisation: &model::OrganisationId) -> PathBuf {
        self.kept_of(organisation, "sealed")
    }

    fn kept_of(&self, organisation: &model::OrganisationId, end: &str) -> PathBuf {
        let app = self.app.as_ref().map_or_else(String::new, |app| format!(".{app}"));
        self.root.join("catalog").join(format!("{organisation}{app}.{end}"))
    }

    /// Where that lies, sealed, which opened an organisation's database last.
    pub fn credentials_of(&self, organisation: &model::OrganisationId) -> PathBuf {
        self.whole.join("organisations").join(organisation.as_str()).join("credentials.sealed")
    }

    /// Where that lies which says that anyone may read an organisation's registry.
    pub fn public_of(&self, organisation: &model::OrganisationId) -> PathBuf {
        self.whole.join("organisations").join(organisation.as_str()).join("public.json")
    }

    /// Where the key lies that seals secrets, unless the configuration has one.
    pub fn sealing_key(&self) -> PathBuf {
        self.whole.join("seal.key")
    }

    /// The socket over which commands reach a running server.
    pub fn control_socket(&self) -> PathBuf {
        self.whole.join("control.sock")
    }
}
