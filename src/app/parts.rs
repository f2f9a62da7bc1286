//! What pages are made of.

pub mod confirm;
pub mod fields;
pub mod search;
pub mod siblings;

use super::{
    data::MayChange,
    format::{ago, ahead, exact, href, machine, now, number, plural},
    icons::{Glyph, Icon},
    words::t,
};
use leptos::prelude::*;
use model::{
    CommitSha, NextStep,
    view::{Health, Millis, Page},
};
use serde::Serialize;
use std::borrow::Cow;

/// One of the four states: an icon and a word.
#[component]
pub fn State(
    /// Which.
    health: Health,
) -> impl IntoView {
    let (class, glyph, word) = match health {
        Health::Fresh => ("state fresh", Glyph::Fresh, t!("Fresh")),
        Health::Working => ("state working", Glyph::Working, t!("Working")),
        Health::Attention => ("state attention", Glyph::Attention, t!("Attention")),
        Health::Broken => ("state broken", Glyph::Broken, t!("Broken")),
    };
    view! { <span class=class><Icon glyph/>{word}</span> }.into_any()
}

/// A time: how long ago, and the exact value on hover and focus.
#[component]
pub fn When(
    /// The time.
    at: Millis,
) -> impl IntoView {
    view! {
        <time class="when" datetime=machine(at) data-exact=exact(at) tabindex="0">{ago(at, now())}</time>
    }
    .into_any()
}

/// A time to come: how long until then, and the exact value on hover and focus.
#[component]
pub fn Until(
    /// The time.
    at: Millis,
) -> impl IntoView {
    view! {
        <time class="when" datetime=machine(at) data-exact=exact(at) tabindex="0">{ahead(at, now())}</time>
    }
    .into_any()
}

/// Something short that stands for something long, and copies the long one.
#[component]
pub fn Copyable(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What is shown.
    #[prop(into)]
    short: String,
    /// What it is: `commit`, `digest`.
    #[prop(into)]
    what: Cow<'static, str>,
) -> impl IntoView {
    view! {
        <button type="button" class="hash" data-copy=text aria-label=t!("Copy %{what} %{short}", what = what, short = short)>
            {short.clone()}
        </button>
    }
    .into_any()
}

/// A text whose parts between backticks are code.
#[component]
pub fn Prose(
    /// The text; with an odd number of backticks it is shown as it is.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    if text.matches('`').count() % 2 == 1 {
        return text.into_any();
    }
    text.split('`')
        .map(str::to_owned)
        .enumerate()
        .map(|(nth, part)| if nth % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() })
        .collect_view()
        .into_any()
}

/// What stands in a text for an element: `t!("by %{name}", name = HERE)`.
pub const HERE: char = '\u{fffc}';

/// A text with elements in it: each takes the place of one [`HERE`], in their order.
pub fn around(text: impl AsRef<str>, elements: impl IntoIterator<Item = AnyView>) -> AnyView {
    let mut elements = elements.into_iter();
    let pieces = text.as_ref().split(HERE).map(str::to_owned).enumerate();
    pieces
        .map(|(nth, piece)| {
            let before = if nth == 0 { None } else { elements.next() };
            // An empty text would be written as a space.
            view! { {before}{(!piece.is_empty()).then_some(piece)} }
        })
        .collect_view()
        .into_any()
}

/// A document's title: the page, and whose it is.
pub fn titled(page: impl std::fmt::Display) -> String {
    format!("{page} – {}", t!("Registry"))
}

/// A commit's short SHA, which copies the whole.
#[component]
pub fn Sha(
    /// The commit.
    sha: CommitSha,
) -> impl IntoView {
    view! { <Copyable text=sha.as_str() short=sha.short() what=t!("commit")/> }.into_any()
}

/// Whether whoever looks at the page may change what it shows.
pub fn may_change() -> bool {
    use_context::<MayChange>().is_none_or(|may| may.0)
}

/// Stands where something is not offered: says who can do it.
#[component]
pub fn ForAdmins(
    /// What only they can do: `add repositories`.
    #[prop(into)]
    what: Cow<'static, str>,
) -> impl IntoView {
    view! { <p class="hint denied"><Icon glyph=Glyph::Lock/>{t!("Administrators of your organisation can %{what}.", what = what)}</p> }.into_any()
}

/// What a list says when it holds nothing, and the one next step.
#[component]
pub fn Empty(
    /// What is missing, in a few words.
    #[prop(into)]
    title: String,
    /// What the list will hold, or how to fill it.
    #[prop(into)]
    text: String,
    /// The next step: label and address.
    #[prop(optional, into)]
    action: Option<(String, String)>,
    /// What only administrators can do next, if it is for them; others see no action.
    #[prop(optional, into)]
    admins: Option<Cow<'static, str>>,
) -> impl IntoView {
    let denied = admins.filter(|_| !may_change());
    let action = action.filter(|_| denied.is_none());
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {denied.map(|what| view! { <ForAdmins what/> })}
            {action.map(|(label, href)| view! { <a class="button primary" href=href>{label}</a> })}
        </div>
    }
    .into_any()
}

/// A message that stands above what it is about.
#[component]
pub fn Callout(
    /// Its state; fresh for good news.
    health: Health,
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// Why, and the next step.
    children: Children,
) -> impl IntoView {
    let (class, glyph) = match health {
        Health::Fresh => ("callout fresh", Glyph::Fresh),
        Health::Working => ("callout working", Glyph::Working),
        Health::Attention => ("callout attention", Glyph::Attention),
        Health::Broken => ("callout broken", Glyph::Broken),
    };
    view! {
        <div class=class role="status">
            <Icon glyph/>
            <div><strong>{title}</strong>" "{children()}</div>
        </div>
    }
    .into_any()
}

/// A way to another site, where the next step is taken; this page stays open.
#[component]
pub fn StepLink(
    /// What it says, and where it leads.
    next: NextStep,
    /// `button`, or nothing.
    class: &'static str,
) -> impl IntoView {
    // Whatever is no address of a site is a text.
    match next.clone().checked() {
        Some(NextStep { label, url }) => view! {
            <a class=class href=url target="_blank" rel="noopener noreferrer">{label}<Icon glyph=Glyph::External/></a>
        }
        .into_any(),
        None => next.label.into_any(),
    }
}

/// One tab.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Its name.
    pub label: Cow<'static, str>,
    /// Where it leads.
    pub href: String,
    /// How many things it shows, when that is known.
    pub count: Option<usize>,
    /// Whether it is open.
    pub current: bool,
}

/// Tabs, which are links.
#[component]
pub fn Tabs(
    /// What the tabs are of.
    #[prop(into)]
    label: Cow<'static, str>,
    /// The tabs.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <a href=tab.href aria-current=tab.current.then_some("page")>
                    {tab.label}
                    {tab.count.map(|count| view! { <span class="count">{number(count)}</span> })}
                </a>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label>{tabs}</nav> }.into_any()
}

/// Where the page stands: links from the widest to the page itself.
#[component]
pub fn Trail(
    /// The list that the page belongs to.
    #[prop(into)]
    label: String,
    /// Its address.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    view! {
        <nav class="trail" aria-label=t!("Breadcrumb")>
            <a href=href><Icon glyph=Glyph::Back/>{label}</a>
        </nav>
    }
    .into_any()
}

/// Where a page of a list stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    shown: usize,
    total: usize,
    offset: usize,
    limit: usize,
}

impl Place {
    /// A part of this many rows from `offset` on, where a page has `limit`.
    pub fn new(shown: usize, total: usize, offset: usize, limit: usize) -> Self {
        Self { shown, total, offset, limit }
    }

    /// How many rows there are in all.
    pub fn total(self) -> usize {
        self.total
    }
}

impl<T> From<&Page<T>> for Place {
    fn from(page: &Page<T>) -> Self {
        Self { shown: page.rows.len(), total: page.total, offset: page.offset, limit: page.limit }
    }
}

/// The position in a list, with links to the pages around it.
#[component]
pub fn Pager<N: Into<Cow<'static, str>>>(
    /// The page shown.
    #[prop(into)]
    place: Place,
    /// One row and many rows: `("commit", "commits")`.
    nouns: (N, N),
    /// The list's address.
    #[prop(into)]
    path: String,
    /// The rest of the query.
    query: Vec<(&'static str, String)>,
) -> impl IntoView {
    let Place { shown, total, offset, limit } = place;
    let all = plural(total, &nouns.0.into(), &nouns.1.into());
    if shown == total {
        return view! { <p class="pager"><span>{all}</span></p> }.into_any();
    }
    let told = t!("%{first}–%{last} of %{all}", first = number(offset + 1), last = number(offset + shown), all = all);
    let link = |offset: usize| {
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        let mut pairs: Vec<_> = query.iter().map(|(key, value)| (*key, value.as_str())).collect();
        pairs.push(("offset", &offset));
        href(&path, &pairs)
    };
    let before = (offset > 0).then(|| {
        view! { <a class="button" rel="prev" href=link(offset.saturating_sub(limit))><Icon glyph=Glyph::Back/>{t!("Previous")}</a> }
    });
    let after = (offset + shown < total).then(|| {
        view! { <a class="button" rel="next" href=link(offset + limit)>{t!("Next")}<Icon glyph=Glyph::Forward/></a> }
    });
    view! {
        <nav class="pager" aria-label=t!("Pages")>
            <span>{told}</span>
            <span class="steps">{before}{after}</span>
        </nav>
    }
    .into_any()
}
