//! How the machine is run: shares of the time by load with what gas and coolant are there, starts by hour, and the hardest
//! moment of a cycle. What a change of dispatch, load or firing makes of it.

use serde::{Deserialize, Serialize};

use crate::living::{Lever, Setting};

use super::physics::Point;

/// How far back is remembered, s of the clock: a season.
const MEMORY_S: f64 = 90.0 * 86_400.0;
/// Classes of load, 10 % each; the last one is what is above.
const CLASSES: usize = 12;
const CLASS_PERCENT: f64 = 10.0;
/// Starts an hour before any was counted, and what that is worth, in starts: one in four days, hardly anything. \[E\]
const USUAL_STARTS_AN_HOUR: f64 = 1.0 / 96.0;
const USUAL_WORTH: f64 = 0.5;
/// Seconds of flame after which a future can be drawn from the past. \[E\]
const ENOUGH_S: f64 = 10.0;
/// Weight of the newest cycle in the usual one.
const NEWEST_CYCLE: f64 = 0.3;

/// A sum of operating points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Class {
    seconds: f64,
    gas: f64,
    pressure: f64,
    coolant: f64,
    speed: f64,
    load: f64,
}

impl Class {
    fn add(&mut self, point: &Point, seconds: f64) {
        self.seconds += seconds;
        self.gas += seconds * point.gas_deg_c;
        self.pressure += seconds * point.pressure_bar;
        self.coolant += seconds * point.coolant_deg_c;
        self.speed += seconds * point.speed_share;
        self.load += seconds * point.load_percent;
    }

    fn fade(&mut self, kept: f64) {
        for sum in
            [&mut self.seconds, &mut self.gas, &mut self.pressure, &mut self.coolant, &mut self.speed, &mut self.load]
        {
            *sum *= kept;
        }
    }

    fn mean(&self) -> Option<Point> {
        (self.seconds > 0.0).then(|| Point {
            gas_deg_c: self.gas / self.seconds,
            pressure_bar: self.pressure / self.seconds,
            coolant_deg_c: self.coolant / self.seconds,
            speed_share: self.speed / self.seconds,
            load_percent: self.load / self.seconds,
        })
    }
}

/// What was seen of the dispatch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Duty {
    classes: Vec<Class>,
    standing_s: f64,
    /// Of ageing, and starts in them.
    hours: f64,
    starts: f64,
    /// The hardest moment since the last start, and that of a usual cycle.
    hardest: Option<Point>,
    usual: Option<Point>,
}

/// How the machine will be run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Future {
    /// Operating points with flame, and the share of all hours in each.
    pub points: Vec<(f64, Point)>,
    /// Starts an hour: the middle, and the deviation of its logarithm.
    pub starts_an_hour: (f64, f64),
    /// The hardest moment of a cycle.
    pub hardest: Point,
}

impl Duty {
    pub(super) fn fits(&self) -> bool {
        let sums = |class: &Class| {
            [class.seconds, class.pressure, class.speed].iter().all(|sum| sum.is_finite() && *sum >= 0.0)
                && [class.gas, class.coolant, class.load].iter().all(|sum| sum.is_finite())
        };
        let totals = [self.standing_s, self.hours, self.starts];
        (self.classes.is_empty() || self.classes.len() == CLASSES)
            && self.classes.iter().all(sums)
            && totals.iter().all(|total| total.is_finite() && *total >= 0.0)
            && [self.hardest, self.usual].iter().flatten().all(Point::is_finite)
    }

    /// Takes a row: how the machine ran (none: it stood), in seconds of the clock and in hours of ageing.
    pub(super) fn pass(&mut self, point: Option<&Point>, seconds: f64, hours: f64) {
        self.classes.resize(CLASSES, Class::default());
        let kept = (-seconds / MEMORY_S).exp();
        self.classes.iter_mut().for_each(|class| class.fade(kept));
        for sum in [&mut self.standing_s, &mut self.hours, &mut self.starts] {
            *sum *= kept;
        }
        self.hours += hours;
        let Some(point) = point else {
            self.standing_s += seconds;
            return;
        };
        let class = (point.load_percent / CLASS_PERCENT).clamp(0.0, (CLASSES - 1) as f64) as usize;
        if let Some(class) = self.classes.get_mut(class) {
            class.add(point, seconds);
        }
        // Which moment is hardest does not depend on the effectiveness within what is possible.
        if self.hardest.is_none_or(|hardest| point.edge_stress_mpa(0.5) > hardest.edge_stress_mpa(0.5)) {
            self.hardest = Some(*point);
        }
    }

    /// Hours in which nobody watched.
    pub(super) fn away(&mut self, hours: f64) {
        self.hours += hours;
    }

    /// Counts starts.
    pub(super) fn start(&mut self, count: f64) {
        self.starts += count;
    }

    /// A cycle has ended.
    pub(super) fn close(&mut self) {
        let Some(hardest) = self.hardest.take() else { return };
        self.usual = Some(self.usual.map_or(hardest, |usual| mixed(&usual, &hardest, NEWEST_CYCLE)));
    }

    /// The hardest moment of a cycle: of usual ones, else of the one under way.
    pub(super) fn hardest(&self) -> Option<Point> {
        self.usual.or(self.hardest)
    }

    /// Starts an hour: the middle, and the deviation of its logarithm (a Gamma law's).
    pub(super) fn starts_an_hour(&self) -> (f64, f64) {
        let starts = self.starts + USUAL_WORTH;
        let rate = starts / (self.hours + USUAL_WORTH / USUAL_STARTS_AN_HOUR);
        // Nobody starts more than four times an hour for long.
        (rate.clamp(1e-6, 4.0), (1.0 / starts).sqrt().min(1.0))
    }

    /// What is ahead under a setting; none before there was a flame for some seconds.
    pub(super) fn ahead(&self, setting: &Setting) -> Option<Future> {
        let fired: Vec<(f64, Point)> =
            self.classes.iter().filter_map(|class| class.mean().map(|point| (class.seconds, point))).collect();
        let fired_s: f64 = fired.iter().map(|(seconds, _)| seconds).sum();
        if fired_s < ENOUGH_S {
            return None;
        }
        let mut share = fired_s / (fired_s + self.standing_s);
        let mut starts_an_hour = self.starts_an_hour();
        for (lever, (starts_a_week, hours_a_week)) in [(&BASE_LOAD, ALL_THE_TIME), (&TWO_SHIFT, WORKING_DAYS)] {
            if setting.get(lever) >= 0.5 {
                share = hours_a_week / 168.0;
                starts_an_hour = (starts_a_week / 168.0, 0.0);
                break;
            }
        }
        let slopes = Slopes::of(&fired);
        let change = |point: &Point| changed(point, setting, &slopes);
        let points = fired.iter().map(|(seconds, point)| (share * seconds / fired_s, change(point))).collect();
        Some(Future { points, starts_an_hour, hardest: change(&self.hardest()?) })
    }
}

fn mixed(one: &Point, other: &Point, share: f64) -> Point {
    let mix = |a: f64, b: f64| a + share * (b - a);
    Point {
        gas_deg_c: mix(one.gas_deg_c, other.gas_deg_c),
        pressure_bar: mix(one.pressure_bar, other.pressure_bar),
        coolant_deg_c: mix(one.coolant_deg_c, other.coolant_deg_c),
        speed_share: mix(one.speed_share, other.speed_share),
        load_percent: mix(one.load_percent, other.load_percent),
    }
}

/// What a percent of load changes: gas, K; coolant, K; pressure, bar.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Slopes([f64; 3]);

impl Slopes {
    /// Where loads have not differed enough to tell. \[E\]
    const USUAL: Self = Self([4.0, 0.6, 0.03]);
    /// Loads of which the slope is taken, and the least standard deviation of them, percent.
    const FROM_PERCENT: f64 = 30.0;
    const SPREAD_PERCENT: f64 = 5.0;

    /// Least squares over what was seen, cut to what is possible.
    fn of(fired: &[(f64, Point)]) -> Self {
        let loaded: Vec<_> = fired.iter().filter(|(_, point)| point.load_percent >= Self::FROM_PERCENT).collect();
        let weight: f64 = loaded.iter().map(|(seconds, _)| seconds).sum();
        let mean = |value: &dyn Fn(&Point) -> f64| {
            loaded.iter().map(|(seconds, point)| seconds * value(point)).sum::<f64>() / weight
        };
        let load = mean(&|point| point.load_percent);
        let variance = mean(&|point| (point.load_percent - load).powi(2));
        if !(weight > 0.0 && variance >= Self::SPREAD_PERCENT.powi(2)) {
            return Self::USUAL;
        }
        let slope = |value: fn(&Point) -> f64, most: f64| {
            let middle = mean(&|point| value(point));
            (mean(&|point| (point.load_percent - load) * (value(point) - middle)) / variance).clamp(0.0, most)
        };
        Self([
            slope(|point| point.gas_deg_c, 10.0),
            slope(|point| point.coolant_deg_c, 3.0),
            slope(|point| point.pressure_bar, 0.3),
        ])
    }
}

/// A point with flame, under a setting.
fn changed(point: &Point, setting: &Setting, slopes: &Slopes) -> Point {
    let limit = setting.get(&LOAD);
    // Without a limit a peak above rated load is none of ours.
    let less = if limit < LOAD.neutral { (point.load_percent - limit).max(0.0) } else { 0.0 };
    let [gas, coolant, pressure] = slopes.0;
    // Firing is turned up and down at the top: idle is what it is.
    let loaded = ((point.load_percent - less) / 100.0).clamp(0.0, 1.0);
    Point {
        gas_deg_c: point.gas_deg_c - less * gas + loaded * setting.get(&FIRING),
        pressure_bar: (point.pressure_bar - less * pressure).max(0.0),
        coolant_deg_c: point.coolant_deg_c - less * coolant + loaded * setting.get(&COOLANT),
        speed_share: point.speed_share,
        load_percent: point.load_percent - less,
    }
}

/// Starts and hours with flame a week: one start in a month, and a start each working day for 16 h. \[E\]
const ALL_THE_TIME: (f64, f64) = (12.0 * 7.0 / 365.25, 168.0);
const WORKING_DAYS: (f64, f64) = (5.0, 80.0);

const fn switch(id: &'static str, title: &'static str) -> Lever {
    Lever { id, title, unit: "", low: 0.0, high: 1.0, step: 1.0, neutral: 0.0 }
}
const BASE_LOAD: Lever = switch("base_load", "Base load: one start a month");
const TWO_SHIFT: Lever = switch("two_shift", "Two shifts: five starts a week, 80 h");
const LOAD: Lever =
    Lever { id: "load_limit", title: "Load limit", unit: "%", low: 50.0, high: 100.0, step: 5.0, neutral: 100.0 };
const FIRING: Lever = Lever {
    id: "firing_temperature",
    title: "Gas temperature at full load, change",
    unit: "K",
    low: -60.0,
    high: 30.0,
    step: 5.0,
    neutral: 0.0,
};
const COOLANT: Lever = Lever {
    id: "coolant_temperature",
    title: "Coolant temperature at full load, change",
    unit: "K",
    low: -60.0,
    high: 40.0,
    step: 10.0,
    neutral: 0.0,
};

/// What can be done differently.
pub(super) const LEVERS: [Lever; 5] = [BASE_LOAD, TWO_SHIFT, LOAD, FIRING, COOLANT];

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour of each load, of a machine whose gas rises by 5 K, coolant by 1 K and pressure by 0.02 bar a percent, and an
    /// hour of standing; a start in four hours.
    fn duty() -> Duty {
        let mut duty = Duty::default();
        for load_percent in [50.0, 75.0, 100.0] {
            let point = Point {
                gas_deg_c: 680.0 + 5.0 * load_percent,
                pressure_bar: 7.5 + 0.02 * load_percent,
                coolant_deg_c: 300.0 + load_percent,
                speed_share: 1.0,
                load_percent,
            };
            duty.pass(Some(&point), 3600.0, 1.0);
        }
        duty.pass(None, 3600.0, 1.0);
        duty.start(1.0);
        duty
    }

    fn ahead(levers: &[(&str, f64)]) -> Future {
        let setting = Setting(levers.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect());
        duty().ahead(&setting).unwrap()
    }

    fn share(future: &Future) -> f64 {
        future.points.iter().map(|(share, _)| share).sum()
    }

    #[test]
    fn shares_of_the_time_are_those_of_the_dispatch() {
        // Three hours with a flame of four; of a week 80 h; always.
        for (levers, expected) in [(&[][..], 0.75), (&[("two_shift", 1.0)], 80.0 / 168.0), (&[("base_load", 1.0)], 1.0)]
        {
            // What is older weighs a little less.
            assert!((share(&ahead(levers)) - expected).abs() < 1e-3, "{levers:?}");
        }
        assert_eq!(ahead(&[("two_shift", 1.0)]).starts_an_hour.0, 5.0 / 168.0);
        // Twelve starts in the 8,766 h of a year.
        let (starts, _) = ahead(&[("two_shift", 1.0), ("base_load", 1.0)]).starts_an_hour;
        assert!((starts * 8766.0 - 12.0).abs() < 1e-9, "{starts}");
    }

    #[test]
    fn a_limit_of_load_moves_gas_coolant_and_pressure_as_they_were_seen_to() {
        let limited = ahead(&[("load_limit", 80.0)]);
        let top = limited.points.last().unwrap().1;
        // 20 % less at 5 K, 1 K and 0.02 bar a percent.
        for (value, expected) in [(top.gas_deg_c, 1080.0), (top.coolant_deg_c, 380.0), (top.pressure_bar, 9.1)] {
            assert!((value - expected).abs() < 1e-6, "{value} {expected}");
        }
        assert_eq!(limited.hardest.load_percent, 80.0);
        assert_eq!(limited.points[0], ahead(&[]).points[0]);
    }

    #[test]
    fn firing_is_changed_in_proportion_to_load() {
        let [now, then] = [ahead(&[]), ahead(&[("firing_temperature", -40.0)])];
        for ((_, now), (_, then)) in now.points.iter().zip(&then.points) {
            assert!((now.gas_deg_c - then.gas_deg_c - 0.4 * now.load_percent).abs() < 1e-9);
        }
    }

    #[test]
    fn a_start_in_few_hours_outweighs_what_is_usual_as_they_add_up() {
        // (n + 0.5)/(h + 48): of 1 in 4 h, then of 1,000 in 4,000 h.
        let mut duty = duty();
        assert!((duty.starts_an_hour().0 - 1.5 / 52.0).abs() < 1e-4);
        duty.away(3996.0);
        duty.start(999.0);
        assert!((duty.starts_an_hour().0 / 0.2473 - 1.0).abs() < 1e-3, "{:?}", duty.starts_an_hour());
    }
}
