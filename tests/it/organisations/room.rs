//! Organisations that are closed to make room, and those that a start enters again.

use super::{ACME, BETA, Neighbours};
use crate::support::{Deployment, Host, item, until};
use clerk::InstanceKind;

/// Less than the process takes up, so that every organisation that nobody uses is in the way.
const TIGHT: [(&str, &str); 3] =
    [("EKAIROS_MEMORY", "16MiB"), ("EKAIROS_IDLE_AFTER", "1s"), ("EKAIROS_LOG", "registry=info")];

/// How often an organisation was closed.
fn closed(deployment: &Deployment, organisation: &str) -> usize {
    let log = deployment.log();
    log.lines().filter(|line| line.contains("closed to make room") && line.contains(organisation)).count()
}

#[test]
fn an_organisation_that_nobody_uses_is_closed_and_opens_again_with_nothing_lost() {
    let neighbours = Neighbours::settle_with(InstanceKind::Production, &TIGHT);
    let deployment = &neighbours.deployment;
    let tokens = [ACME, BETA].map(|id| deployment.token(id, "read"));
    deployment.cli_in(ACME, ["settings", "--public", "on", "--alias", "@acme"]).ok();
    let card = |nth: usize| deployment.ask("GET", "/r/card.json").token(&tokens[nth]).send().expect(200);
    let pinned = || deployment.ask("GET", "/o/org_acme/r/card@main.json").send().expect(200);
    let before = (card(0), card(1), pinned());
    let ann = deployment.visitor("user_ann", Some(ACME));
    let read = |path: &str| ann.ask("GET", path).send().expect(200).text().to_owned();
    let (commits, versions) = (
        format!("/api/internal/registry/{}/commits", neighbours.repositories[0]),
        "/api/internal/versions/card".to_owned(),
    );
    let kept = [&commits, &versions, "/api/internal/components", "/api/internal/tokens"];
    let shown = kept.map(read);
    for round in 1..3 {
        until("both are closed", || {
            (closed(deployment, ACME) >= round && closed(deployment, BETA) >= round).then_some(())
        });
        // Whoever comes next finds all of it: with a token, with nothing, and with a session.
        assert_eq!(card(0).body, before.0.body);
        assert_eq!(card(1).header("etag"), before.1.header("etag"));
        assert_eq!(pinned().body, before.2.body);
    }
    until("it is closed once more", || (closed(deployment, ACME) >= 3).then_some(()));
    let again = kept.map(read);
    // Use of a token is noted to the hour, which may have changed.
    assert_eq!(again[..3], shown[..3]);
    assert_eq!(again[3].matches("\"scope\"").count(), shown[3].matches("\"scope\"").count());
    // Someone unknown opens a public one again, and a private one stays closed.
    until("both are closed", || (closed(deployment, ACME) >= 4 && closed(deployment, BETA) >= 3).then_some(()));
    assert_eq!(pinned().body, before.2.body);
    deployment.ask("GET", "/o/org_beta/r/card.json").send().expect(401);
}

#[test]
fn a_server_enters_the_organisations_that_it_knew_and_keeps_their_repositories_fresh() {
    let host = Host::start();
    let mut deployment = Deployment::start_with(InstanceKind::Production, &[("EKAIROS_POLL_EVERY", "1s")]);
    let known = [(ACME, "acme"), (BETA, "beta")].map(|(id, name)| {
        let (repository, database) = (host.repository(name, &[item("card")]), deployment.organisation(id, name));
        deployment.add_and_sync(id, &host.url(name));
        (repository, database)
    });
    let token = deployment.token(BETA, "read");
    deployment.end();
    let before = known.each_ref().map(|(_, database)| database.rows("registry_publications").len());
    for (repository, _) in &known {
        repository.write("ui/card.tsx", "export const made = \"while it was down\"\n").commit("News");
    }
    deployment.begin();
    // Nobody asks the server for anything: what it publishes is in the databases.
    for ((_, database), before) in known.iter().zip(before) {
        until("what is new is published", || (database.rows("registry_publications").len() > before).then_some(()));
    }
    until("it is served", || {
        let card = deployment.ask("GET", "/r/card.json").token(&token).send().expect(200);
        (card.content() == "export const made = \"while it was down\"\n").then_some(())
    });
}
