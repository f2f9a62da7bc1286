//! Asking for a sync, and watching it.

use crate::app::number::number;
use leptos::prelude::*;

/// A sync as it stands.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    /// Whether one is queued or running.
    pub(super) running: RwSignal<bool>,
    /// What is being done: a stage's name; empty before it begins.
    pub(super) stage: RwSignal<String>,
    /// How many are done.
    pub(super) done: RwSignal<u64>,
    /// How many there are; 0 while that is not known.
    pub(super) total: RwSignal<u64>,
    /// Why it could not be started or followed.
    pub(super) problem: RwSignal<String>,
    /// What can be said of it.
    words: RwSignal<String>,
}

impl Watch {
    /// The word of this name; an empty one where there is none.
    pub(super) fn word(self, name: &str) -> String {
        let words = self.words.get_untracked();
        let word = words.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        word.unwrap_or_default().to_owned()
    }
}

/// What stands for a stage while the server cannot be reached.
pub(crate) const AWAY: &str = "away";

/// A button that syncs, and the bar that shows how far it is. Without scripts
/// the button is a form's.
#[island(lazy)]
pub fn SyncNow(
    /// The repository's id.
    repository: String,
    /// Whether there is a button, or only the bar.
    button: bool,
    /// Whether a sync is queued or running.
    running: bool,
    /// What it is doing: a stage's name; empty before it begins.
    stage: String,
    /// How many are done.
    done: u64,
    /// How many there are; 0 when that is not known.
    total: u64,
    /// What it says, in the page's language: a line for each word, its name before it.
    words: String,
) -> impl IntoView {
    let watch = Watch {
        running: RwSignal::new(running),
        stage: RwSignal::new(stage),
        done: RwSignal::new(done),
        total: RwSignal::new(total),
        problem: RwSignal::new(String::new()),
        words: RwSignal::new(words),
    };
    let action = format!("/registry/{repository}/sync");
    // Until its script has come the form is sent as any other.
    let awake = RwSignal::new(false);
    Effect::new(move || awake.set(true));
    #[cfg(feature = "hydrate")]
    {
        let repository = repository.clone();
        Effect::new(move || {
            if running {
                super::browser::follow(&repository, watch);
            }
        });
    }
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        #[cfg(feature = "hydrate")]
        super::browser::start(&repository, watch);
    };
    // `<progress>` has no empty attributes: a missing value means "not known".
    let value = move || (watch.total.get() > 0).then(|| watch.done.get().to_string());
    let most = move || (watch.total.get() > 0).then(|| watch.total.get().to_string());
    let counted = move || match (watch.done.get(), watch.total.get()) {
        (0, 0) => String::new(),
        (done, 0) => number(done),
        (done, total) => number(done) + " " + &watch.word("of") + " " + &number(total),
    };
    view! {
        <form class="sync" method="post" action=action hidden=!button data-awake=move || awake.get() on:submit=submit>
            <button class="button primary" disabled=move || watch.running.get()>
                {move || watch.word(if watch.running.get() { "syncing" } else { "start" })}
            </button>
        </form>
        <div class="live" class:standing=button data-stage=move || watch.stage.get() hidden=move || !watch.running.get()>
            <span class="stage">{move || watch.word(&watch.stage.get())}</span>
            <progress aria-label=watch.word("start") value=value max=most></progress>
            <span class="counted">{counted}</span>
        </div>
        <p class="problem" role="alert" hidden=move || watch.problem.get().is_empty()>{move || watch.problem.get()}</p>
    }
}
