//! Where git hosts send their deliveries.

use super::ApiError;
use crate::{
    app_state::AppState,
    auth::{Asker, check_host},
    service::{HookRefusal, Received},
};
use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use model::DeliveryOutcome;
use serde::Serialize;
use std::{borrow::Cow, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Largest body of a delivery, in bytes. GitHub sends at most 25 MB and cuts
/// long pushes far below this; what is larger is left to polling.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// How many bytes are read of a delivery that is for nobody.
const MOST_DRAINED: usize = 256 * 1024;
/// How long a host may take to send a body.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many bodies are in memory at a time.
static BODIES: Semaphore = Semaphore::const_new(32);

/// What came of a delivery.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DeliveryAnswer {
    /// `accepted`, `up-to-date`, `pong`, `ignored` or `duplicate`.
    #[schema(value_type = String)]
    outcome: DeliveryOutcome,
    /// The same for people.
    message: &'static str,
}

/// Take a delivery of a git host: GitHub, GitLab, Gitea, Forgejo, Bitbucket
/// Cloud or Data Center. It is authenticated by its signature and answered at
/// once; a sync that it leads to runs in the background.
#[utoipa::path(post, path = "/api/internal/registry/webhook/{hook}", tag = "webhooks", params(("hook" = String, Path)),
    request_body(content = String, description = "What the host sends"),
    responses(
        (status = 200, body = DeliveryAnswer, description = "Nothing to do: a ping, another event, seen or handled before"),
        (status = 202, body = DeliveryAnswer, description = "A sync takes care of it"),
        (status = 400, description = "Signed, but not what the host's documentation says"),
        (status = 401, description = "Not signed, or with another secret"),
        (status = 404, description = "No such webhook"),
        (status = 413, description = "Larger than 10 MiB"),
        (status = 429, description = "Too many wrong signatures")))]
pub(super) async fn receive(State(state): State<AppState>, Path(hook): Path<String>, request: Request) -> Response {
    take(&state, &hook, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn take(state: &AppState, hook: &str, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    check_host(state, &parts.headers)?;
    let asker = Asker::of(state, &parts.headers, &parts.extensions);
    // An organisation may have to be opened for this, or its database asked: not for whoever
    // guesses. What is known is taken all the same: a git host sends everybody's deliveries.
    if !state.service.remembers_hook(hook) {
        state.limits.may_guess(asker)?;
    }
    let hook = match state.service.known_hook(hook).await {
        Ok(hook) => hook,
        Err(refusal) => {
            if matches!(refusal, HookRefusal::Unknown) {
                let _ = state.limits.guessed(asker);
            }
            // Otherwise the connection would be closed while the host still writes,
            // and the answer might be lost.
            let _ = tokio::time::timeout(PATIENCE, drain(body)).await;
            return Err(refusal.into());
        }
    };
    let (bytes, _held) = match tokio::time::timeout(PATIENCE, read(&parts.headers, body)).await {
        Ok(Ok(read)) => read,
        Ok(Err(Unread::TooLarge)) => {
            let message = "The delivery is larger than 10 MiB. Send fewer events, or leave it to polling.";
            state.service.refuse_too_large(&hook, &parts.headers, message).await;
            return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message));
        }
        Ok(Err(Unread::Broken)) => {
            let message = "The delivery ended before its body was whole. Send it again.";
            return Err(Refused::new(StatusCode::BAD_REQUEST, "truncated", message));
        }
        Err(_) => {
            let message = "The delivery took more than 30 seconds to arrive. Send it again.";
            return Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message));
        }
    };
    let Received { outcome } = state.service.receive(&hook, asker, &parts.headers, &bytes).await?;
    let (status, message) = match outcome {
        DeliveryOutcome::Accepted => (StatusCode::ACCEPTED, "Accepted: the repository is looked at."),
        DeliveryOutcome::UpToDate => (StatusCode::OK, "Up to date: this was seen already."),
        DeliveryOutcome::Pong => (StatusCode::OK, "pong"),
        DeliveryOutcome::Duplicate => (StatusCode::OK, "This delivery was handled already."),
        _ => (StatusCode::OK, "Ignored: this event moves no branch and no tag."),
    };
    let mut response = (status, Json(DeliveryAnswer { outcome, message })).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A body that could not be read.
enum Unread {
    TooLarge,
    Broken,
}

/// Reads a body of at most [`MAX_BODY`] bytes: what says that it is larger is
/// not read at all, what turns out to be is read no further.
async fn read(headers: &HeaderMap, body: Body) -> Result<(Bytes, SemaphorePermit<'static>), Unread> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > MAX_BODY) {
        return Err(Unread::TooLarge);
    }
    let held = BODIES.acquire().await.map_err(|_| Unread::Broken)?;
    let mut bytes = BytesMut::new();
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(Unread::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes.freeze(), held))
}

/// Reads what an ordinary delivery has, and keeps nothing of it.
async fn drain(body: Body) {
    let (mut stream, mut left) = (body.into_data_stream(), MOST_DRAINED);
    while let Some(Ok(chunk)) = stream.next().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// An error as the host is told it.
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    /// When it may be tried again.
    after: Option<Duration>,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), after: None }
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::new(error.status(), error.code(), error.message().to_owned())
    }
}

impl From<HookRefusal> for Refused {
    fn from(refusal: HookRefusal) -> Self {
        let message = refusal.to_string();
        let (status, code) = match refusal {
            HookRefusal::Unknown => (StatusCode::NOT_FOUND, "no_hook"),
            HookRefusal::Refused(_) => (StatusCode::UNAUTHORIZED, "wrong_signature"),
            HookRefusal::TooMany(after) => {
                let refused = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message);
                return Self { after: Some(after), ..refused };
            }
            HookRefusal::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
            HookRefusal::NoSecret => (StatusCode::SERVICE_UNAVAILABLE, "no_secret"),
            HookRefusal::Service(error) => return ApiError::from(error).into(),
        };
        Self::new(status, code, message)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = ApiError::new(self.status, self.code, self.message).into_response();
        if let Some(after) = self.after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs() + 1));
        }
        response
    }
}
