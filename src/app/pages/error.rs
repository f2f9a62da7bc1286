//! What stands in a page's place when it cannot be shown.

use super::kept::KeptView;
use crate::app::{
    data::{Sent, Stopped},
    error::PageError,
    parts::{
        Prose,
        fields::{RenderedFor, Text},
    },
    words::t,
};
use axum::http::{HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

/// An error, which is also the response's status.
#[component]
pub fn ErrorView(
    /// The error.
    error: PageError,
) -> impl IntoView {
    let PageError { status, title, message, action, other, again, .. } = error;
    // What was typed is kept, and stays until the person sends it again.
    let kept = use_context::<Stopped>().and_then(|stopped| stopped.kept);
    let sent = use_context::<Sent>().filter(|sent| again.is_some() && !sent.fields.is_empty());
    if let Some(response) = use_context::<ResponseOptions>() {
        if let Ok(status) = status.try_into() {
            response.set_status(status);
        }
        if let Some(seconds) = again {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
            if sent.is_none() {
                // Browsers take it as they take a `<meta http-equiv="refresh">`.
                response.insert_header(header::REFRESH, HeaderValue::from(seconds));
            }
        }
    }
    view! {
        <Title text=title.clone()/>
        <section class="stop">
            <p class="code">{status}</p>
            <h1>{title}</h1>
            <p><Prose text=message/>{(again.is_some() && sent.is_none()).then(|| format!(" {}", t!("This page tries again by itself.")))}</p>
            {kept.map(|kept| view! { <KeptView kept/> })}
            {sent.clone().map(|sent| view! { <SentView sent/> })}
            {(sent.is_none() && (action.is_some() || other.is_some())).then(|| view! {
                <div class="actions">
                    {action.map(|action| *action).map(|(label, href)| view! { <a class="button primary" href=href>{label}</a> })}
                    {other.map(|other| *other).map(|(label, href)| view! { <a class="button ghost" href=href>{label}</a> })}
                </div>
            })}
        </section>
    }
    .into_any()
}

/// What was typed, to be sent again.
#[component]
fn SentView(sent: Sent) -> impl IntoView {
    let Sent { action, fields } = sent;
    let fields = fields.into_iter().map(|(name, label, value)| view! { <Text name label value problem=None/> });
    view! {
        <form class="form after" method="post" action=action>
            <RenderedFor/>
            <h2>{t!("What you sent")}</h2>
            <p class="lead">{t!("Nothing was changed. Send it again once the database answers.")}</p>
            {fields.collect_view()}
            <div class="actions"><button class="button primary">{t!("Send again")}</button></div>
        </form>
    }
    .into_any()
}
