//! Ids that Clerk gives.

use std::{fmt, str::FromStr};

/// Most characters of an id. Clerk's have about 32.
const LONGEST: usize = 128;

/// A text that cannot be an id of Clerk's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id of Clerk's has up to 128 letters, digits, `_` and `-`")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id as text. It needs no escaping in an address.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                is_plain(text).then(|| Self(text.to_owned())).ok_or(InvalidId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A user, such as `user_2abc`.
    UserId
}
id! {
    /// An organisation, such as `org_2abc`.
    OrganizationId
}
id! {
    /// A session of a user, such as `sess_2abc`.
    SessionId
}

/// Whether a text may stand in an address as it is.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_to_another_address() {
        assert_eq!("org_1".parse::<OrganizationId>().unwrap().as_str(), "org_1");
        for text in ["", "org/1", "..", "org_1?x", "org_1#", "org 1", "org%2f", "ünder", &"a".repeat(129)] {
            assert_eq!(text.parse::<OrganizationId>(), Err(InvalidId), "{text}");
        }
    }
}
