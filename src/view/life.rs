//! Predictions of the selected part in words. A band always names its level; a bare value says that it has no spread;
//! an expired prediction looks stale; and each says who made it, when, from what.

use twinscope_twin::prediction::{Body, Issue, Parameter, PredictionKey};

use super::look::Look;
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
    /// The band is one: the prediction has a spread.
    pub spread: bool,
    /// What fails.
    pub failure_mode: Option<String>,
    /// What counts as failed.
    pub threshold: Option<String>,
    /// Model, version, scenario.
    pub model: String,
    /// When it was made, and from data until when.
    pub age: String,
    /// How many issues are kept.
    pub kept: String,
    /// Short labels: `generic prior`, `expired`, …
    pub badges: Vec<Badge>,
    /// Not to be used any more: drawn as stale.
    pub expired: bool,
    /// Probability of failure: within what time, in words, and as a share.
    pub pof: Vec<(String, String, f32)>,
    /// How a quantity goes on.
    pub fan: Option<FanView>,
    /// Parameters in words: name, value, what the prior said.
    pub parameters: Vec<(String, String, String)>,
    /// How often the band held.
    pub coverage: Option<Badge>,
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
    fn new(text: impl Into<String>, warn: bool, tooltip: impl Into<String>) -> Self {
        Self { text: text.into(), warn, tooltip: tooltip.into() }
    }
}

/// The future course of a quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct FanView {
    /// Its name.
    pub quantity: String,
    /// Hours from the issue, 5 %, median, 95 %.
    pub points: Vec<[f64; 4]>,
    /// Hours from the issue to now.
    pub now_h: f64,
    /// The value that counts as failed, if it is one of this quantity.
    pub threshold: Option<f64>,
    /// Days rather than hours on the axis.
    pub days: bool,
}

/// Most points of a fan: the chart is about that wide.
const FAN_POINTS: usize = 400;

/// Most parameters and probabilities that are listed.
const MOST_LISTED: usize = 8;

/// The predictions of the selected part; `more` of it are not among them, and the last one says so.
#[must_use]
pub fn prediction_views(
    look: &Look<'_>,
    predictions: &[(PredictionKey, Issue, usize)],
    more: usize,
) -> Vec<PredictionView> {
    let mut views: Vec<PredictionView> =
        predictions.iter().map(|(key, issue, kept)| prediction_view(look, key, issue, *kept)).collect();
    if let Some(last) = views.last_mut().filter(|_| more > 0) {
        let more = words::plural(more as u64, "prediction is", "predictions are");
        last.kept.push_str(&format!(" · {more} not shown"));
    }
    views
}

fn prediction_view(look: &Look<'_>, key: &PredictionKey, issue: &Issue, kept: usize) -> PredictionView {
    let body = &issue.body;
    let now_ms = look.clock.now.wall_ms;
    let expired = body.valid_until.is_some_and(|until| until < now_ms);
    let (figure, band, spread) = figure_and_band(body);
    let issued = issue.issued_ms();
    let mut age = if issue.is_dated() {
        format!("made {}", words::ago(look.clock.wall_age_ms(issued)))
    } else {
        format!("made before {}", look.clock.time(issued))
    };
    if let Some(until) = body.data_until {
        age.push_str(&format!(" from data until {}", look.clock.time(until)));
    }
    let mut model = words::cut(&key.model, 32).into_owned();
    if let Some(version) = &body.version {
        model.push_str(&format!(" {}", words::cut(version, 16)));
    }
    model.push_str(&format!(" · {}", words::cut(&key.scenario, 32)));
    PredictionView {
        id: format!("{}/{}/{}", key.quantity, key.model, key.scenario),
        title: quantity_title(&key.quantity),
        figure,
        band,
        spread,
        failure_mode: body.failure_mode.as_deref().map(|mode| words::cut(mode, 120).into_owned()),
        threshold: body.threshold.as_ref().map(|t| {
            format!(
                "failed at {} {}",
                words::cut(&t.quantity, 32).replace('_', " "),
                words::join_unit(&short_number(t.value), &words::unit(&t.unit))
            )
        }),
        model,
        age,
        kept: words::plural(kept as u64, "issue kept", "issues kept"),
        badges: badges(look, body, issue, expired),
        expired,
        pof: body
            .pof
            .iter()
            .filter(|p| p.p.is_finite() && p.in_h.is_finite())
            .take(MOST_LISTED)
            .map(|p| (format!("within {}", hours(p.in_h)), words::percent(p.p), p.p.clamp(0.0, 1.0) as f32))
            .collect(),
        // A course from an unknown moment on says nothing about now.
        fan: if issue.is_dated() { fan(look, body, issued) } else { None },
        parameters: body
            .parameters
            .iter()
            .take(MOST_LISTED)
            .map(|(name, parameter)| parameter_words(name, parameter))
            .collect(),
        coverage: body.coverage.filter(|c| c.of > 0).map(|c| {
            let share = f64::from(c.held) / f64::from(c.of);
            Badge::new(
                format!("held {} of {}", c.held, c.of),
                // Fewer than the level promised, by more than chance alone would often give (one standard error).
                share + (c.level * (1.0 - c.level) / f64::from(c.of)).max(0.0).sqrt() < c.level,
                format!("its {} band held {} of {} times", words::percent(c.level), c.held, c.of),
            )
        }),
    }
}

fn badges(look: &Look<'_>, body: &Body, issue: &Issue, expired: bool) -> Vec<Badge> {
    let mut badges = Vec::new();
    if expired && let Some(until) = body.valid_until {
        badges.push(Badge::new("expired", true, format!("must not be used since {}", look.clock.time(until))));
    }
    match body.prior.as_deref() {
        Some("generic") => {
            badges.push(Badge::new("generic prior", true, "not calibrated to this machine: a figure for its kind"));
        }
        Some(prior) => badges.push(Badge::new(words::cut(prior, 16), false, "what the model knew before the data")),
        None => {}
    }
    if body.in_range == Some(false) {
        badges.push(Badge::new("outside its range", true, "the input lies outside of what the model was made for"));
    }
    if body.provenance.as_deref() == Some("simulated") {
        badges.push(Badge::new("simulated", false, "made from simulated data"));
    }
    if issue.retained {
        badges.push(Badge::new("retained", false, "the broker had kept it from before we were connected"));
    }
    badges
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

/// The median (or bare value) and its band.
fn figure_and_band(body: &Body) -> (Option<String>, String, bool) {
    let mut quantiles: Vec<(f64, f64)> = body
        .quantiles
        .iter()
        .filter_map(|(p, value)| Some((p.parse::<f64>().ok()?, *value)))
        .filter(|(p, value)| (0.0..=1.0).contains(p) && value.is_finite())
        .collect();
    quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let median = quantiles.iter().find(|(p, _)| (p - 0.5).abs() < 1e-9).map(|(_, value)| *value);
    let Some((low, high)) = band(&quantiles) else {
        let bare = median.or_else(|| quantiles.first().map(|q| q.1)).or(body.value).filter(|v| v.is_finite());
        return match bare {
            Some(value) => {
                let scale = Scale::of(value, &body.unit);
                (Some(scale.with_unit(value)), "without a spread".to_owned(), false)
            }
            None => {
                (None, if body.path.is_some() { "as a course, below" } else { "no usable figure" }.to_owned(), false)
            }
        };
    };
    let shown = median.or(body.value).filter(|v| v.is_finite());
    let scale = Scale::of(shown.unwrap_or(high.1), &body.unit);
    let mut text = format!(
        "{}–{} %: {} to {}",
        percent_digits(low.0),
        percent_digits(high.0),
        scale.figure(low.1),
        scale.with_unit(high.1)
    );
    if let Some(beyond) = body.beyond_horizon.filter(|b| *b > 0.0) {
        text.push_str(&format!(", {} beyond the horizon", words::percent(beyond)));
    }
    (shown.map(|value| scale.with_unit(value)), text, true)
}

/// The pair of quantiles to show: 5 and 95 % if there, else the widest pair that is symmetric, else the outermost two.
fn band(quantiles: &[(f64, f64)]) -> Option<((f64, f64), (f64, f64))> {
    let at = |p: f64| quantiles.iter().find(|q| (q.0 - p).abs() < 1e-6).copied();
    if let (Some(low), Some(high)) = (at(0.05), at(0.95)) {
        return Some((low, high));
    }
    let symmetric = quantiles.iter().find_map(|low| (low.0 < 0.5).then(|| at(1.0 - low.0).map(|high| (*low, high)))?);
    symmetric.or_else(|| match (quantiles.first(), quantiles.last()) {
        (Some(low), Some(high)) if low.0 < high.0 => Some((*low, *high)),
        _ => None,
    })
}

fn percent_digits(p: f64) -> String {
    let text = format!("{:.1}", p * 100.0);
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// How figures of one prediction are written: one unit and one number of digits for median and band.
struct Scale {
    factor: f64,
    decimals: u8,
    unit: String,
}

impl Scale {
    fn of(typical: f64, unit: &str) -> Self {
        // Hours of a unit of time, so that a long life is read in days or years.
        let in_hours = match unit {
            "s" => Some(1.0 / 3600.0),
            "min" => Some(1.0 / 60.0),
            "h" => Some(1.0),
            "d" => Some(24.0),
            "wk" => Some(168.0),
            "a" => Some(8766.0),
            _ => None,
        };
        let Some(in_hours) = in_hours else {
            let decimals = match typical.abs() {
                v if v >= 100.0 => 0,
                v if v >= 10.0 => 1,
                _ => 2,
            };
            return Self { factor: 1.0, decimals, unit: words::unit(unit).into_owned() };
        };
        let hours = typical.abs() * in_hours;
        let (per, name) = match hours {
            h if h >= 3.0 * 8766.0 => (8766.0, "years"),
            h if h >= 72.0 => (24.0, "d"),
            h if h >= 2.0 => (1.0, "h"),
            h if h >= 2.0 / 60.0 => (1.0 / 60.0, "min"),
            _ => (1.0 / 3600.0, "s"),
        };
        let figure = hours / per;
        Self { factor: in_hours / per, decimals: u8::from(figure < 10.0), unit: name.to_owned() }
    }

    fn figure(&self, value: f64) -> String {
        words::number(value * self.factor, self.decimals)
    }

    fn with_unit(&self, value: f64) -> String {
        words::join_unit(&self.figure(value), &self.unit)
    }
}

/// Hours in the unit that a person would use.
#[must_use]
pub fn hours(hours: f64) -> String {
    Scale::of(hours, "h").with_unit(hours)
}

/// A number with as many digits as it needs, up to three significant ones.
fn short_number(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let text = words::number(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn parameter_words(name: &str, parameter: &Parameter) -> (String, String, String) {
    let unit = words::unit(&parameter.unit);
    let mut value = match (parameter.p50, parameter.p05, parameter.p95) {
        (Some(p50), _, _) => short_number(p50),
        (None, Some(p05), Some(p95)) => format!("{} to {}", short_number(p05), short_number(p95)),
        _ => words::NONE.to_owned(),
    };
    value = words::join_unit(&value, &unit);
    let mut rest = Vec::new();
    if let (Some(_), Some(p05), Some(p95)) = (parameter.p50, parameter.p05, parameter.p95) {
        rest.push(format!("5–95 %: {} to {}", short_number(p05), short_number(p95)));
    }
    if let Some(prior) = parameter.prior_p50 {
        rest.push(format!("prior {}", short_number(prior)));
    }
    (words::cut(name, 40).replace('_', " "), value, rest.join(" · "))
}

fn fan(look: &Look<'_>, body: &Body, issued_ms: i64) -> Option<FanView> {
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
    if points.len() < 2 {
        return None;
    }
    let longest = points.last().map_or(0.0, |p| p[0]);
    Some(FanView {
        quantity: super::why::capital(&words::cut(&path.quantity, 40).replace('_', " ")),
        now_h: look.clock.now.wall_ms.saturating_sub(issued_ms) as f64 / 3_600_000.0,
        threshold: body
            .threshold
            .as_ref()
            .filter(|t| t.quantity == path.quantity && t.value.is_finite())
            .map(|t| t.value),
        days: longest >= 72.0,
        points,
    })
}
