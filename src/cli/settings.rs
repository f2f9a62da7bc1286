//! `settings`: what an organisation sets of its own registry.

use super::{Command, Output};
use crate::service::{Homepage, RegistryName, SettingsChange};
use clap::{Args, ValueEnum};
use model::{Accent, Alias, DependencyPolicy};
use std::str::FromStr;

#[derive(Debug, Args)]
pub(super) struct Settings {
    /// The name under which projects know the registry, such as @acme.
    #[arg(long, value_name = "@NAME")]
    alias: Option<OrDefault<Alias>>,
    /// The registry's name for people.
    #[arg(long)]
    name: Option<OrDefault<RegistryName>>,
    /// Its home page: an http or https address.
    #[arg(long, value_name = "URL")]
    homepage: Option<OrDefault<Homepage>>,
    /// Whether anyone may list and install everything in it, without a token.
    #[arg(long, value_name = "on|off")]
    public: Option<Switch>,
    /// How own dependencies by bare name are served in repositories added without --dependencies: own-first, shadcn-first or as-written.
    #[arg(long, value_name = "POLICY")]
    policy: Option<OrDefault<DependencyPolicy>>,
    /// The dashboard's accent: violet, pink, teal or graphite.
    #[arg(long, value_name = "COLOUR")]
    accent: Option<OrDefault<Accent>>,
    #[command(flatten)]
    output: Output,
}

/// A value, or by an empty text what counts where nothing is set.
#[derive(Debug, Clone)]
struct OrDefault<T>(Option<T>);

impl<T: FromStr> FromStr for OrDefault<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(|value| Self(Some(value))) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Settings {
    /// The command that it stands for.
    pub(super) fn command(self) -> (Command, Output) {
        let change = SettingsChange {
            alias: self.alias.map(|alias| alias.0),
            name: self.name.map(|name| name.0),
            homepage: self.homepage.map(|homepage| homepage.0),
            public: self.public.map(|public| public == Switch::On),
            default_policy: self.policy.map(|policy| policy.0),
            accent: self.accent.map(|accent| accent.0),
        };
        (Command::Settings(change), self.output)
    }
}
