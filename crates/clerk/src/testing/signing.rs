//! An instance's private key, made when a test begins.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt;

/// An instance's private key.
pub struct SigningKey {
    kid: String,
    pair: KeyPair,
}

impl SigningKey {
    /// A new key with an id such as `ins_1`.
    ///
    /// # Panics
    /// If the machine cannot make one.
    pub fn generate(kid: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("RSA keys can be made");
        Self { kid: kid.to_owned(), pair }
    }

    /// The public key as Clerk's JWKS has it.
    pub fn jwk(&self) -> Value {
        let key = self.pair.public_key();
        let number = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": number(key.modulus().big_endian_without_leading_zero()),
            "e": number(key.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The public key as PEM.
    ///
    /// # Panics
    /// Never: a public key can be written.
    pub fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der().expect("a public key can be written");
        let text = BASE64_STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// A token with these claims, as Clerk signs it.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({}), claims)
    }

    /// A token whose header differs from Clerk's: members are added or replaced,
    /// or removed by `null`. Signed with what `alg` names: RS256, RS512, HS256
    /// with the public key as its secret, or nothing at all.
    ///
    /// # Panics
    /// If signing fails, which it does not.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let mut whole = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        for (name, value) in header.as_object().into_iter().flatten() {
            match value {
                Value::Null => drop(whole.as_object_mut().and_then(|whole| whole.remove(name))),
                value => whole[name] = value.clone(),
            }
        }
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&whole), part(claims));
        let signature = match whole["alg"].as_str() {
            Some("none") => Vec::new(),
            Some("HS256") => {
                let mac = Hmac::<Sha256>::new_from_slice(self.pem().as_bytes());
                let mac = mac.expect("HMAC takes keys of any length").chain_update(signed.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Some("RS512") => self.rsa(&RSA_PKCS1_SHA512, &signed),
            _ => self.rsa(&RSA_PKCS1_SHA256, &signed),
        };
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn rsa(&self, padding: &'static dyn RsaEncoding, text: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(padding, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.expect("an RSA key of this size signs");
        signature
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}
