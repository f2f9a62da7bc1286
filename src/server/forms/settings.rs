//! Forms that change a repository and remove it.

use super::{Typed, public_message, refused, show_again, tell, trigger};
use crate::{
    api::ApiError,
    app::{
        data::{FormError, RemoveRepositoryForm, SettingsForm},
        format::plural,
    },
    app_state::AppState,
    auth::{Access, Admin},
    config::Interval,
    server::table::{Routes, post},
    service::RepositoryChange,
};
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use model::{
    DependencyPolicy, RepositoryId,
    view::{RepositoryKind, RepositoryView},
};
use serde::Deserialize;
use tower_sessions::Session;

impl Typed for SettingsForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        let dependencies = self.dependencies.map_or("", DependencyPolicy::as_str);
        vec![
            ("name", "Name", self.name.clone()),
            ("url", "Address", self.url.clone()),
            ("branch", "Branch", self.branch.clone()),
            ("pollEvery", "Time between looks", self.poll_every.clone()),
            ("dependencies", "Dependencies written as a bare name", dependencies.to_owned()),
        ]
    }
}

impl Typed for RemoveRepositoryForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        vec![("name", "Name", self.name.clone())]
    }
}

pub(super) fn routes() -> Routes {
    Routes::new().route("/registry/{id}", post(change)).route("/registry/{id}/remove", post(remove))
}

/// The form of the settings. A repository of components made by hand sends its name only.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    name: String,
    url: String,
    branch: String,
    poll_every: String,
    dependencies: String,
}

fn about(field: &str, message: impl Into<String>) -> FormError {
    FormError { field: Some(field.to_owned()), message: message.into() }
}

impl Settings {
    /// What differs from the repository as it is.
    fn change(&self, now: &RepositoryView) -> Result<RepositoryChange, FormError> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err(about("name", "A repository needs a name."));
        }
        let mut change =
            RepositoryChange { name: (name != now.name).then(|| name.to_owned()), ..RepositoryChange::default() };
        if now.kind == RepositoryKind::Manual {
            return Ok(change);
        }
        let url = self.url.trim();
        if url.is_empty() {
            return Err(about("url", "A repository needs an address."));
        }
        change.url = (url != now.url).then(|| url.to_owned());
        let branch = match self.branch.trim() {
            "" => None,
            text => Some(text.parse().map_err(|error| about("branch", format!("{error}.")))?),
        };
        change.branch = (branch != now.branch).then_some(branch);
        // Empty is as configured for all.
        let every = match self.poll_every.trim() {
            "" => None,
            text => {
                let every: Interval = text.parse().map_err(|error| about("pollEvery", format!("{error}.")))?;
                Some(every.as_seconds())
            }
        };
        let own = now.poll.as_ref().filter(|poll| poll.own).map(|poll| poll.every);
        change.poll_every = (every != own).then_some(every);
        let policy = self.dependencies.parse().map_err(|error| about("dependencies", format!("{error}.")))?;
        change.dependencies = (policy != now.dependencies).then_some(policy);
        Ok(change)
    }
}

async fn change(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
    asked: Parts,
    Form(form): Form<Settings>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(repository) = id.parse() else { return Redirect::to("/registry").into_response() };
    match carry_out(&state, &access, repository, &form).await {
        Ok(told) => {
            tell(&session, false, told).await;
            Redirect::to(&format!("/registry/{repository}?tab=settings")).into_response()
        }
        Err(error) => {
            let shown = SettingsForm {
                name: form.name,
                url: form.url,
                branch: form.branch,
                poll_every: form.poll_every,
                dependencies: form.dependencies.parse().ok(),
                error: Some(error),
            };
            show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, shown).await
        }
    }
}

/// Changes what differs, and says what follows.
async fn carry_out(
    state: &AppState,
    access: &Access<Admin>,
    id: RepositoryId,
    form: &Settings,
) -> Result<String, FormError> {
    let general = |error| FormError { field: None, message: public_message(error) };
    let now = state.service.repository(&access.clone().into(), id).await.map_err(general)?;
    let change = form.change(&now)?;
    if let Some(name) = &change.name {
        let checked = state.service.check_repository_name(&access.clone().into(), id, name).await;
        checked.map_err(|error| about("name", public_message(error)))?;
    }
    let (elsewhere, other_branch) = (change.url.is_some(), change.branch.is_some());
    // What else can be wrong by now is the address.
    let field = elsewhere.then(|| "url".to_owned());
    let changed = state.service.change_repository(access, id, change).await;
    changed.map_err(|error| FormError { field, message: public_message(error) })?;
    if !elsewhere && !other_branch {
        return Ok("Saved.".to_owned());
    }
    match state.service.sync_from_git(&access.clone().into(), id, trigger(access.actor())).await {
        Ok(_) => Ok("Saved. A sync reads it from there now; until it ends, what was read before is served.".to_owned()),
        Err(error) => Ok(format!("Saved. It was not read yet: {}", public_message(error))),
    }
}

#[derive(Debug, Deserialize)]
struct Confirmed {
    #[serde(default)]
    name: String,
}

async fn remove(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    Path(id): Path<String>,
    session: Session,
    asked: Parts,
    Form(form): Form<Confirmed>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let Ok(id) = id.parse() else { return Redirect::to("/registry").into_response() };
    let error = match state.service.repository(&access.clone().into(), id).await {
        Ok(repository) if repository.kind == RepositoryKind::Manual => {
            FormError { field: None, message: "Components made by hand are removed one by one.".to_owned() }
        }
        Ok(repository) if form.name.trim() != repository.name => about(
            "name",
            format!("This is not the repository's name. Type {} to remove it, or cancel.", repository.name),
        ),
        Ok(repository) => match state.service.remove_repository(&access, id).await {
            Ok(()) => {
                let gone = plural(repository.components, "component is", "components are");
                tell(&session, false, format!("{} was removed. {gone} not served any more.", repository.name)).await;
                return Redirect::to("/registry").into_response();
            }
            Err(error) => FormError { field: None, message: public_message(error) },
        },
        Err(error) if error.is_store_away() => FormError { field: None, message: public_message(error) },
        Err(error) => {
            tell(&session, true, public_message(error)).await;
            return Redirect::to("/registry").into_response();
        }
    };
    let form = RemoveRepositoryForm { name: form.name, error: Some(error) };
    show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, form).await
}
