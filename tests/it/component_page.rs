//! A component's page, and its files as plain texts.

use crate::support::{Answer, Host, Registry, item, needing, write_registry};
use serde_json::json;

fn served() -> (Registry, Host) {
    let host = Host::start();
    let mut panel = needing("panel", &["acme-button"]);
    panel["description"] = json!("See [the guide](https://guide.example/), or <Panel>.");
    panel["docs"] = json!("# Use\n\n![look](https://a.example/x.png)\n\n<script>window.__xss=1</script>");
    panel["dependencies"] = json!(["clsx@^2.1"]);
    let repository = host.repository("ui", &[item("acme-button"), panel.clone()]);
    repository.tag("v1");
    write_registry(&repository, &[item("acme-button"), panel]);
    repository.write("ui/acme-button.tsx", "export const made = \"<script>window.__xss=1</script>\"\n");
    repository.commit("Another button");
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host)
}

fn page(registry: &Registry, path: &str) -> Answer {
    registry.as_admin("GET", path).with("accept", "text/html").send()
}

#[test]
fn a_file_is_there_as_a_plain_text_that_cannot_run() {
    let (registry, _host) = served();
    let raw = page(&registry, "/raw/acme-button?file=").expect(200);
    assert_eq!(raw.text(), registry.get("/r/acme-button.json").content());
    assert_eq!(raw.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(raw.header("x-content-type-options"), "nosniff");
    assert!(raw.header("content-security-policy").contains("sandbox"));
    assert_ne!(page(&registry, "/raw/acme-button?at=v1").expect(200).text(), raw.text());
    for path in ["/raw/acme-button?file=none.tsx", "/raw/absent", "/raw/acme-button?at=v9"] {
        page(&registry, path).expect(404);
    }
}

#[test]
fn the_page_tells_how_to_install_what_it_needs_and_what_its_author_says() {
    let (registry, _host) = served();
    let answer = page(&registry, "/components/panel").expect(200);
    let html = answer.text();
    for part in [
        "pnpm dlx shadcn@latest add @registry/panel",
        "npx shadcn@latest add @registry/panel",
        "yarn dlx shadcn@latest add @registry/panel",
        "bunx --bun shadcn@latest add @registry/panel",
        "<a rel=\"noopener nofollow ugc\" href=\"https://guide.example/\">the guide</a>, or &lt;Panel&gt;.",
        "<h3>Use</h3>",
        "href=\"https://a.example/x.png\">look</a>",
        "&lt;script&gt;window.__xss=1&lt;/script&gt;",
    ] {
        assert!(html.contains(part), "{part} is not on the page");
    }
    assert!(!html.contains("<script>window") && !html.contains("<img"));
}

#[test]
fn the_cookie_decides_which_command_is_shown() {
    let (registry, _host) = served();
    let checked = |cookie: &str| {
        let answer =
            registry.ask("GET", "/components/panel").with("cookie", &format!("{}; {cookie}", registry.session()));
        let html = answer.with("accept", "text/html").send().expect(200).text().to_owned();
        let inputs = html
            .split("<input")
            .filter(|input| input.split('>').next().is_some_and(|input| input.contains(" checked")));
        let value =
            |input: &str| input.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
        inputs.filter_map(value).collect::<Vec<_>>()
    };
    assert_eq!(checked("pm=bun"), ["bun"]);
    assert_eq!(checked("pm=\"><script>"), ["npm"]);
}

#[test]
fn the_graph_shows_both_sides_and_a_version_its_own_files() {
    let (registry, _host) = served();
    let answer = page(&registry, "/components/acme-button?tab=dependencies").expect(200);
    assert!(answer.text().contains("aria-label=\"panel, component\""));
    let answer = page(&registry, "/components/panel?tab=dependencies").expect(200);
    assert!(answer.text().contains("aria-label=\"acme-button, component\""));
    assert!(answer.text().contains("aria-label=\"clsx@^2.1, npm package\""));

    let at = page(&registry, "/components/acme-button?at=v1").expect(200);
    assert!(at.text().contains("npx shadcn@latest add @registry/acme-button@v1"));
    assert!(at.text().contains("first acme-button"));
    let absent = page(&registry, "/components/acme-button?at=v9").expect(404);
    assert!(absent.text().contains("See its versions"));
}

#[test]
fn each_commit_leads_to_its_difference() {
    let (registry, _host) = served();
    let answer = page(&registry, "/components/acme-button?tab=commits").expect(200);
    let html = answer.text();
    assert!(html.contains("1 line added, 1 removed"), "{html}");
    assert_eq!(html.matches("/diff/acme-button?from=sha-").count(), 1);
}
