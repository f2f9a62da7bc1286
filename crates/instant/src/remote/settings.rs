//! Where an InstantDB is, and how patient we are with it.

use model::{EntityId, InvalidId};
use net::Secret;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// InstantDB's own cloud.
const CLOUD: &str = "https://api.instantdb.com";

/// The id of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AppId(EntityId);

/// A text that is no app id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not the id of an app; it is a UUID such as 8a1f2c9e-0000-4000-8000-000000000001, shown in the app's dashboard"
)]
pub struct InvalidAppId;

impl FromStr for AppId {
    type Err = InvalidAppId;

    fn from_str(text: &str) -> Result<Self, InvalidAppId> {
        text.trim().parse().map(Self).map_err(|_: InvalidId| InvalidAppId)
    }
}

impl From<EntityId> for AppId {
    fn from(id: EntityId) -> Self {
        Self(id)
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The address of an InstantDB's API: `http` or `https`, a path prefix allowed,
/// no final slash. The default is InstantDB's cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUri(Url);

/// A text that is no API address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write an address such as {CLOUD} or http://127.0.0.1:8888")]
pub struct InvalidApiUri(&'static str);

impl ApiUri {
    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The address of one of the API's routes: `path` begins with a slash.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }

    /// Whether another address is of the same scheme, host and port.
    pub(super) fn is_origin_of(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }
}

impl Default for ApiUri {
    fn default() -> Self {
        CLOUD.parse().expect("the cloud's address is an address")
    }
}

impl FromStr for ApiUri {
    type Err = InvalidApiUri;

    fn from_str(text: &str) -> Result<Self, InvalidApiUri> {
        let mut url = Url::parse(text.trim()).map_err(|_| InvalidApiUri("is not an address"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(InvalidApiUri("is not an http or https address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidApiUri("holds a user or password; the admin token is a setting of its own"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidApiUri("holds a query or fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl fmt::Display for ApiUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL always has a path.
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// One organisation's app in an InstantDB.
#[derive(Debug, Clone)]
pub struct RemoteSettings {
    /// The app.
    pub app_id: AppId,
    /// What opens it.
    pub admin_token: Secret,
    /// Where it is.
    pub api_uri: ApiUri,
}

impl RemoteSettings {
    /// Whether these open the same app at the same place with the same token.
    pub fn is_same(&self, other: &Self) -> bool {
        self.app_id == other.app_id
            && self.api_uri == other.api_uri
            && self.admin_token.expose() == other.admin_token.expose()
    }
}

/// How patient we are. The defaults are for production
/// (`specs/instantdb-admin-api.md` 11).
#[derive(Debug, Clone)]
pub struct Patience {
    /// How long a connection may take to open.
    pub connect: Duration,
    /// How long an answer may take, and how long it may pause. Uploads get more, by their size.
    pub answer: Duration,
    /// The same while InstantDB is known to be away.
    pub away: Duration,
    /// The first wait before trying again; each next one is twice as long. All are jittered.
    pub first_wait: Duration,
    /// The longest wait before trying again.
    pub longest_wait: Duration,
    /// How long one call may go on trying again.
    pub trying: Duration,
    /// How long a stream of events may be silent before it counts as dead. The server speaks every 15 s.
    pub silence: Duration,
    /// Time between two queries where there is no stream of events.
    pub poll: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_mins(1),
            away: Duration::from_secs(5),
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(5),
            trying: Duration::from_secs(15),
            silence: Duration::from_secs(45),
            poll: Duration::from_secs(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_address_keeps_its_path_prefix_and_loses_its_final_slash() {
        for (text, shown) in [
            ("https://api.instantdb.com", "https://api.instantdb.com"),
            ("https://api.instantdb.com/", "https://api.instantdb.com"),
            (" http://127.0.0.1:3000/_instant/ ", "http://127.0.0.1:3000/_instant"),
            ("HTTP://[::1]:8888", "http://[::1]:8888"),
        ] {
            let uri: ApiUri = text.parse().unwrap();
            assert_eq!(uri.to_string(), shown);
            assert_eq!(uri.at("/admin/query").as_str(), format!("{shown}/admin/query"));
            assert_eq!(shown.parse(), Ok(uri));
        }
        assert_eq!(ApiUri::default().to_string(), CLOUD);
    }

    #[test]
    fn an_address_that_cannot_be_an_api_is_refused_without_showing_what_it_holds() {
        for text in [
            "",
            "api.instantdb.com",
            "ftp://host",
            "https://canary:canary@host",
            "https://canary@host",
            "https://host?token=canary",
            "https://host#canary",
            "unix:/canary",
        ] {
            let error = text.parse::<ApiUri>().unwrap_err().to_string();
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn file_addresses_are_the_apis_own_only_with_its_scheme_host_and_port() {
        let uri: ApiUri = "http://127.0.0.1:8888/x".parse().unwrap();
        let own = |url: &str| uri.is_origin_of(&url.parse().unwrap());
        assert!(own("http://127.0.0.1:8888/_files/a?sig=1"));
        for other in
            ["https://127.0.0.1:8888/", "http://127.0.0.1:8889/", "http://127.0.0.1/", "http://localhost:8888/"]
        {
            assert!(!own(other), "{other}");
        }
    }

    #[test]
    fn an_app_id_is_a_uuid() {
        assert_eq!(
            "8A1F2C9E-0000-4000-8000-000000000001".parse::<AppId>().unwrap().to_string(),
            "8a1f2c9e-0000-4000-8000-000000000001"
        );
        assert!("acme".parse::<AppId>().is_err());
    }

    #[test]
    fn settings_do_not_show_the_token() {
        let settings = RemoteSettings {
            app_id: EntityId::random().into(),
            admin_token: Secret::new("canary"),
            api_uri: ApiUri::default(),
        };
        assert!(!format!("{settings:?}").contains("canary"));
    }
}
