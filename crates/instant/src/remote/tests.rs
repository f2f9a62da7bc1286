//! The client against a server that follows a script.

mod answers;
mod files;
mod live;
mod reach;
mod requests;
mod retries;
mod server;
mod twin;

use super::{Patience, Remote, RemoteSettings};
use crate::{Form, Query, Transaction};
use net::{Secret, TenantClient};
use serde_json::{Value, json};
use server::{Asked, Reply, Server};
use std::time::Duration;

const APP: &str = "8a1f2c9e-0000-4000-8000-000000000001";
const TOKEN: &str = "c0ffee00-canary-4000-8000-000000000002";
const A: &str = "10000000-0000-4000-8000-00000000000a";
const B: &str = "10000000-0000-4000-8000-00000000000b";

/// Quick to try again, and patient with a busy machine.
fn patience() -> Patience {
    Patience {
        connect: Duration::from_secs(20),
        answer: Duration::from_secs(20),
        away: Duration::from_secs(20),
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(5),
        trying: Duration::from_secs(10),
        silence: Duration::from_secs(20),
        poll: Duration::from_millis(5),
    }
}

fn remote_at(uri: &str, patience: Patience) -> Remote {
    let settings =
        RemoteSettings { app_id: APP.parse().unwrap(), admin_token: Secret::new(TOKEN), api_uri: uri.parse().unwrap() };
    Remote::with_patience(settings, TenantClient::new("".parse().unwrap()).unwrap(), patience).unwrap()
}

fn remote(server: &Server) -> Remote {
    remote_at(&server.uri(), patience())
}

/// All todos.
fn todos() -> Query {
    Query::of("todos", Form::default())
}

fn transaction(steps: &Value) -> Transaction {
    Transaction { throw_on_missing_attrs: true, ..Transaction::from_json(steps).unwrap() }
}

/// One that may be sent twice.
fn repeatable() -> Transaction {
    transaction(&json!([["update", "todos", A, { "title": "t" }]]))
}

/// One that may not.
fn unrepeatable() -> Transaction {
    transaction(&json!([["create", "todos", A, { "title": "t" }]]))
}
