//! Pages, cursors and page info (`specs/instantdb-admin-api.md` 5.2, 8; vectors 51 to 57).

use super::*;
use crate::Answer;

async fn answer(store: &Embedded, options: Value) -> Answer {
    let query = Query::from_json(&json!({ "etype": { "$": options } }), false).unwrap();
    store.answer(&query).await.unwrap()
}

fn label_list(answer: &Answer) -> Vec<&str> {
    answer.tree["etype"].as_array().unwrap().iter().map(|row| row["label"].as_str().unwrap()).collect()
}

fn info(answer: &Answer) -> &Value {
    &answer.meta["page-info"]["etype"]
}

async fn attr(store: &Embedded, label: &str) -> EntityId {
    let attrs = store.attrs().await.unwrap();
    attrs.iter().find(|attr| attr.namespace() == "etype" && attr.label() == label).unwrap().id
}

/// The same options, asked so that a few rows are read and so that an index is walked.
fn both_ways(options: &Value) -> [Value; 2] {
    let mut few = options.clone();
    few["where"] = json!({ "label": { "$in": ["a", "b", "c", "d", "e", "null", "undefined"] } });
    [options.clone(), few]
}

#[tokio::test]
async fn cursors_of_creation_53() {
    let store = fixture_t().await;
    let newest = answer(&store, json!({ "limit": 1, "order": { "serverCreatedAt": "desc" } })).await;
    let cursor = info(&newest)["end-cursor"].clone();
    assert_eq!(cursor[0], json!(id(4)));
    assert_eq!(cursor[1], json!(attr(&store, "id").await));
    assert_eq!(cursor[2], json!(id(4)));
    assert_eq!(info(&newest)["start-cursor"], cursor);
    for (options, expected) in [
        (json!({ "limit": 1, "after": cursor, "order": { "serverCreatedAt": "desc" } }), vec!["d"]),
        (
            json!({ "limit": 1, "after": cursor, "afterInclusive": true, "order": { "serverCreatedAt": "desc" } }),
            vec!["e"],
        ),
        (json!({ "limit": 1, "before": cursor, "order": { "serverCreatedAt": "desc" } }), vec![]),
        (
            json!({ "limit": 1, "before": cursor, "beforeInclusive": true, "order": { "serverCreatedAt": "desc" } }),
            vec!["e"],
        ),
        (json!({ "limit": 1, "before": cursor, "order": { "serverCreatedAt": "asc" } }), vec!["a"]),
        (json!({ "last": 1, "before": cursor, "order": { "serverCreatedAt": "asc" } }), vec!["d"]),
        (json!({ "last": 2 }), vec!["d", "e"]),
        (json!({ "last": 2, "offset": 1 }), vec!["c", "d"]),
        (json!({ "last": 2, "order": { "number": "desc" } }), vec!["b", "a"]),
        (json!({ "offset": 2, "order": { "serverCreatedAt": "desc" } }), vec!["c", "b", "a"]),
        (json!({ "after": cursor }), vec![]),
    ] {
        for options in both_ways(&options) {
            assert_eq!(label_list(&answer(&store, options.clone()).await), expected, "{options}");
        }
    }
}

#[tokio::test]
async fn equal_values_are_told_apart_by_id_54() {
    let store = store(T).await;
    for (number, label) in (0_u128..).zip(["a", "b", "c", "d", "e"]) {
        let values = json!({ "label": label, "string": "value", "date": 5, "boolean": true });
        transact(&store, json!([["create", "etype", id(number), values]])).await.unwrap();
    }
    for (by, value) in [
        ("string", json!("value")),
        ("date", json!("1970-01-01T00:00:00.005Z")),
        ("boolean", json!(true)),
        ("number", json!(null)),
    ] {
        let attr = attr(&store, by).await;
        let at = |number: u128| json!([id(number), attr, value, 0]);
        for (options, expected) in [
            (json!({}), vec!["a", "b", "c", "d", "e"]),
            (json!({ "after": at(0), "before": at(4) }), vec!["b", "c", "d"]),
            (
                json!({ "after": at(0), "afterInclusive": true, "before": at(4), "beforeInclusive": true }),
                vec!["a", "b", "c", "d", "e"],
            ),
            (json!({ "after": at(1), "afterInclusive": true }), vec!["b", "c", "d", "e"]),
            (json!({ "before": at(3), "beforeInclusive": true }), vec!["a", "b", "c", "d"]),
        ] {
            let mut options = options;
            options["order"] = json!({ by: "asc" });
            for options in both_ways(&options) {
                assert_eq!(label_list(&answer(&store, options.clone()).await), expected, "{options}");
            }
        }
    }
}

#[tokio::test]
async fn paging_one_by_one_visits_all_also_where_values_are_null_55() {
    let store = fixture_n().await;
    for by in ["string", "number", "date", "boolean", "serverCreatedAt"] {
        for direction in ["asc", "desc"] {
            for options in both_ways(&json!({ "order": { by: direction }, "limit": 1 })) {
                let mut all = options.clone();
                all.as_object_mut().unwrap().shift_remove("limit");
                let whole = answer(&store, all).await;
                let expected = label_list(&whole);
                let mut seen = Vec::new();
                let mut page = answer(&store, options.clone()).await;
                loop {
                    seen.push(label_list(&page)[0].to_owned());
                    assert_eq!(info(&page)["has-previous-page?"], seen.len() > 1, "{options}");
                    if info(&page)["has-next-page?"] == false {
                        break;
                    }
                    let mut next = options.clone();
                    next["after"] = info(&page)["end-cursor"].clone();
                    page = answer(&store, next).await;
                }
                assert_eq!(seen, expected, "{options}");
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_may_be_made_by_hand_56() {
    let store = fixture_t().await;
    for (by, value, after) in [
        ("string", json!("2"), vec!["d", "e"]),
        ("number", json!(2), vec!["d", "e"]),
        ("date", json!(2), vec!["d", "e"]),
        ("boolean", json!(true), vec!["e"]),
    ] {
        let attr = attr(&store, by).await;
        let options = json!({ "order": { by: "asc" }, "after": [id(2), attr, value, 0] });
        assert_eq!(label_list(&answer(&store, options).await), after, "{by}");
    }
    let sorted = |by: &str, direction: &str| json!({ "order": { by: direction } });
    assert_eq!(label_list(&answer(&store, sorted("boolean", "asc")).await), ["b", "d", "a", "c", "e"]);
    assert_eq!(label_list(&answer(&store, sorted("boolean", "desc")).await), ["e", "c", "a", "d", "b"]);
}

#[tokio::test]
async fn page_info_tells_of_more_where_something_was_cut_off() {
    let store = fixture_t().await;
    let whole = answer(&store, json!({})).await;
    assert_eq!(whole.meta, json!({ "page-info": {}, "aggregate": {} }));
    let number = attr(&store, "number").await;
    let cursor = |at: u128| json!([id(at), number, at, 0]);
    for (options, next, previous) in [
        (json!({}), false, false),
        (json!({ "limit": 2 }), true, false),
        (json!({ "limit": 2, "offset": 1 }), true, true),
        (json!({ "limit": 5 }), false, false),
        (json!({ "limit": 2, "offset": 9 }), false, true),
        (json!({ "offset": 9 }), false, true),
        (json!({ "last": 1, "before": cursor(2) }), true, true),
        (json!({ "last": 2, "before": cursor(2) }), true, false),
        (json!({ "first": 2, "after": cursor(2) }), false, true),
        (json!({ "first": 1, "after": cursor(2) }), true, true),
        (json!({ "before": cursor(2) }), true, false),
        (json!({ "after": cursor(4) }), false, true),
        (json!({ "last": 2 }), false, true),
    ] {
        let mut options = options;
        options["order"] = json!({ "number": "asc" });
        for options in both_ways(&options) {
            let page = answer(&store, options.clone()).await;
            assert_eq!(
                (&info(&page)["has-next-page?"], &info(&page)["has-previous-page?"]),
                (&json!(next), &json!(previous)),
                "{options}"
            );
            if label_list(&page).is_empty() {
                assert_eq!((&info(&page)["start-cursor"], &info(&page)["end-cursor"]), (&Value::Null, &Value::Null));
            } else {
                assert_eq!(info(&page)["start-cursor"][2], page.tree["etype"][0]["number"]);
            }
        }
    }
}

#[tokio::test]
async fn numbers_stand_in_the_meta_and_leave_the_list_empty_59() {
    let store = fixture_t().await;
    let count = async |options: Value| {
        let answer = answer(&store, options).await;
        assert_eq!(answer.tree["etype"], json!([]));
        answer.meta["aggregate"]["etype"]["count"].clone()
    };
    assert_eq!(count(json!({ "aggregate": "count" })).await, 5);
    assert_eq!(count(json!({ "aggregate": "count", "where": { "number": { "$gte": 2 } } })).await, 3);
    assert_eq!(count(json!({ "aggregate": "count", "limit": 2 })).await, 2);
    assert_eq!(count(json!({ "aggregate": "count", "where": { "zippy": 1 } })).await, Value::Null);
    let nested = json!({ "etype": { "friends": { "$": { "aggregate": "count" } } } });
    transact(&store, json!([["link", "etype", id(0), { "friends": id(1) }]])).await.unwrap();
    assert_eq!(query(&store, nested).await.unwrap()["etype"][0]["friends"], json!([]));
}

#[tokio::test]
async fn an_answer_tells_up_to_which_transaction_it_goes() {
    let store = fixture_t().await;
    let tx = transact(&store, json!([])).await.unwrap();
    assert_eq!(answer(&store, json!({})).await.processed, tx);
}

#[tokio::test]
async fn lists_are_sorted_by_utf_16_at_last() {
    let store = store(T).await;
    // By bytes U+FF5E comes before U+1F600, by UTF-16 after its surrogates.
    for (number, label) in (0_u128..).zip(["\u{ff5e}", "\u{1f600}", "z"]) {
        transact(&store, json!([["create", "etype", id(number), { "label": label, "string": label }]])).await.unwrap();
    }
    let ordered = json!({ "order": { "string": "asc" } });
    assert_eq!(label_list(&answer(&store, ordered).await), ["z", "\u{1f600}", "\u{ff5e}"]);
    // Which ones belong to a page is decided by bytes.
    let page = json!({ "order": { "string": "asc" }, "limit": 2 });
    assert_eq!(label_list(&answer(&store, page).await), ["z", "\u{ff5e}"]);
}
