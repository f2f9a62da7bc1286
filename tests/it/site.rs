//! What the deployed binary is told of the site, and what it was built from.

use std::{fs, path::Path};

#[test]
fn leptos_toml_repeats_what_cargo_toml_says_of_the_site() {
    let table = |file: &str| -> toml::Table {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("readable");
        let whole: toml::Table = text.parse().expect("TOML");
        whole["package"]["metadata"]["leptos"].as_table().expect("a table").clone()
    };
    let (deployed, built) = (table("Leptos.toml"), table("Cargo.toml"));
    assert!(!deployed.is_empty());
    for (key, value) in &deployed {
        assert_eq!(built.get(key), Some(value), "{key} of Leptos.toml and of Cargo.toml");
    }
    for key in ["output-name", "site-root", "site-pkg-dir", "hash-files"] {
        assert!(deployed.contains_key(key), "Leptos.toml says {key}");
    }
}
