//! A tour as it runs: which stop is told, since when, and when a person has taken over. A state machine that is given the
//! time; it moves no camera and sends no command, it says what begins.
//!
//! Time is the monotonic clock's: a wall clock that jumps neither skips a stop nor holds one. Only the night goes by the
//! wall clock, because people do.

pub mod screen;
pub mod told;

use std::sync::Arc;

use twinscope_twin::command::Command;
use twinscope_twin::snapshot::Snapshot;
use twinscope_twin::time::Now;
use twinscope_twin::tour::{Stop, Tour};

pub use screen::Show;
pub use told::{KeyFigure, Told, TourView, tour_view};

/// Where a tour stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Playing {
    /// The tour; `None`: only the part of the layout is shown that this screen has.
    pub tour: Option<Arc<Tour>>,
    /// What this screen shows.
    pub show: Show,
    /// The stop that is told.
    at: Option<usize>,
    phase: Phase,
    /// When the phase began, ms of the monotonic clock.
    since_ms: u64,
    /// The moment of the last [`Playing::step`].
    now: Now,
    /// Where a tour that was cut off goes on.
    first: usize,
}

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing yet.
    Waiting,
    /// The camera is on its way to the stop.
    Travelling,
    /// The stop is told.
    Telling,
    /// A person has taken over.
    Taken,
}

/// Untouched for so long where no tour says otherwise, ms.
const IDLE_MS: u64 = 60_000;

impl Playing {
    /// A tour that begins with the stop of this number, or the next that can be told.
    #[must_use]
    pub const fn new(tour: Option<Arc<Tour>>, show: Show, first: usize) -> Self {
        let now = Now { wall_ms: 0, mono_ms: 0 };
        Self { tour, show, at: None, phase: Phase::Waiting, since_ms: 0, now, first }
    }

    /// What is going on.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether it plays: no person has taken over.
    #[must_use]
    pub const fn plays(&self) -> bool {
        !matches!(self.phase, Phase::Taken)
    }

    /// Number of the stop that is told.
    #[must_use]
    pub const fn at(&self) -> Option<usize> {
        self.at
    }

    /// The stop that is told.
    #[must_use]
    pub fn stop(&self) -> Option<&Stop> {
        self.tour.as_ref()?.stops.get(self.at?)
    }

    /// The moment of the last step.
    #[must_use]
    pub const fn now(&self) -> Now {
        self.now
    }

    /// Milliseconds since the phase began.
    #[must_use]
    pub const fn elapsed_ms(&self) -> u64 {
        self.now.mono_ms.saturating_sub(self.since_ms)
    }

    /// Whether the screen is dark.
    #[must_use]
    pub fn night(&self) -> bool {
        let night = self.tour.as_ref().and_then(|tour| tour.night);
        self.plays() && night.is_some_and(|night| night.holds(self.now.wall_ms))
    }

    /// A person touched the screen, a key or the mouse.
    pub const fn touched(&mut self, now: Now) {
        self.now = now;
        self.phase = Phase::Taken;
        self.since_ms = now.mono_ms;
    }

    /// Lets time pass. `true`: [`Playing::stop`] has just begun.
    pub fn step(&mut self, now: Now, snapshot: &Snapshot) -> bool {
        self.now = now;
        let Some(tour) = self.tour.clone() else {
            if self.phase == Phase::Taken && self.elapsed_ms() >= IDLE_MS {
                self.phase = Phase::Waiting;
            }
            return false;
        };
        match self.phase {
            Phase::Waiting => self.begin(&tour, self.first, snapshot),
            Phase::Taken if self.elapsed_ms() >= tour.idle_ms => self.begin(&tour, 0, snapshot),
            Phase::Taken => false,
            Phase::Travelling => {
                if self.elapsed_ms() >= self.stop().map_or(0, |stop| stop.travel_ms) {
                    self.phase = Phase::Telling;
                    self.since_ms = now.mono_ms;
                }
                false
            }
            Phase::Telling if self.told(snapshot) => {
                let next = self.at.map_or(0, |at| at + 1);
                self.begin(&tour, next, snapshot)
            }
            Phase::Telling => false,
        }
    }

    /// Whether the stop has been told.
    fn told(&self, snapshot: &Snapshot) -> bool {
        let Some(stop) = self.stop() else { return true };
        let elapsed = self.elapsed_ms();
        elapsed >= stop.stay_ms
            && stop
                .until
                .as_ref()
                .is_none_or(|(until, at_most_ms)| elapsed >= *at_most_ms || until.holds(snapshot) == Some(true))
    }

    /// Begins the first stop from this number on that can be told, round the tour once. If none can, what is told stays.
    fn begin(&mut self, tour: &Tour, from: usize, snapshot: &Snapshot) -> bool {
        let count = tour.stops.len();
        let can = |stop: &Stop| stop.when.as_ref().is_none_or(|when| when.holds(snapshot) == Some(true));
        let next = (0..count).map(|n| (from + n) % count).find(|&n| tour.stops.get(n).is_some_and(can));
        self.since_ms = self.now.mono_ms;
        self.phase = if next.is_some() { Phase::Travelling } else { Phase::Waiting };
        self.at = next.or(self.at);
        // Where it goes on if nothing can be told now.
        self.first = next.unwrap_or(from % count.max(1));
        next.is_some()
    }

    /// How far the stop is told, 0 to 1: of its time, or of what it may take while it waits for something.
    #[must_use]
    pub fn fraction(&self) -> f32 {
        match (self.phase, self.stop()) {
            (Phase::Telling, Some(stop)) => {
                let whole = stop.until.as_ref().map_or(stop.stay_ms, |(_, at_most_ms)| *at_most_ms);
                (self.elapsed_ms() as f32 / whole.max(1) as f32).min(1.0)
            }
            _ => 0.0,
        }
    }

    /// Number of the caption that is told: each has its share of `stay`, and the last one what comes after it.
    #[must_use]
    pub fn caption(&self) -> usize {
        let Some(stop) = self.stop().filter(|_| self.phase == Phase::Telling) else { return 0 };
        let count = stop.captions.len().max(1) as u64;
        let share_ms = (stop.stay_ms / count).max(1);
        (self.elapsed_ms() / share_ms).min(count - 1) as usize
    }
}

/// What a stop does to simulated machines when it begins.
#[must_use]
pub fn commands(stop: &Stop) -> Vec<Command> {
    let mut commands = vec![Command::Select(stop.highlight.first().copied())];
    if let Some(mend) = &stop.mends {
        commands.push(Command::ClearFault { asset: stop.asset, fault: mend.fault.clone() });
        if let Some((part, action)) = &mend.record {
            commands.push(Command::Maintain {
                part: *part,
                action: action.clone(),
                by: "tour".to_owned(),
                note: String::new(),
            });
        }
    }
    if let Some((fault, rate)) = &stop.breaks {
        commands.push(Command::InjectFault { asset: stop.asset, fault: fault.clone(), rate: *rate });
    }
    commands
}
