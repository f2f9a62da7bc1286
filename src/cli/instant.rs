//! The embedded store as an InstantDB server: its listener, and the
//! credentials that clients take.

use super::{CliError, Output, command::Command};
use crate::config::Config;
use axum::serve::ListenerExt;
use clap::Subcommand;
use instant::Embedded;
use instant::api::{ApiOptions, admin_api};
use serde::{Deserialize, Serialize};
use std::fmt;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Subcommand)]
pub(super) enum InstantVerb {
    /// Print the app id and admin token that InstantDB's SDKs take.
    #[command(
        after_help = "They belong to the embedded store, which `serve --instant-listen 127.0.0.1:8888` serves:\n  init({ appId, adminToken, apiURI: 'http://127.0.0.1:8888' })\nThe token may do everything with the store's data. Keep it secret."
    )]
    Credentials {
        #[command(flatten)]
        output: Output,
    },
}

impl InstantVerb {
    pub(super) fn command(self) -> (Command, Output) {
        match self {
            Self::Credentials { output } => (Command::InstantCredentials, output),
        }
    }
}

/// What InstantDB's `init` takes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The app's id.
    pub app_id: String,
    /// The token of its admins, in full.
    pub admin_token: String,
}

impl Credentials {
    pub(super) fn of(store: &Embedded) -> Self {
        let app = store.app();
        Self { app_id: app.id.to_string(), admin_token: app.admin_token.expose().to_owned() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, [hidden])", self.app_id)
    }
}

/// The listener of the admin API.
pub(super) struct Listening {
    /// The address under which clients reach it.
    pub(super) origin: String,
    /// Done when it was told to stop and the last request was answered.
    pub(super) ended: JoinHandle<()>,
}

/// Serves the store's admin API until `stop`, where the configuration asks for that.
pub(super) async fn listen(
    config: &Config,
    store: Option<Embedded>,
    stop: CancellationToken,
) -> Result<Option<Listening>, CliError> {
    // The configuration refuses an address without an embedded store.
    let Some((address, store)) = config.instant_listen.value.zip(store) else {
        return Ok(None);
    };
    let cannot = |source| CliError::Machine { what: format!("cannot listen on {address} for the admin API"), source };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    let origin = config.instant_public_url.value.clone().unwrap_or_else(|| format!("http://{bound}"));
    if !bound.ip().is_loopback() {
        tracing::warn!(
            "the admin API listens on {bound}: whoever reaches it and knows the admin token may read and change everything. Let nothing but a proxy with TLS reach it"
        );
    }
    let options = ApiOptions { stop: stop.clone(), ..ApiOptions::new(origin.clone()) };
    let router = admin_api(store, options);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not set TCP_NODELAY");
        }
    });
    let ended = tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the listener of the admin API failed");
        }
    });
    Ok(Some(Listening { origin, ended }))
}
