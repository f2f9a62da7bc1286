//! What is moved: which namespaces, which of their attributes and links.

use instant::{AppAttr, AppCardinality, AttrCatalog, rows};
use std::collections::BTreeMap;

/// How much of an app is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `registry_*` namespaces and files below `registry/`.
    Ours,
    /// Every namespace and every file.
    WholeApp,
}

/// The namespace of the rows that make things current; moved last.
pub(crate) const PUBLICATIONS: &str = "registry_publications";
/// Claims of running processes: they mean nothing elsewhere.
const LEASES: &str = "registry_leases";
/// The namespace of stored files.
pub(crate) const FILES: &str = "$files";
/// Where our files lie.
pub(crate) const OUR_FILES: &str = "registry/";

/// Whether a namespace is ours.
pub(crate) fn is_ours(namespace: &str) -> bool {
    namespace.starts_with("registry_")
}

/// One namespace and what is moved of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    /// Attributes with plain values, without `id`.
    pub(crate) values: Vec<String>,
    /// Links to at most one entity, and the namespace they lead to.
    pub(crate) one: Vec<(String, String)>,
    /// Links to any number of entities, and the namespace they lead to.
    pub(crate) many: Vec<(String, String)>,
}

/// What is moved, in the order in which it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) namespaces: Vec<Namespace>,
    /// Links that are not moved, because where they lead is not.
    pub(crate) left_out: Vec<String>,
}

impl Layout {
    /// What `scope` moves of an app with these attributes.
    pub(crate) fn of(attrs: &[AppAttr], scope: Scope) -> Self {
        let moved = |namespace: &str| match scope {
            _ if namespace == LEASES => false,
            Scope::Ours => is_ours(namespace),
            // Of the store's own, people can be written, and files hold what others put on them.
            Scope::WholeApp => !namespace.starts_with('$') || namespace == "$users" || namespace == FILES,
        };
        let mut by_name: BTreeMap<&str, Namespace> = BTreeMap::new();
        let mut left_out = Vec::new();
        for attr in attrs.iter().filter(|attr| moved(attr.namespace())) {
            let name = attr.namespace();
            if name == FILES && attr.catalog == AttrCatalog::System {
                continue;
            }
            let namespace = by_name.entry(name).or_insert_with(|| Namespace {
                name: name.to_owned(),
                values: Vec::new(),
                one: Vec::new(),
                many: Vec::new(),
            });
            let label = attr.label().to_owned();
            match &attr.reverse_identity {
                None if label == "id" => {}
                None => namespace.values.push(label),
                Some(reverse) if reverse.1 == FILES || moved(&reverse.1) => {
                    let link = (label, reverse.1.clone());
                    if attr.cardinality == AppCardinality::One {
                        namespace.one.push(link);
                    } else {
                        namespace.many.push(link);
                    }
                }
                Some(reverse) => left_out.push(format!("{name}.{label} to {}", reverse.1)),
            }
        }
        let mut namespaces: Vec<Namespace> = by_name.into_values().collect();
        // Others first; then ours in the order of the table, publications last.
        let place = |name: &str| match rows::ENTITIES.iter().position(|entity| entity.namespace == name) {
            _ if name == PUBLICATIONS => usize::MAX,
            Some(place) => place + 1,
            None => 0,
        };
        namespaces.sort_by_key(|namespace| place(&namespace.name));
        Self { namespaces, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ours_is_everything_of_the_table_but_leases_and_publications_come_last() {
        let store = instant::Embedded::temporary().await.unwrap();
        let attrs = instant::Store::attrs(&store).await.unwrap();
        let layout = Layout::of(&attrs, Scope::Ours);
        let names: Vec<&str> = layout.namespaces.iter().map(|namespace| namespace.name.as_str()).collect();
        assert_eq!(names.first(), Some(&"registry_repositories"));
        assert_eq!(names.last(), Some(&"registry_publications"));
        assert!(!names.contains(&"registry_leases") && !names.contains(&"$files"));
        assert_eq!(names.len(), rows::ENTITIES.len() - 2);
        for entity in rows::ENTITIES.iter().filter(|entity| names.contains(&entity.namespace)) {
            let moved = layout.namespaces.iter().find(|namespace| namespace.name == entity.namespace).unwrap();
            assert_eq!(moved.values.len(), entity.attrs.len(), "{}", entity.namespace);
            assert_eq!(moved.one.len() + moved.many.len(), entity.links.len(), "{}", entity.namespace);
        }
        assert_eq!(layout.left_out, [""; 0]);
    }
}
