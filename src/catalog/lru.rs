//! Identity bytes of the items that are asked for, so that only gzip stays in
//! memory for all.

use super::Answer;
use bytes::Bytes;
use moka::sync::Cache;

/// Most bytes that uncompressed answers may take.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// A bounded cache of uncompressed answers by tag.
#[derive(Debug, Clone)]
pub struct IdentityCache(Cache<[u8; 16], Bytes>);

impl Default for IdentityCache {
    fn default() -> Self {
        let weigh = |_: &[u8; 16], bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(MAX_BYTES).weigher(weigh).build())
    }
}

impl IdentityCache {
    /// The answer's bytes, uncompressed at most once while they are in use.
    pub fn identity(&self, answer: &Answer) -> Bytes {
        let tag = answer.tag();
        if let Some(bytes) = self.0.get(&tag) {
            return bytes;
        }
        let bytes = answer.identity();
        self.0.insert(tag, bytes.clone());
        bytes
    }
}
