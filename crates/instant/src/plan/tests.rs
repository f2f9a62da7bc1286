use super::*;
use crate::Ident;
use crate::rows::ENTITIES;
use model::EntityId;

/// The attributes that an app has after `schema` was pushed to it.
fn app_of(schema: &Value) -> Vec<AppAttr> {
    let mut attrs = Vec::new();
    let blob = |entity: &str, label: &str, shape: &Value| {
        let value_type = shape["valueType"].as_str().unwrap_or("json");
        AppAttr {
            id: EntityId::random(),
            forward_identity: Ident(EntityId::random(), entity.to_owned(), label.to_owned()),
            reverse_identity: None,
            value_type: AttrKind::Blob,
            cardinality: AppCardinality::One,
            unique: shape["config"]["unique"] == true,
            indexed: shape["config"]["indexed"] == true,
            required: shape["required"] == true,
            checked_data_type: Some(value_type.to_owned()).filter(|name| name != "json"),
            on_delete: None,
            on_delete_reverse: None,
            inferred_types: None,
            catalog: AttrCatalog::User,
        }
    };
    for (entity, def) in schema["entities"].as_object().unwrap() {
        attrs.push(AppAttr { unique: true, ..blob(entity, "id", &Value::Null) });
        attrs.extend(def["attrs"].as_object().unwrap().iter().map(|(label, shape)| blob(entity, label, shape)));
    }
    for link in schema["links"].as_object().unwrap().values() {
        let text = |side: &str, field: &str| link[side][field].as_str().unwrap().to_owned();
        let many = link["forward"]["has"] == "many";
        attrs.push(AppAttr {
            reverse_identity: Some(Ident(EntityId::random(), text("reverse", "on"), text("reverse", "label"))),
            value_type: AttrKind::Ref,
            cardinality: if many { AppCardinality::Many } else { AppCardinality::One },
            unique: link["reverse"]["has"] == "one",
            on_delete: link["forward"]["onDelete"].as_str().map(str::to_owned),
            ..blob(&text("forward", "on"), &text("forward", "label"), &Value::Null)
        });
    }
    attrs
}

fn empty() -> BTreeSet<String> {
    BTreeSet::new()
}

fn with_rows() -> BTreeSet<String> {
    ENTITIES.iter().map(|entity| entity.namespace.to_owned()).collect()
}

fn attr_of<'a>(attrs: &'a mut [AppAttr], entity: &str, label: &str) -> &'a mut AppAttr {
    attrs.iter_mut().find(|attr| (attr.namespace(), attr.label()) == (entity, label)).expect("it is there")
}

fn told(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(|it| format!("{}.{} {} {}>{}", it.entity, it.label, it.flag, it.found, it.wanted)).collect()
}

#[test]
fn an_empty_app_gets_exactly_our_schema() {
    let plan = plan(&[], ENTITIES, &empty());
    assert!(plan.only_adds() && !plan.is_done());
    assert_eq!(plan.schema().unwrap(), crate::schema_json());
    assert!(plan.to_string().contains("attribute registry_repositories.key: string, unique, indexed, required"));
    assert!(plan.to_string().contains("link registry_files.storage (one) to $files.registryFiles (many)"), "{plan}");
}

#[test]
fn after_a_push_nothing_is_left_to_do() {
    for occupied in [empty(), with_rows()] {
        let plan = plan(&app_of(&crate::schema_json()), ENTITIES, &occupied);
        assert!(plan.is_done() && plan.left.is_empty(), "{plan}");
        assert_eq!(plan.schema(), None);
        assert!(plan.untouched > 100);
        assert_eq!(plan.to_string(), "The schema is up to date.");
    }
}

#[test]
fn only_what_is_missing_is_pushed() {
    let mut attrs = app_of(&crate::schema_json());
    attrs.retain(|attr| !["files", "snapshot"].contains(&attr.label()));
    let plan = plan(&attrs, ENTITIES, &with_rows());
    let schema = plan.schema().unwrap();
    assert_eq!(schema["entities"].as_object().unwrap().keys().collect::<Vec<_>>(), ["registry_commits"]);
    let links: Vec<&String> = schema["links"].as_object().unwrap().keys().collect();
    assert_eq!(links, ["registry_publications_snapshot", "registry_refs_snapshot"]);
    let pushed: Vec<AppAttr> = attrs.into_iter().chain(app_of(&schema)).collect();
    assert!(super::plan(&pushed, ENTITIES, &with_rows()).is_done());
}

#[test]
fn a_required_attribute_stays_optional_where_there_are_rows() {
    let mut attrs = app_of(&crate::schema_json());
    attrs.retain(|attr| (attr.namespace(), attr.label()) != ("registry_aliases", "name"));
    let plan = plan(&attrs, ENTITIES, &with_rows());
    assert_eq!(plan.schema().unwrap()["entities"]["registry_aliases"]["attrs"]["name"]["required"], false);
    assert!(plan.to_string().contains("registry_aliases.name: stays optional"), "{plan}");
    let pushed: Vec<AppAttr> = attrs.into_iter().chain(app_of(&plan.schema().unwrap())).collect();
    let after = super::plan(&pushed, ENTITIES, &with_rows());
    assert!(after.is_done() && after.left.len() == 1, "{after}");
    let emptied = super::plan(&pushed, ENTITIES, &empty());
    assert_eq!(told(&emptied.change), ["registry_aliases.name required no>yes"]);
}

#[test]
fn flags_change_only_where_that_can_neither_fail_nor_take_anything_away() {
    type Break = fn(&mut AppAttr);
    let cases: [(Break, &str, bool, bool); 7] = [
        (|attr| attr.indexed = false, "indexed no>yes", true, true),
        (|attr| attr.unique = false, "unique no>yes", true, false),
        (|attr| attr.required = false, "required no>yes", true, true),
        (|attr| attr.checked_data_type = None, "type json>string", false, false),
        (|attr| attr.checked_data_type = Some("number".to_owned()), "type number>string", false, false),
        (|attr| attr.value_type = AttrKind::Ref, "kind link>attribute", false, false),
        (
            |attr| {
                attr.unique = false;
                attr.checked_data_type = None;
            },
            "type json>string",
            false,
            false,
        ),
    ];
    for (damage, words, when_empty, with_rows_too) in cases {
        for (occupied, possible) in [(empty(), when_empty), (with_rows(), with_rows_too)] {
            let mut attrs = app_of(&crate::schema_json());
            damage(attr_of(&mut attrs, "registry_packages", "key"));
            let plan = plan(&attrs, ENTITIES, &occupied);
            let words = format!("registry_packages.key {words}");
            assert_eq!(plan.conflicts.is_empty(), possible, "{words}: {plan}");
            let told = told(if possible { &plan.change } else { &plan.conflicts });
            // What may stay is not told as a difference.
            assert!(told.contains(&words) || plan.is_done(), "{words}: {told:?}");
            assert_eq!(plan.schema().is_some(), possible && !plan.is_done());
        }
    }
    for loosened in ["unique", "indexed", "required"] {
        let mut attrs = app_of(&crate::schema_json());
        let attr = attr_of(&mut attrs, "registry_commits", "message");
        match loosened {
            "unique" => attr.unique = true,
            "indexed" => attr.indexed = true,
            _ => attr.required = true,
        }
        let conflicts = told(&plan(&attrs, ENTITIES, &empty()).conflicts);
        assert_eq!(conflicts, [format!("registry_commits.message {loosened} yes>no")]);
    }
}

#[test]
fn a_link_that_differs_is_a_conflict() {
    type Break = fn(&mut AppAttr);
    let cases: [(Break, &str); 5] = [
        (|attr| attr.cardinality = AppCardinality::Many, "has many>one"),
        (|attr| attr.unique = true, "reverse has one>many"),
        (|attr| attr.on_delete = None, "onDelete none>cascade"),
        (|attr| attr.required = true, "required yes>no"),
        (
            |attr| attr.reverse_identity.as_mut().unwrap().2 = "history".to_owned(),
            "reverse registry_repositories.history>registry_repositories.commits",
        ),
    ];
    for (damage, words) in cases {
        let mut attrs = app_of(&crate::schema_json());
        damage(attr_of(&mut attrs, "registry_commits", "repository"));
        let plan = plan(&attrs, ENTITIES, &empty());
        assert_eq!(told(&plan.conflicts), [format!("registry_commits.repository {words}")]);
        assert_eq!(plan.schema(), None, "nothing is pushed beside a conflict");
    }
}

#[test]
fn a_link_in_the_other_direction_and_a_name_that_is_taken_are_conflicts() {
    let mut attrs = app_of(&crate::schema_json());
    let link = attr_of(&mut attrs, "registry_commits", "repository");
    let reverse = link.reverse_identity.take().unwrap();
    link.reverse_identity = Some(std::mem::replace(&mut link.forward_identity, reverse));
    let plan = plan(&attrs, ENTITIES, &empty());
    assert_eq!(
        told(&plan.conflicts),
        [
            "registry_commits.repository direction held by registry_repositories.commits>held by registry_commits.repository"
        ]
    );
    let mut attrs = app_of(&crate::schema_json());
    attr_of(&mut attrs, "registry_commits", "repository").forward_identity.2 = "home".to_owned();
    let conflicts = told(&super::plan(&attrs, ENTITIES, &empty()).conflicts);
    assert_eq!(
        conflicts,
        ["registry_repositories.commits reverse of registry_commits.home>of registry_commits.repository"]
    );
}

#[test]
fn what_others_put_on_our_namespaces_stays_unless_it_is_required() {
    let mut attrs = app_of(&crate::schema_json());
    let mut note = attr_of(&mut attrs, "registry_commits", "message").clone();
    note.forward_identity.2 = "note".to_owned();
    attrs.push(note);
    let done = plan(&attrs, ENTITIES, &empty());
    assert!(done.is_done());
    assert_eq!((done.left[0].label.as_str(), done.left[0].why.as_str()), ("note", "not of this registry"));
    attr_of(&mut attrs, "registry_commits", "note").required = true;
    assert_eq!(
        told(&plan(&attrs, ENTITIES, &empty()).conflicts),
        ["registry_commits.note required yes, and not of this registry>no"]
    );
}

/// `specs/instantdb-admin-api.md` 4.4.
#[test]
fn the_schema_of_the_original_is_refused_with_the_flags_that_differ() {
    let attr = |value_type: &str, required: bool, indexed: bool, unique: bool| json!({ "valueType": value_type, "required": required, "config": { "indexed": indexed, "unique": unique } });
    let link = |on: &str, label: &str, has: &str, to: &str, back: &str, back_has: &str| json!({ "forward": { "on": on, "label": label, "has": has }, "reverse": { "on": to, "label": back, "has": back_has } });
    let original = json!({
        "entities": {
            "registry_repositories": { "attrs": { "url": attr("string", true, true, true), "name": attr("string", true, false, false), "lastSyncedAt": attr("date", false, false, false) } },
            "registry_commits": { "attrs": { "hash": attr("string", true, true, true), "message": attr("string", true, false, false), "date": attr("date", true, false, false) } },
            "registry_components": { "attrs": { "name": attr("string", true, true, true), "title": attr("string", true, false, false), "cssVars": attr("json", false, false, false) } },
        },
        "links": {
            "repoCommits": link("registry_commits", "repository", "one", "registry_repositories", "commits", "many"),
            "fileStorage": link("registry_files", "storage", "one", "$files", "registryFile", "one"),
        },
    });
    let plan = plan(&app_of(&original), ENTITIES, &empty());
    let conflicts = told(&plan.conflicts);
    for expected in [
        "registry_commits.hash unique yes>no",
        "registry_commits.hash required yes>no",
        "registry_components.title required yes>no",
        "registry_repositories.url unique yes>no",
        "registry_commits.repository onDelete none>cascade",
        "registry_files.storage reverse $files.registryFile>$files.registryFiles",
        "registry_files.storage reverse has one>many",
    ] {
        assert!(conflicts.iter().any(|conflict| conflict == expected), "{expected} in {conflicts:#?}");
    }
    assert_eq!(plan.schema(), None);
}
