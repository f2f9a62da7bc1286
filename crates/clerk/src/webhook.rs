//! Clerk's own webhook (section 3.5): what was changed there. Signed as Svix
//! signs: <https://docs.svix.com/receiving/verifying-payloads/how-manual>.
//!
//! Deliveries come at least once, and perhaps late; all that follows from one is
//! that something is forgotten and asked for anew. Their bodies may hold the
//! credentials of an organisation, so nothing but ids is read, and nothing shown.

use crate::{OrganizationId, SessionId, UnixMillis, UserId};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac as _};
use http::HeaderMap;
use net::Secret;
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use std::{fmt, str::FromStr, time::Duration};
use subtle::ConstantTimeEq as _;

/// The largest delivery that is looked at, in bytes. Whoever reads the body
/// stops there, before anything is hashed.
pub const MAX_BODY: usize = 256 << 10;

/// How far the time of a signature may be from ours.
const TOLERANCE: i64 = 5 * 60;

/// For this long a delivery is not handled twice.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Most signatures that are looked at, and characters of an id.
const SIGNATURES: usize = 16;
const LONGEST_ID: usize = 128;

/// Most deliveries that are remembered.
const DELIVERIES: u64 = 10_000;

/// What deliveries are signed with: `whsec_…`.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

/// A text that is no signing secret. It is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a signing secret: it starts with `whsec_`; copy it from Clerk's dashboard, Webhooks")]
pub struct InvalidWebhookSecret;

impl FromStr for WebhookSecret {
    type Err = InvalidWebhookSecret;

    fn from_str(text: &str) -> Result<Self, InvalidWebhookSecret> {
        let key = text.strip_prefix("whsec_").and_then(|key| BASE64_STANDARD.decode(key).ok());
        key.filter(|key| key.len() >= 16).map(Self).ok_or(InvalidWebhookSecret)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(hidden)")
    }
}

impl WebhookSecret {
    /// The signature of a delivery, as `v1,<base64>`.
    pub fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> Secret {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Secret::new(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
    }
}

/// Why a delivery is not handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedDelivery {
    /// There is nothing to check it with.
    #[error(
        "No delivery of Clerk is taken, because CLERK_WEBHOOK_SIGNING_SECRET is not set. Set it to the one that Clerk's dashboard shows for this webhook."
    )]
    NoSecret,
    /// It is larger than [`MAX_BODY`].
    #[error("The delivery is larger than 256 KiB. Choose fewer events for this webhook in Clerk's dashboard.")]
    TooLarge,
    /// A header is missing or cannot be read.
    #[error(
        "The delivery has no headers svix-id, svix-timestamp and svix-signature. Send it from Clerk's dashboard, Webhooks."
    )]
    Unsigned,
    /// The signature is another than that of this body under the secret.
    #[error(
        "The delivery's signature is wrong. Set CLERK_WEBHOOK_SIGNING_SECRET to the one that Clerk's dashboard shows for this webhook."
    )]
    WrongSignature,
    /// The signature is right, and too old or from the future.
    #[error(
        "The delivery was signed more than five minutes from now by the registry's clock. Set the clock right, then send it again."
    )]
    Stale,
    /// It is signed, and not what is documented.
    #[error("The delivery cannot be read, though it is signed. Send it again from Clerk's dashboard.")]
    Malformed,
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An organisation was made or changed; its metadata too, perhaps.
    OrganizationChanged(OrganizationId),
    /// An organisation is gone.
    OrganizationDeleted(OrganizationId),
    /// Somebody joined an organisation, left it, or has another role in it.
    MembershipChanged {
        /// The organisation.
        organization: OrganizationId,
        /// The member, if the delivery says so.
        user: Option<UserId>,
    },
    /// A session was revoked, ended or removed.
    SessionEnded(SessionId),
    /// Anything else.
    Other,
}

/// A delivery that is genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id: the same each time it is sent.
    pub id: String,
    /// What it says.
    pub event: Event,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Value,
}

/// Checks a delivery's signature in constant time, then reads it.
pub fn read(
    headers: &HeaderMap,
    body: &[u8],
    secret: &WebhookSecret,
    now: UnixMillis,
) -> Result<Delivery, RefusedDelivery> {
    if body.len() > MAX_BODY {
        return Err(RefusedDelivery::TooLarge);
    }
    let header = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
        value.filter(|_| values.next().is_none()).ok_or(RefusedDelivery::Unsigned)
    };
    let (id, timestamp, signatures) = (header("svix-id")?, header("svix-timestamp")?, header("svix-signature")?);
    if id.len() > LONGEST_ID || timestamp.len() > 20 {
        return Err(RefusedDelivery::Unsigned);
    }
    let right = secret.sign(id, timestamp, body);
    let is_right = |sent: &str| bool::from(sent.as_bytes().ct_eq(right.expose().as_bytes()));
    if !signatures.split(' ').take(SIGNATURES).any(is_right) {
        return Err(RefusedDelivery::WrongSignature);
    }
    match timestamp.parse::<i64>() {
        Ok(time) if now.seconds().saturating_sub(time).unsigned_abs() <= TOLERANCE.unsigned_abs() => {}
        _ => return Err(RefusedDelivery::Stale),
    }
    let Body { kind, data } = serde_json::from_slice(body).map_err(|_| RefusedDelivery::Malformed)?;
    let event = event(&kind, &data).ok_or(RefusedDelivery::Malformed)?;
    Ok(Delivery { id: id.to_owned(), event })
}

/// What an event of Clerk's means; `None` if it lacks the id that it must have.
fn event(kind: &str, data: &Value) -> Option<Event> {
    let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str);
    Some(match kind {
        "organization.created" | "organization.updated" => Event::OrganizationChanged(text("/id")?.parse().ok()?),
        "organization.deleted" => Event::OrganizationDeleted(text("/id")?.parse().ok()?),
        "organizationMembership.created" | "organizationMembership.updated" | "organizationMembership.deleted" => {
            Event::MembershipChanged {
                organization: text("/organization/id")?.parse().ok()?,
                user: text("/public_user_data/user_id").and_then(|id| id.parse().ok()),
            }
        }
        "session.revoked" | "session.ended" | "session.removed" => Event::SessionEnded(text("/id")?.parse().ok()?),
        _ => Event::Other,
    })
}

/// Remembers deliveries, so that none is handled twice.
#[derive(Debug)]
pub struct Handled(moka::sync::Cache<String, UnixMillis>);

impl Default for Handled {
    fn default() -> Self {
        Self(moka::sync::Cache::new(DELIVERIES))
    }
}

impl Handled {
    /// Whether a delivery is a new one; from now on it is not.
    pub fn is_new(&self, delivery: &Delivery, now: UnixMillis) -> bool {
        let mut new = false;
        self.0.entry(delivery.id.clone()).and_upsert_with(|known| {
            let known = known.map(moka::Entry::into_value);
            match known {
                Some(at) if now.since(at) < REMEMBERED => at,
                _ => {
                    new = true;
                    now
                }
            }
        });
        new
    }
}

#[cfg(test)]
mod tests;
