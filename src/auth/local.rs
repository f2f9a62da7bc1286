//! Local sign-in: one-time links, printed at start and by `login-link`.
//!
//! The recommendation of `specs/clerk-and-onboarding.md` 8.2: 256 random bits,
//! kept as a hash, good once and for fifteen minutes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use instant::{Local, Timestamp};
use model::Digest;
use std::{fmt, time::Duration};

/// How long a link works.
const LINK_LIFETIME: Duration = Duration::from_mins(15);
const SCOPE: &str = "login-link";

/// The secret part of a sign-in link. Shown once.
#[derive(Clone)]
pub struct LoginToken(String);

impl fmt::Debug for LoginToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginToken(…)")
    }
}

impl LoginToken {
    /// The text for the link.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Why a link did not sign anyone in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Used, expired, or never one of ours.
    #[error("This link was used already or is older than 15 minutes. Run `ekairos-registry login-link` for a new one.")]
    Spent,
    /// The store did not answer.
    #[error("The sign-in could not be checked. Try the link again.")]
    Store(#[from] instant::InstantError),
}

/// Makes and redeems sign-in links.
#[derive(Clone)]
pub struct LoginLinks {
    local: Local,
}

impl LoginLinks {
    /// Links kept in this machine's store.
    pub fn new(local: Local) -> Self {
        Self { local }
    }

    /// A new link's secret.
    pub async fn issue(&self) -> Result<LoginToken, LoginError> {
        let mut bytes = [0_u8; 32];
        rand::Rng::fill_bytes(&mut rand::rng(), &mut bytes);
        let token = LoginToken(URL_SAFE_NO_PAD.encode(bytes));
        let lifetime = i64::try_from(LINK_LIFETIME.as_millis()).expect("minutes fit");
        let expires = Timestamp::now().plus_millis(lifetime);
        self.local.put(SCOPE, &hash(&token.0), b"", Some(expires)).await?;
        Ok(token)
    }

    /// Uses up a link. Of two that come with the same one, one succeeds.
    pub async fn redeem(&self, token: &str) -> Result<(), LoginError> {
        // Looked up by hash: how long that takes tells nothing about the token.
        if self.local.take(SCOPE, &hash(token)).await?.is_some() {
            return Ok(());
        }
        Err(LoginError::Spent)
    }
}

fn hash(token: &str) -> String {
    Digest::of(token.as_bytes()).to_string()
}
