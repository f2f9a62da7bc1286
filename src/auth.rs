//! Who is asking, in which organisation, with which role.
//!
//! [`Access`] is the proof that everything else asks for. Only this room can
//! make one: from a token, from a session of ours or of Clerk's, from a signed delivery of a git host, or
//! for the operator of this machine.

mod access;
mod anyone;
mod asker;
mod extract;
mod limits;
mod local;
mod origin;
mod sessions;
mod sign_in;
mod token;
mod webhook;

pub use access::{Access, Actor, Admin, Install, Read, Role, Scope, Sync};
pub use asker::{Asker, InvalidTrustedProxies, TrustedProxies};
pub use extract::{Admitted, Authenticator, NamedOrganisation, access, signed_in};
pub use limits::{InvalidRate, Limit, Limits, Rate};
pub use local::{LoginError, LoginLinks, LoginToken};
pub use origin::{check_host, guard_origin};
pub use sessions::{Sessions, purge_sessions, session_layer, sign_in, sign_out};
pub use sign_in::{Settled, SignIn};
pub use token::{ApiToken, MalformedToken, TokenHash, TokenRecord, TokenTable, Verdict};
