//! Writing a backup.

use super::{BackupError, BackupSummary, Config};
use model::EntityId;
use serde_json::{Map, Value, json};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// One entity with its values and links.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Its id.
    pub(crate) id: EntityId,
    /// When it was created, in milliseconds since 1970.
    pub(crate) created_at: i64,
    /// Its values.
    pub(crate) values: Map<String, Value>,
    /// What it leads to by has-one links.
    pub(crate) one: Vec<(String, EntityId)>,
    /// What it leads to by has-many links.
    pub(crate) many: Vec<(String, Vec<EntityId>)>,
}

impl Row {
    /// How many triples it is.
    pub(crate) fn triples(&self) -> u64 {
        let many: usize = self.many.iter().map(|(_, to)| to.len()).sum();
        (1 + self.values.len() + self.one.len() + many) as u64
    }

    fn to_json(&self) -> Value {
        let mut entity = Map::new();
        entity.insert("id".to_owned(), self.id.to_string().into());
        entity.extend(self.values.iter().map(|(label, value)| (label.clone(), value.clone())));
        entity.extend(self.one.iter().map(|(label, to)| (label.clone(), to.to_string().into())));
        let list = |to: &[EntityId]| to.iter().map(|id| Value::from(id.to_string())).collect::<Value>();
        entity.extend(self.many.iter().map(|(label, to)| (label.clone(), list(to))));
        json!({ "entity": entity, "createdAt": self.created_at })
    }
}

/// One state of a store, which does not change while it is read.
pub(crate) trait Source {
    /// What the app is; counts are filled in by the writer.
    fn config(&self) -> Config;
    /// The namespaces, in the order of the backup.
    fn namespaces(&self) -> Vec<String>;
    /// The entities of one, in any order that stays the same.
    fn rows(&self, namespace: &str, each: &mut dyn FnMut(Row) -> Result<(), BackupError>) -> Result<(), BackupError>;
    /// Writes the bytes of a file, by the id of its row; answers how many.
    fn copy(&self, file: EntityId, to: &mut dyn Write) -> Result<u64, BackupError>;
}

/// Writes a backup to `path`, which holds it whole or not at all. `progress` is
/// told how many entities and files are written, and of how many.
pub(crate) fn write(
    source: &dyn Source,
    path: &Path,
    replace: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BackupSummary, BackupError> {
    if !replace && path.exists() {
        return Err(BackupError::Exists(path.to_owned()));
    }
    let aside = Aside::open(path)?;
    let failed = |error| BackupError::io(format!("writing {}", aside.path.display()), error);
    let file = aside.file.try_clone().map_err(failed)?;
    let (file, summary) = zip(source, BufWriter::new(file), &aside.path, progress)?;
    file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).map_err(failed)?;
    // What was written is what is there: a disk may lie.
    let found = super::check(&aside.path)?;
    if found != summary {
        let problem = "it was read back differently from how it was written; look at the disk".to_owned();
        return Err(BackupError::Invalid { path: aside.path.clone(), problem });
    }
    aside.rename(path, replace)?;
    Ok(summary)
}

/// A file under a name of its own until it is whole.
struct Aside {
    path: PathBuf,
    file: File,
    done: bool,
}

impl Aside {
    /// Opens it beside `path`, for its owner alone. One that a killed process
    /// left is used again.
    fn open(path: &Path) -> Result<Self, BackupError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        // Not a name that others give what they have not finished, such as browsers.
        name.push(".backup-part");
        let aside = path.with_file_name(name);
        let failed = |error| BackupError::io(format!("opening {}", aside.display()), error);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&aside).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
        file.set_len(0).map_err(failed)?;
        Ok(Self { path: aside, file, done: false })
    }

    fn rename(mut self, path: &Path, replace: bool) -> Result<(), BackupError> {
        if !replace && path.exists() {
            return Err(BackupError::Exists(path.to_owned()));
        }
        let renamed = std::fs::rename(&self.path, path).and_then(|()| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // The name, too, must outlast a loss of power.
            File::open(folder)?.sync_all()
        });
        renamed.map_err(|error| BackupError::io(format!("naming {}", path.display()), error))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.done
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(file = %self.path.display(), %error, "an unfinished backup was left behind");
        }
    }
}

fn zip<W: Write + Seek>(
    source: &dyn Source,
    out: W,
    path: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(W, BackupSummary), BackupError> {
    let io = |error: io::Error| BackupError::io(format!("writing {}", path.display()), error);
    let zipped = |error: zip::result::ZipError| io(error.into());
    let namespaces = source.namespaces();
    let mut config = source.config();
    let mut summary = BackupSummary::default();
    let mut files: Vec<(EntityId, String, u64)> = Vec::new();
    // The counts stand first, so everything is read twice.
    let mut large = std::collections::BTreeSet::new();
    for namespace in &namespaces {
        let (mut rows, mut size) = (0, 0_u64);
        source.rows(namespace, &mut |row| {
            rows += 1;
            summary.triples += row.triples();
            size += row.values.values().map(roughly).sum::<u64>() + 64 * row.triples();
            if namespace == "$files" {
                let location = row.values.get("location-id").and_then(Value::as_str).unwrap_or_default();
                let size = row.values.get("size").and_then(Value::as_u64).unwrap_or_default();
                files.push((row.id, location.to_owned(), size));
            }
            Ok(())
        })?;
        if rows > 0 {
            summary.entities.insert(namespace.clone(), rows);
        }
        if size > u64::from(u32::MAX) / 4 {
            large.insert(namespace.clone());
        }
    }
    config.counts.clone_from(&summary.entities);
    config.triple_count = Some(summary.triples);
    summary.files = files.len() as u64;

    let mut zip = ZipWriter::new(out);
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("config.json", options).map_err(zipped)?;
    serde_json::to_writer(&mut zip, &config).map_err(|error| io(error.into()))?;
    let total = summary.entities.values().sum::<u64>() + summary.files;
    let mut done = 0;
    for namespace in summary.entities.keys() {
        let options = options.large_file(large.contains(namespace));
        zip.start_file(format!("entities/{namespace}.jsonl"), options).map_err(zipped)?;
        source.rows(namespace, &mut |row| {
            serde_json::to_writer(&mut zip, &row.to_json()).map_err(|error| io(error.into()))?;
            zip.write_all(b"\n").map_err(io)?;
            done += 1;
            progress(done, total);
            Ok(())
        })?;
    }
    for (id, location, size) in files {
        let options = options.large_file(size > u64::from(u32::MAX) / 2);
        zip.start_file(format!("files/{location}"), options).map_err(zipped)?;
        summary.bytes += source.copy(id, &mut zip)?;
        done += 1;
        progress(done, total);
    }
    Ok((zip.finish().map_err(zipped)?, summary))
}

/// About how long a value is as JSON.
fn roughly(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(_) | Value::Object(_) => value.to_string().len() as u64,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
