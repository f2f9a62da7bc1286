//! GitHub: an organisation's connection, as the platform keeps it.

mod adding;
mod cloning;
mod local;
mod picking;

use crate::support::{Connection, Database, Deployment, Github, Visitor, connect, item};
use clerk::InstanceKind;
use serde_json::Value;

/// Two organisations.
const ACME: &str = "org_acme";
const BETA: &str = "org_beta";
/// What must be seen nowhere.
const CANARY: &str = "gho_canary0123456789abcdefghijklmnopq";

/// A deployment with two organisations and a GitHub on which one of them has a
/// private repository.
struct Settled {
    github: Github,
    deployment: Deployment,
    databases: [Database; 2],
}

impl Settled {
    /// Nobody has connected GitHub yet.
    fn settle() -> Self {
        Self::settle_with(&[])
    }

    /// The same with more settings.
    fn settle_with(more: &[(&str, &str)]) -> Self {
        let github = Github::start();
        github.private("acme/ui", &[item("acme-button")]);
        github.public("acme/open", &[item("open-button")]);
        github.token(CANARY, &["acme/ui"]);
        let settings = github.settings();
        let settings = settings.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied());
        let settings: Vec<_> = settings.collect();
        let deployment = Deployment::start_with(InstanceKind::Production, &settings);
        let databases = [deployment.organisation(ACME, "Acme"), deployment.organisation(BETA, "Beta")];
        deployment.clerk.user("user_ann", "Ann", &[(ACME, "org:admin")]).user(
            "user_bea",
            "Bea",
            &[(BETA, "org:admin")],
        );
        Self { github, deployment, databases }
    }

    /// The first organisation has connected it.
    fn connected() -> Self {
        let settled = Self::settle();
        connect(&settled.databases[0], Connection::with(CANARY));
        settled
    }

    /// The first organisation's administrator.
    fn ann(&self) -> Visitor {
        self.deployment.visitor("user_ann", Some(ACME))
    }

    /// Registers a repository in an organisation, and returns its id.
    fn add(&self, organisation: &str, name: &str) -> String {
        let added = self.deployment.cli_in(organisation, ["repo", "add", &self.github.url(name), "--json"]).ok().json();
        added["id"].as_str().expect("an id").to_owned()
    }

    /// The report of a sync.
    fn sync(&self, organisation: &str, id: &str) -> Value {
        let ran = self.deployment.cli_in(organisation, ["sync", id, "--wait", "--json"]);
        ran.json()["report"].clone()
    }

    /// Where GitHub is connected, for a page of ours to come back to.
    fn connect_url(&self, back: &str) -> String {
        let back: String =
            url::form_urlencoded::byte_serialize(format!("{}{back}", self.deployment.url).as_bytes()).collect();
        format!("{}/platform/integrations/github?returnUrl={back}", self.deployment.clerk.platform_url("localhost"))
    }
}
