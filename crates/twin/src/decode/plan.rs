//! What is bound to one topic, compiled: which pointers to read, and what each binding makes of what stands there.

use super::json::{Capture, Captures};
use super::pointer::{PointerTree, SlotId};
use super::{Limits, Unreadable, clock, json, plain};
use crate::quality::{Quality, QualityReason};
use crate::site::{QualityInput, SignalRow, TimeUnit, TopicInput};
use crate::time::WallMs;
use crate::value::Value;

/// What a signal can be. A site file does not say it: it follows from how the signal is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expects {
    /// Number, switch or text.
    #[default]
    Anything,
    /// Number or switch: an alarm limit or a motion needs it.
    Numeric,
    /// Number: it has a unit, a range, a factor or an offset.
    Number,
}

/// What a binding found.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A value that fits.
    Value(Value),
    /// Nothing at its pointer: this message is not about this signal.
    Missing,
    /// `null` at its pointer: the device has no value.
    Null,
    /// Something that does not fit.
    WrongType,
}

/// What one binding makes of one payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The signal.
    pub signal: SignalRow,
    /// What was found.
    pub reading: Reading,
    /// Source time, if the payload tells one that can be read.
    pub source_ms: Option<WallMs>,
    /// What the quality field says: good, uncertain or bad.
    pub quality: Quality,
    /// Why.
    pub reason: QualityReason,
    /// A time field is configured, and the payload has none that is a time.
    pub no_time: bool,
}

/// A signal as a topic feeds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The signal.
    pub signal: SignalRow,
    /// What it can be.
    pub expects: Expects,
    /// How to read it.
    pub input: TopicInput,
}

/// The bindings of one topic, ready to read.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    tree: PointerTree,
    bindings: Vec<Compiled>,
    has_plain: bool,
}

#[derive(Clone, Debug)]
struct Compiled {
    signal: SignalRow,
    expects: Expects,
    place: Place,
    time: Option<(Option<SlotId>, TimeUnit)>,
    quality: Option<(Option<SlotId>, QualityTable)>,
    scale: f64,
    offset: f64,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Whole,
    /// `None`: the pointer is none, which finds nothing.
    Pointer(Option<SlotId>),
}

#[derive(Clone, Debug)]
struct QualityTable {
    entries: Vec<(String, Option<f64>, Quality)>,
    otherwise: Quality,
}

/// What a payload holds, before anything is expected of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw<'a> {
    Number(f64),
    Flag(bool),
    Text(&'a str),
    OwnedText(String),
    NotANumber,
}

/// Memory that is reused from payload to payload.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    captures: Captures,
}

impl Plan {
    /// Compiles the bindings of one topic.
    #[must_use]
    pub fn new<'a>(bindings: impl IntoIterator<Item = &'a Binding>) -> Self {
        let mut plan = Self::default();
        for binding in bindings {
            let input = &binding.input;
            let place = input.path.as_ref().map_or(Place::Whole, |path| Place::Pointer(plan.tree.add(path)));
            plan.has_plain |= matches!(place, Place::Whole);
            let time = input.time.as_ref().map(|time| (plan.tree.add(&time.path), time.unit));
            let quality =
                input.quality.as_ref().map(|quality| (plan.tree.add(&quality.path), QualityTable::new(quality)));
            plan.bindings.push(Compiled {
                signal: binding.signal,
                expects: binding.expects,
                place,
                time,
                quality,
                scale: input.scale,
                offset: input.offset,
            });
        }
        plan
    }

    /// The signals it feeds.
    pub fn signals(&self) -> impl Iterator<Item = SignalRow> {
        self.bindings.iter().map(|binding| binding.signal)
    }

    /// Reads a payload and hands each binding's sample to `take`, in the order of the bindings.
    ///
    /// # Errors
    ///
    /// If the payload as a whole cannot be read; then `take` was not called.
    pub fn read(
        &self,
        payload: &[u8],
        limits: Limits,
        scratch: &mut Scratch,
        mut take: impl FnMut(Sample),
    ) -> Result<(), Unreadable> {
        if payload.len() > limits.payload {
            return Err(Unreadable::TooLarge);
        }
        let text = std::str::from_utf8(payload).map_err(|_| Unreadable::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
            return Err(Unreadable::Empty);
        }
        // A plain payload next to pointers (its time, for example) need not be JSON; for pointers alone it must be.
        let captures = &mut scratch.captures;
        let json = if self.tree.is_empty() { Ok(()) } else { json::read(&self.tree, text, limits.depth, captures) };
        match json {
            Err(error) if !self.has_plain => return Err(error),
            _ => {}
        }
        for binding in &self.bindings {
            take(binding.sample(text, json, captures));
        }
        Ok(())
    }
}

impl Compiled {
    fn sample(&self, text: &str, json: Result<(), Unreadable>, captures: &Captures) -> Sample {
        let readable = json.is_ok();
        let at = |slot: Option<SlotId>| match slot {
            Some(slot) if readable => captures.get(slot),
            _ => &Capture::Absent,
        };
        let reading = match self.place {
            Place::Whole => self.fit(plain::read(text)),
            Place::Pointer(_) if !readable => Reading::WrongType,
            Place::Pointer(slot) => match at(slot) {
                Capture::Absent => Reading::Missing,
                Capture::Null => Reading::Null,
                Capture::Signed(number) => self.fit(Raw::Number(*number as f64)),
                Capture::Unsigned(number) => self.fit(Raw::Number(*number as f64)),
                Capture::Float(number) => self.fit(Raw::Number(*number)),
                Capture::Flag(flag) => self.fit(Raw::Flag(*flag)),
                Capture::Text(range) => self.fit(Raw::Text(captures.text(range))),
                Capture::LongText | Capture::Other => Reading::WrongType,
            },
        };
        let source_ms = self.time.and_then(|(slot, unit)| match at(slot) {
            Capture::Signed(number) => clock::from_integer(i128::from(*number), unit),
            Capture::Unsigned(number) => clock::from_integer(i128::from(*number), unit),
            Capture::Float(number) => clock::from_number(*number, unit),
            Capture::Text(range) if unit == TimeUnit::Rfc3339 => clock::from_rfc3339(captures.text(range)),
            _ => None,
        });
        let no_time = self.time.is_some() && source_ms.is_none();
        let quality = self.quality.as_ref().map_or(Quality::Good, |(slot, table)| table.judge(at(*slot), captures));
        let reason = match quality {
            Quality::Good => QualityReason::None,
            Quality::Uncertain => QualityReason::SourceUncertain,
            _ => QualityReason::SourceBad,
        };
        Sample { signal: self.signal, reading, source_ms, quality, reason, no_time }
    }

    fn fit(&self, raw: Raw<'_>) -> Reading {
        match raw {
            Raw::Number(number) => {
                let scaled = number * self.scale + self.offset;
                if scaled.is_finite() { Reading::Value(Value::Number(scaled)) } else { Reading::WrongType }
            }
            Raw::Flag(flag) if self.expects != Expects::Number => Reading::Value(Value::Flag(flag)),
            Raw::Text(text) if self.expects == Expects::Anything && text.len() <= Value::MAX_TEXT => {
                Reading::Value(Value::Text(text.into()))
            }
            Raw::OwnedText(text) if self.expects == Expects::Anything && text.len() <= Value::MAX_TEXT => {
                Reading::Value(Value::Text(text.into()))
            }
            Raw::Flag(_) | Raw::Text(_) | Raw::OwnedText(_) | Raw::NotANumber => Reading::WrongType,
        }
    }
}

impl QualityTable {
    fn new(input: &QualityInput) -> Self {
        let mut entries = Vec::new();
        // The worst first: a value that stands in two lists counts as the worse.
        for (list, quality) in
            [(&input.bad, Quality::Bad), (&input.uncertain, Quality::Uncertain), (&input.good, Quality::Good)]
        {
            entries.extend(list.iter().map(|word| (word.clone(), word.parse().ok(), quality)));
        }
        let otherwise = if input.good.is_empty() { Quality::Good } else { Quality::Uncertain };
        Self { entries, otherwise }
    }

    /// An absent field counts as good: a missing quality is a good one. Texts are compared without case.
    fn judge(&self, capture: &Capture, captures: &Captures) -> Quality {
        let number = match capture {
            Capture::Absent => return Quality::Good,
            Capture::Signed(number) => Some(*number as f64),
            Capture::Unsigned(number) => Some(*number as f64),
            Capture::Float(number) => Some(*number),
            _ => None,
        };
        let text = match capture {
            Capture::Text(range) => captures.text(range),
            Capture::Flag(true) => "true",
            Capture::Flag(false) => "false",
            Capture::Null => "null",
            _ => "",
        };
        let same = |(word, value, _): &&(String, Option<f64>, Quality)| match number {
            Some(number) => *value == Some(number),
            None => word.eq_ignore_ascii_case(text),
        };
        self.entries.iter().find(same).map_or(self.otherwise, |(_, _, quality)| *quality)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::TimeInput;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { payload: 1 << 20, depth: 32 };

    fn input(path: Option<&str>) -> TopicInput {
        TopicInput {
            filter: "t".to_owned(),
            path: path.map(str::to_owned),
            time: None,
            quality: None,
            scale: 1.0,
            offset: 0.0,
        }
    }

    fn plan(input: TopicInput, expects: Expects) -> Plan {
        Plan::new(&[Binding { signal: SignalRow(0), expects, input }])
    }

    fn read(plan: &Plan, payload: &[u8]) -> Result<Vec<Sample>, Unreadable> {
        let mut samples = Vec::new();
        plan.read(payload, LIMITS, &mut Scratch::default(), |sample| samples.push(sample))?;
        Ok(samples)
    }

    #[track_caller]
    fn check(path: Option<&str>, expects: Expects, payload: &str, expected: Reading) {
        let samples = read(&plan(input(path), expects), payload.as_bytes()).unwrap();
        assert_eq!(samples.first().map(|sample| &sample.reading), Some(&expected), "{payload}");
    }

    fn number(value: f64) -> Reading {
        Reading::Value(Value::Number(value))
    }

    #[test]
    fn types_that_fit_and_types_that_do_not() {
        use Expects::{Anything, Number, Numeric};
        let at = Some("/v");
        check(at, Number, r#"{"v":1.5}"#, number(1.5));
        check(at, Number, r#"{"v":"1.5"}"#, Reading::WrongType);
        check(at, Number, r#"{"v":true}"#, Reading::WrongType);
        check(at, Numeric, r#"{"v":true}"#, Reading::Value(Value::Flag(true)));
        check(at, Numeric, r#"{"v":"on"}"#, Reading::WrongType);
        check(at, Anything, r#"{"v":"on"}"#, Reading::Value(Value::Text("on".into())));
        check(at, Anything, r#"{"v":NaN}"#, Reading::WrongType);
        check(at, Anything, r#"{"v":null}"#, Reading::Null);
        check(at, Anything, r#"{"w":1}"#, Reading::Missing);
        check(at, Anything, r#"{"v":{}}"#, Reading::WrongType);
        check(None, Number, "23.4", number(23.4));
        check(None, Number, "warm", Reading::WrongType);
        check(None, Number, "{\"v\":1}", Reading::WrongType);
        check(None, Anything, "ON", Reading::Value(Value::Flag(true)));
        check(None, Anything, "NaN", Reading::WrongType);
        check(None, Anything, &"a".repeat(Value::MAX_TEXT + 1), Reading::WrongType);
        check(Some(""), Number, "23.4", number(23.4));
    }

    #[test]
    fn scale_and_offset_apply_to_numbers() {
        let fahrenheit = TopicInput { scale: 1.8, offset: 32.0, ..input(None) };
        let samples = read(&plan(fahrenheit, Expects::Number), b"100").unwrap();
        assert_eq!(samples[0].reading, number(212.0));
        let overflowing = TopicInput { scale: 1e300, ..input(None) };
        assert_eq!(read(&plan(overflowing, Expects::Number), b"1e100").unwrap()[0].reading, Reading::WrongType);
    }

    #[test]
    fn whole_payloads_that_cannot_be_read() {
        let plan = plan(input(Some("/v")), Expects::Number);
        for (payload, expected) in [
            (&b""[..], Unreadable::Empty),
            (b" \n", Unreadable::Empty),
            ("\u{feff}".as_bytes(), Unreadable::Empty),
            (b"\xff\xfe", Unreadable::NotText),
            (b"{\"v\":\"\xc3\x28\"}", Unreadable::NotText),
            (b"{\"w\":\"\xc3\x28\",\"v\":1}", Unreadable::NotText),
            (b"{\"v\":1", Unreadable::NotJson),
            (b"{\"v\":1}garbage", Unreadable::NotJson),
            (&[b'['; 100_000], Unreadable::TooDeep),
            (&[b' '; 2 << 20], Unreadable::TooLarge),
        ] {
            assert_eq!(read(&plan, payload), Err(expected), "{} bytes", payload.len());
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        check(Some("/v"), Expects::Number, "\u{feff}{\"v\":1}", number(1.0));
        check(None, Expects::Number, "\u{feff}1", number(1.0));
    }

    #[test]
    fn times_are_read_in_their_unit() {
        for (unit, payload, expected, none) in [
            (TimeUnit::Milliseconds, r#"{"v":1,"t":1764000000123}"#, Some(1_764_000_000_123), false),
            (TimeUnit::Seconds, r#"{"v":1,"t":1764000000}"#, Some(1_764_000_000_000), false),
            (TimeUnit::Seconds, r#"{"v":1,"t":1764000000.5}"#, Some(1_764_000_000_500), false),
            (TimeUnit::Nanoseconds, r#"{"v":1,"t":1764000000123456789}"#, Some(1_764_000_000_123), false),
            (TimeUnit::Rfc3339, r#"{"v":1,"t":"1970-01-01T00:00:01Z"}"#, Some(1000), false),
            (TimeUnit::Milliseconds, r#"{"v":1,"t":"soon"}"#, None, true),
            (TimeUnit::Milliseconds, r#"{"v":1,"t":null}"#, None, true),
            (TimeUnit::Rfc3339, r#"{"v":1,"t":12}"#, None, true),
            (TimeUnit::Milliseconds, r#"{"v":1}"#, None, true),
        ] {
            let time = Some(TimeInput { path: "/t".to_owned(), unit });
            let samples = read(&plan(TopicInput { time, ..input(Some("/v")) }, Expects::Number), payload.as_bytes());
            let sample = samples.unwrap().remove(0);
            assert_eq!((sample.source_ms, sample.no_time), (expected, none), "{payload}");
            assert_eq!(sample.reading, number(1.0), "{payload}");
        }
    }

    #[test]
    fn quality_fields() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let quality = QualityInput {
            path: "/q".to_owned(),
            good: words(&["good", "192", "true"]),
            uncertain: words(&["64"]),
            bad: words(&["bad", "0"]),
        };
        let plan = plan(TopicInput { quality: Some(quality), ..input(Some("/v")) }, Expects::Number);
        for (field, expected) in [
            (r#","q":"good""#, Quality::Good),
            (r#","q":"GOOD""#, Quality::Good),
            (r#","q":192"#, Quality::Good),
            (r#","q":192.0"#, Quality::Good),
            (r#","q":true"#, Quality::Good),
            (r#","q":64"#, Quality::Uncertain),
            (r#","q":"odd""#, Quality::Uncertain),
            (r#","q":null"#, Quality::Uncertain),
            (r#","q":"bad""#, Quality::Bad),
            (r#","q":0"#, Quality::Bad),
            ("", Quality::Good),
        ] {
            let samples = read(&plan, format!("{{\"v\":1{field}}}").as_bytes()).unwrap();
            assert_eq!(samples[0].quality, expected, "{field}");
        }
    }

    #[test]
    fn without_a_good_list_an_unlisted_quality_is_good() {
        let quality = QualityInput {
            path: "/q".to_owned(),
            good: Vec::new(),
            uncertain: Vec::new(),
            bad: vec!["bad".to_owned()],
        };
        let plan = plan(TopicInput { quality: Some(quality), ..input(Some("/v")) }, Expects::Number);
        assert_eq!(read(&plan, br#"{"v":1,"q":"fine"}"#).unwrap()[0].quality, Quality::Good);
    }

    #[test]
    fn one_pass_feeds_all_bindings() {
        let bindings: Vec<Binding> = ["/a", "/b", "/a"]
            .iter()
            .zip(0..)
            .map(|(path, row)| Binding { signal: SignalRow(row), expects: Expects::Number, input: input(Some(path)) })
            .collect();
        let samples = read(&Plan::new(&bindings), br#"{"b":2,"a":1}"#).unwrap();
        let found: Vec<_> = samples.into_iter().map(|sample| (sample.signal.0, sample.reading)).collect();
        assert_eq!(found, [(0, number(1.0)), (1, number(2.0)), (2, number(1.0))]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let bindings = [
                Binding { signal: SignalRow(0), expects: Expects::Number, input: input(Some("/v")) },
                Binding { signal: SignalRow(1), expects: Expects::Anything, input: input(None) },
            ];
            let _ = read(&Plan::new(&bindings), &payload);
        }
    }
}
