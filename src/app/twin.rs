//! What a page holds, for programs: the same address answers with JSON or
//! Markdown where that is what a request accepts.

use super::error::PageError;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// Takes what a page was loaded with. An extension of the request whose answer
/// is to be JSON (`server/twins.rs`).
#[derive(Debug, Clone, Default)]
pub struct Twin(Arc<OnceLock<Value>>);

impl Twin {
    /// Keeps what the page shows, if anyone wants to know.
    pub fn keep<T: Serialize>(shown: &Result<T, PageError>) {
        let Some(twin) = use_context::<Parts>().and_then(|asked| asked.extensions.get::<Self>().cloned()) else {
            return;
        };
        let value = match shown {
            Ok(data) => serde_json::to_value(data).unwrap_or_else(|error| {
                tracing::error!(%error, "what a page shows has no JSON");
                Value::Null
            }),
            Err(error) => error_body(error),
        };
        // A page is loaded once.
        let _ = twin.0.set(value);
    }

    /// What the page showed; nothing if there was no page.
    pub fn take(&self) -> Option<Value> {
        self.0.get().cloned()
    }
}

/// An error as the JSON routes tell it.
fn error_body(error: &PageError) -> Value {
    let PageError { code, title, message, action, .. } = error;
    let mut body = json!({ "error": code, "message": format!("{title}. {message}") });
    if let Some((label, url)) = action {
        body["action"] = json!({ "label": label, "url": url });
    }
    body
}
