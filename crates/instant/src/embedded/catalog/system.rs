//! The attributes that every app has: those of `$files`, `$users` and `$streams`,
//! which apps may extend, with the ids that InstantDB gives them (`specs/instantdb-admin-api.md` 4.1).

use crate::ValueType;
use crate::app_attr::{AppAttr, AppCardinality, AttrCatalog, AttrKind, Ident};
use model::EntityId;

/// Namespace, label, type, unique, indexed, required.
type Row = (&'static str, &'static str, Option<ValueType>, bool, bool, bool);

const BLOBS: [Row; 19] = [
    ("$files", "id", None, true, true, false),
    ("$files", "path", Some(ValueType::String), true, true, true),
    ("$files", "size", Some(ValueType::Number), false, true, true),
    ("$files", "content-type", Some(ValueType::String), false, true, false),
    ("$files", "content-disposition", Some(ValueType::String), false, true, false),
    ("$files", "location-id", Some(ValueType::String), true, true, true),
    ("$files", "key-version", Some(ValueType::Number), false, false, false),
    ("$files", "url", Some(ValueType::String), false, false, false),
    ("$users", "id", None, true, true, false),
    ("$users", "email", Some(ValueType::String), true, true, false),
    ("$users", "type", Some(ValueType::String), false, false, false),
    ("$users", "imageURL", Some(ValueType::String), false, false, false),
    ("$streams", "id", None, true, true, false),
    ("$streams", "clientId", Some(ValueType::String), true, true, true),
    ("$streams", "machineId", Some(ValueType::String), false, false, false),
    ("$streams", "done", Some(ValueType::Boolean), false, false, false),
    ("$streams", "size", Some(ValueType::Number), false, false, false),
    ("$streams", "hashedReconnectToken", Some(ValueType::String), false, false, false),
    ("$streams", "abortReason", Some(ValueType::String), false, false, false),
];

/// All of them.
pub(in crate::embedded) fn system_attrs() -> Vec<AppAttr> {
    let blobs = BLOBS.into_iter().map(|(etype, label, value_type, unique, indexed, required)| AppAttr {
        checked_data_type: value_type.map(|value_type| value_type.as_str().to_owned()),
        unique,
        indexed,
        required,
        ..attr(etype, label, AttrKind::Blob)
    });
    let linked = AppAttr {
        reverse_identity: Some(ident("$users", "linkedGuestUsers")),
        on_delete: Some("cascade".to_owned()),
        ..attr("$users", "linkedPrimaryUser", AttrKind::Ref)
    };
    let streamed = AppAttr {
        reverse_identity: Some(ident("$files", "$stream")),
        cardinality: AppCardinality::Many,
        unique: true,
        on_delete_reverse: Some("cascade".to_owned()),
        ..attr("$streams", "$files", AttrKind::Ref)
    };
    blobs.chain([linked, streamed]).collect()
}

fn attr(etype: &str, label: &str, value_type: AttrKind) -> AppAttr {
    AppAttr {
        id: encode("systemat", etype, label),
        forward_identity: ident(etype, label),
        reverse_identity: None,
        value_type,
        cardinality: AppCardinality::One,
        unique: false,
        indexed: false,
        required: false,
        checked_data_type: None,
        on_delete: None,
        on_delete_reverse: None,
        inferred_types: None,
        catalog: AttrCatalog::System,
    }
}

fn ident(etype: &str, label: &str) -> Ident {
    Ident(encode("systemid", etype, label), etype.to_owned(), label.to_owned())
}

/// Letters at five bits each, filled up with ones: the kind in the upper half,
/// short names of namespace and label in the lower one.
fn encode(kind: &str, etype: &str, label: &str) -> EntityId {
    // In this order; the last but two are not alphabetical in InstantDB either.
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxzy/";
    let half = |text: &str| {
        let bits = text.bytes().fold((0_u64, 64_u32), |(bits, left), letter| {
            let place = LETTERS.iter().position(|known| *known == letter).unwrap_or_default() as u64;
            (bits | place << (left - 5), left - 5)
        });
        bits.0 | ((1 << bits.1) - 1)
    };
    let label = match label {
        "content-type" => "ctype",
        "content-disposition" => "cdisp",
        "location-id" => "lid",
        "key-version" => "kv",
        "imageURL" => "imageurl",
        "linkedPrimaryUser" => "lpu",
        "linkedGuestUsers" => "lgu",
        "clientId" => "clientid",
        "machineId" => "machineid",
        "hashedReconnectToken" => "hashretok",
        "abortReason" => "abrtreasn",
        "$files" => "fi",
        "$stream" => "stream",
        as_it_is => as_it_is,
    };
    let namespace = match etype {
        "$files" => "fi",
        "$users" => "us",
        _ => "st",
    };
    let (upper, lower) = (half(kind), half(&format!("{namespace}/{label}")));
    EntityId::from_bytes((u128::from(upper) << 64 | u128::from(lower)).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_attributes_have_instantdbs_ids() {
        let attrs = system_attrs();
        for (etype, label, id) in [
            ("$files", "id", "96653230-13ff-ffff-2a34-81ffffffffff"),
            ("$files", "path", "96653230-13ff-ffff-2a34-f04cffffffff"),
            ("$files", "size", "96653230-13ff-ffff-2a35-24609fffffff"),
            ("$files", "content-type", "96653230-13ff-ffff-2a34-29e5e4ffffff"),
            ("$files", "content-disposition", "96653230-13ff-ffff-2a34-21a24fffffff"),
            ("$files", "location-id", "96653230-13ff-ffff-2a34-b40fffffffff"),
            ("$files", "key-version", "96653230-13ff-ffff-2a34-aaffffffffff"),
            ("$files", "url", "96653230-13ff-ffff-2a35-48afffffffff"),
            ("$users", "id", "96653230-13ff-ffff-a4b4-81ffffffffff"),
            ("$users", "email", "96653230-13ff-ffff-a4b4-46010bffffff"),
            ("$users", "type", "96653230-13ff-ffff-a4b5-3cbc9fffffff"),
            ("$users", "imageURL", "96653230-13ff-ffff-a4b4-8600c4a457ff"),
            ("$users", "linkedPrimaryUser", "96653230-13ff-ffff-a4b4-b7d3ffffffff"),
        ] {
            let attr = attrs.iter().find(|attr| (attr.namespace(), attr.label()) == (etype, label)).unwrap();
            assert_eq!(attr.id.to_string(), id, "{etype}.{label}");
            assert!(attr.forward_identity.0.to_string().starts_with("96653231-03ff-ffff-"));
        }
        let ids: std::collections::HashSet<_> = attrs.iter().map(|attr| attr.id).collect();
        assert_eq!(ids.len(), attrs.len());
    }
}
