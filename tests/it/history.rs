//! History: commits with the files they touched, versions, tags and branches,
//! and what differs between any two of them.

use crate::support::{Host, Offline, Registry, item, item_of, write_registry};
use git::testing::TestRepository;
use serde_json::{Value, json};

/// Ten lines, of which the first ones are this number's own.
fn text(own: usize, number: u32) -> String {
    let line = |line: usize| if line < own { format!("line {line} of {number}\n") } else { format!("line {line}\n") };
    (0..10).map(line).collect::<Vec<_>>().concat()
}

fn get(registry: &Registry, path: &str) -> Value {
    registry.as_admin("GET", path).send().expect(200).json()
}

fn commits(registry: &Registry, id: &str) -> Vec<Value> {
    get(registry, &format!("/api/internal/registry/{id}/commits"))["rows"].as_array().expect("rows").clone()
}

fn commits_of(registry: &Registry, name: &str) -> Vec<Value> {
    get(registry, &format!("/api/internal/commits/{name}"))["rows"].as_array().expect("rows").clone()
}

/// `message: change path [from] (components)`, a commit a line.
fn told(commits: &[Value]) -> Vec<String> {
    let file = |file: &Value| {
        let text = |key: &str| file[key].as_str().expect("a text");
        let from = file["from"].as_str().map(|from| format!(" from {from}")).unwrap_or_default();
        let names: Vec<&str> = file["components"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
        format!("{} {}{from} ({})", text("change"), text("path"), names.join(" "))
    };
    let commit = |commit: &Value| {
        let files: Vec<String> = commit["files"].as_array().expect("files").iter().map(file).collect();
        format!("{}: {}", commit["message"].as_str().expect("a message"), files.join(", "))
    };
    commits.iter().map(commit).collect()
}

fn diff(registry: &Registry, name: &str, from: &str, to: &str) -> Value {
    get(registry, &format!("/api/internal/diff/{name}?from={from}&to={to}"))
}

/// The lines of a text's hunks, with their marks.
fn lines(body: &Value) -> Vec<String> {
    let hunks = body["hunks"].as_array().unwrap_or_else(|| panic!("no hunks: {body:#}"));
    let lines = hunks.iter().flat_map(|hunk| hunk["lines"].as_array().expect("lines"));
    let line = |line: &Value| {
        let mark = match line["mark"].as_str() {
            Some("added") => '+',
            Some("removed") => '-',
            _ => ' ',
        };
        format!("{mark}{}", line["text"].as_str().expect("a text"))
    };
    lines.map(line).collect()
}

/// A repository with a button that was another file once.
fn renamed() -> (Registry, Host, TestRepository, String) {
    let host = Host::start();
    let repository = host.empty_repository("ui");
    repository.write("old/button.tsx", text(0, 0)).write("ui/fancy-card.tsx", "card\n");
    write_registry(&repository, &[item_of("acme-button", "old/button.tsx"), item("fancy-card")]);
    repository.commit("Begin");
    repository.write("old/button.tsx", text(1, 1)).commit("Change the button");
    repository.tag("v1.0.0");
    repository.remove("old").write("ui/button.tsx", text(2, 1));
    write_registry(&repository, &[item_of("acme-button", "ui/button.tsx"), item("fancy-card")]);
    repository.commit("Move the button");
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    (registry, host, repository, id)
}

#[test]
fn a_renamed_file_keeps_its_history() {
    let (registry, ..) = renamed();
    assert_eq!(
        told(&commits_of(&registry, "acme-button")),
        [
            "Move the button: changed registry.json (acme-button), renamed ui/button.tsx from old/button.tsx (acme-button)",
            "Change the button: changed old/button.tsx (acme-button)",
            "Begin: added old/button.tsx (acme-button), added registry.json (acme-button fancy-card)",
        ]
    );
    assert_eq!(told(&commits_of(&registry, "fancy-card")).len(), 1);
}

#[test]
fn a_repositorys_commits_tell_the_files_that_each_touched() {
    let (registry, _host, repository, id) = renamed();
    let rows = commits(&registry, &id);
    assert_eq!(told(&rows).len(), 3);
    assert_eq!(rows[1]["components"], json!(["acme-button"]));
    let sha = rows[1]["sha"].as_str().expect("a commit");
    let one = get(&registry, &format!("/api/internal/registry/{id}/commits/{}", &sha[..7]));
    assert_eq!((&one["files"], &one["parent"]), (&rows[1]["files"], &rows[2]["sha"]));
    let none = format!("/api/internal/registry/{id}/commits/0000000");
    registry.as_admin("GET", &none).send().expect(404);
    // What comes later is put before it, and only that is read.
    repository.write("ui/fancy-card.tsx", "second\n").commit("Change the card");
    assert_eq!(registry.sync("ui")["commits"], 1);
    assert_eq!(told(&commits(&registry, &id))[0], "Change the card: changed ui/fancy-card.tsx (fancy-card)");
}

#[test]
fn a_component_that_is_gone_is_still_told_of_in_its_repositorys_commits() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("old-thing")]);
    repository.write("ui/old-thing.tsx", "second\n").commit("Change the old thing");
    repository.remove("ui/old-thing.tsx");
    write_registry(&repository, &[item("acme-button")]);
    repository.commit("No old thing");
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    assert_eq!(
        told(&commits(&registry, &id)),
        [
            "No old thing: changed registry.json (old-thing), removed ui/old-thing.tsx (old-thing)",
            "Change the old thing: changed ui/old-thing.tsx (old-thing)",
            "Begin: added registry.json (acme-button old-thing), added ui/acme-button.tsx (acme-button), added ui/old-thing.tsx (old-thing)",
        ]
    );
}

#[test]
fn a_changed_definition_is_the_history_of_its_item_alone() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("fancy-card")]);
    let mut titled = item("acme-button");
    titled["title"] = json!("A button");
    write_registry(&repository, &[titled, item("fancy-card")]);
    repository.commit("A title");
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    assert_eq!(told(&commits_of(&registry, "acme-button"))[0], "A title: changed registry.json (acme-button)");
    assert_eq!(commits_of(&registry, "fancy-card").len(), 1);
}

#[test]
fn commits_of_one_second_stand_in_gits_order() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let same_second = |message: &str| {
        repository.write("ui/acme-button.tsx", format!("{message}\n")).git(&["add", "--all"]);
        let date = "--date=1800000000 +0000";
        repository.git(&["commit", "--quiet", date, "--message", message]);
    };
    for number in 1..=20 {
        same_second(&format!("Change {number}"));
    }
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    for number in 21..=30 {
        same_second(&format!("Change {number}"));
    }
    registry.sync("ui");
    let messages = |commits: Vec<Value>| -> Vec<String> {
        commits.iter().map(|commit| commit["message"].as_str().expect("a message").to_owned()).collect()
    };
    let expected: Vec<String> = (1..=30).rev().map(|number| format!("Change {number}")).collect();
    assert_eq!(messages(commits(&registry, &id))[..30], expected);
    assert_eq!(messages(commits_of(&registry, "acme-button"))[..30], expected);
    let page = get(&registry, "/api/internal/commits/acme-button?offset=10&limit=5");
    assert_eq!((&page["total"], &page["offset"], &page["limit"]), (&json!(31), &json!(10), &json!(5)));
    assert_eq!(messages(page["rows"].as_array().expect("rows").clone()), expected[10..15]);
}

#[test]
fn what_was_written_long_ago_and_pushed_last_is_the_newest() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let dated = |message: &str, seconds: u64| {
        repository.write("ui/acme-button.tsx", format!("{message}\n")).git(&["add", "--all"]);
        repository.git(&["commit", "--quiet", &format!("--date={seconds} +0000"), "--message", message]);
    };
    let registry = Registry::start();
    dated("From the future", 4_000_000_000);
    dated("Long ago", 1_000_000_000);
    let id = registry.add_and_sync(&host.url("ui"));
    dated("Longer ago", 900_000_000);
    registry.sync("ui");
    let listed = commits(&registry, &id);
    let messages: Vec<&Value> = listed.iter().map(|commit| &commit["message"]).collect();
    assert_eq!(messages[..3], ["Longer ago", "Long ago", "From the future"]);
}

#[test]
fn a_branch_that_was_only_read_as_a_version_is_recorded_once_it_is_merged() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    repository.branch("next").checkout("next");
    repository.write("ui/acme-button.tsx", "second\n").commit("On a branch");
    repository.write("ui/acme-button.tsx", "third\n").commit("And again");
    repository.checkout("main");
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    repository.git(&["merge", "--quiet", "--ff-only", "next"]);
    registry.sync("ui");
    let told = told(&commits(&registry, &id));
    assert_eq!(told[0], "And again: changed ui/acme-button.tsx (acme-button)");
    assert_eq!(told[1], "On a branch: changed ui/acme-button.tsx (acme-button)");
}

#[test]
fn raising_the_bound_and_syncing_again_records_the_older_commits() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    for number in 1..=9 {
        repository.write("ui/acme-button.tsx", format!("{number}\n")).commit(&format!("Change {number}"));
    }
    let offline = Offline::new();
    let url = host.url("ui");
    let id = offline.cli(["repo", "add", &url, "--json"]).ok().json()["id"].as_str().expect("an id").to_owned();
    let sync = |flags: &[&str]| {
        let report = crate::support::Ran::of(offline.command([&["sync", "ui", "--json"], flags].concat())).ok().json();
        report["report"]["commits"].as_u64().expect("a number")
    };
    assert_eq!(sync(&["--history-commits", "4"]), 4);
    assert_eq!(sync(&["--history-commits", "4"]), 0, "nothing is recorded again");
    assert_eq!(sync(&["--history-commits", "3"]), 0, "nothing is forgotten");
    assert_eq!(sync(&["--history-commits", "7"]), 7);
    let registry = offline.serve();
    let page = get(&registry, &format!("/api/internal/registry/{id}/commits"));
    assert_eq!((&page["total"], &page["history"]), (&json!(7), &json!({ "limit": 7, "cut": true })));
    let shown = registry.as_admin("GET", &format!("/registry/{id}?tab=commits")).send().expect(200);
    assert!(shown.text().contains("history-commits"), "the page says how to see more");
    // The server's own bound is the default, which is enough for all of them.
    assert_eq!(registry.sync("ui")["commits"], 10);
    let page = get(&registry, &format!("/api/internal/registry/{id}/commits"));
    assert_eq!((&page["total"], &page["history"]), (&json!(10), &json!({ "limit": 2000, "cut": false })));
    let shown = registry.as_admin("GET", &format!("/registry/{id}?tab=commits")).send().expect(200);
    assert!(!shown.text().contains("history-commits"));
    assert_eq!(registry.sync("ui")["commits"], 0);
}

#[test]
fn a_bound_that_is_no_bound_is_refused_with_what_it_may_be() {
    let offline = Offline::new();
    for number in ["0", "many", "20001"] {
        let message = offline.cli(["repo", "list", "--history-commits", number]).refused();
        assert!(message.contains("history-commits") && message.contains("1 to 20000"), "{message}");
    }
    std::fs::write(offline.folder().join("registry.toml"), "history-commits = 12\n").expect("writable");
    let rows = offline.cli(["config", "--json"]).ok().json();
    let row =
        rows.as_array().expect("rows").iter().find(|row| row["name"] == "history-commits").expect("a row").clone();
    assert_eq!(row["value"], "12");
}

#[test]
fn of_two_hundred_branches_the_newest_are_listed_and_every_one_can_be_asked_for() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let branch = |number: usize| {
        let (content, date) = (format!("branch {number}\n"), 1_800_000_000 + number);
        format!(
            "commit refs/heads/b-{number}\ncommitter Ada <ada@example.com> {date} +0000\ndata 1\nx\n\
             from refs/heads/main^0\nM 100644 inline ui/acme-button.tsx\ndata {}\n{content}\n",
            content.len()
        )
    };
    let import = (0..200).map(branch).collect::<Vec<_>>().concat();
    let file = repository.folder().join(".git/import");
    std::fs::write(&file, import).expect("writable");
    let output = std::process::Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(repository.folder())
        .stdin(std::fs::File::open(&file).expect("just written"))
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let registry = Registry::start();
    let id = registry.add(&host.url("ui"));
    let report = registry.sync(&id);
    let about: Vec<&Value> =
        report["diagnostics"].as_array().expect("findings").iter().filter(|f| f["code"] == "unreadable-ref").collect();
    assert_eq!(about.len(), 1, "said once: {report:#}");
    assert!(about[0]["message"].as_str().is_some_and(|text| text.contains("137 older")), "{about:#?}");
    assert_eq!(about[0]["severity"], "note", "nothing is wrong: {about:#?}");
    let refs = get(&registry, &format!("/api/internal/registry/{id}/refs"));
    assert_eq!(refs.as_array().map(Vec::len), Some(64));
    assert_eq!(registry.get("/r/acme-button@b-199.json").expect(200).content(), "branch 199\n");
    assert_eq!(registry.get("/r/acme-button@b-0.json").expect(200).content(), "branch 0\n");
    let followed = refs.as_array().expect("a list").iter().any(|listed| listed["name"] == "main");
    assert!(followed, "the branch that is followed is listed, however old: {refs:#}");
    registry.get("/r/acme-button@b-200.json").expect(404);
    let oldest = repository.git(&["rev-parse", "b-0"]);
    assert_eq!(registry.get(&format!("/r/acme-button@sha-{oldest}.json")).expect(200).content(), "branch 0\n");
    let differing = diff(&registry, "acme-button", &format!("sha-{oldest}"), "b-199");
    assert_eq!(lines(&differing["files"][0]["body"]), ["-branch 0", "+branch 199"]);
}

#[test]
fn versions_tell_their_commit_and_the_tags_and_branches_that_have_them() {
    let (registry, _host, repository, _) = renamed();
    let page = get(&registry, "/api/internal/versions/acme-button");
    let rows = page["rows"].as_array().expect("rows");
    assert_eq!((rows.len(), &page["total"]), (2, &json!(2)));
    assert_eq!(rows[0]["current"], true);
    assert_eq!(rows[0]["commit"], repository.head().as_str());
    assert_eq!(rows[0]["refs"], json!([{ "kind": "branch", "name": "main" }]));
    // Read after the one above, and yet the older one.
    assert_eq!(rows[1]["current"], false);
    assert_eq!(rows[1]["commit"], repository.git(&["rev-parse", "v1.0.0"]));
    assert_eq!(rows[1]["refs"], json!([{ "kind": "tag", "name": "v1.0.0" }]));
    assert_eq!(registry.component("acme-button")["versions"], page["rows"]);
}

#[test]
fn any_two_versions_are_compared_by_whatever_names_them() {
    let (registry, _host, repository, _) = renamed();
    let digest = |at: usize| {
        let page = get(&registry, "/api/internal/versions/acme-button");
        page["rows"][at]["digest"].as_str().expect("a digest").to_owned()
    };
    let by_name = diff(&registry, "acme-button", "v1.0.0", "main");
    assert_eq!(by_name["identical"], false);
    let file = &by_name["files"][0];
    assert_eq!(
        (file["change"].as_str(), file["path"].as_str(), file["from"].as_str()),
        (Some("renamed"), Some("ui/button.tsx"), Some("old/button.tsx"))
    );
    assert_eq!(lines(&file["body"]), [" line 0 of 1", "-line 1", "+line 1 of 1", " line 2", " line 3", " line 4"]);
    assert_eq!(by_name["manifest"]["fields"], json!([{ "field": "files", "change": "changed" }]));
    let first = repository.git(&["rev-parse", "v1.0.0"]);
    let (old, new) = (digest(1), digest(0));
    for (from, to) in [
        ("1", "current"),
        ("1.0", ""),
        (&format!("sha-{first}"), "main"),
        (&format!("sha-{}", &first[..7]), "current"),
        (&old, &new),
        (&old[..7], &new[..12]),
    ] {
        let other = diff(&registry, "acme-button", from, to);
        assert_eq!(other["files"], by_name["files"], "{from} {to}");
        assert_eq!((&other["from"]["digest"], &other["to"]["digest"]), (&json!(old), &json!(new)));
    }
    let same = diff(&registry, "acme-button", "main", "current");
    assert_eq!((&same["identical"], &same["files"]), (&json!(true), &json!([])));
    for (from, to) in [("v9", "main"), ("main", "0000000"), ("main", "0000"), ("sha-0000000", "main")] {
        let path = format!("/api/internal/diff/acme-button?from={from}&to={to}");
        let body = registry.as_admin("GET", &path).send().expect(404).json();
        assert!(body["message"].as_str().is_some_and(|text| text.contains("tag")), "{body}");
    }
    registry.as_admin("GET", "/api/internal/diff/acme-button").send().expect(422);
    registry.as_admin("GET", "/api/internal/diff/no-such-thing?from=main").send().expect(404);
}

#[test]
fn a_tag_and_what_is_served_are_compared_component_by_component() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button"), item("old-thing"), item("fancy-card")]);
    repository.tag("v1.0.0");
    repository.write("ui/acme-button.tsx", "second\n");
    write_registry(&repository, &[item("acme-button"), item("newcomer"), item("fancy-card")]);
    repository.commit("Second");
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    let compared = get(&registry, &format!("/api/internal/registry/{id}/compare?from=v1.0.0"));
    let changes: Vec<_> = compared["components"]
        .as_array()
        .expect("components")
        .iter()
        .map(|changed| (changed["name"].as_str().unwrap_or_default(), changed["change"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(changes, [("acme-button", "changed"), ("newcomer", "added"), ("old-thing", "removed")]);
    assert_eq!((&compared["unchanged"], &compared["more"]), (&json!(1), &json!(0)));
    let refs = get(&registry, &format!("/api/internal/registry/{id}/refs"));
    let told: Vec<_> =
        refs.as_array().expect("refs").iter().map(|r| (r["name"].clone(), r["current"].clone())).collect();
    assert_eq!(told, [(json!("v1.0.0"), json!(false)), (json!("main"), json!(true))]);
    registry.as_admin("GET", &format!("/api/internal/registry/{id}/compare?from=v9")).send().expect(404);
}

#[test]
fn huge_files_are_compared_within_bounds() {
    let host = Host::start();
    let repository = host.empty_repository("ui");
    let numbered = |from: usize, to: usize| (from..to).map(|n| format!("{n}\n")).collect::<Vec<_>>().concat();
    repository.write("ui/acme-button.tsx", numbered(0, 150_000)).write("ui/fancy-card.tsx", numbered(0, 20_000));
    write_registry(&repository, &[item("acme-button"), item("fancy-card")]);
    repository.commit("Begin");
    repository.tag("v1");
    repository.write("ui/acme-button.tsx", numbered(1, 150_001)).write("ui/fancy-card.tsx", numbered(20_000, 40_000));
    repository.commit("Everything");
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let body = diff(&registry, "acme-button", "v1", "current")["files"][0]["body"].clone();
    assert_eq!(body, json!({ "kind": "tooLarge", "linesBefore": 150_000, "linesAfter": 150_000 }));
    let body = diff(&registry, "fancy-card", "v1", "current")["files"][0]["body"].clone();
    assert_eq!(lines(&body).len(), 2_000);
    assert_eq!(
        (&body["added"], &body["removed"], &body["moreLines"]),
        (&json!(20_000), &json!(20_000), &json!(38_000))
    );
}

#[test]
fn hostile_text_is_shown_and_not_run() {
    let host = Host::start();
    let repository = host.empty_repository("ui");
    let path = "ui/<img src=x onerror=alert(1)>\u{202e}.tsx";
    let long = format!("// {}\n", "x".repeat(5_000));
    repository.write(path, format!("let a = 1\n{long}"));
    write_registry(&repository, &[item_of("acme-button", path)]);
    repository.commit("Begin");
    repository.tag("v1");
    let evil = "let a = 2 // \u{202e}</code><script>alert(1)</script>\u{1b}[31m\r\n";
    repository.write(path, format!("{evil}{}", long.replace("xxxx\n", "yyyy\n")));
    repository.commit("<script>alert(2)</script>\u{202e}\n\n<b>body</b>");
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    let page = |path: &str| {
        let answer = registry.as_admin("GET", path).send().expect(200);
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        answer.text().to_owned()
    };
    let sha = repository.head();
    for path in [
        "/diff/acme-button?from=v1".to_owned(),
        format!("/registry/{id}/commits/{sha}"),
        format!("/registry/{id}?tab=commits"),
        "/components/acme-button?tab=commits".to_owned(),
    ] {
        let text = page(&path);
        for evil in ["<script>alert", "<img src=x", "<b>body", "\u{202e}", "\u{1b}"] {
            assert!(!text.contains(evil), "{path} holds {evil:?}");
        }
        assert!(text.contains("U+202E"), "{path}");
    }
    let text = page("/diff/acme-button?from=v1");
    assert!(text.contains("U+001B") && text.contains("CR") && text.contains("more characters"), "{text}");
    // Programs get the text itself.
    let body = diff(&registry, "acme-button", "v1", "current");
    assert!(lines(&body["files"][0]["body"]).contains(&format!("+{}", evil.trim_end_matches('\n'))));
}

#[test]
fn pages_for_history_say_what_is_missing() {
    let (registry, _host, _, id) = renamed();
    let page = |path: &str, status: u16| registry.as_admin("GET", path).send().expect(status).text().to_owned();
    assert!(page("/diff/acme-button?from=v9", 404).contains("See its versions"));
    assert!(page("/diff/acme-button", 422).contains("See its versions"));
    assert!(page("/diff/no-such-thing?from=v1", 404).contains("no-such-thing"));
    assert!(page(&format!("/registry/{id}/commits/0000000"), 404).contains("See its commits"));
    assert!(page(&format!("/registry/{id}/compare?from=v9"), 404).contains("See its tags and branches"));
    assert!(page(&format!("/registry/{id}/compare?from=v1.0.0"), 200).contains("acme-button"));
    assert!(page("/diff/acme-button?from=main&to=current", 200).contains("are the same version"));
    for path in ["/diff/acme-button?from=v1.0.0", &format!("/registry/{id}/compare?from=v1.0.0")] {
        assert!(!registry.get(path).expect(401).text().contains("line 0"), "strangers see nothing");
    }
}

#[test]
fn versions_of_a_component_made_by_hand_are_compared_too() {
    let registry = Registry::start();
    let publish = |method: &str, path: &str, content: &str| {
        let mut made = item("by-hand");
        made["files"][0]["content"] = json!(content);
        registry.as_admin(method, path).json(&made).send()
    };
    publish("POST", "/api/internal/components", "one\n").expect(201);
    publish("PUT", "/api/internal/components/by-hand", "two\n").expect(200);
    let page = get(&registry, "/api/internal/versions/by-hand");
    assert_eq!((page["rows"][0]["current"].as_bool(), page["rows"][1]["current"].as_bool()), (Some(true), Some(false)));
    let first = page["rows"][1]["digest"].as_str().expect("a digest");
    let body = diff(&registry, "by-hand", &first[..12], "current");
    assert_eq!(lines(&body["files"][0]["body"]), ["-one", "+two"]);
    for from in ["v1", "sha-0000000", "0000000"] {
        let path = format!("/api/internal/diff/by-hand?from={from}");
        registry.as_admin("GET", &path).send().expect(404);
    }
    assert!(registry.as_admin("GET", "/diff/by-hand?from=sha-0000000").send().expect(404).text().contains("by-hand"));
}
