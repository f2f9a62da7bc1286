//! What the pages of the settings show: how to use the registry, tokens, the audit trail.

use super::FormError;
use crate::service::EventsPage;
use model::view::{MadeToken, TokenView};
use serde::Serialize;

/// How a project uses this registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UseData {
    /// The name under which projects know it.
    pub alias: String,
    /// Whether anyone may install from it.
    pub is_public: bool,
    /// The address of the item that sets a project up, quoted where a shell needs that.
    pub init: String,
    /// What components.json says of it, as indented JSON.
    pub snippet: String,
    /// The variable that holds a project's token; none where no token is needed.
    pub variable: Option<String>,
    /// A component to try it with.
    pub example: Option<String>,
}

/// The list of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokensData {
    /// The tokens, newest first.
    pub tokens: Vec<TokenView>,
    /// The form that makes one.
    pub form: TokenForm,
    /// The one that was just made: shown once.
    pub made: Option<MadeToken>,
}

/// The form that makes a token, as it was last sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenForm {
    /// The name.
    pub name: String,
    /// `read`, `sync` or `admin`.
    pub scope: String,
    /// `30d`, `90d`, `1y` or `never`.
    pub expires: String,
    /// What was wrong with it.
    pub error: Option<FormError>,
}

impl Default for TokenForm {
    fn default() -> Self {
        Self { name: String::new(), scope: "read".to_owned(), expires: "90d".to_owned(), error: None }
    }
}

/// The pages that ask before a token is replaced or revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenData {
    /// The token.
    pub token: TokenView,
    /// The one that took its place just now: shown once.
    pub made: Option<MadeToken>,
    /// Why it was not done.
    pub problem: Option<TokenProblem>,
}

/// Why a token was not replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenProblem(pub String);

/// The audit trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditData {
    /// A page of it.
    pub page: EventsPage,
    /// Whose actions are shown; empty for everyone's.
    pub actor: String,
    /// Which actions are shown; empty for all.
    pub action: String,
    /// What can be chosen.
    pub actions: Vec<&'static str>,
}
