//! How a quantity goes on: a fan to its threshold, and the lines of what-ifs beside it.

use std::sync::Arc;

use twinscope_twin::prediction::{Body, Issue, PredictionKey};

use super::look::Look;
use super::spread::short_number;
use super::what_if::plan_name;
use super::words;

/// The future course of a quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct FanView {
    /// Its name.
    pub quantity: String,
    /// Its unit.
    pub unit: String,
    /// Hours from the issue, 5 %, median, 95 %.
    pub points: Vec<[f64; 4]>,
    /// Hours from the issue to now, of the asset.
    pub now_h: f64,
    /// The value that counts as failed, if it is one of this quantity, and what it is and where it comes from.
    pub threshold: Option<(f64, String)>,
    /// Medians under other scenarios: name, hours from the issue, value.
    pub others: Vec<(String, Vec<[f64; 2]>)>,
}

/// Most points of a fan: the chart is about that wide.
const FAN_POINTS: usize = 400;

/// Most lines of what-ifs: more is read by nobody.
const MOST_OTHERS: usize = 3;

/// The fan of a body that was issued at a known moment.
#[must_use]
pub fn fan_view(look: &Look<'_>, key: &PredictionKey, body: &Body, issued_ms: i64) -> Option<FanView> {
    let path = body.path.as_ref()?;
    let points = points(body)?;
    let lapse = body.time_lapse.filter(|lapse| lapse.is_finite() && *lapse >= 1.0).unwrap_or(1.0);
    Some(FanView {
        quantity: super::why::capital(&words::cut(&path.quantity, 40).replace('_', " ")),
        unit: words::unit(&path.unit).into_owned(),
        now_h: look.clock.now.wall_ms.saturating_sub(issued_ms) as f64 / 3_600_000.0 * lapse,
        threshold: body.threshold.as_ref().filter(|t| t.quantity == path.quantity && t.value.is_finite()).map(|t| {
            let mut said = words::join_unit(&short_number(t.value), &words::unit(&t.unit));
            if !t.source.is_empty() {
                said.push_str(&format!(" · {}", words::cut(&t.source, 60)));
            }
            (t.value, said)
        }),
        others: others(look, key, body, issued_ms, lapse),
        points,
    })
}

fn points(body: &Body) -> Option<Vec<[f64; 4]>> {
    let path = body.path.as_ref()?;
    let step = (path.in_h.len() / FAN_POINTS).max(1);
    let points: Vec<[f64; 4]> = path
        .in_h
        .iter()
        .zip(&path.p05)
        .zip(&path.p50)
        .zip(&path.p95)
        .step_by(step)
        .map(|(((h, p05), p50), p95)| [*h, *p05, *p50, *p95])
        .filter(|point| point.iter().all(|v| v.is_finite()))
        .collect();
    (points.len() >= 2).then_some(points)
}

/// The medians of the same quantity of the same model under other scenarios, moved to the moment of this issue.
fn others(
    look: &Look<'_>,
    key: &PredictionKey,
    body: &Body,
    issued_ms: i64,
    lapse: f64,
) -> Vec<(String, Vec<[f64; 2]>)> {
    let path = body.path.as_ref().map(|path| path.quantity.as_str());
    let same = |(other, issue): &&(Arc<PredictionKey>, Arc<Issue>)| {
        other.part == key.part
            && other.model == key.model
            && other.quantity == key.quantity
            && other.scenario != key.scenario
            && issue.is_dated()
            && !issue.is_expired(look.clock.now)
            && issue.body.path.as_ref().map(|path| path.quantity.as_str()) == path
            && look.ui.what_if.as_ref().is_none_or(|asked| asked.has(&other.scenario))
    };
    look.snapshot
        .scenarios
        .iter()
        .filter(same)
        .filter_map(|(other, issue)| {
            let later = issue.issued_ms().saturating_sub(issued_ms) as f64 / 3_600_000.0 * lapse;
            let line = points(&issue.body)?.into_iter().map(|[h, _, p50, _]| [h + later, p50]).collect();
            Some((plan_name(&other.scenario), line))
        })
        .take(MOST_OTHERS)
        .collect()
}
