//! What a model said would be observed, against what came: the record that says how far it may be trusted, and by how
//! much what is shown of it is widened.
//!
//! Bands are widened, never narrowed: what holds more often than it says does no harm, and a forecast of some days says
//! little about a life of years. Forecasts overlap, so neighbours in the record hang together.

use serde::{Deserialize, Serialize};

use super::{Band, Foreseen, WallMs};
use crate::estimate::conformal::{self, Adaptive};

/// Results that are kept and counted.
const KEPT: usize = 40;
/// Most forecasts that wait for what comes.
const MOST_PENDING: usize = 8;
/// Forecasts in one lead, and the share of a lead by which one may be overdue: later, what came is not its answer.
const PER_LEAD: f64 = 4.0;
/// Share of truths that a band misses.
const MISS: f64 = 0.1;
/// How fast the factor follows: gamma of Gibbs and Candès 2021.
const STEP: f64 = 0.02;
/// Fewest results to widen by: with fewer no quantile of nine in ten exists (see [`conformal::split_factor`]).
const LEAST: usize = 9;
/// Widest: beyond it the model is wrong, which its [`super::Standing`] has to say \[E\].
const WIDEST: f64 = 10.0;
/// Longest name of a quantity or a unit that is read back.
const LONGEST: usize = 200;

/// A forecast and what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// When it was made.
    pub made_at_ms: WallMs,
    /// When it was due and compared.
    pub due_at_ms: WallMs,
    /// What the model said.
    pub raw: Band,
    /// What was shown: widened by what was known when it was made.
    pub shown: Band,
    /// What was observed.
    pub came: f64,
}

/// A forecast that is not due.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Pending {
    made_at_ms: WallMs,
    made_at_h: f64,
    due_at_h: f64,
    raw: Band,
    shown: Band,
}

/// The record of one model of one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Checks(Stored);

/// What is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    quantity: String,
    unit: String,
    lead_h: f64,
    pending: Vec<Pending>,
    made: Vec<Made>,
    /// Forecasts that nothing was there to compare with when they were due.
    unanswered: u64,
    adaptive: Adaptive,
}

impl Default for Checks {
    fn default() -> Self {
        Self(Stored {
            quantity: String::new(),
            unit: String::new(),
            lead_h: 0.0,
            pending: Vec::new(),
            made: Vec::new(),
            unanswered: 0,
            adaptive: Adaptive::new(MISS, STEP),
        })
    }
}

impl TryFrom<Stored> for Checks {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, &'static str> {
        let bands = stored.pending.iter().flat_map(|one| [one.raw, one.shown]);
        let sound = stored.quantity.len() <= LONGEST
            && stored.unit.len() <= LONGEST
            && stored.lead_h.is_finite()
            && stored.pending.len() <= MOST_PENDING
            && stored.made.len() <= KEPT
            && bands.chain(stored.made.iter().flat_map(|one| [one.raw, one.shown])).all(is_band)
            && stored.pending.iter().all(|one| one.made_at_h.is_finite() && one.due_at_h.is_finite())
            && stored.made.iter().all(|one| one.came.is_finite())
            && stored.adaptive.is_sound();
        if sound { Ok(Self(stored)) } else { Err("the stored record of forecasts is damaged: delete it") }
    }
}

impl From<Checks> for Stored {
    fn from(checks: Checks) -> Self {
        checks.0
    }
}

impl Checks {
    /// Takes a row: `ageing_h` is how long the asset has aged so far, `foreseen` and `lead_h` are what the model says
    /// after it. Forecasts that are due are compared with what is observed now; a new one is made four times in a lead.
    pub fn follow(&mut self, at_ms: WallMs, ageing_h: f64, foreseen: Option<Foreseen>, lead_h: f64) {
        if !(ageing_h.is_finite() && lead_h.is_finite() && lead_h > 0.0) {
            return;
        }
        let foreseen = foreseen.filter(|one| one.observed.is_finite() && is_band(one.band));
        if let Some(one) = &foreseen
            && (one.quantity != self.0.quantity || one.unit != self.0.unit)
        {
            // Another quantity is another record.
            *self = Self::default();
            one.quantity.clone_into(&mut self.0.quantity);
            one.unit.clone_into(&mut self.0.unit);
        }
        self.0.lead_h = lead_h;
        let patience = lead_h / PER_LEAD;
        for one in std::mem::take(&mut self.0.pending) {
            // An asset does not get younger: then its hours were counted anew.
            if ageing_h < one.made_at_h || ageing_h > one.due_at_h + patience {
                self.0.unanswered = self.0.unanswered.saturating_add(1);
            } else if ageing_h >= one.due_at_h
                && let Some(now) = &foreseen
            {
                self.answer(one, at_ms, now.observed);
            } else {
                self.0.pending.push(one);
            }
        }
        let last = self.0.pending.last().map(|one| one.made_at_h);
        if let Some(one) = foreseen
            && self.0.pending.len() < MOST_PENDING
            && last.is_none_or(|last| ageing_h >= last + patience)
        {
            let pending = Pending {
                made_at_ms: at_ms,
                made_at_h: ageing_h,
                due_at_h: ageing_h + lead_h,
                raw: one.band,
                shown: self.shown(one.band),
            };
            self.0.pending.push(pending);
        }
    }

    fn answer(&mut self, one: Pending, at_ms: WallMs, came: f64) {
        let unit = conformal::Band { low: -1.0, middle: 0.0, high: 1.0 };
        // A half without width is missed by any distance; beyond the widest it does not matter by how much.
        self.0.adaptive.learn(&unit, of(one.raw).score(came).min(2.0 * WIDEST));
        if self.0.made.len() >= KEPT {
            self.0.made.remove(0);
        }
        let Pending { made_at_ms, raw, shown, .. } = one;
        self.0.made.push(Made { made_at_ms, due_at_ms: at_ms, raw, shown, came });
    }

    /// Forgets the forecasts that are not due: something was done to the asset that they could not know.
    pub fn interrupt(&mut self) {
        self.0.pending.clear();
    }

    /// By how much halves of bands are widened: from 1 (nothing, and until there are nine results) to 10.
    #[must_use]
    pub fn factor(&self) -> f64 {
        if self.0.made.len() < LEAST {
            return 1.0;
        }
        let factor = self.0.adaptive.factor();
        // Where everything must be held: all that was.
        let most = || self.0.made.iter().map(|one| of(one.raw).score(one.came)).fold(1.0, f64::max);
        let factor = if factor.is_finite() { factor } else { most() };
        factor.clamp(1.0, WIDEST)
    }

    /// A band of the model as it is to be shown.
    #[must_use]
    pub fn shown(&self, raw: Band) -> Band {
        let band = of(raw).scaled(self.factor());
        Band { p5: band.low, p50: band.middle, p95: band.high }
    }

    /// Of what; empty before the first forecast.
    #[must_use]
    pub fn quantity(&self) -> &str {
        &self.0.quantity
    }

    /// Its unit (UCUM).
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.0.unit
    }

    /// How far ahead the forecasts are, in hours of ageing.
    #[must_use]
    pub fn lead_h(&self) -> f64 {
        self.0.lead_h
    }

    /// The last 40 forecasts that came due, oldest first.
    #[must_use]
    pub fn made(&self) -> &[Made] {
        &self.0.made
    }

    /// How many of these held as shown, and of how many.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        let held = self.0.made.iter().filter(|one| one.shown.holds(one.came)).count();
        (held, self.0.made.len())
    }

    /// Forecasts that nothing was there to compare with when they were due: the telemetry had a gap.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.0.unanswered
    }
}

/// A remaining life moved away from the median, `factor` times as far in its logarithm: from samples or quantiles of what
/// a model says to those that are shown. Order is kept, the median too. A median beyond the horizon counts as the horizon,
/// which it is at least; what comes to lie beyond the horizon is infinity.
#[must_use]
pub fn widened_life(life: f64, median: f64, horizon: f64, factor: f64) -> f64 {
    let middle = median.min(horizon);
    if factor == 1.0 || !(life > 0.0 && life.is_finite() && middle > 0.0 && middle.is_finite()) {
        return life;
    }
    let widened = middle * (life / middle).powf(factor);
    if widened > horizon { f64::INFINITY } else { widened }
}

fn of(band: Band) -> conformal::Band {
    conformal::Band { low: band.p5, middle: band.p50, high: band.p95 }
}

fn is_band(band: Band) -> bool {
    [band.p5, band.p50, band.p95].iter().all(|value| value.is_finite()) && band.p5 <= band.p50 && band.p50 <= band.p95
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution as _, StandardNormal};

    use super::*;
    use crate::estimate::generator;
    use crate::estimate::metrics::quantile;

    fn foreseen(observed: f64, half: f64) -> Foreseen {
        let band = Band { p5: -half, p50: 0.0, p95: half };
        Foreseen { quantity: "level", unit: "mm", observed, band }
    }

    /// White noise of standard deviation 1, an hour a row, with a lead of 8 hours; forecasts of ±`half`. All results.
    fn run(half: f64, results: usize) -> (Checks, Vec<Made>) {
        let mut rng = generator(3, 0);
        let (mut checks, mut all) = (Checks::default(), Vec::<Made>::new());
        for hour in 0..2 * results as i64 + 8 {
            let observed: f64 = StandardNormal.sample(&mut rng);
            checks.follow(hour * 3_600_000, hour as f64, Some(foreseen(observed, half)), 8.0);
            if let Some(last) = checks.made().last().filter(|last| all.last() != Some(last)) {
                all.push(*last);
            }
        }
        (checks, all)
    }

    fn coverage(made: &[Made], band: impl Fn(&Made) -> Band) -> f64 {
        made.iter().filter(|one| band(one).holds(one.came)).count() as f64 / made.len() as f64
    }

    #[test]
    fn a_forecast_is_compared_with_what_is_observed_a_lead_later() {
        let mut checks = Checks::default();
        for hour in 0..=10 {
            checks.follow(1000 * hour, hour as f64, Some(foreseen(hour as f64, 8.5)), 8.0);
        }
        let band = Band { p5: -8.5, p50: 0.0, p95: 8.5 };
        let made = |made_at_ms, due_at_ms, came| Made { made_at_ms, due_at_ms, raw: band, shown: band, came };
        assert_eq!(checks.made(), [made(0, 8000, 8.0), made(2000, 10_000, 10.0)]);
        assert_eq!((checks.held(), checks.quantity(), checks.unit(), checks.lead_h()), ((1, 2), "level", "mm", 8.0));
    }

    #[test]
    fn bands_of_half_the_width_are_widened_until_they_hold_nine_of_ten_and_the_raw_ones_are_kept() {
        let (checks, made) = run(0.822, 1000);
        assert_eq!((checks.made().len(), checks.held().1), (40, 40));
        let late = &made[100..];
        // A normal value is within ±0.822 with 0.589; 900 results have a standard error of 0.01 and 0.016.
        let (shown, raw) = (coverage(late, |one| one.shown), coverage(late, |one| one.raw));
        assert!((shown - 0.9).abs() < 0.03 && (raw - 0.589).abs() < 0.05, "{shown} {raw}");
        assert!((checks.factor() - 2.0).abs() < 0.4, "{}", checks.factor());
    }

    #[test]
    fn bands_that_hold_are_not_narrowed_and_few_results_change_nothing() {
        let (checks, made) = run(3.0, 300);
        assert_eq!(checks.factor(), 1.0);
        assert!(made.iter().all(|one| one.shown == one.raw));
        assert_eq!(run(0.01, 8).0.factor(), 1.0);
    }

    #[test]
    fn a_model_that_is_certain_and_wrong_is_widened_no_further_than_to_ten() {
        let (checks, _) = run(1e-9, 200);
        assert_eq!(checks.factor(), 10.0);
        let (checks, _) = run(0.0, 200);
        assert_eq!((checks.factor(), checks.held()), (10.0, (0, 40)));
        assert!(serde_json::to_string(&checks).is_ok_and(|text| !text.contains("null")));
    }

    #[test]
    fn what_comes_long_after_it_was_due_is_no_answer() {
        let mut checks = Checks::default();
        checks.follow(0, 0.0, Some(foreseen(0.0, 1.0)), 8.0);
        checks.follow(1, 8.5, None, 8.0);
        assert_eq!((checks.held(), checks.unanswered()), ((0, 0), 0), "it waits for an observation");
        checks.follow(2, 10.5, Some(foreseen(5.0, 1.0)), 8.0);
        assert_eq!((checks.held(), checks.unanswered()), ((0, 0), 1));
        // Hours that are counted anew.
        checks.follow(3, 0.0, Some(foreseen(5.0, 1.0)), 8.0);
        assert_eq!((checks.held(), checks.unanswered()), ((0, 0), 2));
    }

    #[test]
    fn work_on_the_asset_and_another_quantity_take_forecasts_back() {
        let mut checks = Checks::default();
        checks.follow(0, 0.0, Some(foreseen(0.0, 1.0)), 8.0);
        checks.interrupt();
        checks.follow(1, 8.0, Some(foreseen(0.0, 1.0)), 8.0);
        assert_eq!(checks.held(), (0, 0));
        checks.follow(2, 16.0, Some(Foreseen { quantity: "other", ..foreseen(0.0, 1.0) }), 8.0);
        assert_eq!((checks.held(), checks.quantity()), ((0, 0), "other"));
    }

    #[test]
    fn what_is_not_finite_or_not_in_order_is_no_forecast() {
        let (mut checks, before) = (Checks::default(), Checks::default());
        checks.follow(0, f64::NAN, Some(foreseen(0.0, 1.0)), 8.0);
        checks.follow(0, 1.0, Some(foreseen(0.0, 1.0)), 0.0);
        assert_eq!(checks, before);
        for (observed, half) in [(f64::NAN, 1.0), (0.0, f64::INFINITY), (0.0, -1.0)] {
            checks.follow(0, 1.0, Some(foreseen(observed, half)), 8.0);
            assert!(checks.0.pending.is_empty());
        }
    }

    #[test]
    fn a_stored_record_goes_on_the_same_and_a_damaged_one_is_refused() {
        let (mut checks, _) = run(0.5, 60);
        let text = serde_json::to_string(&checks).unwrap();
        let mut read: Checks = serde_json::from_str(&text).unwrap();
        for hour in 200..300 {
            for one in [&mut checks, &mut read] {
                one.follow(hour, hour as f64, Some(foreseen((hour % 7) as f64 - 3.0, 0.5)), 8.0);
            }
        }
        // JSON gives numbers back to the last digit but one.
        assert!((checks.factor() - read.factor()).abs() < 1e-9);
        assert_eq!((checks.held(), checks.0.pending.len()), (read.held(), read.0.pending.len()));
        let damaged = [
            ("\"lead_h\":8.0", "\"lead_h\":8.0,\"more\":1"),
            ("\"p5\":-0.5,\"p50\":0.0", "\"p5\":9.5,\"p50\":0.0"),
            ("\"target\":0.1", "\"target\":7"),
        ];
        for (from, to) in damaged {
            let text = text.replacen(from, to, 1);
            assert!(text.contains(to), "{from}");
            assert!(serde_json::from_str::<Checks>(&text).is_err(), "{to}");
        }
    }

    #[test]
    fn a_life_is_widened_about_its_median_and_in_order() {
        let samples: Vec<f64> = (1..=101).map(|i| f64::from(i) * 10.0).collect();
        let widen = |life: f64| widened_life(life, 510.0, 1010.0, 2.0);
        let wide: Vec<f64> = samples.iter().map(|life| widen(*life)).collect();
        assert!(wide.is_sorted());
        assert_eq!(quantile(&wide, 0.5), Some(510.0));
        // 60 h is 8.5 times less than the median: twice as far is 72.25 times less.
        assert!((widen(60.0) - 510.0 / 72.25).abs() < 1e-9);
        assert_eq!((widen(0.0), widen(f64::INFINITY), widen(1000.0)), (0.0, f64::INFINITY, f64::INFINITY));
        assert_eq!(widened_life(300.0, 510.0, 1010.0, 1.0), 300.0);
        // Of a median beyond the horizon that much is known; without a middle, nothing.
        assert!((widened_life(30.0, f64::INFINITY, 100.0, 2.0) - 9.0).abs() < 1e-12);
        assert_eq!(widened_life(30.0, 0.0, 100.0, 2.0), 30.0);
    }
}
