//! An answer made ready before anyone asks: bytes, their gzip, a strong ETag.

use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use model::Digest;
use std::io::{Read, Write};

/// Bytes to send, and what to send with them. The identity bytes may be left
/// out of memory; they are in the gzip.
#[derive(Debug, Clone)]
pub struct Answer {
    identity: Option<Bytes>,
    gzip: Bytes,
    /// The first half of the SHA-256 of the identity bytes.
    tag: [u8; 16],
}

/// A text that every entity tag can be made of: 32 hexadecimal digits.
fn tag_of(identity: &[u8]) -> [u8; 16] {
    let digest = Digest::of(identity);
    let mut tag = [0; 16];
    tag.copy_from_slice(&digest.as_bytes()[..16]);
    tag
}

impl Answer {
    /// Compresses and tags these bytes, and keeps them.
    pub fn of(identity: Vec<u8>) -> Self {
        let mut answer = Self::compressed(&identity);
        answer.identity = Some(identity.into());
        answer
    }

    /// Compresses and tags these bytes; only the compressed form is kept.
    pub fn compressed(identity: &[u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::with_capacity(identity.len() / 3), Compression::new(6));
        encoder.write_all(identity).expect("writing to memory cannot fail");
        let gzip = encoder.finish().expect("writing to memory cannot fail");
        // The vector may have grown past its use; what stays in memory should not.
        Self { identity: None, gzip: Bytes::from(gzip.into_boxed_slice()), tag: tag_of(identity) }
    }

    /// Takes back what [`Answer::gzip`] and [`Answer::tag`] gave.
    pub fn from_parts(gzip: Bytes, tag: [u8; 16]) -> Self {
        Self { identity: None, gzip, tag }
    }

    /// The bytes themselves.
    pub fn identity(&self) -> Bytes {
        self.identity.clone().unwrap_or_else(|| {
            let mut identity = Vec::with_capacity(self.gzip.len() * 4);
            GzDecoder::new(&self.gzip[..]).read_to_end(&mut identity).expect("we made this gzip ourselves");
            identity.into()
        })
    }

    /// The bytes compressed.
    pub fn gzip(&self) -> Bytes {
        self.gzip.clone()
    }

    /// What the ETag is made of.
    pub fn tag(&self) -> [u8; 16] {
        self.tag
    }

    /// The strong ETag of the identity bytes, or of the compressed ones: two
    /// representations never share one (RFC 9110, 8.8.3).
    pub fn etag(&self, gzip: bool) -> String {
        let mut digits = [0; 32];
        hex::encode_to_slice(self.tag, &mut digits).expect("sixteen bytes make 32 digits");
        let digits = std::str::from_utf8(&digits).expect("digits are ASCII");
        let mut text = String::with_capacity(40);
        text.push('"');
        text.push_str(digits);
        text.push_str(if gzip { "-gz\"" } else { "\"" });
        text
    }

    /// Whether an `If-None-Match` names this answer in either representation.
    pub fn matches(&self, if_none_match: &str) -> bool {
        let tag = hex::encode(self.tag);
        if_none_match.split(',').map(str::trim).any(|candidate| {
            let opaque = candidate.strip_prefix("W/").unwrap_or(candidate).trim_matches('"');
            candidate == "*" || opaque.strip_suffix("-gz").unwrap_or(opaque) == tag
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compressed_form_holds_the_same_bytes() {
        let answer = Answer::compressed(b"{\"name\": \"button\"}");
        assert_eq!(&answer.identity()[..], b"{\"name\": \"button\"}");
        assert_eq!(answer.tag(), Answer::of(b"{\"name\": \"button\"}".to_vec()).tag());
    }

    #[test]
    fn an_if_none_match_is_understood_in_every_form_a_cache_sends() {
        let answer = Answer::of(b"x".to_vec());
        let (plain, gzip) = (answer.etag(false), answer.etag(true));
        assert_ne!(plain, gzip);
        for header in [plain.clone(), gzip, format!("W/{plain}"), format!("\"a\", {plain}"), "*".to_owned()] {
            assert!(answer.matches(&header), "{header}");
        }
        assert!(!answer.matches("\"something else\""));
    }
}
