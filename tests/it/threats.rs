//! Threats that belong to no single room: caches on the way, headers and paths
//! that other programs trust, secrets that get out anywhere.

mod bypass;
mod caches;
mod secrets;
