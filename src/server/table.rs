//! Routes that are listed as they are registered: what is not in the list is not
//! served, so a test that walks the list meets every door there is.

use crate::app_state::AppState;
use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{self, MethodRouter},
};

/// A method at a path: one door of the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// The path, its parameters in braces.
    pub path: String,
    /// `GET`, `POST`, …
    pub method: String,
}

/// The methods of one path and who answers them.
pub(crate) struct Methods {
    router: MethodRouter<AppState>,
    names: Vec<Method>,
}

macro_rules! first {
    ($($name:ident $method:ident),* $(,)?) => {$(
        /// Answers this method.
        pub(crate) fn $name<H: Handler<T, AppState>, T: 'static>(handler: H) -> Methods {
            Methods { router: routing::$name(handler), names: vec![Method::$method] }
        }
    )*};
}

macro_rules! more {
    ($($name:ident $method:ident),* $(,)?) => {
        impl Methods {$(
            /// Answers this method, too.
            pub(crate) fn $name<H: Handler<T, AppState>, T: 'static>(mut self, handler: H) -> Self {
                self.names.push(Method::$method);
                Self { router: self.router.$name(handler), ..self }
            }
        )*}
    };
}

first!(get GET, post POST, delete DELETE);
more!(post POST, put PUT, patch PATCH, delete DELETE);

impl Methods {}

/// A router and the list of its doors.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<AppState>,
    doors: Vec<Door>,
}

impl Routes {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a path.
    pub(crate) fn route(mut self, path: &str, methods: Methods) -> Self {
        self.doors
            .extend(methods.names.iter().map(|method| Door { path: path.to_owned(), method: method.to_string() }));
        Self { router: self.router.route(path, methods.router), ..self }
    }

    /// Adds all of others.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.doors.extend(other.doors);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// Puts a layer around them, or whatever else keeps their paths.
    pub(crate) fn map(self, change: impl FnOnce(Router<AppState>) -> Router<AppState>) -> Self {
        Self { router: change(self.router), ..self }
    }

    /// The router alone.
    pub(crate) fn into_router(self) -> Router<AppState> {
        self.router
    }

    /// The list alone.
    pub(crate) fn into_doors(self) -> Vec<Door> {
        self.doors
    }
}
