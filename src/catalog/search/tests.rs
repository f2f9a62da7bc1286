use super::{Found, Search, marks};
use crate::catalog::{Catalog, Content, Identity, Names, Subject, prepare};
use model::{
    ComponentId, Digest, Manifest, RepositoryId,
    view::{FacetKind, Sort},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

fn catalog(items: &[Value]) -> Catalog {
    let alias: Arc<str> = "@acme".into();
    let entries = items.iter().enumerate().map(|(nth, item)| {
        let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let subject = Subject {
            name: text("name").parse().expect("a name"),
            component: ComponentId::of_key(&text("name")),
            repository: repository(&text("from")),
            version: Digest::of(text("name").as_bytes()),
            updated_at: i64::try_from(nth).expect("few items"),
        };
        let mut object = item.as_object().expect("an object").clone();
        object.remove("from");
        let content = Content { manifest: Manifest::from_object(&object), files: Vec::new() };
        Arc::new(prepare(subject, &content, Vec::new(), &alias))
    });
    Catalog::new(Digest::of(b"test"), Identity::default(), entries.collect(), Names::default())
}

fn repository(name: &str) -> RepositoryId {
    RepositoryId::of_key(name)
}

fn names<'a>(found: &Found<'a>) -> Vec<&'a str> {
    found.page(0, usize::MAX).map(|entry| entry.name.as_str()).collect()
}

fn shadcn() -> Catalog {
    let item = |name: &str, title: &str, description: &str| json!({ "name": name, "title": title, "description": description, "type": "registry:ui" });
    catalog(&[
        item("carousel", "Carousel", "Slides that move"),
        item("alert", "Alert", "A message"),
        item("alert-dialog", "Alert dialog", "A modal message"),
        item("sheet", "Sheet", "A dialog at the edge"),
        item("dialog", "Dialog", "A window above the page"),
        item("dialog-demo", "Demo", "How it is used"),
        item("data-table", "Data table", "Rows"),
        item("team/card", "Card", "A box"),
        item("prompt", "Ask by dialog", "A question"),
        json!({ "name": "login-03", "type": "registry:block", "categories": ["authentication"], "dependencies": ["zod@^3.0"] }),
    ])
}

fn found<'a>(catalog: &'a Catalog, words: &str) -> Vec<&'a str> {
    names(&catalog.search(&Search { words, ..Search::default() }))
}

#[test]
fn the_better_a_word_fits_the_earlier_an_item_comes() {
    let catalog = shadcn();
    assert_eq!(found(&catalog, "dialog"), ["dialog", "dialog-demo", "alert-dialog", "prompt", "sheet"]);
    assert_eq!(found(&catalog, "Alert DIALOG"), ["alert-dialog"]);
    assert_eq!(found(&catalog, "alert-dialog"), ["alert-dialog"]);
    assert_eq!(found(&catalog, "card"), ["team/card"]);
    assert_eq!(found(&catalog, "authentic"), ["login-03"]);
    assert_eq!(found(&catalog, "zod"), ["login-03"]);
    assert_eq!(found(&catalog, "").len(), 10);
    assert_eq!(found(&catalog, "carousel alert"), <[&str; 0]>::default());
}

#[test]
fn a_misspelt_word_and_an_abbreviation_are_understood() {
    let catalog = shadcn();
    for typed in ["dilaog", "dialg", "diallog", "diolog", "dilao"] {
        assert_eq!(found(&catalog, typed)[0], "dialog", "{typed}");
    }
    assert_eq!(found(&catalog, "carrousell"), ["carousel"]);
    assert_eq!(found(&catalog, "datatable"), ["data-table"]);
    assert_eq!(found(&catalog, "datatabel"), ["data-table"]);
    assert_eq!(found(&catalog, "alert-dialgo"), ["alert-dialog"]);
    assert_eq!(found(&catalog, "dlg")[0], "dialog");
    // Nobody means a carousel by a card, and three letters are too few for a mistake.
    assert_eq!(found(&catalog, "card"), ["team/card"]);
    assert_eq!(found(&catalog, "crd").first(), Some(&"team/card"));
    assert_eq!(found(&catalog, "xrd"), <[&str; 0]>::default());
}

#[test]
fn nothing_that_is_typed_is_too_much() {
    let catalog = shadcn();
    let long = "x".repeat(10_000);
    assert_eq!(found(&catalog, &long), <[&str; 0]>::default());
    assert_eq!(found(&catalog, &"dialog ".repeat(1_000)).len(), 5);
    assert_eq!(found(&catalog, &"a-".repeat(30)), found(&catalog, "a"));
    found(&catalog, "İstanbul ß \u{202e} -- '\" %00");
}

#[test]
fn the_nearest_name_is_told() {
    let catalog = shadcn();
    assert_eq!(catalog.did_you_mean("allert-dialog"), Some("alert-dialog"));
    assert_eq!(catalog.did_you_mean("cardd"), Some("team/card"));
    assert_eq!(catalog.did_you_mean("zzzz"), None);
    assert_eq!(Catalog::default().did_you_mean("x"), None);
}

#[test]
fn items_come_in_the_order_that_is_asked_for() {
    let catalog = shadcn();
    let sorted = |sort| names(&catalog.search(&Search { words: "dialog", sort, ..Search::default() }));
    assert_eq!(sorted(Sort::Name), ["alert-dialog", "dialog", "dialog-demo", "prompt", "sheet"]);
    assert_eq!(sorted(Sort::Updated), ["prompt", "dialog-demo", "dialog", "sheet", "alert-dialog"]);
}

#[test]
fn what_was_found_is_marked() {
    let marked = |texts: [&'static str; 2], typed: &str| -> Vec<&str> {
        let [first, second] = marks(texts, typed);
        let of = |text: &'static str, ranges: Vec<std::ops::Range<usize>>| ranges.into_iter().map(move |at| &text[at]);
        of(texts[0], first).chain(of(texts[1], second)).collect()
    };
    assert_eq!(marked(["alert-dialog", "A Dialog that asks"], "dial"), ["dial", "Dial"]);
    assert_eq!(marked(["alert-dialog", "A message"], "dilaog"), ["dialog"]);
    assert_eq!(marked(["alert-dialog", ""], "alert-dialgo"), ["alert", "dialog"]);
    assert_eq!(marked(["alert-dialog", "A"], "a"), ["a", "A"]);
    assert_eq!(marked(["İstanbul", "ẞ straße"], "straße"), ["straße"]);
    assert_eq!(marked(["card", ""], ""), <[&str; 0]>::default());
}

/// Items of a few words, categories, packages, types and repositories.
fn items() -> impl Strategy<Value = Vec<Value>> {
    let word = || prop::sample::select(vec!["alert", "dialog", "table", "button", "calendar", "sidebar", "card"]);
    let item = (
        prop::collection::vec(word(), 1..3),
        prop::sample::select(vec!["registry:ui", "registry:block", "registry:hook"]),
        prop::sample::subsequence(vec!["forms", "charts", "layout"], 0..3),
        prop::sample::subsequence(vec!["zod", "clsx@^2", "@radix-ui/react-slot"], 0..3),
        prop::sample::select(vec!["one", "two"]),
        word(),
    );
    prop::collection::vec(item, 1..20).prop_map(|items| {
        let item = |(nth, (words, kind, categories, packages, from, about))| {
            let words: Vec<&str> = words;
            json!({
                "name": format!("{}-{nth}", words.join("-")), "type": kind, "description": format!("About a {about}"),
                "dependencies": packages, "categories": categories, "from": from,
            })
        };
        items.into_iter().enumerate().map(item).collect()
    })
}

/// Chooses a value of a facet.
fn choose<'a>(search: &Search<'a>, kind: FacetKind, value: &'a str) -> Search<'a> {
    let mut search = search.clone();
    match kind {
        FacetKind::Type => search.kinds = vec![value],
        FacetKind::Category => search.category = Some(value),
        FacetKind::Repository => search.repository = Some(value.parse().expect("an id")),
        FacetKind::Package => search.package = Some(value),
    }
    search
}

proptest! {
    #[test]
    fn counts_tell_what_choosing_finds(items in items(), words in "(|alert|dialog tabel|a)", kind in 0_usize..5, category in 0_usize..4) {
        let catalog = catalog(&items);
        let mut search = Search { words: &words, facets: true, ..Search::default() };
        if let Some(kind) = ["registry:ui", "registry:block", "registry:none"].get(kind) {
            search.kinds = vec![kind];
        }
        search.category = ["forms", "charts"].get(category).copied();
        let before = catalog.search(&search);
        let all: BTreeSet<&str> = names(&before).into_iter().collect();
        for facet in &before.facets {
            let mut freed = search.clone();
            match facet.kind {
                FacetKind::Type => freed.kinds.clear(),
                FacetKind::Category => freed.category = None,
                FacetKind::Repository => freed.repository = None,
                FacetKind::Package => freed.package = None,
            }
            prop_assert_eq!(catalog.search(&freed).total(), facet.without);
            for (value, count) in &facet.values {
                let chosen = catalog.search(&choose(&search, facet.kind, value));
                prop_assert_eq!(chosen.total(), *count, "{:?} {}", facet.kind, value);
                let narrowed: BTreeSet<&str> = names(&chosen).into_iter().collect();
                let was_open = match facet.kind {
                    FacetKind::Type => search.kinds.is_empty(),
                    FacetKind::Category => search.category.is_none(),
                    FacetKind::Repository | FacetKind::Package => true,
                };
                prop_assert!(!was_open || narrowed.is_subset(&all));
            }
        }
    }

    #[test]
    fn a_word_with_one_mistake_still_finds_its_item(
        word in prop::sample::select(vec!["alert", "dialog", "table", "button", "calendar", "sidebar", "card"]),
        at in 0_usize..8, letter in "[a-z]", what in 0..4,
    ) {
        let catalog = catalog(&[json!({ "name": format!("the-{word}-1"), "type": "registry:ui" })]);
        let mut typed: Vec<char> = word.chars().collect();
        let at = at % typed.len();
        let letter = letter.chars().next().expect("a letter");
        match what {
            0 => typed.insert(at, letter),
            1 => typed[at] = letter,
            2 if typed.len() > 4 => drop(typed.remove(at)),
            _ => typed.swap(at, (at + 1) % word.len()),
        }
        let typed: String = typed.into_iter().collect();
        // The last and the first letter are no neighbours.
        prop_assume!(strsim::osa_distance(&typed, word) <= 1);
        prop_assert_eq!(found(&catalog, &typed).len(), 1, "{}", typed);
    }

    #[test]
    fn marks_are_parts_of_the_text(text in any::<String>(), typed in any::<String>()) {
        let [ranges] = marks([&text], &typed);
        let mut end = 0;
        for range in ranges {
            prop_assert!(range.start >= end && text.get(range.clone()).is_some_and(|part| !part.is_empty()));
            end = range.end;
        }
    }
}
