//! A prediction as it is published (`docs/predictions.md`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use twinscope_prognosis::advice;
use twinscope_prognosis::estimate::metrics::quantile;
use twinscope_prognosis::living::checks::{Checks, widened_life};
use twinscope_prognosis::living::{Asks, Living, Prediction, Setting, WallMs};
use twinscope_twin::site::PartRow;
use twinscope_twin::time::Now;

/// Hours ahead for which the probability of failure is told: a week, a month, a quarter, a year.
const HORIZONS_H: [f64; 4] = [168.0, 720.0, 2160.0, 8766.0];
/// Levels of the quantiles.
const LEVELS: [(&str, f64); 5] = [("0.05", 0.05), ("0.1", 0.1), ("0.5", 0.5), ("0.9", 0.9), ("0.95", 0.95)];
/// Level of the bands that are checked.
const LEVEL: f64 = 0.9;

/// What all predictions of one issue share.
pub(super) struct Frame<'a> {
    pub site: &'a str,
    pub asset: &'a str,
    pub model_id: &'a str,
    /// By role.
    pub parts: &'a BTreeMap<String, (PartRow, String)>,
    pub now: Now,
    pub time_lapse: f64,
    pub from_simulation: bool,
    pub living: &'a dyn Living,
    pub checks: &'a Checks,
    /// Its priors are those of the other assets of its type.
    pub from_fleet: bool,
    /// Hours until planned work.
    pub orders_in_h: Vec<f64>,
}

/// For how long a prediction may be used, ms: a day of the asset, but two minutes at least.
pub(super) fn valid_ms(time_lapse: f64) -> WallMs {
    (86_400e3 / time_lapse).clamp(120e3, 86_400e3) as WallMs
}

/// What is now is old sooner.
fn current_valid_ms(time_lapse: f64) -> WallMs {
    (3_600e3 / time_lapse).clamp(120e3, 3_600e3) as WallMs
}

impl Frame<'_> {
    /// None if the type file gives the role to no part.
    pub fn topic(&self, prediction: &Prediction, scenario: &str) -> Option<String> {
        let (_, part) = self.parts.get(prediction.part)?;
        let Self { site, asset, model_id, .. } = self;
        Some(format!("twinscope/v1/{site}/{asset}/{part}/prediction/{}/{model_id}/{scenario}", prediction.quantity))
    }

    /// `what_if`: the setting, and the same prediction of the baseline.
    pub fn body(&self, prediction: &Prediction, what_if: Option<(&Setting, Option<&Prediction>)>) -> Vec<u8> {
        let standing = self.living.standing();
        let is_life = prediction.horizon.is_some();
        let valid = if is_life { valid_ms(self.time_lapse) } else { current_valid_ms(self.time_lapse) };
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                body.insert(name.to_owned(), value);
            }
        };
        put("issued_at", json!(self.now.wall_ms));
        put("data_until", json!(standing.data_until_ms));
        put("valid_until", json!(self.now.wall_ms.saturating_add(valid)));
        put("version", json!(env!("CARGO_PKG_VERSION")));
        put("provenance", json!(if prediction.is_virtual { "virtual" } else { "predicted" }));
        put("from_simulation", json!(self.from_simulation));
        put("prior", json!(if standing.calibrated { "calibrated" } else { self.prior_from() }));
        put("in_range", json!(standing.outside.is_empty()));
        put("outside", json!(standing.outside));
        put("explained", json!(standing.explains));
        put("time_lapse", json!(self.time_lapse));
        put("unit", json!(prediction.unit));
        if !prediction.failure_mode.is_empty() {
            put("failure_mode", json!(prediction.failure_mode));
        }
        let threshold = prediction.threshold.as_ref();
        put(
            "threshold",
            json!(threshold.map(|of| json!({
                "quantity": of.quantity, "value": short(of.value), "unit": of.unit, "source": of.source,
            }))),
        );

        let mut sorted: Vec<f64> = prediction.samples.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let raw = sorted.clone();
        if let Some(horizon) = prediction.horizon {
            let median = quantile(&sorted, 0.5).unwrap_or(f64::NAN);
            let factor = self.checks.factor();
            for life in &mut sorted {
                *life = widened_life(*life, median, horizon, factor);
            }
            put("horizon", json!(short(horizon)));
            let beyond = sorted.iter().filter(|life| life.is_infinite()).count() as f64 / sorted.len().max(1) as f64;
            put("beyond_horizon", json!(short(beyond)));
            if factor != 1.0 {
                put("raw_quantiles", quantiles(&raw));
            }
            if let Some((hours, _)) = advice::hours(&Prediction { samples: sorted.clone(), ..prediction.clone() }) {
                put("pof", self.failure(&hours, advice::hours(prediction).map_or(f64::INFINITY, |(_, h)| h)));
            }
        }
        put("quantiles", quantiles(&sorted));
        put("path", path(prediction));
        if is_life {
            self.learned(&mut put);
        }
        if what_if.is_none() {
            // With whatever is said of the part: an oil sample concerns a gearbox that has no life of its own.
            self.asked(prediction, &mut put);
        }
        match what_if {
            None if is_life => put("levers", json!(self.living.levers())),
            None => {}
            Some((setting, baseline)) => {
                put("setting", json!(setting));
                let gain = baseline.filter(|_| is_life).and_then(|of| advice::against(of, prediction, "baseline"));
                put("against", json!(gain));
            }
        }
        serde_json::to_vec(&body).unwrap_or_default()
    }

    /// What was believed before any data of this asset rests on.
    const fn prior_from(&self) -> &'static str {
        if self.from_fleet { "fleet" } else { "generic" }
    }

    /// Probability of failure within the usual horizons and until planned work, as far as was looked.
    fn failure(&self, hours: &[f64], looked_h: f64) -> Value {
        let mut at: Vec<f64> = HORIZONS_H.into_iter().chain(self.orders_in_h.iter().copied()).collect();
        at.retain(|h| *h <= looked_h);
        at.sort_by(f64::total_cmp);
        at.dedup_by_key(|h| short(*h));
        let within = |h: f64| hours.iter().filter(|life| **life <= h).count() as f64 / hours.len().max(1) as f64;
        at.into_iter().map(|h| json!({ "in_h": short(h), "p": short(within(h)) })).collect()
    }

    /// Parameters, and past forecasts against what came.
    fn learned(&self, put: &mut impl FnMut(&str, Value)) {
        let standing = self.living.standing();
        let parameters: Map<String, Value> = self
            .living
            .beliefs()
            .into_iter()
            .map(|of| {
                let value = json!({
                    "title": of.title, "unit": of.unit,
                    "p05": short(of.now.p5), "p50": short(of.now.p50), "p95": short(of.now.p95),
                    "prior_p05": short(of.prior.p5), "prior_p50": short(of.prior.p50), "prior_p95": short(of.prior.p95),
                    "prior_from": self.prior_from(), "at": standing.data_until_ms,
                });
                (of.id.to_owned(), value)
            })
            .collect();
        put("parameters", Value::Object(parameters));
        let (held, of) = self.checks.held();
        if of > 0 {
            put("coverage", json!({ "level": LEVEL, "held": held, "of": of }));
            let made: Vec<Value> = self
                .checks
                .made()
                .iter()
                .map(|one| {
                    json!({
                        "made_at": one.made_at_ms, "due_at": one.due_at_ms,
                        "p05": short(one.shown.p5), "p50": short(one.shown.p50), "p95": short(one.shown.p95),
                        "came": short(one.came),
                    })
                })
                .collect();
            put(
                "checks",
                json!({
                    "quantity": self.checks.quantity(), "unit": self.checks.unit(),
                    "lead_h": short(self.checks.lead_h()), "made": made,
                }),
            );
        }
    }

    /// The evidence that the model can use about the part.
    fn asked(&self, prediction: &Prediction, put: &mut impl FnMut(&str, Value)) {
        let part = self.parts.get(prediction.part).map(|(part, _)| *part);
        let here = |role: &str| self.parts.get(role).map(|(part, _)| *part) == part;
        let questions: Vec<Value> = self
            .living
            .questions()
            .iter()
            .filter(|question| here(question.part))
            .map(|question| match question.asks {
                Asks::Work => json!({ "id": question.id, "title": question.title }),
                Asks::Number { unit, low, high, nothing } => json!({
                    "id": question.id, "title": question.title, "unit": unit, "low": low, "high": high,
                    "nothing": nothing,
                }),
            })
            .collect();
        put("accepts", Value::Array(questions));
    }
}

/// Those that are known: within the horizon.
fn quantiles(sorted: &[f64]) -> Value {
    let known = LEVELS.into_iter().filter_map(|(name, level)| {
        let value = quantile(sorted, level).filter(|value| value.is_finite())?;
        Some((name.to_owned(), json!(short(value))))
    });
    Value::Object(known.collect())
}

fn path(prediction: &Prediction) -> Value {
    let Some(path) = &prediction.path else { return Value::Null };
    let finite = |band: &twinscope_prognosis::living::Band| [band.p5, band.p50, band.p95].iter().all(|v| v.is_finite());
    let mut points: Vec<_> = path.points.iter().filter(|(h, band)| h.is_finite() && finite(band)).collect();
    points.dedup_by_key(|(h, _)| short(*h));
    if points.is_empty() {
        return Value::Null;
    }
    json!({
        "quantity": path.quantity,
        "unit": prediction.threshold.as_ref().map_or("", |threshold| threshold.unit),
        "in_h": points.iter().map(|(h, _)| short(*h)).collect::<Vec<_>>(),
        "p05": points.iter().map(|(_, band)| short(band.p5)).collect::<Vec<_>>(),
        "p50": points.iter().map(|(_, band)| short(band.p50)).collect::<Vec<_>>(),
        "p95": points.iter().map(|(_, band)| short(band.p95)).collect::<Vec<_>>(),
    })
}

/// Five significant digits: a payload is no place for noise.
fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return if value.is_finite() { 0.0 } else { value };
    }
    let scale = 10.0_f64.powi(4 - value.abs().log10().floor() as i32);
    let rounded = (value * scale).round() / scale;
    if rounded.is_finite() { rounded } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_keep_their_size() {
        for (value, expected) in
            [(0.0, 0.0), (1234.5678, 1234.6), (0.000_123_456_7, 0.000_123_46), (-98_765_432.0, -98_765_000.0)]
        {
            assert_eq!(short(value), expected);
        }
        assert!(short(f64::MIN_POSITIVE) > 0.0);
    }
}
