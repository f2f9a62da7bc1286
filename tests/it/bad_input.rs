//! Bad input: each gets a clear error naming what and where, and what was
//! served before is still served.

use crate::support::{
    Host, Offline, Ran, Registry, is_with_clerk, item, item_of, no_hosts, registry_of, sources_on_disk, write_registry,
};
use git::testing::TestRepository;
use serde_json::{Value, json};

/// A server that follows a repository with two good items.
fn followed() -> (Registry, Host, TestRepository) {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("fancy-card")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host, repository)
}

const FIRST: &str = "export const made = \"first acme-button\"\n";

fn still_serves_both(registry: &Registry) {
    assert_eq!(registry.get("/r/acme-button.json").expect(200).content(), FIRST);
    registry.get("/r/fancy-card.json").expect(200);
}

/// The finding with this code, which must name where it stands.
fn finding(report: &Value, code: &str) -> Value {
    let findings = report["diagnostics"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {report:#}"));
    assert!(found["file"].is_string(), "{found}");
    assert!(found["fix"].is_string(), "{found}");
    found.clone()
}

/// Breaks the button beside a changed card: the button's last good version
/// stays, the new card is served, and the report says what is wrong.
fn breaking_the_button(code: &str, breaking: impl FnOnce(&TestRepository, &mut Value)) -> Value {
    let (registry, _host, repository) = followed();
    let mut button = item("acme-button");
    breaking(&repository, &mut button);
    repository.write("registry.json", registry_of(&[button, item("fancy-card")]).to_string());
    repository.write("ui/fancy-card.tsx", "second card\n").commit("Break the button");
    let report = registry.sync("ui");
    let found = finding(&report, code);
    assert_eq!(found["severity"], "error");
    assert_eq!(found["item"], "acme-button");
    assert_eq!(found["itemIndex"], 0);
    assert_eq!(report["changes"], json!([["fancy-card", "changed"], ["acme-button", "quarantined"]]));
    assert_eq!(registry.get("/r/acme-button.json").expect(200).content(), FIRST, "the last good version stays");
    assert_eq!(registry.get("/r/fancy-card.json").expect(200).content(), "second card\n", "the rest is published");
    assert_eq!(registry.component("acme-button")["quarantined"], true);
    found
}

#[test]
fn an_unknown_type_quarantines_its_item_alone() {
    breaking_the_button("unknown-type", |_, button| button["type"] = json!("registry:nonsense"));
}

#[test]
fn a_missing_file_quarantines_its_item_and_is_named() {
    let found = breaking_the_button("missing-file", |repository, _| {
        repository.remove("ui/acme-button.tsx");
    });
    assert!(found["message"].as_str().is_some_and(|message| message.contains("ui/acme-button.tsx")), "{found}");
}

#[test]
fn a_symbolic_link_quarantines_its_item() {
    breaking_the_button("symlink", |repository, _| {
        repository.remove("ui/acme-button.tsx").symlink("ui/acme-button.tsx", "/etc/passwd");
    });
}

#[test]
fn a_symbolic_link_on_the_way_quarantines_its_item() {
    breaking_the_button("symlink", |repository, button| {
        repository.symlink("elsewhere", "ui");
        button["files"][0]["path"] = json!("elsewhere/acme-button.tsx");
    });
}

#[test]
fn a_submodule_quarantines_the_item_that_reaches_into_it() {
    breaking_the_button("submodule", |repository, button| {
        let commit = repository.head();
        repository.submodule("vendor", &commit);
        button["files"][0]["path"] = json!("vendor/acme-button.tsx");
    });
}

#[test]
fn a_binary_file_quarantines_its_item() {
    breaking_the_button("binary-file", |repository, _| {
        repository.write("ui/acme-button.tsx", [0x89, b'P', b'N', b'G', 0xff, 0xfe]);
    });
}

#[test]
fn a_file_over_the_limit_quarantines_its_item_and_the_limit_is_told() {
    let found = breaking_the_button("file-too-large", |repository, _| {
        repository.write("ui/acme-button.tsx", vec![b'x'; 5 * 1024 * 1024 + 1]);
    });
    assert!(found["message"].as_str().is_some_and(|message| message.contains("5242880")), "{found}");
}

#[test]
fn a_dependency_that_is_an_option_quarantines_its_item() {
    breaking_the_button("unsafe-dependency", |_, button| button["dependencies"] = json!(["--global"]));
}

#[test]
fn a_path_that_leaves_the_repository_quarantines_its_item_in_every_spelling() {
    let (registry, _host, repository) = followed();
    let paths = ["../outside.tsx", "/etc/passwd", "ui/../../outside.tsx", "./../outside.tsx"];
    let items: Vec<Value> = paths.iter().enumerate().map(|(nth, path)| item_of(&format!("bad-{nth}"), path)).collect();
    assert_all_quarantined(&registry, &repository, &items);
}

#[test]
fn a_target_that_leaves_the_project_quarantines_its_item_in_every_spelling() {
    let (registry, _host, repository) = followed();
    let targets = [
        "../outside.tsx",
        "a/../../outside.tsx",
        "/etc/passwd",
        "..\\outside.tsx",
        "a\\..\\..\\outside.tsx",
        "%2e%2e/outside.tsx",
        "%252e%252e/outside.tsx",
        "..%2foutside.tsx",
        "~/../outside.tsx",
        "C:\\outside.tsx",
        "c:/outside.tsx",
        "\u{0}outside.tsx",
        "a\nb.tsx",
        "%zz",
    ];
    let items: Vec<Value> = targets
        .iter()
        .enumerate()
        .map(|(nth, target)| {
            let mut item = item_of(&format!("bad-{nth}"), "ui/acme-button.tsx");
            item["files"][0]["target"] = json!(target);
            item
        })
        .collect();
    assert_all_quarantined(&registry, &repository, &items);
}

/// Publishes these beside the two good items; none of them may be served.
fn assert_all_quarantined(registry: &Registry, repository: &TestRepository, bad: &[Value]) {
    let mut items = vec![item("acme-button"), item("fancy-card")];
    items.extend_from_slice(bad);
    repository.write("registry.json", registry_of(&items).to_string()).commit("Add bad ones");
    let report = registry.sync("ui");
    for item in bad {
        let findings = report["diagnostics"].as_array().expect("findings");
        let found = findings.iter().find(|finding| finding["item"] == item["name"]);
        let found = found.unwrap_or_else(|| panic!("nothing was found about {item}"));
        assert!(found["severity"] == "error" && found["fix"].is_string(), "{item}: {found}");
    }
    assert_eq!(registry.names(), ["acme-button", "fancy-card"]);
    still_serves_both(registry);
}

#[test]
fn a_reserved_name_is_quarantined_and_told_as_such() {
    let (registry, _host, repository) = followed();
    let names = [
        "registry",
        "registries",
        "styles",
        "colors",
        "icons",
        "themes",
        "index",
        "init",
        "o",
        "api",
        "r",
        "styles/new",
    ];
    let bad: Vec<Value> = names.iter().map(|name| item_of(name, "ui/acme-button.tsx")).collect();
    assert_all_quarantined(&registry, &repository, &bad);
    let report = registry.sync("ui");
    finding(&report, "reserved-name");
}

#[test]
fn what_is_removed_is_gone_also_beside_an_item_whose_name_is_reserved() {
    let disk = sources_on_disk();
    let folder = disk.path().join("ui");
    let repository = TestRepository::new(&folder);
    write_registry(&repository, &[item("acme-button"), item("fancy-card"), item("index")]);
    repository.commit("Begin");
    let registry = Registry::start();
    registry.add_and_sync(folder.to_str().expect("UTF-8"));
    write_registry(&repository, &[item("acme-button"), item("index")]);
    repository.commit("No card");
    let report = registry.sync("ui");
    assert_eq!(report["changes"], json!([["fancy-card", "removed"], ["index", "quarantined"]]));
    registry.get("/r/fancy-card.json").expect(410);
}

#[test]
fn names_that_no_address_can_carry_are_quarantined() {
    let (registry, _host, repository) = followed();
    let long = "x".repeat(256);
    let names = ["a?b", "a#b", "a\\b", "a%2fb", "a//b", "../a", "a/..", " a", "a\u{7}", long.as_str()];
    let bad: Vec<Value> = names.iter().map(|name| item_of(name, "ui/acme-button.tsx")).collect();
    assert_all_quarantined(&registry, &repository, &bad);
}

#[test]
fn a_registry_that_cannot_be_read_fails_its_sync_and_nothing_is_lost() {
    let (registry, _host, repository) = followed();
    let cases: [(&[u8], &str); 2] = [(b"{ \"items\": [", "malformed-json"), (b"\xff\xfe{}", "not-utf8")];
    for (content, code) in cases {
        repository.write("registry.json", content).commit("Break it");
        let ran = registry.cli(["sync", "ui", "--wait", "--json"]);
        let view = ran.json();
        assert_eq!((ran.code, &view["state"]), (1, &json!("failed")), "{code}");
        let found = finding(&view["report"], code);
        assert_eq!(found["file"], "registry.json");
        still_serves_both(&registry);
    }
    repository.remove("registry.json").remove("ui").write("README.md", "Nothing\n").commit("Nothing left");
    registry.failing_sync("ui");
    still_serves_both(&registry);
    write_registry(&repository, &[item("acme-button"), item("fancy-card")]);
    repository.commit("Mend it");
    registry.sync("ui");
    still_serves_both(&registry);
}

#[test]
fn a_root_file_that_is_no_registry_is_told_apart_and_nothing_is_lost() {
    let (registry, _host, repository) = followed();
    for content in ["[]", "{ \"name\": \"acme\" }", "{ \"items\": {} }"] {
        repository.write("registry.json", content).commit("Break it");
        let reason = registry.failing_sync("ui");
        assert!(reason.contains("registry.json") && reason.contains("config path"), "{content}: {reason}");
        still_serves_both(&registry);
    }
}

#[test]
fn a_file_that_was_named_as_the_registry_and_is_none_is_told_by_its_schema() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("fancy-card")]);
    let registry = Registry::start();
    registry.cli(["repo", "add", &host.url("ui"), "--config-path", "registry.json"]).ok();
    registry.sync("ui");
    for content in ["[]", "{ \"name\": \"acme\" }", "{ \"items\": {} }"] {
        repository.write("registry.json", content).commit("Break it");
        let view = registry.cli(["sync", "ui", "--wait", "--json"]).json();
        assert_eq!(view["state"], "failed", "{content}");
        assert_eq!(finding(&view["report"], "schema")["file"], "registry.json");
        still_serves_both(&registry);
    }
}

#[test]
fn an_include_cycle_is_told_and_every_item_stays_served() {
    let (registry, _host, repository) = followed();
    let root = json!({
        "name": "acme", "homepage": "https://acme.example", "items": [item("acme-button")],
        "include": ["registry.json", "more/registry.json"],
    });
    repository.write("registry.json", root.to_string());
    let more = json!({ "items": [item("fancy-card")], "include": ["../registry.json", "registry.json"] });
    repository.write("more/registry.json", more.to_string()).write("more/ui/fancy-card.tsx", "moved\n");
    repository.commit("Go in circles");
    let report = registry.sync("ui");
    let found = finding(&report, "include");
    assert_eq!(found["severity"], "error");
    assert!(report.to_string().contains("a cycle"), "{report:#}");
    still_serves_both(&registry);
}

#[test]
fn a_broken_include_takes_away_nothing_that_was_served() {
    let (registry, _host, repository) = followed();
    let root = json!({ "name": "acme", "homepage": "https://acme.example", "items": [item("acme-button")], "include": ["more/registry.json"] });
    repository.write("registry.json", root.to_string());
    repository.write("more/registry.json", "{ not json");
    repository.commit("Half of it is broken");
    let report = registry.sync("ui");
    assert_eq!(finding(&report, "malformed-json")["file"], "more/registry.json");
    still_serves_both(&registry);
}

#[test]
fn a_name_belongs_to_whoever_published_it_first_and_both_places_are_told() {
    let (registry, host, _repository) = followed();
    host.repository("late", &[item_of("acme-button", "ui/late.tsx"), item("latecomer")]);
    let report = registry.add_and_sync_report(&host.url("late"));
    let found = finding(&report, "name-taken");
    let message = found["message"].as_str().expect("a message");
    assert!(message.contains("acme-button") && message.contains(&host.url("ui")), "{message}");
    assert_eq!((&found["file"], &found["itemIndex"]), (&json!("registry.json"), &json!(0)));
    assert_eq!(report["changes"], json!([["latecomer", "added"], ["acme-button", "quarantined"]]));
    still_serves_both(&registry);
    registry.get("/r/latecomer.json").expect(200);
}

#[test]
fn a_name_stays_held_after_its_item_was_removed() {
    let (registry, host, repository) = followed();
    write_registry(&repository, &[item("fancy-card")]);
    repository.commit("No button");
    registry.sync("ui");
    host.repository("late", &[item("acme-button")]);
    let report = registry.add_and_sync_report(&host.url("late"));
    finding(&report, "name-taken");
    registry.get("/r/acme-button.json").expect(410);
}

#[test]
fn a_namespace_belongs_to_one_repository() {
    let (registry, host, _repository) = followed();
    host.repository("one", &[item("x")]);
    host.repository("two", &[item("x")]);
    registry.cli(["repo", "add", &host.url("one"), "--namespace", "team"]).ok();
    let message = registry.cli(["repo", "add", &host.url("two"), "--namespace", "team"]).refused();
    assert!(message.contains("team") && message.contains("Choose another"), "{message}");
}

#[test]
fn a_repository_is_registered_once() {
    let (registry, host, _repository) = followed();
    for url in [host.url("ui"), format!("{}.git", host.url("ui")), format!("{}/", host.url("ui"))] {
        let message = registry.cli(["repo", "add", &url]).refused();
        assert!(message.contains("registered already"), "{message}");
    }
}

#[test]
fn an_address_that_is_not_public_is_refused_in_every_spelling_with_what_to_do() {
    let offline = Offline::new();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "127.0.0.2",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "0.0.0.0",
        "0",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "[64:ff9b::7f00:1]",
        "\u{ff11}27.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}/acme/ui");
            let mut command = offline.command(["repo", "add", &url]);
            command.env("EKAIROS_ALLOW_HOSTS", no_hosts());
            let message = Ran::of(command).refused();
            assert!(
                message.contains("not a public address") && message.contains("operator can allow it"),
                "{url}: {message}"
            );
            assert!(!message.contains("database"), "{url}: {message}");
        }
    }
    assert_eq!(offline.cli(["repo", "list", "--json"]).ok().json(), json!([]));
}

#[test]
fn a_name_that_leads_to_this_machine_is_refused_when_it_is_fetched() {
    let offline = Offline::new();
    let strict = |arguments: &[&str]| {
        let mut command = offline.command(arguments);
        command.env("EKAIROS_ALLOW_HOSTS", no_hosts());
        Ran::of(command)
    };
    strict(&["repo", "add", "http://localhost/acme/ui"]).ok();
    let message = strict(&["sync", "ui"]).refused();
    assert!(message.contains("localhost leads to") && message.contains("not a public address"), "{message}");
}

#[test]
fn an_address_that_is_no_address_is_refused_with_what_to_give_instead() {
    let offline = Offline::new();
    let path = if is_with_clerk() {
        "local paths are not allowed here"
    } else {
        "Give the path of a git repository, or an address that begins with https://"
    };
    for (text, advice) in [
        ("ext::sh -c id", "give an https address"),
        ("transport::https://example.com/ui", "give an https address"),
        ("file:///srv/ui", "give the path itself"),
        ("FILE:///srv/ui", "give the path itself"),
        ("ssh://git@example.com/ui", "https address"),
        ("git@example.com:acme/ui", "https://host/path"),
        ("git://example.com/ui", "https address"),
        ("ftp://example.com/ui", "https address"),
        ("https://ada:secret@example.com/ui", "remove them"),
        ("https://example.com", "add its path"),
        ("https://example.com/ui?x=1", "git clone"),
        ("https://example.com/--upload-pack=id", "option"),
        ("https://-example.com/ui", "as an option does"),
        ("https://example.com/a%2f..%2fb", "remove it"),
        ("example.com/acme/ui", "https://example.com/acme/ui"),
        ("./no/such/folder", path),
        ("", "git clone"),
    ] {
        let message = offline.cli(["repo", "add", text]).refused();
        assert!(message.contains(advice), "{text:?}: {message}");
        assert!(!message.contains("secret"), "{text:?} shows no secret");
    }
    for option in ["--upload-pack=touch /tmp/x", "-u"] {
        let message = offline.cli(["repo", "add", "--", option]).refused();
        assert!(message.contains("as an option does"), "{message}");
        assert_ne!(offline.cli(["repo", "add", option]).code, 0);
    }
    assert_eq!(offline.cli(["repo", "list", "--json"]).ok().json(), json!([]));
}

#[test]
fn what_the_command_line_refuses_is_refused_by_http_as_well() {
    let registry = Registry::start_with(&[("EKAIROS_ALLOW_HOSTS", &no_hosts())]);
    let register = |body: &Value| registry.as_admin("POST", "/api/internal/registry").json(body).send();
    for url in
        ["http://127.0.0.1/acme/ui", "http://2130706433/ui", "ext::sh -c id", "file:///srv/ui", "--upload-pack=id", ""]
    {
        let body = register(&json!({ "url": url })).expect(422).json();
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{url}: {body}");
    }
    for body in [json!({}), json!([]), json!({ "url": 7 }), json!({ "url": "https://example.com/ui", "colour": "red" })]
    {
        let refused = register(&body).expect(422).json();
        assert_eq!(refused["error"], "invalid_body", "{body}");
    }
    let listed = registry.as_admin("GET", "/api/internal/registry").send().expect(200).json();
    assert_eq!(listed, json!([]));
}

#[test]
fn an_id_that_is_no_id_or_of_nothing_is_not_found() {
    let registry = Registry::start();
    for id in ["x", "00000000-0000-4000-8000-000000000000"] {
        let path = format!("/api/internal/registry/{id}");
        registry.as_admin("GET", &path).send().expect(404);
        registry.as_admin("GET", &format!("{path}/events")).send().expect(404);
        registry.as_admin("DELETE", &path).send().expect(404);
        registry.as_admin("PATCH", &path).json(&json!({ "name": "x" })).send().expect(404);
        registry.as_admin("POST", "/api/internal/registry/sync").json(&json!({ "repoId": id })).send().expect(404);
    }
    registry.as_admin("GET", "/api/internal/components/nothing").send().expect(404);
}

#[test]
fn a_config_path_outside_the_repository_is_refused() {
    let (registry, host, _repository) = followed();
    for path in ["../registry.json", "a/../../registry.json", "a//b.json"] {
        let message = registry.cli(["repo", "add", &host.url("ui"), "--config-path", path]).refused();
        assert!(message.contains("not a path inside the repository"), "{path}: {message}");
    }
}

#[test]
fn a_second_server_on_the_same_data_folder_is_refused_and_the_folder_named() {
    let (registry, _host, _repository) = followed();
    let message = registry.cli(["serve", "--json", "--listen", "127.0.0.1:0"]).refused();
    let folder = registry.data().canonicalize().expect("it is there");
    assert!(message.contains("is in use") && message.contains(folder.to_str().expect("UTF-8")), "{message}");
    still_serves_both(&registry);
}
