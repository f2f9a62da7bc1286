//! Files: up through the API, down from where it says.

use super::{
    http::{Again, Call, Failure, Http, is_plain, send},
    rows_in,
};
use crate::{Clause, Condition, Form, InstantError, Query, Upload, Where};
use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use model::{Digest, EntityId};
use net::http::{HeaderMap, Method, Response, StatusCode};
use net::{BodyLimits, NetError, read_body};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How many files move at a time.
const AT_ONCE: usize = 16;

/// How many paths one query names.
const PATHS: usize = 100;

/// The largest file that is fetched.
const MAX_FILE: u64 = 256 << 20;

impl Http {
    /// Uploads files, and answers the ids of their rows in order.
    pub(super) async fn upload_all(self: &Arc<Self>, uploads: Vec<Upload>) -> Result<Vec<EntityId>, InstantError> {
        stream::iter(uploads).map(|upload| self.upload(upload)).buffered(AT_ONCE).try_collect().await
    }

    async fn upload(self: &Arc<Self>, upload: Upload) -> Result<EntityId, InstantError> {
        if is_plain(&upload.path) { self.put(&upload).await } else { self.put_aside(upload).await }
    }

    /// A path that no header can carry is given by a transaction. A file that is
    /// there already keeps its id, and with it what leads to it.
    async fn put_aside(self: &Arc<Self>, upload: Upload) -> Result<EntityId, InstantError> {
        let path = upload.path.clone();
        if path.is_empty() {
            return Err(InstantError::invalid("body", "a file has no path"));
        }
        let aside = format!("registry/aside/{}", Digest::of(path.as_bytes()));
        if let Some(id) = self.file_at(&path).await? {
            self.rename(id, &aside).await?;
        }
        let id = self.put(&Upload { path: aside, ..upload }).await?;
        self.rename(id, &path).await?;
        Ok(id)
    }

    async fn file_at(self: &Arc<Self>, path: &str) -> Result<Option<EntityId>, InstantError> {
        let answer = self.call(&looked_up(&[path.to_owned()], &["id"])).await?;
        Ok(rows_in(&answer, "$files")?.first().and_then(|row| row.get("id")?.as_str()?.parse().ok()))
    }

    async fn rename(self: &Arc<Self>, id: EntityId, path: &str) -> Result<(), InstantError> {
        let steps = json!([["update", "$files", id, { "path": path }, { "upsert": false }]]);
        let body = json!({ "steps": steps, "throw-on-missing-attrs?": true });
        self.call(&Call::post("/admin/transact", &body, true)).await?;
        Ok(())
    }

    async fn put(self: &Arc<Self>, upload: &Upload) -> Result<EntityId, InstantError> {
        let answer = self.call(&Call::upload(upload)?).await?;
        let id = answer.pointer("/data/id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        id.ok_or_else(|| InstantError::NotInstant {
            what: format!("the upload of {} was answered without an id", upload.path),
        })
    }

    /// The bytes of files, in the order of their paths.
    pub(super) async fn download_all(self: &Arc<Self>, paths: &[String]) -> Result<Vec<Option<Bytes>>, InstantError> {
        let addresses = self.addresses(paths).await?;
        let wanted: Vec<_> = paths.iter().map(|path| (path.clone(), addresses.get(path).cloned())).collect();
        let files = wanted.into_iter().map(|(path, address)| self.download(path, address));
        stream::iter(files).buffered(AT_ONCE).try_collect().await
    }

    /// Where the files with these paths can be fetched, for some days
    /// (`specs/instantdb-admin-api.md` 7).
    async fn addresses(self: &Arc<Self>, paths: &[String]) -> Result<HashMap<String, String>, InstantError> {
        let queries: Vec<Call> = paths.chunks(PATHS).map(addresses_of).collect();
        let answers = queries.into_iter().map(async |query| self.call(&query).await);
        let answers: Vec<Value> = stream::iter(answers).buffered(AT_ONCE).try_collect().await?;
        let lists = answers.iter().map(|answer| rows_in(answer, "$files")).collect::<Result<Vec<_>, _>>()?;
        let text = |row: &Value, key: &str| Some(row.get(key)?.as_str()?.to_owned());
        let addresses = lists.into_iter().flatten().filter_map(|row| Some((text(row, "path")?, text(row, "url")?)));
        Ok(addresses.collect())
    }

    /// The bytes of one file; `None` if it has no address, or vanished meanwhile.
    async fn download(self: &Arc<Self>, path: String, address: Option<String>) -> Result<Option<Bytes>, InstantError> {
        let Some(address) = address else { return Ok(None) };
        if let Some(bytes) = self.fetch(&path, &address).await? {
            return Ok(Some(bytes));
        }
        // It was removed or replaced since it was looked up, or the address is too old.
        let mut again = self.addresses(std::slice::from_ref(&path)).await?;
        let Some(address) = again.remove(&path) else { return Ok(None) };
        match self.fetch(&path, &address).await? {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(InstantError::Corrupt { what: format!("the file {path} has a row and no bytes") }),
        }
    }

    /// What lies at an address; `None` if nothing does.
    async fn fetch(self: &Arc<Self>, path: &str, address: &str) -> Result<Option<Bytes>, InstantError> {
        let url = Url::parse(address)
            .map_err(|_| InstantError::NotInstant { what: format!("the file {path} has no usable address") })?;
        self.trying(true, async || {
            let response = self.fetch_once(&url).await?;
            let status = response.status();
            match status.as_u16() {
                200 => {}
                403 | 404 | 410 => return Ok(None),
                429 | 502..=504 => return Err(no_file(&url, status, Again::Always(Duration::ZERO))),
                _ => return Err(no_file(&url, status, Again::Never)),
            }
            let limits = BodyLimits { max_bytes: MAX_FILE, deadline: self.patience.answer };
            match read_body(response, limits).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(NetError::TooLarge { limit, .. }) => {
                    let message = format!("the file {path} is over {limit} bytes, the most that is fetched of one");
                    Err(Failure::refused(InstantError::refused("file-too-large", message, Value::Null)))
                }
                Err(error) => Err(lost(&error)),
            }
        })
        .await
    }

    /// The address speaks for itself: no credentials go along.
    async fn fetch_once(&self, url: &Url) -> Result<Response, Failure> {
        if self.settings.api_uri.is_origin_of(url) {
            return send(self.client.request(Method::GET, url.clone()), url, self.patience.answer).await;
        }
        let get = self.strangers.get(url, HeaderMap::new());
        match tokio::time::timeout(self.patience.answer, get).await {
            Ok(response) => response.map_err(|error| lost(&error)),
            Err(_) => Err(lost(&NetError::Timeout { url: url.into(), limit: self.patience.answer })),
        }
    }
}

/// Asks for the addresses of these files.
fn addresses_of(paths: &[String]) -> Call {
    looked_up(paths, &["path", "url"])
}

/// Asks for these fields of the files with these paths.
fn looked_up(paths: &[String], fields: &[&str]) -> Call {
    let named = Condition::In(paths.iter().map(|path| Value::from(path.as_str())).collect());
    let form = Form {
        filter: Where { clauses: vec![Clause::Field(vec!["path".to_owned()], named)] },
        fields: Some(fields.iter().map(|field| (*field).to_owned()).collect()),
        ..Form::default()
    };
    Call::query(&Query::of("$files", form))
}

fn no_file(url: &Url, status: StatusCode, again: Again) -> Failure {
    let what = format!("{} answered {status}", net::RedactedUrl::from(url));
    Failure::unavailable(what, again, false)
}

/// Where files lie is not where InstantDB is: this says nothing about that.
fn lost(error: &NetError) -> Failure {
    let again = if error.is_transient() { Again::Always(Duration::ZERO) } else { Again::Never };
    let what = format!("a file of InstantDB cannot be fetched: {error}");
    match error {
        NetError::NotPublic { .. } | NetError::InvalidUrl { .. } | NetError::Redirect { .. } => {
            Failure::not_instant(what)
        }
        _ => Failure::unavailable(what, again, false),
    }
}
