//! What producers in other languages write although the schema does not: `null` for what is absent, times as floats.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::time::WallMs;

/// A value, or its default for `null`.
pub(crate) fn null_is_absent<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Milliseconds since the epoch, rounded; `None` for `null`.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<WallMs>, D::Error> {
    deserializer.deserialize_any(Time)
}

struct Time;

impl Visitor<'_> for Time {
    type Value = Option<WallMs>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("milliseconds since the epoch")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, ms: i64) -> Result<Self::Value, E> {
        Ok(Some(ms))
    }

    fn visit_u64<E: Error>(self, ms: u64) -> Result<Self::Value, E> {
        i64::try_from(ms).map(Some).map_err(|_| E::custom("a time beyond all clocks"))
    }

    fn visit_f64<E: Error>(self, ms: f64) -> Result<Self::Value, E> {
        // Within this bound every rounded float is a whole number that fits.
        if ms.abs() < 9e15 { Ok(Some(ms.round() as i64)) } else { Err(E::custom("a time beyond all clocks")) }
    }
}
