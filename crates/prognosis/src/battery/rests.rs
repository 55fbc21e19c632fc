//! Capacity by rests: what went through between two moments at which the voltage says the charge (dAh/dz).

use serde::{Deserialize, Serialize};

/// Current below which the pack rests, as a share of that which empties it in an hour.
const STILL: f64 = 0.04;
/// How long it must, s: some times the fast element.
const SETTLED_S: f64 = 45.0;
/// Least swing between two rests that is measured with, and how far back the charge must be for a swing to be over.
const SWING: f64 = 0.3;
const BACK: f64 = 0.03;
/// Error of the charge that was counted, share: the sensor's gain is in the gauge, this is the rest \[E\].
const COUNTED: f64 = 0.004;

/// Most that can be missing from a count, s.
const LOST_S: f64 = 60.0;

/// A charge by voltage, and its standard deviation.
pub(super) type Reading = (f64, f64);

/// The counter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rests {
    still_s: f64,
    at_rest: Option<Reading>,
    /// The rest that is counted from, and what the pack had lost by then.
    from: Option<(Reading, f64)>,
    /// Taken out since then, A·h.
    counted_ah: f64,
    /// The rest that is furthest from it, what was counted until there, and what the pack had lost by then.
    furthest: Option<(Reading, f64, f64)>,
    /// Seconds of it that were not seen.
    lost_s: f64,
}

/// What the end of a rest brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rested {
    /// Capacity and its standard deviation, A·h.
    pub capacity_ah: Option<(f64, f64)>,
    /// What the pack has lost since the middle of the swing, in the unit that it was told in.
    pub lost_since: f64,
}

impl Rests {
    /// Whether a current is none.
    pub fn is_still(current_a: f64, rated_ah: f64) -> bool {
        current_a.abs() < STILL * rated_ah
    }

    /// Takes a row: `reading` while it is still; `lost` is what the pack is believed to have lost by now.
    pub fn take(
        &mut self,
        current_a: f64,
        seconds: f64,
        rated_ah: f64,
        reading: Option<Reading>,
        lost: f64,
    ) -> Option<Rested> {
        let mut rested = None;
        if Self::is_still(current_a, rated_ah) {
            self.still_s += seconds;
            if self.still_s >= SETTLED_S {
                self.at_rest = reading.or(self.at_rest);
            }
        } else {
            self.still_s = 0.0;
            rested = self.at_rest.take().map(|now| self.end(now, lost));
        }
        self.counted_ah += current_a * seconds / 3600.0;
        rested
    }

    fn end(&mut self, now: Reading, lost: f64) -> Rested {
        const NOTHING: Rested = Rested { capacity_ah: None, lost_since: 0.0 };
        let Some((from, lost_from)) = self.from else {
            (self.from, self.counted_ah, self.lost_s) = (Some((now, lost)), 0.0, 0.0);
            return NOTHING;
        };
        let swing = |to: Reading| (from.0 - to.0).abs();
        let Some((far, counted_ah, lost_far)) = self.furthest.filter(|(far, ..)| swing(*far) > swing(now)) else {
            self.furthest = Some((now, self.counted_ah, lost));
            return NOTHING;
        };
        let width = swing(far);
        if width - swing(now) < BACK {
            return NOTHING;
        }
        // The swing is over, and the next one begins at its end.
        let capacity_ah = counted_ah / (from.0 - far.0);
        let share = (from.1.hypot(far.1) / width).hypot(COUNTED);
        let capacity_ah = (width >= SWING && capacity_ah > 0.0).then_some((capacity_ah, capacity_ah * share));
        if capacity_ah.is_some() {
            (self.from, self.counted_ah) = (Some((far, lost_far)), self.counted_ah - counted_ah);
        }
        self.furthest = Some((now, self.counted_ah, lost));
        Rested { capacity_ah, lost_since: lost - 0.5 * (lost_from + lost_far) }
    }

    /// So long was not seen. A little of that is in the error of the count; more ends it.
    pub fn lose(&mut self, seconds: f64) {
        self.lost_s += seconds;
        if self.lost_s > LOST_S {
            self.break_off();
        }
    }

    /// The count is lost.
    pub fn break_off(&mut self) {
        *self = Self::default();
    }

    pub fn is_sound(&self) -> bool {
        let (from, far) = (self.from.unwrap_or_default(), self.furthest.unwrap_or_default());
        let (still, at_rest) = (self.still_s, self.at_rest.unwrap_or_default());
        let numbers = [still, self.counted_ah, self.lost_s, at_rest.0, at_rest.1, from.0.0, from.0.1, from.1];
        numbers.iter().chain(&[far.0.0, far.0.1, far.1, far.2]).all(|x| x.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rests at a charge, then takes so many A·h out in an hour.
    fn rest_and_take(rests: &mut Rests, charge: f64, ah: f64) -> Option<Rested> {
        for _ in 0..60 {
            assert_eq!(rests.take(0.5, 1.0, 100.0, Some((charge, 0.002)), 0.0), None);
        }
        rests.take(ah, 3600.0, 100.0, None, 0.0)
    }

    #[test]
    fn the_charge_between_the_ends_of_a_swing_over_it_is_the_capacity() {
        let mut rests = Rests::default();
        // Down in two parts, up at once, down again: told at the first rest after each turn.
        let steps = [(0.9, 18.0), (0.7, 18.0), (0.5, -36.0), (0.9, 9.0), (0.8, 9.0)];
        let told: Vec<_> =
            steps.iter().map(|(charge, ah)| rest_and_take(&mut rests, *charge, *ah).unwrap().capacity_ah).collect();
        let [None, None, None, Some(down), Some(up)] = told[..] else { panic!("{told:?}") };
        for (ah, deviation) in [down, up] {
            assert!((ah - 90.0).abs() < 0.1 && (0.3..1.5).contains(&deviation), "{ah} {deviation}");
        }
    }

    #[test]
    fn a_gap_ends_the_count_and_a_blink_does_not() {
        let told = |lost_s: f64| {
            let mut rests = Rests::default();
            rest_and_take(&mut rests, 0.9, 36.0);
            rests.lose(lost_s);
            rest_and_take(&mut rests, 0.5, -36.0);
            rest_and_take(&mut rests, 0.9, 9.0).unwrap().capacity_ah
        };
        assert!(told(10.0).is_some() && told(100.0).is_none());
    }

    #[test]
    fn a_short_stop_is_no_rest() {
        let mut rests = Rests::default();
        (0..20).for_each(|_| assert_eq!(rests.take(0.5, 1.0, 100.0, Some((0.9, 0.002)), 0.0), None));
        assert_eq!(rests.take(50.0, 1.0, 100.0, None, 0.0), None);
    }
}
