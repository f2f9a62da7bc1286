//! InstantDB for the registry: typed queries and transactions from one schema
//! table ([`rows`]), and two stores with its semantics and limits
//! (`specs/instantdb-admin-api.md`): [`Remote`], an app of an InstantDB
//! elsewhere, and [`Embedded`], one in a folder.
//!
//! Two layers. The core is untyped, as InstantDB is: [`Query`], [`Transaction`]
//! and the [`Store`] trait carry names and JSON, so the admin API can be spoken
//! with nothing in between. On top, [`Select`] and [`StepBuilder`] take only
//! attributes of the entity at hand, with values of their type.

pub mod api;
mod app_attr;
mod backup;
mod date;
mod embedded;
mod error;
mod filter;
mod local;
mod plan;
mod query;
mod remote;
pub mod rows;
pub mod rules;
mod schema;
mod select;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod value;

pub use app_attr::{AppAttr, AppCardinality, AttrCatalog, AttrKind, Ident};
pub use backup::{BackupError, BackupSummary, check as check_backup, digest_in};
pub use embedded::{
    Answer, App, AppStatus, BadFileUrl, Embedded, FileHead, FileKey, FileMeta, FileUrls, Intake, PushOptions, RefKeys,
    ServedFile, StoredFile,
};
pub use error::{InstantError, InvalidValue, MissingAttr};
pub use filter::{Attr, Filter, Link, OrderBy, Path};
pub use local::Local;
pub use plan::{Addition, Difference, Left, Plan, plan};
pub use query::{Clause, Condition, Cursor, Direction, Form, Order, Query, Where};
pub use remote::{ApiUri, AppId, InvalidApiUri, InvalidAppId, Patience, Remote, RemoteSettings};
pub use schema::{AttrDef, Cardinality, Entity, EntityDef, LinkDef, Side, ValueType, schema_json};
pub use select::Select;
pub use store::{Db, Reach, Store, Tree, TxId, Upload};
pub use transaction::{Action, EntityStep, Lookup, PutMode, Reference, Step, StepBuilder, Transaction};
pub use value::{AttrValue, Field, Timestamp};
