//! Commands: applied or refused, and logged either way.

use std::sync::Arc;

use super::{LOGGED_COMMANDS, TwinState};
use crate::alarm::{Effect, Event};
use crate::command::{Addition, Command, LoggedCommand, Outgoing};
use crate::health::children_first;
use crate::site::{Asset, AssetRow, Part, PartRow, Site};
use crate::time::Now;

impl TwinState {
    pub(super) fn obey(&mut self, command: Command, now: Now) -> Option<Outgoing> {
        self.live.visible = true;
        let result = if self.options.read_only && command.leaves_process() {
            Err("read-only: nothing is sent".to_owned())
        } else {
            self.carry_out(&command, now)
        };
        let (outgoing, refused) = match result {
            Ok(outgoing) => (outgoing, None),
            Err(reason) => (None, Some(reason)),
        };
        if self.log.len() >= LOGGED_COMMANDS {
            self.log.pop_front();
        }
        self.log.push_back(LoggedCommand { at_ms: now.wall_ms, command, refused });
        outgoing
    }

    fn carry_out(&mut self, command: &Command, now: Now) -> Result<Option<Outgoing>, String> {
        match command {
            Command::Select(part) => {
                let there = |part: PartRow| {
                    self.site.parts.get(part.index()).is_some_and(|part| !self.site.removed.contains(&part.asset))
                };
                if part.is_some_and(|part| !there(part)) {
                    return Err("no such part".to_owned());
                }
                self.selected = *part;
                Ok(None)
            }
            Command::Acknowledge(alarm) => match self.live.alarm_event(alarm.index(), Event::Acknowledge, now) {
                Some(Effect::Acknowledged) => Ok(None),
                Some(_) => Err("nothing to acknowledge".to_owned()),
                None => Err("no such alarm".to_owned()),
            },
            Command::Add(addition) => self.add(addition).map(|()| None),
            Command::Remove(asset) => self.remove(*asset).map(|()| None),
            Command::InjectFault { asset, fault, rate } => {
                if !(*rate > 0.0 && *rate <= 100.0) {
                    return Err("the rate must be above 0 and at most 100".to_owned());
                }
                let payload = serde_json::json!({ "fault": fault, "rate": rate });
                self.instruct(*asset, fault, "inject-fault", &payload).map(Some)
            }
            Command::ClearFault { asset, fault } => {
                self.instruct(*asset, fault, "clear-fault", &serde_json::json!({ "fault": fault })).map(Some)
            }
            Command::Operate { asset, switch, on } => {
                let payload = serde_json::json!({ "switch": switch, "on": on });
                self.instruct(*asset, switch, "operate", &payload).map(Some)
            }
            Command::Procedure(command) => self.procedure(command, now).map(|()| None),
            Command::WhatIf { .. }
            | Command::Economics { .. }
            | Command::Inspect { .. }
            | Command::Maintain { .. }
            | Command::Order { .. } => self.send(command, now).map(Some),
        }
    }

    /// The site with one more machine at its end. All rows that were given out stay what they are.
    fn add(&mut self, addition: &Addition) -> Result<(), String> {
        if self.assets.contains_key(addition.asset.id.as_str()) {
            return Err(format!("there is an asset {} already", addition.asset.id));
        }
        let measured = |part: &Part| {
            !part.signals.is_empty() || !part.alarms.is_empty() || !part.motions.is_empty() || part.health.is_some()
        };
        if addition.parts.iter().any(measured) {
            return Err("what is added while the twin runs has no signals, alarms, motions or health".to_owned());
        }
        let first = self.site.parts.len();
        let rows = u32::try_from(first).ok().zip(u32::try_from(first + addition.parts.len()).ok());
        let asset = u32::try_from(self.site.assets.len()).map(AssetRow).ok();
        let (Some((start, end)), Some(asset)) = (rows, asset) else {
            return Err("there are too many parts".to_owned());
        };
        let mut site = Site::clone(&self.site);
        let none = |n: usize| u32::try_from(n).map_or(0..0, |n| n..n);
        let (signals, alarms) = (none(site.signals.len()), none(site.alarms.len()));
        for (n, part) in (0_u32..).zip(&addition.parts) {
            let parent = part.parent.filter(|parent| parent.0 < n).map(|parent| PartRow(start + parent.0));
            let (signals, alarms) = (signals.clone(), alarms.clone());
            site.parts.push(Part { asset, parent, signals, alarms, ..part.clone() });
        }
        site.assets.push(Asset { parts: start..end, ..addition.asset.clone() });
        let site = Arc::new(site);
        for (part, row) in site.parts.iter().zip(0..).skip(first) {
            self.parts.insert((part.asset, part.id.as_str().into()), PartRow(row));
        }
        self.assets.insert(addition.asset.id.as_str().into(), asset);
        self.order = children_first(&site);
        self.live.extend(&site);
        self.site = site;
        Ok(())
    }

    /// The site without one machine. All rows stay what they are.
    fn remove(&mut self, asset: AssetRow) -> Result<(), String> {
        let Some(found) = self.site.assets.get(asset.index()).filter(|_| !self.site.removed.contains(&asset)) else {
            return Err("no such asset".to_owned());
        };
        if !self.site.removable(asset) {
            return Err(format!(
                "{} is in the site's file; only a model that was opened by itself is removed",
                found.id
            ));
        }
        self.assets.remove(found.id.as_str());
        let on_it = |part: PartRow| self.site.parts.get(part.index()).is_some_and(|part| part.asset == asset);
        self.selected = self.selected.filter(|&part| !on_it(part));
        let mut site = Site::clone(&self.site);
        site.removed.insert(asset);
        self.site = Arc::new(site);
        Ok(())
    }

    /// An instruction to the simulator of an asset.
    fn instruct(
        &self,
        asset: AssetRow,
        what: &str,
        name: &str,
        payload: &serde_json::Value,
    ) -> Result<Outgoing, String> {
        let row = self.site.assets.get(asset.index()).ok_or("no such asset")?;
        let simulated = self.site.sources.get(row.source.index()).is_some_and(|source| source.simulated);
        if !simulated {
            return Err("only a simulated asset takes faults and has switches".to_owned());
        }
        let is_name = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        if !is_name(what) {
            return Err("the name of a fault or a switch has 1 to 64 letters, digits, - or _".to_owned());
        }
        self.outgoing(asset, &format!("command/{name}"), payload, false)
    }
}
