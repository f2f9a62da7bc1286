//! The same requests, as Clerk's own SDK judged them: `result.json` of the oracle,
//! where it is there.

use super::{
    desk::{Row, Seen, see},
    rows,
};
use serde_json::Value;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// What the SDK said, by the ids of the requests.
fn judged() -> Option<HashMap<String, Value>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/oracles/clerk/result.json");
    let path = std::env::var_os("CLERK_ORACLE").map_or(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: what Clerk's SDK said is not there; CLERK_ORACLE says where it is");
        return None;
    };
    let mut result: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(rows) = result["rows"].take() else { panic!("{} has no rows", path.display()) };
    Some(rows.into_iter().map(|row| (row["id"].as_str().unwrap()[..3].to_owned(), row)).collect())
}

#[tokio::test]
async fn clerks_own_sdk_judges_alike_but_for_what_is_listed() {
    let Some(judged) = judged() else { return };
    assert_eq!(judged.len(), 118);
    let mut wrong = Vec::new();
    for row in rows() {
        let differs = differences(&see(&row.input).await, &judged[row.id]);
        match (row.deviation, differs.is_empty()) {
            (None, false) => wrong.push(format!("{}: {differs:?}", row.id)),
            // A deviation that is none any more should not be listed.
            (Some(why), true) => wrong.push(format!("{} does not deviate: {why}", row.id)),
            (None, true) | (Some(_), false) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_deviation_names_its_place_in_the_specification() {
    for Row { id, deviation, .. } in rows() {
        if let Some(why) = deviation {
            let place = why.split(':').next().unwrap();
            let numbered = place.starts_with('D') && place[1..].parse::<u8>().is_ok_and(|number| number <= 10);
            let section = place.split('.').all(|part| part.parse::<u8>().is_ok());
            assert!(numbered || section || place == "as E14", "{id}: {why}");
        }
    }
}

/// Where what we see is not what the SDK said.
fn differences(seen: &Seen, said: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: Value, theirs: &Value| {
        if ours != *theirs {
            found.push(format!("{what}: {ours} is {theirs} there"));
        }
    };
    compare("status", seen.status.into(), &said["status"]);
    if seen.status == "THROWS" {
        return found;
    }
    compare("reason", seen.reason.clone().into(), &said["reason"]);
    let auth = &said["auth"];
    if seen.status == "signed-in" {
        compare("organisation", seen.organization.clone().into(), &auth["orgId"]);
        // Theirs shows nobody while a session is pending.
        let pending = auth["sessionStatus"] == "pending";
        compare("pending", seen.pending.into(), &pending.into());
        if !pending {
            compare("user", seen.user.clone().into(), &auth["userId"]);
            let theirs = auth["orgRole"].as_str().map(str::to_owned);
            compare("role", seen.role.clone().into(), &theirs.into());
            let theirs = auth["orgPermissions"].as_array().cloned().unwrap_or_default();
            compare("permissions", seen.permissions.clone().into(), &theirs.into());
        }
    }
    let names = |lines: &[String]| lines.iter().map(|line| cookie(line)).collect::<Vec<_>>();
    let theirs: Vec<String> =
        said["setCookie"].as_array().into_iter().flatten().map(|line| line.as_str().unwrap().to_owned()).collect();
    compare("cookies", names(&seen.cookies).into(), &names(&theirs).into());
    let location = seen.location.as_ref();
    let base = location.map(|url| format!("{}{}", url.origin().ascii_serialization(), url.path()));
    compare("location", base.into(), &said["location"]["base"]);
    if let Some(location) = location {
        let parameters: serde_json::Map<String, Value> = location
            .query_pairs()
            .map(|(name, value)| {
                // Long values are cut there, and our tokens are others.
                let value = if value.chars().count() > 70 { "…".into() } else { value.into_owned().into() };
                (name.into_owned(), value)
            })
            .collect();
        let mut theirs = said["location"]["q"].clone();
        for (_, value) in theirs.as_object_mut().into_iter().flatten() {
            if value.as_str().is_some_and(|value| value.ends_with('…')) {
                *value = "…".into();
            }
        }
        compare("parameters", parameters.into(), &theirs);
        compare("caching", "no-store".into(), &said["cc"]);
    }
    found
}

/// A `Set-Cookie` line, or its name if its value is a token or a time.
fn cookie(line: &str) -> String {
    let (name, _) = line.split_once('=').unwrap();
    if line.len() > 90 || line.contains('…') || line.contains("Max-Age=315360000") {
        name.to_owned()
    } else {
        line.to_owned()
    }
}
