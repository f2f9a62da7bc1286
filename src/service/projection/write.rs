//! Writing rows whose names others may have: names are unique among all rows,
//! and rows may be older than what is current.

use crate::{
    service::{ServiceError, projection::served_name, reading::ReadingSettings},
    tenants::Tenant,
};
use instant::{Action, Entity, EntityStep, InstantError, Step, Transaction, rows};
use model::{ItemName, RepositoryId};
use serde_json::Value;

/// Carries out a transaction on rows of a repository. Where another row has a
/// name, what is current decides whose it is.
pub(super) async fn write(
    tenant: &Tenant,
    repository: RepositoryId,
    transaction: Transaction,
) -> Result<(), ServiceError> {
    for mut chunk in transaction.into_chunks() {
        // Each turn settles one name, and no chunk has more than steps.
        for _ in 0..=chunk.len() {
            match tenant.db.transact(chunk.clone()).await {
                Ok(_) => break,
                Err(InstantError::NotUnique { etype, label, value, .. })
                    if etype == rows::Component::NAMESPACE && label == rows::Component::NAME.label() =>
                {
                    let name = value.as_str().unwrap_or_default();
                    if !make_free(tenant, repository, name).await? {
                        leave_out(&mut chunk, name);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Takes a name from a row that has it no more, by what is current. Whether it
/// is free now.
async fn make_free(tenant: &Tenant, repository: RepositoryId, name: &str) -> Result<bool, ServiceError> {
    let select = tenant.db.select::<rows::Component>().filter(rows::Component::NAME.eq(name.to_owned()));
    let Some(row) = select.one().await? else { return Ok(true) };
    if row.repository.is_some_and(|other| other != repository) && is_current(tenant, &row, name).await? {
        tracing::warn!(%name, "two repositories serve one name; the first keeps it");
        return Ok(false);
    }
    let mut transaction = Transaction::new();
    transaction.update_existing::<rows::Component>(row.id).clear(rows::Component::NAME);
    match tenant.db.transact(transaction).await {
        Ok(_) | Err(InstantError::Missing { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Whether the row's repository serves its item under this name.
async fn is_current(tenant: &Tenant, row: &rows::Component, name: &str) -> Result<bool, ServiceError> {
    let Some(repository) = row.repository else { return Ok(false) };
    let Some(owner) = tenant.db.get::<rows::Repository>(repository).await? else { return Ok(false) };
    let namespace = ReadingSettings::of(&owner)?.namespace;
    let heads = tenant.sequence.catch_up(tenant).await?;
    let is_it = |item: &ItemName| served_name(namespace.as_ref(), item).is_ok_and(|served| served.as_str() == name);
    Ok(heads.of(repository).is_some_and(|head| head.snapshot.list.0.iter().any(|listed| is_it(&listed.item))))
}

/// Leaves a name out of what is written.
fn leave_out(transaction: &mut Transaction, name: &str) {
    for step in &mut transaction.steps {
        if let Step::Entity(EntityStep { action: Action::Put(_, values), .. }) = step
            && let Some(value) = values.get_mut(rows::Component::NAME.label()).filter(|value| *value == name)
        {
            *value = Value::Null;
        }
    }
}
