//! `serve`: the whole service.

use super::{CliError, Operator, control, instant, output};
use crate::{
    app_state::{AppState, Reach},
    auth::{Authenticator, Limits},
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
    let operator = Operator::open(config.clone(), data.clone(), &origin).await?;
    if config.instant.remote().is_some() && config.seal_key.value.is_none() {
        tracing::warn!(
            "seal-key is not set: webhooks are sealed under a key in the data folder, and do not work without that folder or on another server"
        );
    }
    let link = operator.links.issue().await.map_err(|error| CliError::Refused(error.to_string()))?;

    let state = AppState::new(Reach {
        service: operator.service.clone(),
        authenticator: Authenticator {
            anonymous_installs: bound.ip().is_loopback() && config.public_url.value.is_none(),
        },
        limits: Limits::new(&config),
        links: operator.links.clone(),
        leptos: site_options()?,
    });
    let router = server::router(state, operator.local.clone(), origin.starts_with("https://"));
    let stop = CancellationToken::new();
    let instant = instant::listen(&config, operator.embedded.clone(), stop.clone()).await?;
    let control = control::listen(&data, operator.clone()).map_err(|source| CliError::Machine {
        what: format!("cannot open {}", data.control_socket().display()),
        source,
    })?;
    tokio::spawn(control);
    let (service, access) = (operator.service.clone(), operator.access.clone());
    tokio::spawn(service.clone().follow(access.clone()));
    tokio::spawn(service.poll(access.into()));

    let login = format!("{origin}/login?t={}", link.expose());
    if as_json {
        let mut addresses = json!({ "url": origin, "login": login, "listen": bound });
        if let Some(instant) = &instant {
            addresses["instant"] = instant.origin.as_str().into();
        }
        output::lines(&addresses.to_string());
    } else {
        output::lines(&welcome(&operator, &origin, &login, instant.as_ref().map(|instant| instant.origin.as_str())));
    }
    let tenants = operator.service.tenants().clone();
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
        if let Some(tenant) = served.get(served.default_organisation()) {
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
    if let Some(tenant) = tenants.get(tenants.default_organisation()) {
        tenant.hooks.write_journal().await;
    }
    let _ = std::fs::remove_file(data.control_socket());
    Ok(ExitCode::SUCCESS)
}

fn welcome(operator: &Operator, origin: &str, login: &str, instant: Option<&str>) -> String {
    let tenants = operator.service.tenants();
    let catalog = tenants.get(tenants.default_organisation()).map(|tenant| tenant.catalog.load_full());
    // One that needs no other item of ours installs without any set-up.
    let simplest = catalog.iter().flat_map(|catalog| catalog.entries()).find(|entry| entry.dependencies.is_empty());
    let next = match simplest {
        Some(entry) => format!("  Install     npx shadcn@latest add {origin}/r/{}.json", entry.name),
        None => "  Next        ekairos-registry repo add <url-or-path>".to_owned(),
    };
    let instant = instant.map_or_else(String::new, |address| format!("  InstantDB   {address}\n"));
    format!(
        "Ekairos Registry {} (local mode)\n\n  Dashboard   {origin}\n  Sign in     {login}\n{instant}{next}\n",
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
