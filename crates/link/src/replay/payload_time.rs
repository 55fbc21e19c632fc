//! Where payloads tell their times, and how such a time is moved.
//!
//! The site knows the places of its signals ([`TimePlaces::of_source`]); a recording carries them along, so that it can be
//! replayed without its site.

use std::collections::BTreeMap;
use std::str::FromStr;

use bytes::Bytes;
use serde_json::Value;
use twinscope_twin::decode::is_valid_pointer;
use twinscope_twin::record::{self, RecordKind};
use twinscope_twin::routing::{Frontier, Router};
use twinscope_twin::site::{SignalInput, Site, SourceRow, TimeInput, TimeUnit};
use twinscope_twin::{advice, prediction};

use super::time_text::{rfc3339_ms, rfc3339_text};

/// Largest JSON whose time is moved, bytes; what is larger goes out as it is.
const MAX_REWRITE: usize = 1 << 20;

/// Units by the names that site files give them.
const UNITS: [(&str, TimeUnit); 5] = [
    ("ms", TimeUnit::Milliseconds),
    ("s", TimeUnit::Seconds),
    ("us", TimeUnit::Microseconds),
    ("ns", TimeUnit::Nanoseconds),
    ("rfc3339", TimeUnit::Rfc3339),
];

pub(crate) fn unit_name(unit: TimeUnit) -> &'static str {
    UNITS.iter().find(|(_, known)| *known == unit).map_or("ms", |(name, _)| name)
}

pub(crate) fn unit_named(name: &str) -> Option<TimeUnit> {
    UNITS.iter().find(|(known, _)| *known == name).map(|(_, unit)| *unit)
}

/// Where payloads tell their times, by topic. The default knows no place.
#[derive(Clone, Debug, Default)]
pub struct TimePlaces {
    /// For all topics.
    everywhere: Option<TimeInput>,
    router: Router,
    /// By the ids of the router.
    places: Vec<Vec<TimeInput>>,
}

impl TimePlaces {
    /// As the signals of this source say, and the formats of predictions, records and advice.
    #[must_use]
    pub fn of_source(site: &Site, source: SourceRow) -> Self {
        let mut by_filter: BTreeMap<String, Vec<TimeInput>> = BTreeMap::new();
        for signal in &site.signals {
            let asset = site.parts.get(signal.part.index()).and_then(|part| site.assets.get(part.asset.index()));
            let SignalInput::Topic(input) = &signal.input else { continue };
            let Some(time) = input.time.as_ref().filter(|_| asset.is_some_and(|asset| asset.source == source)) else {
                continue;
            };
            let places = by_filter.entry(input.filter.clone()).or_default();
            add(places, time);
        }
        let in_ms = |paths: &[&str]| -> Vec<TimeInput> {
            let in_ms = |path: &&str| TimeInput { path: (*path).to_owned(), unit: TimeUnit::Milliseconds };
            paths.iter().map(in_ms).collect()
        };
        let of_predictions = in_ms(&["/issued_at", "/data_until", "/valid_until"]);
        by_filter.insert(prediction::filter(&site.id), of_predictions);
        by_filter.insert(advice::filter(&site.id), in_ms(&["/issued_at", "/valid_until"]));
        for kind in RecordKind::ALL {
            by_filter.insert(record::filter(&site.id, kind), in_ms(&["/at", "/due_at"]));
        }
        let mut router = Router::default();
        let places = by_filter
            .into_iter()
            .map(|(filter, places)| {
                router.add(&filter);
                places
            })
            .collect();
        Self { everywhere: None, router, places }
    }

    /// The places in payloads of this topic.
    #[must_use]
    pub fn of_topic(&self, topic: &str) -> Vec<TimeInput> {
        let mut all: Vec<TimeInput> = self.everywhere.iter().cloned().collect();
        let mut found = Vec::new();
        self.router.matches(topic.as_bytes(), &mut Frontier::default(), &mut found);
        for place in found.iter().filter_map(|id| self.places.get(*id as usize)).flatten() {
            add(&mut all, place);
        }
        all
    }
}

/// A place that is there twice would be moved twice.
fn add(places: &mut Vec<TimeInput>, place: &TimeInput) {
    if !places.iter().any(|known| known.path == place.path) {
        places.push(place.clone());
    }
}

/// Not the place of a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not the place of a time in JSON; write a JSON Pointer, and its unit unless that is ms, such as /t or \
     /t:s (units: ms, s, us, ns, rfc3339)"
)]
pub struct TimePlaceError(String);

impl FromStr for TimePlaces {
    type Err = TimePlaceError;

    /// One place for all topics: `/t` (ms), or with its unit `/t:s`.
    fn from_str(text: &str) -> Result<Self, TimePlaceError> {
        // A pointer may hold colons of its own.
        let (path, unit) = text
            .rsplit_once(':')
            .and_then(|(path, unit)| Some((path, unit_named(unit)?)))
            .unwrap_or((text, TimeUnit::Milliseconds));
        if !is_valid_pointer(path) {
            return Err(TimePlaceError(text.chars().take(80).collect()));
        }
        Ok(Self { everywhere: Some(TimeInput { path: path.to_owned(), unit }), ..Self::default() })
    }
}

/// The payload with the times at these places moved. `None`: there is none; the payload stays as it is.
pub(super) fn moved(bytes: &Bytes, places: &[TimeInput], shift_ms: i64) -> Option<Bytes> {
    if places.is_empty() || shift_ms == 0 || bytes.len() > MAX_REWRITE {
        return None;
    }
    let mut json: Value = serde_json::from_slice(bytes).ok()?;
    let mut any = false;
    for place in places {
        if let Some(time) = json.pointer_mut(&place.path)
            && let Some(later) = later(time, place.unit, shift_ms)
        {
            *time = later;
            any = true;
        }
    }
    any.then(|| serde_json::to_vec(&json).ok().map(Bytes::from)).flatten()
}

fn later(time: &Value, unit: TimeUnit, shift_ms: i64) -> Option<Value> {
    let (numerator, denominator) = match unit {
        TimeUnit::Seconds => (1, 1_000),
        TimeUnit::Milliseconds => (1, 1),
        TimeUnit::Microseconds => (1_000, 1),
        TimeUnit::Nanoseconds => (1_000_000, 1),
        TimeUnit::Rfc3339 => return rfc3339_text(rfc3339_ms(time.as_str()?)?.checked_add(shift_ms)?).map(Value::from),
    };
    match (time.as_i64(), time.as_f64()) {
        (Some(whole), _) => {
            // Rounded down: whole seconds must not come to lie in the future.
            let shift = shift_ms.checked_mul(numerator)?.div_euclid(denominator);
            whole.checked_add(shift).map(Value::from)
        }
        #[expect(clippy::cast_precision_loss, reason = "a shift of 285,000 years fits a double")]
        (None, Some(fraction)) => Some((fraction + shift_ms as f64 * numerator as f64 / denominator as f64).into()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, unit: TimeUnit) -> TimeInput {
        TimeInput { path: path.to_owned(), unit }
    }

    #[track_caller]
    fn check(path: &str, unit: TimeUnit, payload: &str, expected: &str) {
        let bytes = Bytes::from(payload.to_owned());
        let places = [place(path, unit)];
        assert_eq!(moved(&bytes, &places, 5_000).unwrap_or_else(|| bytes.clone()), expected, "{payload}");
        assert_eq!(moved(&bytes, &places, 0), None, "without a shift nothing is touched");
    }

    #[test]
    fn known_times_are_moved_and_everything_else_stays() {
        use TimeUnit::{Microseconds, Milliseconds, Nanoseconds, Rfc3339, Seconds};
        check("/t", Milliseconds, r#"{"t":1000,"v":1.5}"#, r#"{"t":6000,"v":1.5}"#);
        check("/t", Seconds, r#"{"t":1}"#, r#"{"t":6}"#);
        check("/t", Seconds, r#"{"t":1.5}"#, r#"{"t":6.5}"#);
        check("/t", Microseconds, r#"{"t":1}"#, r#"{"t":5000001}"#);
        check("/t", Nanoseconds, r#"{"t":1}"#, r#"{"t":5000000001}"#);
        check("/t", Rfc3339, r#"{"t":"2014-01-01T00:59:58+01:00"}"#, r#"{"t":"2014-01-01T00:00:03.000Z"}"#);
        check("/a/0", Milliseconds, r#"{"a":[1]}"#, r#"{"a":[5001]}"#);
        check("", Milliseconds, "1000", "6000");
        for unchanged in ["", "23.4", "{", r#"{"t":"noon"}"#, r#"{"u":1}"#, r#"{"t":9223372036854775807}"#] {
            check("/t", Milliseconds, unchanged, unchanged);
            check("/t", Rfc3339, unchanged, unchanged);
        }
    }

    #[test]
    fn several_times_in_one_payload_are_all_moved() {
        let payload = Bytes::from_static(br#"{"a":1,"b":{"t":1}}"#);
        let places =
            [place("/a", TimeUnit::Milliseconds), place("/b/t", TimeUnit::Seconds), place("/c", TimeUnit::Seconds)];
        assert_eq!(moved(&payload, &places, 1_000).expect("moved"), r#"{"a":1001,"b":{"t":2}}"#);
    }

    #[test]
    fn whole_seconds_are_never_moved_into_the_future() {
        for (shift_ms, expected) in [(1_999, "11"), (-1, "9")] {
            let time = later(&Value::from(10), TimeUnit::Seconds, shift_ms).expect("a time");
            assert_eq!(time.to_string(), expected, "{shift_ms}");
        }
    }

    #[test]
    fn a_place_on_the_command_line_has_a_unit_or_milliseconds() {
        for (text, path, unit) in [
            ("/t", "/t", TimeUnit::Milliseconds),
            ("/t:s", "/t", TimeUnit::Seconds),
            ("/a/time:rfc3339", "/a/time", TimeUnit::Rfc3339),
            ("/sys:time", "/sys:time", TimeUnit::Milliseconds),
            ("/sys:time:ns", "/sys:time", TimeUnit::Nanoseconds),
            (":us", "", TimeUnit::Microseconds),
        ] {
            let places: TimePlaces = text.parse().expect(text);
            assert_eq!(places.of_topic("$aws/any"), [place(path, unit)], "{text}");
        }
        for text in ["t", "t:s", "/~2"] {
            assert!(text.parse::<TimePlaces>().is_err(), "{text}");
        }
    }
}
