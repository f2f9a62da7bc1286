//! Choosing an organisation: a list that works without scripts.

use crate::app::{
    data::OrganisationsData,
    parts::{Callout, titled},
    words::t,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;

/// The organisations that someone belongs to, each a click away.
#[component]
pub fn OrganisationsView(
    /// The list, and where others are made.
    data: OrganisationsData,
    /// Whether the last choice was refused.
    refused: bool,
) -> impl IntoView {
    let OrganisationsData { organisations, platform } = data;
    let none = organisations.is_empty();
    view! {
        <Title text=titled(t!("Organisations"))/>
        <section class="sign-in">
            <h1>{t!("Choose an organisation")}</h1>
            {refused.then(|| view! {
                <Callout health=Health::Broken title=t!("That organisation could not be chosen.")>
                    {t!("You may have left it since. Choose one of those below.")}
                </Callout>
            })}
            {if none {
                view! { <p>{t!("You belong to no organisation yet. Make one on the platform, or ask someone to invite you.")}</p> }.into_any()
            } else {
                view! { <p class="muted">{t!("Each organisation has a registry of its own.")}</p> }.into_any()
            }}
            <ul class="ways">
                {organisations.into_iter().map(|organisation| {
                    let href = format!("/organisations/{}/enter", organisation.id);
                    let (label, hint) = (t!("Choose %{name}", name = organisation.name), organisation.is_active);
                    view! {
                        <li>
                            <div>
                                <h2>{organisation.name}</h2>
                                <p>{organisation.role}{hint.then(|| t!(", chosen now"))}</p>
                            </div>
                            <a class="button" href=href aria-label=label>{t!("Choose")}</a>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <a class=if none { "button" } else { "button ghost" } href=platform>{t!("Go to the platform")}</a>
        </section>
    }
    .into_any()
}
