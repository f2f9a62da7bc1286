//! What one fetch knows: the way out, its limits, and what went wrong first.

use crate::{
    GitError, Limit,
    gate::Stop,
    limits::{Fetch, Limits},
    protocol::{self, Advertisement, Fault, Listing},
};
use bytes::Bytes;
use net::{
    BodyLimits, BodyReader, NetError, RedactedUrl, TenantClient,
    http::{
        HeaderMap, HeaderValue, Response, Url,
        header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
    },
};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

const ADVERTISEMENT_TYPE: &str = "application/x-git-upload-pack-advertisement";
const REQUEST_TYPE: &str = "application/x-git-upload-pack-request";
const RESULT_TYPE: &str = "application/x-git-upload-pack-result";

/// What one fetch knows.
pub(crate) struct Context {
    runtime: Handle,
    client: TenantClient,
    authorization: Option<HeaderValue>,
    limits: Limits,
    ends: Instant,
    cancel: CancellationToken,
    url: Url,
    place: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What went wrong first; libgit2 reports only texts.
    failure: Option<GitError>,
    /// Where the advertisement came from, after redirects.
    base: Option<Url>,
    /// Refs as the last version 0 advertisement has them.
    listing: Option<Listing>,
}

impl Context {
    /// Begins a fetch; the deadline counts from here.
    pub(crate) fn new(runtime: Handle, url: &Url, fetch: &Fetch<'_>) -> Self {
        Self {
            runtime,
            client: fetch.client.clone(),
            authorization: fetch.credentials.map(crate::Credentials::authorization),
            limits: fetch.limits.clone(),
            ends: Instant::now() + fetch.limits.deadline,
            cancel: fetch.cancel.clone(),
            url: url.clone(),
            place: RedactedUrl::from(url).to_string(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the first failure, and gives libgit2 a text to go on with.
    pub(crate) fn fail(&self, error: GitError) -> git2::Error {
        let text = git2::Error::from_str(&error.to_string().replace('\0', ""));
        self.state().failure.get_or_insert(error);
        text
    }

    /// Why it failed: our own account first, libgit2's text second.
    pub(crate) fn failure(&self, error: &git2::Error) -> GitError {
        self.state().failure.take().unwrap_or_else(|| GitError::from_git(&self.place, error))
    }

    /// The refs of the advertisement that the fetch went by.
    pub(crate) fn fetched_listing(&self) -> Option<Listing> {
        self.state().listing.take()
    }

    /// Whether the fetch must stop: asked between deltas, which read nothing.
    pub(crate) fn is_over(&self) -> Option<GitError> {
        if self.cancel.is_cancelled() {
            Some(GitError::Cancelled { place: self.place.clone() })
        } else if Instant::now() >= self.ends {
            Some(self.timeout("the whole fetch", self.limits.deadline))
        } else {
            None
        }
    }

    fn timeout(&self, what: &'static str, after: Duration) -> GitError {
        GitError::Timeout { place: self.place.clone(), what, after }
    }

    fn exceeded(&self, limit: Limit, allowed: u64) -> GitError {
        GitError::LimitExceeded { place: self.place.clone(), limit, allowed }
    }

    /// Waits on the network, within all limits of time.
    fn wait<T, E: Into<GitError>>(&self, future: impl Future<Output = Result<T, E>>) -> Result<T, GitError> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(GitError::Cancelled { place: self.place.clone() }),
                () = sleep_until(self.ends) => Err(self.timeout("the whole fetch", self.limits.deadline)),
                result = future => result.map_err(Into::into),
                () = sleep(self.limits.idle) => Err(self.timeout("the host was silent", self.limits.idle)),
            }
        })
    }

    /// The host's branches and tags, asked for as cheaply as it can tell.
    pub(crate) fn list_refs(&self) -> Result<Listing, GitError> {
        let bytes = self.get_advertisement(true)?;
        match protocol::advertisement(&bytes).map_err(|fault| self.faulty(fault))? {
            Advertisement::V0(listing) => Ok(listing),
            Advertisement::V2 => {
                let response = self.post(protocol::ls_refs_request(), true)?;
                let answer = self.read_refs(response)?;
                protocol::ls_refs(&answer).map_err(|fault| self.faulty(fault))
            }
        }
    }

    /// The advertisement of version 0, the one that libgit2 reads.
    pub(crate) fn advertisement_v0(&self) -> Result<Bytes, GitError> {
        let bytes = self.get_advertisement(false)?;
        match protocol::advertisement(&bytes).map_err(|fault| self.faulty(fault))? {
            Advertisement::V0(listing) => self.state().listing = Some(listing),
            Advertisement::V2 => {
                return Err(self.faulty(Fault::Malformed("version 2, which was not asked for")));
            }
        }
        Ok(bytes)
    }

    /// Where the advertisement came from, if that is another repository's
    /// address than the one that was asked for. Hosts add `.git` at will.
    pub(crate) fn moved_to(&self) -> Option<String> {
        let plain = |url: &Url| {
            let text = RedactedUrl::from(url).to_string();
            text.strip_suffix(".git").unwrap_or(&text).to_owned()
        };
        let base = self.state().base.clone()?;
        (plain(&base) != plain(&self.url)).then(|| RedactedUrl::from(&base).to_string())
    }

    fn get_advertisement(&self, version2: bool) -> Result<Bytes, GitError> {
        let mut url = below(&self.url, "info/refs");
        url.set_query(Some("service=git-upload-pack"));
        let mut headers = self.headers(version2);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let response = self.wait(self.client.get(&url, headers))?;
        self.check(&response, ADVERTISEMENT_TYPE)?;
        self.state().base = base_of(response.url());
        self.read_refs(response)
    }

    fn read_refs(&self, response: Response) -> Result<Bytes, GitError> {
        let max_bytes = self.limits.max_refs_bytes;
        let mut body = self.body(response, max_bytes);
        let mut bytes = Vec::new();
        while let Some(piece) = self.wait(body.chunk()).map_err(|error| self.sized(error, Limit::RefsBytes))? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.into())
    }

    /// Asks for objects.
    pub(crate) fn upload_pack(&self, request: Vec<u8>) -> Result<BodyReader, GitError> {
        let response = self.post(request, false)?;
        Ok(self.body(response, self.limits.max_pack_bytes))
    }

    /// The next piece of an answer.
    pub(crate) fn piece(&self, body: &mut BodyReader) -> Result<Option<Bytes>, GitError> {
        self.wait(body.chunk()).map_err(|error| self.sized(error, Limit::PackBytes))
    }

    fn body(&self, response: Response, max_bytes: u64) -> BodyReader {
        // `BodyReader` looks at the runtime's clock.
        let _guard = self.runtime.enter();
        BodyReader::new(response, BodyLimits { max_bytes, deadline: self.limits.deadline })
    }

    fn post(&self, body: Vec<u8>, version2: bool) -> Result<Response, GitError> {
        let base = self.state().base.clone().unwrap_or_else(|| self.url.clone());
        let url = below(&base, "git-upload-pack");
        let mut headers = self.headers(version2);
        headers.insert(ACCEPT, HeaderValue::from_static(RESULT_TYPE));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(REQUEST_TYPE));
        let response = self.wait(self.client.post(&url, headers, body.into()))?;
        self.check(&response, RESULT_TYPE)?;
        Ok(response)
    }

    fn headers(&self, version2: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if version2 {
            headers.insert("git-protocol", HeaderValue::from_static("version=2"));
        }
        if let Some(value) = &self.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        headers
    }

    /// Checks an answer's status and content type.
    fn check(&self, response: &Response, content_type: &str) -> Result<(), GitError> {
        let place = self.place.clone();
        let status = response.status().as_u16();
        match status {
            200 => {}
            401 if self.authorization.is_none() => {
                return Err(GitError::AuthenticationNeeded { place });
            }
            403 if self.authorization.is_none() => return Err(GitError::Forbidden { place }),
            401 | 403 => return Err(GitError::AuthenticationFailed { place, status }),
            404 | 410 => return Err(GitError::NotFound { place }),
            _ => return Err(GitError::Unavailable { place, status }),
        }
        let found = response.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if found == content_type.as_bytes() {
            return Ok(());
        }
        let found = match protocol::said(&found[..found.len().min(80)]) {
            text if text.is_empty() => "the answer has no content type".to_owned(),
            // The dumb protocol serves info/refs as a plain file.
            text if text.starts_with("text/plain") => {
                "the answer is text/plain, as a host without git's smart protocol gives it".to_owned()
            }
            text => format!("the answer is {text}"),
        };
        Err(GitError::NotGit { place, found })
    }

    fn faulty(&self, fault: Fault) -> GitError {
        let place = self.place.clone();
        match fault {
            Fault::Malformed(reason) => GitError::Protocol { place, reason: reason.to_owned() },
            Fault::Shallow => GitError::Shallow { place },
            Fault::Sha256 => GitError::Unsupported { place, what: "has SHA-256 object names" },
            Fault::Said(message) => GitError::Remote { place, message },
        }
    }

    /// What the gate stopped.
    pub(crate) fn stopped(&self, stop: Stop) -> GitError {
        match stop {
            Stop::Limit(limit, allowed) => self.exceeded(limit, allowed),
            Stop::Malformed(reason) => self.faulty(Fault::Malformed(reason)),
            Stop::Said(message) => self.faulty(Fault::Said(message)),
        }
    }

    /// Says of a body that is too large which limit it broke.
    fn sized(&self, error: GitError, limit: Limit) -> GitError {
        match error {
            GitError::Net(NetError::TooLarge { limit: allowed, .. }) => self.exceeded(limit, allowed),
            error => error,
        }
    }
}

/// The address `<url>/<path>`.
fn below(url: &Url, path: &str) -> Url {
    let mut below = url.clone();
    below.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
    below
}

/// The repository's own address, from where its advertisement came.
fn base_of(url: &Url) -> Option<Url> {
    let path = url.path().strip_suffix("/info/refs")?.to_owned();
    let mut base = url.clone();
    base.set_path(&path);
    base.set_query(None);
    Some(base)
}
