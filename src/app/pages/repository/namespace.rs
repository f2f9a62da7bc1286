//! The form that gives a repository another namespace.

use crate::app::words::{count, t};
use crate::app::{
    data::{NamespaceData, NamespaceForm},
    parts::{
        Trail,
        fields::{Note, RenderedFor},
        titled,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The form, and what another namespace means.
#[component]
pub fn NamespaceView(
    /// The repository and the form.
    data: NamespaceData,
) -> impl IntoView {
    let NamespaceData { repository, form: NamespaceForm { namespace, error } } = data;
    let path = format!("/registry/{}", repository.id);
    let invalid = error.is_some().then_some("true");
    let count = count!(repository.components, "component gets", "components get");
    let title = t!("Namespace of %{name}", name = repository.name);
    let action = format!("{path}/namespace");
    view! {
        <Title text=titled(&title)/>
        <Trail label=repository.name.clone() href=format!("{path}?tab=settings")/>
        <form class="form" method="post" action=action>
            <RenderedFor/>
            <h1>{title}</h1>
            <div class="field">
                <label for="namespace">{t!("Namespace")}</label>
                <input class="mono" id="namespace" name="namespace" value=namespace placeholder=t!("none") autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-invalid=invalid aria-describedby="namespace-note"/>
                <Note id="namespace-note" problem=error hint=t!("Serves button as namespace/button. Left empty: items have their own names.")/>
            </div>
            <ul class="plain">
                <li>{t!("%{count} another name.", count = count)}</li>
                <li>{t!("The old names lead to the new ones: who installs by an old name gets the component all the same.")}</li>
                <li>{t!("Versions and history stay.")}</li>
            </ul>
            <div class="actions">
                <button class="button primary">{t!("Change namespace")}</button>
                <a class="button ghost" href=format!("{path}?tab=settings")>{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}
