//! The attributes and links that the store knows, in memory and on disk.

mod change;
mod format_1;
mod system;

use crate::app_attr::{AppAttr, AppCardinality, AttrCatalog, AttrKind};
use crate::{InstantError, ValueType};
use model::EntityId;
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) use change::{new_blob, new_id, new_ref};
pub(super) use format_1::from_format_1;
pub(super) use system::system_attrs;

/// An attribute with plain values.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of InstantDB's attrs")]
pub(super) struct Blob {
    pub(super) id: i64,
    pub(super) label: String,
    /// The type that is enforced, if any.
    pub(super) value_type: Option<ValueType>,
    pub(super) unique: bool,
    pub(super) indexed: bool,
    pub(super) required: bool,
    pub(super) system: bool,
    /// It as the wire has it, with its ids; the fields above are read from here.
    pub(super) attr: AppAttr,
}

impl Blob {
    pub(super) fn new(id: i64, attr: AppAttr) -> Self {
        Self {
            id,
            label: attr.label().to_owned(),
            value_type: attr.checked_data_type.as_deref().and_then(checked_type),
            unique: attr.unique,
            indexed: attr.indexed,
            required: attr.required,
            system: attr.catalog == AttrCatalog::System,
            attr,
        }
    }

    /// Whether its values are in the index: to be ordered by, or to be told apart.
    pub(super) fn has_keys(&self) -> bool {
        self.indexed || self.unique
    }
}

/// A link attribute.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of InstantDB's attrs")]
pub(super) struct Ref {
    pub(super) id: i64,
    pub(super) etype: String,
    pub(super) label: String,
    pub(super) reverse_etype: String,
    pub(super) reverse_label: String,
    /// Whether the forward side leads to many.
    pub(super) many: bool,
    /// Whether the reverse side leads to one at most.
    pub(super) unique: bool,
    /// Whether every source must have one.
    pub(super) required: bool,
    /// Whether the source goes when the target is deleted.
    pub(super) cascade: bool,
    /// Whether the target goes when the source is deleted.
    pub(super) cascade_reverse: bool,
    /// It as the wire has it, with its ids; the fields above are read from here.
    pub(super) attr: AppAttr,
}

impl Ref {
    /// `None` when the attribute has no reverse identity.
    fn new(id: i64, attr: AppAttr) -> Option<Self> {
        let reverse = attr.reverse_identity.clone()?;
        Some(Self {
            id,
            etype: attr.namespace().to_owned(),
            label: attr.label().to_owned(),
            reverse_etype: reverse.1,
            reverse_label: reverse.2,
            many: attr.cardinality == AppCardinality::Many,
            unique: attr.unique,
            required: attr.required,
            cascade: attr.on_delete.is_some(),
            cascade_reverse: attr.on_delete_reverse.is_some(),
            attr,
        })
    }
}

/// A namespace. Its number is that of its `id` attribute, as InstantDB has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Namespace {
    pub(super) id: i64,
    pub(super) name: String,
    /// Its `id` attribute; `None` for a namespace that only links name.
    pub(super) attr: Option<AppAttr>,
    pub(super) blobs: BTreeMap<String, Arc<Blob>>,
    pub(super) forward: BTreeMap<String, Arc<Ref>>,
    pub(super) reverse: BTreeMap<String, Arc<Ref>>,
}

/// All namespaces.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalog {
    namespaces: HashMap<String, Arc<Namespace>>,
    /// Number, namespace and label by uuid.
    by_uuid: HashMap<EntityId, Place>,
}

/// Where an attribute stands.
#[derive(Debug, Clone)]
struct Place {
    id: i64,
    etype: String,
    label: String,
}

/// An attribute of any kind.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known<'a> {
    /// The `id` attribute of a namespace.
    Id(&'a Arc<Namespace>, &'a AppAttr),
    /// Plain values.
    Blob(&'a Arc<Namespace>, &'a Arc<Blob>),
    /// A link.
    Ref(&'a Arc<Ref>),
}

impl<'a> Known<'a> {
    /// Its number.
    pub(super) fn id(self) -> i64 {
        match self {
            Self::Id(namespace, _) => namespace.id,
            Self::Blob(_, blob) => blob.id,
            Self::Ref(link) => link.id,
        }
    }

    /// It as the wire has it.
    pub(super) fn attr(self) -> &'a AppAttr {
        match self {
            Self::Id(_, attr) => attr,
            Self::Blob(_, blob) => &blob.attr,
            Self::Ref(link) => &link.attr,
        }
    }
}

/// A link as seen from one of its ends.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) attr: Arc<Ref>,
    pub(super) forward: bool,
}

impl Hop {
    /// The column of `links` on this end, and that on the other.
    pub(super) fn columns(&self) -> (&'static str, &'static str) {
        if self.forward { ("source", "target") } else { ("target", "source") }
    }

    /// The namespace at the other end.
    pub(super) fn etype(&self) -> &str {
        if self.forward { &self.attr.reverse_etype } else { &self.attr.etype }
    }

    /// Whether there is at most one at the other end.
    pub(super) fn singular(&self) -> bool {
        if self.forward { !self.attr.many } else { self.attr.unique }
    }
}

impl Namespace {
    /// The link with this name, from whichever end.
    pub(super) fn hop(&self, label: &str) -> Option<Hop> {
        let forward = self.forward.get(label).map(|attr| Hop { attr: Arc::clone(attr), forward: true });
        forward.or_else(|| self.reverse.get(label).map(|attr| Hop { attr: Arc::clone(attr), forward: false }))
    }

    /// Whether some attribute or link is required.
    pub(super) fn has_required(&self) -> bool {
        self.blobs.values().any(|blob| blob.required) || self.forward.values().any(|link| link.required)
    }
}

impl Catalog {
    /// The namespace with this name.
    pub(super) fn namespace(&self, name: &str) -> Option<&Arc<Namespace>> {
        self.namespaces.get(name)
    }

    /// All namespaces, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Namespace>> {
        self.namespaces.values()
    }

    /// The attribute with this uuid.
    pub(super) fn by_uuid(&self, uuid: EntityId) -> Option<Known<'_>> {
        let place = self.by_uuid.get(&uuid)?;
        self.at(&place.etype, &place.label)
    }

    /// The attribute or forward link with this name.
    pub(super) fn at(&self, etype: &str, label: &str) -> Option<Known<'_>> {
        let namespace = self.namespaces.get(etype)?;
        if label == "id" {
            return namespace.attr.as_ref().map(|attr| Known::Id(namespace, attr));
        }
        let blob = namespace.blobs.get(label).map(|blob| Known::Blob(namespace, blob));
        blob.or_else(|| namespace.forward.get(label).map(Known::Ref))
    }

    /// Every attribute as the wire has it, in the order in which they were added.
    pub(super) fn attrs(&self) -> Vec<AppAttr> {
        let mut places: Vec<&Place> = self.by_uuid.values().collect();
        places.sort_unstable_by_key(|place| place.id);
        places
            .into_iter()
            .filter_map(|place| self.at(&place.etype, &place.label))
            .map(|known| known.attr().clone())
            .collect()
    }

    /// Reads the catalogue of a database.
    pub(super) fn load(connection: &Connection) -> Result<Self, InstantError> {
        let mut catalog = Self::default();
        let mut statement = connection.prepare("SELECT id, definition FROM attrs ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        for row in rows {
            let (id, text) = row?;
            let damaged = || InstantError::Corrupt { what: format!("attribute {id} in the table attrs") };
            let attr = serde_json::from_str(&text).map_err(|_| damaged())?;
            catalog.insert(id, attr).ok_or_else(damaged)?;
        }
        Ok(catalog)
    }

    /// Takes in one attribute, in place of an older one with its number; `None` when it is malformed.
    fn insert(&mut self, id: i64, attr: AppAttr) -> Option<()> {
        self.forget(attr.id);
        let (etype, label) = (attr.namespace().to_owned(), attr.label().to_owned());
        self.by_uuid.insert(attr.id, Place { id, etype: etype.clone(), label: label.clone() });
        match attr.value_type {
            AttrKind::Ref => {
                let link = Arc::new(Ref::new(id, attr)?);
                self.namespace_mut(&link.reverse_etype).reverse.insert(link.reverse_label.clone(), Arc::clone(&link));
                self.namespace_mut(&etype).forward.insert(label, link);
            }
            AttrKind::Blob if label == "id" => {
                let namespace = self.namespace_mut(&etype);
                namespace.id = id;
                namespace.attr = Some(attr);
            }
            AttrKind::Blob => {
                self.namespace_mut(&etype).blobs.insert(label, Arc::new(Blob::new(id, attr)));
            }
        }
        Some(())
    }

    /// Takes in an attribute that the database will never have: for a catalogue that is thrown away.
    pub(super) fn imagine(&mut self, attr: AppAttr) {
        // One without a reverse identity would be no link; then there is nothing to take in.
        let _ = self.insert(0, attr);
    }

    /// Takes out the attribute with this uuid, and its namespace if that has nothing else.
    pub(super) fn forget(&mut self, uuid: EntityId) {
        let Some(place) = self.by_uuid.remove(&uuid) else {
            return;
        };
        let namespace = self.namespace_mut(&place.etype);
        let link = namespace.forward.remove(&place.label);
        if place.label == "id" {
            namespace.id = 0;
            namespace.attr = None;
        } else {
            namespace.blobs.remove(&place.label);
        }
        if let Some(link) = link {
            self.namespace_mut(&link.reverse_etype).reverse.remove(&link.reverse_label);
            self.drop_empty(&link.reverse_etype);
        }
        self.drop_empty(&place.etype);
    }

    fn drop_empty(&mut self, name: &str) {
        let empty = self.namespaces.get(name).is_some_and(|namespace| {
            let Namespace { attr, blobs, forward, reverse, .. } = &**namespace;
            attr.is_none() && blobs.is_empty() && forward.is_empty() && reverse.is_empty()
        });
        if empty {
            self.namespaces.remove(name);
        }
    }

    fn namespace_mut(&mut self, name: &str) -> &mut Namespace {
        let namespace = self
            .namespaces
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Namespace { name: name.to_owned(), ..Namespace::default() }));
        Arc::make_mut(namespace)
    }
}

/// The type behind its name on the wire; `json` is not checked (`specs/instantdb-admin-api.md` 4.2).
pub(super) fn checked_type(name: &str) -> Option<ValueType> {
    [ValueType::String, ValueType::Number, ValueType::Boolean, ValueType::Date]
        .into_iter()
        .find(|known| known.as_str() == name)
}
