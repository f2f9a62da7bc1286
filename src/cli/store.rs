//! The store that is an app of an InstantDB elsewhere.

use super::CliError;
use crate::config::Config;
use instant::{AppAttr, Db, EntityDef, InstantError, Reach, Remote, RemoteSettings, rows, schema_json};
use net::TenantClient;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the first answer may take until the service starts without it.
const FIRST_ANSWER: Duration = Duration::from_secs(3);
/// Between two attempts at an app that answers, but not to the end.
const PAUSE: Duration = Duration::from_secs(1);

/// Opens the app. One that has not our entities yet gets them, also when it
/// can be reached only later.
pub(super) async fn remote(settings: RemoteSettings, strangers: TenantClient, config: &Config) -> Result<Db, CliError> {
    if config.seal_key.value.is_none() {
        tracing::warn!(
            "seal-key is not set: secrets of webhooks are sealed under a key in the data folder; other servers, and this one without that folder, cannot open them"
        );
    }
    let place = settings.api_uri.to_string();
    let db: Db = Arc::new(Remote::new(settings, strangers)?);
    let away = match timeout(FIRST_ANSWER, db.attrs()).await {
        Ok(Ok(attrs)) => {
            add_entities(&db, &attrs).await?;
            return Ok(db);
        }
        Ok(Err(error)) if !error.is_transient() => return Err(error.into()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it did not answer in time".to_owned(),
    };
    tracing::warn!(%place, why = %away, "InstantDB cannot be reached");
    tokio::spawn(add_entities_when_reached(db.clone()));
    Ok(db)
}

/// Adds our entities where the app lacks any of their parts.
async fn add_entities(db: &Db, attrs: &[AppAttr]) -> Result<(), InstantError> {
    let has =
        |namespace: &str, label: &str| attrs.iter().any(|attr| attr.namespace() == namespace && attr.label() == label);
    let is_there = |entity: &EntityDef| {
        let mut attrs = entity.attrs.iter().filter(|attr| !attr.system);
        attrs.all(|attr| has(entity.namespace, attr.label))
            && entity.links.iter().all(|link| has(link.forward.on, link.forward.label))
    };
    if rows::ENTITIES.iter().all(is_there) {
        return Ok(());
    }
    tracing::info!("the app gets the registry's entities");
    db.push_schema(&schema_json()).await
}

async fn add_entities_when_reached(db: Db) {
    let mut reach = db.reach();
    while reach.wait_for(|reach| *reach == Reach::Up).await.is_ok() {
        let added = match db.attrs().await {
            Ok(attrs) => add_entities(&db, &attrs).await,
            Err(error) => Err(error),
        };
        match added {
            Ok(()) => return,
            Err(error) if error.is_transient() => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                tracing::error!(%error, "the app lacks entities of the registry, and does not take them");
                return;
            }
        }
    }
}
