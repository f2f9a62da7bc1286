//! What a transaction costs does not depend on unrelated data.

use super::super::write::statements;
use super::*;

#[tokio::test]
async fn every_statement_of_a_transaction_goes_by_an_index() {
    let store = fixture_t().await;
    let shared = Arc::clone(&store.shared);
    shared
        .read(move |connection, _| {
            for sql in statements() {
                let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let mut rows = explain.raw_query();
                let mut steps = Vec::new();
                while let Some(row) = rows.next()? {
                    steps.push(row.get::<_, String>(3)?);
                }
                assert!(!steps.is_empty(), "{sql}");
                for step in steps {
                    // `attr=?` and more: by one column alone it would read all of an attribute.
                    let indexed = step.starts_with("SEARCH") && step.contains(" AND ") || step.contains("(file=?)");
                    assert!(indexed, "{sql}: {step}");
                }
            }
            Ok(())
        })
        .await
        .unwrap();
}
