//! The choice between the system's theme, light and dark.

use super::{
    icons::{Glyph, Icon},
    words::t,
};
use leptos::prelude::*;

/// A button that goes through system, light and dark. The page holds a face of it
/// for each, and the style shows the one that is chosen: `theme.js` says which
/// before the first paint, and the island of keys when it is pressed.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let faces = [
        ("system", Glyph::System, t!("Theme: system")),
        ("light", Glyph::Light, t!("Theme: light")),
        ("dark", Glyph::Dark, t!("Theme: dark")),
    ];
    let faces = faces.map(|(theme, glyph, label)| {
        view! { <span data-face=theme><Icon glyph/><span class="sr-only">{label}</span></span> }
    });
    view! { <button type="button" id="theme" class="ghost icon-only needs-js">{faces.collect_view()}</button> }
        .into_any()
}
