//! Capacity by rests: what went through between two moments at which the voltage says the charge (dAh/dz).

use serde::{Deserialize, Serialize};

/// Current below which the pack rests, as a share of that which empties it in an hour.
const STILL: f64 = 0.04;
/// How long it must, s: some times the fast element.
const SETTLED_S: f64 = 45.0;
/// Least swing between two rests that is measured with.
const SWING: f64 = 0.3;
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
        let measured = self.from.and_then(|from| {
            let swing = from.0 - now.0;
            let capacity_ah = self.counted_ah / swing;
            let share = (from.1.hypot(now.1) / swing).hypot(COUNTED);
            (swing.abs() >= SWING && capacity_ah > 0.0).then_some((capacity_ah, capacity_ah * share))
        });
        if self.from.is_none() || measured.is_some() {
            (self.from, self.counted_ah, self.lost_s) = (Some(now), 0.0, 0.0);
        }
        Rested { capacity_ah: measured }
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
        let readings = [self.at_rest, self.from].into_iter().flatten();
        self.still_s.is_finite()
            && self.lost_s.is_finite()
            && self.counted_ah.is_finite()
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
    fn the_charge_between_two_rests_over_their_swing_is_the_capacity() {
        let mut rests = Rests::default();
        assert_eq!(rest_and_take(&mut rests, 0.9, 36.0), Some(Rested { capacity_ah: None }));
        let (ah, deviation) = rest_and_take(&mut rests, 0.5, -36.0).unwrap().capacity_ah.unwrap();
        assert!((ah - 90.0).abs() < 0.05 && (0.3..1.5).contains(&deviation), "{ah} {deviation}");
        let (ah, _) = rest_and_take(&mut rests, 0.9, 10.0).unwrap().capacity_ah.unwrap();
        assert!((ah - 90.0).abs() < 0.05, "{ah}");
    }

    #[test]
    fn small_swings_add_up_and_a_gap_breaks_the_count() {
        let mut rests = Rests::default();
        rest_and_take(&mut rests, 0.9, 18.0);
        assert_eq!(rest_and_take(&mut rests, 0.7, 18.0), Some(Rested { capacity_ah: None }));
        assert!(rest_and_take(&mut rests.clone(), 0.5, 1.0).unwrap().capacity_ah.is_some());
        rests.break_off();
        assert_eq!(rest_and_take(&mut rests, 0.5, 1.0), Some(Rested { capacity_ah: None }));
    }

    #[test]
    fn a_short_stop_is_no_rest() {
        let mut rests = Rests::default();
        (0..20).for_each(|_| assert_eq!(rests.take(0.5, 1.0, 100.0, Some((0.9, 0.002))), None));
        assert_eq!(rests.take(50.0, 1.0, 100.0, None), None);
    }
}
