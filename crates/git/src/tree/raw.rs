//! Tree objects as git stores them: `<octal mode> <name>\0<20 bytes>`, again
//! and again. Read here rather than by libgit2, which refuses a whole tree for
//! one odd name.

use model::{EntryKind, ObjectId};

/// One entry, nothing of it checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawEntry<'a> {
    pub(crate) mode: u32,
    pub(crate) name: &'a [u8],
    pub(crate) id: ObjectId,
}

impl RawEntry<'_> {
    /// What it leads to; `None` for a mode that git does not write.
    pub(crate) fn kind(&self) -> Option<EntryKind> {
        match self.mode & 0o170_000 {
            0o040_000 => Some(EntryKind::Folder),
            0o100_000 => Some(EntryKind::File),
            0o120_000 => Some(EntryKind::Symlink),
            0o160_000 => Some(EntryKind::Submodule),
            _ => None,
        }
    }
}

/// The entries of a tree object; ends with `None` where it is malformed.
pub(crate) fn entries(data: &[u8]) -> impl Iterator<Item = Option<RawEntry<'_>>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((entry, behind)) = split(rest) else {
            rest = &[];
            return Some(None);
        };
        rest = behind;
        Some(Some(entry))
    })
}

fn split(data: &[u8]) -> Option<(RawEntry<'_>, &[u8])> {
    let space = data.iter().take(8).position(|byte| *byte == b' ')?;
    let mode = str::from_utf8(&data[..space]).ok().and_then(|digits| u32::from_str_radix(digits, 8).ok())?;
    let data = &data[space + 1..];
    let nul = data.iter().position(|byte| *byte == 0)?;
    let (id, behind) = data[nul + 1..].split_first_chunk::<20>()?;
    Some((RawEntry { mode, name: &data[..nul], id: ObjectId::from_bytes(*id) }, behind))
}
