//! Fetching with whatever there is to sign in with, and what is said where
//! GitHub does not take it.

use super::{
    RegistryService, ServiceError,
    credentials::{SignIn, credentials_of},
};
use crate::tenants::Tenant;
use ::github::{GithubError, Token};
use git::{Credentials, GitError};
use model::{Diagnostic, DiagnosticCode};
use std::sync::Arc;
use url::Url;

/// A repository to fetch.
pub(super) struct Wanted<'a> {
    /// Its address.
    pub(super) url: &'a str,
    /// A credential to use instead of what is kept for the address.
    pub(super) given: Option<Credentials>,
    /// The page of ours to come back to from connecting GitHub.
    pub(super) back: &'a str,
}

/// What a fetch yields.
#[derive(Debug)]
pub(super) struct Got<T> {
    pub(super) value: T,
    /// What someone should know of how it was fetched.
    pub(super) notice: Option<Diagnostic>,
}

impl<T> Got<T> {
    fn plainly(value: T) -> Self {
        Self { value, notice: None }
    }
}

/// The status with which a host refused a credential.
fn refused<T>(result: &Result<T, ServiceError>) -> Option<u16> {
    match result {
        Err(ServiceError::Git(GitError::AuthenticationFailed { status, .. })) => Some(*status),
        _ => None,
    }
}

/// Whether a host showed nothing to whoever asked, signed in or not.
fn is_hidden(error: &ServiceError) -> bool {
    let ServiceError::Git(error) = error else { return false };
    matches!(
        error,
        GitError::AuthenticationNeeded { .. }
            | GitError::NotFound { .. }
            | GitError::Vanished { .. }
            | GitError::Forbidden { .. }
    )
}

impl RegistryService {
    /// Does something that fetches, off the async threads, signed in with what
    /// there is. Where GitHub refuses the organisation's token: with the one
    /// that took its place, else without.
    pub(super) async fn fetch_signed_in<T: Send + 'static>(
        &self,
        tenant: &Arc<Tenant>,
        wanted: Wanted<'_>,
        job: impl Fn(Option<&Credentials>) -> Result<T, ServiceError> + Send + Sync + 'static,
    ) -> Result<Got<T>, ServiceError> {
        let Wanted { url, given, back } = wanted;
        let job = Arc::new(job);
        let attempt = async |credentials: Option<Credentials>| {
            let job = job.clone();
            tokio::task::spawn_blocking(move || job(credentials.as_ref())).await?
        };
        let sign_in = match given {
            Some(credentials) => SignIn::Own(credentials),
            None => self.sign_in_at(tenant, url).await?,
        };
        let mut token = match sign_in {
            SignIn::Own(credentials) | SignIn::Operator(credentials) => {
                return attempt(Some(credentials)).await.map(Got::plainly);
            }
            SignIn::Nobody => {
                let fetched = attempt(None).await;
                return fetched.map(Got::plainly).map_err(|error| self.hidden_from_nobody(error, url, back));
            }
            SignIn::Github(token) => token,
        };
        let mut fetched = attempt(Some(credentials_of(&token))).await;
        if refused(&fetched) == Some(401)
            && let Some(newer) = self.newer_github_token(tenant, &token).await?
        {
            token = newer;
            fetched = attempt(Some(credentials_of(&token))).await;
        }
        let Some(status) = refused(&fetched) else {
            return match fetched {
                // GitHub tells nobody what is there that they may not see.
                Err(error) if is_hidden(&error) => {
                    Err(self.github_refusal(GithubError::NotFound, back).about(url).into())
                }
                fetched => fetched.map(Got::plainly),
            };
        };
        match attempt(None).await {
            Ok(value) => Ok(Got { value, notice: Some(self.without_token(status, back)) }),
            Err(error) if is_hidden(&error) => Err(self.hidden_from(&token, status, url, back).await),
            Err(error) => Err(error),
        }
    }

    /// A repository that was fetched without the organisation's token, because
    /// GitHub refuses that.
    fn without_token(&self, status: u16, back: &str) -> Diagnostic {
        let message = if status == 401 {
            "GitHub refuses the token that is kept for it, so the repository was fetched without one."
        } else {
            "GitHub does not let the token that is kept for it read this repository, so it was fetched without one."
        };
        let fix = match self.github_connect_url(back) {
            Some(url) => format!("Reconnect GitHub at {url}, then sync again."),
            None => "Replace the configured token, then sync again.".to_owned(),
        };
        Diagnostic::warning(DiagnosticCode::GithubConnection, message).fix(fix)
    }

    /// GitHub shows a repository to nobody who has not signed in: perhaps all
    /// that is missing is the connection.
    fn hidden_from_nobody(&self, error: ServiceError, url: &str, back: &str) -> ServiceError {
        let on_github = Url::parse(url).is_ok_and(|url| self.github_site().has(&url));
        if on_github && is_hidden(&error) && self.github_connect_url(back).is_some() {
            return self.not_connected(back).about(url).into();
        }
        error
    }

    /// Why a token does not see a repository; GitHub's API tells more than git hears.
    async fn hidden_from(&self, token: &Token, status: u16, url: &str, back: &str) -> ServiceError {
        let name = Url::parse(url).ok().and_then(|url| self.github_site().name_of(&url));
        let reason = match name {
            _ if status == 401 => GithubError::Unauthorized,
            None => GithubError::Forbidden,
            Some(name) => match self.github_client().check(token, &name).await {
                Err(
                    error @ (GithubError::SignOn { .. } | GithubError::Unauthorized | GithubError::RateLimited { .. }),
                ) => error,
                _ => GithubError::Forbidden,
            },
        };
        self.github_refusal(reason, back).about(url).into()
    }
}
