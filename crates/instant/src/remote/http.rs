//! One call of the admin API: sent, bounded, and made again where that is safe.

use super::backoff::Backoff;
use super::reach::Reaching;
use super::settings::{Patience, RemoteSettings};
use crate::{InstantError, Query, Upload};
use bytes::Bytes;
use net::http::{HeaderValue, Method, RequestBuilder, Response, StatusCode, header};
use net::{BodyLimits, NetError, OperatorClient, TenantClient, read_body};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

/// The release of InstantDB's own packages whose requests ours equal.
pub(super) const SPOKEN: &str = "v1.0.67";

/// The largest answer that is read.
const MAX_ANSWER: u64 = 256 << 20;

/// How fast a file must be able to go up, in bytes a second.
const SLOWEST_UPLOAD: u64 = 64 << 10;

/// What carries calls to one app.
pub(super) struct Http {
    pub(super) client: OperatorClient,
    /// For addresses that the server gives.
    pub(super) strangers: TenantClient,
    pub(super) settings: RemoteSettings,
    pub(super) patience: Patience,
    pub(super) reaching: Reaching,
}

/// What is sent along.
#[derive(Debug, Clone)]
enum Payload {
    Nothing,
    Json(Bytes),
    /// Without a media type InstantDB chooses one.
    File {
        path: HeaderValue,
        content_type: Option<HeaderValue>,
        bytes: Bytes,
    },
}

/// One call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: Method,
    path: String,
    payload: Payload,
    /// Whether making it twice does what making it once does.
    repeatable: bool,
}

impl Call {
    fn json(method: Method, path: impl Into<String>, body: &Value, repeatable: bool) -> Self {
        Self { method, path: path.into(), payload: Payload::Json(body.to_string().into()), repeatable }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), payload: Payload::Nothing, repeatable: true }
    }

    pub(super) fn post(path: impl Into<String>, body: &Value, repeatable: bool) -> Self {
        Self::json(Method::POST, path, body, repeatable)
    }

    pub(super) fn query(query: &Query) -> Self {
        Self::post("/admin/query", &json!({ "query": query.to_json(), "inference?": query.inference }), true)
    }

    /// An upload to the same path replaces the first one, and its row keeps its id.
    pub(super) fn upload(upload: &Upload) -> Result<Self, InstantError> {
        let header = |name: &str, value: &str| {
            HeaderValue::from_str(value).ok().filter(|_| is_plain(value)).ok_or_else(|| {
                InstantError::invalid("body", format!("the {name} {value:?} of a file is not plain ASCII text"))
            })
        };
        let content_type = Some(upload.content_type.as_str()).filter(|value| !value.is_empty());
        Ok(Self {
            method: Method::PUT,
            path: "/admin/storage/upload".to_owned(),
            payload: Payload::File {
                path: header("path", &upload.path)?,
                content_type: content_type.map(|value| header("media type", value)).transpose()?,
                bytes: upload.bytes.clone(),
            },
            repeatable: true,
        })
    }
}

/// Whether a call that failed may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It would fail again.
    Never,
    /// Its outcome is unknown.
    IfRepeatable,
    /// It had no effect; this long should be waited first.
    Always(Duration),
}

/// Why one attempt failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Box<InstantError>,
    pub(super) again: Again,
    /// Whether it says that InstantDB is away.
    pub(super) down: bool,
}

impl Failure {
    /// Nobody answered, or not to the end.
    fn away(error: &NetError, again: Again) -> Self {
        Self::unavailable(error.to_string(), again, true)
    }

    /// It may be better another time.
    pub(super) fn unavailable(what: String, again: Again, down: bool) -> Self {
        Self { error: Box::new(InstantError::Unavailable { what, source: None }), again, down }
    }

    /// It was answered, and would be answered so again.
    pub(super) fn refused(error: InstantError) -> Self {
        Self { error: Box::new(error), again: Again::Never, down: false }
    }

    /// Who answered is not an InstantDB.
    pub(super) fn not_instant(what: String) -> Self {
        Self::refused(InstantError::NotInstant { what })
    }
}

impl Http {
    /// Makes a call, again where that is safe and may help.
    pub(super) async fn call(self: &Arc<Self>, call: &Call) -> Result<Value, InstantError> {
        self.trying(call.repeatable, || self.attempt(call)).await
    }

    /// Makes a call once.
    pub(super) async fn call_once(self: &Arc<Self>, call: &Call) -> Result<Value, InstantError> {
        let outcome = self.attempt(call).await;
        self.note(&outcome);
        outcome.map_err(|failure| *failure.error)
    }

    /// Tries until it succeeds, cannot succeed, or has taken too long. Of an
    /// InstantDB that is known to be away no more than one attempt is waited for.
    pub(super) async fn trying<T, F>(
        self: &Arc<Self>,
        repeatable: bool,
        attempt: impl Fn() -> F,
    ) -> Result<T, InstantError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let patience = if self.is_down() { Duration::ZERO } else { self.patience.trying };
        let until = Instant::now() + patience;
        let mut backoff = Backoff::new(self.patience.first_wait, self.patience.longest_wait);
        loop {
            let outcome = attempt().await;
            if let Err(Failure { again, error, .. }) = &outcome {
                let least = match again {
                    Again::Always(least) => Some(*least),
                    Again::IfRepeatable if repeatable => Some(Duration::ZERO),
                    Again::IfRepeatable | Again::Never => None,
                };
                let wait = least.map(|least| backoff.wait().max(least));
                if let Some(wait) = wait.filter(|wait| *wait <= until.saturating_duration_since(Instant::now())) {
                    tracing::debug!(%error, ?wait, "InstantDB is asked again");
                    sleep(wait).await;
                    continue;
                }
            }
            self.note(&outcome);
            return outcome.map_err(|failure| *failure.error);
        }
    }

    /// Takes note of what an answer, or the lack of one, says about InstantDB.
    pub(super) fn note<T>(self: &Arc<Self>, outcome: &Result<T, Failure>) {
        match outcome {
            Err(failure) if failure.down => self.note_down(failure.error.to_string()),
            Ok(_) | Err(_) => self.note_up(),
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Value, Failure> {
        let mut url = self.settings.api_uri.at(&call.path);
        url.query_pairs_mut().append_pair("app_id", &self.settings.app_id.to_string());
        let request = self.request(call.method.clone(), url.clone());
        // Nobody should wait long for what is known to be away.
        let mut limit = if self.is_down() { self.patience.away } else { self.patience.answer };
        let request = match &call.payload {
            Payload::Nothing => request.header(header::CONTENT_TYPE, "application/json"),
            Payload::Json(body) => request.header(header::CONTENT_TYPE, "application/json").body(body.clone()),
            Payload::File { path, content_type, bytes } => {
                limit += Duration::from_secs(bytes.len() as u64 / SLOWEST_UPLOAD);
                let request = request.header("path", path).body(bytes.clone());
                content_type.iter().fold(request, |request, value| request.header(header::CONTENT_TYPE, value))
            }
        };
        let response = send(request, &url, limit).await?;
        self.read(response, limit).await
    }

    /// A request with what every request carries (`specs/instantdb-admin-api.md` 2.1).
    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let bearer = format!("Bearer {}", self.settings.admin_token.expose());
        let mut bearer = HeaderValue::from_str(&bearer).unwrap_or(HeaderValue::from_static("Bearer"));
        bearer.set_sensitive(true);
        self.client
            .request(method, url)
            .header("app-id", self.settings.app_id.to_string())
            .header(header::AUTHORIZATION, bearer)
            .header("instant-admin-version", SPOKEN)
            .header("instant-core-version", SPOKEN)
    }

    /// The JSON of an answer, or what it refuses.
    pub(super) async fn read(&self, response: Response, limit: Duration) -> Result<Value, Failure> {
        let (status, url) = (response.status(), response.url().clone());
        let (least, target) = (asked_to_wait(&response), redirected_to(&response));
        let limits = BodyLimits { max_bytes: MAX_ANSWER, deadline: limit };
        let body = read_body(response, limits).await.map_err(|error| match error {
            NetError::TooLarge { .. } => Failure::not_instant(error.to_string()),
            other => Failure::away(&other, Again::IfRepeatable),
        })?;
        if status == StatusCode::OK {
            let value: Option<Value> = serde_json::from_slice(&body).ok();
            return value.filter(Value::is_object).ok_or_else(|| {
                let what = format!("{} answered with something else than a JSON object", net::RedactedUrl::from(&url));
                Failure::not_instant(what)
            });
        }
        if let Some(target) = target.filter(|_| status.is_redirection()) {
            let what = format!("{} answered {status} and leads to {target}", net::RedactedUrl::from(&url));
            return Err(Failure::not_instant(what));
        }
        Err(refusal(status, &url, &self.without_token(&String::from_utf8_lossy(&body)), least))
    }

    /// Refusals repeat what they were asked, the token among it: as it was sent,
    /// or as a UUID is written.
    fn without_token(&self, text: &str) -> String {
        let token = self.settings.admin_token.expose();
        if token.is_empty() {
            return text.to_owned();
        }
        text.replace(token, "[hidden]").replace(&token.to_ascii_lowercase(), "[hidden]")
    }
}

/// Whether a header carries this text as it is: servers read more than ASCII in
/// different ways, and cut off spaces at the ends.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Sends a request and waits for the beginning of the answer.
pub(super) async fn send(request: RequestBuilder, url: &Url, limit: Duration) -> Result<Response, Failure> {
    match timeout(limit, request.send()).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            // Without a connection nothing was sent.
            let again = if error.is_connect() { Again::Always(Duration::ZERO) } else { Again::IfRepeatable };
            Err(Failure::away(&NetError::from_reqwest(url, &error, limit), again))
        }
        Err(_) => Err(Failure::away(&NetError::Timeout { url: url.into(), limit }, Again::IfRepeatable)),
    }
}

/// What the `Retry-After` header asks for, in seconds or as a date.
fn asked_to_wait(response: &Response) -> Duration {
    let Some(wait) = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()) else {
        return Duration::ZERO;
    };
    let seconds = wait.parse().map(Duration::from_secs).ok();
    let until = || httpdate::parse_http_date(wait).ok()?.duration_since(SystemTime::now()).ok();
    seconds.or_else(until).unwrap_or_default()
}

/// Where a redirect leads; nothing of ours is sent there.
fn redirected_to(response: &Response) -> Option<net::RedactedUrl> {
    let target = response.headers().get(header::LOCATION)?.to_str().ok()?;
    Some(net::RedactedUrl::from(&response.url().join(target).ok()?))
}

/// What an answer other than 200 means.
fn refusal(status: StatusCode, url: &Url, text: &str, least: Duration) -> Failure {
    let place = net::RedactedUrl::from(url);
    let body: Option<Value> = serde_json::from_str(text).ok().filter(|body: &Value| body.get("message").is_some());
    let Some(body) = body else {
        let start: String = text.trim().chars().take(120).collect();
        let what = format!("{place} answered {status}: {start:?}");
        return if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            unavailable(status, what, least)
        } else {
            Failure::not_instant(what)
        };
    };
    let typed = InstantError::from_wire(&body);
    match &typed {
        InstantError::DiskFull => Failure::refused(typed),
        InstantError::RateLimited { retry_after, .. } => {
            let least = retry_after.unwrap_or_default().max(least);
            Failure { again: Again::Always(least), ..Failure::refused(typed) }
        }
        InstantError::Timeout { .. } => Failure { again: Again::Always(least), ..Failure::refused(typed) },
        _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            unavailable(status, format!("{place} answered {status}: {typed}"), least)
        }
        _ if status == StatusCode::UNAUTHORIZED => {
            Failure::refused(InstantError::Credentials { what: format!("{place} answered {status}: {typed}") })
        }
        // No route: another path, or a server that lacks it.
        _ if status == StatusCode::NOT_FOUND => Failure::not_instant(format!("{place} answered {status}: {typed}")),
        _ => Failure::refused(typed),
    }
}

/// An answer that another time may be better. 429 is told before anything is
/// done, or after it was undone; what a gateway says tells nothing about what is behind it.
fn unavailable(status: StatusCode, what: String, least: Duration) -> Failure {
    let again = match status.as_u16() {
        429 => Again::Always(least),
        502..=504 => Again::IfRepeatable,
        _ => Again::Never,
    };
    Failure::unavailable(what, again, status.is_server_error())
}
