//! Cleaning a value after the tables.

use super::{
    Problem,
    tables::{BASE, COMMON, FILE, FILE_KEYS, FONT, Field, REGISTRY, Shape, TARGETED_FILE, TYPES},
};
use model::DiagnosticCode;
use serde_json::{Map, Value};

/// Most problems told of one item: more help nobody.
const MAX_PROBLEMS: usize = 20;

/// Collects what is wrong while it goes down.
#[derive(Default)]
pub(super) struct Cleaner {
    /// The keys and positions that lead to the value at hand.
    at: Vec<String>,
    problems: Vec<Problem>,
}

impl Cleaner {
    pub(super) fn item(mut self, item: Value) -> Result<Map<String, Value>, Vec<Problem>> {
        let Value::Object(mut item) = item else {
            self.expected("an object", &item);
            return Err(self.problems);
        };
        let kind = self.kind(&mut item);
        let mut clean = Map::new();
        self.fields(COMMON, &mut item, &mut clean);
        if let Some(kind) = kind {
            clean.insert("type".to_owned(), Value::String(kind.to_owned()));
            let own: &[Field] = match kind {
                "registry:base" => BASE,
                "registry:font" => FONT,
                _ => &[],
            };
            self.fields(own, &mut item, &mut clean);
        }
        clean.shift_remove("$schema");
        if self.problems.is_empty() { Ok(clean) } else { Err(self.problems) }
    }

    /// Takes the `type` that decides which other fields count.
    fn kind(&mut self, object: &mut Map<String, Value>) -> Option<&'static str> {
        let value = object.remove("type");
        let known = value.as_ref().and_then(Value::as_str).and_then(|kind| TYPES.iter().find(|known| **known == kind));
        if known.is_none() {
            self.at.push("type".to_owned());
            let message = match &value {
                None => "`type` is missing".to_owned(),
                Some(Value::String(kind)) => format!("unknown type {}", quoted(kind)),
                Some(other) => format!("`type` must be a string, not {}", described(other)),
            };
            let code = if matches!(value, Some(Value::String(_))) {
                DiagnosticCode::UnknownType
            } else {
                DiagnosticCode::Schema
            };
            self.problem(code, message, format!("Use one of {}.", TYPES.join(", ")));
            self.at.pop();
        }
        known.copied()
    }

    fn fields(&mut self, fields: &[Field], from: &mut Map<String, Value>, to: &mut Map<String, Value>) {
        for field in fields {
            match from.remove(field.key) {
                Some(value) => {
                    self.at.push(field.key.to_owned());
                    let value = self.value(field.shape, value);
                    to.insert(field.key.to_owned(), value);
                    self.at.pop();
                }
                None if field.required => {
                    self.at.push(field.key.to_owned());
                    let message = format!("`{}` is missing", self.field());
                    self.problem(DiagnosticCode::Schema, message, format!("Add {}.", expectation(field.shape)));
                    self.at.pop();
                }
                None => {}
            }
        }
    }

    fn value(&mut self, shape: Shape, value: Value) -> Value {
        match (shape, value) {
            (Shape::Any, value) | (Shape::Bool, value @ Value::Bool(_)) => value,
            (Shape::Truthiness, value) => Value::Bool(is_truthy(&value)),
            (Shape::String(least), Value::String(text)) => {
                if text.chars().count() < least {
                    let message = format!("`{}` must have at least {least} characters", self.field());
                    self.problem(DiagnosticCode::Schema, message, "Write it out or leave the field away.".to_owned());
                }
                Value::String(text)
            }
            (Shape::OneOf(options), Value::String(text)) => {
                if !options.contains(&text.as_str()) {
                    let message = format!("`{}` cannot be {}", self.field(), quoted(&text));
                    self.problem(DiagnosticCode::Schema, message, format!("Use {}.", expectation(shape)));
                }
                Value::String(text)
            }
            (Shape::Array(element), Value::Array(values)) => {
                Value::Array(self.elements(values, |this, value| this.value(*element, value)))
            }
            (Shape::Record(element), Value::Object(map)) => self.record(map, |this, value| this.value(*element, value)),
            (Shape::Object { fields, strict }, Value::Object(map)) => self.object(fields, strict, map),
            (Shape::File, Value::Object(map)) => self.file(map),
            (Shape::Registries, Value::Object(map)) => self.registries(map),
            (Shape::Css, value) => self.css(value),
            (shape, value) => {
                self.expected(&expectation(shape), &value);
                Value::Null
            }
        }
    }

    fn elements(&mut self, values: Vec<Value>, mut each: impl FnMut(&mut Self, Value) -> Value) -> Vec<Value> {
        let clean = values.into_iter().enumerate().map(|(index, value)| {
            self.at.push(index.to_string());
            let value = each(self, value);
            self.at.pop();
            value
        });
        clean.collect()
    }

    fn record(&mut self, map: Map<String, Value>, mut each: impl FnMut(&mut Self, Value) -> Value) -> Value {
        // JavaScript's prototype is no entry; zod drops it from every record.
        let entries = map.into_iter().filter(|(key, _)| key != "__proto__").map(|(key, value)| {
            self.at.push(key.clone());
            let value = each(self, value);
            self.at.pop();
            (key, value)
        });
        Value::Object(entries.collect())
    }

    fn object(&mut self, fields: &[Field], strict: bool, mut map: Map<String, Value>) -> Value {
        let mut clean = Map::new();
        self.fields(fields, &mut map, &mut clean);
        if strict {
            for key in map.keys() {
                let known: Vec<&str> = fields.iter().map(|field| field.key).collect();
                let message = format!("`{}` has no key {}", self.field(), quoted(key));
                self.problem(DiagnosticCode::Schema, message, format!("Remove it; there are {}.", known.join(", ")));
            }
        }
        Value::Object(clean)
    }

    fn file(&mut self, mut file: Map<String, Value>) -> Value {
        let kind = self.kind(&mut file);
        let fields = if matches!(kind, Some("registry:file" | "registry:page")) { TARGETED_FILE } else { FILE };
        let mut clean = Map::new();
        self.fields(fields, &mut file, &mut clean);
        if let Some(kind) = kind {
            clean.insert("type".to_owned(), Value::String(kind.to_owned()));
        }
        let ordered = FILE_KEYS.iter().filter_map(|key| clean.remove_entry(*key));
        Value::Object(ordered.collect())
    }

    fn registries(&mut self, map: Map<String, Value>) -> Value {
        for key in map.keys().filter(|key| !key.starts_with('@') && *key != "__proto__") {
            let message = format!("the registry name {} does not begin with `@`", quoted(key));
            self.problem(DiagnosticCode::Schema, message, format!("Name it {}.", quoted(&format!("@{key}"))));
        }
        self.record(map, |this, value| match value {
            Value::String(url) => {
                this.url(&url);
                Value::String(url)
            }
            Value::Object(entry) => {
                let entry = this.object(REGISTRY, false, entry);
                if let Some(url) = entry.get("url").and_then(Value::as_str) {
                    this.url(url);
                }
                entry
            }
            other => {
                this.expected("a URL or an object with one", &other);
                Value::Null
            }
        })
    }

    fn url(&mut self, url: &str) {
        if !url.contains("{name}") {
            let message = format!("the registry URL {} does not contain `{{name}}`", quoted(url));
            self.problem(DiagnosticCode::Schema, message, "Put `{name}` where the item's name goes.".to_owned());
        }
    }

    fn css(&mut self, value: Value) -> Value {
        match value {
            Value::String(_) => value,
            Value::Object(map) => self.record(map, Self::css),
            Value::Array(values) => Value::Array(self.elements(values, |this, value| match value {
                Value::String(_) => value,
                Value::Object(map) => this.record(map, |this, value| this.value(Shape::String(0), value)),
                other => {
                    this.expected("a string or an object of strings", &other);
                    Value::Null
                }
            })),
            other => {
                self.expected(&expectation(Shape::Css), &other);
                Value::Null
            }
        }
    }

    fn field(&self) -> String {
        self.at.join(".")
    }

    fn expected(&mut self, what: &str, found: &Value) {
        let field = self.field();
        let subject = if field.is_empty() { "an item".to_owned() } else { format!("`{field}`") };
        let message = format!("{subject} must be {what}, not {}", described(found));
        self.problem(DiagnosticCode::Schema, message, format!("Make it {what}."));
    }

    fn problem(&mut self, code: DiagnosticCode, message: String, fix: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { field: self.field(), code, message, fix });
        }
    }
}

/// JavaScript's `Boolean(value)`.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn expectation(shape: Shape) -> String {
    match shape {
        Shape::Any => "any value".to_owned(),
        Shape::String(_) => "a string".to_owned(),
        Shape::Bool | Shape::Truthiness => "true or false".to_owned(),
        Shape::OneOf(options) => options.join(" or "),
        Shape::Array(Shape::String(_)) => "an array of strings".to_owned(),
        Shape::Array(_) => "an array".to_owned(),
        Shape::Record(Shape::String(_)) => "an object of strings".to_owned(),
        Shape::Record(_) | Shape::Object { .. } | Shape::Registries => "an object".to_owned(),
        Shape::File => "an object with `path` and `type`".to_owned(),
        Shape::Css => "a string, an array of strings, or an object of these".to_owned(),
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A text of the author's in a message: quoted, and never long.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    format!("{short:?}")
}
