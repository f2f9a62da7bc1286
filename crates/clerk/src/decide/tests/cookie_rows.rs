//! A production instance's cookies (B): 49 requests.

use super::desk::{
    EVIL, Expected,
    Expected::{Handshake, In, Out},
    Input, LIVE, NOW, OTHER, OWN, Row, at, base, expired, live, row, sign, v1, v2, valid,
};
use serde_json::{Value, json};

const NO_SESSION: &str = "client-uat-but-no-session-token";
const NOBODY: &str = "session-token-and-uat-missing";
const EXPIRED: &str = "session-token-expired-refresh-non-eligible-no-refresh-cookie";
const PARTIES: &str = "token-invalid-authorized-parties";
const ACME: Expected = In(Some("org_1"));

/// Somebody is signed in, and this host has no session yet.
fn hinted() -> Input {
    live().uat(-9)
}

/// Signed in with other claims.
fn claiming(changes: &Value) -> Input {
    live().with(&sign(&v2(changes)))
}

/// Signed in long ago, with a token that has expired.
fn late() -> Input {
    live().uat(-500).session(&sign(&expired()))
}

/// The same, with both names of each cookie and a refresh token.
fn refreshable() -> Input {
    let token = sign(&expired());
    let suffixed = |name: &str| format!("{name}_{LIVE}");
    late()
        .cookie(&suffixed("__client_uat"), NOW - 500)
        .cookie(&suffixed("__session"), token)
        .cookie(&suffixed("__refresh"), "rt")
}

/// What a handshake sets for a session.
fn directives(token: &str) -> Vec<String> {
    vec![
        format!("__session={token}; Path=/; Secure; SameSite=Lax"),
        format!("__session_{LIVE}={token}; Path=/; Secure; SameSite=Lax"),
        format!("__client_uat={}; Path=/; Domain=ekairos.dev; Max-Age=315360000; Secure; SameSite=Lax", NOW - 5),
        "__clerk_handshake=; Path=/; Domain=ekairos.dev; Max-Age=0".to_owned(),
    ]
}

/// Comes back from a handshake that signed this token.
fn back_with(claims: &Value) -> Input {
    live().cookie("__clerk_handshake", sign(&json!({ "handshake": directives(&sign(claims)) })))
}

fn from_platform() -> Input {
    live().with(&valid()).header("referer", "https://platform.ekairos.dev/x")
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = plain();
    rows.extend(returning());
    rows
}

fn plain() -> Vec<Row> {
    let renewed =
        vec![format!("__session_{LIVE}={}; Path=/; Secure", valid()), format!("__session={}; Path=/; Secure", valid())];
    vec![
        row("B01", live(), Out(NOBODY)),
        row("B02", live().cookie("__client_uat", 0), Out(NOBODY)),
        row("B03", hinted(), Handshake(NO_SESSION)),
        row("B04", hinted().xhr(), Out(NO_SESSION)),
        row("B05", hinted().post(), Out(NO_SESSION)),
        row("B06", hinted().without_header("sec-fetch-dest").header("accept", "text/html"), Handshake(NO_SESSION)),
        row("B07", hinted().without_header("sec-fetch-dest").header("accept", "*/*"), Out(NO_SESSION)),
        row("B08", live().session(&valid()), Handshake("session-token-but-no-client-uat")),
        row("B09", live().with(&valid()), ACME),
        row("B10", live().with(&sign(&v1(&json!({})))), ACME),
        row("B11", claiming(&json!({ "o": null })), In(None)),
        row("B12", live().with(&sign(&base(&live(), &json!({ "v": 2, "org_id": "org_9" })))), In(None)),
        row("B13", claiming(&json!({ "sts": "pending" })), In(None)),
        row(
            "B14",
            live().uat(-10).session(&sign(&v2(&json!({ "iat": at(-30) })))),
            Handshake("session-token-iat-before-client-uat"),
        ),
        row("B15", late(), Handshake(EXPIRED)),
        row("B16", late().xhr(), Out(EXPIRED)),
        row("B17", late().post(), Out("session-token-expired-refresh-non-eligible-non-get")),
        row("B18", refreshable().set(|input| input.refreshed = Some(renewed)), ACME),
        row("B19", refreshable(), Handshake("session-token-expired-refresh-session_refresh_denied")),
        row("B20", claiming(&json!({ "azp": EVIL })), Out(PARTIES)),
        row("B21", live().with(&OTHER.sign(&v2(&json!({})))), Out("token-invalid-signature")),
        row("B22", claiming(&json!({ "nbf": at(60) })), Handshake("session-token-nbf")),
        row("B23", claiming(&json!({ "iat": at(60) })), Handshake("session-token-iat-in-the-future")),
        row("B24", live().with("garbage"), Out("token-invalid")),
        row("B25", live().cookie("__client_uat", 0).session(&valid()), Handshake("session-token-but-no-client-uat")),
        row("B26", hinted().redirected(3), Out(NO_SESSION)),
        row("B27", hinted().redirected(1), Handshake(NO_SESSION)),
        row(
            "B28",
            live().with(&OWN.sign_with(&json!({ "cat": "cl_B7d4PD222AAA" }), &v2(&json!({})))),
            Out("token-type-mismatch"),
        ),
    ]
}

fn returning() -> Vec<Row> {
    let wiped = ["__session=; Path=/; Max-Age=0", "__client_uat=0; Path=/; Domain=ekairos.dev"];
    let foreign = OTHER.sign(&v2(&json!({ "iss": "https://clerk.other.dev" })));
    let (uat, session) = (format!("__client_uat_{LIVE}"), format!("__session_{LIVE}"));
    let evil = OWN.sign_with(&json!({ "cat": "cl_B7d4PD222AAA" }), &json!({ "handshake": ["evil=1"] }));
    vec![
        row("B29", back_with(&v2(&json!({}))), ACME),
        row(
            "B30",
            live().cookie("__clerk_handshake", sign(&json!({ "handshake": wiped }))),
            Out("session-token-missing"),
        ),
        row(
            "B31",
            hinted().cookie("__clerk_handshake", OTHER.sign(&json!({ "handshake": directives(&valid()) }))),
            Handshake(NO_SESSION),
        ),
        row("B32", live().cookie("__clerk_handshake_nonce", "n1").nonce("n1", &directives(&valid())), ACME),
        row("B33", hinted().cookie("__clerk_handshake_nonce", "nX"), Handshake(NO_SESSION))
            .deviates("D2: a nonce that Clerk does not know is forgotten"),
        row("B34", live().cookie("__client_uat", 0).cookie("__clerk_handshake", evil), Out(NOBODY)),
        row("B35", back_with(&v2(&json!({ "azp": EVIL }))).uat(-9), Handshake(NO_SESSION)),
        row("B36", from_platform(), Handshake("primary-domain-cross-origin-sync")),
        row("B37", live().with(&valid()).header("referer", "https://accounts.ekairos.dev/sign-in"), ACME),
        row("B38", from_platform().redirected(1), ACME),
        row(
            "B39",
            live().cookie("__client_uat", 0).session(&foreign).cookie(&uat, NOW - 100).cookie(&session, valid()),
            ACME,
        ),
        row("B40", live().with(&valid()).cookie(&uat, 0), ACME),
        row("B41", live().cookie("__client_uat", 0).cookie(&uat, NOW - 100).cookie(&session, valid()), ACME),
        row("B42", live().cookie(&session, valid()).uat(-100), Handshake(NO_SESSION)),
        row(
            "B43",
            hinted().header("x-forwarded-host", "evil.example").header("x-forwarded-proto", "https"),
            Handshake(NO_SESSION),
        )
        .deviates("D9: our own address comes from the configuration"),
        row(
            "B44",
            hinted()
                .path("/registry")
                .header("x-forwarded-host", "registry.ekairos.dev, 10.0.0.1")
                .header("x-forwarded-proto", "https,http"),
            Handshake(NO_SESSION),
        ),
        row("B45", hinted().without_header("accept").header("sec-fetch-dest", "iframe"), Handshake(NO_SESSION)),
        row(
            "B46",
            live().uat(-500).session(&sign(&v2(
                &json!({ "exp": at(-60), "iat": at(-120), "nbf": at(-130), "azp": "https://evil" }),
            ))),
            Out(PARTIES),
        ),
        row("B47", claiming(&json!({ "azp": null })), ACME).deviates("D1: a cookie's token may lack `azp`"),
        row("B48", claiming(&json!({ "azp": null })), ACME),
        row("B49", back_with(&v2(&json!({ "azp": null }))).uat(-9), ACME)
            .deviates("D1: a cookie's token may lack `azp`"),
    ]
}
