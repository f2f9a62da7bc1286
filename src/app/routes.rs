//! The document, the routes, and which loader feeds which page.

use super::{
    data::{ComponentPlace, ComponentsQuery, NamesTab, PackagesQuery, RepositoryTab},
    error::PageError,
    format::component_href,
    frame::{Section, page},
    head::DocumentHead,
    load::{self, component::Asked},
    pages::{
        activity::ActivityPageView,
        add_repository::AddRepositoryView,
        component::{ComponentPageView, ComponentTab},
        components::ComponentsView,
        diff::DiffView,
        hand::{HandView, remove::RemoveView},
        home::HomeView,
        names::{NamesView, release::ReleaseView},
        organisations::OrganisationsView,
        packages::PackagesView,
        removed::RemovedPageView,
        repositories::RepositoriesView,
        repository::{
            RepositoryPageView, commit::CommitPageView, compare::CompareView, namespace::NamespaceView,
            remove::RemoveRepositoryView, rollback::RollbackView,
        },
        settings::{
            UseView,
            audit::AuditView,
            members::MembersView,
            registry::RegistryView,
            token::{RevokeView, RotateView},
            tokens::TokensView,
        },
        sign_in::{SignInView, SignedIn, SignedOut},
        webhook::WebhookPageView,
    },
    parts::{HERE, around},
    policy::{AccountScript, set_content_security_policy},
    words::{language_of, t},
};
use crate::service::{GithubQuery, Sides};
use axum::http::request::Parts;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    hooks::{use_params_map, use_query_map},
    path,
};
use model::view::{FacetKind, PackageSort, Sort};

/// The HTML document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    set_content_security_policy();
    let language = use_context::<Parts>().map(|asked| language_of(&asked.headers)).unwrap_or_default();
    provide_context(language);
    view! {
        <!DOCTYPE html>
        <html lang=language.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // A page is complete when it is sent: nothing is drawn before all of it has come, so nothing moves.
                <link rel="expect" href="#foot" blocking="render"/>
                <link rel="preload" href="/fonts/geist.woff2" r#as="font" r#type="font/woff2" crossorigin=""/>
                <link rel="preload" href="/fonts/geist-mono.woff2" r#as="font" r#type="font/woff2" crossorigin=""/>
                <link rel="alternate" href="/activity.atom" r#type="application/atom+xml" title=t!("Activity")/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <script src="/theme.js"></script>
                <AccountScript/>
                <HydrationScripts options=options.clone() islands=true islands_router=false/>
                <HashedStylesheet options id="style"/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The dashboard's routes. Every page is complete before it is sent: it works
/// without scripts, and its status is the page's own.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <DocumentHead/>
        <Router>
            <Routes fallback=NoPage>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/registry") view=RepositoriesPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/new") view=AddRepositoryPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id") view=RepositoryPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id/rollback") view=RollbackPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id/namespace") view=NamespacePage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id/remove") view=RemoveRepositoryPage ssr=SsrMode::Async/>
                <Route path=path!("/hand/new") view=NewHandPage ssr=SsrMode::Async/>
                <Route path=path!("/hand/edit/*name") view=EditHandPage ssr=SsrMode::Async/>
                <Route path=path!("/hand/remove/*name") view=RemoveHandPage ssr=SsrMode::Async/>
                <Route path=path!("/names") view=NamesPage ssr=SsrMode::Async/>
                <Route path=path!("/names/release/*name") view=ReleasePage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id/commits/:sha") view=CommitPage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id/compare") view=ComparePage ssr=SsrMode::Async/>
                <Route path=path!("/registry/:id/webhook") view=WebhookPage ssr=SsrMode::Async/>
                <Route path=path!("/components") view=ComponentsPage ssr=SsrMode::Async/>
                <Route path=path!("/components/*name") view=ComponentPage ssr=SsrMode::Async/>
                <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/packages") view=PackagesPage ssr=SsrMode::Async/>
                <Route path=path!("/diff/*name") view=DiffPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=UsePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/registry") view=RegistryPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/members") view=MembersPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/tokens") view=TokensPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/tokens/:id/rotate") view=RotatePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/tokens/:id/revoke") view=RevokePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/audit") view=AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/organisations") view=OrganisationsPage ssr=SsrMode::Async/>
                <Route path=path!("/signed-in") view=SignedInPage ssr=SsrMode::Async/>
                <Route path=path!("/signed-out") view=SignedOutPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

/// A value of the address's query; empty when it is not there.
fn query(key: &str) -> String {
    use_query_map().read_untracked().get_str(key).unwrap_or_default().to_owned()
}

/// A part of the address's path.
fn param(key: &str) -> String {
    use_params_map().read_untracked().get_str(key).unwrap_or_default().to_owned()
}

/// `?offset=`; the start when it is no number.
fn offset() -> usize {
    query("offset").parse().unwrap_or_default()
}

#[component]
fn HomePage() -> impl IntoView {
    page(Section::None, load::home::home(), |data| view! { <HomeView data/> }.into_any())
}

#[component]
fn RepositoriesPage() -> impl IntoView {
    let shown = load::repositories::repositories(query("state"));
    page(Section::Repositories, shown, |data| view! { <RepositoriesView data/> }.into_any())
}

#[component]
fn AddRepositoryPage() -> impl IntoView {
    let query = GithubQuery { q: query("q").trim().to_owned(), page: query("page").parse().unwrap_or_default() };
    page(Section::Repositories, load::github::add_repository(query), |data| {
        view! { <AddRepositoryView data/> }.into_any()
    })
}

#[component]
fn RepositoryPage() -> impl IntoView {
    let tab = RepositoryTab::parse(&query("tab"));
    page(Section::Repositories, load::repository(param("id"), tab, offset()), |data| {
        view! { <RepositoryPageView data/> }.into_any()
    })
}

#[component]
fn WebhookPage() -> impl IntoView {
    page(Section::Repositories, load::webhook(param("id")), |data| view! { <WebhookPageView data/> }.into_any())
}

#[component]
fn ComponentsPage() -> impl IntoView {
    let query = ComponentsQuery {
        q: query("q").trim().to_owned(),
        chosen: FacetKind::ALL.map(|facet| query(facet.as_str())),
        sort: Sort::parse(&query("sort")),
        offset: offset(),
        limit: query("limit").parse().ok(),
    };
    let asked = query.clone();
    page(Section::Components, load::components::components(query), move |data| {
        view! { <ComponentsView data query=asked/> }.into_any()
    })
}

#[component]
fn ComponentPage() -> impl IntoView {
    let (tab, file) = (ComponentTab::parse(&query("tab")), query("file"));
    let asked = Asked { tab, offset: offset(), at: query("at").trim().to_owned() };
    let found = load::names::component(param("name"), asked);
    page(Section::Components, found, move |found| match found {
        ComponentPlace::Served(data) => view! { <ComponentPageView data=*data tab file/> }.into_any(),
        ComponentPlace::Removed(removed) => {
            view! { <RemovedPageView removed=*removed form=load::names::replacement_form()/> }.into_any()
        }
        ComponentPlace::Renamed(now) => {
            let href = component_href(&now);
            leptos_axum::redirect(&href);
            let link = view! { <a href=href>{now}</a> }.into_any();
            view! { <p>{around(t!("It is called %{name} now.", name = HERE), [link])}</p> }.into_any()
        }
    })
}

/// `?from=` and `?to=`.
fn sides() -> Sides {
    Sides { from: query("from"), to: query("to") }
}

#[component]
fn CommitPage() -> impl IntoView {
    page(Section::Repositories, load::commit(param("id"), param("sha")), |data| {
        view! { <CommitPageView data/> }.into_any()
    })
}

#[component]
fn ComparePage() -> impl IntoView {
    page(Section::Repositories, load::compare(param("id"), sides()), |data| view! { <CompareView data/> }.into_any())
}

#[component]
fn DiffPage() -> impl IntoView {
    page(Section::Components, load::diff(param("name"), sides()), |diff| view! { <DiffView diff/> }.into_any())
}

#[component]
fn NewHandPage() -> impl IntoView {
    page(Section::Components, load::names::new_hand_form(), |form| view! { <HandView form/> }.into_any())
}

#[component]
fn EditHandPage() -> impl IntoView {
    page(Section::Components, load::names::hand_form(param("name")), |form| view! { <HandView form/> }.into_any())
}

#[component]
fn RemoveHandPage() -> impl IntoView {
    page(Section::Components, load::names::to_remove(param("name")), |component| {
        view! { <RemoveView component/> }.into_any()
    })
}

#[component]
fn ActivityPage() -> impl IntoView {
    let shown = load::activity::activity(query("repository"), query("kind"), query("week"), offset());
    page(Section::Activity, shown, |data| view! { <ActivityPageView data/> }.into_any())
}

#[component]
fn PackagesPage() -> impl IntoView {
    let query = PackagesQuery {
        q: query("q").trim().to_owned(),
        differing: query("differing") == "true",
        sort: if query("sort") == "used" { PackageSort::Used } else { PackageSort::Relevance },
        offset: offset(),
    };
    let asked = query.clone();
    page(Section::Packages, load::packages::packages(query), move |data| {
        view! { <PackagesView data query=asked/> }.into_any()
    })
}

#[component]
fn NamesPage() -> impl IntoView {
    let tab = NamesTab::parse(&query("tab"));
    page(Section::Components, load::names::names(tab, offset()), |data| view! { <NamesView data/> }.into_any())
}

#[component]
fn ReleasePage() -> impl IntoView {
    page(Section::Components, load::names::removed(param("name")), |removed| {
        view! { <ReleaseView removed/> }.into_any()
    })
}

#[component]
fn RollbackPage() -> impl IntoView {
    page(Section::Repositories, load::names::rollback(param("id"), query("to")), |data| {
        view! { <RollbackView data/> }.into_any()
    })
}

#[component]
fn NamespacePage() -> impl IntoView {
    page(Section::Repositories, load::names::namespace(param("id")), |data| view! { <NamespaceView data/> }.into_any())
}

#[component]
fn RemoveRepositoryPage() -> impl IntoView {
    page(Section::Repositories, load::settings::to_remove(param("id")), |data| {
        view! { <RemoveRepositoryView data/> }.into_any()
    })
}

#[component]
fn UsePage() -> impl IntoView {
    page(Section::Settings, load::guard::how_to_use(), |data| view! { <UseView data/> }.into_any())
}

#[component]
fn RegistryPage() -> impl IntoView {
    page(Section::Settings, load::registry::registry(), |data| view! { <RegistryView data/> }.into_any())
}

#[component]
fn MembersPage() -> impl IntoView {
    page(Section::Settings, load::repositories::members(), |data| view! { <MembersView data/> }.into_any())
}

#[component]
fn TokensPage() -> impl IntoView {
    page(Section::Settings, load::guard::tokens(), |data| view! { <TokensView data/> }.into_any())
}

#[component]
fn RotatePage() -> impl IntoView {
    page(Section::Settings, load::guard::token(param("id")), |data| view! { <RotateView data/> }.into_any())
}

#[component]
fn RevokePage() -> impl IntoView {
    page(Section::Settings, load::guard::token(param("id")), |data| view! { <RevokeView data/> }.into_any())
}

#[component]
fn AuditPage() -> impl IntoView {
    let shown = load::guard::audit(query("actor").trim().to_owned(), query("action"), offset());
    page(Section::Settings, shown, |data| view! { <AuditView data/> }.into_any())
}

#[component]
fn SignInPage() -> impl IntoView {
    let problem = query("error");
    let by_link = load::organisations::sign_in_by_link();
    page(Section::None, std::future::ready(by_link), move |()| view! { <SignInView problem/> }.into_any())
}

#[component]
fn OrganisationsPage() -> impl IntoView {
    let refused = query("refused") == "true";
    page(Section::None, load::organisations::organisations(), move |data| {
        view! { <OrganisationsView data refused/> }.into_any()
    })
}

#[component]
fn SignedInPage() -> impl IntoView {
    page(Section::None, load::organisations::signed_in(), |()| view! { <SignedIn/> }.into_any())
}

#[component]
fn SignedOutPage() -> impl IntoView {
    page(Section::None, std::future::ready(Ok(())), |()| view! { <SignedOut/> }.into_any())
}

#[component]
fn NoPage() -> impl IntoView {
    page(Section::None, std::future::ready(Err::<(), _>(PageError::no_page())), |()| ().into_any())
}
