//! Users and their refresh tokens, as far as admins make and use them.
//!
//! Of a token its hash is kept, in the store's local table, with the user, the
//! number of sign-outs that the user had, and when the user was created: a
//! sign-out ends all older tokens, and so does a deletion, also if the same id
//! comes again.

use super::Shared;
use super::body::{self, required, uuid};
use super::caller::{AdminAsked, AdminOnly, Caller};
use super::error::ApiError;
use crate::{Answer, Query, Store as _, Transaction};
use axum::Json;
use axum::body::Body;
use axum::extract::{Query as Parameters, State};
use axum::http::HeaderMap;
use model::{Digest, EntityId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use time::OffsetDateTime;
use time::macros::format_description;

/// Scopes of the local table.
const TOKENS: &str = "instant-refresh-token";
const SIGN_OUTS: &str = "instant-sign-out";

/// A `$users` entity.
pub(super) struct User {
    pub(super) id: EntityId,
    /// In milliseconds since 1970; no two entities of one id share it.
    created: i64,
    fields: Map<String, Value>,
}

impl User {
    /// The user as the API tells of it.
    fn to_json(&self, app: EntityId) -> Value {
        let mut user = self.fields.clone();
        user.insert("app_id".to_owned(), json!(app));
        user.entry("email").or_insert(Value::Null);
        let guest = user.entry("type").or_insert(Value::Null) == "guest";
        user.insert("isGuest".to_owned(), guest.into());
        user.into()
    }
}

/// The user with this e-mail address.
pub(super) async fn by_email(api: &Shared, email: &str) -> Result<Option<User>, ApiError> {
    find(api, json!({ "email": email.trim().to_lowercase() })).await
}

async fn by_id(api: &Shared, id: EntityId) -> Result<Option<User>, ApiError> {
    find(api, json!({ "id": id })).await
}

async fn find(api: &Shared, filter: Value) -> Result<Option<User>, ApiError> {
    let query = Query::from_json(&json!({ "$users": { "$": { "where": filter, "limit": 1 } } }), false)?;
    let Answer { mut tree, meta, .. } = api.store.answer(&query).await?;
    let found = match tree.remove("$users") {
        Some(Value::Array(users)) => users.into_iter().next(),
        _ => None,
    };
    let Some(Value::Object(mut fields)) = found else {
        return Ok(None);
    };
    // The one place that tells when an entity was created is its cursor.
    let created = meta["page-info"]["$users"]["start-cursor"][3].as_i64().unwrap_or_default();
    fields.insert("created_at".to_owned(), date_time(created).into());
    let id = fields.get("id").and_then(Value::as_str).and_then(uuid);
    Ok(id.map(|id| User { id, created, fields }))
}

/// A point in time as InstantDB tells it of its own rows, from milliseconds since 1970.
fn date_time(millis: i64) -> Option<String> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    OffsetDateTime::from_unix_timestamp(millis.div_euclid(1_000)).ok()?.format(format).ok()
}

/// The user whose refresh token this is.
pub(super) async fn of_token(api: &Shared, token: EntityId) -> Result<Option<EntityId>, ApiError> {
    let local = api.store.local();
    let kept = local.get(TOKENS, &hash(token)).await?.and_then(|kept| serde_json::from_slice(&kept).ok());
    let Some(Kept { user, sign_outs, created }) = kept else {
        return Ok(None);
    };
    if sign_outs != sign_outs_of(api, user).await? {
        return Ok(None);
    }
    let found = by_id(api, user).await?;
    Ok(found.filter(|user| created.is_none_or(|created| created == user.created)).map(|user| user.id))
}

/// What is kept of a token.
#[derive(Serialize, Deserialize)]
struct Kept {
    user: EntityId,
    sign_outs: u64,
    /// When the user was created; tokens of former versions do not say.
    #[serde(default)]
    created: Option<i64>,
}

fn hash(token: EntityId) -> String {
    Digest::of(token.as_bytes()).to_string()
}

async fn sign_outs_of(api: &Shared, user: EntityId) -> Result<u64, ApiError> {
    let kept = api.store.local().get(SIGN_OUTS, &user.to_string()).await?;
    Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()).unwrap_or_default())
}

async fn issue(api: &Shared, user: &User) -> Result<EntityId, ApiError> {
    let token = EntityId::random();
    let (sign_outs, created) = (sign_outs_of(api, user.id).await?, Some(user.created));
    let kept = serde_json::to_vec(&Kept { user: user.id, sign_outs, created }).expect("ids and numbers serialise");
    api.store.local().put(TOKENS, &hash(token), &kept, None).await?;
    Ok(token)
}

/// `POST /admin/refresh_tokens`: a token for a user, who is made if there is none.
pub(super) async fn create_token(
    State(api): State<Shared>,
    AdminAsked(asked): AdminAsked,
) -> Result<Json<Value>, ApiError> {
    let app = api.store.app();
    app.check_writable()?;
    let id = optional(&asked, "id", |id| id.as_str().and_then(uuid))?;
    let email = optional(&asked, "email", address)?;
    let existing = match (&email, id) {
        (Some(email), _) => by_email(&api, email).await?,
        (None, Some(id)) => by_id(&api, id).await?,
        (None, None) => return Err(ApiError::invalid("body", &asked, "Please provide an `email` or `id`")),
    };
    let created = existing.is_none();
    let user = match existing {
        Some(user) => user,
        None => match (create(&api, id.unwrap_or_else(EntityId::random), email.clone(), &asked).await, email) {
            (Ok(user), _) => user,
            // Someone else made the user meanwhile, if there is one now.
            (Err(error), Some(email)) => by_email(&api, &email).await?.ok_or(error)?,
            (Err(error), None) => return Err(error),
        },
    };
    let token = issue(&api, &user).await?;
    let mut json = user.to_json(app.id);
    json["refresh_token"] = json!(token);
    Ok(Json(json!({ "user": json, "created": created })))
}

async fn create(api: &Shared, id: EntityId, email: Option<String>, asked: &Value) -> Result<User, ApiError> {
    let mut fields = asked.get("extra-fields").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(email) = email {
        fields.insert("email".to_owned(), email.into());
    }
    let mut transaction = Transaction::from_json(&json!([["create", "$users", id, fields]]))?;
    transaction.throw_on_missing_attrs = true;
    api.store.transact(transaction).await?;
    by_id(api, id).await?.ok_or_else(|| unknown(id))
}

fn unknown(id: EntityId) -> ApiError {
    ApiError::not_found("app-user", &json!({ "id": id }))
}

/// `POST /admin/sign_out`: a user's tokens are worth nothing from then on.
pub(super) async fn sign_out(
    State(api): State<Shared>,
    AdminAsked(asked): AdminAsked,
) -> Result<Json<Value>, ApiError> {
    let text = |value: &Value| value.as_str().and_then(uuid);
    let user = if let Some(id) = optional(&asked, "id", text)? {
        Some(id)
    } else if let Some(email) = optional(&asked, "email", address)? {
        let user = by_email(&api, &email).await?;
        Some(user.ok_or_else(|| ApiError::not_found("app-user", &json!({ "email": email })))?.id)
    } else if let Some(token) = optional(&asked, "refresh_token", text)? {
        api.store.local().delete(TOKENS, &hash(token)).await?;
        None
    } else {
        return Err(ApiError::invalid("body", &asked, "Please provide an `id`, `email`, or `refresh_token`"));
    };
    if let Some(user) = user {
        let next = (sign_outs_of(&api, user).await? + 1).to_string();
        api.store.local().put(SIGN_OUTS, &user.to_string(), next.as_bytes(), None).await?;
    }
    Ok(Json(json!({ "ok": true })))
}

/// `GET /admin/users`: the user, or null.
pub(super) async fn get(
    State(api): State<Shared>,
    _admin: AdminOnly,
    Parameters(named): Parameters<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    let user = named_user(&api, &named).await?;
    Ok(Json(json!({ "user": user.map(|user| user.to_json(api.store.app().id)) })))
}

/// `DELETE /admin/users`: the user that was, or null.
pub(super) async fn delete(
    State(api): State<Shared>,
    _admin: AdminOnly,
    Parameters(named): Parameters<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    api.store.app().check_writable()?;
    let Some(user) = named_user(&api, &named).await? else {
        return Ok(Json(json!({ "deleted": null })));
    };
    api.store.transact(Transaction::from_json(&json!([["delete", "$users", user.id]]))?).await?;
    Ok(Json(json!({ "deleted": user.to_json(api.store.app().id) })))
}

async fn named_user(api: &Shared, named: &HashMap<String, String>) -> Result<Option<User>, ApiError> {
    let id = |name: &'static str| match named.get(name) {
        None => Ok(None),
        Some(text) => uuid(text).map(Some).ok_or_else(|| ApiError::malformed(&["params", name], &text.as_str().into())),
    };
    if let Some(email) = named.get("email") {
        return by_email(api, email).await;
    }
    if let Some(token) = id("refresh_token")? {
        return match of_token(api, token).await? {
            Some(user) => by_id(api, user).await,
            None => Ok(None),
        };
    }
    match id("id")? {
        Some(id) => by_id(api, id).await,
        None => Err(ApiError::invalid("params", &json!(named), "Please provide a user id, email, or refresh_token")),
    }
}

/// `POST /runtime/auth/verify_refresh_token`: whose token this is. Takes no other authorisation.
pub(super) async fn verify_token(
    State(api): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let asked = body::json(&Caller::Guest, &headers, body).await?;
    let text = |value: &Value| value.as_str().and_then(uuid);
    let app_id = required(&asked, "app-id", text)?;
    let token = required(&asked, "refresh-token", text)?;
    let user = if app_id == api.store.app().id { of_token(&api, token).await? } else { None };
    let unknown = || ApiError::not_found("app-user", &json!({ "app-id": app_id, "refresh-token": token }));
    let user = by_id(&api, user.ok_or_else(unknown)?).await?.ok_or_else(unknown)?;
    let mut json = user.to_json(app_id);
    json["refresh_token"] = json!(token);
    Ok(Json(json!({ "user": json })))
}

/// A parameter of the body that may be left out.
fn optional<T>(asked: &Value, name: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, ApiError> {
    match asked.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => Ok(None),
        Some(_) => required(asked, name, read).map(Some),
    }
}

/// An e-mail address, in lower case.
fn address(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    (!name.is_empty() && !host.is_empty()).then_some(text)
}
