//! `token`: what opens the registry for programs.

use super::{Command, Output};
use crate::{auth::Scope, service::Rotation};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum TokenVerb {
    /// Make a token and print it, once.
    #[command(
        after_help = "A project keeps it in the environment, as components.json says:\n  \"headers\": { \"Authorization\": \"Bearer ${REGISTRY_TOKEN}\" }"
    )]
    Create {
        /// What it may do: read (install and look), sync (also ask for syncs), admin (everything).
        #[arg(long)]
        scope: Scope,
        /// A name for people.
        #[arg(long, default_value = "")]
        name: String,
        /// When it expires, such as 90d or 1y; never if not given.
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires: Option<u64>,
        #[command(flatten)]
        output: Output,
    },
    /// List tokens: what they may do, until when, and when they were last used.
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Make a token that takes another's place, and print it, once.
    #[command(
        after_help = "It has the other's name and scope. Enter it wherever the other is used; then the other may expire."
    )]
    Rotate {
        /// The token's id, or its name.
        token: String,
        /// How long the old one goes on working, such as 1h or 7d; 0s for not at all [default: 1day].
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        overlap: Option<u64>,
        /// When the new one expires [default: after as long a life as the old one had].
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        expires: Option<u64>,
        #[command(flatten)]
        output: Output,
    },
    /// Revoke a token: it opens nothing from then on.
    Revoke {
        /// The token's id, or its name.
        token: String,
        #[command(flatten)]
        output: Output,
    },
}

/// A time as people write it, in seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let time = humantime::parse_duration(text);
    time.map(|time| time.as_secs()).map_err(|_| format!("{text:?} is not a time: write `30d`, `12h` or `1y`"))
}

impl TokenVerb {
    /// The command that it stands for.
    pub(super) fn command(self) -> (Command, Output) {
        match self {
            Self::Create { scope, name, expires, output } => {
                (Command::TokenCreate { scope, name, expires_in: expires }, output)
            }
            Self::List { output } => (Command::TokenList, output),
            Self::Rotate { token, overlap, expires, output } => {
                (Command::TokenRotate { token, rotation: Rotation { overlap, expires_in: expires } }, output)
            }
            Self::Revoke { token, output } => (Command::TokenRevoke { token }, output),
        }
    }
}
