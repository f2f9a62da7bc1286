//! Sealing: secrets that the store keeps, encrypted under a key that it does not.
//!
//! A copied store opens nothing without the key, which comes from the
//! configuration or lies beside the store in a file of its owner alone.

use crate::data::DataFolder;
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use net::Secret;
use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Mutex, OnceLock, PoisonError},
};

/// The form of a sealed text. Another algorithm would have another number.
const VERSION: &str = "v1.";
/// Bytes of an XChaCha20-Poly1305 nonce: enough to be drawn at random.
const NONCE: usize = 24;

/// The 32 bytes under which secrets are sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey([u8; 32]);

/// A text that is no sealing key. It is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 bytes in base64 or hexadecimal, such as `openssl rand -base64 32` prints")]
pub struct InvalidSealingKey;

impl FromStr for SealingKey {
    type Err = InvalidSealingKey;

    fn from_str(text: &str) -> Result<Self, InvalidSealingKey> {
        let text = text.trim();
        let bytes = hex::decode(text)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .or_else(|| BASE64_STANDARD.decode(text).ok())
            .or_else(|| BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok());
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(InvalidSealingKey)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(hidden)")
    }
}

/// What a secret is for and to which row it belongs: a sealed text that is
/// moved to another row, or put to another use, does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The use, such as `hookSecret`.
    pub purpose: &'static str,
    /// The row.
    pub row: &'a str,
}

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It was sealed under another key, or changed since.
    #[error("it was sealed under another key than the registry has now, or was changed since")]
    Unopenable,
    /// The key's file cannot be used.
    #[error("the sealing key {} cannot be used: {source}; put the file back, or set seal-key", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SealingKey {
    fn random() -> Self {
        Self(random_bytes())
    }

    /// Seals a secret: `v1.` and base64url of nonce, ciphertext and tag.
    pub fn seal(&self, place: Place<'_>, secret: &str) -> String {
        let nonce: [u8; NONCE] = random_bytes();
        let aad = associated(place);
        let payload = Payload { msg: secret.as_bytes(), aad: aad.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).expect("a short text can be encrypted");
        format!("{VERSION}{}", BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`SealError::Unopenable`], and nothing of what it holds.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret, SealError> {
        let bytes = sealed.strip_prefix(VERSION).and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
        let bytes = bytes.ok_or(SealError::Unopenable)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE>().ok_or(SealError::Unopenable)?;
        let aad = associated(place);
        let opened = self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: aad.as_bytes() });
        let text = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(SealError::Unopenable)?;
        Ok(Secret::new(text))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

/// Neither purposes nor ids contain a colon, so two places never read the same.
fn associated(place: Place<'_>) -> String {
    format!("{}:{}", place.purpose, place.row)
}

/// Random bytes of the operating system's strength.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::Rng::fill_bytes(&mut rand::rng(), &mut bytes);
    bytes
}

/// Finds the sealing key when it is needed for the first time.
#[derive(Debug, Default)]
pub struct Sealer {
    configured: Option<SealingKey>,
    found: OnceLock<SealingKey>,
    /// Held while the key is looked for: of two that make one at once, only one's
    /// would stay on disk.
    finding: Mutex<()>,
}

impl Sealer {
    /// One that uses this key; without one, that of the data folder.
    pub fn new(configured: Option<SealingKey>) -> Self {
        Self { configured, found: OnceLock::new(), finding: Mutex::default() }
    }

    /// The key. Without a configured one it is read from the data folder, which
    /// gets one if it has none. Blocks, briefly, the first time.
    pub fn key(&self, data: &DataFolder) -> Result<&SealingKey, SealError> {
        if let Some(key) = self.configured.as_ref().or_else(|| self.found.get()) {
            return Ok(key);
        }
        let _one_at_a_time = self.finding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.found.get() {
            return Ok(key);
        }
        let path = data.sealing_key();
        let key = read_or_make(&path).map_err(|source| SealError::KeyFile { path, source })?;
        Ok(self.found.get_or_init(|| key))
    }
}

fn read_or_make(path: &Path) -> io::Result<SealingKey> {
    match fs::read_to_string(path) {
        Ok(text) => text.parse().map_err(|error: InvalidSealingKey| io::Error::other(format!("its content {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = SealingKey::random();
            write_key(path, &key)?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

/// Writes the key's file whole or not at all.
fn write_key(path: &Path, key: &SealingKey) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    writeln!(file, "{}", BASE64_STANDARD.encode(key.0))?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'_> = Place { purpose: "hookSecret", row: "a" };

    #[test]
    fn what_was_sealed_opens_in_its_place_alone() {
        let key = SealingKey::random();
        let sealed = key.seal(HERE, "canary");
        assert_eq!(key.open(HERE, &sealed).unwrap().expose(), "canary");
        assert_ne!(sealed, key.seal(HERE, "canary"), "a nonce is used once");
        let elsewhere = [Place { row: "b", ..HERE }, Place { purpose: "credential", ..HERE }];
        for place in elsewhere {
            assert!(key.open(place, &sealed).is_err(), "{place:?}");
        }
        assert!(SealingKey::random().open(HERE, &sealed).is_err());
    }

    #[test]
    fn a_sealed_text_that_was_changed_does_not_open() {
        let key = SealingKey::random();
        let sealed = key.seal(HERE, "canary");
        for at in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert!(key.open(HERE, std::str::from_utf8(&other).unwrap()).is_err(), "{at}");
            assert!(key.open(HERE, &sealed[..at]).is_err(), "{at}");
        }
        for text in ["", "v1.", "v2.AAAA", "canary"] {
            assert!(key.open(HERE, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_read_as_base64_or_hexadecimal_and_never_shown() {
        let key: SealingKey = BASE64_STANDARD.encode([0xfb; 32]).parse().unwrap();
        assert_eq!(hex::encode([0xfb; 32]).parse::<SealingKey>().unwrap(), key);
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode([0xfb; 32]).parse::<SealingKey>().unwrap(), key);
        assert_eq!(format!("{key:?}"), "SealingKey(hidden)");
        for text in ["", "canary", &hex::encode([1; 31]), &BASE64_STANDARD.encode([1; 33])] {
            let error = text.parse::<SealingKey>().unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }

    #[test]
    fn many_who_need_the_first_key_at_once_get_the_one_that_stays_on_disk() {
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            let (data, sealer) = (DataFolder::at(folder.path()).unwrap(), Sealer::default());
            let begin = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        begin.wait();
                        sealer.key(&data).unwrap();
                    });
                }
            });
            let text = sealer.key(&data).unwrap().seal(HERE, "canary");
            let after_a_restart = Sealer::default();
            assert_eq!(after_a_restart.key(&data).unwrap().open(HERE, &text).unwrap().expose(), "canary");
        }
    }

    #[test]
    fn the_data_folder_gets_one_key_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path()).unwrap();
        let sealed = Sealer::default().key(&data).unwrap().seal(HERE, "canary");
        assert_eq!(Sealer::default().key(&data).unwrap().open(HERE, &sealed).unwrap().expose(), "canary");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(data.sealing_key()).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // A configured one goes before it.
        let other = Sealer::new(Some(SealingKey::random()));
        assert!(other.key(&data).unwrap().open(HERE, &sealed).is_err());
        fs::write(data.sealing_key(), "nonsense").unwrap();
        let error = Sealer::default().key(&data).unwrap_err().to_string();
        assert!(error.contains("seal.key") && error.contains("seal-key") && !error.contains("nonsense"), "{error}");
    }
}
