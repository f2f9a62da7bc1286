//! The store that is an app of an InstantDB elsewhere.

use super::CliError;
use instant::{AppAttr, Db, Form, InstantError, Query, Reach, Remote, RemoteSettings, plan, rows};
use net::TenantClient;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the first answer may take until the service starts without it.
const FIRST_ANSWER: Duration = Duration::from_secs(2);
/// Between two attempts at an app that answers, but not to the end.
const PAUSE: Duration = Duration::from_secs(1);

/// Opens the app. One that has not our entities yet gets them, also when it
/// can be reached only later.
pub(super) async fn remote(settings: RemoteSettings, strangers: TenantClient) -> Result<Db, CliError> {
    let place = settings.api_uri.to_string();
    let db: Db = Arc::new(Remote::new(settings, strangers)?);
    let first = async { add_entities(&db, &db.attrs().await?).await };
    let away = match timeout(FIRST_ANSWER, first).await {
        Ok(Ok(())) => return Ok(db),
        Ok(Err(error)) if !is_passing(&error) => return Err(error),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it did not answer in time".to_owned(),
    };
    tracing::warn!(%place, why = %away, "InstantDB cannot be reached");
    tokio::spawn(add_entities_when_reached(db.clone()));
    Ok(db)
}

/// Whether it may be better another time, with nothing changed here. What is set
/// wrong, and a schema that is someone else's, are not.
fn is_passing(error: &CliError) -> bool {
    match error {
        CliError::Store(InstantError::Credentials { .. }) => false,
        CliError::Store(_) => true,
        _ => false,
    }
}

/// Adds what the app lacks of our entities; refused where more than adding would
/// be needed, for the app may be shared.
async fn add_entities(db: &Db, attrs: &[AppAttr]) -> Result<(), CliError> {
    let theirs: BTreeSet<String> = attrs.iter().map(|attr| attr.namespace().to_owned()).collect();
    if plan(attrs, rows::ENTITIES, &theirs).is_done() {
        return Ok(());
    }
    let mut occupied = BTreeSet::new();
    for namespace in theirs.into_iter().filter(|name| rows::ENTITIES.iter().any(|entity| entity.namespace == name)) {
        let form = Form { limit: Some(1), fields: Some(vec!["id".to_owned()]), ..Form::default() };
        let tree = db.query(&Query::of(&namespace, form)).await?;
        if tree.get(&namespace).and_then(Value::as_array).is_some_and(|rows| !rows.is_empty()) {
            occupied.insert(namespace);
        }
    }
    let plan = plan(attrs, rows::ENTITIES, &occupied);
    if !plan.only_adds() {
        return Err(CliError::Refused(format!(
            "the app's schema is not the registry's, and more than adding would be needed; look at it with `ekairos-registry schema plan`\n{plan}"
        )));
    }
    let Some(schema) = plan.schema() else { return Ok(()) };
    tracing::info!("the app gets the registry's entities");
    Ok(db.push_schema(&schema).await?)
}

async fn add_entities_when_reached(db: Db) {
    let mut reach = db.reach();
    while reach.wait_for(|reach| *reach == Reach::Up).await.is_ok() {
        let added = async { add_entities(&db, &db.attrs().await?).await };
        match added.await {
            Ok(()) => return,
            Err(error) if is_passing(&error) => {
                tracing::debug!(%error, "the app could not be looked at");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                tracing::error!(%error, "the app lacks entities of the registry, and does not take them");
                return;
            }
        }
    }
}
