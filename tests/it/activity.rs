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
    page("/activity?repository=nothing&offset=99999999");
}
