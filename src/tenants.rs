//! Organisation → its store, catalogue and jobs.

mod clerk;
mod contact;
mod directory;
mod remembered;
mod served;
pub mod store;
mod tenant;

pub use contact::{Away, Contact};
pub use directory::{Credentials, Directory};
pub use remembered::Remembered;
pub use served::Tenants;
pub use tenant::Tenant;
