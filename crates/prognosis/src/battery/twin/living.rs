//! What the pack's model is asked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand_distr::{Distribution as _, StandardNormal};

use crate::battery::END;
use crate::battery::ageing::{BY_CYCLES, BY_TIME, Factors, Increments, PackAgeing, RISE, SIZE, TEST};
use crate::battery::outlook::{Outlook, outlook};
use crate::battery::pack::{CHARGE, RESISTANCE};
use crate::battery::usage::{Day, Habits};
use crate::estimate::consistency::{Consistency, Verdict};
use crate::estimate::unscented::{Measurement, Unscented};
use crate::estimate::{Model as _, Noise, Prior, generator};
use crate::living::{
    Asks, Band, Belief, Evidence, EvidenceError, Finding, Foreseen, Input, Lever, Living, Path, Prediction, Question,
    Row, Setting, Standing, Threshold, check,
};

use super::{BatteryTwin, RESISTANCE_S, RESISTANCE_SHARE, SETTLING_S, SLOW_WINDOW, WINDOW};

/// The part that it is about.
const PACK: &str = "pack";
/// Samples of a prediction, and draws that make a band.
const SAMPLES: usize = 600;
const DRAWS: usize = 400;
/// Hours of the short forecast: a week.
const LEAD_H: f64 = 168.0;
/// Standard deviation of a capacity test, share: a discharge at a known current and temperature \[E\].
const TESTED: f64 = 0.01;
/// What the ageing law was tested at: temperature, °C; depth of the cycles; current, capacities an hour.
const TEMPERATURE: (f64, f64) = (0.0, 45.0);
const DEPTH: (f64, f64) = (0.8, 1.0);
const CURRENT_C: f64 = 1.0;
/// Seconds of the car before anything is said, and what counts as learned: deviations at half of the prior's.
const FIRST_S: f64 = 60.0;
const HALF: f64 = 0.5;
const END_SOURCE: &str = "80 % of the rated capacity: USABC Electric Vehicle Battery Test Procedures Manual, rev. 2, 1996; twice the resistance: usual in vehicles";

/// Factors in the order of [`Factors`]: place, id, title.
const FACTORS: [(usize, &str, &str); 3] = [
    (BY_TIME, "k_cal", "ageing by time over the law"),
    (BY_CYCLES, "k_cyc", "ageing by cycles over the law"),
    (RISE, "k_res", "rise of the resistance over the law"),
];

static QUESTIONS: [Question; 2] = [
    Question {
        part: PACK,
        id: "capacity",
        title: "Capacity test",
        asks: Asks::Number { unit: "Ah", low: 0.02, high: 130_000.0, nothing: false },
    },
    Question { part: PACK, id: "replaced", title: "Pack replaced", asks: Asks::Work },
];

static LEVERS: [Lever; 3] = [
    Lever { id: "charge_limit", title: "Charge limit", unit: "%", low: 50.0, high: 100.0, step: 5.0, neutral: 100.0 },
    Lever {
        id: "temperature",
        title: "Mean temperature (shade, garage)",
        unit: "K",
        low: -15.0,
        high: 15.0,
        step: 1.0,
        neutral: 0.0,
    },
    Lever { id: "distance", title: "Distance a day", unit: "%", low: 10.0, high: 200.0, step: 10.0, neutral: 100.0 },
];

/// Where the levers stand.
fn habits(setting: &Setting) -> Habits {
    let [limit, warmer_k, distance] = [0, 1, 2].map(|index| LEVERS.get(index).map_or(0.0, |lever| setting.get(lever)));
    Habits { charge_limit: 0.01 * limit, warmer_k, distance: 0.01 * distance }
}

fn draws(filter: &Unscented, count: usize, seed: u64, each: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    filter.ensemble(count, seed).states.chunks_exact(SIZE).map(each).collect()
}

/// 5, 50 and 95 % of what is normal in its logarithm.
fn lognormal((median, deviation): (f64, f64)) -> Band {
    let at = |z: f64| median * (z * deviation).exp();
    Band { p5: at(-1.645), p50: median, p95: at(1.645) }
}

fn now(quantity: &'static str, unit: &'static str, samples: Vec<f64>) -> Prediction {
    Prediction {
        part: PACK,
        quantity,
        unit,
        samples,
        horizon: None,
        failure_mode: Cow::Borrowed(""),
        threshold: None,
        path: None,
        is_virtual: true,
    }
}

impl BatteryTwin {
    fn normals(&self, stream: u64, count: usize) -> Vec<f64> {
        // The streams of the samples are counted from 0.
        let mut rng = generator(self.seed, (1 << 62) + stream);
        (0..count).map(|_| StandardNormal.sample(&mut rng)).collect()
    }

    /// What is and no sensor reads.
    fn virtual_sensors(&self, slow: &Unscented) -> Vec<Prediction> {
        let (charge, deviation) = self.charge();
        let charges: Vec<f64> =
            self.normals(0, SAMPLES).into_iter().map(|normal| (charge + deviation * normal).clamp(0.0, 1.0)).collect();
        let capacities = draws(slow, SAMPLES, self.seed, PackAgeing::capacity);
        let resistances = draws(slow, SAMPLES, self.seed, PackAgeing::resistance);
        let percent = |values: &[f64]| values.iter().map(|value| 100.0 * value).collect::<Vec<f64>>();
        let mut all = vec![
            now("soc", "%", percent(&charges)),
            now("soh_capacity", "%", percent(&capacities)),
            now("soh_resistance", "%", percent(&resistances)),
        ];
        let over_ah = charge.clamp(0.0, 1.0) * self.capacity_ah;
        if let Some((ah_per_km, spread)) = self.usage.consumption(over_ah) {
            let rated = self.config.capacity_ah;
            let each = charges.iter().zip(&capacities).zip(self.normals(1, SAMPLES));
            let km = each.map(|((charge, share), normal)| charge * share * rated / ah_per_km * (spread * normal).exp());
            all.push(now("range", "km", km.collect()));
        }
        all
    }

    fn ends(&self, outlook: &Outlook) -> Vec<Prediction> {
        let resistance = outlook.by_resistance > 0.5;
        let (failure_mode, threshold) = if resistance {
            ("resistance doubled", ("resistance", 100.0 * END.1))
        } else {
            ("capacity below 80 %", ("capacity", 100.0 * END.0))
        };
        let end = |quantity, unit, samples, horizon, path| Prediction {
            part: PACK,
            quantity,
            unit,
            samples,
            horizon: Some(horizon),
            failure_mode: Cow::Borrowed(failure_mode),
            threshold: Some(Threshold {
                quantity: threshold.0,
                value: threshold.1,
                unit: "%",
                source: Cow::Borrowed(END_SOURCE),
            }),
            path,
            is_virtual: false,
        };
        let path = (!resistance).then(|| Path { quantity: "capacity", points: outlook.fan.clone() });
        let mut all = vec![end("rul", "h", outlook.hours.clone(), outlook.horizon.0, path)];
        if let Some(km) = self.usage.km_per_cycle() {
            let samples = outlook.full_cycles.iter().map(|cycles| cycles * km).collect();
            all.push(end("rul_distance", "km", samples, outlook.horizon.1 * km, None));
        }
        all
    }

    fn outside(&self) -> Vec<String> {
        let mut outside = Vec::new();
        let mut judge = |name: &str, value: f64, (low, high): (f64, f64), unit: &str| {
            if !(low..=high).contains(&value) {
                outside.push(format!("{name} {value:.2}{unit} is outside {low} to {high}{unit}"));
            }
        };
        judge("temperature", self.temperature_deg_c, TEMPERATURE, " °C");
        if self.clocks_s[2] > FIRST_S {
            judge("state of charge", self.charge().0, (-0.01, 1.01), "");
        }
        if let Some(depth) = self.usage.depth() {
            judge("depth of the cycles", depth, DEPTH, "");
        }
        judge("current over capacity", self.current_a.1 / self.config.capacity_ah, (0.0, CURRENT_C), " 1/h");
        outside
    }

    /// What the law says of so many more usual days; none before the first.
    fn usual(&self, days: f64) -> Option<Increments> {
        Some(self.slow_now().1.advance(&self.usage.unseen(days)?))
    }

    /// Half of what was not known, of the capacity and of the pace at which it is lost, is known by the data.
    fn is_calibrated(&self) -> bool {
        let (slow, _) = self.slow_now();
        let width = |filter: &Unscented| {
            Band::of(draws(filter, DRAWS, self.seed, PackAgeing::capacity)).map(|band| band.p95 - band.p5)
        };
        let pace = |filter: &Unscented, day: &Increments| filter.combination(&PackAgeing::pace_weights(&slow, day)).1;
        match (width(&slow), width(&self.slow_prior), self.usual(1.0)) {
            (Some(now), Some(before), Some(day)) if self.learned => {
                now < HALF * before && pace(&slow, &day) < HALF * pace(&self.slow_prior, &day)
            }
            _ => false,
        }
    }

    /// A capacity test, A·h.
    fn tested(&mut self, value: f64, deviation: Option<f64>) -> Result<(), EvidenceError> {
        let rated = self.config.capacity_ah;
        let (low, high) = (0.2 * rated, 1.3 * rated);
        if !(low..=high).contains(&value) {
            return Err(EvidenceError::Range { id: "capacity".into(), value, low, high, unit: "Ah".into() });
        }
        self.catch_up();
        let deviation = deviation.map_or(TESTED, |deviation| deviation / rated).max(1e-3);
        let measured = Measurement { output: TEST, value: value / rated, deviation };
        // A person says so: it is believed, wild or not.
        self.slow.update(&PackAgeing, &[0.0; 4], &[measured]);
        self.learned = true;
        self.renew_capacity();
        Ok(())
    }

    /// Another pack of the type is in the car now.
    fn replaced(&mut self) {
        self.factors = Factors::of_another(&self.slow);
        self.start(0.0, 0.0);
        self.fast.loosen(RESISTANCE, 0.5);
        self.fast.loosen(CHARGE, 0.3);
        (self.fast_window, self.slow_window) = (Consistency::new(WINDOW), Consistency::new(SLOW_WINDOW));
        self.rests.break_off();
        self.usage.break_off();
        self.pending = Default::default();
        self.clocks_s[1] = RESISTANCE_S - SETTLING_S;
        (self.learned, self.placed) = (false, true);
    }
}

impl Living for BatteryTwin {
    fn inputs(&self) -> Vec<Input> {
        let input = |name, unit, required| Input { name: Cow::Borrowed(name), unit: Cow::Borrowed(unit), required };
        vec![
            input("current", "A", true),
            input("voltage", "V", true),
            input("temperature", "degC", true),
            input("ambient", "degC", false),
            input("odometer", "km", false),
        ]
    }

    fn row_seconds(&self, _: f64) -> f64 {
        1.0
    }

    fn observe(&mut self, row: &Row<'_>) {
        self.take(row);
    }

    fn questions(&self) -> &'static [Question] {
        &QUESTIONS
    }

    fn learn(&mut self, evidence: &Evidence) -> Result<(), EvidenceError> {
        check(&QUESTIONS, evidence)?;
        match &evidence.finding {
            Finding::Measured { value, deviation, .. } => self.tested(*value, *deviation),
            Finding::Done { .. } => {
                self.replaced();
                Ok(())
            }
            // No question allows it.
            Finding::Nothing { .. } => Ok(()),
        }
    }

    fn beliefs(&self) -> Vec<Belief> {
        let (slow, _) = self.slow_now();
        let rated = self.config.capacity_ah;
        let band = |filter: &Unscented, each: fn(&[f64]) -> f64, factor: f64| {
            let values = draws(filter, DRAWS, self.seed, each).into_iter().map(|value| factor * value);
            Band::of(values.collect())
        };
        let mut all = Vec::new();
        for (id, title, unit, each, factor) in [
            ("capacity", "capacity", "Ah", PackAgeing::capacity as fn(&[f64]) -> f64, rated),
            ("resistance", "resistance over a new pack's", "", PackAgeing::resistance, 1.0),
        ] {
            if let (Some(now), Some(prior)) = (band(&slow, each, factor), band(&self.slow_prior, each, factor)) {
                all.push(Belief { id, title, unit, now, prior, coordinate: None });
            }
        }
        for (place, id, title) in FACTORS {
            if let (Some(now), Some(prior)) = (slow.quantity(place), self.slow_prior.quantity(place)) {
                let coordinate = Some((now.0.max(f64::MIN_POSITIVE).ln(), now.1));
                all.push(Belief { id, title, unit: "", now: lognormal(now), prior: lognormal(prior), coordinate });
            }
        }
        all
    }

    fn start_from(&mut self, population: &BTreeMap<String, (f64, f64)>) {
        for ((_, id, _), prior) in FACTORS.iter().zip(&mut self.factors.0) {
            // A factor of a thousand is not one, and no fleet is known to a hundredth.
            let told =
                population.get(*id).filter(|(mean, deviation)| mean.abs() < 7.0 && (0.0..=3.0).contains(deviation));
            if let Some((mean, deviation)) = told {
                *prior = Prior { median: mean.exp(), deviation: deviation.max(0.01) };
            }
        }
        self.start(self.config.age_years, self.config.driven_km);
    }

    fn standing(&self) -> Standing {
        let verdicts = [self.fast_window.verdict(), self.slow_window.verdict()];
        let explains = if verdicts.contains(&Verdict::DoesNotExplain) {
            Some(false)
        } else if verdicts == [Verdict::TooFew; 2] {
            None
        } else {
            Some(true)
        };
        Standing { explains, outside: self.outside(), calibrated: self.is_calibrated(), data_until_ms: self.last_ms }
    }

    fn levers(&self) -> &'static [Lever] {
        &LEVERS
    }

    fn predict(&self, setting: &Setting) -> Vec<Prediction> {
        if self.clocks_s[2] < FIRST_S {
            return Vec::new();
        }
        let (slow, age) = self.slow_now();
        let mut all = self.virtual_sensors(&slow);
        let habits = habits(setting);
        let days: Vec<Day> = self.usage.days().iter().map(|day| day.changed(&habits, self.usage.top())).collect();
        if let Some(outlook) = outlook(&slow, age, &days, SAMPLES, self.seed) {
            all.extend(self.ends(&outlook));
        }
        all
    }

    fn lead_h(&self) -> f64 {
        LEAD_H
    }

    fn foresee(&self) -> Option<Foreseen> {
        let week = self.usual(LEAD_H / 24.0).filter(|_| self.learned)?;
        let (observed, _) = self.fast.quantity(RESISTANCE)?;
        let ensemble = self.slow_now().0.ensemble(DRAWS, self.seed);
        let scale = 1e3 * self.config.resistance_ohm;
        let samples = ensemble.states.chunks_exact(SIZE).zip(self.normals(2, DRAWS)).map(|(state, normal)| {
            let mut state = state.to_vec();
            PackAgeing.step(&mut state, &[], &week, LEAD_H / 24.0, 1.0, &mut Noise::none());
            scale * PackAgeing::found_resistance(&state) * (1.0 + RESISTANCE_SHARE * normal)
        });
        let band = Band::of(samples.collect())?;
        Some(Foreseen { quantity: "resistance", unit: "mOhm", observed: scale * observed, band })
    }
}
