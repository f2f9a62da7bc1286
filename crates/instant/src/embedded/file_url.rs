//! Signed addresses of files (`specs/instantdb-admin-api.md` 7, 12): the same all
//! day, so that browsers keep what they fetched, and valid for seven days from
//! the start of the day.

use super::{Embedded, FileKey};
use crate::Timestamp;
use hmac::{Hmac, Mac};
use model::EntityId;
use sha2::Sha256;
use std::fmt::Write;
use std::sync::{Arc, PoisonError};

const DAY_MILLIS: i64 = 86_400_000;
const DAYS: i64 = 7;

/// Makes and checks the addresses of an app's files.
#[derive(Debug, Clone)]
pub struct FileUrls {
    origin: String,
    app: EntityId,
    key: FileKey,
}

/// Why an address is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFileUrl {
    /// It was not made here, or was changed since.
    #[error("the address was not signed by this store; query the file's `url` again")]
    Forged,
    /// Its time is over.
    #[error("the address has expired; query the file's `url` again")]
    Expired,
}

impl FileUrls {
    /// The address of what is stored at `location`, for whoever asks at `now`.
    pub fn url(&self, location: &str, now: Timestamp) -> String {
        let day = now.as_millis() - now.as_millis().rem_euclid(DAY_MILLIS);
        let expires = (day + DAYS * DAY_MILLIS) / 1_000;
        let signature = hex::encode(self.sign(location, expires).finalize().into_bytes());
        let mut url = format!("{}/_files/{}/", self.origin, self.app);
        for byte in location.bytes() {
            // A UUID has nothing to escape; a restored backup may name its files otherwise.
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                url.push(byte.into());
            } else {
                let _ = write!(url, "%{byte:02X}");
            }
        }
        let _ = write!(url, "?exp={expires}&sig={signature}");
        url
    }

    /// Whether an address may be served at `now`: its parts, as the listener
    /// reads them; `exp` in seconds since 1970. Takes as long for a good
    /// signature as for a bad one.
    pub fn verify(&self, app: &str, location: &str, exp: i64, sig: &str, now: Timestamp) -> Result<(), BadFileUrl> {
        let signature = hex::decode(sig).map_err(|_| BadFileUrl::Forged)?;
        self.sign(location, exp).verify_slice(&signature).map_err(|_| BadFileUrl::Forged)?;
        if app != self.app.to_string() {
            return Err(BadFileUrl::Forged);
        }
        if now.as_millis() < exp.saturating_mul(1_000) { Ok(()) } else { Err(BadFileUrl::Expired) }
    }

    fn sign(&self, location: &str, expires: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(self.key.expose()).expect("HMAC takes a key of any length");
        mac.update(format!("{}\n{location}\n{expires}", self.app).as_bytes());
        mac
    }
}

impl Embedded {
    /// Tells queries where files are served: `url` of `$files` is made from
    /// here on, below `origin` (`http://127.0.0.1:8888`).
    pub fn serve_files_at(&self, origin: &str) {
        let app = self.app();
        let origin = origin.trim_end_matches('/').to_owned();
        let urls = Arc::new(FileUrls { origin, app: app.id, key: app.file_key.clone() });
        *self.shared.file_urls.write().unwrap_or_else(PoisonError::into_inner) = Some(urls);
    }

    /// Makes and checks the addresses of files; `None` until [`Embedded::serve_files_at`].
    pub fn file_urls(&self) -> Option<Arc<FileUrls>> {
        self.shared.file_urls.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> FileUrls {
        let key = FileKey::for_tests([7; 32]);
        FileUrls { origin: "http://127.0.0.1:8888".to_owned(), app: EntityId::from_bytes([1; 16]), key }
    }

    /// The instant, by RFC 3339.
    fn at(text: &str) -> Timestamp {
        let format = &time::format_description::well_known::Rfc3339;
        Timestamp::from_millis(time::OffsetDateTime::parse(text, format).unwrap().unix_timestamp() * 1_000)
    }

    fn parts(url: &str) -> (String, i64, String) {
        let (path, query) = url.split_once('?').unwrap();
        let (exp, sig) = query.split_once('&').unwrap();
        let location = path.rsplit_once('/').unwrap().1.to_owned();
        (location, exp.trim_start_matches("exp=").parse().unwrap(), sig.trim_start_matches("sig=").to_owned())
    }

    #[test]
    fn an_address_is_the_same_all_day_and_valid_for_seven_days_79() {
        let urls = urls();
        let location = "6b52e15c-2d3d-4b3b-9f49-c7a5e1e4b6f0";
        let evening = urls.url(location, at("2025-03-04T21:30:00Z"));
        assert_eq!(evening, urls.url(location, at("2025-03-04T00:00:00Z")));
        assert_ne!(evening, urls.url(location, at("2025-03-05T00:00:00Z")));
        let (named, exp, sig) = parts(&evening);
        assert_eq!(named, location);
        assert_eq!(exp * 1_000, at("2025-03-11T00:00:00Z").as_millis());
        let app = urls.app.to_string();
        assert_eq!(urls.verify(&app, location, exp, &sig, at("2025-03-10T23:59:59Z")), Ok(()));
        assert_eq!(urls.verify(&app, location, exp, &sig, at("2025-03-11T00:00:00Z")), Err(BadFileUrl::Expired));
    }

    #[test]
    fn an_address_that_was_changed_is_refused() {
        let urls = urls();
        let now = at("2025-03-04T21:30:00Z");
        let (location, exp, sig) = parts(&urls.url("one", now));
        let app = urls.app.to_string();
        let other = EntityId::from_bytes([2; 16]).to_string();
        for (app, location, exp, sig) in [
            (app.as_str(), "two", exp, sig.as_str()),
            (app.as_str(), location.as_str(), exp + 1, sig.as_str()),
            (app.as_str(), location.as_str(), exp, "00"),
            (app.as_str(), location.as_str(), exp, "not hex"),
            (other.as_str(), location.as_str(), exp, sig.as_str()),
        ] {
            assert_eq!(urls.verify(app, location, exp, sig, now), Err(BadFileUrl::Forged));
        }
    }

    #[test]
    fn an_odd_location_is_escaped() {
        assert!(urls().url("a/b c", at("2025-03-04T00:00:00Z")).contains("/a%2Fb%20c?exp="));
    }
}
