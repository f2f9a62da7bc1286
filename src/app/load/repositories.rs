//! Loaders of the list of repositories and of the page of members.

use super::server::{open, service_error};
use crate::{
    app::{
        data::{MemberRow, MembersData, People, RepositoriesData, health_word},
        error::PageError,
        words::t,
    },
    app_state::AppState,
    auth::{self, Access, Actor, Read, Role},
};
use clerk::{Member, OrganizationId, Principal};
use model::view::Health;

/// The order in which states are told: those that need someone first.
const STATES: [Health; 4] = [Health::Broken, Health::Attention, Health::Working, Health::Fresh];

/// All repositories, or those in one state; a word that is no state means all.
pub async fn repositories(state: String) -> Result<RepositoriesData, PageError> {
    let (app, access) = open::<Read>().await?;
    let mut rows = app.service.overview(&access).await.map_err(service_error)?;
    let of = |health: Health| rows.iter().filter(|row| row.repository.health() == health).count();
    let counts = STATES.into_iter().map(|health| (health, of(health))).filter(|(_, count)| *count > 0).collect();
    let shown = STATES.into_iter().find(|health| health_word(*health) == state);
    rows.retain(|row| shown.is_none_or(|shown| row.repository.health() == shown));
    Ok(RepositoriesData { rows, counts, shown })
}

/// The organisation by the id that Clerk knows it by, where people sign in through Clerk.
fn at_clerk<R: Role>(app: &AppState, access: &Access<R>) -> Option<OrganizationId> {
    app.authenticator.clerk.as_ref()?;
    access.organisation().to_string().parse().ok()
}

/// What the people are called who stand among these actors. Clerk is asked for
/// all members at once, and only where there is a person.
pub async fn people<R: Role>(
    app: &AppState,
    access: &Access<R>,
    mut actors: impl Iterator<Item = impl AsRef<str>>,
) -> People {
    let Some(sign_in) = &app.authenticator.clerk else { return People::default() };
    if !actors.any(|actor| actor.as_ref().starts_with("person:")) {
        return People::default();
    }
    let Some(id) = at_clerk(app, access) else { return People::default() };
    sign_in.clerk().members(&id).await.map(|members| People::of(&members)).unwrap_or_default()
}

/// Who is in the organisation.
pub async fn members() -> Result<MembersData, PageError> {
    let (app, access) = open::<Read>().await?;
    if !matches!(access.actor(), Actor::Person(_) | Actor::Operator) {
        let message = t!("Who is in the organisation is shown to its members. Sign in as one of them.");
        return Err(PageError::new(403, t!("Not for programs"), message));
    }
    let (Some(sign_in), Some(id)) = (&app.authenticator.clerk, at_clerk(&app, &access)) else {
        return Ok(MembersData::Local);
    };
    let platform = sign_in.platform().origin();
    let you = match auth::signed_in().await {
        Ok(Principal::Session(session)) => Some(session.user),
        _ => None,
    };
    let Some(known) = sign_in.clerk().members(&id).await else { return Ok(MembersData::Unknown { platform }) };
    let row = |member: &Member| {
        let id = member.user.as_ref().map(|user| user.as_str().to_owned());
        let name = member.name.clone().or_else(|| member.identifier.clone()).or_else(|| id.clone());
        MemberRow {
            identifier: member.identifier.clone().filter(|_| member.name.is_some()),
            name: name.unwrap_or_else(|| t!("Someone").into_owned()),
            is_admin: member.role == "org:admin",
            role: member.role.trim_start_matches("org:").to_owned(),
            joined_at: member.joined_at,
            is_you: member.user.is_some() && member.user == you,
            actor: id.map(|id| format!("person:{id}")),
        }
    };
    let mut members: Vec<_> = known.list.iter().map(row).collect();
    members.sort_by_key(|member| (!member.is_admin, member.name.to_lowercase()));
    Ok(MembersData::Known { members, total: known.total, platform })
}
