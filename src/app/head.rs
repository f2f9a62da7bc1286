//! What a document says of itself beside its title: icons, colours, and the card
//! that other sites show where someone shares its address (<https://ogp.me>).

use super::words::t;
use crate::app_state::AppState;
use leptos::prelude::*;
use leptos_meta::Meta;

/// What all documents have.
#[component]
pub fn DocumentHead() -> impl IntoView {
    // Other sites take no relative addresses.
    let picture = use_context::<AppState>().map(|state| format!("{}/card.png", state.service.origin()));
    view! {
        // As `--background` in style/tokens.css.
        <Meta name="theme-color" content="#ffffff" attr:media="(prefers-color-scheme: light)"/>
        <Meta name="theme-color" content="#0c0c0d" attr:media="(prefers-color-scheme: dark)"/>
        <Meta property="og:site_name" content="Ekairos Registry"/>
        <Meta property="og:type" content="website"/>
        {picture.map(|picture| view! {
            <Meta property="og:image" content=picture/>
            <Meta property="og:image:width" content="1200"/>
            <Meta property="og:image:height" content="630"/>
            <Meta property="og:image:alt" content=t!("Ekairos Registry: git repositories in, shadcn add out").into_owned()/>
            <Meta name="twitter:card" content="summary_large_image"/>
        })}
    }
}

/// What a page that anyone may see says of itself where its address is shared.
#[component]
pub fn Preview(
    /// The page's subject.
    #[prop(into)]
    title: String,
    /// A sentence about it.
    #[prop(into)]
    description: String,
) -> impl IntoView {
    view! {
        <Meta name="description" content=description.clone()/>
        <Meta property="og:title" content=title/>
        <Meta property="og:description" content=description/>
    }
}
