//! The components beside one of them.

use crate::app::{
    data::Around,
    format::component_href,
    parts::siblings::{Sibling, Siblings},
    words::{count, t},
};
use leptos::prelude::*;
use model::ItemName;

/// The components around the open one, in the order of the list of all.
#[component]
pub fn OtherComponents(
    /// Their names.
    around: Around,
    /// The one whose page it is.
    open: ItemName,
) -> impl IntoView {
    let more = around.total - around.names.len();
    let row = |name: ItemName| Sibling {
        href: component_href(name.as_str()),
        open: name == open,
        name: name.to_string(),
        count: None,
    };
    let rows = around.names.into_iter().map(row).collect();
    let more = (more > 0).then(|| count!(more, "component", "components"));
    view! { <Siblings label=t!("Components") rows more all="/components" mono=true/> }.into_any()
}
