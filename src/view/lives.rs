//! The remaining life of a part in one line and as a bar: on labels, in the tree, at the top of the inspector, in the
//! fleet. One life of a part at most; what is expired, generic or doubtful says so.

use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::{Life, Snapshot};

use super::look::Look;
use super::spread::{Bar, Said, hours};
use super::state::UiState;
use super::words;

/// A remaining life in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeView {
    /// `42 d (5–95 %: 18 to 95)`.
    pub text: String,
    /// What a narrow row has room for: `18–95 d`; never the median alone.
    pub brief: String,
    /// The spread on the axis of all lives.
    pub bar: Option<Bar>,
    /// Not to be used any more.
    pub expired: bool,
    /// A figure for its kind, not for this machine.
    pub generic: bool,
    /// The model does not explain the machine, or the machine is outside of its range.
    pub doubtful: bool,
    /// What must be said beside the figure: `generic prior`, `expired`, …; may be empty.
    pub caveat: String,
}

impl LifeView {
    /// It may be used: it is not expired and the model stands behind it.
    #[must_use]
    pub const fn usable(&self) -> bool {
        !self.expired && !self.doubtful
    }
}

/// The life of a part. Lives are in the order of the parts.
#[must_use]
pub fn life_of(snapshot: &Snapshot, part: PartRow) -> Option<&Life> {
    let at = snapshot.lives.binary_search_by_key(&part, |life| life.part).ok()?;
    snapshot.lives.get(at)
}

/// A life in words.
#[must_use]
pub fn life_view(life: &Life) -> LifeView {
    let body = &life.issue.body;
    let said = Said::of(body);
    let generic = body.prior.as_deref() == Some("generic");
    let unexplained = body.explained == Some(false);
    let outside = body.in_range == Some(false);
    let mut caveats = Vec::new();
    if life.expired {
        caveats.push("expired");
    }
    if unexplained {
        caveats.push("model does not explain the machine");
    }
    if outside {
        caveats.push("outside the model's range");
    }
    if generic {
        caveats.push("generic prior");
    }
    if body.from_simulation == Some(true) || body.provenance.as_deref() == Some("simulated") {
        caveats.push("simulated");
    }
    let open = body.beyond_horizon.is_some_and(|share| share >= 0.05);
    let horizon_h = horizon_h(life).filter(|_| open);
    LifeView {
        brief: brief(life),
        text: said.one_line(),
        bar: Bar::of_life(life.p05_h.or(horizon_h), life.p50_h, life.p95_h.or(horizon_h), open),
        expired: life.expired,
        generic,
        doubtful: unexplained || outside,
        caveat: caveats.join(" · "),
    }
}

/// How far was looked ahead, hours.
fn horizon_h(life: &Life) -> Option<f64> {
    let body = &life.issue.body;
    let factor = super::spread::hours_of(&body.unit)?;
    body.horizon.map(|horizon| factor * horizon).filter(|horizon| horizon.is_finite())
}

/// The band alone, in the unit of its upper end.
fn brief(life: &Life) -> String {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    match (finite(life.p05_h), finite(life.p50_h), finite(life.p95_h)) {
        (Some(low), middle, Some(high)) => {
            let figures = super::spread::Figures::of(middle.unwrap_or(high), "h");
            words::join_unit(&format!("{}–{}", figures.figure(low), figures.figure(high)), figures.unit())
        }
        (Some(low), _, None) if horizon_h(life).is_some() => {
            let horizon_h = horizon_h(life).unwrap_or(low);
            let figures = super::spread::Figures::of(low, "h");
            words::join_unit(&format!("{}–over {}", figures.figure(low), figures.figure(horizon_h)), figures.unit())
        }
        (_, Some(middle), _) => format!("{}, no spread", hours(middle)),
        _ => String::new(),
    }
}

/// The life of a part under a what-if that is shown on the parts, with the name of the plan.
#[must_use]
pub fn shown_plan(look: &Look<'_>, part: PartRow) -> Option<(String, LifeView)> {
    let (plan, life) = plan_life(look.snapshot, look.ui, part)?;
    Some((plan, life_view(&life)))
}

/// The same in figures.
#[must_use]
pub fn plan_life(snapshot: &Snapshot, ui: &UiState, part: PartRow) -> Option<(String, Life)> {
    let asked = ui.what_if.as_ref()?;
    let scenario = asked.shown.and_then(super::what_if::plan_id)?;
    let (key, issue) = snapshot.scenarios.iter().find(|(key, _)| {
        key.part == part && key.quantity == "rul" && key.scenario == scenario && key.model == asked.model
    })?;
    let body = &issue.body;
    let factor = super::spread::hours_of(&body.unit)?;
    let quantiles = body.sorted_quantiles();
    let at = |p: f64| quantiles.iter().find(|(q, _)| (q - p).abs() < 1e-6).map(|(_, value)| value * factor);
    let life = Life {
        part,
        asset: asked.asset,
        key: std::sync::Arc::clone(key),
        p05_h: at(0.05),
        p50_h: body.median().map(|value| value * factor),
        p95_h: at(0.95),
        expired: issue.is_expired(snapshot.now),
        issue: std::sync::Arc::clone(issue),
        advice: None,
    };
    Some((super::what_if::plan_name(scenario), life))
}

/// The probability of failure within some hours: as the model says it, else between the quantiles that it gives. In words
/// and as a number to sort by.
#[must_use]
pub fn failure_within(life: &Life, within_h: f64) -> Option<(String, f64)> {
    let body = &life.issue.body;
    if let Some(told) = body.pof.iter().find(|p| (p.in_h - within_h).abs() < 0.01 * within_h && p.p.is_finite()) {
        return Some((words::percent(told.p), told.p));
    }
    let factor = super::spread::hours_of(&body.unit)?;
    let quantiles: Vec<(f64, f64)> =
        body.sorted_quantiles().into_iter().filter(|(_, v)| v.is_finite()).map(|(p, v)| (p, v * factor)).collect();
    let (first, last) = (quantiles.first()?, quantiles.last()?);
    if quantiles.len() < 2 {
        return None;
    }
    if within_h <= first.1 {
        return Some((format!("<{}", words::percent(first.0)), first.0 * 0.5));
    }
    if within_h >= last.1 {
        return Some((format!(">{}", words::percent(last.0)), last.0));
    }
    let p = quantiles.windows(2).find_map(|pair| match pair {
        [(p0, v0), (p1, v1)] if (*v0..=*v1).contains(&within_h) && v1 > v0 => {
            Some(p0 + (p1 - p0) * (within_h - v0) / (v1 - v0))
        }
        _ => None,
    })?;
    Some((format!("≈{}", words::percent(p)), p))
}
