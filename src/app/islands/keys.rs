//! Keyboard shortcuts, and copying.

use leptos::{html, prelude::*};

/// Listens on the whole page: shortcuts, and clicks on what has `data-copy` or
/// `data-copy-from`. Shows the shortcuts when asked.
#[island]
pub fn Shortcuts() -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let said = RwSignal::new("");
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            super::browser::listen(dialog, said);
        }
    });
    view! {
        <span class="sr-only" role="status">{move || said.get()}</span>
        <dialog id="shortcuts" class="shortcuts" aria-label="Keyboard shortcuts" node_ref=dialog>
            <h2>"Keyboard shortcuts"</h2>
            <dl>
                <dt><kbd class="apple">"⌘"</kbd><kbd class="elsewhere">"Ctrl"</kbd>" "<kbd>"K"</kbd></dt><dd>"Go anywhere, do anything"</dd>
                <dt><kbd>"/"</kbd></dt><dd>"Search components"</dd>
                <dt><kbd>"j"</kbd>" "<kbd>"k"</kbd></dt><dd>"Next and previous row"</dd>
                <dt><kbd>"Enter"</kbd></dt><dd>"Open the row"</dd>
                <dt><kbd>"g"</kbd>" "<kbd>"h"</kbd></dt><dd>"Home"</dd>
                <dt><kbd>"g"</kbd>" "<kbd>"r"</kbd></dt><dd>"Repositories"</dd>
                <dt><kbd>"g"</kbd>" "<kbd>"c"</kbd></dt><dd>"Components"</dd>
                <dt><kbd>"g"</kbd>" "<kbd>"p"</kbd></dt><dd>"Packages"</dd>
                <dt><kbd>"g"</kbd>" "<kbd>"a"</kbd></dt><dd>"Activity"</dd>
                <dt><kbd>"g"</kbd>" "<kbd>"s"</kbd></dt><dd>"Settings"</dd>
                <dt><kbd>"?"</kbd></dt><dd>"These shortcuts"</dd>
            </dl>
            <form method="dialog"><button class="button">"Close"</button></form>
        </dialog>
    }
}
