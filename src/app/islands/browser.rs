//! What islands do with the browser itself. Written against `web_sys` and
//! `js_sys` without futures or serde, for size.

pub(super) mod search;

use super::sync::{AWAY, Watch};
use leptos::{prelude::*, wasm_bindgen, web_sys};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Element, EventSource, HtmlElement, KeyboardEvent, MessageEvent, js_sys};

fn get(object: &JsValue, key: &str) -> JsValue {
    js_sys::Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

/// The theme in use: `system`, `light` or `dark`.
pub(super) fn theme() -> &'static str {
    match root().and_then(|root| root.dataset().get("theme")).as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    }
}

/// Applies a theme and keeps it.
pub(super) fn set_theme(theme: &str) {
    if let Some(root) = root() {
        if theme == "system" {
            root.dataset().delete("theme");
        } else {
            // The name has no character that a data attribute refuses.
            drop(root.dataset().set("theme", theme));
        }
    }
    // Storage may be denied; then the choice lasts for the page.
    let storage = get(&window(), "localStorage");
    drop(js_sys::Reflect::set(&storage, &"theme".into(), &theme.into()));
}

/// Handles keys and copying for the whole page.
pub(super) fn listen(dialog: web_sys::HtmlDialogElement, said: RwSignal<&'static str>) {
    let going = Cell::new(false);
    window_event_listener(leptos::ev::keydown, move |event| {
        key(&event, &dialog, &going);
    });
    window_event_listener(leptos::ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(button) = target.and_then(|target| target.closest("[data-copy],[data-copy-from]").ok().flatten()) {
            copy(button, said);
        }
    });
    if location().hash().is_ok_and(|hash| hash == "#search") {
        focus(document().get_element_by_id("search"));
    }
}

/// One key, unless it belongs to a field or to the browser.
fn key(event: &KeyboardEvent, dialog: &web_sys::HtmlDialogElement, going: &Cell<bool>) {
    let name = event.key();
    if name == "k" && (event.meta_key() || event.ctrl_key()) {
        event.prevent_default();
        search();
        return;
    }
    let typing = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    if typing || event.meta_key() || event.ctrl_key() || event.alt_key() || event.is_composing() {
        return;
    }
    if going.replace(name == "g") {
        match name.as_str() {
            "r" => visit("/registry"),
            "c" => visit("/components"),
            _ => {}
        }
        return;
    }
    match name.as_str() {
        "/" => {
            event.prevent_default();
            search();
        }
        "j" => step(1),
        "k" => step(-1),
        // It refuses only when the dialog is open already.
        "?" => drop(dialog.show_modal()),
        _ => {}
    }
}

fn visit(address: &str) {
    // The address is a constant of this file.
    drop(location().set_href(address));
}

fn search() {
    match document().get_element_by_id("search") {
        Some(field) => focus(Some(field)),
        None => visit("/components#search"),
    }
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // It fails for no element that we focus.
        drop(element.focus());
    }
}

/// Moves the focus by one row.
fn step(by: i32) {
    let rows = document().get_elements_by_class_name("row-link");
    let count = rows.length().cast_signed();
    let active = document().active_element();
    let at = (0..count).find(|at| active.is_some() && rows.item(at.cast_unsigned()) == active);
    let next = match at {
        Some(at) => (at + by).clamp(0, count - 1),
        None => 0,
    };
    focus(rows.item(next.cast_unsigned()));
}

/// Copies what the button names, and says so on it for a moment.
fn copy(button: Element, said: RwSignal<&'static str>) {
    let text = button
        .get_attribute("data-copy")
        .or_else(|| document().get_element_by_id(&button.get_attribute("data-copy-from")?)?.text_content());
    let Some(text) = text else { return };
    let copied = Closure::once_into_js(move || {
        said.set("Copied");
        // The name is a valid attribute's.
        drop(button.set_attribute("data-copied", ""));
        set_timeout(
            move || {
                said.set("");
                drop(button.remove_attribute("data-copied"));
            },
            Duration::from_millis(1_500),
        );
    });
    let refused = Closure::once_into_js(move || said.set("The browser did not allow copying"));
    let clipboard = get(&window().navigator(), "clipboard");
    if let Ok(write) = get(&clipboard, "writeText").dyn_into::<js_sys::Function>()
        && let Ok(promise) = write.call1(&clipboard, &text.into())
    {
        then(&promise, &copied, &refused);
    }
}

/// `promise.then(done, failed)`.
fn then(promise: &JsValue, done: &JsValue, failed: &JsValue) {
    if let Ok(then) = get(promise, "then").dyn_into::<js_sys::Function>() {
        // Calling `then` of a promise does not throw.
        drop(then.call2(promise, done, failed));
    }
}

/// Whether people sign in through Clerk, whose session tokens live for a minute.
fn by_clerk() -> bool {
    document().query_selector("script[data-clerk]").is_ok_and(|script| script.is_some())
}

/// Has clerk-js renew the session. Where it is not on the page, the page is asked
/// for again: a redirect renews the session then.
fn renew(again: impl FnOnce() + 'static) {
    // A page that was just shown can be shown again.
    let reload = || drop(location().reload());
    let session = get(&get(&window(), "Clerk"), "session");
    let fresh = js_sys::Object::new();
    // A plain object takes any property.
    drop(js_sys::Reflect::set(&fresh, &"skipCache".into(), &true.into()));
    let asked = get(&session, "getToken").dyn_into::<js_sys::Function>().map(|ask| ask.call1(&session, &fresh));
    match asked {
        Ok(Ok(promise)) => then(&promise, &Closure::once_into_js(again), &Closure::once_into_js(reload)),
        _ => reload(),
    }
}

/// Asks for a sync of a repository, then follows it.
pub(super) fn start(repository: &str, watch: Watch) {
    ask_for_sync(repository, watch, !by_clerk());
}

/// The same; `renewed` when a new session would not help.
fn ask_for_sync(repository: &str, watch: Watch, renewed: bool) {
    watch.problem.set(String::new());
    watch.stage.set(String::new());
    watch.done.set(0);
    watch.total.set(0);
    watch.running.set(true);

    let body = String::from("{\"repoId\":\"") + repository + "\"}";
    let headers = js_sys::Object::new();
    let init = js_sys::Object::new();
    for (object, key, value) in [
        (&headers, "content-type", JsValue::from("application/json")),
        (&init, "method", "POST".into()),
        (&init, "body", body.into()),
        (&init, "headers", headers.clone().into()),
    ] {
        // A plain object takes any property.
        drop(js_sys::Reflect::set(object, &key.into(), &value));
    }
    let repository = repository.to_owned();
    let answered = Closure::once_into_js(move |response: JsValue| match get(&response, "status").as_f64() {
        Some(200.0..300.0 | 409.0) => follow(&repository, watch),
        Some(401.0) if !renewed => renew(move || ask_for_sync(&repository, watch, true)),
        Some(401.0) => fail(watch, "The sync did not start: your session has ended. Sign in again."),
        Some(403.0) => fail(watch, "The sync did not start: your role does not allow it. An admin can start it."),
        Some(404.0) => fail(watch, "The sync did not start: the repository has been removed."),
        Some(503.0) => fail(
            watch,
            "The sync did not start: the registry's database cannot take it now. What was published is still served; try again in a moment.",
        ),
        _ => fail(watch, "The sync did not start: the server could not take it. Try again, or look at its log."),
    });
    let unanswered = Closure::once_into_js(move || {
        fail(watch, "The sync did not start: the server does not answer. Check that it runs, then try again.");
    });
    if let Ok(fetch) = get(&window(), "fetch").dyn_into::<js_sys::Function>()
        && let Ok(promise) = fetch.call2(&window(), &"/api/internal/registry/sync".into(), &init)
    {
        then(&promise, &answered, &unanswered);
    }
}

fn fail(watch: Watch, problem: &str) {
    watch.running.set(false);
    watch.problem.set(problem.to_owned());
}

/// Follows the sync of a repository until it ends; then shows the page anew.
pub(super) fn follow(repository: &str, watch: Watch) {
    listen_to(repository, watch, !by_clerk(), TRIES);
}

/// How often a stream that was refused is asked for again, and how long after.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_secs(2);

/// The same; `renewed` when a new session would not help, and with so many tries left.
fn listen_to(repository: &str, watch: Watch, renewed: bool, tries: u32) {
    let address = String::from("/api/internal/registry/") + repository + "/events";
    let Ok(source) = EventSource::new(&address) else {
        return;
    };

    let progress = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| show(&event, watch));
    let closing = source.clone();
    let result = Closure::<dyn Fn(MessageEvent)>::new(move |_: MessageEvent| {
        closing.close();
        // What someone types in a form is not thrown away.
        let typed = "main :is(input,textarea):is(:focus,:user-valid,:user-invalid)";
        if document().query_selector(typed).is_ok_and(|typed| typed.is_some()) {
            return fail(watch, "The sync has ended. Reload the page to see what it found.");
        }
        reload_once_it_answers(watch);
    });
    let (broken, repository) = (source.clone(), repository.to_owned());
    let error = Closure::<dyn Fn()>::new(move || {
        watch.stage.set(AWAY.to_owned());
        // Otherwise the browser connects again by itself.
        if broken.ready_state() != EventSource::CLOSED {
            return;
        }
        let repository = repository.clone();
        if !renewed {
            renew(move || listen_to(&repository, watch, true, tries));
        } else if tries == 0 {
            fail(watch, "The connection to the server is lost. Reload the page to see where the sync stands.");
        } else {
            set_timeout(move || listen_to(&repository, watch, true, tries - 1), PAUSE);
        }
    });
    for (name, listener) in [("progress", progress.as_ref()), ("result", result.as_ref()), ("error", error.as_ref())] {
        // The listener is a function.
        drop(source.add_event_listener_with_callback(name, listener.unchecked_ref()));
    }
    // They live as long as the page does.
    progress.forget();
    result.forget();
    error.forget();
}

/// Shows the page anew as soon as the server answers: one that is stopped ends its
/// syncs first, and a page of nobody would take the place of this one.
fn reload_once_it_answers(watch: Watch) {
    let there = Closure::once_into_js(|| drop(location().reload()));
    let away = Closure::once_into_js(move || {
        watch.stage.set(AWAY.to_owned());
        set_timeout(move || reload_once_it_answers(watch), PAUSE);
    });
    if let Ok(fetch) = get(&window(), "fetch").dyn_into::<js_sys::Function>()
        && let Ok(promise) = fetch.call1(&window(), &"/health/live".into())
    {
        then(&promise, &there, &away);
    }
}

/// Takes one `SyncView` from the stream.
fn show(event: &MessageEvent, watch: Watch) {
    let Some(data) = event.data().as_string() else {
        return;
    };
    let Ok(sync) = js_sys::JSON::parse(&data) else {
        return;
    };
    let progress = get(&sync, "progress");
    if progress.is_object() {
        watch.stage.set(get(&progress, "stage").as_string().unwrap_or_default());
        watch.done.set(count(&get(&progress, "done")));
        watch.total.set(count(&get(&progress, "total")));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float casts to the nearest count; what is no number counts as 0"
)]
fn count(value: &JsValue) -> u64 {
    value.as_f64().unwrap_or_default() as u64
}
