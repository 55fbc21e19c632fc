//! Everything that is true now, and what follows from a change: slots, alarms, expressions, history, counters.
//!
//! Each change of a signal runs the same way: slot → alarms on it → history → expressions that read it. Nothing here
//! knows topics or links.

mod evaluate;
mod samples;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::formulas::Formulas;
use super::lists::Lists;
use super::slot::Slot;
use crate::alarm::{self, Effect, Event, Test};
use crate::history::{self, History};
use crate::quality::{Quality, QualityReason};
use crate::severity::Severity;
use crate::site::{Condition, PartRow, Signal, SignalInput, SignalRow, Site, SourceRow};
use crate::snapshot::Counters;
use crate::time::{Now, WallMs};
use crate::value::Value;

/// One alarm with its compiled rule.
#[derive(Debug)]
pub(super) struct Alarm {
    pub rule: alarm::Rule,
    pub state: alarm::State,
    pub priority: Severity,
    pub error: Option<String>,
    /// It is on the list of those whose delay runs.
    waits: bool,
}

/// The health index of one part by its expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    pub value: Option<f64>,
    pub error: Option<String>,
}

/// What the site says of a signal, as far as samples need it: the hot path reads this instead of the long table.
#[derive(Clone, Copy, Debug)]
struct Traits {
    range: [f64; 2],
    stale_after_ms: Option<u64>,
    measured: bool,
}

impl Traits {
    fn new(signal: &Signal) -> Self {
        Self {
            range: signal.range.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]),
            stale_after_ms: signal.stale_after_ms,
            measured: matches!(signal.input, SignalInput::Topic(_)),
        }
    }

    fn excludes(&self, value: &Value) -> bool {
        matches!(value, Value::Number(number) if *number < self.range[0] || *number > self.range[1])
    }
}

/// How a message came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    pub at: Now,
    pub retained: bool,
    pub topic: Option<u32>,
}

#[derive(Debug)]
pub(super) struct Live {
    site: Arc<Site>,
    pub slots: Vec<Slot>,
    traits: Vec<Traits>,
    /// The source that feeds each signal.
    pub source_of: Vec<SourceRow>,
    /// Whether each source is disconnected.
    pub source_lost: Vec<bool>,
    /// Monotonic time at which each signal turns stale; `u64::MAX` if nothing can be stale.
    stale_at: Vec<u64>,
    /// No signal turns stale before this.
    next_stale: u64,
    pub alarms: Vec<Alarm>,
    /// Alarms whose delay runs.
    waiting: Vec<u32>,
    alarms_of: Lists,
    stale_alarms_of: Lists,
    pub part_state: Vec<Severity>,
    pub history: History,
    pub formulas: Formulas,
    /// Error of each derived signal.
    pub signal_errors: Vec<Option<Box<str>>>,
    pub health: Vec<Health>,
    /// Formulas to be evaluated that an alarm depends on, the others, and whether each is on its heap.
    dirty_exact: BinaryHeap<Reverse<u32>>,
    dirty: BinaryHeap<Reverse<u32>>,
    is_dirty: Vec<bool>,
    touched: Vec<u32>,
    values: Vec<Option<Value>>,
    /// Signals whose every change is told in `watched_changed`, by row; empty: none.
    watched: Vec<bool>,
    /// Those of them that have changed since that was asked.
    pub watched_changed: Vec<SignalRow>,
    pub counters: Counters,
    pub visible: bool,
    started: bool,
}

impl Live {
    pub fn new(site: &Arc<Site>, history_samples: usize) -> Self {
        let formulas = Formulas::new(site);
        let row_of = |signal: SignalRow| signal.index();
        let (mut on_samples, mut on_quality) = (Vec::new(), Vec::new());
        for (rule, row) in site.alarms.iter().zip(0..) {
            match &rule.condition {
                Condition::Stale { signal } => on_quality.push((row_of(*signal), row)),
                Condition::When(_) => {}
                other => on_samples.extend(other.signal().map(|signal| (row_of(signal), row))),
            }
        }
        let asset_source = |part: PartRow| {
            let asset = site.parts.get(part.index()).and_then(|part| site.assets.get(part.asset.index()));
            asset.map_or(SourceRow(0), |asset| asset.source)
        };
        Self {
            slots: vec![Slot::default(); site.signals.len()],
            traits: site.signals.iter().map(Traits::new).collect(),
            source_of: site.signals.iter().map(|signal| asset_source(signal.part)).collect(),
            source_lost: vec![false; site.sources.len()],
            stale_at: vec![u64::MAX; site.signals.len()],
            next_stale: u64::MAX,
            alarms: site.alarms.iter().map(Alarm::new).collect(),
            waiting: Vec::new(),
            alarms_of: Lists::new(site.signals.len(), &on_samples),
            stale_alarms_of: Lists::new(site.signals.len(), &on_quality),
            part_state: vec![Severity::Normal; site.parts.len()],
            history: History::new(site.signals.len(), history_samples),
            signal_errors: vec![None; site.signals.len()],
            health: vec![Health::default(); site.parts.len()],
            dirty_exact: BinaryHeap::new(),
            dirty: BinaryHeap::new(),
            is_dirty: vec![false; formulas.list.len()],
            formulas,
            touched: Vec::new(),
            values: Vec::new(),
            watched: Vec::new(),
            watched_changed: Vec::new(),
            counters: Counters::default(),
            visible: false,
            started: false,
            site: Arc::clone(site),
        }
    }

    /// Goes on with a site that has more parts at its end, which nothing measures.
    pub fn extend(&mut self, site: &Arc<Site>) {
        self.part_state.resize(site.parts.len(), Severity::Normal);
        self.health.resize(site.parts.len(), Health::default());
        self.site = Arc::clone(site);
    }

    /// The first moment: what was never heard begins to count, and expressions without inputs get their value.
    pub fn start(&mut self, now: Now) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        for row in 0..self.slots.len() {
            self.judge_stale_alarms(row, now);
        }
        for row in 0..self.formulas.list.len() {
            self.evaluate_one(row, now);
        }
        self.evaluate(now);
    }

    /// Tells of every change of these signals from now on, and of what they are derived from; of none if there are none.
    pub fn watch(&mut self, signals: impl Iterator<Item = SignalRow>) {
        self.watched_changed.clear();
        let mut open: Vec<SignalRow> = signals.collect();
        self.watched.clear();
        if open.is_empty() {
            return;
        }
        self.watched.resize(self.slots.len(), false);
        while let Some(signal) = open.pop() {
            let Some(mark) = self.watched.get_mut(signal.index()).filter(|mark| !**mark) else { continue };
            *mark = true;
            open.extend(self.formulas.inputs_of(signal));
        }
    }

    /// Whether a signal is an expression.
    pub fn is_derived(&self, row: usize) -> bool {
        self.traits.get(row).is_some_and(|traits| !traits.measured)
    }

    /// Quality of a signal now and its reason.
    pub fn quality(&self, row: usize) -> (Quality, QualityReason) {
        let lost = self.source_of.get(row).and_then(|source| self.source_lost.get(source.index()));
        self.slots
            .get(row)
            .map_or((Quality::NoData, QualityReason::NeverHeard), |slot| slot.effective(lost.copied().unwrap_or(false)))
    }

    /// Alarms and expressions after a new value.
    fn after_value(&mut self, row: usize, number: Option<f64>, source_ms: WallMs, quality: Quality, now: Now) {
        let event = match number {
            Some(value) if quality <= Quality::Uncertain => Event::Sample { value, source_ms },
            _ => Event::Hold,
        };
        for place in self.alarms_of.range(row) {
            if let Some(alarm) = self.alarms_of.item(place) {
                self.alarm_event(alarm as usize, event, now);
            }
        }
        self.judge_stale_alarms(row, now);
        self.mark_dependents(row);
    }

    /// Alarms and expressions after a change of quality without a new value.
    fn quality_changed(&mut self, row: usize, now: Now) {
        self.visible = true;
        if self.quality(row).0 > Quality::Uncertain {
            for place in self.alarms_of.range(row) {
                if let Some(alarm) = self.alarms_of.item(place) {
                    self.alarm_event(alarm as usize, Event::Hold, now);
                }
            }
        }
        self.judge_stale_alarms(row, now);
        self.mark_dependents(row);
    }

    fn judge_stale_alarms(&mut self, row: usize, now: Now) {
        for place in self.stale_alarms_of.range(row) {
            let holds = self.quality(row).0 >= Quality::Stale;
            if let Some(alarm) = self.stale_alarms_of.item(place) {
                self.alarm_event(alarm as usize, Event::Statement { holds, source_ms: None }, now);
            }
        }
    }

    fn is_lost(&self, row: usize) -> bool {
        let source = self.source_of.get(row).map_or(usize::MAX, |source| source.index());
        self.source_lost.get(source).copied().unwrap_or(false)
    }

    /// Writes history: numbers and switches, and NaN for what is none. Texts have no history.
    fn remember(&mut self, row: usize, source_ms: WallMs, value: Option<&Value>, quality: Quality) {
        let value = match value {
            Some(Value::Text(_)) => return,
            Some(value) => value.as_number().unwrap_or(f64::NAN),
            None => f64::NAN,
        };
        if let Ok(row) = u32::try_from(row) {
            self.history.insert(SignalRow(row), history::Sample { source_ms, value, quality });
        }
    }

    /// Turns what is too old stale and ends delays that have run out.
    pub fn tick(&mut self, now: Now) {
        if now.mono_ms >= self.next_stale {
            self.next_stale = u64::MAX;
            for row in 0..self.stale_at.len() {
                let Some(at) = self.stale_at.get_mut(row) else { continue };
                if *at > now.mono_ms {
                    self.next_stale = self.next_stale.min(*at);
                    continue;
                }
                *at = u64::MAX;
                self.age(row, now, |slot| slot.stale = true);
            }
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|row| {
            self.alarm_event(*row as usize, Event::Time, now);
            let Some(alarm) = self.alarms.get_mut(*row as usize) else { return false };
            alarm.waits = alarm.state.due_ms(&alarm.rule).is_some();
            alarm.waits
        });
        // Nothing was added meanwhile: time passing starts no delay.
        self.waiting = waiting;
    }

    /// A source is connected, or not.
    pub fn source_is_lost(&mut self, source: SourceRow, lost: bool, now: Now) {
        let Some(mark) = self.source_lost.get_mut(source.index()) else { return };
        *mark = lost;
        for row in 0..self.slots.len() {
            if self.source_of.get(row) != Some(&source) {
                continue;
            }
            if lost {
                self.age(row, now, |slot| slot.disconnected = true);
            } else if self.slots.get(row).is_some_and(|slot| slot.disconnected) {
                self.quality_changed(row, now);
            }
        }
    }

    /// Samples of a source were lost: what it feeds is uncertain until heard.
    pub fn source_dropped(&mut self, source: SourceRow, now: Now) {
        for row in 0..self.slots.len() {
            if self.source_of.get(row) == Some(&source) {
                self.age(row, now, |slot| slot.lost = true);
            }
        }
    }

    /// Changes a measured signal that was heard, and follows up if its quality is another one now.
    fn age(&mut self, row: usize, now: Now, change: impl FnOnce(&mut Slot)) {
        let measured = self.traits.get(row).is_some_and(|traits| traits.measured);
        let before = self.quality(row);
        let Some(slot) = self.slots.get_mut(row).filter(|slot| measured && slot.received.is_some()) else { return };
        change(slot);
        let gap_ms = slot.source_now_ms(now);
        let after = self.quality(row);
        if before == after {
            return;
        }
        if before.0 <= Quality::Uncertain && after.0 > Quality::Uncertain {
            self.remember(row, gap_ms, None, after.0);
        }
        self.quality_changed(row, now);
    }

    /// Monotonic time at which a tick has something to do.
    pub fn next_due(&self) -> Option<u64> {
        let delays = self
            .waiting
            .iter()
            .filter_map(|row| self.alarms.get(*row as usize))
            .filter_map(|alarm| alarm.state.due_ms(&alarm.rule));
        delays.chain((self.next_stale < u64::MAX).then_some(self.next_stale)).min()
    }

    /// Steps one alarm. Returns what that did.
    pub fn alarm_event(&mut self, row: usize, event: Event, now: Now) -> Option<Effect> {
        let alarm = self.alarms.get_mut(row)?;
        let held_before = alarm.state.held;
        let (state, effect) = alarm::step(alarm.state, event, &alarm.rule, now);
        alarm.state = state;
        self.visible |= held_before != state.held;
        if !alarm.waits && state.due_ms(&alarm.rule).is_some() {
            alarm.waits = true;
            self.waiting.push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        if matches!(effect, Some(Effect::Raised | Effect::Cleared | Effect::Acknowledged)) {
            self.visible = true;
            self.update_part_state(row);
        }
        effect
    }

    fn update_part_state(&mut self, alarm: usize) {
        let Some(part) = self.site.alarms.get(alarm).map(|rule| rule.part) else { return };
        let Some(rows) = self.site.parts.get(part.index()).map(|part| part.alarms.clone()) else { return };
        let alarms = self.alarms.get(rows.start as usize..rows.end as usize).unwrap_or_default();
        let worst = alarms.iter().filter(|alarm| alarm.state.active).map(|alarm| alarm.priority).max();
        if let Some(state) = self.part_state.get_mut(part.index()) {
            *state = worst.unwrap_or_default();
        }
    }
}

impl Alarm {
    fn new(rule: &crate::site::AlarmRule) -> Self {
        let test = match &rule.condition {
            Condition::High { limit, .. } => Test::High(*limit),
            Condition::Low { limit, .. } => Test::Low(*limit),
            Condition::Rate { per_s, .. } => Test::Rate(*per_s),
            Condition::Stale { .. } | Condition::When(_) => Test::Statement,
        };
        Self {
            rule: alarm::Rule {
                test,
                deadband: rule.deadband,
                on_delay_ms: rule.on_delay_ms,
                off_delay_ms: rule.off_delay_ms,
            },
            state: alarm::State::default(),
            priority: rule.priority,
            error: None,
            waits: false,
        }
    }
}
