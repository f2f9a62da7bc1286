//! A component by its name, whether it is served now or was once.

use super::{RegistryService, ServiceError, reading::ReadingSettings, versions::component_id};
use crate::tenants::Tenant;
use instant::rows;
use model::{ComponentId, Digest, ItemName};

/// A component that is served, or was.
pub(super) struct Known {
    pub(super) id: ComponentId,
    /// The name under which it is served.
    pub(super) name: ItemName,
    /// Its name in its repository.
    pub(super) item: ItemName,
    pub(super) repository: rows::Repository,
    pub(super) settings: ReadingSettings,
    /// The version that is served now.
    pub(super) current: Option<Digest>,
}

impl RegistryService {
    /// The component with this name.
    pub(super) async fn known_component(&self, tenant: &Tenant, name: &str) -> Result<Known, ServiceError> {
        let catalog = tenant.catalog.load_full();
        let none = || {
            let hint = match catalog.did_you_mean(name) {
                Some(close) => format!("Did you mean {close:?}?"),
                None => "The list of components shows what there is.".to_owned(),
            };
            ServiceError::not_found("component", name, hint)
        };
        let name: ItemName = name.parse().map_err(|_| none())?;
        let served = catalog.get(name.as_str());
        let repository = match served {
            Some(entry) => tenant.db.get::<rows::Repository>(entry.repository).await?,
            None => self.repository_of_name(tenant, &name).await?,
        };
        let repository = repository.ok_or_else(none)?;
        let settings = ReadingSettings::of(&repository)?;
        let item = match &settings.namespace {
            Some(namespace) => name
                .as_str()
                .strip_prefix(namespace.as_str())
                .and_then(|rest| rest.strip_prefix('/'))
                .unwrap_or(name.as_str()),
            None => name.as_str(),
        };
        let item: ItemName = item.parse()?;
        let id = component_id(repository.id, &item);
        Ok(Known { id, item, repository, settings, current: served.map(|entry| entry.version), name })
    }
}
