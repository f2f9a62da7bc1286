//! API tokens: those there are, and the form that makes one.

use super::{SettingsHead, SettingsPage};
use crate::app::words::t;
use crate::app::{
    data::{TokenForm, TokensData},
    icons::{Glyph, Icon},
    parts::{
        Callout, Empty, HERE, Prose, Until, When, around,
        fields::{Entry, Note, RenderedFor, Text},
        titled,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{Health, MadeToken, Millis, TokenState, TokenView};
use std::borrow::Cow;

/// The tokens, and the form that makes one.
#[component]
pub fn TokensView(
    /// What the page shows.
    data: TokensData,
) -> impl IntoView {
    let TokensData { tokens, form, people, made } = data;
    let list = if tokens.is_empty() {
        view! { <Empty title=t!("No tokens yet") text=t!("Projects, builds and other programs prove by a token what they may do.")/> }.into_any()
    } else {
        let rows = tokens.into_iter().map(|token| {
            let by = token.created_by.as_deref().map(|actor| format!(" {}", people.by(actor)));
            view! { <Row token by/> }
        });
        view! {
            <table class="list tokens">
                <thead>
                    <tr>
                        <th scope="col">{t!("Token")}</th>
                        <th scope="col">{t!("Scope")}</th>
                        <th scope="col">{t!("State")}</th>
                        <th scope="col">{t!("Last used")}</th>
                        <th scope="col"><span class="sr-only">{t!("Actions")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <Title text=titled(t!("Tokens"))/>
        <SettingsHead current=SettingsPage::Tokens/>
        {made.map(|made| view! { <Made made/> })}
        {list}
        <NewToken form/>
    }
    .into_any()
}

/// A token that was just made: its text is shown here and never again.
#[component]
pub fn Made(
    /// The token.
    made: MadeToken,
) -> impl IntoView {
    let MadeToken { token, view } = made;
    let title = t!("The token %{name} is made.", name = named(&view));
    view! {
        <Callout health=Health::Fresh title>{t!("Copy it now. This is the only time it is shown.")}</Callout>
        <div class="command value">
            <code id="made-token">{token}</code>
            <button type="button" class="button needs-js" data-copy-from="made-token">{t!("Copy")}</button>
        </div>
    }
    .into_any()
}

/// A token's name; its id where it has none.
pub(super) fn named(token: &TokenView) -> String {
    if token.name.is_empty() { token.id.to_string() } else { token.name.clone() }
}

#[component]
fn Row(token: TokenView, by: Option<String>) -> impl IntoView {
    let name = named(&token);
    let TokenView { id, scope, state, created_at, expires_at, last_used_at, revoked_at, .. } = token;
    let (class, glyph, word) = match state {
        TokenState::Active => ("state fresh", Glyph::Fresh, t!("Active")),
        TokenState::Replaced => ("state attention", Glyph::Attention, t!("Replaced")),
        TokenState::Expired => ("state muted", Glyph::Done, t!("Expired")),
        TokenState::Revoked => ("state muted", Glyph::Broken, t!("Revoked")),
    };
    let until = match (state, expires_at, revoked_at) {
        (TokenState::Revoked, _, Some(at)) => view! { <span class="sub"><When at/></span> }.into_any(),
        (TokenState::Expired, Some(at), _) => view! { <span class="sub"><When at/></span> }.into_any(),
        (_, Some(at), _) => ends(at),
        (_, None, _) => view! { <span class="sub">{t!("does not expire")}</span> }.into_any(),
    };
    let made = around(t!("Made %{when}", when = HERE), [view! { <When at=created_at/> }.into_any()]);
    let path = format!("/settings/tokens/{id}");
    view! {
        <tr>
            <th scope="row">
                {name.clone()}
                <span class="sub">{made}{by}</span>
            </th>
            <td data-of="kind" class="mono">{scope}</td>
            <td data-of="state"><span class=class><Icon glyph/>{word}</span>{until}</td>
            <td data-of="sync">{match last_used_at {
                Some(at) => view! { <span class="unit">{t!("Used")}" "</span><When at/> }.into_any(),
                None => view! { <span class="muted">{t!("Never")}<span class="unit">" "{t!("used")}</span></span> }.into_any(),
            }}</td>
            <td class="end" data-of="actions">
                {(state == TokenState::Active).then(|| view! {
                    <a class="button small" aria-label=t!("Rotate %{name}", name = name) href=format!("{path}/rotate")>{t!("Rotate")}</a>
                })}
                {state.is_good().then(|| view! {
                    " "<a class="button small" aria-label=t!("Revoke %{name}", name = name) href=format!("{path}/revoke")>{t!("Revoke")}</a>
                })}
            </td>
        </tr>
    }
    .into_any()
}

/// Until when a token opens something.
fn ends(at: Millis) -> AnyView {
    let end = view! { <Until at/> }.into_any();
    view! { <span class="sub">{around(t!("ends %{when}", when = HERE), [end])}</span> }.into_any()
}

/// What a token may do, for people.
fn scopes() -> [(&'static str, Cow<'static, str>, Cow<'static, str>); 3] {
    [
        ("read", t!("Read"), t!("Install components and look at everything. For projects.")),
        ("sync", t!("Sync"), t!("Also ask for syncs. For builds.")),
        ("admin", t!("Admin"), t!("Everything, tokens and removals included.")),
    ]
}

/// How long it lives.
fn lives() -> [(&'static str, Cow<'static, str>); 4] {
    [("30d", t!("30 days")), ("90d", t!("90 days")), ("1y", t!("A year")), ("never", t!("For ever"))]
}

#[component]
fn NewToken(form: TokenForm) -> impl IntoView {
    let TokenForm { name, scope: chosen, expires, error } = form;
    let (beside, general) = match error {
        Some(error) if error.field.is_some() => (Some(error), None),
        Some(error) => (None, Some(error.message)),
        None => (None, None),
    };
    let about = |field: &str| {
        beside.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let scopes = self::scopes().map(|(value, label, text)| {
        view! {
            <label class="choice">
                <input type="radio" name="scope" value=value checked=value == chosen/>
                <span><strong>{label}</strong><span class="hint">{text}</span></span>
            </label>
        }
    });
    let lives =
        self::lives().map(|(value, label)| view! { <option value=value selected=value == expires>{label}</option> });
    let (name_problem, scope_problem, life_problem) = (about("name"), about("scope"), about("expires"));
    view! {
        <form class="form after" method="post" action="/settings/tokens">
            <RenderedFor/>
            <h2>{t!("New token")}</h2>
            {general.map(|message| view! { <Callout health=Health::Broken title=t!("It was not made.")><Prose text=message/></Callout> })}
            <div class="pair">
                <Text name="name" label=t!("Name") value=name problem=name_problem entry=Entry::Needed hint=t!("Where it is used: the project, the build.")/>
                <div class="field">
                    <label for="expires">{t!("Expires after")}</label>
                    <select id="expires" name="expires" aria-describedby="expires-note">{lives}</select>
                    <Note id="expires-note" problem=life_problem hint=t!("It can be replaced at any time.")/>
                </div>
            </div>
            <fieldset>
                <legend>{t!("What it may do")}</legend>
                {scopes.into_iter().collect_view()}
                {scope_problem.map(|problem| view! { <p class="problem">{problem}</p> })}
            </fieldset>
            <div class="actions"><button class="button primary">{t!("Make token")}</button></div>
        </form>
    }
    .into_any()
}
