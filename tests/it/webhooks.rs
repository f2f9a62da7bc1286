//! Webhooks, sent to the real program while a real git host stands behind it.

use crate::support::{Answer, Hook, Host, Registry, is_fetch, item, push_of};
use git::testing::TestRepository;
use model::{HookId, OrganisationId};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
};

/// A server that follows a repository with a button, and is told of pushes.
fn told() -> (Registry, Host, TestRepository, Hook) {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let hook = registry.hook("ui");
    host.fetches_and_looks();
    (registry, host, repository, hook)
}

fn change(repository: &TestRepository, text: &str) -> String {
    repository.write("ui/acme-button.tsx", text).commit(text).to_string()
}

fn button(registry: &Registry) -> String {
    registry.get("/r/acme-button.json").expect(200).content()
}

fn outcome(answer: &Answer) -> Value {
    answer.json()["outcome"].clone()
}

fn refusal(answer: Answer, status: u16, code: &str) -> String {
    let body = answer.expect(status).json();
    assert_eq!(body["error"], code, "{body}");
    body["message"].as_str().expect("a message").to_owned()
}

#[test]
fn a_push_is_served_after_its_webhook() {
    let (registry, host, repository, hook) = told();
    change(&repository, "second");
    let answer = hook.tells_of(&registry, &repository, "1").expect(202);
    assert_eq!(outcome(&answer), "accepted");
    let sync = hook.settles(&registry);
    assert_eq!(button(&registry), "second");
    assert_eq!((sync["state"].as_str(), sync["trigger"].as_str()), (Some("succeeded"), Some("webhook")));
    let delivery = hook.deliveries(&registry).remove(0);
    assert_eq!(delivery["sync"], sync["id"]);
    assert_eq!((delivery["host"].as_str(), delivery["event"].as_str()), (Some("GitHub"), Some("push")));
    assert_eq!(delivery["delivery"], "1");
    assert_eq!(host.fetches_and_looks().0, 1);
}

#[test]
fn what_was_seen_already_needs_no_look() {
    let (registry, host, repository, hook) = told();
    for id in ["1", "2"] {
        let answer = hook.tells_of(&registry, &repository, id).expect(200);
        assert_eq!(outcome(&answer), "up-to-date");
    }
    let gone = json!({ "ref": "old", "ref_type": "branch" }).to_string();
    assert_eq!(outcome(&hook.signed(&registry, "delete", "3", &gone).send().expect(200)), "up-to-date");
    assert_eq!(host.fetches_and_looks(), (0, 0));
    assert_eq!(hook.outcomes(&registry), ["up-to-date"; 3]);
}

#[test]
fn a_new_tag_and_a_force_push_are_served_after_their_webhooks() {
    let (registry, _host, repository, hook) = told();
    let first = repository.head();
    repository.annotated_tag("v1.0.0");
    let object = repository.git(&["rev-parse", "v1.0.0"]);
    let tag = json!({ "ref": "refs/tags/v1.0.0", "before": "0".repeat(40), "after": object.trim(), "head_commit": { "id": first.as_str() } });
    hook.signed(&registry, "push", "1", &tag.to_string()).send().expect(202);
    hook.settles(&registry);
    registry.get("/r/acme-button@v1.0.0.json").expect(200);

    change(&repository, "abandoned");
    hook.tells_of(&registry, &repository, "2").expect(202);
    hook.settles(&registry);
    repository.force_reset(&first);
    // Back at a commit that was seen before, and yet news.
    hook.tells_of(&registry, &repository, "3").expect(202);
    hook.settles(&registry);
    assert_eq!(button(&registry), "export const made = \"first acme-button\"\n");
}

#[test]
fn a_delivery_that_is_not_signed_or_wrongly_signed_changes_nothing() {
    let (registry, host, repository, hook) = told();
    let before = repository.head();
    let after = change(&repository, "second");
    let body = push_of(before.as_str(), &after);
    let message = refusal(hook.unsigned(&registry, "push", "1", &body).send(), 401, "wrong_signature");
    assert!(message.contains("not signed") && message.contains("repo hook"), "{message}");
    let other = Hook { secret: webhook::HookSecret::from_bytes([1; 32]), ..hook.clone() };
    let message = refusal(other.signed(&registry, "push", "2", &body).send(), 401, "wrong_signature");
    assert!(message.contains("signature is wrong") && !message.contains(hook.secret.expose()), "{message}");
    let signature = webhook::sign::prefixed(&hook.secret, body.as_bytes());
    let forged = hook.unsigned(&registry, "push", "3", &body.replace("main", "mein"));
    refusal(forged.with("x-hub-signature-256", &signature).send(), 401, "wrong_signature");
    let cut = hook.unsigned(&registry, "push", "4", &body[..body.len() - 1]);
    refusal(cut.with("x-hub-signature-256", &signature).send(), 401, "wrong_signature");
    let nobody = registry.ask("POST", &hook.path).json(&json!({}));
    refusal(nobody.send(), 401, "wrong_signature");

    let deliveries = hook.deliveries(&registry);
    assert_eq!(deliveries.len(), 1, "refusals alike are one line: {deliveries:#?}");
    assert_eq!(
        (deliveries[0]["outcome"].as_str(), deliveries[0]["times"].as_u64()),
        (Some("wrong-signature"), Some(5))
    );
    assert_eq!(host.fetches_and_looks(), (0, 0));
    assert_ne!(button(&registry), "second");
}

#[test]
fn wrong_signatures_are_limited_and_right_ones_are_not() {
    let (registry, _host, repository, hook) = told();
    let wrong = || hook.unsigned(&registry, "push", "1", "{}").send();
    for _ in 0..20 {
        refusal(wrong(), 401, "wrong_signature");
    }
    let answer = wrong();
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    refusal(answer, 429, "too_many");
    change(&repository, "second");
    hook.tells_of(&registry, &repository, "2").expect(202);
    hook.settles(&registry);
    assert_eq!(button(&registry), "second");
}

#[test]
fn a_signed_body_that_cannot_be_read_is_told_with_the_place() {
    let (registry, host, repository, hook) = told();
    let body = push_of(repository.head().as_str(), repository.head().as_str());
    let message = refusal(hook.signed(&registry, "push", "1", &body[..body.len() - 2]).send(), 400, "malformed");
    assert!(message.contains("`push`") && message.contains("line 1"), "{message}");
    refusal(hook.signed(&registry, "push", "2", "").send(), 400, "malformed");
    refusal(hook.signed(&registry, "push", "3", "{\"ref\":1}").send(), 400, "malformed");
    assert_eq!(hook.outcomes(&registry), ["malformed"]);
    assert_eq!(host.fetches_and_looks(), (0, 0));
}

/// Sends bytes as they are and reads what comes back until the other side ends.
fn raw(registry: &Registry, head: &str, body: impl Fn(&mut TcpStream)) -> String {
    let address = registry.url.strip_prefix("http://").expect("http");
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n").expect("it reads the head");
    body(&mut stream);
    let mut answer = Vec::new();
    // It may end while we still send: what it said before that counts.
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_body_that_is_too_large_is_refused_without_being_read() {
    let (registry, _host, _repository, hook) = told();
    let head = format!("POST {} HTTP/1.1\r\nx-github-event: push\r\nx-github-delivery: 1", hook.path);
    // Nothing of it is sent, and it is refused all the same.
    let told = raw(&registry, &format!("{head}\r\ncontent-length: 10485761"), |_| {});
    assert!(told.starts_with("HTTP/1.1 413 ") && told.contains("too_large"), "{told}");
    // A megabyte a chunk, without saying how many there are: the eleventh is one too many.
    let told = raw(&registry, &format!("{head}\r\ntransfer-encoding: chunked"), |stream| {
        let chunk = vec![b' '; 1 << 20];
        for _ in 0..11 {
            if write!(stream, "100000\r\n")
                .and_then(|()| stream.write_all(&chunk))
                .and_then(|()| write!(stream, "\r\n"))
                .is_err()
            {
                return;
            }
        }
    });
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 413 "), "{told}");
    let deliveries = hook.deliveries(&registry);
    assert_eq!((deliveries[0]["outcome"].as_str(), deliveries[0]["times"].as_u64()), (Some("too-large"), Some(2)));
    // As large as is read, and no larger: it is refused for its signature.
    let told = raw(&registry, &format!("{head}\r\ncontent-length: 10485760"), |stream| {
        stream.write_all(&vec![b' '; 10_485_760]).expect("it reads all of it");
    });
    assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
}

#[test]
fn a_body_that_ends_early_is_refused_and_the_server_goes_on() {
    let (registry, _host, _repository, hook) = told();
    let head = format!("POST {} HTTP/1.1\r\nx-github-event: push\r\ncontent-length: 100", hook.path);
    let told = raw(&registry, &head, |stream| {
        stream.write_all(b"{").expect("it reads");
        stream.shutdown(std::net::Shutdown::Write).expect("a connection");
    });
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 400 "), "{told}");
    registry.get("/health/live").expect(200);
}

#[test]
fn the_same_delivery_is_handled_once_and_another_body_under_its_id_is_new() {
    let (registry, host, repository, hook) = told();
    let first = repository.head();
    let second = change(&repository, "second");
    let body = push_of(first.as_str(), &second);
    hook.signed(&registry, "push", "1", &body).send().expect(202);
    hook.settles(&registry);
    for _ in 0..2 {
        let again = hook.signed(&registry, "push", "1", &body).send().expect(200);
        assert_eq!(outcome(&again), "duplicate");
        assert!(again.json()["message"].as_str().is_some_and(|message| message.contains("handled already")));
    }
    let third = change(&repository, "third");
    hook.signed(&registry, "push", "1", &push_of(&second, &third)).send().expect(202);
    hook.settles(&registry);
    assert_eq!(button(&registry), "third");
    assert_eq!(hook.outcomes(&registry), ["accepted", "duplicate", "duplicate", "accepted"]);
    assert_eq!(host.fetches_and_looks().0, 2);
}

#[test]
fn a_replayed_body_under_a_new_id_does_no_harm() {
    let (registry, host, repository, hook) = told();
    let first = repository.head();
    let second = change(&repository, "second");
    let old = push_of(first.as_str(), &second);
    hook.signed(&registry, "push", "1", &old).send().expect(202);
    hook.settles(&registry);
    let third = change(&repository, "third");
    hook.signed(&registry, "push", "2", &push_of(&second, &third)).send().expect(202);
    hook.settles(&registry);
    host.fetches_and_looks();
    hook.signed(&registry, "push", "3", &old).send().expect(202);
    assert_eq!(hook.settles(&registry)["report"]["published"], false);
    assert_eq!(button(&registry), "third", "a delivery is a hint to look, and never what is served");
    assert_eq!(host.fetches_and_looks().0, 0);
}

#[test]
fn what_arrived_is_known_after_a_restart() {
    let (registry, _host, repository, hook) = told();
    let body = push_of(repository.head().as_str(), repository.head().as_str());
    hook.signed(&registry, "push", "1", &body).send().expect(200);
    let before = hook.deliveries(&registry);
    let registry = registry.stop().serve();
    assert_eq!(hook.deliveries(&registry), before);
    assert_eq!(outcome(&hook.signed(&registry, "push", "1", &body).send().expect(200)), "duplicate");
    // Nothing is known yet of where the refs are: it looks.
    hook.tells_of(&registry, &repository, "2").expect(202);
    hook.settles(&registry);
}

#[test]
fn a_webhook_that_is_not_there_is_not_told_from_one_that_never_was() {
    let (registry, _host, repository, hook) = told();
    let ask = |path: String| {
        let hook = Hook { path, ..hook.clone() };
        let answer = hook.tells_of(&registry, &repository, "1");
        refusal(answer, 404, "no_hook")
    };
    let start = "/api/internal/registry/webhook";
    let digits = "0".repeat(32);
    let mut told: HashSet<String> = HashSet::new();
    for name in [format!("org_local.{digits}"), format!("org_other.{digits}"), digits, "org_local.x".to_owned()] {
        told.insert(ask(format!("{start}/{name}")));
    }
    registry.as_admin("DELETE", &format!("/api/internal/registry/{}", hook.repository)).send().expect(204);
    told.insert(ask(hook.path.clone()));
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_ping_is_answered_and_other_events_are_ignored_by_name() {
    let (registry, host, _repository, hook) = told();
    let pong = hook.signed(&registry, "ping", "1", "{\"zen\":\"Speak like a human.\"}").send().expect(200);
    assert_eq!(pong.json(), json!({ "outcome": "pong", "message": "pong" }));
    for (id, event) in [("2", "issues"), ("3", "repository"), ("4", "push_of_something")] {
        let answer = hook.signed(&registry, event, id, "{}").send().expect(200);
        assert_eq!(outcome(&answer), "ignored");
    }
    assert_eq!(hook.outcomes(&registry), ["ignored", "ignored", "ignored", "pong"]);
    assert_eq!(hook.deliveries(&registry)[0]["event"], "push_of_something");
    assert_eq!(host.fetches_and_looks(), (0, 0));
}

#[test]
fn a_new_secret_makes_the_old_one_useless_and_keeps_the_address() {
    let (registry, _host, repository, old) = told();
    let new = registry.rotated_hook("ui");
    assert_eq!(new.path, old.path);
    assert_ne!(new.secret.expose(), old.secret.expose());
    assert_eq!(registry.hook("ui").secret.expose(), new.secret.expose(), "asking again changes nothing");
    refusal(old.tells_of(&registry, &repository, "1"), 401, "wrong_signature");
    new.tells_of(&registry, &repository, "2").expect(200);
}

#[test]
fn a_secret_sealed_under_another_key_says_what_to_do_and_lies_nowhere_in_the_clear() {
    let (registry, _host, repository, hook) = told();
    let home = registry.stop();
    let kept = home.store_bytes();
    let clear = hook.secret.expose().as_bytes();
    assert!(!kept.windows(clear.len()).any(|part| part == clear), "the store holds the secret in the clear");
    std::fs::remove_file(home.data().join("seal.key")).expect("the key");

    let registry = home.serve();
    refusal(hook.tells_of(&registry, &repository, "1"), 503, "no_secret");
    assert_eq!(hook.outcomes(&registry), ["no-secret"]);
    let told = registry.cli(["repo", "hook", "ui"]).ok();
    assert!(told.out.contains("(cannot be opened)") && told.err.contains("--rotate"), "{}{}", told.out, told.err);
    registry.rotated_hook("ui").tells_of(&registry, &repository, "2").expect(202);
}

#[test]
fn one_delivery_has_every_registry_of_its_repository_looked_at() {
    let host = Host::start();
    let repository = host.empty_repository("mono");
    for (folder, name) in [("apps/a", "from-a"), ("apps/b", "from-b")] {
        repository.write(&format!("{folder}/registry.json"), crate::support::registry_of(&[item(name)]).to_string());
        repository.write(&format!("{folder}/ui/{name}.tsx"), "first\n");
    }
    repository.commit("Begin");
    std::os::unix::fs::symlink(repository.folder(), repository.folder().with_extension("git")).expect("a link");
    let registry = Registry::start();
    for (name, path) in [("a", "apps/a/registry.json"), ("b", "apps/b/registry.json")] {
        // The same address in two spellings.
        let url = format!("{}{}", host.url("mono"), if name == "b" { ".git" } else { "" });
        registry.cli(["repo", "add", &url, "--name", name, "--config-path", path]).ok();
        registry.sync(name);
    }
    let hook = registry.hook("a");
    for name in ["a", "b"] {
        repository.write(&format!("apps/{name}/ui/from-{name}.tsx"), "second\n");
    }
    repository.commit("Both");
    hook.tells_of(&registry, &repository, "1").expect(202);
    hook.settles(&registry);
    assert_eq!(registry.get("/r/from-a.json").expect(200).content(), "second\n");
    Hook { repository: registry.hook("b").repository, ..hook }.settles(&registry);
    assert_eq!(registry.get("/r/from-b.json").expect(200).content(), "second\n");
}

/// Stops the host in its first answer to a fetch until told to go on.
fn held_in_the_first_fetch(host: &Host) -> (Receiver<()>, impl FnOnce()) {
    let (reached, arrived) = channel();
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(Some(wait));
    host.server.answer_with(move |request| {
        if is_fetch(request)
            && let Some(wait) = wait.lock().expect("not poisoned").take()
        {
            reached.send(()).expect("the test listens");
            let _ = wait.recv();
        }
        None
    });
    (arrived, move || go.send(()).expect("the host waits"))
}

#[test]
fn a_push_that_arrives_while_an_earlier_one_is_fetched_is_not_lost() {
    let (registry, host, repository, hook) = told();
    let (held, go_on) = held_in_the_first_fetch(&host);
    change(&repository, "second");
    hook.tells_of(&registry, &repository, "1").expect(202);
    held.recv().expect("the sync gets that far");
    change(&repository, "third");
    hook.tells_of(&registry, &repository, "2").expect(202);
    go_on();
    hook.settles(&registry);
    assert_eq!(button(&registry), "third");
    let syncs: HashSet<String> = hook.deliveries(&registry).iter().map(|told| told["sync"].to_string()).collect();
    assert_eq!(syncs.len(), 2, "each is taken care of by a sync that began after it: {syncs:?}");
}

#[test]
fn ten_thousand_deliveries_lead_to_one_fetch_and_the_newest_push_is_served() {
    const DELIVERIES: usize = 10_000;
    const CONNECTIONS: usize = 4;
    let (registry, host, repository, hook) = told();
    let mut commits = vec![repository.head().to_string()];
    for nth in 0..10 {
        commits.push(change(&repository, &format!("change {nth}")));
    }
    let pushes: Vec<String> = commits.windows(2).map(|pair| push_of(&pair[0], &pair[1])).collect();
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let (registry, hook, pushes) = (&registry, &hook, &pushes);
            scope.spawn(move || {
                for nth in (connection..DELIVERIES).step_by(CONNECTIONS) {
                    let answer =
                        hook.signed(registry, "push", &format!("id-{nth}"), &pushes[nth % pushes.len()]).send();
                    let known = [("accepted", 202), ("up-to-date", 200)];
                    let told = answer.json()["outcome"].as_str().map(str::to_owned).expect("an outcome");
                    assert!(known.contains(&(told.as_str(), answer.status)), "{} {told}", answer.status);
                }
            });
        }
    });
    hook.settles(&registry);
    assert_eq!(button(&registry), "change 9");
    let (fetches, looks) = host.fetches_and_looks();
    assert_eq!(fetches, 1);
    // Nine of ten tell of the past, which only a look can tell from a push back
    // to it. Those looks are paced.
    assert!(looks <= 100, "{looks} looks");
    assert_eq!(hook.deliveries(&registry).len(), 50);
}

#[test]
fn a_repository_that_is_registered_again_knows_nothing_of_what_was_seen_before() {
    let (registry, host, repository, hook) = told();
    registry.as_admin("DELETE", &format!("/api/internal/registry/{}", hook.repository)).send().expect(204);
    registry.add(&host.url("ui"));
    let hook = registry.hook("ui");
    assert_eq!(hook.outcomes(&registry), [""; 0]);
    assert_eq!(outcome(&hook.tells_of(&registry, &repository, "1").expect(202)), "accepted");
    hook.settles(&registry);
    button(&registry);
}

#[test]
fn deliveries_of_a_git_host_are_taken_though_others_have_it_ask_for_webhooks_that_are_not_there() {
    let host = Host::start();
    let repository = host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start_with(&[("EKAIROS_TRUSTED_PROXIES", "127.0.0.1")]);
    registry.add_and_sync(&host.url("ui"));
    let hook = registry.hook("ui");
    let from_host = ("x-forwarded-for", "203.0.113.7");
    let guess = |nth: u8| {
        let name = HookId::from_random(&OrganisationId::local(), [nth; 16]);
        let asking = registry.ask("POST", &format!("/api/internal/registry/webhook/{name}"));
        asking.with(from_host.0, from_host.1).text("application/json", "{}").send().status
    };
    let statuses: HashSet<u16> = (0..50).map(guess).collect();
    assert_eq!(statuses, HashSet::from([404, 429]), "whoever guesses is stopped");
    change(&repository, "second");
    let head = repository.head();
    let delivery = hook.signed(&registry, "push", "1", &push_of(head.as_str(), head.as_str()));
    delivery.with(from_host.0, from_host.1).send().expect(202);
    hook.settles(&registry);
    assert_eq!(button(&registry), "second");
}
