//! Rows: written where they are missing or differ, read back, and compared.

use super::look::{Look, RowCount};
use super::{Progress, Stage, Watch, publishes};
use crate::MovingError;
use crate::read::Files;
use crate::row::Row;
use crate::scope::Namespace;
use futures::TryStreamExt;
use instant::{Step, Transaction};
use model::EntityId;
use std::collections::HashMap;

/// Steps and bytes that are sent at a time.
const STEPS: usize = 400;
const BYTES: usize = 4 * 1024 * 1024;
/// More links than this are sent step by step.
const LINKS: u64 = 4_000;

impl Look<'_> {
    /// Writes the rows of these namespaces that the target does not have as
    /// they are; answers how many.
    pub(super) async fn write_rows(
        &self,
        namespaces: &[Namespace],
        stage: Stage,
        watch: &mut Watch<'_>,
    ) -> Result<u64, MovingError> {
        let total = namespaces.iter().map(|namespace| self.ids[&namespace.name].len() as u64).sum();
        let (mut done, mut written) = (0, 0);
        for namespace in namespaces {
            let ids = if publishes(&namespace.name) {
                self.by_seq(namespace).await?
            } else {
                self.ids[&namespace.name].clone()
            };
            let mut chunks = std::pin::pin!(self.source.rows(namespace, &ids, &self.source_files));
            while let Some(chunk) = chunks.try_next().await? {
                let before = self.rows_there(namespace, &chunk).await?;
                written += self.write_chunk(namespace, &chunk, &before).await?;
                done += chunk.len() as u64;
                watch(Progress { stage, done, total });
            }
        }
        Ok(written)
    }

    /// The ids of publications in the order of their numbers.
    async fn by_seq(&self, namespace: &Namespace) -> Result<Vec<EntityId>, MovingError> {
        let ids = &self.ids[&namespace.name];
        let mut numbered: Vec<(u64, EntityId)> = Vec::with_capacity(ids.len());
        let mut chunks = std::pin::pin!(self.source.rows(namespace, ids, &self.source_files));
        while let Some(chunk) = chunks.try_next().await? {
            numbered.extend(chunk.into_iter().map(|(id, row)| (row.number("seq"), id)));
        }
        numbered.sort_unstable();
        Ok(numbered.into_iter().map(|(_, id)| id).collect())
    }

    /// What the target has of these rows, by the source's ids.
    async fn rows_there(
        &self,
        namespace: &Namespace,
        chunk: &[(EntityId, Row)],
    ) -> Result<HashMap<EntityId, Row>, MovingError> {
        let there = chunk.iter().map(|(id, _)| *id).filter(|id| self.is_there(&namespace.name, *id));
        self.rows_in_target(namespace, there.collect()).await
    }

    async fn rows_in_target(
        &self,
        namespace: &Namespace,
        ids: Vec<EntityId>,
    ) -> Result<HashMap<EntityId, Row>, MovingError> {
        let mut back = HashMap::new();
        for id in ids {
            if let Some(there) = self.id_there(&namespace.name, id) {
                back.insert(there, id);
            }
        }
        let there: Vec<EntityId> = back.keys().copied().collect();
        let rows = self.target.all_rows(namespace, &there, &self.target_files).await?;
        Ok(rows.into_iter().map(|(id, row)| (back[&id], row)).collect())
    }

    async fn write_chunk(
        &self,
        namespace: &Namespace,
        chunk: &[(EntityId, Row)],
        before: &HashMap<EntityId, Row>,
    ) -> Result<u64, MovingError> {
        let files: &Files = &self.target_files;
        // In the order of the source, as far as a store tells one by time.
        let one_by_one = namespace.name == "registry_repositories";
        let mut written = 0;
        let (mut steps, mut bytes): (Vec<Step>, usize) = (Vec::new(), 0);
        for (id, row) in chunk {
            let old = before.get(id);
            if old.is_some_and(|old| row.differing(old).is_empty()) {
                continue;
            }
            let Some(there) = self.id_there(&namespace.name, *id) else { continue };
            written += 1;
            let more = row.steps(&namespace.name, there, old, files);
            if row.links() > LINKS {
                for step in more {
                    self.send(vec![step]).await?;
                }
                continue;
            }
            bytes += row.size();
            steps.extend(more);
            if one_by_one || steps.len() >= STEPS || bytes >= BYTES {
                self.send(std::mem::take(&mut steps)).await?;
                bytes = 0;
            }
        }
        self.send(steps).await?;
        Ok(written)
    }

    async fn send(&self, steps: Vec<Step>) -> Result<(), MovingError> {
        let transaction = Transaction { steps, throw_on_missing_attrs: true };
        self.target.db.transact_in_chunks(transaction).await.map_err(self.target.failed())?;
        Ok(())
    }

    /// Reads the rows of these namespaces from both ends and compares them.
    pub(super) async fn check_rows(
        &self,
        namespaces: &[Namespace],
        watch: &mut Watch<'_>,
    ) -> Result<Vec<RowCount>, MovingError> {
        let total = namespaces.iter().map(|namespace| self.ids[&namespace.name].len() as u64).sum();
        let (mut counts, mut done) = (Vec::new(), 0);
        for namespace in namespaces {
            let name = &namespace.name;
            let ids = &self.ids[name];
            let there = ids.iter().filter(|id| self.is_there(name, **id)).count() as u64;
            let mut count = RowCount { namespace: name.clone(), entities: 0, links: 0, there };
            let mut chunks = std::pin::pin!(self.source.rows(namespace, ids, &self.source_files));
            while let Some(chunk) = chunks.try_next().await? {
                let found = self.rows_in_target(namespace, chunk.iter().map(|(id, _)| *id).collect()).await?;
                for (id, row) in &chunk {
                    let differing = match found.get(id) {
                        None => return Err(MovingError::Differs(format!("{name} {id} is not there"))),
                        Some(other) => row.differing(other),
                    };
                    if !differing.is_empty() {
                        let labels = differing.join(", ");
                        return Err(MovingError::Differs(format!(
                            "{name} {id} differs in {labels}, if it did not change at the source meanwhile"
                        )));
                    }
                }
                count.entities += chunk.len() as u64;
                count.links += chunk.iter().map(|(_, row)| row.links()).sum::<u64>();
                done += chunk.len() as u64;
                watch(Progress { stage: Stage::CheckingRows, done, total });
            }
            if count.entities != ids.len() as u64 {
                let gone = ids.len() as u64 - count.entities;
                return Err(MovingError::Unsteady(format!("{gone} rows of {name} went away")));
            }
            counts.push(count);
        }
        Ok(counts)
    }
}
