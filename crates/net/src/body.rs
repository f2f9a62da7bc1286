//! Reading an answer's body within limits.

use crate::NetError;
use crate::RedactedUrl;
use bytes::{Bytes, BytesMut};
use reqwest::Response;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// How much of a body is read, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Most bytes.
    pub max_bytes: u64,
    /// Longest time for the whole body.
    pub deadline: Duration,
}

/// A body that comes in pieces and stops at its limits.
#[derive(Debug)]
pub struct BodyReader {
    response: Response,
    url: Url,
    limits: BodyLimits,
    ends: Instant,
    received: u64,
}

impl BodyReader {
    /// Begins to read; the deadline counts from here.
    pub fn new(response: Response, limits: BodyLimits) -> Self {
        let url = response.url().clone();
        Self { response, url, limits, ends: Instant::now() + limits.deadline, received: 0 }
    }

    /// The next piece, or `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        let limit = self.limits.deadline;
        let timeout = |_| NetError::Timeout { url: RedactedUrl::from(&self.url), limit };
        let next = timeout_at(self.ends, self.response.chunk()).await.map_err(timeout)?;
        let piece = next.map_err(|error| NetError::from_reqwest(&self.url, &error, limit))?;
        self.received += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        if self.received > self.limits.max_bytes {
            return Err(NetError::TooLarge { url: RedactedUrl::from(&self.url), limit: self.limits.max_bytes });
        }
        Ok(piece)
    }

    /// How many bytes have come.
    pub fn received(&self) -> u64 {
        self.received
    }
}

/// The whole body.
pub async fn read_body(response: Response, limits: BodyLimits) -> Result<Bytes, NetError> {
    if response.content_length().is_some_and(|length| length > limits.max_bytes) {
        return Err(NetError::TooLarge { url: RedactedUrl::from(response.url()), limit: limits.max_bytes });
    }
    let mut reader = BodyReader::new(response, limits);
    let mut body = BytesMut::new();
    while let Some(piece) = reader.chunk().await? {
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}
