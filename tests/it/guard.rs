//! The guard cannot be forgotten: every door there is, asked at as everybody who
//! may come. What is let in is written down in a snapshot and in `docs/security.md`.

use crate::support::{Answer, Asking, Database, Deployment, Host, Offline, Registry, item, until};
use clerk::InstanceKind;
use registry::server::{Door, doors};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Whoever comes. Another kind is another entry here and in [`Crowd::send`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// A program on this machine, with no proof.
    Machine,
    /// Anyone else, with no proof.
    Stranger,
    Reader,
    Syncer,
    Admin,
    Expired,
    Revoked,
    /// Someone signed in.
    Session,
    /// With Clerk: a member of the organisation.
    Member,
    /// With Clerk: one who administers it.
    Manager,
    /// With Clerk: an administrator of another organisation, who asks for this one.
    Neighbour,
}

impl Who {
    const ALL: [Self; 11] = [
        Self::Machine,
        Self::Stranger,
        Self::Reader,
        Self::Syncer,
        Self::Admin,
        Self::Expired,
        Self::Revoked,
        Self::Session,
        Self::Member,
        Self::Manager,
        Self::Neighbour,
    ];

    fn heading(self) -> &'static str {
        match self {
            Self::Machine => "this machine",
            Self::Stranger => "anyone",
            Self::Reader => "token `read`",
            Self::Syncer => "token `sync`",
            Self::Admin => "token `admin`",
            Self::Expired => "expired token",
            Self::Revoked => "revoked token",
            Self::Session => "signed in",
            Self::Member => "Clerk `org:member`",
            Self::Manager => "Clerk `org:admin`",
            Self::Neighbour => "another organisation's admin",
        }
    }
}

/// A registry and what each of them has to show.
struct Crowd {
    registry: Registry,
    reader: String,
    syncer: String,
    expired: String,
    revoked: String,
    session: String,
    /// The same with Clerk.
    deployment: Deployment,
    _databases: [Database; 2],
    _host: Host,
}

/// The organisation that doors of the deployment lead to.
const OURS: &str = "org_ours";
/// Another one.
const THEIRS: &str = "org_theirs";

impl Crowd {
    fn gather() -> Self {
        let host = Host::start();
        host.repository("ui", &[item("acme-button")]);
        // What it is with Clerk stands beside it, whatever the other tests run with.
        let registry = Offline::in_local_mode().serve();
        registry.add_and_sync(&host.url("ui"));
        let named = |name: &str| {
            let made = registry.cli(["token", "create", "--scope", "admin", "--name", name, "--json"]).ok().json();
            made["token"].as_str().expect("a token").to_owned()
        };
        let (expired, revoked) = (named("expired"), named("revoked"));
        registry.cli(["token", "rotate", "expired", "--overlap", "1s"]).ok();
        registry.cli(["token", "revoke", "revoked"]).ok();
        until("a token expires", || {
            let answer = registry.ask("GET", "/api/internal/tokens").token(&expired).send();
            (answer.status == 401).then_some(())
        });
        let deployment = Deployment::start(InstanceKind::Production);
        let databases = [deployment.organisation(OURS, "Ours"), deployment.organisation(THEIRS, "Theirs")];
        deployment.add_and_sync(OURS, &host.url("ui"));
        deployment
            .clerk
            .user("user_member", "Mo", &[(OURS, "org:member")])
            .user("user_manager", "Max", &[(OURS, "org:admin")])
            .user("user_neighbour", "Nell", &[(THEIRS, "org:admin")]);
        Self {
            deployment,
            _databases: databases,
            reader: registry.token("read"),
            syncer: registry.token("sync"),
            session: registry.session(),
            expired,
            revoked,
            registry,
            _host: host,
        }
    }

    /// Asks at a door the way a page of ours would, so that nothing but the proof decides.
    fn send(&self, door: &Door, who: Who) -> Answer {
        let asking = as_page(&self.registry, door).with("origin", &self.registry.url);
        let with_clerk = |user: &str, organisation: &str| {
            // A session token is good for a minute.
            let visitor = self.deployment.visitor(user, Some(organisation));
            let asking = at_door(door, OURS, |method, path| self.deployment.ask(method, path));
            asking.with("origin", &self.deployment.url).with("cookie", &visitor.cookies())
        };
        match who {
            Who::Member => with_clerk("user_member", OURS),
            Who::Manager => with_clerk("user_manager", OURS),
            Who::Neighbour => with_clerk("user_neighbour", THEIRS).with("x-registry-org-id", OURS),
            Who::Machine => asking,
            Who::Stranger => asking.with("x-forwarded-for", "203.0.113.7"),
            Who::Reader => asking.token(&self.reader),
            Who::Syncer => asking.token(&self.syncer),
            Who::Admin => asking.token(&self.registry.admin_token()),
            Who::Expired => asking.token(&self.expired),
            Who::Revoked => asking.token(&self.revoked),
            // Whoever goes out by this door comes in by no other.
            Who::Session if door.path == "/logout" => asking.with("cookie", &self.registry.session()),
            Who::Session => asking.with("cookie", &self.session),
        }
        .send()
    }
}

/// A request at a door, for what is not there and with a body that asks for nothing:
/// whoever is let in changes nothing.
fn as_page(registry: &Registry, door: &Door) -> Asking {
    at_door(door, "org_local", |method, path| registry.ask(method, path))
}

fn at_door(door: &Door, organisation: &str, ask: impl Fn(&str, &str) -> Asking) -> Asking {
    let path = [
        ("{id}", "00000000-0000-4000-8000-000000000000"),
        ("{sha}", "0000000000000000000000000000000000000000"),
        ("{organisation}", organisation),
        ("{hook}", "nothing"),
        ("{*path}", "acme-button.json"),
        ("{*name}", "nothing"),
        ("{*rest}", "nothing"),
        ("{name}", "acme-button"),
    ]
    .iter()
    .fold(door.path.clone(), |path, (parameter, value)| path.replace(parameter, value));
    assert!(!path.contains('{'), "say what stands for the parameters of {}", door.path);
    let asking = ask(&door.method, &path);
    match door.method.as_str() {
        "GET" | "DELETE" => asking,
        _ if path.starts_with("/api/") => asking.text("application/json", "{}"),
        _ => asking.text("application/x-www-form-urlencoded", "name=nothing&snapshot=nothing&by=&to=&namespace="),
    }
}

/// Whether a door is for hosts that sign what they send.
fn is_by_signature(door: &Door) -> bool {
    door.path.contains("/webhook/{hook}") || door.path == "/api/webhooks/clerk"
}

/// Whether the guard let someone in, whatever they found inside.
fn is_let_in(answer: &Answer) -> bool {
    // What is another organisation's is answered like what is nobody's.
    let is_nobodys = answer.status == 404 && String::from_utf8_lossy(&answer.body).contains("or it is not yours");
    let leads_to_sign_in = answer.status == 303 && answer.header("location").starts_with("/login");
    !(is_nobodys || leads_to_sign_in || matches!(answer.status, 401 | 403))
}

/// What someone was answered, in a word or two.
fn word(answer: &Answer) -> String {
    match answer.header("location") {
        location if location.starts_with("/login") => "→ /login".to_owned(),
        _ => answer.status.to_string(),
    }
}

#[test]
fn every_door_lets_in_just_who_the_documentation_says() {
    let crowd = Crowd::gather();
    let mut statuses = String::new();
    let mut table = format!("| door | {} |\n", Who::ALL.map(Who::heading).join(" | "));
    writeln!(table, "| --- |{}", " --- |".repeat(Who::ALL.len())).expect("a text");
    for door in doors() {
        let answers = Who::ALL.map(|who| crowd.send(&door, who));
        let words: Vec<String> = answers.iter().map(word).collect();
        writeln!(statuses, "{:6} {:55} {}", door.method, door.path, words.join("  ")).expect("a text");
        let cells = answers.iter().map(|answer| match (is_by_signature(&door), is_let_in(answer)) {
            (true, _) => "by signature",
            (false, true) => "yes",
            (false, false) => "–",
        });
        let cells: Vec<&str> = cells.collect();
        writeln!(table, "| `{} {}` | {} |", door.method, door.path, cells.join(" | ")).expect("a text");
    }
    insta::assert_snapshot!("doors", statuses);
    assert_documented(&table);
}

/// The part of `docs/security.md` that this test writes: with `EKAIROS_WRITE_DOCS` set, it does.
fn assert_documented(table: &str) {
    const BEGIN: &str = "<!-- who may what: written by tests/it/guard.rs -->\n";
    const END: &str = "<!-- end -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let text = fs::read_to_string(&path).expect("docs/security.md");
    let begin = text.find(BEGIN).expect("the place of the table") + BEGIN.len();
    let end = begin + text[begin..].find(END).expect("the end of the table");
    let table = format!("\n{table}\n");
    if std::env::var_os("EKAIROS_WRITE_DOCS").is_some() {
        fs::write(&path, format!("{}{table}{}", &text[..begin], &text[end..])).expect("writable");
        return;
    }
    assert!(
        text[begin..end] == table,
        "the table in docs/security.md is not what the guard does; run this test with EKAIROS_WRITE_DOCS=1 and look at what changed"
    );
}

#[test]
fn what_the_document_describes_and_what_is_served_are_the_same_json_routes() {
    let registry = Registry::start();
    let document = registry.get("/openapi.json").expect(200).json();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, _) in
            operations.as_object().expect("operations").iter().filter(|(_, it)| it["responses"].is_object())
        {
            described.insert((path.clone(), method.to_ascii_uppercase()));
        }
    }
    let internal = |path: &str| path.starts_with("/api/internal") || path.starts_with("/health");
    let served: BTreeSet<(String, String)> = doors()
        .into_iter()
        .filter(|door| internal(&door.path))
        // The document writes a rest of a path as any other parameter.
        .map(|door| (door.path.replace("{*", "{"), door.method))
        .collect();
    let described: BTreeSet<_> = described.into_iter().filter(|(path, _)| internal(path)).collect();
    let difference: Vec<_> = served.symmetric_difference(&described).collect();
    assert!(difference.is_empty(), "served and not described, or the other way round: {difference:?}");
}

#[test]
fn no_door_takes_a_change_from_another_sites_page() {
    let registry = Registry::start();
    let session = registry.session();
    let changing: Vec<Door> =
        doors().into_iter().filter(|door| door.method != "GET" && !is_by_signature(door)).collect();
    assert!(changing.len() > 30, "{changing:?}");
    for door in &changing {
        for (origin, site) in [
            (Some("https://evil.example"), None),
            (Some("null"), None),
            (None, None),
            (None, Some("same-origin")),
            (Some(registry.url.as_str()), Some("same-site")),
            (Some(registry.url.as_str()), Some("cross-site")),
            (Some(registry.url.as_str()), Some("none")),
        ] {
            let mut asking = as_page(&registry, door).with("cookie", &session);
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if let Some(value) = value {
                    asking = asking.with(name, value);
                }
            }
            let answer = asking.send().expect(403);
            assert_eq!(answer.json()["error"], "foreign_origin", "{door:?} {origin:?} {site:?}");
        }
    }
    // None of it ended the session.
    registry.ask("GET", "/api/internal/tokens").with("cookie", &session).send().expect(200);
}

/// All source files of the server.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn there_is_no_other_way_to_serve_a_path_than_the_list_of_doors() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&source) {
        let text = fs::read_to_string(&path).expect("a text");
        let name = path.strip_prefix(&source).expect("below").display().to_string();
        // The list itself, and sockets and listeners that are not this server's.
        let is_exempt = ["server/table.rs", "cli/control.rs", "cli/instant.rs"].contains(&name.as_str());
        assert!(is_exempt || !text.contains("routing::"), "{name} makes routes of its own; use server::table");
    }
}

#[test]
fn what_everyone_gets_holds_nothing_of_the_registry() {
    let crowd = Crowd::gather();
    let secrets: [&str; 4] = [&crowd.reader, &crowd.syncer, &crowd.expired, &crowd.session];
    for door in doors().into_iter().filter(|door| door.method == "GET") {
        let answer = crowd.send(&door, Who::Stranger);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        for text in secrets.into_iter().chain(["first acme-button"]) {
            assert!(!body.contains(text), "{door:?} tells a stranger {text:?}");
        }
        let listed = door.path == "/openapi.json" || door.path.starts_with("/health");
        if !is_let_in(&answer) && !listed {
            assert!(!body.contains("acme-button") || door.path.contains('{'), "{door:?}");
        }
    }
    let anyone: Value = crowd.registry.get("/r/init.json").expect(200).json();
    assert_eq!(anyone["type"], "registry:base");
}
