//! The form that adds a repository.

use crate::app::{
    data::{AddRepositoryForm, FormError},
    parts::{
        Callout, Trail,
        fields::{Entry, Policies, RenderedFor, Text},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;

/// The form, with what was sent before if that had an error.
#[component]
pub fn AddRepositoryView(
    /// The form as it was last sent, or an empty one.
    form: AddRepositoryForm,
) -> impl IntoView {
    let AddRepositoryForm { url, name, namespace, config_path, branch, dependencies, error } = form;
    let about = |field: &str| {
        error.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let general = error.as_ref().filter(|error| error.field.is_none()).map(|FormError { message, .. }| message.clone());
    let detailed =
        !config_path.is_empty() || !branch.is_empty() || dependencies.is_some() || about("configPath").is_some();
    view! {
        <Title text="Add a repository – Registry"/>
        <Trail label="Repositories" href="/repositories"/>
        <form class="form" method="post" action="/repositories/new">
            <RenderedFor/>
            <h1>"Add a repository"</h1>
            {general.map(|message| view! { <Callout health=Health::Broken title="The repository was not added.">{message}</Callout> })}
            <Text
                name="url" label="Repository" value=url entry=Entry::Needed autofocus=true problem=about("url") mono=true
                placeholder="https://github.com/acme/ui" hint="The https address of a git repository, or the path of one on this machine."
            />
            <div class="pair">
                <Text name="name" label="Name" value=name problem=about("name") mono=true placeholder="ui" hint="Left empty: the last part of the address."/>
                <Text name="namespace" label="Namespace" value=namespace problem=about("namespace") mono=true placeholder="none" hint="Serves button as namespace/button."/>
            </div>
            <details open=detailed>
                <summary>"More settings"</summary>
                <div class="pair">
                    <Text name="branch" label="Branch" value=branch problem=about("branch") mono=true placeholder="the default branch"/>
                    <Text name="configPath" label="Registry file" value=config_path problem=about("configPath") mono=true placeholder="registry.json"/>
                </div>
                <Policies chosen=dependencies open=true/>
            </details>
            <div class="actions">
                <button class="button primary">"Add and sync"</button>
                <a class="button ghost" href="/repositories">"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}
