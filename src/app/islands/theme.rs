//! The choice between the system's theme, light and dark.

use crate::app::icons::Glyph;
use leptos::prelude::*;

/// A button that goes through system, light and dark. `theme.js` applies the
/// stored choice before the first paint.
#[island]
pub fn ThemeToggle() -> impl IntoView {
    let theme = RwSignal::new("system");
    #[cfg(feature = "hydrate")]
    Effect::new(move || theme.set(super::browser::theme()));
    let next = move || match theme.get() {
        "system" => "light",
        "light" => "dark",
        _ => "system",
    };
    let label = move || match theme.get() {
        "light" => "Theme: light",
        "dark" => "Theme: dark",
        _ => "Theme: system",
    };
    let choose = move |_| {
        theme.set(next());
        #[cfg(feature = "hydrate")]
        super::browser::set_theme(theme.get_untracked());
    };
    let path = move || match theme.get() {
        "light" => Glyph::Light.path(),
        "dark" => Glyph::Dark.path(),
        _ => Glyph::System.path(),
    };
    view! {
        <button type="button" id="theme" class="ghost icon-only needs-js" aria-label=label data-hint=label on:click=choose>
            <svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
                <path d=path></path>
            </svg>
        </button>
    }
}
