//! The item that configures a project: `npx shadcn init <origin>/r/init.json`.
//!
//! It holds no secret, so everyone may have it. A `registry:base` item whose
//! `config` the CLI merges into components.json (`specs/shadcn-protocol.md` 1.5
//! and 7.1); `extends: none` keeps it from asking ui.shadcn.com for more.

use crate::app_state::AppState;
use model::OrganisationId;
use serde_json::{Map, Value, json};

/// The name under which it is served. No component can have it.
pub(super) const NAME: &str = "init";
/// The variable that holds a project's token.
pub(crate) const TOKEN_VARIABLE: &str = "REGISTRY_TOKEN";

/// What components.json says of this registry: its address, and the token where
/// one is needed. The token itself stays in the environment.
pub(crate) fn registry_of(state: &AppState, organisation: Option<&OrganisationId>, is_public: bool) -> Value {
    let origin = state.service.origin();
    let url = match organisation {
        Some(organisation) => format!("{origin}/o/{organisation}/r/{{name}}.json"),
        None => format!("{origin}/r/{{name}}.json"),
    };
    if is_public || state.authenticator.anonymous_installs {
        return Value::String(url);
    }
    json!({ "url": url, "headers": { "Authorization": format!("Bearer ${{{TOKEN_VARIABLE}}}") } })
}

/// The item, for a registry that projects know by this alias.
pub(super) fn item(state: &AppState, organisation: Option<&OrganisationId>, alias: &str, is_public: bool) -> Value {
    let origin = state.service.origin();
    let install = format!("This project knows the registry as {alias}. Install with: npx shadcn add {alias}/<name>");
    let docs = if is_public || state.authenticator.anonymous_installs {
        install
    } else {
        format!(
            "{install}\nIt needs a token with the scope `read`: make one at {origin}/settings/tokens and put it into .env.local as {TOKEN_VARIABLE}=…"
        )
    };
    let registries = Map::from_iter([(alias.to_owned(), registry_of(state, organisation, is_public))]);
    json!({
        "$schema": "https://ui.shadcn.com/schema/registry-item.json",
        "extends": "none",
        "name": NAME,
        "type": "registry:base",
        "title": "Set up this registry",
        "description": format!("Adds {alias} to components.json."),
        "config": { "registries": registries },
        "docs": docs,
    })
}
