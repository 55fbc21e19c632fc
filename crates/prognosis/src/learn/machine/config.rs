//! What is said of a machine in a file: bounded and checked before it is used.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most signals and conditions.
const MOST_SIGNALS: usize = 32;
const MOST_CONDITIONS: usize = 16;
/// Longest name.
const LONGEST: usize = 60;
/// Most rows to learn from, which are kept.
const MOST_ROWS: f64 = 5_000.0;
/// Longest row, and longest past of a trend, s.
const LONGEST_ROW: f64 = 30.0 * DAY;
const LONGEST_PAST: f64 = 3_650.0 * DAY;
/// Most readings that a trend is kept in; fewer when rows are longer than the past divided by that.
pub(super) const READINGS: f64 = 200.0;
/// Fewest rows in the past of a trend.
const LEAST_PAST: f64 = 32.0;

const DAY: f64 = 86_400.0;

/// A machine that is known by its signals only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What tells how the machine is.
    pub signals: Vec<String>,
    /// What is asked of it, and its surroundings: load, speed, air. They explain signals and are not judged.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// What a row spans: long enough that neighbours do not hang together.
    pub row: Span,
    /// How many days of normal operation are learnt from, in the time of the asset.
    pub learn_days: f64,
    /// Share of normal rows that may be told unusual, above 0 to 0.1.
    #[serde(default = "false_alarms")]
    pub false_alarms: f64,
    /// A signal that ends the life at a threshold.
    #[serde(default)]
    pub trend: Option<TrendTo>,
    /// What a cycle of the stored model of remaining life spans, where there is one.
    #[serde(default)]
    pub cycle: Option<Span>,
}

fn false_alarms() -> f64 {
    0.001
}

fn rising() -> bool {
    true
}

/// A signal that ends the life at a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendTo {
    /// Which, of the signals.
    pub signal: String,
    /// Its value that counts as failed.
    pub threshold: f64,
    /// It fails by rising.
    #[serde(default = "rising")]
    pub rising: bool,
    /// Unit of both (UCUM).
    #[serde(default)]
    pub unit: String,
    /// Where the threshold comes from.
    #[serde(default)]
    pub source: String,
    /// How many days back it is looked; none: as many as are learnt from.
    #[serde(default)]
    pub over_days: Option<f64>,
}

/// A length of time, written `30s`, `10m`, `1h` or `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(f64);

impl Span {
    /// Of so many seconds, in whole ones.
    #[must_use]
    pub fn of_seconds(seconds: u32) -> Self {
        Self(f64::from(seconds))
    }

    /// Seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0
    }

    /// Hours.
    #[must_use]
    pub fn hours(self) -> f64 {
        self.0 / 3600.0
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{}` is no time; write 30s, 10m, 1h or 2d", text.chars().take(20).collect::<String>());
        let unit = text.chars().last().ok_or_else(wrong)?;
        let each = match unit {
            's' => 1.0,
            'm' => 60.0,
            'h' => 3600.0,
            'd' => DAY,
            _ => return Err(wrong()),
        };
        let count: u32 = text.strip_suffix(unit).and_then(|count| count.parse().ok()).ok_or_else(wrong)?;
        Ok(Self(f64::from(count) * each))
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        format!("{}s", span.0)
    }
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ConfigError {
    /// A number or a count that is not possible.
    #[error("{what} is {found}; it must be {must}")]
    Range {
        /// Which.
        what: String,
        /// What stands there.
        found: String,
        /// What should.
        must: String,
    },
    /// A name that is none, or that is there twice.
    #[error("`{name}` {problem}")]
    Name {
        /// Which.
        name: String,
        /// What is the matter.
        problem: &'static str,
    },
    /// The stored model was trained on another kind of machine.
    #[error(
        "the model of remaining life was trained on {trained}, this machine has {here}: name the same, in that order"
    )]
    Model {
        /// Settings and sensors of the model.
        trained: String,
        /// Conditions and signals of the machine.
        here: String,
    },
}

impl Config {
    /// Checks everything that is in it.
    ///
    /// # Errors
    /// What is not possible, and what would be.
    pub fn check(&self) -> Result<(), ConfigError> {
        let range =
            |what: &str, found: String, must: String| Err(ConfigError::Range { what: what.into(), found, must });
        let (signals, conditions) = (self.signals.len(), self.conditions.len());
        if !(1..=MOST_SIGNALS).contains(&signals) {
            return range("the number of signals", signals.to_string(), format!("1 to {MOST_SIGNALS}"));
        }
        if conditions > MOST_CONDITIONS {
            return range("the number of conditions", conditions.to_string(), format!("at most {MOST_CONDITIONS}"));
        }
        let names: Vec<&String> = self.signals.iter().chain(&self.conditions).collect();
        for (at, name) in names.iter().enumerate() {
            let cut = || name.chars().take(LONGEST).collect::<String>();
            let letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
            if name.is_empty() || name.len() > LONGEST || !name.chars().all(letter) {
                let problem = "is no name; write 1 to 60 of a-z, A-Z, 0-9, `_`, `-`, `.`";
                return Err(ConfigError::Name { name: cut(), problem });
            }
            if names.iter().skip(at + 1).any(|other| other == name) {
                return Err(ConfigError::Name { name: cut(), problem: "is there twice; name it once" });
            }
        }
        if !(self.row.seconds() >= 1.0 && self.row.seconds() <= LONGEST_ROW) {
            return range("row", format!("{} s", self.row.seconds()), "1s to 30d".into());
        }
        let least = 20.0 * (signals + conditions).max(5) as f64;
        let rows = self.learn_days * DAY / self.row.seconds();
        if !(least..=MOST_ROWS).contains(&rows) {
            let day = self.row.seconds() / DAY;
            let must =
                format!("{:.3} to {:.3} with this row ({least} to {MOST_ROWS} rows)", least * day, MOST_ROWS * day);
            return range("learn_days", self.learn_days.to_string(), must);
        }
        if !(self.false_alarms > 0.0 && self.false_alarms <= 0.1) {
            return range("false_alarms", self.false_alarms.to_string(), "above 0, at most 0.1".into());
        }
        if let Some(cycle) = self.cycle.filter(|cycle| !(self.row.seconds()..=LONGEST_ROW).contains(&cycle.seconds())) {
            return range("cycle", format!("{} s", cycle.seconds()), "a row to 30d".into());
        }
        if let Some(trend) = &self.trend {
            if !self.signals.contains(&trend.signal) {
                let name = trend.signal.chars().take(LONGEST).collect();
                return Err(ConfigError::Name { name, problem: "of the trend is not among the signals; add it there" });
            }
            if !trend.threshold.is_finite() || trend.threshold.abs() > super::LARGEST {
                return range("threshold", trend.threshold.to_string(), "a finite number".into());
            }
            if trend.unit.len() > LONGEST || trend.source.len() > 4 * LONGEST {
                return range("unit or source", "too long".into(), format!("at most {LONGEST} and {}", 4 * LONGEST));
            }
            let past = self.past_h() * 3600.0;
            if !(LEAST_PAST * self.row.seconds()..=LONGEST_PAST).contains(&past) {
                let must = format!("{LEAST_PAST} rows to ten years");
                return range("over_days", (past / DAY).to_string(), must);
            }
        }
        Ok(())
    }

    /// Rows that are learnt from.
    pub(super) fn rows(&self) -> usize {
        (self.learn_days * DAY / self.row.seconds()).clamp(1.0, MOST_ROWS) as usize
    }

    /// Hours that a trend looks back.
    pub(super) fn past_h(&self) -> f64 {
        self.trend.as_ref().and_then(|trend| trend.over_days).unwrap_or(self.learn_days) * 24.0
    }

    /// Hours from one reading of a trend to the next.
    pub(super) fn reading_h(&self) -> f64 {
        (self.past_h() / READINGS).max(self.row.hours())
    }
}
