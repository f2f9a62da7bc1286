//! Files: uploads, deletions, lists and addresses (`specs/instantdb-admin-api.md` 7).

mod upload_urls;

pub(super) use upload_urls::UploadUrls;

use super::Shared;
use super::body::{required, text};
use super::caller::{AdminAsked, AdminOnly, Asked, Caller};
use super::error::ApiError;
use super::rules::Rules;
use crate::{App, FileMeta, InstantError, Query, Store as _, StoredFile, Transaction};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, StatusCode};
use futures::StreamExt as _;
use model::EntityId;
use serde_json::{Value, json};
use std::collections::HashMap;

/// `PUT /admin/storage/upload`: the raw body is the file, the header `path` its place.
pub(super) async fn upload(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let path = header(&headers, "path").ok_or_else(|| ApiError::missing(&["path"]))?;
    may(&api.store.app(), &caller, "create")?;
    let meta = FileMeta {
        path,
        content_type: content_type(&headers),
        content_disposition: header(&headers, "content-disposition"),
    };
    let stored = receive(&api, meta, &headers, body).await?;
    Ok(Json(json!({ "data": told(stored) })))
}

/// Takes in a body piece by piece.
async fn receive(api: &Shared, meta: FileMeta, headers: &HeaderMap, body: Body) -> Result<StoredFile, ApiError> {
    let limit = api.max_upload;
    let too_large = || {
        let message = format!("The file is over {limit} bytes, the most that this store takes in one upload.");
        ApiError::new("validation-failed", message, &json!({ "max-size": limit }))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    };
    let announced = header(headers, "content-length").and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut intake = api.store.intake().await?;
    let mut body = body.into_data_stream();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| {
            ApiError::new("connection-closed", "The upload ended before the file was whole.", &json!({}))
        })?;
        if intake.size() + bytes.len() as u64 > limit {
            return Err(too_large());
        }
        intake = intake.push(bytes).await?;
    }
    Ok(intake.finish(meta).await?)
}

fn told(stored: StoredFile) -> Value {
    json!({ "id": stored.id, "location-id": stored.location, "size": stored.size })
}

/// A header that is not blank. Node sends Latin-1, so that more than ASCII may come.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    let latin = || value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
    let text = String::from_utf8(value.as_bytes().to_vec()).unwrap_or_else(|_| latin());
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    // What the SDK sends for a type that its caller left open.
    header(headers, "content-type").filter(|text| text != "null" && text != "undefined")
}

/// Whether files may be changed, and by this caller.
fn may(app: &App, caller: &Caller, action: &str) -> Result<(), ApiError> {
    app.check_writable()?;
    if *caller == Caller::Admin || Rules(app.rules.as_ref()).allow("$files", action) {
        return Ok(());
    }
    Err(InstantError::permission_denied("has-storage-permission?", &json!(["$files", action])).into())
}

/// `DELETE /admin/storage/files?filename=`
pub(super) async fn delete(
    State(api): State<Shared>,
    caller: Caller,
    Parameters(named): Parameters<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    let path = filename(&named)?;
    may(&api.store.app(), &caller, "delete")?;
    let ids = remove(&api, vec![path]).await?;
    Ok(Json(json!({ "data": { "id": ids.first() } })))
}

/// `POST /admin/storage/files/delete`
pub(super) async fn delete_many(State(api): State<Shared>, asked: Asked) -> Result<Json<Value>, ApiError> {
    let paths = required(&asked.body, "filenames", |names| {
        names.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    })?;
    may(&api.store.app(), &asked.caller, "delete")?;
    Ok(Json(json!({ "data": { "ids": remove(&api, paths).await? } })))
}

/// Deletes files by path; answers the ids of those that were there.
async fn remove(api: &Shared, paths: Vec<String>) -> Result<Vec<Value>, ApiError> {
    let files = files(api, json!({ "where": { "path": { "$in": paths } } })).await?;
    let ids: Vec<Value> = files.into_iter().filter_map(|file| file.get("id").cloned()).collect();
    if !ids.is_empty() {
        let steps: Value = ids.iter().map(|id| json!(["delete", "$files", id])).collect();
        api.store.transact(Transaction::from_json(&steps)?).await?;
    }
    Ok(ids)
}

/// `$files` entities.
async fn files(api: &Shared, options: Value) -> Result<Vec<Value>, ApiError> {
    let query = Query::from_json(&json!({ "$files": { "$": options } }), false)?;
    Ok(match api.store.query(&query).await?.remove("$files") {
        Some(Value::Array(files)) => files,
        _ => Vec::new(),
    })
}

/// `GET /admin/storage/files`
pub(super) async fn list(State(api): State<Shared>, _admin: AdminOnly) -> Result<Json<Value>, ApiError> {
    let app = api.store.app();
    app.check_readable()?;
    let listed = files(&api, json!({})).await?.into_iter().map(|file| {
        let location = file["location-id"].as_str().unwrap_or_default();
        let key = format!("{}/{}/{location}", app.id, bin(location));
        json!({ "key": key, "name": file["path"], "size": file["size"], "etag": null, "last_modified": null })
    });
    Ok(Json(json!({ "data": listed.collect::<Vec<_>>() })))
}

/// The part of an object's key by which InstantDB spreads files in S3: Java's
/// hash of the location, in tens.
fn bin(location: &str) -> u32 {
    let hash = location.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    hash.unsigned_abs() % 10
}

/// `GET /admin/storage/signed-download-url?filename=`: null where there is no such file.
pub(super) async fn download_url(
    State(api): State<Shared>,
    _admin: AdminOnly,
    Parameters(named): Parameters<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    api.store.app().check_readable()?;
    let found = files(&api, json!({ "where": { "path": filename(&named)? } })).await?;
    Ok(Json(json!({ "data": found.first().and_then(|file| file.get("url")) })))
}

fn filename(named: &HashMap<String, String>) -> Result<String, ApiError> {
    let name = named.get("filename").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.ok_or_else(|| ApiError::missing(&["params", "filename"]))
}

/// `POST /admin/storage/signed-upload-url`
pub(super) async fn upload_url(
    State(api): State<Shared>,
    AdminAsked(asked): AdminAsked,
) -> Result<Json<Value>, ApiError> {
    api.store.app().check_writable()?;
    let path = required(&asked, "filename", text)?;
    Ok(Json(json!({ "data": api.upload_urls.issue(path) })))
}

/// `PUT /storage/:id/consume-upload-url`: the address is the permission, once.
pub(super) async fn consume_upload_url(
    State(api): State<Shared>,
    Path(upload): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    api.store.app().check_writable()?;
    let path = super::body::uuid(&upload).and_then(|id: EntityId| api.upload_urls.take(id));
    let path = path
        .ok_or_else(|| ApiError::invalid("app-upload-url", &json!(upload), "The upload URL is expired or invalid."))?;
    let meta = FileMeta { path, content_type: content_type(&headers), content_disposition: None };
    let stored = receive(&api, meta, &headers, body).await?;
    Ok(Json(json!({ "data": told(stored) })))
}
