//! The two keys of a Clerk instance.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};
use net::Secret;
use sha1::{Digest as _, Sha1};
use std::{fmt, str::FromStr};

/// Clerk writes publishable keys without padding and reads them with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What an instance is for. It decides how browsers are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstanceKind {
    /// Cookies on the own domain; the Frontend API is a sub-domain of it.
    Production,
    /// Cookies cannot be shared with `*.accounts.dev`: a "dev browser" token
    /// stands in for them, and travels in addresses.
    Development,
}

/// A publishable key: `pk_live_…` or `pk_test_…`. Public; every page holds it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublishableKey {
    text: String,
    kind: InstanceKind,
    frontend_api: String,
}

/// A text that is no publishable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a publishable key: it starts with `pk_live_` or `pk_test_`; copy it from Clerk's dashboard, API keys")]
pub struct InvalidPublishableKey;

impl FromStr for PublishableKey {
    type Err = InvalidPublishableKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublishableKey> {
        let (kind, rest) = if let Some(rest) = text.strip_prefix("pk_live_") {
            (InstanceKind::Production, rest)
        } else {
            (InstanceKind::Development, text.strip_prefix("pk_test_").ok_or(InvalidPublishableKey)?)
        };
        let decoded = BASE64.decode(rest).map_err(|_| InvalidPublishableKey)?;
        let decoded = String::from_utf8(decoded).map_err(|_| InvalidPublishableKey)?;
        let host = decoded.strip_suffix('$').ok_or(InvalidPublishableKey)?;
        // It becomes part of addresses and must not lead anywhere else in them.
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if !host.contains('.') || !host.bytes().all(plain) {
            return Err(InvalidPublishableKey);
        }
        Ok(Self { text: text.to_owned(), kind, frontend_api: host.to_owned() })
    }
}

impl PublishableKey {
    /// The key, byte for byte as it was given: clerk-js hashes the same text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the instance is for.
    pub fn kind(&self) -> InstanceKind {
        self.kind
    }

    /// The host of Clerk's Frontend API, such as `clerk.ekairos.dev`.
    pub fn frontend_api(&self) -> &str {
        &self.frontend_api
    }

    /// Who issues the instance's tokens. Never a proxy's address.
    pub fn issuer(&self) -> String {
        format!("https://{}", self.frontend_api)
    }

    /// The origin of Clerk's own sign-in pages, such as `https://accounts.ekairos.dev`.
    pub fn account_portal(&self) -> String {
        let host = match self.frontend_api.replacen("clerk.accounts.", "accounts.", 1) {
            changed if changed != self.frontend_api => changed,
            same => same.replacen("clerk.", "accounts.", 1),
        };
        format!("https://{host}")
    }

    /// What the names of the instance's cookies end with: the first eight
    /// characters of the key's SHA-1 in base64url.
    pub fn cookie_suffix(&self) -> String {
        let mut suffix = BASE64_URL_SAFE_NO_PAD.encode(Sha1::digest(self.text.as_bytes()));
        suffix.truncate(8);
        suffix
    }
}

impl fmt::Debug for PublishableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublishableKey({})", self.text)
    }
}

impl fmt::Display for PublishableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A secret key: `sk_live_…` or `sk_test_…`. For the Backend API alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey {
    secret: Secret,
    kind: InstanceKind,
}

/// A text that is no secret key. It is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a secret key: it starts with `sk_live_` or `sk_test_`; copy it from Clerk's dashboard, API keys")]
pub struct InvalidSecretKey;

impl FromStr for SecretKey {
    type Err = InvalidSecretKey;

    fn from_str(text: &str) -> Result<Self, InvalidSecretKey> {
        let (kind, rest) = if let Some(rest) = text.strip_prefix("sk_live_") {
            (InstanceKind::Production, rest)
        } else {
            (InstanceKind::Development, text.strip_prefix("sk_test_").ok_or(InvalidSecretKey)?)
        };
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidSecretKey);
        }
        Ok(Self { secret: Secret::new(text), kind })
    }
}

impl SecretKey {
    /// What the instance is for.
    pub fn kind(&self) -> InstanceKind {
        self.kind
    }

    /// The key itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_STANDARD;

    const LIVE: &str = "pk_live_Y2xlcmsuZWthaXJvcy5kZXYk";
    const TEST: &str = "pk_test_aGFwcHktb3R0ZXItNDIuY2xlcmsuYWNjb3VudHMuZGV2JA";

    fn key(text: &str) -> PublishableKey {
        text.parse().unwrap()
    }

    #[test]
    fn a_publishable_key_tells_the_instance_and_its_addresses() {
        let live = key(LIVE);
        assert_eq!(live.kind(), InstanceKind::Production);
        assert_eq!(live.frontend_api(), "clerk.ekairos.dev");
        assert_eq!(live.issuer(), "https://clerk.ekairos.dev");
        assert_eq!(live.account_portal(), "https://accounts.ekairos.dev");
        let test = key(TEST);
        assert_eq!(test.kind(), InstanceKind::Development);
        assert_eq!(test.frontend_api(), "happy-otter-42.clerk.accounts.dev");
        assert_eq!(test.account_portal(), "https://happy-otter-42.accounts.dev");
    }

    #[test]
    fn the_cookie_suffix_is_the_one_that_clerk_js_computes() {
        assert_eq!(key(LIVE).cookie_suffix(), "V0ilF7kJ");
        assert_eq!(key(TEST).cookie_suffix(), "sAfxoAZ_");
        // The same host, another text: another suffix, there as here.
        let padded = format!("{TEST}==");
        assert_eq!(key(&padded).frontend_api(), key(TEST).frontend_api());
        assert_ne!(key(&padded).cookie_suffix(), key(TEST).cookie_suffix());
    }

    #[test]
    fn what_names_no_host_is_no_publishable_key() {
        let of = |text: &str| format!("pk_live_{}", BASE64_STANDARD.encode(text));
        for text in [
            String::new(),
            "pk_live_bad".to_owned(),
            "pk_live_".to_owned(),
            "pk_prod_Y2xlcmsuZWthaXJvcy5kZXYk".to_owned(),
            format!("{LIVE}_x"),
            of("clerk.ekairos.dev"),
            of("clerk.ekairos.dev$$"),
            of("clerk$.ekairos.dev$"),
            of("localhost$"),
            of("clerk.ekairos.dev/x$"),
            of("clerk.ekairos.dev@evil.example$"),
            of("clerk.ekairos.dev:8443$"),
            of("clerk .dev$"),
            of("Clerk.dev$"),
        ] {
            assert_eq!(text.parse::<PublishableKey>(), Err(InvalidPublishableKey), "{text}");
        }
    }

    #[test]
    fn a_secret_key_is_never_shown() {
        let secret: SecretKey = "sk_live_canary".parse().unwrap();
        assert_eq!(secret.kind(), InstanceKind::Production);
        assert!(!format!("{secret:?}").contains("canary"));
        for text in ["", "sk_live_", "sk_canary", "pk_live_canary", "sk_test_can ary", "sk_test_canary\n"] {
            let error = text.parse::<SecretKey>().unwrap_err();
            assert!(!error.to_string().contains("canary"));
        }
    }
}
