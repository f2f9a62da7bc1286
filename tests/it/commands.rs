//! The command line: with and without a server, for people and for programs.

use crate::support::{Host, Offline, Ran, Registry, is_with_clerk, item, sources_on_disk, write_registry};
use git::testing::TestRepository;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A repository by path with a button, which both modes can read.
fn on_disk() -> (TempDir, TestRepository, String) {
    let disk = sources_on_disk();
    let repository = TestRepository::new(&disk.path().join("ui"));
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("Begin");
    let path = repository.folder().canonicalize().expect("it is there").to_str().expect("UTF-8").to_owned();
    (disk, repository, path)
}

/// The JSON with whatever differs from run to run named instead of shown.
fn redacted(mut value: Value) -> Value {
    fn walk(key: &str, value: &mut Value) {
        match value {
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| walk(key, value)),
            Value::Array(values) => values.iter_mut().for_each(|value| walk(key, value)),
            Value::Null => {}
            value => {
                let changing = ["id", "repository", "snapshot", "startedAt", "finishedAt", "lastSyncedAt", "at", "url"];
                if changing.contains(&key) {
                    *value = json!(format!("[{key}]"));
                }
            }
        }
    }
    walk("", &mut value);
    value
}

/// Runs a command without a server, and the same beside one.
fn both_ways(mut check: impl FnMut(&dyn Fn(&[&str]) -> Ran)) {
    let offline = Offline::new();
    check(&|arguments| Ran::of(offline.command(arguments)));
    let registry = Registry::start();
    check(&|arguments| Ran::of(registry.command(arguments)));
}

#[test]
fn repositories_are_added_and_listed_with_and_without_a_server() {
    both_ways(|run| {
        let (_disk, _, path) = on_disk();
        assert!(run(&["repo", "list"]).ok().out.contains("No repositories yet"));
        assert_json_snapshot!("repo_add", redacted(run(&["repo", "add", &path, "--json"]).ok().json()));
        let url = run(&["repo", "list", "--json"]).ok().json()[0]["url"].as_str().expect("a text").to_owned();
        // With Clerk it is not read by its path.
        assert!(is_with_clerk() || url == path, "{url}");
        let table = run(&["repo", "list"]).ok().out;
        assert!(table.starts_with("NAME") && table.contains("not synced") && table.contains(&url), "{table}");
    });
}

#[test]
fn a_sync_tells_what_it_did_with_and_without_a_server() {
    both_ways(|run| {
        let (_disk, repository, path) = on_disk();
        let told = run(&["repo", "add", &path]).ok().out;
        assert!(told.contains("Next: ekairos-registry sync \"ui\" --wait"), "{told}");
        assert_json_snapshot!("sync", redacted(run(&["sync", "ui", "--wait", "--json"]).ok().json()));
        assert!(run(&["sync", "ui", "--wait"]).ok().out.contains("1 items are served at"));
        assert_json_snapshot!("repo_list", redacted(run(&["repo", "list", "--json"]).ok().json()));
        repository.write("registry.json", "{").commit("Break it");
        let failed = run(&["sync", "ui", "--wait"]);
        assert!(failed.refused().contains("registry.json"));
    });
}

#[test]
fn a_repository_is_found_by_name_address_and_id_and_an_unknown_one_is_told() {
    both_ways(|run| {
        let (_disk, _, path) = on_disk();
        let id = run(&["repo", "add", &path, "--json"]).ok().json()["id"].as_str().expect("an id").to_owned();
        for text in ["ui", &path, &id] {
            run(&["sync", text, "--wait"]).ok();
        }
        let message = run(&["sync", "nothing", "--wait"]).refused();
        assert!(message.contains("\"nothing\"") && message.contains("repo list"), "{message}");
    });
}

#[test]
fn a_rollback_is_made_and_its_mistakes_are_told_with_and_without_a_server() {
    both_ways(|run| {
        let (_disk, repository, path) = on_disk();
        let first = repository.head();
        run(&["repo", "add", &path]).ok();
        run(&["sync", "ui", "--wait"]).ok();
        repository.write("ui/acme-button.tsx", "second\n").commit("Second");
        run(&["sync", "ui", "--wait"]).ok();
        assert_json_snapshot!("rollback", redacted(run(&["rollback", "ui", first.as_str(), "--json"]).ok().json()));
        assert!(run(&["rollback", "ui", first.as_str()]).refused().contains("nothing to roll back"));
        assert!(run(&["rollback", "ui", "0000000"]).refused().contains("at least seven digits"));
    });
}

#[test]
fn two_repositories_whose_addresses_end_alike_are_added_without_further_knowledge() {
    let disk = sources_on_disk();
    let offline = Offline::new();
    let mut names = Vec::new();
    for owner in ["ada", "grace"] {
        let repository = TestRepository::new(&disk.path().join(owner).join("ui"));
        write_registry(&repository, &[item(&format!("{owner}-button"))]);
        repository.commit("Begin");
        let path = repository.folder().to_str().expect("UTF-8").to_owned();
        names.push(offline.cli(["repo", "add", &path, "--json"]).ok().json()["name"].clone());
    }
    assert_eq!(names, ["ui", "grace/ui"]);
}

#[test]
fn tokens_are_printed_once_and_say_so() {
    both_ways(|run| {
        let made = run(&["token", "create", "--scope", "read", "--name", "ci", "--json"]).ok().json();
        let token = made["token"].as_str().expect("a token");
        assert!(token.starts_with("ekr_org_local_"), "{token}");
        assert_eq!((&made["name"], &made["scope"], &made["state"]), (&json!("ci"), &json!("read"), &json!("active")));
        assert!(run(&["token", "create", "--scope", "sync"]).ok().out.contains("the only time it is shown"));
        let wrong = run(&["token", "create", "--scope", "all"]);
        assert!(wrong.code != 0 && wrong.err.contains("expected read, sync or admin"), "{}", wrong.err);
    });
}

#[test]
fn a_link_to_sign_in_by_is_printed_and_says_so_unless_people_sign_in_elsewhere() {
    both_ways(|run| {
        if is_with_clerk() {
            assert!(run(&["login-link"]).refused().contains("sign in to this registry through Clerk"));
            return;
        }
        let link = run(&["login-link", "--json"]).ok().json();
        assert!(link["url"].as_str().is_some_and(|url| url.contains("/login?t=")), "{link}");
        assert!(run(&["login-link"]).ok().out.contains("signs in once"));
    });
}

#[test]
fn a_token_made_without_a_server_is_good_when_one_starts() {
    let offline = Offline::new();
    let made = offline.cli(["token", "create", "--scope", "read", "--json"]).ok().json();
    let registry = offline.serve();
    let token = made["token"].as_str().expect("a token");
    registry.ask("GET", "/api/internal/registry").token(token).send().expect(200);
}

#[test]
fn the_command_line_teaches() {
    let offline = Offline::new();
    let help = offline.cli(["--help"]).ok().out;
    for verb in
        ["serve", "repo", "sync", "rollback", "alias", "name", "token", "login-link", "instant", "check", "config"]
    {
        assert!(help.contains(verb), "{verb}");
        assert!(offline.cli([verb, "--help"]).ok().out.contains("Usage:"), "{verb}");
    }
    assert!(help.contains("A first run:"), "{help}");
    assert_ne!(offline.cli([]).code, 0);
}

#[test]
fn a_good_registry_passes_its_check_committed_or_not() {
    let offline = Offline::new();
    let (_disk, repository, path) = on_disk();
    let told = offline.cli(["check", &path]).ok().out;
    assert!(told.contains("registry.json: 1 items would be served, 0 would not; 0 errors"), "{told}");
    write_registry(&repository, &[item("acme-button"), item("fancy-card")]);
    assert_eq!(offline.cli(["check", &path, "--json"]).ok().json()["items"], 2);
    assert_eq!(offline.cli(["check", &format!("{path}/registry.json"), "--json"]).ok().json()["items"], 2);
    assert!(!offline.data().exists(), "a check leaves nothing behind");
}

#[test]
fn a_bad_registry_fails_its_check_with_file_item_and_field() {
    let offline = Offline::new();
    let (_disk, repository, path) = on_disk();
    let mut bad = item("fancy-card");
    bad["files"][0]["target"] = json!("../outside.tsx");
    let missing = item("nowhere-to-be-found");
    write_registry(&repository, &[item("acme-button"), bad, missing]);
    repository.remove("ui/nowhere-to-be-found.tsx");
    let ran = offline.cli(["check", &path]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("error[unsafe-path] registry.json items[1] \"fancy-card\" files.0.target:"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("error[missing-file] registry.json items[2] \"nowhere-to-be-found\""), "{}", ran.out);
    assert!(ran.out.contains("1 items would be served, 2 would not; 2 errors"), "{}", ran.out);
    let ran = offline.cli(["check", &path, "--json"]);
    assert_eq!(ran.code, 1);
    assert_json_snapshot!("check", ran.json());
}

#[test]
fn what_is_no_registry_fails_its_check_with_a_finding() {
    let offline = Offline::new();
    let disk = sources_on_disk();
    let path = disk.path().to_str().expect("UTF-8");
    let ran = offline.cli(["check", path, "--json"]);
    assert_eq!((ran.code, &ran.json()["diagnostics"][0]["code"]), (1, &json!("no-registry")));
    std::fs::write(disk.path().join("registry.json"), "{").expect("writable");
    let ran = offline.cli(["check", path, "--json"]);
    assert_eq!((ran.code, &ran.json()["diagnostics"][0]["code"]), (1, &json!("malformed-json")));
    assert!(offline.cli(["check", "no/such/folder"]).refused().contains("Give a folder or a registry.json"));
}

#[test]
fn a_check_finds_what_a_sync_finds() {
    let (_disk, repository, path) = on_disk();
    let mut odd = item("fancy-card");
    odd["type"] = json!("registry:nonsense");
    write_registry(&repository, &[item("acme-button"), odd, item("registry")]);
    repository.commit("Odd ones");
    let registry = Registry::start();
    let codes = |report: &Value| -> Vec<String> {
        let mut codes: Vec<String> = report["diagnostics"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|finding| finding["code"].to_string())
            .collect();
        codes.sort_unstable();
        codes
    };
    let checked = registry.cli(["check", &path, "--json"]).json();
    assert_eq!(codes(&registry.add_and_sync_report(&path)), codes(&checked));
}

#[test]
fn config_shows_every_value_and_where_it_came_from() {
    let offline = Offline::new();
    std::fs::write(offline.folder().join("registry.toml"), "name = \"Acme\"\nalias = \"@acme\"\n").expect("writable");
    let rows = offline.cli(["config", "--json", "--data", "elsewhere"]).ok().json();
    let row = |name: &str| {
        let rows = rows.as_array().expect("rows").iter();
        let row = rows.clone().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no {name}"));
        (row["value"].as_str().expect("a text").to_owned(), row["origin"].as_str().expect("a text").to_owned())
    };
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(row("data"), pair("elsewhere", "--data"));
    assert_eq!(row("allow-hosts").1, "EKAIROS_ALLOW_HOSTS");
    assert_eq!(row("name"), pair("Acme", "registry.toml"));
    assert_eq!(row("alias"), pair("@acme", "registry.toml"));
    assert_eq!(row("listen"), pair("127.0.0.1:3030", "default"));
    assert_eq!(row("mode").0, "local");
    assert!(offline.cli(["config"]).ok().out.contains("registry.toml"));
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_with_the_value_and_its_origin() {
    let offline = Offline::new();
    let file = offline.folder().join("registry.toml");
    for (text, told) in [
        ("nmae = \"x\"", "nmae"),
        ("listen = \"here\"", "`listen` (from registry.toml)"),
        ("listen = ", "not a valid configuration"),
    ] {
        std::fs::write(&file, text).expect("writable");
        let message = offline.cli(["repo", "list"]).refused();
        assert!(message.contains(told) && message.contains("registry.toml"), "{message}");
    }
}

#[test]
fn the_dependency_policy_decides_how_own_items_by_bare_name_are_served() {
    let host = Host::start();
    for (name, policy, served) in [
        ("one", "own-first", json!(["@registry/one/button"])),
        ("two", "shadcn-first", json!(["button"])),
        ("three", "as-written", json!(["button"])),
    ] {
        let mut card = item("card-like");
        card["registryDependencies"] = json!(["button"]);
        host.repository(name, &[item("button"), card]);
        let registry = Registry::start();
        registry.cli(["repo", "add", &host.url(name), "--namespace", name, "--dependencies", policy]).ok();
        registry.sync(name);
        let item = registry.get(&format!("/r/{name}/card-like.json")).expect(200).json();
        assert_eq!(item["registryDependencies"], served, "{policy}");
    }
}
