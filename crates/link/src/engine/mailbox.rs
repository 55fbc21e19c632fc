//! What is said to models: evidence, questions, figures of the economics.

use std::collections::BTreeMap;

use serde::Deserialize;
use twinscope_prognosis::living::{Evidence, Finding, Setting};
use twinscope_twin::record::{self, RecordKind, What};
use twinscope_twin::site::{PartRow, Site};
use twinscope_twin::state::RawMessage;

/// Largest question that is looked at, bytes.
const MAX_QUESTION: usize = 8 << 10;
/// Most levers or figures in one.
const MOST: usize = 64;

/// Something that was said.
#[derive(Debug)]
pub(super) enum Said {
    /// Something was found or done; the evidence names the part by its id, not by its role.
    Evidence {
        asset: String,
        /// Kind and id: the same one is used once.
        key: String,
        evidence: Evidence,
    },
    WhatIf {
        asset: String,
        model: String,
        scenario: String,
        /// None withdraws it.
        setting: Option<Setting>,
    },
    Economics {
        asset: String,
        model: String,
        values: BTreeMap<String, f64>,
    },
}

impl Said {
    /// What to say if no model is concerned; evidence may be meant for somebody else.
    pub(super) fn not_known(&self) -> Option<String> {
        match self {
            Self::Evidence { .. } => None,
            Self::WhatIf { asset, model, .. } | Self::Economics { asset, model, .. } => {
                Some(format!("asset \"{asset}\" has no model \"{model}\" here"))
            }
        }
    }
}

/// The filters of what is said to models, records apart: the twin has those.
pub(super) fn filters(site: &str) -> [String; 2] {
    ["what-if", "economics"].map(|name| format!("twinscope/v1/{site}/+/command/{name}"))
}

#[derive(Deserialize)]
struct Question {
    model: String,
    scenario: String,
    setting: Option<BTreeMap<String, f64>>,
}

#[derive(Deserialize)]
struct Figures {
    model: String,
    #[serde(flatten)]
    values: BTreeMap<String, serde_json::Value>,
}

/// What a message says to models; none if it is not for them.
pub(super) fn read(site: &Site, message: &RawMessage<'_>) -> Option<Result<Said, String>> {
    let topic = std::str::from_utf8(message.topic).ok()?;
    let tail = topic.strip_prefix("twinscope/v1/")?.strip_prefix(site.id.as_str())?.strip_prefix('/')?;
    let mut levels = tail.split('/');
    let (asset, second, third) = (levels.next()?, levels.next()?, levels.next()?);
    if second == "command" && levels.next().is_none() {
        if !matches!(third, "what-if" | "economics") {
            return None;
        }
        if message.retained {
            // A question that the broker had kept is an old one.
            return Some(Err(format!("a retained {third} to {asset} is not answered: publish it without retain")));
        }
        return Some(command(asset, third, message.payload));
    }
    let kind = RecordKind::ALL.into_iter().find(|kind| kind.level() == third)?;
    if message.payload.is_empty() || kind == RecordKind::WorkOrder {
        // The twin keeps them; what was learned stays learned.
        return None;
    }
    let id = levels.next().filter(|_| levels.next().is_none())?;
    let body = record::parse_body(message.payload, kind, PartRow(0), id, message.received);
    let finding = match body {
        Err(refusal) => return Some(Err(format!("{topic}: {refusal}"))),
        Ok(record) => (record.at, record.what),
    };
    let (at_ms, what) = finding;
    let finding = match what {
        What::Found(found) => match found.value {
            Some(value) => Finding::Measured { quantity: found.quantity, value, deviation: found.deviation },
            None => Finding::Nothing { quantity: found.quantity },
        },
        What::Done { action } => Finding::Done { action },
        What::Planned(_) => return None,
    };
    let key = format!("{second}/{third}/{id}");
    Some(Ok(Said::Evidence {
        asset: asset.to_owned(),
        key,
        evidence: Evidence { at_ms, part: second.to_owned(), finding },
    }))
}

fn command(asset: &str, name: &str, payload: &[u8]) -> Result<Said, String> {
    let failed = |reason: String| format!("a {name} to {asset} is not understood: {reason}");
    if payload.len() > MAX_QUESTION {
        return Err(failed(format!("it has {} bytes; at most {MAX_QUESTION} are read", payload.len())));
    }
    let asset = asset.to_owned();
    if name == "economics" {
        let figures: Figures = serde_json::from_slice(payload).map_err(|error| failed(error.to_string()))?;
        let numbers = figures.values.into_iter().take(MOST).filter_map(|(id, value)| Some((id, value.as_f64()?)));
        return Ok(Said::Economics { asset, model: figures.model, values: numbers.collect() });
    }
    let question: Question = serde_json::from_slice(payload).map_err(|error| failed(error.to_string()))?;
    let is_name = |text: &str| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if !is_name(&question.scenario) || question.scenario == "baseline" {
        return Err(failed("a scenario has 1 to 64 letters, digits, - or _, and is not baseline".to_owned()));
    }
    if question.setting.as_ref().is_some_and(|setting| setting.len() > MOST) {
        return Err(failed(format!("it moves more than {MOST} levers")));
    }
    Ok(Said::WhatIf {
        asset,
        model: question.model,
        scenario: question.scenario,
        setting: question.setting.map(Setting),
    })
}
