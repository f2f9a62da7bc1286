//! API tokens: `ekr_<organisation>_<id>_<secret>_<crc32>`.

use super::Scope;
use model::{OrganisationId, TokenId};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_CHARS: usize = 12;
/// 43 characters of 62 hold 256 bits.
const SECRET_CHARS: usize = 43;

/// A text that cannot be a token of ours; found without any look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this registry")]
pub struct MalformedToken;

/// A whole token, secret included. Shown to a person once.
#[derive(Clone)]
pub struct ApiToken {
    text: String,
    organisation: OrganisationId,
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiToken(ekr_{}_…)", self.organisation)
    }
}

/// SHA-256 of a token's text: the only thing of it that is kept.
pub type TokenHash = model::Digest;

fn random_text(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

fn checksum(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

impl ApiToken {
    /// What every token begins with.
    pub const PREFIX: &str = "ekr_";

    /// A new token for this organisation.
    pub fn generate(organisation: &OrganisationId) -> Self {
        let body = format!("ekr_{organisation}_{}_{}", random_text(ID_CHARS), random_text(SECRET_CHARS));
        let text = format!("{body}_{}", checksum(&body));
        Self { text, organisation: organisation.clone() }
    }

    /// Reads a token; a wrong form or checksum is refused without a look-up.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let (body, crc) = text.rsplit_once('_').ok_or(MalformedToken)?;
        if text.len() > 200 || checksum(body) != crc {
            return Err(MalformedToken);
        }
        let mut parts = body.rsplitn(3, '_');
        let secret = parts.next().unwrap_or_default();
        let id = parts.next().unwrap_or_default();
        let organisation = parts.next().and_then(|rest| rest.strip_prefix("ekr_")).ok_or(MalformedToken)?;
        if secret.len() != SECRET_CHARS || id.len() != ID_CHARS {
            return Err(MalformedToken);
        }
        let organisation = organisation.parse().map_err(|_| MalformedToken)?;
        Ok(Self { text: text.to_owned(), organisation })
    }

    /// The organisation that it names. Naming proves nothing.
    pub fn organisation(&self) -> &OrganisationId {
        &self.organisation
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.text.as_bytes())
    }

    /// The text, to be shown once.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

/// What is known of a token that was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// Its id.
    pub id: TokenId,
    /// The name people gave it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it stops working, in milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// What a token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It opens what its record says.
    Good(&'a TokenRecord),
    /// It did.
    Expired(&'a TokenRecord),
    /// Nothing of the kind is known.
    Unknown,
}

/// The tokens of one organisation that are not revoked, by hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenTable(pub HashMap<TokenHash, TokenRecord>);

impl TokenTable {
    /// What this token is worth at `now` (milliseconds since 1970). Looked up by
    /// hash: how long that takes tells nothing about the tokens there are.
    pub fn verify(&self, token: &ApiToken, now: i64) -> Verdict<'_> {
        match self.0.get(&token.hash()) {
            None => Verdict::Unknown,
            Some(record) if record.expires_at.is_some_and(|expires| expires <= now) => Verdict::Expired(record),
            Some(record) => Verdict::Good(record),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_names_its_organisation() {
        let token = ApiToken::generate(&OrganisationId::local());
        let read = ApiToken::parse(token.expose()).unwrap();
        assert_eq!(read.organisation(), &OrganisationId::local());
        assert_eq!(read.hash(), token.hash());
    }

    #[test]
    fn a_token_with_one_wrong_character_is_refused_without_a_lookup() {
        let token = ApiToken::generate(&OrganisationId::local());
        let text = token.expose();
        for at in 0..text.len() {
            let mut other = text.as_bytes().to_vec();
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            assert!(ApiToken::parse(std::str::from_utf8(&other).unwrap()).is_err(), "position {at}");
        }
        for text in ["", "ekr_", "ekr_org_local", "x_y_z_w_v"] {
            assert!(ApiToken::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_show_its_secret_in_debug() {
        let token = ApiToken::generate(&OrganisationId::local());
        assert_eq!(format!("{token:?}"), "ApiToken(ekr_org_local_…)");
    }
}
