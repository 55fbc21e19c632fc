//! How good a model of remaining life is on units that it has not seen: each unit judged by models of others.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::estimate::metrics::mean;
use crate::evaluate::Figure;
use crate::evaluate::resample::statistic_with_spread;
use crate::learn::remaining_life::{LEAST_CYCLES, Options, RemainingLife, Run};

/// Parts of the units, each of which is held out once.
const FOLDS: usize = 5;
/// Cycles at which each unit is cut.
const DRAWS: usize = 10;

/// What came of one prediction.
struct Outcome {
    square: f64,
    held: f64,
    width: f64,
}

/// The figures, and how they were made; none where what is left without a fold is too little to learn from.
pub(super) fn figures(runs: &[Run], options: &Options, reach: f64) -> (String, Vec<Figure>) {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(options.seed));
    let mut units: Vec<Vec<Outcome>> = Vec::new();
    for fold in 0..FOLDS {
        let held: Vec<usize> = order.iter().copied().skip(fold).step_by(FOLDS).collect();
        let others = runs.iter().enumerate().filter(|(unit, _)| !held.contains(unit)).map(|(_, run)| run.clone());
        let Ok(model) = RemainingLife::train(&others.collect::<Vec<_>>(), options) else {
            return ("Not judged: too few units to hold any out.".to_owned(), Vec::new());
        };
        units.extend(held.iter().filter_map(|unit| Some(cut(runs.get(*unit)?, *unit, reach, &model))));
    }
    let method = format!(
        "Each unit cut at {DRAWS} drawn cycles (remaining life uniform up to {reach:.0} cycles, at least {LEAST_CYCLES} \
         known), by models of the others in {FOLDS} folds; truth not capped; spread over units."
    );
    let figure = |name: &str, of: fn(&Outcome) -> f64, after: fn(f64) -> f64| {
        let values: Vec<Vec<f64>> = units.iter().map(|unit| unit.iter().map(of).collect()).collect();
        let (value, spread, count) = statistic_with_spread(&values, |all| mean(all.iter().copied()).map(after))?;
        Some(Figure { name: name.to_owned(), value, spread, count, reach: None })
    };
    let all = [
        figure("RMSE, cycles", |one| one.square, f64::sqrt),
        figure("coverage of the 90 % band", |one| one.held, |value| value),
        figure("mean width of the 90 % band, cycles", |one| one.width, |value| value),
    ];
    (method, all.into_iter().flatten().collect())
}

fn cut(run: &Run, unit: usize, reach: f64, model: &RemainingLife) -> Vec<Outcome> {
    let mut random = ChaCha8Rng::seed_from_u64(unit as u64);
    let most = run.cycles().saturating_sub(LEAST_CYCLES).min(reach as usize);
    if most == 0 {
        return Vec::new();
    }
    let one = |_| {
        let left = random.random_range(1..=most);
        let known = run.cycles() - left;
        let settings = run.settings.get(..known)?.to_vec();
        let known = Run { unit: run.unit.clone(), settings, sensors: run.sensors.get(..known)?.to_vec() };
        let prediction = model.predict(&known)?;
        let [low, .., high] = prediction.quantiles;
        let truth = left as f64;
        let held = f64::from((low..=high).contains(&truth));
        Some(Outcome { square: (prediction.mean - truth).powi(2), held, width: high - low })
    };
    (0..DRAWS).filter_map(one).collect()
}
