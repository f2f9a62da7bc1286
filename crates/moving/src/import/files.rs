//! Files: copied, read back, and compared by digest.

use super::look::Look;
use super::{Progress, Stage, Watch};
use crate::MovingError;
use crate::read::StoredFile;
use crate::scope::OUR_FILES;
use bytes::Bytes;
use instant::Upload;
use model::Digest;

/// Files under way at a time.
const AT_ONCE: usize = 16;
/// Bytes under way at a time, unless one file alone has more.
const BYTES_AT_ONCE: u64 = 16 * 1024 * 1024;
/// How many files an error names.
const NAMED: usize = 5;

/// Cuts a list into parts that may be in memory at a time.
fn parts(files: &[(String, u64)]) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for (path, size) in files {
        match parts.last_mut() {
            Some(part) if part.len() < AT_ONCE && bytes + size <= BYTES_AT_ONCE => {
                part.push(path.clone());
                bytes += size;
            }
            _ => {
                parts.push(vec![path.clone()]);
                bytes = *size;
            }
        }
    }
    parts
}

/// A few paths, and how many more there are.
fn named(paths: &[String]) -> String {
    let first = paths.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

impl Look<'_> {
    /// Copies the files that the target does not have; answers how many.
    pub(super) async fn copy_files(&mut self, watch: &mut Watch<'_>) -> Result<u64, MovingError> {
        let missing: Vec<(String, u64)> = self
            .source_files
            .sorted()
            .into_iter()
            .filter(|(path, _)| !self.files_there.contains(*path))
            .map(|(path, file)| (path.to_owned(), file.size))
            .collect();
        let total = missing.len() as u64;
        let mut done = 0;
        for part in parts(&missing) {
            self.copy(&part).await?;
            done += part.len() as u64;
            watch(Progress { stage: Stage::Files, done, total });
        }
        Ok(done)
    }

    async fn copy(&mut self, paths: &[String]) -> Result<(), MovingError> {
        let contents = self.contents(paths).await?;
        let uploads: Vec<Upload> = paths
            .iter()
            .zip(contents)
            .map(|(path, bytes)| {
                let file = self.source_files.get(path);
                let content_type = file.map(|file| file.content_type.clone()).unwrap_or_default();
                Upload { path: path.clone(), content_type, bytes }
            })
            .collect();
        let sizes: Vec<u64> = uploads.iter().map(|upload| upload.bytes.len() as u64).collect();
        let ids = self.target.db.upload_all(uploads).await.map_err(self.target.failed())?;
        for ((path, id), size) in paths.iter().zip(ids).zip(sizes) {
            self.target_files.insert(id, path.clone(), StoredFile { id, size, content_type: String::new() });
        }
        Ok(())
    }

    /// What the source has at these paths. Their digests are those that the
    /// paths name, and are kept where they name none.
    async fn contents(&mut self, paths: &[String]) -> Result<Vec<Bytes>, MovingError> {
        let contents = self.source.db.download_all(paths).await.map_err(self.source.failed())?;
        let mut damaged = Vec::new();
        let mut found = Vec::new();
        for (path, bytes) in paths.iter().zip(contents) {
            let Some(bytes) = bytes else {
                return Err(MovingError::Unsteady(format!("the file {path} went away")));
            };
            let digest = Digest::of(&bytes);
            match instant::digest_in(path) {
                Some(named) if named != digest => damaged.push(path.clone()),
                Some(_) => {}
                None => drop(self.digests.insert(path.clone(), digest)),
            }
            found.push(bytes);
        }
        if damaged.is_empty() { Ok(found) } else { Err(MovingError::Damaged(named(&damaged))) }
    }

    /// Refuses a target that has something else where files of others would go.
    /// Names below `registry/` say what their content is.
    pub(super) async fn refuse_other_files(&self) -> Result<(), MovingError> {
        let there = self.source_files.sorted().into_iter().filter_map(|(path, file)| {
            let other = self.target_files.get(path).filter(|_| !path.starts_with(OUR_FILES))?;
            Some((path.to_owned(), file.size, file.size == other.size))
        });
        let (same, other): (Vec<_>, Vec<_>) = there.partition(|(_, _, same)| *same);
        let mut other: Vec<String> = other.into_iter().map(|(path, ..)| path).collect();
        let same: Vec<(String, u64)> = same.into_iter().map(|(path, size, _)| (path, size)).collect();
        for part in parts(&same) {
            let ours = self.source.db.download_all(&part).await.map_err(self.source.failed())?;
            let theirs = self.target.db.download_all(&part).await.map_err(self.target.failed())?;
            let pairs = part.into_iter().zip(ours.into_iter().zip(theirs));
            other.extend(pairs.filter(|(_, (ours, theirs))| ours != theirs).map(|(path, _)| path));
        }
        other.sort_unstable();
        if other.is_empty() { Ok(()) } else { Err(MovingError::OtherFiles(named(&other))) }
    }

    /// Reads every file back from the target and compares digests. One that is
    /// not right is copied once more.
    pub(super) async fn check_files(&mut self, watch: &mut Watch<'_>) -> Result<(), MovingError> {
        let all: Vec<(String, u64)> =
            self.source_files.sorted().into_iter().map(|(path, file)| (path.to_owned(), file.size)).collect();
        let total = all.len() as u64;
        let mut done = 0;
        for part in parts(&all) {
            let wrong = self.wrong(&part).await?;
            if !wrong.is_empty() {
                self.copy(&wrong).await?;
                let still = self.wrong(&wrong).await?;
                if !still.is_empty() {
                    return Err(MovingError::Differs(format!("the files {}", named(&still))));
                }
            }
            done += part.len() as u64;
            watch(Progress { stage: Stage::CheckingFiles, done, total });
        }
        Ok(())
    }

    /// Those of these paths whose content in the target is not that of the source.
    async fn wrong(&mut self, paths: &[String]) -> Result<Vec<String>, MovingError> {
        let unknown: Vec<String> = paths
            .iter()
            .filter(|path| instant::digest_in(path).is_none() && !self.digests.contains_key(*path))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            self.contents(&unknown).await?;
        }
        let found = self.target.db.download_all(paths).await.map_err(self.target.failed())?;
        let wrong = paths.iter().zip(found).filter(|(path, bytes)| {
            let wanted = instant::digest_in(path).or_else(|| self.digests.get(*path).copied());
            bytes.as_ref().map(|bytes| Digest::of(bytes)) != wanted
        });
        Ok(wrong.map(|(path, _)| path.clone()).collect())
    }
}
