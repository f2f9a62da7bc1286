//! The choice between the system's theme, light and dark.

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
        "light" => {
            "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1v1.25M8 13.75V15M1 8h1.25M13.75 8H15M3 3l.9.9M12.1 12.1l.9.9M3 13l.9-.9M12.1 3.9l.9-.9"
        }
        "dark" => "M13.5 9.75A6 6 0 0 1 6.25 2.5a6 6 0 1 0 7.25 7.25z",
        _ => "M2 2.75h12v8H2zM5.5 13.5h5M8 10.75v2.75",
    };
    view! {
        <button type="button" class="ghost icon-only needs-js" aria-label=label data-hint=label on:click=choose>
            <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d=path></path>
            </svg>
        </button>
    }
}
