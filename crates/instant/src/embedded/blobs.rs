//! File storage: one file per content under `blobs/`, named by its SHA-256.
//!
//! Blob files are written aside, renamed, and brought to the disk before a row
//! names them, so that a row never stands for half a file, also after a power
//! failure. Bytes are checked against their name whenever they are read, and
//! uploading them again mends the file.

use super::catalog::Catalog;
use super::intake::FileMeta;
use super::{FileHead, Shared, locked, lookup, write};
use crate::InstantError;
use crate::store::{TxId, Upload};
use bytes::Bytes;
use model::{Digest, EntityId};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

/// The digests behind paths, in order.
pub(super) fn digests(
    connection: &Connection,
    catalog: &Catalog,
    paths: &[String],
) -> Result<Vec<Option<Digest>>, InstantError> {
    let mut select = connection.prepare_cached("SELECT digest FROM blobs WHERE file = ?1")?;
    paths
        .iter()
        .map(|path| {
            let Some(file) = lookup::by_value(connection, catalog, "$files", "path", &path.as_str().into())? else {
                return Ok(None);
            };
            let digest: Option<[u8; 32]> = select.query_row([file.as_bytes()], |row| row.get(0)).optional()?;
            Ok(digest.map(Digest::from_bytes))
        })
        .collect()
}

/// The file at a location, still without its bytes, and their digest.
pub(super) fn at_location(
    connection: &Connection,
    catalog: &Catalog,
    location: &str,
) -> Result<Option<(FileHead, Digest)>, InstantError> {
    let Some(file) = lookup::by_value(connection, catalog, "$files", "location-id", &location.into())? else {
        return Ok(None);
    };
    let Some(namespace) = catalog.namespace("$files") else {
        return Ok(None);
    };
    let mut select = connection.prepare_cached(
        "SELECT b.digest, e.doc FROM blobs b JOIN entities e ON e.etype = ?1 AND e.id = b.file WHERE b.file = ?2",
    )?;
    let row: Option<([u8; 32], String)> =
        select.query_row(params![namespace.id, file.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((digest, doc)) = row else {
        return Ok(None);
    };
    let values: Value =
        serde_json::from_str(&doc).map_err(|_| InstantError::Corrupt { what: format!("entity {file} is not JSON") })?;
    let text = |label: &str| values.get(label).and_then(Value::as_str).unwrap_or_default().to_owned();
    let head = FileHead {
        path: text("path"),
        content_type: text("content-type"),
        content_disposition: text("content-disposition"),
    };
    Ok(Some((head, Digest::from_bytes(digest))))
}

impl Shared {
    pub(super) fn blob_path(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.dir.join("blobs").join(&name[..2]).join(name)
    }

    /// The bytes of a blob, unchecked; `None` when there is no file.
    pub(super) fn read_blob(&self, digest: Digest) -> Result<Option<Vec<u8>>, InstantError> {
        let path = self.blob_path(digest);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(InstantError::io(format!("reading {}", path.display()), error)),
        }
    }

    /// The bytes of a blob that a row names.
    pub(super) fn checked_blob(&self, digest: Digest) -> Result<Bytes, InstantError> {
        match self.read_blob(digest)? {
            Some(bytes) if Digest::of(&bytes) == digest => Ok(bytes.into()),
            Some(_) => Err(InstantError::Corrupt { what: format!("blob {digest} has other bytes than its name says") }),
            None => Err(InstantError::Corrupt { what: format!("blob {digest} has no file") }),
        }
    }

    /// Writes the bytes first, then the `$files` rows in one transaction.
    pub(super) fn upload(&self, uploads: &[Upload]) -> Result<(TxId, Vec<EntityId>), InstantError> {
        self.app().check_writable()?;
        let _files = locked(&self.blob_files);
        let mut new = Vec::new();
        let write = |upload: &Upload| self.write_blob(&upload.bytes, &mut new);
        let digests = uploads.iter().map(write).collect::<Result<Vec<_>, _>>()?;
        self.bring_to_disk(&new)?;
        let metas: Vec<FileMeta> = uploads
            .iter()
            .map(|upload| FileMeta {
                path: upload.path.clone(),
                content_type: Some(upload.content_type.clone()),
                content_disposition: None,
            })
            .collect();
        let row = |((meta, upload), digest): ((_, &Upload), Digest)| write::FileRow {
            meta,
            size: upload.bytes.len() as u64,
            digest,
        };
        let rows: Vec<write::FileRow<'_>> = metas.iter().zip(uploads).zip(digests).map(row).collect();
        self.write_blocking(|connection, catalog| {
            let (tx, stored) = write::run_files(connection, catalog, &rows)?;
            Ok((tx, stored.into_iter().map(|file| file.id).collect()))
        })
    }

    /// Waits until these files are on the disk. On Linux that is one call for
    /// all of them: one for each would take longer than everything else.
    pub(super) fn bring_to_disk(&self, files: &[PathBuf]) -> Result<(), InstantError> {
        if files.is_empty() {
            return Ok(());
        }
        let folder = self.dir.join("blobs");
        #[cfg(target_os = "linux")]
        let done = fs::File::open(&folder).and_then(|folder| Ok(rustix::fs::syncfs(&folder)?));
        #[cfg(not(target_os = "linux"))]
        let done = files.iter().try_for_each(|file| {
            fs::File::open(file)?.sync_all()?;
            fs::File::open(file.parent().unwrap_or(&folder))?.sync_all()
        });
        done.map_err(|error| InstantError::io(format!("writing {} to the disk", folder.display()), error))
    }

    /// Writes the bytes, unless they are there; `new` takes down what was written.
    pub(super) fn write_blob(&self, bytes: &[u8], new: &mut Vec<PathBuf>) -> Result<Digest, InstantError> {
        let digest = Digest::of(bytes);
        let path = self.blob_path(digest);
        // A file of another length was cut off by a power failure.
        if fs::metadata(&path).is_ok_and(|file| file.len() == bytes.len() as u64) {
            return Ok(digest);
        }
        let aside = self.dir.join("blobs").join(format!("{}.part", EntityId::random()));
        let written = fs::write(&aside, bytes).and_then(|()| match fs::rename(&aside, &path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
                fs::rename(&aside, &path)
            }
            renamed => renamed,
        });
        written.map_err(|error| {
            // Nothing more can be done for what was left aside; `collect_blobs` finds it.
            let _ = fs::remove_file(&aside);
            InstantError::io(format!("writing {}", path.display()), error)
        })?;
        new.push(path);
        Ok(digest)
    }

    /// Removes blob files that no row names, and files left aside.
    pub(super) fn collect_blobs(&self, grace: Duration) -> Result<u64, InstantError> {
        let _alone = self.collecting.write().unwrap_or_else(PoisonError::into_inner);
        let _files = locked(&self.blob_files);
        let connection = locked(&self.writer);
        let mut named = connection.prepare_cached("SELECT 1 FROM blobs WHERE digest = ?1 LIMIT 1")?;
        let root = self.dir.join("blobs");
        let fail = |error| InstantError::io(format!("reading {}", root.display()), error);
        let mut removed = 0;
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(fail)? {
                let entry = entry.map_err(fail)?;
                let file = entry.metadata().map_err(fail)?;
                if file.is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let age = file
                    .modified()
                    .ok()
                    .and_then(|written| SystemTime::now().duration_since(written).ok())
                    .unwrap_or_default();
                let digest = entry.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
                let kept = match digest {
                    Some(digest) => named.exists([digest.as_bytes()])?,
                    None => false,
                };
                if !kept && age >= grace {
                    fs::remove_file(entry.path()).map_err(fail)?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}
