//! The pages. Each takes what it shows as props and loads nothing itself.

pub mod add_repository;
pub mod component;
pub mod components;
pub mod error;
pub mod repositories;
pub mod repository;
pub mod sign_in;
pub mod webhook;
