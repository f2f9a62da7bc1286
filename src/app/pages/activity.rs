//! What happened lately in all repositories: a plot of the weeks, and a list.

pub mod days;
pub mod plot;

use crate::app::{
    data::ActivityData,
    format::{date, href, week},
    icons::{Glyph, Icon},
    parts::{Empty, Prose, titled},
    words::t,
};
use days::Days;
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{ActivityView, WeekCount};
use plot::Plot;

const PATH: &str = "/activity";
/// What is kept of the list.
#[derive(Debug, Clone)]
pub struct Kept {
    repository: String,
    kind: &'static str,
    /// The Monday: `2026-11-16`; empty for all weeks.
    week: String,
}

impl Kept {
    fn anything(&self) -> bool {
        [&self.repository, &self.week].into_iter().any(|kept| !kept.is_empty()) || !self.kind.is_empty()
    }

    /// The list from this row on.
    fn starting_at(&self, offset: usize) -> String {
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        href(PATH, &[("repository", &self.repository), ("kind", self.kind), ("week", &self.week), ("offset", &offset)])
    }

    /// The list of one week; of all weeks, if it is that one already.
    fn of_week(&self, monday: &str) -> String {
        let monday = if self.week == monday { "" } else { monday };
        href(PATH, &[("repository", &self.repository), ("kind", self.kind), ("week", monday)])
    }
}

/// Commits, syncs and what was published otherwise, newest first.
#[component]
pub fn ActivityPageView(
    /// What the page shows.
    data: ActivityData,
) -> impl IntoView {
    let ActivityData { activity, repositories, repository, kind, week: monday, feed } = data;
    let ActivityView { rows, offset, limit, more, weeks } = activity;
    let kept = Kept { repository, kind, week: monday.map(date).unwrap_or_default() };
    let newer = (offset > 0).then(|| {
        let href = kept.starting_at(offset.saturating_sub(limit));
        view! { <a class="button" rel="prev" href=href><Icon glyph=Glyph::Back/>{t!("Newer")}</a> }
    });
    let older = more.then(|| {
        let href = kept.starting_at(offset + limit);
        view! { <a class="button" rel="next" href=href>{t!("Older")}<Icon glyph=Glyph::Forward/></a> }
    });
    let list = match (rows.is_empty(), kept.anything()) {
        (true, true) => view! {
            <Empty title=t!("Nothing of this kind") text=t!("Nothing that fits happened then. The plot shows the weeks in which something did.") action=(t!("Show everything").into_owned(), PATH.to_owned())/>
        }
        .into_any(),
        (true, false) => view! {
            <Empty title=t!("Nothing happened yet") text=t!("Commits that touch a component, and syncs, are listed here as they come.") action=(t!("See all repositories").into_owned(), "/registry".to_owned())/>
        }
        .into_any(),
        _ => view! { <Days rows/> }.into_any(),
    };
    view! {
        <Title text=titled(t!("Activity"))/>
        <header class="head">
            <h1>{t!("Activity")}</h1>
            <Keep kept=kept.clone() repositories weeks=weeks.clone() monday/>
        </header>
        <Plot weeks kept/>
        {list}
        {(newer.is_some() || older.is_some()).then(|| view! {
            <nav class="pager" aria-label=t!("Pages")><span></span><span class="steps">{newer}{older}</span></nav>
        })}
        <details class="feed">
            <summary>{t!("Follow it in a feed reader")}</summary>
            <p>
                <Prose text=t!("The feed at `%{feed}` holds the same as this page, and wants a proof as it does: give your reader any user name, and as the password a token with the scope `read`. Programs send the token as they do everywhere.", feed = feed)/>
                " "<a href="/activity.atom">{t!("Open the feed")}</a>
            </p>
        </details>
    }
    .into_any()
}

/// The form that says what to keep.
#[component]
fn Keep(
    kept: Kept,
    repositories: Vec<(String, String)>,
    weeks: Vec<WeekCount>,
    monday: Option<model::view::Millis>,
) -> impl IntoView {
    let option = |value: String, label: String, chosen: &str| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{label}</option> }
    };
    let repositories = repositories.into_iter().map(|(id, name)| option(id, name, &kept.repository)).collect_view();
    let kinds =
        [("", t!("Everything")), ("changes", t!("Changes")), ("syncs", t!("Syncs")), ("failures", t!("Failed syncs"))];
    let kinds = kinds.map(|(value, label)| option(value.to_owned(), label.into_owned(), kept.kind));
    // The newest first, and the one that is chosen, however long ago it was.
    let mut listed: Vec<_> = weeks.iter().rev().map(|week| week.begins).collect();
    listed.extend(monday.filter(|monday| !listed.contains(monday)));
    let newest = listed.first().copied();
    let weeks = listed.into_iter().enumerate().map(|(ago, begins)| {
        let label = match ago {
            0 if newest == Some(begins) => t!("This week").into_owned(),
            1 => t!("Last week").into_owned(),
            _ => week(begins),
        };
        option(date(begins), label, &kept.week)
    });
    view! {
        <form class="filter keep" method="get" action=PATH>
            <label>
                <span class="sr-only">{t!("Repository")}</span>
                <select name="repository"><option value="">{t!("All repositories")}</option>{repositories}</select>
            </label>
            <label>
                <span class="sr-only">{t!("Kind")}</span>
                <select name="kind">{kinds.collect_view()}</select>
            </label>
            <label>
                <span class="sr-only">{t!("Week")}</span>
                <select name="week"><option value="">{t!("Any week")}</option>{weeks.collect_view()}</select>
            </label>
            <button class="button">{t!("Show")}</button>
        </form>
    }
    .into_any()
}
