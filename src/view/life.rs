//! Predictions of the selected part in words. A band always names its level; a bare value says that it has no spread;
//! an expired prediction looks stale; and each says who made it, when, from what.

use twinscope_twin::prediction::{Body, Issue, Parameter, PredictionKey};
use twinscope_twin::snapshot::PartDetail;

use super::checks::{ChecksView, PastView, checks_view, past_view};
use super::fan::{FanView, fan_view};
use super::look::Look;
use super::spread::{Axis, Bar, Figures, Said, hours, short_number};
use super::words;

/// One prediction: the latest issue of one model and scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionView {
    /// Told apart from others of the part by this.
    pub id: String,
    /// What is predicted: `Remaining life`.
    pub title: String,
    /// The figure: the median, or the bare value.
    pub figure: Option<String>,
    /// The level and the band: `5–95 %: 18 to 95 d`, or `without a spread`.
    pub band: String,
    /// The spread on its axis.
    pub bar: Option<Bar>,
    /// What fails.
    pub failure_mode: Option<String>,
    /// What counts as failed, and where that comes from.
    pub threshold: Option<String>,
    /// Where the value comes from, model, version, scenario.
    pub model: String,
    /// When it was made, and from data until when.
    pub age: String,
    /// When the model last learned something of this asset.
    pub learned: Option<String>,
    /// How many issues are kept.
    pub kept: String,
    /// Short labels: `generic prior`, `expired`, …
    pub badges: Vec<Badge>,
    /// What must be read before the figure is believed.
    pub warning: Option<String>,
    /// Not to be used any more: drawn as stale.
    pub expired: bool,
    /// What is now and no sensor reads, rather than what will be.
    pub is_virtual: bool,
    /// Probability of failure: within what time, in words, and as a share.
    pub pof: Vec<(String, String, f32)>,
    /// How a quantity goes on.
    pub fan: Option<FanView>,
    /// What the model learned.
    pub parameters: Vec<ParameterView>,
    /// Parameters beyond the list.
    pub more_parameters: usize,
    /// How often the band held.
    pub coverage: Option<Badge>,
    /// Short forecasts against what came.
    pub checks: Option<ChecksView>,
    /// What was said before.
    pub past: Option<PastView>,
    /// The model that can be asked what if; `None`: it cannot.
    pub asks: Option<String>,
}

/// A short label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// On it.
    pub text: String,
    /// It warns.
    pub warn: bool,
    /// What it means.
    pub tooltip: String,
}

impl Badge {
    /// A label.
    pub fn new(text: impl Into<String>, warn: bool, tooltip: impl Into<String>) -> Self {
        Self { text: text.into(), warn, tooltip: tooltip.into() }
    }
}

/// A parameter: what is believed now, and what was before the data of this asset.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterView {
    /// For people.
    pub name: String,
    /// The median with its unit.
    pub value: String,
    /// The band now, the prior and where that is from, when it was learned.
    pub rest: String,
    /// Band and median now, 0 to 1 on an axis of its own.
    pub now: Option<[f32; 3]>,
    /// The prior's likewise.
    pub prior: Option<[f32; 3]>,
}

/// Most parameters and probabilities that are listed.
const MOST_LISTED: usize = 12;

/// Hours of a day.
const DAY_H: f64 = 24.0;

/// The predictions of the selected part, remaining life first; those that are not in the snapshot are counted.
#[must_use]
pub fn prediction_views(look: &Look<'_>, detail: &PartDetail) -> Vec<PredictionView> {
    let mut sorted: Vec<_> = detail.predictions.iter().collect();
    let now = look.clock.now;
    sorted.sort_by_key(|(key, issue, _)| {
        (key.scenario != BASELINE, issue.is_expired(now), key.quantity != "rul", issue.body.quantiles.is_empty())
    });
    let asked = |key: &PredictionKey| super::what_if::is_plan(&key.scenario);
    let mut views: Vec<PredictionView> = sorted
        .into_iter()
        // What the what-if panel asked for stands there.
        .filter(|(key, ..)| !asked(key))
        .map(|(key, issue, kept)| prediction_view(look, detail, key, issue, *kept))
        .collect();
    if let Some(last) = views.last_mut().filter(|_| detail.more_predictions > 0) {
        let more = words::plural(detail.more_predictions as u64, "prediction is", "predictions are");
        last.kept.push_str(&format!(" · {more} not shown"));
    }
    views
}

/// The scenario of predictions without a what-if.
pub const BASELINE: &str = "baseline";

fn prediction_view(
    look: &Look<'_>,
    detail: &PartDetail,
    key: &PredictionKey,
    issue: &Issue,
    kept: usize,
) -> PredictionView {
    let body = &issue.body;
    let expired = issue.is_expired(look.clock.now);
    let said = Said::of(body);
    let is_life = super::lives::life_of(look.snapshot, key.part).is_some_and(|life| *life.key == *key);
    PredictionView {
        id: format!("{}/{}/{}", key.quantity, key.model, key.scenario),
        title: quantity_title(&key.quantity),
        band: said.band_text(),
        figure: said.figure,
        bar: Bar::of(body),
        failure_mode: body
            .failure_mode
            .as_deref()
            .map(|mode| words::cut(mode, 120).into_owned())
            .filter(|m| !m.is_empty()),
        threshold: body.threshold.as_ref().map(|t| {
            let mut text = format!(
                "failed at {} {}",
                words::cut(&t.quantity, 32).replace('_', " "),
                words::join_unit(&short_number(t.value), &words::unit(&t.unit))
            );
            if !t.source.is_empty() {
                text.push_str(&format!(" · {}", words::cut(&t.source, 120)));
            }
            text
        }),
        model: model_words(key, body),
        age: age_words(look, issue),
        learned: learned_words(look, body),
        kept: words::plural(kept as u64, "issue kept", "issues kept"),
        badges: badges(look, body, issue, expired),
        warning: warning(body),
        expired,
        is_virtual: body.provenance.as_deref() == Some("virtual"),
        pof: pof(body),
        // A course from an unknown moment on says nothing about now.
        fan: if issue.is_dated() { fan_view(look, key, body, issue.issued_ms()) } else { None },
        parameters: body
            .parameters
            .iter()
            .take(MOST_LISTED)
            .map(|(name, parameter)| parameter_view(look, name, parameter))
            .collect(),
        more_parameters: body.parameters.len().saturating_sub(MOST_LISTED),
        coverage: body.coverage.filter(|c| c.of > 0).map(|c| {
            let share = f64::from(c.held) / f64::from(c.of);
            Badge::new(
                format!("{} band held {} of {}", words::percent(c.level), c.held, c.of),
                // Fewer than the level promised, by more than chance alone would often give (one standard error).
                share + (c.level * (1.0 - c.level) / f64::from(c.of)).max(0.0).sqrt() < c.level,
                format!("its {} band held {} of {} times", words::percent(c.level), c.held, c.of),
            )
        }),
        checks: body.checks.as_ref().and_then(|checks| checks_view(look, checks)),
        past: if is_life { past_view(look, &detail.rul_history, body) } else { None },
        asks: (!body.levers.is_empty() && key.scenario == BASELINE).then(|| key.model.clone()),
    }
}

/// `predicted by gearbox 1.0 · baseline`.
fn model_words(key: &PredictionKey, body: &Body) -> String {
    let source = match body.provenance.as_deref() {
        Some("virtual") => "virtual sensor",
        Some("simulated") => "simulated",
        _ => "predicted",
    };
    let mut model = format!("{source} by {}", words::cut(&key.model, 32));
    if let Some(version) = &body.version {
        model.push_str(&format!(" {}", words::cut(version, 16)));
    }
    model.push_str(&format!(" · {}", words::cut(&key.scenario, 32)));
    model
}

/// When it was made, and from data until when.
pub(super) fn age_words(look: &Look<'_>, issue: &Issue) -> String {
    let issued = issue.issued_ms();
    let mut age = if issue.is_dated() {
        format!("made {}", words::ago(look.clock.wall_age_ms(issued)))
    } else {
        format!("made before {}", look.clock.time(issued))
    };
    if let Some(until) = issue.body.data_until {
        age.push_str(&format!(" from data until {}", look.clock.time(until)));
    }
    age
}

fn learned_words(look: &Look<'_>, body: &Body) -> Option<String> {
    let at = body.parameters.values().filter_map(|parameter| parameter.at).max()?;
    let calibrated = body.prior.as_deref() == Some("calibrated");
    Some(format!("{} {}", if calibrated { "calibrated" } else { "last learned" }, look.clock.time(at)))
}

/// What makes the figure doubtful, in a sentence.
fn warning(body: &Body) -> Option<String> {
    if body.explained == Some(false) {
        return Some(
            "The model does not explain the machine any more: what is measured is not what it expects.".to_owned(),
        );
    }
    if body.in_range != Some(false) {
        return None;
    }
    let outside: Vec<_> = body.outside.iter().take(4).map(|what| words::cut(what, 80)).collect();
    Some(match outside.is_empty() {
        true => "The machine is outside of what the model was made for.".to_owned(),
        false => format!("Outside of what the model was made for: {}.", outside.join("; ")),
    })
}

fn badges(look: &Look<'_>, body: &Body, issue: &Issue, expired: bool) -> Vec<Badge> {
    let mut badges = Vec::new();
    if expired && let Some(until) = body.valid_until {
        badges.push(Badge::new("expired", true, format!("must not be used since {}", look.clock.time(until))));
    }
    if body.explained == Some(false) {
        let tooltip = "what is measured is not what the model expects any more (innovation test)";
        badges.push(Badge::new("does not explain the machine", true, tooltip));
    }
    match body.prior.as_deref() {
        Some("generic") => {
            badges.push(Badge::new("generic prior", true, "not calibrated to this machine: a figure for its kind"));
        }
        Some(prior) => badges.push(Badge::new(words::cut(prior, 16), false, "what the model knew before the data")),
        None => {}
    }
    if body.in_range == Some(false) {
        let mut tooltip = "the input lies outside of what the model was made for".to_owned();
        for what in body.outside.iter().take(8) {
            tooltip.push_str(&format!("\n{}", words::cut(what, 120)));
        }
        badges.push(Badge::new("outside its range", true, tooltip));
    }
    match body.provenance.as_deref() {
        Some("virtual") => badges.push(Badge::new("virtual", false, "what is now, and no sensor reads")),
        Some("simulated") => badges.push(Badge::new("simulated", false, "made from simulated data")),
        _ if body.from_simulation == Some(true) => {
            badges.push(Badge::new("simulated asset", false, "predicted for a machine that a simulator stands in for"));
        }
        _ => {}
    }
    if let Some(lapse) = lapse_words(body.time_lapse) {
        badges.push(Badge::new(
            lapse,
            false,
            "the simulated machine ages faster than the clock: hours here are its own",
        ));
    }
    if issue.retained {
        badges.push(Badge::new("retained", false, "the broker had kept it from before we were connected"));
    }
    badges
}

/// `6 s stand for 1 d`; `None` where time goes as the clock does.
#[must_use]
pub fn lapse_words(time_lapse: Option<f64>) -> Option<String> {
    let lapse = time_lapse.filter(|lapse| lapse.is_finite() && *lapse > 1.0)?;
    Some(format!(
        "{} for 1 d",
        match DAY_H / lapse {
            h if h >= 1.0 => format!("{} h stand", short_number(h)),
            h if h * 60.0 >= 1.0 => format!("{} min stand", short_number(h * 60.0)),
            h => format!("{} s stand", short_number(h * 3600.0)),
        }
    ))
}

/// Probabilities of failure by horizon, soonest first.
fn pof(body: &Body) -> Vec<(String, String, f32)> {
    let mut pof: Vec<_> = body.pof.iter().filter(|p| p.p.is_finite() && p.in_h.is_finite()).copied().collect();
    pof.sort_by(|a, b| a.in_h.total_cmp(&b.in_h));
    pof.truncate(MOST_LISTED);
    pof.into_iter()
        .map(|p| (format!("within {}", hours(p.in_h)), words::percent(p.p), p.p.clamp(0.0, 1.0) as f32))
        .collect()
}

/// What is predicted, for people.
#[must_use]
pub fn quantity_title(quantity: &str) -> String {
    match quantity {
        "rul" => "Remaining life".to_owned(),
        "health" => "Health".to_owned(),
        "soc" => "State of charge".to_owned(),
        "soh" => "State of health".to_owned(),
        other => super::why::capital(&words::cut(other, 40).replace('_', " ")),
    }
}

fn parameter_view(look: &Look<'_>, name: &str, parameter: &Parameter) -> ParameterView {
    let unit = words::unit(&parameter.unit);
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let now = [finite(parameter.p05), finite(parameter.p50), finite(parameter.p95)];
    let prior = [finite(parameter.prior_p05), finite(parameter.prior_p50), finite(parameter.prior_p95)];
    let value = match now {
        [_, Some(p50), _] => short_number(p50),
        [Some(p05), None, Some(p95)] => format!("{} to {}", short_number(p05), short_number(p95)),
        _ => words::NONE.to_owned(),
    };
    let mut rest = Vec::new();
    if let [Some(p05), Some(_), Some(p95)] = now {
        rest.push(format!("5–95 %: {} to {}", short_number(p05), short_number(p95)));
    }
    let from = match parameter.prior_from.as_deref() {
        Some(from) if !from.is_empty() => format!("{} prior", words::cut(from, 40)),
        _ => "prior".to_owned(),
    };
    match prior {
        [Some(p05), _, Some(p95)] => rest.push(format!("{from} {} to {}", short_number(p05), short_number(p95))),
        [_, Some(p50), _] => rest.push(format!("{from} {}", short_number(p50))),
        _ => {}
    }
    if let Some(at) = parameter.at {
        rest.push(format!("learned {}", words::ago(look.clock.wall_age_ms(at))));
    }
    let known: Vec<f64> = now.iter().chain(&prior).flatten().copied().collect();
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Room beside the widest band, so that its ends are seen as ends.
    let room = (high - low) * 0.05;
    let axis = Axis::Linear(low - room, high + room);
    let places = |band: [Option<f64>; 3]| match band {
        [Some(a), b, Some(c)] => Some([axis.place(a), axis.place(b.unwrap_or((a + c) / 2.0)), axis.place(c)]),
        _ => None,
    };
    let title = if parameter.title.is_empty() { name } else { &parameter.title };
    ParameterView {
        name: words::cut(title, 48).replace('_', " "),
        value: words::join_unit(&value, &unit),
        rest: rest.join(" · "),
        now: places(now),
        prior: places(prior),
    }
}

/// A gain in words: `+410 d (5–95 %: +20 to +1900), better in 97 %`.
#[must_use]
pub fn gain_words(against: &twinscope_twin::prediction::Against) -> Option<String> {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let (p05, p50, p95) = (finite(against.p05), finite(against.p50), finite(against.p95));
    let typical = p50.or(p95).or(p05)?;
    let figures = Figures::of(typical, &against.unit);
    let mut text = match p50 {
        Some(p50) => words::join_unit(&figures.signed(p50), figures.unit()),
        None => String::new(),
    };
    match (p05, p95) {
        (Some(p05), Some(p95)) => {
            let band = format!("5–95 %: {} to {}", figures.signed(p05), figures.signed(p95));
            text = if text.is_empty() { words::join_unit(&band, figures.unit()) } else { format!("{text} ({band})") };
        }
        _ => text.push_str(" (without a spread)"),
    }
    if let Some(better) = against.better.filter(|share| share.is_finite()) {
        text.push_str(&format!(", better in {}", words::percent(better.clamp(0.0, 1.0))));
    }
    Some(text)
}
