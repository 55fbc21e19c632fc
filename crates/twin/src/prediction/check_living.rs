//! The bounds of what a living model adds to a prediction: how it stands, what it learned, its checks and its levers.

use super::{Accepted, Body, Check, Lever};
use crate::refusal::{NOTE, Refusal, TITLE, UNIT, count, number, text, time, word};

/// Most checks that are kept of one prediction: the page of a year, one a day, with room.
const MOST_CHECKS: usize = 1000;
/// Most levers, settings, questions and reasons: what fits on a screen, with room.
const MOST: usize = 64;

pub(super) fn check_living(body: &Body) -> Result<(), Refusal> {
    number("time_lapse", body.time_lapse, |lapse| (1.0..=1e6).contains(&lapse), "between 1 and 1e6")?;
    count("outside", body.outside.len(), MOST)?;
    body.outside.iter().try_for_each(|reason| text("outside", reason, NOTE))?;
    text("path.unit", body.path.as_ref().map_or("", |path| &path.unit), UNIT)?;
    for of in body.parameters.values() {
        text("parameters.title", &of.title, TITLE)?;
        text("parameters.unit", &of.unit, UNIT)?;
        text("parameters.prior_from", of.prior_from.as_deref().unwrap_or_default(), TITLE)?;
        time("parameters.at", of.at)?;
        rises("parameters", [of.p05, of.p50, of.p95])?;
        rises("parameters.prior", [of.prior_p05, of.prior_p50, of.prior_p95])?;
    }
    if let Some(checks) = &body.checks {
        text("checks.quantity", &checks.quantity, TITLE)?;
        text("checks.unit", &checks.unit, UNIT)?;
        number("checks.lead_h", checks.lead_h, |hours| hours > 0.0, "above 0")?;
        count("checks.made", checks.made.len(), MOST_CHECKS)?;
        checks.made.iter().try_for_each(check_made)?;
    }
    count("levers", body.levers.len(), MOST)?;
    body.levers.iter().try_for_each(check_lever)?;
    count("setting", body.setting.len(), MOST)?;
    body.setting.keys().try_for_each(|id| word("setting", id))?;
    if let Some(against) = &body.against {
        word("against.scenario", &against.scenario)?;
        text("against.unit", &against.unit, UNIT)?;
        rises("against", [against.p05, against.p50, against.p95])?;
        number("against.better", against.better, |share| (0.0..=1.0).contains(&share), "between 0 and 1")?;
    }
    count("accepts", body.accepts.len(), MOST)?;
    body.accepts.iter().try_for_each(check_accepted)
}

/// Quantiles, as far as they are there, must not go down.
fn rises(name: &'static str, band: [Option<f64>; 3]) -> Result<(), Refusal> {
    let known: Vec<f64> = band.into_iter().flatten().collect();
    if known.is_sorted() { Ok(()) } else { Err(Refusal::Number(name, "in order: p05, p50, p95")) }
}

fn check_made(made: &Check) -> Result<(), Refusal> {
    time("checks.made_at", made.made_at)?;
    time("checks.due_at", made.due_at)?;
    rises("checks.made", [Some(made.p05), Some(made.p50), Some(made.p95)])
}

fn check_lever(lever: &Lever) -> Result<(), Refusal> {
    word("levers.id", &lever.id)?;
    text("levers.title", &lever.title, TITLE)?;
    text("levers.unit", &lever.unit, UNIT)?;
    let Lever { low, high, step, neutral, .. } = *lever;
    number("levers.high", Some(high), |high| low < high, "above `low`")?;
    number("levers.step", Some(step), |step| step > 0.0, "above 0")?;
    number("levers.neutral", Some(neutral), |neutral| (low..=high).contains(&neutral), "between `low` and `high`")
}

fn check_accepted(of: &Accepted) -> Result<(), Refusal> {
    word("accepts.id", &of.id)?;
    text("accepts.title", &of.title, TITLE)?;
    text("accepts.unit", &of.unit, UNIT)?;
    match (of.low, of.high) {
        (Some(low), high) => number("accepts.high", high.or(Some(low)), |high| low < high, "above `low`"),
        (None, Some(_)) => Err(Refusal::Missing("accepts.low")),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Refusal as PredictionRefusal, parse_body};
    use crate::time::Now;
    use proptest::prelude::*;

    const NOW: Now = Now { wall_ms: 1_764_000_000_000, mono_ms: 0 };

    /// A prediction with these fields.
    fn read(fields: &str) -> Result<Body, PredictionRefusal> {
        parse_body(format!(r#"{{"unit":"h","value":1,{fields}}}"#).as_bytes(), NOW)
    }

    #[test]
    fn null_is_absent_in_every_field() {
        let fields = r#""from_simulation":null,"outside":null,"explained":null,"time_lapse":null,"raw_quantiles":null,
            "checks":null,"levers":null,"setting":null,"against":null,"accepts":null"#;
        let bare = Body { unit: "h".to_owned(), value: Some(1.0), ..Body::default() };
        assert_eq!(read(fields), Ok(bare));
        let inner = r#""checks":{"quantity":null,"unit":null,"lead_h":null,"made":null},
            "against":{"scenario":"baseline","unit":null,"p05":null,"p50":null,"p95":null,"better":null},
            "accepts":[{"id":"replaced","title":null,"unit":null,"low":null,"high":null,"nothing":null}],
            "parameters":{"wear":{"title":null,"unit":null,"p50":null,"prior_p05":null,"prior_from":null,"at":null}},
            "levers":[{"id":"derate","title":null,"unit":null,"low":0,"high":1,"step":1,"neutral":0}]"#;
        assert_eq!(read(inner).map(|body| (body.levers[0].is_switch(), body.accepts[0].number())), Ok((true, None)));
    }

    #[test]
    fn what_is_refused_and_why() {
        #[track_caller]
        fn check(fields: &str, expected: &str) {
            assert_eq!(read(fields).map_err(|refusal| refusal.to_string()), Err(expected.to_owned()), "{fields}");
        }
        let lever = |low: f64, high: f64, step: f64, neutral: f64| {
            format!(r#""levers":[{{"id":"a","low":{low},"high":{high},"step":{step},"neutral":{neutral}}}]"#)
        };
        check(&lever(1.0, 1.0, 1.0, 1.0), "`levers.high` must be above `low`");
        check(&lever(0.0, 1.0, 0.0, 1.0), "`levers.step` must be above 0");
        check(&lever(0.0, 1.0, 1.0, 1.5), "`levers.neutral` must be between `low` and `high`");
        check(r#""levers":[{"low":0,"high":1,"step":1}]"#, "`levers.id` is missing or empty");
        for lapse in ["0.5", "1000001", "-1"] {
            check(&format!(r#""time_lapse":{lapse}"#), "`time_lapse` must be between 1 and 1e6");
        }
        check(r#""against":{"scenario":"baseline","better":1.5}"#, "`against.better` must be between 0 and 1");
        check(r#""against":{"scenario":"b","p05":2,"p95":1}"#, "`against` must be in order: p05, p50, p95");
        check(r#""against":{"p50":2}"#, "`against.scenario` is missing or empty");
        check(r#""accepts":[{"id":"a","low":1,"high":1}]"#, "`accepts.high` must be above `low`");
        check(r#""accepts":[{"id":"a","low":1}]"#, "`accepts.high` must be above `low`");
        check(r#""accepts":[{"id":"a","high":1}]"#, "`accepts.low` is missing or empty");
        check(
            r#""parameters":{"a":{"prior_p05":2,"prior_p50":1}}"#,
            "`parameters.prior` must be in order: p05, p50, p95",
        );
        check(r#""parameters":{"a":{"at":8e15}}"#, "`parameters.at` is not a time");
        check(r#""checks":{"lead_h":0}"#, "`checks.lead_h` must be above 0");
        check(r#""checks":{"made":[{"p05":2,"p50":1,"p95":3}]}"#, "`checks.made` must be in order: p05, p50, p95");
        check(r#""checks":{"made":[{"due_at":8e15}]}"#, "`checks.due_at` is not a time");
        let many = |entry: &str, count: usize| vec![entry; count].join(",");
        check(&format!(r#""outside":[{}]"#, many(r#""cold""#, 65)), "`outside` has more than 64 entries");
        check(&format!(r#""checks":{{"made":[{}]}}"#, many("{}", 1001)), "`checks.made` has more than 1000 entries");
        let of_levers = many(r#"{"id":"a","high":1,"step":1}"#, 65);
        check(&format!(r#""levers":[{of_levers}]"#), "`levers` has more than 64 entries");
        check(&format!(r#""accepts":[{}]"#, many(r#"{"id":"a"}"#, 65)), "`accepts` has more than 64 entries");
        let setting: Vec<String> = (0..65).map(|at| format!(r#""{at}":0"#)).collect();
        check(&format!(r#""setting":{{{}}}"#, setting.join(",")), "`setting` has more than 64 entries");
        let long = "x".repeat(5000);
        check(&format!(r#""outside":["{long}"]"#), "`outside` is longer than 4096 bytes");
        check(&format!(r#""setting":{{"{long}":1}}"#), "`setting` is longer than 128 bytes");
        check(&format!(r#""parameters":{{"a":{{"title":"{long}"}}}}"#), "`parameters.title` is longer than 256 bytes");
        check(&format!(r#""checks":{{"unit":"{long}"}}"#), "`checks.unit` is longer than 64 bytes");
    }

    #[test]
    fn numbers_that_overflow_are_refused() {
        for fields in [
            r#""time_lapse":1e999"#,
            r#""setting":{"derate":1e999}"#,
            r#""levers":[{"id":"a","low":0,"high":1e999,"step":1,"neutral":0}]"#,
            r#""checks":{"made":[{"came":NaN}]}"#,
        ] {
            assert!(matches!(read(fields), Err(PredictionRefusal::Schema(_))), "{fields}");
        }
    }

    proptest! {
        /// Any number in any place is taken or refused, and what is taken keeps its promises.
        #[test]
        fn what_is_taken_is_within_bounds(low: f64, high: f64, step: f64, neutral: f64, lapse: f64, better: f64) {
            let number = |value: f64| serde_json::json!(value);
            let body = serde_json::json!({
                "unit": "h", "value": 1, "time_lapse": number(lapse),
                "levers": [{ "id": "a", "low": number(low), "high": number(high), "step": number(step),
                             "neutral": number(neutral) }],
                "against": { "scenario": "baseline", "better": number(better) },
                "accepts": [{ "id": "a", "low": number(low), "high": number(high) }],
            });
            if let Ok(body) = parse_body(body.to_string().as_bytes(), NOW) {
                let lever = &body.levers[0];
                prop_assert!(lever.low < lever.high && lever.step > 0.0);
                prop_assert!(lever.neutral >= lever.low && lever.neutral <= lever.high);
                prop_assert!(body.time_lapse.is_none_or(|lapse| (1.0..=1e6).contains(&lapse)));
                prop_assert!(body.against.and_then(|against| against.better).is_none_or(|p| (0.0..=1.0).contains(&p)));
                prop_assert!(body.accepts[0].number().is_none_or(|(low, high)| low < high));
            }
        }
    }
}
