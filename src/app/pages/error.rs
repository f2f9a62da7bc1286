//! What stands in a page's place when it cannot be shown.

use crate::app::error::PageError;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

/// An error, which is also the response's status.
#[component]
pub fn ErrorView(
    /// The error.
    error: PageError,
) -> impl IntoView {
    let PageError { status, title, message, action } = error;
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), status.try_into()) {
        response.set_status(status);
    }
    view! {
        <Title text=title.clone()/>
        <section class="stop">
            <p class="code">{status}</p>
            <h1>{title}</h1>
            <p>{message}</p>
            {action.map(|(label, href)| view! { <a class="button" href=href>{label}</a> })}
        </section>
    }
    .into_any()
}
