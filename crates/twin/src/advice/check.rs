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
