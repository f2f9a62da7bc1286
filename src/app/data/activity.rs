//! What the page of activity needs.

use model::view::{ActivityView, Millis};
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
    /// The kind that is chosen; empty for all.
    pub kind: &'static str,
    /// The week that is chosen: its Monday.
    pub week: Option<Millis>,
    /// Where the feed is.
    pub feed: String,
}
