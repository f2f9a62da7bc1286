//! A development instance (C), organisations in addresses (D), other kinds of
//! tokens (E), and settings (F, G): 39 requests.

use super::desk::{
    Expected,
    Expected::{Handshake, In, Out, Refused},
    Input, NOW, OTHER, OWN, Row, at, live, local, row, sign, v2, v2_local, valid,
};
use crate::UrlOrganization::{Named, Personal};
use serde_json::{Value, json};

const NOBODY: &str = "session-token-and-uat-missing";
const ACME: Expected = In(Some("org_1"));
const KINDS: &str = "3.4: of machine tokens only API keys are taken";
const SATELLITE: &str = "2.9: satellite domains are not supported; asking for one is an error at the start";

/// A browser that the development instance knows.
fn known() -> Input {
    local().cookie("__clerk_db_jwt", "dvb_1")
}

fn here(claims: &Value) -> String {
    let mut claims = v2_local(claims);
    claims["azp"] = json!("http://localhost:3030");
    sign(&claims)
}

/// Comes back from a handshake, by the address.
fn back(input: Input, lines: &[String]) -> Input {
    input.asking(&format!("__clerk_handshake={}", sign(&json!({ "handshake": lines }))))
}

fn session(claims: &Value) -> String {
    format!("__session={}; Path=/", sign(&v2_local(claims)))
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = development();
    rows.extend(addresses());
    rows.extend(kinds());
    rows.extend(settings());
    rows
}

fn development() -> Vec<Row> {
    let signed_out = ["__client_uat=0; Path=/", "__clerk_db_jwt=dvb_9; Path=/"].map(str::to_owned);
    let skewed = json!({ "exp": at(-600), "iat": at(-660), "nbf": at(-670) });
    vec![
        row("C01", local(), Handshake("dev-browser-missing")),
        row("C02", local().xhr(), Out("dev-browser-missing")),
        row("C03", known(), Out(NOBODY)),
        row("C04", known().with(&here(&json!({}))).asking("__clerk_db_jwt=dvb_2"), Handshake("dev-browser-sync")),
        row("C05", known().with(&here(&json!({}))), ACME),
        row("C06", known().uat(-9), Handshake("client-uat-but-no-session-token")),
        row("C07", known().session(&sign(&v2_local(&json!({})))), Handshake("session-token-but-no-client-uat")),
        row(
            "C08",
            back(local(), &[session(&json!({})), "__clerk_db_jwt=dvb_3; Path=/".to_owned()])
                .asking("__clerk_db_jwt=dvb_3"),
            ACME,
        ),
        row("C09", known().asking(&format!("__clerk_handshake={}", OTHER.sign(&json!({ "handshake": [] })))), Refused),
        row("C10", local().asking("__clerk_handshake_nonce=n2").nonce("n2", &[session(&json!({}))]), ACME),
        row("C11", local().asking("__clerk_handshake_nonce=n3").nonce("n3", &signed_out), Out("session-token-missing")),
        row("C12", known().asking("__clerk_redirect_url=http%3A%2F%2Flocalhost%3A4000%2F"), Out(NOBODY))
            .deviates("2.9: there are no satellites to answer (rows C2 to C5)"),
        row("C13", back(known(), &[session(&skewed)]), ACME),
    ]
}

fn addresses() -> Vec<Row> {
    let at_other = || live().path("/o/other/registry").with(&valid()).named(Named("other"));
    vec![
        row("D01", live().path("/o/acme/registry").with(&valid()).named(Named("acme")), ACME),
        row("D02", at_other(), Handshake("active-organization-mismatch")),
        row("D03", at_other().redirected(3), ACME),
        row("D04", live().path("/me").with(&valid()).named(Personal), Handshake("active-organization-mismatch")),
        row("D05", at_other().xhr(), ACME),
    ]
}

fn kinds() -> Vec<Row> {
    let only_keys = |token: &str| live().bearer(token).accepts(false, true);
    let both = |token: &str| live().bearer(token).accepts(true, true);
    let oauth = json!({ "iss": "https://clerk.ekairos.dev", "sub": "user_1", "client_id": "c1", "jti": "oat_1", "scope": "profile", "iat": NOW, "nbf": at(-5), "exp": at(60) });
    let machine = json!({ "iss": "x", "sub": "mch_1", "jti": "mt_1", "scopes": "mch_2", "iat": NOW, "nbf": at(-5), "exp": at(60) });
    let (oauth, machine) = (
        OWN.sign_with(&json!({ "typ": "at+jwt" }), &oauth),
        OWN.sign_with(&json!({ "cat": "cl_B7d4PD333AAA" }), &machine),
    );
    vec![
        row("E01", live().bearer("ak_org"), Out("token-type-mismatch"))
            .deviates("as E14: what is known to be an API key is not called malformed; signed out all the same"),
        row("E02", only_keys("ak_org"), ACME),
        row("E03", both("ak_user"), ACME).deviates("3.4: a member's key acts for the organisation that it names"),
        row("E04", only_keys("ak_nope"), Out("token-invalid")),
        row("E05", only_keys("ak_revoked"), Out("token-invalid")).deviates("0.4: `revoked` in Clerk's answer counts"),
        row("E06", only_keys(&valid()), Out("token-type-mismatch")),
        row("E07", both("mt_x"), Out("token-invalid")),
        row("E08", both("oat_x"), Out("token-invalid")).deviates(KINDS),
        row("E09", both(&oauth), Out("token-type-mismatch")).deviates(KINDS),
        row("E10", both(&machine), Out("token-type-mismatch")).deviates(KINDS),
        row("E11", live().with(&valid()).accepts(false, true), Out("No token in header")),
        row("E12", live().with(&valid()).accepts(true, true), ACME),
        row("E13", both("reg_abcdef"), Out("token-invalid")),
        row("E14", live().bearer("ak_org"), Out("token-type-mismatch")),
    ]
}

fn settings() -> Vec<Row> {
    let satellite = || live().set(|input| input.variables.satellite = Some("true".to_owned())).path("/");
    let token = sign(&v2(&json!({ "azp": "https://registry-sat.dev" })));
    vec![
        row("F01", satellite(), Refused).deviates(SATELLITE),
        row("F02", satellite().path("/?__clerk_synced=false"), Refused).deviates(SATELLITE),
        row("F03", satellite(), Refused).deviates(SATELLITE),
        row("F04", satellite().path("/?__clerk_synced=true"), Refused).deviates(SATELLITE),
        row("F05", satellite().with(&token), Refused).deviates(SATELLITE),
        row("G01", live().set(|input| input.variables.publishable_key = Some("pk_live_bad".to_owned())), Refused),
        row("G02", live().set(|input| input.variables.secret_key = None), Refused),
    ]
}
