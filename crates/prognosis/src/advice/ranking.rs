//! Actions → cards, cheapest first.

use super::action::{Action, Does};
use super::card::{Card, Cost, Part, Waiting};
use super::case::{Best, Case, Split};
use super::figures::{Figures, Terms};
use super::sensitivity::Sensitivity;
use super::{Calendar, Economics, Kind, words};
use crate::estimate::metrics::quantile;
use crate::living::Setting;

/// An action and the lives that a model predicts under its setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is done.
    pub action: Action,
    /// Remaining life, hours of the asset, not sorted; those of all choices belong together by place. Beyond what was
    /// looked ahead: infinity.
    pub lives: Vec<f64>,
}

/// A week, h.
const WEEK_H: f64 = 168.0;

/// The cards, cheapest first; of equals the one that was offered first. Costs are over `horizon_h`, which must not be
/// beyond what the model looked ahead.
///
/// A sample that is not a number is left out of all choices. A choice is left out if its samples do not belong to those
/// of `wait`, if more than half of them are not numbers, or if its work fits into no window within the horizon. Without
/// `wait` there are no cards.
#[must_use]
pub fn advise(choices: &[Choice], economics: &Economics, calendar: &Calendar, horizon_h: f64) -> Vec<Card> {
    let samples = Samples::new(choices);
    let mut ranked = rank(&samples, economics, calendar, 0.0, horizon_h);
    ranked.sort_by(|a, b| a.best.mean.total_cmp(&b.best.mean));
    let Some(wait) = ranked.iter().position(|ranked| ranked.case.action.id == WAIT) else { return Vec::new() };
    let figures = Figures::new(&economics.values(), horizon_h);
    let sensitivity = Sensitivity::new(&ranked, economics, horizon_h);
    let cards = ranked.iter().enumerate().map(|(place, own)| {
        let against = if place == 0 { 1 } else { 0 };
        let flips = sensitivity.flips(place, against);
        let would_change = match ranked.get(against) {
            Some(other) => words::would_change(place, other.case.action, &flips),
            None => "Nothing else can be done.".to_owned(),
        };
        card(own, &ranked[wait], &figures, economics, horizon_h, would_change)
    });
    cards.collect()
}

/// What a week without deciding is expected to cost more than the best choice now; none if nothing can be said.
#[must_use]
pub fn wait_a_week(choices: &[Choice], economics: &Economics, calendar: &Calendar, horizon_h: f64) -> Option<Waiting> {
    let samples = Samples::new(choices);
    let best = |from_h: f64| {
        let ranked = rank(&samples, economics, calendar, from_h, horizon_h);
        ranked.into_iter().map(|ranked| ranked.best.mean).reduce(f64::min)
    };
    Some(Waiting { in_h: WEEK_H, mean: (best(WEEK_H)? - best(0.0)?).max(0.0) })
}

/// The action that is always there.
const WAIT: &str = "wait";

/// An action, what it costs, and when it is best.
#[derive(Debug)]
pub(super) struct Ranked<'a> {
    pub case: Case<'a>,
    pub terms: Terms,
    pub best: Best,
}

/// The lives of usable choices, without what is no number.
struct Samples<'a> {
    lives: Vec<(&'a Action, Vec<f64>)>,
    wait: Vec<f64>,
}

impl<'a> Samples<'a> {
    fn new(choices: &'a [Choice]) -> Self {
        let none = Self { lives: Vec::new(), wait: Vec::new() };
        let Some(wait) = choices.iter().find(|choice| choice.action.id == WAIT) else { return none };
        let usable = |choice: &&Choice| {
            let numbers = choice.lives.iter().filter(|life| !life.is_nan()).count();
            choice.lives.len() == wait.lives.len() && 2 * numbers >= choice.lives.len()
        };
        if !usable(&wait) {
            return none;
        }
        let usable: Vec<&Choice> = choices.iter().filter(usable).collect();
        let number =
            |place: usize| usable.iter().all(|choice| choice.lives.get(place).is_some_and(|life| !life.is_nan()));
        let kept: Vec<bool> = (0..wait.lives.len()).map(number).collect();
        let lives = |choice: &Choice| -> Vec<f64> {
            choice.lives.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(life, _)| *life).collect()
        };
        let wait = lives(wait);
        if wait.is_empty() {
            return none;
        }
        Self { lives: usable.into_iter().map(|choice| (&choice.action, lives(choice))).collect(), wait }
    }
}

/// The choices in their order, nothing done before `from_h`.
fn rank<'a>(
    samples: &Samples<'a>,
    economics: &Economics,
    calendar: &Calendar,
    from_h: f64,
    horizon_h: f64,
) -> Vec<Ranked<'a>> {
    if !(horizon_h > 0.0 && horizon_h.is_finite()) {
        return Vec::new();
    }
    let values = economics.values();
    let figures = Figures::new(&values, horizon_h);
    let ranked = samples.lives.iter().filter_map(|(action, lives)| {
        let action: &'a Action = action;
        let case = Case::new(action, [lives, &samples.wait], &values, calendar, from_h, horizon_h)?;
        let terms = Terms::new(&values, &figures, action);
        let best = case.best(&figures, terms);
        best.mean.is_finite().then_some(Ranked { case, terms, best })
    });
    ranked.collect()
}

fn card(
    own: &Ranked<'_>,
    wait: &Ranked<'_>,
    figures: &Figures,
    economics: &Economics,
    horizon_h: f64,
    would_change: String,
) -> Card {
    let action = own.case.action;
    let samples = own.case.samples(figures, own.terms, own.best.date);
    let mut totals: Vec<f64> = samples.iter().map(|split| split.total()).collect();
    totals.sort_by(f64::total_cmp);
    let spread = |share| quantile(&totals, share).unwrap_or(own.best.mean);
    Card {
        id: action.id,
        title: action.title.to_string(),
        due_in_h: own.best.date.map(|date| date.start_h),
        window_h: own.best.date.map(|date| date.window_h),
        cost: Cost { mean: own.best.mean, p05: spread(0.05), p50: spread(0.5), p95: spread(0.95) },
        parts: parts(&samples, own, economics.kind()),
        failure_before: own.case.fails_before(own.best.date),
        saves: wait.best.mean - own.best.mean,
        setting: setting(action, own.best),
        why: words::why(own, wait, figures, economics, horizon_h),
        would_change,
    }
}

/// What the mean is made of; what costs nothing is left out.
fn parts(samples: &[Split], own: &Ranked<'_>, kind: Kind) -> Vec<Part> {
    let mean = |part: fn(&Split) -> f64| samples.iter().map(part).sum::<f64>() / samples.len() as f64;
    let before = own.best.date.is_some() && matches!(own.case.action.does, Does::Replace { .. });
    let lost = match kind {
        Kind::Gearbox | Kind::Blade => "energy not produced",
        Kind::Battery => "use given up",
        Kind::Machine => "production lost",
    };
    let parts = [
        ("work and parts", mean(|split| split.work)),
        (if before { "failure before that" } else { "failure" }, mean(|split| split.failure)),
        (lost, mean(|split| split.lost)),
        ("the new part, in what is left of the time", mean(|split| split.after)),
    ];
    parts.into_iter().filter(|(_, mean)| *mean != 0.0).map(|(title, mean)| Part { title, mean }).collect()
}

/// The levers of an action, with its date.
fn setting(action: &Action, best: Best) -> Setting {
    let mut setting = action.setting.clone();
    if let (Some(lever), Some(date)) = (action.date_lever, best.date) {
        let days = Setting([(lever.id.to_owned(), date.start_h / 24.0)].into()).get(&lever);
        setting.0.insert(lever.id.to_owned(), days);
    }
    setting
}
