//! GitHub's REST API as far as a registry asks it: whose a token is, which
//! repositories it sees, and why it does not see one.
//!
//! The token goes into the `Authorization` header and nowhere else, and only to
//! the API of the [`Site`] that it is for. Facts:
//! <https://docs.github.com/en/rest> at version 2022-11-28.

mod answer;
mod client;
mod name;
mod repository;
mod site;
mod token;

pub use answer::GithubError;
pub use client::{Account, Client, Listing};
pub use name::{FullName, InvalidFullName};
pub use repository::Repository;
pub use site::{InvalidSite, Site};
pub use token::{InvalidToken, Token};
