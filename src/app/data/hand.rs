//! The form for a component made by hand, as it was last sent.

use crate::app::words::t;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The types that an item or a file can have, most used first.
pub const TYPES: [&str; 11] = [
    "registry:ui",
    "registry:component",
    "registry:block",
    "registry:hook",
    "registry:lib",
    "registry:page",
    "registry:file",
    "registry:theme",
    "registry:style",
    "registry:item",
    "registry:base",
];

/// What the form has fields for; everything else of an item travels in `rest`.
const FIELDS: [&str; 8] =
    ["name", "type", "title", "description", "dependencies", "registryDependencies", "files", "docs"];

/// One file in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandFile {
    /// Its path in the item.
    pub path: String,
    /// `registry:ui`, …
    pub kind: String,
    /// Where the CLI puts it; empty for the default.
    pub target: String,
    /// Its text.
    pub content: String,
}

/// One thing that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandProblem {
    /// The field of the item: `files.0.path`; `None` if it is about the whole.
    pub field: Option<String>,
    /// What, why and what now.
    pub message: String,
}

/// The form for a component made by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandForm {
    /// The component that is edited; `None` for a new one.
    pub editing: Option<String>,
    /// The digest of the version that the edit began from.
    pub version: String,
    /// `name`.
    pub name: String,
    /// `type`.
    pub kind: String,
    /// `title`.
    pub title: String,
    /// `description`.
    pub description: String,
    /// `docs`.
    pub docs: String,
    /// `dependencies`, one a line.
    pub dependencies: String,
    /// `registryDependencies`, one a line.
    pub registry_dependencies: String,
    /// `files`.
    pub files: Vec<HandFile>,
    /// The item's other fields, as a JSON object.
    pub rest: String,
    /// The whole item as JSON, when that is what is edited.
    pub json: Option<String>,
    /// What was wrong with it.
    pub problems: Vec<HandProblem>,
}

impl HandFile {
    /// Whether nothing was typed.
    fn is_blank(&self) -> bool {
        [&self.path, &self.target, &self.content].iter().all(|text| text.trim().is_empty())
    }
}

impl HandForm {
    /// An empty form, with a place for one file.
    pub fn empty() -> Self {
        Self { kind: TYPES[0].to_owned(), files: vec![HandFile::of_kind(TYPES[0])], ..Self::default() }
    }

    /// The form that shows this item.
    pub fn of_item(item: &Value) -> Self {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let lines = |key: &str| {
            let values = item.get(key).and_then(Value::as_array).into_iter().flatten();
            values.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        };
        let files = item.get("files").and_then(Value::as_array).into_iter().flatten().map(|file| HandFile {
            path: text(file, "path"),
            kind: text(file, "type"),
            target: text(file, "target"),
            content: text(file, "content"),
        });
        let mut rest = item.as_object().cloned().unwrap_or_default();
        rest.retain(|key, _| !FIELDS.contains(&key.as_str()));
        Self {
            name: text(item, "name"),
            kind: text(item, "type"),
            title: text(item, "title"),
            description: text(item, "description"),
            docs: text(item, "docs"),
            dependencies: lines("dependencies"),
            registry_dependencies: lines("registryDependencies"),
            files: files.collect(),
            rest: if rest.is_empty() { String::new() } else { Value::Object(rest).to_string() },
            ..Self::default()
        }
    }

    /// Leaves out files of which nothing was typed: the positions of the others
    /// are those of the item.
    pub fn drop_blank_files(&mut self) {
        self.files.retain(|file| !file.is_blank());
    }

    /// The item that was typed in; the text itself where that is JSON. `Err` says
    /// what is wrong with the JSON.
    pub fn to_item(&self) -> Result<Value, String> {
        if let Some(json) = &self.json {
            return serde_json::from_str(json)
                .map_err(|error| t!("This is not JSON: %{error}.", error = error).into_owned());
        }
        let mut item: Map<String, Value> = serde_json::from_str(&self.rest).unwrap_or_default();
        item.insert("name".to_owned(), json!(self.name.trim()));
        item.insert("type".to_owned(), json!(self.kind));
        for (key, text) in [("title", &self.title), ("description", &self.description), ("docs", &self.docs)] {
            if !text.trim().is_empty() {
                item.insert(key.to_owned(), json!(text.trim()));
            }
        }
        for (key, lines) in
            [("dependencies", &self.dependencies), ("registryDependencies", &self.registry_dependencies)]
        {
            let values: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            if !values.is_empty() {
                item.insert(key.to_owned(), json!(values));
            }
        }
        let files = self.files.iter().filter(|file| !file.is_blank()).map(|file| {
            let mut value = json!({ "path": file.path.trim(), "type": file.kind, "content": file.content });
            if !file.target.trim().is_empty() {
                value["target"] = json!(file.target.trim());
            }
            value
        });
        let files: Vec<Value> = files.collect();
        if !files.is_empty() {
            item.insert("files".to_owned(), Value::Array(files));
        }
        Ok(Value::Object(item))
    }

    /// What is wrong with a field, or with a part of it.
    pub fn problem(&self, field: &str) -> Option<String> {
        let about = |problem: &&HandProblem| {
            let rest = problem.field.as_deref().and_then(|named| named.strip_prefix(field));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let messages: Vec<&str> = self.problems.iter().filter(about).map(|problem| problem.message.as_str()).collect();
        (!messages.is_empty()).then(|| messages.join(" "))
    }

    /// What is wrong and stands beside none of these fields.
    pub fn other_problems(&self, fields: &[String]) -> Vec<String> {
        let beside = |problem: &HandProblem| {
            let Some(named) = problem.field.as_deref() else { return false };
            fields.iter().any(|field| {
                named.strip_prefix(field.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        self.problems.iter().filter(|problem| !beside(problem)).map(|problem| problem.message.clone()).collect()
    }
}

impl HandFile {
    /// An empty one of this type.
    pub fn of_kind(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_has_no_field_for_travels_with_it() {
        let item = json!({
            "name": "badge", "type": "registry:ui", "title": "Badge", "dependencies": ["clsx", "zod@^3"],
            "files": [{ "path": "ui/badge.tsx", "type": "registry:ui", "target": "@ui/badge.tsx", "content": "x\n" }],
            "cssVars": { "light": { "brand": "red" } }, "meta": { "version": "1" },
        });
        let form = HandForm::of_item(&item);
        assert_eq!(form.dependencies, "clsx\nzod@^3");
        assert_eq!(form.to_item(), Ok(item));
    }

    #[test]
    fn empty_fields_and_blank_files_are_left_out() {
        let mut form = HandForm::empty();
        form.name = " badge ".to_owned();
        form.files.push(HandFile { path: "a.ts".to_owned(), ..HandFile::of_kind("registry:lib") });
        form.dependencies = "\n clsx \n\n".to_owned();
        let item = form.to_item().unwrap();
        assert_eq!(
            item,
            json!({ "name": "badge", "type": "registry:ui", "dependencies": ["clsx"],
                    "files": [{ "path": "a.ts", "type": "registry:lib", "content": "" }] })
        );
    }

    #[test]
    fn a_problem_stands_beside_its_field_or_above_the_form() {
        let problem = |field: Option<&str>, message: &str| HandProblem {
            field: field.map(str::to_owned),
            message: message.to_owned(),
        };
        let form = HandForm {
            problems: vec![
                problem(Some("files.1.path"), "one"),
                problem(Some("dependencies.0"), "two"),
                problem(Some("cssVars.light"), "three"),
                problem(None, "four"),
            ],
            ..HandForm::default()
        };
        assert_eq!(form.problem("files.1.path").as_deref(), Some("one"));
        assert_eq!(form.problem("files.1").as_deref(), Some("one"));
        assert_eq!(form.problem("files.10"), None);
        assert_eq!(form.problem("dependencies").as_deref(), Some("two"));
        assert_eq!(form.other_problems(&["dependencies".to_owned(), "files.1.path".to_owned()]), ["three", "four"]);
    }
}
