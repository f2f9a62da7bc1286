//! What happened lately in all repositories: a plot of the weeks, and a list.

use super::repository::{
    commits::Commit,
    history::{health, outcome},
};
use crate::app::{
    data::ActivityData,
    format::{day, duration, href, plural},
    icons::{Glyph, Icon},
    parts::{Empty, State, When},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::{ActivityRow, ActivityView, Happening, SyncView, WeekCount};

const PATH: &str = "/activity";

/// Commits and syncs, newest first.
#[component]
pub fn ActivityPageView(
    /// What the page shows.
    data: ActivityData,
) -> impl IntoView {
    let ActivityData { activity, repositories, repository } = data;
    let ActivityView { rows, offset, limit, more, weeks } = activity;
    let at = |offset: usize| {
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        href(PATH, &[("repository", &repository), ("offset", &offset)])
    };
    let newer = (offset > 0).then(|| {
        view! { <a class="button" rel="prev" href=at(offset.saturating_sub(limit))><Icon glyph=Glyph::Back/>"Newer"</a> }
    });
    let older = more.then(|| {
        view! { <a class="button" rel="next" href=at(offset + limit)>"Older"<Icon glyph=Glyph::Forward/></a> }
    });
    let options = repositories
        .into_iter()
        .map(|(id, name)| view! { <option value=id.clone() selected=id == repository>{name}</option> })
        .collect_view();
    let list = if rows.is_empty() {
        view! {
            <Empty title="Nothing happened yet" text="Commits that touch a component, and syncs, are listed here as they come." action=("See the repositories".to_owned(), "/registry".to_owned())/>
        }
        .into_any()
    } else {
        let rows = rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
        view! { <ol class="commits activity">{rows}</ol> }.into_any()
    };
    view! {
        <Title text="Activity – Registry"/>
        <header class="head">
            <h1>"Activity"</h1>
            <form class="filter" method="get" action=PATH>
                <label>
                    <span class="sr-only">"Repository"</span>
                    <select name="repository"><option value="">"All repositories"</option>{options}</select>
                </label>
                <button class="button">"Show"</button>
            </form>
        </header>
        <Plot weeks/>
        {list}
        {(newer.is_some() || older.is_some()).then(|| view! {
            <nav class="pager" aria-label="Pages"><span></span><span class="steps">{newer}{older}</span></nav>
        })}
    }
    .into_any()
}

/// Width of a week in the plot.
const STEP: usize = 24;
/// Width of a bar.
const BAR: usize = 16;
/// Height of the half above the line, and of the one below it.
const HALF: usize = 48;

/// The height of a bar: what is not nothing can be seen.
fn height(count: usize, most: usize) -> usize {
    if count == 0 { 0 } else { (count * HALF / most).max(2) }
}

/// Bars of the weeks: commits above the line, syncs below it.
#[component]
fn Plot(weeks: Vec<WeekCount>) -> impl IntoView {
    let most = |count: fn(&WeekCount) -> usize| weeks.iter().map(count).max().unwrap_or_default().max(1);
    let (most_commits, most_syncs) = (most(|week| week.commits), most(|week| week.syncs));
    let total = |count: fn(&WeekCount) -> usize| weeks.iter().map(count).sum::<usize>();
    let label = format!(
        "In the last {} weeks: {}, {}",
        weeks.len(),
        plural(total(|week| week.commits), "commit", "commits"),
        plural(total(|week| week.syncs), "sync", "syncs")
    );
    let bars = weeks
        .iter()
        .enumerate()
        .map(|(nth, week)| {
            let told = format!(
                "Week of {}: {}, {}",
                day(week.begins),
                plural(week.commits, "commit", "commits"),
                plural(week.syncs, "sync", "syncs")
            );
            let (above, below) = (height(week.commits, most_commits), height(week.syncs, most_syncs));
            let x = nth * STEP;
            view! {
                <g>
                    <title>{told}</title>
                    <rect class="hit" x=x y="0" width=STEP height=2 * HALF + 1/>
                    <rect class="above" x=x + (STEP - BAR) / 2 y=HALF - above width=BAR height=above rx="2"/>
                    <rect class="below" x=x + (STEP - BAR) / 2 y=HALF + 1 width=BAR height=below rx="2"/>
                </g>
            }
        })
        .collect_view();
    let (width, height) = (weeks.len() * STEP, 2 * HALF + 1);
    view! {
        <figure class="plot">
            <svg viewBox=format!("0 0 {width} {height}") role="img" aria-label=label.clone()>
                {bars}
                <line x1="0" x2=width y1=HALF y2=HALF/>
            </svg>
            <figcaption>{label}". Commits stand above the line, syncs below it."</figcaption>
        </figure>
    }
    .into_any()
}

#[component]
fn Row(row: ActivityRow) -> impl IntoView {
    let ActivityRow { repository, repository_name, what, .. } = row;
    let path = format!("/registry/{repository}");
    match what {
        Happening::Commit(commit) => view! { <Commit commit repository=path name=repository_name/> }.into_any(),
        Happening::Sync(sync) => view! { <Sync sync=*sync path name=repository_name/> }.into_any(),
    }
}

#[component]
fn Sync(sync: SyncView, path: String, name: String) -> impl IntoView {
    let health = health(&sync);
    let took = sync.finished_at.map(|end| format!(", took {}", duration(end - sync.started_at)));
    let told = sync.report.as_ref().map(outcome);
    view! {
        <li>
            <div class="what">
                <span class="subject"><State health/>{told}</span>
                <span class="sub">"Sync of "<a href=href(&path, &[("tab", "findings")])>{name}</a>", "<When at=sync.started_at/>{took}</span>
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_can_be_seen() {
        assert_eq!((height(0, 1000), height(1, 1000), height(500, 1000), height(1000, 1000)), (0, 2, HALF / 2, HALF));
    }
}
