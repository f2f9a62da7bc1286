//! JSON route of the command palette (`public/palette.js`): where someone can go
//! and what they can do there. Components are asked for as they are typed.

use super::internal::Answer;
use crate::{
    app_state::AppState,
    auth::{Access, Admin, Read, Sync},
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use model::view::RepositoryKind;
use serde::Serialize;

/// Repositories that the palette knows; others are found on their page.
const REPOSITORIES: usize = 200;

/// What the palette shows, in the words that it shows it in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Palette {
    /// For which organisation: what was chosen before is kept apart for each.
    organisation: String,
    /// The palette's own words.
    words: Words,
    /// Where to go and what to do, in order.
    rows: Vec<Row>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Words {
    /// Above what was chosen before.
    recent: &'static str,
    /// Above the components that were found.
    components: &'static str,
    /// The way to all of them; `{}` is what was typed.
    search: &'static str,
    /// What is said when nothing fits.
    nothing: &'static str,
    /// How many rows there are, for screen readers; `{}` is the number.
    found: &'static str,
}

/// One row.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct Row {
    /// What it stands under.
    group: &'static str,
    /// What it is called.
    label: String,
    /// Words that find it, too.
    #[serde(skip_serializing_if = "str::is_empty")]
    also: &'static str,
    /// Where it leads.
    #[serde(skip_serializing_if = "String::is_empty")]
    href: String,
    /// Or the id of what it presses on the page, or opens.
    #[serde(skip_serializing_if = "str::is_empty")]
    press: &'static str,
    /// Or the repository that it syncs, before it leads there.
    #[serde(skip_serializing_if = "String::is_empty")]
    sync: String,
    /// The keys that do the same.
    #[serde(skip_serializing_if = "str::is_empty")]
    keys: &'static str,
}

/// List where the dashboard's command palette leads, for who asks.
#[utoipa::path(get, path = "/api/internal/palette", tag = "dashboard", responses((status = 200, description = "Pages, actions and repositories, in the palette's words", body = Palette)))]
pub(super) async fn palette(
    State(state): State<AppState>,
    access: Access<Read>,
    May { sync, change }: May,
) -> Answer<Palette> {
    let mut rows = pages(change, state.authenticator.clerk.is_some());
    // While the database is away there is still somewhere to go.
    let repositories = state.service.repositories(&access).await.unwrap_or_default();
    let repositories = repositories.into_iter().take(REPOSITORIES);
    for repository in repositories {
        let href = format!("/registry/{}", repository.id);
        if sync && repository.kind == RepositoryKind::Git {
            let sync = repository.id.to_string();
            rows.push(Row {
                group: "Actions",
                label: format!("Sync {}", repository.name),
                href: href.clone(),
                sync,
                ..Row::default()
            });
        }
        rows.push(Row { group: "Repositories", label: repository.name, also: "repository", href, ..Row::default() });
    }
    rows.sort_by_key(|row| match row.group {
        "Pages" => 0,
        "Repositories" => 1,
        _ => 2,
    });
    let words = Words {
        recent: "Recent",
        components: "Components",
        search: "Search components for “{}”",
        nothing: "Nothing fits. Try fewer or other words.",
        found: "{} results",
    };
    Ok(Json(Palette { organisation: access.organisation().as_str().to_owned(), words, rows }))
}

/// The pages and the actions that belong to no single repository or component.
fn pages(change: bool, clerk: bool) -> Vec<Row> {
    let page = |label: &str, also, href: &str, keys| Row {
        group: "Pages",
        label: label.to_owned(),
        also,
        href: href.to_owned(),
        keys,
        ..Row::default()
    };
    let action = |label: &str, also, href: &str| Row { group: "Actions", ..page(label, also, href, "") };
    let press = |label: &str, also, press, keys| Row { press, keys, ..action(label, also, "") };
    let mut rows = vec![
        page("Home", "start overview health", "/", "g h"),
        page("Repositories", "git sources registry", "/registry", "g r"),
        page("Components", "items search", "/components", "g c"),
        page("Packages", "npm dependencies versions", "/packages", "g p"),
        page("Activity", "commits syncs history feed", "/activity", "g a"),
        page("Settings", "use it components.json", "/settings", "g s"),
        page("Names", "taken aliases removed release", "/names", ""),
    ];
    if clerk {
        rows.push(page("Organisations", "switch members", "/organisations", ""));
    }
    if change {
        rows.extend([
            page("Registry settings", "name visibility public alias policy", "/settings/registry", ""),
            page("Tokens", "keys access scopes", "/settings/tokens", ""),
            page("Audit", "events trail who log", "/settings/audit", ""),
            action("Add a repository", "new git github register", "/registry/new"),
            action("Make a component by hand", "new create write", "/hand/new"),
            action("Make a token", "new create key", "/settings/tokens"),
        ]);
    }
    rows.extend([
        press("Change the theme", "dark light system colours", "theme", ""),
        press("Keyboard shortcuts", "keys help", "shortcuts", "?"),
        press("Sign out", "log out leave session", "sign-out", ""),
    ]);
    rows
}

/// What else someone may do who may read.
pub(super) struct May {
    sync: bool,
    change: bool,
}

impl FromRequestParts<AppState> for May {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let change = state.authenticator.admit::<Admin>(state, parts).await.is_ok();
        let sync = change || state.authenticator.admit::<Sync>(state, parts).await.is_ok();
        Ok(Self { sync, change })
    }
}
