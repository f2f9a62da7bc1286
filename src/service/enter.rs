//! Entering an organisation: its store is found, opened, and looked after.

mod rejections;

pub(super) use rejections::Rejections;

use super::{RegistryService, ServiceError};
use crate::{
    auth::{Access, Admin},
    tenants::{Credentials, Tenant, store},
};
use instant::{Local, RemoteSettings};
use model::OrganisationId;
use std::{sync::Arc, time::Duration};

/// Why an organisation is not served.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// There is none of this name here, or not any more.
    #[error("There is no such organisation here, or it is not yours.")]
    NoOrganisation,
    /// It has no database yet.
    #[error(
        "The organisation {organisation} has no database yet: its private metadata has no instant.appId and instant.adminToken. An administrator of the organisation sets it up on the platform."
    )]
    NoCredentials {
        /// Which.
        organisation: OrganisationId,
    },
    /// Its database refuses what the platform has for it.
    #[error(
        "The organisation's database refuses the credentials that the platform has for it. An administrator of the organisation has to connect it again on the platform."
    )]
    Rejected {
        /// What the database said. For the log.
        why: String,
    },
    /// Its database holds something that is not ours.
    #[error("The organisation's database cannot hold a registry: {0}.")]
    Unfit(#[source] Arc<store::OpenError>),
    /// The identity provider does not answer, and nothing is known from before.
    #[error(
        "The sign-in provider does not answer, so the organisation's database cannot be found. Try again in a moment."
    )]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// The identity provider refuses the registry itself.
    #[error("The registry is not set up correctly. Its operator finds the reason in the server's log.")]
    Misconfigured {
        /// Why. For the log.
        why: String,
    },
    /// It could not be opened.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

fn found(organisation: &OrganisationId, credentials: Credentials) -> Result<RemoteSettings, EnterError> {
    match credentials {
        Credentials::Found { settings, .. } => Ok(settings),
        Credentials::Missing => Err(EnterError::NoCredentials { organisation: organisation.clone() }),
        Credentials::Gone => Err(EnterError::NoOrganisation),
        Credentials::Unavailable { retry_after } => Err(EnterError::Unavailable { retry_after }),
        Credentials::Misconfigured { why } => Err(EnterError::Misconfigured { why }),
    }
}

impl RegistryService {
    /// The organisation's tenant, opened if it is not. An organisation whose
    /// credentials are not the ones it was opened with is opened again.
    ///
    /// # Errors
    /// Why it cannot be served; see [`EnterError`].
    pub async fn enter(&self, organisation: &OrganisationId) -> Result<Arc<Tenant>, EnterError> {
        let Some(directory) = &self.directory else {
            return self.tenants.used(organisation).ok_or(EnterError::NoOrganisation);
        };
        let settings = match found(organisation, directory.credentials(organisation).await) {
            Err(error @ (EnterError::NoOrganisation | EnterError::NoCredentials { .. })) => {
                if let Some(tenant) = self.tenants.get(organisation) {
                    self.leave(&tenant).await;
                }
                self.public.set(self, organisation, None).await;
                return Err(error);
            }
            found => found?,
        };
        match self.enter_with(organisation, settings.clone()).await {
            Err(EnterError::Rejected { why }) => {
                let newer = found(organisation, directory.after_rejection(organisation, &settings).await)?;
                if newer.is_same(&settings) {
                    return Err(EnterError::Rejected { why });
                }
                self.enter_with(organisation, newer).await
            }
            entered => entered,
        }
    }

    async fn enter_with(
        &self,
        organisation: &OrganisationId,
        settings: RemoteSettings,
    ) -> Result<Arc<Tenant>, EnterError> {
        if let Some(tenant) = self.tenants.used(organisation) {
            if tenant.is_opened_with(&settings) {
                return Ok(tenant);
            }
            tracing::info!(%organisation, "the organisation's credentials changed; its database is opened again");
            self.leave(&tenant).await;
        }
        if let Some(error) = self.rejections.of(organisation, &settings) {
            return Err(error);
        }
        // Also if whoever asked first does not wait for it: the next one would begin anew.
        let (service, organisation) = (self.clone(), organisation.clone());
        let opening = tokio::spawn(async move { service.open_once(&organisation, settings).await });
        opening.await.unwrap_or_else(|error| Err(ServiceError::from(error).into()))
    }

    async fn open_once(
        &self,
        organisation: &OrganisationId,
        settings: RemoteSettings,
    ) -> Result<Arc<Tenant>, EnterError> {
        let opened = self.tenants.open(organisation, Box::pin(self.open(organisation, settings.clone()))).await;
        if let Err(error) = &opened {
            self.rejections.note(organisation, settings, error);
        }
        if let Ok(tenant) = &opened
            && self.looks_after
        {
            self.look_after(tenant);
        }
        opened
    }

    async fn open(&self, organisation: &OrganisationId, settings: RemoteSettings) -> Result<Arc<Tenant>, EnterError> {
        let (opened_with, app) = (settings.clone(), settings.app_id);
        let db = store::remote_of_tenant(settings, self.http.clone()).await.map_err(|error| {
            match error.refused_credentials() {
                Some(why) => EnterError::Rejected { why },
                None => EnterError::Unfit(Arc::new(error)),
            }
        })?;
        let folder = self.data.of(organisation).map_err(std::io::Error::other).map_err(ServiceError::from)?;
        let folder = folder.of_app(app);
        let local = Local::open(folder.root()).await.map_err(ServiceError::from)?;
        let tenant = Arc::new(Tenant::new(organisation.clone(), db, local, folder).opened_with(opened_with));
        self.begin(&tenant).await?;
        Ok(tenant)
    }

    /// Opens an organisation again whose database refuses what it was opened with, if
    /// that was replaced since. Also if nobody comes: its repositories stay fresh.
    pub(super) async fn open_again_if_replaced(&self, tenant: &Tenant) {
        let (Some(directory), Some(settings)) = (&self.directory, tenant.settings()) else { return };
        let now = directory.after_rejection(&tenant.organisation, settings).await;
        if !matches!(now, Credentials::Found { settings: newer, .. } if !newer.is_same(settings)) {
            return;
        }
        let (service, organisation) = (self.clone(), tenant.organisation.clone());
        // Beside what follows the tenant, which ends with it.
        tokio::spawn(async move {
            if let Err(error) = service.enter(&organisation).await {
                tracing::warn!(%organisation, %error, "an organisation could not be opened with its new credentials");
            }
        });
    }

    /// Forgets that an organisation has no database: someone comes back from
    /// setting one up.
    pub fn forget_missing(&self, organisation: &OrganisationId) {
        if let Some(directory) = &self.directory {
            directory.forget_missing(organisation);
        }
    }

    /// Closes an organisation that is no more, and forgets what opened its database.
    pub async fn organisation_is_gone(&self, organisation: &OrganisationId) {
        if let Some(directory) = &self.directory {
            directory.gone(organisation).await;
        }
        if let Some(tenant) = self.tenants.get(organisation) {
            self.leave(&tenant).await;
        }
        self.public.set(self, organisation, None).await;
    }

    /// Enters every organisation that was entered on this machine before, one
    /// after another, so that their repositories stay fresh without anyone asking.
    pub async fn enter_known(&self) {
        for organisation in self.data.organisations() {
            match self.enter(&organisation).await {
                Ok(_) => {}
                Err(error @ EnterError::NoOrganisation) => {
                    tracing::info!(%organisation, %error, "an organisation is not entered");
                }
                Err(error) => tracing::warn!(%organisation, %error, "an organisation is not entered"),
            }
        }
    }

    /// Keeps an organisation's catalogue as its store says, and looks at its
    /// repositories, until it is left. Once, however often this is asked for.
    pub fn look_after(&self, tenant: &Arc<Tenant>) {
        if tenant.is_looked_after() {
            return;
        }
        tokio::spawn(self.clone().follow(tenant.clone()));
        tokio::spawn(self.clone().poll(tenant.clone()));
    }

    /// Ends what goes on for an organisation; whoever asks next opens it again.
    pub async fn leave(&self, tenant: &Arc<Tenant>) {
        self.tenants.remove(tenant);
        tenant.close().await;
    }

    /// The access of whoever runs this program, in one organisation.
    ///
    /// # Errors
    /// Why it cannot be served; see [`EnterError`].
    pub async fn operate(&self, organisation: &OrganisationId) -> Result<Access<Admin>, EnterError> {
        self.enter(organisation).await?;
        Ok(Access::operator(organisation.clone()))
    }
}

#[cfg(test)]
mod tests;
