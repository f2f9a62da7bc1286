//! How a component is installed: one command for each package manager, of which
//! the chosen one is seen.

use crate::app::{
    icons::{Glyph, Icon},
    install::{COOKIE, PackageManager},
    words::t,
};
use leptos::prelude::*;

/// The commands. Which is seen is decided by the style sheet, so it works
/// without scripts; a script keeps the choice for the next page.
#[component]
pub fn Install(
    /// What a project that knows this registry asks for: `@acme/button`.
    address: String,
    /// The same as an address that any project can ask, if it can.
    url: Option<String>,
    /// The package manager that was chosen last.
    manager: PackageManager,
) -> impl IntoView {
    let managers = PackageManager::ALL
        .map(|this| {
            let name = this.as_str();
            view! {
                <label>
                    <input type="radio" name=COOKIE value=name checked={this == manager} autocomplete="off" data-keep=COOKIE/>
                    <span>{name}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="install" aria-label=t!("Install")>
            <div class="commands">
                <fieldset class="managers"><legend class="sr-only">{t!("Package manager")}</legend>{managers}</fieldset>
                <Commands id="install" item=address/>
            </div>
            {match url {
                Some(url) => view! {
                    <details>
                        <summary>{t!("For a project that does not know this registry")}</summary>
                        <div class="commands"><Commands id="install-by-url" item=url/></div>
                    </details>
                }
                .into_any(),
                // An address alone carries no token.
                None => view! {
                    <p class="hint">{t!("A project needs a token to install from here.")}" "<a href="/settings">{t!("Set a project up")}</a></p>
                }
                .into_any(),
            }}
        </section>
    }
    .into_any()
}

/// The command of each package manager, to be copied.
#[component]
fn Commands(id: &'static str, item: String) -> impl IntoView {
    PackageManager::ALL
        .map(|manager| {
            let name = manager.as_str();
            let id = format!("{id}-{name}");
            view! {
                <div class="command" data-pm=name>
                    <code id=id.clone()>{manager.command(&item)}</code>
                    <button type="button" class="button small needs-js" data-copy-from=id><Icon glyph=Glyph::Copy/>{t!("Copy")}</button>
                </div>
            }
        })
        .collect_view()
        .into_any()
}
