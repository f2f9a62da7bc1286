//! Tokens in a header (A): 30 requests.

use super::desk::{
    EVIL, Expected,
    Expected::{In, Out},
    Input, OTHER, OWN, Row, at, expired, live, row, sign, v2, valid,
};
use serde_json::{Value, json};

const EXPIRED: &str = "session-token-expired-refresh-non-eligible-no-refresh-cookie";
const NOBODY: &str = "session-token-and-uat-missing";
const ACME: Expected = In(Some("org_1"));

/// A token with other claims.
fn claiming(changes: &Value) -> Input {
    live().bearer(&sign(&v2(changes)))
}

/// A token with another header.
fn headed(header: &Value) -> Input {
    live().bearer(&OWN.sign_with(header, &v2(&json!({}))))
}

pub(super) fn rows() -> Vec<Row> {
    let someone = |sub: &str| sign(&v2(&json!({ "sub": sub })));
    vec![
        row("A01", live().bearer(&valid()), ACME),
        row("A02", live().xhr().header("authorization", &valid()), Out(NOBODY))
            .deviates("D10: no token without a scheme"),
        row("A03", live().xhr().header("authorization", &format!("bearer {}", valid())), ACME)
            .deviates("D10: `bearer` in any case"),
        row("A04", live().xhr().header("authorization", "Basic dTpw"), Out(NOBODY)),
        row("A05", live().bearer(&sign(&expired())), Out(EXPIRED)),
        row("A06", live().header("authorization", &format!("Bearer {}", sign(&expired()))), Out(EXPIRED))
            .deviates("D4: a header never leads to a handshake"),
        row("A07", claiming(&json!({ "exp": at(-3) })), ACME),
        row("A08", claiming(&json!({ "nbf": at(60) })), Out("session-token-nbf")),
        row("A09", claiming(&json!({ "iat": at(60) })), Out("session-token-iat-in-the-future")),
        row("A10", claiming(&json!({ "azp": EVIL })), Out("token-invalid-authorized-parties")),
        row("A11", claiming(&json!({ "azp": null })), Out("token-invalid-authorized-parties")),
        row("A12", claiming(&json!({ "azp": EVIL })), Out("token-invalid-authorized-parties"))
            .deviates("1.7: our own origin is always an authorized party, so there always are some"),
        row("A13", claiming(&json!({ "iss": "https://clerk.other.dev" })), Out("token-invalid-issuer"))
            .deviates("D8: the issuer is always checked"),
        row("A14", claiming(&json!({ "iss": "https://clerk.other.dev" })), Out("token-invalid-issuer")),
        row("A15", live().bearer(&OTHER.sign(&v2(&json!({})))), Out("token-invalid-signature")),
        row("A16", headed(&json!({ "kid": "ins_Z" })), Out("jwk-kid-mismatch")),
        row("A17", headed(&json!({ "alg": "none" })), Out("token-invalid-algorithm")),
        row("A18", headed(&json!({ "alg": "HS256" })), Out("token-invalid-algorithm")),
        row("A19", headed(&json!({ "typ": "at+jwt" })), Out("token-type-mismatch")),
        row("A20", headed(&json!({ "typ": null })), ACME),
        row("A21", headed(&json!({ "cat": "cl_B7d4PD222AAA" })), Out("token-type-mismatch")),
        row("A22", headed(&json!({ "cat": "cl_B7d4PD111AAA" })), ACME),
        row("A23", claiming(&json!({ "sub": "mch_1" })), Out("token-type-mismatch")),
        row("A24", claiming(&json!({ "sub": null })), Out("token-verification-failed")),
        row("A25", live().bearer("not.a.jwt"), Out("token-invalid")),
        row("A26", live().bearer("abc.def"), Out("token-invalid")),
        row("A27", claiming(&json!({ "exp": null })), Out("token-verification-failed")),
        row("A28", headed(&json!({ "alg": "RS512" })), Out("token-invalid-algorithm")).deviates("D7: RS256 only"),
        row("A29", live().bearer(&someone("user_hdr")).with(&someone("user_cookie")), ACME),
        row("A30", headed(&json!({ "kid": "whatever" })).set(|input| input.variables.jwt_key = Some(OWN.pem())), ACME),
    ]
}
