//! What differs between two manifests: field by field, and as indented JSON.

use super::Budget;
use model::{
    FileChange, Manifest,
    view::{FieldDiff, ManifestDiff},
};

pub(super) fn diff(before: &Manifest, after: &Manifest, budget: &mut Budget<'_>) -> ManifestDiff {
    if before == after {
        return ManifestDiff::default();
    }
    let (old, new) = (before.to_object(), after.to_object());
    let mut fields: Vec<FieldDiff> = new
        .iter()
        .filter_map(|(field, value)| {
            let change = match old.get(field) {
                None => FileChange::Added,
                Some(before) if before != value => FileChange::Changed,
                Some(_) => return None,
            };
            Some(FieldDiff { field: field.clone(), change })
        })
        .collect();
    let gone = old.keys().filter(|field| !new.contains_key(*field));
    fields.extend(gone.map(|field| FieldDiff { field: field.clone(), change: FileChange::Removed }));
    let text = |object| format!("{:#}\n", serde_json::Value::Object(object));
    ManifestDiff { fields, body: budget.text(&text(old), &text(new)) }
}
