//! A Clerk for tests.

mod clock;
mod signing;

pub use clock::ManualClock;
pub use signing::SigningKey;
