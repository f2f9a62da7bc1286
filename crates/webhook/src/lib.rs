//! Webhook deliveries of git hosts: whether they are genuine, and what they
//! say. Pure: headers, body, secret and time go in, a [`Delivery`] comes out.
//!
//! Two steps, and the types keep their order. [`authenticate`] looks at the
//! bytes alone and yields an [`Authentic`]; only that can be [read](Authentic::read).
//!
//! A delivery is a hint that refs moved. Event names travel in headers that no
//! host signs, so nothing more may ever be concluded from one.

mod authenticate;
mod delivery;
mod host;
mod read;
mod secret;
pub mod sign;

pub use authenticate::{Authentic, Refused, TOLERANCE_SECONDS, authenticate};
pub use delivery::{Delivery, DeliveryId, Event, GitRef, RefChange, RefKind, Tip};
pub use host::{Claim, Host};
pub use http::HeaderMap;
pub use read::Malformed;
pub use secret::{HookSecret, InvalidHookSecret};
