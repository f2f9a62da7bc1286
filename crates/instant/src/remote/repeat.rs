//! Which transactions may be sent again when nobody knows whether they were
//! carried out.

use crate::{Action, PutMode, Reference, Transaction};

/// Whether carrying out a transaction twice leaves what once does, and the
/// second time is not refused because of the first.
///
/// - `create` is not: the second one finds what the first one made.
/// - `update`, with `upsert: false` as well, and `merge` of an entity by id are:
///   each sets the same values again. An entity that someone deleted in between
///   refuses `upsert: false`, as it would have a moment later.
/// - `link`, `unlink` and `delete` by id are: what is there or gone already stays so.
/// - Nothing by a lookup is: the value may lead to another entity by then.
/// - Changes of the schema are not.
///
/// Someone else's write between the two is overwritten, as if ours had come
/// after it; callers that must not do that guard themselves by a `create` of
/// something unique (`specs/instantdb-admin-api.md` 11).
pub(super) fn is_repeatable(transaction: &Transaction) -> bool {
    let by_id = |reference: &Reference| matches!(reference, Reference::Id(_));
    transaction.steps.iter().all(|step| {
        step.entity().is_some_and(|step| {
            by_id(&step.target)
                && match &step.action {
                    Action::Put(PutMode::Create, _) => false,
                    Action::Put(..) | Action::Merge(..) | Action::Delete => true,
                    Action::Link(links) | Action::Unlink(links) => links.iter().flat_map(|(_, to)| to).all(by_id),
                }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn repeatable(steps: &Value) -> bool {
        is_repeatable(&Transaction::from_json(steps).unwrap())
    }

    const A: &str = "10000000-0000-4000-8000-000000000001";
    const B: &str = "10000000-0000-4000-8000-000000000002";

    #[test]
    fn what_sets_the_same_again_is_repeatable() {
        for step in [
            json!(["update", "t", A, { "x": 1 }]),
            json!(["update", "t", A, { "x": 1 }, { "upsert": false }]),
            json!(["merge", "t", A, { "x": { "y": null } }]),
            json!(["link", "t", A, { "to": B }]),
            json!(["unlink", "t", A, { "to": [B, A] }]),
            json!(["delete", "t", A, null]),
        ] {
            assert!(repeatable(&json!([step.clone()])), "{step}");
            assert!(repeatable(&json!([step, ["delete", "t", B, null]])));
        }
        assert!(repeatable(&json!([])));
    }

    #[test]
    fn what_finds_its_own_traces_is_not() {
        for step in [
            json!(["create", "t", A, { "x": 1 }]),
            json!(["update", "t", ["key", "k"], { "x": 1 }]),
            json!(["delete", "t", ["key", "k"], null]),
            json!(["link", "t", A, { "to": "lookup__key__\"k\"" }]),
            json!(["unlink", "t", ["key", "k"], { "to": B }]),
            json!(["delete-attr", A]),
        ] {
            assert!(!repeatable(&json!([step.clone()])), "{step}");
            assert!(!repeatable(&json!([["update", "t", B, {}], step])));
        }
    }
}
