//! What a git host says of its refs: the advertisement of version 0 and the
//! `ls-refs` of version 2 (gitprotocol-http(5), gitprotocol-v2(5)).

use crate::pkt::{self, Packet};
use model::Digest;
use std::collections::BTreeMap;

/// A ref as the host has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The object it names.
    pub(crate) id: git2::Oid,
}

/// Branches and tags as the host has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The full name that HEAD stands for, where the host tells.
    pub(crate) head: Option<String>,
    /// Full names below `refs/heads/` and `refs/tags/`, unpeeled. A name that
    /// is not UTF-8 is told with replacement characters, which git refuses.
    pub(crate) refs: BTreeMap<String, Listed>,
}

impl Listing {
    /// A digest that changes whenever HEAD, a branch or a tag does.
    pub(crate) fn state(&self) -> Digest {
        let head = self.head.as_deref().unwrap_or_default();
        let lines = self.refs.iter().map(|(name, listed)| format!("{} {name}\n", listed.id));
        Digest::of(format!("{head}\n{}", lines.collect::<String>()).as_bytes())
    }
}

/// The answer to `info/refs`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Advertisement {
    /// The host speaks version 2 and lists refs when asked.
    V2,
    /// The host speaks version 0 and has listed them.
    V0(Listing),
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The protocol is broken.
    Malformed(&'static str),
    /// The host is a shallow clone.
    Shallow,
    /// The host's objects are named by SHA-256.
    Sha256,
    /// The host said so itself.
    Said(String),
}

impl From<pkt::Malformed> for Fault {
    fn from(_: pkt::Malformed) -> Self {
        Self::Malformed("a broken pkt-line")
    }
}

/// Bytes from a host as text for people: bounded, no control characters, and
/// so no NUL, which libgit2's binding does not survive in an error.
pub(crate) fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().take(500).filter(|c| !c.is_control()).collect()
}

/// Reads the answer to `GET info/refs?service=git-upload-pack`.
pub(crate) fn advertisement(mut bytes: &[u8]) -> Result<Advertisement, Fault> {
    let mut listing = Listing::default();
    let mut first = true;
    let mut version2 = false;
    while let Some(packet) = pkt::take(&mut bytes)? {
        let Packet::Data(data) = packet else { continue };
        let line = pkt::line(data);
        if line.starts_with(b"# service=") {
            continue;
        }
        if let Some(message) = line.strip_prefix(b"ERR ") {
            return Err(Fault::Said(said(message)));
        }
        if line == b"version 2" {
            version2 = true;
        } else if line == b"object-format=sha256" {
            return Err(Fault::Sha256);
        } else if line.starts_with(b"shallow ") {
            return Err(Fault::Shallow);
        } else if !version2 && line != b"version 1" {
            let line = if std::mem::take(&mut first) { capabilities(line, &mut listing)? } else { line };
            add(&mut listing, line)?;
        }
    }
    Ok(if version2 { Advertisement::V2 } else { Advertisement::V0(listing) })
}

/// Reads the capabilities behind the first ref's NUL; returns the ref.
fn capabilities<'a>(line: &'a [u8], listing: &mut Listing) -> Result<&'a [u8], Fault> {
    let Some(at) = line.iter().position(|byte| *byte == 0) else {
        return Ok(line);
    };
    for capability in line[at + 1..].split(|byte| *byte == b' ') {
        if capability == b"object-format=sha256" {
            return Err(Fault::Sha256);
        }
        if let Some(target) = capability.strip_prefix(b"symref=HEAD:") {
            listing.head = Some(String::from_utf8_lossy(target).into_owned());
        }
    }
    Ok(&line[..at])
}

/// Adds `<oid> <name>[ symref-target:<name>][ peeled:<oid>]`.
fn add(listing: &mut Listing, line: &[u8]) -> Result<(), Fault> {
    let mut words = line.split(|byte| *byte == b' ');
    let id = words.next().unwrap_or_default();
    let name = String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
    if name == "HEAD" {
        for word in words {
            if let Some(target) = word.strip_prefix(b"symref-target:") {
                listing.head = Some(String::from_utf8_lossy(target).into_owned());
            }
        }
        return Ok(());
    }
    // `refs/tags/v1^{}` repeats a tag with what it points to.
    let wanted = (name.starts_with("refs/heads/") || name.starts_with("refs/tags/")) && !name.ends_with("^{}");
    if wanted {
        let text = str::from_utf8(id).map_err(|_| Fault::Malformed("a ref without an object name"))?;
        if text.len() == 64 {
            return Err(Fault::Sha256);
        }
        let id = git2::Oid::from_str(text).ok().filter(|_| text.len() == 40);
        let id = id.ok_or(Fault::Malformed("a ref without an object name"))?;
        listing.refs.insert(name, Listed { id });
    }
    Ok(())
}

/// The body of a version 2 `ls-refs` for HEAD, branches and tags alone: a host
/// with 20,000 pull refs answers in bytes what version 0 answers in megabytes.
pub(crate) fn ls_refs_request() -> Vec<u8> {
    let mut body = Vec::new();
    pkt::put(&mut body, "command=ls-refs\n");
    body.extend_from_slice(b"0001");
    for argument in ["symrefs", "ref-prefix HEAD", "ref-prefix refs/heads/", "ref-prefix refs/tags/"] {
        pkt::put(&mut body, &format!("{argument}\n"));
    }
    body.extend_from_slice(b"0000");
    body
}

/// Reads the answer to [`ls_refs_request`].
pub(crate) fn ls_refs(mut bytes: &[u8]) -> Result<Listing, Fault> {
    let mut listing = Listing::default();
    while let Some(packet) = pkt::take(&mut bytes)? {
        match packet {
            Packet::Data(data) => {
                let line = pkt::line(data);
                if let Some(message) = line.strip_prefix(b"ERR ") {
                    return Err(Fault::Said(said(message)));
                }
                add(&mut listing, line)?;
            }
            Packet::Flush => return Ok(listing),
            Packet::Delimiter | Packet::ResponseEnd => {
                return Err(Fault::Malformed("a divider among refs"));
            }
        }
    }
    Err(Fault::Malformed("a list of refs that ends early"))
}
