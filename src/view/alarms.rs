//! The list of alarms at the bottom. Small entries are copied each frame; words are made for the rows on screen.

use std::sync::Arc;

use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AlarmRow, AlarmRule, Condition, PartRow, Site};
use twinscope_twin::snapshot::AlarmStatus;

use super::look::{self, Look};
use super::theme::Mark;
use super::words::{self, Clock};

/// The alarm list.
#[derive(Clone, Debug)]
pub struct AlarmsView {
    site: Arc<Site>,
    clock: Clock,
    entries: Vec<(AlarmStatus, Mark)>,
    /// Active alarms by severity, worst first, zero counts left out.
    pub counts: Vec<(Severity, usize)>,
    /// Alarms that nobody has acknowledged.
    pub unacknowledged: usize,
    /// The selected part.
    pub selected: Option<PartRow>,
}

/// One row of the alarm list.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRowView {
    /// The rule.
    pub alarm: AlarmRow,
    /// The part.
    pub part: PartRow,
    /// Severity, and the quality of the part.
    pub mark: Mark,
    /// Still active; otherwise over and waiting to be acknowledged.
    pub active: bool,
    /// Acknowledged.
    pub acknowledged: bool,
    /// `14:02:11`.
    pub since: String,
    /// `3 min`.
    pub age: String,
    /// Name of the part.
    pub part_name: String,
    /// Name of the asset.
    pub asset_name: String,
    /// What is wrong: `Temperature above 80.0 °C`.
    pub what: String,
    /// The value that raised it, with its unit.
    pub value: String,
    /// What the technician does.
    pub response: String,
}

impl AlarmsView {
    /// Rows in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Nothing wants attention.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The words of a row.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<AlarmRowView> {
        let (status, mark) = self.entries.get(index)?;
        let part = self.site.parts.get(status.part.index());
        let rule = self.site.alarms.get(status.alarm.index());
        let asset = part.and_then(|part| self.site.assets.get(part.asset.index()));
        Some(AlarmRowView {
            alarm: status.alarm,
            part: status.part,
            mark: *mark,
            active: status.active,
            acknowledged: status.acknowledged,
            since: self.clock.time(status.since_ms),
            age: words::age(self.clock.wall_age_ms(status.since_ms)),
            part_name: part.map_or("?", look::part_name).to_owned(),
            asset_name: asset.map_or("?", look::asset_name).to_owned(),
            what: rule.map_or_else(|| "unknown rule".to_owned(), |rule| condition_text(&self.site, rule)),
            value: rule.map_or_else(String::new, |rule| value_text(&self.site, rule, status.value)),
            response: rule.map_or_else(String::new, |rule| rule.response.clone()),
        })
    }
}

/// The alarm list of one frame.
#[must_use]
pub fn alarms_view(look: &Look<'_>) -> AlarmsView {
    let alarms = &look.snapshot.alarms;
    let counts = Severity::ALL
        .iter()
        .rev()
        .map(|severity| (*severity, alarms.iter().filter(|a| a.active && a.severity == *severity).count()))
        .filter(|(severity, n)| *n > 0 && *severity != Severity::Normal)
        .collect();
    AlarmsView {
        site: Arc::clone(&look.snapshot.site),
        clock: look.clock,
        entries: alarms
            .iter()
            .map(|a| (a.clone(), Mark { severity: a.severity, quality: look.status(a.part).quality }))
            .collect(),
        counts,
        unacknowledged: alarms.iter().filter(|a| !a.acknowledged).count(),
        selected: look.snapshot.selected.as_ref().map(|s| s.part),
    }
}

/// What a rule watches, as a sentence without its end: `Temperature above 80.0 °C`.
#[must_use]
pub fn condition_text(site: &Site, rule: &AlarmRule) -> String {
    let name = |row: twinscope_twin::site::SignalRow| {
        site.signals.get(row.index()).map_or("signal", look::signal_name).to_owned()
    };
    let limit = |row: twinscope_twin::site::SignalRow, limit: f64| {
        site.signals
            .get(row.index())
            .map_or_else(|| words::number(limit, 1), |signal| words::with_unit(limit, signal.decimals, &signal.unit))
    };
    match &rule.condition {
        Condition::High { signal, limit: at } => format!("{} above {}", name(*signal), limit(*signal, *at)),
        Condition::Low { signal, limit: at } => format!("{} below {}", name(*signal), limit(*signal, *at)),
        Condition::Rate { signal, per_s } => {
            let unit = site.signals.get(signal.index()).map_or("", |s| s.unit.as_str());
            let figure = format!("{per_s}").replace('-', "−");
            format!(
                "{} changes faster than {} per second",
                name(*signal),
                words::join_unit(&figure, &words::unit(unit))
            )
        }
        Condition::Stale { signal } => format!("{} is not heard", name(*signal)),
        Condition::When(expression) => words::cut(expression, 80).into_owned(),
    }
}

/// A value under a rule, with the unit of its signal.
#[must_use]
pub fn value_text(site: &Site, rule: &AlarmRule, value: Option<f64>) -> String {
    let Some(value) = value else { return String::new() };
    match rule.condition.signal().and_then(|row| site.signals.get(row.index())) {
        Some(signal) => words::with_unit(value, signal.decimals, &signal.unit),
        None => words::number(value, 2),
    }
}
