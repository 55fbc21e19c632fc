//! The blade as the engine asks it.

use std::collections::BTreeMap;

use crate::estimate::Prior;
use crate::estimate::consistency::Verdict;
use crate::estimate::particles::Particles;
use crate::living::{
    Asks, Band, Belief, Evidence, EvidenceError, Foreseen, Input, Lever, Living, Prediction, Question, Row, Setting,
    Standing,
};

use super::duty::LEVERS;
use super::effectiveness::Effectiveness;
use super::rows;
use super::twin::{BladeTwin, CREEP, LAW, TRAILING, model};

/// What can be told of it.
pub(super) const QUESTIONS: [Question; 2] = [
    Question {
        part: "crack",
        id: "crack_length",
        title: "Crack found by borescope",
        asks: Asks::Number { unit: "mm", low: 0.0, high: 60.0, nothing: true },
    },
    Question { part: "blade", id: "replaced", title: "Blade replaced", asks: Asks::Work },
];

/// Rows: edges follow the gas within some ten seconds. In time lapse as fast as telemetry usually comes.
const ROW_S: f64 = 10.0;
const LAPSED_ROW_S: f64 = 1.0;
/// How far a forecast of the metal's temperature looks, h: a week.
const LEAD_H: f64 = 168.0;
/// What was seen of the metal counts as its last observation for a day.
const SEEN_FOR_H: f64 = 24.0;
/// Inspections with a finding after which the prior of the growth does not speak any more.
const INSPECTIONS: u32 = 2;

/// Nanometres in a metre, for growth in numbers that people read.
const NM: f64 = 1e9;

impl Living for BladeTwin {
    fn inputs(&self) -> Vec<Input> {
        rows::inputs()
    }

    fn row_seconds(&self, time_lapse: f64) -> f64 {
        if time_lapse > 1.0 { LAPSED_ROW_S } else { ROW_S }
    }

    fn observe(&mut self, row: &Row<'_>) {
        self.take(row);
    }

    fn questions(&self) -> &'static [Question] {
        &QUESTIONS
    }

    fn learn(&mut self, evidence: &Evidence) -> Result<(), EvidenceError> {
        self.told(evidence)
    }

    fn beliefs(&self) -> Vec<Belief> {
        let cooling = |id, title, cooling: &Effectiveness| {
            let (mean, deviation) = cooling.now();
            Belief {
                id,
                title,
                unit: "",
                now: linear(Prior { median: mean, deviation }),
                prior: linear(cooling.prior()),
                coordinate: Some((mean, deviation)),
            }
        };
        let [trailing, leading] = &self.edges;
        let mut beliefs = vec![cooling("effectiveness", "cooling effectiveness, trailing edge", &trailing.cooling)];
        if leading.cooling.is_measured() {
            let title = "cooling effectiveness, leading edge";
            beliefs.push(cooling("leading_edge_effectiveness", title, &leading.cooling));
        }
        let ensemble = self.crack.ensemble(self.crack.count());
        let growth: Vec<f64> = ensemble.parameters.chunks_exact(2).filter_map(|law| law.first().copied()).collect();
        let prior = logarithmic(self.length, 1000.0);
        let now = Band::of(ensemble.states.iter().map(|length| 1000.0 * length).collect()).unwrap_or(prior);
        beliefs.push(Belief { id: "crack_length", title: "crack length", unit: "mm", now, prior, coordinate: None });
        let prior = logarithmic(self.law[0], NM);
        beliefs.push(Belief {
            id: "crack_growth",
            title: "crack growth a start at 20 MPa √m",
            unit: "nm",
            now: Band::of(growth.iter().map(|growth| NM * growth).collect()).unwrap_or(prior),
            prior,
            coordinate: log_moments(&growth),
        });
        // Nothing that is read says anything of it: it stays what it was.
        let prior = logarithmic(self.creep_factor, 1.0);
        beliefs.push(Belief {
            id: "creep_rate",
            title: "creep rate factor",
            unit: "",
            now: prior,
            prior,
            coordinate: Some((self.creep_factor.median.ln(), self.creep_factor.deviation)),
        });
        beliefs
    }

    fn start_from(&mut self, population: &BTreeMap<String, (f64, f64)>) {
        // A fleet of few is not known better than this, and none is as unlike the rest as the second.
        let usable = |id: &str, low: f64, high: f64, narrow: f64, wide: f64| {
            let (mean, deviation) = population.get(id).copied()?;
            (mean.is_finite() && deviation.is_finite() && deviation > 0.0)
                .then(|| (mean.clamp(low, high), deviation.clamp(narrow, wide)))
        };
        for (edge, id) in self.edges.iter_mut().zip(["effectiveness", "leading_edge_effectiveness"]) {
            if let Some((median, deviation)) = usable(id, 0.2, 0.8, 0.005, 0.1) {
                edge.cooling = Effectiveness::new(Prior { median, deviation });
            }
        }
        let middle = LAW[0].median.ln();
        if let Some((mean, deviation)) = usable("crack_growth", middle - 4.0, middle + 4.0, 0.1, LAW[0].deviation) {
            self.law[0] = Prior { median: mean.exp(), deviation };
            let (lengths, count) = ([self.length], self.crack.count());
            let discrepancy = self.crack.discrepancy();
            self.crack = Particles::new(&model(&self.config), &lengths, &self.law, discrepancy, count, self.seed);
        }
        if let Some((mean, deviation)) = usable("creep_rate", -3.0, 3.0, 0.1, CREEP.deviation) {
            self.creep_factor = Prior { median: mean.exp(), deviation };
        }
    }

    fn standing(&self) -> Standing {
        let cooling = &self.edges[TRAILING].cooling;
        let explains = match cooling.verdict() {
            Verdict::TooFew => None,
            Verdict::DoesNotExplain => Some(false),
            Verdict::Explains | Verdict::TooCautious => Some(true),
        };
        Standing {
            explains,
            outside: self.outside.clone(),
            calibrated: cooling.is_learned() && self.inspections >= INSPECTIONS,
            data_until_ms: self.data_until_ms,
        }
    }

    fn levers(&self) -> &'static [Lever] {
        &LEVERS
    }

    fn predict(&self, setting: &Setting) -> Vec<Prediction> {
        self.ahead(setting)
    }

    fn lead_h(&self) -> f64 {
        LEAD_H
    }

    /// The metal of the trailing edge at full load, as what is seen of it at any load says.
    fn foresee(&self) -> Option<Foreseen> {
        let (seen, _) = self.seen.filter(|(_, age_h)| *age_h <= SEEN_FOR_H)?;
        let gas = self.config.full_load_gas_deg_c;
        let span_k = gas - self.config.full_load_coolant_deg_c;
        let cooling = &self.edges[TRAILING].cooling;
        let (mean, _) = cooling.now();
        let deviation_k = span_k * cooling.seen_after(LEAD_H, span_k);
        Some(Foreseen {
            quantity: "metal_temperature_at_full_load",
            unit: "degC",
            observed: gas - seen * span_k,
            band: linear(Prior { median: gas - mean * span_k, deviation: deviation_k }),
        })
    }
}

/// 5, 50 and 95 % of a normal distribution.
fn linear(prior: Prior) -> Band {
    let at = |z: f64| prior.median + z * prior.deviation;
    Band { p5: at(-1.645), p50: at(0.0), p95: at(1.645) }
}

/// Of a lognormal one, in another unit.
fn logarithmic(prior: Prior, unit: f64) -> Band {
    let at = |z: f64| unit * prior.median * (z * prior.deviation).exp();
    Band { p5: at(-1.645), p50: at(0.0), p95: at(1.645) }
}

fn log_moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let logs = || values.iter().map(|value| value.max(f64::MIN_POSITIVE).ln());
    let mean = logs().sum::<f64>() / n;
    let deviation = (logs().map(|log| (log - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean.is_finite() && deviation.is_finite()).then_some((mean, deviation))
}
