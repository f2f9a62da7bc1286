//! What one repository is fetched with: a deploy token, sealed in its row, or
//! what the organisation or the operator has for its host.
//!
//! It goes to the host of the repository's own address and nowhere else; never
//! into an address, an argument, a log or an answer.

use super::{
    RegistryService, ServiceError,
    audit::{Action, Event},
    sync::kind_text,
};
use crate::{
    auth::{Access, Admin},
    seal::{Place, SealError},
    tenants::Tenant,
};
use ::github::Token;
use git::Credentials;
use instant::{Transaction, rows};
use model::{RepositoryId, view::RepositoryKind};
use net::Secret;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, sync::Arc};
use url::Url;

/// Longest user name and token, in bytes.
const LONGEST: usize = 4096;
/// The user name where none is given. Hosts that take a token take any.
const ANYONE: &str = "x-access-token";

/// A deploy token, or a user name and a password.
#[derive(Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeployToken {
    /// The user name; many hosts take any with a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The token or password.
    pub token: String,
}

impl<'de> Deserialize<'de> for DeployToken {
    /// Refuses in words that hold nothing of what was sent.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Sent {
            #[serde(default)]
            username: Option<String>,
            token: String,
        }
        let value = serde_json::Value::deserialize(deserializer)?;
        match serde_json::from_value(value) {
            Ok(Sent { username, token }) => Ok(Self { username, token }),
            Err(_) => {
                Err(D::Error::custom("a deploy token is an object with `token`, and perhaps `username`, both texts"))
            }
        }
    }
}

impl fmt::Debug for DeployToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeployToken(hidden)")
    }
}

impl From<DeployToken> for Credentials {
    fn from(token: DeployToken) -> Self {
        let username = token.username.unwrap_or_else(|| ANYONE.to_owned());
        Self { username, password: Secret::new(token.token) }
    }
}

/// Whose credentials a repository is fetched with.
pub(super) enum SignIn {
    /// Its own, or those of another repository of the same address.
    Own(Credentials),
    /// Those that the organisation has for GitHub.
    Github(Token),
    /// Those that the operator has for the host.
    Operator(Credentials),
    /// Nobody's.
    Nobody,
}

impl DeployToken {
    fn check(&self) -> Result<(), ServiceError> {
        let well_formed = |text: &str| text.len() <= LONGEST && !text.chars().any(char::is_control);
        let username = self.username.as_deref().unwrap_or_default();
        if self.token.is_empty() || !well_formed(&self.token) || !well_formed(username) || username.contains(':') {
            return Err(ServiceError::Invalid(
                "The token is empty, or holds control characters; or the user name holds a colon. Copy both again from the git host.".to_owned(),
            ));
        }
        Ok(())
    }
}

fn place(row: &str) -> Place<'_> {
    Place { purpose: "credential", row }
}

/// The scheme, host and port of an address: where its credential may go.
pub(super) fn origin_of(url: &str) -> Option<url::Origin> {
    Url::parse(url).ok().map(|url| url.origin())
}

impl RegistryService {
    /// Gives a repository its own deploy token, or takes it away. It is tried
    /// with the next sync.
    pub async fn set_credential(
        &self,
        access: &Access<Admin>,
        id: RepositoryId,
        token: Option<DeployToken>,
    ) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        let row = self.repository_row(tenant, id).await?;
        let mut transaction = Transaction::new();
        let action = if let Some(token) = token {
            if row.kind == kind_text(RepositoryKind::Manual) {
                return Err(ServiceError::Invalid(
                    "What is made by hand is fetched from nowhere, so it needs no token.".to_owned(),
                ));
            }
            let sealed = self.sealed_token(tenant, id, &row.url, &token).await?;
            transaction.update_existing::<rows::Repository>(id).set(rows::Repository::CREDENTIAL, sealed);
            Action::CredentialSet
        } else {
            transaction.update_existing::<rows::Repository>(id).clear(rows::Repository::CREDENTIAL);
            Action::CredentialRemove
        };
        Event::of(access, action, id).note(&mut transaction);
        tenant.db.transact(transaction).await?;
        Ok(())
    }

    /// Whether a repository has a deploy token of its own.
    pub async fn has_credential(&self, access: &Access<Admin>, id: RepositoryId) -> Result<bool, ServiceError> {
        let tenant = &self.tenant(access)?;
        Ok(self.repository_row(tenant, id).await?.credential.is_some())
    }

    /// A token as it stands in the row of a repository at this address.
    pub(super) async fn sealed_token(
        &self,
        tenant: &Tenant,
        id: RepositoryId,
        url: &str,
        token: &DeployToken,
    ) -> Result<String, ServiceError> {
        self.check_token(url, token)?;
        let text = serde_json::to_string(token).expect("texts serialise");
        Ok(self.with_sealing_key(tenant, id, move |key, row| Ok(key.seal(place(row), &text))).await??)
    }

    /// Refuses what is no token, and one for an address where it could not be
    /// used, or would be sent to in the clear.
    pub(super) fn check_token(&self, url: &str, token: &DeployToken) -> Result<(), ServiceError> {
        token.check()?;
        let refused = |message: &str| Err(ServiceError::Invalid(message.to_owned()));
        match Url::parse(url) {
            Ok(url) if url.scheme() == "https" => Ok(()),
            Ok(url) if url.host_str().is_some_and(|host| self.config.allow_hosts.names(host)) => Ok(()),
            Ok(url) if url.scheme() == "http" => refused(
                "The repository is fetched over http, where anyone on the way could read the token. Change its address to https first.",
            ),
            _ => refused("The repository is on this machine's disk, so it needs no token."),
        }
    }

    /// What to sign in with at a repository's address: a token of its own, or of
    /// another repository of the same address; else what the organisation has
    /// for GitHub; else what the configuration has.
    pub(super) async fn sign_in_at(&self, tenant: &Arc<Tenant>, url: &str) -> Result<SignIn, ServiceError> {
        let at_address = rows::Repository::URL.eq(url.to_owned());
        let rows = tenant.db.select::<rows::Repository>().filter(at_address).all().await?;
        let sealed = rows.into_iter().find_map(|row| Some((row.id, row.credential?)));
        if let Some((id, sealed)) = sealed {
            return self.opened_token(tenant, id, sealed).await.map(SignIn::Own);
        }
        if Url::parse(url).is_ok_and(|url| self.github_site().has(&url))
            && let Some(token) = self.github_token(tenant).await?
        {
            return Ok(SignIn::Github(token));
        }
        let of_operator = self.config.git_credentials.at(url, &self.config.allow_hosts).cloned();
        Ok(of_operator.map_or(SignIn::Nobody, SignIn::Operator))
    }

    async fn opened_token(
        &self,
        tenant: &Tenant,
        id: RepositoryId,
        sealed: String,
    ) -> Result<Credentials, ServiceError> {
        match self.with_sealing_key(tenant, id, move |key, row| key.open(place(row), &sealed)).await? {
            Ok(text) => {
                let token: DeployToken = serde_json::from_str(text.expose())
                    .map_err(|_| ServiceError::Internal("a deploy token cannot be read".to_owned()))?;
                Ok(token.into())
            }
            Err(SealError::Unopenable) => Err(ServiceError::Invalid(
                "The repository's deploy token cannot be opened: the registry's sealing key is another than when it was given. Put the key back, or give the token again.".to_owned(),
            )),
            Err(error @ SealError::KeyFile { .. }) => Err(error.into()),
        }
    }
}

/// A token as git shows it to GitHub.
pub(super) fn credentials_of(token: &Token) -> Credentials {
    Credentials { username: ANYONE.to_owned(), password: token.secret().clone() }
}
