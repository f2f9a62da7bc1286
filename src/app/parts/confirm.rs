//! A button that asks before it does what cannot be taken back. Without scripts:
//! the question is a popover of the page.

use super::fields::RenderedFor;
use crate::app::words::t;
use leptos::prelude::*;
use std::borrow::Cow;

/// What the button and the question say, and what is sent.
#[derive(Debug, Clone)]
pub struct Question {
    /// The id of the question; one of its own on each page.
    pub id: String,
    /// The button that asks: `Remove the webhook`.
    pub button: Cow<'static, str>,
    /// The button's name where several of them say the same.
    pub name: Option<String>,
    /// The button's class.
    pub class: &'static str,
    /// The question.
    pub title: String,
    /// The button that does it.
    pub confirm: Cow<'static, str>,
    /// Where the form is sent to.
    pub action: String,
    /// What is sent with it.
    pub fields: Vec<(&'static str, String)>,
}

/// The button, and the question behind it.
#[component]
pub fn Confirm(
    /// What is asked.
    question: Question,
    /// What will be gone, and what stays.
    children: Children,
) -> impl IntoView {
    let Question { id, button, name, class, title, confirm, action, fields } = question;
    let heading = format!("{id}-title");
    let fields =
        fields.into_iter().map(|(name, value)| view! { <input r#type="hidden" name=name value=value/> }).collect_view();
    view! {
        <button type="button" class=class popovertarget=id.clone() aria-label=name aria-haspopup="dialog">{button}</button>
        <div class="confirm" id=id.clone() popover="auto" role="dialog" aria-labelledby=heading.clone()>
            <form method="post" action=action>
                <RenderedFor/>
                {fields}
                <h2 id=heading.clone()>{title}</h2>
                <div class="told">{children()}</div>
                <div class="actions">
                    <button type="button" class="button ghost" popovertarget=id.clone() popovertargetaction="hide">{t!("Cancel")}</button>
                    <button class="button danger">{confirm}</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
