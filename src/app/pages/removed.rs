//! A component that is no longer served: what it was, and what to do.

use crate::app::{
    data::ReplacementForm,
    format::{component_href, kind},
    parts::{
        Callout, Copyable, ForAdmins, Trail, When,
        fields::{Note, RenderedFor},
        may_change, titled,
    },
    words::t,
};
use axum::http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use model::view::{Health, RemovedView};

/// A removed component.
#[component]
pub fn RemovedPageView(
    /// The component.
    removed: RemovedView,
    /// The form that chooses a replacement, as it was last sent.
    form: ReplacementForm,
) -> impl IntoView {
    let RemovedView {
        name,
        kind: type_,
        title,
        description,
        repository,
        repository_name,
        by_hand,
        removed_at,
        version,
        replacement,
        chosen,
        ..
    } = removed;
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::GONE);
    }
    let name = name.to_string();
    let release = component_href(&name).replacen("/components/", "/names/release/", 1);
    let replace = component_href(&name).replacen("/components/", "/names/replace/", 1);
    let history = format!("/registry/{repository}?tab=history");
    let told = replacement.clone().map(|replacement| {
        let reason = if chosen { t!("An admin chose it.") } else { t!("It has the same content.") };
        view! { {t!("Who asks for it is told to use")}" "<a class="mono" href=component_href(replacement.as_str())>{replacement.to_string()}</a>". "{reason} }
    });
    let shown = if form.error.is_some() {
        form.by
    } else {
        replacement.filter(|_| chosen).map(|name| name.to_string()).unwrap_or_default()
    };
    view! {
        <Title text=titled(&name)/>
        <Trail label=t!("Components") href="/components"/>
        <header class="head component-head">
            <div class="title">
                <h1 class="mono">{name.clone()}</h1>
                <span class="tag">{kind(&type_).to_owned()}</span>
            </div>
            <p class="lead">{description.or(title)}</p>
        </header>
        <Callout health=Health::Attention title=t!("It was removed and is not served.")>
            {match told {
                Some(told) => told.into_any(),
                None => t!("Who asks for it is told so.").into_any(),
            }}
        </Callout>
        <dl class="facts">
            <div><dt>{t!("Removed")}</dt><dd><When at=removed_at/></dd></div>
            <div><dt>{t!("From")}</dt><dd><a href=format!("/registry/{repository}")>{repository_name}</a></dd></div>
            {version.map(|version| view! {
                <div><dt>{t!("Last version")}</dt><dd><Copyable text=version.to_string() short=version.short() what=t!("digest")/></dd></div>
            })}
        </dl>
        {if may_change() {
            view! { <Decide replace release history by_hand shown error=form.error/> }.into_any()
        } else {
            view! { <ForAdmins what=t!("say what to use instead, and release the name")/> }.into_any()
        }}
    }
    .into_any()
}

/// What an administrator can do about it.
#[component]
fn Decide(
    replace: String,
    release: String,
    history: String,
    by_hand: bool,
    shown: String,
    error: Option<String>,
) -> impl IntoView {
    let invalid = error.is_some().then_some("true");
    view! {
        <form class="form after" method="post" action=replace>
            <RenderedFor/>
            <h2>{t!("What to use instead")}</h2>
            <div class="field">
                <label for="by">{t!("Component")}</label>
                <input class="mono" id="by" name="by" value=shown placeholder=t!("none") autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-invalid=invalid aria-describedby="by-note"/>
                <Note id="by-note" problem=error hint=t!("Left empty: a component with the same content, if there is one.")/>
            </div>
            <div class="actions"><button class="button">{t!("Save")}</button></div>
        </form>
        <section class="after">
            <h2>{t!("Bring it back, or let its name go")}</h2>
            <p class="lead">
                {if by_hand { t!("Roll back what is made by hand to a publication that had it, or create it again under the same name.") } else { t!("Define it again in its repository, or roll that back to a publication that had it.") }}
                " "{t!("Its name is held for it until you release it; then anyone may publish under it.")}
            </p>
            <div class="actions spaced">
                <a class="button" href=history>{t!("See the history")}</a>
                <a class="button danger" href=release>{t!("Release the name")}</a>
            </div>
        </section>
    }
    .into_any()
}
