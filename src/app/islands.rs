//! The parts of a page that need the browser. They stay small: plain text as
//! props, no types of the model. What they say comes with them, in the page's language.

mod keys;
#[expect(missing_docs, reason = "the struct that the macro makes of the props has no place for them")]
mod search;
#[expect(missing_docs, reason = "the struct that the macro makes of the props has no place for them")]
mod sync;

#[cfg(feature = "hydrate")]
mod browser;

pub use keys::*;
pub use search::*;
pub use sync::*;
