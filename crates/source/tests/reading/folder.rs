//! Folders of components: each rule of `docs/sources.md`.

mod dependencies;
mod generated;
mod items;
mod overrides;
mod places;
mod project;
mod search;
