//! One model of one asset at work: rows out of telemetry, evidence, questions, and when it speaks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use twinscope_prognosis::advice::{self, Calendar, Choice, Economics, Kind};
use twinscope_prognosis::estimate::metrics::quantile;
use twinscope_prognosis::living::checks::{Checks, widened_life};
use twinscope_prognosis::living::population::Population;
use twinscope_prognosis::living::{LivingModel, Prediction, Row, Setting};
use twinscope_twin::command::Outgoing;
use twinscope_twin::record::{RecordKind, What};
use twinscope_twin::site::{Estimator, EstimatorKind, PartRow, SignalRow, Site, SourceRow};
use twinscope_twin::state::TwinState;
use twinscope_twin::time::Now;

use super::EngineError;
use super::body::{self, Frame};
use super::mailbox::Said;
use super::store::{Store, StoreError};

/// Values are read at least so often, ms; more often where rows are short.
const SAMPLES_EVERY_MS: u64 = 1_000;
/// Between two issues, s of the clock, where the asset ages with it; the least, in time lapse.
const ISSUED_EVERY_S: (f64, f64) = (60.0, 3.0);
/// Advice is worked out once in so many issues, and when something was said.
const ADVISED_EVERY: u32 = 5;
/// How far ahead advice counts, h: a year.
const ADVICE_H: f64 = 8766.0;
/// Most scenarios that are kept up to date.
const MOST_SCENARIOS: usize = 12;
/// Most records that are remembered as used.
const MOST_USED: usize = 10_000;

/// What is stored of a model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    version: u32,
    model: LivingModel,
    checks: Checks,
    ageing_h: f64,
    used: BTreeSet<String>,
}

impl Stored {
    /// Whether its numbers are usable.
    pub fn fits(&self) -> bool {
        self.model.fits() && self.ageing_h.is_finite()
    }
}

/// Version of what is stored.
const STORED: u32 = 1;

pub(super) struct Running {
    /// Ids.
    pub asset: String,
    pub model_id: String,
    type_id: String,
    source: SourceRow,
    kind: EstimatorKind,
    /// Part and its id by role.
    parts: BTreeMap<String, (PartRow, String)>,
    time_lapse: f64,
    from_simulation: bool,
    model: LivingModel,
    /// As it was when the baseline was predicted: what-ifs are paired with that.
    frozen: LivingModel,
    baseline: Vec<Prediction>,
    checks: Checks,
    ageing_h: f64,
    /// The signal of each input with the factor to the input's unit, in the model's order.
    inputs: Vec<Option<(SignalRow, f64)>>,
    sums: Vec<(f64, u32)>,
    /// When the row began and when values were read last, ms of the monotonic clock.
    row_from_ms: Option<u64>,
    read_ms: u64,
    row_seconds: f64,
    /// Evidence that it was told, by kind and id.
    used: BTreeSet<String>,
    scenarios: BTreeMap<String, Setting>,
    /// Scenarios to be answered now, and to be withdrawn.
    asked: BTreeSet<String>,
    withdrawn: Vec<String>,
    economics: Economics,
    choices: Vec<Choice>,
    advice_is_due: bool,
    issues: u32,
    issued_ms: Option<u64>,
    /// Something was learned since the last issue; since it was stored last.
    changed: bool,
    unsaved: bool,
    /// It was neither stored nor told anything.
    new: bool,
    /// Its priors are those of the other assets of its type.
    from_fleet: bool,
}

impl Running {
    pub fn new(site: &Site, estimator: &Estimator, base_dir: &Path, seed: u64) -> Result<Self, EngineError> {
        let asset = site.assets.get(estimator.asset.index());
        let failed = |reason: String| EngineError::Model {
            asset: asset.map_or_else(String::new, |asset| asset.id.clone()),
            model: estimator.id.clone(),
            reason,
        };
        let asset = asset.ok_or_else(|| failed("there is no such asset".to_owned()))?;
        let seed = seed ^ hash(&asset.id);
        let model = LivingModel::of(estimator, seed, &|file| super::trained::read(base_dir, estimator, file))
            .map_err(failed)?;
        let wanted = model.living().inputs();
        let mut inputs = Vec::new();
        for input in &wanted {
            let Some(row) = estimator.inputs.get(&*input.name).copied() else {
                inputs.push(None);
                continue;
            };
            let unit = site.signals.get(row.index()).map_or("", |signal| signal.unit.as_str());
            let factor = factor(unit, &input.unit).ok_or_else(|| {
                failed(format!("its input \"{}\" is in {}, and the signal is in {unit}", input.name, input.unit))
            })?;
            inputs.push(Some((row, factor)));
        }
        let id_of = |part: &PartRow| site.parts.get(part.index()).map_or_else(String::new, |part| part.id.clone());
        let kind = Kind::from_name(estimator.kind.name()).unwrap_or(Kind::Machine);
        let row_seconds = model.living().row_seconds(asset.time_lapse).clamp(0.25, 86_400.0);
        Ok(Self {
            asset: asset.id.clone(),
            model_id: estimator.id.clone(),
            type_id: asset.type_id.clone(),
            source: asset.source,
            kind: estimator.kind,
            parts: estimator.parts.iter().map(|(role, part)| (role.clone(), (*part, id_of(part)))).collect(),
            time_lapse: asset.time_lapse,
            from_simulation: site.sources.get(asset.source.index()).is_some_and(|source| source.simulated),
            frozen: model.clone(),
            model,
            baseline: Vec::new(),
            checks: Checks::default(),
            ageing_h: 0.0,
            inputs,
            sums: vec![(0.0, 0); wanted.len()],
            row_from_ms: None,
            read_ms: 0,
            row_seconds,
            used: BTreeSet::new(),
            scenarios: BTreeMap::new(),
            asked: BTreeSet::new(),
            withdrawn: Vec::new(),
            economics: Economics::new(kind, &site.currency, &site.economics, &site.operations),
            choices: Vec::new(),
            advice_is_due: true,
            issues: 0,
            issued_ms: None,
            changed: false,
            unsaved: false,
            new: true,
            from_fleet: false,
        })
    }

    /// Assets of one type are compared with each other.
    pub fn population(&self) -> (String, EstimatorKind) {
        (self.type_id.clone(), self.kind)
    }

    pub const fn is_new(&self) -> bool {
        self.new
    }

    pub fn start_from(&mut self, population: &Population) {
        let prior = population.prior_of(&self.asset);
        if !prior.is_empty() {
            self.model.living_mut().start_from(&prior);
            self.from_fleet = true;
        }
    }

    pub fn tell(&self, population: &mut Population) {
        let living = self.model.living();
        population.tell(&self.asset, &living.standing(), &living.beliefs());
    }

    /// Goes on from what was stored; what was stored of another kind of model is not used.
    pub fn restore(&mut self, stored: Option<Stored>) {
        let usable = |stored: &Stored| {
            stored.version == STORED
                && stored.model.kind() == self.kind
                && stored.ageing_h.is_finite()
                && stored.used.len() <= MOST_USED
        };
        if let Some(stored) = stored.filter(usable) {
            self.frozen = stored.model.clone();
            self.model = stored.model;
            self.checks = stored.checks;
            self.ageing_h = stored.ageing_h;
            self.used = stored.used;
            self.new = false;
            self.changed = true;
        }
    }

    pub fn save(&mut self, store: &mut Store) -> Result<(), String> {
        if !std::mem::take(&mut self.unsaved) {
            return Ok(());
        }
        let stored = Stored {
            version: STORED,
            model: self.model.clone(),
            checks: self.checks.clone(),
            ageing_h: self.ageing_h,
            used: self.used.clone(),
        };
        store.write(&self.asset, &self.model_id, &stored).map_err(|error: StoreError| {
            self.unsaved = true;
            error.to_string()
        })
    }

    pub fn concerns(&self, said: &Said) -> bool {
        match said {
            Said::Evidence { asset, evidence, .. } => {
                *asset == self.asset && self.parts.values().any(|(_, id)| *id == evidence.part)
            }
            Said::WhatIf { asset, model, .. } | Said::Economics { asset, model, .. } => {
                *asset == self.asset && *model == self.model_id
            }
        }
    }

    /// Takes what was said. The error says what it cannot use.
    pub fn hear(&mut self, said: &Said, now: Now) -> Result<(), String> {
        match said {
            Said::Evidence { key, evidence, .. } => {
                if self.used.contains(key) {
                    return Ok(());
                }
                let mut evidence = evidence.clone();
                // A clock that is ahead does not make evidence of the future.
                evidence.at_ms = evidence.at_ms.min(now.wall_ms);
                let roles = self.parts.iter().filter(|(_, (_, id))| *id == evidence.part);
                let roles: Vec<String> = roles.map(|(role, _)| role.clone()).collect();
                let mut result = Err(String::new());
                for role in roles {
                    evidence.part = role;
                    result = self.model.living_mut().learn(&evidence).map_err(|error| error.to_string());
                    if result.is_ok() {
                        break;
                    }
                }
                result.map_err(|reason| format!("{}, {}: {reason}", self.asset, self.model_id))?;
                if self.used.len() < MOST_USED {
                    self.used.insert(key.clone());
                }
                self.checks.interrupt();
                (self.changed, self.unsaved, self.advice_is_due, self.new) = (true, true, true, false);
                self.issued_ms = None;
            }
            Said::WhatIf { scenario, setting: None, .. } => {
                if self.scenarios.remove(scenario).is_some() {
                    self.asked.remove(scenario);
                    self.withdrawn.push(scenario.clone());
                }
            }
            Said::WhatIf { scenario, setting: Some(setting), .. } => {
                if self.scenarios.len() >= MOST_SCENARIOS && !self.scenarios.contains_key(scenario) {
                    return Err(format!(
                        "{} has {MOST_SCENARIOS} scenarios already: withdraw one with \"setting\": null",
                        self.asset
                    ));
                }
                self.scenarios.insert(scenario.clone(), setting.clone());
                self.asked.insert(scenario.clone());
            }
            Said::Economics { values, .. } => {
                let mut refused = Vec::new();
                for (id, value) in values {
                    refused.extend(self.economics.set(id, *value).err().map(|error| error.to_string()));
                }
                self.advice_is_due = true;
                self.asked.insert(String::new());
                if !refused.is_empty() {
                    return Err(refused.join("; "));
                }
            }
        }
        Ok(())
    }

    /// Reads values, and closes a row when its time is over.
    pub fn sample(&mut self, twin: &TwinState, now: Now) {
        let every = SAMPLES_EVERY_MS.min((self.row_seconds * 250.0) as u64);
        let from = *self.row_from_ms.get_or_insert(now.mono_ms);
        if now.mono_ms >= self.read_ms.saturating_add(every) || self.read_ms == 0 {
            self.read_ms = now.mono_ms.max(1);
            for ((sum, count), signal) in self.sums.iter_mut().zip(&self.inputs) {
                if let Some((value, factor)) = signal.and_then(|(row, factor)| Some((twin.good_number(row)?, factor))) {
                    *sum += value * factor;
                    *count += 1;
                }
            }
        }
        let spanned_s = now.mono_ms.saturating_sub(from) as f64 / 1e3;
        if spanned_s < self.row_seconds {
            return;
        }
        let mean = |(sum, count): &(f64, u32)| if *count > 0 { sum / f64::from(*count) } else { f64::NAN };
        let values: Vec<f64> = self.sums.iter().map(mean).collect();
        self.sums.fill((0.0, 0));
        self.row_from_ms = Some(now.mono_ms);
        // A machine that slept has no row of that length: what it missed is a gap.
        let seconds = spanned_s.min(2.0 * self.row_seconds);
        if values.iter().all(|value| value.is_nan()) {
            return;
        }
        let row = Row { at_ms: now.wall_ms, seconds, time_lapse: self.time_lapse, values: &values };
        let living = self.model.living_mut();
        living.observe(&row);
        self.ageing_h += row.ageing_h();
        let living = self.model.living();
        self.checks.follow(now.wall_ms, self.ageing_h, living.foresee(), living.lead_h());
        (self.changed, self.unsaved, self.new) = (true, true, false);
    }

    /// Somebody waits for an answer.
    pub fn is_asked(&self) -> bool {
        !self.asked.is_empty() || !self.withdrawn.is_empty()
    }

    /// It has something to say, and has not spoken for long enough.
    pub fn is_due(&self, now: Now) -> bool {
        let (plain, least) = ISSUED_EVERY_S;
        let every_s = (plain * 60.0 / self.time_lapse).clamp(least, plain);
        self.changed && self.issued_ms.is_none_or(|last| now.mono_ms.saturating_sub(last) as f64 >= every_s * 1e3)
    }

    fn frame(&self, now: Now) -> Frame<'_> {
        Frame {
            site: "",
            asset: &self.asset,
            model_id: &self.model_id,
            parts: &self.parts,
            now,
            time_lapse: self.time_lapse,
            from_simulation: self.from_simulation,
            living: self.frozen.living(),
            checks: &self.checks,
            from_fleet: self.from_fleet,
            orders_in_h: Vec::new(),
        }
    }

    /// Says what is due: an answer to a question, or the baseline with everything that hangs on it.
    pub fn issue(&mut self, twin: &TwinState, population: &mut Population, now: Now, out: &mut Vec<Outgoing>) {
        let site = twin.site().id.clone();
        for scenario in std::mem::take(&mut self.withdrawn) {
            let frame = Frame { site: &site, ..self.frame(now) };
            let topics = self.baseline.iter().filter_map(|prediction| frame.topic(prediction, &scenario));
            out.extend(topics.map(|topic| Outgoing { source: self.source, topic, payload: Vec::new(), retain: false }));
        }
        let answers_only = self.is_asked() && !self.baseline.is_empty();
        if !answers_only && self.changed {
            self.frozen = self.model.clone();
            self.baseline = self.frozen.living().predict(&Setting::default());
            self.changed = false;
            self.issued_ms = Some(now.mono_ms);
            self.issues = self.issues.wrapping_add(1);
            self.tell(population);
            let frame = Frame { site: &site, orders_in_h: self.orders_in_h(twin, now), ..self.frame(now) };
            let said = self.baseline.iter().filter_map(|prediction| {
                let topic = frame.topic(prediction, "baseline")?;
                Some((topic, frame.body(prediction, None)))
            });
            out.extend(said.map(|(topic, payload)| Outgoing { source: self.source, topic, payload, retain: true }));
            // What stands beside the new baseline has to be paired with it.
            self.asked.extend(self.scenarios.keys().cloned());
            if self.issues % ADVISED_EVERY == 1 {
                self.advice_is_due = true;
            }
            if self.advice_is_due {
                self.choices.clear();
            }
        }
        let asked = std::mem::take(&mut self.asked);
        for scenario in asked {
            let Some(setting) = self.scenarios.get(&scenario) else { continue };
            let predictions = self.frozen.living().predict(setting);
            let frame = Frame { site: &site, ..self.frame(now) };
            for prediction in &predictions {
                let same = |other: &&Prediction| other.part == prediction.part && other.quantity == prediction.quantity;
                let baseline = self.baseline.iter().find(same);
                if let Some(topic) = frame.topic(prediction, &scenario) {
                    let payload = frame.body(prediction, Some((setting, baseline)));
                    out.push(Outgoing { source: self.source, topic, payload, retain: false });
                }
            }
        }
        if self.advice_is_due && !self.baseline.is_empty() {
            self.advice_is_due = false;
            self.advise(twin, now, out);
        }
    }

    fn advise(&mut self, twin: &TwinState, now: Now, out: &mut Vec<Outgoing>) {
        let living = self.frozen.living();
        let kind = self.economics.kind();
        let life = |predictions: &[Prediction]| {
            predictions.iter().find(|prediction| prediction.quantity == "rul").and_then(advice::hours)
        };
        let Some((lives, horizon_h)) = life(&self.baseline) else { return };
        // Advice counts with what is shown: widened by what came of earlier forecasts.
        let factor = self.checks.factor();
        let shown = |mut lives: Vec<f64>| {
            let mut sorted: Vec<f64> = lives.iter().copied().filter(|life| !life.is_nan()).collect();
            sorted.sort_by(f64::total_cmp);
            let median = quantile(&sorted, 0.5).unwrap_or(f64::NAN);
            lives.iter_mut().for_each(|life| *life = widened_life(*life, median, horizon_h, factor));
            lives
        };
        if self.choices.is_empty() {
            for action in advice::actions(kind, living.levers()) {
                let lives = if action.setting == Setting::default() {
                    Some(lives.clone())
                } else {
                    life(&living.predict(&action.setting)).map(|(lives, _)| lives)
                };
                self.choices.extend(lives.map(|lives| Choice { action, lives: shown(lives) }));
            }
        }
        let site = twin.site();
        let horizon_h = ADVICE_H.min(horizon_h);
        let calendar = Calendar::new(kind, &site.operations, now.wall_ms, horizon_h);
        let cards = advice::advise(&self.choices, &self.economics, &calendar, horizon_h);
        let advice = advice::Advice {
            issued_at: now.wall_ms,
            valid_until: Some(now.wall_ms.saturating_add(body::valid_ms(self.time_lapse))),
            currency: self.economics.currency().to_owned(),
            horizon_h,
            time_lapse: self.time_lapse,
            from_simulation: self.from_simulation,
            economics: self.economics.inputs().to_vec(),
            windows: calendar.assumption(),
            waiting: advice::wait_a_week(&self.choices, &self.economics, &calendar, horizon_h),
            actions: cards,
        };
        let part = LivingModel::roles(self.kind).first().and_then(|role| self.parts.get(*role));
        let payload = serde_json::to_vec(&advice).unwrap_or_default();
        if let Some((_, part)) = part.filter(|_| !advice.actions.is_empty() && !payload.is_empty()) {
            let topic = format!("twinscope/v1/{}/{}/{part}/advice/{}", site.id, self.asset, self.model_id);
            out.push(Outgoing { source: self.source, topic, payload, retain: true });
        }
    }

    /// Hours of the asset until each work order that is planned for one of the parts.
    fn orders_in_h(&self, twin: &TwinState, now: Now) -> Vec<f64> {
        let mut all = Vec::new();
        for (part, _) in self.parts.values() {
            for record in twin.records(*part).filter(|record| record.kind() == RecordKind::WorkOrder) {
                if let What::Planned(order) = &record.what
                    && let Some(due) = order.due_at.filter(|due| *due > now.wall_ms && order.state != "done")
                {
                    all.push((due - now.wall_ms) as f64 / 3.6e6 * self.time_lapse);
                }
            }
        }
        all.sort_by(f64::total_cmp);
        all.truncate(4);
        all
    }
}

/// From one unit (UCUM) to another; none if they do not measure the same, or not from the same zero. A signal without a
/// unit is taken for what is wanted.
fn factor(from: &str, to: &str) -> Option<f64> {
    /// What one of the unit is of the first of its kind.
    const KINDS: [&[(&str, f64)]; 9] = [
        &[("1", 1.0), ("%", 0.01)],
        &[("W", 1.0), ("kW", 1e3), ("MW", 1e6)],
        &[("V", 1.0), ("mV", 1e-3), ("kV", 1e3)],
        &[("A", 1.0), ("mA", 1e-3), ("kA", 1e3)],
        &[("Pa", 1.0), ("kPa", 1e3), ("MPa", 1e6), ("mbar", 1e2), ("bar", 1e5)],
        &[("m", 1.0), ("mm", 1e-3), ("km", 1e3), ("[mi_i]", 1609.344)],
        &[("m/s", 1.0), ("mm/s", 1e-3), ("km/h", 1.0 / 3.6)],
        &[("N.m", 1.0), ("kN.m", 1e3)],
        &[("s", 1.0), ("min", 60.0), ("h", 3600.0), ("d", 86_400.0)],
    ];
    if from == to || from.is_empty() || to.is_empty() {
        return Some(1.0);
    }
    let of = |kind: &[(&str, f64)], unit: &str| kind.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
    KINDS.iter().find_map(|kind| Some(of(kind, from)? / of(kind, to)?))
}

/// FNV-1a (Fowler, Noll, Vo 1991): an asset's seed is its own, on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_kind_are_converted_and_others_are_not() {
        for (from, to, expected) in [
            ("%", "1", Some(0.01)),
            ("MW", "kW", Some(1e3)),
            ("", "bar", Some(1.0)),
            ("degC", "degC", Some(1.0)),
            ("K", "degC", None),
            ("bar", "degC", None),
        ] {
            assert_eq!(factor(from, to), expected, "{from} to {to}");
        }
    }
}
