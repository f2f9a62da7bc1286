//! The attributes and links that the store knows, in memory and on disk.

use super::key;
use crate::schema::{EntityDef, LinkDef};
use crate::{AttrDef, Cardinality, InstantError, ValueType};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

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
}

impl Blob {
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
    /// Whether the source goes when the target is deleted.
    pub(super) cascade: bool,
    /// Whether the target goes when the source is deleted.
    pub(super) cascade_reverse: bool,
}

/// A namespace. Its number is that of its `id` attribute, as InstantDB has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Namespace {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) blobs: BTreeMap<String, Arc<Blob>>,
    pub(super) forward: BTreeMap<String, Arc<Ref>>,
    pub(super) reverse: BTreeMap<String, Arc<Ref>>,
}

/// All namespaces.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalog {
    namespaces: HashMap<String, Arc<Namespace>>,
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

    /// Whether an attribute or link has this name.
    pub(super) fn knows(&self, label: &str) -> bool {
        label == "id" || self.blobs.contains_key(label) || self.hop(label).is_some()
    }

    /// Whether some attribute is required.
    pub(super) fn has_required(&self) -> bool {
        self.blobs.values().any(|blob| blob.required)
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

    /// Reads the catalogue of a database.
    pub(super) fn load(connection: &Connection) -> Result<Self, InstantError> {
        let mut catalog = Self::default();
        let mut statement = connection.prepare("SELECT id, definition FROM attrs ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        for row in rows {
            let (id, text) = row?;
            let damaged = || InstantError::Corrupt { what: format!("attribute {id} in the table attrs") };
            let definition: Value = serde_json::from_str(&text).map_err(|_| damaged())?;
            catalog.insert(id, &definition).ok_or_else(damaged)?;
        }
        Ok(catalog)
    }

    /// Takes in one row of `attrs`; `None` when it is malformed.
    fn insert(&mut self, id: i64, definition: &Value) -> Option<()> {
        let text = |name: &str| definition.get(name)?.as_str().map(str::to_owned);
        let flag = |name: &str| definition.get(name).and_then(Value::as_bool).unwrap_or_default();
        let etype = text("etype")?;
        let label = text("label")?;
        if let Some(reverse_etype) = text("reverseEtype") {
            let attr = Arc::new(Ref {
                id,
                reverse_label: text("reverseLabel")?,
                many: flag("many"),
                unique: flag("unique"),
                cascade: flag("cascade"),
                cascade_reverse: flag("cascadeReverse"),
                etype,
                label,
                reverse_etype,
            });
            self.namespace_mut(&attr.etype).forward.insert(attr.label.clone(), Arc::clone(&attr));
            self.namespace_mut(&attr.reverse_etype).reverse.insert(attr.reverse_label.clone(), attr);
        } else if label == "id" {
            self.namespace_mut(&etype).id = id;
        } else {
            let value_type = definition.get("type").and_then(Value::as_str).and_then(checked_type);
            let blob = Blob {
                id,
                label: label.clone(),
                value_type,
                unique: flag("unique"),
                indexed: flag("indexed"),
                required: flag("required"),
                system: flag("system"),
            };
            self.namespace_mut(&etype).blobs.insert(label, Arc::new(blob));
        }
        Some(())
    }

    fn namespace_mut(&mut self, name: &str) -> &mut Namespace {
        let namespace = self
            .namespaces
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Namespace { name: name.to_owned(), ..Namespace::default() }));
        Arc::make_mut(namespace)
    }

    /// Writes an attribute that is not there yet.
    fn add(&mut self, connection: &Connection, definition: &Value) -> Result<(), InstantError> {
        for name in ["etype", "label", "reverseEtype", "reverseLabel"] {
            let text = definition.get(name).and_then(Value::as_str).unwrap_or_default();
            if text.contains(['"', '\\', '.']) || text.chars().any(char::is_control) {
                return Err(InstantError::invalid(
                    "attributes",
                    format!("`{text}` cannot be a name: it contains a quote, `\\`, `.` or a control character"),
                ));
            }
        }
        connection.execute("INSERT INTO attrs (definition) VALUES (?1)", [definition.to_string()])?;
        self.insert(connection.last_insert_rowid(), definition)
            .ok_or_else(|| InstantError::Corrupt { what: format!("the attribute definition {definition}") })
    }

    /// Adds a namespace if it is missing.
    pub(super) fn ensure_namespace(&mut self, connection: &Connection, name: &str) -> Result<(), InstantError> {
        if self.namespaces.get(name).is_some_and(|namespace| namespace.id != 0) {
            return Ok(());
        }
        if name.starts_with('$') && name != "$files" && name != "$users" {
            return Err(InstantError::invalid(
                "attributes",
                format!("$ is reserved for system tables. You can't create {name}"),
            ));
        }
        self.add(connection, &json!({ "etype": name, "label": "id" }))
    }

    /// Adds an attribute without a type.
    pub(super) fn add_blob(
        &mut self,
        connection: &Connection,
        etype: &str,
        label: &str,
        unique: bool,
    ) -> Result<(), InstantError> {
        self.add(connection, &json!({ "etype": etype, "label": label, "unique": unique, "indexed": unique }))
    }

    /// Adds a link to the namespace of the link's own name.
    pub(super) fn add_ref(
        &mut self,
        connection: &Connection,
        etype: &str,
        label: &str,
        one_to_one: bool,
    ) -> Result<(), InstantError> {
        self.ensure_namespace(connection, label)?;
        let definition = json!({
            "etype": etype, "label": label, "reverseEtype": label, "reverseLabel": etype, "many": !one_to_one, "unique": one_to_one,
        });
        self.add(connection, &definition)
    }

    /// Adds what the schema has and the database has not, and takes over
    /// changed flags. Nothing is ever removed.
    pub(super) fn ensure(&mut self, connection: &Connection, entities: &[EntityDef]) -> Result<(), InstantError> {
        for entity in entities {
            self.ensure_namespace(connection, entity.namespace)?;
        }
        for entity in entities {
            for attr in entity.attrs {
                self.ensure_blob(connection, entity.namespace, attr)?;
            }
            for link in entity.links {
                self.ensure_ref(connection, link)?;
            }
        }
        Ok(())
    }

    fn ensure_blob(&mut self, connection: &Connection, etype: &str, attr: &AttrDef) -> Result<(), InstantError> {
        let definition = json!({
            "etype": etype, "label": attr.label, "type": attr.value_type.as_str(), "unique": attr.unique,
            "indexed": attr.indexed, "required": attr.required, "system": attr.system,
        });
        let before = self.namespaces.get(etype).and_then(|namespace| namespace.blobs.get(attr.label)).cloned();
        match &before {
            None => self.add(connection, &definition)?,
            Some(blob) => {
                self.insert(blob.id, &definition);
                let after = &self.namespaces[etype].blobs[attr.label];
                if after == blob {
                    return Ok(());
                }
                connection.execute(
                    "UPDATE attrs SET definition = ?2 WHERE id = ?1",
                    params![blob.id, definition.to_string()],
                )?;
            }
        }
        let namespace = Arc::clone(&self.namespaces[etype]);
        let blob = &namespace.blobs[attr.label];
        if blob.has_keys() && !before.is_some_and(|before| before.has_keys()) {
            backfill(connection, namespace.id, blob)?;
        }
        Ok(())
    }

    fn ensure_ref(&mut self, connection: &Connection, link: &LinkDef) -> Result<(), InstantError> {
        let (forward, reverse) = (&link.forward, &link.reverse);
        let definition = json!({
            "etype": forward.on, "label": forward.label, "reverseEtype": reverse.on, "reverseLabel": reverse.label,
            "many": forward.has == Cardinality::Many, "unique": reverse.has == Cardinality::One,
            "cascade": forward.cascade, "cascadeReverse": reverse.cascade,
        });
        let Some(before) =
            self.namespaces.get(forward.on).and_then(|namespace| namespace.forward.get(forward.label)).cloned()
        else {
            return self.add(connection, &definition);
        };
        self.insert(before.id, &definition);
        if self.namespaces[forward.on].forward[forward.label] != before {
            connection.execute(
                "UPDATE attrs SET definition = ?2 WHERE id = ?1",
                params![before.id, definition.to_string()],
            )?;
        }
        Ok(())
    }
}

/// Gives the entities that are there a key for an attribute that is indexed from now on.
fn backfill(connection: &Connection, etype: i64, blob: &Blob) -> Result<(), InstantError> {
    let mut rows = connection.prepare("SELECT id, doc FROM entities WHERE etype = ?1")?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO keys (attr, key, entity) VALUES (?1, ?2, ?3)")?;
    let mut update = connection.prepare("UPDATE entities SET doc = ?3 WHERE etype = ?1 AND id = ?2")?;
    let entities = rows
        .query_map([etype], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for (id, doc) in entities {
        let mut doc: Map<String, Value> = serde_json::from_str(&doc)
            .map_err(|_| InstantError::Corrupt { what: format!("entity {} is not JSON", hex::encode(&id)) })?;
        let value = doc.entry(blob.label.clone()).or_insert(Value::Null);
        insert.execute(params![blob.id, key::key(value, blob.value_type), id])?;
        update.execute(params![etype, id, Value::Object(doc).to_string()])?;
    }
    Ok(())
}

fn checked_type(name: &str) -> Option<ValueType> {
    // `json` is not checked (`specs/instantdb-admin-api.md` 4.2).
    [ValueType::String, ValueType::Number, ValueType::Boolean, ValueType::Date]
        .into_iter()
        .find(|known| known.as_str() == name)
}
