//! The record of a run: who did what when, and what was measured then. It grows as the run goes on.
//!
//! Its JSON is documented in docs/procedures.md. Bounds: a step that is offered and withdrawn again and again stops being
//! written down after [`MOST_OFFERS`] times (what was left out is counted); what people do always has room.

use serde_json::{Value as Json, json};

use super::run::Outcome;
use super::{Input, Procedure, Sight};
use crate::quality::Quality;
use crate::time::{Now, WallMs};
use crate::value::Value;

/// Most lines about offering and withdrawing.
const MOST_OFFERS: usize = 400;

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
        let json = json!({
            "site": head.site, "asset": head.asset, "procedure": procedure.id, "title": procedure.title,
            "sha256": procedure.sha256, "run": head.run, "by": head.by, "simulated": head.simulated,
            "started_at": now.wall_ms,
        });
        let steps =
            procedure.steps.iter().zip(1..).map(
                |(step, number)| json!({ "step": number, "title": step.title, "part": step.part, "state": "open" }),
            );
        Self {
            run: head.run.to_owned(),
            head: json,
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
