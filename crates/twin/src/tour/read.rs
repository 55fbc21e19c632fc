//! Reads a tour against its site. Never gives up at the first problem.

use std::collections::BTreeSet;

use super::figure::meant;
use super::{Condition, Figure, Mend, Night, Stop, Subject, Text, Tour, View};
use crate::expression::Language;
use crate::site::file::document;
use crate::site::node::Node;
use crate::site::problem::{Problem, Problems, Spanned};
use crate::site::shape_tour::TOUR_FILE;
use crate::site::{Asset, AssetRow, PartRow, Site, minutes_of_day};

/// Reads a tour of a site; `file` is its name in messages.
#[must_use]
pub fn parse_tour(text: &str, file: &str, site: &Site) -> (Tour, Vec<Problem>) {
    let (_, mut problems, node) = document(text, file, &TOUR_FILE);
    let Some(node) = node else { return (Tour::default(), problems.finish()) };
    let mut reader = Reader { site, language: Language::default(), problems: &mut problems };
    let tour = reader.tour(&node);
    (tour, problems.finish())
}

struct Reader<'a> {
    site: &'a Site,
    language: Language,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn tour(&mut self, node: &Node) -> Tour {
        let asset = self.asset(node).unwrap_or(AssetRow(0));
        if self.site.assets.is_empty() {
            self.problems.error(&node.span, "the site has no machine to tell of");
        }
        let mut seen = BTreeSet::new();
        let mut stops = Vec::new();
        for stop in node.tables("stop") {
            if let Some(id) = stop.text("id")
                && !seen.insert(id.value.clone())
            {
                self.problems.error(&id.span, format!("there is a stop \"{}\" already", id.value));
            }
            stops.push(self.stop(stop, asset));
        }
        if stops.is_empty()
            && let Some(span) = node.span_of("stop")
        {
            self.problems.error(&span, "a tour needs at least one stop");
        }
        if stops.iter().all(|stop| stop.when.is_some()) && !stops.is_empty() {
            let hint = "leave `when` out of one stop, so that there is always something to tell";
            self.problems.warning_with(
                &node.span,
                "every stop has a condition: the screen may have nothing to show",
                hint,
            );
        }
        Tour {
            idle_ms: node.millis("idle").unwrap_or(60_000),
            viewing_distance_m: node.number("viewing_distance").map_or(5.0, |m| m.value),
            screen_height_m: node.number("screen_height").map(|m| m.value),
            light: node.plain("theme").as_deref() == Some("light"),
            night: node.table("night").and_then(|night| {
                let minutes = |key: &str| minutes_of_day(&night.plain(key)?);
                Some(Night { from_min: minutes("from")?, to_min: minutes("to")? })
            }),
            stops,
        }
    }

    /// The machine that a table names, if it does.
    fn asset(&mut self, node: &Node) -> Option<AssetRow> {
        let id = node.text("asset")?;
        let found = (0..).zip(&self.site.assets).find(|(_, asset)| asset.id == id.value);
        if found.is_none() {
            let meant = meant(&id.value, self.site.assets.iter().map(|asset| asset.id.as_str()));
            self.problems.error(&id.span, format!("there is no asset \"{}\"{meant}", id.value));
        }
        found.map(|(row, _)| AssetRow(row))
    }

    fn machine(&self, asset: AssetRow) -> Option<&Asset> {
        self.site.assets.get(asset.index())
    }

    fn stop(&mut self, node: &Node, of_tour: AssetRow) -> Stop {
        let asset = self.asset(node).unwrap_or(of_tour);
        let title = node.text("title").map(|text| self.text(&text, asset)).unwrap_or_default();
        let captions = node.texts("captions").iter().map(|text| self.text(text, asset)).collect();
        let figures = node.texts("figures").iter().filter_map(|name| self.figure(name, asset)).collect();
        let highlight = node.texts("highlight").iter().filter_map(|part| self.part(part, asset)).collect();
        let stay_ms = node.millis("stay").unwrap_or(12_000);
        Stop {
            id: node.plain("id").unwrap_or_default(),
            asset,
            title,
            captions,
            figures,
            view: self.view(node.table("view"), asset),
            highlight,
            ghost: node.flag("ghost").map(|ghost| ghost.value),
            stay_ms,
            travel_ms: node.millis("travel").unwrap_or(4_000),
            when: self.condition(node, "when", asset),
            until: self.until(node, asset, stay_ms),
            breaks: node.table("breaks").and_then(|breaks| {
                self.simulated(breaks, asset);
                Some((breaks.plain("fault")?, breaks.number("rate").map_or(1.0, |rate| rate.value)))
            }),
            mends: node.table("mends").and_then(|mends| self.mends(mends, asset)),
        }
    }

    fn until(&mut self, node: &Node, asset: AssetRow, stay_ms: u64) -> Option<(Condition, u64)> {
        let at_most = node.integer("at_most");
        let Some(until) = node.text("until") else {
            if let Some(at_most) = at_most {
                let hint = "name what it waits for in `until`, or leave it out: `stay` says how long";
                self.problems.error_with(&at_most.span, "`at_most` without `until`", hint);
            }
            return None;
        };
        let condition = self.condition(node, "until", asset);
        let Some(at_most) = at_most else {
            let hint = "say how long it may take with `at_most`: what never comes must not hold the screen";
            self.problems.error_with(&until.span, "`until` without `at_most`", hint);
            return None;
        };
        let at_most_ms = u64::try_from(at_most.value).unwrap_or(0);
        if at_most_ms < stay_ms {
            self.problems.error(&at_most.span, "`at_most` is shorter than `stay`");
        }
        Some((condition?, at_most_ms))
    }

    fn condition(&mut self, node: &Node, key: &str, asset: AssetRow) -> Option<Condition> {
        let text = node.text(key)?;
        let site = self.site;
        match Condition::parse(&text, &self.language, &|name| Figure::of(name, site, asset)) {
            Ok(condition) => Some(condition),
            Err(why) => {
                self.problems.error(&text.span, format!("`{key}`: {why}"));
                None
            }
        }
    }

    fn text(&mut self, text: &Spanned<String>, asset: AssetRow) -> Text {
        match Text::parse(text, &|name| Figure::of(name, self.site, asset)) {
            Ok(text) => text,
            Err((within, why)) => {
                let span = self.problems.text().within(&text.span, text, within);
                self.problems.error(&span, why);
                Text::default()
            }
        }
    }

    fn figure(&mut self, name: &Spanned<String>, asset: AssetRow) -> Option<Figure> {
        Figure::of(name, self.site, asset).map_err(|why| self.problems.error(&name.span, why)).ok()
    }

    fn part(&mut self, id: &Spanned<String>, asset: AssetRow) -> Option<PartRow> {
        let machine = self.machine(asset)?;
        let (name, first) = (machine.id.clone(), machine.parts.start);
        let parts = self.site.parts.get(first as usize..machine.parts.end as usize).unwrap_or_default();
        let found = (first..).zip(parts).find(|(_, part)| part.id == id.value);
        if found.is_none() {
            let meant = meant(id, parts.iter().map(|part| part.id.as_str()));
            self.problems.error(&id.span, format!("{name} has no part \"{}\"{meant}", id.value));
        }
        found.map(|(row, _)| PartRow(row))
    }

    fn view(&mut self, node: Option<&Node>, asset: AssetRow) -> View {
        let mut view = View { of: Subject::Machine { room: 1.0 }, yaw_deg: 28.0, pitch_deg: 8.0, drift_deg_per_s: 0.6 };
        let Some(node) = node else { return view };
        let number = |key: &str| node.number(key).map(|number| number.value);
        let (yaw_deg, pitch_deg) = match node.plain("side").as_deref() {
            Some("front") => (-90.0, 6.0),
            Some("back") => (90.0, 6.0),
            Some("right") => (180.0, 6.0),
            Some("top") => (0.0, 80.0),
            Some("aslant") => (-40.0, 18.0),
            _ => (0.0, 6.0),
        };
        view.yaw_deg = yaw_deg + number("turn_deg").unwrap_or(0.0);
        view.pitch_deg = number("pitch_deg").unwrap_or(pitch_deg);
        view.drift_deg_per_s = number("drift").unwrap_or(0.6);
        if let Some(id) = node.text("viewpoint") {
            for key in ["part", "place", "distance", "side", "turn_deg", "pitch_deg", "room"] {
                if let Some(span) = node.span_of(key) {
                    self.problems.error(&span, format!("a view has `viewpoint` or `{key}`, not both"));
                }
            }
            let known = &self.site.viewpoints;
            match known.iter().position(|view| view.id == id.value) {
                Some(place) => view.of = Subject::Viewpoint(place),
                None => {
                    let meant = meant(&id.value, known.iter().map(|view| view.id.as_str()));
                    self.problems.error(&id.span, format!("the site has no viewpoint \"{}\"{meant}", id.value));
                }
            }
            return view;
        }
        let room = number("room").unwrap_or(1.6);
        view.of = match (node.text("part"), node.numbers::<3>("place")) {
            (Some(part), Some(_)) => {
                self.problems.error(&part.span, "a view has `part` or `place`, not both");
                Subject::Machine { room }
            }
            (Some(part), None) => match self.part(&part, asset) {
                Some(part) => Subject::Part { part, room },
                None => Subject::Machine { room },
            },
            (None, Some(place)) => match number("distance") {
                Some(distance) => Subject::Place { at: place.value, distance },
                None => {
                    self.problems.error_with(&place.span, "from how far?", "give `distance` with a `place`, m");
                    Subject::Machine { room }
                }
            },
            (None, None) => Subject::Machine { room },
        };
        if let (Some(distance), Subject::Machine { .. } | Subject::Part { .. }) = (node.number("distance"), view.of) {
            let hint = "`room` says how much is shown around a part";
            self.problems.error_with(&distance.span, "`distance` goes with `place`", hint);
        }
        view
    }

    fn mends(&mut self, node: &Node, asset: AssetRow) -> Option<Mend> {
        self.simulated(node, asset);
        let record = match (node.text("part"), node.text("record")) {
            (Some(part), Some(record)) => self.part(&part, asset).map(|part| (part, record.value)),
            (Some(one), None) | (None, Some(one)) => {
                self.problems.error(&one.span, "`part` and `record` go together");
                None
            }
            (None, None) => None,
        };
        Some(Mend { fault: node.plain("fault")?, record })
    }

    /// Only what is simulated is broken and mended from here.
    fn simulated(&mut self, node: &Node, asset: AssetRow) {
        let source = self.machine(asset).and_then(|machine| self.site.sources.get(machine.source.index()));
        if source.is_some_and(|source| !source.simulated) {
            let hint = "leave it out: a real machine is not broken for a show";
            self.problems.error_with(&node.span, "faults begin and end in simulated machines only", hint);
        }
    }
}
