//! Who is asking.

use crate::{ApiKey, OrganizationId, SessionId, UserId, permissions, token::Object};
use serde_json::Value;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person with a session.
    Session(SessionPrincipal),
    /// A program with an API key of an organisation.
    ApiKey(ApiKey),
}

impl Principal {
    /// The organisation that is acted for, if one is chosen.
    pub fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Session(session) => session.organization.as_ref().map(|organization| &organization.id),
            Self::ApiKey(key) => Some(&key.organization),
        }
    }

    /// The person, if it is one or a person's key.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::Session(session) => Some(&session.user),
            Self::ApiKey(key) => key.user.as_ref(),
        }
    }
}

/// A person, as a session token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPrincipal {
    /// The person.
    pub user: UserId,
    /// The session; tokens for tests may have none.
    pub session: Option<SessionId>,
    /// The active organisation. None while the session is pending.
    pub organization: Option<ActiveOrganization>,
    /// Whether Clerk wants something done first.
    pub status: SessionStatus,
    /// Who is really there, if someone impersonates the person (`act.sub`).
    pub actor: Option<String>,
    /// When the token was issued, in seconds since 1970.
    pub issued_at: Option<i64>,
}

/// Whether a session is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// It is.
    Active,
    /// A task is left, mostly that of choosing an organisation.
    Pending,
}

/// The organisation that a session acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Its slug, where the instance has slugs.
    pub slug: Option<String>,
    /// The person's role in it, such as `org:admin`.
    pub role: Option<String>,
    /// What the role permits, such as `org:registry:manage`.
    pub permissions: Vec<String>,
}

impl ActiveOrganization {
    /// Whether an address that names an organisation by id or slug means this one.
    pub fn is_named(&self, id_or_slug: &str) -> bool {
        self.id.as_str() == id_or_slug || self.slug.as_deref() == Some(id_or_slug)
    }
}

impl SessionPrincipal {
    /// From the claims of a token that was verified. `None` if they name no user.
    pub(crate) fn of(claims: &Object) -> Option<Self> {
        let status = match claims.text("sts") {
            Some("pending") => SessionStatus::Pending,
            _ => SessionStatus::Active,
        };
        let second_version = claims.number("v").is_some_and(|version| (version - 2.0).abs() < f64::EPSILON);
        let organization = match status {
            SessionStatus::Pending => None,
            // Only `o` counts here: an `org_id` would be a claim of someone's own.
            SessionStatus::Active if second_version => second(claims),
            SessionStatus::Active => first(claims),
        };
        Some(Self {
            user: claims.text("sub")?.parse().ok()?,
            session: claims.text("sid").and_then(|id| id.parse().ok()),
            organization,
            status,
            actor: claims.get("act").and_then(|act| act.get("sub")?.as_str()).map(str::to_owned),
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
            issued_at: claims.number("iat").map(|seconds| seconds as i64),
        })
    }
}

/// Claims without `v`.
fn first(claims: &Object) -> Option<ActiveOrganization> {
    let permissions = claims.get("org_permissions").and_then(Value::as_array);
    Some(ActiveOrganization {
        id: claims.text("org_id")?.parse().ok()?,
        slug: claims.text("org_slug").map(str::to_owned),
        role: claims.text("org_role").map(str::to_owned),
        permissions: permissions.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
    })
}

/// Claims with `"v": 2`.
fn second(claims: &Object) -> Option<ActiveOrganization> {
    let organization = claims.get("o")?;
    let text = |name: &str| organization.get(name).and_then(Value::as_str);
    Some(ActiveOrganization {
        id: text("id")?.parse().ok()?,
        slug: text("slg").map(str::to_owned),
        role: text("rol").map(|role| format!("org:{role}")),
        permissions: permissions::decode(
            claims.text("fea").unwrap_or_default(),
            text("per").unwrap_or_default(),
            text("fpm").unwrap_or_default(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn principal(claims: Value) -> SessionPrincipal {
        SessionPrincipal::of(&claims.into()).unwrap()
    }

    #[test]
    fn both_versions_of_claims_tell_the_organisation() {
        let one = principal(json!({
            "sub": "user_1", "sid": "sess_1", "org_id": "org_1", "org_slug": "acme", "org_role": "org:admin",
            "org_permissions": ["org:registry:manage"],
        }));
        let two = principal(json!({
            "v": 2, "sub": "user_1", "sid": "sess_1", "fea": "o:registry",
            "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "manage", "fpm": "1" },
        }));
        assert_eq!(one, two);
        let organization = two.organization.unwrap();
        assert_eq!(organization.permissions, ["org:registry:manage"]);
        assert!(organization.is_named("acme") && organization.is_named("org_1") && !organization.is_named("other"));
    }

    #[test]
    fn a_claim_of_someones_own_names_no_organisation() {
        assert_eq!(principal(json!({ "v": 2, "sub": "user_1", "org_id": "org_9" })).organization, None);
        // And the other way round.
        assert_eq!(principal(json!({ "sub": "user_1", "o": { "id": "org_9" } })).organization, None);
    }

    #[test]
    fn a_pending_session_has_no_organisation() {
        let pending = principal(json!({ "v": 2, "sub": "user_1", "sts": "pending", "o": { "id": "org_1" } }));
        assert_eq!((pending.status, pending.organization), (SessionStatus::Pending, None));
    }

    #[test]
    fn an_impersonator_is_told() {
        let claims = json!({ "sub": "user_1", "act": { "sub": "user_support" }, "iat": 12.9 });
        let found = principal(claims);
        assert_eq!((found.actor.as_deref(), found.issued_at), (Some("user_support"), Some(12)));
    }

    #[test]
    fn claims_of_strange_types_spoil_nothing_else() {
        let found = principal(json!({ "v": "2", "sub": "user_1", "sid": 7, "org_id": {}, "act": [], "iat": "x" }));
        assert_eq!((found.session, found.organization, found.actor, found.issued_at), (None, None, None, None));
        assert!(SessionPrincipal::of(&json!({ "sub": 7 }).into()).is_none());
        assert!(SessionPrincipal::of(&json!({ "sub": "../x" }).into()).is_none());
    }
}
