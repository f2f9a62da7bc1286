//! Components made by hand: the form that makes and edits one, and the page
//! that asks before one is removed.

pub mod remove;

use crate::app::{
    data::{HandFile, HandForm, TYPES},
    format::{component_href, kind},
    icons::{Glyph, Icon},
    parts::{
        Callout, Prose, Trail,
        fields::{Entry, Note, RenderedFor, Text},
        titled,
    },
    words::t,
};
use leptos::prelude::*;
use leptos_meta::Title;
use model::view::Health;
use std::borrow::Cow;

/// The form, with what was sent before if that had a problem.
#[component]
pub fn HandView(
    /// The form as it is, or as it was last sent.
    form: HandForm,
) -> impl IntoView {
    let title = form.editing.as_ref().map_or_else(|| t!("New component"), |name| t!("Edit %{name}", name = name));
    let cancel = form.editing.as_deref().map_or_else(|| "/components".to_owned(), component_href);
    let action = match &form.editing {
        Some(name) => component_href(name).replacen("/components/", "/hand/edit/", 1),
        None => "/hand/new".to_owned(),
    };
    let mut beside: Vec<String> = Vec::new();
    if form.json.is_none() {
        let plain = ["name", "type", "title", "description", "dependencies", "registryDependencies", "docs"];
        beside.extend(plain.map(str::to_owned));
        for nth in 0..form.files.len() {
            beside.extend(["path", "target", "type", "content"].map(|part| format!("files.{nth}.{part}")));
        }
    }
    let others = form.other_problems(&beside);
    let advanced = form.json.is_some();
    let (publish, version, editing) = (
        if form.editing.is_some() { t!("Publish changes") } else { t!("Publish") },
        form.version.clone(),
        form.editing.clone(),
    );
    view! {
        <Title text=titled(&title)/>
        <Trail label=t!("Components") href="/components"/>
        <form class="form hand" method="post" action=action>
            <RenderedFor/>
            // Enter in a field publishes; the buttons for files come before the visible one.
            <button class="sr-only" name="do" value="publish" tabindex="-1" aria-hidden="true">{publish.clone()}</button>
            <h1>{title}</h1>
            {(!others.is_empty()).then(|| view! {
                <Callout health=Health::Broken title=t!("It was not published.")>
                    <ul class="problems">{others.into_iter().map(|message| view! { <li>{message}</li> }).collect_view()}</ul>
                </Callout>
            })}
            <input type="hidden" name="version" value=version/>
            {if advanced { view! { <Json form/> }.into_any() } else { view! { <Fields form/> }.into_any() }}
            <div class="actions">
                <button class="button primary" name="do" value="publish">{publish}</button>
                <a class="button ghost" href=cancel>{t!("Cancel")}</a>
                <button class="button ghost switch" name="do" value=if advanced { "as-form" } else { "as-json" } formnovalidate>
                    {if advanced { t!("Edit in the form") } else { t!("Edit as JSON") }}
                </button>
            </div>
            {editing.is_none().then(|| view! {
                <p class="hint">{t!("It is served at once, with versions and a history like any other component.")}</p>
            })}
        </form>
    }
    .into_any()
}

/// The item as it is served, in one text.
#[component]
fn Json(form: HandForm) -> impl IntoView {
    let text = form.json.unwrap_or_default();
    view! {
        <div class="field">
            <label for="json">{t!("Registry item")}</label>
            <textarea class="mono tall" id="json" name="json" spellcheck="false" autocapitalize="off" aria-describedby="json-note">
                {shielded(&text)}
            </textarea>
            <p class="hint" id="json-note">
                <Prose text=t!("As shadcn's registry-item.json, each file with its text in `content`.")/>
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn Fields(form: HandForm) -> impl IntoView {
    let count = form.files.len();
    let problems: Vec<[Option<String>; 4]> = (0..count)
        .map(|nth| ["path", "type", "target", "content"].map(|part| form.problem(&format!("files.{nth}.{part}"))))
        .collect();
    let problem = |field: &str| form.problem(field);
    let (name_problem, type_problem) = (problem("name"), problem("type"));
    let (title_problem, description_problem) = (problem("title"), problem("description"));
    let (packages, components, docs_problem) =
        (problem("dependencies"), problem("registryDependencies"), problem("docs"));
    let HandForm {
        editing,
        name,
        kind,
        title,
        description,
        docs,
        dependencies,
        registry_dependencies,
        files,
        rest,
        ..
    } = form;
    let fixed = editing.is_some();
    let files = files
        .into_iter()
        .zip(problems)
        .enumerate()
        .map(|(nth, (file, problems))| view! { <FileFields nth file problems/> })
        .collect_view();
    view! {
        <input type="hidden" name="rest" value=rest/>
        <div class="pair">
            <Text name="name" label=t!("Name") value=name problem=name_problem mono=true entry=if fixed { Entry::Fixed } else { Entry::Needed }
                hint=if fixed {
                    t!("A component keeps its name. For another one, make a new component.")
                } else {
                    t!("What people install: my-button, or team/my-button.")
                }/>
            <div class="field">
                <label for="type">{t!("Type")}</label>
                <Types id="type" name="type" chosen=kind/>
                <Note id="type-note" problem=type_problem hint=t!("Decides where the CLI puts its files.")/>
            </div>
        </div>
        <div class="pair">
            <Text name="title" label=t!("Title") value=title problem=title_problem hint=t!("For people. May be empty.")/>
            <Text name="description" label=t!("Description") value=description problem=description_problem hint=t!("What it is for, in a sentence.")/>
        </div>
        <fieldset class="files-of-hand">
            <legend>{t!("Files")}</legend>
            {files}
            <button class="button small" name="do" value="add-file" formnovalidate><Icon glyph=Glyph::Add/>{t!("Add another file")}</button>
        </fieldset>
        <div class="pair">
            <Lines name="dependencies" label=t!("npm packages") value=dependencies problem=packages hint=t!("One a line: clsx, or zod@^3.")/>
            <Lines name="registryDependencies" label=t!("Components it needs") value=registry_dependencies problem=components
                hint=t!("One a line: button is shadcn's, @registry/card is ours.")/>
        </div>
        <Lines name="docs" label=t!("After installing") value=docs problem=docs_problem hint=t!("Shown by the CLI when it is done. May be empty.") prose=true/>
    }
    .into_any()
}

#[component]
fn FileFields(nth: usize, file: HandFile, problems: [Option<String>; 4]) -> impl IntoView {
    let HandFile { path, kind, target, content } = file;
    let [path_problem, type_problem, target_problem, content_problem] = problems;
    let id = |part: &str| format!("file-{nth}-{part}");
    let label = t!("File %{number}", number = nth + 1);
    let remove = t!("Remove file %{number}", number = nth + 1);
    let invalid = content_problem.is_some().then_some("true");
    view! {
        <div class="file" role="group" aria-label=label>
            <div class="file-head">
                <div class="field path">
                    <label for=id("path")>{t!("Path")}</label>
                    <input class="mono" id=id("path") name="path" value=path placeholder="ui/my-button.tsx" autocomplete="off" autocapitalize="off" spellcheck="false"
                        aria-invalid=path_problem.is_some().then_some("true") aria-describedby=id("path-note")/>
                    <Note id=id("path-note") problem=path_problem hint=""/>
                </div>
                <div class="field">
                    <label for=id("type")>{t!("Type")}</label>
                    <Types id=id("type") name="fileType" chosen=kind/>
                    <Note id=id("type-note") problem=type_problem hint=""/>
                </div>
                <div class="field target-field">
                    <label for=id("target")>{t!("Target")}</label>
                    <input class="mono" id=id("target") name="target" value=target placeholder=t!("where the type says") autocomplete="off" autocapitalize="off" spellcheck="false"
                        aria-invalid=target_problem.is_some().then_some("true") aria-describedby=id("target-note")/>
                    <Note id=id("target-note") problem=target_problem hint=""/>
                </div>
                <button class="button small ghost" name="do" value=format!("drop-{nth}") aria-label=remove formnovalidate>{t!("Remove")}</button>
            </div>
            <div class="field">
                <label for=id("content")>{t!("Text")}</label>
                <textarea class="mono" id=id("content") name="content" spellcheck="false" autocapitalize="off" rows="10" aria-invalid=invalid aria-describedby=id("content-note")>
                    {shielded(&content)}
                </textarea>
                <Note id=id("content-note") problem=content_problem hint=""/>
            </div>
        </div>
    }
    .into_any()
}

/// A text for a text area: browsers drop the first line break after the tag.
fn shielded(text: &str) -> String {
    format!("\n{text}")
}

#[component]
fn Types(#[prop(into)] id: String, name: &'static str, chosen: String) -> impl IntoView {
    let unknown = (!chosen.is_empty() && !TYPES.contains(&chosen.as_str())).then(|| chosen.clone());
    let options = TYPES.iter().map(|type_| (*type_).to_owned()).chain(unknown);
    let options = options
        .map(|type_| {
            let selected = type_ == chosen;
            view! { <option value=type_.clone() selected=selected>{kind(&type_).to_owned()}</option> }
        })
        .collect_view();
    view! { <select id=id name=name>{options}</select> }.into_any()
}

#[component]
fn Lines(
    name: &'static str,
    label: Cow<'static, str>,
    value: String,
    problem: Option<String>,
    hint: Cow<'static, str>,
    #[prop(optional)] prose: bool,
) -> impl IntoView {
    let note = format!("{name}-note");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea class=if prose { "" } else { "mono" } id=name name=name rows="3" spellcheck="false" autocapitalize="off"
                aria-invalid=problem.is_some().then_some("true") aria-describedby=note.clone()>{shielded(&value)}</textarea>
            <Note id=note problem hint/>
        </div>
    }
    .into_any()
}
