//! What happened, grouped by day.

use crate::app::{
    format::{actor_label, day_heading, duration, href, now, sentence},
    icons::{Glyph, Icon},
    pages::repository::{
        commits::Commit,
        history::{health, outcome},
    },
    parts::{Prose, State, When},
    words::{count, t},
};
use leptos::prelude::*;
use model::{
    ItemChange, SyncReport, Trigger,
    view::{ActivityRow, Happening, Health, Millis, PublicationView, SyncView},
};

/// What happened, newest first, under a heading for each day.
#[component]
pub fn Days(
    /// The rows, newest first.
    rows: Vec<ActivityRow>,
    /// Whether the list stands in a section that has a heading of its own.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    let now = now();
    grouped(rows, |row| day_heading(row.at, now))
        .into_iter()
        .map(|(day, rows)| {
            let rows = rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
            let heading =
                if within { view! { <h3>{day}</h3> }.into_any() } else { view! { <h2>{day}</h2> }.into_any() };
            view! { <section class="day">{heading}<ol class="commits activity">{rows}</ol></section> }
        })
        .collect_view()
        .into_any()
}

/// Rows in a row that have the same name, under it.
fn grouped<T>(rows: Vec<T>, name: impl Fn(&T) -> String) -> Vec<(String, Vec<T>)> {
    let mut groups: Vec<(String, Vec<T>)> = Vec::new();
    for row in rows {
        let name = name(&row);
        match groups.last_mut() {
            Some((last, group)) if *last == name => group.push(row),
            _ => groups.push((name, vec![row])),
        }
    }
    groups
}

#[component]
fn Row(row: ActivityRow) -> impl IntoView {
    let ActivityRow { repository, repository_name: name, what, .. } = row;
    let path = format!("/registry/{repository}");
    match what {
        Happening::Commit(commit) => view! { <Commit commit repository=path name/> }.into_any(),
        Happening::Sync(sync) => view! { <Sync sync path name/> }.into_any(),
        Happening::Publication(publication) => view! { <Publication publication path name/> }.into_any(),
    }
}

/// Whether a sync found nothing to tell of.
fn is_uneventful(report: &SyncReport) -> bool {
    report.failure.is_none() && report.changes.is_empty() && !report.needs_attention()
}

#[component]
fn Sync(sync: Box<SyncView>, path: String, name: String) -> impl IntoView {
    let health = health(&sync);
    let quiet = sync.report.as_ref().is_some_and(is_uneventful);
    let by = match sync.trigger {
        Trigger::Person => t!("by a person"),
        Trigger::Token => t!("by a token"),
        Trigger::Webhook => t!("by the git host"),
        Trigger::Poll => t!("by the regular check"),
    };
    let took =
        sync.finished_at.map(|end: Millis| format!(", {}", t!("took %{span}", span = duration(end - sync.started_at))));
    let report = sync.report.unwrap_or_default();
    let held = report.count(ItemChange::Quarantined);
    let findings = href(&path, &[("tab", "findings")]);
    let told = if health == Health::Working { String::new() } else { outcome(&report) };
    let why = report.diagnostics.first().filter(|_| health == Health::Broken || held > 0).map(|found| {
        let said = [Some(&found.message), found.fix.as_ref()].into_iter().flatten().map(|text| sentence(text));
        said.filter(|text| *text != told).collect::<Vec<_>>().join(" ")
    });
    let class = match health {
        Health::Broken => "sync broken",
        _ if quiet => "sync quiet",
        _ => "sync",
    };
    view! {
        <li class=class>
            <div class="what">
                <span class="subject"><State health/><span><Prose text=told/></span></span>
                {why.map(|why| view! { <span class="why"><Prose text=why/></span> })}
                <span class="sub">{t!("Sync of")}" "<a href=path>{name}</a>" "{by}", "<When at=sync.started_at/>{took}</span>
            </div>
            {(health == Health::Broken || report.needs_attention()).then(|| view! {
                <div class="chips"><a href=findings>{if health == Health::Broken { t!("Why it failed") } else { t!("What it found") }}</a></div>
            })}
        </li>
    }
    .into_any()
}

#[component]
fn Publication(publication: PublicationView, path: String, name: String) -> impl IntoView {
    let PublicationView { at, kind, count, actor, .. } = publication;
    let by = actor.as_deref().map(actor_label);
    let count = count!(usize::try_from(count).unwrap_or(usize::MAX), "component", "components");
    let (glyph, what) = match kind.as_str() {
        "rollback" => (Glyph::Rollback, t!("Rolled back, %{count} served", count = count)),
        _ => (Glyph::Add, t!("Changed by hand, %{count} served", count = count)),
    };
    view! {
        <li>
            <div class="what">
                <a class="subject" href=href(&path, &[("tab", "history")])><Icon glyph/>" "{what}</a>
                <span class="sub"><a href=path.clone()>{name}</a>" "{by}", "<When at/></span>
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_one_day_stands_together() {
        let groups = grouped(vec![5, 4, 13, 12, 3], |number| (number / 10).to_string());
        assert_eq!(groups, [("0".to_owned(), vec![5, 4]), ("1".to_owned(), vec![13, 12]), ("0".to_owned(), vec![3])]);
    }
}
