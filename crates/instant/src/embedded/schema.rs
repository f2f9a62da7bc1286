//! The schema of the app: planned, pushed and shown (`specs/instantdb-admin-api.md` 4).
//!
//! All changes take effect at once, so that there never are indexing jobs. What
//! the data does not fit is refused with status 400, and nothing is changed: a
//! value that is there twice as `record-not-unique`, one of another type or too
//! large in the words of a transaction that writes it, and a missing one as
//! ``Can't update attribute `x` to required because `ns` already have entities
//! without it``.

pub(super) mod attrs;
mod definitions;
mod plan;
mod show;
mod steps;

pub use plan::PushOptions;
pub use show::RefKeys;

use super::Embedded;
use super::catalog::Catalog;
use crate::InstantError;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::sync::Arc;

/// Pushes definitions on a connection that is inside of a transaction.
pub(super) fn push(
    connection: &Connection,
    catalog: &mut Arc<Catalog>,
    definitions: &Value,
) -> Result<(), InstantError> {
    let options = PushOptions { check_types: true, background_updates: false };
    let plan = plan::plan(&catalog.attrs(), definitions, options)?;
    steps::apply(connection, catalog, &steps::parse(&plan["steps"])?)?;
    Ok(())
}

impl Embedded {
    /// The schema as InstantDB's schema routes show it: `{"refs", "blobs"}`,
    /// without what it hides (`specs/instantdb-admin-api.md` 4.3).
    pub fn schema(&self, keys: RefKeys) -> Value {
        show::schema(&self.shared.catalog().attrs(), keys)
    }

    /// What pushing these definitions would do: `{"new-schema", "current-schema", "current-attrs", "steps"}`.
    pub fn plan_schema(&self, definitions: &Value, options: PushOptions) -> Result<Value, InstantError> {
        plan::plan(&self.shared.catalog().attrs(), definitions, options)
    }

    /// Pushes definitions: adds what the app has not and changes flags, never
    /// removes anything. Answers the plan with `transaction`, `steps` and `indexing-jobs`.
    pub async fn apply_schema(&self, definitions: &Value, options: PushOptions) -> Result<Value, InstantError> {
        let definitions = definitions.clone();
        self.change_schema(move |attrs| plan::plan(attrs, &definitions, options)).await
    }

    /// Carries out steps as `instant-cli push` sends them; answers `{"transaction", "steps", "indexing-jobs"}`.
    pub async fn apply_schema_steps(&self, steps: &Value) -> Result<Value, InstantError> {
        let steps = steps.clone();
        self.change_schema(move |_| Ok(json!({ "steps": steps }))).await
    }

    /// Carries out the `steps` of what `plan` makes of the attributes as they are.
    async fn change_schema(
        &self,
        plan: impl FnOnce(&[crate::AppAttr]) -> Result<Value, InstantError> + Send + 'static,
    ) -> Result<Value, InstantError> {
        let shared = self.shared.clone();
        let (answer, tx) = self
            .shared
            .clone()
            .write(move |connection, catalog| {
                let app = shared.app();
                let mut answer = plan(&catalog.attrs())?;
                let steps = steps::parse(&answer["steps"])?;
                let mut done = None;
                if !steps.is_empty() {
                    app.check_writable()?;
                    done = Some(steps::apply(connection, catalog, &steps)?);
                }
                answer["transaction"] = done.as_ref().map_or_else(|| json!({}), |done| done.to_json(app.id));
                answer["indexing-jobs"] = Value::Null;
                Ok((answer, done.map(|done| done.tx)))
            })
            .await?;
        if let Some(tx) = tx {
            self.shared.announce(tx);
        }
        Ok(answer)
    }
}
