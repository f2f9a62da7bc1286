//! Git hosts that tell of what happened.

use super::{Answer, Asking, Ran, Registry};
use git::testing::TestRepository;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    time::Instant,
};
use webhook::{HookSecret, sign};

/// A repository's webhook, as the host knows it.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) repository: String,
    pub(crate) path: String,
    pub(crate) secret: HookSecret,
}

/// The body of GitHub's `push` that moved main from one commit to the next.
pub(crate) fn push_of(before: &str, after: &str) -> String {
    json!({ "ref": "refs/heads/main", "before": before, "after": after, "head_commit": { "id": after } }).to_string()
}

impl Registry {
    /// A repository's webhook; made if there is none.
    pub(crate) fn hook(&self, repository: &str) -> Hook {
        Hook::of(self, self.cli(["repo", "hook", repository, "--json"]))
    }

    /// The same with a new secret.
    pub(crate) fn rotated_hook(&self, repository: &str) -> Hook {
        Hook::of(self, self.cli(["repo", "hook", repository, "--rotate", "--json"]))
    }
}

impl Hook {
    fn of(registry: &Registry, ran: Ran) -> Self {
        let hook = ran.ok().json();
        let text = |field: &str| hook[field].as_str().unwrap_or_else(|| panic!("no {field}: {hook}")).to_owned();
        let path = text("address").strip_prefix(&registry.url).expect("an address of its own").to_owned();
        Self { repository: text("repository"), path, secret: text("secret").parse().expect("a secret") }
    }

    /// A delivery without a signature.
    pub(crate) fn unsigned(&self, registry: &Registry, event: &str, id: &str, body: &str) -> Asking {
        registry
            .ask("POST", &self.path)
            .with("x-github-event", event)
            .with("x-github-delivery", id)
            .text("application/json", body)
    }

    /// A delivery as GitHub sends it.
    pub(crate) fn signed(&self, registry: &Registry, event: &str, id: &str, body: &str) -> Asking {
        let signature = sign::prefixed(&self.secret, body.as_bytes());
        self.unsigned(registry, event, id, body).with("x-hub-signature-256", &signature)
    }

    /// Tells that main is where the repository has it now.
    pub(crate) fn tells_of(&self, registry: &Registry, repository: &TestRepository, id: &str) -> Answer {
        let head = repository.head();
        self.signed(registry, "push", id, &push_of(head.as_str(), head.as_str())).send()
    }

    /// The last deliveries, newest first.
    pub(crate) fn deliveries(&self, registry: &Registry) -> Vec<Value> {
        let path = format!("/api/internal/registry/{}/hook/deliveries", self.repository);
        let listed = registry.as_admin("GET", &path).send().expect(200).json();
        listed.as_array().expect("a list").clone()
    }

    /// What came of the last deliveries, newest first.
    pub(crate) fn outcomes(&self, registry: &Registry) -> Vec<String> {
        let outcome = |delivery: &Value| delivery["outcome"].as_str().expect("an outcome").to_owned();
        self.deliveries(registry).iter().map(outcome).collect()
    }

    /// Waits until syncs have taken care of all that was accepted; the last of them.
    pub(crate) fn settles(&self, registry: &Registry) -> Value {
        let begun = Instant::now();
        let open =
            || self.deliveries(registry).iter().any(|told| told["outcome"] == "accepted" && told["sync"].is_null());
        loop {
            // Each turn asks the server, which is busy with the very thing.
            while open() {
                assert!(begun.elapsed() < super::PATIENCE, "{:#?}", self.deliveries(registry));
            }
            let sync = self.followed(registry);
            if !open() && self.followed(registry)["id"] == sync["id"] {
                return sync;
            }
        }
    }

    /// The newest sync of the repository, at its end.
    fn followed(&self, registry: &Registry) -> Value {
        let (_, _, stream) =
            registry.as_admin("GET", &format!("/api/internal/registry/{}/events", self.repository)).open();
        let lines = BufReader::new(stream).lines().map(|line| line.expect("a line"));
        let told = lines
            .skip_while(|line| line != "event: result")
            .find_map(|line| Some(line.strip_prefix("data:")?.trim().to_owned()));
        serde_json::from_str(&told.expect("the stream ends with a result")).expect("a sync as JSON")
    }
}
