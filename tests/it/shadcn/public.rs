//! Installing from a public organisation, without a token.

use super::{BUTTON, CARD, Project};
use crate::support::{Deployment, Host, item, needing};
use clerk::InstanceKind;
use serde_json::json;

#[test]
fn a_project_without_a_token_installs_from_a_public_organisation_and_from_no_other() {
    let host = Host::start();
    for name in ["open", "closed"] {
        host.repository(name, &[item("acme-button"), needing("fancy-card", &["acme-button"])]);
    }
    let deployment = Deployment::start(InstanceKind::Production);
    let _databases = [("org_open", "open"), ("org_closed", "closed")].map(|(id, name)| {
        let database = deployment.organisation(id, name);
        deployment.add_and_sync(id, &host.url(name));
        database
    });
    deployment.cli_in("org_open", ["settings", "--public", "on", "--alias", "@open"]).ok();
    let address = |organisation: &str| format!("{}/o/{organisation}/r/{{name}}.json", deployment.url);
    let Some(project) = Project::bare() else { return };
    project.configure(&json!({ "@open": address("org_open"), "@closed": address("org_closed") }));
    // By its address, what it needs by the name under which the project knows it.
    project.add(&address("org_open").replace("{name}", "fancy-card")).ok();
    assert!(project.has(CARD) && project.has(BUTTON));
    let Some(project) = Project::bare() else { return };
    project.configure(&json!({ "@open": address("org_open"), "@closed": address("org_closed") }));
    let told = super::told(&project.add("@closed/acme-button"));
    assert!(told.contains("token"), "{told}");
    assert!(!project.has(BUTTON));
    project.add("@open/acme-button").ok();
    assert_eq!(project.read(BUTTON), "export const made = \"first acme-button\"\n");
    // By the directory alone.
    let Some(project) = Project::bare() else { return };
    let mut command = project.command(&["add", "@open/acme-button", "--yes"]);
    command.env("REGISTRY_URL", format!("{}/r", deployment.url));
    crate::support::Ran::of(command).ok();
    assert!(project.has(BUTTON));
}
