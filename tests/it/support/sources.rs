//! Repositories to read from.

use git::testing::{GitServer, Request, TestRepository};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A git host on loopback with repositories on it.
#[derive(Debug)]
pub(crate) struct Host {
    folder: TempDir,
    pub(crate) server: GitServer,
}

impl Host {
    /// A host with no repositories.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = GitServer::start(folder.path());
        Self { folder, server }
    }

    /// A new repository without commits.
    pub(crate) fn empty_repository(&self, name: &str) -> TestRepository {
        TestRepository::new(&self.folder.path().join(name))
    }

    /// A new repository whose registry has these items.
    pub(crate) fn repository(&self, name: &str, items: &[Value]) -> TestRepository {
        let repository = self.empty_repository(name);
        write_registry(&repository, items);
        repository.commit("Begin");
        repository
    }

    /// How many times objects were fetched since the last call, and how many
    /// times refs were asked for.
    pub(crate) fn fetches_and_looks(&self) -> (usize, usize) {
        let requests = self.server.take_requests();
        let looks = requests.iter().filter(|request| says(request, "command=ls-refs")).count();
        (requests.iter().filter(|request| is_fetch(request)).count(), looks)
    }

    /// The address of a repository.
    pub(crate) fn url(&self, name: &str) -> String {
        self.server.url(name)
    }
}

/// Whether a request asks for objects.
pub(crate) fn is_fetch(request: &Request) -> bool {
    says(request, "want ")
}

fn says(request: &Request, text: &str) -> bool {
    request.method == "POST" && request.body.windows(text.len()).any(|part| part == text.as_bytes())
}

/// A folder for repositories that are read by path.
pub(crate) fn sources_on_disk() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// An item with one file of its own.
pub(crate) fn item(name: &str) -> Value {
    item_of(name, &format!("ui/{name}.tsx"))
}

/// An item whose one file lies at this path.
pub(crate) fn item_of(name: &str, path: &str) -> Value {
    json!({ "name": name, "type": "registry:ui", "files": [{ "path": path, "type": "registry:ui" }] })
}

/// An item that needs others.
pub(crate) fn needing(name: &str, others: &[&str]) -> Value {
    let mut item = item(name);
    item["registryDependencies"] = json!(others);
    item
}

/// A registry of these items.
pub(crate) fn registry_of(items: &[Value]) -> Value {
    json!({ "name": "acme", "homepage": "https://acme.example", "items": items })
}

/// Writes `registry.json`, and each file that it names and is not there yet.
pub(crate) fn write_registry(repository: &TestRepository, items: &[Value]) {
    repository.write("registry.json", registry_of(items).to_string());
    for item in items {
        for file in item["files"].as_array().into_iter().flatten() {
            let path = file["path"].as_str().expect("a path");
            if !repository.folder().join(path).exists() {
                repository
                    .write(path, format!("export const made = \"first {}\"\n", item["name"].as_str().expect("a name")));
            }
        }
    }
}
