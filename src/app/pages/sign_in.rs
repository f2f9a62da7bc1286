//! Signing in and having signed out, in local mode.

use crate::app::{
    head::Preview,
    parts::{Callout, titled},
    words::t,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;

/// How to sign in, and what was wrong with the last try.
#[component]
pub fn SignInView(
    /// `used`, `limited` or `store`; empty for the first visit.
    #[prop(into)]
    problem: String,
) -> impl IntoView {
    let told = match problem.as_str() {
        "" => None,
        "used" => Some((
            t!("This link was used or has expired."),
            t!("A sign-in link works once, for 15 minutes. Ask for a new one as below."),
        )),
        "limited" => Some((t!("Too many tries."), t!("Wait a minute, then open the link again."))),
        "store" => Some((
            t!("The sign-in could not be checked."),
            t!("The store did not answer. Open the link again; if it stays, look at the server's log."),
        )),
        _ => Some((
            t!("This link does not work."),
            t!("It may be cut off or from another registry. Ask for a new one as below."),
        )),
    };
    view! {
        <Title text=titled(t!("Sign in"))/>
        <Preview title="Ekairos Registry" description=t!("A private registry for shadcn-style components: git repositories in, shadcn add out.")/>
        <section class="sign-in">
            <h1>{t!("Sign in")}</h1>
            {told.map(|(title, text)| view! { <Callout health=Health::Broken title>{text}</Callout> })}
            <p>{t!("Open the sign-in link that the server prints when it starts. To get a new one, run this on the same machine:")}</p>
            <div class="command">
                <code id="login-link">"ekairos-registry login-link"</code>
                <button type="button" class="button needs-js" data-copy-from="login-link">{t!("Copy")}</button>
            </div>
            <p class="muted">{t!("A link works once, for 15 minutes. There is no password.")}</p>
        </section>
    }
    .into_any()
}

/// What a person sees who signed in beside a form of theirs.
#[component]
pub fn SignedIn() -> impl IntoView {
    view! {
        <Title text=titled(t!("Signed in"))/>
        <section class="sign-in">
            <h1>{t!("Signed in")}</h1>
            <p>{t!("Go back to the tab with your form and send it again. This tab can be closed.")}</p>
            <a class="button" href="/">{t!("Go to the overview")}</a>
        </section>
    }
    .into_any()
}

/// What a person sees after signing out.
#[component]
pub fn SignedOut() -> impl IntoView {
    view! {
        <Title text=titled(t!("Signed out"))/>
        <section class="sign-in">
            <h1>{t!("Signed out")}</h1>
            <p>{t!("This browser no longer has a session.")}</p>
            <a class="button" href="/login">{t!("How to sign in")}</a>
        </section>
    }
    .into_any()
}
