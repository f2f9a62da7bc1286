//! What the page that adds a repository shows of GitHub.

use super::AddRepositoryForm;
use crate::service::GithubRepositories;
use model::NextStep;
use serde::Serialize;
use std::borrow::Cow;

/// The page that adds a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddRepositoryData {
    /// The form, as it was last sent.
    pub form: AddRepositoryForm,
    /// What GitHub offers; nothing in local mode without a token.
    pub github: Option<GithubPicker>,
    /// Whether repositories on the server's disk may be added.
    pub takes_paths: bool,
}

/// The choice among an organisation's repositories on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GithubPicker {
    /// What was looked for.
    pub q: String,
    /// What was found, or why nothing can be.
    pub found: Result<GithubRepositories, GithubProblem>,
}

/// Why there is nothing to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GithubProblem {
    /// Whether nothing is wrong: GitHub is just not connected yet.
    pub is_new: bool,
    /// What, in a few words.
    pub title: Cow<'static, str>,
    /// Why, and what now.
    pub message: String,
    /// Where that is done.
    pub next: Option<NextStep>,
}
