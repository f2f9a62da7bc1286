//! Moving data between two stores.
//!
//! Ids are kept and everything is written by id, so what was interrupted is
//! simply run again. Publications make things current; they are written last,
//! in their order, after every file and every other row was read back and
//! compared. A mark in the target tells whose import is unfinished.
//!
//! Not kept, and relied on nowhere: the store's own times of creation, ids of
//! `$files`, and addresses of files. Links to files are made again by path.

mod files;
mod look;
mod mark;
mod rows;

pub use look::{FileCount, RowCount, Survey};
pub use mark::unfinished;

use crate::error::{End, MovingError};
use crate::schema::{self, Access};
use crate::{Scope, scope::PUBLICATIONS};
use instant::Store;
use look::Look;
use serde::{Deserialize, Serialize};

/// What is moved, and from where.
#[derive(Debug, Clone)]
pub struct Order {
    /// How much.
    pub scope: Scope,
    /// The source's name, by which an interrupted import is known again.
    pub from: String,
}

/// What an import is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Listing both ends.
    Looking,
    /// Copying files.
    Files,
    /// Writing rows.
    Rows,
    /// Reading files back.
    CheckingFiles,
    /// Reading rows back.
    CheckingRows,
    /// Writing publications.
    Publishing,
}

impl Stage {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Looking => "looking",
            Self::Files => "copying files",
            Self::Rows => "writing rows",
            Self::CheckingFiles => "checking files",
            Self::CheckingRows => "checking rows",
            Self::Publishing => "publishing",
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// How many are done.
    pub done: u64,
    /// Of how many.
    pub total: u64,
}

/// Told of progress.
pub type Watch<'a> = dyn FnMut(Progress) + Send + 'a;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Of each namespace: what there is, and what was there before.
    pub namespaces: Vec<RowCount>,
    /// The files.
    pub files: FileCount,
    /// How many rows were written.
    pub rows_written: u64,
    /// How many files were copied.
    pub files_copied: u64,
    /// What was not moved, and why not.
    pub left_out: Vec<String>,
}

/// Looks at both ends and writes nothing.
pub async fn survey(
    source: &dyn Store,
    target: &dyn Store,
    order: &Order,
    watch: &mut Watch<'_>,
) -> Result<Survey, MovingError> {
    Look::at(source, target, order).await?.survey(watch).await
}

/// Moves what is not there yet, and checks everything.
pub async fn import(
    source: &dyn Store,
    target: &dyn Store,
    order: &Order,
    watch: &mut Watch<'_>,
) -> Result<Report, MovingError> {
    watch(Progress { stage: Stage::Looking, done: 0, total: 0 });
    let mut look = Look::at(source, target, order).await?;
    look.refuse_other_data().await?;
    let seq = look.seq().await?;
    schema::push(target, Access::Shared, None).await.map_err(in_target)?;
    if let Some(missing) = look.missing_schema()? {
        target.push_schema(&missing).await.map_err(look.target.failed())?;
    }
    let left_out = look.left_out.clone();
    if order.scope == Scope::WholeApp {
        look.copy_rules().await?;
    }
    if !look.is_marked() && !look.is_complete() {
        mark::set(&look.target, &look.from).await?;
    }

    let mut report = Report { left_out, ..Report::default() };
    report.files_copied = look.copy_files(watch).await?;
    let (publications, others) = look.by_kind();
    report.rows_written = look.write_rows(&others, Stage::Rows, watch).await?;
    look.check_files(watch).await?;
    let mut counts = look.check_rows(&others, watch).await?;
    look.refuse_changes(seq).await?;
    report.rows_written += look.write_rows(&publications, Stage::Publishing, watch).await?;
    counts.extend(look.check_rows(&publications, watch).await?);
    look.check_counts().await?;
    mark::clear(&look.target).await?;
    report.namespaces = counts;
    report.files = look.file_count();
    Ok(report)
}

/// An error of the target's schema, said to be that.
fn in_target(error: MovingError) -> MovingError {
    match error {
        MovingError::Store(source) => MovingError::At { end: End::Target, source },
        other => other,
    }
}

/// Whether a namespace is that of publications.
fn publishes(namespace: &str) -> bool {
    namespace == PUBLICATIONS
}
