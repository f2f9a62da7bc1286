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

/// Goes on to the next theme, applies it and keeps it.
fn next_theme() {
    let Some(root) = root() else { return };
    let themes = root.dataset();
    let next = match themes.get("theme").as_deref() {
        Some("light") => "dark",
        Some("dark") => "system",
        _ => "light",
    };
    if next == "system" {
        themes.delete("theme");
    } else {
        // The name has no character that a data attribute refuses.
        drop(themes.set("theme", next));
    }
    // Storage may be denied; then the choice lasts for the page.
    let storage = get(&window(), "localStorage");
    drop(js_sys::Reflect::set(&storage, &"theme".into(), &next.into()));
}

/// Handles keys, copying and the theme for the whole page.
pub(super) fn listen() {
    let going = Cell::new(false);
    window_event_listener(leptos::ev::keydown, move |event| {
        key(&event, &going);
    });
    window_event_listener(leptos::ev::click, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let within = |what: &str| target.as_ref().and_then(|target| target.closest(what).ok().flatten());
        if let Some(button) = within("[data-copy],[data-copy-from]") {
            copy(button);
        } else if within("#theme").is_some() {
            next_theme();
        } else if within("[data-palette]").is_some() && !(event.meta_key() || event.ctrl_key() || event.shift_key()) {
            event.prevent_default();
            palette();
        }
    });
    window_event_listener(leptos::ev::change, |event| keep(event.target()));
    if location().hash().is_ok_and(|hash| hash == "#search") {
        focus(document().get_element_by_id("search"));
    }
}

/// Keeps a choice for the next page, in the cookie that its field names.
fn keep(chosen: Option<web_sys::EventTarget>) {
    let Some(chosen) = chosen.and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    if let (Some(name), Some(value)) = (chosen.get_attribute("data-keep"), chosen.get_attribute("value")) {
        let cookie = name + "=" + &value + ";path=/;max-age=31536000;samesite=lax";
        // Cookies may be denied; then the choice lasts for the page.
        drop(js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into()));
    }
}

/// One key, unless it belongs to a field, to an open dialog or to the browser.
fn key(event: &KeyboardEvent, going: &Cell<bool>) {
    let name = event.key();
    if name.eq_ignore_ascii_case("k") && (event.meta_key() || event.ctrl_key()) && !event.alt_key() {
        event.prevent_default();
        palette();
        return;
    }
    let typing = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()).is_some_and(|target| {
        matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable()
    });
    let covered = document().query_selector("dialog[open]").is_ok_and(|open| open.is_some());
    if typing || covered || event.meta_key() || event.ctrl_key() || event.alt_key() || event.is_composing() {
        going.set(false);
        return;
    }
    if going.replace(name == "g") {
        let address = match name.as_str() {
            "h" => "/",
            "r" => "/registry",
            "c" => "/components",
            "p" => "/packages",
            "a" => "/activity",
            "s" => "/settings",
            _ => return,
        };
        return visit(address);
    }
    match name.as_str() {
        "/" => {
            event.prevent_default();
            search();
        }
        "j" => step(1),
        "k" => step(-1),
        "?" => {
            let dialog = document().get_element_by_id("shortcuts");
            if let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
                // It refuses only when the dialog is open already.
                drop(dialog.show_modal());
            }
        }
        _ => {}
    }
}

/// Opens the command palette. Its script comes when it is first asked for, and
/// opens it then.
fn palette() {
    if let Ok(open) = get(&window(), "openPalette").dyn_into::<js_sys::Function>() {
        // It throws nothing, and answers nothing.
        drop(open.call0(&JsValue::UNDEFINED));
    } else if let (Ok(script), Some(head)) = (document().create_element("script"), document().head()) {
        for (name, value) in [("type", "module"), ("src", "/palette.js")] {
            // The names are valid attributes'.
            drop(script.set_attribute(name, value));
        }
        // A head takes a script.
        drop(head.append_child(&script));
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

/// What `j` and `k` go through: the rows of every list that is not folded. A row's own link comes
/// first, then whatever else in it takes the focus.
const ROWS: &str =
    "main :is(tbody tr,.commits>li,.syncs>li,.findings>li,.ways>li,[data-row]):not(details:not([open]) *)";
const IN_ROW: [&str; 2] = [".row-link", ":is(a[href],button,summary,[tabindex]):not([disabled])"];

/// Moves the focus by one row.
fn step(by: isize) {
    let Ok(rows) = document().query_selector_all(ROWS) else { return };
    let rows = (0..rows.length()).filter_map(|at| rows.item(at)?.dyn_into::<Element>().ok());
    let targets = rows.filter_map(|row| {
        let target = IN_ROW.iter().find_map(|part| row.query_selector(part).ok().flatten())?;
        Some((row, target))
    });
    let targets: Vec<_> = targets.collect();
    let active = document().active_element();
    let at = targets.iter().position(|(row, _)| row.contains(active.as_deref()));
    let next = match at {
        Some(at) => at.saturating_add_signed(by).min(targets.len() - 1),
        None => 0,
    };
    focus(targets.into_iter().nth(next).map(|(_, target)| target));
}

/// Copies what the button names, and says so on it for a moment.
fn copy(button: Element) {
    let text = button
        .get_attribute("data-copy")
        .or_else(|| document().get_element_by_id(&button.get_attribute("data-copy-from")?)?.text_content());
    let Some(text) = text else { return };
    let copied = Closure::once_into_js(move || {
        say("data-copied");
        // The name is a valid attribute's.
        drop(button.set_attribute("data-copied", ""));
        set_timeout(
            move || {
                say("");
                drop(button.remove_attribute("data-copied"));
            },
            Duration::from_millis(1_500),
        );
    });
    let refused = Closure::once_into_js(move || say("data-refused"));
    let clipboard = get(&window().navigator(), "clipboard");
    if let Ok(write) = get(&clipboard, "writeText").dyn_into::<js_sys::Function>()
        && let Ok(promise) = write.call1(&clipboard, &text.into())
    {
        then(&promise, &copied, &refused);
    }
}

/// Tells screen readers what the status has under this name; nothing for none.
fn say(word: &str) {
    if let Some(said) = document().get_element_by_id("said") {
        said.set_text_content(said.get_attribute(word).as_deref());
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
        Some(401.0) => fail(watch, "401"),
        Some(403.0) => fail(watch, "403"),
        Some(404.0) => fail(watch, "404"),
        Some(503.0) => fail(watch, "503"),
        _ => fail(watch, "refused"),
    });
    let unanswered = Closure::once_into_js(move || fail(watch, "unanswered"));
    if let Ok(fetch) = get(&window(), "fetch").dyn_into::<js_sys::Function>()
        && let Ok(promise) = fetch.call2(&window(), &"/api/internal/registry/sync".into(), &init)
    {
        then(&promise, &answered, &unanswered);
    }
}

/// Says why it does not go on, by a word's name.
fn fail(watch: Watch, problem: &str) {
    watch.running.set(false);
    watch.problem.set(watch.word(problem));
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
            return fail(watch, "ended");
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
            fail(watch, "lost");
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
