//! Why a card is where it is, and what would move it: plain sentences with figures.

use super::Economics;
use super::action::{Action, Does};
use super::figures::Figures;
use super::ranking::Ranked;
use super::sensitivity::Flip;

/// Changes that are named.
const MOST_CHANGES: usize = 2;

/// Why an action costs what it costs.
pub(super) fn why(
    own: &Ranked<'_>,
    wait: &Ranked<'_>,
    figures: &Figures,
    economics: &Economics,
    horizon_h: f64,
) -> String {
    let money = |amount: f64| money(amount, economics.currency());
    let chance = |share| chance(share, own.case.count());
    let fails = chance(own.case.fails_before(own.best.date));
    let idle = chance(wait.case.fails_before(None));
    let horizon = span(horizon_h);
    let once = own.terms.once.total();
    let failure = format!("a failure costs {}", money(figures.failure));
    let standstill = format!("{} of that for standing still", money(figures.failure_lost));
    let mut said = match (own.case.action.does, own.best.date) {
        (Does::Nothing, _) if own.case.action.id == wait.case.action.id => {
            vec![format!("Fails within {horizon} {fails}; {failure}, {standstill}.")]
        }
        (Does::Replace { .. }, Some(date)) => vec![
            format!(
                "Fails before that date ({}) {fails}; if nothing is done, within {horizon} {idle}.",
                span(date.start_h)
            ),
            format!("As planned it costs {}; {failure}.", money(once)),
        ],
        (Does::Inspect, Some(date)) => vec![
            format!(
                "Fails before that date ({}) {fails}; if nothing is done, within {horizon} {idle}.",
                span(date.start_h)
            ),
            format!(
                "The inspection costs {} and finds {} of what fails in the {} after it; {failure}.",
                money(once),
                percent(figures.finds),
                span(figures.reach_h)
            ),
        ],
        _ if fails == idle => vec![format!("Fails within {horizon} {fails}, with it or without; {failure}.")],
        _ => vec![format!("Fails within {horizon} {fails}, without it {idle}; {failure}.")],
    };
    if own.case.action.does == Does::Improve {
        said.push(format!("It costs {}.", money(once)));
    }
    if let (false, Some(longer)) = (own.case.action.setting.0.is_empty(), own.case.outlives(&wait.case)) {
        said.push(format!("Lives longer in {} of the samples that differ within the horizon.", percent(longer)));
    }
    if own.terms.per_hour > 0.0 {
        said.push(format!("It gives up {} a week.", money(own.terms.per_hour * 168.0)));
    }
    let first = own.case.dates.first();
    if matches!(own.case.action.does, Does::Replace { .. } | Does::Inspect)
        && own.best.date.as_ref() == first
        && first.is_some()
    {
        said.push("That is the first date on which the work can be done.".to_owned());
    }
    said.join(" ")
}

/// What would change the place of an action against `other`: the next one for the cheapest, else the cheapest.
pub(super) fn would_change(place: usize, other: &Action, flips: &[Flip<'_>]) -> String {
    if flips.is_empty() {
        return "No input changes that within its bounds.".to_owned();
    }
    let says = |flip: &Flip<'_>| {
        let Flip { input, value, below } = flip;
        let at = |value: f64| format!("{} {}", number(value), input.unit).trim_end().to_owned();
        let side = if *below { "below" } else { "above" };
        let then = if place == 0 {
            format!("\"{}\" costs less", other.title)
        } else {
            format!("it costs less than \"{}\"", other.title)
        };
        format!("{} {side} {} (now {}): {then}.", input.title, at(*value), at(input.value))
    };
    flips.iter().take(MOST_CHANGES).map(says).collect::<Vec<_>>().join(" ")
}

fn money(amount: f64, currency: &str) -> String {
    format!("{} {currency}", number(amount))
}

/// Three digits that count, thousands apart.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let digits = (2 - value.abs().log10().floor() as i32).min(9);
    let unit = 10_f64.powi(digits);
    let rounded = (value * unit).round() / unit;
    let text = format!("{rounded:.*}", usize::try_from(digits).unwrap_or(0));
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{part}")
}

/// How probable something is that happens in a share of some samples: of none of them nobody knows how rare it is.
fn chance(share: f64, samples: usize) -> String {
    let all = number(samples as f64);
    match share {
        0.0 => format!("in none of {all} samples"),
        1.0 => format!("in all of {all} samples"),
        share => format!("with {}", percent(share)),
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        low if low < 1.0 => "less than 1 %".to_owned(),
        high if high > 99.0 && high < 100.0 => "more than 99 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// Hours, or days from two on.
fn span(hours: f64) -> String {
    if hours < 48.0 { format!("{hours:.0} h") } else { format!("{:.0} d", hours / 24.0) }
}
