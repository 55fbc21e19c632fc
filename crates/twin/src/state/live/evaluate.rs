//! Expressions: derived signals, health and conditions, evaluated when their inputs have changed.

use std::cmp::Reverse;

use super::{Health, Live};
use crate::alarm::Event;
use crate::quality::{Quality, QualityReason};
use crate::site::SignalRow;
use crate::state::formulas::Target;
use crate::time::{Now, WallMs};
use crate::value::Value;

impl Live {
    /// A signal has changed: what reads it is to be evaluated.
    pub(super) fn mark_dependents(&mut self, row: usize) {
        if self.watched.get(row) == Some(&true) {
            self.watched_changed.extend(u32::try_from(row).map(SignalRow));
        }
        if self.formulas.exact_signals.get(row) == Some(&true)
            && let Some(slot) = self.slots.get_mut(row)
            && !std::mem::replace(&mut slot.touched, true)
        {
            self.touched.push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        for formula in self.formulas.of_signal.of(row) {
            if let Some(mark) = self.is_dirty.get_mut(*formula as usize)
                && !std::mem::replace(mark, true)
            {
                let exact = self.formulas.list.get(*formula as usize).is_some_and(|formula| formula.exact);
                let dirty = if exact { &mut self.dirty_exact } else { &mut self.dirty };
                dirty.push(Reverse(*formula));
            }
        }
    }

    /// Evaluates what has changed inputs, in order of dependence: what an alarm depends on, which never reads the rest,
    /// and then the rest.
    pub fn evaluate(&mut self, now: Now) {
        self.evaluate_exact(now);
        while let Some(Reverse(row)) = self.dirty.pop() {
            self.evaluate_one(row as usize, now);
        }
    }

    /// Evaluates only what an alarm depends on.
    pub fn evaluate_exact(&mut self, now: Now) {
        for row in self.touched.drain(..) {
            if let Some(slot) = self.slots.get_mut(row as usize) {
                slot.touched = false;
            }
        }
        while let Some(Reverse(row)) = self.dirty_exact.pop() {
            self.evaluate_one(row as usize, now);
        }
    }

    pub(super) fn evaluate_one(&mut self, row: usize, now: Now) {
        if let Some(mark) = self.is_dirty.get_mut(row) {
            *mark = false;
        }
        let Some(formula) = self.formulas.list.get(row) else { return };
        let target = formula.target;
        let (expression, inputs) = match &formula.program {
            Ok(program) => program,
            Err(error) => {
                let error = error.clone();
                return self.conclude(target, Err(error), Inputs::default(), now);
            }
        };
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        let mut all = Inputs::default();
        for (input, name) in inputs.iter().zip(expression.inputs()) {
            let Some(slot) = self.slots.get(input.index()) else { continue };
            values.push(slot.value.clone());
            let quality = self.quality(input.index()).0;
            if quality > all.quality {
                all.quality = quality;
                all.worst = Some(name.as_str().into());
            }
            // What never changes is of no age.
            if slot.source_at.is_none() {
                continue;
            }
            all.source_ms = all.source_ms.max(Some(slot.source_ms));
            all.source_at = [all.source_at, slot.source_at].into_iter().flatten().max_by_key(|at| at.mono_ms);
            all.received = [all.received, slot.received].into_iter().flatten().min_by_key(|at| at.mono_ms);
        }
        // Health and alarms are not judged by what cannot be trusted; a derived signal shows its last value, greyed.
        let needs_trust = !matches!(target, Target::Signal(_));
        let result = if values.iter().any(Option::is_none) || (needs_trust && all.quality > Quality::Uncertain) {
            None
        } else {
            Some(expression.evaluate(&self.formulas.language, &values))
        };
        self.values = values;
        match result {
            None => self.withhold(target, &all, now),
            Some(result) => {
                if result.is_err() {
                    self.counters.expression_errors += 1;
                }
                self.conclude(target, result, all, now);
            }
        }
    }

    /// An input is not there, or not good enough.
    fn withhold(&mut self, target: Target, inputs: &Inputs, now: Now) {
        let why = || format!("`{}` is {}", inputs.worst.as_deref().unwrap_or("an input"), word(inputs.quality));
        match target {
            Target::Signal(signal) => {
                if let Some(error) = self.signal_errors.get_mut(signal.index()) {
                    *error = None;
                }
                self.derive(signal, None, inputs.quality, inputs, now);
            }
            Target::Health(part) => {
                if let Some(health) = self.health.get_mut(part.index()) {
                    *health = Health { value: None, error: Some(why()) };
                    self.visible = true;
                }
            }
            Target::Alarm(alarm) => {
                if let Some(alarm) = self.alarms.get_mut(alarm.index()) {
                    alarm.error = None;
                }
                self.alarm_event(alarm.index(), Event::Hold, now);
            }
        }
    }

    fn conclude(&mut self, target: Target, result: Result<Value, String>, inputs: Inputs, now: Now) {
        match target {
            Target::Signal(signal) => {
                let quality = if result.is_err() { Quality::Bad } else { inputs.quality };
                let (value, error) = match result {
                    Ok(value) => (Some(value), None),
                    Err(error) => (None, Some(error.into())),
                };
                if let Some(place) = self.signal_errors.get_mut(signal.index()) {
                    *place = error;
                }
                self.derive(signal, value, quality, &inputs, now);
            }
            Target::Health(part) => {
                let health = match result {
                    Ok(Value::Number(number)) => Health { value: Some(number.clamp(0.0, 1.0)), error: None },
                    Ok(_) => Health { value: None, error: Some("the result is not a number".to_owned()) },
                    Err(error) => Health { value: None, error: Some(error) },
                };
                if let Some(place) = self.health.get_mut(part.index()) {
                    *place = health;
                    self.visible = true;
                }
            }
            Target::Alarm(alarm) => {
                let (event, error) = match result {
                    Ok(Value::Flag(holds)) => (Event::Statement { holds, source_ms: inputs.source_ms }, None),
                    Ok(_) => (Event::Hold, Some("the result is neither true nor false".to_owned())),
                    Err(error) => (Event::Hold, Some(error)),
                };
                if let Some(alarm) = self.alarms.get_mut(alarm.index()) {
                    alarm.error = error;
                }
                self.alarm_event(alarm.index(), event, now);
            }
        }
    }

    /// Applies the result of an expression to its signal. Without a value the last one stays.
    fn derive(&mut self, signal: SignalRow, value: Option<Value>, quality: Quality, inputs: &Inputs, now: Now) {
        let row = signal.index();
        let (mut quality, mut reason) = (quality, QualityReason::Input);
        if quality == Quality::Good {
            reason = QualityReason::None;
        }
        let excluded = value.as_ref().is_some_and(|value| self.traits.get(row).is_some_and(|of| of.excludes(value)));
        if excluded && quality < Quality::Bad {
            self.counters.out_of_range += 1;
            (quality, reason) = (Quality::Bad, QualityReason::OutOfRange);
        }
        let Some(slot) = self.slots.get_mut(row) else { return };
        let before = slot.effective(false);
        let source_ms = inputs.source_ms.unwrap_or(now.wall_ms);
        let same_value = value.is_none() || (slot.value == value && slot.source_ms == source_ms);
        slot.judge(quality, reason);
        if same_value && before == (quality, reason) {
            return;
        }
        let number = value.as_ref().and_then(Value::as_number);
        let is_new = value.is_some();
        if is_new {
            slot.value = value.clone();
            slot.source_ms = source_ms;
            slot.from_source = true;
            slot.source_at = inputs.source_at;
            slot.received = inputs.received.or(Some(now));
        }
        self.visible = true;
        if is_new && quality <= Quality::Uncertain {
            self.counters.samples += 1;
            if !same_value || before.0 > Quality::Uncertain {
                self.remember(row, source_ms, value.as_ref(), quality);
            }
            self.after_value(row, number, source_ms, quality, now);
            return;
        }
        if before.0 <= Quality::Uncertain && quality > Quality::Uncertain {
            self.remember(row, source_ms, None, quality);
        }
        self.quality_changed(row, now);
    }
}

/// The inputs of one evaluation taken together.
#[derive(Clone, Debug)]
struct Inputs {
    /// The worst of theirs; good if there are none.
    quality: Quality,
    worst: Option<Box<str>>,
    /// The newest of theirs.
    source_ms: Option<WallMs>,
    source_at: Option<Now>,
    /// The oldest of theirs: the result is no younger.
    received: Option<Now>,
}

impl Default for Inputs {
    fn default() -> Self {
        Self { quality: Quality::Good, worst: None, source_ms: None, source_at: None, received: None }
    }
}

const fn word(quality: Quality) -> &'static str {
    match quality {
        Quality::Good => "good",
        Quality::Uncertain => "uncertain",
        Quality::Stale => "stale",
        Quality::Bad => "bad",
        Quality::NoData => "not heard yet",
    }
}
