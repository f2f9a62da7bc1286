//! A zip, opened with distrust: names, sizes and places are those of a backup,
//! or it is not read at all.

use super::{BackupError, Config};
use model::EntityId;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// The longest `config.json`, in bytes.
const MAX_CONFIG: u64 = 64 * 1024 * 1024;
/// The longest entity, in bytes: InstantDB takes strings of up to 20 million characters.
const MAX_LINE: u64 = 64 * 1024 * 1024;
/// How much of a file is in memory, in bytes.
const PIECE: usize = 256 * 1024;
/// The most entries of a zip.
const MAX_ENTRIES: usize = 10_000_000;

/// An opened backup.
pub(crate) struct Archive {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
    /// What the app is.
    pub(crate) config: Config,
    /// Namespaces and the places of their entries.
    pub(crate) entities: Vec<(String, usize)>,
    /// Location ids and the places of their entries.
    pub(crate) files: Vec<(EntityId, usize)>,
}

impl Archive {
    /// Opens a file and looks at its list of entries.
    pub(crate) fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(|error| BackupError::io(format!("opening {}", path.display()), error))?;
        let invalid = |problem: String| BackupError::Invalid { path: path.to_owned(), problem };
        let mut zip = ZipArchive::new(BufReader::new(file))
            .map_err(|error| invalid(format!("it is not a whole zip file ({error})")))?;
        if zip.len() > MAX_ENTRIES {
            return Err(invalid(format!("it has {} entries, more than {MAX_ENTRIES}", zip.len())));
        }
        if zip.has_duplicate_names() {
            return Err(invalid("two entries have the same name".to_owned()));
        }
        if zip.has_overlapping_entries().map_err(|error| invalid(error.to_string()))? {
            return Err(invalid("its entries overlap".to_owned()));
        }
        let (mut entities, mut files) = (Vec::new(), Vec::new());
        for place in 0..zip.len() {
            let entry = zip.by_index_data(place).map_err(|error| invalid(error.to_string()))?;
            let name = entry.name().map_err(|error| invalid(error.to_string()))?.into_owned();
            if entry.encrypted() || !entry.is_file() {
                return Err(invalid(format!("the entry {name:?} is not a plain file")));
            }
            let namespace = name.strip_prefix("entities/").and_then(|name| name.strip_suffix(".jsonl"));
            let location = name.strip_prefix("files/").and_then(|name| name.parse::<EntityId>().ok());
            match (place, namespace, location) {
                (0, _, _) if name == "config.json" => {}
                (0, _, _) => return Err(invalid(format!("its first entry is {name:?} instead of \"config.json\""))),
                (_, Some(namespace), _) if is_name(namespace) => entities.push((namespace.to_owned(), place)),
                (_, _, Some(location)) => files.push((location, place)),
                _ => return Err(invalid(format!("the entry {name:?} is none of a backup"))),
            }
        }
        let config = config(&mut zip).map_err(invalid)?;
        Ok(Self { path: path.to_owned(), zip, config, entities, files })
    }

    /// That it cannot be used.
    pub(crate) fn invalid(&self, problem: impl Into<String>) -> BackupError {
        BackupError::Invalid { path: self.path.clone(), problem: problem.into() }
    }

    /// Reads the entry at `place` line by line, with the number of each.
    pub(crate) fn lines(
        &mut self,
        place: usize,
        mut each: impl FnMut(u64, &[u8]) -> Result<(), String>,
    ) -> Result<(), BackupError> {
        let path = self.path.clone();
        let invalid = |problem: String| BackupError::Invalid { path: path.clone(), problem };
        let entry = self.zip.by_index(place).map_err(|error| invalid(error.to_string()))?;
        let name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        let mut reader = BufReader::new(entry);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let failed = |problem: String| invalid(format!("{name}, line {number}: {problem}"));
            let read = (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line);
            let read = read.map_err(|error| failed(damaged(&error)))?;
            if read == 0 {
                break;
            }
            if line.len() as u64 >= MAX_LINE {
                return Err(failed(format!("it is longer than {MAX_LINE} bytes")));
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            each(number, &line).map_err(failed)?;
        }
        Ok(())
    }

    /// The file at `place` piece by piece, which has to have this many bytes: a
    /// small entry may unpack to more than memory holds.
    pub(crate) fn pieces(
        &mut self,
        place: usize,
        size: u64,
        mut each: impl FnMut(&[u8]) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let path = self.path.clone();
        let invalid = |problem: String| BackupError::Invalid { path: path.clone(), problem };
        let entry = self.zip.by_index(place).map_err(|error| invalid(error.to_string()))?;
        let name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
        // One more, to notice that there is more.
        let mut reader = BufReader::with_capacity(PIECE, entry.take(size.saturating_add(1)));
        let mut found = 0;
        loop {
            let piece = reader.fill_buf().map_err(|error| invalid(format!("{name}: {}", damaged(&error))))?;
            let length = piece.len();
            if length == 0 {
                break;
            }
            found += length as u64;
            if found > size {
                break;
            }
            each(piece)?;
            reader.consume(length);
        }
        if found == size {
            return Ok(());
        }
        Err(invalid(format!("{name} does not have the {size} bytes that its row says")))
    }
}

fn damaged(error: &io::Error) -> String {
    format!("it cannot be unpacked ({error})")
}

fn config(zip: &mut ZipArchive<BufReader<File>>) -> Result<Config, String> {
    let entry = zip.by_index(0).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    entry.take(MAX_CONFIG + 1).read_to_end(&mut text).map_err(|error| format!("config.json: {}", damaged(&error)))?;
    if text.len() as u64 > MAX_CONFIG {
        return Err(format!("config.json is longer than {MAX_CONFIG} bytes"));
    }
    serde_json::from_slice(&text).map_err(|error| format!("config.json is not that of a backup: {error}"))
}

/// Whether a namespace can have this name.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && !name.contains(['/', '\\', '"', '.'])
        && !name.chars().any(char::is_control)
}
