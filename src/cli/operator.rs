//! What a command works with that has the data folder to itself.

use super::{CliError, store};
use crate::{
    auth::{Access, Admin, LoginLinks},
    config::Config,
    data::DataFolder,
    service::{RegistryService, ServiceError},
    tenants::{Tenant, Tenants},
};
use instant::{Db, Embedded, Local};
use model::OrganisationId;
use std::sync::Arc;

/// Everything that a process needs which has the data folder to itself.
#[derive(Clone)]
pub(super) struct Operator {
    pub(super) service: RegistryService,
    pub(super) links: LoginLinks,
    pub(super) access: Access<Admin>,
    /// What belongs to this installation, whatever the store is.
    pub(super) local: Local,
    /// The store, where it is the embedded one.
    pub(super) embedded: Option<Embedded>,
}

impl Operator {
    /// Opens the store and brings back what is served.
    pub(super) async fn open(config: Arc<Config>, data: DataFolder, origin: &str) -> Result<Self, CliError> {
        let local = Local::open(data.root()).await?;
        let strangers = net::TenantClient::new(config.allow_hosts.value.clone())?;
        let (db, embedded, data): (Db, _, _) = if let Some(settings) = config.instant.remote() {
            let data = data.of_app(settings.app_id);
            (store::remote(settings, strangers.clone()).await?, None, data)
        } else {
            let embedded = Embedded::open(data.root()).await?;
            store::refuse_unfinished(&embedded).await?;
            (Arc::new(embedded.clone()), Some(embedded), data)
        };
        let organisation = OrganisationId::local();
        let tenant = Tenant::new(organisation.clone(), db, local.clone(), data);
        let service = RegistryService::new(Tenants::local(tenant), config, strangers, origin);
        let access = Access::operator(organisation);
        service.start(&access).await?;
        Ok(Self { links: LoginLinks::new(local.clone()), service, access, local, embedded })
    }

    /// The store.
    pub(super) fn store(&self) -> Result<Db, ServiceError> {
        let tenants = self.service.tenants();
        let tenant = tenants.get(tenants.default_organisation()).ok_or(ServiceError::NoOrganisation)?;
        Ok(tenant.db.clone())
    }

    /// The embedded store, for what is done with nothing else.
    pub(super) fn embedded(&self) -> Result<&Embedded, ServiceError> {
        self.embedded.as_ref().ok_or_else(|| {
            let app = self.service.config().instant.remote();
            let place = app.map_or_else(String::new, |app| format!(" app {} at {}", app.app_id, app.api_uri));
            ServiceError::Invalid(format!(
                "The data is in the InstantDB{place}, not in the embedded store. Do this where the embedded store is, or without instant-app-id."
            ))
        })
    }
}
