//! A simulated or recorded site on a virtual clock: from time zero to a moment, as fast as the machine can.
//! Deterministic: the same site, seed and moment give the same snapshot.

use std::sync::Arc;

use twinscope_link::simulator::{Feed, FeedError, Options as Simulation};
use twinscope_twin::command::Command;
use twinscope_twin::site::{PartRow, Site, SourceRow};
use twinscope_twin::snapshot::Snapshot;
use twinscope_twin::state::{LinkEvent, Options, RawMessage, TwinState};
use twinscope_twin::time::Now;

/// 2026-01-01T00:00:00Z: where virtual time starts, ms since the epoch.
pub const START_MS: i64 = 1_767_225_600_000;
/// The core's tick, ms.
const TICK_MS: u64 = 100;

/// A twin on a virtual clock.
pub struct Virtual {
    state: TwinState,
    feed: Feed,
    /// Milliseconds since [`START_MS`].
    at_ms: u64,
    /// From here on nothing is heard any more, ms.
    pub silent_from_ms: Option<u64>,
    /// Topics that are never heard, e.g. `demo/wt-01/pitch`.
    pub muted: Vec<String>,
}

impl Virtual {
    /// The twin at time zero.
    ///
    /// # Errors
    /// Nothing in the site can be simulated.
    pub fn new(site: &Arc<Site>, simulation: &Simulation) -> Result<Self, FeedError> {
        let mut state = TwinState::new(Arc::clone(site), Options::default());
        let start = Self::moment(0);
        for row in 0..site.sources.len() {
            state.link(SourceRow(row as u32), LinkEvent::Live, start);
        }
        let feed = Feed::new(site, simulation, START_MS)?;
        Ok(Self { state, feed, at_ms: 0, silent_from_ms: None, muted: Vec::new() })
    }

    const fn moment(at_ms: u64) -> Now {
        // Monotonic time does not start at zero either.
        Now { wall_ms: START_MS + at_ms as i64, mono_ms: 1_000 + at_ms }
    }

    /// Milliseconds since the start.
    #[must_use]
    pub const fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// Runs to a moment, ms since the start.
    pub fn advance_to(&mut self, until_ms: u64) {
        while self.at_ms < until_ms {
            self.at_ms = (self.at_ms + TICK_MS).min(until_ms);
            let now = Self::moment(self.at_ms);
            let samples = self.feed.advance_to(now.wall_ms);
            if self.silent_from_ms.is_none_or(|silent| self.at_ms < silent) {
                let raw = samples.iter().filter(|sample| !self.muted.contains(&sample.topic)).map(|sample| {
                    let received = Self::moment((sample.t_ms - START_MS).max(0) as u64);
                    RawMessage { topic: sample.topic.as_bytes(), payload: &sample.payload, received, retained: false }
                });
                self.state.messages(SourceRow(0), raw, now);
            }
            self.state.tick(now);
        }
    }

    /// Selects a part.
    pub fn select(&mut self, part: Option<PartRow>) {
        self.state.command(Command::Select(part), Self::moment(self.at_ms));
    }

    /// The twin now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::new(self.state.snapshot(Self::moment(self.at_ms)))
    }
}
