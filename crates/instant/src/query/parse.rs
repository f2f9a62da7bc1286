//! InstaQL from JSON, with InstantDB's refusals in its order
//! (`specs/instantdb-admin-api.md` 5.1).

mod condition;

use super::{Cursor, Direction, Form, Order, Problem, Query, refusal, text};
use crate::InstantError;
use serde_json::{Map, Value};

type Parsed<T> = Result<T, Problem>;

impl Query {
    /// Reads a query as the admin API takes it: the value of `query`, and `inference?`.
    pub fn from_json(query: &Value, inference: bool) -> Result<Self, InstantError> {
        let mut asked = query.clone();
        if let Some(object) = asked.as_object_mut() {
            object.shift_remove("$$ruleParams");
        }
        let mut parser = Parser { malformed: None };
        let forms = match parser.forms(&asked, &Place::default()) {
            Ok(forms) => forms,
            Err(problem) => return Err(refusal("query", asked, &[problem])),
        };
        match parser.malformed {
            Some(problem) => Err(refusal("coerced-query", asked, &[problem])),
            None => Ok(Self { forms, inference }),
        }
    }
}

/// Reads a query. Conditions are looked at when everything else is in order.
struct Parser {
    /// What is wrong with the first malformed condition.
    malformed: Option<Problem>,
}

/// Where a form stands: by names, and in the list that InstantDB makes of the forms.
#[derive(Default)]
struct Place {
    names: Vec<Value>,
    listed: Vec<Value>,
}

impl Place {
    /// The form under this name, the `index`th.
    fn form(&self, name: &str, index: usize) -> Self {
        let mut listed = self.listed.clone();
        if !listed.is_empty() {
            listed.push("child-forms".into());
        }
        listed.push(index.into());
        Self { names: self.named(&[name]), listed }
    }

    fn named(&self, names: &[&str]) -> Vec<Value> {
        self.names.iter().cloned().chain(names.iter().map(|name| (*name).into())).collect()
    }

    fn listed(&self, names: &[&str]) -> Vec<Value> {
        self.listed.iter().cloned().chain(names.iter().map(|name| (*name).into())).collect()
    }

    fn is_top(&self) -> bool {
        self.names.len() == 1
    }
}

fn object(value: &Value, at: Vec<Value>) -> Parsed<&Map<String, Value>> {
    value.as_object().ok_or_else(|| Problem::new("map?", at))
}

/// An option that is given: null and false are not.
fn given<'a>(options: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    options.get(name).filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
}

impl Parser {
    fn malformed(&mut self, expected: &str, at: Vec<Value>) {
        self.malformed.get_or_insert_with(|| Problem::new(expected, at));
    }

    fn forms(&mut self, forms: &Value, place: &Place) -> Parsed<Vec<(String, Form)>> {
        let forms = object(forms, place.names.clone())?.iter().filter(|(name, _)| *name != "$");
        forms
            .enumerate()
            .map(|(index, (name, form))| Ok((name.clone(), self.form(form, &place.form(name, index))?)))
            .collect()
    }

    fn form(&mut self, form: &Value, place: &Place) -> Parsed<Form> {
        let mut parsed = Form::default();
        let entries = object(form, place.names.clone())?;
        if let Some(options) = entries.get("$").filter(|options| !options.is_null()) {
            self.options(&mut parsed, object(options, place.named(&["$"]))?, place)?;
        }
        parsed.children = self.forms(form, place)?;
        Ok(parsed)
    }

    fn options(&mut self, form: &mut Form, options: &Map<String, Value>, place: &Place) -> Parsed<()> {
        let not_null = |name: &str| options.get(name).filter(|value| !value.is_null());
        if let Some(filter) = not_null("where") {
            let filter = object(filter, place.named(&["$", "where"]))?;
            form.filter = self.filter(filter, place, &place.listed(&["option-map", "where-conds"]))?;
        }
        if let Some(order) = not_null("order") {
            form.order = order_of(order, place)?;
        }
        let limit = count_of("limit", options, place)?;
        let first = count_of("first", options, place)?;
        form.last = count_of("last", options, place)?;
        form.limit = limit.or(first);
        form.offset = offset_of(options, place)?;
        form.after = self.cursor("after", options, place)?;
        form.before = self.cursor("before", options, place)?;
        form.count = counted(options, place)?;
        self.fields(form, options, place)?;
        let unsupported = |message: &str| Err(Problem::new("supported-options?", place.named(&["$"])).saying(message));
        if options.keys().any(|name| !OPTIONS.contains(&name.as_str())) {
            return unsupported("We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.");
        }
        if !place.is_top() && ["offset", "after", "before"].iter().any(|name| given(options, name).is_some()) {
            return unsupported(
                "We currently only support `offset`, `before`, and `after` clauses on the top-level field. Limit fields will be ignored",
            );
        }
        let limits = [("`limit`", limit), ("`first`", first), ("`last`", form.last)];
        let limits: Vec<&str> = limits.into_iter().filter(|(_, count)| count.is_some()).map(|(name, _)| name).collect();
        if limits.len() > 1 {
            return unsupported(&format!("Only provide one of {}.", limits.join(" or ")));
        }
        Ok(())
    }

    fn cursor(&mut self, name: &str, options: &Map<String, Value>, place: &Place) -> Parsed<Option<Cursor>> {
        let cursor = match given(options, name) {
            None => None,
            Some(json) => {
                let cursor = Cursor::read(json, &place.named(&["$", name]))?;
                if cursor.is_none() {
                    self.malformed("instant.db.instaql/cursor-conformer", place.listed(&["option-map", name]));
                }
                cursor
            }
        };
        let inclusive_name = format!("{name}Inclusive");
        let inclusive = match options.get(&inclusive_name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(inclusive)) => *inclusive,
            Some(_) => return Err(Problem::new("boolean?", place.named(&["$", &inclusive_name]))),
        };
        Ok(cursor.map(|cursor| Cursor { inclusive, ..cursor }))
    }

    fn fields(&mut self, form: &mut Form, options: &Map<String, Value>, place: &Place) -> Parsed<()> {
        let Some(fields) = given(options, "fields") else {
            return Ok(());
        };
        let Some(fields) = fields.as_array() else {
            return Err(Problem::new("array?", place.named(&["$", "fields"]))
                .saying("The `fields` property should be an array of field names."));
        };
        if let Some(index) = fields.iter().position(|field| !field.is_string()) {
            let mut at = place.listed(&["option-map", "fields"]);
            at.push(index.into());
            self.malformed("string?", at);
        }
        form.fields = Some(fields.iter().filter_map(|field| field.as_str().map(str::to_owned)).collect());
        Ok(())
    }
}

/// What `$` may hold.
const OPTIONS: [&str; 12] = [
    "where",
    "order",
    "limit",
    "first",
    "last",
    "offset",
    "after",
    "afterInclusive",
    "before",
    "beforeInclusive",
    "aggregate",
    "fields",
];

fn supported(name: &str, place: &Place, message: String) -> Problem {
    Problem::new("supported-options?", place.named(&["$", name])).saying(message)
}

fn count_of(name: &str, options: &Map<String, Value>, place: &Place) -> Parsed<Option<u64>> {
    given(options, name)
        .map(|value| {
            let count = value.as_i64().and_then(|count| u64::try_from(count).ok()).filter(|count| *count > 0);
            let message = || format!("The {name} field must be a positive integer. Got {}.", text(value));
            count.ok_or_else(|| supported(name, place, message()))
        })
        .transpose()
}

fn offset_of(options: &Map<String, Value>, place: &Place) -> Parsed<Option<u64>> {
    given(options, "offset")
        .map(|value| {
            let offset = value.as_i64().and_then(|offset| u64::try_from(offset).ok());
            let message = || format!("The offset field must be a non-negative integer. Got {}.", text(value));
            offset.ok_or_else(|| supported("offset", place, message()))
        })
        .transpose()
}

fn counted(options: &Map<String, Value>, place: &Place) -> Parsed<bool> {
    match given(options, "aggregate") {
        None => Ok(false),
        Some(name) if name == "count" => Ok(true),
        Some(other) => {
            let message = format!("The aggregate field only accepts \"count\", got {}.", text(other));
            Err(supported("aggregate", place, message))
        }
    }
}

fn order_of(order: &Value, place: &Place) -> Parsed<Option<Order>> {
    let order = object(order, place.named(&["$", "order"]))?;
    if order.len() > 1 {
        let keys: Vec<_> = order.keys().map(String::as_str).collect();
        return Err(Problem::new("single-key?", place.named(&["$", "order"]))
            .saying(format!("We only support a single key in the `order` clause. Got {}.", keys.join(","))));
    }
    let Some((by, direction)) = order.iter().next() else {
        return Ok(None);
    };
    let direction = match direction.as_str() {
        Some("asc") => Direction::Asc,
        Some("desc") => Direction::Desc,
        _ => {
            return Err(Problem::new("valid-direction?", place.named(&["$", "order", by])).saying(format!(
                "We only support \"asc\" or \"desc\" in the `order` clause. Got {}.",
                text(direction)
            )));
        }
    };
    Ok(Some(Order { by: by.clone(), direction }))
}
