//! The secret that a git host and this registry share.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use std::{fmt, str::FromStr};

const PREFIX: &str = "whsec_";

/// A webhook's secret: `whsec_` and the base64 of 32 random bytes.
///
/// One text serves at every host. Those that take any text use it as it is;
/// GitLab's signing token has to be of this form, and its key is what the
/// base64 stands for, as in Standard Webhooks
/// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>,
/// <https://gitlab.com/gitlab-org/gitlab/-/merge_requests/231325>).
#[derive(Clone)]
pub struct HookSecret {
    text: String,
    bytes: [u8; 32],
}

/// A text that is no secret of ours. It is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret; expected `whsec_` and the base64 of 32 bytes")]
pub struct InvalidHookSecret;

impl HookSecret {
    /// The secret of these bytes, which must be random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { text: format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)), bytes }
    }

    /// The text, for the one who enters it at the host.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The key of Standard Webhooks.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl FromStr for HookSecret {
    type Err = InvalidHookSecret;

    fn from_str(text: &str) -> Result<Self, InvalidHookSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidHookSecret)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| InvalidHookSecret)?;
        Ok(Self::from_bytes(bytes.try_into().map_err(|_| InvalidHookSecret)?))
    }
}

impl fmt::Debug for HookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookSecret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_is_not_shown() {
        let secret = HookSecret::from_bytes([7; 32]);
        let read: HookSecret = secret.expose().parse().unwrap();
        assert_eq!(read.bytes(), &[7; 32]);
        assert_eq!(format!("{secret:?}"), "HookSecret(hidden)");
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        for text in ["", "whsec_", "whsec_canary", "canary", &format!("whsec_{}", BASE64_STANDARD.encode([1; 31]))] {
            let error = text.parse::<HookSecret>().unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
}
