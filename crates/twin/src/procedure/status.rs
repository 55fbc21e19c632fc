//! A run as the screen sees it: plain data of one moment.

use std::sync::Arc;

use super::run::{End, Offer, Outcome};
use super::{Procedure, Run, Watch};
use crate::site::{AssetRow, PartRow, SignalRow};
use crate::time::{Now, WallMs};

/// A run of a procedure at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStatus {
    /// Its id: the last level of the topic of its record.
    pub run: String,
    /// At which asset.
    pub asset: AssetRow,
    /// What is followed.
    pub procedure: Arc<Procedure>,
    /// Who follows it.
    pub by: String,
    /// Index of the step at hand; the number of steps once it is finished.
    pub at: usize,
    /// One per step of the procedure.
    pub steps: Vec<StepStatus>,
    /// How it ended; `None`: it goes on.
    pub end: Option<RunEnd>,
    /// The file of its record, relative to the folder of records.
    pub file: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Every step is done or was left out; when, ms since the epoch.
    Finished(WallMs),
    /// A person stopped it: when, and why.
    Stopped(WallMs, String),
}

/// One step at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StepStatus {
    /// The part that it is about.
    pub part: PartRow,
    /// Where it stands.
    pub state: StepState,
    /// Its interlock.
    pub interlock: Option<ConditionStatus>,
    /// What makes it done.
    pub done: Option<ConditionStatus>,
    /// Its signals, each once.
    pub signals: Vec<SignalRow>,
}

/// Where a step stands. Times are ms since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Steps before it are not done.
    Ahead,
    /// It is at hand, and its interlock does not hold yet.
    Waiting,
    /// It may be done, since then.
    Offered(WallMs),
    /// It was offered until then, and its interlock no longer holds.
    Withdrawn(WallMs),
    /// Its condition was met.
    Met(WallMs),
    /// A person said that it is done, and what they noted.
    Confirmed(WallMs, String),
    /// A person left it out, and why.
    Skipped(WallMs, String),
}

/// A condition at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionStatus {
    /// As it is written.
    pub text: String,
    /// It holds, and has for long enough.
    pub holds: bool,
    /// It is not known whether it holds.
    pub unknown: bool,
    /// Why it does not hold, in one sentence; empty if it does.
    pub why: String,
    /// How long it has been true, ms; `None` if it is not.
    pub held_ms: Option<u64>,
    /// How long it must be true, ms.
    pub for_ms: u64,
}

impl ConditionStatus {
    fn new(watch: &Watch, now: Now) -> Self {
        Self {
            text: watch.text.clone(),
            holds: watch.holds(now),
            unknown: watch.is_unknown(),
            why: watch.why(now),
            held_ms: watch.held_ms(now),
            for_ms: watch.for_ms,
        }
    }
}

impl Run {
    /// The run as the screen sees it.
    pub fn status(&self, file: String, now: Now) -> RunStatus {
        let steps = self.steps.iter().enumerate().map(|(index, step)| StepStatus {
            part: step.part,
            state: match (&step.outcome, step.offer) {
                (Some(Outcome::Met(at)), _) => StepState::Met(at.wall_ms),
                (Some(Outcome::Confirmed(at, note)), _) => StepState::Confirmed(at.wall_ms, note.clone()),
                (Some(Outcome::Skipped(at, reason)), _) => StepState::Skipped(at.wall_ms, reason.clone()),
                (None, _) if index != self.at => StepState::Ahead,
                (None, Offer::Not) => StepState::Waiting,
                (None, Offer::Offered(since)) => StepState::Offered(since.wall_ms),
                (None, Offer::Withdrawn(since)) => StepState::Withdrawn(since.wall_ms),
            },
            interlock: step.interlock.as_ref().map(|watch| ConditionStatus::new(watch, now)),
            done: step.done.as_ref().map(|watch| ConditionStatus::new(watch, now)),
            signals: step.signals.iter().map(|input| input.signal).collect(),
        });
        RunStatus {
            run: self.record.run.clone(),
            asset: self.asset,
            procedure: Arc::clone(&self.procedure),
            by: self.by.clone(),
            at: self.at,
            steps: steps.collect(),
            end: self.end.as_ref().map(|end| match end {
                End::Finished(at) => RunEnd::Finished(at.wall_ms),
                End::Stopped(at, why) => RunEnd::Stopped(at.wall_ms, why.clone()),
            }),
            file,
        }
    }
}
