//! What is said on twinscope's own topics: predictions, records and advice, kept or refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{RawMessage, TwinState};
use crate::advice::{self, Advised};
use crate::prediction::{self, Issue, PredictionKey};
use crate::record::{self, RecordKind};
use crate::site::{PartRow, Site, SourceRow};
use crate::snapshot::Life;

/// What a topic of twinscope's own is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Prediction,
    Record,
    Advice,
}

/// The filters of twinscope's own topics.
pub(super) fn filters(site: &Site) -> Vec<(Said, String)> {
    let records = RecordKind::ALL.map(|kind| (Said::Record, record::filter(&site.id, kind)));
    let mut all = vec![(Said::Prediction, prediction::filter(&site.id)), (Said::Advice, advice::filter(&site.id))];
    all.extend(records);
    all
}

/// The lives of the parts that have one, without what changes with time alone.
pub(super) type Lives = BTreeMap<PartRow, Life>;

impl TwinState {
    pub(super) fn said(&mut self, said: Said, source: SourceRow, message: &RawMessage<'_>) {
        self.live.visible = true;
        let (word, kept) = match said {
            Said::Prediction => ("prediction", self.keep_prediction(message).map_err(|refusal| refusal.to_string())),
            Said::Record => ("record", self.keep_record(message).map_err(|refusal| refusal.to_string())),
            Said::Advice => ("advice", self.keep_advice(message).map_err(|refusal| refusal.to_string())),
        };
        let counters = &mut self.live.counters;
        let (taken, refused) = match said {
            Said::Prediction => (&mut counters.predictions, &mut counters.bad_predictions),
            Said::Record | Said::Advice => (&mut counters.records, &mut counters.bad_records),
        };
        match kept {
            Ok(new) => *taken += u64::from(new),
            Err(refusal) => {
                *refused += 1;
                let topic = String::from_utf8_lossy(message.topic.get(..160).unwrap_or(message.topic));
                if let Some(feed) = self.feeds.get_mut(source.index()) {
                    feed.status.trouble(&format!("{word} refused: {refusal} ({topic})"), message.received);
                }
            }
        }
    }

    /// The part of these ids.
    fn part(&self, asset: &str, part: &str) -> Option<PartRow> {
        let asset = self.assets.get(asset)?;
        self.parts.get(&(*asset, part.into())).copied()
    }

    /// Returns whether it is a new issue.
    fn keep_prediction(&mut self, message: &RawMessage<'_>) -> Result<bool, prediction::Refusal> {
        let topic = prediction::parse_topic(message.topic).ok_or(prediction::Refusal::Topic)?;
        let part = self.part(topic.asset, topic.part).ok_or(prediction::Refusal::UnknownPart)?;
        let key = PredictionKey {
            part,
            quantity: topic.quantity.to_owned(),
            model: topic.model.to_owned(),
            scenario: topic.scenario.to_owned(),
        };
        let is_life = key.quantity == "rul" && key.scenario == "baseline";
        if message.payload.is_empty() {
            // So MQTT takes a retained message back.
            self.predictions.withdraw(&key);
            if is_life {
                self.find_life(part);
            }
            return Ok(false);
        }
        let body = prediction::parse_body(message.payload, message.received)?;
        let is_health = key.quantity == "health";
        let issue = Issue { body, received: message.received, retained: message.retained };
        let new = self.predictions.insert(key, issue)?;
        if is_health {
            self.predicted_health.insert(part);
        }
        if is_life {
            self.find_life(part);
        }
        Ok(new)
    }

    /// Returns whether it is news.
    fn keep_record(&mut self, message: &RawMessage<'_>) -> Result<bool, record::Refusal> {
        let topic = record::parse_topic(message.topic).ok_or(record::Refusal::Topic)?;
        let part = self.part(topic.asset, topic.part).ok_or(record::Refusal::UnknownPart)?;
        if message.payload.is_empty() {
            self.records.remove(part, topic.kind, topic.id);
            return Ok(false);
        }
        let record = record::parse_body(message.payload, topic.kind, part, topic.id, message.received)?;
        self.records.insert(record)
    }

    /// Returns whether it is news.
    fn keep_advice(&mut self, message: &RawMessage<'_>) -> Result<bool, advice::Refusal> {
        let topic = advice::parse_topic(message.topic).ok_or(advice::Refusal::Topic)?;
        let part = self.part(topic.asset, topic.part).ok_or(advice::Refusal::UnknownPart)?;
        if message.payload.is_empty() {
            self.advices.remove(part, topic.model);
            return Ok(false);
        }
        let body = advice::parse_body(message.payload, message.received)?;
        let model = topic.model.to_owned();
        let (received, retained) = (message.received, message.retained);
        self.advices.insert(Advised { part, model, body, received, retained })
    }

    /// Finds the life of a part anew.
    fn find_life(&mut self, part: PartRow) {
        let baseline = self.predictions.latest(part).filter(|(key, issue, _)| {
            key.quantity == "rul" && key.scenario == "baseline" && issue.body.unit_hours().is_some()
        });
        let latest = baseline.max_by_key(|(key, issue, _)| (issue.rank(), std::cmp::Reverse(*key)));
        let asset = self.site.parts.get(part.index()).map(|part| part.asset);
        let (Some((key, issue, _)), Some(asset)) = (latest, asset) else {
            self.lives.remove(&part);
            return;
        };
        let [p05_h, p50_h, p95_h] = in_hours(issue);
        let (key, issue) = (Arc::clone(key), Arc::clone(issue));
        let life = Life { part, asset, key, issue, p05_h, p50_h, p95_h, expired: false, advice: None };
        self.lives.insert(part, life);
    }
}

/// The 5 % quantile, the median and the 95 % quantile of an issue, hours; nothing of what is in no unit of time.
pub(super) fn in_hours(issue: &Issue) -> [Option<f64>; 3] {
    let body = &issue.body;
    let scale = body.unit_hours();
    [body.quantile(0.05), body.median(), body.quantile(0.95)].map(|value| value.zip(scale).map(|(value, h)| value * h))
}
