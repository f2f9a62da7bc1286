//! The pages. Each takes what it shows as props and loads nothing itself.

pub mod activity;
pub mod add_repository;
pub mod component;
pub mod components;
pub mod diff;
pub mod error;
pub mod hand;
pub mod home;
pub mod kept;
pub mod names;
pub mod organisations;
pub mod packages;
pub mod removed;
pub mod repositories;
pub mod repository;
pub mod settings;
pub mod sign_in;
pub mod webhook;
