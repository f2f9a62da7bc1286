//! The Ekairos Registry: git repositories in, `shadcn add` out.
//!
//! The rooms, and what each may touch, are described in `ARCHITECTURE.md`.
//! Everything but [`app`] exists only in the server's build.

#![recursion_limit = "256"]

// The translations of what the pages say; see `app::words`.
#[cfg(feature = "ssr")]
rust_i18n::i18n!("locales");

pub mod app;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod app_state;
#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
pub mod catalog;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod data;
#[cfg(feature = "ssr")]
pub mod seal;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod tenants;

/// The browser's entry point: wakes the islands of a server-rendered page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
