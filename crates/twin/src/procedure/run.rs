//! One procedure as somebody works through it: which step it is at, whether that is offered, and how each one ended.
//!
//! A machine without a clock and without I/O: signals are looked up by a function, time is an argument.
//!
//! Invariants:
//! - One step is at hand; those before it are done or left out, those behind it wait.
//! - A step is offered exactly while it is at hand and its interlock holds. Losing that withdraws it.
//! - Only what is offered is confirmed; only what says so is left out.

use std::sync::Arc;

use super::record::Record;
use super::{Input, Procedure, Sight, Watch};
use crate::expression::Language;
use crate::site::{AssetRow, PartRow, SignalRow};
use crate::time::Now;

/// A run of a procedure.
#[derive(Debug)]
pub(crate) struct Run {
    pub asset: AssetRow,
    pub procedure: Arc<Procedure>,
    pub steps: Vec<StepRun>,
    /// Index of the step at hand; the number of steps once it is finished.
    pub at: usize,
    /// Who works through it: the last one who said so.
    pub by: String,
    pub end: Option<End>,
    /// What is written down.
    pub record: Record,
    language: Language,
}

/// One step of a run.
#[derive(Debug)]
pub(crate) struct StepRun {
    pub part: PartRow,
    pub interlock: Option<Watch>,
    pub done: Option<Watch>,
    /// Its signals, each once: those of the conditions, and those that the step shows.
    pub signals: Vec<Input>,
    pub offer: Offer,
    pub outcome: Option<Outcome>,
}

/// Whether the step at hand is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Not yet.
    #[default]
    Not,
    /// Since this moment.
    Offered(Now),
    /// It was, until this moment.
    Withdrawn(Now),
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// By its condition.
    Met(Now),
    /// A person said so.
    Confirmed(Now, String),
    /// It was left out, and why.
    Skipped(Now, String),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Finished(Now),
    /// Why.
    Stopped(Now, String),
}

impl Run {
    pub fn new(
        asset: AssetRow,
        procedure: Arc<Procedure>,
        steps: Vec<StepRun>,
        by: String,
        record: Record,
        language: Language,
    ) -> Self {
        Self { asset, procedure, steps, at: 0, by, end: None, record, language }
    }

    /// Goes on behind the steps that have ended, in their order.
    pub fn resume(&mut self, ended: Vec<Outcome>) {
        self.at = ended.len();
        for (step, outcome) in self.steps.iter_mut().zip(ended) {
            step.outcome = Some(outcome);
        }
    }

    /// Whether somebody works through it still.
    pub const fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Follows what has changed: judges the conditions that read `changed`, offers or withdraws the step at hand, and goes
    /// on where that is done. Returns whether anything is different that a person sees.
    pub fn follow(&mut self, changed: &[SignalRow], look: &dyn Fn(SignalRow) -> Sight, now: Now) -> bool {
        if !self.is_open() {
            return false;
        }
        let mut seen = false;
        for step in self.steps.iter_mut().skip(self.at) {
            for watch in [&mut step.interlock, &mut step.done].into_iter().flatten() {
                if watch.concerns(changed) {
                    watch.judge(&self.language, look, now);
                    seen = true;
                }
            }
        }
        let before = (self.at, self.steps.get(self.at).map(|step| step.offer));
        while self.offer(now) {
            let Some(step) = self.steps.get(self.at) else { break };
            let is_met = matches!(step.offer, Offer::Offered(_))
                && step.done.as_ref().is_some_and(|done| done.holds(now))
                && self.procedure.steps.get(self.at).is_some_and(|step| !step.confirm);
            if !is_met {
                break;
            }
            self.close(Outcome::Met(now), look, now);
        }
        seen || before != (self.at, self.steps.get(self.at).map(|step| step.offer))
    }

    /// Offers or withdraws the step at hand. Returns whether it is offered.
    fn offer(&mut self, now: Now) -> bool {
        let Some(step) = self.steps.get_mut(self.at).filter(|_| self.end.is_none()) else { return false };
        let holds = step.interlock.as_ref().is_none_or(|interlock| interlock.holds(now));
        match (holds, step.offer) {
            (true, Offer::Offered(_)) => {}
            (true, _) => {
                step.offer = Offer::Offered(now);
                self.record.offered(self.at, now);
            }
            (false, Offer::Offered(_)) => {
                step.offer = Offer::Withdrawn(now);
                let why = step.interlock.as_ref().map(|interlock| interlock.why(now)).unwrap_or_default();
                self.record.withdrawn(self.at, &why, now);
            }
            (false, _) => {}
        }
        holds
    }

    /// A person says that a step is done.
    ///
    /// # Errors
    /// Why it cannot be confirmed now.
    pub fn confirm(
        &mut self,
        step: usize,
        note: &str,
        look: &dyn Fn(SignalRow) -> Sight,
        now: Now,
    ) -> Result<(), String> {
        let at_hand = self.at_hand(step)?;
        let number = step + 1;
        if !matches!(at_hand.offer, Offer::Offered(_)) {
            let why = at_hand.interlock.as_ref().map(|interlock| interlock.why(now)).unwrap_or_default();
            return Err(format!("step {number} is not offered: {why}"));
        }
        if let Some(done) = at_hand.done.as_ref().filter(|done| !done.holds(now)) {
            return Err(format!("step {number} is not done: it needs `{}`; {}", done.text, done.why(now)));
        }
        self.close(Outcome::Confirmed(now, note.to_owned()), look, now);
        Ok(())
    }

    /// A person leaves a step out.
    ///
    /// # Errors
    /// Why it cannot be left out.
    pub fn skip(
        &mut self,
        step: usize,
        reason: &str,
        look: &dyn Fn(SignalRow) -> Sight,
        now: Now,
    ) -> Result<(), String> {
        self.at_hand(step)?;
        if !self.procedure.steps.get(step).is_some_and(|step| step.skip) {
            return Err(format!("step {} may not be left out: do it, or stop the procedure", step + 1));
        }
        self.close(Outcome::Skipped(now, reason.to_owned()), look, now);
        Ok(())
    }

    /// A person stops the procedure.
    ///
    /// # Errors
    /// It has ended.
    pub fn stop(&mut self, reason: &str, now: Now) -> Result<(), String> {
        if !self.is_open() {
            return Err("the procedure has ended".to_owned());
        }
        self.end = Some(End::Stopped(now, reason.to_owned()));
        self.record.stopped(self.at, &self.by, reason, now);
        Ok(())
    }

    fn at_hand(&self, step: usize) -> Result<&StepRun, String> {
        if !self.is_open() {
            return Err("the procedure has ended".to_owned());
        }
        if step != self.at {
            return Err(format!("step {} is not at hand; step {} is", step + 1, self.at + 1));
        }
        self.steps.get(step).ok_or_else(|| "no such step".to_owned())
    }

    /// The step at hand has ended: written down with the values of its signals, and on to the next.
    fn close(&mut self, outcome: Outcome, look: &dyn Fn(SignalRow) -> Sight, now: Now) {
        if let Some(step) = self.steps.get_mut(self.at) {
            let values = step.signals.iter().map(|input| (input.clone(), look(input.signal))).collect();
            let condition = step.done.as_ref().map(|done| done.text.clone());
            self.record.ended(self.at, &outcome, condition, values, &self.by, now);
            step.outcome = Some(outcome);
        }
        self.at += 1;
        if self.at >= self.steps.len() {
            self.end = Some(End::Finished(now));
            self.record.finished(now);
        }
    }

    /// Monotonic time at which a condition will have held for long enough, if nothing changes.
    pub fn due_ms(&self, now: Now) -> Option<u64> {
        let step = self.steps.get(self.at).filter(|_| self.is_open())?;
        let watches = [&step.interlock, &step.done].into_iter().flatten();
        watches.filter_map(|watch| watch.due_ms(now)).min()
    }

    /// Every signal that a condition of a step still to come reads.
    pub fn watched(&self) -> impl Iterator<Item = SignalRow> {
        let steps = self.steps.iter().skip(if self.is_open() { self.at } else { usize::MAX });
        steps.flat_map(|step| [&step.interlock, &step.done].into_iter().flatten()).flat_map(Watch::signals)
    }
}
