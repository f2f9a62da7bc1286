//! The public keys of an instance.

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use std::{collections::HashMap, fmt, str::FromStr};

/// Most keys that are kept. An instance has one, or two while it rotates.
const MOST: usize = 32;

/// A public RSA key, with which RS256 signatures are checked.
#[derive(Clone)]
pub struct VerifyingKey(DecodingKey);

/// A text that is no RSA public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an RSA public key in PEM; copy the JWKS public key from Clerk's dashboard, API keys")]
pub struct InvalidVerifyingKey;

impl FromStr for VerifyingKey {
    type Err = InvalidVerifyingKey;

    fn from_str(pem: &str) -> Result<Self, InvalidVerifyingKey> {
        DecodingKey::from_rsa_pem(pem.as_bytes()).map(Self).map_err(|_| InvalidVerifyingKey)
    }
}

impl VerifyingKey {
    /// Whether a signature (in base64url) is this key's for a text.
    pub(crate) fn signed(&self, text: &str, signature: &str) -> bool {
        crypto::verify(signature, text.as_bytes(), &self.0, Algorithm::RS256).unwrap_or(false)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey")
    }
}

/// The keys of one instance by their ids, never shared with another's.
#[derive(Debug, Clone, Default)]
pub struct KeySet(HashMap<String, VerifyingKey>);

/// An answer that is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no set of RSA keys")]
pub struct NoKeys;

/// `GET /v1/jwks` (RFC 7517, RFC 7518 6.3).
#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Jwk {
    /// The key and its id, if it is one for RS256.
    fn read(self) -> Option<(String, VerifyingKey)> {
        let fits = self.kty == "RSA"
            && self.usage.is_none_or(|usage| usage == "sig")
            && self.alg.is_none_or(|alg| alg == "RS256");
        let key = DecodingKey::from_rsa_components(&self.n?, &self.e?).ok()?;
        fits.then_some((self.kid?, VerifyingKey(key)))
    }
}

impl KeySet {
    /// Reads what Clerk answers. Keys of other kinds are left out; without any
    /// that fits there is none.
    pub fn read(json: &[u8]) -> Result<Self, NoKeys> {
        let jwks: Jwks = serde_json::from_slice(json).map_err(|_| NoKeys)?;
        let keys: HashMap<_, _> = jwks.keys.into_iter().filter_map(Jwk::read).take(MOST).collect();
        if keys.is_empty() { Err(NoKeys) } else { Ok(Self(keys)) }
    }

    /// The key with an id.
    pub fn get(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.get(kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SigningKey;
    use serde_json::json;

    #[test]
    fn keys_of_other_kinds_are_left_out() {
        let signer = SigningKey::generate("ins_1");
        let mut wrong = signer.jwk();
        wrong["alg"] = json!("RS512");
        wrong["kid"] = json!("ins_2");
        let mut encrypting = signer.jwk();
        encrypting["use"] = json!("enc");
        encrypting["kid"] = json!("ins_3");
        let elliptic = json!({ "kty": "EC", "kid": "ins_4", "crv": "P-256", "x": "AA", "y": "AA" });
        let answer = json!({ "keys": [elliptic, wrong, encrypting, signer.jwk()], "more": 1 }).to_string();
        let keys = KeySet::read(answer.as_bytes()).unwrap();
        assert!(keys.get("ins_1").is_some());
        assert!(["ins_2", "ins_3", "ins_4", "x"].iter().all(|kid| keys.get(kid).is_none()));
    }

    #[test]
    fn what_holds_no_key_is_no_set() {
        for answer in ["", "{}", "[]", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"EC","kid":"x"}]}"#, r#"{"keys":7}"#] {
            assert_eq!(KeySet::read(answer.as_bytes()).unwrap_err(), NoKeys, "{answer}");
        }
    }

    #[test]
    fn a_key_can_be_given_as_pem() {
        let signer = SigningKey::generate("ins_1");
        let key: VerifyingKey = signer.pem().parse().unwrap();
        let token = signer.sign(&json!({ "sub": "user_1" }));
        let (text, signature) = token.rsplit_once('.').unwrap();
        assert!(key.signed(text, signature));
        assert!(!key.signed("other", signature));
        assert!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----".parse::<VerifyingKey>().is_err());
    }
}
