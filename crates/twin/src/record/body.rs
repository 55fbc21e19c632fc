//! Is a payload a record? Everything that reads records later may rely on what is checked here.

use serde::Deserialize;

use super::{Inspection, Record, RecordKind, What, WorkOrder};
use crate::prediction::lenient;
pub use crate::refusal::Refusal;
use crate::refusal::{NOTE, TITLE, UNIT, number, past, read, text, time, word};
use crate::site::PartRow;
use crate::time::{Now, WallMs};

/// Largest payload, KiB: a note and the rest.
const MOST_KIB: usize = 16;

/// What all kinds have.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Common {
    #[serde(deserialize_with = "lenient::time")]
    at: Option<WallMs>,
    #[serde(deserialize_with = "lenient::null_is_absent")]
    by: String,
    #[serde(deserialize_with = "lenient::null_is_absent")]
    note: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    #[serde(deserialize_with = "lenient::null_is_absent")]
    quantity: String,
    value: Option<f64>,
    #[serde(deserialize_with = "lenient::null_is_absent")]
    nothing_found: bool,
    #[serde(deserialize_with = "lenient::null_is_absent")]
    unit: String,
    deviation: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Done {
    #[serde(deserialize_with = "lenient::null_is_absent")]
    action: String,
}

/// Reads the payload of a record of this kind, part and id. Unknown fields are ignored, `null` counts as absent.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse_body(payload: &[u8], kind: RecordKind, part: PartRow, id: &str, now: Now) -> Result<Record, Refusal> {
    let Common { at, by, note } = read(payload, MOST_KIB)?;
    past("at", at, now)?;
    text("by", &by, TITLE)?;
    text("note", &note, NOTE)?;
    let what = match kind {
        RecordKind::Inspection => What::Found(found(payload)?),
        RecordKind::Maintenance => {
            let Done { action } = read(payload, MOST_KIB)?;
            word("action", &action)?;
            What::Done { action }
        }
        RecordKind::WorkOrder => What::Planned(Box::new(order(payload)?)),
    };
    Ok(Record { part, id: id.to_owned(), at: at.unwrap_or(now.wall_ms), by, note, what, received: now })
}

fn found(payload: &[u8]) -> Result<Inspection, Refusal> {
    let Found { quantity, value, nothing_found, unit, deviation } = read(payload, MOST_KIB)?;
    word("quantity", &quantity)?;
    if value.is_some() == nothing_found {
        return Err(Refusal::Finding);
    }
    text("unit", &unit, UNIT)?;
    number("deviation", deviation, |deviation| deviation > 0.0, "above 0")?;
    Ok(Inspection { quantity, value, unit, deviation })
}

fn order(payload: &[u8]) -> Result<WorkOrder, Refusal> {
    let order: WorkOrder = read(payload, MOST_KIB)?;
    check_order(&order)?;
    Ok(order)
}

/// The bounds of a work order, received or about to be published.
pub(crate) fn check_order(order: &WorkOrder) -> Result<(), Refusal> {
    word("action", &order.action)?;
    text("title", &order.title, TITLE)?;
    time("due_at", order.due_at)?;
    text("model", order.model.as_deref().unwrap_or_default(), TITLE)?;
    text("currency", &order.currency, UNIT)?;
    text("why", &order.why, NOTE)?;
    text("state", &order.state, UNIT)
}

#[cfg(test)]
mod tests {
    use super::super::{TopicParts, parse_topic};
    use super::*;
    use proptest::prelude::*;

    const NOW: Now = Now { wall_ms: 1_764_000_001_000, mono_ms: 7 };
    const FORMAT: &str = include_str!("../../../../docs/predictions.md");
    const FOUND: &str = r#"{ "at": 1764000000000, "by": "N. N.", "quantity": "crack_length", "value": 1.8, "unit": "mm", "deviation": 0.3, "note": "stage 1, blade 17" }"#;
    const NOTHING: &str =
        r#"{ "at": 1764000000000, "by": "N. N.", "quantity": "crack_length", "nothing_found": true }"#;
    const DONE: &str = r#"{ "at": 1764000000000, "by": "N. N.", "action": "replaced", "note": "serial 4711" }"#;
    const ORDER: &str = r#"{ "at": 1764000000000, "by": "N. N.", "action": "replace", "title": "Replace the high-speed bearing",
  "due_at": 1765209600000, "model": "gearbox", "cost": 41000, "currency": "EUR", "why": "…", "state": "planned" }"#;

    fn parse(payload: &str, kind: RecordKind) -> Result<Record, Refusal> {
        parse_body(payload.as_bytes(), kind, PartRow(3), "1764000000000-3", NOW)
    }

    /// What an example of the format says, and that it is one.
    fn example(payload: &str, kind: RecordKind) -> Record {
        assert!(FORMAT.contains(payload), "the format has no such example: {payload}");
        let record = parse(payload, kind).unwrap();
        assert_eq!((record.part, record.id.as_str(), record.kind()), (PartRow(3), "1764000000000-3", kind));
        assert_eq!((record.at, record.by.as_str(), record.received), (1_764_000_000_000, "N. N.", NOW));
        record
    }

    #[test]
    fn the_examples_of_the_format_are_read_whole() {
        let found = example(FOUND, RecordKind::Inspection);
        let of = |value, deviation, unit: &str| {
            What::Found(Inspection { quantity: "crack_length".to_owned(), value, unit: unit.to_owned(), deviation })
        };
        assert_eq!((found.what, found.note.as_str()), (of(Some(1.8), Some(0.3), "mm"), "stage 1, blade 17"));
        assert_eq!(example(NOTHING, RecordKind::Inspection).what, of(None, None, ""));
        let done = example(DONE, RecordKind::Maintenance);
        assert_eq!((done.what, done.note.as_str()), (What::Done { action: "replaced".to_owned() }, "serial 4711"));
        let order = WorkOrder {
            action: "replace".to_owned(),
            title: "Replace the high-speed bearing".to_owned(),
            due_at: Some(1_765_209_600_000),
            model: Some("gearbox".to_owned()),
            cost: Some(41_000.0),
            currency: "EUR".to_owned(),
            why: "…".to_owned(),
            state: "planned".to_owned(),
        };
        assert_eq!(example(ORDER, RecordKind::WorkOrder).what, What::Planned(Box::new(order)));
    }

    #[test]
    fn null_is_absent_and_what_says_no_time_is_from_when_it_was_heard() {
        let record =
            parse(r#"{"at":null,"by":null,"note":null,"action":"replaced","colour":7}"#, RecordKind::Maintenance);
        let record = record.unwrap();
        assert_eq!((record.at, record.by.as_str(), record.note.as_str()), (NOW.wall_ms, "", ""));
        let nulls = r#"{"action":"a","title":null,"due_at":null,"model":null,"cost":null,"currency":null,"why":null,
                        "state":null}"#;
        let bare = WorkOrder { action: "a".to_owned(), ..WorkOrder::default() };
        assert_eq!(parse(nulls, RecordKind::WorkOrder).map(|record| record.what), Ok(What::Planned(Box::new(bare))));
    }

    #[test]
    fn what_is_refused_and_why() {
        #[track_caller]
        fn check(payload: &str, kind: RecordKind, expected: &str) {
            assert_eq!(
                parse(payload, kind).map_err(|refusal| refusal.to_string()),
                Err(expected.to_owned()),
                "{payload}"
            );
        }
        let long = "x".repeat(5000);
        check(r#"{"value":1}"#, RecordKind::Inspection, "`quantity` is missing or empty");
        check(r#"{"quantity":" ","value":1}"#, RecordKind::Inspection, "`quantity` is missing or empty");
        let finding = "either `value` or `nothing_found` must be there";
        check(r#"{"quantity":"a"}"#, RecordKind::Inspection, finding);
        check(r#"{"quantity":"a","value":1,"nothing_found":true}"#, RecordKind::Inspection, finding);
        check(r#"{"quantity":"a","nothing_found":false}"#, RecordKind::Inspection, finding);
        for deviation in ["0", "-1"] {
            let payload = format!(r#"{{"quantity":"a","value":1,"deviation":{deviation}}}"#);
            check(&payload, RecordKind::Inspection, "`deviation` must be above 0");
        }
        let unit = format!(r#"{{"quantity":"a","value":1,"unit":"{long}"}}"#);
        check(&unit, RecordKind::Inspection, "`unit` is longer than 64 bytes");
        check("{}", RecordKind::Maintenance, "`action` is missing or empty");
        check(&format!(r#"{{"action":"{long}"}}"#), RecordKind::Maintenance, "`action` is longer than 128 bytes");
        check(&format!(r#"{{"action":"a","by":"{long}"}}"#), RecordKind::Maintenance, "`by` is longer than 256 bytes");
        check(
            &format!(r#"{{"action":"a","note":"{long}"}}"#),
            RecordKind::Maintenance,
            "`note` is longer than 4096 bytes",
        );
        check(r#"{"action":"a","at":1764086401001}"#, RecordKind::Maintenance, "`at` is more than a day in the future");
        check(r#"{"action":"a","at":-8e15}"#, RecordKind::Maintenance, "`at` is not a time");
        check(r#"{"action":"a","due_at":8e15}"#, RecordKind::WorkOrder, "`due_at` is not a time");
        check(&format!(r#"{{"action":"a","why":"{long}"}}"#), RecordKind::WorkOrder, "`why` is longer than 4096 bytes");
        check(&" ".repeat(16 * 1024 + 1), RecordKind::WorkOrder, "the payload is larger than 16 KiB");
        let deep = format!(r#"{{"action":"a","x":{}"#, "[".repeat(16_000));
        for payload in ["", "{", "7", "null", r#"{"quantity":"a","value":1e999}"#, r#"{"quantity":1}"#, &deep] {
            assert!(matches!(parse(payload, RecordKind::Inspection), Err(Refusal::Schema(_))), "{payload}");
        }
    }

    #[test]
    fn topics_are_split_into_what_they_name() {
        let topic = "twinscope/v1/site/wt-01/gearbox/work-order/1764000000000-2";
        let parts = TopicParts { asset: "wt-01", part: "gearbox", kind: RecordKind::WorkOrder, id: "1764000000000-2" };
        assert_eq!(parse_topic(topic.as_bytes()), Some(parts));
        for topic in [
            "twinscope/v1/site/wt-01/gearbox/work-order",
            "twinscope/v1/site/wt-01/gearbox/work-order/",
            "twinscope/v1/site/wt-01/gearbox/work-order/a/b",
            "twinscope/v1/site/wt-01//inspection/a",
            "twinscope/v1/site/wt-01/gearbox/prediction/a",
            "twinscope/v1/site/wt-01/gearbox/inspection/a\u{7}",
        ] {
            assert_eq!(parse_topic(topic.as_bytes()), None, "{topic}");
        }
        assert_eq!(parse_topic(b"twinscope/v1/site/wt-01/gearbox/inspection/\xff"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            for kind in RecordKind::ALL {
                let _ = parse_body(&payload, kind, PartRow(0), "a", NOW);
            }
        }

        /// A byte of an example is another one.
        #[test]
        fn no_mutation_panics(at in 0..200_usize, byte: u8) {
            for (payload, kind) in [(FOUND, RecordKind::Inspection), (ORDER, RecordKind::WorkOrder)] {
                let mut payload = payload.as_bytes().to_vec();
                let length = payload.len();
                payload[at % length] = byte;
                let _ = parse_body(&payload, kind, PartRow(0), "a", NOW);
            }
        }
    }
}
