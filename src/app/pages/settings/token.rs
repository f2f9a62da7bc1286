//! The pages that ask before a token is replaced or revoked.

use super::tokens::{Made, named};
use crate::app::words::t;
use crate::app::{
    data::{TokenData, TokenProblem},
    parts::{Callout, Prose, Trail, Until, When, fields::RenderedFor},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{Health, TokenState, TokenView};

/// How long an old token goes on working.
const OVERLAPS: [(&str, &str); 5] =
    [("0s", "Not at all"), ("1h", "An hour"), ("1d", "A day"), ("7d", "A week"), ("30d", "30 days")];

/// Asks how a token is replaced; then shows the new one, once.
#[component]
pub fn RotateView(
    /// The token, and the new one.
    data: TokenData,
) -> impl IntoView {
    let TokenData { token, made, problem } = data;
    let name = named(&token);
    let title = format!("Rotate {name} – Registry");
    if let Some(made) = made {
        return view! {
            <Title text=title/>
            <Trail label=t!("Tokens") href="/settings/tokens"/>
            <header class="head"><h1>{name}" is replaced"</h1></header>
            <Made made/>
            <p class="lead">{match (token.state, token.expires_at) {
                (TokenState::Replaced, Some(at)) => view! { "Enter it wherever the old one is used. The old one ends "<Until at/>"." }.into_any(),
                _ => "The old one opens nothing any more.".into_any(),
            }}</p>
            <div class="actions"><a class="button" href="/settings/tokens">{t!("Done")}</a></div>
        }
        .into_any();
    }
    let overlaps = OVERLAPS.map(|(value, label)| view! { <option value=value selected=value == "1d">{label}</option> });
    let can = token.state == TokenState::Active;
    view! {
        <Title text=title/>
        <Trail label=t!("Tokens") href="/settings/tokens"/>
        <form class="form" method="post" action=format!("/settings/tokens/{}/rotate", token.id)>
            <RenderedFor/>
            <h1>"Rotate "{name}"?"</h1>
            <Problem problem can/>
            <p>{t!("A new token of the same name and scope takes its place. It lives as long as this one did.")}</p>
            <div class="field">
                <label for="overlap">"This one goes on working for"</label>
                <select id="overlap" name="overlap">{overlaps.into_iter().collect_view()}</select>
                <p class="hint">"Time to enter the new one everywhere. It can be revoked before that."</p>
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
    view! {
        <Title text=format!("Revoke {name} – Registry")/>
        <Trail label=t!("Tokens") href="/settings/tokens"/>
        <form class="form" method="post" action=format!("/settings/tokens/{id}/revoke")>
            <RenderedFor/>
            <h1>"Revoke "{name}"?"</h1>
            <Problem problem can=state.is_good()/>
            <ul class="plain">
                <li>{t!("Whatever uses it is refused from now on, on every server.")}</li>
                <li>"Its scope is "<span class="mono">{scope}</span>". "{match last_used_at {
                    Some(at) => view! { "It was last used "<When at/>"." }.into_any(),
                    None => "It was never used.".into_any(),
                }}</li>
                <li>"This cannot be undone. To replace it without a gap, rotate it."</li>
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
            view! { <Callout health=Health::Attention title="There is nothing to do.">"This token was replaced, has expired or was revoked."</Callout> }
                .into_any()
        }
        (None, true) => ().into_any(),
    }
}

#[component]
fn Buttons(can: bool, label: std::borrow::Cow<'static, str>, class: &'static str) -> impl IntoView {
    view! {
        <div class="actions">
            {can.then(|| view! { <button class=class>{label}</button> })}
            <a class="button ghost" href="/settings/tokens">{if can { "Cancel" } else { "Back" }}</a>
        </div>
    }
    .into_any()
}
