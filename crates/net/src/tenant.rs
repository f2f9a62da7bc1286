//! The client for addresses that a tenant chose.

use crate::{
    AllowList, NetError, OperatorClient, RedactedUrl, Resolver, SystemResolver, USER_AGENT, redact,
    resolve::{GuardedResolver, check},
};
use bytes::Bytes;
use reqwest::{
    Body, Method, Response,
    header::{HeaderMap, LOCATION},
    redirect::Policy,
};
use std::{fmt, net::IpAddr, sync::Arc, time::Duration};
use url::{Host, Url};

/// Most redirects that one GET follows.
const MAX_REDIRECTS: usize = 3;

/// How a [`TenantClient`] behaves.
#[derive(Clone)]
pub struct TenantOptions {
    /// Private places that may be reached.
    pub allow: AllowList,
    /// Who knows the addresses.
    pub resolver: Arc<dyn Resolver>,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long a server may stay silent, before its answer or in it.
    pub idle_timeout: Duration,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            allow: AllowList::default(),
            resolver: Arc::new(SystemResolver),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
        }
    }
}

/// The client for addresses that a tenant chose. Every hop is checked: scheme,
/// literal address or every address of the name. It connects to exactly the
/// addresses that were checked, knows no proxy, and follows only a GET's
/// redirects within one origin.
///
/// Cheap to clone. One client per allow-list, so that no connection made under
/// one policy is used under another.
#[derive(Clone)]
pub struct TenantClient {
    client: reqwest::Client,
    allow: Arc<AllowList>,
    resolver: Arc<dyn Resolver>,
    idle_timeout: Duration,
}

impl TenantClient {
    /// A client that reaches public addresses and what is allow-listed.
    pub fn new(allow: AllowList) -> Result<Self, NetError> {
        Self::with_options(TenantOptions { allow, ..TenantOptions::default() })
    }

    /// A client with everything chosen.
    pub fn with_options(options: TenantOptions) -> Result<Self, NetError> {
        let allow = Arc::new(options.allow);
        let resolver = GuardedResolver { inner: options.resolver.clone(), allow: Arc::clone(&allow) };
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(resolver))
            .redirect(Policy::none())
            // An HTTP_PROXY variable would connect for us, past the resolver.
            .no_proxy()
            .referer(false)
            // A decoded body is not what the limits of a pack count.
            .no_gzip()
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.idle_timeout)
            .build()
            .map_err(|error| NetError::Client(error.to_string()))?;
        Ok(Self { client, allow, resolver: options.resolver, idle_timeout: options.idle_timeout })
    }

    /// A client for the API at an address that a tenant chose. It reaches what
    /// this one reaches, and leaves every answer to whoever asked.
    pub fn for_api(&self, url: &Url, connect_timeout: Duration) -> Result<OperatorClient, NetError> {
        self.check(url)?;
        let resolver = GuardedResolver { inner: self.resolver.clone(), allow: Arc::clone(&self.allow) };
        OperatorClient::build(connect_timeout, reqwest::Client::builder().dns_resolver(Arc::new(resolver)).no_proxy())
    }

    /// Whether a URL may be asked for, as far as that shows without resolving
    /// its name. [`TenantClient::get`] and [`TenantClient::post`] check it too.
    pub fn check(&self, url: &Url) -> Result<(), NetError> {
        let invalid = |problem| NetError::InvalidUrl { url: RedactedUrl::from(url), problem };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("only http and https addresses are reached"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("the address must hold no user or password; store a credential instead"));
        }
        // `Url::parse` has brought every spelling of an address to one form.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(invalid("the address has no host")),
        };
        Ok(check(&self.allow, &literal.to_string(), literal)?)
    }

    /// GET, following at most three redirects within the same scheme, host
    /// and port. The answer may have any status; [`Response::url`] is where it
    /// came from.
    pub async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Response, NetError> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(Method::GET, &url, headers.clone(), Body::default()).await?;
            match redirect_target(&url, &response)? {
                None => return Ok(response),
                Some(target) => url = target,
            }
        }
        Err(NetError::Redirect {
            target: RedactedUrl::from(&url).to_string(),
            url: RedactedUrl::from(&url),
            problem: "more than three redirects",
        })
    }

    /// POST. A redirect is refused: the body may not be meant for its target.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Bytes) -> Result<Response, NetError> {
        let response = self.send(Method::POST, url, headers, body.into()).await?;
        if response.status().is_redirection() {
            return Err(refused(url, &location(&response), "only a GET's redirects are"));
        }
        Ok(response)
    }

    async fn send(&self, method: Method, url: &Url, headers: HeaderMap, body: Body) -> Result<Response, NetError> {
        self.check(url)?;
        let request = self.client.request(method, url.clone()).headers(headers).body(body);
        request.send().await.map_err(|error| NetError::from_reqwest(url, &error, self.idle_timeout))
    }
}

impl fmt::Debug for TenantClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantClient").field("allow", &self.allow).finish_non_exhaustive()
    }
}

fn location(response: &Response) -> String {
    let value = response.headers().get(LOCATION);
    String::from_utf8_lossy(value.map_or(b"", |value| value.as_bytes())).into_owned()
}

fn refused(url: &Url, target: &str, problem: &'static str) -> NetError {
    NetError::Redirect { url: RedactedUrl::from(url), target: redact(target), problem }
}

/// Where a redirect leads, if this is one that may be followed.
fn redirect_target(url: &Url, response: &Response) -> Result<Option<Url>, NetError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = location(response);
    let target = url.join(&location).map_err(|_| refused(url, &location, "not an address"))?;
    // Another origin would get the credentials, and could be anyone.
    if target.origin() != url.origin() {
        return Err(refused(url, target.as_str(), "another scheme, host or port"));
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err(refused(url, target.as_str(), "it holds a user or password"));
    }
    Ok(Some(target))
}
