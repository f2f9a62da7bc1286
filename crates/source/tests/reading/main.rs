//! Reading registries from generated trees and from real ones, with the real
//! `shadcn build` as the judge.

#![expect(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod built;
mod common;
mod folder;
mod include;
mod judge;
mod manifest;
mod outline;
mod parity;
mod schema;
