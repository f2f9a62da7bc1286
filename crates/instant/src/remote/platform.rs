//! Schema and rules: what the app's own admin token may do of the routes for
//! dashboards and tools (`specs/instantdb-admin-api.md` 3.2, 4).

use super::backoff::Backoff;
use super::http::{Call, Http};
use crate::{AppAttr, InstantError};
use model::EntityId;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the server may work on attributes that are not empty.
const JOBS: Duration = Duration::from_mins(10);

impl Http {
    fn app(&self, base: &str, rest: &str) -> String {
        format!("/{base}/apps/{}/{rest}", self.settings.app_id)
    }

    pub(super) async fn attrs(self: &Arc<Self>) -> Result<Vec<AppAttr>, InstantError> {
        let mut answer = self.call(&Call::get(self.app("dash", "schema/pull"))).await?;
        let attrs = answer.get_mut("attrs").map(Value::take).unwrap_or_default();
        serde_json::from_value(attrs).map_err(|error| InstantError::NotInstant {
            what: format!("the attributes of the app do not read: {error}"),
        })
    }

    /// A push of what is there already changes nothing, so it may be repeated.
    pub(super) async fn push_schema(self: &Arc<Self>, schema: &Value) -> Result<(), InstantError> {
        let body = json!({ "schema": schema, "check_types": true, "supports_background_updates": true });
        let answer = self.call(&Call::post(self.app("superadmin", "schema/push/apply"), &body, true)).await?;
        match answer.pointer("/indexing-jobs/group-id").and_then(Value::as_str) {
            Some(group) => self.wait_for_jobs(group).await,
            None => Ok(()),
        }
    }

    /// Flags of attributes that have values change in the background.
    async fn wait_for_jobs(self: &Arc<Self>, group: &str) -> Result<(), InstantError> {
        let group: EntityId = group
            .parse()
            .map_err(|_| InstantError::NotInstant { what: "the group of indexing jobs has no id".to_owned() })?;
        let call = Call::get(self.app("dash", &format!("indexing-jobs/group/{group}")));
        let until = Instant::now() + JOBS;
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));
        loop {
            let answer = self.call(&call).await?;
            let jobs = answer.get("jobs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let text = |job: &Value, key: &str| job.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(job) = jobs.iter().find(|job| job["job_status"] == "errored") {
                let (kind, attr, error) = (text(job, "job_type"), text(job, "attr_name"), text(job, "error"));
                return Err(InstantError::invalid("schema", format!("{kind} of {attr} failed: {error}")));
            }
            if jobs.iter().all(|job| job["job_status"] == "completed") {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(InstantError::Unavailable {
                    what: "InstantDB is still at work on the schema; look again later".to_owned(),
                    source: None,
                });
            }
            sleep(backoff.wait()).await;
        }
    }

    pub(super) async fn rules(self: &Arc<Self>) -> Result<Option<Value>, InstantError> {
        let mut answer = self.call(&Call::get(self.app("superadmin", "perms"))).await?;
        // Whoever takes another answer for an app without rules would write over what it has.
        match answer.get_mut("perms").map(Value::take) {
            Some(Value::Null) => Ok(None),
            Some(rules @ Value::Object(_)) => Ok(Some(rules)),
            Some(_) | None => {
                Err(InstantError::NotInstant { what: "the permission rules of the app do not read".to_owned() })
            }
        }
    }

    pub(super) async fn replace_rules(self: &Arc<Self>, code: &Value) -> Result<(), InstantError> {
        let call = Call::post(self.app("superadmin", "perms"), &json!({ "code": code }), true);
        self.call(&call).await?;
        Ok(())
    }
}
