//! The store that is an app of an InstantDB elsewhere: in Instant Cloud,
//! self-hosted, or another installation's embedded store. A client of the admin
//! API (`specs/instantdb-admin-api.md` 2, 3, 7, 8).

mod backoff;
mod events;
mod files;
mod http;
mod live;
mod platform;
mod reach;
mod repeat;
mod settings;
#[cfg(test)]
mod tests;

pub use settings::{ApiUri, AppId, InvalidApiUri, InvalidAppId, Patience, RemoteSettings};

use crate::transaction::{MAX_STEPS, MAX_TRIPLES};
use crate::{AppAttr, Form, InstantError, Query, Reach, Step, Store, Transaction, Tree, TxId, Upload, Where};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Call, Http};
use model::EntityId;
use net::{NetError, OperatorClient, TenantClient};
use reach::Reaching;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// How many ids one query of [`Store::count`] asks for.
const COUNTED_AT_ONCE: u64 = 10_000;

/// A store with InstantDB's semantics, because it is one.
#[derive(Clone)]
pub struct Remote {
    http: Arc<Http>,
}

impl Remote {
    /// A client of this app. Nothing is asked of it yet. `strangers` fetches
    /// files whose signed addresses are not the API's own.
    pub fn new(settings: RemoteSettings, strangers: TenantClient) -> Result<Self, NetError> {
        Self::with_patience(settings, strangers, Patience::default())
    }

    /// The same with other limits of time.
    pub fn with_patience(
        settings: RemoteSettings,
        strangers: TenantClient,
        patience: Patience,
    ) -> Result<Self, NetError> {
        let client = OperatorClient::with_connect_timeout(patience.connect)?;
        Ok(Self { http: Arc::new(Http { client, strangers, settings, patience, reaching: Reaching::default() }) })
    }

    /// A client of an app whose address a tenant chose: it connects to nothing
    /// that `strangers` would not connect to.
    pub fn of_tenant(settings: RemoteSettings, strangers: TenantClient) -> Result<Self, NetError> {
        let patience = Patience::default();
        let client = strangers.for_api(settings.api_uri.as_url(), patience.connect)?;
        Ok(Self { http: Arc::new(Http { client, strangers, settings, patience, reaching: Reaching::default() }) })
    }

    /// Which app it is, and where.
    pub fn settings(&self) -> &RemoteSettings {
        &self.http.settings
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("settings", &self.http.settings).finish_non_exhaustive()
    }
}

/// The rows of a namespace in an answer. InstantDB answers each that is asked for,
/// with `[]` where it has nothing: what leaves one out is something else, and is not
/// taken for an app that is empty.
fn rows_in<'a>(answer: &'a Value, namespace: &str) -> Result<&'a [Value], InstantError> {
    let rows = answer.get(namespace).and_then(Value::as_array);
    rows.map(Vec::as_slice)
        .ok_or_else(|| InstantError::NotInstant { what: format!("a query was answered without a list of {namespace}") })
}

#[async_trait]
impl Store for Remote {
    async fn query(&self, query: &Query) -> Result<Tree, InstantError> {
        let answer = self.http.call(&Call::query(query)).await?;
        for (namespace, _) in &query.forms {
            rows_in(&answer, namespace)?;
        }
        match answer {
            Value::Object(tree) => Ok(tree),
            _ => Err(InstantError::NotInstant { what: "a query was answered without an object".to_owned() }),
        }
    }

    /// Counts ids. `/admin/query` has no aggregates; the stream of a
    /// subscription has, but costs the server a session for each number, is held
    /// back by proxies that buffer, and some servers do not have it. What is
    /// counted here are lists of some thousands at most: one query.
    async fn count(&self, etype: &str, filter: &Where) -> Result<u64, InstantError> {
        let mut counted = 0;
        loop {
            let form = Form {
                filter: filter.clone(),
                limit: Some(COUNTED_AT_ONCE),
                offset: (counted > 0).then_some(counted),
                fields: Some(vec!["id".to_owned()]),
                ..Form::default()
            };
            let tree = self.query(&Query::of(etype, form)).await?;
            let found = tree.get(etype).and_then(Value::as_array).map_or(0, Vec::len) as u64;
            counted += found;
            if found < COUNTED_AT_ONCE {
                return Ok(counted);
            }
        }
    }

    async fn transact(&self, transaction: Transaction) -> Result<TxId, InstantError> {
        let (steps, triples) = (transaction.len(), transaction.triples());
        if steps > MAX_STEPS || triples > MAX_TRIPLES {
            let message = format!(
                "a transaction of {steps} steps and {triples} triples is more than is sent at once ({MAX_STEPS} and {MAX_TRIPLES}); it was not sent"
            );
            return Err(InstantError::refused("parameter-limit-exceeded", message, Value::Null));
        }
        let body = json!({
            "steps": transaction.to_json(),
            "throw-on-missing-attrs?": transaction.throw_on_missing_attrs,
        });
        let repeatable = repeat::is_repeatable(&transaction);
        let answer = self.http.call(&Call::post("/admin/transact", &body, repeatable)).await?;
        let number = answer.get("tx-id").and_then(Value::as_u64);
        // It was carried out, or something else than InstantDB says so.
        number.map(TxId).ok_or_else(|| InstantError::NotInstant {
            what: "a transaction was answered without its number".to_owned(),
        })
    }

    async fn upload_all(&self, uploads: Vec<Upload>) -> Result<Vec<EntityId>, InstantError> {
        self.http.upload_all(uploads).await
    }

    async fn download_all(&self, paths: &[String]) -> Result<Vec<Option<Bytes>>, InstantError> {
        self.http.download_all(paths).await
    }

    fn live(&self, query: Query) -> watch::Receiver<Option<Arc<Tree>>> {
        self.http.live(query)
    }

    fn reach(&self) -> watch::Receiver<Reach> {
        self.http.watch_reach()
    }

    async fn attrs(&self) -> Result<Vec<AppAttr>, InstantError> {
        self.http.attrs().await
    }

    async fn push_schema(&self, schema: &Value) -> Result<(), InstantError> {
        self.http.push_schema(schema).await
    }

    async fn delete_attrs(&self, ids: &[EntityId]) -> Result<(), InstantError> {
        let steps: Vec<Step> = ids.iter().copied().map(Step::DeleteAttr).collect();
        for steps in steps.chunks(MAX_STEPS) {
            self.transact(Transaction { steps: steps.to_vec(), throw_on_missing_attrs: true }).await?;
        }
        Ok(())
    }

    async fn rules(&self) -> Result<Option<Value>, InstantError> {
        self.http.rules().await
    }

    async fn replace_rules(&self, code: &Value) -> Result<(), InstantError> {
        self.http.replace_rules(code).await
    }
}
