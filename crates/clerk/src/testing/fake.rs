//! A fake Clerk as a test holds it.

use super::{
    backend_api, control, frontend_api, platform,
    world::{Broken, HandshakeForm, World},
};
use crate::{Clock, InstanceKind, SystemClock, UnixMillis, Variables};
use axum::Router;
use serde_json::{Value, json};
use std::{
    fmt,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use tokio::{net::TcpListener, sync::oneshot};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// This status, as Clerk words it.
    Status(u16),
    /// 429, with so many seconds in `Retry-After`.
    TooMany(u64),
    /// The answer comes so much later.
    Late(Duration),
    /// Something else than Clerk answers.
    Garbage,
}

/// A session, as a browser has it.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session's id.
    pub session: String,
    /// What the Frontend API knows the browser by.
    pub browser: String,
    /// A fresh session token.
    pub token: String,
    /// The `Cookie` header that a browser sends to the registry.
    pub cookies: String,
}

pub(super) type Shared = Arc<Mutex<World>>;

pub(super) fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A Clerk on loopback, for as long as it is held.
pub struct FakeClerk {
    address: SocketAddr,
    world: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for FakeClerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeClerk({})", self.address)
    }
}

impl FakeClerk {
    /// Starts an instance with nobody in it, by the machine's clock.
    pub fn start(kind: InstanceKind) -> Self {
        Self::start_with(kind, None, Arc::new(SystemClock))
    }

    /// Starts an instance whose cookies are those of all sub-domains of a
    /// domain, by another clock.
    ///
    /// # Panics
    /// If loopback has no free port.
    pub fn start_with(kind: InstanceKind, domain: Option<&str>, clock: Arc<dyn Clock>) -> Self {
        let world = Arc::new(Mutex::new(World::new(kind, domain.map(str::to_owned), clock)));
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let routes = routes(&world);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
                tell.send(listener.local_addr().expect("a bound socket has an address")).expect("the test waits");
                let ended = async { drop(stopped.await) };
                tokio::select! {
                    served = async { axum::serve(listener, routes).await } => served.expect("loopback is served"),
                    () = ended => {}
                }
            });
        });
        let address = told.recv().expect("the fake starts");
        Self { address, world, stop: Some(stop), thread: Some(thread) }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    #[cfg(test)]
    pub(super) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world())
    }

    /// `CLERK_API_URL`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `CLERK_PROXY_URL`, with a host of the caller's choice, such as `localhost`.
    pub fn proxy_url(&self, host: &str) -> String {
        format!("http://{host}:{}/__clerk", self.address.port())
    }

    /// `PLATFORM_BASE_URL`, with a host of the caller's choice.
    pub fn platform_url(&self, host: &str) -> String {
        format!("http://{host}:{}", self.address.port())
    }

    /// `CLERK_PUBLISHABLE_KEY`.
    pub fn publishable_key(&self) -> String {
        self.world().publishable_key.to_string()
    }

    /// `CLERK_SECRET_KEY`.
    pub fn secret_key(&self) -> String {
        self.world().secret_key.clone()
    }

    /// Everything that a program needs to use this instance from `localhost`.
    pub fn environment(&self, public_url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("CLERK_PUBLISHABLE_KEY", self.publishable_key()),
            ("CLERK_SECRET_KEY", self.secret_key()),
            ("CLERK_API_URL", self.api_url()),
            ("CLERK_PROXY_URL", self.proxy_url("localhost")),
            ("CLERK_WEBHOOK_SIGNING_SECRET", super::world::WEBHOOK_SECRET.to_owned()),
            ("PLATFORM_BASE_URL", self.platform_url("localhost")),
            ("PUBLIC_URL", public_url.to_owned()),
        ]
    }

    /// The same, for [`crate::ClerkSettings::read`].
    pub fn variables(&self, public_url: &str) -> Variables {
        let environment = self.environment(public_url);
        let of = |name: &str| environment.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone());
        Variables {
            publishable_key: of("CLERK_PUBLISHABLE_KEY"),
            secret_key: of("CLERK_SECRET_KEY"),
            api_url: of("CLERK_API_URL"),
            proxy_url: of("CLERK_PROXY_URL"),
            webhook_secret: of("CLERK_WEBHOOK_SIGNING_SECRET"),
            platform_url: of("PLATFORM_BASE_URL"),
            public_url: of("PUBLIC_URL"),
            ..Variables::default()
        }
    }

    /// There is an organisation, with this private metadata.
    pub fn organization(&self, id: &str, name: &str, private_metadata: Value) -> &Self {
        self.world().add_organization(id, name, private_metadata);
        self
    }

    /// There is an organisation that has InstantDB credentials.
    pub fn organization_with_app(&self, id: &str, name: &str, app_id: &str, admin_token: &str) -> &Self {
        self.organization(id, name, json!({ "instant": { "appId": app_id, "adminToken": admin_token } }))
    }

    /// An organisation is gone.
    pub fn without_organization(&self, id: &str) -> &Self {
        self.world().organizations.remove(id);
        self
    }

    /// There is a user, who belongs to organisations in roles such as `org:admin`.
    pub fn user(&self, id: &str, first_name: &str, memberships: &[(&str, &str)]) -> &Self {
        self.world().add_user(id, first_name, memberships.iter().copied());
        self
    }

    /// A user signs in, in a browser of their own, with a page of `origin`.
    ///
    /// # Panics
    /// If there is no such user.
    pub fn sign_in(&self, user: &str, organization: Option<&str>, origin: &str) -> SignedIn {
        let mut world = self.world();
        assert!(world.users.contains_key(user), "there is no user {user}");
        let browser = world.number("client");
        let session = world.sign_in(&browser, user, organization.map(str::to_owned));
        let since = world.now().seconds();
        let token = world.token(&session, Some(origin), Duration::ZERO).expect("the session is there");
        let [plain, suffixed] = world.names("__session");
        let [hint, suffixed_hint] = world.names("__client_uat");
        let mut cookies = format!("{plain}={token}; {suffixed}={token}; {hint}={since}; {suffixed_hint}={since}");
        if !world.is_production() {
            for name in world.names("__clerk_db_jwt") {
                cookies = format!("{cookies}; {name}={browser}");
            }
        }
        SignedIn { session, browser, token, cookies }
    }

    /// A token of a session that was issued so long ago, for a page of `origin`.
    pub fn token(&self, session: &str, origin: Option<&str>, age: Duration) -> Option<String> {
        self.world().token(session, origin, age)
    }

    /// A token with claims of the caller's choice.
    pub fn sign(&self, claims: &Value) -> String {
        self.world().key().sign(claims)
    }

    /// Somebody switches to another organisation, elsewhere.
    pub fn switch(&self, session: &str, organization: Option<&str>) -> &Self {
        if let Some(session) = self.world().sessions.get_mut(session) {
            session.organization = organization.map(str::to_owned);
        }
        self
    }

    /// A session ends.
    pub fn end(&self, session: &str) -> &Self {
        if let Some(session) = self.world().sessions.get_mut(session) {
            session.ended = true;
        }
        self
    }

    /// Session tokens are good for so long from now on; for a minute unless this is said.
    pub fn sessions_live_for(&self, life: Duration) -> &Self {
        self.world().token_life = life;
        self
    }

    /// Whether a session has not ended.
    pub fn is_signed_in(&self, session: &str) -> bool {
        self.world().sessions.get(session).is_some_and(|session| !session.ended)
    }

    /// There is an API key. Members of `changes` replace those of a good one.
    pub fn api_key(&self, secret: &str, subject: &str, changes: &Value) -> &Self {
        let mut record = json!({
            "object": "api_key", "id": format!("key_{subject}"), "type": "api_key", "name": "ci", "subject": subject,
            "scopes": [], "claims": null, "revoked": false, "revocation_reason": null, "expired": false,
            "expiration": null, "created_at": 1, "updated_at": 1,
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            record[name] = value.clone();
        }
        self.world().api_keys.insert(secret.to_owned(), record);
        self
    }

    /// Signs with a new key from now on. The old one is still told, too, unless
    /// it is forgotten.
    pub fn rotate(&self, forget_old: bool) -> &Self {
        self.world().rotate(forget_old);
        self
    }

    /// How handshakes hand over what they bring.
    pub fn hands_over(&self, form: HandshakeForm) -> &Self {
        self.world().form = form;
        self
    }

    /// Tokens of a handshake name this origin, or none.
    pub fn names_in_handshakes(&self, origin: Option<&str>) -> &Self {
        self.world().handshake_azp = origin.map(str::to_owned);
        self
    }

    /// Whether handshakes give refresh tokens, and whether those are good.
    pub fn refreshes(&self, gives: bool, good: bool) -> &Self {
        let mut world = self.world();
        (world.gives_refresh, world.refreshes) = (gives, good);
        drop(world);
        self
    }

    /// What the platform's grant page puts into the metadata of an organisation
    /// without credentials. With nothing, it only chooses the organisation.
    pub fn grants(&self, private_metadata: Option<Value>) -> &Self {
        self.world().grants = private_metadata;
        self
    }

    /// Serves clerk-js and its widgets from a `node_modules` folder.
    pub fn scripts(&self, node_modules: &Path) -> &Self {
        self.world().scripts = Some(node_modules.to_owned());
        self
    }

    /// From now on something goes wrong with every path that begins so; `/` is
    /// an outage of it all.
    pub fn trouble(&self, prefix: &str, trouble: Trouble) -> &Self {
        self.world().broken.push(Broken { prefix: prefix.to_owned(), trouble });
        self
    }

    /// All is well again.
    pub fn no_trouble(&self) -> &Self {
        self.world().broken.clear();
        self
    }

    /// How often something was called, such as `GET /v1/jwks`.
    pub fn calls(&self, what: &str) -> usize {
        self.world().calls.iter().filter(|call| *call == what).count()
    }

    /// A signed delivery of Clerk's webhook: its headers and its body.
    pub fn delivery(&self, id: &str, kind: &str, data: &Value) -> (Vec<(&'static str, String)>, Vec<u8>) {
        let world = self.world();
        let body = json!({
            "type": kind, "object": "event", "data": data, "timestamp": world.now().0, "instance_id": "ins_1",
        });
        let (body, timestamp) = (body.to_string().into_bytes(), world.now().seconds().to_string());
        let signature = world.webhook_secret.sign(id, &timestamp, &body).expose().to_owned();
        (vec![("svix-id", id.to_owned()), ("svix-timestamp", timestamp), ("svix-signature", signature)], body)
    }

    /// What time it is here.
    pub fn now(&self) -> UnixMillis {
        self.world().now()
    }
}

impl Drop for FakeClerk {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn routes(world: &Shared) -> Router {
    Router::new()
        .nest("/__clerk", frontend_api::routes(world))
        .merge(backend_api::routes(world))
        .merge(platform::routes())
        .merge(control::routes())
        .with_state(Arc::clone(world))
}
