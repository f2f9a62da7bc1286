//! Canaries: every kind of secret goes every way there is, and is then looked for
//! in each log, page, error, file, argument and database.

use crate::support::{Deployment, Host, Visitor, item, push_of};
use clerk::InstanceKind;
use registry::server::doors;
use serde_json::json;
use std::{fs, path::Path};

const ACME: &str = "org_acme";
const SEAL_KEY: &str = "c2VhbGluZy1rZXktb2YtMzItYnl0ZXMtaW4tYmFzZTY=";
const DEPLOY_TOKEN: &str = "canary-deploy-token-0123456789";
const API_KEY: &str = "ak_canary_secret";

/// Something that only its owner may see, and where else it may be.
struct Canary {
    what: &'static str,
    text: String,
    /// Part of the doors whose business it is to show it to an administrator.
    is_shown_at: Option<&'static str>,
    /// Whether the organisation's own database is where it comes from.
    is_of_database: bool,
}

impl Canary {
    fn new(what: &'static str, text: impl Into<String>) -> Self {
        Self { what, text: text.into(), is_shown_at: None, is_of_database: false }
    }
}

/// The files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("readable").map(|entry| entry.expect("an entry").path());
    let found = entries.flat_map(|path| {
        if path.is_dir() {
            return holding(&path, text);
        }
        // A socket is no file.
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(text.len()).any(|part| part == text.as_bytes());
        if holds { vec![path.display().to_string()] } else { Vec::new() }
    });
    found.collect()
}

/// What all processes were started with, as anyone on the machine may read it.
fn arguments_of_all_processes() -> String {
    let Ok(entries) = fs::read_dir("/proc") else { return String::new() };
    let files = entries.filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    files.map(|line| String::from_utf8_lossy(&line).replace('\0', " ") + "\n").collect()
}

/// A path that a door has for this repository.
fn path_of(door: &str, repository: &str) -> String {
    [
        ("{id}", repository),
        ("{sha}", "0000000000000000000000000000000000000000"),
        ("{organisation}", ACME),
        ("{hook}", "nothing"),
        ("{*path}", "card.json"),
        ("{*name}", "card"),
        ("{*rest}", "card"),
        ("{name}", "card"),
    ]
    .iter()
    .fold(door.to_owned(), |path, (parameter, value)| path.replace(parameter, value))
}

/// Signs in a browser, and tells the session token that it got.
fn signed_in(deployment: &Deployment) -> (Visitor, String) {
    let (visitor, signed_in) =
        (deployment.stranger(), deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url));
    for pair in signed_in.cookies.split("; ") {
        visitor.keep(pair);
    }
    (visitor, signed_in.token)
}

#[test]
fn no_secret_is_in_a_log_a_page_an_error_an_argument_a_file_or_a_database() {
    let settings = [("EKAIROS_LOG", "trace"), ("EKAIROS_SEAL_KEY", SEAL_KEY)];
    let mut deployment = Deployment::start_with(InstanceKind::Production, &settings);
    let database = deployment.organisation(ACME, "Acme");
    deployment.clerk.user("user_ann", "Ann", &[(ACME, "org:admin")]).api_key(
        API_KEY,
        ACME,
        &json!({ "scopes": ["registry:admin"] }),
    );

    // A private repository with a deploy token, given on the command line and by a program.
    let host = Host::start();
    host.repository("ui", &[item("card")]);
    host.server.require("deploy", DEPLOY_TOKEN);
    let added = deployment.cli_in(ACME, ["repo", "add", &host.url("ui"), "--json"]).ok().json();
    let repository = added["id"].as_str().expect("an id");
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), DEPLOY_TOKEN).expect("writable");
    let given = file.path().to_str().expect("UTF-8");
    deployment.cli_in(ACME, ["repo", "credential", "ui", "--username", "deploy", "--token-file", given]).ok();
    deployment.cli_in(ACME, ["sync", "ui", "--wait"]).ok();

    // A webhook, and a delivery with its signature; tokens; sessions.
    let hook = deployment.cli_in(ACME, ["repo", "hook", "ui", "--json"]).ok().json();
    let (address, secret) = (hook["address"].as_str().expect("an address"), hook["secret"].as_str().expect("a secret"));
    let body = push_of(&"0".repeat(40), &"1".repeat(40));
    let signature = webhook::sign::prefixed(&secret.parse().expect("a secret"), body.as_bytes());
    let path = address.strip_prefix(&deployment.url).expect("an address of its own");
    let asking = deployment.ask("POST", path).with("x-github-event", "push").with("x-github-delivery", "one");
    assert!(asking.with("x-hub-signature-256", &signature).text("application/json", &body).send().status < 300);
    let token = deployment.token(ACME, "admin");
    let mut canaries = vec![
        Canary::new("the secret key", deployment.clerk.secret_key()),
        Canary::new("the sealing key", SEAL_KEY),
        Canary { is_of_database: true, ..Canary::new("the admin token", database.token()) },
        Canary::new("the deploy token", DEPLOY_TOKEN),
        Canary { is_shown_at: Some("hook"), ..Canary::new("the webhook's secret", secret) },
        Canary::new("a token", token.clone()),
        Canary::new("an API key", API_KEY),
    ];

    // Everyone asks at every door, and for what goes wrong.
    let mut seen: Vec<(String, String)> = Vec::new();
    let doors: Vec<_> = doors().into_iter().filter(|door| door.method == "GET").collect();
    assert!(doors.len() > 40, "{doors:?}");
    for door in doors.iter().filter(|door| door.path != "/api/internal/registry/{id}/events") {
        let path = path_of(&door.path, repository);
        let (ann, session) = signed_in(&deployment);
        let mut keep = |text: &str| seen.push((path.clone(), text.to_owned()));
        keep(ann.open(&path).text());
        for token in [&token, API_KEY, &format!("{token}x"), &session] {
            keep(&String::from_utf8_lossy(&deployment.ask("GET", &path).token(token).send().body));
        }
        keep(deployment.ask("GET", &path).token(&token).with("x-registry-org-id", "org_other").send().text());
        canaries.push(Canary::new("a session token", session));
    }
    for path in
        ["/api/internal/registry", "/api/internal/registry/sync", "/api/internal/tokens", "/api/internal/nothing"]
    {
        for body in ["{}", "{", &json!({ "url": format!("https://me:{DEPLOY_TOKEN}@host.example/a") }).to_string()] {
            let answer = deployment.ask("POST", path).token(&token).text("application/json", body).send();
            seen.push((path.to_owned(), answer.text().to_owned()));
        }
    }
    deployment.ask("GET", &format!("/no/such/page?token={token}")).send();
    deployment.tell("msg_1", "organization.updated", ACME).expect(204);
    // What a repository's host, and the database, say when they refuse it all.
    host.server.require("deploy", "another");
    let failed = deployment.cli_in(ACME, ["sync", "ui", "--wait"]);
    seen.push(("sync".to_owned(), failed.out + &failed.err));
    let config = deployment.cli(["config"]).ok();
    seen.push(("config".to_owned(), config.out + &config.err));

    let (log, arguments) = (deployment.log(), arguments_of_all_processes());
    assert!(log.contains("TRACE"), "it says all that there is to say");
    assert!(arguments.is_empty() || arguments.contains("serve --json"), "{arguments}");
    let data = deployment.data();
    for Canary { what, text, is_shown_at, is_of_database } in &canaries {
        assert!(!log.contains(text), "{what} is logged: {:?}", log.lines().find(|line| line.contains(text)));
        assert!(!arguments.contains(text), "{what} is an argument");
        for (path, shown) in &seen {
            let may = is_shown_at.is_some_and(|part| path.contains(part));
            assert!(may || !shown.contains(text), "{what} is shown at {path}");
        }
        assert_eq!(holding(&data, text), Vec::<String>::new(), "{what} is on disk");
        if !is_of_database {
            assert_eq!(holding(&database.data(), text), Vec::<String>::new(), "{what} is in the database");
        }
    }
    deployment.end();
    for Canary { what, text, .. } in &canaries {
        assert_eq!(holding(&data, text), Vec::<String>::new(), "{what} is left on disk");
    }
}
