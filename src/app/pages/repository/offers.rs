//! The other registries of a repository, each ready to be added.

use crate::app::words::{count, t};
use crate::app::{
    format::number,
    parts::{fields::RenderedFor, may_change},
    terms,
};
use leptos::prelude::*;
use model::FoundRegistry;

/// Registries that were found and are not read.
#[component]
pub fn Offers(
    /// The repository's address.
    url: String,
    /// The registries.
    offers: Vec<FoundRegistry>,
) -> impl IntoView {
    let (built, own): (Vec<_>, Vec<_>) = offers.into_iter().partition(|registry| registry.built_from.is_some());
    // What this registry was built into is no news.
    let title = match own.len() {
        // Adding one is an administrator's to decide.
        0 => return ().into_any(),
        _ if !may_change() => return ().into_any(),
        1 => t!("This repository has another registry."),
        more => t!("This repository has %{count} more registries.", count = number(more)),
    };
    let rows = |registries: Vec<FoundRegistry>| {
        registries.into_iter().map(|registry| view! { <Row url=url.clone() registry/> }).collect_view()
    };
    let folders = count!(built.len(), "folder", "folders");
    let outputs = (!built.is_empty()).then(|| {
        view! {
            <details>
                <summary>{t!("%{folders} of built items, probably made from a registry above", folders = folders)}</summary>
                <ul>{rows(built)}</ul>
            </details>
        }
    });
    view! {
        <section class="offers" aria-labelledby="offers-title">
            <h2 id="offers-title">{title}</h2>
            <p class="hint">{t!("Each is served beside this one. A namespace keeps equal names apart: button becomes namespace/button.")}</p>
            <ul>{rows(own)}</ul>
            {outputs}
        </section>
    }
    .into_any()
}

#[component]
fn Row(url: String, registry: FoundRegistry) -> impl IntoView {
    let FoundRegistry { path, shape, items, .. } = registry;
    let place = path.strip_suffix("/registry.json").unwrap_or(&path).to_owned();
    let id = format!("namespace-of-{place}");
    view! {
        <li>
            <form method="post" action="/registry/new">
                <RenderedFor/>
                <input type="hidden" name="url" value=url/>
                <input type="hidden" name="configPath" value=path/>
                <span class="offer">
                    <strong class="mono">{place.clone()}</strong>
                    <span class="hint">{format!("{}, {}", terms::shape(shape), count!(items, "item", "items"))}</span>
                </span>
                <label class="sr-only" for=id.clone()>{t!("Namespace of %{name}", name = place)}</label>
                <input class="mono" id=id name="namespace" placeholder=t!("no namespace") autocomplete="off" autocapitalize="off" spellcheck="false"/>
                <button class="button" aria-label=t!("Add %{name}", name = place)>{t!("Add")}</button>
            </form>
        </li>
    }
    .into_any()
}
