//! `config.json`: what an app is, besides its data.

use crate::{AppAttr, AppCardinality, AttrCatalog, AttrKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The first entry of a backup. What InstantDB adds for itself is left out:
/// webhooks and e-mail templates of ours there are none.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Config {
    /// How many entities each namespace has.
    #[serde(default)]
    pub(crate) counts: BTreeMap<String, u64>,
    /// How many triples there are.
    #[serde(default)]
    pub(crate) triple_count: Option<u64>,
    /// The schema, as it is pushed.
    pub(crate) schema: Schema,
    /// The permission rules.
    #[serde(default)]
    pub(crate) rules: Option<Value>,
    #[serde(default)]
    webhooks: Vec<Value>,
    #[serde(default)]
    email_templates: Vec<Value>,
    /// The app's name for people.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// The app's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) backup_at: Option<Value>,
}

/// A schema in the shape of a push, with `any` for what has no type.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Schema {
    /// Namespaces by name.
    #[serde(default)]
    pub(crate) entities: BTreeMap<String, Entity>,
    /// Links by any name.
    #[serde(default)]
    pub(crate) links: BTreeMap<String, Link>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Entity {
    #[serde(default)]
    pub(crate) attrs: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) forward: LinkSide,
    pub(crate) reverse: LinkSide,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkSide {
    pub(crate) on: String,
    pub(crate) label: String,
    pub(crate) has: AppCardinality,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) required: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_delete: Option<String>,
}

impl Config {
    /// The config of an app with these attributes.
    pub(crate) fn new(attrs: &[AppAttr], rules: Option<Value>, title: String, app_id: String) -> Self {
        Self {
            counts: BTreeMap::new(),
            triple_count: Some(0),
            schema: Schema::of(attrs),
            rules,
            webhooks: Vec::new(),
            email_templates: Vec::new(),
            title: Some(title),
            app_id: Some(app_id),
            backup_at: None,
        }
    }
}

/// Attributes of `$files` that InstantDB keeps to itself.
const HIDDEN: [&str; 5] = ["content-type", "content-disposition", "size", "location-id", "key-version"];

impl Schema {
    /// The schema of these attributes, as InstantDB writes it
    /// (`server/src/instant/model/schema.clj`, `attrs->schema`).
    pub(crate) fn of(attrs: &[AppAttr]) -> Self {
        let mut schema = Self::default();
        for attr in attrs {
            let hidden = attr.catalog == AttrCatalog::System && HIDDEN.contains(&attr.label());
            match &attr.reverse_identity {
                Some(reverse) => {
                    let cardinality = |one: bool| if one { AppCardinality::One } else { AppCardinality::Many };
                    let link = Link {
                        forward: LinkSide {
                            on: attr.namespace().to_owned(),
                            label: attr.label().to_owned(),
                            has: attr.cardinality,
                            required: attr.required.then_some(true),
                            on_delete: attr.on_delete.clone(),
                        },
                        reverse: LinkSide {
                            on: reverse.1.clone(),
                            label: reverse.2.clone(),
                            has: cardinality(attr.unique),
                            required: None,
                            on_delete: attr.on_delete_reverse.clone(),
                        },
                    };
                    schema.links.insert(format!("{}_{}", attr.namespace(), attr.label()), link);
                }
                None if attr.value_type == AttrKind::Blob && attr.label() != "id" && !hidden => {
                    let entity = schema.entities.entry(attr.namespace().to_owned()).or_default();
                    entity.attrs.insert(attr.label().to_owned(), shape(attr));
                }
                None => {}
            }
        }
        schema
    }
}

fn shape(attr: &AppAttr) -> Value {
    let mut shape = json!({
        "valueType": attr.checked_data_type.as_deref().unwrap_or("any"),
        "config": { "unique": attr.unique, "indexed": attr.indexed },
    });
    // `$files.url` is never stored and always answered.
    if attr.required || (attr.namespace(), attr.label()) == ("$files", "url") {
        shape["required"] = true.into();
    }
    shape
}
