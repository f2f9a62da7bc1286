//! Mirrors against a real git host on loopback, and repositories in place.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod history;
mod hostile;
mod local;
mod mirror;
mod renames;

use git::{
    Address, Fetch, GitError, Refs, RemoteUrl, Repository,
    testing::{GitServer, TestRepository},
};
use model::RefName;
use tempfile::TempDir;

/// A host with one repository `ui`, and a folder for its mirror.
struct Host {
    folder: TempDir,
    ui: TestRepository,
    server: GitServer,
    client: net::TenantClient,
    runtime: tokio::runtime::Runtime,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("served");
        let ui = TestRepository::new(&root.join("ui"));
        let server = GitServer::start(&root);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = server.client();
        Self { folder, ui, server, client, runtime }
    }

    /// A host whose repository has one commit.
    fn with_commit() -> Self {
        let host = Self::new();
        host.ui.write("a.txt", "one").commit("Begin");
        host
    }

    fn mirror(&self) -> Repository {
        self.mirror_of("ui")
    }

    /// One of several mirrors of the same repository.
    fn mirror_at(&self, number: usize) -> Repository {
        let dir = self.folder.path().join("mirrors").join(number.to_string());
        Repository::open_mirror(&dir, &remote(&self.server.url("ui"))).unwrap()
    }

    fn mirror_of(&self, name: &str) -> Repository {
        let dir = self.folder.path().join("mirrors").join(name);
        Repository::open_mirror(&dir, &remote(&self.server.url(name))).unwrap()
    }

    fn refresh(&self, repository: &mut Repository) -> Result<Refs, GitError> {
        self.refresh_with(repository, |_| {})
    }

    fn refresh_with<'f>(
        &'f self,
        repository: &mut Repository,
        change: impl FnOnce(&mut Fetch<'f>),
    ) -> Result<Refs, GitError> {
        let mut fetch = Fetch::new(&self.client);
        change(&mut fetch);
        let _entered = self.runtime.enter();
        repository.refresh(&fetch)
    }

    /// The state of the refs, without a mirror.
    fn look(&self) -> model::Digest {
        let _entered = self.runtime.enter();
        git::look(&Address::Remote(remote(&self.server.url("ui"))), &Fetch::new(&self.client)).unwrap()
    }

    /// The requests since the last call, as `GET info/refs`.
    fn requests(&self) -> Vec<String> {
        let requests = self.server.take_requests();
        requests
            .iter()
            .map(|request| format!("{} {}", request.method, request.path.trim_start_matches("/ui/")))
            .collect()
    }
}

fn remote(url: &str) -> RemoteUrl {
    match Address::parse(url, false).unwrap() {
        Address::Remote(url) => url,
        Address::Local(_) => unreachable!("local paths are off"),
    }
}

fn name(text: &str) -> RefName {
    text.parse().unwrap()
}
