//! Names to addresses, and the guard between.

use crate::{AllowList, NetError, is_public};
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// Something that knows the addresses of a host.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of a host name. Never asked about literal addresses.
    fn resolve(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The machine's own resolver (`getaddrinfo`).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name was not resolved: the typed error that travels through reqwest.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{host} leads to {address}, which is not public")]
    NotPublic { host: String, address: IpAddr },
    #[error("{host} has no address: {reason}")]
    NotResolved { host: String, reason: String },
}

impl From<Refusal> for NetError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotPublic { host, address } => Self::NotPublic { host, address },
            Refusal::NotResolved { host, reason } => Self::NotResolved { host, reason },
        }
    }
}

/// The rule: what is public, and what the operator allowed.
pub(crate) fn check(allow: &AllowList, host: &str, address: IpAddr) -> Result<(), Refusal> {
    if is_public(address) || allow.admits(host, address) {
        Ok(())
    } else {
        Err(Refusal::NotPublic { host: host.to_owned(), address })
    }
}

/// Hands reqwest exactly the addresses that were checked. reqwest connects to
/// those and asks nobody again: a name cannot change its mind in between.
pub(crate) struct GuardedResolver {
    pub(crate) inner: Arc<dyn Resolver>,
    pub(crate) allow: Arc<AllowList>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let lookup = self.inner.resolve(&host);
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            let not_resolved = |reason: String| Refusal::NotResolved { host: host.clone(), reason };
            let addresses = lookup.await.map_err(|error| not_resolved(error.to_string()))?;
            if addresses.is_empty() {
                return Err(not_resolved("the answer is empty".to_owned()).into());
            }
            // One private address among public ones refuses them all: which
            // one a connection takes is not ours to choose.
            for address in &addresses {
                check(&allow, &host, *address)?;
            }
            let checked: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(checked)
        })
    }
}
