//! The dashboard's forms: what they post, and where that leads. They work
//! without JavaScript.

mod credential;
mod hand;
mod names;
mod registry;
mod settings;
mod tokens;

use super::{
    render_with,
    table::{Routes, post},
};
use crate::{
    api::ApiError,
    app::{
        data::{AddRepositoryForm, FormError, Notice, Sent},
        format::plural,
    },
    app_state::AppState,
    auth::{Access, Actor, Admin, Sync},
    service::{NewRepository, ServiceError},
};
use axum::{
    Form,
    body::Body,
    extract::{Path, Request, State},
    http::{Method, StatusCode, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use model::{RepositoryId, Trigger};
use serde::Deserialize;
use tower_sessions::Session;

/// The session's key of what the last form did.
const NOTICE: &str = "notice";

/// Where the forms post to.
pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/registry/new", post(add_repository))
        .route("/registry/{id}/sync", post(sync))
        .route("/registry/{id}/rollback", post(roll_back))
        .merge(hand::routes())
        .merge(names::routes())
        .merge(credential::routes())
        .merge(registry::routes())
        .merge(settings::routes())
        .merge(tokens::routes())
        .route("/registry/{id}/webhook", post(make_hook))
        .route("/registry/{id}/webhook/remove", post(remove_hook))
}

/// What came of the last form; told once.
pub(crate) async fn take_notice(session: &Session) -> Option<Notice> {
    let (failed, message) = session.remove::<(bool, String)>(NOTICE).await.ok().flatten()?;
    Some(Notice { failed, message })
}

async fn tell(session: &Session, failed: bool, message: String) {
    if let Err(error) = session.insert(NOTICE, (failed, message)).await {
        tracing::warn!(%error, "a notice could not be kept");
    }
}

/// Whoever sent a form without access hears why not; what a browser sent is given
/// back to it (`server/sent.rs`).
fn refused(error: ApiError) -> Response {
    error.into_response()
}

/// The form that adds a repository. Empty fields mean nothing was said.
/// No `Debug`: it holds the token.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AddRepository {
    url: String,
    name: String,
    namespace: String,
    config_path: String,
    branch: String,
    dependencies: String,
    username: String,
    token: String,
}

impl AddRepository {
    fn into_new(self) -> Result<NewRepository, FormError> {
        fn optional<T: std::str::FromStr<Err: std::fmt::Display>>(
            field: &str,
            text: &str,
        ) -> Result<Option<T>, FormError> {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            text.parse()
                .map(Some)
                .map_err(|error: T::Err| FormError { field: Some(field.to_owned()), message: format!("{error}.") })
        }
        Ok(NewRepository {
            namespace: optional("namespace", &self.namespace)?,
            branch: optional("branch", &self.branch)?,
            dependencies: optional("dependencies", &self.dependencies)?,
            name: optional("name", &self.name)?,
            config_path: optional("configPath", &self.config_path)?,
            url: self.url,
            poll_every: None,
            credential: credential::of(&self.username, &self.token),
        })
    }
}

async fn add_repository(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    asked: Parts,
    Form(form): Form<AddRepository>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let mut shown = AddRepositoryForm {
        url: form.url.clone(),
        name: form.name.clone(),
        namespace: form.namespace.clone(),
        config_path: form.config_path.clone(),
        branch: form.branch.clone(),
        dependencies: form.dependencies.parse().ok(),
        username: form.username.clone(),
        error: None,
    };
    let added = match form.into_new() {
        Ok(new) => register_and_sync(&state, &access, new).await.map_err(|error| FormError {
            field: matches!(error, ServiceError::Invalid(_) | ServiceError::Git(_)).then(|| "url".to_owned()),
            message: public_message(error),
        }),
        Err(problem) => Err(problem),
    };
    match added {
        Ok(id) => Redirect::to(&format!("/registry/{id}")).into_response(),
        Err(problem) => {
            shown.error = Some(problem);
            show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, shown).await
        }
    }
}

/// A form that a person fills in.
trait Typed: Clone + Send + std::marker::Sync + 'static {
    /// What was typed: name, label and value of each field. Nothing where the
    /// form's page can be shown without the database.
    fn typed(&self) -> Vec<(&'static str, &'static str, String)>;
}

impl Typed for AddRepositoryForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }
}

/// The page at the same address, asked for by the same person, with the form as
/// it was sent.
async fn show_again(state: AppState, asked: Parts, status: StatusCode, form: impl Typed) -> Response {
    let page = asked.uri.clone();
    show_on(page, state, asked, status, form).await
}

/// The same where the form stands on another page. If that cannot be shown, what
/// was typed is.
async fn show_on(page: Uri, state: AppState, asked: Parts, status: StatusCode, form: impl Typed) -> Response {
    let mut fields = form.typed();
    fields.retain(|(_, _, value)| !value.is_empty());
    let sent = Sent { action: asked.uri.to_string(), fields };
    let mut request = Request::from_parts(asked, Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = page;
    let mut response = render_with(state, request, move || {
        leptos::context::provide_context(form.clone());
        leptos::context::provide_context(sent.clone());
    })
    .await;
    if response.status() != StatusCode::SERVICE_UNAVAILABLE {
        *response.status_mut() = status;
    }
    response
}

async fn register_and_sync(
    state: &AppState,
    access: &Access<Admin>,
    new: NewRepository,
) -> Result<RepositoryId, ServiceError> {
    let repository = state.service.register_repository(access, new).await?;
    state.service.sync_from_git(&access.clone().into(), repository.id, trigger(access.actor())).await?;
    Ok(repository.id)
}

fn trigger(actor: &Actor) -> Trigger {
    if matches!(actor, Actor::Token(_)) { Trigger::Token } else { Trigger::Person }
}

/// The message that may be shown; causes that are ours stay in the log.
fn public_message(error: ServiceError) -> String {
    ApiError::from(error).message().to_owned()
}

async fn sync(
    State(state): State<AppState>,
    access: Result<Access<Sync>, ApiError>,
    Path(id): Path<String>,
    session: Session,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(id) = id.parse::<RepositoryId>() else { return to_all_repositories() };
    if let Err(error) = state.service.sync_from_git(&access, id, trigger(access.actor())).await {
        tell(&session, true, public_message(error)).await;
    }
    Redirect::to(&format!("/registry/{id}")).into_response()
}

/// What is no id leads nowhere, and may not be what a header can hold.
fn to_all_repositories() -> Response {
    Redirect::to("/registry").into_response()
}

#[derive(Debug, Deserialize)]
struct RollBack {
    snapshot: String,
}

async fn roll_back(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
    Form(form): Form<RollBack>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(id) = id.parse::<RepositoryId>() else { return to_all_repositories() };
    if let Ok(snapshot) = form.snapshot.parse() {
        match state.service.rollback(&access, id, snapshot).await {
            Ok(publication) => {
                tell(
                    &session,
                    false,
                    format!(
                        "Rolled back. {} of the earlier snapshot served now.",
                        plural(publication.count, "item", "items")
                    ),
                )
                .await;
            }
            Err(error) => tell(&session, true, public_message(error)).await,
        }
    }
    Redirect::to(&format!("/registry/{id}?tab=history")).into_response()
}

async fn make_hook(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
) -> Response {
    change_hook(access, &id, &session, "The secret is new. Enter it at the host.", async |access, id| {
        state.service.make_hook(&access, id).await.map(drop)
    })
    .await
}

async fn remove_hook(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
) -> Response {
    change_hook(access, &id, &session, "The webhook is removed. Remove it at the host, too.", async |access, id| {
        state.service.remove_hook(&access, id).await
    })
    .await
}

/// Changes a repository's webhook and goes back to its page.
async fn change_hook(
    access: Result<Access<Admin>, ApiError>,
    id: &str,
    session: &Session,
    done: &str,
    change: impl AsyncFnOnce(Access<Admin>, RepositoryId) -> Result<(), ServiceError>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(id) = id.parse::<RepositoryId>() else { return to_all_repositories() };
    match change(access, id).await {
        Ok(()) => tell(session, false, done.to_owned()).await,
        Err(error) => tell(session, true, public_message(error)).await,
    }
    Redirect::to(&format!("/registry/{id}/webhook")).into_response()
}
