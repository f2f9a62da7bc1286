//! How hosts sign: HMAC-SHA256 over the very bytes of the body.

use crate::HookSecret;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The body's signature in lower-case hexadecimal, as Gitea and Forgejo send it.
pub fn hexadecimal(secret: &HookSecret, body: &[u8]) -> String {
    hex::encode(hmac(secret.expose().as_bytes(), &[body]))
}

/// The same behind `sha256=`, as GitHub and Bitbucket send it.
pub fn prefixed(secret: &HookSecret, body: &[u8]) -> String {
    format!("sha256={}", hexadecimal(secret, body))
}

/// The signature of Standard Webhooks, as GitLab sends it when a signing token
/// is set: `v1,` and the base64 of the HMAC over `<id>.<timestamp>.<body>`.
pub fn standard(secret: &HookSecret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    format!("v1,{}", BASE64_STANDARD.encode(hmac(secret.bytes(), &parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_signature_is_that_of_the_rfc() {
        let mac = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hex::encode(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
