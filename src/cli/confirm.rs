//! A question that only a person answers.

use super::{CliError, output};
use std::io::{self, IsTerminal};

/// Goes on only when `phrase` was typed, or with `yes`. Without a terminal
/// nobody can be asked, and nothing is done.
pub(super) fn confirm(phrase: &str, yes: bool) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(CliError::Refused("nothing was done: add --yes, or run this in a terminal".to_owned()));
    }
    output::question(&format!("Type {phrase} to go on: "));
    let mut typed = String::new();
    let read = io::stdin().read_line(&mut typed);
    read.map_err(|source| CliError::Machine { what: "cannot read the answer".to_owned(), source })?;
    if typed.trim() == phrase {
        Ok(())
    } else {
        Err(CliError::Refused("nothing was done: something else was typed".to_owned()))
    }
}
