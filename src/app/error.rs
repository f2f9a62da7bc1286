//! Why a page cannot be shown.

use super::words::t;
use crate::api::STORE_UNAVAILABLE;
use serde::Serialize;

/// When a page that needs the database is asked for again, in seconds.
const AGAIN: u32 = 10;

/// A page that cannot be shown: what happened, why, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageError {
    /// The HTTP status.
    pub status: u16,
    /// The stable code, as the JSON routes have it.
    pub code: &'static str,
    /// What happened, in a few words, without a full stop.
    pub title: String,
    /// Why, and what to do, in a sentence or two.
    pub message: String,
    /// The next step: the label of a link and its address.
    pub action: Option<Box<(String, String)>>,
    /// Another step that may help instead.
    pub other: Option<Box<(String, String)>>,
    /// After how many seconds the page is asked for again by itself.
    pub again: Option<u32>,
}

impl PageError {
    /// An error without a next step.
    pub fn new(status: u16, title: impl Into<String>, message: impl Into<String>) -> Self {
        let code = match status {
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            409 => "conflict",
            410 => "removed",
            429 => "too_many",
            500.. => "internal",
            _ => "invalid",
        };
        Self { status, code, title: title.into(), message: message.into(), action: None, other: None, again: None }
    }

    /// Sets the stable code.
    #[must_use]
    pub fn coded(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// Sets the next step.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some(Box::new((label.into(), href.into())));
        self
    }

    /// Has the page asked for again by itself.
    #[must_use]
    pub fn again_in(self, seconds: u32) -> Self {
        Self { again: Some(seconds), ..self }
    }

    /// Sets what else may help.
    #[must_use]
    pub fn or(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.other = Some(Box::new((label.into(), href.into())));
        self
    }

    /// The database does not answer, and the page cannot be made without it.
    pub fn away(why: &str) -> Self {
        let error = Self::new(503, t!("The database does not answer"), why);
        Self { again: Some(AGAIN), ..error }.coded(STORE_UNAVAILABLE).action(t!("Go to components"), "/components")
    }

    /// Something failed that should not have; the cause is in the log.
    pub fn ours(message: impl Into<String>) -> Self {
        Self::new(500, t!("Something went wrong"), message).action(t!("Go to the overview"), "/")
    }

    /// No page lives at the address.
    pub fn no_page() -> Self {
        Self::new(404, t!("No page here"), t!("The address may be mistyped, or what it showed has been removed."))
            .action(t!("Go to the overview"), "/")
            .or(t!("Search components"), "/components")
    }

    /// There is no such repository.
    pub fn no_repository(id: &str) -> Self {
        Self::new(
            404,
            t!("Repository not found"),
            t!("No repository has the id %{id}. It may have been removed.", id = id),
        )
        .action(t!("See all repositories"), "/registry")
        .or(t!("See what happened lately"), "/activity")
    }

    /// There is no such component.
    pub fn no_component(name: &str) -> Self {
        Self::new(
            404,
            t!("Component not found"),
            t!("No repository serves a component named %{name}. It may have been renamed or removed.", name = name),
        )
        .action(t!("Search components"), crate::app::format::href("/components", &[("q", name)]))
        .or(t!("See what was removed"), "/names")
    }

    /// The viewer has not signed in.
    pub fn signed_out() -> Self {
        Self::new(401, t!("Sign in to continue"), t!("This page is for people who have signed in to this registry."))
            .action(t!("How to sign in"), "/login")
    }

    /// The viewer may not do or see this; the message says who can grant it.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(403, t!("Not allowed"), message)
            .action(t!("Go to the overview"), "/")
            .or(t!("Choose an organisation"), "/organisations")
    }
}
