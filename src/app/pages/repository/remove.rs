//! The page that asks before a repository is removed.

use crate::app::words::{count, t};
use crate::{
    app::{
        data::{RemoveRepositoryData, RemoveRepositoryForm},
        format::{component_href, short_url},
        parts::{
            Callout, HERE, Trail, around,
            fields::{Note, RenderedFor},
            titled,
        },
    },
    service::Removal,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{ItemName, view::Health};

/// How many components that need it are named.
const NAMED: usize = 12;

/// What goes, and the field that confirms it.
#[component]
pub fn RemoveRepositoryView(
    /// The repository, what goes with it, and the form.
    data: RemoveRepositoryData,
) -> impl IntoView {
    let RemoveRepositoryData { repository, removal, form: RemoveRepositoryForm { name: typed, error } } = data;
    let (name, path) = (repository.name.clone(), format!("/registry/{}", repository.id));
    let (beside, general) = match error {
        Some(error) if error.field.is_some() => (Some(error.message), None),
        Some(error) => (None, Some(error.message)),
        None => (None, None),
    };
    let Removal { served, held, versions, commits, webhook, needed_by } = removal;
    let invalid = beside.is_some().then_some("true");
    let stop = count!(served, "component stops", "components stop");
    let (versions, commits) =
        (count!(versions, "version", "versions"), count!(commits, "recorded commit", "recorded commits"));
    let address = view! { <span class="mono">{short_url(&repository.url).to_owned()}</span> }.into_any();
    let typing = view! { <span class="mono">{name.clone()}</span> }.into_any();
    view! {
        <Title text=titled(t!("Remove %{name}", name = name))/>
        <Trail label=name.clone() href=format!("{path}?tab=settings")/>
        <form class="form" method="post" action=format!("{path}/remove")>
            <RenderedFor/>
            <h1>{t!("Remove %{name}?", name = name)}</h1>
            {general.map(|message| view! { <Callout health=Health::Broken title=t!("It was not removed.")>{message}</Callout> })}
            <NeededBy needed_by/>
            <ul class="plain">
                <li>{match served {
                    0 => t!("Nothing is served from it now."),
                    1 => t!("%{count} being served and answers 404, also by old names and when pinned.", count = stop),
                    _ => t!("%{count} being served and answer 404, also by old names and when pinned.", count = stop),
                }}</li>
                <li>{t!("%{versions} and %{commits} go.", versions = versions, commits = commits)}</li>
                {webhook.then(|| view! { <li>{t!("Its webhook goes: the host's deliveries are refused. Remove it at the host, too.")}</li> })}
                <li>{if held == 0 {
                    t!("The names are free: whoever publishes one first has it.")
                } else {
                    t!("The names are free, with %{names} of components that were removed before: whoever publishes one first has it.",
                        names = count!(held, "name", "names"))
                }}</li>
                <li>{around(t!("The git repository itself, %{address}, stays as it is. Added again, its components come back; what was published of it here before does not.", address = HERE), [address])}</li>
            </ul>
            <div class="field">
                <label for="name">{around(t!("Type %{name} to confirm", name = HERE), [typing])}</label>
                <input id="name" name="name" value=typed required autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-invalid=invalid aria-describedby="name-note"/>
                <Note id="name-note" problem=beside hint=t!("This cannot be undone.")/>
            </div>
            <div class="actions">
                <button class="button danger">{t!("Remove repository")}</button>
                <a class="button ghost" href=format!("{path}?tab=settings")>{t!("Cancel")}</a>
            </div>
        </form>
    }
    .into_any()
}

/// Who needs what goes.
#[component]
fn NeededBy(needed_by: Vec<ItemName>) -> impl IntoView {
    if needed_by.is_empty() {
        return ().into_any();
    }
    let count =
        count!(needed_by.len(), "component of another repository needs", "components of other repositories need");
    let more = needed_by.len().saturating_sub(NAMED);
    let names = needed_by.into_iter().take(NAMED).map(|name| {
        view! {
            <li><a class="mono" href=component_href(name.as_str())>{name.to_string()}</a></li>
        }
    });
    view! {
        <Callout health=Health::Attention title=t!("%{count} what goes.", count = count)>
            {t!("Installing fails once this repository is removed:")}
            <ul class="problems">
                {names.collect_view()}
                {(more > 0).then(|| view! { <li>{t!("and %{more} more", more = more)}</li> })}
            </ul>
        </Callout>
    }
    .into_any()
}
