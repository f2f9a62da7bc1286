//! What the Backend API answers, as far as it is read.

use crate::{InstantCredentials, OrganizationId, UserId};
use net::Secret;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// `GET /v1/clients/handshake_payload`.
#[derive(Deserialize)]
pub(super) struct Payload {
    pub(super) directives: Vec<String>,
}

/// `POST /v1/sessions/{id}/refresh`.
#[derive(Deserialize)]
pub(super) struct Refreshed {
    pub(super) cookies: Vec<String>,
}

/// A page of memberships.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) data: Vec<Membership>,
}

/// A user's membership in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Membership {
    /// The role, such as `org:admin`.
    pub role: String,
    /// The organisation. Its private metadata is not part of this answer.
    pub organization: OrganizationRecord,
}

/// `GET /v1/organizations/{id}/memberships`.
#[derive(Deserialize)]
pub(super) struct Members {
    pub(super) data: Vec<Member>,
    pub(super) total_count: usize,
}

/// A member of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "RawMember")]
pub struct Member {
    /// Their id; none where Clerk tells nothing of the user.
    pub user: Option<UserId>,
    /// The role, such as `org:admin`.
    pub role: String,
    /// First and last name, as far as they are known.
    pub name: Option<String>,
    /// What they sign in with, mostly an e-mail address.
    pub identifier: Option<String>,
    /// When they joined, in milliseconds since 1970.
    pub joined_at: Option<i64>,
}

#[derive(Deserialize)]
struct RawMember {
    role: String,
    #[serde(default)]
    created_at: Option<i64>,
    #[serde(default)]
    public_user_data: Option<RawPublicUser>,
}

#[derive(Deserialize)]
struct RawPublicUser {
    user_id: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    identifier: Option<String>,
}

impl From<RawMember> for Member {
    fn from(RawMember { role, created_at, public_user_data }: RawMember) -> Self {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let (user, name, identifier) = match public_user_data {
            Some(RawPublicUser { user_id, first_name, last_name, identifier }) => {
                let names: Vec<_> = [filled(first_name), filled(last_name)].into_iter().flatten().collect();
                let user = user_id.and_then(|id| id.parse().ok());
                (user, filled(Some(names.join(" "))), filled(identifier))
            }
            None => (None, None, None),
        };
        Self { user, role, name, identifier, joined_at: created_at }
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OrganizationRecord {
    /// Its id.
    #[serde(deserialize_with = "parsed")]
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// Its slug, where the instance has slugs.
    #[serde(default)]
    pub slug: Option<String>,
    /// Its picture.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Its InstantDB credentials, if they are whole.
    #[serde(default, rename = "private_metadata", deserialize_with = "instant")]
    pub instant: Option<InstantCredentials>,
}

/// `private_metadata.instant`: two texts that are not blank, and perhaps the
/// address of an own server.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<InstantCredentials>, D::Error> {
    let metadata = Value::deserialize(deserializer)?;
    let text = |name: &str| {
        let text = metadata.get("instant")?.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Ok(text("appId").zip(text("adminToken")).map(|(app_id, admin_token)| InstantCredentials {
        app_id,
        admin_token: Secret::new(admin_token),
        api_uri: text("apiUri"),
    }))
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "RawUser")]
pub struct UserRecord {
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The primary e-mail address.
    pub email: Option<String>,
}

#[derive(Deserialize)]
struct RawUser {
    first_name: Option<String>,
    last_name: Option<String>,
    primary_email_address_id: Option<String>,
    #[serde(default)]
    email_addresses: Vec<RawEmail>,
}

#[derive(Deserialize)]
struct RawEmail {
    id: Option<String>,
    email_address: String,
}

impl From<RawUser> for UserRecord {
    fn from(raw: RawUser) -> Self {
        let primary = raw.primary_email_address_id;
        let email = raw.email_addresses.into_iter().find(|email| email.id == primary);
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Self {
            first_name: filled(raw.first_name),
            last_name: filled(raw.last_name),
            email: email.map(|email| email.email_address),
        }
    }
}

/// An API key, as Clerk describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ApiKeyRecord {
    /// The key's id.
    pub id: String,
    /// What it was called when it was made.
    #[serde(default)]
    pub name: String,
    /// Whose it is: `org_…` or `user_…`.
    pub subject: String,
    /// What it is for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What its maker wrote to it.
    #[serde(default)]
    pub claims: Option<Value>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether its time is over.
    pub expired: bool,
    /// When its time is over, in milliseconds since 1970.
    #[serde(default)]
    pub expiration: Option<i64>,
}

fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
