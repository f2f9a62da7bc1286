//! Why something could not be moved.

use instant::{InstantError, Plan};
use std::fmt;

/// One of the two stores of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// What is read.
    Source,
    /// What is written.
    Target,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Why something could not be moved. Messages name the next step.
#[derive(Debug, thiserror::Error)]
pub enum MovingError {
    /// The one store at hand refused or failed.
    #[error(transparent)]
    Store(Box<InstantError>),
    /// One of two stores refused or failed.
    #[error("the {end}: {source}")]
    At {
        /// Which.
        end: End,
        /// What it said.
        source: Box<InstantError>,
    },
    /// The app has a schema that ours does not go with.
    #[error(
        "the app's schema does not go with this registry's, and nothing was pushed.\n{0}\nUse another app, or remove what differs there if nothing needs it"
    )]
    Conflict(Box<Plan>),
    /// A push would change what is there, and nobody asked for it.
    #[error(
        "the app's schema differs from this registry's, and a start only adds.\n{0}\nLook at it with `ekairos-registry schema plan`, and carry it out with `ekairos-registry schema push`"
    )]
    NeedsPush(Box<Plan>),
    /// After a push something is still to be done.
    #[error("the store took the schema and still differs from it:\n{0}\nPush again; if that does not help, report it")]
    NotTaken(Box<Plan>),
    /// Someone else changed the rules at the same time.
    #[error("the app's rules were changed by someone else meanwhile; look at them with `schema plan`, and push again")]
    RulesChanged,
    /// There is nothing to move.
    #[error("the source has no registry: none of its namespaces begins with registry_. Is it the right app or folder?")]
    NoRegistry,
    /// The source has namespaces of our names that are not of our making.
    #[error(
        "the source has a registry that another program made, and nothing was written:\n  {0}\nLet this program read its repositories (`repo add`, `sync`) instead"
    )]
    OtherRegistry(String),
    /// What would be removed is not of our making.
    #[error(
        "the app has namespaces of the registry's names that another program made:\n  {0}\nNothing was removed. If nothing needs them, remove them in the app's dashboard; if they are this registry's, change these flags back there"
    )]
    OfOthers(String),
    /// The target has data of its own.
    #[error(
        "the target has other data: {0}. Import into an app or a folder without any; what is there of a registry, `schema remove` takes back"
    )]
    OtherData(String),
    /// The target has files of its own where others would go.
    #[error(
        "the target has other files at {0}, and they would be overwritten. Rename them there or at the source, or import without --whole-app"
    )]
    OtherFiles(String),
    /// The source is half of another import.
    #[error(
        "the source has an import from {from} that was begun and not finished; run that one again to its end first"
    )]
    UnfinishedSource {
        /// Where it came from.
        from: String,
    },
    /// An import from elsewhere was begun here.
    #[error(
        "an import from {from} was begun here and not finished; run that one again to its end, or take back what it wrote with `schema remove`"
    )]
    Unfinished {
        /// Where it came from.
        from: String,
    },
    /// The source changed while it was read.
    #[error(
        "the source changed while it was read: {0}. What was written stays, and nothing of it is current yet: stop what writes to the source, and import again"
    )]
    Unsteady(String),
    /// What was written is not what was read.
    #[error("the target does not have what was written to it: {0}. Nothing of it is current yet: import again")]
    Differs(String),
    /// The source's own data is damaged.
    #[error(
        "the source has files with other content than their names say: {0}. Nothing of them is current in the target. Put back what belongs there, from a backup for one, and import again"
    )]
    Damaged(String),
    /// A whole app's schema does not go with the target's.
    #[error("the target's schema does not go with the source's: {0}. Import into an app without other data")]
    OtherSchema(String),
}

impl From<InstantError> for MovingError {
    fn from(error: InstantError) -> Self {
        Self::Store(Box::new(error))
    }
}
