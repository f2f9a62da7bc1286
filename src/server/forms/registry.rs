//! The form of the registry's own settings.

use super::{Typed, public_message, refused, show_again, tell};
use crate::{
    api::ApiError,
    app::data::{FormError, RegistryForm},
    app_state::AppState,
    auth::{Access, Admin},
    server::table::{Routes, post},
    service::SettingsChange,
};
use axum::{
    Form,
    extract::State,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use model::{Accent, DependencyPolicy, view::SettingsView};
use serde::Deserialize;
use std::{fmt::Display, str::FromStr};
use tower_sessions::Session;

const PAGE: &str = "/settings/registry";
const PUBLIC: &str = "public";

pub(super) fn routes() -> Routes {
    Routes::new().route(PAGE, post(change))
}

/// The form. A field that was not sent is told from one that is empty: it must
/// not make anything the default.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    alias: Option<String>,
    name: Option<String>,
    homepage: Option<String>,
    visibility: Option<String>,
    dependencies: Option<String>,
    accent: Option<String>,
    confirm: String,
}

impl Typed for RegistryForm {
    fn typed(&self) -> Vec<(&'static str, &'static str, String)> {
        vec![
            ("alias", "Alias", self.alias.clone()),
            ("name", "Name", self.name.clone()),
            ("homepage", "Home page", self.homepage.clone()),
            ("visibility", "Visibility", if self.public { PUBLIC } else { "private" }.to_owned()),
            (
                "dependencies",
                "Dependencies written as a bare name",
                self.dependencies.map_or("", DependencyPolicy::as_str).to_owned(),
            ),
            ("accent", "Accent", self.accent.map_or("", Accent::as_str).to_owned()),
        ]
    }
}

/// The value of a field; an empty one is the default.
fn value<T: FromStr<Err: Display>>(field: &str, text: Option<&String>) -> Result<Option<T>, FormError> {
    let Some(text) = text else {
        let message = format!("The form was not sent whole: {field} is missing. Load the page again.");
        return Err(FormError { field: None, message });
    };
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|error| FormError { field: Some(field.to_owned()), message: sentence(&error) }),
    }
}

/// A reason as a sentence of its own.
fn sentence(reason: &dyn Display) -> String {
    let text = reason.to_string();
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), rest.as_str()))
}

impl Sent {
    /// What differs from the settings as they are.
    fn change(&self, now: &SettingsView) -> Result<SettingsChange, FormError> {
        let change = SettingsChange {
            alias: Some(value("alias", self.alias.as_ref())?),
            name: Some(value("name", self.name.as_ref())?),
            homepage: Some(value("homepage", self.homepage.as_ref())?),
            public: self
                .visibility
                .as_ref()
                .map(|visibility| visibility == PUBLIC)
                .filter(|public| *public != now.public),
            default_policy: Some(value("dependencies", self.dependencies.as_ref())?),
            // A page that was opened before there were accents does not send one.
            accent: self.accent.as_ref().map(|accent| value("accent", Some(accent))).transpose()?,
        };
        Ok(change)
    }

    /// The page's form as it was sent.
    fn shown(self, asks: bool, error: Option<FormError>) -> RegistryForm {
        RegistryForm {
            alias: self.alias.unwrap_or_default(),
            name: self.name.unwrap_or_default(),
            homepage: self.homepage.unwrap_or_default(),
            dependencies: self.dependencies.and_then(|text| text.parse().ok()),
            accent: self.accent.and_then(|text| text.parse().ok()),
            public: self.visibility.as_deref() == Some(PUBLIC),
            asks,
            error,
        }
    }
}

async fn change(
    State(state): State<AppState>,
    access: Result<Access<Admin>, ApiError>,
    session: Session,
    asked: Parts,
    Form(form): Form<Sent>,
) -> Response {
    let access = match access {
        Ok(access) => access,
        Err(error) => return refused(error),
    };
    let general = |error| FormError { field: None, message: public_message(error) };
    let now = state.service.settings(&access.clone().into()).await.map_err(general);
    let wanted = now.and_then(|now| form.change(&now));
    let error = match wanted {
        Ok(wanted) if wanted.public == Some(true) && form.confirm != PUBLIC => {
            // Shown once more, with what it means.
            return show_again(state, asked, StatusCode::OK, form.shown(true, None)).await;
        }
        Ok(wanted) => match state.service.change_settings(&access, wanted.clone()).await {
            Ok(_) => {
                let told = match wanted.public {
                    Some(true) => "Saved. Anyone may install from this registry now.",
                    Some(false) => "Saved. Nobody installs from this registry without a proof any more.",
                    None => "Saved.",
                };
                tell(&session, false, told.to_owned()).await;
                return Redirect::to(PAGE).into_response();
            }
            Err(error) => general(error),
        },
        Err(error) => error,
    };
    show_again(state, asked, StatusCode::UNPROCESSABLE_ENTITY, form.shown(false, Some(error))).await
}
