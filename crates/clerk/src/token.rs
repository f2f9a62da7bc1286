//! A JWT, taken apart. Nothing in it is true before its signature was checked.

use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Value};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Most bytes of a token that is looked at. Clerk's have about 1000, a browser's
/// cookie at most 4096, a handshake's payload in an address a few times that.
const LONGEST: usize = 64 << 10;

/// A token that is not verified yet.
#[derive(Clone)]
pub(crate) struct Token<'a> {
    /// What it says of itself: `alg`, `kid`, `typ`, `cat`.
    pub(crate) header: Object,
    /// What it claims.
    pub(crate) claims: Object,
    /// The text that is signed.
    pub(crate) signed: &'a str,
    /// The signature in base64url.
    pub(crate) signature: &'a str,
}

/// A text that is no JWT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(crate) fn decode(text: &'a str) -> Result<Self, Malformed> {
        if text.len() > LONGEST {
            return Err(Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Malformed)?;
        if claims.contains('.') || BASE64.decode(signature).is_err() {
            return Err(Malformed);
        }
        Ok(Self { header: Object::decode(header)?, claims: Object::decode(claims)?, signed, signature })
    }

    /// What kind of token it says it is.
    pub(crate) fn category(&self) -> Category {
        let typ = self.header.text("typ");
        let machine = matches!(typ, Some("at+jwt" | "application/at+jwt"))
            || self.claims.text("sub").is_some_and(|sub| sub.starts_with("mch_"));
        match self.header.0.get("cat").map(|cat| cat.as_str()) {
            _ if machine => Category::Other,
            // Of sessions and handshakes; of tokens to ignore the category of; of old ones.
            None | Some(Some("cl_B7d4PD111AAA" | "cl_I7d4PD111III")) => Category::Session,
            Some(_) => Category::Other,
        }
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    /// A session's, or a handshake's.
    Session,
    /// Of a template, a machine, OAuth: the same key signs them, other people write them.
    Other,
}

/// A JSON object whose members are looked at one by one, so that one of a
/// strange type spoils no other.
#[derive(Clone, Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    fn decode(text: &str) -> Result<Self, Malformed> {
        let bytes = BASE64.decode(text).map_err(|_| Malformed)?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(Malformed),
        }
    }

    /// A member, whatever it is.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A member that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A member that is a number, whole or not.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }
}

#[cfg(test)]
impl From<Value> for Object {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            other => panic!("{other} is no object"),
        }
    }
}
