//! The pages that ask before a token is replaced or revoked.

use super::tokens::{Made, named};
use crate::app::words::t;
use crate::app::{
    data::{TokenData, TokenProblem},
    parts::{Callout, HERE, Prose, Trail, Until, When, around, fields::RenderedFor, titled},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{Health, TokenState, TokenView};
use std::borrow::Cow;

/// How long an old token goes on working.
fn overlaps() -> [(&'static str, Cow<'static, str>); 5] {
    [("0s", t!("Not at all")), ("1h", t!("An hour")), ("1d", t!("A day")), ("7d", t!("A week")), ("30d", t!("30 days"))]
}

/// Asks how a token is replaced; then shows the new one, once.
#[component]
pub fn RotateView(
    /// The token, and the new one.
    data: TokenData,
) -> impl IntoView {
    let TokenData { token, made, problem } = data;
    let name = named(&token);
    let title = titled(t!("Rotate %{name}", name = name));
    if let Some(made) = made {
        return view! {
            <Title text=title/>
            <Trail label=t!("Tokens") href="/settings/tokens"/>
            <header class="head"><h1>{t!("%{name} is replaced", name = name)}</h1></header>
            <Made made/>
            <p class="lead">{match (token.state, token.expires_at) {
                (TokenState::Replaced, Some(at)) => {
                    let end = view! { <Until at/> }.into_any();
                    around(t!("Enter it wherever the old one is used. The old one ends %{when}.", when = HERE), [end])
                }
                _ => t!("The old one opens nothing any more.").into_any(),
            }}</p>
            <div class="actions"><a class="button" href="/settings/tokens">{t!("Done")}</a></div>
        }
        .into_any();
    }
    let overlaps =
        self::overlaps().map(|(value, label)| view! { <option value=value selected=value == "1d">{label}</option> });
    let can = token.state == TokenState::Active;
    view! {
        <Title text=title/>
        <Trail label=t!("Tokens") href="/settings/tokens"/>
        <form class="form" method="post" action=format!("/settings/tokens/{}/rotate", token.id)>
            <RenderedFor/>
            <h1>{t!("Rotate %{name}?", name = name)}</h1>
            <Problem problem can/>
            <p>{t!("A new token of the same name and scope takes its place. It lives as long as this one did.")}</p>
            <div class="field">
                <label for="overlap">{t!("This one goes on working for")}</label>
                <select id="overlap" name="overlap">{overlaps.into_iter().collect_view()}</select>
                <p class="hint">{t!("Time to enter the new one everywhere. It can be revoked before that.")}</p>
            </div>
            <Buttons can label=t!("Make the new token") class="button primary"/>
        </form>
    }
    .into_any()
}

/// Asks before a token is revoked.
#[component]
pub fn RevokeView(
    /// The token.
    data: TokenData,
) -> impl IntoView {
    let TokenData { token, problem, .. } = data;
    let name = named(&token);
    let TokenView { id, state, last_used_at, scope, .. } = token;
    let scope = view! { <span class="mono">{scope}</span> }.into_any();
    view! {
        <Title text=titled(t!("Revoke %{name}", name = name))/>
        <Trail label=t!("Tokens") href="/settings/tokens"/>
        <form class="form" method="post" action=format!("/settings/tokens/{id}/revoke")>
            <RenderedFor/>
            <h1>{t!("Revoke %{name}?", name = name)}</h1>
            <Problem problem can=state.is_good()/>
            <ul class="plain">
                <li>{t!("Whatever uses it is refused from now on, on every server.")}</li>
                <li>{around(t!("Its scope is %{scope}.", scope = HERE), [scope])}" "{match last_used_at {
                    Some(at) => around(t!("It was last used %{when}.", when = HERE), [view! { <When at/> }.into_any()]),
                    None => t!("It was never used.").into_any(),
                }}</li>
                <li>{t!("This cannot be undone. To replace it without a gap, rotate it.")}</li>
            </ul>
            <Buttons can=state.is_good() label=t!("Revoke token") class="button danger"/>
        </form>
    }
    .into_any()
}

/// Why it was not done, or cannot be.
#[component]
fn Problem(problem: Option<TokenProblem>, can: bool) -> impl IntoView {
    match (problem, can) {
        (Some(TokenProblem(message)), _) => {
            view! { <Callout health=Health::Broken title=t!("It was not done.")><Prose text=message/></Callout> }.into_any()
        }
        (None, false) => {
            view! { <Callout health=Health::Attention title=t!("There is nothing to do.")>{t!("This token was replaced, has expired or was revoked.")}</Callout> }
                .into_any()
        }
        (None, true) => ().into_any(),
    }
}

#[component]
fn Buttons(can: bool, label: Cow<'static, str>, class: &'static str) -> impl IntoView {
    view! {
        <div class="actions">
            {can.then(|| view! { <button class=class>{label}</button> })}
            <a class="button ghost" href="/settings/tokens">{if can { t!("Cancel") } else { t!("Back") }}</a>
        </div>
    }
    .into_any()
}
