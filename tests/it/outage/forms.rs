//! The dashboard's forms while the database is away: each says why nothing was
//! done, and gives back what was typed.

use super::{cut_off_after, is_back};
use crate::support::{Answer, Database, Host, Replica, item, write_registry};
use serde_json::json;

/// A server with a component that is served, one that was removed and one made
/// by hand, whose database is gone.
fn cut_off(host: &Host) -> (Database, Replica, String) {
    cut_off_after(host, |replica| {
        let made = json!({ "name": "by-hand", "type": "registry:item" });
        replica.registry.as_admin("POST", "/api/internal/components").json(&made).send().expect(201);
        let repository = host.repository("more", &[item("old-card"), item("acme-card")]);
        replica.registry.add_and_sync(&host.url("more"));
        write_registry(&repository, &[item("acme-card")]);
        repository.commit("No card");
        replica.registry.sync("more");
    })
}

fn post(replica: &Replica, path: &str, body: &str) -> Answer {
    replica.registry.as_admin("POST", path).text("application/x-www-form-urlencoded", body).send()
}

#[test]
fn every_form_says_why_nothing_was_done_and_gives_back_what_was_typed() {
    let host = Host::start();
    let (mut database, replica, id) = cut_off(&host);
    let settings = format!("/registry/{id}?tab=settings");
    let namespace = format!("/registry/{id}/namespace");
    let remove = format!("/registry/{id}/remove");
    for (path, body, typed) in [
        (
            "/registry/new",
            "url=https%3A%2F%2Fexample.com%2Facme%2Fui&name=typed-name&branch=typed-branch",
            &["typed-name", "typed-branch", "https://example.com/acme/ui"][..],
        ),
        (
            &settings,
            "name=typed-name&url=https%3A%2F%2Fexample.com%2Fother&branch=typed-branch&pollEvery=7m&dependencies=own-first",
            &["typed-name", "typed-branch", "https://example.com/other", "7m", "own-first"],
        ),
        (&namespace, "namespace=typed-space", &["typed-space"]),
        (&remove, "name=typed-name", &["typed-name"]),
        ("/names?tab=aliases", "name=typed-name&to=acme-button", &["typed-name", "acme-button"]),
        ("/names/replace/old-card", "by=typed-name", &["typed-name"]),
        (
            "/hand/new",
            "name=typed-name&type=registry%3Aui&title=Typed+title&path=ui%2Fa.tsx&fileType=registry%3Aui&content=typed+content",
            &["typed-name", "Typed title", "typed content"],
        ),
        (
            "/hand/edit/by-hand",
            "name=by-hand&type=registry%3Aui&title=Typed+title&path=ui%2Fa.tsx&fileType=registry%3Aui&content=typed+content",
            &["Typed title", "typed content"],
        ),
    ] {
        let told = post(&replica, path, body);
        let page = told.text();
        assert!(matches!(told.status, 422 | 503), "{path}: {} {page}", told.status);
        assert!(page.contains("does not answer, so this could not be done"), "{path}: {page}");
        for typed in typed {
            assert!(page.contains(typed), "{typed} of {path}: {page}");
        }
        assert!(page.contains("method=\"post\" action=\""), "{path}: it can be sent again");
        assert_eq!(told.header("refresh"), "", "{path}: what was typed must not go by itself");
    }
    database.restart();
    is_back(&replica);
    let saved = post(&replica, "/names?tab=aliases", "name=typed-name&to=acme-button");
    assert_eq!(saved.status, 303, "{}", saved.text());
}

#[test]
fn every_button_says_that_nothing_was_done() {
    let host = Host::start();
    let (mut database, replica, id) = cut_off(&host);
    let repository = |action: &str| format!("/registry/{id}/{action}");
    for (path, body) in [
        (repository("sync"), ""),
        (repository("rollback"), "snapshot=00000000-0000-4000-8000-000000000000"),
        (repository("webhook"), ""),
        (repository("webhook/remove"), ""),
        ("/names/release/old-card".to_owned(), ""),
        ("/names/aliases/remove".to_owned(), "name=old-name"),
        ("/hand/remove/by-hand".to_owned(), ""),
    ] {
        let told = post(&replica, &path, body);
        assert_eq!(told.status, 303, "{path}: {}", told.text());
        let cookie = told.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        let page = replica.registry.as_admin("GET", told.header("location")).with("cookie", &cookie).send();
        assert!(page.text().contains("Not done."), "{path}: {}", page.text());
    }
    database.restart();
    is_back(&replica);
}
