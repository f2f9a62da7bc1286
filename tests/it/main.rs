//! The program, driven through its public doors: the command line and HTTP,
//! against real git repositories on loopback and on disk.
#![expect(clippy::disallowed_types, reason = "tests start the program, and the CLI that it serves")]

mod access;
mod activity;
mod audit;
mod backup;
mod bad_input;
mod commands;
mod crash;
mod deploy_token;
mod disk_full;
mod feed;
mod findings;
mod folder;
mod freshness;
mod github;
mod guard;
mod history;
mod home;
mod instant_app;
mod instant_sdk;
mod items;
mod languages;
mod limits;
mod manual;
mod monorepo;
mod moving;
mod names;
mod organisations;
mod outage;
mod packages;
mod replicas;
mod schema_verbs;
mod selectors;
mod settings;
mod shadcn;
mod site;
mod stopped;
mod support;
mod sync;
mod sync_by_path;
mod threats;
mod tokens;
mod webhooks;
mod webhooks_hosts;
mod webhooks_setup;
