//! The files that a commit touched, as its row has them.

use instant::rows;
use model::{
    ItemName, Namespace,
    view::{CommitFile, CommitFiles},
};

use super::super::projection::served_name;

/// Most text of one commit's files, in bytes: rows are read by the hundred.
const MAX_BYTES: usize = 32 << 10;

/// Most components that are named for one file.
const MAX_NAMED: usize = 50;

/// The text for a commit's row, with items' names as their repository has them.
pub(super) fn stored(commit: &git::Commit, components: &[ItemName]) -> String {
    let mut files = Vec::with_capacity(commit.files.len());
    let mut bytes = 0;
    for file in &commit.files {
        let named = file.components.iter().filter_map(|&at| components.get(at)).take(MAX_NAMED);
        let (path, from) = (file.path.clone(), file.from.clone());
        let file = CommitFile { path, change: file.change, from, components: named.cloned().collect() };
        bytes += serde_json::to_string(&file).expect("paths and names serialise").len();
        if bytes > MAX_BYTES {
            break;
        }
        files.push(file);
    }
    let more = commit.more_files + commit.files.len() - files.len();
    // A NUL cannot be stored, and git has none in a path.
    serde_json::to_string(&CommitFiles { files, more }).expect("paths and names serialise")
}

/// The files of a commit's row, with names as they are served; of one component
/// only, if one is given.
pub(in crate::service) fn files_of(
    row: &rows::Commit,
    namespace: Option<&Namespace>,
    of: Option<&ItemName>,
) -> CommitFiles {
    let stored = row.files.as_deref().and_then(|text| serde_json::from_str::<CommitFiles>(text).ok());
    let CommitFiles { mut files, more } = stored.unwrap_or_default();
    for file in &mut files {
        let names = file.components.iter().filter_map(|item| served_name(namespace, item).ok());
        file.components = names.collect();
    }
    if let Some(name) = of {
        // Where not all are named it may be one of the others.
        files.retain(|file| file.components.contains(name) || file.components.len() >= MAX_NAMED);
    }
    CommitFiles { files, more }
}
