//! One alarm as a pure machine: `(state, event, rule, moment) -> (state, effect)`.
//!
//! The state is a set of orthogonal flags; the letters of ISA-18.2-2016 (A normal, B unacknowledged, C acknowledged,
//! D returned to normal and unacknowledged) are derived from them ([`State::letter`]), so that no illegal mixture can
//! exist. Latching (E, F), shelving (G), suppression by design (H) and out of service (I) become further flags.
//!
//! Rules:
//! - Order for each sample: quality, range, deadband, delay, machine. What is not good or uncertain holds the alarm: it
//!   neither raises nor clears, and a running delay starts again when good samples come back.
//! - Hysteresis is on the condition: it begins beyond the limit and ends at the limit minus the deadband.
//! - A delay runs on source time from sample to sample as long as that moves forward, and on the receiver's monotonic
//!   clock since the last sample (ticks) and where source time stands or goes back. A source's clock that is set
//!   forward cannot be told from a fast replay: it can end a delay early.
//! - Alarms are dated by the receiver's wall clock, all of them, so that their order is one.
//! - Rates are measured over at least [`SHORTEST_RATE_MS`], so that jitter between two close samples is no rate.

use crate::time::{Now, WallMs};

/// Shortest span over which a rate of change is measured, ms.
pub const SHORTEST_RATE_MS: i64 = 1000;

/// What raises an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Test {
    /// A value above this limit.
    High(f64),
    /// A value below this limit.
    Low(f64),
    /// A change faster than this, in units per second, up or down.
    Rate(f64),
    /// A statement that somebody else judges: a signal that is not known, an expression.
    Statement,
}

/// A rule, as the machine needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// What raises it.
    pub test: Test,
    /// Hysteresis, in the unit of the limit; not negative.
    pub deadband: f64,
    /// The condition must hold this long before the alarm is raised, ms.
    pub on_delay_ms: u64,
    /// The condition must be over this long before the alarm is cleared, ms.
    pub off_delay_ms: u64,
}

/// What happens to an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A usable sample of its signal.
    Sample {
        /// The value.
        value: f64,
        /// Its source time.
        source_ms: WallMs,
    },
    /// Its statement was judged.
    Statement {
        /// It is true.
        holds: bool,
        /// The source time for which it was judged; `None`: the receiver's clock counts.
        source_ms: Option<WallMs>,
    },
    /// Its signal or an input of its statement is stale, bad or missing.
    Hold,
    /// Time has passed.
    Time,
    /// A person has seen it.
    Acknowledge,
}

/// What a step did that others must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It was raised: a new occurrence.
    Raised,
    /// It was cleared.
    Cleared,
    /// It was acknowledged.
    Acknowledged,
    /// There was nothing to acknowledge.
    NothingToAcknowledge,
}

/// The state of one alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// It stands.
    pub active: bool,
    /// A person has seen its last occurrence (or there was none).
    pub acknowledged: bool,
    /// The condition holds now, deadband applied, delays not.
    pub condition: bool,
    /// Quality holds it.
    pub held: bool,
    /// When it was raised last, by the receiver's wall clock, ms since the epoch.
    pub since_ms: WallMs,
    /// Value that raised it, if it was one.
    pub value: Option<f64>,
    /// How often it was raised.
    pub occurrences: u64,
    /// The delay that runs: `condition` differs from `active` since then.
    pending: Option<Pending>,
    /// Where the rate is measured from.
    anchor: Option<(WallMs, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pending {
    /// How long it has run up to the last sample or statement, ms.
    elapsed_ms: u64,
    /// Source time of that one, and its receipt.
    source_ms: Option<WallMs>,
    mono_ms: u64,
    /// Value that started it.
    value: Option<f64>,
}

impl Pending {
    /// Another sample or statement that says the same.
    fn advance(&mut self, source_ms: Option<WallMs>, now: Now) {
        let by_receiver = now.mono_ms.saturating_sub(self.mono_ms);
        let step = match (self.source_ms, source_ms) {
            (Some(from), Some(to)) if to > from => to.abs_diff(from),
            _ => by_receiver,
        };
        self.elapsed_ms = self.elapsed_ms.saturating_add(step);
        self.source_ms = source_ms;
        self.mono_ms = now.mono_ms;
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            active: false,
            acknowledged: true,
            condition: false,
            held: false,
            since_ms: 0,
            value: None,
            occurrences: 0,
            pending: None,
            anchor: None,
        }
    }
}

/// The letter of ISA-18.2 for a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// Normal.
    A,
    /// Unacknowledged.
    B,
    /// Acknowledged.
    C,
    /// Returned to normal, unacknowledged.
    D,
}

impl State {
    /// The letter of ISA-18.2.
    #[must_use]
    pub const fn letter(&self) -> Letter {
        match (self.active, self.acknowledged) {
            (false, true) => Letter::A,
            (true, false) => Letter::B,
            (true, true) => Letter::C,
            (false, false) => Letter::D,
        }
    }

    /// It belongs on the list of alarms.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.active || !self.acknowledged
    }

    /// Monotonic time at which the running delay ends, if no sample comes first.
    #[must_use]
    pub const fn due_ms(&self, rule: &Rule) -> Option<u64> {
        match &self.pending {
            Some(pending) => {
                let left_ms = rule.delay_ms(self.condition).saturating_sub(pending.elapsed_ms);
                Some(pending.mono_ms.saturating_add(left_ms))
            }
            None => None,
        }
    }
}

impl Rule {
    const fn delay_ms(&self, raising: bool) -> u64 {
        if raising { self.on_delay_ms } else { self.off_delay_ms }
    }
}

/// One step. Never panics, whatever the order of events.
#[must_use]
pub fn step(mut state: State, event: Event, rule: &Rule, now: Now) -> (State, Option<Effect>) {
    match event {
        Event::Sample { value, source_ms } => {
            state.held = false;
            match state.judge(value, source_ms, rule) {
                Some(condition) => state.observe(condition, Some(value), Some(source_ms), rule, now),
                None => (state, None),
            }
        }
        Event::Statement { holds, source_ms } => {
            state.held = false;
            state.observe(holds, None, source_ms, rule, now)
        }
        Event::Hold => {
            state.held = true;
            state.pending = None;
            state.anchor = None;
            (state, None)
        }
        Event::Time => state.settle(rule, now),
        Event::Acknowledge => {
            if state.acknowledged {
                return (state, Some(Effect::NothingToAcknowledge));
            }
            state.acknowledged = true;
            (state, Some(Effect::Acknowledged))
        }
    }
}

impl State {
    /// Whether the condition holds after this value; `None` if that cannot be said yet (a rate needs two samples).
    fn judge(&mut self, value: f64, source_ms: WallMs, rule: &Rule) -> Option<bool> {
        let slack = if self.condition { rule.deadband.max(0.0) } else { 0.0 };
        Some(match rule.test {
            Test::High(limit) => value > limit - slack,
            Test::Low(limit) => value < limit + slack,
            Test::Rate(limit) => {
                let Some((from_ms, from)) = self.anchor else {
                    self.anchor = Some((source_ms, value));
                    return None;
                };
                let span_ms = source_ms.saturating_sub(from_ms);
                if (0..SHORTEST_RATE_MS).contains(&span_ms) {
                    return None;
                }
                self.anchor = Some((source_ms, value));
                if span_ms < 0 {
                    return None;
                }
                let per_s = ((value - from) / (span_ms as f64 / 1e3)).abs();
                per_s > limit - slack
            }
            Test::Statement => return None,
        })
    }

    fn observe(
        mut self,
        condition: bool,
        value: Option<f64>,
        source_ms: Option<WallMs>,
        rule: &Rule,
        now: Now,
    ) -> (Self, Option<Effect>) {
        self.condition = condition;
        if condition == self.active {
            self.pending = None;
            return (self, None);
        }
        match &mut self.pending {
            Some(pending) => pending.advance(source_ms, now),
            None => self.pending = Some(Pending { elapsed_ms: 0, source_ms, mono_ms: now.mono_ms, value }),
        }
        self.settle(rule, now)
    }

    /// Ends a delay that has run out.
    fn settle(mut self, rule: &Rule, now: Now) -> (Self, Option<Effect>) {
        let Some(pending) = self.pending else { return (self, None) };
        let elapsed = pending.elapsed_ms.saturating_add(now.mono_ms.saturating_sub(pending.mono_ms));
        if elapsed < rule.delay_ms(self.condition) {
            return (self, None);
        }
        self.pending = None;
        self.active = self.condition;
        if !self.active {
            return (self, Some(Effect::Cleared));
        }
        self.acknowledged = false;
        self.since_ms = now.wall_ms;
        self.value = pending.value;
        self.occurrences = self.occurrences.saturating_add(1);
        (self, Some(Effect::Raised))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HIGH: Rule = Rule { test: Test::High(75.0), deadband: 2.0, on_delay_ms: 0, off_delay_ms: 0 };

    fn at(ms: u64) -> Now {
        Now { wall_ms: 1_000_000 + i64::try_from(ms).unwrap(), mono_ms: ms }
    }

    /// Runs samples `(ms, value)`, source time equal to receipt, and notes the letter after each.
    fn letters(rule: &Rule, samples: &[(u64, f64)]) -> Vec<Letter> {
        let mut state = State::default();
        samples
            .iter()
            .map(|(ms, value)| {
                let event = Event::Sample { value: *value, source_ms: at(*ms).wall_ms };
                state = step(state, event, rule, at(*ms)).0;
                state.letter()
            })
            .collect()
    }

    use Letter::{A, B, D};

    #[test]
    fn beyond_the_limit_raises_and_the_deadband_delays_the_end() {
        let samples = [(0, 75.0), (1, 75.1), (2, 74.0), (3, 73.1), (4, 73.0), (5, 74.9)];
        assert_eq!(letters(&HIGH, &samples), [A, B, B, B, D, D]);
    }

    #[test]
    fn low_is_the_mirror_image() {
        let low = Rule { test: Test::Low(1.5), deadband: 0.5, ..HIGH };
        assert_eq!(letters(&low, &[(0, 1.5), (1, 1.4), (2, 1.9), (3, 2.0)]), [A, B, B, D]);
    }

    #[test]
    fn the_on_delay_needs_the_condition_without_a_break() {
        let rule = Rule { on_delay_ms: 10, ..HIGH };
        assert_eq!(letters(&rule, &[(0, 80.0), (9, 80.0), (10, 80.0)]), [A, A, B]);
        assert_eq!(letters(&rule, &[(0, 80.0), (9, 60.0), (10, 80.0), (19, 80.0), (20, 80.0)]), [A, A, A, A, B]);
    }

    #[test]
    fn the_off_delay_needs_the_end_without_a_break() {
        let rule = Rule { off_delay_ms: 10, ..HIGH };
        assert_eq!(letters(&rule, &[(0, 80.0), (1, 60.0), (10, 60.0), (11, 60.0)]), [B, B, B, D]);
        assert_eq!(letters(&rule, &[(0, 80.0), (1, 60.0), (10, 76.0), (11, 60.0), (20, 60.0)]), [B, B, B, B, B]);
    }

    #[test]
    fn delays_run_on_source_time_while_it_moves_forward() {
        let rule = Rule { on_delay_ms: 10_000, ..HIGH };
        let sample = |source_ms| Event::Sample { value: 80.0, source_ms };
        let (state, _) = step(State::default(), sample(0), &rule, at(0));
        // A replay at a hundred times the speed: 10 s of source time in 100 ms.
        assert_eq!(step(state, sample(10_000), &rule, at(100)).1, Some(Effect::Raised));
        // Source time goes back: the receiver's clock counts.
        assert_eq!(step(state, sample(-5), &rule, at(9_999)).1, None);
        assert_eq!(step(state, sample(-5), &rule, at(10_000)).1, Some(Effect::Raised));
    }

    #[test]
    fn a_slow_replay_ends_a_delay_early_by_one_interval_of_samples_at_most() {
        let rule = Rule { on_delay_ms: 10_000, ..HIGH };
        // A tenth of the speed: ten samples for each second of source time, one a second; ticks between them.
        let mut state = State::default();
        let raised = (0..200_u64).find(|number| {
            let sample = Event::Sample { value: 80.0, source_ms: i64::try_from(number * 100).unwrap() };
            [(sample, number * 1000), (Event::Time, number * 1000 + 999)].into_iter().any(|(event, ms)| {
                let (next, effect) = step(state, event, &rule, at(ms));
                state = next;
                effect.is_some()
            })
        });
        assert!(raised.is_some_and(|number| (90..=100).contains(&number)), "{raised:?}");
    }

    #[test]
    fn alarms_are_dated_by_one_clock() {
        let rule = Rule { on_delay_ms: 10, ..HIGH };
        let old = Event::Sample { value: 80.0, source_ms: -5_000_000 };
        let (by_sample, _) = step(State::default(), old, &HIGH, at(20));
        let (pending, _) = step(State::default(), old, &rule, at(10));
        let (by_tick, _) = step(pending, Event::Time, &rule, at(20));
        assert_eq!((by_sample.since_ms, by_tick.since_ms), (at(20).wall_ms, at(20).wall_ms));
    }

    #[test]
    fn a_delay_ends_without_another_sample() {
        let rule = Rule { on_delay_ms: 10, ..HIGH };
        let (state, _) = step(State::default(), Event::Sample { value: 80.0, source_ms: 0 }, &rule, at(0));
        assert_eq!(state.due_ms(&rule), Some(10));
        assert_eq!(step(state, Event::Time, &rule, at(9)).1, None);
        let (raised, effect) = step(state, Event::Time, &rule, at(10));
        assert_eq!((effect, raised.value, raised.due_ms(&rule)), (Some(Effect::Raised), Some(80.0), None));
    }

    #[test]
    fn bad_data_holds() {
        let rule = Rule { on_delay_ms: 10, ..HIGH };
        let (state, _) = step(State::default(), Event::Sample { value: 80.0, source_ms: 0 }, &rule, at(0));
        let (held, _) = step(state, Event::Hold, &rule, at(5));
        assert!(held.held && held.due_ms(&rule).is_none());
        assert_eq!(step(held, Event::Time, &rule, at(1000)).1, None);
        // Good again: the delay starts anew.
        let (again, effect) = step(held, Event::Sample { value: 80.0, source_ms: 1000 }, &rule, at(1000));
        assert_eq!((effect, again.held, again.due_ms(&rule)), (None, false, Some(1010)));
        // An active alarm stays active.
        let (active, _) = step(State::default(), Event::Sample { value: 80.0, source_ms: 0 }, &HIGH, at(0));
        assert!(step(active, Event::Hold, &HIGH, at(1)).0.active);
    }

    #[test]
    fn acknowledging() {
        let (state, effect) = step(State::default(), Event::Acknowledge, &HIGH, at(0));
        assert_eq!((state.letter(), effect), (A, Some(Effect::NothingToAcknowledge)));
        let (raised, _) = step(state, Event::Sample { value: 80.0, source_ms: 0 }, &HIGH, at(0));
        let (seen, effect) = step(raised, Event::Acknowledge, &HIGH, at(1));
        assert_eq!((seen.letter(), effect), (Letter::C, Some(Effect::Acknowledged)));
        let (normal, _) = step(seen, Event::Sample { value: 60.0, source_ms: 2 }, &HIGH, at(2));
        assert_eq!(normal.letter(), A);
        let (over, _) = step(raised, Event::Sample { value: 60.0, source_ms: 2 }, &HIGH, at(2));
        assert_eq!(over.letter(), D);
        assert_eq!(step(over, Event::Acknowledge, &HIGH, at(3)).0.letter(), A);
        let (again, _) = step(over, Event::Sample { value: 80.0, source_ms: 4 }, &HIGH, at(4));
        assert_eq!((again.letter(), again.occurrences), (B, 2));
    }

    #[test]
    fn rates_are_measured_over_a_second_at_least() {
        let rule = Rule { test: Test::Rate(2.0), deadband: 0.0, ..HIGH };
        // 1 per ms between the first two is jitter; over the second it is 1 per s.
        assert_eq!(letters(&rule, &[(0, 0.0), (1, 1.0), (1000, 1.0)]), [A, A, A]);
        assert_eq!(letters(&rule, &[(0, 0.0), (1000, 2.1), (2000, 2.1)]), [A, B, D]);
        assert_eq!(letters(&rule, &[(0, 0.0), (1000, -2.1)]), [A, B]);
        assert_eq!(letters(&rule, &[(0, 0.0), (60_000, 60.0)]), [A, A]);
    }

    #[test]
    fn a_rate_does_not_span_a_gap() {
        let rule = Rule { test: Test::Rate(1.0), deadband: 0.0, ..HIGH };
        let sample = |ms: u64, value| (Event::Sample { value, source_ms: at(ms).wall_ms }, at(ms));
        let mut state = State::default();
        for (event, now) in [sample(0, 0.0), (Event::Hold, at(500)), sample(1000, 50.0)] {
            let (next, effect) = step(state, event, &rule, now);
            assert_eq!(effect, None);
            state = next;
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => (60.0..90.0_f64, 0..50_000_i64).prop_map(|(value, source_ms)| Event::Sample { value, source_ms }),
            1 => Just(Event::Hold),
            2 => Just(Event::Time),
            1 => Just(Event::Acknowledge),
            1 => (any::<bool>(), prop::option::of(0..50_000_i64))
                .prop_map(|(holds, source_ms)| Event::Statement { holds, source_ms }),
        ]
    }

    fn rule() -> impl Strategy<Value = Rule> {
        let test =
            prop_oneof![Just(Test::High(75.0)), Just(Test::Low(75.0)), Just(Test::Rate(3.0)), Just(Test::Statement)];
        (test, 0.0..5.0_f64, 0..5000_u64, 0..5000_u64).prop_map(|(test, deadband, on_delay_ms, off_delay_ms)| Rule {
            test,
            deadband,
            on_delay_ms,
            off_delay_ms,
        })
    }

    proptest! {
        #[test]
        fn invariants(rule in rule(), events in prop::collection::vec((event(), 0..2000_u64), 0..80)) {
            let mut state = State::default();
            let mut now = at(0);
            let (mut raised, mut cleared, mut acknowledged) = (0_u64, 0_u64, 0_u64);
            for (event, wait_ms) in events {
                now = now.plus_ms(wait_ms);
                let before = state;
                let (after, effect) = step(state, event, &rule, now);
                prop_assert_eq!(step(before, event, &rule, now), (after, effect), "the same input, the same output");
                match effect {
                    Some(Effect::Raised) => {
                        prop_assert!(!before.active && after.active && !after.acknowledged && after.condition);
                        raised += 1;
                    }
                    Some(Effect::Cleared) => {
                        prop_assert!(before.active && !after.active && !after.condition);
                        cleared += 1;
                    }
                    Some(Effect::Acknowledged) => acknowledged += 1,
                    _ => prop_assert_eq!((before.active, before.acknowledged), (after.active, after.acknowledged)),
                }
                if event == Event::Hold {
                    prop_assert_eq!(before.active, after.active);
                    prop_assert_eq!(after.due_ms(&rule), None);
                }
                prop_assert!(after.due_ms(&rule).is_none() || (after.condition != after.active && !after.held));
                prop_assert!(acknowledged <= raised && cleared <= raised && raised - cleared <= 1);
                prop_assert_eq!(after.occurrences, raised);
                state = after;
            }
        }

        #[test]
        fn without_delays_the_alarm_is_the_condition(values in prop::collection::vec(60.0..90.0_f64, 1..50)) {
            let mut state = State::default();
            for (value, ms) in values.into_iter().zip(0..) {
                state = step(state, Event::Sample { value, source_ms: ms }, &HIGH, at(0)).0;
                prop_assert_eq!(state.active, state.condition);
                prop_assert!(value <= 75.0 || state.active);
                prop_assert!(value > 73.0 || !state.active);
            }
        }
    }
}
