//! `POST /admin/query`.

use super::Shared;
use super::body::{flag, required};
use super::caller::{Asked, Caller};
use super::error::ApiError;
use super::rules::Rules;
use crate::{Query, Store as _};
use axum::Json;
use axum::extract::State;
use serde_json::Value;

/// The object tree of a query.
pub(super) async fn query(State(api): State<Shared>, asked: Asked) -> Result<Json<Value>, ApiError> {
    let query = parsed(&api, &asked).await?;
    Ok(Json(api.store.answer(&query).await?.tree.into()))
}

/// The query of a request, which the caller may make.
pub(super) async fn parsed(api: &Shared, asked: &Asked) -> Result<Query, ApiError> {
    let query = required(&asked.body, "query", |query| query.is_object().then_some(query))?;
    let app = api.store.app();
    app.check_readable()?;
    let query = Query::from_json(query, flag(&asked.body, "inference?"))?;
    if asked.caller != Caller::Admin {
        query.check_for_user()?;
        Rules(app.rules.as_ref()).check_query(&api.store.attrs().await?, &query)?;
    }
    Ok(query)
}
