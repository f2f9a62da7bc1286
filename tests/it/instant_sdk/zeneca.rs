//! The app behind InstantDB's own tests, as a backup: users, their bookshelves, and books.

use serde_json::{Value, json};
use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// The backup: InstantDB's own where it lies beside the project (or where
/// `INSTANT_BACKUP` says), else one of the same shape, made in `folder`.
pub(super) fn backup(folder: &Path) -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/instant-zeneca-backup.zip");
    let original = std::env::var_os("INSTANT_BACKUP").map_or(beside, PathBuf::from);
    if original.is_file() {
        return original;
    }
    let own = folder.join("backup.zip");
    write(&own);
    own
}

/// The shelves of each user: how many, and the name of the one in place 1.
const SHELVES: [(&str, usize, &str); 4] =
    [("stopa", 16, "Fiction"), ("alex", 8, "Nonfiction"), ("nicolegf", 14, "Travel"), ("joe", 7, "Cookbooks")];

/// Titles that are looked for, and the users on whose first shelf they stand.
const KNOWN: [(&str, &[&str]); 2] = [("Musashi", &["stopa"]), ("The Count of Monte Cristo", &["stopa", "nicolegf"])];

const BOOKS: usize = 392;

fn uuid(kind: u32, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn write(path: &Path) {
    let (mut users, mut shelves) = (Vec::new(), Vec::new());
    for (number, (handle, count, second)) in SHELVES.into_iter().enumerate() {
        let own = shelves.len()..shelves.len() + count;
        for (order, shelf) in own.clone().enumerate() {
            let known = KNOWN.iter().enumerate().filter(|(_, (_, on))| order == 0 && on.contains(&handle));
            let known = known.map(|(book, _)| uuid(3, book));
            // Every other book stands on one shelf.
            let others = (KNOWN.len()..BOOKS).filter(|book| book % 45 == shelf).map(|book| uuid(3, book));
            let name = if order == 1 { second.to_owned() } else { format!("Shelf {order}") };
            shelves.push(json!({
                "id": uuid(2, shelf), "name": name, "order": order, "desc": "", "books": known.chain(others).collect::<Vec<_>>(),
            }));
        }
        users.push(json!({
            "id": uuid(1, number), "handle": handle, "email": format!("{handle}@instantdb.com"), "fullName": handle,
            "createdAt": "2021-01-07 18:50:43.447955", "bookshelves": own.map(|shelf| uuid(2, shelf)).collect::<Vec<_>>(),
        }));
    }
    let books = (0..BOOKS).map(|number| {
        let title = KNOWN.get(number).map_or_else(|| format!("Book {number}"), |(title, _)| (*title).to_owned());
        json!({ "id": uuid(3, number), "title": title, "pageCount": number, "isbn13": format!("isbn-{number}") })
    });
    let entities = [("users", users), ("bookshelves", shelves), ("books", books.collect())];
    let counts: Value = entities
        .iter()
        .map(|(etype, rows)| ((*etype).to_owned(), json!(rows.len())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let triples = entities.iter().flat_map(|(_, rows)| rows).map(triples).sum::<usize>();
    let config = json!({
        "counts": counts, "tripleCount": triples, "schema": schema(), "rules": null, "webhooks": [], "emailTemplates": [],
        "title": "zeneca",
    });
    let mut zip = ZipWriter::new(File::create(path).expect("a file"));
    let mut add = |name: &str, text: String| {
        zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(text.as_bytes()).expect("its text");
    };
    add("config.json", config.to_string());
    for (etype, rows) in entities {
        // All of one age, as in the original.
        let lines =
            rows.iter().map(|row| format!("{}\n", json!({ "entity": row, "createdAt": 1_630_000_000_000_u64 })));
        add(&format!("entities/{etype}.jsonl"), lines.collect());
    }
    zip.finish().expect("a zip");
}

/// How many triples a row stands for.
fn triples(row: &Value) -> usize {
    row.as_object().expect("a row").values().map(|value| value.as_array().map_or(1, Vec::len)).sum()
}

fn schema() -> Value {
    let attr = |value_type: &str, unique: bool, indexed: bool| json!({ "valueType": value_type, "config": { "unique": unique, "indexed": indexed } });
    let link = |on: &str, label: &str, reverse: &str| {
        json!({
            "forward": { "on": on, "label": label, "has": "many" },
            "reverse": { "on": label, "label": reverse, "has": "many" },
        })
    };
    json!({
        "entities": {
            "users": { "attrs": {
                "handle": attr("string", true, true), "email": attr("string", true, true),
                "createdAt": attr("date", false, false), "fullName": attr("string", false, false),
            } },
            "books": { "attrs": {
                "title": attr("string", false, true), "pageCount": attr("number", false, true), "isbn13": attr("string", true, false),
            } },
            "bookshelves": { "attrs": {
                "order": attr("number", false, true), "name": attr("any", false, false), "desc": attr("any", false, false),
            } },
        },
        "links": {
            "usersBookshelves": link("users", "bookshelves", "users"),
            "bookshelvesBooks": link("bookshelves", "books", "bookshelves"),
        },
    })
}
