//! Files that arrive in parts: they are written aside as they come, so that
//! memory never holds one whole.

use super::{Embedded, Shared, blocking, locked, write};
use crate::InstantError;
use model::{Digest, EntityId};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the `$files` row of a file says beside its place and size.
#[derive(Debug, Clone, Default)]
pub struct FileMeta {
    /// Its path; an existing file of this path is replaced and keeps its id.
    pub path: String,
    /// Its media type; `application/octet-stream` when absent.
    pub content_type: Option<String>,
    /// The `content-disposition` of downloads; `inline` when absent.
    pub content_disposition: Option<String>,
}

/// A file that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredFile {
    /// The id of its `$files` row.
    pub id: EntityId,
    /// Where its bytes are: new with every upload.
    pub location: EntityId,
    /// How many bytes it has.
    pub size: u64,
}

/// A file on its way into the store. What was taken in is removed unless it is finished.
pub struct Intake {
    shared: Arc<Shared>,
    aside: PathBuf,
    file: File,
    hasher: Sha256,
    size: u64,
}

impl Embedded {
    /// Begins to take in a file.
    pub async fn intake(&self) -> Result<Intake, InstantError> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.intake()).await
    }
}

impl Shared {
    /// Begins to take in a file; blocks.
    pub(super) fn intake(self: Arc<Self>) -> Result<Intake, InstantError> {
        let aside = self.dir.join("blobs").join(format!("{}.part", EntityId::random()));
        let file =
            File::create(&aside).map_err(|error| InstantError::io(format!("writing {}", aside.display()), error))?;
        Ok(Intake { shared: self, aside, file, hasher: Sha256::new(), size: 0 })
    }
}

impl Intake {
    /// How many bytes there are so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes in the next bytes.
    pub async fn push(mut self, bytes: bytes::Bytes) -> Result<Self, InstantError> {
        blocking(move || {
            self.write(&bytes)?;
            Ok(self)
        })
        .await
    }

    /// Takes in the next bytes; blocks.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), InstantError> {
        self.file
            .write_all(bytes)
            .map_err(|error| InstantError::io(format!("writing {}", self.aside.display()), error))?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// The file is whole: puts it in its place and writes its row.
    pub async fn finish(self, meta: FileMeta) -> Result<StoredFile, InstantError> {
        let shared = Arc::clone(&self.shared);
        let (tx, stored) = blocking(move || {
            let shared = Arc::clone(&self.shared);
            let _files = locked(&shared.blob_files);
            let size = self.size;
            let digest = self.settle()?;
            shared.bring_to_disk(&[shared.blob_path(digest)])?;
            shared.write_blocking(|connection, catalog| {
                let row = write::FileRow { meta: &meta, size, digest };
                let (tx, mut stored) = write::run_files(connection, catalog, &[row])?;
                let stored = stored
                    .pop()
                    .ok_or_else(|| InstantError::Corrupt { what: format!("no row for the file {}", meta.path) })?;
                Ok((tx, stored))
            })
        })
        .await?;
        shared.announce(tx);
        Ok(stored)
    }

    /// Moves what was taken in to where its content belongs; the caller holds `blob_files`.
    pub(super) fn settle(mut self) -> Result<Digest, InstantError> {
        let digest = Digest::from_bytes(std::mem::take(&mut self.hasher).finalize().into());
        let path = self.shared.blob_path(digest);
        let moved =
            fs::create_dir_all(path.parent().unwrap_or(&self.shared.dir)).and_then(|()| fs::rename(&self.aside, &path));
        moved.map_err(|error| InstantError::io(format!("writing {}", path.display()), error))?;
        Ok(digest)
    }
}

/// Removes what a process left aside that was killed in the middle of uploads.
/// For whoever has the folder to itself.
pub(super) fn sweep(blobs: &Path) {
    let left = fs::read_dir(blobs).into_iter().flatten().flatten().map(|entry| entry.path());
    for path in left.filter(|path| path.extension().is_some_and(|end| end == "part")) {
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "what an upload left could not be removed");
        }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        // Gone already when it was finished; else `collect_blobs` finds what cannot be removed.
        let _ = fs::remove_file(&self.aside);
    }
}
