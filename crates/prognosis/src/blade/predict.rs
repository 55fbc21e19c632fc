//! What is left, by Monte Carlo: each sample is a blade that could be this one, with its own future.
//!
//! Random numbers belong to the sample, not to the setting, so two settings differ sample by sample by what was changed.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};

use crate::crack::{Cycles, ParisLaw};
use crate::estimate::generator;
use crate::estimate::metrics::quantile;
use crate::living::{Band, Path, Prediction, Setting, Threshold};

use super::config::Lengths;
use super::duty::Future;
use super::effectiveness;
use super::twin::{BladeTwin, CREEP_BEFORE, GEOMETRY, TRAILING, load};

/// Samples.
const SAMPLES: usize = 1000;
/// How far is looked, h: twenty years.
pub(super) const HORIZON_H: f64 = 175_320.0;
/// The pace of starts to come differs from that of the past: standard deviation of the logarithm. \[E\]
const STARTS_TO_COME: f64 = 0.1;
/// Parts of the way to the limit, and behind it, up to what share of it.
const TO_LIMIT: usize = 32;
const BEHIND_LIMIT: usize = 8;
const BEYOND: f64 = 1.5;
/// Points of a path.
const POINTS: usize = 24;
/// What a stress may be off by: standard deviation of the logarithm. \[E\]
const STRESS: f64 = 0.15;
/// Streams of random numbers of this file, apart from the filter's.
const STREAMS: u64 = 0x0B1A_DE00_0000_0000;

/// One blade that could be this one.
struct Sample {
    length_m: f64,
    /// Used share of the creep life at the edge that has used most when it ends, and how much an hour uses.
    used: f64,
    used_an_hour: f64,
    starts_an_hour: f64,
    /// Starts at each length of the way ahead, ascending both.
    way: Vec<(f64, f64)>,
    /// Effectiveness of the trailing edge.
    cooling: f64,
    /// What the stress is off by.
    stress: f64,
}

impl Sample {
    fn creep_h(&self) -> f64 {
        if self.used >= 1.0 { 0.0 } else { (1.0 - self.used) / self.used_an_hour }
    }

    fn crack_h(&self, limit_m: f64) -> f64 {
        if self.length_m >= limit_m {
            return 0.0;
        }
        self.way.get(TO_LIMIT).map_or(f64::INFINITY, |(starts, _)| starts / self.starts_an_hour)
    }

    /// Length after some hours, m.
    fn length_after(&self, hours: f64) -> f64 {
        let starts = hours * self.starts_an_hour;
        let next = self.way.partition_point(|(at, _)| *at <= starts);
        let before = next.checked_sub(1).and_then(|i| self.way.get(i)).copied();
        match (before, self.way.get(next).copied()) {
            (Some((n0, a0)), Some((n1, a1))) if n1.is_finite() => a0 + (a1 - a0) * (starts - n0) / (n1 - n0),
            (Some((_, a0)), _) => a0,
            (None, _) => self.length_m,
        }
    }
}

/// Starts to each length from one that is there, to the limit and some way behind it.
fn way(from_m: f64, limit_m: f64, growth: &mut dyn FnMut(f64, f64) -> f64) -> Vec<(f64, f64)> {
    let mut way = vec![(0.0, from_m)];
    let (mut starts, mut length) = (0.0, from_m);
    let first = if from_m < limit_m { limit_m } else { from_m };
    for (to, parts) in [(first, TO_LIMIT), (BEYOND * first, BEHIND_LIMIT)] {
        let step = (to / length).ln() / parts as f64;
        for _ in 0..parts {
            let next = length * step.exp();
            if next > length {
                starts += (next - length) / growth((length * next).sqrt(), starts);
            }
            length = next;
            way.push((starts, length));
        }
    }
    way
}

impl BladeTwin {
    fn samples(&self, future: &Future, lengths: Lengths) -> Vec<Sample> {
        let ensemble = self.crack.ensemble(SAMPLES);
        let discrepancy = self.crack.discrepancy();
        let rows = ensemble.states.iter().zip(ensemble.parameters.chunks_exact(2)).zip(&ensemble.log_rates).enumerate();
        let (pace, spread) = future.starts_an_hour;
        rows.filter_map(|(index, ((length, law), log_rate))| {
            let &[rate_at_pivot_m, exponent] = law else { return None };
            let mut rng = generator(self.seed, STREAMS + index as u64);
            let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
            let factor = self.creep_factor.median * (self.creep_factor.deviation * normal()).exp();
            let before = self.creep_before * (CREEP_BEFORE * normal()).exp();
            let starts_an_hour = pace * (spread.hypot(STARTS_TO_COME) * normal()).exp();
            let stress = (STRESS * normal()).exp();
            let cooling = self.edges.each_ref().map(|edge| {
                let (mean, deviation) = edge.cooling.now();
                (mean + deviation * normal()).clamp(0.05, 0.95)
            });
            let (used, used_an_hour) = self.creep(future, &cooling, factor, before);
            let [trailing, _] = cooling;
            let cycles = load(&future.hardest, trailing);
            let law = ParisLaw { rate_at_pivot_m, exponent, ..ParisLaw::NICKEL_GENERIC };
            let mut wandering = Wandering { log_rate: *log_rate, at: 0.0, rng: &mut rng, discrepancy };
            let mut growth = |length: f64, starts: f64| wandering.rate(starts) * grown(&law, &cycles, length);
            let way = way(*length, lengths.limit_m(), &mut growth);
            Some(Sample { length_m: *length, used, used_an_hour, starts_an_hour, way, cooling: trailing, stress })
        })
        .collect()
    }

    /// Of the edge whose creep ends first; one that was never measured says nothing, but for the trailing edge.
    fn creep(&self, future: &Future, cooling: &[f64; 2], factor: f64, before: f64) -> (f64, f64) {
        let edges = self.edges.iter().zip(cooling).enumerate();
        let each = edges.filter(|(index, (edge, _))| *index == TRAILING || edge.cooling.is_measured()).map(
            |(_, (edge, effectiveness))| {
                let hour: f64 =
                    future.points.iter().map(|(share, point)| share * point.creep_an_hour(*effectiveness)).sum();
                ((before + factor * edge.creep).clamp(0.0, 1.0), (factor * hour).max(1e-15))
            },
        );
        let end = |(used, hour): &(f64, f64)| (1.0 - used) / hour;
        each.min_by(|one, other| end(one).total_cmp(&end(other))).unwrap_or((before, 1e-15))
    }

    /// For [`crate::living::Living::predict`].
    pub(super) fn ahead(&self, setting: &Setting) -> Vec<Prediction> {
        let Some(future) = self.duty.ahead(setting) else { return Vec::new() };
        let (effectiveness, _) = self.edges[TRAILING].cooling.now();
        let highest_mpa = future.hardest.edge_stress_mpa(effectiveness);
        let lengths = self.lengths(highest_mpa);
        let limit_m = lengths.limit_m();
        let samples = self.samples(&future, lengths);
        let within = |hours: f64| if hours <= HORIZON_H { hours } else { f64::INFINITY };
        let rul: Vec<f64> = samples.iter().map(|s| within(s.creep_h().min(s.crack_h(limit_m)))).collect();
        let cycles = samples.iter().zip(&rul).map(|(sample, hours)| hours * sample.starts_an_hour).collect();
        let ended = samples.iter().zip(&rul).filter(|(_, hours)| hours.is_finite());
        let by_creep = ended.map(|(s, _)| if s.creep_h() < s.crack_h(limit_m) { 1_i32 } else { -1 }).sum::<i32>() > 0;

        let crack = Threshold {
            quantity: "crack_length",
            value: 1000.0 * limit_m,
            unit: "mm",
            source: self.crack_source(&lengths, highest_mpa).into(),
        };
        let creep = Threshold { quantity: "creep_life", value: 100.0, unit: "%", source: CREEP_SOURCE.into() };
        let hours = hours_ahead(&rul);
        let crack_path = path("crack_length", &hours, &samples, |sample, at| 1000.0 * sample.length_after(at));
        let creep_path =
            path("creep_life", &hours, &samples, |s, at| (100.0 * (s.used + at * s.used_an_hour)).min(150.0));
        let (failure_mode, threshold, path) = if by_creep {
            (CREEP_MODE, creep.clone(), creep_path.clone())
        } else {
            (CRACK_MODE, crack.clone(), crack_path.clone())
        };
        let life = |quantity, unit, samples, horizon, path| Prediction {
            part: "blade",
            quantity,
            unit,
            samples,
            horizon: Some(horizon),
            failure_mode: failure_mode.into(),
            threshold: Some(threshold.clone()),
            path,
            is_virtual: false,
        };
        let mut all = vec![
            life("rul", "h", rul, HORIZON_H, Some(path)),
            life("rul_cycles", "1", cycles, HORIZON_H * future.starts_an_hour.0, None),
        ];
        let lengths_mm = samples.iter().map(|sample| 1000.0 * sample.length_m).collect();
        let used = samples.iter().map(|sample| 100.0 * sample.used).collect();
        all.push(now("crack", "crack_length", "mm", lengths_mm, Some(crack), Some(crack_path)));
        all.push(now("blade", "creep_life", "%", used, Some(creep), Some(creep_path)));
        all.extend(self.sensors(&samples));
        all
    }

    /// Metal temperature and stress of the trailing edge in the last row, while there is a flame.
    fn sensors(&self, samples: &[Sample]) -> Vec<Prediction> {
        let Some((point, true)) = self.now else { return Vec::new() };
        if point.span_k() < effectiveness::SPAN_K {
            return Vec::new();
        }
        // Half of a sample's stress error would do as well: any standard normal number that is its own.
        let off = |sample: &Sample| sample.stress.ln() / STRESS;
        let metal = samples.iter().map(|s| point.metal_deg_c(s.cooling) + effectiveness::READING_K * off(s)).collect();
        let stress = samples.iter().map(|s| s.stress * point.edge_stress_mpa(s.cooling)).collect();
        vec![
            now("crack", "metal_temperature", "degC", metal, None, None),
            now("crack", "stress", "MPa", stress, None, None),
        ]
    }

    fn crack_source(&self, lengths: &Lengths, highest_mpa: f64) -> String {
        if lengths.allowed_m <= lengths.critical_m {
            "longest crack that an inspection leaves in service; generic until the operator sets it".to_owned()
        } else {
            let toughness = self.config.toughness_mpa_sqrt_m;
            format!("fracture toughness of {toughness:.0} MPa √m at {highest_mpa:.0} MPa; generic")
        }
    }
}

const CRACK_MODE: &str = "crack at the trailing edge";
const CREEP_MODE: &str = "creep rupture";
const CREEP_SOURCE: &str =
    "linear sum of time fractions reaches 1 (Robinson 1938), rupture by Larson and Miller; generic";

fn grown(law: &ParisLaw, cycles: &Cycles, length_m: f64) -> f64 {
    cycles.factor * law.growth_m(GEOMETRY.intensity(cycles.range_mpa, length_m), cycles.stress_ratio)
}

/// The factor on a sample's growth, as it wanders with the starts.
struct Wandering<'a> {
    log_rate: f64,
    at: f64,
    rng: &'a mut ChaCha8Rng,
    discrepancy: crate::estimate::particles::Discrepancy,
}

impl Wandering<'_> {
    fn rate(&mut self, starts: f64) -> f64 {
        // Drawn always, so that what is changed does not shift what is drawn later.
        let normal: f64 = StandardNormal.sample(self.rng);
        let passed = starts - self.at;
        if passed.is_finite() && passed > 0.0 {
            let (kept, added) = self.discrepancy.over(passed);
            self.log_rate = kept * self.log_rate + added * normal;
            self.at = starts;
        }
        self.log_rate.exp()
    }
}

fn now(
    part: &'static str,
    quantity: &'static str,
    unit: &'static str,
    samples: Vec<f64>,
    threshold: Option<Threshold>,
    path: Option<Path>,
) -> Prediction {
    let failure_mode = "".into();
    Prediction { part, quantity, unit, samples, horizon: None, failure_mode, threshold, path, is_virtual: true }
}

/// Hours at which a path has points: to where nineteen of twenty have ended.
fn hours_ahead(rul: &[f64]) -> Vec<f64> {
    let mut sorted = rul.to_vec();
    sorted.sort_by(f64::total_cmp);
    let end = quantile(&sorted, 0.95).filter(|end| end.is_finite()).unwrap_or(HORIZON_H).clamp(1.0, HORIZON_H);
    (0..POINTS).map(|i| end * i as f64 / (POINTS - 1) as f64).collect()
}

fn path(quantity: &'static str, hours: &[f64], samples: &[Sample], value: impl Fn(&Sample, f64) -> f64) -> Path {
    let band = |at: f64| Band::of(samples.iter().map(|sample| value(sample, at)).collect());
    Path { quantity, points: hours.iter().filter_map(|at| band(*at).map(|band| (*at, band))).collect() }
}
