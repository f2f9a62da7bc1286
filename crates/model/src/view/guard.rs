//! API tokens and the audit trail.

use super::Millis;
use crate::{EntityId, TokenId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What can be told of a token: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// The name people gave it.
    pub name: String,
    /// What it may do: `read`, `sync` or `admin`.
    pub scope: String,
    /// Whether it opens anything now.
    pub state: TokenState,
    /// When it was made.
    pub created_at: Millis,
    /// Who made it, as far as that was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Until when it is valid; for ever if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// When it was last used, to the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Millis>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
    /// The token that was made to take its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<TokenId>,
}

/// Whether a token opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    /// It does.
    Active,
    /// It does until its time is over; another took its place.
    Replaced,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl TokenState {
    /// Whether it opens anything.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Active | Self::Replaced)
    }
}

/// A token that was just made. Its text is here and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    /// The token's text, to be shown once.
    pub token: String,
    /// What else there is to tell.
    #[serde(flatten)]
    pub view: TokenView,
}

impl fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeToken").field("token", &"(hidden)").field("view", &self.view).finish()
    }
}

/// An entry of the audit trail: who did what to what, when and from where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// Its id.
    pub id: EntityId,
    /// When it happened.
    pub at: Millis,
    /// Who did it: `operator`, `person:…`, `token:…`, `webhook:…`, `job:…`.
    pub actor: String,
    /// The address that it was asked from; none for what this machine or the service itself did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was done: `token.create`, `repository.remove`, …
    pub action: String,
    /// What it was done to: an id or a name.
    pub subject: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_just_made_does_not_show_itself_in_debug() {
        let view = TokenView {
            id: TokenId::random(),
            name: "ci".to_owned(),
            scope: "read".to_owned(),
            state: TokenState::Active,
            created_at: 0,
            created_by: None,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            replaced_by: None,
        };
        let made = MadeToken { token: "ekr_secret".to_owned(), view };
        assert!(!format!("{made:?}").contains("ekr_secret"));
        let text = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<MadeToken>(&text).unwrap(), made);
    }
}
