//! The real shadcn CLI, installing from a running server. Nothing but that
//! server is within its reach: the address of shadcn's own registry leads nowhere.

mod onboarding;
mod public;

use crate::support::{Host, Ran, Registry, is_about_local_mode, item, item_of, needing, write_registry};
use git::testing::TestRepository;
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// A project of the kind that the CLI installs into.
struct Project {
    folder: TempDir,
    cli: PathBuf,
}

impl Project {
    /// One that sends this token to the registry; none if `node` or the CLI are not installed.
    fn with_token(registry: &Registry, token: &str) -> Option<Self> {
        let project = Self::bare()?;
        let known = json!({
            "url": format!("{}/r/{{name}}.json", registry.url),
            "headers": { "Authorization": "Bearer ${REGISTRY_TOKEN}" },
        });
        project.knows(&known);
        project.write(".env.local", &format!("REGISTRY_TOKEN={token}\n"));
        Some(project)
    }

    /// One that asks the registry as anyone on this machine may; with Clerk, as a reader.
    fn without_token(registry: &Registry) -> Option<Self> {
        if let Some(reader) = registry.reader() {
            return Self::with_token(registry, reader);
        }
        let project = Self::bare()?;
        project.knows(&json!(format!("{}/r/{{name}}.json", registry.url)));
        Some(project)
    }

    /// One that knows no registry.
    fn bare() -> Option<Self> {
        let cli = Path::new(env!("CARGO_MANIFEST_DIR")).join("end2end/node_modules/shadcn/dist/index.js");
        let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
        if !cli.is_file() || node.is_err() {
            assert!(
                std::env::var_os("CI").is_none(),
                "node and end2end/node_modules are missing: run scripts/bootstrap"
            );
            println!("skipped: node or end2end/node_modules is missing; scripts/bootstrap installs them");
            return None;
        }
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder"), cli };
        let package = json!({
            "name": "project", "version": "0.0.0", "private": true, "type": "module",
            "dependencies": { "tailwindcss": "4.1.0" },
        });
        let typescript = json!({
            "compilerOptions": {
                "jsx": "react-jsx", "module": "ESNext", "moduleResolution": "Bundler", "target": "ES2022",
                "strict": true, "baseUrl": ".", "paths": { "@/*": ["./src/*"] },
            },
            "include": ["src"],
        });
        project.write("package.json", &package.to_string());
        project.write("package-lock.json", "{}");
        project.write("tsconfig.json", &typescript.to_string());
        project.write("src/index.css", "@import \"tailwindcss\";\n");
        project.write("src/lib/utils.ts", "export const cn = (...a: unknown[]) => a.filter(Boolean).join(\" \")\n");
        project.configure(&json!({}));
        Some(project)
    }

    /// Names a registry `@registry`.
    fn knows(&self, registry: &Value) {
        self.configure(&json!({ "@registry": registry }));
    }

    fn configure(&self, registries: &Value) {
        let components = json!({
            "$schema": "https://ui.shadcn.com/schema.json", "style": "new-york-v4", "rsc": false, "tsx": true,
            "tailwind": { "config": "", "css": "src/index.css", "baseColor": "", "cssVariables": true },
            "iconLibrary": "lucide",
            "aliases": {
                "components": "@/components", "ui": "@/components/ui", "lib": "@/lib",
                "hooks": "@/hooks", "utils": "@/lib/utils",
            },
            "registries": registries,
        });
        self.write("components.json", &components.to_string());
    }

    fn write(&self, path: &str, content: &str) {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, content).expect("a file");
    }

    /// What a file of the project holds.
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn has(&self, path: &str) -> bool {
        self.folder.path().join(path).exists()
    }

    /// Runs the CLI in the project.
    fn shadcn<const N: usize>(&self, arguments: [&str; N]) -> Ran {
        Ran::of(self.command(&arguments))
    }

    /// Installs an item.
    fn add(&self, address: &str) -> Ran {
        self.shadcn(["add", address, "--yes"])
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("node");
        command
            .arg(&self.cli)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("NO_COLOR", "1")
            .env("REGISTRY_URL", "http://127.0.0.1:9/r")
            .stdin(Stdio::null());
        command
    }

    /// Installs an item with an `npm` that only notes what it was asked for; returns the notes.
    fn add_with_noting_npm(&self, address: &str) -> String {
        self.write("tools/npm", "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$HOME/npm.log\"\n");
        let tools = self.folder.path().join("tools");
        fs::set_permissions(tools.join("npm"), fs::Permissions::from_mode(0o755)).expect("a program");
        let mut path = tools.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut command = self.command(&["add", address, "--yes"]);
        command.env("PATH", path);
        Ran::of(command).ok();
        self.read("npm.log")
    }
}

/// What a failed command told the person.
fn told(ran: &Ran) -> String {
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    format!("{}{}", ran.out, ran.err)
}

/// What a command printed after its greetings, as JSON.
fn printed(ran: Ran) -> Value {
    let out = ran.ok().out;
    let begin = out.find(['[', '{']).unwrap_or_else(|| panic!("no JSON: {out}"));
    serde_json::from_str(&out[begin..]).unwrap_or_else(|error| panic!("not JSON ({error}): {out}"))
}

/// A button, a card that needs it by its bare name, and a nested form field.
fn small_registry() -> (Registry, Host, TestRepository) {
    let host = Host::start();
    let mut field = item("forms/field");
    field["description"] = json!("Asks for one thing");
    let repository = host.repository("ui", &[item("acme-button"), needing("fancy-card", &["acme-button"]), field]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    (registry, host, repository)
}

/// Why nothing is installed by its address alone.
const BY_ADDRESS: &str = "with an address alone the CLI sends no token, and nobody installs without one";
const BUTTON: &str = "src/components/ui/acme-button.tsx";
const CARD: &str = "src/components/ui/fancy-card.tsx";

#[test]
fn a_project_with_a_token_installs_by_namespace() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::with_token(&registry, &registry.token("read")) else { return };
    project.add("@registry/acme-button").ok();
    assert_eq!(project.read(BUTTON), "export const made = \"first acme-button\"\n");
}

#[test]
fn a_project_on_this_machine_installs_by_namespace_without_a_token() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::without_token(&registry) else { return };
    project.add("@registry/acme-button").ok();
    assert_eq!(project.read(BUTTON), "export const made = \"first acme-button\"\n");
}

#[test]
fn a_project_that_knows_no_registry_installs_by_url() {
    if is_about_local_mode(BY_ADDRESS) {
        return;
    }
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::bare() else { return };
    project.add(&format!("{}/r/acme-button.json", registry.url)).ok();
    assert!(project.has(BUTTON));
}

#[test]
fn an_own_dependency_written_as_a_bare_name_is_installed_along_with_its_token() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::with_token(&registry, &registry.token("read")) else { return };
    project.add("@registry/fancy-card").ok();
    assert!(project.has(CARD) && project.has(BUTTON));
}

#[test]
fn an_own_dependency_of_an_item_given_by_url_comes_from_the_namespace() {
    if is_about_local_mode(BY_ADDRESS) {
        return;
    }
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::without_token(&registry) else { return };
    project.add(&format!("{}/r/fancy-card.json", registry.url)).ok();
    assert!(project.has(CARD) && project.has(BUTTON));
}

#[test]
fn an_item_with_a_nested_name_is_installed_into_its_folder() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::without_token(&registry) else { return };
    project.add("@registry/forms/field").ok();
    assert!(project.has("src/components/ui/forms/field.tsx"));
}

#[test]
fn a_pinned_version_installs_its_own_content_and_its_dependencies_of_the_same_state() {
    let (registry, _host, repository) = small_registry();
    repository.tag("v1.0.0");
    repository.write("ui/acme-button.tsx", "export const made = \"later\"\n").write("ui/fancy-card.tsx", "// later\n");
    repository.commit("Change both");
    registry.sync("ui");
    let Some(project) = Project::with_token(&registry, &registry.token("read")) else { return };
    project.add("@registry/fancy-card@v1.0.0").ok();
    assert_eq!(project.read(CARD), "export const made = \"first fancy-card\"\n");
    assert_eq!(project.read(BUTTON), "export const made = \"first acme-button\"\n");
    project.shadcn(["add", "@registry/acme-button", "--yes", "--overwrite"]).ok();
    assert_eq!(project.read(BUTTON), "export const made = \"later\"\n");
}

#[test]
fn npm_dependencies_are_asked_of_npm_which_is_a_stub_here_with_their_versions() {
    let (registry, _host, repository) = small_registry();
    let mut chart = item("acme-chart");
    chart["dependencies"] = json!(["left-of-center@^1.2"]);
    chart["devDependencies"] = json!(["right-of-center"]);
    write_registry(&repository, &[chart]);
    repository.commit("A chart");
    registry.sync("ui");
    let Some(project) = Project::without_token(&registry) else { return };
    let notes = project.add_with_noting_npm("@registry/acme-chart");
    let wanted = |package: &str| {
        let line = notes.lines().find(|line| line.starts_with("install") && line.contains(package));
        line.unwrap_or_else(|| panic!("{package} was not asked for: {notes}")).to_owned()
    };
    assert!(wanted("left-of-center@^1.2").contains("left-of-center@^1.2"));
    assert!(wanted("right-of-center").contains("-D"), "{notes}");
    assert!(project.has("src/components/ui/acme-chart.tsx"));
}

#[test]
fn view_shows_an_item_with_its_contents() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::with_token(&registry, &registry.token("read")) else { return };
    let shown = printed(project.shadcn(["view", "@registry/fancy-card"]));
    assert_eq!(shown[0]["name"], "fancy-card");
    assert_eq!(shown[0]["registryDependencies"], json!(["@registry/acme-button"]));
    assert_eq!(shown[0]["files"][0]["content"], "export const made = \"first fancy-card\"\n");
}

#[test]
fn search_finds_by_description_and_list_shows_everything() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::with_token(&registry, &registry.token("read")) else { return };
    let names = |listing: &Value| {
        let items = listing["items"].as_array().unwrap_or_else(|| panic!("{listing}")).iter();
        items.map(|item| item["addCommandArgument"].as_str().expect("an address").to_owned()).collect::<Vec<_>>()
    };
    let found = printed(project.shadcn(["search", "@registry", "--query", "asks", "--json"]));
    assert_eq!(names(&found), ["@registry/forms/field"]);
    let mut all = names(&printed(project.shadcn(["list", "@registry", "--json"])));
    all.sort_unstable();
    assert_eq!(all, ["@registry/acme-button", "@registry/fancy-card", "@registry/forms/field"]);
    let page = printed(project.shadcn(["list", "@registry", "--limit", "2", "--json"]));
    assert_eq!((names(&page).len(), &page["pagination"]["total"]), (2, &json!(3)));
}

#[test]
fn a_bad_token_is_told_how_to_get_a_good_one() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::with_token(&registry, "ekr_mistyped") else { return };
    for arguments in [["add", "@registry/acme-button"], ["view", "@registry/acme-button"], ["search", "@registry"]] {
        let message = told(&project.shadcn(arguments));
        assert!(message.contains("[invalid_token] This token is not valid"), "{message}");
        assert!(message.contains("ekairos-registry token create"), "{message}");
    }
    assert!(!project.has(BUTTON));
}

#[test]
fn a_misspelt_name_is_told_the_one_that_was_meant() {
    let (registry, _host, _) = small_registry();
    let Some(project) = Project::without_token(&registry) else { return };
    let message = told(&project.add("@registry/acme-buton"));
    assert!(message.contains("[not_found]"), "{message}");
    assert!(message.contains("Did you mean @registry/acme-button?"), "{message}");
}

#[test]
fn a_removed_item_is_told_to_be_gone_and_its_last_commit_installs_it_still() {
    let (registry, _host, repository) = small_registry();
    let before = repository.head();
    write_registry(&repository, &[item("forms/field")]);
    repository.commit("Only the field stays");
    registry.sync("ui");
    let Some(project) = Project::without_token(&registry) else { return };
    let message = told(&project.add("@registry/acme-button"));
    assert!(message.contains("[removed]") && message.contains("was removed from this registry"), "{message}");
    assert!(!project.has(BUTTON));
    project.add(&format!("@registry/acme-button@sha-{before}")).ok();
    assert!(project.has(BUTTON));
}

#[test]
fn an_item_asked_for_by_its_former_name_is_installed_under_its_new_one() {
    let (registry, _host, repository) = small_registry();
    write_registry(&repository, &[item_of("acme-press", "ui/acme-button.tsx"), item("forms/field")]);
    repository.commit("Call it press");
    registry.sync("ui");
    let Some(project) = Project::with_token(&registry, &registry.token("read")) else { return };
    project.add("@registry/acme-button").ok();
    assert_eq!(project.read(BUTTON), "export const made = \"first acme-button\"\n");
    registry.cli(["repo", "change", "ui", "--namespace", "team"]).ok();
    fs::remove_file(project.folder.path().join(BUTTON)).expect("removable");
    project.add("@registry/acme-press").ok();
    assert!(project.has(BUTTON));
    let shown = printed(project.shadcn(["view", "@registry/acme-button"]));
    assert_eq!(shown[0]["name"], "team/acme-press");
    if is_about_local_mode(BY_ADDRESS) {
        return;
    }
    let bare = Project::bare().expect("installed, as above");
    bare.add(&format!("{}/r/acme-press.json", registry.url)).ok();
    assert!(bare.has(BUTTON));
}

#[test]
fn a_removed_item_is_told_with_what_to_use_instead() {
    let (registry, _host, repository) = small_registry();
    write_registry(&repository, &[item("forms/field")]);
    repository.commit("Only the field stays");
    registry.sync("ui");
    registry.cli(["name", "replace", "acme-button", "--by", "forms/field"]).ok();
    let Some(project) = Project::without_token(&registry) else { return };
    let message = told(&project.add("@registry/acme-button"));
    assert!(message.contains("[removed]") && message.contains("Use @registry/forms/field instead."), "{message}");
    registry.cli(["name", "release", "acme-button"]).ok();
    let message = told(&project.add("@registry/acme-button"));
    assert!(message.contains("[not_found]"), "{message}");
}

#[test]
fn an_item_of_a_components_folder_is_installed_with_what_it_imports_and_its_imports_lead_there() {
    let host = Host::start();
    let repository = host.empty_repository("web");
    repository
        .write("package.json", json!({ "name": "web", "workspaces": ["packages/*"] }).to_string())
        .write(
            "packages/kit/package.json",
            json!({ "name": "@acme/kit", "exports": { "./*": "./src/*.tsx" } }).to_string(),
        )
        .write(
            "packages/kit/src/price-tag.tsx",
            "import { round } from \"./helpers/round\"\nexport const PriceTag = () => <b>{round(1)}</b>\n",
        )
        .write("packages/kit/src/helpers/round.ts", "export const round = Math.round\n")
        .write(
            "packages/shop/package.json",
            json!({ "name": "@acme/shop", "dependencies": { "@acme/kit": "workspace:*" } }).to_string(),
        )
        .write(
            "packages/shop/src/components/checkout-form.tsx",
            "import { PriceTag } from \"@acme/kit/price-tag\"\nexport const CheckoutForm = () => <PriceTag />\n",
        )
        .commit("Begin");
    let registry = Registry::start();
    let id = registry
        .cli(["repo", "add", &host.url("web"), "--config-path", "packages/shop/src/components", "--json"])
        .ok()
        .json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    registry.sync(&id);
    let Some(project) = Project::without_token(&registry) else { return };
    project.add("@registry/checkout-form").ok();
    let tag = imported(&project, "src/components/checkout-form.tsx");
    assert!(project.read(&tag).contains("PriceTag"), "{tag}");
    let round = imported(&project, &tag);
    assert!(project.read(&round).contains("Math.round"), "{round}");
}

/// The file that a file's first import leads to, which must be there.
fn imported(project: &Project, file: &str) -> String {
    let text = project.read(file);
    let specifier = text.split('"').nth(1).unwrap_or_else(|| panic!("no import: {text}"));
    let target = match specifier.strip_prefix("@/") {
        Some(below) => PathBuf::from("src").join(below),
        None => Path::new(file).parent().expect("a folder").join(specifier),
    };
    let mut folders: Vec<&std::ffi::OsStr> = Vec::new();
    for part in target.components() {
        match part {
            std::path::Component::ParentDir => drop(folders.pop()),
            std::path::Component::Normal(name) => folders.push(name),
            _ => {}
        }
    }
    let target: PathBuf = folders.iter().collect();
    let found = ["ts", "tsx"].map(|extension| format!("{}.{extension}", target.display()));
    found.into_iter().find(|file| project.has(file)).unwrap_or_else(|| panic!("{specifier} leads nowhere from {file}"))
}
