//! Whether every text of the dashboard is translated, and nothing else is.

use crate::_rust_i18n_backend;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// All source files of the server.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The literal that begins `text`, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix('"')?;
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return Some((value, rest.as_str())),
            '\\' => match rest.next()? {
                'n' => value.push('\n'),
                // A line that goes on.
                '\n' => rest = rest.as_str().trim_start().chars(),
                c => value.push(c),
            },
            c => value.push(c),
        }
    }
}

/// What follows each use of a macro in a source.
fn uses<'a>(source: &'a str, macro_: &'static str) -> impl Iterator<Item = &'a str> {
    // `format!(` ends in `t!(`, too.
    let whole = |at: usize| !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    source.match_indices(macro_).filter(move |(at, _)| whole(*at)).map(|(at, used)| &source[at + used.len()..])
}

/// What the macros of a source are given: one text, or a noun and its plural.
fn texts_of(source: &str) -> Vec<String> {
    let one = uses(source, "t!(").filter_map(|given| Some(literal(given)?.0));
    let counted = uses(source, "count!(").flat_map(|given| {
        let nouns = given.find('"').and_then(|at| {
            let (one, rest) = literal(&given[at..])?;
            let (many, _) = literal(rest.trim_start().strip_prefix(',')?)?;
            Some([one, many])
        });
        nouns.into_iter().flatten()
    });
    one.chain(counted).collect()
}

/// Every text of the dashboard, and where it stands.
fn texts() -> BTreeMap<String, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let here = Path::new("app").join("words");
    let mut found = BTreeMap::new();
    for path in sources(&root) {
        let name = path.strip_prefix(&root).expect("below").to_owned();
        if !name.starts_with(&here) && name != here.with_extension("rs") {
            let source = fs::read_to_string(&path).expect("a text");
            found.extend(texts_of(&source).into_iter().map(|text| (text, name.clone())));
        }
    }
    found
}

/// The names of the values that a text has places for.
fn places(text: &str) -> BTreeSet<&str> {
    text.split("%{").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_text_is_there_in_spanish_with_the_same_places_and_nothing_else_is() {
    let texts = texts();
    assert!(texts.len() > 50, "the sources are read");
    let spanish: BTreeMap<String, String> = _rust_i18n_backend()
        .messages_for_locale("es")
        .expect("Spanish")
        .into_iter()
        .map(|(text, translation)| (text.into_owned(), translation.into_owned()))
        .collect();
    let missing: Vec<_> = texts.iter().filter(|(text, _)| !spanish.contains_key(*text)).collect();
    assert!(missing.is_empty(), "without a translation in locales/: {missing:#?}");
    let stale: Vec<_> = spanish.keys().filter(|text| !texts.contains_key(*text)).collect();
    assert!(stale.is_empty(), "translated, but not said: {stale:#?}");
    for (text, translation) in &spanish {
        assert_eq!(places(text), places(translation), "{text:?}");
    }
}

#[test]
fn a_source_is_read_as_the_compiler_reads_it() {
    let source = r#"format!("x") + t!("a \"b\" \
        c", x = 1) + count!(list.len(), "item", "items") + t!(
            "d"
        )"#;
    assert_eq!(texts_of(source), ["a \"b\" c", "d", "item", "items"]);
}
