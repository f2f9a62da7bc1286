//! A repository's last syncs as a line of bars: how each ended, and how long it took.

use crate::app::format::{duration, number};
use crate::app::words::{count, t};
use leptos::prelude::*;
use model::{SyncState, view::SyncMark};

/// Bars that there is room for.
const BARS: usize = 12;
/// A bar and the gap behind it, in units of the picture.
const STEP: usize = 6;
/// The picture's height.
const HEIGHT: u32 = 20;
/// The shortest bar: also what took no time was a sync.
const LEAST: u32 = 4;

/// How high a bar is: each doubling of the time adds as much.
fn height(took: i64) -> u32 {
    let doublings = u64::try_from(took.max(1) / 25 + 1).unwrap_or(1).ilog2();
    (LEAST + 2 * doublings).min(HEIGHT)
}

/// What the line says, for who cannot see it.
fn told(syncs: &[SyncMark]) -> String {
    let failed = syncs.iter().filter(|mark| mark.state == SyncState::Failed).count();
    let longest = syncs.iter().filter_map(|mark| mark.took).max().unwrap_or_default();
    let ended = count!(syncs.len(), "sync", "syncs");
    match failed {
        0 => t!("The last %{syncs} went well; the longest took %{time}", syncs = ended, time = duration(longest))
            .into_owned(),
        _ => t!("Of the last %{syncs}, %{failed} failed", syncs = ended, failed = number(failed)).into_owned(),
    }
}

/// The line; nothing before the first sync.
#[component]
pub fn Strip(
    /// The syncs, the oldest first.
    syncs: Vec<SyncMark>,
) -> impl IntoView {
    if syncs.is_empty() {
        return ().into_any();
    }
    let label = told(&syncs);
    // The newest stands at the right.
    let before = BARS.saturating_sub(syncs.len());
    let bars = syncs
        .iter()
        .take(BARS)
        .enumerate()
        .map(|(at, mark)| {
            let class = match mark.state {
                SyncState::Failed => "broken",
                SyncState::Succeeded => "fresh",
                SyncState::Queued | SyncState::Running => "working",
            };
            let tall = height(mark.took.unwrap_or_default());
            let (x, y) = (((before + at) * STEP).to_string(), (HEIGHT - tall).to_string());
            view! { <rect class=class x=x y=y width="4" height=tall.to_string() rx="1"></rect> }
        })
        .collect_view();
    let missing = (0..before)
        .map(|at| {
            let (x, y) = ((at * STEP).to_string(), (HEIGHT - 1).to_string());
            view! { <rect class="none" x=x y=y width="4" height="1"></rect> }
        })
        .collect_view();
    let size = format!("0 0 {} {HEIGHT}", BARS * STEP - 2);
    view! {
        <svg class="strip" viewBox=size width=(BARS * STEP - 2).to_string() height=HEIGHT.to_string() role="img" aria-label=label.clone()>
            <title>{label.clone()}</title>
            {missing}
            {bars}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_with_the_time_and_stays_in_the_picture() {
        assert_eq!(height(0), LEAST);
        assert!(height(400) > height(100));
        assert_eq!(height(i64::MAX), HEIGHT);
    }

    #[test]
    fn the_line_is_told_in_a_sentence() {
        let mark = |state, took| SyncMark { state, at: 0, took: Some(took) };
        let well = mark(SyncState::Succeeded, 440);
        assert_eq!(told(&[well, well]), "The last 2 syncs went well; the longest took 0.4 s");
        assert_eq!(told(&[well, mark(SyncState::Failed, 10)]), "Of the last 2 syncs, 1 failed");
    }
}
