//! Where file contents go.

use crate::module::{Dialect, Module};
use model::{Digest, ObjectId};
use std::collections::HashMap;

/// The contents that are known already. What is known by its object id is
/// neither read nor hashed again.
pub trait Blobs {
    /// Digest and size in bytes of the text with this object id, if
    /// [`Blobs::store`] has ever been given it.
    fn known(&self, id: ObjectId) -> Option<(Digest, u64)>;

    /// Takes a text: UTF-8, at most [`model::MAX_FILE_BYTES`]. `id` is `None`
    /// for a content that was inlined in a built item.
    fn store(&mut self, id: Option<ObjectId>, digest: Digest, bytes: Vec<u8>);

    /// What the file with this object id says, if [`Blobs::store_parsed`] has
    /// ever been given it. What is kept longer than the program runs is to be
    /// forgotten with another [`Module::FORMAT`].
    fn parsed(&self, id: ObjectId, dialect: Dialect) -> Option<Module> {
        let _ = (id, dialect);
        None
    }

    /// Takes what a file says, so that it need not be read and parsed again.
    fn store_parsed(&mut self, id: ObjectId, dialect: Dialect, module: &Module) {
        let _ = (id, dialect, module);
    }
}

/// Contents in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    by_id: HashMap<ObjectId, (Digest, u64)>,
    contents: HashMap<Digest, Vec<u8>>,
    modules: HashMap<(ObjectId, Dialect), Module>,
}

impl MemoryBlobs {
    /// The content with this digest.
    pub fn content(&self, digest: &Digest) -> Option<&[u8]> {
        self.contents.get(digest).map(Vec::as_slice)
    }

    /// The content with this digest, which is always UTF-8.
    pub fn text(&self, digest: &Digest) -> Option<&str> {
        self.content(digest).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

impl Blobs for MemoryBlobs {
    fn known(&self, id: ObjectId) -> Option<(Digest, u64)> {
        self.by_id.get(&id).copied()
    }

    fn store(&mut self, id: Option<ObjectId>, digest: Digest, bytes: Vec<u8>) {
        if let Some(id) = id {
            self.by_id.insert(id, (digest, bytes.len() as u64));
        }
        self.contents.entry(digest).or_insert(bytes);
    }

    fn parsed(&self, id: ObjectId, dialect: Dialect) -> Option<Module> {
        self.modules.get(&(id, dialect)).cloned()
    }

    fn store_parsed(&mut self, id: ObjectId, dialect: Dialect, module: &Module) {
        self.modules.insert((id, dialect), module.clone());
    }
}
