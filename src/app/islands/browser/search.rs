//! The results of a list's search, as someone types.

use super::{by_clerk, focus, get, renew, step, then};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, wasm_bindgen, web_sys};
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{
    DomParser, Element, FormData, HtmlFormElement, HtmlInputElement, KeyboardEvent, SupportedType, UrlSearchParams,
    js_sys,
};

/// How long nothing has to be typed before the server is asked.
const PAUSE: Duration = Duration::from_millis(80);

/// The form, and what it waits for.
struct Search {
    form: HtmlFormElement,
    field: HtmlInputElement,
    /// Counts what was asked, so that no older answer is shown after a newer one.
    asked: Cell<u32>,
    waiting: Cell<Option<TimeoutHandle>>,
    said: RwSignal<String>,
    problem: RwSignal<bool>,
}

/// Listens to the page's search form.
pub(in super::super) fn live(said: RwSignal<String>, problem: RwSignal<bool>) {
    let found = || {
        let field: HtmlInputElement = document().get_element_by_id("search")?.dyn_into().ok()?;
        let form = field.form()?;
        Some(Rc::new(Search { form, field, asked: Cell::new(0), waiting: Cell::new(None), said, problem }))
    };
    let Some(search) = found() else { return };
    let listen = |name: &str, listener: Box<dyn Fn(JsValue)>| {
        let listener = Closure::wrap(listener);
        // The listener is a function.
        drop(search.form.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref()));
        // It lives as long as the page does.
        listener.forget();
    };
    let typed = search.clone();
    listen("input", Box::new(move |_| typed.soon()));
    let sent = search.clone();
    listen(
        "submit",
        Box::new(move |event| {
            event.unchecked_into::<web_sys::Event>().prevent_default();
            sent.ask(true, true);
        }),
    );
    let keys = search.clone();
    listen("keydown", Box::new(move |event| keys.key(event.unchecked_ref())));
    // What was typed or chosen before the page was awake.
    let shown = UrlSearchParams::new_with_str(&location().search().unwrap_or_default());
    if shown.is_ok_and(|shown| kept(&shown) != search.pairs()) {
        search.soon();
    }
}

fn here() -> String {
    location().pathname().unwrap_or_default() + &location().search().unwrap_or_default()
}

/// What an address needs of these: what is empty says nothing, and whoever
/// searches anew begins at the first page.
fn kept(pairs: &UrlSearchParams) -> String {
    let pairs = String::from(pairs.to_string());
    let says = |pair: &&str| !pair.is_empty() && !pair.ends_with('=') && !pair.starts_with("offset=");
    pairs.split('&').filter(says).collect::<Vec<_>>().join("&")
}

impl Search {
    /// Keys in the field: out of it and down to the results, or empty it.
    fn key(&self, event: &KeyboardEvent) {
        if event.target().as_ref() != Some(self.field.as_ref()) || event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => step(1),
            "Escape" if !self.field.value().is_empty() => {
                self.field.set_value("");
                // Nothing listens that could throw.
                drop(self.form.dispatch_event(&input_event()));
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn soon(self: &Rc<Self>) {
        if let Some(waiting) = self.waiting.take() {
            waiting.clear();
        }
        let search = self.clone();
        self.waiting.set(set_timeout_with_handle(move || search.ask(false, false), PAUSE).ok());
    }

    /// What the form says now.
    fn pairs(&self) -> String {
        let data = FormData::new_with_form(&self.form);
        let pairs = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
        pairs.map(|pairs| kept(&pairs)).unwrap_or_default()
    }

    /// The list's address with what the form says now.
    fn address(&self) -> String {
        let path = location().pathname().unwrap_or_default();
        let pairs = self.pairs();
        if pairs.is_empty() { path } else { path + "?" + &pairs }
    }

    /// Asks for the page of what the form says. `down` moves the focus to the
    /// first result.
    fn ask(self: &Rc<Self>, anew: bool, down: bool) {
        let address = self.address();
        if !anew && address == here() {
            return;
        }
        if let Some(waiting) = self.waiting.take() {
            waiting.clear();
        }
        // It fails for no address of our own.
        drop(window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&address))));
        self.asked.set(self.asked.get() + 1);
        self.fetch(self.asked.get(), down, !by_clerk());
    }

    fn fetch(self: &Rc<Self>, nth: u32, down: bool, renewed: bool) {
        let Some(results) = results(&document()) else { return };
        // The name is a valid attribute's.
        drop(results.set_attribute("aria-busy", "true"));
        let search = self.clone();
        let answered = Closure::once_into_js(move |response: JsValue| match get(&response, "status").as_f64() {
            _ if search.asked.get() != nth => {}
            Some(200.0) => search.read(&response, nth, down),
            Some(401.0) if !renewed => renew(move || search.fetch(nth, down, true)),
            // The server's own page says what is wrong.
            _ => drop(location().reload()),
        });
        let search = self.clone();
        let unanswered = Closure::once_into_js(move || search.fail(nth));
        let (init, headers) = (js_sys::Object::new(), js_sys::Object::new());
        for (object, key, value) in
            [(&headers, "accept", JsValue::from("text/html")), (&init, "headers", headers.clone().into())]
        {
            // A plain object takes any property.
            drop(js_sys::Reflect::set(object, &key.into(), &value));
        }
        if let Ok(fetch) = get(&window(), "fetch").dyn_into::<js_sys::Function>()
            && let Ok(promise) = fetch.call2(&window(), &here().into(), &init)
        {
            then(&promise, &answered, &unanswered);
        }
    }

    fn fail(&self, nth: u32) {
        if self.asked.get() == nth {
            self.problem.set(true);
            if let Some(results) = results(&document()) {
                // The name is a valid attribute's.
                drop(results.remove_attribute("aria-busy"));
            }
        }
    }

    fn read(self: &Rc<Self>, response: &JsValue, nth: u32, down: bool) {
        let (search, failing) = (self.clone(), self.clone());
        let shown = Closure::once_into_js(move |text: JsValue| {
            if search.asked.get() == nth {
                search.show(&text.as_string().unwrap_or_default(), down);
            }
        });
        let failed = Closure::once_into_js(move || failing.fail(nth));
        if let Ok(text) = get(response, "text").dyn_into::<js_sys::Function>()
            && let Ok(promise) = text.call0(response)
        {
            then(&promise, &shown, &failed);
        }
    }

    /// Puts the results of another page in the place of what is shown.
    fn show(&self, page: &str, down: bool) {
        let page = DomParser::new().and_then(|parser| parser.parse_from_string(page, SupportedType::TextHtml));
        let (Some(old), Some(new)) = (results(&document()), page.ok().and_then(|page| results(&page))) else {
            // A page without results says something else: that it is signed out, maybe.
            drop(location().reload());
            return;
        };
        self.problem.set(false);
        self.said.set(new.get_attribute("data-tally").unwrap_or_default());
        // What has the focus in the results goes with them.
        let inside = document().active_element().is_some_and(|active| old.contains(Some(&active)));
        // Both are elements that can be replaced.
        drop(old.replace_with_with_node_1(&new));
        if down {
            step(1);
        } else if inside {
            focus(Some(self.field.clone().into()));
        }
    }
}

fn results(page: &web_sys::Document) -> Option<Element> {
    page.get_element_by_id("results")
}

fn input_event() -> web_sys::Event {
    web_sys::Event::new("input").expect("`input` is an event's name")
}
