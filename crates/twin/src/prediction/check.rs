//! Is a payload a prediction? Everything that reads predictions later may rely on what is checked here.

use std::collections::BTreeMap;

use super::Body;
use super::body::sorted;
use super::check_living::check_living;
use crate::decode::clock::LARGEST_MS;
use crate::refusal::{self, short};
use crate::time::{Now, WallMs};

/// Largest payload, bytes.
const MAX_PAYLOAD: usize = 64 * 1024;
/// Most points of a path, and of the probabilities of failure.
const MAX_POINTS: usize = 10_000;
/// A prediction that says it was made later than this from now is refused: it would hide all true ones until then.
const MAX_AHEAD_MS: i64 = 24 * 3_600_000;

/// Why a payload is no prediction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Larger than 64 KiB.
    #[error("the payload is larger than 64 KiB")]
    TooLarge,
    /// Not JSON of the schema.
    #[error("not a prediction: {0}")]
    Schema(String),
    /// `unit` is missing.
    #[error("`unit` is missing or empty")]
    NoUnit,
    /// Nothing is predicted.
    #[error("one of `quantiles`, `path` and `value` must be there")]
    Nothing,
    /// A quantile's key is no probability.
    #[error("`{0}` in `quantiles` or `raw_quantiles` is not a probability between 0 and 1")]
    Probability(String),
    /// The quantiles cross.
    #[error("`quantiles` go down where the probability goes up")]
    Crossing,
    /// The path's vectors differ in length, or are too long.
    #[error("the vectors of `path` must have one length, 1 to 10000")]
    PathLength,
    /// The times of a path or of `pof` do not go up.
    #[error("`in_h` must go up")]
    Order,
    /// Too many points.
    #[error("`{0}` has more than 10000 entries")]
    TooMany(&'static str),
    /// A probability outside 0 to 1.
    #[error("`{0}` is not between 0 and 1")]
    NotAProbability(&'static str),
    /// A time that cannot be.
    #[error("`{0}` is not a time")]
    Time(&'static str),
    /// Issued in the future.
    #[error("`issued_at` is more than a day in the future")]
    Future,
    /// A field that a living model adds.
    #[error(transparent)]
    Field(#[from] refusal::Refusal),
    /// Its topic names no part of the site.
    #[error("its topic names no part of this site")]
    UnknownPart,
    /// Its topic has an empty or an impossible level.
    #[error("its topic is malformed")]
    Topic,
    /// No room.
    #[error("too many predictions are kept already")]
    Full,
}

/// Reads a payload.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse_body(payload: &[u8], now: Now) -> Result<Body, Refusal> {
    if payload.len() > MAX_PAYLOAD {
        return Err(Refusal::TooLarge);
    }
    let body: Body = serde_json::from_slice(payload).map_err(|error| Refusal::Schema(short(&error.to_string())))?;
    check_times(&body, now)?;
    if body.unit.trim().is_empty() {
        return Err(Refusal::NoUnit);
    }
    if body.quantiles.is_empty() && body.path.is_none() && body.value.is_none() {
        return Err(Refusal::Nothing);
    }
    check_quantiles("quantiles", &body.quantiles)?;
    check_quantiles("raw_quantiles", &body.raw_quantiles)?;
    check_path(&body)?;
    check_probabilities(&body)?;
    check_living(&body)?;
    Ok(body)
}

fn check_times(body: &Body, now: Now) -> Result<(), Refusal> {
    let impossible = |time: Option<WallMs>| time.is_some_and(|ms| !(-LARGEST_MS..=LARGEST_MS).contains(&ms));
    for (name, time) in
        [("issued_at", body.issued_at), ("data_until", body.data_until), ("valid_until", body.valid_until)]
    {
        if impossible(time) {
            return Err(Refusal::Time(name));
        }
    }
    if body.issued_at.is_some_and(|ms| ms.saturating_sub(now.wall_ms) > MAX_AHEAD_MS) {
        return Err(Refusal::Future);
    }
    Ok(())
}

fn check_quantiles(name: &'static str, quantiles: &BTreeMap<String, f64>) -> Result<(), Refusal> {
    if quantiles.len() > MAX_POINTS {
        return Err(Refusal::TooMany(name));
    }
    for key in quantiles.keys() {
        if !key.parse::<f64>().is_ok_and(|probability| (0.0..=1.0).contains(&probability)) {
            return Err(Refusal::Probability(short(key)));
        }
    }
    if !sorted(quantiles).is_sorted_by(|a, b| a.1 <= b.1) {
        return Err(Refusal::Crossing);
    }
    Ok(())
}

fn check_path(body: &Body) -> Result<(), Refusal> {
    let Some(path) = &body.path else { return Ok(()) };
    let length = path.in_h.len();
    let same = [&path.p05, &path.p50, &path.p95].iter().all(|vector| vector.len() == length);
    if !same || !(1..=MAX_POINTS).contains(&length) {
        return Err(Refusal::PathLength);
    }
    if !path.in_h.is_sorted_by(|a, b| a < b) {
        return Err(Refusal::Order);
    }
    let ordered =
        path.p05.iter().zip(&path.p50).zip(&path.p95).all(|((low, middle), high)| low <= middle && middle <= high);
    if ordered { Ok(()) } else { Err(Refusal::Crossing) }
}

fn check_probabilities(body: &Body) -> Result<(), Refusal> {
    let is_probability = |value: f64| (0.0..=1.0).contains(&value);
    if body.pof.len() > MAX_POINTS {
        return Err(Refusal::TooMany("pof"));
    }
    if body.parameters.len() > MAX_POINTS {
        return Err(Refusal::TooMany("parameters"));
    }
    if body.pof.iter().any(|point| !is_probability(point.p)) {
        return Err(Refusal::NotAProbability("pof"));
    }
    if !body.pof.is_sorted_by(|a, b| a.in_h < b.in_h) {
        return Err(Refusal::Order);
    }
    if body.beyond_horizon.is_some_and(|value| !is_probability(value)) {
        return Err(Refusal::NotAProbability("beyond_horizon"));
    }
    if body.coverage.is_some_and(|coverage| !is_probability(coverage.level)) {
        return Err(Refusal::NotAProbability("coverage"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::{
        Accepted, Against, Check, Checks, Coverage, FailureProbability, FuturePath, Lever, Parameter, Threshold,
    };
    use proptest::prelude::*;

    const NOW: Now = Now { wall_ms: 1_764_000_000_000, mono_ms: 0 };

    const EXAMPLE: &str = r#"{ "issued_at": 1764000000000, "data_until": 1763999990000, "valid_until": 1764086400000,
  "version": "1.0", "provenance": "predicted", "from_simulation": false,
  "prior": "generic", "in_range": true, "outside": [], "explained": true,
  "time_lapse": 1,
  "failure_mode": "spalling of the high-speed bearing",
  "threshold": { "quantity": "vibration", "value": 7.1, "unit": "mm/s", "source": "zone boundary C/D" },
  "unit": "h",
  "quantiles": { "0.05": 430, "0.1": 610, "0.5": 1240, "0.9": 2380, "0.95": 2900 },
  "raw_quantiles": { "0.05": 520, "0.5": 1240, "0.95": 2500 },
  "beyond_horizon": 0.02, "horizon": 26280,
  "pof": [ { "in_h": 720, "p": 0.12 }, { "in_h": 2160, "p": 0.71 } ],
  "path": { "quantity": "vibration", "unit": "mm/s", "in_h": [0, 24, 48],
            "p05": [4.1, 4.2, 4.2], "p50": [4.3, 4.5, 4.7], "p95": [4.5, 4.9, 5.3] },
  "parameters": { "bearing_wear": { "title": "bearing wear", "unit": "", "p05": 0.16, "p50": 0.21, "p95": 0.27,
                                     "prior_p05": 0, "prior_p50": 0, "prior_p95": 0.01,
                                     "prior_from": "generic", "at": 1763999990000 } },
  "coverage": { "level": 0.9, "held": 37, "of": 40 },
  "checks": { "quantity": "vibration", "unit": "mm/s", "lead_h": 168,
              "made": [ { "made_at": 1763000000000, "due_at": 1763604800000,
                          "p05": 3.9, "p50": 4.2, "p95": 4.6, "came": 4.3 } ] },
  "levers": [ { "id": "derate", "title": "Power limit", "unit": "%", "low": 50, "high": 100, "step": 5, "neutral": 100 } ],
  "setting": { "derate": 80 },
  "against": { "scenario": "baseline", "unit": "h", "p05": 20, "p50": 410, "p95": 1900, "better": 0.97 },
  "accepts": [ { "id": "crack_length", "title": "Crack found by borescope", "unit": "mm", "low": 0, "high": 60, "nothing": true },
               { "id": "replaced", "title": "Part replaced" } ] }"#;

    #[test]
    fn the_example_of_the_format_is_read_whole() {
        assert!(include_str!("../../../../docs/predictions.md").contains(EXAMPLE), "the format has another example");
        let body = parse_body(EXAMPLE.as_bytes(), NOW).unwrap();
        let levels = [0.05, 0.1, 0.5, 0.9, 0.95];
        assert_eq!(
            body.sorted_quantiles(),
            levels.into_iter().zip([430.0, 610.0, 1240.0, 2380.0, 2900.0]).collect::<Vec<_>>()
        );
        assert_eq!(body.sorted_raw_quantiles(), [(0.05, 520.0), (0.5, 1240.0), (0.95, 2500.0)]);
        let parameter = Parameter {
            title: "bearing wear".to_owned(),
            unit: String::new(),
            p05: Some(0.16),
            p50: Some(0.21),
            p95: Some(0.27),
            prior_p05: Some(0.0),
            prior_p50: Some(0.0),
            prior_p95: Some(0.01),
            prior_from: Some("generic".to_owned()),
            at: Some(1_763_999_990_000),
        };
        let check = Check {
            made_at: Some(1_763_000_000_000),
            due_at: Some(1_763_604_800_000),
            p05: 3.9,
            p50: 4.2,
            p95: 4.6,
            came: Some(4.3),
        };
        let text = str::to_owned;
        let expected = Body {
            issued_at: Some(1_764_000_000_000),
            data_until: Some(1_763_999_990_000),
            valid_until: Some(1_764_086_400_000),
            version: Some(text("1.0")),
            provenance: Some(text("predicted")),
            from_simulation: Some(false),
            prior: Some(text("generic")),
            in_range: Some(true),
            outside: Vec::new(),
            explained: Some(true),
            time_lapse: Some(1.0),
            failure_mode: Some(text("spalling of the high-speed bearing")),
            threshold: Some(Threshold {
                quantity: text("vibration"),
                value: 7.1,
                unit: text("mm/s"),
                source: text("zone boundary C/D"),
            }),
            unit: text("h"),
            quantiles: body.quantiles.clone(),
            raw_quantiles: body.raw_quantiles.clone(),
            value: None,
            beyond_horizon: Some(0.02),
            horizon: Some(26_280.0),
            pof: vec![FailureProbability { in_h: 720.0, p: 0.12 }, FailureProbability { in_h: 2160.0, p: 0.71 }],
            path: Some(FuturePath {
                quantity: text("vibration"),
                unit: text("mm/s"),
                in_h: vec![0.0, 24.0, 48.0],
                p05: vec![4.1, 4.2, 4.2],
                p50: vec![4.3, 4.5, 4.7],
                p95: vec![4.5, 4.9, 5.3],
            }),
            parameters: BTreeMap::from([(text("bearing_wear"), parameter)]),
            coverage: Some(Coverage { level: 0.9, held: 37, of: 40 }),
            checks: Some(Checks {
                quantity: text("vibration"),
                unit: text("mm/s"),
                lead_h: Some(168.0),
                made: vec![check],
            }),
            levers: vec![Lever {
                id: text("derate"),
                title: text("Power limit"),
                unit: text("%"),
                low: 50.0,
                high: 100.0,
                step: 5.0,
                neutral: 100.0,
            }],
            setting: BTreeMap::from([(text("derate"), 80.0)]),
            against: Some(Against {
                scenario: text("baseline"),
                unit: text("h"),
                p05: Some(20.0),
                p50: Some(410.0),
                p95: Some(1900.0),
                better: Some(0.97),
            }),
            accepts: vec![
                Accepted {
                    id: text("crack_length"),
                    title: text("Crack found by borescope"),
                    unit: text("mm"),
                    low: Some(0.0),
                    high: Some(60.0),
                    nothing: true,
                },
                Accepted { id: text("replaced"), title: text("Part replaced"), ..Accepted::default() },
            ],
        };
        assert_eq!(body, expected);
    }

    #[test]
    fn a_bare_number_is_a_prediction_and_unknown_fields_are_ignored() {
        let body = parse_body(br#"{"unit":"h","value":12,"colour":"blue"}"#, NOW).unwrap();
        assert_eq!(body.median(), Some(12.0));
    }

    #[test]
    fn null_is_absent_and_a_time_may_have_a_fraction() {
        let body = parse_body(
            br#"{"unit":"h","value":12,"quantiles":null,"pof":null,"parameters":null,"path":null,"valid_until":null,
                 "coverage":null,"version":null,"issued_at":1763999999999.6}"#,
            NOW,
        );
        let expected =
            Body { unit: "h".to_owned(), value: Some(12.0), issued_at: Some(1_764_000_000_000), ..Body::default() };
        assert_eq!(body, Ok(expected));
        assert_eq!(parse_body(br#"{"unit":null,"value":12}"#, NOW), Err(Refusal::NoUnit));
        for time in ["1e300", "18446744073709551615", "\"today\"", "[]"] {
            let payload = format!(r#"{{"unit":"h","value":1,"issued_at":{time}}}"#);
            assert!(matches!(parse_body(payload.as_bytes(), NOW), Err(Refusal::Schema(_))), "{time}");
        }
    }

    #[test]
    fn what_is_refused_and_why() {
        #[track_caller]
        fn check(payload: &str, expected: Refusal) {
            assert_eq!(parse_body(payload.as_bytes(), NOW), Err(expected), "{payload}");
        }
        check(r#"{"value":1}"#, Refusal::NoUnit);
        check(r#"{"unit":" ","value":1}"#, Refusal::NoUnit);
        check(r#"{"unit":"h"}"#, Refusal::Nothing);
        check(r#"{"unit":"h","quantiles":{"half":1}}"#, Refusal::Probability("half".to_owned()));
        check(r#"{"unit":"h","quantiles":{"1.5":1}}"#, Refusal::Probability("1.5".to_owned()));
        check(r#"{"unit":"h","quantiles":{"NaN":1}}"#, Refusal::Probability("NaN".to_owned()));
        check(r#"{"unit":"h","quantiles":{"0.5":1,"0.9":0.5}}"#, Refusal::Crossing);
        check(r#"{"unit":"h","quantiles":{"0.5":1,"5e-1":2,"0.9":1.5}}"#, Refusal::Crossing);
        check(r#"{"unit":"h","path":{"in_h":[],"p05":[],"p50":[],"p95":[]}}"#, Refusal::PathLength);
        check(r#"{"unit":"h","path":{"in_h":[0,1],"p05":[0],"p50":[0,1],"p95":[0,1]}}"#, Refusal::PathLength);
        check(r#"{"unit":"h","path":{"in_h":[1,0],"p05":[0,1],"p50":[0,1],"p95":[0,1]}}"#, Refusal::Order);
        check(r#"{"unit":"h","path":{"in_h":[0],"p05":[2],"p50":[1],"p95":[3]}}"#, Refusal::Crossing);
        check(r#"{"unit":"h","value":1,"pof":[{"in_h":1,"p":1.5}]}"#, Refusal::NotAProbability("pof"));
        check(r#"{"unit":"h","value":1,"pof":[{"in_h":2,"p":0.1},{"in_h":1,"p":0.2}]}"#, Refusal::Order);
        check(r#"{"unit":"h","value":1,"raw_quantiles":{"0.5":2,"0.9":1}}"#, Refusal::Crossing);
        check(r#"{"unit":"h","value":1,"beyond_horizon":-1}"#, Refusal::NotAProbability("beyond_horizon"));
        check(r#"{"unit":"h","value":1,"issued_at":9223372036854775807}"#, Refusal::Time("issued_at"));
        check(r#"{"unit":"h","value":1,"issued_at":1764086400001}"#, Refusal::Future);
        check(&format!("{}{}", EXAMPLE, " ".repeat(64 * 1024)), Refusal::TooLarge);
        for payload in
            ["", "{", "7", "null", r#"{"unit":"h","value":NaN}"#, r#"{"unit":"h","value":1e400}"#, r#"{"unit":1}"#]
        {
            assert!(matches!(parse_body(payload.as_bytes(), NOW), Err(Refusal::Schema(_))), "{payload}");
        }
        let deep = format!(r#"{{"unit":"h","value":1,"x":{}}}"#, "[".repeat(60_000));
        assert!(matches!(parse_body(deep.as_bytes(), NOW), Err(Refusal::Schema(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_body(&payload, NOW);
        }
    }
}
