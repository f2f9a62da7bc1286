//! The registry's own settings: what it is called, and who may read it.

use super::{SettingsHead, SettingsPage};
use crate::app::words::{count, t};
use crate::app::{
    data::{RegistryData, RegistryForm},
    parts::{
        Callout, HERE, Prose, around,
        fields::{Policies, RenderedFor, Text},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    Accent,
    view::{Health, SettingsView},
};
use std::borrow::Cow;

/// The settings: a form for who may change them, for others as they are.
#[component]
pub fn RegistryView(
    /// What the page shows.
    data: RegistryData,
) -> impl IntoView {
    let RegistryData { settings, form, address, components } = data;
    let body = match form {
        Some(form) => view! { <Change settings form address components/> }.into_any(),
        None => view! { <AsItIs settings address/> }.into_any(),
    };
    view! {
        <Title text=format!("{} – {}", t!("Registry"), t!("Settings"))/>
        <SettingsHead current=SettingsPage::Registry/>
        {body}
    }
    .into_any()
}

#[component]
fn AsItIs(settings: SettingsView, address: String) -> impl IntoView {
    let visibility = if settings.public {
        t!("Public: anyone may list and install everything, without a token.")
    } else {
        t!("Private: people of the organisation, and programs with a token of it.")
    };
    let policy = settings.default_policy.map_or_else(|| t!("by what is found"), |policy| policy.as_str().into());
    let row = |label: Cow<'static, str>, value: AnyView| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    view! {
        <section class="form">
            <dl class="as-set">
                {row(t!("Alias"), view! { <code>{settings.alias().to_string()}</code> }.into_any())}
                {row(t!("Name"), settings.name().to_owned().into_any())}
                {row(t!("Home page"), view! { <span class="mono">{settings.homepage().to_owned()}</span> }.into_any())}
                {row(t!("Visibility"), visibility.into_any())}
                {settings.public.then(|| row(t!("Address"), view! { <code>{address}</code> }.into_any()))}
                {row(t!("Bare dependencies"), policy.into_any())}
                {row(t!("Accent"), colour(settings.accent).into_any())}
            </dl>
            <p class="hint">{t!("Administrators of the organisation, and tokens with the scope admin, can change these settings.")}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Change(settings: SettingsView, form: RegistryForm, address: String, components: usize) -> impl IntoView {
    let RegistryForm { alias, name, homepage, dependencies, accent, public, asks, error } = form;
    let about = |field: &str| {
        error.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let general = error.as_ref().filter(|error| error.field.is_none()).map(|error| error.message.clone());
    let (default_alias, default_name, default_homepage) =
        (settings.defaults.alias.to_string(), settings.defaults.name.clone(), settings.defaults.homepage.clone());
    let everything = if components == 0 {
        t!("every component that is published here")
    } else {
        let components = count!(components, "component", "components");
        t!("its %{components}, and of all that are published later", components = components)
    };
    let (label, confirm) = if asks { (t!("Yes, make it public"), "public") } else { (t!("Save changes"), "") };
    let address = view! { <code>{address}</code> }.into_any();
    view! {
        <form class="form" method="post" action="/settings/registry">
            <RenderedFor/>
            {general.map(|message| view! { <Callout health=Health::Broken title=t!("Nothing was changed.")><Prose text=message/></Callout> })}
            {asks.then(|| view! {
                <Callout health=Health::Attention title=t!("Make this registry public?")>
                    {t!("Anyone who has the address will read the code of %{everything}, without signing in, earlier versions and other branches included. Copies that people take stay with them. Nothing is changed yet.", everything = everything)}
                </Callout>
            })}
            <Field name="alias" label=t!("Alias") value=alias problem=about("alias") default=default_alias mono=true
                hint=t!("Under this name projects know the registry: npx shadcn add @acme/button. Dependencies on own components are served under it.")/>
            <Field name="name" label=t!("Name") value=name problem=about("name") default=default_name mono=false
                hint=t!("For people, in the list of components and in directories.")/>
            <Field name="homepage" label=t!("Home page") value=homepage problem=about("homepage") default=default_homepage mono=true
                hint=t!("Where people read about it.")/>
            <Accents chosen=accent problem=about("accent")/>
            <fieldset>
                <legend>{t!("Visibility")}</legend>
                <label class="choice">
                    <input type="radio" name="visibility" value="private" checked=!public/>
                    <span><strong>{t!("Private")}</strong><span class="hint">{t!("People of the organisation, and programs with a token of it.")}</span></span>
                </label>
                <label class="choice">
                    <input type="radio" name="visibility" value="public" checked=public/>
                    <span>
                        <strong>{t!("Public")}</strong>
                        <span class="hint">{around(t!("Anyone may list and install everything in it without a token, in every version and of every branch, at %{address}. The dashboard, repositories, history and tokens stay closed.", address = HERE), [address])}</span>
                    </span>
                </label>
            </fieldset>
            <Policies chosen=dependencies open=true problem=about("dependencies")/>
            <p class="hint">{t!("The last choice is for repositories that are added without one; those that are there keep theirs.")}</p>
            <div class="actions">
                <button class="button primary" name="confirm" value=confirm>{label}</button>
                {asks.then(|| view! { <a class="button ghost" href="/settings/registry">{t!("Cancel")}</a> })}
            </div>
        </form>
    }
    .into_any()
}

/// A field that may stay empty, and shows what counts then.
#[component]
fn Field(
    name: &'static str,
    label: Cow<'static, str>,
    value: String,
    problem: Option<String>,
    default: String,
    mono: bool,
    hint: Cow<'static, str>,
) -> impl IntoView {
    view! { <Text name label value problem mono hint placeholder=default/> }.into_any()
}

/// The accents, each as it looks in the theme of the page.
#[component]
fn Accents(chosen: Option<Accent>, problem: Option<String>) -> impl IntoView {
    let choice = |accent: Option<Accent>| {
        view! {
            <label class="swatch" data-accent=accent.map_or("blue", Accent::as_str)>
                <input type="radio" name="accent" value=accent.map_or("", Accent::as_str) checked=accent == chosen/>
                {colour(accent)}
            </label>
        }
    };
    let choices = std::iter::once(None).chain(Accent::ALL.map(Some)).map(choice).collect_view();
    view! {
        <fieldset>
            <legend>{t!("Accent")}</legend>
            <div class="swatches">{choices}</div>
            {problem.map(|problem| view! { <p class="problem">{problem}</p> })}
            <p class="hint">{t!("What is open or has the focus has this colour, for everyone in the organisation.")}</p>
        </fieldset>
    }
    .into_any()
}

/// What a colour is called; the dashboard's own where none was chosen.
fn colour(accent: Option<Accent>) -> Cow<'static, str> {
    match accent {
        None => t!("Blue"),
        Some(Accent::Violet) => t!("Violet"),
        Some(Accent::Pink) => t!("Pink"),
        Some(Accent::Teal) => t!("Teal"),
        Some(Accent::Graphite) => t!("Graphite"),
    }
}
