//! Why a request is not signed in, in Clerk's words.

use std::{borrow::Cow, fmt};

/// Why a token is not taken. The order of the checks is that of Clerk's SDK, and
/// it matters: an expired token of another origin is never renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenRefusal {
    /// It is no JWT.
    Invalid,
    /// It is a token of another kind.
    TypeMismatch,
    /// No key of the instance has its key's id.
    KeyMismatch,
    /// It names an algorithm that is not taken.
    Algorithm,
    /// Its signature is not of the instance.
    Signature,
    /// A claim that must be there is not, or is of the wrong type.
    VerificationFailed,
    /// It was issued for another origin.
    AuthorizedParties,
    /// It was issued by another instance.
    Issuer,
    /// Its time is over.
    Expired,
    /// Its time has not come (`nbf`).
    NotActiveYet,
    /// It was issued in the future.
    IssuedInTheFuture,
}

impl TokenRefusal {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "token-invalid",
            Self::TypeMismatch => "token-type-mismatch",
            Self::KeyMismatch => "jwk-kid-mismatch",
            Self::Algorithm => "token-invalid-algorithm",
            Self::Signature => "token-invalid-signature",
            Self::VerificationFailed => "token-verification-failed",
            Self::AuthorizedParties => "token-invalid-authorized-parties",
            Self::Issuer => "token-invalid-issuer",
            Self::Expired => "token-expired",
            Self::NotActiveYet => "token-not-active-yet",
            Self::IssuedInTheFuture => "token-iat-in-the-future",
        }
    }
}

/// Why a request is signed out, or sent through a handshake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No sign of anybody.
    SessionAndUatMissing,
    /// A session, but Clerk's hint says that nobody is signed in.
    SessionButNoUat,
    /// Someone is signed in, and this host has no session yet.
    UatButNoSession,
    /// The session is older than the last sign-in.
    SessionBeforeUat,
    /// The handshake brought no session: nobody is signed in.
    SessionMissing,
    /// The token's time is over and it was not renewed; why not.
    Expired(Cow<'static, str>),
    /// The token's time has not come.
    NotBefore,
    /// The token was issued in the future.
    IssuedInTheFuture,
    /// A development instance does not know the browser yet.
    DevBrowserMissing,
    /// A development instance's page sent its browser token along.
    DevBrowserSync,
    /// Someone comes from where the organisation may have been switched.
    CrossOriginSync,
    /// The address names another organisation than the active one.
    OrganizationMismatch,
    /// Someone comes back from the platform (our own word).
    Returned,
    /// An API key is wanted, and there is no header.
    NoTokenInHeader,
    /// The token is not taken.
    Token(TokenRefusal),
}

impl Reason {
    /// The word for it: what the header `x-clerk-auth-reason` says.
    pub fn as_str(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::SessionAndUatMissing => "session-token-and-uat-missing",
            Self::SessionButNoUat => "session-token-but-no-client-uat",
            Self::UatButNoSession => "client-uat-but-no-session-token",
            Self::SessionBeforeUat => "session-token-iat-before-client-uat",
            Self::SessionMissing => "session-token-missing",
            Self::Expired(why) => return Cow::Owned(format!("session-token-expired-refresh-{why}")),
            Self::NotBefore => "session-token-nbf",
            Self::IssuedInTheFuture => "session-token-iat-in-the-future",
            Self::DevBrowserMissing => "dev-browser-missing",
            Self::DevBrowserSync => "dev-browser-sync",
            Self::CrossOriginSync => "primary-domain-cross-origin-sync",
            Self::OrganizationMismatch => "active-organization-mismatch",
            Self::Returned => "ekairos-return",
            Self::NoTokenInHeader => "No token in header",
            Self::Token(refusal) => refusal.as_str(),
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str())
    }
}
