//! `backup` and `restore`: the embedded store as one file.

use super::{
    CliError, Command, Operator, Output, Reply, Told,
    command::Watch,
    control, output,
    own::{Own, Place},
};
use crate::{
    config::Config,
    service::{self, ServiceError, Steps},
};
use ::instant::Embedded;
use clap::Args;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};
use tokio::sync::mpsc;

#[derive(Debug, Args)]
#[command(
    after_help = "The file is a backup zip of InstantDB: `restore` takes it, `import --from` takes it, and so does a\nself-hosted InstantDB. A server may run meanwhile. Secrets in it are sealed under seal.key, which is\nnot in it: keep a copy of that key elsewhere."
)]
pub(super) struct Backup {
    /// The file to write, most often with .zip at its end.
    file: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The whole file is checked before anything changes, and everything changes at once. Works with and\nwithout a running server, which serves the restored state right after."
)]
pub(super) struct Restore {
    /// A file that `backup` or InstantDB wrote.
    file: PathBuf,
    /// Give up the data that the store has.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    output: Output,
}

impl Backup {
    pub(super) async fn run(self, config: Arc<Config>) -> Result<ExitCode, CliError> {
        let path = absolute(&self.file)?;
        let mut bar = output::ProgressBar::new(self.output.json);
        let watch: &mut Watch<'_> = &mut |told: &Told| bar.show(told);
        let reply = match Place::of(&config).await? {
            Place::Here(own) => write(own.only_embedded(&config)?, path, self.force, watch).await?,
            Place::Server(data) => {
                control::send(&data, None, &Command::Backup { path, replace: self.force }, watch).await?
            }
        };
        bar.finish();
        Ok(output::reply(&reply, self.output.json))
    }
}

impl Restore {
    pub(super) async fn run(self, config: Arc<Config>) -> Result<ExitCode, CliError> {
        let path = absolute(&self.file)?;
        let mut bar = output::ProgressBar::new(self.output.json);
        let watch: &mut Watch<'_> = &mut |told: &Told| bar.show(told);
        let replace = self.replace;
        let reply = match Place::of(&config).await? {
            Place::Here(own) => {
                let store = own.only_embedded(&config)?;
                let work = |steps| service::restore(store, &path, replace, steps);
                Reply::Restored(stepped("restoring", watch, work).await?)
            }
            Place::Server(data) => control::send(&data, None, &Command::Restore { path, replace }, watch).await?,
        };
        bar.finish();
        Ok(output::reply(&reply, self.output.json))
    }
}

impl Own {
    /// The embedded store; where the data is elsewhere, what to do there.
    fn only_embedded(&self, config: &Config) -> Result<&Embedded, CliError> {
        self.embedded.as_ref().ok_or_else(|| {
            let place = config.instant.remote().map_or_else(String::new, |app| format!(" {} at {}", app.app_id, app.api_uri));
            CliError::Refused(format!(
                "the data is in the InstantDB app{place}, which has backups of its own (`npx instant-cli backup download`); for one made here: ekairos-registry import --to embedded:<folder>, then backup with --data <folder> and without instant-app-id"
            ))
        })
    }
}

/// Writes a backup of the store.
pub(super) async fn write(
    store: &Embedded,
    path: PathBuf,
    replace: bool,
    watch: &mut Watch<'_>,
) -> Result<Reply, ServiceError> {
    let written = stepped("backing up", watch, |told| store.backup(path, replace, told)).await;
    written.map(Reply::BackedUp).map_err(|error| ServiceError::Invalid(error.to_string()))
}

/// Restores a backup beneath a running server.
pub(super) async fn restore_beneath(
    operator: &Operator,
    path: PathBuf,
    replace: bool,
    watch: &mut Watch<'_>,
) -> Result<Reply, ServiceError> {
    let (service, access) = (&operator.service, &operator.access);
    let store = operator.embedded()?;
    let work = |steps| service.restore(access, store, &path, replace, steps);
    Ok(Reply::Restored(stepped("restoring", watch, work).await?))
}

/// Passes on the steps of work that runs on another thread.
async fn stepped<F: Future>(label: &str, watch: &mut Watch<'_>, work: impl FnOnce(Steps) -> F) -> F::Output {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let steps: Steps = Box::new(move |done, total| {
        // Enough of them to see that it goes on.
        if done % 50 == 0 || done == total {
            let _ = sender.send((done, total));
        }
    });
    let mut work = std::pin::pin!(work(steps));
    loop {
        tokio::select! {
            result = &mut work => return result,
            Some((done, total)) = receiver.recv() => watch(&Told::Step { label: label.to_owned(), done, total }),
        }
    }
}

/// The path as a process in another folder finds it.
fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path)
        .map_err(|source| CliError::Machine { what: format!("cannot tell where {} is", path.display()), source })
}
