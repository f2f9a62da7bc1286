//! What is ours, put into an app, moved between two stores, and taken back:
//! schema and rules ([`schema`]), and data ([`import`]).
//!
//! Everything goes through [`instant::Store`], so that each end may be an app in
//! Instant Cloud, a self-hosted InstantDB or the embedded store. Only
//! `registry_*` namespaces, their rules and files below `registry/` are touched,
//! unless a whole app is moved ([`Scope::WholeApp`]).

mod error;
pub mod import;
mod read;
mod row;
pub mod schema;
mod scope;
#[cfg(test)]
mod tests;

pub use error::{End, MovingError};
pub use scope::Scope;
