//! Asking: one request at a time, bounded in size and time.

use crate::{
    FullName, GithubError, Repository, Site, Token,
    answer::{has_next, is_partial, refusal},
    repository,
};
use net::{
    BodyLimits, NetError, RedactedUrl, TenantClient,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT, AUTHORIZATION},
    },
    read_body,
};
use serde::Deserialize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Instant, timeout};
use url::Url;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(8);
/// How long all pages of a list may take; what there is by then is shown.
const LIST: Duration = Duration::from_secs(20);
/// Most bytes of one answer. A page of a hundred repositories has about 700 kB.
const MAX_BODY: u64 = 8 << 20;
/// Most repositories on a page, and GitHub's own limit.
const PER_PAGE: &str = "100";
/// Most pages of a list.
const MAX_PAGES: usize = 10;
/// Longest account name that is kept, in characters.
const MAX_LOGIN: usize = 100;

/// A client of one site's API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: TenantClient,
    site: Site,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's name.
    pub login: String,
}

/// The repositories that a token sees, the one pushed to last first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The repositories.
    pub repositories: Vec<Repository>,
    /// Whether some are missing: there are too many, GitHub stopped answering,
    /// or an organisation wants a single sign-on.
    pub is_partial: bool,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl Client {
    /// A client of this site that goes out by this door.
    pub fn new(http: TenantClient, site: Site) -> Self {
        Self { http, site }
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Whose the token is (`GET /user`): whether it is good for anything.
    pub async fn account(&self, token: &Token) -> Result<Account, GithubError> {
        let (_, body) = self.ask(token, self.site.below(&["user"], &[])).await?;
        let user: User = serde_json::from_slice(&body).map_err(|_| GithubError::Unreadable)?;
        Ok(Account { login: user.login.chars().take(MAX_LOGIN).collect() })
    }

    /// The repositories that the token sees (`GET /user/repos`), a thousand at most.
    pub async fn repositories(&self, token: &Token) -> Result<Listing, GithubError> {
        let ends = Instant::now() + LIST;
        let mut listing = Listing { repositories: Vec::new(), is_partial: false };
        for page in 1..=MAX_PAGES {
            let number = page.to_string();
            let query = [
                ("per_page", PER_PAGE),
                ("sort", "pushed"),
                ("affiliation", "owner,collaborator,organization_member"),
                ("page", &number),
            ];
            let answer = self.ask(token, self.site.below(&["user", "repos"], &query)).await;
            let (headers, body) = match answer {
                Err(error) if page > 1 && !matches!(error, GithubError::Unauthorized) => {
                    tracing::debug!(%error, page, "a list of GitHub's repositories is cut off");
                    listing.is_partial = true;
                    return Ok(listing);
                }
                answer => answer?,
            };
            listing.is_partial |= is_partial(&headers);
            listing.repositories.extend(repository::page(&body).ok_or(GithubError::Unreadable)?);
            if !has_next(&headers) {
                return Ok(listing);
            }
            if Instant::now() >= ends {
                break;
            }
        }
        listing.is_partial = true;
        Ok(listing)
    }

    /// Whether the token sees a repository (`GET /repos/{owner}/{name}`); if
    /// not, the error says why.
    pub async fn check(&self, token: &Token, name: &FullName) -> Result<(), GithubError> {
        self.ask(token, self.site.below(&["repos", name.owner(), name.name()], &[])).await.map(drop)
    }

    async fn ask(&self, token: &Token, url: Url) -> Result<(HeaderMap, Vec<u8>), GithubError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, token.bearer());
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
        let exchange = async {
            let response = self.http.get(&url, headers).await?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            if let Some(refusal) = refusal(response.status().as_u16(), response.headers(), &self.site, now) {
                return Err(refusal);
            }
            let headers = response.headers().clone();
            let body = read_body(response, BodyLimits { max_bytes: MAX_BODY, deadline: ANSWER }).await?;
            Ok((headers, body.to_vec()))
        };
        let late = |_| NetError::Timeout { url: RedactedUrl::from(&url), limit: ANSWER };
        timeout(ANSWER, exchange).await.map_err(late)?
    }
}
