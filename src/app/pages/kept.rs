//! A form that was sent and not taken, to be sent again: nothing that was typed
//! is lost, and a secret is typed anew.

use crate::app::{
    data::{Kept, Step},
    parts::fields::RENDERED_FOR,
    words::t,
};
use leptos::prelude::*;

/// Whether a field holds a secret: it is not shown again.
fn is_secret(name: &str) -> bool {
    name == "token"
}

/// The form, and what has to be done first.
#[component]
pub fn KeptView(
    /// The form.
    kept: Kept,
) -> impl IntoView {
    let Kept { action, fields, first } = kept;
    let chooses = matches!(first, Step::Choose { .. });
    let renews = matches!(first, Step::Renew).then_some("");
    let typed: Vec<_> = fields
        .iter()
        .filter(|(name, value)| name != RENDERED_FOR && name != "do" && !value.is_empty() && !is_secret(name))
        .cloned()
        .collect();
    let hidden = fields
        .into_iter()
        .filter(|(name, _)| !(chooses && name == RENDERED_FOR))
        .map(|(name, value)| {
            if is_secret(&name) {
                view! { <Secret name/> }.into_any()
            } else {
                view! { <input r#type="hidden" name=name value=value/> }.into_any()
            }
        })
        .collect_view();
    view! {
        <form class="form after kept" method="post" action=action data-renew=renews>
            {hidden}
            {(!typed.is_empty()).then(|| view! {
                <details>
                    <summary>{t!("What you sent")}</summary>
                    <dl>{typed.into_iter().map(|(name, value)| view! { <div><dt class="mono">{name}</dt><dd class="mono">{value}</dd></div> }).collect_view()}</dl>
                </details>
            })}
            <Steps first/>
        </form>
    }
    .into_any()
}

/// A field for a secret, which has to be typed again.
#[component]
fn Secret(name: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for="kept-secret">{t!("The token, once more")}</label>
            <input class="mono" id="kept-secret" name=name r#type="password" autocomplete="new-password" required/>
        </div>
    }
    .into_any()
}

#[component]
fn Steps(first: Step) -> impl IntoView {
    match first {
        Step::Wait => {
            view! { <div class="actions"><button class="button primary">{t!("Send again")}</button></div> }.into_any()
        }
        Step::Renew => view! {
            <div class="actions">
                <a class="button" href="/signed-in" target="_blank">{t!("Sign in, in a new tab")}</a>
                <button class="button primary">{t!("Send again")}</button>
            </div>
        }
        .into_any(),
        Step::Choose { before, name, now, name_now } => {
            let back = name.map(|name| {
                let label = t!("Switch to %{name}, in a new tab", name = name);
                let href = format!("/organisations/{before}/enter");
                view! {
                    <a class="button" href=href target="_blank">{label}</a>
                    <button class="button" name=RENDERED_FOR value=before>{t!("Send it to %{name}", name = name)}</button>
                }
            });
            view! {
                <div class="actions">
                    {back}
                    <button class="button" name=RENDERED_FOR value=now>{t!("Send it to %{name}", name = name_now)}</button>
                </div>
            }
            .into_any()
        }
    }
}
