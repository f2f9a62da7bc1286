//! The proof of access that every verb takes.

use model::{OrganisationId, RepositoryId, TokenId};
use serde::{Deserialize, Serialize};
use std::{fmt, marker::PhantomData, net::IpAddr, str::FromStr};

/// What a token may do. Each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Get components and look at everything.
    Read,
    /// Ask for syncs.
    Sync,
    /// Change everything.
    Admin,
}

impl Scope {
    /// The scope as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sync => "sync",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "read" => Ok(Self::Read),
            "sync" => Ok(Self::Sync),
            "admin" => Ok(Self::Admin),
            _ => Err(format!("`{text}` is not a scope; expected read, sync or admin")),
        }
    }
}

/// A role that an [`Access`] proves.
pub trait Role: Send + std::marker::Sync + 'static {
    /// The least scope that a token needs for it.
    const SCOPE: Scope;
    /// Whether someone unknown may have it: in a public organisation, and in local
    /// mode on this very machine.
    const ANONYMOUS: bool = false;
}

/// May get components, as the shadcn CLI does.
#[derive(Debug, Clone, Copy)]
pub struct Install;
/// May look at everything.
#[derive(Debug, Clone, Copy)]
pub struct Read;
/// May ask for syncs.
#[derive(Debug, Clone, Copy)]
pub struct Sync;
/// May change everything.
#[derive(Debug, Clone, Copy)]
pub struct Admin;

impl Role for Install {
    const SCOPE: Scope = Scope::Read;
    const ANONYMOUS: bool = true;
}
impl Role for Read {
    const SCOPE: Scope = Scope::Read;
}
impl Role for Sync {
    const SCOPE: Scope = Scope::Sync;
}
impl Role for Admin {
    const SCOPE: Scope = Scope::Admin;
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever can read this machine's data folder.
    Operator,
    /// Someone signed in.
    Person(String),
    /// A program with this token.
    Token(TokenId),
    /// A program with this API key of the sign-in provider.
    ApiKey(String),
    /// The git host of this repository, by a signed delivery.
    Webhook(RepositoryId),
    /// Someone unknown: on this machine, or who reads a public registry.
    Anonymous,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Person(name) => write!(f, "person:{name}"),
            Self::Token(id) => write!(f, "token:{id}"),
            Self::ApiKey(id) => write!(f, "api-key:{id}"),
            Self::Webhook(id) => write!(f, "webhook:{id}"),
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}

/// Proof that someone may act as `R` in one organisation. It carries the
/// organisation, so no verb takes one.
///
/// Only `auth` makes them. Whoever forgets to ask for one does not compile:
///
/// ```compile_fail,E0061
/// # #[cfg(feature = "ssr")]
/// async fn handler(service: registry::service::RegistryService) {
///     let _ = service.repositories().await;
/// }
/// ```
///
/// And nobody else can make one up:
///
/// ```compile_fail,E0451
/// # #[cfg(feature = "ssr")]
/// # use registry::auth::{Access, Actor, Admin};
/// let access: Access<Admin> = Access {
///     organisation: model::OrganisationId::local(),
///     actor: Actor::Operator,
///     address: None,
///     role: std::marker::PhantomData,
/// };
/// ```
#[derive(Debug)]
pub struct Access<R: Role> {
    organisation: OrganisationId,
    actor: Actor,
    address: Option<IpAddr>,
    role: PhantomData<R>,
}

impl<R: Role> Clone for Access<R> {
    fn clone(&self) -> Self {
        Self {
            organisation: self.organisation.clone(),
            actor: self.actor.clone(),
            address: self.address,
            role: PhantomData,
        }
    }
}

impl<R: Role> Access<R> {
    /// For this room alone.
    pub(super) fn granted(organisation: OrganisationId, actor: Actor) -> Self {
        Self { organisation, actor, address: None, role: PhantomData }
    }

    /// The same, asked for from this address.
    #[must_use]
    pub(super) fn asked_from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The organisation in which it holds.
    pub fn organisation(&self) -> &OrganisationId {
        &self.organisation
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The address that it was asked from, if one is known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

impl Access<Admin> {
    /// The access of whoever runs this program on this machine: commands, and
    /// jobs that the service starts by itself.
    pub fn operator(organisation: OrganisationId) -> Self {
        Self::granted(organisation, Actor::Operator)
    }
}

/// A stronger access serves where a weaker one is asked for.
macro_rules! includes {
    ($($strong:ty => $weak:ty),* $(,)?) => {$(
        impl From<Access<$strong>> for Access<$weak> {
            fn from(access: Access<$strong>) -> Self {
                Self::granted(access.organisation, access.actor).asked_from(access.address)
            }
        }
    )*};
}

includes!(Admin => Sync, Admin => Read, Admin => Install, Sync => Read, Sync => Install, Read => Install);
