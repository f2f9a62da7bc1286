//! InstaQL from JSON, with InstantDB's refusals.

use super::{Clause, Condition, Direction, Form, Order, Query, Where};
use crate::InstantError;
use serde_json::{Map, Value, json};

type Parsed<T> = Result<T, InstantError>;

fn refuse<T>(message: impl Into<String>) -> Parsed<T> {
    Err(InstantError::invalid("query", message))
}

fn expected<T>(data_type: &'static str, what: &str, at: &[&str]) -> Parsed<T> {
    Err(InstantError::invalid(data_type, "").with_hint(json!({ "expected": what, "in": at })))
}

fn object<'a>(value: &'a Value, at: &[&str]) -> Parsed<&'a Map<String, Value>> {
    value.as_object().map_or_else(|| expected("query", "map?", at), Ok)
}

impl Query {
    /// Reads a query as the admin API takes it: the value of `query`, and `inference?`.
    pub fn from_json(query: &Value, inference: bool) -> Result<Self, InstantError> {
        let forms = object(query, &[])?
            .iter()
            .filter(|(etype, _)| *etype != "$$ruleParams")
            .map(|(etype, form)| Ok((etype.clone(), form_of(form, &[etype], true)?)))
            .collect::<Parsed<_>>()?;
        Ok(Self { forms, inference })
    }
}

fn form_of(form: &Value, at: &[&str], top: bool) -> Parsed<Form> {
    let mut parsed = Form::default();
    for (key, value) in object(form, at)? {
        if key == "$" {
            read_options(&mut parsed, object(value, &[at, &["$"]].concat())?, at, top)?;
        } else {
            parsed.children.push((key.clone(), form_of(value, &[at, &[key.as_str()]].concat(), false)?));
        }
    }
    Ok(parsed)
}

fn read_options(form: &mut Form, options: &Map<String, Value>, at: &[&str], top: bool) -> Parsed<()> {
    for (key, value) in options {
        match key.as_str() {
            "where" => form.filter = where_of(value, &[at, &["$", "where"]].concat())?,
            "order" => form.order = order_of(value, at)?,
            "limit" | "first" => {
                let Some(limit) = count_of(key, value)? else {
                    continue;
                };
                if form.limit.is_some() {
                    return refuse("Only provide one of `limit` or `first`.");
                }
                form.limit = Some(limit);
            }
            "offset" if !top => {
                return refuse(
                    "We currently only support `offset`, `before`, and `after` clauses on the top-level field. Limit fields will be ignored",
                );
            }
            "offset" if value.is_null() => {}
            "offset" => match value.as_u64() {
                Some(offset) => form.offset = Some(offset),
                None => {
                    return refuse(format!("The offset field must be a non-negative integer. Got {value}."));
                }
            },
            "fields" => match value.as_array() {
                Some(fields) => {
                    form.fields = Some(fields.iter().filter_map(|field| field.as_str().map(str::to_owned)).collect());
                }
                None => return expected("query", "coll?", &[at, &["$", "fields"]].concat()),
            },
            // The SDK sends what the caller left undefined as null or not at all.
            _ if value.is_null() => {}
            "last" | "after" | "afterInclusive" | "before" | "beforeInclusive" | "aggregate" => {
                return refuse(format!(
                    "`{key}` is not supported by the embedded store; page with `limit` and `offset`."
                ));
            }
            _ => {
                return refuse("We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.");
            }
        }
    }
    Ok(())
}

fn count_of(name: &str, value: &Value) -> Parsed<Option<u64>> {
    match value.as_u64() {
        _ if value.is_null() => Ok(None),
        Some(count) if count > 0 => Ok(Some(count)),
        _ => refuse(format!("The {name} field must be a positive integer. Got {value}.")),
    }
}

fn order_of(order: &Value, at: &[&str]) -> Parsed<Option<Order>> {
    let order = object(order, &[at, &["$", "order"]].concat())?;
    if order.len() > 1 {
        let keys: Vec<_> = order.keys().map(String::as_str).collect();
        return refuse(format!("We only support a single key in the `order` clause. Got {}.", keys.join(",")));
    }
    let Some((by, direction)) = order.iter().next() else {
        return Ok(None);
    };
    let direction = match direction.as_str() {
        Some("asc") => Direction::Asc,
        Some("desc") => Direction::Desc,
        _ => {
            return refuse(format!("We only support \"asc\" or \"desc\" in the `order` clause. Got {direction}."));
        }
    };
    Ok(Some(Order { by: by.clone(), direction }))
}

fn where_of(filter: &Value, at: &[&str]) -> Parsed<Where> {
    let clauses = object(filter, at)?
        .iter()
        .map(|(key, value)| {
            let at = &[at, &[key.as_str()]].concat();
            match key.as_str() {
                "and" => Ok(Clause::And(list_of(key, value, at)?)),
                "or" => Ok(Clause::Or(list_of(key, value, at)?)),
                path => Ok(Clause::Field(path.split('.').map(str::to_owned).collect(), condition_of(value, at)?)),
            }
        })
        .collect::<Parsed<_>>()?;
    Ok(Where { clauses })
}

fn list_of(key: &str, value: &Value, at: &[&str]) -> Parsed<Vec<Where>> {
    match value.as_array() {
        None => expected("query", "coll?", at),
        Some(parts) if parts.is_empty() => {
            Err(InstantError::invalid("query", format!("The list of `{key}` conditions can't be empty."))
                .with_hint(json!({ "expected": "non-empty-list?", "in": at })))
        }
        Some(parts) => parts.iter().map(|part| where_of(part, at)).collect(),
    }
}

fn condition_of(value: &Value, at: &[&str]) -> Parsed<Condition> {
    let operators = match value {
        Value::Null | Value::Array(_) => return expected("coerced-query", "where-value?", at),
        Value::Object(operators) => operators,
        scalar => return Ok(Condition::Eq(scalar.clone())),
    };
    // InstantDB evaluates the first operator and drops the rest; a query that
    // means a range must not seem to work here, so more than one is refused.
    let mut entries = operators.iter();
    let (Some((operator, value)), None) = (entries.next(), entries.next()) else {
        return refuse("A condition takes one operator; put more of them into `and`.");
    };
    Ok(match (operator.as_str(), value) {
        ("$in" | "in", Value::Array(values)) => Condition::In(values.clone()),
        ("$not" | "$ne", value) => Condition::Not(value.clone()),
        ("$isNull", Value::Bool(null)) => Condition::IsNull(*null),
        ("$gt", value) => Condition::Gt(value.clone()),
        ("$gte", value) => Condition::Gte(value.clone()),
        ("$lt", value) => Condition::Lt(value.clone()),
        ("$lte", value) => Condition::Lte(value.clone()),
        ("$like", value) => Condition::Like(value.clone()),
        ("$ilike", value) => Condition::Ilike(value.clone()),
        _ => {
            return expected("coerced-query", "instant.db.instaql/where-value-valid-keys?", at);
        }
    })
}
