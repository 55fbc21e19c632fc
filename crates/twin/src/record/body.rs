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
