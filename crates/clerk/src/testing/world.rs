//! Who and what there is in a fake Clerk.

use crate::{Clock, InstanceKind, PublishableKey, UnixMillis, WebhookSecret, testing::SigningKey};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

/// What deliveries of every fake are signed with.
pub(super) const WEBHOOK_SECRET: &str = "whsec_ZmFrZS1jbGVyay13ZWJob29rLXNlY3JldA==";

/// What every instance begins with: a key takes long to make, and no test needs
/// two instances to have different ones from the start.
static FIRST_KEY: LazyLock<Arc<SigningKey>> = LazyLock::new(|| Arc::new(SigningKey::generate("ins_1")));

/// How a handshake hands over what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeForm {
    /// Something to ask the Backend API for.
    Nonce,
    /// A signed token that holds it all.
    Token,
}

pub(super) struct Organization {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) private_metadata: Value,
}

pub(super) struct User {
    pub(super) first_name: String,
    pub(super) email: String,
}

pub(super) struct Session {
    pub(super) user: String,
    pub(super) organization: Option<String>,
    pub(super) ended: bool,
    pub(super) refresh: String,
}

/// A browser that the instance knows.
#[derive(Default)]
pub(super) struct Browser {
    pub(super) session: Option<String>,
    /// When it signed in, in seconds since 1970.
    pub(super) since: i64,
}

/// What goes wrong below a path.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) prefix: String,
    pub(super) trouble: super::Trouble,
}

pub(super) struct World {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) publishable_key: PublishableKey,
    pub(super) secret_key: String,
    pub(super) webhook_secret: WebhookSecret,
    /// What cookies for all sub-domains are set for.
    pub(super) domain: Option<String>,
    pub(super) key_number: u32,
    /// The last one signs.
    pub(super) keys: Vec<Arc<SigningKey>>,
    pub(super) organizations: BTreeMap<String, Organization>,
    pub(super) users: BTreeMap<String, User>,
    /// User, organisation, role.
    pub(super) members: Vec<(String, String, String)>,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) browsers: HashMap<String, Browser>,
    pub(super) nonces: HashMap<String, Vec<String>>,
    pub(super) api_keys: HashMap<String, Value>,
    pub(super) form: HandshakeForm,
    /// The origin that tokens of a handshake name; mostly none, as at Clerk.
    pub(super) handshake_azp: Option<String>,
    pub(super) gives_refresh: bool,
    pub(super) refreshes: bool,
    pub(super) broken: Vec<Broken>,
    /// What was called, as `GET /v1/jwks`.
    pub(super) calls: Vec<String>,
    /// What the platform's grant page gives to an organisation without credentials.
    pub(super) grants: Option<Value>,
    /// `node_modules` with clerk-js in it.
    pub(super) scripts: Option<PathBuf>,
    pub(super) numbers: u64,
    /// How long a session token is good.
    pub(super) token_life: Duration,
}

/// The key of an instance whose Frontend API is at a host.
fn publishable_key(kind: InstanceKind, host: &str) -> PublishableKey {
    let word = if kind == InstanceKind::Production { "live" } else { "test" };
    let key = format!("pk_{word}_{}", BASE64_STANDARD_NO_PAD.encode(format!("{host}$")));
    key.parse().expect("a host makes a key")
}

impl World {
    pub(super) fn new(kind: InstanceKind, domain: Option<String>, clock: Arc<dyn Clock>) -> Self {
        let (host, word) = match (kind, &domain) {
            (InstanceKind::Production, Some(domain)) => (format!("clerk.{domain}"), "live"),
            (InstanceKind::Production, None) => ("clerk.ekairos.dev".to_owned(), "live"),
            (InstanceKind::Development, _) => ("happy-otter-42.clerk.accounts.dev".to_owned(), "test"),
        };
        Self {
            clock,
            publishable_key: publishable_key(kind, &host),
            secret_key: format!("sk_{word}_fake"),
            webhook_secret: WEBHOOK_SECRET.parse().expect("this is a secret"),
            domain,
            key_number: 1,
            keys: vec![Arc::clone(&FIRST_KEY)],
            organizations: BTreeMap::new(),
            users: BTreeMap::new(),
            members: Vec::new(),
            sessions: HashMap::new(),
            browsers: HashMap::new(),
            nonces: HashMap::new(),
            api_keys: HashMap::new(),
            form: HandshakeForm::Nonce,
            handshake_azp: None,
            gives_refresh: false,
            refreshes: true,
            broken: Vec::new(),
            calls: Vec::new(),
            grants: None,
            scripts: None,
            numbers: 0,
            token_life: Duration::from_mins(1),
        }
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    pub(super) fn is_production(&self) -> bool {
        self.publishable_key.kind() == InstanceKind::Production
    }

    /// A new id, such as `sess_1`.
    pub(super) fn number(&mut self, prefix: &str) -> String {
        self.numbers += 1;
        format!("{prefix}_{}", self.numbers)
    }

    pub(super) fn add_organization(&mut self, id: &str, name: &str, private_metadata: Value) {
        let organization = Organization { name: name.to_owned(), slug: name.to_lowercase(), private_metadata };
        self.organizations.insert(id.to_owned(), organization);
    }

    /// A user with memberships and roles, in place of those they had.
    pub(super) fn add_user<'a>(
        &mut self,
        id: &str,
        first_name: &str,
        memberships: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        let email = format!("{}@example.com", first_name.to_lowercase());
        self.users.insert(id.to_owned(), User { first_name: first_name.to_owned(), email });
        self.members.retain(|(user, ..)| user != id);
        let members = memberships.map(|(org, role)| (id.to_owned(), org.to_owned(), role.to_owned()));
        self.members.extend(members);
    }

    /// Signs with a new key from now on.
    pub(super) fn rotate(&mut self, forget_old: bool) {
        self.key_number += 1;
        let key = SigningKey::generate(&format!("ins_{}", self.key_number));
        if forget_old {
            self.keys.clear();
        }
        self.keys.push(Arc::new(key));
    }

    pub(super) fn key(&self) -> &SigningKey {
        self.keys.last().expect("an instance has a key")
    }

    pub(super) fn role(&self, user: &str, organization: &str) -> Option<&str> {
        let mut members = self.members.iter();
        members.find(|(who, whose, _)| who == user && whose == organization).map(|(_, _, role)| role.as_str())
    }

    /// The organisation of a user with an id or slug.
    pub(super) fn organization_of(&self, user: &str, id_or_slug: &str) -> Option<String> {
        let mut named = self.organizations.iter().filter(|(id, org)| *id == id_or_slug || org.slug == id_or_slug);
        named.find(|(id, _)| self.role(user, id).is_some()).map(|(id, _)| id.clone())
    }

    /// A new session in a browser.
    pub(super) fn sign_in(&mut self, browser: &str, user: &str, organization: Option<String>) -> String {
        let session = self.number("sess");
        let refresh = self.number("rt");
        let row = Session { user: user.to_owned(), organization, ended: false, refresh };
        self.sessions.insert(session.clone(), row);
        let since = self.now().seconds();
        self.browsers.insert(browser.to_owned(), Browser { session: Some(session.clone()), since });
        session
    }

    /// The session of a browser that is still good, and since when.
    pub(super) fn session_in(&self, browser: &str) -> Option<(String, i64)> {
        let browser = self.browsers.get(browser)?;
        let session = browser.session.clone().filter(|id| self.sessions.get(id).is_some_and(|session| !session.ended));
        session.map(|session| (session, browser.since))
    }

    /// A token of a session that was issued so long ago.
    pub(super) fn token(&self, session: &str, azp: Option<&str>, age: Duration) -> Option<String> {
        let row = self.sessions.get(session)?;
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(0);
        let now = self.now().seconds() - seconds(age);
        let mut claims = json!({
            "v": 2, "iss": self.publishable_key.issuer(), "sub": row.user, "sid": session, "iat": now,
            "nbf": now - 10, "exp": now + seconds(self.token_life), "jti": format!("{session}-{now}"), "fva": [1, -1], "fea": "o:registry",
            "sts": "active",
        });
        if let Some(azp) = azp {
            claims["azp"] = azp.into();
        }
        if let Some(id) = &row.organization {
            let role = self.role(&row.user, id).unwrap_or("org:member").trim_start_matches("org:");
            let mask = if role == "admin" { "3" } else { "2" };
            let slug = self.organizations.get(id).map(|organization| organization.slug.clone());
            claims["o"] = json!({ "id": id, "slg": slug, "rol": role, "per": "manage,read", "fpm": mask });
        }
        Some(self.key().sign_with(&json!({ "cat": "cl_B7d4PD111AAA" }), &claims))
    }

    /// Both names of a cookie.
    pub(super) fn names(&self, name: &str) -> [String; 2] {
        [name.to_owned(), format!("{name}_{}", self.publishable_key.cookie_suffix())]
    }

    /// The attribute that makes a cookie one of all sub-domains.
    pub(super) fn domain(&self) -> String {
        self.domain.as_ref().map(|domain| format!("; Domain={domain}")).unwrap_or_default()
    }

    /// The hint that all sub-domains share, as `Set-Cookie` lines.
    pub(super) fn hints(&self, since: i64) -> Vec<String> {
        let domain = self.domain();
        let line = |name| format!("{name}={since}; Path=/{domain}; Max-Age=315360000; SameSite=Lax");
        self.names("__client_uat").map(line).to_vec()
    }
}
