//! The schema as JSON (`specs/instantdb-admin-api.md` 4.3).

use crate::app_attr::{AppAttr, AttrCatalog, AttrKind};
use serde_json::{Map, Value, json};

/// How links are named in the JSON of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKeys {
    /// `registry_commits-repository-registry_repositories-commits`: `GET /admin/schema`.
    Joined,
    /// `["registry_commits" "repository" "registry_repositories" "commits"]`: the other routes.
    Vector,
}

impl RefKeys {
    fn key(self, parts: [&str; 4]) -> String {
        match self {
            Self::Joined => parts.join("-"),
            Self::Vector => format!("[{}]", parts.map(|part| Value::from(part).to_string()).join(" ")),
        }
    }
}

/// Whether InstantDB leaves the attribute out, so as not to confuse people.
pub(super) fn is_hidden(attr: &AppAttr) -> bool {
    let (etype, label) = (attr.namespace(), attr.label());
    match etype {
        "$files" => {
            matches!(label, "content-type" | "content-disposition" | "size" | "location-id" | "key-version")
        }
        "$streams" => matches!(label, "machineId" | "hashedReconnectToken"),
        "$users" => false,
        _ => attr.catalog == AttrCatalog::System,
    }
}

/// `{"refs", "blobs"}` of all that is not hidden.
pub(super) fn schema(attrs: &[AppAttr], keys: RefKeys) -> Value {
    let shown = attrs.iter().filter(|attr| !is_hidden(attr));
    let with_json = shown.map(|attr| {
        let mut json = json!(attr);
        if (attr.namespace(), attr.label()) == ("$files", "url") {
            // It is made for every answer, so to people it is always there.
            json["required?"] = true.into();
        }
        (attr, json)
    });
    arrange(with_json, keys)
}

/// Sorts attributes into `refs` and `blobs`.
pub(super) fn arrange<'a>(attrs: impl Iterator<Item = (&'a AppAttr, Value)>, keys: RefKeys) -> Value {
    let (mut refs, mut blobs) = (Map::new(), Map::new());
    for (attr, json) in attrs {
        if let (Some(reverse), AttrKind::Ref) = (&attr.reverse_identity, attr.value_type) {
            refs.insert(keys.key([attr.namespace(), attr.label(), &reverse.1, &reverse.2]), json);
        } else {
            let namespace = blobs.entry(attr.namespace()).or_insert_with(|| json!({}));
            namespace[attr.label()] = json;
        }
    }
    json!({ "refs": refs, "blobs": blobs })
}
