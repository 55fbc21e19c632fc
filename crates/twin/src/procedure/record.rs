//! The record of a run: who did what when, and what was measured then. It grows as the run goes on.
//!
//! Its JSON is documented in docs/procedures.md. Bounds: a step that is offered and withdrawn again and again stops being
//! written down after [`MOST_OFFERS`] times (what was left out is counted); what people do always has room.

use serde_json::{Map, Value as Json, json};

use super::run::Outcome;
use super::{Input, Procedure, Sight, Unfinished};
use crate::quality::Quality;
use crate::time::{Now, WallMs};
use crate::value::Value;

/// Most lines about offering and withdrawing.
const MOST_OFFERS: usize = 400;
/// Most lines of a record that is read again: what people do is some hundred.
const MOST_EVENTS: usize = 2_000;

/// What is written down.
#[derive(Debug)]
pub(crate) struct Record {
    /// Id of the run.
    pub run: String,
    head: Json,
    steps: Vec<Json>,
    events: Vec<Json>,
    offers: usize,
    left_out: usize,
    state: &'static str,
    ended_ms: Option<WallMs>,
    reason: String,
    /// Something was written down since the record was given out.
    pub changed: bool,
    /// And it is something that a person did, or the end of a step: it is not held back.
    pub urgent: bool,
}

/// Whose record it is.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    pub site: &'a str,
    pub asset: &'a str,
    pub by: &'a str,
    /// The asset is a simulated one.
    pub simulated: bool,
    /// Id of the run.
    pub run: &'a str,
}

impl Record {
    /// The record of a run that begins.
    pub fn new(head: &Head<'_>, procedure: &Procedure, now: Now) -> Self {
        let steps =
            procedure.steps.iter().zip(1..).map(
                |(step, number)| json!({ "step": number, "title": step.title, "part": step.part, "state": "open" }),
            );
        Self {
            run: head.run.to_owned(),
            head: head_json(head, procedure, now.wall_ms),
            steps: steps.collect(),
            events: vec![json!({ "at": now.wall_ms, "what": "started", "by": head.by })],
            offers: 0,
            left_out: 0,
            state: "running",
            ended_ms: None,
            reason: String::new(),
            changed: true,
            urgent: true,
        }
    }

    /// The record of a run that was broken off and goes on, and how its steps ended that have. `head` has the run and who
    /// began it; `by`: who goes on.
    ///
    /// # Errors
    /// Why it cannot go on.
    pub fn resumed(
        unfinished: &Unfinished,
        head: &Head<'_>,
        procedure: &Procedure,
        by: &str,
        now: Now,
    ) -> Result<(Self, Vec<Outcome>), String> {
        if unfinished.sha256 != procedure.sha256 || unfinished.of != procedure.steps.len() {
            return Err("the text of the procedure is another one now: begin it anew".to_owned());
        }
        let broken = || "its record is damaged: begin anew".to_owned();
        let mut json: Json = serde_json::from_slice(&unfinished.record).map_err(|_| broken())?;
        if json["simulated"] != json!(head.simulated) {
            let before = if head.simulated { "real" } else { "simulated" };
            return Err(format!("it was begun at a {before} machine: begin anew"));
        }
        let mut record = Self::new(head, procedure, now);
        record.head = head_json(head, procedure, unfinished.started_ms);
        let lines = json["steps"].as_array().ok_or_else(broken)?;
        let mut outcomes = Vec::with_capacity(unfinished.at);
        for (line, step) in lines.iter().zip(&mut record.steps).take(unfinished.at) {
            let (Json::Object(line), Json::Object(step)) = (line, step) else { return Err(broken()) };
            outcomes.push(outcome(line).ok_or_else(broken)?);
            for key in ["state", "at", "condition", "by", "note", "reason", "values"] {
                if let Some(value) = line.get(key) {
                    step.insert(key.to_owned(), value.clone());
                }
            }
        }
        let events = json["events"].as_array_mut().filter(|events| events.len() <= MOST_EVENTS).ok_or_else(broken)?;
        record.events = std::mem::take(events);
        record.offers = record.events.iter().filter(|event| is_offer(event)).count();
        record.left_out = json["events_left_out"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        record.write(json!({ "at": now.wall_ms, "step": unfinished.at + 1, "what": "resumed", "by": by }));
        Ok((record, outcomes))
    }

    pub fn offered(&mut self, step: usize, now: Now) {
        self.offer(json!({ "at": now.wall_ms, "step": step + 1, "what": "offered" }));
    }

    pub fn withdrawn(&mut self, step: usize, why: &str, now: Now) {
        self.offer(json!({ "at": now.wall_ms, "step": step + 1, "what": "withdrawn", "why": why }));
    }

    fn offer(&mut self, event: Json) {
        self.changed = true;
        self.offers += 1;
        if self.offers > MOST_OFFERS {
            self.left_out += 1;
        } else {
            self.events.push(event);
        }
    }

    /// A step has ended; `condition` is what makes it done, as it is written.
    pub fn ended(
        &mut self,
        step: usize,
        outcome: &Outcome,
        condition: Option<String>,
        values: Vec<(Input, Sight)>,
        by: &str,
        now: Now,
    ) {
        let state = match outcome {
            Outcome::Met(_) | Outcome::Confirmed(..) => "done",
            Outcome::Skipped(..) => "skipped",
        };
        let mut event = json!({ "at": now.wall_ms, "step": step + 1, "what": state });
        if let Some(Json::Object(line)) = self.steps.get_mut(step) {
            let mut say = |key: &str, value: Json| {
                line.insert(key.to_owned(), value);
            };
            say("state", json!(state));
            say("at", json!(now.wall_ms));
            if let Some(condition) = condition.filter(|_| state == "done") {
                say("condition", json!(condition));
            }
            match outcome {
                Outcome::Met(_) => {}
                Outcome::Confirmed(_, note) => {
                    say("by", json!(by));
                    if !note.is_empty() {
                        say("note", json!(note));
                    }
                }
                Outcome::Skipped(_, reason) => {
                    say("by", json!(by));
                    say("reason", json!(reason));
                }
            }
            say("values", values.iter().map(|(input, sight)| measured(input, sight)).collect());
        }
        if let Outcome::Confirmed(..) | Outcome::Skipped(..) = outcome {
            event["by"] = json!(by);
        }
        self.write(event);
    }

    pub fn stopped(&mut self, step: usize, by: &str, reason: &str, now: Now) {
        (self.state, self.ended_ms) = ("stopped", Some(now.wall_ms));
        reason.clone_into(&mut self.reason);
        self.write(json!({ "at": now.wall_ms, "step": step + 1, "what": "stopped", "by": by, "why": reason }));
    }

    pub fn finished(&mut self, now: Now) {
        (self.state, self.ended_ms) = ("finished", Some(now.wall_ms));
        self.write(json!({ "at": now.wall_ms, "what": "finished" }));
    }

    fn write(&mut self, event: Json) {
        self.events.push(event);
        self.changed = true;
        self.urgent = true;
    }

    /// The record as it stands.
    pub fn json(&self) -> Json {
        let mut json = self.head.clone();
        json["state"] = json!(self.state);
        if let Some(ended_ms) = self.ended_ms {
            json["ended_at"] = json!(ended_ms);
        }
        if !self.reason.is_empty() {
            json["reason"] = json!(self.reason);
        }
        json["steps"] = json!(self.steps);
        json["events"] = json!(self.events);
        if self.left_out > 0 {
            json["events_left_out"] = json!(self.left_out);
        }
        json
    }
}

fn head_json(head: &Head<'_>, procedure: &Procedure, started_ms: WallMs) -> Json {
    json!({
        "site": head.site, "asset": head.asset, "procedure": procedure.id, "title": procedure.title,
        "sha256": procedure.sha256, "run": head.run, "by": head.by, "simulated": head.simulated,
        "started_at": started_ms,
    })
}

/// How a step ended, as its line says.
fn outcome(line: &Map<String, Json>) -> Option<Outcome> {
    let text = |key: &str| line.get(key).and_then(Json::as_str).map(str::to_owned);
    // Of what is past, only the time of day is shown.
    let at = Now { wall_ms: line.get("at")?.as_i64()?, mono_ms: 0 };
    match text("state")?.as_str() {
        "done" if line.contains_key("by") => Some(Outcome::Confirmed(at, text("note").unwrap_or_default())),
        "done" => Some(Outcome::Met(at)),
        "skipped" => Some(Outcome::Skipped(at, text("reason")?)),
        _ => None,
    }
}

fn is_offer(event: &Json) -> bool {
    event["what"] == "offered" || event["what"] == "withdrawn"
}

/// What a signal was when a step ended.
fn measured(input: &Input, sight: &Sight) -> Json {
    let value = match &sight.value {
        Some(Value::Number(number)) => json!(number),
        Some(Value::Flag(flag)) => json!(flag),
        Some(Value::Text(text)) => json!(&**text),
        None => Json::Null,
    };
    let mut line = json!({ "signal": input.name, "value": value, "quality": sight.quality.word() });
    if !input.unit.is_empty() {
        line["unit"] = json!(input.unit);
    }
    if sight.value.is_some() {
        line["at"] = json!(sight.source_ms);
    }
    if sight.quality != Quality::Good {
        line["why"] = json!(sight.reason.sentence());
    }
    line
}
