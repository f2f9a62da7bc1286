//! The settings: how projects use the registry, and what is kept about it.

pub mod audit;
pub mod members;
pub mod registry;
pub mod token;
pub mod tokens;

use crate::app::{
    data::UseData,
    parts::{ForAdmins, Prose, Tab, Tabs, may_change, titled},
    words::t,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsPage {
    /// How projects use it.
    Use,
    /// What it is called and who may read it.
    Registry,
    /// Who is in the organisation.
    Members,
    /// Tokens.
    Tokens,
    /// The audit trail.
    Audit,
}

/// What stands above each page of the settings.
#[component]
pub fn SettingsHead(
    /// The page that is open.
    current: SettingsPage,
) -> impl IntoView {
    let tabs = [
        (t!("Use it"), SettingsPage::Use, "/settings"),
        (t!("Registry"), SettingsPage::Registry, "/settings/registry"),
        (t!("Members"), SettingsPage::Members, "/settings/members"),
        (t!("Tokens"), SettingsPage::Tokens, "/settings/tokens"),
        (t!("Audit"), SettingsPage::Audit, "/settings/audit"),
    ]
    .into_iter()
    // Tokens and the audit trail are for administrators.
    .filter(|(_, page, _)| {
        !matches!(page, SettingsPage::Tokens | SettingsPage::Audit) || *page == current || may_change()
    })
    .map(|(label, page, href)| Tab { label, href: href.to_owned(), count: None, current: page == current })
    .collect();
    view! {
        <header class="head"><h1>{t!("Settings")}</h1></header>
        <Tabs label=t!("Settings") tabs/>
    }
    .into_any()
}

/// How a project uses this registry.
#[component]
pub fn UseView(
    /// Addresses and what to write down.
    data: UseData,
) -> impl IntoView {
    let UseData { alias, init, snippet, variable, example, is_public } = data;
    let add = format!("npx shadcn@latest add {alias}/{}", example.unwrap_or_else(|| "<name>".to_owned()));
    view! {
        <Title text=titled(t!("Settings"))/>
        <SettingsHead current=SettingsPage::Use/>
        <section>
            <h2>{t!("Set up a project")}</h2>
            <p class="lead">{t!("This writes the registry into the project's components.json. It holds no secret, so anyone may run it.")}</p>
            <Shell id="init-command" text=format!("npx shadcn@latest init {init}")/>
            <p class="hint">{t!("In a project that has a components.json already:")}" "<code>{format!("npx shadcn@latest apply {init} --yes")}</code></p>
        </section>
        <section>
            <h2>{t!("Or write it yourself")}</h2>
            <p class="lead"><Prose text=t!("Into `components.json`:")/></p>
            <div class="snippet">
                <pre class="mono" id="snippet">{snippet}</pre>
                <button type="button" class="button small needs-js" data-copy-from="snippet">{t!("Copy")}</button>
            </div>
        </section>
        {match variable {
            Some(variable) => view! {
                <section>
                    <h2>{t!("Give it a token")}</h2>
                    <p class="lead">
                        <Prose text=t!("The file names the variable only. The token itself goes into `.env.local`, or into your CI's secrets, as `%{variable}=ekr_…`.", variable = variable)/>
                    </p>
                    {if may_change() {
                        view! { <div class="actions"><a class="button primary" href="/settings/tokens">{t!("Make a token")}</a></div> }.into_any()
                    } else {
                        view! { <ForAdmins what=t!("make tokens: ask one of them for yours")/> }.into_any()
                    }}
                </section>
            }
            .into_any(),
            None => view! {
                <p class="hint">
                    {if is_public {
                        t!("The registry is public: nobody needs a token to install.")
                    } else {
                        t!("Programs on this machine need no token while nobody else can reach the registry.")
                    }}
                    " "<a href="/settings/tokens">{t!("Make one")}</a>" "{t!("for anything else.")}
                </p>
            }
            .into_any(),
        }}
        <section>
            <h2>{t!("Install")}</h2>
            <Shell id="add-command" text=add/>
        </section>
    }
    .into_any()
}

/// A command to copy.
#[component]
fn Shell(id: &'static str, text: String) -> impl IntoView {
    view! {
        <div class="command">
            <code id=id>{text}</code>
            <button type="button" class="button needs-js" data-copy-from=id>{t!("Copy")}</button>
        </div>
    }
    .into_any()
}
