//! What the page of activity needs.

use model::view::ActivityView;
use serde::Serialize;

/// What happened lately.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityData {
    /// A part of it, and the plot.
    pub activity: ActivityView,
    /// The repositories that can be chosen: id and name.
    pub repositories: Vec<(String, String)>,
    /// The one that is chosen; empty for all.
    pub repository: String,
}
