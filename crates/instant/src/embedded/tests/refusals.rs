//! What queries are refused for, in InstantDB's words and with its places
//! (`specs/instantdb-admin-api.md` 5.1; vectors 6, 49, 59, 61, R4, R12).

use super::*;

/// The kind of the refusal, the whole message and the `errors` of the hint.
async fn refused(store: &Embedded, asked: &Value) -> (String, String, Value) {
    let error = query(store, asked.clone()).await.unwrap_err();
    assert_eq!(error.code(), "validation-failed", "{asked}");
    let hint = error.hint();
    (hint["data-type"].as_str().unwrap().to_owned(), error.to_string(), hint["errors"].clone())
}

async fn checks(store: &Embedded, data_type: &str, cases: Vec<(Value, Value)>) {
    for (asked, expected) in cases {
        let (kind, message, errors) = refused(store, &asked).await;
        assert_eq!((kind.as_str(), &errors), (data_type, &expected), "{asked}");
        let said: Vec<&str> = errors.as_array().unwrap().iter().filter_map(|error| error["message"].as_str()).collect();
        let colon = if said.is_empty() { "" } else { ": " };
        assert_eq!(message, format!("Validation failed for {data_type}{colon}{}", said.join(", ")), "{asked}");
    }
}

const TYPES: &[EntityDef] = &[EntityDef {
    namespace: "etype",
    attrs: &[
        AttrDef::new("string", ValueType::String).indexed(),
        AttrDef::new("number", ValueType::Number).indexed(),
        AttrDef::new("date", ValueType::Date).indexed(),
        AttrDef::new("boolean", ValueType::Boolean).indexed(),
        AttrDef::new("plain", ValueType::String),
        AttrDef::new("when", ValueType::Date),
        AttrDef::new("untyped", ValueType::Json).indexed(),
        AttrDef::new("unchecked", ValueType::Json),
    ],
    links: &[
        LinkDef::new("etype", "friend", crate::Cardinality::One, "etype", "friends"),
        LinkDef::new("etype", "many", crate::Cardinality::Many, "other", "etypes"),
    ],
}];

/// An error of a query's form: what was expected, below `in`.
fn form(expected: &str, at: &Value, message: &str) -> Value {
    json!([{ "expected": expected, "in": at, "message": message }])
}

#[tokio::test]
async fn malformed_queries_are_refused_with_their_place_6() {
    let store = store(TYPES).await;
    let options = |options: Value| json!({ "etype": { "$": options } });
    let supported = |name: &str, message: &str| form("supported-options?", &json!(["etype", "$", name]), message);
    let at_options = |message: &str| form("supported-options?", &json!(["etype", "$"]), message);
    let cursor = |message: &str| form("join-row?", &json!(["etype", "$", "before"]), message);
    let a = id(1);
    checks(
        &store,
        "query",
        vec![
            (json!(1), json!([{ "expected": "map?", "in": [] }])),
            (json!({ "etype": { "friend": 2 } }), json!([{ "expected": "map?", "in": ["etype", "friend"] }])),
            (json!({ "etype": { "friend": { "many": [] } } }), json!([{ "expected": "map?", "in": ["etype", "friend", "many"] }])),
            (options(json!({ "where": ["foo"] })), json!([{ "expected": "map?", "in": ["etype", "$", "where"] }])),
            (options(json!({ "order": "desc" })), json!([{ "expected": "map?", "in": ["etype", "$", "order"] }])),
            (
                options(json!({ "forgot-where": ["foo"] })),
                at_options("We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses."),
            ),
            (options(json!({ "limit": -1 })), supported("limit", "The limit field must be a positive integer. Got -1.")),
            (options(json!({ "first": 0 })), supported("first", "The first field must be a positive integer. Got 0.")),
            (options(json!({ "last": "3" })), supported("last", "The last field must be a positive integer. Got \"3\".")),
            (options(json!({ "limit": 1.0 })), supported("limit", "The limit field must be a positive integer. Got 1.0.")),
            (options(json!({ "offset": -1 })), supported("offset", "The offset field must be a non-negative integer. Got -1.")),
            (options(json!({ "limit": 10, "first": 10 })), at_options("Only provide one of `limit` or `first`.")),
            (options(json!({ "last": 10, "first": 10 })), at_options("Only provide one of `first` or `last`.")),
            (
                options(json!({ "order": { "a": "asc", "b": "asc" } })),
                form("single-key?", &json!(["etype", "$", "order"]), "We only support a single key in the `order` clause. Got a,b."),
            ),
            (
                options(json!({ "order": { "serverCreatedAt": "DESC" } })),
                form(
                    "valid-direction?",
                    &json!(["etype", "$", "order", "serverCreatedAt"]),
                    "We only support \"asc\" or \"desc\" in the `order` clause. Got \"DESC\".",
                ),
            ),
            (options(json!({ "before": 10 })), cursor("Expected a join row for the cursor, got 10.")),
            (options(json!({ "before": [1, 2] })), cursor("Expected a join row with 4 items for the cursor, got [1,2].")),
            (
                options(json!({ "before": [a, "x", 1, 1] })),
                cursor("Expected a join row with a uuid attribute id in the second position, got \"x\"."),
            ),
            (
                options(json!({ "before": [a, a, 1, "x"] })),
                cursor("Expected a join row with an integer created_at in the last position, got \"x\"."),
            ),
            (options(json!({ "afterInclusive": 1 })), json!([{ "expected": "boolean?", "in": ["etype", "$", "afterInclusive"] }])),
            (options(json!({ "aggregate": "sum" })), supported("aggregate", "The aggregate field only accepts \"count\", got \"sum\".")),
            (
                options(json!({ "fields": {} })),
                form("array?", &json!(["etype", "$", "fields"]), "The `fields` property should be an array of field names."),
            ),
            (
                options(json!({ "where": { "or": [] } })),
                form("non-empty-list?", &json!(["etype", "$", "or"]), "The list of `or` conditions can't be empty."),
            ),
            (
                options(json!({ "where": { "or": [{ "and": [{}] }] } })),
                form("non-empty-list?", &json!(["etype", "$", "and"]), "The list of `and` conditions can't be empty."),
            ),
            (
                json!({ "etype": { "friend": { "$": { "offset": 1 } } } }),
                form(
                    "supported-options?",
                    &json!(["etype", "friend", "$"]),
                    "We currently only support `offset`, `before`, and `after` clauses on the top-level field. Limit fields will be ignored",
                ),
            ),
        ],
    )
    .await;
    let (_, _, errors) = refused(&store, &options(json!({ "wat": 1, "limit": 0 }))).await;
    assert_eq!(
        errors[0]["in"],
        json!(["etype", "$", "limit"]),
        "options are looked at before unknown ones are refused"
    );
    let error = query(&store, json!({ "$$ruleParams": { "k": 1 }, "etype": 1 })).await.unwrap_err();
    assert_eq!(error.hint()["input"], json!({ "etype": 1 }));
}

#[tokio::test]
async fn malformed_conditions_are_refused_as_the_coerced_query() {
    let store = store(TYPES).await;
    let filter = |filter: Value| json!({ "etype": { "$": { "where": filter } } });
    let at = |index: usize, more: Vec<Value>| {
        let mut at = vec![json!(0), json!("option-map"), json!("where-conds"), json!(index), json!(1)];
        at.extend(more);
        at
    };
    let expected = |what: &str, at: Vec<Value>| json!([{ "expected": what, "in": at }]);
    checks(
        &store,
        "coerced-query",
        vec![
            (
                filter(json!({ "string": { "is": "stopa" } })),
                expected("instant.db.instaql/where-value-valid-keys?", at(0, vec![])),
            ),
            (
                filter(json!({ "number": 1, "string": { "$gt": "a", "is": 1 } })),
                expected("instant.db.instaql/where-value-valid-keys?", at(1, vec![])),
            ),
            (filter(json!({ "string": { "in": {} } })), expected("vector?", at(0, vec![json!("in")]))),
            (filter(json!({ "string": { "$isNull": "a" } })), expected("boolean?", at(0, vec![json!("$isNull")]))),
            (
                filter(json!({ "string": { "$in": ["a", {}] } })),
                expected("instant.db.instaql/in-value-valid?", at(0, vec![json!("$in"), json!(1)])),
            ),
            (
                filter(json!({ "string": { "$not": null } })),
                expected("instant.db.instaql/where-value-valid?", at(0, vec![json!("$not")])),
            ),
            (filter(json!({ "string": null })), expected("map?", at(0, vec![]))),
            (filter(json!({ "string": ["a"] })), expected("map?", at(0, vec![]))),
        ],
    )
    .await;
    // Everything else is looked at first.
    let asked = json!({ "etype": { "$": { "where": { "string": null } } }, "other": 1 });
    assert_eq!(refused(&store, &asked).await.0, "query");
}

#[tokio::test]
async fn values_that_do_not_suit_their_attribute_are_refused_49_61_r12() {
    let store = store(TYPES).await;
    transact(&store, json!([["update", "other", id(9), { "x": 1 }]])).await.unwrap();
    let filter = |filter: Value| json!({ "etype": { "$": { "where": filter } } });
    let value = |expected: &str, at: &[&str], message: &str| {
        let at = [&["etype", "$", "where"], at].concat();
        json!([{ "expected?": expected, "in": at, "message": message }])
    };
    let link = |at: &[&str], message: &str| {
        let at = [&["etype", "$", "where"], at].concat();
        form("uuid?", &json!(at), message)
    };
    checks(
        &store,
        "query",
        vec![
            (
                filter(json!({ "string": 1 })),
                value("string?", &["string"], "The data type of `etype.string` is `string`, but the query got the value `1` of type `number`."),
            ),
            (
                filter(json!({ "plain": { "$in": ["a", 1] } })),
                value("string?", &["plain"], "The data type of `etype.plain` is `string`, but the query got the value `1` of type `number`."),
            ),
            (
                filter(json!({ "number": "hello" })),
                value("number?", &["number"], "The data type of `etype.number` is `number`, but the query got the value `\"hello\"` of type `string`."),
            ),
            (
                filter(json!({ "boolean": { "$not": 0 } })),
                value("boolean?", &["boolean"], "The data type of `etype.boolean` is `boolean`, but the query got the value `0` of type `number`."),
            ),
            // As the SDK sends 9999999999999999999999.
            (
                filter(json!({ "date": 1e22 })),
                value("timestamp?", &["date"], "The data type of `etype.date` is `date`, but the query got value `1.0E22` of type `number`."),
            ),
            (
                filter(json!({ "date": "tomorrow" })),
                value("date-string?", &["date"], "The data type of `etype.date` is `date`, but the query got value `\"tomorrow\"` of type `string`."),
            ),
            (
                filter(json!({ "when": true })),
                value("date?", &["when"], "The data type of `etype.when` is `date`, but the query got the value `true` of type `boolean`."),
            ),
            (
                filter(json!({ "string": { "$gt": 10 } })),
                value("string?", &["string", "$gt"], "The data type of `etype.string` is `string`, but the query got the value `10` of type `number`."),
            ),
            (
                filter(json!({ "boolean": { "$lte": 1 } })),
                value("boolean?", &["boolean", "$lte"], "The data type of `etype.boolean` is `boolean`, but the query got the value `1` of type `number`."),
            ),
            (
                filter(json!({ "string": { "$like": 10 } })),
                value("string?", &["string", "$like"], "The $like value for `etype.string` must be a string, but the query got the value `10` of type `number`."),
            ),
            (
                filter(json!({ "string": { "$ilike": 10 } })),
                value("string?", &["string", "$ilike"], "The $like value for `etype.string` must be a string, but the query got the value `10` of type `number`."),
            ),
            (
                filter(json!({ "plain": { "$like": "a%" } })),
                value("indexed?", &["plain"], "The `etype.plain` attribute must be indexed to use comparison operators."),
            ),
            (
                filter(json!({ "untyped": { "$gt": 1 } })),
                value("checked-data-type?", &["untyped"], "The `etype.untyped` attribute must have an enforced type to use comparison operators."),
            ),
            (
                filter(json!({ "id": { "$gt": "a" } })),
                value("indexed?", &["id"], "The `etype.id` attribute must be indexed to use comparison operators."),
            ),
            // Of a path only the last name is told.
            (
                filter(json!({ "or": [{ "friend.friend.string": true }] })),
                value("string?", &["string"], "The data type of `etype.string` is `string`, but the query got the value `true` of type `boolean`."),
            ),
            (
                filter(json!({ "unchecked": { "$in": [1, null] } })),
                json!([{ "expected?": "indexed?", "in": ["etype", "$", "where", "$in", [1, null]], "message": "Only indexed attrs can check for `nil` in `$in`. etype.unchecked is not indexed." }]),
            ),
            (filter(json!({ "friend": "hello" })), link(&["friend"], "Expected friend to be a uuid, got \"hello\"")),
            (filter(json!({ "many.etypes": 1 })), link(&["etypes"], "Expected etypes to be a uuid, got 1")),
            (filter(json!({ "friend": { "$not": "x" } })), link(&["friend"], "Expected friend to be a uuid, got {\"$not\":\"x\"}")),
            (filter(json!({ "friend": { "$gt": "x" } })), link(&["friend"], "Expected friend to be a uuid, got {\"$gt\":[\"string\",\"x\"]}")),
            (
                filter(json!({ "friend": { "in": ["hello", "00000000-0000-0000-0000-000000000000"] } })),
                link(&["friend"], "Expected friend to match on a uuid, found \"hello\" in [\"hello\",\"00000000-0000-0000-0000-000000000000\"]"),
            ),
        ],
    )
    .await;
    checks(
        &store,
        "query",
        vec![(
            json!({ "registry_components": { "$": { "where": { "title": { "$like": "%" } } } } }),
            json!([{ "expected?": "indexed?", "in": ["registry_components", "$", "where", "title"], "message": "The `registry_components.title` attribute must be indexed to use comparison operators." }]),
        )],
    )
    .await;
    // A comparison may name the present day; equality may not.
    assert!(query(&store, filter(json!({ "date": { "$lt": "tomorrow" } }))).await.is_ok());
}

#[tokio::test]
async fn orders_and_cursors_that_do_not_fit_are_refused_r4() {
    let store = store(TYPES).await;
    let attrs = store.attrs().await.unwrap();
    let attr = |label: &str| attrs.iter().find(|attr| attr.namespace() == "etype" && attr.label() == label).unwrap().id;
    let options = |options: Value| json!({ "etype": { "$": options } });
    let order = |messages: &[&str]| {
        let error = |message: &&str| json!({ "expected": "supported-order?", "in": ["etype", "$", "order"], "message": message });
        messages.iter().map(error).collect::<Value>()
    };
    let not_indexed = |label: &str| {
        format!(
            "The `etype.{label}` attribute is not indexed. Only indexed and typed attributes can be used to order by."
        )
    };
    let not_typed = |label: &str| {
        format!(
            "The `etype.{label}` attribute is not typed. Only typed and indexed attributes can be used to order by."
        )
    };
    let cursor =
        |at: &str, why: &str| form("valid-cursor?", &json!(["etype", "$", at]), &format!("Invalid {at} cursor. {why}"));
    checks(
        &store,
        "query",
        vec![
            (options(json!({ "order": { "random-field": "desc" } })), order(&["There is no `random-field` attribute for etype."])),
            (options(json!({ "order": { "friends": "desc" } })), order(&["There is no `friends` attribute for etype."])),
            (options(json!({ "order": { "plain": "asc" } })), order(&[&not_indexed("plain")])),
            (options(json!({ "order": { "untyped": "asc" } })), order(&[&not_typed("untyped")])),
            (options(json!({ "order": { "unchecked": "asc" } })), order(&[&not_indexed("unchecked"), &not_typed("unchecked")])),
            (options(json!({ "order": { "id": "asc" } })), order(&[&not_indexed("id"), &not_typed("id")])),
            (
                options(json!({ "order": { "many": "asc" } })),
                order(&[
                    &not_indexed("many"),
                    &not_typed("many"),
                    "The `etype.many` attribute has cardinality `many`. Only attributes with cardinality `one` can be used to order by.",
                ]),
            ),
            (
                options(json!({ "order": { "string": "desc" }, "after": [id(1), attr("number"), null, 0] })),
                cursor("after", "The query orders by `string`, but the query that returned the cursor orders by `number`."),
            ),
            (
                options(json!({ "limit": 1, "before": [id(1), attr("number"), null, 0] })),
                cursor("before", "The query orders by `serverCreatedAt`, but the query that returned the cursor orders by `number`."),
            ),
            (
                options(json!({ "order": { "string": "desc" }, "after": [id(1), attr("id"), null, 0] })),
                cursor("after", "The query orders by `string`, but the query that returned the cursor orders by `serverCreatedAt`."),
            ),
            (
                options(json!({ "order": { "string": "desc" }, "after": [id(1), id(2), null, 0] })),
                cursor("after", "The query orders by `string`, but the query that returned the cursor orders by a missing attribute."),
            ),
        ],
    )
    .await;
    // On links any attribute orders, in memory.
    assert!(
        query(&store, json!({ "etype": { "friends": { "$": { "order": { "unchecked": "asc" } } } } })).await.is_ok()
    );
    // What finds nothing anyway is not ordered.
    assert!(query(&store, options(json!({ "where": { "zippy": 1 }, "order": { "plain": "asc" } }))).await.is_ok());
}

#[tokio::test]
async fn only_links_can_be_followed() {
    let store = store(TYPES).await;
    for (asked, name) in [
        (json!({ "etype": { "string": {} } }), "string"),
        (json!({ "etype": { "id": {} } }), "id"),
        (json!({ "etype": { "$": { "where": { "plain.x": 1 } } } }), "plain"),
        (json!({ "etype": { "friend": { "$": { "where": { "friends.number.x": 1 } } } } }), "number"),
    ] {
        let error = query(&store, asked).await.unwrap_err();
        assert_eq!(error.to_string(), format!("Validation failed for attr: etype.{name} needs to be a link"));
        let hint = error.hint();
        assert_eq!(hint["errors"], json!([{ "message": format!("etype.{name} needs to be a link") }]));
        assert_eq!(hint["input"]["forward-identity"][2], name);
    }
}

#[tokio::test]
async fn the_first_thing_that_is_wrong_decides() {
    let store = store(TYPES).await;
    let filter = |filter: Value| json!({ "etype": { "$": { "where": filter } } });
    assert!(
        query(&store, filter(json!({ "zippy": 1, "string": 1 }))).await.is_ok(),
        "what comes after an unknown name is not looked at"
    );
    assert!(query(&store, filter(json!({ "string": 1, "zippy": 1 }))).await.is_err());
    // A form that is empty for an unknown name still has its children looked at.
    let asked = json!({ "etype": { "$": { "where": { "zippy": 1 } }, "string": {} } });
    assert!(query(&store, asked).await.is_err());
    assert!(query(&store, json!({ "zippy": { "$": { "where": { "a": 1 } }, "b": { "c": {} } } })).await.is_ok());
}

#[tokio::test]
async fn numbers_are_for_admins_and_stand_alone_59() {
    let store = store(TYPES).await;
    let counted = json!({ "etype": { "$": { "aggregate": "count" } } });
    let error = Query::from_json(&counted, false).unwrap().check_for_user().unwrap_err();
    assert_eq!(
        error.to_string(),
        "Validation failed for query: Aggregates are currently only available for admin queries."
    );
    assert_eq!(error.hint()["errors"][0]["in"], json!(["etype", "$", "aggregate"]));
    assert!(Query::from_json(&json!({ "etype": { "friend": {} } }), false).unwrap().check_for_user().is_ok());
    checks(
        &store,
        "query",
        vec![(
            json!({ "etype": { "$": { "aggregate": "count" }, "friend": {} } }),
            form(
                "valid-query?",
                &json!(["etype", "$", "aggregate"]),
                "You can not combine aggregates with child queries at this time.",
            ),
        )],
    )
    .await;
}
