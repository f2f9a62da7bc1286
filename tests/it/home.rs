//! The first page.

use crate::outage::is_away;
use crate::support::{Database, Host, Registry, is_about_local_mode, item};
use serde_json::json;

/// The page as someone who may change everything sees it.
fn page(registry: &Registry) -> String {
    registry.as_admin("GET", "/").with("accept", "text/html").send().expect(200).text().to_owned()
}

#[test]
fn a_stranger_is_told_what_this_is_and_nothing_of_the_registry() {
    let host = Host::start();
    host.repository("secret-ui", &[item("acme-button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("secret-ui"));
    let stranger =
        || registry.ask("GET", "/").with("x-forwarded-for", "203.0.113.7").with("accept", "text/html").send();
    let shown = stranger().expect(200).text().to_owned();
    for part in ["Git repositories in", "npx shadcn add @acme/button", "Sign in"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("secret-ui") && !shown.contains("acme-button"), "{shown}");
    assert!(!shown.contains("Open to everyone"), "{shown}");
    // Whoever shows what proves nothing is told so.
    registry.ask("GET", "/").with("accept", "text/html").token("ekr_org_local_x").send().expect(401);

    if is_about_local_mode("`organisations::public` has it with Clerk") {
        return;
    }
    registry.cli(["settings", "--public", "on", "--name", "Acme UI", "--alias", "@acme"]).ok();
    let shown = stranger().expect(200).text().to_owned();
    for part in ["Open to everyone", "Acme UI", "/r/init.json", "npx shadcn@latest add @acme/&lt;name&gt;"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("secret-ui") && !shown.contains("acme-button"), "{shown}");
}

#[test]
fn without_repositories_there_is_one_next_step() {
    let registry = Registry::start();
    let shown = page(&registry);
    assert!(shown.contains("No repositories yet") && shown.contains("href=\"/registry/new\""), "{shown}");
    let reader = registry.token("read");
    let shown = registry.ask("GET", "/").token(&reader).with("accept", "text/html").send().expect(200);
    assert!(!shown.text().contains("href=\"/registry/new\""), "only who may add is offered to");
}

#[test]
fn what_is_broken_stands_first_with_its_reason_and_where_to_mend_it() {
    let host = Host::start();
    let ui = host.repository("ui", &[item("acme-button")]);
    let forms = host.repository("forms", &[item("date-field"), item("phone-field")]);
    let registry = Registry::start();
    let ui_id = registry.add_and_sync(&host.url("ui"));
    let forms_id = registry.add_and_sync(&host.url("forms"));
    let shown = page(&registry);
    assert!(shown.contains("Nothing needs you") && !shown.contains("Needs attention"), "{shown}");
    for part in ["Begin", "acme-button", "date-field", "Last week", &format!("href=\"/registry/{ui_id}\"")] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("action=\"/components\"") && shown.contains("name=\"q\""), "{shown}");
    assert!(shown.contains("href=\"/activity.atom\"") && shown.contains("application/atom+xml"), "{shown}");

    // One item names a file that is not there; another repository cannot be read at all.
    let mut broken = item("phone-field");
    broken["files"][0]["path"] = json!("ui/missing.tsx");
    let listed = json!({ "name": "acme", "homepage": "https://acme.example", "items": [item("date-field"), broken] });
    forms.write("registry.json", listed.to_string()).commit("Rename");
    registry.sync("forms");
    ui.write("registry.json", "{").commit("Break it");
    registry.failing_sync("ui");
    let shown = page(&registry);
    let at = |part: &str| shown.find(part).unwrap_or_else(|| panic!("{part}: {shown}"));
    let places = [
        at("Needs attention"),
        at("The last sync failed"),
        at("is not JSON"),
        at("Correct the JSON"),
        at(&format!("/registry/{ui_id}?tab=findings")),
    ];
    let found = [at("ui/missing.tsx"), at("Correct the path"), at("files.0.path")];
    assert!(places[1] < found[0] && places[0] < places[1], "what is broken stands before what needs a look");
    assert!(shown.contains(&format!("/registry/{forms_id}?tab=findings")), "{shown}");
    assert!(found.into_iter().chain(places).max() < Some(at("What changed")), "{shown}");
}

#[test]
fn while_the_database_is_away_what_is_known_is_shown() {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let mut database = Database::start();
    let replica = database.replica();
    replica.registry.add_and_sync(&host.url("ui"));
    replica.registry.admin_token();
    database.kill();
    is_away(&replica);
    let shown = page(&replica.registry);
    for part in ["The database does not answer", "Published last", "acme-button", ">ui</a>", "1 component"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
