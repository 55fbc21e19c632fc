//! What was said before against what came: short forecasts with their bands, and remaining lives as they were said.

use twinscope_twin::prediction::{Body, Checks};
use twinscope_twin::snapshot::PastLife;

use super::look::Look;
use super::spread::{Axis, LIVES, hours, short_number};
use super::words;

/// Most forecasts that are drawn: more are no dots any more.
const MOST_CHECKS: usize = 60;

/// Short forecasts against what came.
#[derive(Clone, Debug, PartialEq)]
pub struct ChecksView {
    /// `Vibration, 7 d ahead`.
    pub title: String,
    /// `7 of 9 held`.
    pub summary: String,
    /// `, 1 not due yet`, or nothing.
    pub waiting: String,
    /// Lowest and highest value, in words.
    pub ends: [String; 2],
    /// One per forecast, oldest first.
    pub made: Vec<CheckView>,
    /// When the first and the last were due.
    pub span: [String; 2],
}

/// One forecast; heights are 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckView {
    /// Where on the time axis, 0 to 1.
    pub at: f32,
    /// Ends of the band.
    pub band: [f32; 2],
    /// The median.
    pub mid: f32,
    /// What came, if it is due.
    pub came: Option<f32>,
    /// What came lay inside.
    pub held: bool,
    /// In a sentence.
    pub said: String,
}

/// The forecasts in words and places; `None` without any that can be drawn.
#[must_use]
pub fn checks_view(look: &Look<'_>, checks: &Checks) -> Option<ChecksView> {
    let mut made: Vec<_> = checks
        .made
        .iter()
        .filter(|check| [check.p05, check.p50, check.p95].iter().all(|v| v.is_finite()))
        .map(|check| (check.due_at.or(check.made_at).unwrap_or(0), check))
        .collect();
    made.sort_by_key(|(due, _)| *due);
    let made = made.get(made.len().saturating_sub(MOST_CHECKS)..).unwrap_or(&[]);
    let (first, last) = (made.first()?.0, made.last()?.0);
    let came = |value: Option<f64>| value.filter(|value| value.is_finite());
    let values = || made.iter().flat_map(|(_, c)| [Some(c.p05), Some(c.p95), came(c.came)]).flatten();
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let axis = Axis::Linear(low, high);
    let time = Axis::Linear(first as f64, last as f64);
    let unit = words::unit(&checks.unit);
    let figure = |value: f64| words::join_unit(&short_number(value), &unit);
    let views: Vec<CheckView> = made
        .iter()
        .map(|(due, check)| {
            let came = came(check.came);
            let held = came.is_some_and(|came| (check.p05..=check.p95).contains(&came));
            let band = format!("{} to {}", short_number(check.p05), figure(check.p95));
            let said = match came {
                Some(came) if held => format!("{}: said {band}, came {}: held", look.clock.time(*due), figure(came)),
                Some(came) => format!("{}: said {band}, came {}: missed", look.clock.time(*due), figure(came)),
                None => format!("{}: said {band}, not due yet", look.clock.time(*due)),
            };
            CheckView {
                at: time.place(*due as f64),
                band: [axis.place(check.p05), axis.place(check.p95)],
                mid: axis.place(check.p50),
                came: came.map(|came| axis.place(came)),
                held,
                said,
            }
        })
        .collect();
    let due = views.iter().filter(|check| check.came.is_some()).count();
    let held = views.iter().filter(|check| check.held).count();
    let waiting = views.len() - due;
    let quantity = super::why::capital(&words::cut(&checks.quantity, 40).replace('_', " "));
    let lead = checks.lead_h.filter(|h| h.is_finite()).map(|h| format!(", {} ahead", hours(h))).unwrap_or_default();
    Some(ChecksView {
        title: format!("{quantity}{lead}"),
        summary: format!("{held} of {due} held"),
        waiting: if waiting > 0 { format!(", {waiting} not due yet") } else { String::new() },
        ends: [figure(low), figure(high)],
        span: [look.clock.time(first), look.clock.time(last)],
        made: views,
    })
}

/// A remaining life as it was said, over time.
#[derive(Clone, Debug, PartialEq)]
pub struct PastView {
    /// Per issue, oldest first: place in time, and 5 %, median, 95 % on the axis of lives.
    pub issues: Vec<(f32, Option<f32>, Option<f32>, Option<f32>)>,
    /// Figures of the axis of lives: place and words.
    pub ticks: Vec<(f32, String)>,
    /// When the first and the last were issued.
    pub span: [String; 2],
    /// In a sentence.
    pub said: String,
}

/// The past lives; `None` below two.
#[must_use]
pub fn past_view(look: &Look<'_>, history: &[PastLife], body: &Body) -> Option<PastView> {
    let (first, last) = (history.first()?, history.last()?);
    if history.len() < 2 || last.issued_at <= first.issued_at {
        return None;
    }
    let time = Axis::Linear(first.issued_at as f64, last.issued_at as f64);
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let values = || history.iter().flat_map(|life| [life.p05_h, life.p95_h, life.p50_h]).filter_map(finite);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    if !low.is_finite() {
        return None;
    }
    // As wide as what was said needs, so that a slow change is seen too.
    let axis = Axis::Log((low.max(1e-3) / 1.5).max(1e-3), (high * 1.5).max(1e-2));
    let place = |value: Option<f64>| finite(value).map(|value| axis.place(value));
    let lapse = body.time_lapse.filter(|lapse| lapse.is_finite() && *lapse >= 1.0).unwrap_or(1.0);
    let passed = last.issued_at.saturating_sub(first.issued_at) as f64 / 3_600_000.0 * lapse;
    let figure = |life: &PastLife| finite(life.p50_h).map_or_else(|| words::NONE.to_owned(), hours);
    let mut ticks: Vec<(f32, String)> = LIVES
        .ticks()
        .into_iter()
        .zip([24.0, 240.0, 2400.0, 8766.0, 87_660.0, 876_600.0])
        .filter(|(_, h)| (low / 1.5..=high * 1.5).contains(h))
        .map(|((_, said), h)| (axis.place(h), said))
        .collect();
    if ticks.len() < 2 {
        ticks = vec![(axis.place(low), hours(low)), (axis.place(high), hours(high))];
    }
    Some(PastView {
        issues: history
            .iter()
            .map(|life| (time.place(life.issued_at as f64), place(life.p05_h), place(life.p50_h), place(life.p95_h)))
            .collect(),
        ticks,
        span: [look.clock.time(first.issued_at), look.clock.time(last.issued_at)],
        said: format!("median {} became {} while {} passed", figure(first), figure(last), hours(passed)),
    })
}
