//! What every request handler can reach.

use crate::{
    auth::{Authenticator, Limits, LoginLinks},
    service::RegistryService,
};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::{ops::Deref, sync::Arc};

/// What every request handler can reach. Cloned several times for each request,
/// so it is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Reach>);

impl AppState {
    /// The state that reaches this.
    pub fn new(reach: Reach) -> Self {
        Self(Arc::new(reach))
    }
}

impl Deref for AppState {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.0
    }
}

/// What is behind [`AppState`].
pub struct Reach {
    /// The verbs.
    pub service: RegistryService,
    /// Who is asking.
    pub authenticator: Authenticator,
    /// How often anything may be asked for.
    pub limits: Limits,
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
