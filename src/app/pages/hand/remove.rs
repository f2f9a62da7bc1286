//! The page that asks before a component made by hand is removed.

use crate::app::words::{count, t};
use crate::app::{
    format::component_href,
    parts::{Callout, HERE, Trail, around, fields::RenderedFor, titled},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{ComponentView, Health};

/// What goes, and who needs it.
#[component]
pub fn RemoveView(
    /// The component.
    component: ComponentView,
) -> impl IntoView {
    let name = component.row.name.to_string();
    let page = component_href(&name);
    let action = page.replacen("/components/", "/hand/remove/", 1);
    let files = count!(component.contents.len(), "file", "files");
    let versions = count!(component.versions.len(), "version", "versions");
    let users = component.used_by;
    let count = users.len();
    let listed = users
        .into_iter()
        .map(|user| view! { <li><a class="mono" href=component_href(user.as_str())>{user.to_string()}</a></li> })
        .collect_view();
    let shown = view! { <span class="mono">{name.clone()}</span> }.into_any();
    view! {
        <Title text=titled(t!("Remove %{name}", name = name))/>
        <Trail label=t!("Components") href="/components"/>
        <form class="form" method="post" action=action>
            <RenderedFor/>
            <h1>{around(t!("Remove %{name}?", name = HERE), [shown])}</h1>
            {(count > 0).then(|| view! {
                <Callout health=Health::Attention title=t!("%{count} it.", count = count!(count, "component needs", "components need"))>
                    {t!("Installing them fails while it is removed:")}
                    <ul class="problems">{listed}</ul>
                </Callout>
            })}
            <ul class="plain">
                <li>{t!("It is not served any more: %{files}, %{versions} so far. Who asks for it is told that it was removed.", files = files, versions = versions)}</li>
                <li>{t!("Nothing is lost: roll back in the history of what is made by hand, and it is served again.")}</li>
                <li>{t!("Its name is held until you release it, so nobody else can publish under it.")}</li>
            </ul>
            {(count == 0).then(|| view! { <p class="hint">{t!("No other component of this registry needs it.")}</p> })}
            <input type="hidden" name="version" value=component.row.version.to_string()/>
            <div class="actions">
                <button class="button danger">{t!("Remove")}</button>
                <a class="button ghost" href=page>{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}
