//! A run that was broken off, by its record: the program ended, a battery was empty, and the work is not done.

use std::sync::Arc;

use serde_json::Value as Json;

use super::MOST_STEPS;
use crate::time::WallMs;

/// Largest record that is read, bytes.
pub const MOST_RECORD: usize = 1 << 20;

/// A run that was broken off: its record says that it goes on, and nobody works through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Id of the site.
    pub site: String,
    /// Id of the asset.
    pub asset: String,
    /// Id of the procedure.
    pub procedure: String,
    /// SHA-256 of its text, hexadecimal.
    pub sha256: String,
    /// Id of the run.
    pub run: String,
    /// Who began it.
    pub by: String,
    /// When, ms since the epoch.
    pub started_ms: WallMs,
    /// Index of the step that was at hand.
    pub at: usize,
    /// How many steps there are.
    pub of: usize,
    /// The record.
    pub record: Arc<[u8]>,
}

impl Unfinished {
    /// Reads a record; `None`: its run has ended.
    ///
    /// # Errors
    /// Why it is no record.
    pub fn read(record: &[u8]) -> Result<Option<Self>, String> {
        if record.len() > MOST_RECORD {
            return Err(format!("it has more than {} KiB", MOST_RECORD >> 10));
        }
        let json: Json = serde_json::from_slice(record).map_err(|error| error.to_string())?;
        let text = |key: &str| json[key].as_str().map(str::to_owned).ok_or_else(|| format!("it has no `{key}`"));
        if text("state")? != "running" {
            return Ok(None);
        }
        let steps = json["steps"].as_array().ok_or("it has no `steps`")?;
        if steps.len() > MOST_STEPS {
            return Err(format!("it has more than {MOST_STEPS} steps"));
        }
        let is_open = |step: &Json| step["state"] == "open";
        let at = steps.iter().take_while(|step| !is_open(step)).count();
        if !steps.iter().skip(at).all(is_open) {
            return Err("a step is done behind one that is not".to_owned());
        }
        if at == steps.len() {
            return Err("none of its steps is open".to_owned());
        }
        let run = text("run")?;
        // It becomes the name of a file and a level of a topic.
        if run.is_empty() || run.len() > 64 || !run.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err("its `run` is no id".to_owned());
        }
        Ok(Some(Self {
            site: text("site")?,
            asset: text("asset")?,
            procedure: text("procedure")?,
            sha256: text("sha256")?,
            run,
            by: text("by")?,
            started_ms: json["started_at"].as_i64().ok_or("it has no `started_at`")?,
            at,
            of: steps.len(),
            record: record.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"site":"s","asset":"a","procedure":"oil","sha256":"ab","run":"1-0","by":"N. N.",
        "started_at":1764000000000,"state":"running","steps":[{"state":"done"},{"state":"skipped"},{"state":"open"}]}"#;

    #[test]
    fn it_says_who_began_what_when_and_which_step_is_at_hand() {
        let found = Unfinished::read(RECORD.as_bytes()).unwrap().unwrap();
        assert_eq!((found.by.as_str(), found.started_ms, found.at, found.of), ("N. N.", 1_764_000_000_000, 2, 3));
        assert_eq!((found.site.as_str(), found.asset.as_str(), found.procedure.as_str()), ("s", "a", "oil"));
    }

    #[test]
    fn a_run_that_has_ended_is_not_unfinished() {
        let ended = RECORD.replace("running", "finished");
        assert_eq!(Unfinished::read(ended.as_bytes()), Ok(None));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for (text, why) in [
            ("{".to_owned(), "EOF"),
            ("[]".to_owned(), "no `state`"),
            (RECORD.replace("\"run\":\"1-0\",", ""), "no `run`"),
            (RECORD.replace("1-0", "../1"), "no id"),
            (RECORD.replace("1764000000000", "1e30"), "no `started_at`"),
            (RECORD.replace("{\"state\":\"done\"}", "{\"state\":\"open\"}"), "behind one that is not"),
            (RECORD.replace("{\"state\":\"open\"}", "{\"state\":\"done\"}"), "none of its steps is open"),
            (" ".repeat(MOST_RECORD + 1), "more than 1024 KiB"),
        ] {
            let told = Unfinished::read(text.as_bytes()).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
