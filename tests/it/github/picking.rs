//! How an organisation stands with GitHub, and what it can choose from.

use super::{ACME, CANARY, Settled};
use crate::support::{Connection, connect, until};
use git::testing::Reply;
use serde_json::Value;

const STATUS: &str = "/api/internal/github";
const LIST: &str = "/api/internal/github/repositories";
const PAGE: &str = "/registry/new";

#[test]
fn every_state_of_the_connection_is_told_by_route_and_page() {
    let settled = Settled::settle();
    let (ann, database) = (settled.ann(), &settled.databases[0]);
    let status = || ann.ask("GET", STATUS).send().expect(200).json();
    let state = || status()["status"].as_str().expect("a state").to_owned();
    let page = || ann.open(PAGE).expect(200).text().to_owned();
    let is = |expected: &str| until(expected, || (state() == expected).then_some(()));

    // The database knows nothing of connections yet.
    is("not_connected");
    let connect_url = settled.connect_url(PAGE);
    assert_eq!(status()["connectUrl"], connect_url);
    let refused = ann.ask("GET", LIST).send().expect(409).json();
    assert_eq!(
        (&refused["error"], &refused["action"]["url"]),
        (&"github_not_connected".into(), &connect_url.clone().into())
    );
    let shown = page();
    assert!(shown.contains("Connect GitHub") && shown.contains(&connect_url), "{shown}");
    assert!(shown.contains("target=\"_blank\" rel=\"noopener noreferrer\""), "{shown}");
    assert!(shown.contains("name=\"url\""), "an address can be given all the same");

    // Neither one that ended, nor one to somewhere else, nor one without a token.
    connect(database, Connection { nth: 1, status: "revoked", ..Connection::with(CANARY) });
    connect(database, Connection { nth: 2, provider: "gitlab", ..Connection::with(CANARY) });
    connect(database, Connection { nth: 3, ..Connection::with("not a token") });
    is("not_connected");

    // Of several, the one that was changed last.
    settled.github.lists(&["acme/ui".to_owned()]);
    connect(database, Connection { nth: 4, updated_at: Some("2026-05-01T00:00:00Z"), ..Connection::with(CANARY) });
    connect(database, Connection { nth: 5, updated_at: Some("2025-05-01T00:00:00Z"), ..Connection::with("gho_old") });
    is("connected");
    assert_eq!(status()["account"], "octo-of-acme");
    assert!(page().contains("Add acme/ui"));

    settled.github.revoke(CANARY);
    is("reconnect");
    assert_eq!(status()["connectUrl"], connect_url);
    settled.github.token(CANARY, &[]).troubled(Reply::Status(500));
    is("unavailable");
    settled.github.troubled(Reply::Body("text/html", b"<h1>no</h1>".to_vec()));
    is("unavailable");
    settled.github.honest();
    is("connected");
}

#[test]
fn the_picker_pages_and_finds_and_adds_what_is_not_registered_yet() {
    let settled = Settled::connected();
    let ann = settled.ann();
    let id = settled.add(ACME, "acme/open");
    let mut names = vec!["acme/open".to_owned(), "acme/ui".to_owned(), "acme/empty".to_owned()];
    names.extend((0..220).map(|nth| format!("acme/other-{nth}")));
    settled.github.lists(&names);
    settled.github.asked();
    let list = |query: &str| ann.ask("GET", &format!("{LIST}{query}")).send().expect(200).json();
    let shown = |list: &Value| -> Vec<String> {
        let rows = list["rows"].as_array().expect("rows").iter();
        rows.map(|row| row["fullName"].as_str().expect("a name").to_owned()).collect()
    };

    let first = list("");
    assert_eq!((&first["total"], &first["pages"], &first["page"]), (&223.into(), &23.into(), &1.into()));
    assert_eq!(first["partial"], false);
    assert_eq!(shown(&first), names[..10]);
    let row = &first["rows"][1];
    assert_eq!((&row["private"], &row["defaultBranch"]), (&true.into(), &"main".into()));
    assert_eq!(
        (&row["cloneUrl"], &row["pushedAt"]),
        (&settled.github.url("acme/ui").into(), &1_767_323_045_000_i64.into())
    );
    assert_eq!(row["description"], "What acme/ui is for");
    assert_eq!((&first["rows"][0]["registered"], row.get("registered")), (&id.clone().into(), None));
    assert_eq!(shown(&list("?page=23")), names[220..]);
    assert_eq!(shown(&list("?page=99999999999999999")), [""; 0]);
    assert_eq!(shown(&list("?q=ACME%20ui&page=1")), ["acme/ui"]);
    assert_eq!(list("?q=nothing-like-it")["total"], 0);
    // Three pages at GitHub, once, for all of that.
    assert_eq!(settled.github.asked(), 3);

    let page = ann.open(&format!("{PAGE}?q=acme%2Fo")).expect(200).text().to_owned();
    assert!(page.contains("Add acme/other-0") && !page.contains("Add acme/open"), "{page}");
    assert!(page.contains(&format!("href=\"/registry/{id}\"")), "what is registered leads to its page");
    assert!(page.contains("page=2") && page.contains("value=\"acme/o\""), "{page}");
    assert!(ann.open(&format!("{PAGE}?q=zzz")).expect(200).text().contains("No repository has these words"));

    // The button sends what the address field would.
    let added = ann.send_form(PAGE, &[("url", &settled.github.url("acme/ui"))]);
    assert!(added.url().contains("/registry/") && !added.url().ends_with("/new"), "{:?}", added.way);
    until("it is served", || (ann.ask("GET", "/r/acme-button.json").send().status == 200).then_some(()));
}

#[test]
fn limits_of_github_and_odd_answers_are_passed_on_clearly() {
    let settled = Settled::connected();
    let ann = settled.ann();
    let limited = Reply::Answer(429, vec![("retry-after", "17".to_owned())], "{}".to_owned());
    settled.github.troubled(limited);
    let refused = ann.ask("GET", LIST).send().expect(429);
    assert_eq!((refused.header("retry-after"), &refused.json()["error"]), ("17", &"github_rate_limited".into()));
    assert_eq!(ann.ask("GET", STATUS).send().expect(200).json()["status"], "unavailable");
    assert!(ann.open(PAGE).expect(200).text().contains("Try again in 17 s"));
    let used_up = vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", "1".to_owned())];
    settled.github.troubled(Reply::Answer(403, used_up, "{}".to_owned()));
    assert_eq!(ann.ask("GET", LIST).send().expect(429).header("retry-after"), "60");
    settled.github.troubled(Reply::Status(403));
    assert_eq!(ann.ask("GET", LIST).send().expect(422).json()["error"], "github_forbidden");
    // More than anyone reads, and what is no list.
    settled.github.troubled(Reply::Endless("application/json", b"[".to_vec(), b" ".repeat(4096)));
    assert_eq!(ann.ask("GET", LIST).send().expect(502).json()["error"], "github_unavailable");
    settled.github.troubled(Reply::Body("application/json", b"{}".to_vec()));
    assert_eq!(ann.ask("GET", LIST).send().expect(502).json()["error"], "github_unavailable");
    settled.github.honest();
    assert_eq!(ann.ask("GET", LIST).send().expect(200).json()["total"], 0);
    assert!(ann.open(PAGE).expect(200).text().contains("sees no repositories"));
}
