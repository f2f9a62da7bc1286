//! What a request is made of, what comes out, and a Clerk that answers from a script.

use crate::{
    Accepts, ApiKeyRecord, ApiKeySource, ApiKeys, BackendError, ClerkSettings, Decision, DirectivesAnswer, Handshakes,
    KeyAnswer, Known, Membership, Principal, Question, RequestView, SessionStatus, UnixMillis, UrlOrganization, UserId,
    Variables, Verdict, decide,
    testing::{ManualClock, SigningKey},
};
use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use net::Secret;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};
use url::Url;

/// The instance's key, and that of another one under the same id.
pub(super) static OWN: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ins_A"));
pub(super) static OTHER: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("ins_A"));

/// The time in all of these tests, in seconds.
pub(super) const NOW: i64 = 1_795_400_600;

pub(super) const LIVE: &str = "V0ilF7kJ";
pub(super) const EVIL: &str = "https://evil.ekairos.dev";
const REGISTRY: &str = "https://registry.ekairos.dev";
const LOCAL: &str = "http://localhost:3030";

/// A time, in seconds from now.
pub(super) fn at(seconds: i64) -> Value {
    json!(NOW + seconds)
}

/// One request of the oracle.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) input: Input,
    pub(super) expected: Expected,
    /// Why Clerk's SDK judges otherwise.
    pub(super) deviation: Option<&'static str>,
}

#[derive(Debug)]
pub(super) enum Expected {
    /// Signed in, with this organisation.
    In(Option<&'static str>),
    /// Signed out, for this reason.
    Out(&'static str),
    /// Sent to Clerk, for this reason.
    Handshake(&'static str),
    /// Refused as a mistake of the operator.
    Refused,
}

pub(super) fn row(id: &'static str, input: Input, expected: Expected) -> Row {
    Row { id, input, expected, deviation: None }
}

impl Row {
    pub(super) fn deviates(mut self, why: &'static str) -> Self {
        self.deviation = Some(why);
        self
    }
}

/// A request, its settings and what Clerk answers.
#[derive(Clone)]
pub(super) struct Input {
    pub(super) variables: Variables,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) accepts: Accepts,
    pub(super) handshakes: Handshakes,
    pub(super) organization: UrlOrganization<'static>,
    pub(super) nonces: HashMap<String, Vec<String>>,
    pub(super) refreshed: Option<Vec<String>>,
    pub(super) keys_away: bool,
}

fn input(publishable: &str, secret: &str, public_url: &str) -> Input {
    let text = |text: &str| Some(text.to_owned());
    let document = [("sec-fetch-dest", "document"), ("accept", "text/html,*/*")];
    Input {
        variables: Variables {
            publishable_key: text(publishable),
            secret_key: text(secret),
            public_url: text(public_url),
            platform_url: text("https://platform.ekairos.dev"),
            ..Variables::default()
        },
        method: Method::GET,
        path: "/registry?x=1".to_owned(),
        headers: document
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .into_iter()
            .collect(),
        accepts: Accepts { session: true, api_key: false },
        handshakes: Handshakes::Allowed,
        organization: UrlOrganization::Unnamed,
        nonces: HashMap::new(),
        refreshed: None,
        keys_away: false,
    }
}

/// A document that is asked of a production instance's registry.
pub(super) fn live() -> Input {
    input("pk_live_Y2xlcmsuZWthaXJvcy5kZXYk", "sk_live_fake", REGISTRY)
}

/// A document that is asked of a development instance's registry. The oracle
/// sets no authorized parties there and uses tokens of both origins.
pub(super) fn local() -> Input {
    let mut input = input("pk_test_aGFwcHktb3R0ZXItNDIuY2xlcmsuYWNjb3VudHMuZGV2JA", "sk_test_fake", LOCAL);
    input.variables.authorized_parties = Some(REGISTRY.to_owned());
    input
}

impl Input {
    pub(super) fn set(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub(super) fn without_header(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }

    /// As a script asks.
    pub(super) fn xhr(self) -> Self {
        self.header("sec-fetch-dest", "empty").header("accept", "*/*")
    }

    /// As a program asks.
    pub(super) fn bearer(self, token: &str) -> Self {
        self.xhr().header("authorization", &format!("Bearer {token}"))
    }

    pub(super) fn post(self) -> Self {
        self.set(|input| input.method = Method::POST)
    }

    pub(super) fn path(self, path: impl Into<String>) -> Self {
        self.set(|input| input.path = path.into())
    }

    /// Adds a parameter to the address.
    pub(super) fn asking(self, parameter: &str) -> Self {
        let path = format!("{}&{parameter}", self.path);
        self.path(path)
    }

    pub(super) fn cookie(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        let pair = format!("{name}={value}");
        let cookies = match self.headers.get("cookie") {
            Some(others) => format!("{}; {pair}", others.to_str().unwrap()),
            None => pair,
        };
        self.headers.insert("cookie", HeaderValue::from_str(&cookies).unwrap());
        self
    }

    /// Somebody is signed in since so many seconds from now.
    pub(super) fn uat(self, seconds: i64) -> Self {
        self.cookie("__client_uat", NOW + seconds)
    }

    pub(super) fn session(self, token: &str) -> Self {
        self.cookie("__session", token)
    }

    /// Somebody signed in a while ago, and has this token.
    pub(super) fn with(self, token: &str) -> Self {
        self.uat(-100).session(token)
    }

    pub(super) fn redirected(self, count: u32) -> Self {
        self.cookie("__clerk_redirect_count", count)
    }

    pub(super) fn nonce(mut self, nonce: &str, directives: &[String]) -> Self {
        self.nonces.insert(nonce.to_owned(), directives.to_vec());
        self
    }

    pub(super) fn accepts(self, session: bool, api_key: bool) -> Self {
        self.set(|input| input.accepts = Accepts { session, api_key })
    }

    pub(super) fn named(self, organization: UrlOrganization<'static>) -> Self {
        self.set(|input| input.organization = organization)
    }

    pub(super) fn settings(&self) -> Result<ClerkSettings, String> {
        ClerkSettings::read(&self.variables).map_err(|error| error.to_string())?.ok_or_else(|| "local".to_owned())
    }
}

/// What both versions of tokens claim; `null` removes a claim.
pub(super) fn base(input: &Input, changes: &Value) -> Value {
    let issuer = if input.variables.public_url.as_deref() == Some(LOCAL) {
        "https://happy-otter-42.clerk.accounts.dev"
    } else {
        "https://clerk.ekairos.dev"
    };
    changed(
        json!({
            "iss": issuer, "sub": "user_1", "sid": "sess_1", "azp": REGISTRY,
            "iat": at(-5), "nbf": at(-15), "exp": at(55),
        }),
        changes,
    )
}

fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// Claims without a version, for a production instance.
pub(super) fn v1(changes: &Value) -> Value {
    let organization = json!({
        "org_id": "org_1", "org_slug": "acme", "org_role": "org:admin", "org_permissions": ["org:registry:manage"],
    });
    changed(base(&live(), &organization), changes)
}

fn second(input: &Input, changes: &Value) -> Value {
    let organization = json!({
        "v": 2, "fea": "o:registry,u:beta,o:teams", "pla": "o:pro", "sts": "active", "fva": [1, -1], "jti": "x",
        "o": { "id": "org_1", "slg": "acme", "rol": "admin", "per": "manage,read", "fpm": "3,2" },
    });
    changed(base(input, &organization), changes)
}

/// Claims of version 2, for a production instance.
pub(super) fn v2(changes: &Value) -> Value {
    second(&live(), changes)
}

/// Claims of version 2, for a development instance.
pub(super) fn v2_local(changes: &Value) -> Value {
    second(&local(), changes)
}

/// Claims of a token that expired a minute ago.
pub(super) fn expired() -> Value {
    v2(&json!({ "exp": at(-60), "iat": at(-120), "nbf": at(-130) }))
}

pub(super) fn sign(claims: &Value) -> String {
    OWN.sign(claims)
}

/// A valid token of the production instance.
pub(super) fn valid() -> String {
    sign(&v2(&json!({})))
}

/// What came out, in the words of the oracle.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) organization: Option<String>,
    pub(super) role: Option<String>,
    pub(super) permissions: Vec<String>,
    pub(super) user: Option<String>,
    pub(super) pending: bool,
    pub(super) location: Option<Url>,
    pub(super) cookies: Vec<String>,
    pub(super) asked: Vec<Question>,
}

/// Decides, with a Clerk that answers from the input's script.
pub(super) async fn see(input: &Input) -> Seen {
    match input.settings() {
        Ok(settings) => {
            let (decision, asked) = decided(input, &settings).await;
            seen(&decision, asked)
        }
        Err(why) => Seen { status: "THROWS", ..nothing(Some(why)) },
    }
}

fn nothing(reason: Option<String>) -> Seen {
    Seen {
        status: "",
        reason,
        organization: None,
        role: None,
        permissions: Vec::new(),
        user: None,
        pending: false,
        location: None,
        cookies: Vec::new(),
        asked: Vec::new(),
    }
}

fn seen(decision: &Decision, asked: Vec<Question>) -> Seen {
    let (status, reason) = decision.status();
    let status = if let Verdict::Misconfigured(_) = decision.verdict { "THROWS" } else { status };
    let mut seen = Seen { status, asked, ..nothing(reason) };
    seen.location = decision.location().cloned();
    seen.cookies = decision.cookies.iter().map(|line| line.to_str().unwrap().to_owned()).collect();
    if let Verdict::SignedIn(principal) = &decision.verdict {
        seen.organization = principal.organization().map(ToString::to_string);
        seen.user = principal.user().map(ToString::to_string);
        if let Principal::Session(session) = &**principal {
            seen.pending = session.status == SessionStatus::Pending;
            if let Some(organization) = &session.organization {
                seen.role.clone_from(&organization.role);
                seen.permissions.clone_from(&organization.permissions);
            }
        }
    }
    seen
}

async fn decided(input: &Input, settings: &ClerkSettings) -> (Decision, Vec<Question>) {
    let uri: Uri = input.path.parse().unwrap();
    let request = RequestView {
        method: &input.method,
        uri: &uri,
        headers: &input.headers,
        accepts: input.accepts,
        handshakes: input.handshakes,
        organization: input.organization,
    };
    let now = UnixMillis::from_seconds(NOW);
    let (mut known, mut asked) = (Known::default(), Vec::new());
    loop {
        match decide(settings, &request, &known, now) {
            Ok(decision) => return (decision, asked),
            Err(question) => {
                assert!(!asked.contains(&question), "{question:?} was asked twice");
                answer(input, &question, &mut known, now).await;
                asked.push(question);
            }
        }
    }
}

async fn answer(input: &Input, question: &Question, known: &mut Known, now: UnixMillis) {
    match question {
        Question::Key(kid) => {
            let key = || KeyAnswer::Key(OWN.pem().parse().unwrap());
            let answer = match kid.as_str() {
                _ if input.keys_away => KeyAnswer::Unavailable,
                "ins_A" => key(),
                _ => KeyAnswer::Mismatch,
            };
            known.keys.push((kid.clone(), answer));
        }
        Question::Payload(nonce) => {
            known.payload = Some(match input.nonces.get(nonce.expose()) {
                Some(directives) => DirectivesAnswer::Directives(directives.clone()),
                None => DirectivesAnswer::None("resource_not_found".to_owned()),
            });
        }
        Question::Refresh(_) => {
            known.refreshed = Some(match &input.refreshed {
                Some(directives) => DirectivesAnswer::Directives(directives.clone()),
                None => DirectivesAnswer::None("session_refresh_denied".to_owned()),
            });
        }
        Question::ApiKey(key) => {
            let keys = ApiKeys::new(Arc::new(Script), Arc::new(ManualClock::at(now)));
            known.api_key = Some(keys.verify(key).await);
        }
    }
}

/// The API keys of the oracle.
#[derive(Debug)]
struct Script;

#[async_trait]
impl ApiKeySource for Script {
    async fn api_key(&self, key: &Secret) -> Result<ApiKeyRecord, BackendError> {
        let record = |subject: &str, changes: Value| {
            let record = json!({ "id": "ak_id", "name": "ci", "subject": subject, "scopes": [], "claims": null, "revoked": false, "expired": false, "expiration": null });
            Ok(serde_json::from_value(changed(record, &changes)).unwrap())
        };
        match key.expose() {
            "ak_org" => record("org_1", json!({ "scopes": ["registry:read"] })),
            "ak_user" => record("user_1", json!({ "claims": { "org": "org_1" } })),
            "ak_revoked" => record("org_1", json!({ "revoked": true })),
            _ => Err(BackendError::NotFound { what: "no key".into(), code: "api_key_not_found".into() }),
        }
    }

    async fn memberships(&self, _user: &UserId) -> Result<Vec<Membership>, BackendError> {
        let organization = json!({ "id": "org_1", "name": "Acme", "slug": "acme" });
        Ok(vec![serde_json::from_value(json!({ "role": "org:admin", "organization": organization })).unwrap()])
    }
}
