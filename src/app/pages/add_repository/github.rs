//! The choice among an organisation's repositories on GitHub: plain forms, one
//! button for each.

use crate::{
    app::{
        data::{GithubPicker, GithubProblem},
        format::href,
        icons::{Glyph, Icon},
        parts::{Callout, HERE, StepLink, When, around, fields::RenderedFor},
        words::{count, t},
    },
    service::{GithubRepositories, GithubRepository},
};
use leptos::prelude::*;
use model::view::Health;

/// Where the page is.
const PATH: &str = "/registry/new";

/// What GitHub offers, or why it offers nothing.
#[component]
pub fn GithubView(
    /// What was looked for and found.
    picker: GithubPicker,
) -> impl IntoView {
    let GithubPicker { q, found } = picker;
    match found {
        Ok(found) => view! { <Choice q found/> }.into_any(),
        Err(problem) => view! { <ProblemView problem/> }.into_any(),
    }
}

#[component]
fn ProblemView(problem: GithubProblem) -> impl IntoView {
    let GithubProblem { is_new, title, message, next } = problem;
    if is_new {
        return view! {
            <ul class="ways picks">
                <li>
                    <div><h2>{title}</h2><p>{t!("Connect GitHub once for the organisation. Its repositories are then listed here, private ones included.")}</p></div>
                    {next.map(|next| view! { <StepLink next class="button"/> })}
                </li>
            </ul>
        }
        .into_any();
    }
    view! {
        <section class="form picks" aria-label="GitHub">
            <Callout health=Health::Attention title>
                {message}" "{next.map(|next| view! { <StepLink next class=""/> })}
            </Callout>
        </section>
    }
    .into_any()
}

#[component]
fn Choice(q: String, found: GithubRepositories) -> impl IntoView {
    let GithubRepositories { rows, total, page, pages, partial } = found;
    let empty = rows.is_empty();
    let nothing = match (total, q.is_empty()) {
        (0, true) => t!("The connected account sees no repositories on GitHub."),
        (0, false) => t!("No repository has these words in its name or description."),
        _ => t!("There is no such page."),
    };
    let searched = !q.is_empty();
    let link = |page: usize| href(PATH, &[("q", &q), ("page", &page.to_string())]);
    let before = (page > 1).then(|| {
        view! { <a class="button" rel="prev" href=link((page - 1).min(pages.max(1)))><Icon glyph=Glyph::Back/>{t!("Previous")}</a> }
    });
    let after = (page < pages).then(|| {
        view! { <a class="button" rel="next" href=link(page + 1)>{t!("Next")}<Icon glyph=Glyph::Forward/></a> }
    });
    view! {
        <section class="picks" aria-labelledby="from-github">
            <h2 id="from-github">{t!("Choose from GitHub")}</h2>
            <form class="filter" role="search" method="get" action=PATH>
                <label class="search">
                    <span class="sr-only">{t!("Search your repositories on GitHub")}</span>
                    <Icon glyph=Glyph::Search/>
                    <input id="search" type="search" name="q" value=q.clone() placeholder=t!("Search by name or purpose") autocomplete="off"/>
                    <kbd aria-hidden="true" class="needs-js">"/"</kbd>
                </label>
                <button class="button">{t!("Search")}</button>
            </form>
            {empty.then(|| view! {
                <p class="muted">{nothing}{searched.then(|| view! { " "<a href=PATH>{t!("Show all")}</a> })}</p>
            })}
            {(!empty).then(|| view! {
                <ul class="ways">{rows.into_iter().map(|repository| view! { <Row repository/> }).collect_view()}</ul>
            })}
            {(total > 0).then(|| view! { <nav class="pager" aria-label=t!("Pages")>
                <span>
                    {count!(total, "repository", "repositories")}
                    {partial.then(|| t!(", and more that GitHub did not list; add those by their address"))}
                </span>
                <span class="steps">{before}{after}</span>
            </nav> })}
        </section>
    }
    .into_any()
}

#[component]
fn Row(repository: GithubRepository) -> impl IntoView {
    let GithubRepository { full_name, private, pushed_at, clone_url, description, registered, .. } = repository;
    let label = t!("Add %{name}", name = full_name);
    let seen = t!("See %{name}", name = full_name);
    let action = match registered {
        Some(id) => view! { <a class="button ghost" href=format!("/registry/{id}") aria-label=seen>{t!("Added")}</a> }
            .into_any(),
        None => view! {
            <form method="post" action=PATH>
                <RenderedFor/>
                <input type="hidden" name="url" value=clone_url/>
                <button class="button" aria-label=label>{t!("Add")}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <li>
            <div>
                <h3 class="mono">{full_name}</h3>
                <p>
                    {if private { t!("Private") } else { t!("Public") }}
                    {pushed_at.map(|at| view! { " · "{around(t!("pushed %{when}", when = HERE), [view! { <When at/> }.into_any()])} })}
                    {description.map(|text| format!(" · {text}"))}
                </p>
            </div>
            {action}
        </li>
    }
    .into_any()
}
