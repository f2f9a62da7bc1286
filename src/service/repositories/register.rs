//! Registering a repository.

use super::{check_name, checked_interval, repository_key};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin},
    service::{
        DeployToken, RegistryService, ServiceError,
        heads::Heads,
        names,
        publish::{Decision, PublicationKind, in_sequence},
        sync::kind_text,
    },
};
use git::Address;
use instant::{InstantError, Transaction, rows};
use model::{
    DependencyPolicy, Namespace, RefName, RepositoryId,
    view::{RepositoryKind, RepositoryView},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// A repository to register.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRepository {
    /// An `https` or `http` address, or the path of a local repository.
    pub url: String,
    /// A name for people; taken from the address if not given.
    #[serde(default)]
    pub name: Option<String>,
    /// A prefix for its items' names.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub namespace: Option<Namespace>,
    /// Where its `registry.json` lies; looked for if not given.
    #[serde(default)]
    pub config_path: Option<String>,
    /// The branch to follow; the default branch if not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub branch: Option<RefName>,
    /// How own dependencies by bare name are served: `own-first`, `shadcn-first` or `as-written`. If not given,
    /// `own-first` for a components folder and `shadcn-first` for any other registry.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub dependencies: Option<DependencyPolicy>,
    /// Seconds between two looks at it for changes; 0 is never. The configured time if not given.
    #[serde(default)]
    pub poll_every: Option<u64>,
    /// A deploy token, if the repository is private: kept sealed, and sent to the host of its address alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<DeployToken>,
}

/// `https://example.com/acme/ui.git` → `ui`.
fn name_from(address: &str) -> String {
    let last = address.trim_end_matches('/').rsplit(['/', '\\']).find(|part| !part.is_empty() && *part != ".git");
    let last = last.unwrap_or(address);
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}

/// What a repository may be called that nobody named, the best first: after its
/// address; after that and its registry's path, where there are several of them;
/// after its owner, too, where others have one of the same name.
fn names_from(address: &str, config_path: Option<&str>) -> Vec<String> {
    let short = name_from(address);
    let path = config_path.map(|path| path.strip_suffix("/registry.json").unwrap_or(path));
    let before = address.trim_end_matches('/').trim_end_matches(".git").trim_end_matches('/').rsplit('/').nth(1);
    let long = before.filter(|part| !part.is_empty()).map(|owner| format!("{owner}/{short}"));
    let mut names = vec![short.clone()];
    names.extend(path.map(|path| format!("{short} {path}")));
    names.extend(long.clone());
    names.extend(long.zip(path).map(|(long, path)| format!("{long} {path}")));
    names.retain(|name| name.chars().count() <= super::MAX_NAME);
    if names.is_empty() {
        names.push(short.chars().take(super::MAX_NAME).collect());
    }
    names
}

impl RegistryService {
    /// Registers a repository. It is not fetched by this: ask for a sync.
    pub async fn register_repository(
        &self,
        access: &Access<Admin>,
        new: NewRepository,
    ) -> Result<RepositoryView, ServiceError> {
        let tenant = &self.tenant(access)?;
        let address = self.usable_address(&new.url).await?;
        let url = address.to_string();
        let config_path = new
            .config_path
            .as_deref()
            .map(|path| path.trim().trim_matches('/').to_owned())
            .filter(|path| !path.is_empty());
        if let Some(path) = &config_path
            && (path.contains('\0')
                || path.len() > 1_000
                || path.split('/').any(|segment| matches!(segment, "" | "." | "..")))
        {
            return Err(ServiceError::Invalid(format!(
                "The config path {path:?} is not a path inside the repository. Write it from the repository's root, such as apps/www/registry.json."
            )));
        }
        if let Some(path) = &config_path
            && let Some(other) = self.reader_of(access, &address, path).await?
        {
            return Err(ServiceError::Conflict(format!(
                "{path} of {url} is read already, by the repository with the id {other}. Change that one, or name another path."
            )));
        }
        let chosen = new.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let all = tenant.db.select::<rows::Repository>().pages().await?;
        let name = if let Some(name) = chosen {
            name.to_owned()
        } else {
            let taken = |name: &str| all.iter().any(|row| row.name == name);
            let names = names_from(&url, config_path.as_deref());
            names.iter().find(|name| !taken(name)).or(names.first()).cloned().unwrap_or_else(|| url.clone())
        };
        let key = repository_key(&address.key(), config_path.as_deref());
        check_name(tenant, &name, &key).await?;
        let poll_every = new.poll_every.map(checked_interval).transpose()?;
        let id = RepositoryId::of_key(&key);
        let sealed = match &new.credential {
            Some(token) => Some(self.sealed_token(tenant, id, &url, token).await?),
            None => None,
        };
        let mut transaction = Transaction::new();
        transaction
            .create::<rows::Repository>(id)
            .set(rows::Repository::KEY, key)
            .set(rows::Repository::URL, url.clone())
            .set(rows::Repository::NAME, name)
            .set(rows::Repository::KIND, kind_text(RepositoryKind::Git).to_owned())
            .set_opt(rows::Repository::NAMESPACE, new.namespace.as_ref().map(ToString::to_string))
            .set_opt(rows::Repository::CONFIG_PATH, config_path)
            .set_opt(rows::Repository::TRACKED_REF, new.branch.as_ref().map(ToString::to_string))
            .set_opt(rows::Repository::POLL_EVERY, poll_every)
            .set_opt(rows::Repository::CREDENTIAL, sealed)
            .set_opt(rows::Repository::DEPENDENCY_POLICY, new.dependencies.map(|policy| policy.to_string()));
        Event::of(access, Action::RepositoryRegister, id).with(json!({ "url": url })).note(&mut transaction);
        if new.credential.is_some() {
            Event::of(access, Action::CredentialSet, id).note(&mut transaction);
        }
        let registered = match &new.namespace {
            None => tenant.db.transact(transaction).await.map(drop).map_err(ServiceError::from),
            Some(namespace) => {
                let transaction = &transaction;
                let register = |heads: Arc<Heads>, _| -> Decision<'_> {
                    Box::pin(async move {
                        names::check_free_below(tenant, &heads, id, namespace).await?;
                        Ok(Some(transaction.clone()))
                    })
                };
                in_sequence(tenant, PublicationKind::Names, Some(access.actor()), register).await.map(drop)
            }
        };
        match registered {
            Ok(()) => {}
            Err(ServiceError::Store(InstantError::NotUnique { label, .. }))
                if label == rows::Repository::NAMESPACE.label() =>
            {
                return Err(names::namespace_taken(new.namespace.as_ref()));
            }
            Err(ServiceError::Store(InstantError::NotUnique { .. } | InstantError::Exists { .. })) => {
                return Err(ServiceError::Conflict(format!(
                    "{url} is registered already. Ask for a sync of it, or register another config path."
                )));
            }
            Err(error) => return Err(error),
        }
        tenant.polls.wake();
        self.repository(&access.clone().into(), id).await
    }

    /// An address that may be fetched from here; a local one has a repository.
    pub(super) async fn usable_address(&self, text: &str) -> Result<Address, ServiceError> {
        let address = self.checked_address(text)?;
        if let Address::Local(path) = &address {
            if !path.exists() {
                return Err(ServiceError::Invalid(format!(
                    "There is no folder {}. Give the path of a git repository, or an address that begins with https://.",
                    path.display()
                )));
            }
            let path = path.clone();
            // Only to say at once what is wrong with it.
            tokio::task::spawn_blocking(move || git::Repository::open_in_place(&path).map(drop)).await??;
        }
        Ok(address)
    }

    /// An address that may be fetched from here.
    pub(in crate::service) fn checked_address(&self, text: &str) -> Result<Address, ServiceError> {
        let address = Address::parse(text.trim(), self.config.local_paths.value)
            .map_err(|error| ServiceError::Invalid(error.to_string()))?;
        if let Address::Remote(remote) = &address {
            self.http.check(remote.url()).map_err(|error| ServiceError::Invalid(error.to_string()))?;
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::{name_from, names_from};

    #[test]
    fn a_repository_is_named_after_its_address() {
        assert_eq!(name_from("https://example.com/acme/ui.git"), "ui");
        assert_eq!(name_from("/srv/git/ui/.git"), "ui");
        assert_eq!(name_from("https://example.com/"), "example.com");
    }

    #[test]
    fn a_repository_that_nobody_named_is_told_apart_by_its_registry_and_its_owner() {
        assert_eq!(names_from("https://example.com/acme/ui.git", None), ["ui", "acme/ui"]);
        assert_eq!(
            names_from("/srv/acme/ui/.git", Some("apps/www/registry.json")),
            ["ui", "ui apps/www", "acme/ui", "acme/ui apps/www"]
        );
        let long = format!("https://example.com/{}", "x".repeat(300));
        assert_eq!(names_from(&long, None), ["x".repeat(100)]);
    }
}
