//! Forms about names: aliases, replacements, releases, namespaces.

use super::{Typed, public_message, refused, show_again, show_on, tell};
use crate::{
    api::ApiError,
    app::{
        data::{AliasForm, FormError, NamespaceForm, ReplacementForm},
        format::component_href,
    },
    app_state::AppState,
    auth::{Access, Admin},
    server::table::{Routes, post},
    service::{NewAlias, RepositoryChange},
};
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use model::{ItemName, Namespace};
use serde::Deserialize;
use tower_sessions::Session;

impl Typed for AliasForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        vec![("name", "Name", self.name.clone()), ("to", "Leads to", self.to.clone())]
    }
}

impl Typed for ReplacementForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        vec![("by", "What to use instead", self.by.clone())]
    }
}

impl Typed for NamespaceForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        vec![("namespace", "Namespace", self.namespace.clone())]
    }
}

pub(super) fn routes() -> Routes {
    Routes::new()
        .route("/names", post(add_alias))
        .route("/names/aliases/remove", post(remove_alias))
        .route("/names/replace/{*name}", post(replace))
        .route("/names/release/{*name}", post(release))
        .route("/registry/{id}/namespace", post(change_namespace))
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Alias {
    name: String,
    to: String,
}

async fn add_alias(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    session: Session,
    asked: Parts,
    Form(form): Form<Alias>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let about = |field: &str, message: String| FormError { field: Some(field.to_owned()), message };
    let name = ItemName::served(form.name.trim()).map_err(|error| about("name", format!("{error}.")));
    let to = form.to.trim().parse::<ItemName>().map_err(|error| about("to", format!("{error}.")));
    let error = match (name, to) {
        (Ok(name), Ok(to)) => match state.service.add_alias(&access, NewAlias { name, to }).await {
            Ok(alias) => {
                let end = alias.leads_to.map_or_else(String::new, |to| format!(" leads to {to} now."));
                tell(&session, false, format!("{}{end}", alias.name)).await;
                return Redirect::to("/names?tab=aliases").into_response();
            }
            Err(error) => {
                let error = ApiError::from(error);
                about(if error.status() == StatusCode::CONFLICT { "name" } else { "to" }, error.message().to_owned())
            }
        },
        (Err(error), _) | (_, Err(error)) => error,
    };
    let form = AliasForm { name: form.name, to: form.to, error: Some(error) };
    show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, form).await
}

async fn remove_alias(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    session: Session,
    Form(form): Form<Alias>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    if let Ok(name) = form.name.parse::<ItemName>() {
        match state.service.remove_alias(&access, &name).await {
            Ok(_) => tell(&session, false, format!("{name} leads nowhere now.")).await,
            Err(error) => tell(&session, true, public_message(error)).await,
        }
    }
    Redirect::to("/names?tab=aliases").into_response()
}

#[derive(Debug, Deserialize)]
struct Replacing {
    by: String,
}

async fn replace(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(name): Path<String>,
    session: Session,
    asked: Parts,
    Form(form): Form<Replacing>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let by = Some(form.by.trim()).filter(|by| !by.is_empty()).map(str::parse::<ItemName>).transpose();
    let error = match (name.parse::<ItemName>(), by) {
        (Ok(name), Ok(by)) => match state.service.replace_component(&access, &name, by.as_ref()).await {
            Ok(removed) => {
                let told = match removed.replacement {
                    Some(replacement) => format!("Who asks for {name} is told to use {replacement}."),
                    None => format!("Who asks for {name} is told that it was removed."),
                };
                tell(&session, false, told).await;
                return Redirect::to(&component_href(name.as_str())).into_response();
            }
            Err(error) => public_message(error),
        },
        (Err(error), _) | (_, Err(error)) => format!("{error}."),
    };
    // The form stands on the component's page.
    let page = component_href(&name).parse().unwrap_or_else(|_| asked.uri.clone());
    let form = ReplacementForm { by: form.by, error: Some(error) };
    show_on(page, state, asked, StatusCode::UNPROCESSABLE_ENTITY, form).await
}

async fn release(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(name): Path<String>,
    session: Session,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    if let Ok(name) = name.parse::<ItemName>() {
        match state.service.release_name(&access, &name).await {
            Ok(released) => {
                let mut told = format!("{name} is free: whoever publishes it first has it.");
                if !released.view.syncing.is_empty() {
                    told = format!(
                        "{told} Syncing, because it waited for the name: {}.",
                        released.view.syncing.join(", ")
                    );
                }
                tell(&session, false, told).await;
            }
            Err(error) => tell(&session, true, public_message(error)).await,
        }
    }
    Redirect::to("/names").into_response()
}

#[derive(Debug, Deserialize)]
struct NewNamespace {
    namespace: String,
}

async fn change_namespace(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
    asked: Parts,
    Form(form): Form<NewNamespace>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let typed = form.namespace.trim();
    let namespace = if typed.is_empty() { Ok(None) } else { typed.parse::<Namespace>().map(Some) };
    let error = match (id.parse(), namespace) {
        (Ok(id), Ok(namespace)) => {
            let change = RepositoryChange { namespace: Some(namespace), ..RepositoryChange::default() };
            match state.service.change_repository(&access, id, change).await {
                Ok(repository) => {
                    let told = match repository.namespace {
                        Some(namespace) => {
                            format!("Its components are served below {namespace}/. The old names lead there.")
                        }
                        None => "Its components are served by their own names. The old names lead there.".to_owned(),
                    };
                    tell(&session, false, told).await;
                    return Redirect::to(&format!("/registry/{id}")).into_response();
                }
                Err(error) => public_message(error),
            }
        }
        (_, Err(error)) => format!("{error}."),
        (Err(_), _) => return Redirect::to("/registry").into_response(),
    };
    let form = NamespaceForm { namespace: form.namespace, error: Some(error) };
    show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, form).await
}
