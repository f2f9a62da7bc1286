//! What happened lately, as a feed.

use crate::support::{Answer, Asking, Host, Registry, is_about_local_mode, item};
use atom_syndication::Feed;
use base64::{Engine as _, prelude::BASE64_STANDARD};

fn asking(registry: &Registry, query: &str) -> Asking {
    registry.as_admin("GET", &format!("/activity.atom{query}"))
}

fn feed(answer: &Answer) -> Feed {
    assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
    answer.text().parse().unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

fn titles(feed: &Feed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.title.as_str()).collect()
}

#[test]
fn what_happened_can_be_followed_and_asked_for_again_without_being_sent_again() {
    let host = Host::start();
    let ui = host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    ui.write("ui/acme-button.tsx", "export const made = 2\n").commit("Say <b>\u{1}]]> & \u{202e}more\u{1b}[0m");
    registry.sync("ui");

    let first = asking(&registry, "").send().expect(200);
    let told = feed(&first);
    assert_eq!(told.entries.len(), 4, "{}", first.text());
    assert!(titles(&told).contains(&"ui: Say <b>⟨U+0001⟩]]> & ⟨U+202E⟩more⟨U+001B⟩[0m"), "{:?}", titles(&told));
    let commit = told.entries.iter().find(|entry| entry.title.as_str() == "ui: Begin").expect("the first commit");
    assert!(commit.links[0].href.starts_with(&format!("{}/registry/{id}/commits/", registry.url)), "{commit:?}");
    let page = commit.links[0].href.strip_prefix(&registry.url).expect("our own");
    registry.as_admin("GET", page).with("accept", "text/html").send().expect(200);

    // Asked for again it is not sent again, until something happens.
    let (tag, date) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
    assert!(date.ends_with(" GMT"), "{date}");
    let again = asking(&registry, "").with("if-none-match", &tag).send().expect(304);
    assert_eq!((again.body.len(), again.header("etag")), (0, tag.as_str()));
    asking(&registry, "").with("if-modified-since", &date).send().expect(304);
    asking(&registry, "").with("if-none-match", "\"other\"").with("if-modified-since", &date).send().expect(200);
    let ids: Vec<_> = told.entries.iter().map(|entry| entry.id.clone()).collect();
    ui.write("registry.json", "{").commit("Break it");
    registry.failing_sync("ui");
    let later = feed(&asking(&registry, "").with("if-none-match", &tag).send().expect(200));
    assert!(ids.iter().all(|id| later.entries.iter().any(|entry| entry.id == *id)), "ids stay");

    let failed = feed(&asking(&registry, "?kind=failures").send().expect(200));
    assert_eq!(failed.entries.len(), 1);
    assert!(failed.entries[0].title.as_str().contains("sync failed") && failed.id != later.id, "{failed:?}");
    let content = failed.entries[0].content.as_ref().and_then(|content| content.value.as_deref()).unwrap_or_default();
    assert!(content.contains("registry.json") && content.contains("Correct the JSON"), "{content}");
    for page in ["/activity", "/"] {
        let page = registry.as_admin("GET", page).with("accept", "text/html").send().expect(200);
        assert!(page.text().contains("application/atom+xml"), "{}", page.text());
    }
}

#[test]
fn the_feed_wants_a_proof_and_takes_a_token_as_a_readers_password_too() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let anyone = |proof: Option<String>| {
        let asking = registry.ask("GET", "/activity.atom").with("x-forwarded-for", "203.0.113.7");
        match proof {
            Some(proof) => asking.with("authorization", &proof).send(),
            None => asking.send(),
        }
    };
    let basic = |user: &str, password: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
    let token = registry.token("read");
    assert_eq!(anyone(None).status, 401);
    for wrong in [basic("reader", "guessed"), basic(&token, ""), "Basic x".to_owned(), basic("", "ekr_org_local_x")] {
        let answer = anyone(Some(wrong)).expect(401);
        // No browser asks for a password: it would send it everywhere from then on.
        assert!(!answer.header("www-authenticate").contains("Basic"));
        assert!(!answer.text().contains("Begin"));
    }
    assert_eq!(feed(&anyone(Some(basic("any name", &token))).expect(200)).entries.len(), 2);
    assert_eq!(feed(&anyone(Some(format!("Bearer {token}"))).expect(200)).entries.len(), 2);
    // Nowhere else.
    registry.ask("GET", "/api/internal/activity").with("authorization", &basic("any name", &token)).send().expect(401);

    if is_about_local_mode("`organisations::public` has it with Clerk") {
        return;
    }
    registry.cli(["settings", "--public", "on"]).ok();
    assert_eq!(anyone(None).status, 401, "a public registry opens what can be installed, not who wrote it");
}
