//! Headers and spellings of paths by which other programs were led past their guard.

use crate::support::{Deployment, Host, item};
use clerk::InstanceKind;

const ACME: &str = "org_acme";

/// Headers that some proxy or framework takes for a proof, or for the address.
const TRUSTED_ELSEWHERE: [(&str, &str); 22] = [
    ("x-middleware-subrequest", "middleware:middleware:middleware:middleware:middleware"),
    ("x-middleware-rewrite", "/r/init.json"),
    ("x-original-url", "/r/card.json"),
    ("x-rewrite-url", "/r/card.json"),
    ("x-original-uri", "/r/card.json"),
    ("x-http-method-override", "GET"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-real-ip", "127.0.0.1"),
    ("forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-prefix", "/evil.example"),
    ("x-forwarded-user", "admin"),
    ("x-remote-user", "admin"),
    ("remote-user", "admin"),
    ("x-clerk-auth-status", "signed-in"),
    ("x-clerk-auth-token", "eyJhbGciOiJub25lIn0.e30."),
    ("x-registry-org-id", ACME),
    ("x-organization-id", ACME),
    ("x-api-key", "admin"),
    ("authorization", "Basic YWRtaW46YWRtaW4="),
    ("cookie", "__session=eyJhbGciOiJub25lIn0.e30.; __client_uat=1; ekr_sid=1"),
];

fn settle() -> (Deployment, crate::support::Database, Host) {
    let host = Host::start();
    host.repository("ui", &[item("card")]);
    let deployment = Deployment::start(InstanceKind::Production);
    let database = deployment.organisation(ACME, "Acme");
    deployment.add_and_sync(ACME, &host.url("ui"));
    (deployment, database, host)
}

#[test]
fn no_header_that_other_programs_trust_opens_a_door() {
    let (deployment, _database, _host) = settle();
    for path in ["/r/card.json", "/o/org_acme/r/card.json", "/api/internal/registry", "/api/internal/tokens"] {
        let ask = |headers: &[(&str, &str)]| {
            let asking = deployment.ask("GET", path);
            headers.iter().fold(asking, |asking, (name, value)| asking.with(name, value)).send().status
        };
        assert_eq!(ask(&[]), 401, "{path}");
        for header in TRUSTED_ELSEWHERE {
            assert_eq!(ask(&[header]), 401, "{path} with {header:?}");
        }
        assert_eq!(ask(&TRUSTED_ELSEWHERE), 401, "{path} with all of them");
    }
}

#[test]
fn no_spelling_of_a_path_leads_past_the_guard() {
    let (deployment, _database, _host) = settle();
    for path in [
        "//r/card.json",
        "/r//card.json",
        "/r/./card.json",
        "/r/../r/card.json",
        "/r/%2e%2e/r/card.json",
        "/R/card.json",
        "/r/card.json/",
        "/r/card.json;x=1",
        "/r/card.json%00",
        "/r/card.json%2f",
        "/r%2fcard.json",
        "/r/init.json/../card.json",
        "/r/init.json%2f..%2fcard.json",
        "/o/org_acme/r/init.json/../card.json",
        "/health/../api/internal/registry",
        "//api/internal/registry",
        "/api//internal/registry",
        "/api/internal//registry",
        "/api/internal/registry/",
        "/API/internal/registry",
        "/api/internal/registry%20",
        "/api/internal/registry;.json",
        "/api/internal/registry.json",
        "/pkg/../api/internal/registry",
        "/pkg/..%2fapi%2finternal%2fregistry",
        "/pkg/%2e%2e/%2e%2e/Cargo.toml",
        "/../registry.toml",
        "/..%2f..%2fetc%2fpasswd",
    ] {
        let answer = deployment.ask("GET", path).send();
        let body = String::from_utf8_lossy(&answer.body);
        assert!(
            !body.contains("first card")
                && !body.contains("\"items\"")
                && !body.contains("root:")
                && !body.contains("[package]"),
            "{path} tells a stranger: {} {body}",
            answer.status
        );
        assert_ne!((answer.status, answer.header("content-type")), (200, "application/json"), "{path}: {body}");
    }
}

#[test]
fn no_header_changes_an_address_that_an_answer_tells() {
    let (deployment, _database, _host) = settle();
    deployment.clerk.user("user_ann", "Ann", &[(ACME, "org:admin")]);
    let token = deployment.token(ACME, "admin");
    let misleading = TRUSTED_ELSEWHERE.iter().filter(|(_, value)| value.contains("evil"));
    let misleading: Vec<_> =
        misleading.copied().chain([("x-forwarded-server", "evil.example"), ("x-host", "evil.example")]).collect();
    for path in [
        "/r/card.json",
        "/r/registry.json",
        "/r/registries.json",
        "/r/init.json",
        "/r/nothing.json",
        "/openapi.json",
        "/api/internal/registry",
        "/registry",
        "/components/card",
        "/settings",
        "/nothing",
        "/login",
    ] {
        for proof in [None, Some(format!("Bearer {token}"))] {
            for document in [false, true] {
                let mut asking = deployment.ask("GET", path);
                if document {
                    asking = asking.with("accept", "text/html").with("sec-fetch-dest", "document");
                }
                asking = proof.iter().fold(asking, |asking, proof| asking.with("authorization", proof));
                let answer = misleading.iter().fold(asking, |asking, (name, value)| asking.with(name, value)).send();
                let headers = format!("{:?}", answer.headers);
                let body = String::from_utf8_lossy(&answer.body);
                assert!(
                    !headers.contains("evil.example") && !body.contains("evil.example"),
                    "{path}: {headers} {body}"
                );
            }
        }
    }
    // The host itself is checked.
    assert_eq!(deployment.ask("GET", "/registry").with("host", "evil.example").send().status, 421);
    assert_eq!(deployment.ask("GET", "/r/card.json").with("host", "evil.example").send().status, 421);
}
