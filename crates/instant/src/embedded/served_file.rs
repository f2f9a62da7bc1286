//! Files on their way out, piece by piece.

use super::{Embedded, blobs, blocking};
use crate::InstantError;
use bytes::Bytes;
use futures::{Stream, stream};
use model::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

/// How much is read at a time, in bytes.
const PIECE: usize = 256 * 1024;

/// What the row of a file tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileHead {
    /// Its path.
    pub path: String,
    /// Its media type.
    pub content_type: String,
    /// `inline`, or how a browser should save it.
    pub content_disposition: String,
}

/// A file as it is served.
#[derive(Debug)]
pub struct ServedFile {
    /// What its row tells.
    pub head: FileHead,
    /// How many bytes it has.
    pub size: u64,
    digest: Digest,
    file: File,
}

impl Embedded {
    /// The file that is stored at a location; `None` when it was replaced or removed.
    pub async fn open_file(&self, location: &str) -> Result<Option<ServedFile>, InstantError> {
        let location = location.to_owned();
        let found = Arc::clone(&self.shared)
            .read(move |connection, catalog| blobs::at_location(connection, catalog, &location))
            .await?;
        let Some((head, digest)) = found else {
            return Ok(None);
        };
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let path = shared.blob_path(digest);
            let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
            match opened {
                Ok((size, file)) => Ok(Some(ServedFile { head, size, digest, file })),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Err(InstantError::Corrupt { what: format!("blob {digest} has no file") })
                }
                Err(error) => Err(InstantError::io(format!("reading {}", path.display()), error)),
            }
        })
        .await
    }
}

/// What is left of a file, and the piece that was read last.
struct Rest {
    file: File,
    digest: Digest,
    hasher: Sha256,
    held: Bytes,
}

impl ServedFile {
    /// The bytes. Each piece is held back until the next one was read, and the
    /// last one until all of them have the file's digest: what is damaged ends
    /// with an error and is never whole.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, InstantError>> + Send {
        let Self { digest, file, .. } = self;
        let rest = Rest { file, digest, hasher: Sha256::new(), held: Bytes::new() };
        stream::unfold(Some(rest), |rest| async move {
            let rest = rest?;
            match blocking(move || rest.advance()).await {
                Ok((piece, rest)) => Some((Ok(piece), rest)),
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

impl Rest {
    /// The next piece, and what is left after it.
    fn advance(mut self) -> Result<(Bytes, Option<Self>), InstantError> {
        loop {
            let mut piece = Vec::new();
            let read = (&mut self.file).take(PIECE as u64).read_to_end(&mut piece);
            read.map_err(|error| InstantError::io(format!("reading blob {}", self.digest), error))?;
            if piece.is_empty() {
                if Digest::from_bytes(self.hasher.finalize().into()) == self.digest {
                    return Ok((self.held, None));
                }
                let what = format!("blob {} has other bytes than its name says", self.digest);
                return Err(InstantError::Corrupt { what });
            }
            self.hasher.update(&piece);
            let held = std::mem::replace(&mut self.held, piece.into());
            if !held.is_empty() {
                return Ok((held, Some(self)));
            }
        }
    }
}
