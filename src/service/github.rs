//! An organisation's connection to GitHub: the token that the platform keeps in
//! its database, and what is said where that is missing or refused.
//!
//! The connection is the platform's: it is made and ended there, and only read
//! here. The token is kept in memory for a minute and written nowhere.

mod picker;
mod refusal;
mod token;

pub use picker::{GithubQuery, GithubRepositories, GithubRepository, GithubState, GithubStatus};
pub use refusal::{GithubRefusal, RefusalKind};
pub(crate) use token::GithubCache;
use token::Known;

use super::{RegistryService, ServiceError};
use crate::tenants::Tenant;
use ::github::{Client, GithubError, Site, Token};
use futures::future::BoxFuture;
use std::{sync::Arc, time::Instant};
use url::Url;

/// Where someone is brought back to who looked for a repository to add.
pub(super) const TO_PICKER: &str = "/registry/new";

impl RegistryService {
    /// The GitHub that is meant.
    pub(super) fn github_site(&self) -> &Site {
        &self.config.github.site
    }

    pub(super) fn github_client(&self) -> Client {
        Client::new(self.http.clone(), self.github_site().clone())
    }

    /// Where the organisation connects GitHub, and comes back from to this page
    /// of ours. Nowhere in local mode.
    pub(super) fn github_connect_url(&self, back: &str) -> Option<Url> {
        let platform = &self.config.clerk.as_ref()?.platform;
        // Our own address, never one that a request named.
        let back = Url::parse(&format!("{}{back}", self.origin())).ok()?;
        Some(platform.github(&back))
    }

    /// The organisation's token, if GitHub is connected.
    pub(super) async fn github_token(&self, tenant: &Tenant) -> Result<Option<Token>, ServiceError> {
        if let Some(token) = &self.config.github.token.value {
            return Ok(Some(token.clone()));
        }
        match tenant.github.known(Instant::now()) {
            Known::Fresh(token) => Ok(token),
            Known::Stale => self.read_github_token(tenant).await,
        }
    }

    /// The token that took the place of one that GitHub refused, if one did.
    pub(super) async fn newer_github_token(
        &self,
        tenant: &Tenant,
        refused: &Token,
    ) -> Result<Option<Token>, ServiceError> {
        if self.config.github.token.value.is_some() {
            return Ok(None);
        }
        Ok(self.read_github_token(tenant).await?.filter(|token| token != refused))
    }

    async fn read_github_token(&self, tenant: &Tenant) -> Result<Option<Token>, ServiceError> {
        let asked = Instant::now();
        let tree = tenant.db.query(&token::query()).await?;
        let token = token::newest(&tree);
        tenant.github.keep(asked, token.clone());
        Ok(token)
    }

    /// Asks GitHub in the organisation's name; with a newer token where one is
    /// refused.
    async fn ask_github<T>(
        &self,
        tenant: &Arc<Tenant>,
        ask: impl for<'a> Fn(&'a Client, &'a Token) -> BoxFuture<'a, Result<T, GithubError>>,
    ) -> Result<T, ServiceError> {
        let Some(mut token) = self.github_token(tenant).await? else {
            return Err(self.not_connected(TO_PICKER).into());
        };
        let client = self.github_client();
        let mut answer = ask(&client, &token).await;
        if matches!(answer, Err(GithubError::Unauthorized))
            && let Some(newer) = self.newer_github_token(tenant, &token).await?
        {
            token = newer;
            answer = ask(&client, &token).await;
        }
        answer.map_err(|error| self.github_refusal(error, TO_PICKER).into())
    }
}
