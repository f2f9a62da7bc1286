//! JSON route of the command palette (`public/palette.js`): where someone can go
//! and what they can do there. Components are asked for as they are typed.

use super::internal::Answer;
use crate::{
    app::words::t,
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
use std::borrow::Cow;

/// A text in the language of whoever asks.
type Word = Cow<'static, str>;

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
    #[schema(value_type = String)]
    recent: Word,
    /// Above the components that were found.
    #[schema(value_type = String)]
    components: Word,
    /// The way to all of them; `{}` is what was typed.
    #[schema(value_type = String)]
    search: Word,
    /// How many rows there are, for screen readers; `{}` is the number.
    #[schema(value_type = String)]
    found: Word,
}

/// One row.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct Row {
    /// What it stands under.
    #[schema(value_type = String)]
    group: Word,
    /// What it is called.
    #[schema(value_type = String)]
    label: Word,
    /// Words that find it, too.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(value_type = String)]
    also: Word,
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
    let mut rows = places(change, state.authenticator.clerk.is_some());
    // While the database is away there is still somewhere to go.
    let repositories = state.service.repositories(&access).await.unwrap_or_default();
    let repositories: Vec<_> = repositories.into_iter().take(REPOSITORIES).collect();
    rows.extend(repositories.iter().map(|repository| Row {
        group: t!("Repositories"),
        label: repository.name.clone().into(),
        href: format!("/registry/{}", repository.id),
        ..Row::default()
    }));
    rows.extend(actions(change));
    let synced = repositories.iter().filter(|repository| sync && repository.kind == RepositoryKind::Git);
    rows.extend(synced.map(|repository| Row {
        group: t!("Actions"),
        label: t!("Sync %{name}", name = repository.name),
        href: format!("/registry/{}", repository.id),
        sync: repository.id.to_string(),
        ..Row::default()
    }));
    let words = Words {
        recent: t!("Recent"),
        components: t!("Components"),
        search: t!("Search components for “{}”"),
        found: t!("{} results"),
    };
    Ok(Json(Palette { organisation: access.organisation().as_str().to_owned(), words, rows }))
}

/// The pages that belong to no single repository or component.
fn places(change: bool, clerk: bool) -> Vec<Row> {
    let page = |label, also, href: &str, keys| Row {
        group: t!("Pages"),
        label,
        also,
        href: href.to_owned(),
        keys,
        ..Row::default()
    };
    let mut rows = vec![
        page(t!("Home"), t!("start overview health"), "/", "g h"),
        page(t!("Repositories"), t!("git sources registry"), "/registry", "g r"),
        page(t!("Components"), t!("items search"), "/components", "g c"),
        page(t!("Packages"), t!("npm dependencies versions"), "/packages", "g p"),
        page(t!("Activity"), t!("commits syncs history feed"), "/activity", "g a"),
        page(t!("Settings"), t!("use it components.json"), "/settings", "g s"),
        page(t!("Names"), t!("taken aliases removed release"), "/names", ""),
    ];
    if clerk {
        rows.push(page(t!("Organisations"), t!("switch members"), "/organisations", ""));
    }
    if change {
        rows.extend([
            page(t!("Registry settings"), t!("name visibility public alias policy"), "/settings/registry", ""),
            page(t!("Tokens"), t!("keys access scopes"), "/settings/tokens", ""),
            page(t!("Audit"), t!("events trail who log"), "/settings/audit", ""),
        ]);
    }
    rows
}

/// The actions that belong to no single repository or component.
fn actions(change: bool) -> Vec<Row> {
    let action = |label, also, href: &str, press, keys| Row {
        group: t!("Actions"),
        label,
        also,
        href: href.to_owned(),
        press,
        keys,
        ..Row::default()
    };
    let mut rows = vec![];
    if change {
        rows.extend([
            action(t!("Add a repository"), t!("new git github register"), "/registry/new", "", ""),
            action(t!("Make a component by hand"), t!("new create write"), "/hand/new", "", ""),
            action(t!("Make a token"), t!("new create key"), "/settings/tokens", "", ""),
        ]);
    }
    rows.extend([
        action(t!("Change the theme"), t!("dark light system colours"), "", "theme", ""),
        action(t!("Keyboard shortcuts"), t!("keys help"), "", "shortcuts", "?"),
        action(t!("Sign out"), t!("log out leave session"), "", "sign-out", ""),
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
