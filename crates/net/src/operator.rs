//! Clients for addresses that the operator chose.

use crate::{NetError, USER_AGENT};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use std::{fmt, path::Path, time::Duration};
use url::Url;

/// How long a connection to a configured address may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(20);

/// A client for addresses from this server's configuration, private ones
/// included. It follows no redirects: a configured address is the final one.
/// Cheap to clone.
#[derive(Clone)]
pub struct OperatorClient {
    client: Client,
}

impl OperatorClient {
    /// A client that gives up on a connection that takes more than ten seconds to open.
    pub fn new() -> Result<Self, NetError> {
        Self::with_connect_timeout(CONNECT_TIMEOUT)
    }

    /// A client that gives up on connections that take longer to open.
    pub fn with_connect_timeout(limit: Duration) -> Result<Self, NetError> {
        Self::build(limit, Client::builder())
    }

    pub(crate) fn build(limit: Duration, builder: reqwest::ClientBuilder) -> Result<Self, NetError> {
        let builder = builder
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .referer(false)
            // Servers and balancers close idle connections after a minute or so;
            // a request on one that is being closed has no known outcome.
            .pool_idle_timeout(IDLE)
            .connect_timeout(limit);
        let client = builder.build().map_err(|error| NetError::Client(error.to_string()))?;
        Ok(Self { client })
    }

    /// Begins a request. How long it may take is the caller's to say.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }
}

impl fmt::Debug for OperatorClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorClient").finish_non_exhaustive()
    }
}

/// A client whose every connection goes to the Unix socket at `path`, whatever
/// host the URL names: how the command line talks to a running server.
#[cfg(unix)]
pub fn unix_client(path: &Path) -> Result<Client, NetError> {
    let builder = Client::builder().user_agent(USER_AGENT).redirect(Policy::none()).no_proxy().unix_socket(path);
    builder.build().map_err(|error| NetError::Client(error.to_string()))
}
