//! Both ends as they are before anything is written.

use super::mark::{self, MARK};
use super::{Order, Progress, Stage, Watch, publishes};
use crate::error::{End, MovingError};
use crate::read::{Files, Reader};
use crate::schema::{self, Access, SchemaPlan};
use crate::scope::{FILES, Layout, Namespace, Scope, is_ours};
use futures::TryStreamExt;
use instant::{AppAttr, AttrCatalog, Store};
use model::{Digest, EntityId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};

/// How much there is of one namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCount {
    /// The namespace.
    pub namespace: String,
    /// How many entities.
    pub entities: u64,
    /// How many links they hold.
    pub links: u64,
    /// How many of them the target had before.
    pub there: u64,
}

/// How many files there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCount {
    /// How many.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// How many of them the target had before.
    pub there: u64,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// What would change in the target's schema and rules.
    pub schema: SchemaPlan,
    /// The rows.
    pub namespaces: Vec<RowCount>,
    /// The files.
    pub files: FileCount,
    /// What would not be moved, and why not.
    pub left_out: Vec<String>,
    /// Whether the target has the beginning of this import.
    pub continued: bool,
    /// Why the import would be refused.
    pub refused: Option<String>,
}

/// Both ends, listed.
pub(super) struct Look<'a> {
    pub(super) source: Reader<'a>,
    pub(super) target: Reader<'a>,
    pub(super) scope: Scope,
    /// The name of the import that goes on.
    pub(super) from: String,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) left_out: Vec<String>,
    source_attrs: Vec<AppAttr>,
    target_attrs: Vec<AppAttr>,
    /// By namespace, in the order of creation.
    pub(super) ids: HashMap<String, Vec<EntityId>>,
    /// What the target had before, by its own ids.
    pub(super) there: HashMap<String, HashSet<EntityId>>,
    pub(super) source_files: Files,
    pub(super) target_files: Files,
    /// Paths that the target had before, with the same size.
    pub(super) files_there: HashSet<String>,
    /// Digests of files whose paths do not name them.
    pub(super) digests: HashMap<String, Digest>,
    mark: Option<String>,
}

impl<'a> Look<'a> {
    /// Lists both ends.
    pub(super) async fn at(source: &'a dyn Store, target: &'a dyn Store, order: &Order) -> Result<Self, MovingError> {
        let source = Reader { db: source, end: End::Source };
        let target = Reader { db: target, end: End::Target };
        if let Some(from) = mark::find(&source).await? {
            return Err(MovingError::UnfinishedSource { from });
        }
        let source_attrs = source.db.attrs().await.map_err(source.failed())?;
        let target_attrs = target.db.attrs().await.map_err(target.failed())?;
        let layout = Layout::of(&source_attrs, order.scope);
        if order.scope == Scope::Ours && layout.namespaces.is_empty() {
            return Err(MovingError::NoRegistry);
        }
        let mark = mark::find(&target).await?;
        let source_files = source.files(order.scope).await?;
        let mut target_files = target.files(order.scope).await?;
        target_files.remove(MARK);
        let same = |path: &str, size: u64| target_files.get(path).is_some_and(|there| there.size == size);
        let files_there = source_files.sorted().into_iter().filter(|(path, file)| same(path, file.size));
        let files_there = files_there.map(|(path, _)| path.to_owned()).collect();
        let mut look = Self {
            scope: order.scope,
            // A part of an app does not finish the whole.
            from: match order.scope {
                Scope::Ours => order.from.clone(),
                Scope::WholeApp => format!("{} with --whole-app", order.from),
            },
            namespaces: layout.namespaces,
            left_out: layout.left_out,
            source_attrs,
            target_attrs,
            ids: HashMap::new(),
            there: HashMap::new(),
            source_files,
            target_files,
            files_there,
            digests: HashMap::new(),
            mark,
            source,
            target,
        };
        look.list().await?;
        look.refuse_other_registry()?;
        Ok(look)
    }

    /// Refuses a source whose rows do not fit our entities.
    fn refuse_other_registry(&self) -> Result<(), MovingError> {
        const IN_THE_WAY: [&str; 6] = ["kind", "type", "has", "reverse has", "reverse", "direction"];
        let differences = schema::differences(&self.source_attrs).into_iter();
        let differences = differences.filter(|difference| IN_THE_WAY.contains(&difference.flag.as_str()));
        let mut strange: Vec<String> = differences.map(|difference| difference.to_string()).collect();
        let has = |entity: &str, label: &str| {
            self.source_attrs.iter().any(|attr| (attr.namespace(), attr.label()) == (entity, label))
        };
        for entity in instant::rows::ENTITIES {
            let rows = self.ids.get(entity.namespace).is_some_and(|ids| !ids.is_empty());
            let needed = entity.attrs.iter().filter(|attr| rows && attr.required && !attr.system);
            let missing = needed.filter(|attr| !has(entity.namespace, attr.label));
            strange.extend(missing.map(|attr| format!("{}.{} is missing", entity.namespace, attr.label)));
        }
        if strange.is_empty() { Ok(()) } else { Err(MovingError::OtherRegistry(strange.join("\n  "))) }
    }

    async fn list(&mut self) -> Result<(), MovingError> {
        for namespace in &self.namespaces {
            let ids = match namespace.name.as_str() {
                FILES => self.source_files.sorted().into_iter().map(|(_, file)| file.id).collect(),
                name => self.source.ids(name).await?,
            };
            self.ids.insert(namespace.name.clone(), ids);
        }
        // The target may have namespaces that the source has not.
        let names = Layout::of(&self.target_attrs, self.scope).namespaces.into_iter().map(|namespace| namespace.name);
        for name in names.filter(|name| name != FILES) {
            let ids = self.target.ids(&name).await?;
            self.there.insert(name, ids.into_iter().collect());
        }
        if self.ids.contains_key(FILES) {
            let there = self.target_files.sorted().into_iter().map(|(_, file)| file.id).collect();
            self.there.insert(FILES.to_owned(), there);
        }
        Ok(())
    }

    /// The id that an entity of the source has, or will have, in the target.
    pub(super) fn id_there(&self, namespace: &str, id: EntityId) -> Option<EntityId> {
        match namespace {
            FILES => self.target_files.id(self.source_files.path(id)?),
            _ => Some(id),
        }
    }

    /// Whether the target had this entity before.
    pub(super) fn is_there(&self, namespace: &str, id: EntityId) -> bool {
        let there = self.there.get(namespace);
        self.id_there(namespace, id).is_some_and(|id| there.is_some_and(|there| there.contains(&id)))
    }

    /// Whether the mark of this import is set.
    pub(super) fn is_marked(&self) -> bool {
        self.mark.is_some()
    }

    /// Whether the target has every row and file; their contents are another matter.
    pub(super) fn is_complete(&self) -> bool {
        let rows = self.ids.iter().all(|(namespace, ids)| ids.iter().all(|id| self.is_there(namespace, *id)));
        rows && self.files_there.len() == self.source_files.sorted().len()
    }

    /// Publications, and everything else, in the order of writing.
    pub(super) fn by_kind(&self) -> (Vec<Namespace>, Vec<Namespace>) {
        self.namespaces.iter().cloned().partition(|namespace| publishes(&namespace.name))
    }

    /// Refuses a target that holds what this import did not write.
    pub(super) async fn refuse_other_data(&self) -> Result<(), MovingError> {
        match &self.mark {
            Some(from) if *from != self.from => return Err(MovingError::Unfinished { from: from.clone() }),
            _ => {}
        }
        for (namespace, there) in &self.there {
            let known: HashSet<EntityId> =
                self.ids.get(namespace).into_iter().flatten().filter_map(|id| self.id_there(namespace, *id)).collect();
            // Files are told apart by their paths, and one more does no harm.
            let others = there.difference(&known).count();
            if others > 0 && namespace != FILES {
                let what = format!("{others} of its {} {namespace} are not in the source", there.len());
                return Err(MovingError::OtherData(what));
            }
        }
        if self.mark.is_some() {
            return Ok(()); // what differs was cut off, or changed at the source since
        }
        self.refuse_other_files().await?;
        for namespace in &self.namespaces {
            let ids: Vec<EntityId> = self.ids[&namespace.name]
                .iter()
                .copied()
                .filter(|id| namespace.name != FILES && self.is_there(&namespace.name, *id))
                .collect();
            let mut chunks = std::pin::pin!(self.source.rows(namespace, &ids, &self.source_files));
            while let Some(chunk) = chunks.try_next().await? {
                let ids: Vec<EntityId> = chunk.iter().map(|(id, _)| *id).collect();
                let there = self.target.all_rows(namespace, &ids, &self.target_files).await?;
                for (id, row) in chunk {
                    let differing = there.get(&id).map(|other| row.differing(other)).unwrap_or_default();
                    if !differing.is_empty() {
                        let what = format!("{} {id} differs in {}", namespace.name, differing.join(", "));
                        return Err(MovingError::OtherData(what));
                    }
                }
            }
        }
        Ok(())
    }

    /// Counts everything, and says what would stand in the way.
    pub(super) async fn survey(self, watch: &mut Watch<'_>) -> Result<Survey, MovingError> {
        let schema = schema::plan(self.target.db, Access::Shared).await.map_err(super::in_target)?;
        let total = self.ids.values().map(|ids| ids.len() as u64).sum();
        let (mut namespaces, mut done) = (Vec::new(), 0);
        for namespace in &self.namespaces {
            let ids = &self.ids[&namespace.name];
            let there = ids.iter().filter(|id| self.is_there(&namespace.name, **id)).count() as u64;
            let mut count = RowCount { namespace: namespace.name.clone(), entities: 0, links: 0, there };
            let mut chunks = std::pin::pin!(self.source.rows(namespace, ids, &self.source_files));
            while let Some(chunk) = chunks.try_next().await? {
                count.entities += chunk.len() as u64;
                count.links += chunk.iter().map(|(_, row)| row.links()).sum::<u64>();
                done += chunk.len() as u64;
                watch(Progress { stage: Stage::Looking, done, total });
            }
            namespaces.push(count);
        }
        let refused = if schema.schema.conflicts.is_empty() {
            let result = match self.missing_schema() {
                Ok(_) => self.refuse_other_data().await,
                Err(error) => Err(error),
            };
            match result {
                Ok(()) => None,
                Err(error @ (MovingError::At { .. } | MovingError::Store(_))) => return Err(error),
                Err(refusal) => Some(refusal.to_string()),
            }
        } else {
            Some(MovingError::Conflict(Box::new(schema.schema.clone())).to_string())
        };
        let files = self.file_count();
        let continued = self.mark.is_some();
        Ok(Survey { schema, namespaces, files, left_out: self.left_out, continued, refused })
    }

    /// How many files there are.
    pub(super) fn file_count(&self) -> FileCount {
        let files = self.source_files.sorted();
        FileCount {
            files: files.len() as u64,
            bytes: files.iter().map(|(_, file)| file.size).sum(),
            there: self.files_there.len() as u64,
        }
    }

    /// What the source's schema has beyond our table and the target has not, in
    /// the shape of a push. `None` when there is nothing.
    pub(super) fn missing_schema(&self) -> Result<Option<Value>, MovingError> {
        let there: HashMap<(&str, &str), &AppAttr> =
            self.target_attrs.iter().map(|attr| ((attr.namespace(), attr.label()), attr)).collect();
        let moved: BTreeSet<(&str, &str)> = self
            .namespaces
            .iter()
            .flat_map(|namespace| {
                let links = namespace.one.iter().chain(&namespace.many).map(|(label, _)| label);
                links.chain(&namespace.values).map(|label| (namespace.name.as_str(), label.as_str()))
            })
            .collect();
        let ours: BTreeSet<(&str, &str)> = instant::rows::ENTITIES
            .iter()
            .flat_map(|entity| {
                let links = entity.links.iter().map(|link| link.forward.label);
                entity.attrs.iter().map(|attr| attr.label).chain(links).map(|label| (entity.namespace, label))
            })
            .collect();
        let (mut entities, mut links) = (Map::new(), Map::new());
        for attr in self.source_attrs.iter().filter(|attr| attr.catalog == AttrCatalog::User) {
            let name = (attr.namespace(), attr.label());
            if !moved.contains(&name) || ours.contains(&name) {
                continue;
            }
            match there.get(&name) {
                Some(other) if alike(attr, other) => {}
                Some(_) => {
                    let what = format!("{}.{} is something else there", name.0, name.1);
                    return Err(MovingError::OtherSchema(what));
                }
                None => push_shape(attr, &mut entities, &mut links),
            }
        }
        let missing = !entities.is_empty() || !links.is_empty();
        Ok(missing.then(|| json!({ "entities": entities, "links": links })))
    }

    /// Gives the target the source's rules, where it has none but ours.
    pub(super) async fn copy_rules(&mut self) -> Result<(), MovingError> {
        let Some(rules) = self.source.db.rules().await.map_err(self.source.failed())? else {
            return Ok(());
        };
        let there = self.target.db.rules().await.map_err(self.target.failed())?;
        let foreign = |rules: &Value| {
            let entries = rules.as_object().into_iter().flatten().filter(|(namespace, _)| !is_ours(namespace));
            entries.map(|(namespace, rule)| (namespace.clone(), rule.clone())).collect::<Map<_, _>>()
        };
        let (wanted, found) = (foreign(&rules), there.as_ref().map(foreign).unwrap_or_default());
        if wanted == found || wanted.is_empty() {
            return Ok(());
        }
        if !found.is_empty() {
            self.left_out.push("the rules: the target has its own".to_owned());
            return Ok(());
        }
        let mut code = there.and_then(|rules| rules.as_object().cloned()).unwrap_or_default();
        code.extend(wanted);
        self.target.db.replace_rules(&code.into()).await.map_err(self.target.failed())
    }

    /// The highest number of a publication of the source.
    pub(super) async fn seq(&self) -> Result<u64, MovingError> {
        // InstantDB refuses to order by what it does not know.
        if self.namespaces.iter().any(|namespace| publishes(&namespace.name)) { self.source.seq().await } else { Ok(0) }
    }

    /// Notices rows and publications that the source got or lost since it was listed.
    pub(super) async fn refuse_changes(&self, seq: u64) -> Result<(), MovingError> {
        let now = self.seq().await?;
        if now != seq {
            return Err(MovingError::Unsteady(format!("publication {now} was made there")));
        }
        for (namespace, ids) in self.ids.iter().filter(|(namespace, _)| *namespace != FILES) {
            let before: HashSet<&EntityId> = ids.iter().collect();
            let now = self.source.ids(namespace).await?;
            let (more, fewer) = (now.iter().filter(|id| !before.contains(id)).count(), {
                let now: HashSet<&EntityId> = now.iter().collect();
                ids.iter().filter(|id| !now.contains(id)).count()
            });
            if more + fewer > 0 {
                let what = format!("{namespace} has {more} new rows and {fewer} fewer of the old ones");
                return Err(MovingError::Unsteady(what));
            }
        }
        Ok(())
    }

    /// Whether both ends have the same number of everything, counted anew.
    pub(super) async fn check_counts(&self) -> Result<(), MovingError> {
        for (namespace, ids) in self.ids.iter().filter(|(namespace, _)| *namespace != FILES) {
            let found = self.target.ids(namespace).await?.len();
            if found != ids.len() {
                let what = format!("it has {found} {namespace}, the source {}", ids.len());
                return Err(MovingError::Differs(what));
            }
        }
        Ok(())
    }
}

/// Whether two attributes are the same but for their ids.
fn alike(one: &AppAttr, other: &AppAttr) -> bool {
    let reverse = |attr: &AppAttr| attr.reverse_identity.as_ref().map(|ident| (ident.1.clone(), ident.2.clone()));
    let flags = |attr: &AppAttr| (attr.value_type, attr.cardinality, attr.unique, attr.indexed);
    reverse(one) == reverse(other)
        && flags(one) == flags(other)
        && one.checked_data_type == other.checked_data_type
        && one.on_delete == other.on_delete
        && one.on_delete_reverse == other.on_delete_reverse
}

/// Adds an attribute in the shape of a push (`specs/instantdb-admin-api.md` 4.2).
fn push_shape(attr: &AppAttr, entities: &mut Map<String, Value>, links: &mut Map<String, Value>) {
    // What others put on our namespaces must not keep our rows out.
    let required = attr.required && !is_ours(attr.namespace());
    let has = |one: bool| if one { "one" } else { "many" };
    let Some(reverse) = &attr.reverse_identity else {
        let shape = json!({
            "valueType": attr.checked_data_type.as_deref().unwrap_or("json"),
            "required": required,
            "config": { "indexed": attr.indexed, "unique": attr.unique },
        });
        let entity = entities.entry(attr.namespace()).or_insert_with(|| json!({ "attrs": {} }));
        entity["attrs"][attr.label()] = shape;
        return;
    };
    let side = |on: &str, label: &str, one: bool, on_delete: &Option<String>| {
        let mut side = json!({ "on": on, "label": label, "has": has(one) });
        if let Some(on_delete) = on_delete {
            side["onDelete"] = on_delete.clone().into();
        }
        side
    };
    let one = attr.cardinality == instant::AppCardinality::One;
    let mut forward = side(attr.namespace(), attr.label(), one, &attr.on_delete);
    if required {
        forward["required"] = true.into();
    }
    let reverse = side(&reverse.1, &reverse.2, attr.unique, &attr.on_delete_reverse);
    let name = format!("{}_{}", attr.namespace(), attr.label());
    links.insert(name, json!({ "forward": forward, "reverse": reverse }));
}
