//! Who is in the organisation, and where others are invited.

use super::{SettingsHead, SettingsPage};
use crate::app::words::{count, t};
use crate::app::{
    data::{MemberRow, MembersData},
    format::{href, number},
    icons::{Glyph, Icon},
    parts::{Callout, HERE, Prose, When, around, may_change},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;

/// The members, or what there is in their place.
#[component]
pub fn MembersView(
    /// What the page shows.
    data: MembersData,
) -> impl IntoView {
    let body = match data {
        MembersData::Local => view! { <Local/> }.into_any(),
        MembersData::Known { members, total, platform } => view! { <Known members total platform/> }.into_any(),
        MembersData::Unknown { platform } => view! {
            <Callout health=Health::Attention title=t!("Clerk does not tell who is in the organisation.")>
                {around(
                    t!("Nothing is wrong with the registry. Load the page again in a minute, or look %{there}.", there = HERE),
                    [view! { <a href=platform rel="noreferrer">{t!("on the platform")}</a> }.into_any()],
                )}
            </Callout>
        }
        .into_any(),
    };
    view! {
        <Title text=format!("{} – {}", t!("Members"), t!("Settings"))/>
        <SettingsHead current=SettingsPage::Members/>
        {body}
    }
    .into_any()
}

/// What local mode means for people.
#[component]
fn Local() -> impl IntoView {
    view! {
        <section class="local">
            <h2>{t!("Local mode: one operator")}</h2>
            <p class="lead">
                {t!("This registry serves one organisation, on this machine. Whoever opens a sign-in link of it is its operator and may do everything; programs prove by a token what they may do.")}
            </p>
            <p class="lead">{t!("A link signs one browser in, once. Another is made by:")}</p>
            <div class="command">
                <code id="login-link">"ekairos-registry login-link"</code>
                <button type="button" class="button needs-js" data-copy-from="login-link">{t!("Copy")}</button>
            </div>
        </section>
        <section>
            <h2>{t!("Several people")}</h2>
            <p class="lead">
                <Prose text=t!("With the keys of a Clerk instance in `CLERK_PUBLISHABLE_KEY` and `CLERK_SECRET_KEY` people sign in by name, each in their organisations, as administrators or members: see `docs/organisations.md`.")/>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Known(members: Vec<MemberRow>, total: usize, platform: String) -> impl IntoView {
    let shown = members.len();
    let people = count!(total, "person belongs", "people belong");
    let rows = members.into_iter().map(|member| view! { <Row member/> }).collect_view();
    view! {
        <div class="members-head">
            <p class="lead">
                {t!("%{people} to this organisation. Administrators may change everything; members look at everything and ask for syncs.", people = people)}
            </p>
            {may_change().then(|| view! {
                <a class="button" href=platform rel="noreferrer">{t!("Invite on the platform")}<Icon glyph=Glyph::External/></a>
            })}
        </div>
        <table class="list members">
            <thead>
                <tr>
                    <th scope="col">{t!("Person")}</th>
                    <th scope="col">{t!("Role")}</th>
                    <th scope="col">{t!("Joined")}</th>
                    <th scope="col"><span class="sr-only">{t!("What they did")}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {(shown < total).then(|| view! {
            <p class="hint">{t!("The first %{count} are listed; the platform has all of them.", count = number(shown))}</p>
        })}
        <p class="hint elsewhere">{t!("Roles are given, and people leave, where they are invited. What changes there is seen here within a minute.")}</p>
    }
    .into_any()
}

#[component]
fn Row(member: MemberRow) -> impl IntoView {
    let MemberRow { name, identifier, is_admin, role, joined_at, is_you, actor } = member;
    let label = t!("Audit: what %{name} did", name = name);
    let role = match (is_admin, role.as_str()) {
        (true, _) => t!("Administrator").into_owned(),
        (false, "member") => t!("Member").into_owned(),
        (false, _) => role,
    };
    view! {
        <tr>
            <th scope="row">
                {name}{is_you.then(|| view! { " "<span class="tag">{t!("you")}</span> })}
                {identifier.map(|identifier| view! { <span class="sub">{identifier}</span> })}
            </th>
            <td data-of="kind">{role}</td>
            <td data-of="sync">{joined_at.map(|at| view! { <When at/> })}</td>
            <td class="end" data-of="actions">
                {actor.filter(|_| may_change()).map(|actor| view! {
                    <a class="button small" aria-label=label href=href("/settings/audit", &[("actor", &actor)])>{t!("Audit")}</a>
                })}
            </td>
        </tr>
    }
    .into_any()
}
