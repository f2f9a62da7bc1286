//! Deploy tokens on the command line: from a file or standard input, never as
//! an argument, which every program on the machine can see.

use super::CliError;
use crate::service::DeployToken;
use clap::Args;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A deploy token for a private repository.
#[derive(Debug, Args)]
pub(super) struct WithToken {
    /// File with a deploy token for a private repository, - for standard input.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The user name that goes with the token; most hosts take any.
    #[arg(long, requires = "token_file")]
    username: Option<String>,
}

impl WithToken {
    /// The token, if one is given.
    pub(super) fn read(self) -> Result<Option<DeployToken>, CliError> {
        let Self { token_file, username } = self;
        token_file.map(|file| Ok(DeployToken { username, token: token_in(&file)? })).transpose()
    }
}

/// The token in a file, without white space around it; `-` is standard input.
pub(super) fn token_in(file: &Path) -> Result<String, CliError> {
    let text = if file == Path::new("-") { io::read_to_string(io::stdin()) } else { fs::read_to_string(file) };
    let text = text.map_err(|source| CliError::Machine {
        what: format!("cannot read the token from {}", file.display()),
        source,
    })?;
    Ok(text.trim().to_owned())
}
