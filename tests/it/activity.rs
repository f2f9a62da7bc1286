//! What happened lately, in all repositories.

use crate::support::{Host, Registry, item};
use serde_json::Value;

fn activity(registry: &Registry, query: &str) -> Value {
    registry.as_admin("GET", &format!("/api/internal/activity{query}")).send().expect(200).json()
}

fn rows(activity: &Value) -> &Vec<Value> {
    activity["rows"].as_array().expect("rows")
}

#[test]
fn commits_and_syncs_of_all_repositories_are_one_list_newest_first() {
    let host = Host::start();
    let ui = host.repository("ui", &[item("button")]);
    host.repository("icons", &[item("arrow")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    registry.add_and_sync(&host.url("icons"));
    ui.write("ui/button.tsx", "export const made = 2\n").commit("Twice as good");
    registry.sync("ui");

    let all = activity(&registry, "");
    let times: Vec<i64> = rows(&all).iter().map(|row| row["at"].as_i64().expect("a time")).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");
    let of = |activity: &Value, kind: &str| rows(activity).iter().filter(|row| row[kind].is_object()).count();
    assert_eq!((of(&all, "commit"), of(&all, "sync")), (3, 3));
    let commit = rows(&all).iter().find(|row| row["commit"]["message"] == "Twice as good").expect("the commit");
    assert_eq!((&commit["repositoryName"], &commit["commit"]["components"][0]), (&"ui".into(), &"button".into()));

    let one = activity(&registry, &format!("?repository={id}"));
    assert_eq!((of(&one, "commit"), of(&one, "sync")), (2, 2));
    let weeks = all["weeks"].as_array().expect("weeks");
    assert_eq!((weeks.len(), &weeks[25]["syncs"]), (26, &3.into()), "{weeks:?}");

    // Page after page, each row once.
    let mut paged = Vec::new();
    for offset in 0.. {
        let page = activity(&registry, &format!("?limit=1&offset={offset}"));
        paged.extend(rows(&page).clone());
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(&paged, rows(&all));
}

#[test]
fn the_page_lists_what_happened_and_leads_to_it() {
    let host = Host::start();
    host.repository("ui", &[item("button")]);
    let registry = Registry::start();
    let page =
        |path: &str| registry.as_admin("GET", path).with("accept", "text/html").send().expect(200).text().to_owned();
    assert!(page("/activity").contains("Nothing happened yet"));
    let id = registry.add_and_sync(&host.url("ui"));
    let shown = page("/activity");
    for part in ["Begin", "1 added", &format!("/registry/{id}/commits/"), "commits, 1 sync"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(page(&format!("/activity?repository={id}")).contains("selected"));
    page("/activity?repository=nothing&kind=nothing&week=nothing&offset=99999999");
    for (query, told) in [
        ("?kind=changes", "Begin"),
        ("?kind=syncs", "1 added"),
        ("?kind=failures", "Nothing of this kind"),
        ("?week=1999-12-31", "Nothing of this kind"),
    ] {
        assert!(page(&format!("/activity{query}")).contains(told), "{query}");
    }
    // Each week is a link with a name of its own, and a row of a table.
    assert_eq!(shown.matches("<li><a href=\"/activity?week=").count(), 26, "{shown}");
    assert_eq!(shown.matches("<th scope=\"row\"><a href=\"/activity?week=").count(), 26, "{shown}");
}

#[test]
fn a_week_or_a_kind_can_be_kept_and_what_people_published_is_listed() {
    let host = Host::start();
    let ui = host.repository("ui", &[item("button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let first = ui.head();
    ui.write("ui/button.tsx", "export const made = 2\n").commit("Twice as good");
    registry.sync("ui");
    registry.cli(["rollback", "ui", first.as_str()]).ok();
    ui.write("registry.json", "{").commit("Break it");
    registry.failing_sync("ui");

    let kinds = |query: &str| {
        let shown = activity(&registry, query);
        let of = |kind: &str| rows(&shown).iter().filter(|row| row[kind].is_object()).count();
        [of("commit"), of("sync"), of("publication")]
    };
    assert_eq!(kinds(""), [2, 3, 1]);
    assert_eq!(kinds("?kind=changes"), [2, 0, 1]);
    assert_eq!(kinds("?kind=syncs"), [0, 3, 0]);
    assert_eq!(kinds("?kind=failures"), [0, 1, 0]);
    let all = activity(&registry, "");
    assert_eq!(all["weeks"][25]["failed"], 1, "{all}");
    let rolled_back = rows(&all).iter().find(|row| row["publication"].is_object()).expect("the rollback");
    assert_eq!(rolled_back["publication"]["kind"], "rollback");
    // The commits of a test are of 2026-01; nothing of that week is of another.
    let commits = rows(&all).iter().filter(|row| row["commit"].is_object());
    let day = commits.map(|row| row["at"].as_i64().expect("a time")).max().expect("a commit") / 86_400_000;
    assert_eq!(kinds("?week=2001-01-01"), [0, 0, 0]);
    assert_eq!(kinds(&format!("?week={}", date(day)))[0], 2);
    assert_eq!(kinds(&format!("?week={}", date(day + 7)))[0], 0);
    registry.as_admin("GET", "/api/internal/activity?week=someday").send().expect(400);
    registry.as_admin("GET", "/api/internal/activity?kind=all").send().expect(400);
}

/// The day that is so many days after 1 January 1970, as it stands in an address.
fn date(days: i64) -> String {
    registry::app::format::date(days * 86_400_000)
}
