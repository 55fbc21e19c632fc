//! What the screen sees: a coalesced picture of the twin at one moment. Plain data, cheap to make, shared by `Arc`.

use std::sync::Arc;

use crate::advice::{Action, Advised, Waiting};
use crate::command::LoggedCommand;
use crate::prediction::{Issue, PredictionKey};
use crate::procedure::RunStatus;
use crate::quality::{Quality, QualityReason};
use crate::record::Record;
use crate::severity::Severity;
use crate::site::{AlarmRow, AssetRow, PartRow, SignalRow, Site};
use crate::time::{Now, WallMs};
use crate::value::{Provenance, Value};

/// The twin at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The site that the rows refer to.
    pub site: Arc<Site>,
    /// The moment.
    pub now: Now,
    /// One per source.
    pub sources: Vec<SourceStatus>,
    /// One per part.
    pub parts: Vec<PartStatus>,
    /// One per asset: roll-up over its parts.
    pub assets: Vec<RollUp>,
    /// Roll-up over the site.
    pub whole: RollUp,
    /// One per signal.
    pub signals: Vec<SignalStatus>,
    /// Alarms that are active, or over and not acknowledged; worst first, then newest.
    pub alarms: Vec<AlarmStatus>,
    /// The selected part, with what the inspector needs.
    pub selected: Option<PartDetail>,
    /// The remaining lives of parts, at most one of a part, in the order of the parts.
    pub lives: Vec<Life>,
    /// The cracks that are believed in, at most one of a part, in the order of the parts. May be expired.
    pub cracks: Vec<CrackLength>,
    /// The what-ifs of the asset of the selected part: of each prediction of any of its parts under a scenario other than
    /// the baseline, and not withdrawn, the latest issue, by key; of more than 256 those issued last. May be expired.
    pub scenarios: Vec<(Arc<PredictionKey>, Arc<Issue>)>,
    /// The procedure that somebody works through, or the last one.
    pub run: Option<Arc<RunStatus>>,
    /// Counters since the start.
    pub counters: Counters,
    /// The last commands, newest last (at most 64).
    pub commands: Vec<LoggedCommand>,
}

impl Snapshot {
    /// The alarms of a part and of the parts below it, in the order of [`Snapshot::alarms`].
    pub fn alarms_below(&self, part: PartRow) -> impl Iterator<Item = &AlarmStatus> {
        let below = move |of: PartRow| {
            let mut at = Some(of);
            // Parents cannot form a cycle, but nothing here depends on it.
            for _ in 0..=self.site.parts.len() {
                match at {
                    Some(row) if row == part => return true,
                    Some(row) => at = self.site.parts.get(row.index()).and_then(|part| part.parent),
                    None => return false,
                }
            }
            false
        };
        self.alarms.iter().filter(move |alarm| below(alarm.part))
    }
}

/// A link as the screen shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceStatus {
    /// Where the link stands.
    pub link: LinkState,
    /// Messages received.
    pub messages: u64,
    /// Messages per second over the last seconds.
    pub rate_per_s: f32,
    /// Messages that our own bounds dropped.
    pub dropped: u64,
    /// Median of receipt minus source time, ms, where sources tell their time.
    pub delay_ms: Option<f32>,
    /// Last trouble in words, if there was one in the last ten minutes.
    pub trouble: Option<String>,
}

/// Where a link stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LinkState {
    /// Not started.
    #[default]
    Idle,
    /// Trying.
    Connecting,
    /// Connected.
    Live,
    /// Connection lost; being tried again.
    Lost {
        /// Since when.
        since: Now,
        /// Why, in words.
        reason: String,
    },
    /// Refused (bad password, wrong certificate): tried again only every few minutes.
    Refused {
        /// Why, in words, with the remedy.
        reason: String,
    },
    /// The simulator feeds the core directly, without a broker.
    Direct {
        /// Why there is no broker.
        reason: String,
    },
}

/// State and quality of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PartStatus {
    /// Highest priority of its active alarms.
    pub state: Severity,
    /// Worst quality of its own signals; no data if it has none.
    pub quality: Quality,
    /// Why.
    pub reason: QualityReason,
    /// Health index, 0 to 1, if something defines it.
    pub health: Option<f32>,
    /// The part and everything below it.
    pub below: RollUp,
}

/// Worst state and counts over several parts. A part without signals and without bound children counts as unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollUp {
    /// Worst state: the highest priority of all active alarms. An alarm stays active while bad quality holds it, so a part
    /// that is not known any more does not hide it.
    pub worst: Severity,
    /// Parts by state (only those whose quality is good or uncertain), index = `Severity as usize`.
    pub by_state: [u32; 5],
    /// Parts that are stale.
    pub stale: u32,
    /// Parts that are bad.
    pub bad: u32,
    /// Parts without data.
    pub no_data: u32,
}

/// The latest of one signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignalStatus {
    /// Last value that could be read; kept, greyed, when the quality is worse than uncertain.
    pub value: Option<Value>,
    /// Quality now.
    pub quality: Quality,
    /// Why.
    pub reason: QualityReason,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Source time of the value, ms since the epoch.
    pub source_ms: WallMs,
    /// When it was received; of an expression, when the input was that was heard longest ago.
    pub received: Option<Now>,
}

/// An alarm that is active, or over and not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmStatus {
    /// Which rule.
    pub alarm: AlarmRow,
    /// Whose part.
    pub part: PartRow,
    /// Priority.
    pub severity: Severity,
    /// The condition holds.
    pub active: bool,
    /// A person has seen it.
    pub acknowledged: bool,
    /// When it was raised last, by the receiver's wall clock, ms since the epoch.
    pub since_ms: WallMs,
    /// Value that raised it.
    pub value: Option<f64>,
}

/// The remaining life of a part: the `rul` under the baseline that was issued last and is not withdrawn, whichever model
/// says it, in a unit of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// Which part.
    pub part: PartRow,
    /// Of which asset.
    pub asset: AssetRow,
    /// Which prediction.
    pub key: Arc<PredictionKey>,
    /// All that it says: probabilities of failure, prior, range, whether it explains the asset, time lapse.
    pub issue: Arc<Issue>,
    /// Its 5 % quantile, hours of the asset from when it was issued; `None` if it is not said.
    pub p05_h: Option<f64>,
    /// Its median, or its bare value, likewise.
    pub p50_h: Option<f64>,
    /// Its 95 % quantile, likewise.
    pub p95_h: Option<f64>,
    /// Its `valid_until` has passed: it must be shown as what it was, not as what is.
    pub expired: bool,
    /// The latest advice on the part that is not expired, of the same model if there is one.
    pub advice: Option<Arc<Advised>>,
}

impl Life {
    /// What it costs to wait, with the ISO 4217 code of the currency, if an advice says so.
    #[must_use]
    pub fn waiting(&self) -> Option<(Waiting, &str)> {
        let body = &self.advice.as_ref()?.body;
        body.waiting.map(|waiting| (waiting, body.currency.as_str()))
    }

    /// What is advised: the first action that is more than waiting, of an advice whose first it is.
    #[must_use]
    pub fn advised(&self) -> Option<(&Advised, &Action)> {
        let advised = self.advice.as_deref()?;
        advised.body.actions.first().filter(|action| action.id != "wait").map(|action| (advised, action))
    }
}

/// How long the crack of a part is believed to be: the baseline of the quantity that the type file names, as it was issued
/// last by whichever model and is not withdrawn, in a unit of length.
#[derive(Clone, Debug, PartialEq)]
pub struct CrackLength {
    /// Which part; where the crack lies is in [`crate::site::Part::crack`].
    pub part: PartRow,
    /// All that the prediction says.
    pub issue: Arc<Issue>,
    /// Its 5 % quantile, m; `None` if it is not said.
    pub p05_m: Option<f64>,
    /// Its median, or its bare value, m.
    pub p50_m: Option<f64>,
    /// Its 95 % quantile, m.
    pub p95_m: Option<f64>,
    /// Its `valid_until` has passed: it says what was believed, not what is.
    pub expired: bool,
}

/// A remaining life as it was said once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastLife {
    /// When it was issued, ms since the epoch.
    pub issued_at: WallMs,
    /// 5 % quantile, hours of the asset from then; `None` if it was not said.
    pub p05_h: Option<f64>,
    /// Median, or the bare value, likewise.
    pub p50_h: Option<f64>,
    /// 95 % quantile, likewise.
    pub p95_h: Option<f64>,
}

/// What the inspector shows of the selected part.
#[derive(Clone, Debug)]
pub struct PartDetail {
    /// Which part.
    pub part: PartRow,
    /// Its signals, in order.
    pub signals: Vec<SignalDetail>,
    /// Its alarm rules with their condition now, in order.
    pub alarms: Vec<AlarmDetail>,
    /// Why its health index is what it is: the expression, and its error if it failed.
    pub health: Option<HealthDetail>,
    /// Latest issue of each prediction of the part that is not withdrawn, by quantity, model, scenario, and how many
    /// issues are kept; of more than 64 predictions those issued last.
    pub predictions: Vec<(PredictionKey, Issue, usize)>,
    /// Predictions beyond those.
    pub more_predictions: usize,
    /// The last 64 issues of the prediction that is the part's [`Life`], oldest first, withdrawn ones too.
    pub rul_history: Vec<PastLife>,
    /// What was found, done and planned, newest first, at most 64.
    pub records: Vec<Arc<Record>>,
    /// The latest advice of each model, by model, at most 64. May be expired.
    pub advice: Vec<Arc<Advised>>,
}

/// A signal in the inspector.
#[derive(Clone, Debug)]
pub struct SignalDetail {
    /// Which signal.
    pub signal: SignalRow,
    /// Topic of the last message, and the beginning of its payload as text (at most 256 bytes).
    pub last_message: Option<(String, String)>,
    /// The last ten minutes (more for a slow signal: at least its last 60 samples), oldest first, thinned to 600 points
    /// with the extremes kept: source time ms, value; a gap is a NaN value.
    pub history: Vec<[f64; 2]>,
    /// Error of its expression, if it has one that failed.
    pub error: Option<String>,
}

/// An alarm rule in the inspector.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmDetail {
    /// Which rule.
    pub alarm: AlarmRow,
    /// The alarm stands.
    pub active: bool,
    /// The condition holds (the delay may still run).
    pub condition: bool,
    /// Acknowledged.
    pub acknowledged: bool,
    /// Since when it is active, by the receiver's wall clock, ms since the epoch.
    pub since_ms: Option<WallMs>,
    /// Bad quality holds it: neither raised nor cleared.
    pub held: bool,
    /// Error of its expression.
    pub error: Option<String>,
}

/// The health index in the inspector.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthDetail {
    /// The expression, or the model.
    pub from: String,
    /// Index.
    pub value: Option<f64>,
    /// Why there is none.
    pub error: Option<String>,
}

/// Counters since the start. Nothing is dropped without one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages that reached the core.
    pub messages: u64,
    /// Samples applied.
    pub samples: u64,
    /// Messages on topics that nothing is bound to.
    pub unbound: u64,
    /// Messages on topics beyond the source's limit of topics that are told apart (or with very long names): applied,
    /// but slower, and without their text in the inspector.
    pub uncached: u64,
    /// Payloads that could not be read.
    pub unreadable: u64,
    /// Values of the wrong type.
    pub wrong_type: u64,
    /// Pointers that were not in their payload.
    pub missing: u64,
    /// Values out of range.
    pub out_of_range: u64,
    /// Samples with a source time more than a day in the future.
    pub future: u64,
    /// Samples whose source time was missing or could not be read.
    pub no_time: u64,
    /// Samples that came late and went to history only.
    pub late: u64,
    /// Samples heard twice.
    pub duplicate: u64,
    /// Messages dropped by our own bounds before the core.
    pub dropped: u64,
    /// Expressions that failed.
    pub expression_errors: u64,
    /// Predictions taken.
    pub predictions: u64,
    /// Predictions refused.
    pub bad_predictions: u64,
    /// Records and advice taken.
    pub records: u64,
    /// Records and advice refused.
    pub bad_records: u64,
    /// Samples of the oldest history that were let go to stay within memory.
    pub history_evicted: u64,
}
