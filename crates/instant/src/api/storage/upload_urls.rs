//! Addresses that take one upload each.

use model::EntityId;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an address is good for.
const LIFE: Duration = Duration::from_secs(180);

/// How many there are at a time; the oldest goes when there is one more.
const MOST: usize = 1_024;

/// What was handed out and is not used yet, oldest first.
pub(crate) struct UploadUrls {
    origin: String,
    open: Mutex<VecDeque<Open>>,
}

struct Open {
    id: EntityId,
    path: String,
    until: Instant,
}

impl UploadUrls {
    pub(crate) fn new(origin: String) -> Self {
        Self { origin, open: Mutex::default() }
    }

    /// An address to which the file at `path` may be sent.
    pub(super) fn issue(&self, path: String) -> String {
        let id = EntityId::random();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() == MOST {
            open.pop_front();
        }
        open.push_back(Open { id, path, until: Instant::now() + LIFE });
        format!("{}/storage/{id}/consume-upload-url", self.origin)
    }

    /// The path that an address stands for, if it is still good; from now on it is not.
    pub(super) fn take(&self, id: EntityId) -> Option<String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        open.retain(|open| open.until > now);
        let at = open.iter().position(|open| open.id == id)?;
        open.remove(at).map(|open| open.path)
    }
}
