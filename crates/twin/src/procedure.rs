//! Guided procedures: what a person does step by step, each step bound to a part and to conditions over its telemetry.
//!
//! A procedure is a Markdown file (docs/procedures.md) that a type file names. `Run` is one that somebody works
//! through; `record` makes its record. Where the file is read and held against the type: `site::procedure`.
//!
//! Invariants:
//! - A step is offered only while its interlock holds, and nothing is confirmed that is not offered.
//! - What is not known does not hold: a condition over a signal that is not good is not true.
//! - Steps come one after the other; none is left without a word why.

mod read;
mod record;
mod run;
mod status;
mod unfinished;
mod watch;

pub(crate) use read::outline;
pub(crate) use record::{Head, Record};
pub(crate) use run::{Run, StepRun};
pub use status::{ConditionStatus, RunEnd, RunStatus, StepState, StepStatus};
pub use unfinished::{MOST_RECORD, Unfinished};
pub(crate) use watch::{Input, Sight, Watch};

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Largest file, bytes.
pub const MOST_FILE: usize = 256 << 10;
/// Most steps of a procedure.
pub const MOST_STEPS: usize = 64;
/// Most signals that a step shows and records, those of its conditions included.
pub const MOST_SIGNALS: usize = 16;
/// Longest time that a condition can be asked to hold, ms.
pub(crate) const MOST_FOR_MS: u64 = 24 * 3_600_000;
/// The ids that would make the topic of a record look like another one's.
pub(crate) const TAKEN_IDS: [&str; 5] = ["inspection", "maintenance", "work-order", "advice", "prediction"];

/// A procedure, as its file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Procedure {
    /// Id within the type: a level of the topic of its records.
    pub id: String,
    /// Title, as the type file gives it.
    pub title: String,
    /// The file, relative to the folder of the site file: its pictures are found from there.
    pub file: String,
    /// SHA-256 of the file, hexadecimal: which text somebody followed.
    pub sha256: String,
    /// What comes before the first step, Markdown.
    pub intro: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What comes after the last step and a line `---`, Markdown: sources, notes.
    pub notes: String,
}

/// One step of a procedure. Signals are `signal` of its part, or `part.signal`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Its heading.
    pub title: String,
    /// What to do, Markdown.
    pub text: String,
    /// Id of the part that it is about.
    pub part: String,
    /// What must hold for it to be offered.
    pub interlock: Option<Condition>,
    /// What makes it done; without one a person says so.
    pub done: Option<Condition>,
    /// A person says that it is done, while `done` holds.
    pub confirm: bool,
    /// It may be left out, with a reason.
    pub skip: bool,
    /// Torques and other values: name and value.
    pub values: Vec<(String, String)>,
    /// Signals that are shown and recorded beside those of the conditions.
    pub show: Vec<String>,
    /// What does it at a simulated asset: the switch of the simulator, and where to.
    pub simulate: Option<(String, bool)>,
}

/// What must be true, and for how long without a break.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// As it is written.
    pub text: String,
    /// The CEL expression.
    pub expression: String,
    /// How long, ms.
    pub for_ms: u64,
}

impl Condition {
    /// Reads `EXPRESSION` or `EXPRESSION for DURATION`.
    ///
    /// # Errors
    /// What is wrong with the duration, and the bytes of it.
    pub(crate) fn parse(text: &str) -> Result<Self, (String, std::ops::Range<usize>)> {
        let whole =
            |for_ms, expression: &str| Self { text: text.trim().to_owned(), expression: expression.to_owned(), for_ms };
        let Some((expression, tail)) = text.rsplit_once(" for ") else { return Ok(whole(0, text)) };
        // A text in quotes may hold the word too; a duration begins with a digit and holds no quote.
        let is_duration = tail.trim_start().starts_with(|c: char| c.is_ascii_digit()) && !tail.contains(['"', '\'']);
        if !is_duration {
            return Ok(whole(0, text));
        }
        let at = expression.len() + " for ".len()..text.len();
        let for_ms = crate::site::duration_ms(tail).map_err(|message| (message, at.clone()))?;
        if for_ms > MOST_FOR_MS {
            return Err(("a condition can be asked to hold for 24 hours at most".to_owned(), at));
        }
        Ok(whole(for_ms, expression))
    }
}

/// SHA-256 of a text, hexadecimal, as `sha256sum` prints it.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn condition(text: &str, expected: Result<(&str, u64), &str>) {
        let found = Condition::parse(text);
        let found = found.as_ref().map(|c| (c.expression.as_str(), c.for_ms)).map_err(|(message, _)| message.as_str());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_condition_may_say_for_how_long() {
        condition("rotor_speed < 0.2 for 30 s", Ok(("rotor_speed < 0.2", 30_000)));
        condition("rotor_speed < 0.2 for 5m", Ok(("rotor_speed < 0.2", 300_000)));
        condition("rotor_speed < 0.2", Ok(("rotor_speed < 0.2", 0)));
        condition("mode == 'wait for 30 s'", Ok(("mode == 'wait for 30 s'", 0)));
        condition("mode == 'wait for it' for 2 s", Ok(("mode == 'wait for it'", 2_000)));
        condition("x < 1.0 for 30 sec", Err("`30 sec` is not a duration"));
        condition("x < 1.0 for 25 h", Err("a condition can be asked to hold for 24 hours at most"));
    }

    #[test]
    fn the_version_is_what_sha256sum_prints() {
        // FIPS 180-4, example of one block.
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
