//! Keyboard shortcuts, and copying.

use leptos::prelude::*;

/// Listens on the whole page: shortcuts, and clicks on the theme's button and on
/// what has `data-copy`, `data-copy-from` or `data-palette`. Its children are what it shows and says:
/// a dialog `shortcuts`, and a status `said` with the words as data.
#[island]
pub fn Shortcuts(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(super::browser::listen);
    children()
}
