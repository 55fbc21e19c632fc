//! What every part of the view needs to be made: the snapshot, the scene, the state, and safe access to their rows.

use twinscope_twin::site::{Asset, AssetRow, Part, PartRow, Signal, SignalRow, Site};
use twinscope_twin::snapshot::{PartStatus, RollUp, SignalStatus, Snapshot};

use super::sight::Shown;
use super::state::{Scene, UiState};
use super::words::Clock;

/// The inputs of one frame. Rows that a snapshot lacks read as "no data", never as an error.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The twin.
    pub snapshot: &'a Snapshot,
    /// The window.
    pub scene: &'a Scene,
    /// The view's memory.
    pub ui: &'a UiState,
    /// The moment.
    pub clock: Clock,
}

impl<'a> Look<'a> {
    /// The inputs of one frame.
    #[must_use]
    pub const fn new(snapshot: &'a Snapshot, scene: &'a Scene, ui: &'a UiState) -> Self {
        Self { snapshot, scene, ui, clock: Clock { now: snapshot.now } }
    }

    /// The site.
    #[must_use]
    pub fn site(&self) -> &'a Site {
        &self.snapshot.site
    }

    /// A part.
    #[must_use]
    pub fn part(&self, row: PartRow) -> Option<&'a Part> {
        self.site().parts.get(row.index())
    }

    /// The asset of a row.
    #[must_use]
    pub fn asset(&self, row: AssetRow) -> Option<&'a Asset> {
        self.site().assets.get(row.index())
    }

    /// A signal.
    #[must_use]
    pub fn signal(&self, row: SignalRow) -> Option<&'a Signal> {
        self.site().signals.get(row.index())
    }

    /// The status of a part.
    #[must_use]
    pub fn status(&self, row: PartRow) -> PartStatus {
        self.snapshot.parts.get(row.index()).copied().unwrap_or_default()
    }

    /// The status of a signal.
    #[must_use]
    pub fn signal_status(&self, row: SignalRow) -> Option<&'a SignalStatus> {
        self.snapshot.signals.get(row.index())
    }

    /// Whether a part is not drawn.
    #[must_use]
    pub fn is_hidden(&self, row: PartRow) -> bool {
        self.scene.drawn.get(row.index()) == Some(&Shown::Hidden)
    }

    /// The name of a part.
    #[must_use]
    pub fn part_name(&self, row: PartRow) -> &'a str {
        self.part(row).map_or("?", part_name)
    }

    /// The name of the asset of a part.
    #[must_use]
    pub fn asset_name_of(&self, row: PartRow) -> &'a str {
        self.part(row).and_then(|part| self.asset(part.asset)).map_or("?", asset_name)
    }

    /// Name of a signal.
    #[must_use]
    pub fn signal_name(&self, row: SignalRow) -> &'a str {
        self.signal(row).map_or("?", signal_name)
    }

    /// Milliseconds since a signal was received, if ever.
    #[must_use]
    pub fn signal_age_ms(&self, status: &SignalStatus) -> Option<u64> {
        status.received.map(|received| self.clock.now.since_ms(received))
    }
}

/// Name of a part, or its id.
#[must_use]
pub fn part_name(part: &Part) -> &str {
    if part.name.is_empty() { &part.id } else { &part.name }
}

/// Name of an asset, or its id.
#[must_use]
pub fn asset_name(asset: &Asset) -> &str {
    if asset.name.is_empty() { &asset.id } else { &asset.name }
}

/// Name of a signal, or its id.
#[must_use]
pub fn signal_name(signal: &Signal) -> &str {
    if signal.name.is_empty() { &signal.id } else { &signal.name }
}

/// Parts of a roll-up whose state is not known.
#[must_use]
pub const fn unknown(roll_up: &RollUp) -> u32 {
    roll_up.stale.saturating_add(roll_up.bad).saturating_add(roll_up.no_data)
}

/// Parts of a roll-up whose state is known.
#[must_use]
pub fn known(roll_up: &RollUp) -> u32 {
    roll_up.by_state.iter().fold(0, |sum, n| sum.saturating_add(*n))
}
