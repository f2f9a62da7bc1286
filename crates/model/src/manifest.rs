//! The manifest: an item as its author wrote it, without file contents.

use crate::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// An item as its author wrote it, without file contents and before any
/// rewriting: one JSON object in UTF-8 without white space, its keys in schema
/// order at item and file level (`specs/shadcn-protocol.md` 4.2), records in
/// the author's order.
///
/// It alone is the source of array and key order: InstantDB's links and jsonb
/// keep none.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest(Arc<str>);

/// A stored text that is not a manifest.
#[derive(Debug, thiserror::Error)]
#[error("malformed manifest: {0}")]
pub struct MalformedManifest(String);

/// A file of an item in the item's order: what the version digest covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// The path as the manifest has it.
    pub path: String,
    /// SHA-256 of the content.
    pub digest: Digest,
}

impl Manifest {
    /// The compact form of an item object whose keys are in schema order
    /// already. Any `content` of its files must be gone.
    pub fn from_object(item: &Map<String, Value>) -> Self {
        let text = serde_json::to_string(item).expect("a JSON value always serialises");
        Self(text.into())
    }

    /// Takes back a manifest that [`Manifest::as_str`] gave.
    pub fn parse(text: &str) -> Result<Self, MalformedManifest> {
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(_)) => Ok(Self(text.into())),
            Ok(_) => Err(MalformedManifest("not an object".to_owned())),
            Err(error) => Err(MalformedManifest(error.to_string())),
        }
    }

    /// The compact JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON object.
    pub fn to_object(&self) -> Map<String, Value> {
        match serde_json::from_str(&self.0) {
            Ok(Value::Object(object)) => object,
            _ => unreachable!("both constructors hold a JSON object"),
        }
    }

    /// The digest of the version that this manifest and these files make:
    /// SHA-256 over `v1:`, the manifest, and path and file digest of each file
    /// in order. A NUL ends each part, so that no two lists run together.
    pub fn version_digest(&self, files: &[FileDigest]) -> Digest {
        let mut input = Vec::with_capacity(self.0.len() + files.len() * 96 + 8);
        input.extend_from_slice(b"v1:");
        input.extend_from_slice(self.0.as_bytes());
        input.push(0);
        for file in files {
            input.extend_from_slice(file.path.as_bytes());
            input.push(0);
            input.extend_from_slice(file.digest.to_string().as_bytes());
            input.push(0);
        }
        Digest::of(&input)
    }

    /// The digest of what stays the same when an item is renamed: everything
    /// but its name and the names of its files. `files` are the digests of the
    /// contents, in order. `None` without files: what little is left then is
    /// the same in many items.
    pub fn content_digest(&self, files: &[Digest]) -> Option<Digest> {
        if files.is_empty() {
            return None;
        }
        let mut item = self.to_object();
        item.shift_remove("name");
        for file in item.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::Object(file) = file {
                file.shift_remove("path");
                file.shift_remove("target");
            }
        }
        let text = Self::from_object(&item);
        let parts = [b"content:".as_slice(), text.0.as_bytes(), b"\0"];
        Some(Digest::of_parts(parts.into_iter().chain(files.iter().map(|digest| digest.as_bytes().as_slice()))))
    }
}

impl std::fmt::Debug for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(value: &Value) -> Manifest {
        Manifest::from_object(value.as_object().unwrap())
    }

    #[test]
    fn a_version_digest_covers_manifest_paths_contents_and_their_order() {
        let item = manifest(&json!({"name": "a", "type": "registry:ui"}));
        let file = |path: &str, content: &[u8]| FileDigest { path: path.into(), digest: Digest::of(content) };
        let base = item.version_digest(&[file("a", b"1"), file("b", b"2")]);
        assert_eq!(base, item.version_digest(&[file("a", b"1"), file("b", b"2")]));
        for other in [
            item.version_digest(&[file("b", b"2"), file("a", b"1")]),
            item.version_digest(&[file("a", b"1"), file("b", b"3")]),
            item.version_digest(&[file("a", b"1"), file("c", b"2")]),
            manifest(&json!({"name": "b", "type": "registry:ui"})).version_digest(&[file("a", b"1"), file("b", b"2")]),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn a_content_digest_stays_when_an_item_and_its_files_are_renamed() {
        let named = |name: &str, title: &str| {
            let path = format!("ui/{name}.tsx");
            manifest(
                &json!({"name": name, "title": title, "files": [{"path": path, "type": "registry:ui", "target": path}]}),
            )
        };
        let (content, other) = ([Digest::of(b"1")], [Digest::of(b"2")]);
        let base = named("a", "One").content_digest(&content);
        assert!(base.is_some());
        assert_eq!(base, named("b", "One").content_digest(&content));
        assert_ne!(base, named("a", "Two").content_digest(&content));
        assert_ne!(base, named("a", "One").content_digest(&other));
        assert_eq!(named("a", "One").content_digest(&[]), None, "nothing to tell it by");
    }

    #[test]
    fn a_manifest_keeps_the_order_of_keys() {
        let text = r#"{"name":"a","cssVars":{"light":{"z":"1","a":"2"}},"type":"registry:ui"}"#;
        let manifest = Manifest::parse(text).unwrap();
        assert_eq!(Manifest::from_object(&manifest.to_object()).as_str(), text);
    }
}
