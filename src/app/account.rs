//! The account area: the organisation, the person, and the way out. It works
//! without scripts; `account.js` puts Clerk's widgets in its place.

use crate::app::{
    data::{Viewer, Way},
    icons::{Glyph, Icon},
    parts::Prose,
    words::t,
};
use leptos::prelude::*;

/// Who is signed in, where, and the way out. Each slot is as large as its plain
/// content, so nothing moves when a widget takes its place.
#[component]
pub fn Account(
    /// Who is signed in.
    viewer: Viewer,
) -> impl IntoView {
    let Viewer { name, email, organisation, way } = viewer;
    let initial = first(email.as_deref().filter(|_| name == t!("You")).unwrap_or(&name));
    let label = t!("Account of %{name}", name = name);
    view! {
        <div class="account" data-widgets=(way == Way::Clerk).then_some("")>
            <div class="slot organisation">
                <Organisation organisation way/>
                <div class="widget"><div id="organisation-switcher"></div></div>
            </div>
            <div class="slot person">
                <button type="button" class="plain initial" popovertarget="account-menu" aria-label=label>{initial}</button>
                <div class="widget"><div id="user-button"></div></div>
            </div>
            <div id="account-menu" class="menu" popover="auto">
                <p class="who"><strong>{name}</strong>{email.map(|email| view! { <span class="sub">{email}</span> })}</p>
                {match way {
                    Way::Clerk => view! { <a href="/organisations">{t!("Switch organisation")}</a> }.into_any(),
                    Way::Link => view! {
                        <p class="hint">
                            <Prose text=t!("This registry serves one organisation, on this machine. With Clerk's keys in `CLERK_PUBLISHABLE_KEY` and `CLERK_SECRET_KEY` people sign in by name: see `docs/organisations.md`.")/>
                        </p>
                    }
                    .into_any(),
                    Way::Token => ().into_any(),
                }}
                {(way != Way::Token).then(|| view! {
                    <form method="post" action="/logout">
                        <button id="sign-out" class="ghost"><Icon glyph=Glyph::SignOut/>{t!("Sign out")}</button>
                    </form>
                })}
            </div>
        </div>
    }
    .into_any()
}

/// The organisation; a link to the others where there are some.
#[component]
fn Organisation(organisation: Option<String>, way: Way) -> impl IntoView {
    match (organisation, way) {
        (Some(name), Way::Clerk) => view! {
            <a class="plain" href="/organisations">
                <span class="square" aria-hidden="true">{first(&name)}</span>
                <span class="sr-only">{t!("Switch organisation, now")}" "</span>
                <span class="name">{name.clone()}</span>
                <Icon glyph=Glyph::Switch/>
            </a>
        }
        .into_any(),
        (None, Way::Clerk) => view! { <a class="plain" href="/organisations"><span class="name">{t!("Choose an organisation")}</span></a> }.into_any(),
        (Some(name), _) => view! { <span class="plain" title=t!("One organisation, on this machine")><span class="name">{name}</span></span> }.into_any(),
        (None, _) => ().into_any(),
    }
}

/// The letter that stands for a name.
fn first(name: &str) -> String {
    name.chars()
        .find(|character| character.is_alphanumeric())
        .map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
}
