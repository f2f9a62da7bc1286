//! Why GitHub did not give what was asked, and the next step.

use super::RegistryService;
use crate::service::ServiceError;
use ::github::GithubError;
use model::NextStep;
use std::{fmt, time::Duration};
use url::Url;

/// What stands between an organisation and GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Nobody has connected it.
    NotConnected,
    /// Its token is good for nothing any more.
    Reconnect,
    /// A GitHub organisation wants its single sign-on.
    SignOn,
    /// The connected account does not see the repository.
    NotVisible,
    /// The connected account may not do this.
    Forbidden,
    /// Too much was asked.
    RateLimited {
        /// When to ask again.
        retry_after: Duration,
    },
    /// GitHub does not answer, or not in a way that can be understood.
    Unavailable,
}

/// Why GitHub did not give what was asked: a sentence, and where the next step
/// is taken if that is on another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GithubRefusal {
    /// What stands in the way.
    pub kind: RefusalKind,
    /// What, and what now.
    pub message: String,
    /// Where that is done.
    pub next: Option<NextStep>,
}

impl fmt::Display for GithubRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.next {
            Some(NextStep { label, url }) => write!(f, " {label}: {url}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for GithubRefusal {}

impl GithubRefusal {
    /// Says which repository it is about.
    pub(in crate::service) fn about(mut self, url: &str) -> Self {
        self.message = format!("{} cannot be read. {}", net::redact(url), self.message);
        self
    }
}

impl From<GithubRefusal> for ServiceError {
    fn from(refusal: GithubRefusal) -> Self {
        Self::Github(Box::new(refusal))
    }
}

fn step(label: &str, url: Option<Url>) -> Option<NextStep> {
    Some(NextStep { label: label.to_owned(), url: url?.to_string() })
}

impl RegistryService {
    /// Nobody has connected GitHub. `back` is the page of ours to come back to.
    pub(in crate::service) fn not_connected(&self, back: &str) -> GithubRefusal {
        let next = step("Connect GitHub", self.github_connect_url(back));
        let message = match &next {
            Some(_) => "GitHub is not connected. An administrator of the organisation connects it on the platform.",
            None => "GitHub is not connected. Set `github.token` in registry.toml, or EKAIROS_GITHUB_TOKEN.",
        };
        GithubRefusal { kind: RefusalKind::NotConnected, message: message.to_owned(), next }
    }

    /// GitHub refuses the token.
    pub(in crate::service) fn reconnect(&self, back: &str) -> GithubRefusal {
        let next = step("Reconnect GitHub", self.github_connect_url(back));
        let message = match &next {
            Some(_) => {
                "GitHub refuses the organisation's token: it has expired or was revoked. An administrator of the organisation reconnects GitHub on the platform."
            }
            None => "GitHub refuses the token of the configuration: it has expired or was revoked. Replace it.",
        };
        GithubRefusal { kind: RefusalKind::Reconnect, message: message.to_owned(), next }
    }

    /// What an error of GitHub's means to people.
    pub(in crate::service) fn github_refusal(&self, error: GithubError, back: &str) -> GithubRefusal {
        let refusal = |kind, message: String, next| GithubRefusal { kind, message, next };
        match error {
            GithubError::Unauthorized => self.reconnect(back),
            GithubError::SignOn { at } => refusal(
                RefusalKind::SignOn,
                "A GitHub organisation wants a single sign-on before the connected account may read this. Sign on, then try again.".to_owned(),
                step("Sign on at GitHub", at),
            ),
            GithubError::NotFound => refusal(
                RefusalKind::NotVisible,
                "GitHub does not show this to the connected account. Check the address, or connect an account that may read it.".to_owned(),
                step("Reconnect GitHub", self.github_connect_url(back)),
            ),
            GithubError::Forbidden => refusal(
                RefusalKind::Forbidden,
                "GitHub does not let the connected account read this. Give the account access, or connect another one.".to_owned(),
                step("Reconnect GitHub", self.github_connect_url(back)),
            ),
            GithubError::RateLimited { retry_after } => refusal(
                RefusalKind::RateLimited { retry_after },
                format!("GitHub was asked too often in this account's name. Try again in {} s.", retry_after.as_secs()),
                None,
            ),
            error @ (GithubError::Unavailable { .. } | GithubError::Unreadable | GithubError::Net(_)) => {
                tracing::warn!(%error, "GitHub cannot be asked");
                refusal(
                    RefusalKind::Unavailable,
                    "GitHub does not answer as it should. Try again in a moment, or give the repository's address.".to_owned(),
                    None,
                )
            }
        }
    }
}
