use super::*;
use http::HeaderValue;
use proptest::prelude::*;
use serde_json::json;

const NOW: i64 = 1_795_400_600;

fn secret(byte: u8) -> WebhookSecret {
    format!("whsec_{}", BASE64_STANDARD.encode([byte; 24])).parse().unwrap()
}

fn body() -> Vec<u8> {
    json!({ "type": "organization.updated", "object": "event", "data": { "id": "org_1" } }).to_string().into_bytes()
}

fn headers(id: &str, timestamp: i64, signatures: &str) -> HeaderMap {
    let timestamp = timestamp.to_string();
    let pairs = [("svix-id", id), ("svix-timestamp", &timestamp), ("svix-signature", signatures)];
    pairs.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).into_iter().collect()
}

/// The headers of a delivery that was sent now, but for so many seconds.
fn signed(body: &[u8], seconds: i64) -> HeaderMap {
    let timestamp = NOW + seconds;
    headers("msg_1", timestamp, secret(1).sign("msg_1", &timestamp.to_string(), body).expose())
}

fn taken(headers: &HeaderMap, body: &[u8]) -> Result<Event, RefusedDelivery> {
    read(headers, body, &secret(1), UnixMillis::from_seconds(NOW)).map(|delivery| delivery.event)
}

fn updated() -> Event {
    Event::OrganizationChanged("org_1".parse().unwrap())
}

#[test]
fn what_clerks_own_library_takes_is_taken() {
    let body = body();
    assert_eq!(taken(&signed(&body, 0), &body), Ok(updated()));
    assert_eq!(taken(&signed(&body, -290), &body), Ok(updated()));
    let right = secret(1).sign("msg_1", &NOW.to_string(), &body);
    let second = headers("msg_1", NOW, &format!("v1,AAAA {}", right.expose()));
    assert_eq!(taken(&second, &body), Ok(updated()));
}

#[test]
fn what_clerks_own_library_refuses_is_refused() {
    let body = body();
    assert_eq!(taken(&signed(&body, -360), &body), Err(RefusedDelivery::Stale));
    assert_eq!(taken(&signed(&body, 360), &body), Err(RefusedDelivery::Stale));
    let right = secret(1).sign("msg_1", &NOW.to_string(), &body);
    let (right, other) = (right.expose(), secret(2).sign("msg_1", &NOW.to_string(), &body));
    assert_eq!(taken(&headers("msg_1", NOW, other.expose()), &body), Err(RefusedDelivery::WrongSignature));
    assert_eq!(taken(&signed(&body, 0), &[&body[..], b" "].concat()), Err(RefusedDelivery::WrongSignature));
    let version_2 = right.replace("v1,", "v2,");
    assert_eq!(taken(&headers("msg_1", NOW, &version_2), &body), Err(RefusedDelivery::WrongSignature));
    for name in ["svix-id", "svix-timestamp", "svix-signature"] {
        let mut headers = signed(&body, 0);
        let value = headers.remove(name).unwrap();
        assert_eq!(taken(&headers, &body), Err(RefusedDelivery::Unsigned));
        // The names of Standard Webhooks are not Clerk's.
        headers.insert(http::HeaderName::try_from(name.replace("svix", "webhook")).unwrap(), value.clone());
        assert_eq!(taken(&headers, &body), Err(RefusedDelivery::Unsigned));
        // Nor is one header that stands there twice.
        headers.insert(name, value.clone());
        headers.append(name, value);
        assert_eq!(taken(&headers, &body), Err(RefusedDelivery::Unsigned));
    }
    let large = vec![b' '; MAX_BODY + 1];
    assert_eq!(taken(&signed(&large, 0), &large), Err(RefusedDelivery::TooLarge));
}

#[test]
fn id_and_time_are_signed_too() {
    let body = body();
    let right = secret(1).sign("msg_1", &NOW.to_string(), &body);
    assert_eq!(taken(&headers("msg_2", NOW, right.expose()), &body), Err(RefusedDelivery::WrongSignature));
    assert_eq!(taken(&headers("msg_1", NOW + 1, right.expose()), &body), Err(RefusedDelivery::WrongSignature));
}

#[test]
fn each_event_that_matters_is_read_by_its_ids_alone() {
    let organization: OrganizationId = "org_1".parse().unwrap();
    let member = json!({ "organization": { "id": "org_1" }, "public_user_data": { "user_id": "user_1" } });
    let membership = Event::MembershipChanged { organization: organization.clone(), user: "user_1".parse().ok() };
    for (kind, data, event) in [
        ("organization.created", json!({ "id": "org_1" }), updated()),
        ("organization.deleted", json!({ "id": "org_1", "deleted": true }), Event::OrganizationDeleted(organization)),
        ("organizationMembership.created", member.clone(), membership.clone()),
        ("organizationMembership.updated", member.clone(), membership.clone()),
        ("organizationMembership.deleted", member, membership),
        ("session.revoked", json!({ "id": "sess_1" }), Event::SessionEnded("sess_1".parse().unwrap())),
        ("session.ended", json!({ "id": "sess_1" }), Event::SessionEnded("sess_1".parse().unwrap())),
        ("session.removed", json!({ "id": "sess_1" }), Event::SessionEnded("sess_1".parse().unwrap())),
        ("user.created", json!({ "id": "user_1" }), Event::Other),
        ("something.new", json!(null), Event::Other),
    ] {
        let body = json!({ "type": kind, "data": data }).to_string().into_bytes();
        assert_eq!(taken(&signed(&body, 0), &body), Ok(event), "{kind}");
    }
}

#[test]
fn a_signed_delivery_without_its_id_is_malformed() {
    for text in ["", "[]", r#"{"type":7}"#, r#"{"type":"organization.updated","data":{"id":"../x"}}"#] {
        assert_eq!(taken(&signed(text.as_bytes(), 0), text.as_bytes()), Err(RefusedDelivery::Malformed), "{text}");
    }
}

#[test]
fn a_delivery_is_new_once_in_ten_minutes() {
    let handled = Handled::default();
    let delivery = |id: &str| Delivery { id: id.to_owned(), event: Event::Other };
    let at = UnixMillis::from_seconds;
    assert!(handled.is_new(&delivery("msg_1"), at(0)));
    assert!(!handled.is_new(&delivery("msg_1"), at(1)));
    assert!(handled.is_new(&delivery("msg_2"), at(1)));
    assert!(!handled.is_new(&delivery("msg_1"), at(599)));
    assert!(handled.is_new(&delivery("msg_1"), at(600)));
}

#[test]
fn a_secret_is_never_shown() {
    assert!(!format!("{:?}", secret(1)).contains("AQEB"));
    for text in ["", "whsec_", "whsec_canary", "canary", "whsec_AAAA"] {
        assert!(!text.parse::<WebhookSecret>().unwrap_err().to_string().contains("canary"));
    }
}

proptest! {
    #[test]
    fn nothing_but_the_signature_opens_the_door(id in "[!-~]{1,20}", signatures in "[ -~]{1,80}", body: Vec<u8>) {
        let outcome = taken(&headers(&id, NOW, &signatures), &body);
        prop_assert!(matches!(outcome, Err(RefusedDelivery::WrongSignature | RefusedDelivery::Unsigned)));
    }
}
