//! The page that asks before a name is released.

use crate::app::words::t;
use crate::app::{
    format::component_href,
    parts::{Callout, HERE, Trail, When, around, fields::RenderedFor, titled},
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
    let shown = view! { <span class="mono">{name.clone()}</span> }.into_any();
    let from = view! { <a href=format!("/registry/{repository}")>{repository_name}</a> }.into_any();
    let when = view! { <When at=removed_at/> }.into_any();
    let pinned = ["v1", "sha-…"].map(|at| view! { <code>{format!("{name}@{at}")}</code> }.into_any());
    view! {
        <Title text=titled(t!("Release %{name}", name = name))/>
        <Trail label=t!("Names") href="/names"/>
        <form class="form" method="post" action=action>
            <RenderedFor/>
            <h1>{around(t!("Release the name %{name}?", name = HERE), [shown])}</h1>
            <p class="lead">
                {around(t!("Its component was removed from %{repository} %{when}.", repository = HERE, when = HERE), [from, when])}
            </p>
            {leads_to.map(|to| {
                let link = view! { <a class="mono" href=component_href(to.as_str())>{to.to_string()}</a> }.into_any();
                let told = around(t!("It leads to %{name}. Whoever still asks for it will not be sent on.", name = HERE), [link]);
                view! { <Callout health=Health::Attention title=t!("The name is in use.")>{told}</Callout> }
            })}
            <ul class="plain">
                <li>{t!("The name answers as if it had never been, until someone publishes it.")}</li>
                <li>{around(t!("Pinned states go with it: %{tag} and %{commit} stop working.", tag = HERE, commit = HERE), pinned)}</li>
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
