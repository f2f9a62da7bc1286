use super::*;
use crate::Variables;
use proptest::prelude::*;

const OWN: &str = "https://registry.ekairos.dev";
const FURTHER: &str = "https://preview.ekairos.dev";

fn settings(azp: AzpPolicy) -> ClerkSettings {
    let text = |text: &str| Some(text.to_owned());
    let variables = Variables {
        publishable_key: text("pk_live_Y2xlcmsuZWthaXJvcy5kZXYk"),
        secret_key: text("sk_live_fake"),
        public_url: text(OWN),
        authorized_parties: text(FURTHER),
        ..Variables::default()
    };
    ClerkSettings { azp, ..ClerkSettings::read(&variables).unwrap().unwrap() }
}

fn holds(azp: Option<&str>, policy: AzpPolicy, source: Source) -> bool {
    let settings = settings(policy);
    check_azp(azp.map(Value::from).as_ref(), Checks { settings: &settings, source, now: UnixMillis(0), skew: SKEW })
        .is_ok()
}

fn policies() -> impl Strategy<Value = AzpPolicy> {
    any::<(bool, bool)>().prop_map(|(header_may_lack, cookie_may_lack)| AzpPolicy { header_may_lack, cookie_may_lack })
}

fn sources() -> impl Strategy<Value = Source> {
    prop_oneof![Just(Source::Header), Just(Source::Cookie)]
}

/// Origins that look like ours.
fn lookalikes() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z./:@]{1,5}".prop_map(|end| format!("{OWN}{end}")),
        "[a-z.]{1,5}".prop_map(|start| format!("https://{start}registry.ekairos.dev")),
        Just("http://registry.ekairos.dev".to_owned()),
        Just("https://REGISTRY.ekairos.dev".to_owned()),
        Just("https://ekairos.dev".to_owned()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn an_origin_that_is_not_exactly_ours_is_never_taken(azp in lookalikes(), policy in policies(), source in sources()) {
        prop_assume!(azp != OWN && azp != FURTHER);
        prop_assert!(!holds(Some(&azp), policy, source));
    }

    #[test]
    fn our_origins_are_always_taken(policy in policies(), source in sources()) {
        prop_assert!(holds(Some(OWN), policy, source));
        prop_assert!(holds(Some(FURTHER), policy, source));
    }

    #[test]
    fn a_missing_origin_is_taken_as_the_policy_says(policy in policies()) {
        prop_assert_eq!(holds(None, policy, Source::Header), policy.header_may_lack);
        prop_assert_eq!(holds(None, policy, Source::Cookie), policy.cookie_may_lack);
        // What is no text is not missing.
        let settings = settings(policy);
        let checks = Checks { settings: &settings, source: Source::Cookie, now: UnixMillis(0), skew: SKEW };
        prop_assert!(check_azp(Some(&Value::Null), checks).is_err());
    }

    #[test]
    fn any_text_is_looked_at_without_harm(text: String) {
        let _ = session_token(&text);
        let _ = session_token(&format!("e30.{text}.e30"));
    }
}
