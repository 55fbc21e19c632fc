//! What is published for a person: what-ifs, economics, inspections, maintenance and work orders.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::TwinState;
use crate::command::{Command, Outgoing};
use crate::record::{self, RecordKind, WorkOrder};
use crate::refusal::{self, NOTE, TITLE, UNIT};
use crate::routing::is_valid_filter;
use crate::site::{AssetRow, PartRow};
use crate::time::Now;

/// Most levers, or figures, of one message.
const MOST: usize = 64;

impl TwinState {
    /// The message of a what-if, changed economics or a record.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn send(&mut self, command: &Command, now: Now) -> Result<Outgoing, String> {
        match command {
            Command::WhatIf { asset, model, scenario, setting } => {
                self.what_if(*asset, model, scenario, setting.as_ref())
            }
            Command::Economics { asset, model, values } => self.economics(*asset, model, values),
            Command::Inspect { part, quantity, value, deviation, unit, by, note } => {
                check(refusal::text("unit", unit, UNIT))?;
                name("quantity", quantity)?;
                let mut message = said(now, by, note)?;
                message.insert("quantity".to_owned(), json!(quantity));
                match value {
                    Some(value) => message.insert("value".to_owned(), finite("value", *value)?),
                    None => message.insert("nothing_found".to_owned(), json!(true)),
                };
                if let (Some(_), Some(deviation)) = (value, deviation) {
                    if *deviation <= 0.0 {
                        return Err("the deviation of a measurement must be above 0".to_owned());
                    }
                    message.insert("deviation".to_owned(), finite("deviation", *deviation)?);
                }
                if value.is_some() && !unit.is_empty() {
                    message.insert("unit".to_owned(), json!(unit));
                }
                self.publish_record(*part, RecordKind::Inspection, message, now)
            }
            Command::Maintain { part, action, by, note } => {
                name("action", action)?;
                let mut message = said(now, by, note)?;
                message.insert("action".to_owned(), json!(action));
                self.publish_record(*part, RecordKind::Maintenance, message, now)
            }
            Command::Order { part, by, order } => self.order_work(*part, by, order, now),
            _ => Err("this publishes nothing".to_owned()),
        }
    }

    fn what_if(
        &self,
        asset: AssetRow,
        model: &str,
        scenario: &str,
        setting: Option<&BTreeMap<String, f64>>,
    ) -> Result<Outgoing, String> {
        level("model", model)?;
        level("scenario", scenario)?;
        if scenario == "baseline" {
            return Err("the scenario \"baseline\" is what is expected anyway; name a what-if otherwise".to_owned());
        }
        let setting = setting.map(|setting| numbers("setting", setting)).transpose()?;
        let payload = json!({ "model": model, "scenario": scenario, "setting": setting });
        self.outgoing(asset, "command/what-if", &payload, false)
    }

    fn economics(&self, asset: AssetRow, model: &str, values: &BTreeMap<String, f64>) -> Result<Outgoing, String> {
        level("model", model)?;
        if values.is_empty() {
            return Err("no figure is changed".to_owned());
        }
        if values.contains_key("model") {
            return Err("no figure can have the name \"model\"".to_owned());
        }
        let mut message = numbers("values", values)?;
        message.insert("model".to_owned(), json!(model));
        self.outgoing(asset, "command/economics", &Value::Object(message), false)
    }

    fn order_work(&mut self, part: PartRow, by: &str, order: &WorkOrder, now: Now) -> Result<Outgoing, String> {
        name("action", &order.action)?;
        check(record::check_order(order))?;
        if let Some(cost) = order.cost {
            finite("cost", cost)?;
        }
        let mut message = said(now, by, "")?;
        let Ok(Value::Object(fields)) = serde_json::to_value(order) else {
            return Err("the order does not make a message".to_owned());
        };
        message.extend(fields);
        self.publish_record(part, RecordKind::WorkOrder, message, now)
    }

    /// A record with an id of its own: the moment and the part, so that two are never the same.
    fn publish_record(
        &mut self,
        part: PartRow,
        kind: RecordKind,
        message: Map<String, Value>,
        now: Now,
    ) -> Result<Outgoing, String> {
        let of = self.site.parts.get(part.index()).ok_or("no such part")?;
        let stamp = now.wall_ms.max(self.last_stamp_ms.saturating_add(1));
        let levels = format!("{}/{}/{stamp}-{}", of.id, kind.level(), part.0);
        let outgoing = self.outgoing(of.asset, &levels, &Value::Object(message), true)?;
        self.last_stamp_ms = stamp;
        Ok(outgoing)
    }

    /// A message about an asset, to the source that feeds it.
    pub(super) fn outgoing(
        &self,
        asset: AssetRow,
        levels: &str,
        payload: &Value,
        retain: bool,
    ) -> Result<Outgoing, String> {
        let row = self.site.assets.get(asset.index()).filter(|_| !self.site.removed.contains(&asset));
        let row = row.ok_or("no such asset")?;
        if self.site.sources.get(row.source.index()).is_none() {
            return Err(format!("{} is a model that was opened by itself: no source takes messages about it", row.id));
        }
        let topic = format!("twinscope/v1/{}/{}/{levels}", self.site.id, row.id);
        if topic.contains(['+', '#']) || topic.contains(char::is_control) || !is_valid_filter(&topic) {
            return Err("the ids of the site and the asset do not make a topic".to_owned());
        }
        Ok(Outgoing { source: row.source, topic, payload: payload.to_string().into_bytes(), retain })
    }
}

/// When and who, and what somebody wrote.
fn said(now: Now, by: &str, note: &str) -> Result<Map<String, Value>, String> {
    check(refusal::text("by", by, TITLE))?;
    check(refusal::text("note", note, NOTE))?;
    let mut message = Map::new();
    message.insert("at".to_owned(), json!(now.wall_ms));
    for (name, text) in [("by", by), ("note", note)] {
        if !text.is_empty() {
            message.insert(name.to_owned(), json!(text));
        }
    }
    Ok(message)
}

fn check(checked: Result<(), refusal::Refusal>) -> Result<(), String> {
    checked.map_err(|refusal| refusal.to_string())
}

/// An id in a payload.
fn name(what: &'static str, id: &str) -> Result<(), String> {
    check(refusal::word(what, id))
}

/// An id that becomes a level of a topic.
fn level(what: &'static str, id: &str) -> Result<(), String> {
    name(what, id)?;
    if id.contains(['/', '+', '#']) || id.contains(char::is_control) {
        return Err(format!("the {what} \"{id}\" does not make a topic: it must be without /, + and #"));
    }
    Ok(())
}

/// A number of JSON.
fn finite(what: &str, value: f64) -> Result<Value, String> {
    serde_json::Number::from_f64(value).map(Value::Number).ok_or_else(|| format!("{what} is not a number"))
}

/// Numbers by id.
fn numbers(what: &'static str, values: &BTreeMap<String, f64>) -> Result<Map<String, Value>, String> {
    check(refusal::count(what, values.len(), MOST))?;
    values
        .iter()
        .map(|(id, value)| {
            name(what, id)?;
            Ok((id.clone(), finite(id, *value)?))
        })
        .collect()
}
