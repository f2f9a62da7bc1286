//! The page that adds a repository: chosen from GitHub, or by its address.

pub mod github;

use self::github::GithubView;

use crate::app::words::t;
use crate::app::{
    data::{AddRepositoryData, AddRepositoryForm, FormError},
    parts::{
        Callout, Trail,
        fields::{Entry, Policies, RenderedFor, Text},
        titled,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;

/// What GitHub offers, and the form, with what was sent before if that had an error.
#[component]
pub fn AddRepositoryView(
    /// The form as it was last sent, or an empty one; and what GitHub offers.
    data: AddRepositoryData,
) -> impl IntoView {
    let AddRepositoryData { form, github, takes_paths } = data;
    let AddRepositoryForm { url, name, namespace, config_path, branch, dependencies, username, error } = form;
    // The list comes first, unless someone is busy with the form.
    let lists = github.as_ref().is_some_and(|github| github.found.is_ok());
    let by_address = lists.then(|| view! { <h2>{t!("Or by its address")}</h2> });
    let hint = if takes_paths {
        t!("The https address of a git repository, or the path of one on this machine.")
    } else {
        t!("The https address of a git repository.")
    };
    let autofocus = !lists || error.is_some();
    let about = |field: &str| {
        error.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let general = error.as_ref().filter(|error| error.field.is_none()).map(|FormError { message, .. }| message.clone());
    let detailed = !config_path.is_empty()
        || !branch.is_empty()
        || dependencies.is_some()
        || !username.is_empty()
        || about("configPath").is_some();
    view! {
        <Title text=titled(t!("Add a repository"))/>
        <Trail label=t!("Repositories") href="/registry"/>
        <h1 class="add">{t!("Add a repository")}</h1>
        {github.map(|picker| view! { <GithubView picker/> })}
        <form class="form" method="post" action="/registry/new" autocomplete="off">
            <RenderedFor/>
            {by_address}
            {general.map(|message| view! { <Callout health=Health::Broken title=t!("The repository was not added.")>{message}</Callout> })}
            <Text
                name="url" label=t!("Repository") value=url entry=Entry::Needed autofocus=autofocus problem=about("url") mono=true
                placeholder="https://github.com/acme/ui" hint=hint
            />
            <div class="pair">
                <Text name="name" label=t!("Name") value=name problem=about("name") mono=true placeholder="ui" hint=t!("Left empty: the last part of the address.")/>
                <Text name="namespace" label=t!("Namespace") value=namespace problem=about("namespace") mono=true placeholder=t!("none") hint=t!("Serves button as namespace/button.")/>
            </div>
            <details open=detailed>
                <summary>{t!("More settings")}</summary>
                <div class="pair">
                    <Text name="branch" label=t!("Branch") value=branch problem=about("branch") mono=true placeholder=t!("the default branch")/>
                    <Text name="configPath" label=t!("Registry file") value=config_path problem=about("configPath") mono=true placeholder="registry.json"/>
                </div>
                <div class="pair">
                    <div class="field">
                        <label for="token">{t!("Deploy token")}</label>
                        <input class="mono" id="token" name="token" r#type="password" autocomplete="new-password" aria-describedby="token-note"/>
                        <p class="hint" id="token-note">{t!("For a private repository: kept sealed, and sent to the host of its address alone.")}</p>
                    </div>
                    <Text name="username" label=t!("User name") value=username problem=about("username") mono=true placeholder=t!("any, for most hosts") hint=t!("That goes with the token.")/>
                </div>
                <Policies chosen=dependencies open=true/>
            </details>
            <div class="actions">
                <button class="button primary">{t!("Add and sync")}</button>
                <a class="button ghost" href="/registry">{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}
