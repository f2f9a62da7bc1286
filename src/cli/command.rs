//! Commands that change data: the same whether they run here or in a server.

use super::{Credentials, Operator, backup, schema};
use crate::{
    auth::Scope,
    service::{
        Action, DeployToken, Discover, Discovery, NewAlias, NewRepository, NewToken, RemovedQuery, RepositoryChange,
        Rotation, ServiceError, SettingsChange,
    },
};
use ::instant::BackupSummary;
use ::moving::schema::{Access, SchemaPlan};
use model::{
    ItemName, Trigger,
    view::{
        AliasView, HookView, MadeToken, PublicationView, ReleasedView, RemovedView, RepositoryView, SettingsView,
        SyncView, TokenView,
    },
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// `repo credential`
    RepoCredential {
        /// Name, address or id.
        repository: String,
        /// The token; none takes it away.
        token: Option<DeployToken>,
    },
    /// `repo change`
    RepoChange {
        /// Name, address or id.
        repository: String,
        /// What to change.
        change: RepositoryChange,
    },
    /// `alias add`
    AliasAdd(NewAlias),
    /// `alias list`
    AliasList,
    /// `alias remove`
    AliasRemove {
        /// The alias.
        name: ItemName,
    },
    /// `name list`
    NameList,
    /// `name release`
    NameRelease {
        /// The name of a removed component.
        name: ItemName,
    },
    /// `name replace`
    NameReplace {
        /// The name of a removed component.
        name: ItemName,
        /// What to use instead.
        by: Option<ItemName>,
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
        /// Seconds until it expires.
        expires_in: Option<u64>,
    },
    /// `token list`
    TokenList,
    /// `token rotate`
    TokenRotate {
        /// Id or name.
        token: String,
        /// How.
        rotation: Rotation,
    },
    /// `token revoke`
    TokenRevoke {
        /// Id or name.
        token: String,
    },
    /// `settings`
    Settings(SettingsChange),
    /// `login-link`
    LoginLink,
    /// `instant credentials`
    InstantCredentials,
    /// `schema plan`
    SchemaPlan(Access),
    /// `schema push`
    SchemaPush {
        /// Whose rules are written.
        access: Access,
        /// The plan that someone agreed to.
        seen: Option<Box<SchemaPlan>>,
    },
    /// `backup`
    Backup {
        /// The file, by an absolute path.
        path: PathBuf,
        /// Whether a file that is there is replaced.
        replace: bool,
    },
    /// `restore`
    Restore {
        /// The file, by an absolute path.
        path: PathBuf,
        /// Whether the data that is there is given up.
        replace: bool,
    },
}

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// The repository that was registered.
    Repository(Box<RepositoryView>),
    /// The registries of a repository.
    Discovery(Box<Discovery>),
    /// The repository that was changed.
    Changed(Box<RepositoryView>),
    /// The alias that was made.
    Alias(AliasView),
    /// All aliases.
    Aliases(Vec<AliasView>),
    /// An alias is no more.
    AliasRemoved(ItemName),
    /// All removed components whose names are held.
    RemovedComponents(Vec<RemovedView>),
    /// A removed component and its replacement.
    Replaced(Box<RemovedView>),
    /// A name that was released.
    Released(ReleasedView),
    /// All repositories.
    Repositories(Vec<RepositoryView>),
    /// Whether a repository has a deploy token now.
    Credential {
        /// Whether it has one.
        set: bool,
    },
    /// A repository's webhook.
    Hook(Box<HookView>),
    /// The sync, done or under way.
    Sync(Box<SyncView>),
    /// The publication that a rollback made.
    Publication(PublicationView),
    /// A new token, with its text.
    Token(Box<MadeToken>),
    /// All tokens.
    Tokens(Vec<TokenView>),
    /// A token that was revoked.
    TokenRevoked(Box<TokenView>),
    /// The organisation's settings as they are now.
    Settings(Box<SettingsView>),
    /// A sign-in link.
    Link(String),
    /// What InstantDB's SDKs take.
    Credentials(Credentials),
    /// What a push would change.
    SchemaPlan(Box<SchemaPlan>),
    /// What a push changed.
    SchemaPushed(Box<SchemaPlan>),
    /// What is in the backup that was written.
    BackedUp(BackupSummary),
    /// What is in the backup that was restored.
    Restored(BackupSummary),
}

/// What is told while a command is carried out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// A sync went on.
    Sync(Box<SyncView>),
    /// Another piece of work went on.
    Step {
        /// What it is at.
        label: String,
        /// How many are done.
        done: u64,
        /// Of how many.
        total: u64,
    },
}

/// Told while a command is carried out.
pub(super) type Watch<'a> = dyn FnMut(&Told) + Send + 'a;

/// How many rows a list asks for at once.
const PAGE: usize = 200;

/// Carries out a command. `watch` is told of its steps while they are waited for.
pub(super) async fn execute(
    operator: &Operator,
    command: Command,
    watch: &mut Watch<'_>,
) -> Result<Reply, ServiceError> {
    let (service, access) = (&operator.service, &operator.access);
    Ok(match command {
        Command::RepoAdd(new) => Reply::Repository(Box::new(service.register_repository(access, new).await?)),
        Command::RepoDiscover(wanted) => Reply::Discovery(Box::new(service.discover(access, wanted).await?)),
        Command::RepoChange { repository, change } => {
            let id = service.find_repository(&access.clone().into(), &repository).await?;
            Reply::Changed(Box::new(service.change_repository(access, id, change).await?))
        }
        Command::AliasAdd(new) => Reply::Alias(service.add_alias(access, new).await?),
        Command::AliasList => {
            let mut all = Vec::new();
            loop {
                let page = service.aliases(&access.clone().into(), all.len(), PAGE).await?;
                let last = page.rows.is_empty();
                all.extend(page.rows);
                if last || all.len() >= page.total {
                    break Reply::Aliases(all);
                }
            }
        }
        Command::AliasRemove { name } => {
            service.remove_alias(access, &name).await?;
            Reply::AliasRemoved(name)
        }
        Command::NameList => {
            let mut all = Vec::new();
            loop {
                let query = RemovedQuery { offset: all.len(), limit: Some(PAGE), repository: None };
                let page = service.removed_components(&access.clone().into(), &query).await?;
                let last = page.rows.is_empty();
                all.extend(page.rows);
                if last || all.len() >= page.total {
                    break Reply::RemovedComponents(all);
                }
            }
        }
        Command::NameRelease { name } => Reply::Released(service.release_name(access, &name).await?.view),
        Command::NameReplace { name, by } => {
            Reply::Replaced(Box::new(service.replace_component(access, &name, by.as_ref()).await?))
        }
        Command::RepoList => Reply::Repositories(service.repositories(&access.clone().into()).await?),
        Command::RepoCredential { repository, token } => {
            let id = service.find_repository(&access.clone().into(), &repository).await?;
            let set = token.is_some();
            service.set_credential(access, id, token).await?;
            Reply::Credential { set }
        }
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
                view = service
                    .wait_for_sync(&access.clone().into(), id, |view| watch(&Told::Sync(Box::new(view.clone()))))
                    .await?;
            }
            Reply::Sync(Box::new(view))
        }
        Command::Rollback { repository, snapshot } => {
            let id = service.find_repository(&access.clone().into(), &repository).await?;
            let snapshot = service.find_snapshot_by_text(&access.clone().into(), id, &snapshot).await?;
            Reply::Publication(service.rollback(access, id, snapshot).await?)
        }
        Command::TokenCreate { scope, name, expires_in } => {
            Reply::Token(Box::new(service.create_token(access, NewToken { scope, name, expires_in }).await?))
        }
        Command::TokenList => Reply::Tokens(service.tokens(access).await?),
        Command::TokenRotate { token, rotation } => {
            let id = service.find_token(access, &token).await?;
            Reply::Token(Box::new(service.rotate_token(access, id, rotation).await?))
        }
        Command::TokenRevoke { token } => {
            let id = service.find_token(access, &token).await?;
            Reply::TokenRevoked(Box::new(service.revoke_token(access, id).await?))
        }
        Command::Settings(change) => Reply::Settings(Box::new(service.change_settings(access, change).await?)),
        Command::LoginLink => Reply::Link(login_link(operator).await?),
        Command::InstantCredentials => Reply::Credentials(Credentials::of(operator.embedded()?)),
        Command::SchemaPlan(access) => schema::plan(&*operator.store()?, access).await?,
        Command::SchemaPush { access, seen } => schema::push(&*operator.store()?, access, seen.as_deref()).await?,
        Command::Restore { path, replace } => backup::restore_beneath(operator, path, replace, watch).await?,
        Command::Backup { path, replace } => backup::write(operator.embedded()?, path, replace, watch).await?,
    })
}

/// A new link to sign in by, where that is how people sign in.
async fn login_link(operator: &Operator) -> Result<String, ServiceError> {
    if operator.sign_in.is_some() {
        return Err(ServiceError::Invalid(
            "People sign in to this registry through Clerk, so there are no links to sign in by.".to_owned(),
        ));
    }
    let token = operator.links.issue().await.map_err(|error| ServiceError::Internal(error.to_string()))?;
    let (service, access) = (&operator.service, &operator.access);
    service.record(access, Action::LinkMake, access.actor()).await;
    Ok(format!("{}/login?t={}", service.origin(), token.expose()))
}
