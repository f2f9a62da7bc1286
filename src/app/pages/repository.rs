//! A repository: what it serves, its commits, its syncs, its tags and branches,
//! its history, its findings and its settings.

pub mod commit;
pub mod commits;
pub mod compare;
pub mod findings;
pub mod history;
pub mod namespace;
pub mod offers;
pub mod refs;
pub mod remove;
pub mod report;
pub mod rollback;
pub mod settings;
pub mod siblings;
pub mod syncs;

use crate::app::words::t;
use crate::app::{
    data::{RepositoryContent, RepositoryData, RepositoryTab},
    format::{duration, href, short_url},
    icons::{Glyph, Icon},
    islands::SyncNow,
    pages::{components::ComponentTable, webhook::delivery_state},
    parts::{
        Callout, Empty, HERE, Pager, Place, Prose, Sha, State, StepLink, Tab, Tabs, Trail, When, around, may_change,
        titled,
    },
    terms::sync_words,
};
use commits::{CommitsView, HistoryCut};
use findings::FindingsView;
use history::HistoryView;
use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    FoundRegistry,
    view::{DeliveryView, Health, RepositoryKind, RepositoryView, SyncView},
};
use offers::Offers;
use refs::RefsView;
use report::{Why, outcome, why};
use settings::SettingsView;
use siblings::OtherRepositories;
use syncs::SyncsView;

/// One repository.
#[component]
pub fn RepositoryPageView(
    /// The repository and what the chosen tab shows.
    data: RepositoryData,
) -> impl IntoView {
    let RepositoryData { repository, commits, others, delivery, offers, content } = data;
    let path = format!("/registry/{}", repository.id);
    let findings =
        repository.last_sync.as_ref().and_then(|sync| sync.report.as_ref()).map(|report| report.diagnostics.len());
    let open = content.tab();
    // What is made by hand has no commits, and is checked before it is published.
    let fetched = repository.kind == RepositoryKind::Git;
    let tabs = RepositoryTab::ALL
        .into_iter()
        .filter(|tab| *tab != RepositoryTab::Settings || open == *tab || may_change())
        .filter(|tab| {
            fetched || {
                let of_git =
                    [RepositoryTab::Commits, RepositoryTab::Syncs, RepositoryTab::Refs, RepositoryTab::Findings];
                !of_git.contains(tab)
            }
        })
        .map(|tab| Tab {
            label: tab.label(),
            href: href(&path, &[("tab", tab.as_str())]),
            count: match tab {
                RepositoryTab::Components => Some(repository.components),
                RepositoryTab::Commits => Some(commits),
                RepositoryTab::Syncs | RepositoryTab::Refs | RepositoryTab::History | RepositoryTab::Settings => None,
                RepositoryTab::Findings => findings,
            },
            current: tab == open,
        })
        .collect();
    view! {
        <Title text=titled(&repository.name)/>
        <Trail label=t!("Repositories") href="/registry"/>
        <OtherRepositories names=others open=repository.id/>
        <Head repository=repository.clone() delivery/>
        <Tabs label=t!("Repository") tabs/>
        {show(content, path, repository, offers)}
    }
    .into_any()
}

fn show(content: RepositoryContent, path: String, repository: RepositoryView, offers: Vec<FoundRegistry>) -> AnyView {
    let syncing = repository.health() == Health::Working;
    let manual = repository.kind == RepositoryKind::Manual;
    let synced = repository.last_synced_at.is_some();
    match content {
        RepositoryContent::Components(page) if page.total == 0 => {
            let (title, text) = match (syncing, synced) {
                _ if manual => (t!("No components"), t!("All of them were removed. The history can bring them back.")),
                (true, _) => (t!("No components yet"), t!("They appear here when the sync ends.")),
                (_, false) => (t!("No components yet"), t!("Sync the repository to read its components.")),
                _ => (
                    t!("No components"),
                    t!("The repository's registry.json defines no items that can be served. The findings say why."),
                ),
            };
            view! {
                <Offers url=repository.url offers/>
                <Empty title text/>
            }
            .into_any()
        }
        RepositoryContent::Components(page) => {
            let place = Place::from(&page);
            view! {
                <Offers url=repository.url offers/>
                <ComponentTable rows=page.rows/>
                <Pager place nouns=(t!("component"), t!("components")) path query=Vec::new()/>
            }
            .into_any()
        }
        RepositoryContent::Commits { page, .. } if page.total == 0 => {
            view! { <Empty title=t!("No commits yet") text=t!("A sync records the commits that touched components.")/> }
                .into_any()
        }
        RepositoryContent::Commits { page, history } => {
            let place = Place::from(&page);
            let last = page.offset + page.rows.len() >= page.total;
            view! {
                <CommitsView commits=page.rows repository=path.clone()/>
                {(history.cut && last).then(|| view! { <HistoryCut history/> })}
                <Pager place nouns=(t!("commit"), t!("commits")) path query=vec![("tab", "commits".to_owned())]/>
            }
            .into_any()
        }
        RepositoryContent::Refs(refs) if refs.is_empty() => {
            let text = t!("A sync reads the newest tags and branches, and offers each as a version of the components.");
            view! { <Empty title=t!("No tags or branches yet") text/> }.into_any()
        }
        RepositoryContent::Refs(refs) => view! { <RefsView refs path/> }.into_any(),
        RepositoryContent::Syncs(page) if page.total == 0 => {
            let text = t!("Each sync tells here what it read, what changed and what it found.");
            view! { <Empty title=t!("No syncs yet") text/> }.into_any()
        }
        RepositoryContent::Syncs(page) => {
            let (place, newest) = (Place::from(&page), page.offset == 0);
            view! {
                <SyncsView syncs=page.rows url=repository.url newest/>
                <Pager place nouns=(t!("sync"), t!("syncs")) path query=vec![("tab", "syncs".to_owned())]/>
            }
            .into_any()
        }
        RepositoryContent::History { publications, people } => {
            view! { <HistoryView path publications people/> }.into_any()
        }
        RepositoryContent::Findings(found) => {
            let commit = repository.last_sync.and_then(|sync| sync.report?.commit);
            view! { <FindingsView found synced url=repository.url commit/> }.into_any()
        }
        RepositoryContent::Settings { form, webhook, credential, configured } => {
            view! { <SettingsView repository form webhook credential configured/> }.into_any()
        }
    }
}

/// Name, address, state and the one action.
#[component]
fn Head(repository: RepositoryView, delivery: Option<DeliveryView>) -> impl IntoView {
    let health = repository.health();
    let git = repository.kind == RepositoryKind::Git;
    let path = format!("/registry/{}", repository.id);
    let web = repository.url.starts_with("https://").then(|| repository.url.clone());
    let address = short_url(&repository.url).to_owned();
    let branch = repository.branch.clone().or(repository.default_branch.clone());
    let RepositoryView { id, name, namespace, head, last_synced_at, last_sync, config_path, poll, webhook, .. } =
        repository;
    // A look that finds nothing new is as good as a sync.
    let checked = last_synced_at.max(poll.as_ref().and_then(|poll| poll.looked_at));
    let report = last_sync.as_ref().and_then(|sync| sync.report.as_ref());
    let (why, next) = report.map(|report| (why(report), report.next.clone())).unwrap_or_default();
    let ended = last_sync.clone().filter(|sync| sync.state.is_final());
    let syncs = href(&path, &[("tab", "syncs")]);
    view! {
        <div class="repository-top">
            <header class="head repository-head">
                <div class="title">
                    <h1>{name}</h1>
                    <State health/>
                </div>
                {(!git && may_change()).then(|| view! {
                    <a class="button primary" href="/hand/new"><Icon glyph=Glyph::Add/>{t!("New component")}</a>
                })}
                {git.then(|| view! { <Syncing id=id.to_string() sync=last_sync running=health == Health::Working/> })}
            </header>
            <dl class="facts">
                <div>
                    <dt class="sr-only">{t!("Address")}</dt>
                    <dd class=if git { "mono" } else { "" }>
                        {match (git, web) {
                            (false, _) => t!("Made here, in the dashboard or by JSON").into_any(),
                            (true, Some(web)) => view! { <a href=web rel="noreferrer">{address}<Icon glyph=Glyph::External/></a> }.into_any(),
                            (true, None) => address.into_any(),
                        }}
                    </dd>
                </div>
                {branch.map(|branch| view! {
                    <div><dt class="sr-only">{t!("Branch")}</dt><dd class="mono"><Icon glyph=Glyph::Branch/>{branch.to_string()}</dd></div>
                })}
                {head.map(|sha| view! { <div><dt class="sr-only">{t!("Commit")}</dt><dd><Icon glyph=Glyph::Commit/><Sha sha/></dd></div> })}
                {namespace.map(|namespace| view! {
                    <div><dt class="sr-only">{t!("Namespace")}</dt><dd class="mono">{format!("{namespace}/…")}</dd></div>
                })}
                {config_path.map(|path| view! { <div><dt>{t!("Reads")}</dt><dd class="mono">{path}</dd></div> })}
                {checked.map(|at| view! { <div><dt>{t!("Checked")}</dt><dd><When at/></dd></div> })}
                {ended.map(|sync| view! { <LastSync sync href=syncs.clone()/> })}
                {webhook.then(|| view! { <Light delivery href=format!("{path}/webhook")/> })}
            </dl>
            {git.then(|| view! { <Phases/> })}
        </div>
        {poll.and_then(|poll| poll.failure.zip(poll.failing_since)).map(|(failure, since)| view! {
            <Callout health=Health::Attention title=t!("The repository cannot be looked at.")>
                {failure}" "
                {around(
                    t!("Since %{when}. It is tried again by itself; what was read before is still served.", when = HERE),
                    [view! { <When at=since/> }.into_any()],
                )}
            </Callout>
        })}
        {(health == Health::Broken).then(|| {
            let unknown = || Why { reason: t!("Sync again; if it fails again, look at the server's log.").into_owned(), fix: None };
            let Why { reason, fix } = why.unwrap_or_else(unknown);
            view! {
                <Callout health title=t!("The last sync failed.")>
                    <Prose text=reason/>
                    {fix.map(|fix| view! { " "<Prose text=fix/> })}
                    {next.map(|next| view! { " "<StepLink next class=""/>"." })}
                    {last_synced_at.map(|at| {
                        let when = view! { <When at/> }.into_any();
                        view! { " "{around(t!("What was read %{when} is still served.", when = HERE), [when])} }
                    })}
                    " "<a href=syncs>{t!("See the report")}</a>
                </Callout>
            }
        })}
    }
    .into_any()
}

/// What the last sync came to, and the way to its report.
#[component]
fn LastSync(sync: SyncView, href: String) -> impl IntoView {
    let took = sync.finished_at.map(|end| duration(end - sync.started_at));
    let told = match &sync.report {
        Some(report) if report.failure.is_none() => outcome(report),
        _ => t!("failed").into_owned(),
    };
    view! {
        <div>
            <dt>{t!("Last sync")}</dt>
            <dd><a class="told" href=href>{told}{took.map(|took| t!(", took %{time}", time = took))}</a></dd>
        </div>
    }
    .into_any()
}

/// Whether the webhook's deliveries arrive.
#[component]
fn Light(delivery: Option<DeliveryView>, href: String) -> impl IntoView {
    let (class, glyph, word) = delivery_state(delivery.as_ref().map(|delivery| delivery.outcome));
    let at = delivery.map(|delivery| delivery.at);
    let light = view! { <span class=class><Icon glyph/>{word}</span> };
    let light = if may_change() { view! { <a href=href>{light}</a> }.into_any() } else { light.into_any() };
    view! { <div><dt>{t!("Webhook")}</dt><dd>{light}{at.map(|at| view! { <When at/> })}</dd></div> }.into_any()
}

/// The phases of a sync, in their order; shown while one runs. Which of them it
/// has come to, the bar's island says by its `data-stage`.
#[component]
fn Phases() -> impl IntoView {
    view! {
        <ol class="phases" aria-hidden="true">
            <li>{t!("Receive")}</li>
            <li>{t!("Read")}</li>
            <li>{t!("Publish")}</li>
            <li>{t!("Prepare")}</li>
            <li>{t!("History")}</li>
        </ol>
    }
    .into_any()
}

/// The button and the bar.
#[component]
fn Syncing(id: String, sync: Option<SyncView>, running: bool) -> impl IntoView {
    let progress = sync.and_then(|sync| sync.progress);
    let stage = progress.as_ref().map_or("", |progress| progress.stage.as_str()).to_owned();
    let (done, total) = progress.map_or((0, 0), |progress| (progress.done, progress.total.unwrap_or(0)));
    view! { <SyncNow repository=id button=true running stage done total words=sync_words()/> }.into_any()
}
