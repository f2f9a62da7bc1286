//! Setting up a project: `shadcn init` with the item that everyone may have.

use super::{Project, small_registry};
use crate::support::{Ran, Registry};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
};

/// A palette without colours, in ui.shadcn.com's form.
const COLORS: &str = r#"{"inlineColors":{"light":{},"dark":{}},"cssVars":{"light":{},"dark":{}},"inlineColorsTemplate":"","cssVarsTemplate":""}"#;

/// Stands in for ui.shadcn.com, which every `init` asks for its list of styles, and
/// an `add` for the project's palette; returns the address for `REGISTRY_URL`.
fn shadcn_com() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
            let (status, body) = if first.contains("/styles/index.json") {
                ("200 OK", r#"[{"name":"new-york-v4","label":"New York"}]"#)
            } else if first.contains("/colors/") {
                ("200 OK", COLORS)
            } else {
                ("404 Not Found", "{}")
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    format!("http://{address}/r")
}

/// A project of Vite and Tailwind that knows nothing of shadcn.
fn fresh_project() -> Option<Project> {
    let project = Project::bare()?;
    fs::remove_file(project.folder.path().join("components.json")).expect("it was there");
    project.write("vite.config.ts", "export default {}\n");
    let package = json!({
        "name": "project", "version": "0.0.0", "private": true, "type": "module",
        "dependencies": { "tailwindcss": "4.1.0", "react": "19.0.0" }, "devDependencies": { "vite": "7.0.0" },
    });
    project.write("package.json", &package.to_string());
    Some(project)
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command(arguments);
    command.env("REGISTRY_URL", shadcn_com());
    Ran::of(command)
}

/// How a project knows the registry: by its address, and by a token where one is needed.
fn known(registry: &Registry) -> Value {
    let url = format!("{}/r/{{name}}.json", registry.url);
    match registry.reader() {
        Some(_) => json!({ "url": url, "headers": { "Authorization": "Bearer ${REGISTRY_TOKEN}" } }),
        None => json!(url),
    }
}

/// Gives the project a token, where one is needed.
fn give_token(project: &Project, registry: &Registry) {
    if let Some(token) = registry.reader() {
        project.write(".env.local", &format!("REGISTRY_TOKEN={token}\n"));
    }
}

/// What the project's components.json says of registries.
fn registries(project: &Project) -> Value {
    let text = project.read("components.json");
    let components: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    components["registries"].clone()
}

#[test]
fn shadcn_init_sets_a_fresh_project_up_so_that_it_installs_at_once() {
    let (registry, _host, _) = small_registry();
    let Some(project) = fresh_project() else { return };
    give_token(&project, &registry);
    run(&project, &["init", &format!("{}/r/init.json", registry.url), "--yes"]).ok();
    assert_eq!(registries(&project)["@registry"], known(&registry));
    run(&project, &["add", "@registry/acme-button", "--yes"]).ok();
    let found = project.has("src/components/ui/acme-button.tsx") || project.has("components/ui/acme-button.tsx");
    assert!(found, "the component is in the project");
}

#[test]
fn shadcn_apply_adds_the_registry_to_a_project_that_has_others() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::bare() else { return };
    project.write("vite.config.ts", "export default {}\n");
    project.configure(&json!({ "@other": "https://other.example/r/{name}.json" }));
    give_token(&project, &registry);
    run(&project, &["apply", &format!("{}/r/init.json?ns=@acme", registry.url), "--yes"]).ok();
    let found = registries(&project);
    assert_eq!(found["@acme"], known(&registry));
    assert_eq!(found["@other"], "https://other.example/r/{name}.json");
}

#[test]
fn where_a_token_is_needed_the_item_names_its_variable_and_holds_no_secret() {
    let registry = Registry::start_with(&[("EKAIROS_PUBLIC_URL", "https://registry.example")]);
    let token = registry.token("read");
    let known = json!({
        "url": "https://registry.example/r/{name}.json",
        "headers": { "Authorization": "Bearer ${REGISTRY_TOKEN}" },
    });
    for path in ["/r/init.json", "/r/init", "/init.json", "/registry/init.json"] {
        // By anyone: with no proof, and with one that is no good.
        for proof in ["", "Bearer nonsense"] {
            let mut asking = registry.ask("GET", path).with("x-forwarded-for", "203.0.113.7");
            if !proof.is_empty() {
                asking = asking.with("authorization", proof);
            }
            let answer = asking.send().expect(200);
            assert!(!answer.text().contains(&token));
            let item = answer.json();
            assert_eq!((&item["type"], &item["extends"]), (&json!("registry:base"), &json!("none")), "{path}");
            assert_eq!(item["config"], json!({ "registries": { "@registry": known } }));
            assert!(item["docs"].as_str().is_some_and(|docs| docs.contains("/settings/tokens")), "{item}");
        }
    }
    // Whether there is such an organisation is not told.
    let of = |organisation: &str| registry.get(&format!("/o/{organisation}/r/init.json")).expect(200).json();
    let url = |item: &Value| item["config"]["registries"]["@registry"]["url"].as_str().expect("an address").to_owned();
    assert_eq!(url(&of("org_local")), "https://registry.example/o/org_local/r/{name}.json");
    assert_eq!(url(&of("org_none")), "https://registry.example/o/org_none/r/{name}.json");
}
