//! A repository's webhook: address, secret, what to do at the host, and what arrived.

use crate::app::words::t;
use crate::app::{
    data::WebhookData,
    icons::{Glyph, Icon},
    parts::{
        Callout, Prose, Trail, When,
        confirm::{Confirm, Question},
        fields::RenderedFor,
        titled,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    DeliveryOutcome,
    view::{DeliveryView, Health, HookView, HostSteps},
};
use std::borrow::Cow;

/// One repository's webhook.
#[component]
pub fn WebhookPageView(
    /// The webhook, if there is one, and what arrived.
    data: WebhookData,
) -> impl IntoView {
    let WebhookData { repository, name, hook, deliveries } = data;
    let back = format!("/registry/{repository}");
    let path = format!("{back}/webhook");
    let called = name.clone();
    view! {
        <Title text=titled(t!("Webhook of %{name}", name = name))/>
        <Trail label=name href=back/>
        <header class="head">
            <div class="title">
                <h1>{t!("Webhook")}</h1>
                {hook.is_some().then(|| view! { <Light newest=deliveries.first().cloned()/> })}
            </div>
        </header>
        {match hook {
            Some(hook) => view! { <HookSection hook path name=called/><Deliveries deliveries/> }.into_any(),
            None => view! {
                <div class="empty">
                    <h2>{t!("No webhook yet")}</h2>
                    <p>{t!("With one, the git host tells of every push, and it is served seconds later. Without one, the next regular check finds it.")}</p>
                    <form method="post" action=path><RenderedFor/><button class="button primary">{t!("Make a webhook")}</button></form>
                </div>
            }
            .into_any(),
        }}
    }
    .into_any()
}

/// How the last delivery went, and when.
#[component]
fn Light(newest: Option<DeliveryView>) -> impl IntoView {
    let (class, glyph, word) = match newest.as_ref().map(|newest| newest.outcome) {
        None => ("state attention", Glyph::Attention, t!("No delivery yet")),
        Some(outcome) if outcome.is_refusal() => ("state broken", Glyph::Broken, t!("Last delivery refused")),
        Some(_) => ("state fresh", Glyph::Fresh, t!("Last delivery arrived")),
    };
    let answer = newest.map(|newest| {
        let (_, _, word) = delivery_state(Some(newest.outcome));
        view! { <span class="sub">{word}" "<When at=newest.at/></span> }
    });
    view! { <span class=class><Icon glyph/>{word}</span>{answer} }.into_any()
}

/// How a delivery was answered: the class of its state, its icon and its word.
pub fn delivery_state(outcome: Option<DeliveryOutcome>) -> (&'static str, Glyph, Cow<'static, str>) {
    match outcome {
        None => ("state attention", Glyph::Attention, t!("No delivery yet")),
        Some(DeliveryOutcome::Accepted) => ("state fresh", Glyph::Fresh, t!("Accepted")),
        Some(DeliveryOutcome::UpToDate) => ("state fresh", Glyph::Fresh, t!("Up to date")),
        Some(DeliveryOutcome::Pong) => ("state fresh", Glyph::Fresh, t!("Ping")),
        Some(DeliveryOutcome::Ignored) => ("state muted", Glyph::Done, t!("Ignored")),
        Some(DeliveryOutcome::Duplicate) => ("state muted", Glyph::Done, t!("Duplicate")),
        Some(
            DeliveryOutcome::WrongSignature
            | DeliveryOutcome::Malformed
            | DeliveryOutcome::TooLarge
            | DeliveryOutcome::NoSecret,
        ) => ("state broken", Glyph::Broken, t!("Refused")),
    }
}

/// What is entered at the host, and the two things that can be done here.
#[component]
fn HookSection(hook: HookView, path: String, name: String) -> impl IntoView {
    let HookView { address, secret, problem, steps, .. } = hook;
    let alone = steps.len() == 1;
    let health = if secret.is_some() { Health::Attention } else { Health::Broken };
    view! {
        {problem.map(|problem| view! { <Callout health title=t!("Look at this first.")><Prose text=problem/></Callout> })}
        <section class="install" aria-label=t!("What the host needs")>
            <h2>{t!("Address")}</h2>
            <Value id="webhook-address" text=address/>
            {secret.map(|secret| view! {
                <details>
                    <summary>{t!("Show the secret")}</summary>
                    <Value id="webhook-secret" text=secret/>
                </details>
            })}
        </section>
        <section class="hosts">
            <h2>{if alone { t!("What to do there") } else { t!("What to do at your host") }}</h2>
            {steps.into_iter().map(|steps| view! { <Host steps open=alone/> }).collect_view()}
        </section>
        <section>
            <h2>{t!("Change it")}</h2>
            <div class="actions">
                <Confirm question=Question {
                    id: "new-secret".to_owned(), button: t!("Make a new secret"), name: None, class: "button",
                    title: t!("Make a new secret?").into_owned(), confirm: t!("Make it"), action: path.clone(), fields: Vec::new(),
                }>
                    <p>{t!("The old one is useless at once: deliveries are refused until the new one is entered at the host. The regular check finds what is pushed meanwhile.")}</p>
                </Confirm>
                <Confirm question=Question {
                    id: "remove-webhook".to_owned(), button: t!("Remove the webhook"), name: None, class: "button ghost",
                    title: t!("Remove the webhook of %{name}?", name = name).into_owned(), confirm: t!("Remove it"), action: format!("{path}/remove"), fields: Vec::new(),
                }>
                    <ul class="plain">
                        <li>{t!("Its address and its secret go, and never come back. A webhook that is made later has others.")}</li>
                        <li>{t!("Deliveries are refused from then on: remove it at the host, too.")}</li>
                        <li>{t!("Pushes are still found, by the regular check.")}</li>
                    </ul>
                </Confirm>
            </div>
        </section>
    }
    .into_any()
}

/// A text to copy.
#[component]
fn Value(id: &'static str, text: String) -> impl IntoView {
    view! {
        <div class="command value">
            <code id=id>{text}</code>
            <button type="button" class="button needs-js" data-copy-from=id>{t!("Copy")}</button>
        </div>
    }
    .into_any()
}

#[component]
fn Host(steps: HostSteps, open: bool) -> impl IntoView {
    let HostSteps { host, steps } = steps;
    view! {
        <details open=open>
            <summary>{host}</summary>
            <ol class="how">{steps.into_iter().map(|step| view! { <li><Prose text=step/></li> }).collect_view()}</ol>
        </details>
    }
    .into_any()
}

#[component]
fn Deliveries(deliveries: Vec<DeliveryView>) -> impl IntoView {
    let list = if deliveries.is_empty() {
        view! { <p class="lead">{t!("Nothing has arrived yet. Each delivery is listed here with what came of it.")}</p> }
            .into_any()
    } else {
        let rows = deliveries.into_iter().map(|delivery| view! { <Delivery delivery/> }).collect_view();
        view! { <ol class="syncs deliveries">{rows}</ol> }.into_any()
    };
    view! { <section><h2>{t!("Last deliveries")}</h2>{list}</section> }.into_any()
}

#[component]
fn Delivery(delivery: DeliveryView) -> impl IntoView {
    let DeliveryView { at, outcome, host, event, delivery, problem, times, .. } = delivery;
    let (class, glyph, word) = delivery_state(Some(outcome));
    let what = if let Some((event, host)) = event.zip(host) {
        t!("%{event} from %{host}", event = event, host = host)
    } else {
        t!("From an unknown host")
    };
    let times = (times > 1).then(|| t!(", %{times} times in a row", times = times));
    view! {
        <li>
            <span class=class><Icon glyph/>{word}</span>
            <span>
                {what}{times}
                {problem.map(|problem| view! { <span class="sub"><Prose text=problem/></span> })}
                {delivery.map(|id| view! { <span class="sub mono">{id}</span> })}
            </span>
            <span class="sub"><When at/></span>
        </li>
    }
    .into_any()
}
