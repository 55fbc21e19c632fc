//! Any machine, by configuration: it learns what is normal from the machine's own first days, tells what is not and in
//! which signal, and when a signal will reach its threshold. A model that was trained on runs to failure of such
//! machines may say the remaining life too.
//!
//! It knows no physics, so no lever changes what it says, and it calls normal whatever it was told is. Rows that hang
//! together in time alarm more often than promised: take longer ones.

mod config;
mod index;
mod names;
mod run;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use self::index::Index;
use self::names::kept;
use self::run::SinceNew;
use super::anomaly::{Finding, Smoothed, Usual};
use super::remaining_life::RemainingLife;
use crate::living::{
    Asks, Belief, Evidence, EvidenceError, Foreseen, Input, Lever, Living, Path, Prediction, Question, Row, Setting,
    Standing, Threshold, WallMs, check,
};
pub use config::{Config, ConfigError, Span, TrendTo};

/// Role of its part.
pub const PART: &str = "machine";
/// What a row may hold: what is larger is a fault of whoever sent it.
pub(crate) const LARGEST: f64 = 1e12;
/// Longest ageing that is counted, h: a hundred thousand years.
const OLDEST: f64 = 1e9;
/// How much further than it looks back a trend is followed.
const FARTHER: f64 = 10.0;
/// Forecasts that are checked, in one look back.
const LEADS: f64 = 8.0;
/// Points of a path.
const POINTS: usize = 25;
/// Rows without a gap in vain after which a new one is tried to learn from, as a share of those needed.
const AGAIN: usize = 10;
/// Layout of what is stored.
const VERSION: u32 = 1;

const QUESTIONS: [Question; 2] = [
    Question { part: PART, id: "replaced", title: "Machine replaced or overhauled", asks: Asks::Work },
    Question { part: PART, id: "normal", title: "The last days were normal: learn them", asks: Asks::Work },
];

/// The living model of any machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct MachineTwin(Stored);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    config: Config,
    model: Option<RemainingLife>,
    ageing_h: f64,
    data_until_ms: Option<WallMs>,
    /// Signals, then conditions, of the last rows without a gap: what is learnt from.
    recent: VecDeque<Vec<f64>>,
    /// Rows until it is tried to learn.
    wait: usize,
    usual: Option<Usual>,
    smoothed: Smoothed,
    finding: Option<Finding>,
    /// What was missing in the last row, by index of inputs.
    missing: Vec<usize>,
    index: Index,
    run: SinceNew,
}

impl TryFrom<Stored> for MachineTwin {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!("state of layout {}, this program reads {VERSION}: delete it", stored.version));
        }
        stored.config.check().map_err(|error| error.to_string())?;
        fits(&stored.config, stored.model.as_ref()).map_err(|error| error.to_string())?;
        let (signals, conditions) = (stored.config.signals.len(), stored.config.conditions.len());
        let wide = signals + conditions;
        let sound = (0.0..=OLDEST).contains(&stored.ageing_h)
            && stored.recent.len() <= stored.config.rows()
            && stored.recent.iter().all(|row| row.len() == wide && row.iter().all(|value| value.abs() <= LARGEST))
            && stored.usual.as_ref().is_none_or(|usual| usual.is_sound(conditions, signals))
            && stored.smoothed.is_sound(signals)
            && stored.finding.as_ref().is_none_or(|finding| finding.contributions.len() == signals)
            && stored.missing.len() <= wide
            && stored.index.is_sound()
            && stored.run.is_sound(conditions, signals);
        if sound { Ok(Self(stored)) } else { Err("the stored state of a machine is damaged: delete it".to_owned()) }
    }
}

fn fits(config: &Config, model: Option<&RemainingLife>) -> Result<(), ConfigError> {
    let here = (config.conditions.len(), config.signals.len());
    match (model.map(RemainingLife::widths), config.cycle) {
        (Some(trained), _) if trained != here => {
            let words = |(settings, sensors)| format!("{settings} settings and {sensors} sensors");
            let here = format!("{} conditions and {} signals", here.0, here.1);
            Err(ConfigError::Model { trained: words(trained), here })
        }
        (Some(_), None) => Err(ConfigError::Range {
            what: "cycle".into(),
            found: "missing".into(),
            must: "what a cycle of the model of remaining life spans, such as 1d".into(),
        }),
        _ => Ok(()),
    }
}

impl MachineTwin {
    /// A machine that has not been seen yet, and what was learnt from others that failed, if anything: its settings are
    /// the conditions, its sensors the signals.
    ///
    /// # Errors
    /// When the configuration is not possible, or not that of the machines that the model learnt from.
    pub fn new(config: Config, model: Option<RemainingLife>) -> Result<Self, ConfigError> {
        config.check()?;
        fits(&config, model.as_ref())?;
        Ok(Self::unseen(config, model))
    }

    fn unseen(config: Config, model: Option<RemainingLife>) -> Self {
        let wait = config.rows();
        Self(Stored {
            version: VERSION,
            config,
            model,
            ageing_h: 0.0,
            data_until_ms: None,
            recent: VecDeque::new(),
            wait,
            usual: None,
            smoothed: Smoothed::default(),
            finding: None,
            missing: Vec::new(),
            index: Index::default(),
            run: SinceNew::default(),
        })
    }

    /// What it was told of the machine.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// How unusual the last rows are, as a share of the limit: above 1 they are told. None before it has learnt.
    #[must_use]
    pub fn anomaly(&self) -> Option<f64> {
        self.0.finding.as_ref().map(|finding| finding.lasting.t2.max(finding.lasting.q))
    }

    /// Share of each signal in that, in the order of the configuration; they sum to one. Empty before it has learnt.
    #[must_use]
    pub fn contributions(&self) -> Vec<(&str, f64)> {
        let shares = self.0.finding.iter().flat_map(|finding| &finding.contributions);
        self.0.config.signals.iter().map(String::as_str).zip(shares.copied()).collect()
    }

    fn train(&mut self) -> bool {
        let (signals, conditions): (Vec<&[f64]>, Vec<&[f64]>) =
            self.0.recent.iter().filter_map(|row| row.split_at_checked(self.0.config.signals.len())).unzip();
        let Some(usual) = Usual::train(&conditions, &signals, self.0.config.false_alarms) else { return false };
        (self.0.usual, self.0.smoothed, self.0.finding) = (Some(usual), Smoothed::default(), None);
        true
    }

    fn judge(&mut self, values: Vec<f64>) {
        let Some((signals, conditions)) = values.split_at_checked(self.0.config.signals.len()) else { return };
        if let Some(usual) = &self.0.usual {
            let finding = usual.judge(&mut self.0.smoothed, conditions, signals);
            let finite = |finding: &Finding| {
                let all = [finding.now.t2, finding.now.q, finding.lasting.t2, finding.lasting.q];
                all.iter().chain(&finding.contributions).all(|value| value.is_finite())
            };
            self.0.finding = finding.filter(finite).or(self.0.finding.take());
        }
        if self.0.recent.len() >= self.0.config.rows() {
            self.0.recent.pop_front();
        }
        self.0.recent.push_back(values);
        self.0.wait = self.0.wait.saturating_sub(1);
        if self.0.usual.is_none() && self.0.wait == 0 && !self.train() {
            self.0.wait = self.0.config.rows() / AGAIN + 1;
        }
    }

    fn of_the_trend(&self) -> Option<Prediction> {
        let (to, trend) = (self.0.config.trend.as_ref()?, self.0.index.trend()?);
        let since = self.0.ageing_h - self.0.index.readings.last()?.0;
        let horizon = FARTHER * self.0.config.past_h();
        let samples = index::life(&trend, to, since, horizon);
        let last = samples.iter().copied().filter(|hours| hours.is_finite()).fold(0.0, f64::max);
        let until = if last > 0.0 { last } else { horizon };
        let point = |at: usize| {
            let hours = until * at as f64 / (POINTS - 1) as f64;
            Some((hours, index::ahead(&trend, since + hours, false)?))
        };
        let (quantity, unit) = (kept(&to.signal), kept(&to.unit));
        let source = if to.source.is_empty() { "configuration".to_owned() } else { to.source.clone() };
        Some(Prediction {
            part: PART,
            quantity: "rul",
            unit: "h",
            samples,
            horizon: Some(horizon),
            failure_mode: format!("{quantity} reaches its threshold").into(),
            threshold: Some(Threshold { quantity, value: to.threshold, unit, source: source.into() }),
            path: Some(Path { quantity, points: (0..POINTS).filter_map(point).collect() }),
            is_virtual: false,
        })
    }

    fn of_the_model(&self) -> Option<Prediction> {
        let (model, cycle) = (self.0.model.as_ref()?, self.0.config.cycle?);
        let (samples, horizon) = self.0.run.life(model, cycle.hours())?;
        Some(Prediction {
            part: PART,
            quantity: if self.0.config.trend.is_some() { "rul_trained" } else { "rul" },
            unit: "h",
            samples,
            horizon: Some(horizon),
            failure_mode: Cow::Borrowed("as the machines failed that it learnt from"),
            threshold: None,
            path: None,
            is_virtual: false,
        })
    }
}

/// What is now, and no sensor reads.
fn now(quantity: &'static str, value: f64, threshold: Option<Threshold>) -> Prediction {
    Prediction {
        part: PART,
        quantity,
        unit: "",
        samples: vec![value],
        horizon: None,
        failure_mode: Cow::Borrowed(""),
        threshold,
        path: None,
        is_virtual: true,
    }
}

impl Living for MachineTwin {
    fn inputs(&self) -> Vec<Input> {
        let config = &self.0.config;
        let input = |name: &String| Input { name: name.clone().into(), unit: "".into(), required: true };
        config.signals.iter().chain(&config.conditions).map(input).collect()
    }

    fn row_seconds(&self, time_lapse: f64) -> f64 {
        let faster = if time_lapse.is_finite() && time_lapse > 0.0 { time_lapse } else { 1.0 };
        self.0.config.row.seconds() / faster
    }

    fn observe(&mut self, row: &Row<'_>) {
        let hours = row.ageing_h();
        if !(hours > 0.0 && self.0.ageing_h + hours <= OLDEST) {
            return;
        }
        self.0.ageing_h += hours;
        let config = &self.0.config;
        let wide = config.signals.len() + config.conditions.len();
        let known = |at: usize| row.values.get(at).copied().filter(|value| value.abs() <= LARGEST);
        let values: Vec<f64> = (0..wide).map(|at| known(at).unwrap_or(f64::NAN)).collect();
        let followed = config.trend.as_ref().and_then(|to| config.signals.iter().position(|name| *name == to.signal));
        if let Some(value) = followed.and_then(known) {
            self.0.index.take(self.0.ageing_h, hours, value, config);
            self.0.data_until_ms = Some(row.at_ms);
        }
        if let (Some(_), Some(cycle)) = (&self.0.model, config.cycle) {
            self.0.run.take(hours, &values, config.signals.len(), cycle.hours());
        }
        self.0.missing = values.iter().enumerate().filter(|(_, value)| value.is_nan()).map(|(at, _)| at).collect();
        if self.0.missing.is_empty() {
            self.0.data_until_ms = Some(row.at_ms);
            self.judge(values);
        }
    }

    fn questions(&self) -> &'static [Question] {
        &QUESTIONS
    }

    fn learn(&mut self, evidence: &Evidence) -> Result<(), EvidenceError> {
        match check(&QUESTIONS, evidence)?.id {
            "replaced" => *self = Self::unseen(self.0.config.clone(), self.0.model.take()),
            // Before there are enough rows it is going to learn them anyway.
            _ if self.0.recent.len() >= self.0.config.rows() => {
                self.train();
            }
            _ => {}
        }
        Ok(())
    }

    /// None: what it learnt of one machine says nothing of others.
    fn beliefs(&self) -> Vec<Belief> {
        Vec::new()
    }

    fn start_from(&mut self, _: &BTreeMap<String, (f64, f64)>) {}

    /// With a trend, it explains the machine as long as the last quarter of what it looks back at went on as before;
    /// without one, as long as the machine is as usual.
    fn standing(&self) -> Standing {
        let (config, finding) = (&self.0.config, self.0.finding.as_ref());
        let mut outside = Vec::new();
        if finding.is_some_and(|finding| !finding.inside) {
            outside.push("operating conditions outside of those that it learnt from".to_owned());
        }
        if !self.0.missing.is_empty() {
            let names = config.signals.iter().chain(&config.conditions).enumerate();
            let names = names.filter(|(at, _)| self.0.missing.contains(at)).map(|(_, name)| name.as_str());
            outside.push(format!("no value of {}", names.collect::<Vec<_>>().join(", ")));
        }
        if self.0.usual.is_none() && self.0.recent.len() >= config.rows() {
            outside.push("no signal varies that it could learn from".to_owned());
        }
        let explains = match config.trend {
            Some(_) => self.0.index.goes_on(),
            None => finding.map(|finding| !finding.lasting.unusual()),
        };
        Standing { explains, outside, calibrated: self.0.usual.is_some(), data_until_ms: self.0.data_until_ms }
    }

    /// None: it does not know what any would do.
    fn levers(&self) -> &'static [Lever] {
        &[]
    }

    /// `anomaly`, as a share of the limit, and `contribution_…` of each signal to it; `rul` by the trend, else by the
    /// trained model, which is `rul_trained` beside a trend.
    fn predict(&self, _: &Setting) -> Vec<Prediction> {
        let mut all = Vec::new();
        if let Some(anomaly) = self.anomaly() {
            let source = format!("{} days of this machine", self.0.config.learn_days).into();
            all.push(now("anomaly", anomaly, Some(Threshold { quantity: "anomaly", value: 1.0, unit: "", source })));
            let of = |(name, share): (&str, f64)| now(kept(&format!("contribution_{name}")), share, None);
            all.extend(self.contributions().into_iter().map(of));
        }
        all.extend(self.of_the_trend());
        all.extend(self.of_the_model());
        all
    }

    fn lead_h(&self) -> f64 {
        self.0.config.past_h() / LEADS
    }

    fn foresee(&self) -> Option<Foreseen> {
        let (to, trend) = (self.0.config.trend.as_ref()?, self.0.index.trend()?);
        let observed = self.0.index.readings.last()?.1;
        let band = index::ahead(&trend, self.lead_h(), true)?;
        Some(Foreseen { quantity: kept(&to.signal), unit: kept(&to.unit), observed, band })
    }
}
