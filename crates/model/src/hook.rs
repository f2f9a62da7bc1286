//! Webhooks: the name of one, and what comes of its deliveries.

use crate::OrganisationId;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The last segment of a webhook's address: `<organisation>.<32 hexadecimal
/// digits>`. It names the organisation, so that no table of all organisations'
/// webhooks is needed; the digits are random, so that it names the repository
/// to nobody but us.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HookId {
    organisation: OrganisationId,
    text: String,
}

/// A text that is no webhook's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a webhook; expected an organisation, a dot, and 32 lower-case hexadecimal digits")]
pub struct InvalidHookId;

impl HookId {
    /// The webhook of this organisation with these bytes, which must be random.
    pub fn from_random(organisation: &OrganisationId, bytes: [u8; 16]) -> Self {
        let text = format!("{organisation}.{}", hex::encode(bytes));
        Self { organisation: organisation.clone(), text }
    }

    /// The organisation that it names. Naming proves nothing.
    pub fn organisation(&self) -> &OrganisationId {
        &self.organisation
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for HookId {
    type Err = InvalidHookId;

    fn from_str(text: &str) -> Result<Self, InvalidHookId> {
        let (organisation, digits) = text.split_once('.').ok_or(InvalidHookId)?;
        let hexadecimal = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() != 32 || !hexadecimal {
            return Err(InvalidHookId);
        }
        let organisation = organisation.parse().map_err(|_| InvalidHookId)?;
        Ok(Self { organisation, text: text.to_owned() })
    }
}

impl fmt::Display for HookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What came of a webhook's delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryOutcome {
    /// A sync takes care of it.
    Accepted,
    /// What it tells was seen already.
    UpToDate,
    /// The host tried whether deliveries arrive.
    Pong,
    /// An event that moves no branch and no tag.
    Ignored,
    /// It was handled before.
    Duplicate,
    /// Its signature is missing, wrong or too old.
    WrongSignature,
    /// It is signed, and cannot be read.
    Malformed,
    /// Its body is larger than any is read.
    TooLarge,
    /// The registry cannot open its own secret.
    NoSecret,
}

impl DeliveryOutcome {
    /// Whether nothing was done with it and someone should look.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::WrongSignature | Self::Malformed | Self::TooLarge | Self::NoSecret)
    }

    /// The outcome in a person's words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::UpToDate => "up to date",
            Self::Pong => "answered a ping",
            Self::Ignored => "ignored event",
            Self::Duplicate => "already handled",
            Self::WrongSignature => "refused: wrong signature",
            Self::Malformed => "refused: malformed",
            Self::TooLarge => "refused: too large",
            Self::NoSecret => "refused: the secret cannot be opened",
        }
    }
}

impl fmt::Display for DeliveryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhooks_name_reads_back_and_names_its_organisation() {
        let hook = HookId::from_random(&OrganisationId::local(), [0xa7; 16]);
        assert_eq!(hook.as_str(), format!("org_local.{}", "a7".repeat(16)));
        assert_eq!(hook.as_str().parse::<HookId>().unwrap(), hook);
        assert_eq!(hook.organisation(), &OrganisationId::local());
    }

    #[test]
    fn only_the_canonical_spelling_is_a_webhooks_name() {
        let digits = "a7".repeat(16);
        for text in [
            "",
            "org_local",
            &digits,
            &format!("org_local.{}", &digits[1..]),
            &format!("org_local.{}", digits.to_uppercase()),
            &format!("org_local.x.{}", &digits[2..]),
            &format!("local.{digits}"),
            &format!("org_local.{digits}/"),
        ] {
            assert!(text.parse::<HookId>().is_err(), "{text}");
        }
    }
}
