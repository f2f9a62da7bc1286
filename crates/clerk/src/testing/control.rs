//! A fake Clerk as a test in another process holds it: `POST /__fake` with one
//! of the commands below as JSON.

use super::{
    Trouble,
    fake::{Shared, lock},
    world::{Broken, World},
};
use axum::{Json, Router, extract::State, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// What a test may want.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// There is an organisation.
    Organization { id: String, name: String, private_metadata: Value },
    /// There is a user, with roles by organisations.
    User { id: String, first_name: String, memberships: BTreeMap<String, String> },
    /// An organisation is gone.
    Gone { organization: String },
    /// A user switches to another organisation, elsewhere.
    Switch { user: String, organization: Option<String> },
    /// A session token of a user that was issued so many seconds ago, for a page of `origin`.
    Token { user: String, origin: String, age: u64 },
    /// All sessions of a user end.
    End { user: String },
    /// What the platform's grant page gives.
    Grants { private_metadata: Option<Value> },
    /// The instance signs with another key.
    Rotate { forget_old: bool },
    /// Every path that begins so answers with a status.
    Trouble { prefix: String, status: u16 },
    /// All is well again.
    NoTrouble,
    /// What was called, and how often.
    Calls,
}

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/__fake", post(run))
}

async fn run(State(world): State<Shared>, Json(command): Json<Command>) -> Json<Value> {
    Json(command.run(&mut lock(&world)))
}

impl Command {
    fn run(self, world: &mut World) -> Value {
        match self {
            Self::Organization { id, name, private_metadata } => world.add_organization(&id, &name, private_metadata),
            Self::User { id, first_name, memberships } => {
                let memberships = memberships.iter().map(|(id, role)| (id.as_str(), role.as_str()));
                world.add_user(&id, &first_name, memberships);
            }
            Self::Gone { organization } => drop(world.organizations.remove(&organization)),
            Self::Switch { user, organization } => {
                let sessions = world.sessions.values_mut().filter(|session| session.user == user);
                sessions.for_each(|session| session.organization.clone_from(&organization));
            }
            Self::Token { user, origin, age } => {
                let mut sessions = world.sessions.iter().filter(|(_, session)| session.user == user && !session.ended);
                let id = sessions.next().map(|(id, _)| id.clone());
                let token = id.and_then(|id| world.token(&id, Some(&origin), Duration::from_secs(age)));
                return json!({ "token": token });
            }
            Self::End { user } => {
                let sessions = world.sessions.values_mut().filter(|session| session.user == user);
                sessions.for_each(|session| session.ended = true);
            }
            Self::Grants { private_metadata } => world.grants = private_metadata,
            Self::Rotate { forget_old } => world.rotate(forget_old),
            Self::Trouble { prefix, status } => {
                world.broken.push(Broken { prefix, trouble: Trouble::Status(status) });
            }
            Self::NoTrouble => world.broken.clear(),
            Self::Calls => {
                let mut counts = BTreeMap::<&str, usize>::new();
                for call in &world.calls {
                    *counts.entry(call).or_default() += 1;
                }
                return json!(counts);
            }
        }
        json!({})
    }
}
