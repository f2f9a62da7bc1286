//! `backup` and `restore`: the embedded store as one file.

use super::{
    CliError, Command, Output, Reply, Told,
    command::Watch,
    control, output,
    own::{Own, Place},
};
use crate::{config::Config, service::ServiceError};
use ::instant::{BackupError, BackupSummary, Embedded};
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
            Place::Server(data) => control::send(&data, &Command::Backup { path, replace: self.force }, watch).await?,
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
        let own = Place::alone(&config, "restoring").await?;
        let embedded = own.only_embedded(&config)?;
        let summary = stepped("restoring", watch, |told| embedded.restore(path, self.replace, told)).await?;
        bar.finish();
        Ok(output::reply(&Reply::Restored(summary), self.output.json))
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

type Steps = Box<dyn FnMut(u64, u64) + Send>;

/// Passes on the steps of work that runs on another thread.
async fn stepped<F: Future<Output = Result<BackupSummary, BackupError>>>(
    label: &str,
    watch: &mut Watch<'_>,
    work: impl FnOnce(Steps) -> F,
) -> Result<BackupSummary, BackupError> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let steps = Box::new(move |done, total| {
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
