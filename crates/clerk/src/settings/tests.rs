use super::*;

fn variables() -> Variables {
    let text = |text: &str| Some(text.to_owned());
    Variables {
        publishable_key: text("pk_live_Y2xlcmsuZWthaXJvcy5kZXYk"),
        secret_key: text("sk_live_canary"),
        public_url: text("https://registry.ekairos.dev/"),
        ..Variables::default()
    }
}

fn read(change: impl FnOnce(&mut Variables)) -> Result<Option<ClerkSettings>, InvalidSettings> {
    let mut variables = variables();
    change(&mut variables);
    ClerkSettings::read(&variables)
}

fn settings(change: impl FnOnce(&mut Variables)) -> ClerkSettings {
    read(change).unwrap().unwrap()
}

#[test]
fn without_keys_there_is_no_clerk() {
    assert!(ClerkSettings::read(&Variables::default()).unwrap().is_none());
    assert!(
        read(|v| {
            v.publishable_key = Some("  ".into());
            v.secret_key = None;
        })
        .unwrap()
        .is_none()
    );
}

#[test]
fn one_key_without_the_other_is_refused() {
    let error = read(|v| v.secret_key = None).unwrap_err();
    assert_eq!(error, half("CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY"));
    let error = read(|v| v.publishable_key = None).unwrap_err();
    assert_eq!(error, half("CLERK_SECRET_KEY", "CLERK_PUBLISHABLE_KEY"));
}

#[test]
fn keys_of_two_instances_are_refused() {
    let error = read(|v| v.secret_key = Some("sk_test_canary".into())).unwrap_err();
    let (publishable, secret) = (InstanceKind::Production, InstanceKind::Development);
    assert_eq!(error, InvalidSettings::KindsDiffer { publishable, secret });
}

#[test]
fn what_cannot_be_read_is_refused_by_name_and_not_repeated() {
    type Change = fn(&mut Variables);
    let cases: [(&str, Change); 12] = [
        ("CLERK_PUBLISHABLE_KEY", |v| v.publishable_key = Some("pk_live_bad".into())),
        ("CLERK_SECRET_KEY", |v| v.secret_key = Some("canary".into())),
        ("CLERK_JWT_KEY", |v| v.jwt_key = Some("canary".into())),
        ("CLERK_API_URL", |v| v.api_url = Some("http://api.example".into())),
        ("CLERK_API_URL", |v| v.api_url = Some("https://me:canary@api.example".into())),
        ("CLERK_PROXY_URL", |v| v.proxy_url = Some("/__clerk".into())),
        ("CLERK_WEBHOOK_SIGNING_SECRET", |v| v.webhook_secret = Some("canary".into())),
        ("CLERK_AUTHORIZED_PARTIES", |v| v.authorized_parties = Some("https://a.example, b.example".into())),
        ("CLERK_REQUIRE_AZP", |v| v.require_azp = Some("maybe".into())),
        ("CLERK_SYNC_REFERRERS", |v| v.sync_referrers = Some("platform.example".into())),
        ("PUBLIC_URL", |v| v.public_url = Some("https://registry.ekairos.dev/path".into())),
        ("PLATFORM_BASE_URL", |v| v.platform_url = Some("platform".into())),
    ];
    for (variable, change) in cases {
        let error = read(change).unwrap_err().to_string();
        assert!(error.starts_with(variable), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    assert_eq!(read(|v| v.public_url = None).unwrap_err(), InvalidSettings::NoPublicUrl);
    assert_eq!(read(|v| v.satellite = Some("true".into())).unwrap_err(), InvalidSettings::Satellite);
}

#[test]
fn what_is_not_said_has_the_documented_default() {
    let settings = settings(|_| {});
    assert_eq!(settings.api_url.as_str(), "https://api.clerk.com/");
    assert_eq!(settings.frontend_api_url, "https://clerk.ekairos.dev");
    assert_eq!(settings.frontend_api_origin().as_str(), "https://clerk.ekairos.dev");
    assert_eq!(settings.scripts()[1], "https://clerk.ekairos.dev/npm/@clerk/clerk-js@6/dist/clerk.browser.js");
    assert_eq!(settings.proxy_url(), None);
    assert_eq!(settings.authorized_parties, ["https://registry.ekairos.dev".parse().unwrap()]);
    assert_eq!(settings.azp, AzpPolicy { header_may_lack: false, cookie_may_lack: true });
    assert_eq!(settings.sync_referrers, SyncReferrers::Of(Vec::new()));
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn what_is_said_counts() {
    let settings = settings(|v| {
        v.api_url = Some("http://127.0.0.1:8080".into());
        v.proxy_url = Some("http://localhost:8080/__clerk/".into());
        v.authorized_parties = Some("https://a.example, https://b.example".into());
        v.require_azp = Some("true".into());
        v.sync_referrers = Some("https://c.example".into());
        v.platform_url = Some("https://platform.ekairos.dev/app".into());
    });
    assert_eq!(settings.frontend_api_url, "http://localhost:8080/__clerk");
    assert_eq!(settings.proxy_url(), Some("http://localhost:8080/__clerk"));
    assert_eq!(settings.frontend_api_origin().as_str(), "http://localhost:8080");
    assert_eq!(settings.authorized_parties.len(), 3);
    assert_eq!(settings.azp, AzpPolicy { header_may_lack: false, cookie_may_lack: false });
    let from = ["https://c.example", "https://platform.ekairos.dev"].map(|origin| origin.parse().unwrap());
    assert_eq!(settings.sync_referrers, SyncReferrers::Of(from.to_vec()));
}
