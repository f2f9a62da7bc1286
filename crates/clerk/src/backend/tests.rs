use super::*;
use crate::{
    InstanceKind, Variables,
    testing::{FakeClerk, Trouble},
};
use serde_json::json;

fn fake() -> FakeClerk {
    let fake = FakeClerk::start(InstanceKind::Production);
    fake.organization_with_app("org_1", "Acme", "app", "canary").user("user_1", "Ada", &[("org_1", "org:admin")]);
    fake
}

fn backend_of(variables: &Variables) -> Backend {
    let settings = ClerkSettings::read(variables).unwrap().unwrap();
    Backend::new(OperatorClient::new().unwrap(), &settings)
}

fn backend(fake: &FakeClerk) -> Backend {
    backend_of(&fake.variables("http://localhost:3030"))
}

fn organization() -> OrganizationId {
    "org_1".parse().unwrap()
}

#[tokio::test]
async fn every_call_says_what_clerk_wants_to_hear() {
    let fake = fake();
    let backend = backend(&fake);
    assert!(backend.keys().await.unwrap().get("ins_1").is_some());
    let acme = backend.organization(&organization()).await.unwrap();
    assert_eq!((acme.name.as_str(), acme.instant.unwrap().app_id.as_str()), ("Acme", "app"));
    let user: UserId = "user_1".parse().unwrap();
    let memberships = backend.memberships(&user).await.unwrap();
    assert_eq!((memberships[0].role.as_str(), memberships[0].organization.id.as_str()), ("org:admin", "org_1"));
    let ada = backend.user(&user).await.unwrap();
    assert_eq!((ada.first_name.as_deref(), ada.email.as_deref()), (Some("Ada"), Some("ada@example.com")));
    fake.api_key("ak_1", "org_1", &json!({ "revoked": true }));
    assert!(backend.verify_api_key(&Secret::new("ak_1")).await.unwrap().revoked);
    let session = fake.sign_in("user_1", None, "http://localhost:3030").session;
    backend.revoke_session(&session.parse().unwrap()).await.unwrap();
    assert!(!fake.is_signed_in(&session));
}

#[tokio::test]
async fn all_memberships_are_read_page_by_page() {
    let fake = fake();
    let ids: Vec<String> = (0..120).map(|number| format!("org_{number}")).collect();
    for id in &ids {
        fake.organization(id, id, json!({}));
    }
    let memberships: Vec<_> = ids.iter().map(|id| (id.as_str(), "org:member")).collect();
    fake.user("user_1", "Ada", &memberships);
    let found = backend(&fake).memberships(&"user_1".parse().unwrap()).await.unwrap();
    assert_eq!(found.len(), 120);
    assert_eq!(fake.calls("GET /v1/users/user_1/organization_memberships"), 2);
}

#[tokio::test]
async fn each_kind_of_trouble_is_told_apart() {
    let fake = fake();
    let backend = backend(&fake);
    let asked = async |trouble| {
        fake.no_trouble().trouble("/v1/organizations", trouble);
        backend.organization(&organization()).await.unwrap_err()
    };
    let unavailable = |error: &BackendError| matches!(error, BackendError::Unavailable { .. });
    assert!(unavailable(&asked(Trouble::Status(500)).await));
    assert!(unavailable(&asked(Trouble::Status(504)).await));
    let busy = asked(Trouble::TooMany(7)).await;
    assert_eq!((unavailable(&busy), busy.retry_after()), (true, Some(Duration::from_secs(7))));
    assert!(matches!(asked(Trouble::Status(403)).await, BackendError::Refused { .. }));
    assert!(
        matches!(asked(Trouble::Status(422)).await, BackendError::Rejected { code, .. } if code == "scripted_trouble")
    );
    assert!(matches!(asked(Trouble::Status(302)).await, BackendError::Unreadable { .. }));
    assert!(matches!(asked(Trouble::Garbage).await, BackendError::Unreadable { .. }));
    fake.no_trouble().without_organization("org_1");
    let gone = backend.organization(&organization()).await.unwrap_err();
    assert!(matches!(gone, BackendError::NotFound { code, .. } if code == "resource_not_found"));
}

#[tokio::test]
async fn a_passing_failure_is_tried_once_more_and_an_answer_is_not() {
    let fake = fake();
    let backend = backend(&fake);
    let path = "GET /v1/organizations/org_1";
    for (trouble, calls) in [(Trouble::Status(503), 2), (Trouble::TooMany(1), 1), (Trouble::Status(500), 1)] {
        let before = fake.calls(path);
        fake.no_trouble().trouble("/", trouble);
        backend.organization(&organization()).await.unwrap_err();
        assert_eq!(fake.calls(path) - before, calls, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_nonce_is_asked_for_once_whatever_happens() {
    let fake = fake();
    fake.trouble("/", Trouble::Status(503));
    backend(&fake).handshake_payload(&Secret::new("n1")).await.unwrap_err();
    assert_eq!(fake.calls("GET /v1/clients/handshake_payload"), 1);
}

#[tokio::test]
async fn nobody_waits_long_for_an_answer_that_does_not_come() {
    let fake = fake();
    fake.trouble("/", Trouble::Late(Duration::from_mins(10)));
    let backend = backend(&fake).with_patience(Duration::from_millis(20));
    let error = backend.keys().await.unwrap_err();
    assert!(matches!(error, BackendError::Unavailable { .. }), "{error}");
    // Nor twice.
    assert!(fake.calls("GET /v1/jwks") <= 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let variables = {
        let fake = fake();
        fake.variables("http://localhost:3030")
    };
    let error = backend_of(&variables).keys().await.unwrap_err();
    assert!(matches!(error, BackendError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_secret_key_is_the_operators_to_mend() {
    let fake = fake();
    let variables = Variables { secret_key: Some("sk_live_canary".into()), ..fake.variables("http://localhost:3030") };
    let backend = backend_of(&variables);
    for error in [
        backend.keys().await.unwrap_err(),
        backend.organization(&organization()).await.unwrap_err(),
        backend.handshake_payload(&Secret::new("n1")).await.unwrap_err(),
    ] {
        assert!(matches!(error, BackendError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("CLERK_SECRET_KEY") && !error.to_string().contains("canary"));
    }
}

#[tokio::test]
async fn no_error_repeats_what_was_sent() {
    let fake = fake();
    let backend = backend(&fake).with_patience(Duration::from_millis(200));
    let refresh = RefreshRequest {
        session: "sess_1".parse().unwrap(),
        expired: Secret::new("canary"),
        refresh: Secret::new("canary"),
        suffixed: true,
        origin: "http://localhost:3030".into(),
        headers: vec![("user-agent".into(), "canary".into())],
    };
    let troubles =
        [None, Some(Trouble::Status(500)), Some(Trouble::Garbage), Some(Trouble::Late(Duration::from_mins(1)))];
    for trouble in troubles {
        fake.no_trouble();
        if let Some(trouble) = trouble {
            fake.trouble("/", trouble);
        }
        let errors = [
            backend.handshake_payload(&Secret::new("canary")).await.unwrap_err(),
            backend.refresh(&refresh).await.unwrap_err(),
            backend.verify_api_key(&Secret::new("ak_canary")).await.unwrap_err(),
        ];
        for error in errors {
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }
    // Nor does an answer that cannot be read, which may hold credentials.
    fake.no_trouble().organization(
        "org_1",
        "Acme",
        json!({ "instant": { "appId": "canary", "adminToken": "canary" } }),
    );
    let answer = backend.organization(&organization()).await.unwrap();
    assert!(!format!("{:?}", answer.instant.unwrap().admin_token).contains("canary"));
    assert!(!format!("{backend:?}").contains("sk_live_fake"));
}
