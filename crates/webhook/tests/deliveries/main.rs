//! Deliveries of each host, written after its documentation.

mod genuine;
mod hosts;
mod properties;
mod support;
