//! What can be changed of a repository, and the ways to its other pages.

use crate::app::words::t;
use crate::app::{
    data::{FormError, SettingsForm},
    parts::{
        Callout, HERE, around,
        confirm::{Confirm, Question},
        fields::{Entry, Policies, RenderedFor, Text},
    },
};
use leptos::prelude::*;
use model::view::{Health, RepositoryKind, RepositoryView};

/// The form, and what has a page of its own.
#[component]
pub fn SettingsView(
    /// The repository.
    repository: RepositoryView,
    /// The form, as it is or as it was last sent.
    form: SettingsForm,
    /// Whether it has a webhook.
    webhook: bool,
    /// Whether it has a deploy token.
    credential: bool,
    /// The time between two looks, where it has none of its own.
    configured: String,
) -> impl IntoView {
    let path = format!("/registry/{}", repository.id);
    let git = repository.kind == RepositoryKind::Git;
    let SettingsForm { name, url, branch, poll_every, dependencies, error } = form;
    let about = |field: &str| {
        error.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let general = error.as_ref().filter(|error| error.field.is_none()).map(|FormError { message, .. }| message.clone());
    let found = repository.last_sync.as_ref().and_then(|sync| sync.report.as_ref()?.registry.as_ref());
    let file = repository.config_path.clone().or_else(|| found.map(|found| found.path.clone())).unwrap_or_default();
    let source = git.then(|| {
        view! {
            <Text name="url" label=t!("Address") value=url problem=about("url") mono=true entry=Entry::Needed
                hint=t!("Where the repository is now. Components, versions and history stay when it moves.")/>
            <div class="pair">
                <Text name="branch" label=t!("Branch") value=branch problem=about("branch") mono=true
                    placeholder=t!("the default branch") hint=t!("Read again at once when it changes.")/>
                <Text name="pollEvery" label=t!("Time between looks") value=poll_every problem=about("pollEvery") mono=true
                    placeholder=t!("%{time}, as configured", time = configured) hint=t!("Such as 30s, 5m or 2h; off for never. Empty is as configured for all.")/>
            </div>
            <div class="field">
                <label for="registry-file">{t!("Registry file")}</label>
                <input class="mono" id="registry-file" value=file placeholder=t!("found by itself") readonly aria-describedby="registry-file-note"/>
                <p class="hint" id="registry-file-note">{t!("Cannot be changed. Another file of this repository is added as a repository of its own.")}</p>
            </div>
            <Policies chosen=dependencies problem=about("dependencies")/>
        }
    });
    view! {
        <form class="form" method="post" action=format!("{path}?tab=settings")>
            <RenderedFor/>
            {general.map(|message| view! { <Callout health=Health::Broken title=t!("Nothing was changed.")>{message}</Callout> })}
            <Text name="name" label=t!("Name") value=name problem=about("name") entry=Entry::Needed
                hint=if git {
                    t!("For people. What the components are called does not depend on it.")
                } else {
                    t!("For people. Nothing else can be changed of what is made by hand.")
                }/>
            {source}
            <div class="actions"><button class="button primary">{t!("Save changes")}</button></div>
        </form>
        {git.then(|| view! {
            <DeployToken path=path.clone() credential/>
            <Elsewhere repository path webhook/>
        })}
    }
    .into_any()
}

/// What a private repository is fetched with.
#[component]
fn DeployToken(path: String, credential: bool) -> impl IntoView {
    let action = format!("{path}/credential");
    let state = if credential {
        t!(
            "A token is kept, sealed. It is sent to the host of the address above and nowhere else. Another one takes its place."
        )
    } else {
        t!(
            "For a private repository: a token that may read it. It is kept sealed, and sent to the host of the address above and nowhere else."
        )
    };
    view! {
        <section class="form" aria-labelledby="deploy-token">
            <h2 id="deploy-token">{t!("Deploy token")}</h2>
            <p class="muted">{state}</p>
            <form method="post" action=action.clone() autocomplete="off">
                <RenderedFor/>
                <div class="pair">
                    <div class="field">
                        <label for="credential-username">{t!("User name")}</label>
                        <input class="mono" id="credential-username" name="username" placeholder=t!("any, for most hosts") maxlength="200"/>
                    </div>
                    <div class="field">
                        <label for="credential-token">{t!("Token")}</label>
                        <input class="mono" id="credential-token" name="token" r#type="password" autocomplete="new-password" required/>
                    </div>
                </div>
                <div class="actions"><button class="button">{if credential { t!("Replace the token") } else { t!("Keep the token") }}</button></div>
            </form>
            {credential.then(|| view! {
                <div class="actions"><Confirm question=Question {
                    id: "remove-credential".to_owned(), button: t!("Remove the token"), name: None, class: "button ghost",
                    title: t!("Remove the deploy token?").into_owned(), confirm: t!("Remove it"), action,
                    fields: vec![("remove", "true".to_owned())],
                }>
                    <ul class="plain">
                        <li>{t!("It is deleted here and cannot be shown or brought back. At the host it stays good until it is revoked there.")}</li>
                        <li>{t!("If the repository is private, the next sync fails unless another token may read it. What is published stays served.")}</li>
                    </ul>
                </Confirm></div>
            })}
        </section>
    }
    .into_any()
}

/// Settings with a page of their own.
#[component]
fn Elsewhere(repository: RepositoryView, path: String, webhook: bool) -> impl IntoView {
    let names = match &repository.namespace {
        Some(namespace) => {
            let shown = view! { <code>{format!("{namespace}/…")}</code> }.into_any();
            around(t!("Components are served as %{name}.", name = HERE), [shown])
        }
        None => t!("Components are served by their own names, without a namespace.").into_any(),
    };
    let pushes = if webhook {
        t!("The git host tells of every push, and it is served seconds later.")
    } else {
        t!("There is none. With one, the git host tells of every push, and it is served seconds later.")
    };
    view! {
        <ul class="ways">
            <li>
                <div><h2>{t!("Namespace")}</h2><p>{names}</p></div>
                <a class="button" href=format!("{path}/namespace")>{t!("Change namespace")}</a>
            </li>
            <li>
                <div><h2>{t!("Webhook")}</h2><p>{pushes}</p></div>
                <a class="button" href=format!("{path}/webhook")>{if webhook { t!("See the webhook") } else { t!("Set up a webhook") }}</a>
            </li>
            <li>
                <div><h2>{t!("Remove the repository")}</h2><p>{t!("Its components are not served any more, and their history goes. You see what exactly before it happens.")}</p></div>
                <a class="button danger" href=format!("{path}/remove")>{t!("Remove repository")}</a>
            </li>
        </ul>
    }
    .into_any()
}
