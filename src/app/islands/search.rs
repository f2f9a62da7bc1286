//! Results that follow what is typed.

use leptos::prelude::*;

/// Keeps the results of the form that it stands in with what is typed there,
/// and the address with both. Says how many there are.
#[island(lazy)]
pub fn LiveSearch(
    /// What to say when the server does not answer.
    away: String,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let problem = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    Effect::new(move || super::browser::search::live(said, problem));
    view! {
        <span class="sr-only" role="status">{move || said.get()}</span>
        <p class="problem" role="alert" hidden=move || !problem.get()>{away}</p>
    }
}
