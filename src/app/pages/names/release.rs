//! The page that asks before a name is released.

use crate::app::words::t;
use crate::app::{
    format::component_href,
    parts::{Callout, Trail, When, fields::RenderedFor},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{Health, RemovedView};

/// What a release means.
#[component]
pub fn ReleaseView(
    /// The component whose name it is.
    removed: RemovedView,
) -> impl IntoView {
    let RemovedView { name, repository, repository_name, removed_at, leads_to, .. } = removed;
    let name = name.to_string();
    let action = component_href(&name).replacen("/components/", "/names/release/", 1);
    view! {
        <Title text=format!("Release {name} – Registry")/>
        <Trail label=t!("Names") href="/names"/>
        <form class="form" method="post" action=action>
            <RenderedFor/>
            <h1>"Release the name "<span class="mono">{name.clone()}</span>"?"</h1>
            <p class="lead">
                "Its component was removed from "<a href=format!("/registry/{repository}")>{repository_name}</a>" "<When at=removed_at/>"."
            </p>
            {leads_to.map(|to| view! {
                <Callout health=Health::Attention title=t!("The name is in use.")>
                    "It leads to "<a class="mono" href=component_href(to.as_str())>{to.to_string()}</a>
                    ". Whoever still asks for it will not be sent on."
                </Callout>
            })}
            <ul class="plain">
                <li>{t!("The name answers as if it had never been, until someone publishes it.")}</li>
                <li>"Pinned states go with it: "<code>{format!("{name}@v1")}</code>" and "<code>{format!("{name}@sha-…")}</code>" stop working."</li>
                <li>{t!("A repository that waits for the name is synced and has it then. Any other may publish it first.")}</li>
                <li>{t!("The repository's history stays, and so do the component's versions in it.")}</li>
            </ul>
            <div class="actions">
                <button class="button danger">{t!("Release")}</button>
                <a class="button ghost" href="/names">{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}
