//! What a command works with that has the data folder to itself.

use super::CliError;
use crate::{
    auth::{Access, Admin, LoginLinks, SignIn},
    config::Config,
    data::DataFolder,
    service::{RegistryService, ServiceError},
    tenants::{Directory, Remembered, Tenant, Tenants, store},
};
use instant::{Db, Embedded, Local};
use model::OrganisationId;
use std::sync::Arc;

/// Everything that a process needs which has the data folder to itself.
#[derive(Clone)]
pub(super) struct Installation {
    pub(super) service: RegistryService,
    pub(super) links: LoginLinks,
    /// What belongs to this installation, whatever the store is.
    pub(super) local: Local,
    /// The store, where it is the embedded one.
    pub(super) embedded: Option<Embedded>,
    /// Who signs people in; nobody in local mode.
    pub(super) sign_in: Option<SignIn>,
}

/// Whether organisations are looked after once they are entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// As a server does.
    Long,
    /// As one command does.
    Short,
}

impl Installation {
    /// In local mode, opens the store and brings back what is served. With a
    /// sign-in provider organisations are opened when they are asked for.
    pub(super) async fn open(
        config: Arc<Config>,
        data: DataFolder,
        origin: &str,
        stay: Stay,
    ) -> Result<Self, CliError> {
        let local = Local::open(data.root()).await?;
        let links = LoginLinks::new(local.clone());
        let strangers = net::TenantClient::new(config.allow_hosts.value.clone())?;
        if let Some(clerk) = config.clerk.clone() {
            let sign_in = SignIn::new(clerk, net::OperatorClient::new()?);
            let clerk: Arc<dyn Directory> = Arc::new(sign_in.clerk().clone());
            // Only under a key from elsewhere: one in the same folder would hide nothing.
            let directory = match config.seal_key.value.clone() {
                Some(key) => Arc::new(Remembered::new(clerk, key, data.clone())),
                None => clerk,
            };
            let service = RegistryService::new(Tenants::default(), config, data, strangers, origin);
            let service = service.with_directory(directory).knowing_public();
            let service = if stay == Stay::Long { service.looking_after() } else { service };
            return Ok(Self { service, links, local, embedded: None, sign_in: Some(sign_in) });
        }
        let (db, embedded, data): (Db, _, _) = if let Some(settings) = config.instant.remote() {
            let data = data.of_app(settings.app_id);
            (store::remote(settings, strangers.clone()).await?, None, data)
        } else {
            let embedded = Embedded::open(data.root()).await?;
            store::refuse_unfinished(&embedded).await?;
            (Arc::new(embedded.clone()), Some(embedded), data)
        };
        let tenant = Tenant::new(OrganisationId::local(), db, local.clone(), data.clone());
        let service = RegistryService::new(Tenants::local(tenant), config, data, strangers, origin);
        for tenant in service.tenants().all() {
            service.begin(&tenant).await?;
        }
        Ok(Self { service, links, local, embedded, sign_in: None })
    }

    /// Whoever runs this program, in this organisation; in local mode there is one.
    pub(super) async fn operator(&self, organisation: Option<OrganisationId>) -> Result<Operator, CliError> {
        let organisation = match (organisation, &self.sign_in) {
            (None, None) => OrganisationId::local(),
            (Some(organisation), _) => organisation,
            (None, Some(_)) => {
                return Err(CliError::Refused(
                    "this registry serves several organisations; say which one is meant with --org <id>, such as --org org_2abc"
                        .to_owned(),
                ));
            }
        };
        let access = self.service.operate(&organisation).await?;
        Ok(Operator { installation: self.clone(), access })
    }
}

/// Whoever runs this program, in one organisation.
#[derive(Clone)]
pub(super) struct Operator {
    installation: Installation,
    pub(super) access: Access<Admin>,
}

impl std::ops::Deref for Operator {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.installation
    }
}

impl Operator {
    /// The store.
    pub(super) fn store(&self) -> Result<Db, ServiceError> {
        Ok(self.service.tenant(&self.access)?.db.clone())
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
