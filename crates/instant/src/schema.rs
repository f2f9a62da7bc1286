//! The words of a schema, and the JSON that is pushed.

mod table;

pub(crate) use table::entities;

use model::EntityId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// The type that the store enforces for an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A point in time; ours are stored as epoch milliseconds.
    Date,
    /// Any JSON; nothing is enforced.
    Json,
}

impl ValueType {
    /// The type's name in a pushed schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Json => "json",
        }
    }
}

/// How many entities one side of a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// At most one.
    One,
    /// Any number.
    Many,
}

impl Cardinality {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
        }
    }
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of InstantDB's attrs")]
pub struct AttrDef {
    /// Its name in the store.
    pub label: &'static str,
    /// Its type.
    pub value_type: ValueType,
    /// Whether no two entities may have the same value; null does not count.
    pub unique: bool,
    /// Whether it can be ordered by and compared.
    pub indexed: bool,
    /// Whether every entity must have it. Required attributes cannot be added
    /// to a namespace that has entities (`specs/instantdb-admin-api.md` 4.2).
    pub required: bool,
    /// Whether the store itself owns it: only `$files` has such.
    pub system: bool,
}

impl AttrDef {
    pub(crate) const fn new(label: &'static str, value_type: ValueType) -> Self {
        Self { label, value_type, unique: false, indexed: false, required: false, system: false }
    }

    pub(crate) const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    pub(crate) const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn system(mut self) -> Self {
        self.system = true;
        self
    }
}

/// One side of a link.
#[derive(Debug, Clone, Copy)]
pub struct Side {
    /// The namespace it stands on.
    pub on: &'static str,
    /// Its name there.
    pub label: &'static str,
    /// How many entities it leads to.
    pub has: Cardinality,
    /// Whether the entity on this side is deleted with the one it leads to.
    pub cascade: bool,
}

/// A link between two namespaces.
#[derive(Debug, Clone, Copy)]
pub struct LinkDef {
    /// The side that holds the link.
    pub forward: Side,
    /// The other side.
    pub reverse: Side,
}

impl LinkDef {
    pub(crate) const fn new(
        on: &'static str,
        label: &'static str,
        has: Cardinality,
        reverse_on: &'static str,
        reverse_label: &'static str,
    ) -> Self {
        Self {
            forward: Side { on, label, has, cascade: false },
            reverse: Side { on: reverse_on, label: reverse_label, has: Cardinality::Many, cascade: false },
        }
    }

    pub(crate) const fn cascade(mut self) -> Self {
        self.forward.cascade = true;
        self
    }
}

/// A namespace with its attributes and the links it holds.
#[derive(Debug, Clone, Copy)]
pub struct EntityDef {
    /// The namespace: `registry_components`.
    pub namespace: &'static str,
    /// The attributes, without `id`.
    pub attrs: &'static [AttrDef],
    /// The links whose forward side stands here.
    pub links: &'static [LinkDef],
}

/// A row type of the schema table.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// The type of its ids.
    type Id: From<EntityId> + Into<EntityId> + Copy + Send;
    /// The namespace: `registry_components`.
    const NAMESPACE: &'static str;
    /// Its definition.
    const DEF: EntityDef;
}

/// The schema in the shape that InstantDB's schema push takes
/// (`specs/instantdb-admin-api.md` 4.2): the value of `schema`.
///
/// System attributes of `$files` are left out; the server strips them anyway.
pub fn schema_json() -> Value {
    let mut entities = Map::new();
    let mut links = Map::new();
    for entity in crate::rows::ENTITIES {
        let attrs: Map<String, Value> = entity
            .attrs
            .iter()
            .filter(|attr| !attr.system)
            .map(|attr| (attr.label.to_owned(), shape_json(attr)))
            .collect();
        if !attrs.is_empty() {
            entities.insert(entity.namespace.to_owned(), json!({ "attrs": attrs }));
        }
        for link in entity.links {
            let name = format!("{}_{}", link.forward.on, link.forward.label);
            links.insert(name, json!({ "forward": side_json(link.forward), "reverse": side_json(link.reverse) }));
        }
    }
    json!({ "entities": entities, "links": links })
}

pub(crate) fn shape_json(attr: &AttrDef) -> Value {
    json!({
        "valueType": attr.value_type.as_str(),
        "required": attr.required,
        "config": { "indexed": attr.indexed, "unique": attr.unique },
    })
}

pub(crate) fn side_json(side: Side) -> Value {
    let mut json = json!({ "on": side.on, "label": side.label, "has": side.has.as_str() });
    if side.cascade {
        json["onDelete"] = "cascade".into();
    }
    json
}
