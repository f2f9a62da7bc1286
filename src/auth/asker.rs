//! From which address a request comes.

use crate::app_state::AppState;
use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};
use net::IpRange;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// Headers that only a proxy adds: someone else may be behind it.
const FORWARDING: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via", "cf-connecting-ip"];

/// Whether a proxy passed a request on.
pub(super) fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// Whoever sent a request, as far as the network tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// The address; none for someone behind a proxy on this machine that is not trusted.
    pub address: Option<IpAddr>,
    /// Whether it is a program on this machine, with no proxy between.
    pub is_here: bool,
}

impl Asker {
    /// Whoever sent this request. `X-Forwarded-For` counts only where it comes from
    /// a trusted proxy, and then the last address in it that is not one.
    pub fn of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
        Self::behind(peer, headers, &state.service.config().trusted_proxies.value)
    }

    fn behind(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let forwarded = is_forwarded(headers);
        let Some(peer) = peer else { return Self { address: None, is_here: false } };
        if forwarded && trusted.has(peer) {
            return Self { address: Some(client(peer, headers, trusted)), is_here: false };
        }
        // Behind a proxy that nobody vouched for, everyone has its address.
        let hidden = forwarded && peer.is_loopback();
        Self { address: (!hidden).then_some(peer), is_here: peer.is_loopback() && !forwarded }
    }
}

/// The address that the trusted proxies of a chain agree on.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut last = peer;
    for hop in hops.into_iter().rev() {
        // With a port, as some proxies write it. What is no address was made up by the client.
        let address = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|hop| hop.ip()));
        let Ok(address) = address else { break };
        last = address.to_canonical();
        if !trusted.has(last) {
            break;
        }
    }
    last
}

/// The proxies whose `X-Forwarded-For` is believed; none unless the operator says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpRange>);

impl TrustedProxies {
    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }
}

/// A text that is no list of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address or a range; write 127.0.0.1 or 10.0.0.0/8, several with commas")]
pub struct InvalidTrustedProxies(String);

impl FromStr for TrustedProxies {
    type Err = InvalidTrustedProxies;

    fn from_str(text: &str) -> Result<Self, InvalidTrustedProxies> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| part.parse().map_err(|_| InvalidTrustedProxies(part.to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(none)");
        }
        let ranges: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&ranges.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn asker(peer: &str, forwarded_for: &[&str], trusted: &str) -> (Option<String>, bool) {
        let name = HeaderName::from_static("x-forwarded-for");
        let headers = forwarded_for.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap()));
        let asker = Asker::behind(peer.parse().ok(), &headers.collect(), &trusted.parse().unwrap());
        (asker.address.map(|address| address.to_string()), asker.is_here)
    }

    #[test]
    fn a_header_that_anyone_can_send_says_nothing_unless_a_trusted_proxy_sends_it() {
        let told = |address: &str, is_here| (Some(address.to_owned()), is_here);
        assert_eq!(asker("127.0.0.1", &[], ""), told("127.0.0.1", true));
        assert_eq!(asker("127.0.0.1", &["203.0.113.7"], ""), (None, false));
        assert_eq!(asker("198.51.100.2", &["203.0.113.7"], ""), told("198.51.100.2", false));
        assert_eq!(asker("198.51.100.2", &["203.0.113.7"], "10.0.0.0/8"), told("198.51.100.2", false));
        assert_eq!(asker("127.0.0.1", &["203.0.113.7"], "127.0.0.0/8"), told("203.0.113.7", false));
        assert_eq!(asker("127.0.0.1", &[], "127.0.0.0/8"), told("127.0.0.1", true));
    }

    #[test]
    fn of_a_chain_counts_the_last_address_that_is_no_trusted_proxy() {
        let trusted = "127.0.0.1,10.0.0.0/8";
        let told = |address: &str| (Some(address.to_owned()), false);
        assert_eq!(asker("127.0.0.1", &["198.51.100.9, 203.0.113.7, 10.1.2.3"], trusted), told("203.0.113.7"));
        assert_eq!(asker("127.0.0.1", &["198.51.100.9", "203.0.113.7:4711"], trusted), told("203.0.113.7"));
        assert_eq!(asker("127.0.0.1", &["[2001:db8::1]:443"], trusted), told("2001:db8::1"));
        assert_eq!(asker("127.0.0.1", &["10.9.9.9"], trusted), told("10.9.9.9"));
        assert_eq!(asker("127.0.0.1", &["203.0.113.7, unknown"], trusted), told("127.0.0.1"), "made up");
        assert_eq!(asker("127.0.0.1", &["::ffff:203.0.113.7"], trusted), told("203.0.113.7"));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["localhost", "10.0.0.0/40", "127.0.0.1 10.0.0.1", "*"] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
    }
}
