//! What this is, for whoever has not signed in.

use crate::app::{
    data::{PublicRegistry, StrangerData},
    parts::Prose,
    words::t,
};
use leptos::prelude::*;
use leptos_meta::Title;

const TREE: &str = "acme/ui
├── registry.json
├── ui/button.tsx
└── lib/utils.ts";
const INSTALL: &str = "$ npx shadcn add @acme/button
✔ Checking registry.
✔ Installing dependencies.
✔ Created 2 files:
  - components/ui/button.tsx
  - lib/utils.ts";

/// A few lines, a picture, and the way in.
#[component]
pub fn Stranger(
    /// What everyone may know.
    data: StrangerData,
) -> impl IntoView {
    let StrangerData { sign_in, public } = data;
    view! {
        <Title text=t!("Registry").into_owned()/>
        <section class="welcome">
            <h1>{t!("Git repositories in, shadcn add out.")}</h1>
            <p class="lead">
                <Prose text=t!("This registry reads an organisation's git repositories and serves every component in them, at every commit, to the `shadcn` command line. No build step, no copies: what is in git is what gets installed.")/>
            </p>
            <figure class="flow" aria-label=t!("A repository with a registry.json becomes a component that is installed with npx shadcn add")>
                <pre tabindex="0"><span class="caption">{t!("A repository")}</span><code>{TREE}</code></pre>
                <span class="arrow" aria-hidden="true"></span>
                <pre tabindex="0"><span class="caption">{t!("A project")}</span><code>{INSTALL}</code></pre>
            </figure>
            <div class="actions">
                <a class="button primary" href=sign_in rel="nofollow">{t!("Sign in")}</a>
                <span class="muted">{t!("For members: repositories, components and their history, what changed, what is broken.")}</span>
            </div>
            {(!public.is_empty()).then(|| view! {
                <section class="open-registries" aria-labelledby="open">
                    <h2 id="open">{t!("Open to everyone")}</h2>
                    <p class="lead">{t!("Anyone may install from here, without signing in.")}</p>
                    <ul>{public.into_iter().enumerate().map(|(nth, registry)| view! { <Open registry nth/> }).collect_view()}</ul>
                </section>
            })}
        </section>
    }
    .into_any()
}

/// A registry that anyone may install from, and how.
#[component]
fn Open(registry: PublicRegistry, nth: usize) -> impl IntoView {
    let PublicRegistry { name, init, add } = registry;
    let (first, then) = (format!("init-{nth}"), format!("add-{nth}"));
    view! {
        <li>
            <h3>{name}</h3>
            <div class="command">
                <code id=first.clone()>{init}</code>
                <button type="button" class="button small needs-js" data-copy-from=first>{t!("Copy")}</button>
            </div>
            <div class="command">
                <code id=then.clone()>{add}</code>
                <button type="button" class="button small needs-js" data-copy-from=then>{t!("Copy")}</button>
            </div>
        </li>
    }
    .into_any()
}
