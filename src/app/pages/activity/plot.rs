//! How much happened in each week: a column for each, commits above the line,
//! syncs below it. Each column leads to its week; the same stands in a table.

use super::Kept;
use crate::app::{
    format::{date, new_month, number, week},
    words::{count, t},
};
use leptos::prelude::*;
use model::view::WeekCount;

/// Height of the part above the line, and of the part below it, of 100.
const ABOVE: usize = 62;
const BELOW: usize = 36;

/// The height of a bar: what is not nothing can be seen.
fn height(count: usize, most: usize, whole: usize) -> usize {
    if count == 0 { 0 } else { (count * whole / most.max(1)).max(3) }
}

/// What happened in a week, in words.
fn told(count: &WeekCount) -> String {
    let failed = match count.failed {
        0 => String::new(),
        failed => format!(" ({})", t!("%{count} failed", count = number(failed))),
    };
    format!(
        "{}: {}, {}{failed}",
        week(count.begins),
        count!(count.commits, "commit", "commits"),
        count!(count.syncs, "sync", "syncs")
    )
}

/// The weeks as columns.
#[component]
pub fn Plot(
    /// The weeks, the oldest first.
    weeks: Vec<WeekCount>,
    /// What is kept of the list.
    kept: Kept,
) -> impl IntoView {
    let most = |count: fn(&WeekCount) -> usize| weeks.iter().map(count).max().unwrap_or_default();
    let total = |count: fn(&WeekCount) -> usize| weeks.iter().map(count).sum::<usize>();
    let (most_commits, most_syncs) = (most(|week| week.commits), most(|week| week.syncs));
    let failed = total(|week| week.failed);
    let columns = weeks
        .iter()
        .map(|count| {
            let monday = date(count.begins);
            let current = (kept.week == monday).then_some("true");
            let told = told(count);
            view! {
                <li>
                    <a href=kept.of_week(&monday) aria-label=told.clone() data-hint=told aria-current=current>
                        <Bars count=*count most_commits most_syncs/>
                    </a>
                    {new_month(count.begins).map(|month| view! { <span class="month" aria-hidden="true">{month}</span> })}
                </li>
            }
        })
        .collect_view();
    let rows = weeks
        .iter()
        .rev()
        .map(|count| {
            let href = kept.of_week(&date(count.begins));
            view! {
                <tr>
                    <th scope="row"><a href=href>{week(count.begins)}</a></th>
                    <td class="end num">{number(count.commits)}</td>
                    <td class="end num">{number(count.syncs)}</td>
                    <td class="end num">{number(count.failed)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <figure class="plot" aria-label=t!("Commits and syncs of each week")>
            <ol class="weeks">{columns}</ol>
            <figcaption>
                <span class="key commits-key">{count!(total(|week| week.commits), "commit", "commits")}</span>
                <span class="key syncs-key">{count!(total(|week| week.syncs), "sync", "syncs")}</span>
                {(failed > 0).then(|| view! { <span class="key failed-key">{t!("%{count} failed", count = number(failed))}</span> })}
                <span>{t!("in %{count} weeks", count = weeks.len())}</span>
                <details>
                    <summary>{t!("As a table")}</summary>
                    <table class="list counts-of-weeks">
                        <thead>
                            <tr>
                                <th scope="col">{t!("Week")}</th>
                                <th scope="col" class="end">{t!("Commits")}</th>
                                <th scope="col" class="end">{t!("Syncs")}</th>
                                <th scope="col" class="end">{t!("Failed")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </details>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// One column; its width is the page's matter.
#[component]
fn Bars(count: WeekCount, most_commits: usize, most_syncs: usize) -> impl IntoView {
    let above = height(count.commits, most_commits, ABOVE);
    let below = height(count.syncs, most_syncs, BELOW);
    let failed = height(count.failed, most_syncs, BELOW).min(below);
    view! {
        <svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="above" x="0" y=ABOVE - above width="10" height=above/>
            <rect class="line" x="0" y=ABOVE width="10" height="1"/>
            <rect class="below" x="0" y=ABOVE + 2 width="10" height=below/>
            <rect class="failed" x="0" y=ABOVE + 2 + below - failed width="10" height=failed/>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_can_be_seen() {
        let of = |count| height(count, 1_000, ABOVE);
        assert_eq!((of(0), of(1), of(500), of(1_000)), (0, 3, ABOVE / 2, ABOVE));
        assert_eq!(height(0, 0, BELOW), 0);
    }
}
