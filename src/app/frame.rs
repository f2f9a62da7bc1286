//! What surrounds every page: header, notice, and the page's own outcome.

use super::{
    account::Account,
    data::{Away, Frame, MayChange, Notice, Stopped},
    error::PageError,
    icons::{Glyph, Icon},
    islands::Shortcuts,
    language::Language,
    load,
    pages::error::ErrorView,
    parts::{Callout, Prose, When},
    theme::ThemeToggle,
    twin::Twin,
    words::t,
};
use leptos::prelude::*;
use model::{Accent, view::Health};
use serde::Serialize;

/// The part of the dashboard that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Repositories.
    Repositories,
    /// Components.
    Components,
    /// npm packages.
    Packages,
    /// What happened lately.
    Activity,
    /// Settings.
    Settings,
    /// Neither.
    None,
}

/// A page: its data is loaded, then shown in the frame; an error is shown in
/// its place and becomes the response's status.
pub fn page<T: Serialize + Send + 'static>(
    section: Section,
    load: impl Future<Output = Result<T, PageError>> + Send + 'static,
    show: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView {
    let content = async move {
        let stopped = use_context::<Stopped>();
        let frame = match &stopped {
            Some(stopped) if stopped.bare => Frame { bare: true, ..Frame::default() },
            _ => load::frame().await,
        };
        provide_context(MayChange(frame.changes));
        let body = match stopped.map_or(Ok(load), |stopped| Err(stopped.error)) {
            Ok(load) => load.await,
            Err(error) => Err(error),
        };
        Twin::keep(&body);
        let body = body.map_or_else(|error| view! { <ErrorView error/> }.into_any(), show);
        view! { <FrameView frame section>{body}</FrameView> }
    };
    Suspend::new(content).into_any()
}

/// Header, notice and content.
#[component]
pub fn FrameView(
    /// What the session knows.
    frame: Frame,
    /// The page's part of the dashboard.
    section: Section,
    /// The page.
    children: Children,
) -> impl IntoView {
    let Frame { viewer, notice, away, bare, accent, .. } = frame;
    view! {
        <a class="skip" href="#content">{t!("Skip to content")}</a>
        <header class="top">
            <div class="bar">
                <a class="brand" href="/"><Icon glyph=Glyph::Mark/>{t!("Registry")}</a>
                <nav class="sections" aria-label=t!("Main")>
                    <SectionLink to=Section::Repositories section glyph=Glyph::Branch href="/registry">{t!("Repositories")}</SectionLink>
                    <SectionLink to=Section::Components section glyph=Glyph::Components href="/components">{t!("Components")}</SectionLink>
                    <SectionLink to=Section::Packages section glyph=Glyph::Packages href="/packages">{t!("Packages")}</SectionLink>
                    <SectionLink to=Section::Activity section glyph=Glyph::Activity href="/activity">{t!("Activity")}</SectionLink>
                    <SectionLink to=Section::Settings section glyph=Glyph::Settings href="/settings">{t!("Settings")}</SectionLink>
                </nav>
                <a class="find" href="/components#search" data-palette=t!("Search pages, repositories and components") aria-keyshortcuts="Meta+K Control+K">
                    <Icon glyph=Glyph::Search/>
                    <span class="word">{t!("Search")}</span>
                    <span class="keys needs-js" aria-hidden="true"><kbd class="apple">"⌘ K"</kbd><kbd class="other">"Ctrl K"</kbd></span>
                </a>
                <Shortcuts><ShortcutsHelp/></Shortcuts>
                <ThemeToggle/>
                {match viewer {
                    Some(viewer) => view! { <Account viewer/> }.into_any(),
                    None if bare => ().into_any(),
                    None => view! { <a class="button ghost" href="/login">{t!("Sign in")}</a> }.into_any(),
                }}
            </div>
        </header>
        {away.map(|away| view! { <AwayView away/> })}
        <main id="content" tabindex="-1" data-accent=accent.map(Accent::as_str)>
            {notice.map(|notice| view! { <NoticeView notice/> })}
            {children()}
        </main>
        <footer class="foot" id="foot"><Languages/></footer>
    }
    .into_any()
}

/// A way to a part of the dashboard. Its icon is seen on a phone only, above the word.
#[component]
fn SectionLink(to: Section, section: Section, glyph: Glyph, href: &'static str, children: Children) -> impl IntoView {
    view! {
        <a href=href aria-current=(section == to).then_some("true")><Icon glyph/>{children()}</a>
    }
    .into_any()
}

/// What the shortcuts' island shows and says, in the page's words.
#[component]
fn ShortcutsHelp() -> impl IntoView {
    let sections = [
        ("h", t!("Home")),
        ("r", t!("Repositories")),
        ("c", t!("Components")),
        ("p", t!("Packages")),
        ("a", t!("Activity")),
        ("s", t!("Settings")),
    ];
    let sections = sections.map(|(key, word)| view! { <dt><kbd>"g"</kbd>" "<kbd>{key}</kbd></dt><dd>{word}</dd> });
    view! {
        <span
            id="said" class="sr-only" role="status" data-copied=t!("Copied")
            data-refused=t!("The browser did not allow copying")
        ></span>
        <dialog id="shortcuts" class="shortcuts" aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title">{t!("Keyboard shortcuts")}</h2>
            <dl>
                <dt><kbd class="apple">"⌘"</kbd><kbd class="other">"Ctrl"</kbd>" "<kbd>"K"</kbd></dt>
                <dd>{t!("Go anywhere, do anything")}</dd>
                <dt><kbd>"/"</kbd></dt><dd>{t!("Search components")}</dd>
                <dt><kbd>"j"</kbd>" "<kbd>"k"</kbd></dt><dd>{t!("Next and previous row")}</dd>
                <dt><kbd>"Enter"</kbd></dt><dd>{t!("Open the row")}</dd>
                {sections.collect_view()}
                <dt><kbd>"?"</kbd></dt><dd>{t!("These shortcuts")}</dd>
            </dl>
            <form method="dialog"><button class="button">{t!("Close")}</button></form>
        </dialog>
    }
    .into_any()
}

/// The languages of the dashboard. Each is named in its own words, for whoever
/// does not read the others.
#[component]
fn Languages() -> impl IntoView {
    let current = Language::current();
    let choices = Language::ALL.map(|language| {
        view! {
            <button name="language" value=language.tag() lang=language.tag() aria-pressed=(language == current).to_string()>
                {language.name()}
            </button>
        }
    });
    view! { <form class="languages" method="post" action="/language" aria-label=t!("Language")>{choices.collect_view()}</form> }
        .into_any()
}

/// Says on every page that what it shows may be old.
#[component]
fn AwayView(away: Away) -> impl IntoView {
    let kept = match away.since {
        Some(at) => {
            let kept = t!("What was published before is still served. Nothing can be changed until it is back.");
            view! { {t!("It last did")}" "<When at/>". "{kept} }.into_any()
        }
        None => t!("Nothing is served until it does.").into_any(),
    };
    view! {
        <aside class="away" role="status" aria-label=t!("Database")>
            <p><Icon glyph=Glyph::Attention/><strong>{t!("The database does not answer.")}</strong>" "{kept}</p>
        </aside>
    }
    .into_any()
}

#[component]
fn NoticeView(notice: Notice) -> impl IntoView {
    let Notice { failed, message } = notice;
    if failed {
        return view! { <Callout health=Health::Broken title=t!("Not done.")><Prose text=message/></Callout> }
            .into_any();
    }
    // What was done stands out from what follows of it.
    let (done, rest) = message.split_once(". ").unwrap_or((&message, ""));
    let (done, rest) = (format!("{}.", done.trim_end_matches('.')), rest.to_owned());
    view! { <Callout health=Health::Fresh title=done><Prose text=rest/></Callout> }.into_any()
}
