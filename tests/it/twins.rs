//! Pages as programs read them: JSON and Markdown at the same address.

use crate::support::{Answer, Host, Registry, item, write_registry};
use serde_json::{Value, json};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn ask(registry: &Registry, path: &str, accept: &str) -> Answer {
    registry.as_admin("GET", path).with("accept", accept).send()
}

#[test]
fn every_page_answers_with_html_markdown_or_json_and_always_the_same_status() {
    let host = Host::start();
    let ui = host.repository("ui", &[item("button"), item("card")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    write_registry(&ui, &[item("button")]);
    ui.commit("One goes");
    registry.sync(&id);
    let commits = registry.as_admin("GET", &format!("/api/internal/registry/{id}/commits")).send().expect(200).json();
    let sha = commits["rows"][0]["sha"].as_str().expect("a commit");
    let of_repository = [
        "",
        "?tab=commits",
        "?tab=refs",
        "?tab=history",
        "?tab=findings",
        "?tab=settings",
        "/webhook",
        "/remove",
        "/namespace",
    ];
    let mut pages: Vec<String> = of_repository.iter().map(|rest| format!("/registry/{id}{rest}")).collect();
    pages.push(format!("/registry/{id}/commits/{sha}"));
    let others = [
        "/registry",
        "/registry/new",
        "/components",
        "/components?q=button",
        "/components/button",
        "/components/button?tab=versions",
        "/components/card",
        "/components/nothing",
        "/diff/button",
        "/packages",
        "/activity",
        "/names",
        "/hand/new",
        "/settings",
        "/settings/registry",
        "/settings/tokens",
        "/settings/audit",
        "/no/such/page",
        "/registry/00000000-0000-4000-8000-000000000000",
    ];
    pages.extend(others.map(str::to_owned));
    for page in pages {
        let html = ask(&registry, &page, BROWSER);
        assert!(html.header("content-type").starts_with("text/html"), "{page}");
        let markdown = ask(&registry, &page, "text/markdown");
        assert_eq!(
            (markdown.status, markdown.header("content-type")),
            (html.status, "text/markdown; charset=utf-8"),
            "{page}"
        );
        assert!(
            markdown.text().lines().any(|line| line.starts_with("# ")),
            "{page} has no heading:\n{}",
            markdown.text()
        );
        assert!(!markdown.text().contains("</"), "{page} holds markup:\n{}", markdown.text());
        let json = ask(&registry, &page, "application/json");
        assert_eq!((json.status, json.header("content-type")), (html.status, "application/json"), "{page}");
        let shown = json.json();
        let is_error = html.status >= 400 && html.status != 410;
        assert_eq!(shown.get("error").is_some(), is_error, "{page}: {shown}");
        for answer in [&markdown, &json] {
            assert_eq!(
                answer.header("content-security-policy"),
                "default-src 'none'; frame-ancestors 'none'",
                "{page}"
            );
            assert!(
                answer.headers.get_all("vary").iter().any(|value| value.as_bytes().starts_with(b"Accept,")),
                "{page}"
            );
        }
    }
}

#[test]
fn a_component_reads_well_as_markdown_and_its_json_holds_what_the_page_shows() {
    let host = Host::start();
    let mut described = item("button");
    described["description"] = "Does *one* thing".into();
    described["dependencies"] = json!(["clsx@^2.1"]);
    host.repository("ui", &[described]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let markdown = ask(&registry, "/components/button", "text/markdown").expect(200);
    for part in ["# button", "npx shadcn@latest add", "```", "clsx"] {
        assert!(markdown.text().contains(part), "{part}: {}", markdown.text());
    }
    let json: Value = ask(&registry, "/components/button", "application/json").expect(200).json();
    println!("{}\n{json:#}", markdown.text());
    assert_eq!(json["served"]["component"]["name"], "button");
    let nothing = ask(&registry, "/components/buton", "application/json").expect(404).json();
    assert_eq!((&nothing["error"], &nothing["action"]["label"]), (&"not_found".into(), &"Search components".into()));
}
