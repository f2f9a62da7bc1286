//! Reading a store from beginning to end, while others may write to it.

use crate::error::{End, MovingError};
use crate::row::Row;
use crate::scope::{FILES, Namespace, OUR_FILES, Scope};
use futures::{StreamExt, TryStreamExt, stream};
use instant::{Clause, Condition, Direction, Form, Order, Query, Store, Where};
use model::EntityId;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Rows of one listing.
const PAGE: u64 = 1_000;
/// Entities of one question.
const CHUNK: usize = 100;
/// Questions under way at a time.
const AT_ONCE: usize = 4;
/// How often a listing begins anew because rows went away under it.
const TRIES: usize = 5;

/// One end of an import.
pub(crate) struct Reader<'a> {
    pub(crate) db: &'a dyn Store,
    pub(crate) end: End,
}

impl Reader<'_> {
    /// What the store said, with its end.
    pub(crate) fn failed(&self) -> impl Fn(instant::InstantError) -> MovingError + Copy + use<> {
        let end = self.end;
        move |source| MovingError::At { end, source: Box::new(source) }
    }

    async fn ask(&self, etype: &str, form: Form) -> Result<Vec<Map<String, Value>>, MovingError> {
        let mut query = Query::of(etype, form);
        query.inference = false;
        let mut tree = self.db.query(&query).await.map_err(self.failed())?;
        let rows = match tree.remove(etype) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        Ok(rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None }).collect())
    }

    /// All entities that `filter` lets through, in the order of their creation.
    ///
    /// What is created meanwhile comes at the end. What is deleted meanwhile
    /// would make others slip past a page's edge, so each page begins with the
    /// last row of the one before, or everything is listed anew.
    async fn list(
        &self,
        etype: &str,
        filter: Where,
        fields: &[&str],
    ) -> Result<Vec<(EntityId, Map<String, Value>)>, MovingError> {
        'anew: for _ in 0..TRIES {
            let mut rows: Vec<(EntityId, Map<String, Value>)> = Vec::new();
            loop {
                let form = Form {
                    filter: filter.clone(),
                    order: Some(Order { by: "serverCreatedAt".to_owned(), direction: Direction::Asc }),
                    limit: Some(PAGE),
                    offset: Some((rows.len() as u64).saturating_sub(1)),
                    fields: Some(fields.iter().map(|field| (*field).to_owned()).collect()),
                    ..Form::default()
                };
                let page = self.ask(etype, form).await?;
                let last = (page.len() as u64) < PAGE;
                let mut page = page.into_iter().filter_map(|row| Some((id_of(&row)?, row)));
                if let Some((seen, _)) = rows.last()
                    && page.next().is_none_or(|(id, _)| id != *seen)
                {
                    continue 'anew;
                }
                rows.extend(page);
                if last {
                    return Ok(rows);
                }
            }
        }
        Err(MovingError::Unsteady(format!("rows of {etype} keep disappearing")))
    }

    /// The ids of a namespace, in the order of creation.
    pub(crate) async fn ids(&self, namespace: &str) -> Result<Vec<EntityId>, MovingError> {
        Ok(self.list(namespace, Where::default(), &["id"]).await?.into_iter().map(|(id, _)| id).collect())
    }

    /// The highest number of a publication.
    pub(crate) async fn seq(&self) -> Result<u64, MovingError> {
        let form = Form {
            order: Some(Order { by: "seq".to_owned(), direction: Direction::Desc }),
            limit: Some(1),
            fields: Some(vec!["seq".to_owned()]),
            ..Form::default()
        };
        let newest = self.ask(crate::scope::PUBLICATIONS, form).await?;
        Ok(newest.first().and_then(|row| row.get("seq")?.as_u64()).unwrap_or_default())
    }

    /// Entities with values and links, in chunks of `ids`, in their order. Those
    /// that are gone are left out.
    pub(crate) fn rows<'r>(
        &'r self,
        namespace: &'r Namespace,
        ids: &'r [EntityId],
        files: &'r Files,
    ) -> impl futures::Stream<Item = Result<Vec<(EntityId, Row)>, MovingError>> + 'r {
        let chunks = stream::iter(ids.chunks(CHUNK));
        chunks.map(move |chunk| self.chunk(namespace, chunk, files)).buffered(AT_ONCE)
    }

    /// The same, all at once.
    pub(crate) async fn all_rows(
        &self,
        namespace: &Namespace,
        ids: &[EntityId],
        files: &Files,
    ) -> Result<HashMap<EntityId, Row>, MovingError> {
        let chunks: Vec<_> = self.rows(namespace, ids, files).try_collect().await?;
        Ok(chunks.into_iter().flatten().collect())
    }

    async fn chunk(
        &self,
        namespace: &Namespace,
        ids: &[EntityId],
        files: &Files,
    ) -> Result<Vec<(EntityId, Row)>, MovingError> {
        let wanted = ids.iter().map(|id| id.to_string().into()).collect();
        let only_id = || Form { fields: Some(vec!["id".to_owned()]), ..Form::default() };
        let form = Form {
            filter: Where { clauses: vec![Clause::Field(vec!["id".to_owned()], Condition::In(wanted))] },
            children: namespace.many.iter().map(|(label, _)| (label.clone(), only_id())).collect(),
            ..Form::default()
        };
        let answer = self.ask(&namespace.name, form).await?;
        let mut found: HashMap<EntityId, Row> =
            answer.into_iter().filter_map(|row| Some((id_of(&row)?, Row::new(namespace, row, files)))).collect();
        Ok(ids.iter().filter_map(|id| Some((*id, found.remove(id)?))).collect())
    }

    /// The files that `scope` moves.
    pub(crate) async fn files(&self, scope: Scope) -> Result<Files, MovingError> {
        let filter = match scope {
            Scope::Ours => {
                let like = Condition::Like(format!("{OUR_FILES}%").into());
                Where { clauses: vec![Clause::Field(vec!["path".to_owned()], like)] }
            }
            Scope::WholeApp => Where::default(),
        };
        let mut files = Files::default();
        for (id, row) in self.list(FILES, filter, &["id", "path", "size", "content-type"]).await? {
            let text = |label: &str| row.get(label).and_then(Value::as_str).unwrap_or_default().to_owned();
            let size = row.get("size").and_then(Value::as_u64).unwrap_or_default();
            files.insert(id, text("path"), StoredFile { id, size, content_type: text("content-type") });
        }
        Ok(files)
    }
}

fn id_of(row: &Map<String, Value>) -> Option<EntityId> {
    row.get("id")?.as_str()?.parse().ok()
}

/// A file as its store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredFile {
    pub(crate) id: EntityId,
    pub(crate) size: u64,
    pub(crate) content_type: String,
}

/// The files of one end, by path and by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    by_path: HashMap<String, StoredFile>,
    paths: HashMap<EntityId, String>,
}

impl Files {
    pub(crate) fn insert(&mut self, id: EntityId, path: String, file: StoredFile) {
        self.paths.insert(id, path.clone());
        self.by_path.insert(path, file);
    }

    /// The path of the file with this id.
    pub(crate) fn path(&self, id: EntityId) -> Option<&str> {
        self.paths.get(&id).map(String::as_str)
    }

    /// The id of the file at this path.
    pub(crate) fn id(&self, path: &str) -> Option<EntityId> {
        self.by_path.get(path).map(|file| file.id)
    }

    /// The file at this path.
    pub(crate) fn get(&self, path: &str) -> Option<&StoredFile> {
        self.by_path.get(path)
    }

    /// All files, ordered by path.
    pub(crate) fn sorted(&self) -> Vec<(&str, &StoredFile)> {
        let mut files: Vec<_> = self.by_path.iter().map(|(path, file)| (path.as_str(), file)).collect();
        files.sort_unstable_by_key(|(path, _)| *path);
        files
    }

    pub(crate) fn remove(&mut self, path: &str) {
        if let Some(file) = self.by_path.remove(path) {
            self.paths.remove(&file.id);
        }
    }
}
