//! What an organisation can choose from: the state of its connection, and the
//! repositories that it sees.

use super::{RefusalKind, TO_PICKER};
use crate::{
    auth::{Access, Admin},
    service::{RegistryService, ServiceError},
    tenants::Tenant,
};
use ::github::{Client, GithubError, Listing, Repository, Token};
use futures::future::BoxFuture;
use git::Address;
use instant::rows;
use model::{RepositoryId, view::Millis};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc, time::Instant};

/// Repositories on one page.
const PAGE: usize = 10;
/// Longest search that is made, in characters.
const LONGEST_SEARCH: usize = 200;

/// How an organisation stands with GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GithubState {
    /// Its token is good.
    Connected,
    /// There is none.
    NotConnected,
    /// GitHub refuses it.
    Reconnect,
    /// GitHub does not answer, so nobody knows.
    Unavailable,
}

/// How an organisation stands with GitHub, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GithubStatus {
    /// How it stands.
    pub status: GithubState,
    /// The account that is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is wrong, and what now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where GitHub is connected, and connected again. Not in local mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
}

/// What to look for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct GithubQuery {
    /// Words that the name or description holds; empty for all.
    pub q: String,
    /// Which page, from 1.
    pub page: usize,
}

/// A page of the repositories that an organisation sees on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GithubRepositories {
    /// The page, the repository pushed to last first.
    pub rows: Vec<GithubRepository>,
    /// How many there are on all pages.
    pub total: usize,
    /// Which page this is, from 1.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
    /// Whether some are missing: there are more than a thousand, GitHub stopped
    /// answering, or an organisation wants a single sign-on.
    pub partial: bool,
}

/// A repository that can be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GithubRepository {
    /// `owner/name`.
    pub full_name: String,
    /// Whether only some may see it.
    pub private: bool,
    /// Its default branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// When something was pushed to it last, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<Millis>,
    /// Where it is cloned from: what to register.
    pub clone_url: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As which repository it is registered already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub registered: Option<RepositoryId>,
}

impl RegistryService {
    /// How the organisation stands with GitHub.
    pub async fn github_status(&self, access: &Access<Admin>) -> Result<GithubStatus, ServiceError> {
        let tenant = &self.tenant(access)?;
        let asked = self.ask_github(tenant, |client, token| Box::pin(client.account(token))).await;
        let connect_url = self.github_connect_url(TO_PICKER).map(String::from);
        let (status, account, message) = match asked {
            Ok(account) => (GithubState::Connected, Some(account.login), None),
            Err(ServiceError::Github(refusal)) => {
                let state = match refusal.kind {
                    RefusalKind::NotConnected => GithubState::NotConnected,
                    RefusalKind::Reconnect | RefusalKind::SignOn | RefusalKind::Forbidden | RefusalKind::NotVisible => {
                        GithubState::Reconnect
                    }
                    RefusalKind::RateLimited { .. } | RefusalKind::Unavailable => GithubState::Unavailable,
                };
                (state, None, Some(refusal.message))
            }
            Err(error) => return Err(error),
        };
        Ok(GithubStatus { status, account, message, connect_url })
    }

    /// A page of the repositories that the organisation sees on GitHub.
    pub async fn github_repositories(
        &self,
        access: &Access<Admin>,
        query: &GithubQuery,
    ) -> Result<GithubRepositories, ServiceError> {
        let tenant = &self.tenant(access)?;
        let listing = self.github_listing(tenant).await?;
        let found = matching(&listing, &query.q);
        let (total, page) = (found.len(), query.page.max(1));
        let registered = registered(tenant).await?;
        let rows = found.into_iter().skip((page - 1).saturating_mul(PAGE)).take(PAGE).map(|repository| {
            let clone_url = self.github_site().clone_url(&repository.name).to_string();
            let key = Address::parse(&clone_url, false).map(|address| address.key()).unwrap_or_default();
            GithubRepository {
                full_name: repository.name.to_string(),
                private: repository.is_private,
                default_branch: repository.default_branch.clone(),
                pushed_at: repository.pushed_at,
                description: repository.description.clone(),
                registered: registered.get(&key.to_ascii_lowercase()).copied(),
                clone_url,
            }
        });
        let (rows, partial) = (rows.collect(), listing.is_partial);
        Ok(GithubRepositories { rows, total, page, pages: total.div_ceil(PAGE), partial })
    }

    /// What the organisation sees, as of the last minute: pages and searches
    /// are made of one list.
    async fn github_listing(&self, tenant: &Arc<Tenant>) -> Result<Arc<Listing>, ServiceError> {
        let now = Instant::now();
        let known = self.github_token(tenant).await?.and_then(|token| tenant.github.listing(&token, now));
        if let Some(listing) = known {
            return Ok(listing);
        }
        let (token, listing) = self.ask_github(tenant, listed).await?;
        let listing = Arc::new(listing);
        tenant.github.keep_listing(now, token, listing.clone());
        Ok(listing)
    }
}

/// A list, and the token that saw it.
fn listed<'a>(client: &'a Client, token: &'a Token) -> BoxFuture<'a, Result<(Token, Listing), GithubError>> {
    Box::pin(async move { Ok((token.clone(), client.repositories(token).await?)) })
}

/// Those in whose name or description all words are, in any case.
fn matching<'l>(listing: &'l Listing, q: &str) -> Vec<&'l Repository> {
    let q: String = q.chars().take(LONGEST_SEARCH).collect();
    let words: Vec<String> = q.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let fits = |repository: &&Repository| {
        let text = format!("{} {}", repository.name, repository.description.as_deref().unwrap_or_default());
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    listing.repositories.iter().filter(fits).collect()
}

/// The repositories that are registered, by address. GitHub's names are the same
/// in any case.
async fn registered(tenant: &Tenant) -> Result<HashMap<String, RepositoryId>, ServiceError> {
    let rows = tenant.db.select::<rows::Repository>().pages().await?;
    let keyed = rows.into_iter().filter_map(|row| {
        let address = Address::parse(&row.url, true).ok()?;
        Some((address.key().to_ascii_lowercase(), row.id))
    });
    Ok(keyed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listing(names: &[&str]) -> Listing {
        let repository = |name: &&str| Repository {
            name: name.parse().expect("a name"),
            is_private: false,
            default_branch: None,
            pushed_at: None,
            description: Some("Buttons and Cards".to_owned()),
        };
        Listing { repositories: names.iter().map(repository).collect(), is_partial: false }
    }

    #[test]
    fn a_search_finds_all_of_its_words_in_any_case() {
        let listing = listing(&["acme/ui", "acme/site", "other/ui"]);
        let found = |q: &str| matching(&listing, q).iter().map(|one| one.name.to_string()).collect::<Vec<_>>();
        assert_eq!(found("  UI acme "), ["acme/ui"]);
        assert_eq!(found("ui cards"), ["acme/ui", "other/ui"]);
        assert_eq!(found(""), ["acme/ui", "acme/site", "other/ui"]);
        assert_eq!(found("nothing"), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_search_only_ever_leaves_out(q in "\\PC{0,30}") {
            let listing = listing(&["acme/ui", "acme/site"]);
            prop_assert!(matching(&listing, &q).len() <= 2);
        }
    }
}
