//! Is a payload an advice? Everything that reads advice later may rely on what is checked here.

use super::{Action, Advice, Economic};
pub use crate::refusal::Refusal;
use crate::refusal::{NOTE, TITLE, UNIT, count, number, past, read, text, time, word};
use crate::time::Now;

/// Largest payload, KiB.
const MOST_KIB: usize = 64;
/// Most actions, and most figures of the operator.
const MOST: usize = 64;
/// Most parts of a cost, and most levers of an action.
const MOST_PARTS: usize = 32;

/// Reads a payload.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse_body(payload: &[u8], now: Now) -> Result<Advice, Refusal> {
    let advice: Advice = read(payload, MOST_KIB)?;
    past("issued_at", advice.issued_at, now)?;
    time("valid_until", advice.valid_until)?;
    text("currency", &advice.currency, UNIT)?;
    number("horizon_h", advice.horizon_h, |hours| hours > 0.0, "above 0")?;
    number("time_lapse", advice.time_lapse, |lapse| (1.0..=1e6).contains(&lapse), "between 1 and 1e6")?;
    number("waiting.in_h", advice.waiting.map(|waiting| waiting.in_h), |hours| hours >= 0.0, "0 or more")?;
    count("economics", advice.economics.len(), MOST)?;
    count("actions", advice.actions.len(), MOST)?;
    advice.economics.iter().try_for_each(check_economic)?;
    advice.actions.iter().try_for_each(check_action)?;
    Ok(advice)
}

fn check_economic(of: &Economic) -> Result<(), Refusal> {
    word("economics.id", &of.id)?;
    text("economics.title", &of.title, TITLE)?;
    text("economics.unit", &of.unit, UNIT)?;
    text("economics.source", &of.source, TITLE)?;
    let low = of.low;
    number("economics.high", of.high, |high| low.is_none_or(|low| low < high), "above `low`")
}

fn check_action(action: &Action) -> Result<(), Refusal> {
    word("actions.id", &action.id)?;
    text("actions.title", &action.title, TITLE)?;
    text("actions.why", &action.why, NOTE)?;
    text("actions.would_change", &action.would_change, NOTE)?;
    number("actions.due_in_h", action.due_in_h, |hours| hours >= 0.0, "0 or more")?;
    if action.window_h.is_some_and(|[from, to]| from > to) {
        return Err(Refusal::Number("actions.window_h", "in order"));
    }
    let rises = |cost: &super::Cost| {
        let known: Vec<f64> = [cost.p05, cost.p50, cost.p95].into_iter().flatten().collect();
        known.is_sorted()
    };
    if !action.cost.as_ref().is_none_or(rises) {
        return Err(Refusal::Number("actions.cost", "in order: p05, p50, p95"));
    }
    number("actions.failure_before", action.failure_before, |p| (0.0..=1.0).contains(&p), "between 0 and 1")?;
    count("actions.parts", action.parts.len(), MOST_PARTS)?;
    action.parts.iter().try_for_each(|part| text("actions.parts.title", &part.title, TITLE))?;
    count("actions.setting", action.setting.len(), MOST_PARTS)?;
    action.setting.keys().try_for_each(|id| word("actions.setting", id))
}

#[cfg(test)]
mod tests {
    use super::super::{Cost, CostPart, Waiting, parse_topic};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const NOW: Now = Now { wall_ms: 1_764_000_001_000, mono_ms: 7 };
    const EXAMPLE: &str = r#"{ "issued_at": 1764000000000, "valid_until": 1764086400000, "currency": "EUR", "horizon_h": 8760, "time_lapse": 1, "from_simulation": false,
  "economics": [ { "id": "energy_price", "title": "Energy price", "unit": "EUR/MWh", "value": 70, "low": 0, "high": 500, "source": "site file" } ],
  "waiting": { "in_h": 168, "mean": 1200 },
  "actions": [ { "id": "replace", "title": "Replace the high-speed bearing", "due_in_h": 336, "window_h": [312, 384],
                 "cost": { "mean": 41000, "p05": 36000, "p50": 38000, "p95": 92000 },
                 "parts": [ { "title": "work and parts", "mean": 22000 }, { "title": "failure before that", "mean": 13000 },
                            { "title": "energy not produced", "mean": 6000 } ],
                 "failure_before": 0.04, "saves": 57000, "setting": {},
                 "why": "…", "would_change": "…" } ] }"#;

    #[test]
    fn the_example_of_the_format_is_read_whole() {
        assert!(include_str!("../../../../docs/predictions.md").contains(EXAMPLE), "the format has another example");
        let text = str::to_owned;
        let part = |title: &str, mean: f64| CostPart { title: text(title), mean };
        let expected = Advice {
            issued_at: Some(1_764_000_000_000),
            valid_until: Some(1_764_086_400_000),
            currency: text("EUR"),
            horizon_h: Some(8760.0),
            time_lapse: Some(1.0),
            from_simulation: Some(false),
            economics: vec![Economic {
                id: text("energy_price"),
                title: text("Energy price"),
                unit: text("EUR/MWh"),
                value: 70.0,
                low: Some(0.0),
                high: Some(500.0),
                source: text("site file"),
            }],
            waiting: Some(Waiting { in_h: 168.0, mean: 1200.0 }),
            actions: vec![Action {
                id: text("replace"),
                title: text("Replace the high-speed bearing"),
                due_in_h: Some(336.0),
                window_h: Some([312.0, 384.0]),
                cost: Some(Cost { mean: 41_000.0, p05: Some(36_000.0), p50: Some(38_000.0), p95: Some(92_000.0) }),
                parts: vec![
                    part("work and parts", 22_000.0),
                    part("failure before that", 13_000.0),
                    part("energy not produced", 6_000.0),
                ],
                failure_before: Some(0.04),
                saves: Some(57_000.0),
                setting: BTreeMap::new(),
                why: text("…"),
                would_change: text("…"),
            }],
        };
        assert_eq!(parse_body(EXAMPLE.as_bytes(), NOW), Ok(expected));
    }

    #[test]
    fn null_is_absent_and_nothing_is_required() {
        assert_eq!(parse_body(b"{}", NOW), Ok(Advice::default()));
        let nulls = r#"{"issued_at":null,"valid_until":null,"currency":null,"horizon_h":null,"time_lapse":null,
            "from_simulation":null,"economics":null,"waiting":null,"actions":null}"#;
        assert_eq!(parse_body(nulls.as_bytes(), NOW), Ok(Advice::default()));
        let wait = r#"{"actions":[{"id":"wait","title":null,"due_in_h":null,"window_h":null,"cost":null,"parts":null,
            "failure_before":null,"saves":null,"setting":null,"why":null,"would_change":null}]}"#;
        let action = Action { id: "wait".to_owned(), ..Action::default() };
        assert_eq!(parse_body(wait.as_bytes(), NOW).map(|advice| advice.actions), Ok(vec![action]));
    }

    #[test]
    fn what_is_refused_and_why() {
        #[track_caller]
        fn check(fields: &str, expected: &str) {
            let payload = format!("{{{fields}}}");
            let refused = parse_body(payload.as_bytes(), NOW).map_err(|refusal| refusal.to_string());
            assert_eq!(refused, Err(expected.to_owned()), "{fields}");
        }
        let long = "x".repeat(5000);
        check(r#""issued_at":1764086401001"#, "`issued_at` is more than a day in the future");
        check(r#""valid_until":8e15"#, "`valid_until` is not a time");
        check(r#""horizon_h":0"#, "`horizon_h` must be above 0");
        check(r#""time_lapse":0.5"#, "`time_lapse` must be between 1 and 1e6");
        check(r#""waiting":{"in_h":-1,"mean":3}"#, "`waiting.in_h` must be 0 or more");
        check(r#""economics":[{"value":1}]"#, "`economics.id` is missing or empty");
        check(r#""economics":[{"id":"a","low":2,"high":1}]"#, "`economics.high` must be above `low`");
        check(r#""actions":[{}]"#, "`actions.id` is missing or empty");
        check(r#""actions":[{"id":"a","due_in_h":-1}]"#, "`actions.due_in_h` must be 0 or more");
        check(r#""actions":[{"id":"a","window_h":[2,1]}]"#, "`actions.window_h` must be in order");
        check(r#""actions":[{"id":"a","cost":{"p05":2,"p95":1}}]"#, "`actions.cost` must be in order: p05, p50, p95");
        check(r#""actions":[{"id":"a","failure_before":2}]"#, "`actions.failure_before` must be between 0 and 1");
        check(&format!(r#""actions":[{{"id":"a","why":"{long}"}}]"#), "`actions.why` is longer than 4096 bytes");
        let many = |entry: &str, count: usize| vec![entry; count].join(",");
        check(&format!(r#""actions":[{}]"#, many(r#"{"id":"a"}"#, 65)), "`actions` has more than 64 entries");
        check(&format!(r#""economics":[{}]"#, many(r#"{"id":"a"}"#, 65)), "`economics` has more than 64 entries");
        let parts = many("{}", 33);
        check(&format!(r#""actions":[{{"id":"a","parts":[{parts}]}}]"#), "`actions.parts` has more than 32 entries");
        let levers: Vec<String> = (0..33).map(|at| format!(r#""{at}":1"#)).collect();
        let levers = levers.join(",");
        check(
            &format!(r#""actions":[{{"id":"a","setting":{{{levers}}}}}]"#),
            "`actions.setting` has more than 32 entries",
        );
        check(&" ".repeat(64 * 1024), "the payload is larger than 64 KiB");
        for payload in
            ["", "{", "7", "null", r#"{"waiting":{"in_h":1}}"#, r#"{"horizon_h":1e999}"#, r#"{"actions":{}}"#]
        {
            assert!(matches!(parse_body(payload.as_bytes(), NOW), Err(Refusal::Schema(_))), "{payload}");
        }
    }

    #[test]
    fn topics_are_split_into_what_they_name() {
        let parts = parse_topic(b"twinscope/v1/site/wt-01/gearbox/advice/life").map(|of| (of.asset, of.part, of.model));
        assert_eq!(parts, Some(("wt-01", "gearbox", "life")));
        for topic in ["twinscope/v1/site/wt-01/gearbox/advice/", "twinscope/v1/site/wt-01/gearbox/advise/life"] {
            assert_eq!(parse_topic(topic.as_bytes()), None, "{topic}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_body(&payload, NOW);
        }

        /// A byte of the example is another one.
        #[test]
        fn no_mutation_panics(at in 0..EXAMPLE.len(), byte: u8) {
            let mut payload = EXAMPLE.as_bytes().to_vec();
            payload[at] = byte;
            let _ = parse_body(&payload, NOW);
        }
    }
}
