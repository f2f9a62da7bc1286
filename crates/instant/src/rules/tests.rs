use super::*;
use crate::rows::ENTITIES;

fn ours_denied(code: &Value) -> bool {
    ours(ENTITIES).all(|entity| is_denied(code.as_object().unwrap(), entity))
}

fn closed() -> Value {
    json!({ "attrs": { "allow": { "create": "false" } } })
}

#[test]
fn an_app_without_rules_gets_one_for_each_of_our_namespaces() {
    let plan = merge(None, ENTITIES);
    let code = plan.code.as_ref().unwrap();
    assert_eq!(plan.add.len(), ours(ENTITIES).count());
    assert!(ours_denied(code));
    assert!(code.get("$files").is_none());
    assert!(merge(Some(code), ENTITIES).is_done(), "nothing is written a second time");
}

#[test]
fn rules_of_others_stay_as_they_are_and_in_their_order() {
    let theirs = json!({
        "todos": { "allow": { "view": "auth.id != null", "$default": "false" }, "bind": ["a", "b"] },
        "$default": { "allow": { "view": "false" } },
        "attrs": { "allow": { "create": "false" } },
    });
    let code = merge(Some(&theirs), ENTITIES).code.unwrap();
    let text = code.to_string();
    let kept = theirs.to_string();
    assert!(text.starts_with(kept.trim_end_matches('}')), "{text}");
    assert_eq!(without(Some(&code), ENTITIES).code.unwrap().to_string(), kept);
}

#[test]
fn a_rule_of_ours_that_lets_someone_in_is_changed_and_told() {
    let theirs = json!({ "registry_components": { "allow": { "view": "true", "$default": "false" } } });
    let plan = merge(Some(&theirs), ENTITIES);
    assert_eq!(plan.change.len(), 1);
    assert_eq!(plan.change[0].found, theirs["registry_components"]);
    assert!(plan.to_string().contains(r#"it is {"allow":{"view":"true""#), "{plan}");
    assert!(ours_denied(&plan.code.unwrap()));
}

#[test]
fn a_rule_that_denies_in_other_words_is_left() {
    let each = json!({ "allow": { "view": "false", "create": " false ", "update": false, "delete": "false" } });
    let mut code = merge(None, ENTITIES).code.unwrap();
    code["registry_tokens"] = each;
    assert!(merge(Some(&code), ENTITIES).is_done());
    code["registry_tokens"]["allow"]["link"] = "true".into();
    assert_eq!(merge(Some(&code), ENTITIES).change.len(), 1);
}

#[test]
fn the_lock_down_replaces_everything_and_then_nothing_is_left_to_add() {
    let theirs = json!({ "todos": { "allow": { "view": "true" } }, "attrs": deny() });
    let plan = exclusive(Some(&theirs));
    assert_eq!((plan.remove.len(), plan.add.len()), (1, 1));
    let code = plan.code.unwrap();
    assert_eq!(
        code,
        json!({ "attrs": { "allow": { "$default": "false" } }, "$default": { "allow": { "$default": "false" } } })
    );
    assert!(exclusive(Some(&code)).is_done());
    let after = merge(Some(&code), ENTITIES);
    assert!(after.is_done() && after.warnings.is_empty(), "{after}");
}

#[test]
fn rules_that_lay_our_files_open_are_told_with_their_place_and_words() {
    let cases = [
        (json!({ "$files": { "allow": { "view": "true" } } }), Some("$files.allow.view is `true`")),
        (json!({ "$files": { "allow": { "$default": true } } }), Some("$files.allow.$default is `true`")),
        (json!({ "$default": { "allow": { "view": "auth.id != null" } } }), Some("$default.allow.view is")),
        (json!({ "$files": { "allow": { "view": "data.path.startsWith('registry/')" } } }), Some("$files.allow.view")),
        (json!({ "$files": { "allow": { "view": "!data.path.startsWith('registry/') || true" } } }), Some("$files")),
        (json!({ "$files": { "allow": { "view": "auth.id != null && !data.path.startsWith(\"registry/\")" } } }), None),
        (
            json!({ "$files": { "bind": ["ok", "!data.path.startsWith('registry/')"], "allow": { "view": "ok" } } }),
            None,
        ),
        (json!({ "$files": { "allow": { "view": "false" } } }), None),
        (json!({ "$default": { "allow": { "$default": "false" } } }), None),
        (json!({ "todos": { "allow": { "view": "true" } } }), None),
    ];
    for (mut code, told) in cases {
        code["attrs"] = closed()["attrs"].clone();
        let warnings = merge(Some(&code), ENTITIES).warnings;
        match told {
            Some(text) => assert!(warnings.iter().any(|warning| warning.contains(text)), "{code}: {warnings:?}"),
            None => assert!(warnings.is_empty(), "{code}: {warnings:?}"),
        }
    }
}

#[test]
fn a_rule_by_which_files_could_be_moved_below_ours_is_told() {
    let update = |rule: &str| {
        let mut code = closed();
        code["$files"] = json!({ "allow": { "update": rule } });
        merge(Some(&code), ENTITIES).warnings
    };
    let told = update("!data.path.startsWith('registry/')");
    assert!(told[0].contains("!newData.path.startsWith('registry/')"), "{told:?}");
    assert_eq!(update("!data.path.startsWith('registry/') && !newData.path.startsWith('registry/')"), [""; 0]);
}

#[test]
fn attributes_that_anyone_may_add_are_told() {
    assert_eq!(merge(Some(&closed()), ENTITIES).warnings, [""; 0]);
    let none = merge(None, ENTITIES).warnings;
    assert!(none[0].contains("no rule attrs.allow.create"), "{none:?}");
    let open = merge(Some(&json!({ "attrs": { "allow": { "create": "true" } } })), ENTITIES).warnings;
    assert!(open[0].contains("attrs.allow.create is `true`"), "{open:?}");
}

#[test]
fn taking_rules_away_that_are_not_there_changes_nothing() {
    assert!(without(None, ENTITIES).is_done());
    assert!(without(Some(&closed()), ENTITIES).is_done());
}
