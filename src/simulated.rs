//! A simulated or recorded site on a virtual clock: from time zero to a moment, as fast as the machine can.
//! Deterministic: the same site, seed, recording and moment give the same snapshot.

use std::path::Path;
use std::sync::Arc;

use twinscope_link::replay::{Input, InputError, Timed};
use twinscope_link::simulator::{Feed, FeedError, Options as Simulation};
use twinscope_twin::command::Command;
use twinscope_twin::site::{PartRow, Site, SourceRow};
use twinscope_twin::snapshot::Snapshot;
use twinscope_twin::state::{LinkEvent, Options, RawMessage, TwinState};
use twinscope_twin::time::{Now, WallMs};

/// 2026-01-01T00:00:00Z: where virtual time starts if no recording says otherwise, ms since the epoch.
const START_MS: WallMs = 1_767_225_600_000;
/// The core's tick, ms.
const TICK_MS: u64 = 100;

/// Why a site cannot run on a virtual clock.
#[derive(Debug, thiserror::Error)]
pub enum VirtualError {
    /// A source cannot be simulated.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// A recording cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Nothing to hear.
    #[error(
        "the site's sources are brokers, and a virtual clock cannot wait for them; \
         give a recording with --recording FILE.mcap (made with: twinscope record)"
    )]
    OnlyBrokers,
}

/// A recording and the first of its messages that is still to come.
struct Tape {
    source: SourceRow,
    input: Input,
    next: Option<Timed>,
}

/// A twin on a virtual clock.
pub struct Virtual {
    state: TwinState,
    feeds: Vec<(SourceRow, Feed)>,
    tapes: Vec<Tape>,
    start_ms: WallMs,
    /// Milliseconds since the start.
    at_ms: u64,
    /// From here on nothing is heard any more, ms.
    pub silent_from_ms: Option<u64>,
    /// Topics that are never heard, e.g. `demo/wt-01/pitch`.
    pub muted: Vec<String>,
}

impl Virtual {
    /// The twin at time zero: the first message of its recordings, or the start of its simulation.
    /// `recording` stands for the site's first broker.
    ///
    /// # Errors
    /// A recording cannot be read, or there is nothing to hear.
    pub fn new(
        site: &Arc<Site>,
        base_dir: &Path,
        simulation: &Simulation,
        recording: Option<&Path>,
    ) -> Result<Self, VirtualError> {
        let mut tapes = Vec::new();
        let mut simulated = Vec::new();
        let mut recording = recording;
        for (row, source) in (0_u32..).map(SourceRow).zip(&site.sources) {
            let file = source.url.strip_prefix("file:").map(|file| base_dir.join(file.trim_start_matches("//")));
            if source.url.starts_with("sim:") {
                simulated.push(row);
            } else if let Some(file) = file.as_deref().or_else(|| recording.take()) {
                let mut input = Input::open(file, None)?;
                let next = input.next_message()?;
                tapes.push(Tape { source: row, input, next });
            }
        }
        let first = tapes.iter().filter_map(|tape| tape.next.as_ref()).map(|message| message.t_ms).min();
        let start_ms = first.unwrap_or(START_MS);
        let mut feeds = Vec::new();
        for row in simulated {
            feeds.push((row, Feed::new(site, &Simulation { source: Some(row), ..simulation.clone() }, start_ms)?));
        }
        if feeds.is_empty() && tapes.is_empty() {
            return Err(VirtualError::OnlyBrokers);
        }
        let mut state = TwinState::new(Arc::clone(site), Options::default());
        let start = Now { wall_ms: start_ms, mono_ms: MONO_MS };
        for row in feeds.iter().map(|(row, _)| *row).chain(tapes.iter().map(|tape| tape.source)) {
            state.link(row, LinkEvent::Live, start);
        }
        Ok(Self { state, feeds, tapes, start_ms, at_ms: 0, silent_from_ms: None, muted: Vec::new() })
    }

    const fn moment(&self, at_ms: u64) -> Now {
        Now { wall_ms: self.start_ms.saturating_add_unsigned(at_ms), mono_ms: MONO_MS + at_ms }
    }

    /// Milliseconds since the start.
    #[must_use]
    pub const fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// Runs to a moment, ms since the start.
    ///
    /// # Errors
    /// A recording cannot be read further.
    pub fn advance_to(&mut self, until_ms: u64) -> Result<(), VirtualError> {
        while self.at_ms < until_ms {
            self.at_ms = (self.at_ms + TICK_MS).min(until_ms);
            let now = self.moment(self.at_ms);
            let heard = self.silent_from_ms.is_none_or(|silent| self.at_ms < silent);
            for (row, feed) in &mut self.feeds {
                let samples = feed.advance_to(now.wall_ms);
                let raw = samples.iter().filter(|sample| heard && !self.muted.contains(&sample.topic)).map(|sample| {
                    let since = sample.t_ms.saturating_sub(self.start_ms).max(0).unsigned_abs();
                    let received = Now { wall_ms: sample.t_ms, mono_ms: MONO_MS + since };
                    RawMessage { topic: sample.topic.as_bytes(), payload: &sample.payload, received, retained: false }
                });
                self.state.messages(*row, raw, now);
            }
            for tape in &mut self.tapes {
                while let Some(message) = tape.next.take_if(|message| message.t_ms <= now.wall_ms) {
                    if heard && !self.muted.contains(&message.topic) {
                        let payload = message.payload(0);
                        let raw = RawMessage {
                            topic: message.topic.as_bytes(),
                            payload: &payload,
                            received: now,
                            retained: message.retained,
                        };
                        self.state.messages(tape.source, [raw], now);
                    }
                    tape.next = tape.input.next_message()?;
                }
            }
            self.state.tick(now);
        }
        Ok(())
    }

    /// Why recordings ended before their end, as far as they were read.
    pub fn cut_off(&self) -> impl Iterator<Item = String> {
        self.tapes.iter().filter_map(|tape| tape.input.cut_off())
    }

    /// Selects a part.
    pub fn select(&mut self, part: Option<PartRow>) {
        self.state.command(Command::Select(part), self.moment(self.at_ms));
    }

    /// The twin now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::new(self.state.snapshot(self.moment(self.at_ms)))
    }
}

/// Monotonic time does not start at zero either.
const MONO_MS: u64 = 1_000;
