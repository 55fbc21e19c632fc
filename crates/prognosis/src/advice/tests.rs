//! Advice against closed forms, and what it does with anything at all.

mod closed_form;
mod message;
mod ranks;
mod robust;

use std::collections::BTreeMap;

use twinscope_twin::site::Operations;

use super::*;
use crate::living::{Lever, WallMs};

/// Thursday 26 November 2026, 00:00 UTC (date -u -d 2026-11-26 +%s).
const NOW_MS: WallMs = 1_795_651_200_000;
const YEAR_H: f64 = 8760.0;

/// Stratified samples of a Weibull life: `n` quantiles, none of them random.
fn weibull(shape: f64, scale: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| scale * (-(1.0 - (i as f64 + 0.5) / n as f64).ln()).powf(1.0 / shape)).collect()
}

fn economics(kind: Kind, changes: &[(&str, f64)]) -> Economics {
    let mut economics = Economics::new(kind, "EUR", &BTreeMap::new(), &Operations::default());
    for (id, value) in changes {
        economics.set(id, *value).unwrap();
    }
    economics
}

/// Work is possible every day for a year.
fn every_day() -> Operations {
    Operations { crews: 1, windows: std::iter::once(NOW_MS..NOW_MS + 366 * 86_400_000).collect() }
}

fn calendar(kind: Kind, operations: &Operations) -> Calendar {
    Calendar::new(kind, operations, NOW_MS, YEAR_H)
}

const fn lever(id: &'static str, unit: &'static str, [low, high, neutral]: [f64; 3]) -> Lever {
    Lever { id, title: id, unit, low, high, step: 1.0, neutral }
}

/// Those of the gearbox.
const LEVERS: [Lever; 6] = [
    lever("derate", "%", [50.0, 100.0, 100.0]),
    lever("oil_change", "", [0.0, 1.0, 0.0]),
    lever("realign", "", [0.0, 1.0, 0.0]),
    lever("clean_cooler", "", [0.0, 1.0, 0.0]),
    lever("replace_in", "d", [0.0, 365.0, 365.0]),
    lever("ambient", "K", [-10.0, 10.0, 0.0]),
];

/// All actions of the gearbox; its life is longer by a factor for each.
fn gearbox(lives: &[f64], factors: &[(&str, f64)]) -> Vec<Choice> {
    let choice = |action: Action| {
        let factor = factors.iter().find(|(id, _)| *id == action.id).map_or(1.0, |(_, factor)| *factor);
        Choice { action, lives: lives.iter().map(|life| life * factor).collect() }
    };
    actions(Kind::Gearbox, &LEVERS).into_iter().map(choice).collect()
}

fn machine(lives: &[f64]) -> Vec<Choice> {
    actions(Kind::Machine, &[]).into_iter().map(|action| Choice { action, lives: lives.to_vec() }).collect()
}
