//! The form that adds a repository.

use crate::app::{
    data::{AddRepositoryForm, FormError},
    parts::{Callout, Trail},
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::{DependencyPolicy, view::Health};

/// The form, with what was sent before if that had an error.
#[component]
pub fn AddRepositoryView(
    /// The form as it was last sent, or an empty one.
    form: AddRepositoryForm,
) -> impl IntoView {
    let AddRepositoryForm { url, name, namespace, config_path, branch, dependencies, error } = form;
    let about = |field: &str| {
        error.as_ref().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.message.clone())
    };
    let general = error.as_ref().filter(|error| error.field.is_none()).map(|FormError { message, .. }| message.clone());
    let detailed =
        !config_path.is_empty() || !branch.is_empty() || dependencies.is_some() || about("configPath").is_some();
    let policies = std::iter::once(None)
        .chain(DependencyPolicy::ALL.map(Some))
        .map(|policy| view! { <Policy policy chosen=policy == dependencies/> })
        .collect_view();
    view! {
        <Title text="Add a repository – Registry"/>
        <Trail label="Repositories" href="/repositories"/>
        <form class="form" method="post" action="/repositories/new">
            <h1>"Add a repository"</h1>
            {general.map(|message| view! { <Callout health=Health::Broken title="The repository was not added.">{message}</Callout> })}
            <Field
                name="url" label="Repository" value=url required=true problem=about("url")
                placeholder="https://github.com/acme/ui" hint="The https address of a git repository, or the path of one on this machine."
            />
            <div class="pair">
                <Field name="name" label="Name" value=name problem=about("name") placeholder="ui" hint="Left empty: the last part of the address."/>
                <Field name="namespace" label="Namespace" value=namespace problem=about("namespace") placeholder="none" hint="Serves button as namespace/button."/>
            </div>
            <details open=detailed>
                <summary>"More settings"</summary>
                <div class="pair">
                    <Field name="branch" label="Branch" value=branch problem=about("branch") placeholder="the default branch"/>
                    <Field name="configPath" label="Registry file" value=config_path problem=about("configPath") placeholder="registry.json"/>
                </div>
                <fieldset>
                    <legend>"Dependencies written as a bare name"</legend>
                    {policies}
                </fieldset>
            </details>
            <div class="actions">
                <button class="button primary">"Add and sync"</button>
                <a class="button ghost" href="/repositories">"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Field(
    name: &'static str,
    label: &'static str,
    value: String,
    placeholder: &'static str,
    problem: Option<String>,
    #[prop(optional)] hint: &'static str,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let invalid = problem.is_some().then_some("true");
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="mono" id=name name=name value=value placeholder=placeholder required=required
                aria-invalid=invalid aria-describedby=note.clone() autofocus=required
                autocomplete="off" autocapitalize="off" spellcheck="false"
            />
            {match problem {
                Some(problem) => view! { <p class="problem" id=note>{problem}</p> }.into_any(),
                None => view! { <p class="hint" id=note>{hint}</p> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Policy(policy: Option<DependencyPolicy>, chosen: bool) -> impl IntoView {
    let (label, text) = match policy {
        None => {
            ("By what is found", "This repository first for a components folder, shadcn first for any other registry.")
        }
        Some(DependencyPolicy::OwnFirst) => {
            ("This repository first", "button means this repository's button, also where shadcn has one.")
        }
        Some(DependencyPolicy::ShadcnFirst) => {
            ("shadcn first", "button means shadcn's. Names that only this repository has are its own.")
        }
        Some(DependencyPolicy::AsWritten) => {
            ("As written", "Nothing is rewritten. The CLI asks shadcn for every bare name.")
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
