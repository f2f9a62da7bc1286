//! One call: sent, bounded, and made once more where that is safe.

use super::{API_VERSION, Backend, BackendError};
use net::{
    BodyLimits, NetError,
    http::{HeaderValue, Method, Response, StatusCode, header},
    read_body,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The largest answer that is read.
const MAX_ANSWER: u64 = 4 << 20;

/// How long until a call is made once more.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// One call.
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<String>,
    /// Whether making it twice does what making it once does.
    repeatable: bool,
    patience: Option<Duration>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        let (method, path) = (Method::GET, path.into());
        Self { method, path, query: Vec::new(), body: None, repeatable: true, patience: None }
    }

    pub(super) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self { method: Method::POST, body: Some(body.to_string()), ..Self::get(path) }
    }

    /// Adds a parameter.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    /// Is made once.
    pub(super) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// May take this long.
    pub(super) fn within(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }
}

/// Why one attempt failed, and whether another may go better.
struct Failure {
    error: BackendError,
    again: bool,
}

impl Failure {
    fn finally(error: BackendError) -> Self {
        Self { error, again: false }
    }
}

impl Backend {
    /// Makes a call and reads its answer.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, BackendError> {
        let body = self.send(&call).await?;
        // serde repeats what it cannot read, and metadata holds credentials.
        serde_json::from_slice(&body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            BackendError::unreadable(&call.path, format_args!("it is not what is documented ({place})"))
        })
    }

    /// Makes a call.
    pub(super) async fn send(&self, call: &Call) -> Result<Vec<u8>, BackendError> {
        match self.attempt(call).await {
            Err(Failure { error, again: true }) => {
                tracing::debug!(%error, "Clerk is asked once more");
                sleep(AGAIN_AFTER).await;
                self.attempt(call).await.map_err(|failure| failure.error)
            }
            outcome => outcome.map_err(|failure| failure.error),
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Vec<u8>, Failure> {
        let limit = call.patience.map_or(self.patience, |patience| patience.min(self.patience));
        let mut url = self.api_url.clone();
        url.set_path(&format!("{}{}", self.api_url.path().trim_end_matches('/'), call.path));
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let bearer = format!("Bearer {}", self.secret.expose());
        let mut bearer = HeaderValue::from_str(&bearer).expect("a secret key is plain text");
        bearer.set_sensitive(true);
        let mut request = self
            .client
            .request(call.method.clone(), url.clone())
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONTENT_TYPE, "application/json")
            .header("Clerk-API-Version", API_VERSION);
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let response = match timeout(limit, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                // Without a connection nothing was sent.
                let again = call.repeatable || error.is_connect();
                return Err(away(&NetError::from_reqwest(&url, &error, limit), again));
            }
            // Waited for once, nobody waits for it again.
            Err(_) => return Err(away(&NetError::Timeout { url: (&url).into(), limit }, false)),
        };
        read(response, call, limit).await
    }
}

fn away(error: &NetError, again: bool) -> Failure {
    Failure { error: BackendError::Unavailable { what: error.to_string(), retry_after: None }, again }
}

/// The body of an answer, or what it refuses.
async fn read(response: Response, call: &Call, limit: Duration) -> Result<Vec<u8>, Failure> {
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let ray = response.headers().get("cf-ray").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let limits = BodyLimits { max_bytes: MAX_ANSWER, deadline: limit };
    let body = read_body(response, limits).await.map_err(|error| match error {
        NetError::TooLarge { .. } => Failure::finally(BackendError::unreadable(&call.path, error)),
        other => away(&other, call.repeatable),
    })?;
    if status.is_success() {
        return Ok(body.to_vec());
    }
    let (code, trace) = refusal(&body);
    let trace = trace.or_else(|| ray.and_then(|ray| word(&ray)));
    let what = format!(
        "{} {} answered {} ({code}{})",
        call.method,
        call.path,
        status.as_u16(),
        trace.map(|trace| format!(", trace {trace}")).unwrap_or_default()
    );
    let error = match status.as_u16() {
        // What a refreshed session is refused for may be a 401 too.
        401 | 403 if call.repeatable || code == "clerk_key_invalid" => BackendError::Refused { what },
        404 => BackendError::NotFound { what, code },
        408 | 429 | 500.. => {
            let retry_after = retry_after.map(Duration::from_secs);
            let error = BackendError::Unavailable { what, retry_after };
            let passing = matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE);
            return Err(Failure { error, again: call.repeatable && passing && retry_after.is_none() });
        }
        400..500 => BackendError::Rejected { what, code },
        _ => BackendError::unreadable(&call.path, format_args!("status {}", status.as_u16())),
    };
    Err(Failure::finally(error))
}

/// Clerk's word for what is wrong, and where its people find it. Its sentences
/// are left out: they may repeat what was sent.
fn refusal(body: &[u8]) -> (String, Option<String>) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body.pointer("/errors/0/code").and_then(Value::as_str).and_then(word);
    let trace = body.get("clerk_trace_id").and_then(Value::as_str).and_then(word);
    (code.unwrap_or_else(|| "no-code".to_owned()), trace)
}

/// A text that is one plain, short word.
fn word(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    ((1..=64).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
}
