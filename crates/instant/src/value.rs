//! The values of attributes.

use crate::ValueType;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use std::time::{SystemTime, UNIX_EPOCH};

/// A point in time in milliseconds since 1970-01-01T00:00Z; how every `date`
/// attribute of ours is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The present, by the system's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This point, shifted by `millis`.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// A Rust type whose values an attribute can hold.
pub trait AttrValue: Serialize + DeserializeOwned {
    /// The attribute's type in the schema.
    const TYPE: ValueType;
}

macro_rules! attr_values {
    ($($rust:ty => $value_type:ident),* $(,)?) => {$(
        impl AttrValue for $rust {
            const TYPE: ValueType = ValueType::$value_type;
        }
    )*};
}

attr_values! {
    String => String,
    bool => Boolean,
    u32 => Number,
    u64 => Number,
    i64 => Number,
    f64 => Number,
    Timestamp => Date,
    serde_json::Value => Json,
    Vec<String> => Json,
}

/// The type of a row's field: a value, or `Option` of one.
pub trait Field {
    /// The type of the attribute behind it.
    type Value: AttrValue;
}

impl<T: AttrValue> Field for T {
    type Value = T;
}

impl<T: AttrValue> Field for Option<T> {
    type Value = T;
}

/// Reads a field; what is null or absent in the store is the type's default.
pub(crate) fn field<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a has-one link: the id alone, or the linked entity when the query asked for it.
pub(crate) fn linked<'de, D: Deserializer<'de>, I: Deserialize<'de>>(deserializer: D) -> Result<Option<I>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Linked<I> {
        Id(I),
        Entity { id: I },
        // A link to an entity that was never created reads as `{}`.
        Dangling {},
    }
    Ok(match Option::deserialize(deserializer)? {
        Some(Linked::Id(id) | Linked::Entity { id }) => Some(id),
        Some(Linked::Dangling {}) | None => None,
    })
}
