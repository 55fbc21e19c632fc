//! The signals of the selected part: figure, quality, age, where it comes from, a small curve; and the chart of one.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{Condition, Part, Signal, SignalInput, SignalRow};
use twinscope_twin::snapshot::{PartDetail, SignalDetail, SignalStatus};
use twinscope_twin::value::{Provenance, Value};

use super::look::{self, Look};
use super::theme::Mark;
use super::words;

/// A signal in the inspector.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalView {
    /// The row.
    pub signal: SignalRow,
    /// Name.
    pub name: String,
    /// The figure, without its unit.
    pub figure: String,
    /// Its unit.
    pub unit: String,
    /// A model says so: drawn with a dashed outline.
    pub predicted: bool,
    /// The figure may be used; otherwise it is drawn grey.
    pub usable: bool,
    /// The mark of its quality, unless good.
    pub mark: Option<Mark>,
    /// Worst active alarm on it.
    pub severity: Severity,
    /// How old, or why there is nothing.
    pub age: String,
    /// `measured`, `derived`, `predicted`, `simulated`.
    pub provenance: &'static str,
    /// Everything about it in words.
    pub tooltip: String,
    /// A small curve, 0..1 in both directions, y up; pieces between gaps.
    pub spark: Vec<Vec<[f32; 2]>>,
    /// Topic and beginning of the last payload, and its error.
    pub raw: Option<(String, String)>,
    /// Error of its expression.
    pub error: Option<String>,
    /// It can be charted.
    pub numeric: bool,
    /// It is the one in the chart.
    pub charted: bool,
}

/// The chart of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendView {
    /// The row.
    pub signal: SignalRow,
    /// Name.
    pub title: String,
    /// Unit.
    pub unit: String,
    /// Digits after the point.
    pub decimals: u8,
    /// Pieces between gaps: seconds before now (negative), value.
    pub pieces: Vec<Vec<[f64; 2]>>,
    /// Limits of its alarms.
    pub limits: Vec<LimitLine>,
    /// Seconds before now that the chart shows.
    pub x: [f64; 2],
    /// Values that the chart shows.
    pub y: [f64; 2],
    /// Quality now: a chart that ends in the past says why.
    pub mark: Option<Mark>,
    /// Clock of the axis.
    pub clock: words::Clock,
}

/// A limit in a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitLine {
    /// Value.
    pub y: f64,
    /// Priority.
    pub severity: Severity,
    /// `high 80.0`.
    pub text: String,
}

/// Points of a small curve: a row is about that many pixels wide.
const SPARK_POINTS: usize = 64;

/// The signals of a part, in order.
#[must_use]
pub fn signal_views(look: &Look<'_>, part: &Part, detail: &PartDetail) -> Vec<SignalView> {
    let charted = charted(look, part, detail);
    part.signals
        .clone()
        .filter_map(|row| {
            let row = SignalRow(row);
            let signal = look.signal(row)?;
            Some(signal_view(look, row, signal, detail, charted == Some(row)))
        })
        .collect()
}

/// The signal in the chart: the one chosen, else one with an active alarm, else the first with numbers.
fn charted(look: &Look<'_>, part: &Part, detail: &PartDetail) -> Option<SignalRow> {
    let rows = || part.signals.clone().map(SignalRow);
    let chosen = look.ui.trend.filter(|row| part.signals.contains(&row.0));
    let numeric = |row: &SignalRow| {
        look.signal_status(*row).is_some_and(|s| matches!(s.value, Some(Value::Number(_))))
            || detail.signals.iter().any(|s| s.signal == *row && s.history.len() > 1)
    };
    chosen
        .or_else(|| rows().filter(numeric).max_by_key(|row| (alarm_on(look, detail, *row), std::cmp::Reverse(*row))))
        .or_else(|| rows().next())
}

/// Worst active alarm on a signal.
fn alarm_on(look: &Look<'_>, detail: &PartDetail, row: SignalRow) -> Severity {
    detail
        .alarms
        .iter()
        .filter(|alarm| alarm.active)
        .filter_map(|alarm| look.site().alarms.get(alarm.alarm.index()))
        .filter(|rule| rule.condition.signal() == Some(row))
        .map(|rule| rule.priority)
        .max()
        .unwrap_or_default()
}

fn signal_view(look: &Look<'_>, row: SignalRow, signal: &Signal, detail: &PartDetail, charted: bool) -> SignalView {
    let empty = SignalStatus::default();
    let status = look.signal_status(row).unwrap_or(&empty);
    let more = detail.signals.iter().find(|s| s.signal == row);
    let usable = matches!(status.quality, Quality::Good | Quality::Uncertain) && status.value.is_some();
    let figure = status.value.as_ref().map_or_else(|| words::NONE.to_owned(), |v| words::value(v, signal.decimals));
    let age = match look.signal_age_ms(status) {
        Some(ms) => words::age(ms),
        None => "never heard".to_owned(),
    };
    let numeric = matches!(status.value, Some(Value::Number(_))) || more.is_some_and(|m| m.history.len() > 1);
    SignalView {
        signal: row,
        name: look::signal_name(signal).to_owned(),
        unit: match status.value {
            Some(Value::Text(_) | Value::Flag(_)) => String::new(),
            _ => words::unit(&signal.unit).into_owned(),
        },
        figure,
        predicted: status.provenance == Provenance::Predicted && status.received.is_some(),
        usable,
        mark: (status.quality != Quality::Good).then(|| Mark::quality(status.quality)),
        severity: alarm_on(look, detail, row),
        age,
        provenance: provenance_word(status, signal),
        tooltip: tooltip(look, signal, status),
        spark: more.map(spark).unwrap_or_default(),
        raw: more.and_then(|m| m.last_message.clone()),
        error: more.and_then(|m| m.error.clone()),
        numeric,
        charted,
    }
}

/// Where a value comes from, in a word.
#[must_use]
pub const fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Measured => "measured",
        Provenance::Derived => "derived",
        Provenance::Predicted => "predicted",
        Provenance::Simulated => "simulated",
    }
}

fn provenance_word(status: &SignalStatus, signal: &Signal) -> &'static str {
    match (&status.received, &signal.input) {
        (None, SignalInput::Expression(_)) => "derived",
        (None, SignalInput::Topic(_)) => "",
        _ => provenance(status.provenance),
    }
}

fn tooltip(look: &Look<'_>, signal: &Signal, status: &SignalStatus) -> String {
    let mut text = format!("{}: {}", super::theme::quality_word(status.quality), status.reason.sentence());
    if let Some(received) = status.received {
        text.push_str(&format!("\nreceived {}", look.clock.time(received.wall_ms)));
        if status.source_ms != 0 {
            text.push_str(&format!("\nits own time {}", look.clock.time(status.source_ms)));
        }
    }
    match &signal.input {
        SignalInput::Topic(topic) => {
            text.push_str(&format!("\n{}", words::cut(&topic.filter, 120)));
            if let Some(path) = &topic.path {
                text.push_str(&format!("  {path}"));
            }
        }
        SignalInput::Expression(expression) => text.push_str(&format!("\n= {}", words::cut(expression, 240))),
    }
    if let Some([low, high]) = signal.range {
        text.push_str(&format!(
            "\nplausible from {} to {}",
            words::number(low, signal.decimals),
            words::with_unit(high, signal.decimals, &signal.unit)
        ));
    }
    match signal.stale_after_ms {
        Some(ms) => text.push_str(&format!("\nstale after {}", words::span(ms))),
        None => text.push_str("\nstale after three times its usual interval"),
    }
    text
}

/// The history cut at its gaps: source time ms, value.
fn pieces(history: &[[f64; 2]]) -> impl Iterator<Item = &[[f64; 2]]> {
    history.split(|[t, v]| !t.is_finite() || !v.is_finite()).filter(|piece| !piece.is_empty())
}

/// Least and greatest of some values; `None` without any.
fn extent(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    values.filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some([v, v]),
        Some([low, high]) => Some([v.min(low), v.max(high)]),
    })
}

fn spark(detail: &SignalDetail) -> Vec<Vec<[f32; 2]>> {
    let history = &detail.history;
    let (Some([t0, t1]), Some([v0, v1])) = (extent(history.iter().map(|p| p[0])), extent(history.iter().map(|p| p[1])))
    else {
        return Vec::new();
    };
    if t1 <= t0 {
        return Vec::new();
    }
    // A steady signal is a line in the middle, not noise blown up to the full height.
    let least = (v0.abs().max(v1.abs()) * 0.01).max(1e-9);
    let span = (v1 - v0).max(least);
    let middle = f64::midpoint(v0, v1);
    pieces(history)
        .map(|piece| {
            let step = (piece.len() / SPARK_POINTS).max(1);
            piece
                .iter()
                .step_by(step)
                .chain(piece.last().filter(|_| step > 1))
                .map(|[t, v]| [((t - t0) / (t1 - t0)) as f32, (0.5 + (v - middle) / span) as f32])
                .collect()
        })
        .collect()
}

/// The chart of the chosen signal.
#[must_use]
pub fn trend_view(look: &Look<'_>, part: &Part, detail: &PartDetail) -> Option<TrendView> {
    let row = charted(look, part, detail)?;
    let signal = look.signal(row)?;
    let more = detail.signals.iter().find(|s| s.signal == row)?;
    let now = look.clock.now.wall_ms as f64;
    let seconds = |[t, v]: &[f64; 2]| [(t - now) / 1000.0, *v];
    let pieces: Vec<Vec<[f64; 2]>> = pieces(&more.history).map(|piece| piece.iter().map(seconds).collect()).collect();
    let values = extent(pieces.iter().flatten().map(|p| p[1]))?;
    let times = extent(pieces.iter().flatten().map(|p| p[0]))?;
    let limits: Vec<LimitLine> = part
        .alarms
        .clone()
        .filter_map(|alarm| look.site().alarms.get(alarm as usize))
        .filter_map(|rule| match rule.condition {
            Condition::High { signal: s, limit } if s == row => Some((limit, rule.priority, "above")),
            Condition::Low { signal: s, limit } if s == row => Some((limit, rule.priority, "below")),
            _ => None,
        })
        .filter(|(limit, ..)| limit.is_finite())
        .map(|(y, severity, side)| LimitLine {
            y,
            severity,
            text: format!("{} {side} {}", severity.word(), words::with_unit(y, signal.decimals, &signal.unit)),
        })
        .collect();
    let quality = look.signal_status(row).map_or(Quality::NoData, |s| s.quality);
    Some(TrendView {
        signal: row,
        title: look::signal_name(signal).to_owned(),
        unit: words::unit(&signal.unit).into_owned(),
        decimals: signal.decimals,
        y: y_range(values, &limits),
        // At least half a minute, and up to now: that a signal stopped is part of what the chart tells.
        x: [times[0].min(-30.0), 0.0_f64.max(times[1])],
        pieces,
        limits,
        mark: (quality != Quality::Good).then(|| Mark::quality(quality)),
        clock: look.clock,
    })
}

/// The values with a margin, and the limits that are near enough to be worth the room.
fn y_range([low, high]: [f64; 2], limits: &[LimitLine]) -> [f64; 2] {
    let least = (low.abs().max(high.abs()) * 0.02).max(1e-6);
    let span = (high - low).max(least);
    let (mut from, mut to) = (low, high);
    for limit in limits {
        // Twice the span away the curve would be flattened to a third of the chart.
        if limit.y > high && limit.y - high <= 2.0 * span.max((limit.y.abs()) * 0.1) {
            to = to.max(limit.y);
        }
        if limit.y < low && low - limit.y <= 2.0 * span.max((limit.y.abs()) * 0.1) {
            from = from.min(limit.y);
        }
    }
    let margin = (to - from).max(least) * 0.12;
    [from - margin, to + margin]
}
