//! A Clerk for tests: the Backend API, the Frontend API as far as a handshake and
//! clerk-js need it, and a platform where people sign in and set up organisations.
//! On loopback, with keys that are made when it starts; nothing of it is real.

mod backend_api;
mod clock;
mod control;
mod fake;
mod frontend_api;
mod platform;
mod shapes;
mod signing;
mod world;

#[cfg(test)]
mod tests;

pub use clock::ManualClock;
pub use fake::{FakeClerk, SignedIn, Trouble};
pub use signing::SigningKey;
pub use world::HandshakeForm;
