//! Taking back exactly what we put into an app.

use crate::MovingError;
use crate::error::End;
use crate::read::Reader;
use crate::scope::{Scope, is_ours};
use instant::rows::ENTITIES;
use instant::{Action, AppAttr, AttrCatalog, EntityStep, Reference, Step, Store, Transaction, rules};
use model::EntityId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a removal would take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// How many entities of each namespace.
    pub entities: BTreeMap<String, u64>,
    /// How many files below `registry/`.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// How many attributes and links.
    pub attributes: u64,
    /// The namespaces whose rules go.
    pub rules: Vec<String>,
    /// Attributes and links on our namespaces that are not ours, and stay.
    pub left: Vec<String>,
}

/// What a removal took.
pub type Removed = Removal;

impl Removal {
    /// Whether nothing of ours is there.
    pub fn is_empty(&self) -> bool {
        self.entities.values().all(|count| *count == 0)
            && self.files == 0
            && self.attributes == 0
            && self.rules.is_empty()
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("Nothing of this registry is there.");
        }
        for (namespace, count) in &self.entities {
            writeln!(f, "  {namespace:24}{count:>9} entities")?;
        }
        writeln!(f, "  {:24}{:>9} files, {} bytes", "registry/", self.files, self.bytes)?;
        writeln!(f, "  {:24}{:>9} attributes and links", "schema", self.attributes)?;
        write!(f, "  {:24}{:>9} of our namespaces", "rules", self.rules.len())?;
        self.left.iter().try_for_each(|left| write!(f, "\n  {left} is not of this registry and stays"))
    }
}

/// How many ids one transaction deletes.
const BATCH: usize = 200;

/// The attributes and links of our table that an app has.
struct Ours {
    attrs: Vec<EntityId>,
    namespaces: Vec<String>,
    left: Vec<String>,
}

impl Ours {
    fn of(attrs: &[AppAttr]) -> Self {
        let known: BTreeSet<(&str, &str)> = ENTITIES
            .iter()
            .flat_map(|entity| {
                let links = entity.links.iter().map(|link| link.forward.label);
                let attrs = entity.attrs.iter().filter(|attr| !attr.system).map(|attr| attr.label);
                attrs.chain(links).map(|label| (entity.namespace, label))
            })
            .collect();
        let touches = |attr: &AppAttr| {
            let reverse = attr.reverse_identity.as_ref().map(|ident| ident.1.as_str());
            [Some(attr.namespace()), reverse].into_iter().flatten().any(is_table)
        };
        let mut ours = Self { attrs: Vec::new(), namespaces: Vec::new(), left: Vec::new() };
        let mut kept = BTreeSet::new();
        let app = || attrs.iter().filter(|attr| attr.catalog == AttrCatalog::User);
        for attr in app().filter(|attr| attr.label() != "id" && touches(attr)) {
            let name = (attr.namespace(), attr.label());
            if known.contains(&name) {
                ours.attrs.push(attr.id);
            } else {
                ours.left.push(format!("{}.{}", name.0, name.1));
                kept.insert(attr.namespace());
            }
        }
        for attr in app().filter(|attr| attr.label() == "id" && is_table(attr.namespace())) {
            ours.namespaces.push(attr.namespace().to_owned());
            // A namespace stays while others have attributes in it.
            if !kept.contains(attr.namespace()) {
                ours.attrs.push(attr.id);
            }
        }
        ours
    }
}

/// Whether a namespace is one of our table's, and not the store's own.
fn is_table(namespace: &str) -> bool {
    is_ours(namespace) && ENTITIES.iter().any(|entity| entity.namespace == namespace)
}

/// Counts what a removal would take.
///
/// [`MovingError::OfOthers`] when someone else made a registry of our names.
pub async fn removal(db: &dyn Store) -> Result<Removal, MovingError> {
    let attrs = db.attrs().await?;
    // Anyone may have added an index.
    let strange = super::differences(&attrs).into_iter().filter(|difference| difference.flag != "indexed");
    let strange: Vec<String> = strange.map(|difference| difference.to_string()).collect();
    if !strange.is_empty() {
        return Err(MovingError::OfOthers(strange.join("\n  ")));
    }
    let ours = Ours::of(&attrs);
    let reader = Reader { db, end: End::Target };
    let mut removal = Removal { attributes: ours.attrs.len() as u64, left: ours.left, ..Removal::default() };
    for namespace in ours.namespaces {
        let count = reader.ids(&namespace).await?.len() as u64;
        removal.entities.insert(namespace, count);
    }
    for (_, file) in reader.files(Scope::Ours).await?.sorted() {
        removal.files += 1;
        removal.bytes += file.size;
    }
    let rules = rules::without(db.rules().await?.as_ref(), ENTITIES);
    removal.rules = rules.remove.into_iter().map(|rule| rule.entity).collect();
    Ok(removal)
}

/// Takes back what is ours: entities, files below `registry/`, attributes and
/// links, and rules, in this order, so that it can be run again after an
/// interruption and nothing of ours is ever open to others. `progress` is told
/// how many entities and files are gone, and of how many.
pub async fn remove(db: &dyn Store, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Removed, MovingError> {
    let removal = removal(db).await?;
    let total = removal.entities.values().sum::<u64>() + removal.files;
    let mut done = 0;
    let reader = Reader { db, end: End::Target };
    // What goes with something else first, so that no one deletion takes much.
    for namespace in ENTITIES.iter().rev().map(|entity| entity.namespace) {
        let Some(count) = removal.entities.get(namespace) else { continue };
        for (nth, ids) in reader.ids(namespace).await?.chunks(BATCH).enumerate() {
            progress(done + (nth * BATCH) as u64, total);
            delete(db, namespace, ids).await?;
        }
        done += count;
        progress(done, total);
    }
    let files = reader.files(Scope::Ours).await?;
    let ids: Vec<EntityId> = files.sorted().into_iter().map(|(_, file)| file.id).collect();
    for ids in ids.chunks(BATCH) {
        delete(db, crate::scope::FILES, ids).await?;
        done += ids.len() as u64;
        progress(done, total);
    }
    let attrs = Ours::of(&db.attrs().await?).attrs;
    if !attrs.is_empty() {
        db.delete_attrs(&attrs).await?;
    }
    let before = db.rules().await?;
    let rules = rules::without(before.as_ref(), ENTITIES);
    super::write_rules(db, before.as_ref(), &rules).await?;
    Ok(removal)
}

async fn delete(db: &dyn Store, namespace: &str, ids: &[EntityId]) -> Result<(), MovingError> {
    let step = |id: &EntityId| {
        let (etype, target) = (namespace.to_owned(), Reference::Id(*id));
        Step::from(EntityStep { etype, target, action: Action::Delete })
    };
    db.transact(Transaction { steps: ids.iter().map(step).collect(), throw_on_missing_attrs: true }).await?;
    Ok(())
}
