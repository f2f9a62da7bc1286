//! Clients for addresses that the operator chose.

use crate::{NetError, USER_AGENT};
use reqwest::{Client, redirect::Policy};
use std::{path::Path, time::Duration};

/// A client for addresses from this server's configuration, private ones
/// included. It follows no redirects: a configured address is the final one.
pub fn operator_client() -> Result<Client, NetError> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(10));
    builder.build().map_err(|error| NetError::Client(error.to_string()))
}

/// A client whose every connection goes to the Unix socket at `path`, whatever
/// host the URL names: how the command line talks to a running server.
#[cfg(unix)]
pub fn unix_client(path: &Path) -> Result<Client, NetError> {
    let builder = Client::builder().user_agent(USER_AGENT).redirect(Policy::none()).no_proxy().unix_socket(path);
    builder.build().map_err(|error| NetError::Client(error.to_string()))
}
