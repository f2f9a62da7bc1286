//! Configuration: texts in, checked settings out, before anything is served.

use crate::{InstanceKind, PublishableKey, SecretKey, VerifyingKey, WebOrigin, WebhookSecret};
use std::{fmt, str::FromStr};
use url::{Host, Url};

/// Where Clerk's Backend API is, unless told otherwise.
const API_URL: &str = "https://api.clerk.com";

/// What the configuration says, as texts. A missing and an empty text are the same.
#[derive(Clone, Default)]
pub struct Variables {
    /// `CLERK_PUBLISHABLE_KEY`.
    pub publishable_key: Option<String>,
    /// `CLERK_SECRET_KEY`.
    pub secret_key: Option<String>,
    /// `CLERK_JWT_KEY`: the instance's public key as PEM. Then no key is ever asked for.
    pub jwt_key: Option<String>,
    /// `CLERK_API_URL`: https, or loopback.
    pub api_url: Option<String>,
    /// `CLERK_PROXY_URL`: where browsers reach the Frontend API, if not at its own host.
    pub proxy_url: Option<String>,
    /// `CLERK_WEBHOOK_SIGNING_SECRET`.
    pub webhook_secret: Option<String>,
    /// `CLERK_AUTHORIZED_PARTIES`: further origins whose tokens are taken, separated by commas or spaces.
    pub authorized_parties: Option<String>,
    /// `CLERK_REQUIRE_AZP`: `true` or `false`; see [`AzpPolicy`].
    pub require_azp: Option<String>,
    /// `CLERK_SYNC_REFERRERS`: origins from which people come with another organisation; `*` for any.
    pub sync_referrers: Option<String>,
    /// `CLERK_IS_SATELLITE`: reserved.
    pub satellite: Option<String>,
    /// `PUBLIC_URL`: our own origin. Never taken from a request.
    pub public_url: Option<String>,
    /// `PLATFORM_BASE_URL`: one of the origins from which people come back.
    pub platform_url: Option<String>,
}

/// Names what is set, and shows no value.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables").finish_non_exhaustive()
    }
}

/// Settings with which requests cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// One key without the other.
    #[error("{set} is set and {missing} is not; set both to sign in through Clerk, or none to run without it")]
    HalfSet {
        /// The variable that is there.
        set: &'static str,
        /// The variable that is not.
        missing: &'static str,
    },
    /// Keys of two instances.
    #[error(
        "CLERK_PUBLISHABLE_KEY is of a {publishable} instance and CLERK_SECRET_KEY of a {secret} one; copy both from the same page of Clerk's dashboard"
    )]
    KindsDiffer {
        /// What the publishable key is of.
        publishable: InstanceKind,
        /// What the secret key is of.
        secret: InstanceKind,
    },
    /// Nothing says where we are.
    #[error(
        "PUBLIC_URL is not set; with Clerk, set it to the address that people open, such as https://registry.example.com"
    )]
    NoPublicUrl,
    /// Another root domain than the instance's.
    #[error(
        "CLERK_IS_SATELLITE is set, and satellite domains are not supported; serve the registry below the instance's own domain"
    )]
    Satellite,
    /// A value that cannot be read.
    #[error("{variable} {problem}")]
    Invalid {
        /// The variable.
        variable: &'static str,
        /// What is wrong, and what to set instead.
        problem: String,
    },
}

impl fmt::Display for InstanceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production => "production",
            Self::Development => "development",
        })
    }
}

/// What is asked of a token's `azp`, the origin whose page got it. One that is
/// there must always be ours. Tokens that a handshake mints may lack it, for no
/// page asked for them (deviation D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AzpPolicy {
    /// Whether a token in a header may lack it.
    pub header_may_lack: bool,
    /// Whether a token in a cookie may lack it.
    pub cookie_may_lack: bool,
}

impl Default for AzpPolicy {
    fn default() -> Self {
        Self { header_may_lack: false, cookie_may_lack: true }
    }
}

/// From which other origins a visit asks Clerk for the active organisation anew
/// (deviation D6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncReferrers {
    /// From any but Clerk's own pages, as Clerk's SDK does.
    Any,
    /// From these.
    Of(Vec<WebOrigin>),
}

/// One Clerk instance, and where we are.
#[derive(Debug, Clone)]
pub struct ClerkSettings {
    /// The public key.
    pub publishable_key: PublishableKey,
    /// The key of the Backend API.
    pub secret_key: SecretKey,
    /// The instance's public key, if the configuration has it.
    pub jwt_key: Option<VerifyingKey>,
    /// The Backend API.
    pub api_url: Url,
    /// The Frontend API, as browsers reach it; no slash at its end.
    pub frontend_api_url: String,
    /// What Clerk's webhooks are signed with.
    pub webhook_secret: Option<WebhookSecret>,
    /// Our own origin.
    pub public_origin: WebOrigin,
    /// Origins whose tokens are taken; our own is the first.
    pub authorized_parties: Vec<WebOrigin>,
    /// What is asked of `azp`.
    pub azp: AzpPolicy,
    /// Whose visitors' organisation is asked for anew.
    pub sync_referrers: SyncReferrers,
}

impl ClerkSettings {
    /// Checks what the configuration says. `None` if neither key is set: then
    /// there is no Clerk here.
    pub fn read(variables: &Variables) -> Result<Option<Self>, InvalidSettings> {
        let (publishable, secret) = match (set(variables.publishable_key.as_ref()), set(variables.secret_key.as_ref()))
        {
            (None, None) => return Ok(None),
            (Some(publishable), Some(secret)) => (publishable, secret),
            (Some(_), None) => return Err(half("CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY")),
            (None, Some(_)) => return Err(half("CLERK_SECRET_KEY", "CLERK_PUBLISHABLE_KEY")),
        };
        let publishable_key: PublishableKey = parse("CLERK_PUBLISHABLE_KEY", publishable)?;
        let secret_key: SecretKey = parse("CLERK_SECRET_KEY", secret)?;
        if publishable_key.kind() != secret_key.kind() {
            let (publishable, secret) = (publishable_key.kind(), secret_key.kind());
            return Err(InvalidSettings::KindsDiffer { publishable, secret });
        }
        if flag("CLERK_IS_SATELLITE", variables.satellite.as_ref())? == Some(true) {
            return Err(InvalidSettings::Satellite);
        }
        let public_url = set(variables.public_url.as_ref()).ok_or(InvalidSettings::NoPublicUrl)?;
        let public_origin: WebOrigin = parse("PUBLIC_URL", public_url)?;
        let mut authorized_parties = vec![public_origin.clone()];
        authorized_parties.extend(origins("CLERK_AUTHORIZED_PARTIES", variables.authorized_parties.as_ref())?);
        let frontend_api_url = match set(variables.proxy_url.as_ref()) {
            Some(text) => web_address("CLERK_PROXY_URL", text)?.as_str().trim_end_matches('/').to_owned(),
            None => publishable_key.issuer(),
        };
        Ok(Some(Self {
            jwt_key: match set(variables.jwt_key.as_ref()) {
                // Files of variables write line ends as `\n`.
                Some(pem) => Some(parse("CLERK_JWT_KEY", &pem.replace("\\n", "\n"))?),
                None => None,
            },
            api_url: api_url(set(variables.api_url.as_ref()).unwrap_or(API_URL))?,
            frontend_api_url,
            webhook_secret: match set(variables.webhook_secret.as_ref()) {
                Some(text) => Some(parse("CLERK_WEBHOOK_SIGNING_SECRET", text)?),
                None => None,
            },
            public_origin,
            authorized_parties,
            azp: match flag("CLERK_REQUIRE_AZP", variables.require_azp.as_ref())? {
                None => AzpPolicy::default(),
                Some(required) => AzpPolicy { header_may_lack: !required, cookie_may_lack: !required },
            },
            sync_referrers: sync_referrers(variables)?,
            publishable_key,
            secret_key,
        }))
    }

    /// The origin that a page's content security policy must allow scripts and
    /// connections from.
    ///
    /// # Panics
    /// Never: the address was checked when the settings were read.
    pub fn frontend_api_origin(&self) -> WebOrigin {
        let url = Url::parse(&self.frontend_api_url).ok();
        url.as_ref().and_then(WebOrigin::of).expect("the address was checked when the settings were read")
    }

    /// The two scripts of a page, in their order: the widgets, then clerk-js,
    /// which wants the publishable key in `data-clerk-publishable-key` and, where
    /// [`ClerkSettings::proxy_url`] is some, that in `data-clerk-proxy-url`.
    pub fn scripts(&self) -> [String; 2] {
        ["@clerk/ui@1/dist/ui.browser.js", "@clerk/clerk-js@6/dist/clerk.browser.js"]
            .map(|file| format!("{}/npm/{file}", self.frontend_api_url))
    }

    /// Where browsers reach the Frontend API, if not at its own host.
    pub fn proxy_url(&self) -> Option<&str> {
        Some(self.frontend_api_url.as_str()).filter(|url| *url != self.publishable_key.issuer())
    }

    /// What the instance is for.
    pub fn kind(&self) -> InstanceKind {
        self.publishable_key.kind()
    }
}

fn set(value: Option<&String>) -> Option<&str> {
    value.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn half(set: &'static str, missing: &'static str) -> InvalidSettings {
    InvalidSettings::HalfSet { set, missing }
}

fn invalid(variable: &'static str, problem: impl fmt::Display) -> InvalidSettings {
    InvalidSettings::Invalid { variable, problem: problem.to_string() }
}

fn parse<T: FromStr<Err: fmt::Display>>(variable: &'static str, text: &str) -> Result<T, InvalidSettings> {
    text.parse().map_err(|error| invalid(variable, error))
}

fn flag(variable: &'static str, value: Option<&String>) -> Result<Option<bool>, InvalidSettings> {
    match set(value) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(invalid(variable, format!("is `{}`; set it to true or false", net::redact(other)))),
    }
}

fn origins(variable: &'static str, value: Option<&String>) -> Result<Vec<WebOrigin>, InvalidSettings> {
    let texts = set(value).unwrap_or_default();
    let texts = texts.split([',', ' ']).map(str::trim).filter(|text| !text.is_empty());
    texts.map(|text| parse(variable, text)).collect()
}

fn sync_referrers(variables: &Variables) -> Result<SyncReferrers, InvalidSettings> {
    if set(variables.sync_referrers.as_ref()) == Some("*") {
        return Ok(SyncReferrers::Any);
    }
    let mut from = origins("CLERK_SYNC_REFERRERS", variables.sync_referrers.as_ref())?;
    if let Some(platform) = set(variables.platform_url.as_ref()) {
        // The platform may lie below a path.
        let url = web_address("PLATFORM_BASE_URL", platform)?;
        from.extend(WebOrigin::of(&url));
    }
    Ok(SyncReferrers::Of(from))
}

fn web_address(variable: &'static str, text: &str) -> Result<Url, InvalidSettings> {
    let problem = || invalid(variable, "is not an http or https address without user, query and fragment");
    let url = Url::parse(text).map_err(|_| problem())?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !plain || url.fragment().is_some() || WebOrigin::of(&url).is_none() {
        return Err(problem());
    }
    Ok(url)
}

/// The Backend API gets the secret key, so nobody may listen in.
fn api_url(text: &str) -> Result<Url, InvalidSettings> {
    let url = web_address("CLERK_API_URL", text)?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || loopback {
        Ok(url)
    } else {
        Err(invalid("CLERK_API_URL", "is neither https nor on this machine; the secret key would travel in the open"))
    }
}

#[cfg(test)]
mod tests;
