//! The private places that the operator lets tenants reach.

use crate::address::unwrapped;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A block of addresses in CIDR notation: `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpRange {
    network: IpAddr,
    bits: u8,
}

impl IpRange {
    pub(crate) const fn v4(network: Ipv4Addr, bits: u8) -> Self {
        Self { network: IpAddr::V4(network), bits }
    }

    pub(crate) const fn v6(network: Ipv6Addr, bits: u8) -> Self {
        Self { network: IpAddr::V6(network), bits }
    }

    /// Whether the address lies in the block. No address lies in a block of
    /// the other family.
    pub fn contains(&self, address: IpAddr) -> bool {
        // Shifting by the whole width overflows: a block of 0 bits holds all.
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl FromStr for IpRange {
    type Err = InvalidAllowList;

    /// Reads `10.0.0.0/8`, or a single address.
    fn from_str(text: &str) -> Result<Self, InvalidAllowList> {
        let fail = || InvalidAllowList { entry: text.to_owned(), problem: "is not a range such as 10.0.0.0/8" };
        let (network, bits) = match text.split_once('/') {
            Some((network, bits)) => (network, Some(bits)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| fail())?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| fail()))?;
        if bits > width {
            return Err(fail());
        }
        Ok(Self { network, bits })
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.bits)
    }
}

/// An allow-list that does not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("allow-list entry `{entry}` {problem}; write host=range, such as git.corp.example=10.0.0.0/8")]
pub struct InvalidAllowList {
    entry: String,
    problem: &'static str,
}

/// The private places that the operator lets tenants reach: a host *and* the
/// range that its addresses must lie in. Neither alone admits anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<(String, IpRange)>,
}

impl AllowList {
    /// Whether this host may lead to this address, although it is not public.
    pub fn admits(&self, host: &str, address: IpAddr) -> bool {
        let host = canonical_host(host);
        let address = unwrapped(address);
        self.entries.iter().any(|(allowed, range)| *allowed == host && range.contains(address))
    }

    /// Whether any entry is for this host.
    pub fn names(&self, host: &str) -> bool {
        let host = canonical_host(host);
        self.entries.iter().any(|(allowed, _)| *allowed == host)
    }

    /// Whether nothing is allowed beyond what is public.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FromStr for AllowList {
    type Err = InvalidAllowList;

    /// Reads `host=range` entries, separated by commas or white space.
    fn from_str(text: &str) -> Result<Self, InvalidAllowList> {
        let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
        let entries = parts.map(|part| match part.split_once('=') {
            Some((host, range)) if !host.is_empty() => Ok((canonical_host(host), range.parse()?)),
            _ => Err(InvalidAllowList { entry: part.to_owned(), problem: "has no host or no range" }),
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (host, range)) in self.entries.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{host}={range}")?;
        }
        Ok(())
    }
}

/// One spelling per host: lower case, no brackets, no final dot.
fn canonical_host(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_admits_its_host_within_its_range_and_nothing_else() {
        let list: AllowList = "git.corp.example=10.0.0.0/8, 127.0.0.1=127.0.0.0/8\n[::1]=::1/128".parse().unwrap();
        assert!(list.admits("Git.Corp.Example.", "10.2.3.4".parse().unwrap()));
        assert!(list.admits("git.corp.example", "::ffff:10.2.3.4".parse().unwrap()));
        assert!(list.admits("127.0.0.1", "127.0.0.1".parse().unwrap()));
        assert!(list.admits("[::1]", "::1".parse().unwrap()));
        assert!(!list.admits("git.corp.example", "169.254.169.254".parse().unwrap()));
        assert!(!list.admits("evil.example", "10.2.3.4".parse().unwrap()));
        assert!(!list.admits("x.git.corp.example", "10.2.3.4".parse().unwrap()));
        assert_eq!(list.to_string().parse(), Ok(list));
    }

    #[test]
    fn a_range_of_no_bits_holds_its_family() {
        let range: IpRange = "0.0.0.0/0".parse().unwrap();
        assert!(range.contains("255.255.255.255".parse().unwrap()));
        assert!(!range.contains("::1".parse().unwrap()));
    }

    #[test]
    fn a_broken_list_names_its_broken_entry() {
        for (text, part) in
            [("a=10.0.0.0/33", "10.0.0.0/33"), ("host", "host"), ("=10.0.0.0/8", "=10"), ("a=b/8", "b/8")]
        {
            assert!(text.parse::<AllowList>().unwrap_err().to_string().contains(part), "{text}");
        }
    }
}
