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
    /// The rest that is counted from.
    from: Option<Reading>,
    /// Taken out since then, A·h.
    counted_ah: f64,
    /// The rest that is furthest from it, and what was counted until there.
    furthest: Option<(Reading, f64)>,
    /// Seconds of it that were not seen.
    lost_s: f64,
}

/// What the end of a rest brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rested {
    /// Capacity and its standard deviation, A·h.
    pub capacity_ah: Option<(f64, f64)>,
}

impl Rests {
    /// Whether a current is none.
    pub fn is_still(current_a: f64, rated_ah: f64) -> bool {
        current_a.abs() < STILL * rated_ah
    }

    /// Takes a row: `reading` while it is still.
    pub fn take(&mut self, current_a: f64, seconds: f64, rated_ah: f64, reading: Option<Reading>) -> Option<Rested> {
        let mut rested = None;
        if Self::is_still(current_a, rated_ah) {
            self.still_s += seconds;
            if self.still_s >= SETTLED_S {
                self.at_rest = reading.or(self.at_rest);
            }
        } else {
            self.still_s = 0.0;
            rested = self.at_rest.take().map(|now| self.end(now));
        }
        self.counted_ah += current_a * seconds / 3600.0;
        rested
    }

    fn end(&mut self, now: Reading) -> Rested {
        let Some(from) = self.from else {
            (self.from, self.counted_ah, self.lost_s) = (Some(now), 0.0, 0.0);
            return Rested { capacity_ah: None };
        };
        let swing = |to: Reading| (from.0 - to.0).abs();
        let Some((far, counted_ah)) = self.furthest.filter(|(far, _)| swing(*far) > swing(now)) else {
            self.furthest = Some((now, self.counted_ah));
            return Rested { capacity_ah: None };
        };
        if swing(far) - swing(now) < BACK {
            return Rested { capacity_ah: None };
        }
        // The swing is over, and the next one begins at its end.
        let width = swing(far);
        let capacity_ah = counted_ah / (from.0 - far.0);
        let share = (from.1.hypot(far.1) / width).hypot(COUNTED);
        let capacity_ah = (width >= SWING && capacity_ah > 0.0).then_some((capacity_ah, capacity_ah * share));
        if capacity_ah.is_some() {
            (self.from, self.counted_ah) = (Some(far), self.counted_ah - counted_ah);
        }
        self.furthest = Some((now, self.counted_ah));
        Rested { capacity_ah }
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
        let (far, counted_ah) = self.furthest.unzip();
        let readings = [self.at_rest, self.from, far].into_iter().flatten();
        self.still_s.is_finite()
            && self.lost_s.is_finite()
            && self.counted_ah.is_finite()
            && counted_ah.is_none_or(f64::is_finite)
            && readings.into_iter().all(|(charge, deviation)| charge.is_finite() && deviation > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rests at a charge, then takes so many A·h out in an hour.
    fn rest_and_take(rests: &mut Rests, charge: f64, ah: f64) -> Option<Rested> {
        for _ in 0..60 {
            assert_eq!(rests.take(0.5, 1.0, 100.0, Some((charge, 0.002))), None);
        }
        rests.take(ah, 3600.0, 100.0, None)
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
            rest_and_take(&mut rests, 0.9, 1.0).unwrap().capacity_ah
        };
        assert!(told(10.0).is_some() && told(100.0).is_none());
    }

    #[test]
    fn a_short_stop_is_no_rest() {
        let mut rests = Rests::default();
        (0..20).for_each(|_| assert_eq!(rests.take(0.5, 1.0, 100.0, Some((0.9, 0.002))), None));
        assert_eq!(rests.take(50.0, 1.0, 100.0, None), None);
    }
}
