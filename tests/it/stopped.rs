//! What people and programs are told when something cannot be had: what
//! happened, and the way on.

use crate::outage::is_away;
use crate::support::{Answer, Database, Host, Registry, is_about_local_mode, item};

fn document(registry: &Registry, path: &str, token: &str) -> Answer {
    registry.ask("GET", path).token(token).with("accept", "text/html").send()
}

/// Whether a page says what happened, in the frame, with a way on.
fn assert_page(answer: &Answer, status: u16, title: &str, ways: &[&str]) {
    let page = answer.text();
    assert_eq!(answer.status, status, "{page}");
    for part in ["<html", "class=\"sections\"", "<main id=\"content\"", &format!("<h1>{title}</h1>")] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for way in ways {
        assert!(page.contains(&format!("href=\"{way}\"")), "{way}: {page}");
    }
}

fn assert_json(answer: &Answer, status: u16, code: &str) {
    let told = answer.json();
    assert_eq!((answer.status, told["error"].as_str()), (status, Some(code)), "{told}");
    assert!(told["message"].as_str().is_some_and(|message| message.len() > 10), "{told}");
}

#[test]
fn every_refusal_is_a_page_for_people_and_json_for_programs() {
    let host = Host::start();
    let ui = host.repository("ui", &[item("acme-button"), item("acme-card")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    ui.write("registry.json", crate::support::registry_of(&[item("acme-button")]).to_string()).commit("Less");
    registry.sync("ui");
    let (admin, reader) = (registry.admin_token(), registry.token("read"));
    let json = |path: &str, token: &str| registry.ask("GET", path).token(token).send();

    // 403: who can grant it.
    let denied = document(&registry, "/settings/tokens", &reader);
    assert_page(&denied, 403, "Not allowed", &["/"]);
    assert!(denied.text().contains("<code>read</code>") && denied.text().contains("<code>admin</code>"));
    assert_json(&json("/api/internal/tokens", &reader), 403, "missing_scope");

    // 404: of pages, and of what a page is about.
    assert_page(&document(&registry, "/nothing/here", &admin), 404, "No page here", &["/", "/components"]);
    let no_component = document(&registry, "/components/acme-buttom", &admin);
    assert_page(&no_component, 404, "Component not found", &["/components?q=acme-buttom", "/names"]);
    assert!(no_component.text().contains("acme-button"), "what was probably meant");
    let nobody = "/registry/00000000-0000-4000-8000-000000000000";
    assert_page(&document(&registry, nobody, &admin), 404, "Not found", &["/"]);
    assert_json(&json("/api/internal/components/acme-buttom", &admin), 404, "not_found");
    assert_json(&json("/api/internal/nothing", &admin), 404, "no_route");

    // 410: what it was, and what to do.
    let gone = document(&registry, "/components/acme-card", &admin).expect(410);
    for part in ["It was removed and is not served", "<h1 class=\"mono\">acme-card</h1>", "Release the name"] {
        assert!(gone.text().contains(part), "{part}: {}", gone.text());
    }
    assert_json(&json("/r/acme-card.json", &admin), 410, "removed");

    // 429: when to come back.
    let limited =
        Registry::start_with(&[("EKAIROS_LIMIT_PER_ADDRESS", "1/m"), ("EKAIROS_TRUSTED_PROXIES", "127.0.0.0/8")]);
    let strained = |accept: &str| {
        limited.ask("GET", "/login").with("x-forwarded-for", "203.0.113.9").with("accept", accept).send()
    };
    strained("text/html");
    let too_many = strained("text/html");
    assert_page(&too_many, 429, "Too many requests", &[]);
    assert!(!too_many.header("retry-after").is_empty() && !too_many.header("refresh").is_empty());
    assert_json(&strained("application/json"), 429, "too_many");
}

#[test]
fn a_page_that_is_not_there_keeps_the_frame_of_whoever_is_signed_in() {
    if is_about_local_mode("the frame is the same with Clerk's widgets") {
        return;
    }
    let registry = Registry::start();
    let cookie = registry.session();
    let asked = |path: &str| registry.ask("GET", path).with("cookie", &cookie).with("accept", "text/html").send();
    let page = asked("/nothing/here").expect(404);
    assert!(page.text().contains("Account of Local operator"), "{}", page.text());
    assert!(!registry.get("/nothing/here").expect(404).text().contains("Account of"));
}

#[test]
fn what_needs_the_database_says_so_while_it_is_away_and_comes_back_by_itself() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    replica.registry.admin_token();
    database.kill();
    is_away(&replica);
    let page = replica.registry.as_admin("GET", "/activity").with("accept", "text/html").send();
    assert_page(&page, 503, "The database does not answer", &["/components"]);
    assert!(!page.header("refresh").is_empty() && page.text().contains("tries again by itself"));
    assert_json(&replica.registry.as_admin("GET", "/activity.atom").send(), 503, "store_unavailable");
    assert_json(&replica.registry.as_admin("GET", "/api/internal/activity").send(), 503, "store_unavailable");
}
