//! Commands that change data: the same whether they run here or in a server.

use crate::{
    auth::{Access, Admin, LoginLinks, Scope},
    service::{Discover, Discovery, NewRepository, NewToken, RegistryService, ServiceError},
};
use model::{
    Trigger,
    view::{HookView, PublicationView, RepositoryView, SyncView},
};
use serde::{Deserialize, Serialize};

/// A command, as it goes over the control socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// `repo add`
    RepoAdd(NewRepository),
    /// `repo discover`
    RepoDiscover(Discover),
    /// `repo list`
    RepoList,
    /// `repo hook`
    RepoHook {
        /// Name, address or id.
        repository: String,
        /// Whether to make a new secret.
        rotate: bool,
    },
    /// `sync`
    Sync {
        /// Name, address or id.
        repository: String,
        /// Whether to wait for the result.
        wait: bool,
    },
    /// `rollback`
    Rollback {
        /// Name, address or id.
        repository: String,
        /// Id or commit.
        snapshot: String,
    },
    /// `token create`
    TokenCreate {
        /// What it may do.
        scope: Scope,
        /// A name for people.
        name: String,
    },
    /// `login-link`
    LoginLink,
}

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// The repository that was registered.
    Repository(Box<RepositoryView>),
    /// The registries of a repository.
    Discovery(Box<Discovery>),
    /// All repositories.
    Repositories(Vec<RepositoryView>),
    /// A repository's webhook.
    Hook(Box<HookView>),
    /// The sync, done or under way.
    Sync(Box<SyncView>),
    /// The publication that a rollback made.
    Publication(PublicationView),
    /// A new token's text.
    Token(String),
    /// A sign-in link.
    Link(String),
}

/// Carries out a command. `watch` is told of a sync's steps while it is waited for.
pub(super) async fn execute(
    service: &RegistryService,
    links: &LoginLinks,
    access: &Access<Admin>,
    command: Command,
    watch: &mut (dyn FnMut(&SyncView) + Send),
) -> Result<Reply, ServiceError> {
    Ok(match command {
        Command::RepoAdd(new) => Reply::Repository(Box::new(service.register_repository(access, new).await?)),
        Command::RepoDiscover(wanted) => Reply::Discovery(Box::new(service.discover(access, wanted).await?)),
        Command::RepoList => Reply::Repositories(service.repositories(&access.clone().into()).await?),
        Command::RepoHook { repository, rotate } => {
            let id = service.find_repository(&access.clone().into(), &repository).await?;
            let hook = if rotate { None } else { service.hook(access, id).await? };
            Reply::Hook(Box::new(match hook {
                Some(hook) => hook,
                None => service.make_hook(access, id).await?,
            }))
        }
        Command::Sync { repository, wait } => {
            let id = service.find_repository(&access.clone().into(), &repository).await?;
            let mut view = service.sync_from_git(&access.clone().into(), id, Trigger::Person).await?;
            if wait {
                view = service.wait_for_sync(&access.clone().into(), id, |view| watch(view)).await?;
            }
            Reply::Sync(Box::new(view))
        }
        Command::Rollback { repository, snapshot } => {
            let id = service.find_repository(&access.clone().into(), &repository).await?;
            let snapshot = service.find_snapshot_by_text(&access.clone().into(), id, &snapshot).await?;
            Reply::Publication(service.rollback(access, id, snapshot).await?)
        }
        Command::TokenCreate { scope, name } => {
            Reply::Token(service.create_token(access, NewToken { scope, name }).await?.expose().to_owned())
        }
        Command::LoginLink => {
            let token = links.issue().await.map_err(|error| ServiceError::Internal(error.to_string()))?;
            Reply::Link(format!("{}/login?t={}", service.origin(), token.expose()))
        }
    })
}
