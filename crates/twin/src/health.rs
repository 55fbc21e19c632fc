//! Roll-up of state and quality from parts to assets and the site.
//!
//! - A part with signals counts once, by its quality: known (good or uncertain) under its state, or stale, bad, no data.
//! - A part without signals counts as no data, unless something below it has signals: then it is a group and does not
//!   count itself.
//! - The worst state is that of all active alarms, those of parts included that are not known any more or are not
//!   measured: an alarm that quality holds still stands. So unknown never hides behind good, and never counts as bad.

use crate::quality::{Quality, QualityReason};
use crate::severity::Severity;
use crate::site::{PartRow, Site};
use crate::snapshot::RollUp;

/// A part by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnStatus {
    /// Highest priority of its active alarms.
    pub state: Severity,
    /// Worst quality of its own signals.
    pub quality: Quality,
    /// Why.
    pub reason: QualityReason,
    /// Health index, 0 to 1.
    pub health: Option<f32>,
    /// It has signals.
    pub measured: bool,
}

/// What a roll-up gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledUp {
    /// Each part with everything below it.
    pub parts: Vec<RollUp>,
    /// Each asset.
    pub assets: Vec<RollUp>,
    /// The site.
    pub whole: RollUp,
}

/// The parts in an order in which children come before their parents. Parents that form a circle lose their order
/// among each other, but every part is there once.
#[must_use]
pub fn children_first(site: &Site) -> Vec<PartRow> {
    let parent = |row: usize| site.parts.get(row).and_then(|part| part.parent).map(PartRow::index);
    let mut depth: Vec<u32> = vec![0; site.parts.len()];
    for row in 0..site.parts.len() {
        let mut at = parent(row);
        let mut steps = 0_u32;
        // A model's tree is shallow; a circle ends the walk.
        while let Some(up) = at {
            steps += 1;
            if steps > 1000 {
                break;
            }
            at = parent(up);
        }
        if let Some(depth) = depth.get_mut(row) {
            *depth = steps;
        }
    }
    let mut order: Vec<PartRow> = (0..).take(site.parts.len()).map(PartRow).collect();
    order.sort_by_key(|row| std::cmp::Reverse(depth.get(row.index()).copied().unwrap_or(0)));
    order
}

/// Rolls up; `order` is that of [`children_first`], `own` has one entry for each part.
#[must_use]
pub fn roll_up(site: &Site, order: &[PartRow], own: &[OwnStatus]) -> RolledUp {
    let mut parts = vec![RollUp::default(); site.parts.len()];
    let mut assets = vec![RollUp::default(); site.assets.len()];
    // Whether something below has signals.
    let mut covered = vec![false; site.parts.len()];
    for row in order {
        let (Some(part), Some(status)) = (site.parts.get(row.index()), own.get(row.index())) else { continue };
        if site.removed.contains(&part.asset) {
            continue;
        }
        let is_covered = covered.get(row.index()) == Some(&true);
        let Some(below) = parts.get_mut(row.index()) else { continue };
        let itself = count(status, is_covered);
        below.add(&itself);
        let below = *below;
        if let Some(asset) = assets.get_mut(part.asset.index()) {
            asset.add(&itself);
        }
        if let Some(parent) = part.parent {
            if let Some(up) = parts.get_mut(parent.index()) {
                up.add(&below);
            }
            if let Some(mark) = covered.get_mut(parent.index()) {
                *mark |= is_covered || status.measured;
            }
        }
    }
    let mut whole = RollUp::default();
    for asset in &assets {
        whole.add(asset);
    }
    RolledUp { parts, assets, whole }
}

/// One part as a roll-up.
fn count(status: &OwnStatus, covered: bool) -> RollUp {
    let mut itself = RollUp { worst: status.state, ..RollUp::default() };
    match status.quality {
        Quality::Good | Quality::Uncertain => {
            if let Some(place) = itself.by_state.get_mut(status.state as usize) {
                *place = 1;
            }
        }
        Quality::Stale => itself.stale = 1,
        Quality::Bad => itself.bad = 1,
        Quality::NoData if status.measured || !covered => itself.no_data = 1,
        Quality::NoData => {}
    }
    itself
}

impl RollUp {
    /// Adds the counts of another, and takes the worse state.
    pub fn add(&mut self, other: &Self) {
        self.worst = self.worst.max(other.worst);
        for (count, more) in self.by_state.iter_mut().zip(other.by_state) {
            *count = count.saturating_add(more);
        }
        self.stale = self.stale.saturating_add(other.stale);
        self.bad = self.bad.saturating_add(other.bad);
        self.no_data = self.no_data.saturating_add(other.no_data);
    }

    /// Parts that are known.
    #[must_use]
    pub fn known(&self) -> u32 {
        self.by_state.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Parts that are not known: stale, bad, or without data.
    #[must_use]
    pub const fn unknown(&self) -> u32 {
        self.stale.saturating_add(self.bad).saturating_add(self.no_data)
    }
}
