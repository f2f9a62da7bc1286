//! The loader of the registry's own settings.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{RegistryData, RegistryForm},
        error::PageError,
    },
    auth::{self, Admin, Read},
};
use leptos::prelude::use_context;

/// The settings, and for who may change them the form.
pub async fn registry() -> Result<RegistryData, PageError> {
    let (state, access) = open::<Read>().await?;
    let settings = state.service.settings(&access).await.map_err(service_error)?;
    let may_change = auth::access::<Admin>().await.is_ok();
    let form = may_change.then(|| use_context::<RegistryForm>().unwrap_or_else(|| RegistryForm::from(&settings)));
    let tenant = state.service.tenant(&access).map_err(service_error)?;
    let components = tenant.catalog.load().entries().len();
    let origin = state.service.origin();
    let address = match state.authenticator.clerk {
        Some(_) => format!("{origin}/o/{}/r/<name>.json", access.organisation()),
        None => format!("{origin}/r/<name>.json"),
    };
    Ok(RegistryData { settings, form, address, components })
}
