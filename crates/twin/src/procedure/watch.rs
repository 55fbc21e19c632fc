//! A condition over telemetry, watched: whether it holds, since when without a break, and why not.
//!
//! Only what is good counts: a signal that is uncertain, stale, bad or was never heard is not known, and what is not
//! known does not hold. Time is that of the receiver's monotonic clock, so that neither a source's clock nor a wall
//! clock that is set makes a condition hold early.

use crate::expression::{Expression, Language};
use crate::quality::{Quality, QualityReason};
use crate::site::SignalRow;
use crate::time::{Now, WallMs};
use crate::value::Value;

/// What is known of a signal at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    pub value: Option<Value>,
    pub quality: Quality,
    pub reason: QualityReason,
    /// Source time of the value.
    pub source_ms: WallMs,
    /// When it was heard last.
    pub heard: Option<Now>,
}

/// A signal that a condition reads.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub signal: SignalRow,
    /// `part.signal`.
    pub name: String,
    pub unit: String,
    pub decimals: u8,
}

impl Input {
    /// `rotor.speed is 12.3 rpm`.
    fn tell(&self, value: Option<&Value>) -> String {
        let said = match value {
            None => "not known".to_owned(),
            Some(Value::Flag(flag)) => if *flag { "on" } else { "off" }.to_owned(),
            Some(Value::Text(text)) => format!("\"{}\"", text.chars().take(60).collect::<String>()),
            Some(Value::Number(number)) => {
                let number = format!("{number:.*}", usize::from(self.decimals));
                match shown_unit(&self.unit) {
                    "" => number,
                    unit => format!("{number} {unit}"),
                }
            }
        };
        format!("{} is {said}", self.name)
    }
}

/// The unit as people write it, where UCUM has a code that they do not.
fn shown_unit(unit: &str) -> &str {
    match unit {
        "degC" => "°C",
        "1" => "",
        unit => unit,
    }
}

/// How a condition was judged last.
#[derive(Clone, Debug, Default)]
enum Judged {
    #[default]
    Never,
    Holds,
    Fails(Vec<Option<Value>>),
    /// The input (an index) that is not good.
    Doubtful(usize, Sight),
    /// The expression has no result.
    Failed(String),
}

/// A condition that is watched.
#[derive(Debug)]
pub(crate) struct Watch {
    /// As it is written.
    pub text: String,
    expression: Expression,
    inputs: Vec<Input>,
    pub for_ms: u64,
    judged: Judged,
    /// Since when it is true without a break.
    since: Option<Now>,
}

impl Watch {
    /// `inputs` in the order of [`Expression::inputs`].
    pub fn new(text: String, expression: Expression, inputs: Vec<Input>, for_ms: u64) -> Self {
        Self { text, expression, inputs, for_ms, judged: Judged::Never, since: None }
    }

    /// The signals that it reads.
    pub fn signals(&self) -> impl Iterator<Item = SignalRow> {
        self.inputs.iter().map(|input| input.signal)
    }

    /// What it reads.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Whether it was never judged, or reads one of these signals.
    pub fn concerns(&self, changed: &[SignalRow]) -> bool {
        matches!(self.judged, Judged::Never) || self.signals().any(|signal| changed.contains(&signal))
    }

    /// Judges it anew.
    pub fn judge(&mut self, language: &Language, look: &dyn Fn(SignalRow) -> Sight, now: Now) {
        self.judged = self.verdict(language, look);
        if matches!(self.judged, Judged::Holds) {
            self.since.get_or_insert(now);
        } else {
            self.since = None;
        }
    }

    fn verdict(&self, language: &Language, look: &dyn Fn(SignalRow) -> Sight) -> Judged {
        let mut values = Vec::with_capacity(self.inputs.len());
        for (at, input) in self.inputs.iter().enumerate() {
            let sight = look(input.signal);
            if sight.quality != Quality::Good || sight.value.is_none() {
                return Judged::Doubtful(at, sight);
            }
            values.push(sight.value);
        }
        match self.expression.evaluate(language, &values) {
            Ok(Value::Flag(true)) => Judged::Holds,
            Ok(Value::Flag(false)) => Judged::Fails(values),
            Ok(_) => Judged::Failed("the result is neither true nor false".to_owned()),
            Err(error) => Judged::Failed(error),
        }
    }

    /// How long it has been true, ms; `None` if it is not.
    pub fn held_ms(&self, now: Now) -> Option<u64> {
        self.since.map(|since| now.since_ms(since))
    }

    /// It has been true for as long as it must.
    pub fn holds(&self, now: Now) -> bool {
        self.held_ms(now).is_some_and(|held| held >= self.for_ms)
    }

    /// Monotonic time at which it will have been true for long enough, if nothing changes.
    pub fn due_ms(&self, now: Now) -> Option<u64> {
        let since = self.since.filter(|_| !self.holds(now))?;
        Some(since.mono_ms.saturating_add(self.for_ms))
    }

    /// Whether it is not known, as opposed to false.
    pub fn is_unknown(&self) -> bool {
        matches!(self.judged, Judged::Doubtful(..) | Judged::Failed(_) | Judged::Never)
    }

    /// Why it does not hold, in one sentence without a full stop; empty if it does.
    pub fn why(&self, now: Now) -> String {
        match &self.judged {
            Judged::Never => "not looked at yet".to_owned(),
            Judged::Holds if self.holds(now) => String::new(),
            Judged::Holds => {
                let held = self.held_ms(now).unwrap_or(0) / 1_000;
                format!("holds for {held} s of {} s", self.for_ms.div_ceil(1_000))
            }
            Judged::Fails(values) => {
                let told: Vec<_> =
                    self.inputs.iter().zip(values).map(|(input, value)| input.tell(value.as_ref())).collect();
                if told.is_empty() { "it is false".to_owned() } else { told.join(", ") }
            }
            Judged::Doubtful(at, sight) => {
                let name = self.inputs.get(*at).map_or("a signal", |input| input.name.as_str());
                doubt(name, sight, now)
            }
            Judged::Failed(error) => format!("not known: {error}"),
        }
    }
}

/// Why a signal does not count: "not known: rotor.speed is stale since 40 s".
fn doubt(name: &str, sight: &Sight, now: Now) -> String {
    let age = || sight.heard.map_or_else(String::new, |heard| format!(", heard {} s ago", now.since_ms(heard) / 1_000));
    match sight.quality {
        Quality::NoData => format!("not known: {name} has no data, {}", sight.reason.sentence()),
        Quality::Stale => format!("not known: {name} is stale{}", age()),
        Quality::Bad => format!("not known: {name} is bad, {}", sight.reason.sentence()),
        Quality::Uncertain => format!("not known: {name} is uncertain, {}", sight.reason.sentence()),
        Quality::Good => format!("not known: {name} has no value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: u64) -> Now {
        Now { wall_ms: 0, mono_ms }
    }

    fn watch(expression: &str, for_ms: u64) -> (Watch, Language) {
        let language = Language::default();
        let expression = language.compile(expression).unwrap();
        let input = Input { signal: SignalRow(0), name: "rotor.speed".to_owned(), unit: "rpm".to_owned(), decimals: 1 };
        let inputs = expression.inputs().iter().map(|_| input.clone()).collect();
        (Watch::new(String::new(), expression, inputs, for_ms), language)
    }

    fn good(value: f64) -> Sight {
        Sight { value: Some(Value::Number(value)), quality: Quality::Good, heard: Some(at(0)), ..Sight::default() }
    }

    #[test]
    fn it_holds_once_it_was_true_for_so_long_without_a_break() {
        let (mut watch, language) = watch("speed < 0.2", 30_000);
        let mut see = |value: f64, ms| {
            watch.judge(&language, &|_| good(value), at(ms));
            (watch.holds(at(ms)), watch.due_ms(at(ms)))
        };
        assert_eq!(see(0.1, 1_000), (false, Some(31_000)));
        assert_eq!(see(0.1, 30_999), (false, Some(31_000)));
        // One sample that breaks it, and it begins anew.
        assert_eq!(see(0.3, 30_999), (false, None));
        assert_eq!(see(0.1, 31_000), (false, Some(61_000)));
        assert_eq!(see(0.1, 61_000), (true, None));
    }

    #[test]
    fn what_is_not_good_is_not_known_and_does_not_hold() {
        for (quality, reason, expected) in [
            (Quality::Stale, QualityReason::TooOld, "not known: rotor.speed is stale, heard 40 s ago"),
            (Quality::Bad, QualityReason::OutOfRange, "not known: rotor.speed is bad, outside the range of the sensor"),
            (
                Quality::NoData,
                QualityReason::NeverHeard,
                "not known: rotor.speed has no data, no message has arrived yet",
            ),
            (
                Quality::Uncertain,
                QualityReason::Lost,
                "not known: rotor.speed is uncertain, samples of this source were dropped; not heard since",
            ),
        ] {
            let (mut watch, language) = watch("speed < 0.2", 0);
            watch.judge(&language, &|_| Sight { quality, reason, ..good(0.1) }, at(40_000));
            assert!(!watch.holds(at(40_000)) && watch.is_unknown(), "{quality:?}");
            assert_eq!(watch.why(at(40_000)), expected);
        }
    }

    #[test]
    fn what_does_not_hold_tells_the_values() {
        let (mut watch, language) = watch("speed < 0.2", 0);
        watch.judge(&language, &|_| good(12.34), at(0));
        assert_eq!((watch.why(at(0)).as_str(), watch.is_unknown()), ("rotor.speed is 12.3 rpm", false));
        let (mut number, language) = self::watch("speed + 1.0", 0);
        number.judge(&language, &|_| good(1.0), at(0));
        assert_eq!(number.why(at(0)), "not known: the result is neither true nor false");
    }
}
