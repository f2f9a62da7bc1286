//! The command line: one function per verb.

mod backup;
mod command;
mod confirm;
mod control;
mod deploy_token;
mod ends;
mod error;
mod import;
mod instant;
mod operator;
mod output;
mod own;
mod schema;
mod serve;
mod settings;
mod token;

pub use self::instant::Credentials;
pub use command::{Command, Reply, Told};
pub use error::CliError;

use self::{
    deploy_token::{WithToken, token_in},
    operator::{Installation, Operator, Stay},
};
use crate::{
    config::{Config, Flags, Interval},
    data::{DataError, DataFolder},
    service::{self, DeployToken, Discover, NewAlias, NewRepository, RepositoryChange},
};
use clap::{Args, Parser, Subcommand};
use model::{DependencyPolicy, ItemName, Namespace, RefName};
use std::{path::PathBuf, process::ExitCode, sync::Arc};

/// A private registry for shadcn-style components: git repositories in,
/// `shadcn add` out.
#[derive(Debug, Parser)]
#[command(
    name = "ekairos-registry",
    version,
    arg_required_else_help = true,
    after_help = "A first run:\n  ekairos-registry serve                         # prints the dashboard's address and a sign-in link\n  ekairos-registry repo add https://github.com/acme/ui\n  ekairos-registry sync ui --wait\n  npx shadcn@latest add http://127.0.0.1:3030/r/button.json\n\nCommands that change data work with and without a running server; with one,\nthey go through its control socket in the data folder."
)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the whole service: JSON routes, dashboard, syncs.
    Serve {
        /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:3030].
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
        /// Also serve the embedded store as an InstantDB server, for InstantDB's own SDKs, on this address; port 0 takes a free one.
        #[arg(long, value_name = "ADDR")]
        instant_listen: Option<String>,
        /// Print the addresses as one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Register and list repositories.
    #[command(subcommand)]
    Repo(RepoVerb),
    /// Fetch a repository, read its registry and publish what changed.
    #[command(after_help = "Without a running server the sync runs here, and this waits for it.")]
    Sync {
        /// The repository's name, address or id.
        repository: String,
        /// Wait for the result; exit 1 if the sync fails.
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Make an earlier snapshot of a repository current again.
    #[command(
        after_help = "Later commits are published on top of it as ever; the commit that was rolled back is not published again by itself."
    )]
    Rollback {
        /// The repository's name, address or id.
        repository: String,
        /// The snapshot's id, or at least seven digits of the commit it was published from.
        snapshot: String,
        #[command(flatten)]
        output: Output,
    },
    /// Make one name lead to a component of another name.
    #[command(subcommand)]
    Alias(AliasVerb),
    /// Look after names whose components were removed.
    #[command(subcommand)]
    Name(NameVerb),
    /// Make, list, replace and revoke API tokens.
    #[command(subcommand)]
    Token(token::TokenVerb),
    /// Show the registry's own settings, and change those that are given.
    #[command(after_help = "An empty text makes a setting as the configuration says again: --name ''")]
    Settings(settings::Settings),
    /// Put the registry's entities and rules into an InstantDB app, and take them back.
    #[command(subcommand)]
    Schema(schema::SchemaVerb),
    /// Write everything that the embedded store holds to one file.
    Backup(backup::Backup),
    /// Put what a backup holds in the place of the embedded store's data.
    Restore(backup::Restore),
    /// Move a registry's data from one store to another.
    Import(import::Import),
    /// Print a one-time link that signs in to the dashboard.
    LoginLink {
        #[command(flatten)]
        output: Output,
    },
    /// Use the embedded store as an InstantDB server.
    #[command(subcommand)]
    Instant(instant::InstantVerb),
    /// Check a local registry the way a sync would read it; exit 1 on errors.
    #[command(
        after_help = "What is not committed counts too, less what git ignores. Nothing is published.\nIn GitHub Actions: ekairos-registry check . --format github"
    )]
    Check {
        /// A folder, or a registry.json. Its repository is looked at as a whole.
        path: PathBuf,
        /// How findings are printed.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: output::Format,
        /// How dependencies on own items by bare name would be served: own-first, shadcn-first or as-written [default: own-first for a components folder, else shadcn-first].
        #[arg(long, value_name = "POLICY")]
        dependencies: Option<DependencyPolicy>,
        #[command(flatten)]
        output: Output,
    },
    /// Show every configuration value and where it came from.
    Config {
        #[command(flatten)]
        output: Output,
    },
    /// Print the OpenAPI document of the JSON routes.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum RepoVerb {
    /// Register a repository.
    #[command(after_help = "Nothing is fetched by this; `sync` does that.")]
    Add {
        /// An https or http address, or the path of a local repository.
        url_or_path: String,
        /// A name for people [default: the last part of the address].
        #[arg(long)]
        name: Option<String>,
        /// A prefix for its items' names: `team` serves `team/button`.
        #[arg(long)]
        namespace: Option<Namespace>,
        /// Where its registry.json lies, from the repository's root [default: looked for].
        #[arg(long, value_name = "PATH")]
        config_path: Option<String>,
        /// The branch to follow [default: the default branch].
        #[arg(long)]
        branch: Option<RefName>,
        /// How dependencies on own items by bare name are served: own-first, shadcn-first or as-written [default: own-first for a components folder, else shadcn-first].
        #[arg(long, value_name = "POLICY")]
        dependencies: Option<DependencyPolicy>,
        /// Time between two looks at it for changes, such as 30s, 5m, 2h, or off [default: poll-every of the configuration].
        #[arg(long, value_name = "TIME")]
        poll_every: Option<Interval>,
        #[command(flatten)]
        token: WithToken,
        #[command(flatten)]
        output: Output,
    },
    /// Look into a repository: which registries it has. Nothing is registered.
    Discover {
        /// An https or http address, or the path of a local repository.
        url_or_path: String,
        /// The branch to look at [default: the default branch].
        #[arg(long)]
        branch: Option<RefName>,
        #[command(flatten)]
        token: WithToken,
        #[command(flatten)]
        output: Output,
    },
    /// Change a repository's settings. What is not given stays.
    #[command(
        after_help = "With another namespace all its names change. The old ones lead to the new ones, and\ncomponents keep their versions and history."
    )]
    Change {
        /// The repository's name, address or id.
        repository: String,
        /// A name for people.
        #[arg(long)]
        name: Option<String>,
        /// Another address, where its host says that it moved.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// Another prefix for its items' names.
        #[arg(long)]
        namespace: Option<Namespace>,
        /// Serve its items by their names alone.
        #[arg(long, conflicts_with = "namespace")]
        no_namespace: bool,
        /// The branch to follow.
        #[arg(long)]
        branch: Option<RefName>,
        /// How dependencies on own items by bare name are served: own-first, shadcn-first or as-written.
        #[arg(long, value_name = "POLICY")]
        dependencies: Option<DependencyPolicy>,
        /// Time between two looks at it for changes, such as 30s, 5m, 2h, or off.
        #[arg(long, value_name = "TIME")]
        poll_every: Option<Interval>,
        /// Look at it as often as at all others: poll-every of the configuration.
        #[arg(long, conflicts_with = "poll_every")]
        poll_as_configured: bool,
        #[command(flatten)]
        output: Output,
    },
    /// List repositories with their state.
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Give a repository a deploy token of its own, or take it away.
    #[command(
        after_help = "The token is read from a file or standard input, sealed in the database, and sent to the host of\nthe repository's address alone.\n\n  ekairos-registry repo credential ui --token-file - < token.txt"
    )]
    Credential {
        /// The repository's name, address or id.
        repository: String,
        /// The user name; most hosts take any with a token.
        #[arg(long)]
        username: Option<String>,
        /// File with the token, - for standard input.
        #[arg(long, value_name = "FILE", required_unless_present = "remove")]
        token_file: Option<PathBuf>,
        /// Take it away.
        #[arg(long, conflicts_with_all = ["token_file", "username"])]
        remove: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Print a repository's webhook: address, secret, and what to do at the git host.
    #[command(
        after_help = "Makes one if there is none. With it a push is served seconds later; without it the next poll finds it."
    )]
    Hook {
        /// The repository's name, address or id.
        repository: String,
        /// Give it a new secret; the old one is good for nothing from then on.
        #[arg(long)]
        rotate: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum AliasVerb {
    /// Make a name lead to a component; who installs it is redirected.
    #[command(
        after_help = "Aliases are also made by themselves: when a sync finds an item under a new name with the\nsame content, and when a repository's namespace changes. A component that is served is\nnever hidden by one."
    )]
    Add {
        /// The name that should lead elsewhere.
        name: ItemName,
        /// The name of a component that is served.
        to: ItemName,
        #[command(flatten)]
        output: Output,
    },
    /// List aliases and where they lead.
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Remove an alias.
    Remove {
        /// The alias.
        name: ItemName,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum NameVerb {
    /// List removed components whose names are held.
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Release the name of a removed component, so that anyone may publish it.
    #[command(
        after_help = "From then on the name answers 404, its pinned states (name@v1, name@sha-…) too, until it is\npublished again. Repositories that wait for it are synced."
    )]
    Release {
        /// The name.
        name: ItemName,
        #[command(flatten)]
        output: Output,
    },
    /// Say what to use instead of a removed component.
    Replace {
        /// The name of the removed component.
        name: ItemName,
        /// The name of a component that is served.
        #[arg(long, value_name = "NAME", required_unless_present = "none")]
        by: Option<ItemName>,
        /// Leave it to the registry, which looks for the same content under another name.
        #[arg(long, conflicts_with = "by")]
        none: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Clone, Copy, Args)]
struct Output {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    git::init();
    let cli = Cli::parse();
    let serving = matches!(cli.verb, Verb::Serve { .. });
    let filter = tracing_subscriber::EnvFilter::try_from_env("EKAIROS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(if serving { "info" } else { "warn" }));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::failure(&format!("cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            output::failure(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run(mut cli: Cli) -> Result<ExitCode, CliError> {
    if let Verb::Serve { listen, instant_listen, .. } = &mut cli.verb {
        cli.flags.listen = listen.take();
        cli.flags.instant_listen = instant_listen.take();
    }
    if let Verb::Check { path, format, dependencies, output } = &cli.verb {
        let format = if output.json { output::Format::Json } else { *format };
        return check(path.clone(), *dependencies, format).await;
    }
    if matches!(cli.verb, Verb::Openapi) {
        output::json(&crate::api::document());
        return Ok(ExitCode::SUCCESS);
    }
    let config = Arc::new(Config::load(&cli.flags)?);
    let (command, output) = match cli.verb {
        Verb::Serve { json, .. } => return serve::serve(config, json).await,
        Verb::Schema(verb) => return verb.run(config).await,
        Verb::Backup(backup) => return backup.run(config).await,
        Verb::Restore(restore) => return restore.run(config).await,
        Verb::Import(import) => return import.run(config).await,
        Verb::Config { output } => {
            output::config(&config.rows(), output.json);
            return Ok(ExitCode::SUCCESS);
        }
        Verb::Check { .. } | Verb::Openapi => unreachable!("answered above"),
        Verb::Repo(RepoVerb::Add {
            url_or_path,
            name,
            namespace,
            config_path,
            branch,
            dependencies,
            poll_every,
            token,
            output,
        }) => {
            // The server may run in another folder.
            let url = absolute(url_or_path);
            let new = NewRepository {
                url,
                name,
                namespace,
                config_path,
                branch,
                dependencies,
                poll_every: poll_every.map(Interval::as_seconds),
                credential: token.read()?,
            };
            (Command::RepoAdd(new), output)
        }
        Verb::Repo(RepoVerb::Discover { url_or_path, branch, token, output }) => {
            let credential = token.read()?;
            (Command::RepoDiscover(Discover { url: absolute(url_or_path), branch, credential }), output)
        }
        Verb::Repo(RepoVerb::Change {
            repository,
            name,
            url,
            namespace,
            no_namespace,
            branch,
            dependencies,
            poll_every,
            poll_as_configured,
            output,
        }) => {
            let namespace = if no_namespace { Some(None) } else { namespace.map(Some) };
            let poll_every =
                if poll_as_configured { Some(None) } else { poll_every.map(|every| Some(every.as_seconds())) };
            let branch = branch.map(Some);
            let change = RepositoryChange { name, url: url.map(absolute), branch, dependencies, poll_every, namespace };
            (Command::RepoChange { repository: absolute(repository), change }, output)
        }
        Verb::Repo(RepoVerb::List { output }) => (Command::RepoList, output),
        Verb::Repo(RepoVerb::Credential { repository, username, token_file, output, .. }) => {
            let token = match token_file {
                Some(file) => Some(DeployToken { username, token: token_in(&file)? }),
                None => None,
            };
            (Command::RepoCredential { repository: absolute(repository), token }, output)
        }
        Verb::Repo(RepoVerb::Hook { repository, rotate, output }) => {
            (Command::RepoHook { repository: absolute(repository), rotate }, output)
        }
        Verb::Sync { repository, wait, output } => (Command::Sync { repository: absolute(repository), wait }, output),
        Verb::Rollback { repository, snapshot, output } => {
            (Command::Rollback { repository: absolute(repository), snapshot }, output)
        }
        Verb::Alias(AliasVerb::Add { name, to, output }) => (Command::AliasAdd(NewAlias { name, to }), output),
        Verb::Alias(AliasVerb::List { output }) => (Command::AliasList, output),
        Verb::Alias(AliasVerb::Remove { name, output }) => (Command::AliasRemove { name }, output),
        Verb::Name(NameVerb::List { output }) => (Command::NameList, output),
        Verb::Name(NameVerb::Release { name, output }) => (Command::NameRelease { name }, output),
        Verb::Name(NameVerb::Replace { name, by, output, .. }) => (Command::NameReplace { name, by }, output),
        Verb::Token(verb) => verb.command(),
        Verb::Settings(settings) => settings.command(),
        Verb::LoginLink { output } => (Command::LoginLink, output),
        Verb::Instant(verb) => verb.command(),
    };
    carry_out(config, command, &output).await
}

/// Carries out a command: here where nobody has the data folder, else in the
/// server that has it.
async fn carry_out(config: Arc<Config>, mut command: Command, output: &Output) -> Result<ExitCode, CliError> {
    let data = DataFolder::at(&config.data)?;
    let mut bar = output::ProgressBar::new(output.json);
    let watch = &mut |told: &Told| bar.show(told);
    let reply = match data.lock() {
        Ok(_lock) => {
            let origin = config.origin(config.listen.value);
            let organisation = config.org.value.clone();
            let installation = Installation::open(config, data, &origin, Stay::Short).await?;
            let operator = installation.operator(organisation).await?;
            if let Command::Sync { wait, .. } = &mut command {
                // Nothing else would run it.
                *wait = true;
            }
            let reply = command::execute(&operator, command, watch).await?;
            // What it asked for would end with this process.
            operator.service.finish_syncs(&operator.access).await?;
            reply
        }
        Err(DataError::InUse(_)) => control::send(&data, config.org.value.clone(), &command, watch).await?,
        Err(error) => return Err(error.into()),
    };
    bar.finish();
    Ok(output::reply(&reply, output.json))
}

/// A path that exists here, made absolute; anything else as it is.
fn absolute(text: String) -> String {
    let path = std::path::Path::new(&text);
    if !text.contains("://") && path.exists() && !path.is_absolute() {
        path.canonicalize().map_or(text.clone(), |path| path.display().to_string())
    } else {
        text
    }
}

async fn check(path: PathBuf, policy: Option<DependencyPolicy>, format: output::Format) -> Result<ExitCode, CliError> {
    let checking = tokio::task::spawn_blocking(move || service::check(&path, policy));
    let report = checking.await.map_err(service::ServiceError::from)??;
    Ok(output::check(&report, format))
}
