//! What stands in a page's place when it cannot be shown.

use crate::app::error::PageError;
use axum::http::{HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

/// An error, which is also the response's status.
#[component]
pub fn ErrorView(
    /// The error.
    error: PageError,
) -> impl IntoView {
    let PageError { status, title, message, action, other, again } = error;
    if let Some(response) = use_context::<ResponseOptions>() {
        if let Ok(status) = status.try_into() {
            response.set_status(status);
        }
        if let Some(seconds) = again {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
            // Browsers take it as they take a `<meta http-equiv="refresh">`.
            response.insert_header(header::REFRESH, HeaderValue::from(seconds));
        }
    }
    view! {
        <Title text=title.clone()/>
        <section class="stop">
            <p class="code">{status}</p>
            <h1>{title}</h1>
            <p>{message}</p>
            {action.map(|(label, href)| view! { <a class="button" href=href>{label}</a> })}
            {other.map(|(label, href)| view! { <a class="button ghost" href=href>{label}</a> })}
        </section>
    }
    .into_any()
}
