//! What every request handler can reach.

use crate::{
    auth::{Authenticator, LoginLinks},
    service::RegistryService,
};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;

/// What every request handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The verbs.
    pub service: RegistryService,
    /// Who is asking.
    pub authenticator: Authenticator,
    /// One-time sign-in links.
    pub links: LoginLinks,
    /// Where the built site lies.
    pub leptos: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
