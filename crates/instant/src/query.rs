//! InstaQL as data (`specs/instantdb-admin-api.md` 5.1).

mod cursor;
mod parse;
mod refusal;

pub use cursor::Cursor;
pub(crate) use cursor::uuid;
pub(crate) use refusal::{Problem, refusal, text};

use crate::InstantError;
use serde_json::{Map, Value, json};

/// A query: one form for each namespace asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Namespace and form, in the order of the answer.
    pub forms: Vec<(String, Form)>,
    /// Whether singular links answer with an object or null instead of an array.
    pub inference: bool,
}

impl Query {
    /// A query of one namespace.
    pub fn of(etype: impl Into<String>, form: Form) -> Self {
        Self { forms: vec![(etype.into(), form)], inference: true }
    }

    /// Refuses what only an admin may ask; for a caller who is none.
    pub fn check_for_user(&self) -> Result<(), InstantError> {
        let mut path = Vec::new();
        let place = self.forms.iter().find_map(|(name, form)| form.counted(name, &mut path));
        let Some(mut at) = place else {
            return Ok(());
        };
        at.extend(["$".into(), "aggregate".into()]);
        let problem = Problem::new("admin?", at).saying("Aggregates are currently only available for admin queries.");
        Err(refusal("query", self.to_json(), &[problem]))
    }

    /// The query as the admin API takes it: the value of `query`.
    pub fn to_json(&self) -> Value {
        self.forms.iter().map(|(etype, form)| (etype.clone(), form.to_json())).collect::<Map<_, _>>().into()
    }
}

/// What is asked of one namespace or link.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// Which entities; all when empty.
    pub filter: Where,
    /// In which order; by creation, oldest first, when absent.
    pub order: Option<Order>,
    /// How many at most: the first ones. Ignored on links, as InstantDB does.
    pub limit: Option<u64>,
    /// How many at most: the last ones, in the order asked for. In place of `limit`.
    pub last: Option<u64>,
    /// How many to leave out first. Only at the top.
    pub offset: Option<u64>,
    /// Only what comes after this place. Only at the top.
    pub after: Option<Cursor>,
    /// Only what comes before this place. Only at the top.
    pub before: Option<Cursor>,
    /// Whether only their number is wanted (`aggregate: "count"`): the answer is
    /// an empty list, the number stands in `result-meta`.
    pub count: bool,
    /// Which attributes; all when absent. `id` is always there.
    pub fields: Option<Vec<String>>,
    /// Links to follow.
    pub children: Vec<(String, Form)>,
}

impl Form {
    /// Where the first form stands that asks for a number.
    fn counted(&self, name: &str, path: &mut Vec<Value>) -> Option<Vec<Value>> {
        path.push(name.into());
        let below = self.children.iter().find_map(|(label, child)| child.counted(label, path));
        let place = below.or_else(|| self.count.then(|| path.clone()));
        path.pop();
        place
    }

    fn to_json(&self) -> Value {
        let mut options = Map::new();
        if !self.filter.lets_all_through() {
            options.insert("where".to_owned(), self.filter.to_json());
        }
        if let Some(order) = &self.order {
            options.insert("order".to_owned(), json!({ &order.by: order.direction.as_str() }));
        }
        for (name, count) in [("limit", self.limit), ("last", self.last), ("offset", self.offset)] {
            if let Some(count) = count {
                options.insert(name.to_owned(), count.into());
            }
        }
        for (name, cursor) in [("after", &self.after), ("before", &self.before)] {
            if let Some(cursor) = cursor {
                options.insert(name.to_owned(), cursor.to_json());
                if cursor.inclusive {
                    options.insert(format!("{name}Inclusive"), true.into());
                }
            }
        }
        if self.count {
            options.insert("aggregate".to_owned(), "count".into());
        }
        if let Some(fields) = &self.fields {
            options.insert("fields".to_owned(), fields.clone().into());
        }
        let mut form = Map::new();
        if !options.is_empty() {
            form.insert("$".to_owned(), options.into());
        }
        form.extend(self.children.iter().map(|(label, child)| (label.clone(), child.to_json())));
        form.into()
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// An indexed attribute, or `serverCreatedAt`.
    pub by: String,
    /// Which way.
    pub direction: Direction,
}

/// Which way to order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first; null before everything.
    Asc,
    /// Largest first; null last.
    Desc,
}

impl Direction {
    fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

/// A `where` object: all of its clauses hold.
///
/// Conditions of one object whose paths share a link are about the *same*
/// linked entity, also where two paths lead to the same namespace in as many
/// steps by different links; each element of `and` and `or` looks for its own
/// (`specs/instantdb-admin-api.md` 5.2).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Where {
    /// The clauses.
    pub clauses: Vec<Clause>,
}

/// One entry of a `where` object.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// All of these hold.
    And(Vec<Where>),
    /// One of these holds.
    Or(Vec<Where>),
    /// The value at the end of the path fulfils the condition.
    Field(Vec<String>, Condition),
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Equal to it.
    Eq(Value),
    /// One of them.
    In(Vec<Value>),
    /// Different from it, null or missing.
    Not(Value),
    /// Null or missing; or, when false, neither.
    IsNull(bool),
    /// Greater.
    Gt(Value),
    /// Greater or equal.
    Gte(Value),
    /// Less.
    Lt(Value),
    /// Less or equal.
    Lte(Value),
    /// Like a SQL pattern (`%`, `_`, `\` escapes), case-sensitive.
    Like(Value),
    /// Like a SQL pattern, in any case.
    Ilike(Value),
}

impl Condition {
    fn to_json(&self) -> Value {
        match self {
            Self::Eq(value) => value.clone(),
            Self::In(values) => json!({ "$in": values }),
            Self::Not(value) => json!({ "$not": value }),
            Self::IsNull(is_null) => json!({ "$isNull": is_null }),
            Self::Gt(value) => json!({ "$gt": value }),
            Self::Gte(value) => json!({ "$gte": value }),
            Self::Lt(value) => json!({ "$lt": value }),
            Self::Lte(value) => json!({ "$lte": value }),
            Self::Like(value) => json!({ "$like": value }),
            Self::Ilike(value) => json!({ "$ilike": value }),
        }
    }
}

impl Where {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether that is so, however many empty conditions it is made of.
    fn lets_all_through(&self) -> bool {
        self.clauses.iter().all(|clause| match clause {
            Clause::And(parts) => parts.iter().all(Self::lets_all_through),
            Clause::Or(parts) => parts.iter().any(Self::lets_all_through),
            Clause::Field(..) => false,
        })
    }

    fn to_json(&self) -> Value {
        let all = |parts: &[Self]| Value::from(parts.iter().map(Self::to_json).collect::<Vec<_>>());
        let members = self.clauses.iter().filter_map(|clause| match clause {
            // InstantDB refuses an empty condition in a list: where everything
            // passes, nothing need be said.
            Clause::And(parts) => {
                let parts: Vec<Self> = parts.iter().filter(|part| !part.lets_all_through()).cloned().collect();
                (!parts.is_empty()).then(|| ("and".to_owned(), all(&parts)))
            }
            Clause::Or(parts) if parts.iter().any(Self::lets_all_through) => None,
            Clause::Or(parts) => Some(("or".to_owned(), all(parts))),
            Clause::Field(path, condition) => Some((path.join("."), condition.to_json())),
        });
        let members: Vec<(String, Value)> = members.collect();
        let object: Map<String, Value> = members.iter().cloned().collect();
        if object.len() == members.len() {
            return object.into();
        }
        // An object has each key once. A list keeps all, in their order.
        json!({ "and": members.into_iter().map(|(key, value)| json!({ key: value })).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_nothing_is_left_out() {
        let nothing = || Where { clauses: vec![Clause::And(vec![Where::default()])] };
        let one = || Where { clauses: vec![Clause::Field(vec!["n".to_owned()], Condition::Eq(1.into()))] };
        for (clauses, expected) in [
            (vec![Clause::And(vec![nothing()])], json!({})),
            (vec![Clause::Or(vec![one(), nothing()])], json!({})),
            (vec![Clause::And(vec![nothing(), one()])], json!({ "and": [{ "n": 1 }] })),
            (
                [one().clauses, one().clauses, vec![Clause::Or(vec![one()])]].concat(),
                json!({ "and": [{ "n": 1 }, { "n": 1 }, { "or": [{ "n": 1 }] }] }),
            ),
            (
                vec![Clause::Or(vec![one()]), Clause::Or(vec![one()])],
                json!({ "and": [{ "or": [{ "n": 1 }] }, { "or": [{ "n": 1 }] }] }),
            ),
        ] {
            assert_eq!(Where { clauses }.to_json().to_string(), expected.to_string());
        }
    }
}
