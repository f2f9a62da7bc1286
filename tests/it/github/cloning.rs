//! Repositories that are fetched with the organisation's token.

use super::{ACME, BETA, CANARY, Settled};
use crate::support::{Connection, Host, connect, item};
use git::testing::Reply;
use std::fs;

#[test]
fn a_private_repository_is_cloned_with_the_organisations_token_and_no_other_organisation_can_use_it() {
    let settled = Settled::connected();
    let id = settled.add(ACME, "acme/ui");
    assert_eq!(settled.sync(ACME, &id)["failure"], serde_json::Value::Null);
    let ann = settled.ann();
    ann.ask("GET", "/r/acme-button.json").send().expect(200);

    let theirs = settled.add(BETA, "acme/ui");
    let report = settled.sync(BETA, &theirs);
    let failure = report["failure"].as_str().expect("a reason");
    assert!(failure.contains("GitHub is not connected"), "{failure}");
    let back = format!("/registry/{theirs}");
    assert_eq!(report["next"]["url"], settled.connect_url(&back));
    let bea = settled.deployment.visitor("user_bea", Some(BETA));
    bea.ask("GET", "/r/acme-button.json").send().expect(404);
    // The page has the way out, in a tab of its own.
    let page = bea.open(&back).expect(200).text().to_owned();
    assert!(page.contains("Connect GitHub") && page.contains("rel=\"noopener noreferrer\""), "{page}");

    // Whoever connects it later has it from then on.
    settled.github.token("gho_of_beta", &["acme/ui"]);
    connect(&settled.databases[1], Connection::with("gho_of_beta"));
    crate::support::until("the connection is noticed", || {
        settled.sync(BETA, &theirs)["failure"].is_null().then_some(())
    });
    bea.ask("GET", "/r/acme-button.json").send().expect(200);
}

#[test]
fn the_token_is_seen_nowhere_and_goes_to_no_other_host() {
    // Whatever there is to log.
    let settled = Settled::settle_with(&[("EKAIROS_LOG", "trace")]);
    connect(&settled.databases[0], Connection::with(CANARY));
    let (deployment, ann) = (&settled.deployment, settled.ann());
    let id = settled.add(ACME, "acme/ui");
    assert!(settled.sync(ACME, &id)["failure"].is_null());
    let mut texts = Vec::new();
    let mut see = |what: &str, text: String| texts.push((what.to_owned(), text));

    // Another host that GitHub would send to, and other places that are told of it.
    let other = Host::start();
    other.repository("acme/ui", &[item("acme-button")]);
    let away = other.url("acme/ui/info/refs?service=git-upload-pack");
    settled.github.host.server.answer_with({
        let away = away.clone();
        move |_| Some(Reply::Redirect(away.clone()))
    });
    let failed = settled.sync(ACME, &id);
    assert!(failed["failure"].as_str().expect("a reason").contains("redirects"), "{failed}");
    see("a failed sync", failed.to_string());
    for path in ["/api/internal/github", "/api/internal/github/repositories"] {
        see(path, ann.ask("GET", path).send().text().to_owned());
    }
    assert_eq!(other.server.take_requests().len(), 0, "another host was asked");

    // GitHub that refuses it, and one that repeats it.
    settled.github.host.server.answer_with(|_| Some(Reply::Status(401)));
    see("a refusal", settled.sync(ACME, &id).to_string());
    settled.github.host.server.answer_with(|request| {
        let sent = request.headers.get("authorization").cloned().unwrap_or_default();
        Some(Reply::Answer(500, vec![("x-echo", sent.clone())], format!("{sent} {CANARY}")))
    });
    see("an echo", settled.sync(ACME, &id).to_string());
    let discovered = deployment.cli_in(ACME, ["repo", "discover", &settled.github.url("acme/ui")]);
    see("a discovery", discovered.out + &discovered.err);
    let repository = format!("/api/internal/registry/{id}");
    for path in ["/api/internal/github", "/api/internal/github/repositories", "/api/internal/audit", &repository] {
        see(path, ann.ask("GET", path).send().text().to_owned());
    }
    for path in ["/registry/new", &format!("/registry/{id}"), &format!("/registry/{id}?tab=history")] {
        see(path, ann.open(path).text().to_owned());
    }
    see("the configuration", deployment.cli(["config"]).ok().out);
    see("the log", deployment.log());
    for process in fs::read_dir("/proc").expect("a list of processes").flatten() {
        see(
            "an argument",
            fs::read(process.path().join("cmdline"))
                .map_or_else(|_| String::new(), |line| String::from_utf8_lossy(&line).into_owned()),
        );
    }
    for namespace in ["registry_repositories", "registry_events", "registry_syncs", "registry_tokens"] {
        see(namespace, serde_json::to_string(&settled.databases[0].rows(namespace)).expect("JSON"));
    }
    // As it was sent, too.
    let sent = {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        BASE64_STANDARD.encode(format!("x-access-token:{CANARY}"))
    };
    for (what, text) in &texts {
        assert!(!text.contains(CANARY) && !text.contains(&sent), "{what} shows the token: {text}");
    }
    for file in files(&deployment.data()) {
        let bytes = fs::read(&file).unwrap_or_default();
        let has = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!has(CANARY) && !has(&sent), "{} holds the token", file.display());
    }
}

/// All files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_token_that_was_replaced_is_used_at_once_and_a_broken_one_is_said_to_be() {
    let settled = Settled::connected();
    let (private, open) = (settled.add(ACME, "acme/ui"), settled.add(ACME, "acme/open"));
    assert!(settled.sync(ACME, &private)["failure"].is_null());
    // GitHub was connected again: the old token is good for nothing, and kept for a minute.
    settled.github.revoke(CANARY).token("gho_second", &["acme/ui"]);
    connect(&settled.databases[0], Connection::with("gho_second"));
    assert!(settled.sync(ACME, &private)["failure"].is_null());

    settled.github.revoke("gho_second");
    let report = settled.sync(ACME, &private);
    let failure = report["failure"].as_str().expect("a reason");
    assert!(failure.contains("reconnects GitHub") && failure.contains("acme/ui"), "{failure}");
    assert_eq!(report["next"]["url"], settled.connect_url(&format!("/registry/{private}")));
    settled.ann().ask("GET", "/r/acme-button.json").send().expect(200);
    // What is public is read all the same, and says what is wrong.
    let report = settled.sync(ACME, &open);
    assert!(report["failure"].is_null(), "{report}");
    assert_eq!(report["diagnostics"][0]["code"], "github-connection");
    let fix = report["diagnostics"][0]["fix"].as_str().expect("a next step");
    assert!(fix.contains(&settled.connect_url(&format!("/registry/{open}"))), "{fix}");
    settled.ann().ask("GET", "/r/open-button.json").send().expect(200);

    settled.github.token("gho_third", &["acme/ui"]);
    connect(&settled.databases[0], Connection::with("gho_third"));
    assert!(settled.sync(ACME, &private)["failure"].is_null());
    assert_eq!(settled.sync(ACME, &open)["diagnostics"], serde_json::json!([]));
}

#[test]
fn what_the_account_may_not_see_is_told_apart_with_the_next_step() {
    let settled = Settled::connected();
    settled.github.private("acme/hidden", &[item("hidden")]);
    let sync = |name: &str| {
        let id = settled.add(ACME, name);
        let report = settled.sync(ACME, &id);
        (report["failure"].as_str().unwrap_or_default().to_owned(), report["next"]["url"].clone(), id)
    };
    let (failure, next, id) = sync("acme/hidden");
    assert!(failure.contains("does not show this to the connected account"), "{failure}");
    assert_eq!(next, settled.connect_url(&format!("/registry/{id}")));

    let own = settled.github.url("orgs/strict/sso?authorization_request=abc").replace("http://", "https://");
    settled.github.private("strict/ui", &[item("strict")]);
    settled.github.wants_sign_on("strict", &format!("required; url={own}"));
    let (failure, next, id) = sync("strict/ui");
    assert!(failure.contains("single sign-on"), "{failure}");
    assert_eq!(next, own);
    let page = settled.ann().open(&format!("/registry/{id}")).expect(200).text().to_owned();
    assert!(page.contains("Sign on at GitHub"), "{page}");
    // A link that does not lead to GitHub is none.
    settled.github.wants_sign_on("strict", "required; url=https://evil.example/sso");
    let report = settled.sync(ACME, &id);
    assert!(report["failure"].as_str().expect("a reason").contains("single sign-on"), "{report}");
    assert!(!report.to_string().contains("evil.example"), "{report}");
    // The same for who looks before adding, and for programs.
    let url = settled.github.url("acme/hidden");
    let discovery = settled.ann().ask("POST", "/api/internal/registry/discover");
    let refused = discovery.json(&serde_json::json!({ "url": url })).send().expect(422).json();
    assert_eq!(refused["error"], "github_not_visible");
    assert_eq!(refused["action"]["url"], settled.connect_url("/registry/new"));
}
