//! What forms are made of.

use super::Prose;
use crate::app::{load, words::t};
use leptos::prelude::*;
use model::DependencyPolicy;
use std::borrow::Cow;

/// The field that says for which organisation a form was rendered.
pub const RENDERED_FOR: &str = "rendered-for";

/// The same field, in every form of a page; nothing where there is only one
/// organisation. The server refuses a form of another one (`server/sent.rs`).
#[component]
pub fn RenderedFor() -> impl IntoView {
    load::rendered_for().map(|id| view! { <input r#type="hidden" name=RENDERED_FOR value=id/> })
}

/// What is wrong with a field, else what it is for.
#[component]
pub fn Note(
    /// The id by which the field refers to it.
    #[prop(into)]
    id: String,
    /// What is wrong.
    problem: Option<String>,
    /// What the field is for; empty for nothing.
    #[prop(into)]
    hint: Cow<'static, str>,
) -> impl IntoView {
    match problem {
        Some(problem) => view! { <p class="problem" id=id><Prose text=problem/></p> }.into_any(),
        None if hint.is_empty() => view! { <p class="hint" id=id hidden></p> }.into_any(),
        None => view! { <p class="hint" id=id>{hint}</p> }.into_any(),
    }
}

/// What may be typed into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Anything, also nothing.
    Any,
    /// Something.
    Needed,
    /// Nothing: it cannot be changed.
    Fixed,
}

/// A field of one line.
#[component]
pub fn Text(
    /// Its name, and id.
    name: &'static str,
    /// What it asks for.
    #[prop(into)]
    label: Cow<'static, str>,
    /// What it holds.
    value: String,
    /// What is wrong with it.
    problem: Option<String>,
    /// What it is for.
    #[prop(optional, into)]
    hint: Cow<'static, str>,
    /// What it holds when nothing is typed.
    #[prop(optional, into)]
    placeholder: Oco<'static, str>,
    /// Whether it holds a name.
    #[prop(optional)]
    mono: bool,
    /// What may be typed.
    #[prop(default = Entry::Any)]
    entry: Entry,
    /// Whether it has the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class=if mono { "mono" } else { "" } id=name name=name value=value placeholder=placeholder
                required=entry != Entry::Any readonly=entry == Entry::Fixed autofocus=autofocus
                aria-invalid=problem.is_some().then_some("true") aria-describedby=note.clone()
                autocomplete="off" autocapitalize=mono.then_some("off") spellcheck=mono.then_some("false")
            />
            <Note id=note problem hint/>
        </div>
    }
    .into_any()
}

/// How own dependencies by bare name are served.
#[component]
pub fn Policies(
    /// The one that is chosen.
    chosen: Option<DependencyPolicy>,
    /// Whether the choice can be left to what is found.
    #[prop(optional)]
    open: bool,
    /// What is wrong with the choice.
    #[prop(default = None)]
    problem: Option<String>,
) -> impl IntoView {
    let offered = open.then_some(None).into_iter().chain(DependencyPolicy::ALL.map(Some));
    let choices = offered.map(|policy| view! { <Policy policy chosen=policy == chosen/> }).collect_view();
    view! {
        <fieldset>
            <legend>{t!("Dependencies written as a bare name")}</legend>
            {choices}
            {problem.map(|problem| view! { <p class="problem">{problem}</p> })}
        </fieldset>
    }
    .into_any()
}

#[component]
fn Policy(policy: Option<DependencyPolicy>, chosen: bool) -> impl IntoView {
    let (label, text) = match policy {
        None => (
            t!("By what is found"),
            t!("This repository first for a components folder, shadcn first for any other registry."),
        ),
        Some(DependencyPolicy::OwnFirst) => {
            (t!("This repository first"), t!("button means this repository's button, also where shadcn has one."))
        }
        Some(DependencyPolicy::ShadcnFirst) => {
            (t!("shadcn first"), t!("button means shadcn's. Names that only this repository has are its own."))
        }
        Some(DependencyPolicy::AsWritten) => {
            (t!("As written"), t!("Nothing is rewritten. The CLI asks shadcn for every bare name."))
        }
    };
    view! {
        <label class="choice">
            <input type="radio" name="dependencies" value=policy.map_or("", DependencyPolicy::as_str) checked=chosen/>
            <span><strong>{label}</strong><span class="hint">{text}</span></span>
        </label>
    }
    .into_any()
}
