//! The npm packages that the entries of a catalogue ask for.

use super::Entry;
use model::view::{PackageRange, PackageUser, PackageView};
use serde::Deserialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

/// What the listing says of an item's packages.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    dev_dependencies: Vec<String>,
}

/// The packages that one item asks for: names, and the entries as written.
pub(super) fn of(entry: &Entry) -> Vec<(String, String)> {
    let Ok(listed) = serde_json::from_str::<Listed>(&entry.listed) else { return Vec::new() };
    let written = listed.dependencies.into_iter().chain(listed.dev_dependencies);
    written.map(|written| (source::split_package(&written).0.to_owned(), written)).collect()
}

/// All packages, by name.
pub(super) fn index(entries: &[Arc<Entry>]) -> Vec<PackageView> {
    let mut packages: BTreeMap<String, BTreeMap<String, Vec<PackageUser>>> = BTreeMap::new();
    for entry in entries {
        // Whatever is odd about an item was reported when it was synced.
        let Ok(listed) = serde_json::from_str::<Listed>(&entry.listed) else { continue };
        let lists = [(listed.dependencies, false), (listed.dev_dependencies, true)];
        let mut seen = HashSet::new();
        for (written, dev) in lists.iter().flat_map(|(list, dev)| list.iter().map(move |written| (written, *dev))) {
            let (name, range) = source::split_package(written);
            if seen.insert((name, range)) {
                let user = PackageUser { component: entry.name.clone(), dev };
                packages.entry(name.to_owned()).or_default().entry(range.to_owned()).or_default().push(user);
            }
        }
    }
    packages.into_iter().map(|(name, ranges)| view(name, ranges)).collect()
}

fn view(name: String, ranges: BTreeMap<String, Vec<PackageUser>>) -> PackageView {
    let mut ranges: Vec<_> = ranges.into_iter().map(|(range, users)| PackageRange { range, users }).collect();
    ranges.sort_by_key(|range| Reverse(range.users.len()));
    let components: HashSet<_> = ranges.iter().flat_map(|range| &range.users).map(|user| &user.component).collect();
    let components = components.len();
    PackageView { name, ranges, components }
}
