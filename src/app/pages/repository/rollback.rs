//! The page that asks before a rollback.

use crate::app::words::{count, t};
use crate::app::{
    data::RollbackData,
    parts::{Callout, HERE, Sha, Trail, When, around, fields::RenderedFor, titled},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    ItemName,
    view::{Health, RepositoryKind, RollbackView as Preview},
};
use std::borrow::Cow;

/// How many names each list shows.
const NAMED: usize = 24;

/// What a rollback would do.
#[component]
pub fn RollbackView(
    /// The repository and the preview.
    data: RollbackData,
) -> impl IntoView {
    let RollbackData { repository, preview } = data;
    let Preview { snapshot, at, commit, count, added, changed, removed, left_out } = preview;
    let path = format!("/registry/{}", repository.id);
    let manual = repository.kind == RepositoryKind::Manual;
    let nothing = added.is_empty() && changed.is_empty() && removed.is_empty();
    let held = left_out.len();
    view! {
        <Title text=titled(t!("Roll back %{name}", name = repository.name))/>
        <Trail label=t!("History of %{name}", name = repository.name) href=format!("{path}?tab=history")/>
        <form class="form" method="post" action=format!("{path}/rollback")>
            <RenderedFor/>
            <h1>{t!("Roll back %{name}?", name = repository.name)}</h1>
            <p class="lead">
                {t!("To what was served")}
                {at.map(|at| view! { " "<When at/> })}
                {commit.map(|sha| around(t!(", at commit %{commit}", commit = HERE), [view! { <Sha sha/> }.into_any()]))}
                {format!(": {}.", count!(count, "component", "components"))}
            </p>
            {nothing.then(|| view! { <p>{t!("Nothing that is served would change.")}</p> })}
            <Names title=t!("Served again") names=added/>
            <Names title=t!("In an earlier version") names=changed/>
            <Names title=t!("Not served any more") names=removed/>
            {(held > 0).then(|| view! {
                <Callout health=Health::Attention title=t!("Not everything can come back.")>
                    {t!("These names are held by others now, and stay as they are:")}
                    <Chips names=left_out/>
                </Callout>
            })}
            <ul class="plain">
                <li>
                    {if manual {
                        t!("It stays until a component is made or edited, which is published on top of it.")
                    } else {
                        t!("It stays until the next commit, which is published on top of it.")
                    }}
                </li>
                <li>{t!("It can be undone: roll back to what is served now, which stays in the history.")}</li>
            </ul>
            <input type="hidden" name="snapshot" value=snapshot.to_string()/>
            <div class="actions">
                <button class="button primary">{t!("Roll back")}</button>
                <a class="button ghost" href=format!("{path}?tab=history")>{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}

/// A titled count with its names; nothing at all when there are none.
#[component]
fn Names(title: Cow<'static, str>, names: Vec<ItemName>) -> impl IntoView {
    let count = names.len();
    (count > 0).then(|| {
        view! {
            <section>
                <h2>{title}" "<span class="count">{count}</span></h2>
                <Chips names/>
            </section>
        }
    })
}

#[component]
fn Chips(names: Vec<ItemName>) -> impl IntoView {
    let more = names.len().saturating_sub(NAMED);
    let chips =
        names.into_iter().take(NAMED).map(|name| view! { <span class="chip">{name.to_string()}</span> }).collect_view();
    view! { <div class="chips">{chips}{(more > 0).then(|| view! { <span class="muted">{t!("and %{more} more", more = more)}</span> })}</div> }
}
