//! `import`: a registry's data from one store to another.

use super::{
    CliError, Output,
    ends::{AppFlags, EndName, OpenEnd},
    output,
};
use crate::config::Config;
use ::instant::{ApiUri, AppId};
use ::moving::{
    Scope,
    import::{Order, Progress, import, survey},
    schema::{Access, plan},
};
use clap::Args;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

#[derive(Debug, Args)]
#[command(
    after_help = "A store is `embedded:<folder>`, `instant:<app-id>`, or a backup zip to import from; the one that is\nnot given is this installation's own. Tokens come from INSTANT_FROM_ADMIN_TOKEN and\nINSTANT_TO_ADMIN_TOKEN, or from files.\n\n  ekairos-registry import --from instant:<app-id> --dry-run     # counts, writes nothing\n  ekairos-registry import --from instant:<app-id>               # into this installation's store\n  ekairos-registry import --from backup.zip --to instant:<app-id> --to-api-uri https://instant.example.com\n\nStop what writes to the source first. What was interrupted is run again and goes on. Nothing is\ncurrent in the target before every row and file was read back and compared."
)]
pub(super) struct Import {
    /// What to read.
    #[arg(long, value_name = "STORE")]
    from: Option<EndName>,
    /// What to write.
    #[arg(long, value_name = "STORE")]
    to: Option<EndName>,
    /// Count and compare only; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Move the whole app: other namespaces, people, files and rules too.
    #[arg(long)]
    whole_app: bool,
    #[arg(
        long,
        value_name = "ID",
        help_heading = "Source in InstantDB",
        help = "App to read [env: INSTANT_FROM_APP_ID]"
    )]
    from_app_id: Option<AppId>,
    #[arg(
        long,
        value_name = "URL",
        help_heading = "Source in InstantDB",
        help = "Its API [env: INSTANT_FROM_API_URI] [default: InstantDB's cloud]"
    )]
    from_api_uri: Option<ApiUri>,
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Source in InstantDB",
        help = "File with its admin token, - for standard input [env: INSTANT_FROM_ADMIN_TOKEN]"
    )]
    from_token_file: Option<PathBuf>,
    #[arg(
        long,
        value_name = "ID",
        help_heading = "Target in InstantDB",
        help = "App to write [env: INSTANT_TO_APP_ID]"
    )]
    to_app_id: Option<AppId>,
    #[arg(
        long,
        value_name = "URL",
        help_heading = "Target in InstantDB",
        help = "Its API [env: INSTANT_TO_API_URI] [default: InstantDB's cloud]"
    )]
    to_api_uri: Option<ApiUri>,
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Target in InstantDB",
        help = "File with its admin token, - for standard input [env: INSTANT_TO_ADMIN_TOKEN]"
    )]
    to_token_file: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

impl Import {
    pub(super) async fn run(self, config: Arc<Config>) -> Result<ExitCode, CliError> {
        let from_flags = AppFlags {
            side: "FROM",
            app_id: self.from_app_id,
            api_uri: self.from_api_uri,
            token_file: self.from_token_file,
        };
        let to_flags =
            AppFlags { side: "TO", app_id: self.to_app_id, api_uri: self.to_api_uri, token_file: self.to_token_file };
        let from = named(self.from, &from_flags);
        let to = named(self.to, &to_flags);
        if from.is_none() && to.is_none() {
            return Err(CliError::Refused(
                "name the other store with --from or --to: embedded:<folder>, instant:<app-id> or a backup.zip"
                    .to_owned(),
            ));
        }
        if let Some(EndName::Zip(file)) = &to {
            return Err(CliError::Refused(format!(
                "{} cannot be imported into; import into embedded:<folder>, and use `backup` there",
                file.display()
            )));
        }
        if from == to && from != Some(EndName::Instant(None)) {
            return Err(both("one store"));
        }
        let from_input = |file: &Option<PathBuf>| file.as_deref() == Some(Path::new("-"));
        if from_input(&from_flags.token_file) && from_input(&to_flags.token_file) {
            return Err(CliError::Refused(
                "standard input gives one token; name a file for the other, or set INSTANT_TO_ADMIN_TOKEN".to_owned(),
            ));
        }
        let source = OpenEnd::source(from.as_ref(), &from_flags, &config).await?;
        let target = OpenEnd::target(to.as_ref(), &to_flags, &config, self.dry_run).await?;
        if source.name == target.name {
            return Err(both(&source.name));
        }
        let scope = if self.whole_app { Scope::WholeApp } else { Scope::Ours };
        let order = Order { scope, from: source.name.clone() };
        let mut bar = output::ProgressBar::new(self.output.json);
        let watch = &mut |at: Progress| bar.step(at.stage.label(), at.done, Some(at.total).filter(|total| *total > 0));
        if self.dry_run {
            let found = survey(&*source.db, &*target.db, &order, watch).await?;
            bar.finish();
            output::survey(&source.name, &target.name, &found, self.output.json);
            return Ok(if found.refused.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let report = import(&*source.db, &*target.db, &order, watch).await?;
        bar.finish();
        let warnings = plan(&*target.db, Access::Shared).await?.rules.warnings;
        output::imported(&source.name, &target.name, &report, &warnings, self.output.json);
        Ok(ExitCode::SUCCESS)
    }
}

/// That the two ends are one; the one that was not named is what the settings say.
fn both(store: &str) -> CliError {
    CliError::Refused(format!(
        "{store} is both source and target; name the other one: --to embedded:<folder> or --to instant:<app-id>, or --from"
    ))
}

/// An app that only flags name is one too.
fn named(end: Option<EndName>, flags: &AppFlags) -> Option<EndName> {
    end.or_else(|| (flags.app_id.is_some() || flags.token_file.is_some()).then_some(EndName::Instant(None)))
}
