//! The 118 requests of the oracle (spec, appendix A), each built as described
//! there; and what goes beyond them.

mod beyond;
mod cookie_rows;
mod desk;
mod development_rows;
mod header_rows;
mod sdk;

use desk::{Expected, Row, Seen, see};

fn rows() -> Vec<Row> {
    let mut rows = header_rows::rows();
    rows.extend(cookie_rows::rows());
    rows.extend(development_rows::rows());
    rows
}

#[tokio::test]
async fn every_request_of_the_oracle_is_judged_as_the_specification_says() {
    let rows = rows();
    assert_eq!(rows.len(), 118);
    let mut wrong = Vec::new();
    for row in &rows {
        let seen = see(&row.input).await;
        let fits = match &row.expected {
            Expected::In(organization) => seen.status == "signed-in" && seen.organization.as_deref() == *organization,
            Expected::Out(reason) => seen.status == "signed-out" && seen.reason.as_deref() == Some(reason),
            Expected::Handshake(reason) => seen.status == "handshake" && seen.reason.as_deref() == Some(reason),
            Expected::Refused => seen.status == "THROWS",
        };
        if !fits {
            wrong.push(format!(
                "{}: {:?} is {:?}",
                row.id,
                row.expected,
                (seen.status, seen.reason, seen.organization)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_request_of_the_oracle_is_there_once() {
    let ids: Vec<&str> = rows().iter().map(|row| row.id).collect();
    let of = |letter: &str, count: usize| (1..=count).map(|number| format!("{letter}{number:02}")).collect::<Vec<_>>();
    let expected = [of("A", 30), of("B", 49), of("C", 13), of("D", 5), of("E", 14), of("F", 5), of("G", 2)].concat();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_refused_request_sets_no_cookie_and_leads_nowhere() {
    for row in rows() {
        if let Expected::Out(_) = row.expected {
            let Seen { cookies, location, .. } = see(&row.input).await;
            // But for sign-outs that a handshake told of, and parameters to clean up.
            if !["B30", "C11"].contains(&row.id) {
                assert!(cookies.is_empty() && location.is_none(), "{} {cookies:?}", row.id);
            }
        }
    }
}
