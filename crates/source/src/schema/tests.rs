use super::*;
use serde_json::json;

fn problems(item: Value) -> Vec<(String, DiagnosticCode)> {
    let found = clean_item(item).err().unwrap_or_default();
    found.into_iter().map(|problem| (problem.field, problem.code)).collect()
}

#[test]
fn unknown_keys_go_and_the_rest_takes_the_schemas_order() {
    let item = json!({
        "type": "registry:ui", "version": 1, "$schema": "x",
        "files": [{"type": "registry:ui", "target": "t", "x": 1, "content": "c", "path": "p"}],
        "tailwind": {"x": 1, "config": {"plugins": [], "x": 1, "content": []}},
        "cssVars": {"dark": {"b": "1", "a": "2"}, "x": {}, "theme": {}},
        "name": "a",
    });
    let clean = serde_json::to_string(&clean_item(item).unwrap()).unwrap();
    assert_eq!(
        clean,
        r#"{"name":"a","files":[{"path":"p","content":"c","type":"registry:ui","target":"t"}],"tailwind":{"config":{"content":[],"plugins":[]}},"cssVars":{"theme":{},"dark":{"b":"1","a":"2"}},"type":"registry:ui"}"#
    );
}

#[test]
fn all_problems_of_an_item_are_told_at_once_with_their_fields() {
    let item = json!({
        "author": "x", "type": "registry:font", "meta": [],
        "files": ["a", {"path": "b"}, {"path": "c", "type": "registry:page"}, {"path": "d", "type": "text"}],
        "css": {"a": null, "b": ["ok", {"x": 1}]},
    });
    let schema = DiagnosticCode::Schema;
    let expected = [
        ("name", schema),
        ("author", schema),
        ("files.0", schema),
        ("files.1.type", schema),
        ("files.2.target", schema),
        ("files.3.type", DiagnosticCode::UnknownType),
        ("css.a", schema),
        ("css.b.1.x", schema),
        ("meta", schema),
        ("font", schema),
    ];
    assert_eq!(problems(item), expected.map(|(field, code)| (field.to_owned(), code)));
}

#[test]
fn config_alone_refuses_unknown_keys() {
    let base = |config: Value| json!({"name": "a", "type": "registry:base", "config": config});
    assert_eq!(problems(base(json!({"nope": 1}))), [("config".to_owned(), DiagnosticCode::Schema)]);
    assert_eq!(problems(base(json!({"tailwind": {"nope": 1}}))), []);
    let clean = clean_item(base(json!({"tsx": "false", "rsc": 0, "rtl": null}))).unwrap();
    assert_eq!(clean["config"], json!({"rsc": false, "tsx": true, "rtl": false}));
}

#[test]
fn config_and_font_belong_to_their_types_alone() {
    let clean = clean_item(json!({"name": "a", "type": "registry:ui", "config": {"nope": 1}, "font": 1})).unwrap();
    assert_eq!(Value::Object(clean), json!({"name": "a", "type": "registry:ui"}));
}

#[test]
fn an_item_that_is_nothing_but_mistakes_is_told_only_so_many() {
    let files: Vec<Value> = vec![Value::Null; 100_000];
    assert_eq!(problems(json!({"name": "a", "type": "registry:ui", "files": files})).len(), 20);
}
