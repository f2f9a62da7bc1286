//! `schema`: our entities and rules in an app.

use super::{CliError, Command, Output, Reply, confirm::confirm, output, own::Own, own::Place, own::ask};
use crate::{config::Config, service::ServiceError};
use ::instant::Store;
use ::moving::schema::{self, Access, SchemaPlan};
use clap::Subcommand;
use std::{process::ExitCode, sync::Arc};

#[derive(Debug, Subcommand)]
pub(super) enum SchemaVerb {
    /// Show what a push would change, and what stands in its way. Nothing is written.
    #[command(after_help = "Ends with 1 when the schema cannot be reconciled.")]
    Plan {
        /// Show what locking down the whole app would change.
        #[arg(long)]
        exclusive: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Add what is missing of our entities, and a rule for each that lets in admins only.
    #[command(
        after_help = "Only registry_ namespaces, their rules and our links to $files are touched. Pushing again\nchanges nothing. `serve` pushes by itself where that only adds."
    )]
    Push {
        /// Replace all of the app's rules, so that none but admins reach anything in it.
        #[arg(long)]
        exclusive: bool,
        /// Do not ask before rules of others go.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Delete our entities with all rows, files below registry/, attributes, links and rules.
    #[command(
        after_help = "Counts first, and asks. What others have in the app stays as it is. After an interruption,\nrun it again."
    )]
    Remove {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        output: Output,
    },
}

impl SchemaVerb {
    pub(super) async fn run(self, config: Arc<Config>) -> Result<ExitCode, CliError> {
        match self {
            Self::Plan { exclusive, output } => {
                let plan = Place::of(&config).await?.plan(access_of(exclusive)).await?;
                output::plan(&plan, output.json);
                Ok(if plan.schema.conflicts.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            Self::Push { exclusive, yes, output } => {
                let place = Place::of(&config).await?;
                let access = access_of(exclusive);
                let seen = place.plan(access).await?;
                let goes = !seen.rules.remove.is_empty() || !seen.rules.change.is_empty();
                if access == Access::Exclusive && goes {
                    if !yes {
                        output::question(&format!("{}\n", seen.rules));
                    }
                    confirm("exclusive", yes)?;
                }
                let reply = place.push(access, seen).await?;
                Ok(output::reply(&reply, output.json))
            }
            Self::Remove { yes, output } => remove(&config, yes, output).await,
        }
    }
}

fn access_of(exclusive: bool) -> Access {
    if exclusive { Access::Exclusive } else { Access::Shared }
}

impl Place {
    async fn plan(&self, access: Access) -> Result<SchemaPlan, CliError> {
        let reply = match self {
            Self::Here(own) => return Ok(schema::plan(&*own.db, access).await?),
            Self::Server(data) => ask(data, &Command::SchemaPlan(access)).await?,
        };
        match reply {
            Reply::SchemaPlan(plan) => Ok(*plan),
            _ => Err(CliError::Refused("the server answered something else; is it of this version?".to_owned())),
        }
    }

    async fn push(&self, access: Access, seen: SchemaPlan) -> Result<Reply, CliError> {
        match self {
            Self::Here(own) => Ok(Reply::SchemaPushed(Box::new(schema::push(&*own.db, access, Some(&seen)).await?))),
            Self::Server(data) => ask(data, &Command::SchemaPush { access, seen: Some(Box::new(seen)) }).await,
        }
    }
}

/// What a push would change, from within a server.
pub(super) async fn plan(db: &dyn Store, access: Access) -> Result<Reply, ServiceError> {
    let plan = schema::plan(db, access).await.map_err(|error| refused(&error))?;
    Ok(Reply::SchemaPlan(Box::new(plan)))
}

/// Pushes, from within a server.
pub(super) async fn push(db: &dyn Store, access: Access, seen: Option<&SchemaPlan>) -> Result<Reply, ServiceError> {
    let plan = schema::push(db, access, seen).await.map_err(|error| refused(&error))?;
    Ok(Reply::SchemaPushed(Box::new(plan)))
}

fn refused(error: &::moving::MovingError) -> ServiceError {
    ServiceError::Invalid(error.to_string())
}

async fn remove(config: &Config, yes: bool, output: Output) -> Result<ExitCode, CliError> {
    let Own { db, name, .. } = &Place::alone(config, "removing what it serves").await?;
    let counted = schema::removal(&**db).await?;
    if counted.is_empty() {
        output::nothing_to_remove(&counted, output.json);
        return Ok(ExitCode::SUCCESS);
    }
    if !yes {
        output::question(&format!("This goes for good:\n{counted}\n"));
    }
    confirm(name, yes)?;
    let mut bar = output::ProgressBar::new(output.json);
    let gone = schema::remove(&**db, &mut |done, total| bar.step("removing", done, Some(total))).await?;
    bar.finish();
    output::removed(&gone, output.json);
    Ok(ExitCode::SUCCESS)
}
