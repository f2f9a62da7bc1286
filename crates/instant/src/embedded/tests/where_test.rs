//! Random `where` objects against a naive reading of their meaning
//! (`specs/instantdb-admin-api.md` 5.2): every assignment of entities is tried.

use super::*;
use proptest::prelude::*;
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Two namespaces with an indexed and an untyped attribute each, and links of all kinds between and within them.
const AB: &[EntityDef] = &[
    EntityDef {
        namespace: "a",
        attrs: &[AttrDef::new("n", ValueType::Number).indexed(), AttrDef::new("s", ValueType::Json)],
        links: &[
            LinkDef::new("a", "one", crate::Cardinality::One, "b", "ones"),
            LinkDef::new("a", "many", crate::Cardinality::Many, "b", "manys"),
            LinkDef::new("a", "next", crate::Cardinality::Many, "a", "prior"),
        ],
    },
    EntityDef {
        namespace: "b",
        attrs: &[AttrDef::new("n", ValueType::Number).indexed(), AttrDef::new("s", ValueType::Json)],
        links: &[],
    },
];

/// Where a label leads from a namespace, and whether forward.
const HOPS: [(&str, &str, &str, &str, bool); 6] = [
    ("a", "one", "one", "b", true),
    ("b", "ones", "one", "a", false),
    ("a", "many", "many", "b", true),
    ("b", "manys", "many", "a", false),
    ("a", "next", "next", "a", true),
    ("a", "prior", "next", "a", false),
];

/// The number of an entity; those from 4 on were never created.
type Number = u8;

/// The values of `n` and `s`: `None` is missing, an inner `None` null.
type Values = (Option<u8>, Option<Option<u8>>);

#[derive(Debug, Clone, Default)]
struct Data {
    /// By namespace and number.
    entities: BTreeMap<(&'static str, Number), Values>,
    /// Link, source and target.
    links: BTreeSet<(&'static str, Number, Number)>,
}

fn of(namespace: &str, number: Number) -> EntityId {
    id(u128::from(number) + if namespace == "a" { 0 } else { 100 })
}

impl Data {
    fn steps(&self) -> Value {
        let mut steps = Vec::new();
        for ((namespace, number), (n, s)) in &self.entities {
            let mut values = Map::new();
            if let Some(n) = n {
                values.insert("n".to_owned(), json!(n));
            }
            if let Some(s) = s {
                values.insert("s".to_owned(), json!(s));
            }
            steps.push(json!(["update", namespace, of(namespace, *number), values]));
        }
        for (link, source, target) in &self.links {
            let namespace = if *link == "next" { "a" } else { "b" };
            steps.push(json!(["link", "a", of("a", *source), { *link: of(namespace, *target) }]));
        }
        steps.into()
    }

    /// What is behind a link.
    fn behind(&self, namespace: &str, number: Number, label: &str) -> Vec<(&'static str, Number)> {
        let (_, _, link, to, forward) = hop(namespace, label);
        let links = self.links.iter().filter(|(name, ..)| *name == link);
        links
            .filter_map(|(_, source, target)| {
                let (here, there) = if forward { (source, target) } else { (target, source) };
                (*here == number).then_some((to, *there))
            })
            .collect()
    }

    fn exists(&self, namespace: &'static str, number: Number) -> bool {
        self.entities.contains_key(&(namespace, number))
    }

    /// The value of an attribute; null also where it is missing.
    fn value(&self, at: (&'static str, Number), label: &str) -> Option<u8> {
        let (n, s) = self.entities.get(&at)?;
        if label == "n" { *n } else { s.flatten() }
    }

    /// Whether one entity fulfils a condition on its own attribute or link.
    fn fulfils(&self, (namespace, number): (&'static str, Number), label: &str, condition: &Condition) -> bool {
        let exists = self.exists(namespace, number);
        if matches!(label, "n" | "s") {
            let value = self.value((namespace, number), label);
            return exists
                && match condition {
                    Condition::Eq(wanted) => value.is_some_and(|value| json!(value) == *wanted),
                    Condition::In(wanted) => wanted.contains(&json!(value)),
                    Condition::Not(other) => value.is_none_or(|value| json!(value) != *other),
                    Condition::IsNull(is_null) => value.is_none() == *is_null,
                    Condition::Gt(than) => value.is_some_and(|value| Some(u64::from(value)) > than.as_u64()),
                    Condition::Lte(than) => value.is_some_and(|value| Some(u64::from(value)) <= than.as_u64()),
                    _ => unreachable!(),
                };
        }
        let linked: Vec<Value> =
            self.behind(namespace, number, label).into_iter().map(|(to, number)| json!(of(to, number))).collect();
        match condition {
            Condition::Eq(wanted) => linked.contains(wanted),
            Condition::In(wanted) => linked.iter().any(|id| wanted.contains(id)),
            Condition::Not(other) => linked.iter().any(|id| id != other) || (exists && linked.is_empty()),
            Condition::IsNull(is_null) => exists && linked.is_empty() == *is_null,
            _ => unreachable!(),
        }
    }

    /// Whether the root fulfils a whole `where`.
    fn holds(&self, root: Number, filter: &Where) -> bool {
        let mut positive = Vec::new();
        for clause in &filter.clauses {
            match clause {
                Clause::And(parts) => {
                    if !parts.iter().all(|part| self.holds(root, part)) {
                        return false;
                    }
                }
                Clause::Or(parts) => {
                    if !parts.iter().any(|part| self.holds(root, part)) {
                        return false;
                    }
                }
                Clause::Field(path, condition) => {
                    let negative = matches!(condition, Condition::Not(_) | Condition::IsNull(true));
                    if negative && path.len() > 1 {
                        if !self.lacks(("a", root), path, condition) {
                            return false;
                        }
                    } else {
                        positive.push((path.as_slice(), condition));
                    }
                }
            }
        }
        self.assign(root, &positive, &BTreeMap::new())
    }

    /// A negative condition on a path: also where a link on it is missing.
    fn lacks(&self, at: (&'static str, Number), path: &[String], condition: &Condition) -> bool {
        let [label, rest @ ..] = path else { unreachable!() };
        if rest.is_empty() {
            return self.fulfils(at, label, condition);
        }
        let behind = self.behind(at.0, at.1, label);
        (behind.is_empty() && self.exists(at.0, at.1))
            || behind.into_iter().any(|next| self.lacks(next, rest, condition))
    }

    /// Tries every entity for every variable: one for each namespace and depth.
    fn assign(
        &self,
        root: Number,
        conditions: &[(&[String], &Condition)],
        bound: &BTreeMap<(&'static str, usize), Number>,
    ) -> bool {
        let Some(((path, condition), rest)) = conditions.split_first() else {
            return true;
        };
        let (label, links) = path.split_last().unwrap();
        let mut ways = vec![(("a", root), bound.clone())];
        for (depth, link) in links.iter().enumerate() {
            ways = ways
                .into_iter()
                .flat_map(|(at, bound)| {
                    self.behind(at.0, at.1, link).into_iter().map(move |next| (next, bound.clone()))
                })
                .filter_map(|(next, mut bound)| {
                    let same = *bound.entry((next.0, depth + 1)).or_insert(next.1) == next.1;
                    same.then_some((next, bound))
                })
                .collect();
        }
        ways.into_iter().any(|(at, bound)| self.fulfils(at, label, condition) && self.assign(root, rest, &bound))
    }
}

fn hop(namespace: &str, label: &str) -> (&'static str, &'static str, &'static str, &'static str, bool) {
    *HOPS.iter().find(|(from, name, ..)| *from == namespace && *name == label).unwrap()
}

/// Up to four entities of each namespace, most of them there, most links few steps away.
fn data() -> impl Strategy<Value = Data> {
    let values = || (prop::option::of(0_u8..2), prop::option::of(prop::option::of(0_u8..2)));
    let entity = move || prop::option::weighted(0.9, values());
    let entities = prop::collection::vec((entity(), entity()), 4);
    let link = (prop_oneof![Just("one"), Just("many"), Just("next")], 0_u8..5, 0_u8..5);
    let links = prop::collection::btree_set(link, 10..40);
    (entities, links).prop_map(|(entities, links)| {
        let mut data = Data::default();
        for (number, (a, b)) in (0..).zip(entities) {
            data.entities.extend(a.map(|values| (("a", number), values)));
            data.entities.extend(b.map(|values| (("b", number), values)));
        }
        // A has-one link leads to one.
        let mut seen = BTreeSet::new();
        data.links = links.into_iter().filter(|(link, source, _)| *link != "one" || seen.insert(*source)).collect();
        data
    })
}

/// A condition that suits the label.
fn condition(namespace: &str, label: &str, operator: u8, value: u8, number: Number) -> Condition {
    let to = |number| json!(of(hop(namespace, label).3, number));
    match (label, operator) {
        (_, 0) => Condition::IsNull(true),
        (_, 1 | 2) => Condition::IsNull(false),
        ("n", 3) => Condition::Gt(json!(value)),
        ("n", 4) => Condition::Lte(json!(value)),
        ("n", 5) => Condition::In(vec![json!(value), Value::Null]),
        ("n" | "s", 6) => Condition::Not(json!(value)),
        ("n" | "s", _) => Condition::Eq(json!(value)),
        (_, 3) => Condition::Not(to(number)),
        (_, 4 | 5) => Condition::Eq(to(number)),
        _ => Condition::In(vec![to(number), to(value)]),
    }
}

/// A path from `a` over so many links to a label, and a condition on it by one of so many operators.
fn field(links: Range<usize>, operators: Range<u8>) -> impl Strategy<Value = Clause> {
    let turns = prop::collection::vec(any::<prop::sample::Index>(), links);
    (turns, any::<prop::sample::Index>(), operators, 0_u8..2, 0_u8..5).prop_map(
        |(turns, last, operator, value, number)| {
            let ways = |from: &str| HOPS.iter().filter(|hop| hop.0 == from).collect::<Vec<_>>();
            let (mut namespace, mut path) = ("a", Vec::new());
            for turn in turns {
                let (_, label, _, to, _) = ways(namespace)[turn.index(ways(namespace).len())];
                path.push((*label).to_owned());
                namespace = to;
            }
            let links = ways(namespace).into_iter().map(|hop| hop.1);
            let labels: Vec<&str> = ["n", "s", "n", "s", "n"].into_iter().chain(links).collect();
            let label = labels[last.index(labels.len())];
            path.push(label.to_owned());
            Clause::Field(path, condition(namespace, label, operator, value, number))
        },
    )
}

/// An object has each key once.
fn object(clauses: Vec<Clause>) -> Where {
    let mut paths = BTreeSet::new();
    let once = |clause: &Clause| match clause {
        Clause::Field(path, _) => paths.insert(path.clone()),
        Clause::And(_) | Clause::Or(_) => true,
    };
    Where { clauses: clauses.into_iter().filter(once).collect() }
}

fn filter() -> impl Strategy<Value = Where> {
    let any_field = || field(0..3, 0..9);
    let flat = prop::collection::vec(any_field(), 1..3).prop_map(object);
    let nested = flat.prop_recursive(2, 8, 2, move |inner| {
        let list = || prop::collection::vec(inner.clone(), 1..3);
        let clause = prop_oneof![any_field(), list().prop_map(Clause::And), list().prop_map(Clause::Or)];
        prop::collection::vec(clause, 1..3).prop_map(object)
    });
    // Paths that may meet, about what is there.
    let meeting = prop::collection::vec(field(1..3, 1..9), 2..4).prop_map(object);
    prop_oneof![nested, meeting]
}

/// Asks the store in each way in which it may look for an answer.
async fn check(store: &Embedded, data: &Data, filter: &Where) {
    let roots = data.entities.keys().filter(|(namespace, number)| *namespace == "a" && data.holds(*number, filter));
    let expected: BTreeSet<String> = roots.map(|(_, number)| of("a", *number).to_string()).collect();
    for order in [None, Some(Order { by: "n".to_owned(), direction: Direction::Asc })] {
        let form = Form { filter: filter.clone(), limit: order.as_ref().map(|_| 9), order, ..Form::default() };
        let query = Query::of("a", form);
        let tree = store.query(&query).await.unwrap();
        let rows = tree["a"].as_array().unwrap();
        let found: BTreeSet<String> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found, expected, "{}\n{data:?}", query.to_json());
        assert_eq!(found.len(), rows.len());
        assert_eq!(store.count("a", filter).await.unwrap(), expected.len() as u64);
        // What a query says of itself is the query.
        let again = store.query(&Query::from_json(&query.to_json(), true).unwrap()).await.unwrap();
        assert_eq!(again, tree, "{}", query.to_json());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_where_lets_through_what_its_meaning_says(
        data in data(),
        filters in prop::collection::vec(filter(), 1..32),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = store(AB).await;
            transact(&store, data.steps()).await.unwrap();
            for filter in &filters {
                check(&store, &data, filter).await;
            }
        });
    }
}
