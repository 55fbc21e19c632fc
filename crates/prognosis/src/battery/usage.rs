//! How the car is used, as its own days say: what a prediction draws from.

use serde::{Deserialize, Serialize};

use super::ageing::Stress;
use super::fade::Kokam;

/// A day of ageing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Day {
    /// What it did to the pack.
    pub stress: Stress,
    /// Full cycles.
    pub full_cycles: f64,
    /// Means: temperature, °C; charge, 0 to 1; depth of the cycles, 0 to 1.
    pub temperature_deg_c: f64,
    pub charge: f64,
    pub depth: f64,
}

impl Day {
    fn law(&self) -> Kokam {
        Kokam { temperature_deg_c: self.temperature_deg_c, charge: self.charge, depth: self.depth }
    }

    /// The same day under other habits: of the means, what the law says of the difference.
    pub fn changed(&self, habits: &Habits, usual_top: f64) -> Self {
        let cut = (usual_top - habits.charge_limit).max(0.0);
        // What is charged less is missing from the depth, down to a tenth; what is driven then starts lower.
        let depth = (self.depth - cut).max(self.depth.min(0.1));
        let charge = (self.charge - 0.5 * cut - 0.5 * (cut - (self.depth - depth))).clamp(0.0, 1.0);
        let temperature_deg_c = self.temperature_deg_c + habits.warmer_k;
        let other = Self { temperature_deg_c, charge, depth, ..*self };
        // Once for a day, once for a cycle: the ratio of the law's factors.
        let (before, after) = (Stress::of(&self.law(), 1.0, 1.0), Stress::of(&other.law(), 1.0, 1.0));
        let amounts = [1.0, habits.distance, 1.0, habits.distance];
        let mut stress = self.stress;
        for (((place, before), after), amount) in stress.0.iter_mut().zip(before.0).zip(after.0).zip(amounts) {
            if before > 0.0 {
                *place *= after / before * amount;
            }
        }
        Self { stress, full_cycles: self.full_cycles * habits.distance, ..other }
    }

    fn is_sound(&self) -> bool {
        let numbers = [self.full_cycles, self.temperature_deg_c, self.charge, self.depth];
        self.stress.is_sound() && numbers.iter().all(|x| x.is_finite()) && self.full_cycles >= 0.0
    }
}

/// What can be done differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Habits {
    /// Charged to this at most, 0 to 1.
    pub charge_limit: f64,
    /// Warmer by so much on the mean, K.
    pub warmer_k: f64,
    /// Distance a day over the usual one.
    pub distance: f64,
}

/// Days that are remembered.
pub(super) const REMEMBERED: usize = 365;
/// Swings of the charge below this are not cycles: braking gives that back.
const SWING: f64 = 0.05;
/// Share of a new swing in the usual one.
const NEW: f64 = 0.3;
/// Kilometres that make one value of the consumption, and how many are remembered.
const PIECE_KM: f64 = 5.0;
const PIECES: usize = 80;
/// Fastest that an odometer moves, km in a second of the car.
const FASTEST_KM_PER_S: f64 = 0.1;

/// The car's usage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Usage {
    days: Vec<Day>,
    today: Day,
    hours: f64,
    /// Since the charge turned: its direction, 1 for charging, and its extremes.
    direction: f64,
    extremes: (f64, f64),
    /// Usual depth of the cycles, and charge at which charging ends.
    depth: f64,
    top: f64,
    turns: u32,
    odometer_km: Option<f64>,
    /// Not yet a piece: km, net A·h.
    piece: (f64, f64),
    /// A·h a kilometre.
    consumption: Vec<f64>,
    /// Kilometres and full cycles that belong together, the old ones forgotten.
    distance: (f64, f64),
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            days: Vec::new(),
            today: Day::default(),
            hours: 0.0,
            direction: 0.0,
            extremes: (1.0, 0.0),
            // Until it has turned. [E]
            depth: 0.6,
            top: 0.9,
            turns: 0,
            odometer_km: None,
            piece: (0.0, 0.0),
            consumption: Vec::new(),
            distance: (0.0, 0.0),
        }
    }
}

/// A row, as usage sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    /// Hours of ageing, and seconds of the car.
    pub ageing_h: f64,
    pub seconds: f64,
    pub current_a: f64,
    pub capacity_ah: f64,
    pub charge: f64,
    pub temperature_deg_c: f64,
    /// Not a number where there is none.
    pub odometer_km: f64,
}

impl Usage {
    /// Takes a row; what it does to the pack, and whether it ended a day.
    pub fn take(&mut self, used: &Used) -> (Stress, bool) {
        let charge = used.charge.clamp(0.0, 1.0);
        self.turn(charge);
        let cycles_per_h = used.current_a.abs() / (2.0 * used.capacity_ah);
        self.drive(used, cycles_per_h * used.seconds / 3600.0);
        let law = Kokam { temperature_deg_c: used.temperature_deg_c, charge, depth: self.depth };
        let h = used.ageing_h;
        let full_cycles = cycles_per_h * h;
        let stress = Stress::of(&law, h / 24.0, full_cycles);
        let today = &mut self.today;
        today.stress = today.stress.plus(&stress);
        today.full_cycles += full_cycles;
        today.temperature_deg_c += used.temperature_deg_c * h;
        today.charge += charge * h;
        today.depth += self.depth * h;
        self.hours += h;
        let ended = self.hours >= 24.0;
        if ended {
            let (share, hours) = (24.0 / self.hours, self.hours);
            self.days.push(Day {
                stress: today.stress.times(share),
                full_cycles: today.full_cycles * share,
                temperature_deg_c: today.temperature_deg_c / hours,
                charge: today.charge / hours,
                depth: today.depth / hours,
            });
            *today = Day::default();
            self.hours = 0.0;
            if self.days.len() > REMEMBERED {
                self.days.remove(0);
            }
        }
        (stress, ended)
    }

    /// What time without any row did, as the usual day would have done it; none before the first day.
    pub fn unseen(&self, days: f64) -> Option<Stress> {
        let sum = self.days.iter().fold(Stress::default(), |sum, day| sum.plus(&day.stress));
        (!self.days.is_empty()).then(|| sum.times(days / self.days.len() as f64))
    }

    /// The charge of two rows does not hang together any more.
    pub fn break_off(&mut self) {
        (self.direction, self.extremes) = (0.0, (1.0, 0.0));
    }

    fn turn(&mut self, charge: f64) {
        let (low, high) = &mut self.extremes;
        (*low, *high) = (low.min(charge), high.max(charge));
        let (fell, rose) = (*high - charge, charge - *low);
        let turned = if self.direction > 0.0 { fell > SWING } else { rose > SWING };
        if self.direction == 0.0 {
            if rose > SWING || fell > SWING {
                self.direction = if rose > fell { 1.0 } else { -1.0 };
            }
        } else if turned {
            let new = |old: &mut f64, value: f64| *old += if self.turns < 2 { 1.0 } else { NEW } * (value - *old);
            new(&mut self.depth, (*high - *low).clamp(SWING, 1.0));
            if self.direction > 0.0 {
                new(&mut self.top, *high);
            }
            self.turns = self.turns.saturating_add(1);
            // The end of this swing is the beginning of the next.
            self.extremes = if self.direction > 0.0 { (charge, *high) } else { (*low, charge) };
            self.direction = -self.direction;
        }
    }

    fn drive(&mut self, used: &Used, full_cycles: f64) {
        if !(0.0..1e7).contains(&used.odometer_km) {
            return;
        }
        let last = self.odometer_km.replace(used.odometer_km);
        let Some(km) = last.map(|last| used.odometer_km - last) else { return };
        if !(0.0..=FASTEST_KM_PER_S * used.seconds + 0.01).contains(&km) {
            return;
        }
        let kept = 1.0 - (full_cycles / 20.0).min(1.0);
        self.distance = (kept * self.distance.0 + km, kept * self.distance.1 + full_cycles);
        let charging = km == 0.0 && used.current_a < 0.0;
        if !charging {
            self.piece.0 += km;
            self.piece.1 += used.current_a * used.seconds / 3600.0;
        }
        if self.piece.0 >= PIECE_KM {
            self.consumption.push((self.piece.1 / self.piece.0).max(0.0));
            self.piece = (0.0, 0.0);
            if self.consumption.len() > PIECES {
                self.consumption.remove(0);
            }
        }
    }

    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// Usual depth of its cycles, once it has turned.
    pub fn depth(&self) -> Option<f64> {
        (self.turns > 1).then_some(self.depth)
    }

    /// Charge at which charging ends.
    pub fn top(&self) -> f64 {
        self.top
    }

    /// The odometer, km.
    pub fn odometer_km(&self) -> Option<f64> {
        self.odometer_km
    }

    /// Kilometres of a full cycle; none before ten kilometres.
    pub fn km_per_cycle(&self) -> Option<f64> {
        let (km, cycles) = self.distance;
        (km > 10.0 && cycles > 1e-3).then(|| km / cycles)
    }

    /// A·h a kilometre, and the standard deviation of its logarithm over so many A·h: as the pieces differ and by 5 % more,
    /// for weather and driver \[E\]. None before four pieces.
    pub fn consumption(&self, over_ah: f64) -> Option<(f64, f64)> {
        let n = self.consumption.len() as f64;
        if n < 4.0 {
            return None;
        }
        let mean = self.consumption.iter().sum::<f64>() / n;
        if mean <= 1e-4 {
            return None;
        }
        let variance = self.consumption.iter().map(|x| (x / mean - 1.0).powi(2)).sum::<f64>() / (n - 1.0);
        let pieces = (over_ah / mean / PIECE_KM).max(1.0);
        Some((mean, (variance / pieces + variance / n).sqrt().hypot(0.05)))
    }

    /// Whether its numbers are usable.
    pub fn is_sound(&self) -> bool {
        let numbers = [
            self.hours,
            self.direction,
            self.extremes.0,
            self.extremes.1,
            self.depth,
            self.top,
            self.piece.0,
            self.piece.1,
            self.distance.0,
            self.distance.1,
            self.odometer_km.unwrap_or_default(),
        ];
        self.days.len() <= REMEMBERED
            && self.consumption.len() <= PIECES
            && self.days.iter().chain([&self.today]).all(Day::is_sound)
            && numbers.iter().chain(&self.consumption).all(|x| x.is_finite())
            && (0.0..24.0).contains(&self.hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(charge: f64, current_a: f64, odometer_km: f64) -> Used {
        Used {
            ageing_h: 1.0,
            seconds: 3600.0,
            current_a,
            capacity_ah: 100.0,
            charge,
            temperature_deg_c: 25.0,
            odometer_km,
        }
    }

    /// Four hours down from 0.9 to 0.5, four up again.
    fn run(usage: &mut Usage, hours: u32) {
        for hour in 0..hours {
            let at = f64::from(hour % 8);
            let (charge, current) = if at < 4.0 { (0.9 - 0.1 * at, 10.0) } else { (0.1 + 0.1 * at, -10.0) };
            let km = 50.0 * f64::from(4 * (hour / 8) + (hour % 8).min(4));
            usage.take(&used(charge, current, km));
        }
    }

    #[test]
    fn days_depth_and_kilometres_are_those_of_the_rows() {
        let mut usage = Usage::default();
        run(&mut usage, 24 * 10);
        assert_eq!(usage.days().len(), 10);
        let day = usage.days()[5];
        // 24 h of 10 A through 100 Ah, both ways.
        assert!((day.full_cycles - 1.2).abs() < 1e-9 && (day.temperature_deg_c - 25.0).abs() < 1e-9, "{day:?}");
        assert!((usage.depth().unwrap() - 0.4).abs() < 0.01 && (usage.top() - 0.9).abs() < 0.01, "{usage:?}");
        // 200 km in 8 h, which are 0.4 full cycles; 10 A at 50 km/h.
        assert!((usage.km_per_cycle().unwrap() / 500.0 - 1.0).abs() < 0.05, "{:?}", usage.km_per_cycle());
        assert!((usage.consumption(50.0).unwrap().0 / 0.2 - 1.0).abs() < 0.3, "{:?}", usage.consumption(50.0));
        assert!(usage.is_sound());
    }

    #[test]
    fn habits_that_spare_the_pack_are_less_stress_and_the_usual_ones_the_same() {
        let mut usage = Usage::default();
        run(&mut usage, 24 * 3);
        let day = usage.days()[2];
        let same = Habits { charge_limit: 1.0, warmer_k: 0.0, distance: 1.0 };
        assert_eq!(day.changed(&same, 0.9).stress, day.stress);
        let below = |habits: Habits, places: &[usize]| {
            let changed = day.changed(&habits, 0.9).stress;
            places.iter().all(|place| changed.0[*place] < day.stress.0[*place])
        };
        assert!(below(Habits { charge_limit: 0.7, ..same }, &[0, 1, 2, 3]));
        assert!(below(Habits { warmer_k: -5.0, ..same }, &[0, 1, 2, 3]));
        assert!(below(Habits { distance: 0.5, ..same }, &[1, 3]));
    }

    #[test]
    fn an_odometer_that_jumps_drives_nothing() {
        let mut usage = Usage::default();
        run(&mut usage, 24);
        let before = usage.km_per_cycle();
        for odometer in [1e6, -5.0, f64::NAN, 2.0, f64::INFINITY, 1e6] {
            usage.take(&used(0.7, 0.0, odometer));
        }
        assert_eq!(usage.km_per_cycle(), before);
        assert!(usage.is_sound());
    }
}
