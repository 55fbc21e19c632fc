//! What a plan gains, as colours on the parts: the remaining life under the plan that is shown, in times of the life as it
//! is believed. What the plan says nothing about keeps the look of what is measured.

use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use super::field::FieldLegend;
use super::lives::plan_life;
use super::look::Look;
use super::scale::Scale;
use super::state::UiState;
use super::{crack, what_if};

/// From a quarter to four times the life.
const REACH: f64 = 2.0;

/// Parts with a life under the plan that is shown and one to compare it with, and how often it doubles.
fn doublings(snapshot: &Snapshot, ui: &UiState) -> Vec<(PartRow, f64)> {
    if ui.field.is_some() {
        // The surfaces say something else.
        return Vec::new();
    }
    let Some(asked) = &ui.what_if else { return Vec::new() };
    let Some(shown) = asked.shown.and_then(|shown| asked.plans.get(shown)?.as_ref()) else { return Vec::new() };
    let own = snapshot.lives.iter().filter(|life| life.asset == asked.asset && life.key.model == asked.model);
    let usable = |life: &twinscope_twin::snapshot::Life| !life.expired && !crack::doubtful(&life.issue.body);
    own.filter(|life| usable(life))
        .filter_map(|life| {
            let (_, plan) = plan_life(snapshot, ui, life.part)?;
            // Until the answer to the newest setting is there, nothing is known of it.
            let answers = usable(&plan) && what_if::is_of(shown, &plan.issue.body, &life.issue.body.levers);
            let (now, then) = (life.p50_h?, plan.p50_h.filter(|_| answers)?);
            let doublings = (then / now).log2();
            (now > 0.0 && then > 0.0 && doublings.is_finite()).then_some((life.part, doublings))
        })
        .collect()
}

/// The colours of the parts that the shown plan says something about, sRGB.
#[must_use]
pub fn colours(snapshot: &Snapshot, ui: &UiState) -> Vec<(PartRow, [u8; 3])> {
    let colour = |doublings: f64| Scale::Diverging.colour((0.5 - 0.5 * doublings / REACH) as f32);
    doublings(snapshot, ui).into_iter().map(|(part, doublings)| (part, colour(doublings))).collect()
}

/// What stands over the scene while parts wear the colours of a plan.
#[must_use]
pub fn banner(look: &Look<'_>) -> Option<String> {
    if doublings(look.snapshot, look.ui).is_empty() {
        return None;
    }
    let scenario = look.ui.what_if.as_ref()?.shown.and_then(what_if::plan_id)?;
    Some(format!("Showing plan {}, not what is measured", what_if::plan_name(scenario)))
}

/// The legend of these colours.
#[must_use]
pub fn legend(look: &Look<'_>) -> Option<FieldLegend> {
    let said = doublings(look.snapshot, look.ui);
    let asked = look.ui.what_if.as_ref()?;
    let scenario = asked.shown.and_then(what_if::plan_id).filter(|_| !said.is_empty())?;
    Some(FieldLegend {
        title: format!("Remaining life, plan {}", what_if::plan_name(scenario)),
        unit: "times the baseline's".to_owned(),
        scale: Scale::Diverging,
        ends: ["4×".to_owned(), "¼".to_owned()],
        ticks: [(0.25, "2×"), (0.5, "the same"), (0.75, "½")].map(|(at, said)| (at, said.to_owned())).to_vec(),
        beyond: [said.iter().any(|(_, d)| *d > REACH), said.iter().any(|(_, d)| *d < -REACH)],
        ..FieldLegend::default()
    })
}
