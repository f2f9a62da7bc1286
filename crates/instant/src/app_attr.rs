//! Attributes and links as InstantDB's own JSON has them
//! (`specs/instantdb-admin-api.md` 4.1).

use model::EntityId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A name of an attribute: its own id, the namespace and the label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ident(pub EntityId, pub String, pub String);

/// Whether an attribute holds values or links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttrKind {
    /// Values.
    Blob,
    /// Links.
    Ref,
}

/// Whose an attribute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttrCatalog {
    /// The app's.
    #[default]
    User,
    /// The store's.
    System,
}

/// One attribute or link of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AppAttr {
    /// Its id.
    pub id: EntityId,
    /// Where it stands.
    pub forward_identity: Ident,
    /// How a link is called from its other end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_identity: Option<Ident>,
    /// Whether it holds values or links.
    pub value_type: AttrKind,
    /// `one` or `many`: how many the forward side leads to. Always `one` for values.
    pub cardinality: AppCardinality,
    /// No two entities have the same value; for a link: the reverse side leads to one.
    #[serde(default, rename = "unique?")]
    pub unique: bool,
    /// Whether it can be ordered by and compared.
    #[serde(default, rename = "index?")]
    pub indexed: bool,
    /// Whether every entity must have it.
    #[serde(default, rename = "required?")]
    pub required: bool,
    /// The type that is enforced: `string`, `number`, `boolean` or `date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_data_type: Option<String>,
    /// `cascade`: the entity goes when the one that it links to is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<String>,
    /// `cascade`: the linked entity goes when the one that links to it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete_reverse: Option<String>,
    /// Types that the server has seen in it.
    #[serde(default)]
    pub inferred_types: Option<Value>,
    /// Whose it is.
    #[serde(default)]
    pub catalog: AttrCatalog,
}

/// How many entities the forward side of an attribute leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppCardinality {
    /// At most one.
    One,
    /// Any number.
    Many,
}

impl AppAttr {
    /// The namespace that it stands in.
    pub fn namespace(&self) -> &str {
        &self.forward_identity.1
    }

    /// Its name there.
    pub fn label(&self) -> &str {
        &self.forward_identity.2
    }
}
