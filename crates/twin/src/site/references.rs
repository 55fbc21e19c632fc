//! Follows names inside a type: `x` and `part.x` to signals, `parent` to parts; derived signals that need themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::MotionKind;
use super::check_expression::{self, Checked};
use super::check_site::did_you_mean;
use super::expand::Repeat;
use super::node::Node;
use super::problem::{ProblemSeverity, Problems, Spanned};
use super::tables::TypeTables;

/// The names that one part of the tables can see. A place is reported once, however often its part repeats.
pub(crate) struct References<'a> {
    pub tables: &'a TypeTables,
    /// Part ids to rows.
    pub ids: &'a HashMap<String, u32>,
    /// The part.
    pub row: u32,
    pub repeat: Repeat,
    /// Places that were reported.
    pub said: &'a mut BTreeSet<usize>,
    /// Expressions by their place: a part that repeats is compiled once.
    pub checked: &'a mut HashMap<usize, Checked>,
    pub problems: &'a mut Problems,
}

impl References<'_> {
    /// Reports a place once.
    pub fn once(&mut self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        if self.said.insert(span.start) {
            self.problems.error_with(span, message, hint);
        }
    }

    fn once_plain(&mut self, span: &Range<usize>, message: String) {
        if self.said.insert(span.start) {
            self.problems.error(span, message);
        }
    }

    /// The row of a part's `parent`, if it has one and it is there.
    pub fn parent(&mut self, node: &Node) -> Option<u32> {
        let parent = node.text("parent")?;
        let id = self.repeat.fill(&parent);
        match self.ids.get(&id) {
            Some(row) if *row == self.row => {
                self.once_plain(&parent.span, format!("part \"{id}\" is its own parent"));
                None
            }
            Some(row) => Some(*row),
            None => {
                let meant = did_you_mean(&id, self.part_ids());
                self.once_plain(&parent.span, format!("there is no part \"{id}\"{meant}"));
                None
            }
        }
    }

    /// Part ids, sorted, so that suggestions do not depend on hashing.
    fn part_ids(&self) -> impl Iterator<Item = &str> {
        self.tables.parts.iter().map(|part| part.part.id.as_str())
    }

    fn signals_of(&self, part: u32) -> impl Iterator<Item = (u32, &str)> {
        let part = self.tables.parts.get(part as usize);
        let rows = part.map_or(0..0, |part| part.part.signals.clone());
        let signals = part.map_or(&[][..], |part| self.tables.signals_of(&part.part));
        rows.zip(signals).map(|(row, signal)| (row, signal.signal.id.as_str()))
    }

    /// The row of a signal of this part.
    pub fn own_signal(&self, id: &str) -> Option<u32> {
        self.signals_of(self.row).find(|(_, known)| *known == id).map(|(row, _)| row)
    }

    /// The row of `x` or `part.x`.
    pub fn signal(&mut self, name: &Spanned<String>) -> Option<u32> {
        let filled = self.repeat.fill(name);
        let (part, signal) = match filled.split_once('.') {
            Some((part, signal)) => (Some(part), signal),
            None => (None, filled.as_str()),
        };
        match self.find(part, signal) {
            Ok(row) => Some(row),
            Err(message) => {
                self.once_plain(&name.span, message);
                None
            }
        }
    }

    fn find(&self, part: Option<&str>, signal: &str) -> Result<u32, String> {
        let row = match part {
            None => self.row,
            Some(part) => match self.ids.get(part) {
                Some(row) => *row,
                None => return Err(format!("there is no part \"{part}\"{}", did_you_mean(part, self.part_ids()))),
            },
        };
        if let Some((row, _)) = self.signals_of(row).find(|(_, known)| *known == signal) {
            return Ok(row);
        }
        let owner = self.tables.parts.get(row as usize).map_or("", |part| part.part.id.as_str());
        if part.is_none() && self.ids.contains_key(signal) {
            return Err(format!("\"{signal}\" is a part: write {signal}.x for its signal x"));
        }
        let meant = did_you_mean(signal, self.signals_of(row).map(|(_, known)| known));
        Err(format!("part \"{owner}\" has no signal \"{signal}\"{meant}"))
    }

    /// Checks an expression and gives the rows of the signals that it names.
    pub fn expression(&mut self, text: &Spanned<String>) -> Vec<u32> {
        let checked = self.checked.entry(text.span.start).or_insert_with(|| check_expression::check(text)).clone();
        for fault in checked.faults {
            let span = self.problems.text().within(&text.span, text, fault.at);
            if self.said.insert(span.start) {
                self.problems.push(ProblemSeverity::Error, &span, fault.message, fault.hint);
            }
        }
        let mut rows = Vec::new();
        for name in checked.names {
            let part = name.part.map(|part| self.repeat.fill(&part));
            match self.find(part.as_deref(), &self.repeat.fill(&name.signal)) {
                Ok(row) => rows.push(row),
                Err(message) => {
                    let span = self.problems.text().within(&text.span, text, name.at);
                    self.once_plain(&span, message);
                }
            }
        }
        rows
    }

    /// A limit outside the signal's range can never be passed: values there are bad. Neither can the way back over the
    /// deadband (`back`, negative for a high limit).
    pub fn limit(&mut self, signal: u32, limit: &Spanned<f64>, back: f64) {
        let Some(signal) = self.tables.signals.get(signal as usize).map(|signal| &signal.signal) else { return };
        let Some([low, high]) = signal.range else { return };
        let inside = |value: f64| low < value && value < high;
        let id = &signal.id;
        let hint = "values outside the range are bad, and bad values neither raise nor end an alarm";
        if !inside(limit.value) {
            let limit_value = limit.value;
            let message = format!(
                "the limit {limit_value} is not inside the range {low} to {high} of \"{id}\": it could never be passed"
            );
            self.once(&limit.span, message, hint);
        } else if !inside(limit.value + back) {
            let end = limit.value + back;
            let message =
                format!("with its deadband the alarm ends at {end}, outside the range {low} to {high} of \"{id}\"");
            self.once(&limit.span, message, hint);
        }
    }

    /// A motion reads its signal in a fixed unit.
    pub fn motion_unit(&mut self, kind: MotionKind, signal: u32, span: &Range<usize>, scale: f64) {
        let Some(unit) = self.tables.signals.get(signal as usize).map(|signal| signal.signal.unit.as_str()) else {
            return;
        };
        let (word, wanted): (&str, &[&str]) = match kind {
            MotionKind::Spin => ("spin", &["rpm", "1/min", "/min", "{rpm}"]),
            MotionKind::Turn => ("turn", &["deg"]),
            MotionKind::Slide => ("slide", &["m"]),
            MotionKind::Flow(_) => ("flow", &["m/s"]),
        };
        let fits = unit.is_empty() || wanted.contains(&unit) || scale.abs() != 1.0;
        if !fits && self.said.insert(span.start) {
            let first = wanted.first().copied().unwrap_or_default();
            let message = format!("`{word}` reads its signal in {first}, and this one is in {unit}");
            self.problems.warning_with(span, message, "convert it with `scale`");
        }
    }
}

/// Reports derived signals that need themselves; `uses` has the inputs of each derived signal.
pub(crate) fn cycles(tables: &TypeTables, uses: &BTreeMap<u32, Vec<u32>>, problems: &mut Problems) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; tables.signals.len()];
    let mut said = BTreeSet::new();
    let name = |row: u32| {
        let signal = tables.signals.get(row as usize).map(|signal| &signal.signal);
        let part = signal.and_then(|signal| tables.parts.get(signal.part.index()));
        format!("{}.{}", part.map_or("", |part| &part.part.id), signal.map_or("", |signal| &signal.id))
    };
    for start in uses.keys() {
        // Depth first without recursion: a chain of derived signals may be long.
        let mut stack: Vec<(u32, usize)> = vec![(*start, 0)];
        while let Some((row, next)) = stack.pop() {
            let Some(mark) = marks.get_mut(row as usize) else { continue };
            if next == 0 {
                if *mark != Mark::New {
                    continue;
                }
                *mark = Mark::Open;
            }
            let Some(input) = uses.get(&row).and_then(|inputs| inputs.get(next)).copied() else {
                *mark = Mark::Done;
                continue;
            };
            stack.push((row, next + 1));
            match marks.get(input as usize) {
                Some(Mark::New) => stack.push((input, 0)),
                Some(Mark::Open) => {
                    let from = stack.iter().position(|(open, _)| *open == input).unwrap_or(0);
                    let path: Vec<String> = stack.iter().skip(from).map(|(open, _)| name(*open)).collect();
                    let Some(signal) = tables.signals.get(row as usize) else { continue };
                    if said.insert(signal.input_span.start) {
                        let message = format!("a derived signal needs itself: {} → {}", path.join(" → "), name(input));
                        problems.error(&signal.input_span, message);
                    }
                }
                _ => {}
            }
        }
    }
}
