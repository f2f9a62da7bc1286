//! Organisations that sign in through Clerk, each with a database of its own.

mod arriving;
mod credentials;
mod forms;
mod leaving;
mod operating;
mod programs;
mod public;
mod roles;
mod room;
mod separation;

use crate::support::{Database, Deployment, Host, item};
use clerk::InstanceKind;

/// Two organisations whose repositories hold components of the same name.
struct Neighbours {
    deployment: Deployment,
    /// The repository of each.
    repositories: [String; 2],
    host: Host,
    databases: [Database; 2],
}

/// Their ids.
const ACME: &str = "org_acme";
const BETA: &str = "org_beta";

impl Neighbours {
    /// Both are there, with one administrator and one member each.
    fn settle(kind: InstanceKind) -> Self {
        Self::settle_with(kind, &[])
    }

    /// The same with more settings.
    fn settle_with(kind: InstanceKind, settings: &[(&str, &str)]) -> Self {
        let host = Host::start();
        for name in ["acme", "beta"] {
            host.repository(name, &[item("card"), item(&format!("{name}-only"))])
                .write("ui/card.tsx", format!("export const whose = \"{name}\"\n"))
                .commit("Whose it is");
        }
        let deployment = Deployment::start_with(kind, settings);
        let databases = [deployment.organisation(ACME, "Acme"), deployment.organisation(BETA, "Beta")];
        deployment
            .clerk
            .user("user_ann", "Ann", &[(ACME, "org:admin")])
            .user("user_abe", "Abe", &[(ACME, "org:member")])
            .user("user_bea", "Bea", &[(BETA, "org:admin")]);
        let repositories =
            [(ACME, "acme"), (BETA, "beta")].map(|(id, name)| deployment.add_and_sync(id, &host.url(name)));
        Self { deployment, repositories, host, databases }
    }
}
