//! `serve`: the whole service.

use super::{CliError, Installation, Stay, control, instant, output};
use crate::{
    app_state::{AppState, Reach},
    auth::{Authenticator, Limits, purge_sessions},
    config::Config,
    data::DataFolder,
    server,
};
use axum::serve::ListenerExt;
use leptos::config::{LeptosOptions, get_configuration};
use serde_json::json;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long requests under way may take once the process was told to end.
const DRAIN: Duration = Duration::from_secs(8);

/// Serves until told to stop.
pub(super) async fn serve(config: Arc<Config>, as_json: bool) -> Result<ExitCode, CliError> {
    let data = DataFolder::at(&config.data)?;
    let _lock = data.lock()?;
    let listener = TcpListener::bind(config.listen.value)
        .await
        .map_err(|source| CliError::Machine { what: format!("cannot listen on {}", config.listen.value), source })?;
    let bound = listener
        .local_addr()
        .map_err(|source| CliError::Machine { what: "cannot tell the address".to_owned(), source })?;
    let origin = config.origin(bound);
    let installation = Installation::open(config.clone(), data.clone(), &origin, Stay::Long).await?;
    if (config.instant.remote().is_some() || config.clerk.is_some()) && config.seal_key.value.is_none() {
        tracing::warn!(
            "seal-key is not set: webhooks are sealed under a key in the data folder, and do not work without that folder or on another server; with Clerk, organisations cannot be opened after a restart while Clerk is away"
        );
    }
    let link = match installation.sign_in {
        Some(_) => None,
        None => Some(installation.links.issue().await.map_err(|error| CliError::Refused(error.to_string()))?),
    };

    let state = AppState::new(Reach {
        service: installation.service.clone(),
        authenticator: Authenticator {
            anonymous_installs: installation.sign_in.is_none()
                && bound.ip().is_loopback()
                && config.public_url.value.is_none(),
            clerk: installation.sign_in.clone(),
        },
        limits: Limits::new(&config),
        links: installation.links.clone(),
        leptos: site_options()?,
    });
    let router = server::router(state, installation.local.clone(), origin.starts_with("https://"));
    let stop = CancellationToken::new();
    let instant = instant::listen(&config, installation.embedded.clone(), stop.clone()).await?;
    let control = control::listen(&data, installation.clone()).map_err(|source| CliError::Machine {
        what: format!("cannot open {}", data.control_socket().display()),
        source,
    })?;
    tokio::spawn(control);
    tokio::spawn(purge_sessions(installation.local.clone()));
    let service = installation.service.clone();
    tokio::spawn(async move { service.enter_known().await });
    if let (Some(memory), Some(_)) = (config.memory.value, &installation.sign_in) {
        tokio::spawn(installation.service.clone().keep_room(memory.as_bytes()));
    }
    for tenant in installation.service.tenants().all() {
        installation.service.look_after(&tenant);
    }

    let login = link.map(|link| format!("{origin}/login?t={}", link.expose()));
    if as_json {
        let mut addresses = json!({ "url": origin, "listen": bound });
        if let Some(login) = login {
            addresses["login"] = login.into();
        }
        if let Some(instant) = &instant {
            addresses["instant"] = instant.origin.as_str().into();
        }
        output::lines(&addresses.to_string());
    } else {
        output::lines(&welcome(
            &installation,
            &origin,
            login.as_deref(),
            instant.as_ref().map(|instant| instant.origin.as_str()),
        ));
    }
    let tenants = installation.service.tenants().clone();
    // Small answers and events must not wait for the other side's acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "could not set TCP_NODELAY");
        }
    });
    let served = tenants.clone();
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let ended = axum::serve(listener, router).with_graceful_shutdown(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        stop.cancel();
        for tenant in served.all() {
            tenant.jobs.stop();
        }
        // Event streams would keep the process for ever.
        tokio::spawn(async {
            tokio::time::sleep(DRAIN).await;
            std::process::exit(0);
        });
    });
    ended.await.map_err(|source| CliError::Machine { what: "the listener failed".to_owned(), source })?;
    if let Some(instant) = instant {
        instant
            .ended
            .await
            .map_err(|error| CliError::Refused(format!("the listener of the admin API failed: {error}")))?;
    }
    for tenant in tenants.all() {
        tenant.close().await;
    }
    let _ = std::fs::remove_file(data.control_socket());
    Ok(ExitCode::SUCCESS)
}

fn welcome(installation: &Installation, origin: &str, login: Option<&str>, instant: Option<&str>) -> String {
    let catalog = installation.service.tenants().local_tenant().map(|tenant| tenant.catalog.load_full());
    // One that needs no other item of ours installs without any set-up.
    let simplest = catalog.iter().flat_map(|catalog| catalog.entries()).find(|entry| entry.dependencies.is_empty());
    let next = match simplest {
        Some(entry) => format!("  Install     npx shadcn@latest add {origin}/r/{}.json", entry.name),
        None if installation.sign_in.is_some() => {
            "  Next        open the dashboard and choose an organisation".to_owned()
        }
        None => "  Next        ekairos-registry repo add <url-or-path>".to_owned(),
    };
    let (mode, login) = match login {
        Some(login) => ("local", format!("  Sign in     {login}\n")),
        None => ("clerk", String::new()),
    };
    let instant = instant.map_or_else(String::new, |address| format!("  InstantDB   {address}\n"));
    format!(
        "Ekairos Registry {} ({mode} mode)\n\n  Dashboard   {origin}\n{login}{instant}{next}\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Waits for an interrupt or a request to terminate.
async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

/// Where the built site lies: beside `Leptos.toml`, which is looked for in the
/// working folder and above the program itself.
fn site_options() -> Result<LeptosOptions, CliError> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|program| program.ancestors().skip(1).take(4)).map(Path::to_owned);
    let folders: Vec<PathBuf> = std::iter::once(PathBuf::from(".")).chain(above).collect();
    let found = folders.iter().find(|folder| folder.join("Leptos.toml").is_file());
    let Some(folder) = found else {
        return Err(CliError::Refused(
            "Leptos.toml is missing: keep it, and the folder `target/site`, beside the program or in the working folder".to_owned(),
        ));
    };
    let file = folder.join("Leptos.toml");
    let unreadable = |problem: String| CliError::Refused(format!("cannot read {}: {problem}", file.display()));
    let path = file.to_str().ok_or_else(|| unreadable("its path is not UTF-8".to_owned()))?;
    let mut options = get_configuration(Some(path)).map_err(|error| unreadable(error.to_string()))?.leptos_options;
    let root = folder.join(&*options.site_root);
    options.site_root = root.display().to_string().into();
    Ok(options)
}
