//! Gradient boosting of regression trees on binned features, for squared error (Friedman, Greedy Function
//! Approximation, Annals of Statistics 29, 2001; subsampling: Stochastic Gradient Boosting, 2002).
//!
//! Ours and small, because the crates for it either weigh the machine's memory and clock into what they fit, or bring
//! a C++ library. The same rows, options and seed give the same trees. A fit runs on one thread: those who need several
//! (folds, candidates) run them side by side.

mod bins;
mod folds;
mod tree;

use rand::seq::index::sample;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

pub use folds::{Folded, mean_prediction};
use tree::Tree;

/// Most trees of a model that is read.
const MOST_TREES: usize = 5_000;
/// Most nodes of a tree that is read.
const MOST_NODES: usize = 2_047;

/// Features by column: rows × columns.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    columns: Vec<Vec<f64>>,
    rows: usize,
}

impl Matrix {
    /// From rows; what is missing at the end of a row is a gap, what is not finite too.
    #[must_use]
    pub fn from_rows<R: AsRef<[f64]>>(rows: &[R]) -> Self {
        let width = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
        let columns = (0..width)
            .map(|column| rows.iter().map(|row| row.as_ref().get(column).copied().unwrap_or(f64::NAN)).collect())
            .collect();
        Self { columns, rows: rows.len() }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// How trees are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Share of each tree's step that is taken.
    pub shrinkage: f64,
    /// Most leaves of a tree, at least 2.
    pub leaves: usize,
    /// Fewest rows in a leaf.
    pub least_rows: usize,
    /// L2 penalty of a leaf's value, in rows.
    pub l2: f64,
    /// Share of the rows that a tree sees.
    pub row_share: f64,
    /// Share of the features that a tree sees.
    pub feature_share: f64,
}

impl Default for Growth {
    /// Small trees and slow steps: what is usual for a few ten thousand rows.
    fn default() -> Self {
        Self { shrinkage: 0.1, leaves: 15, least_rows: 40, l2: 1.0, row_share: 0.5, feature_share: 0.3 }
    }
}

/// A sum of trees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boosted {
    features: usize,
    base: f64,
    trees: Vec<Tree>,
}

/// Fits `rounds` trees to the targets, one a row. What is not finite among the targets is left out.
///
/// With `held_out` rows it also says the mean squared error on them after each number of trees, from none on: where
/// to stop is the caller's to choose, by engines or months that this model has not seen.
#[must_use]
pub fn fit(
    matrix: &Matrix,
    targets: &[f64],
    rounds: usize,
    how: &Growth,
    seed: u64,
    held_out: Option<(&Matrix, &[f64])>,
) -> (Boosted, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let usable: Vec<u32> = targets
        .iter()
        .take(matrix.rows)
        .enumerate()
        .filter(|(_, target)| target.is_finite())
        .filter_map(|(row, _)| u32::try_from(row).ok())
        .collect();
    let base = mean(usable.iter().filter_map(|row| targets.get(*row as usize).copied()));
    let mut model = Boosted { features: matrix.columns.len(), base, trees: Vec::new() };
    let mut outside = held_out.map_or_else(Vec::new, |(matrix, _)| vec![base; matrix.rows]);
    let mut errors = Vec::new();
    let record = |outside: &[f64], errors: &mut Vec<f64>| {
        if let Some((_, truth)) = held_out {
            errors.push(mean(outside.iter().zip(truth).map(|(ours, truth)| (ours - truth).powi(2))));
        }
    };
    record(&outside, &mut errors);
    let features = bins::bin(matrix);
    let useful: Vec<usize> =
        features.iter().enumerate().filter(|(_, feature)| !feature.edges.is_empty()).map(|(at, _)| at).collect();
    if useful.is_empty() || usable.is_empty() {
        return (model, errors);
    }
    let mut residuals: Vec<f64> = targets.iter().take(matrix.rows).map(|target| target - base).collect();
    let rounds = rounds.min(MOST_TREES);
    for _ in 0..rounds {
        let columns = share(useful.len(), how.feature_share);
        let mut chosen: Vec<usize> =
            sample(&mut random, useful.len(), columns).iter().filter_map(|at| useful.get(at).copied()).collect();
        chosen.sort_unstable();
        let rows: Vec<u32> = if how.row_share < 1.0 {
            usable.iter().copied().filter(|_| random.random::<f64>() < how.row_share).collect()
        } else {
            usable.clone()
        };
        let how = Growth { leaves: how.leaves.clamp(2, MOST_NODES.div_ceil(2)), ..*how };
        let tree = Tree::grow(&features, &chosen, &residuals, rows, &how);
        residuals.iter_mut().enumerate().for_each(|(row, residual)| *residual -= tree.value(matrix.row(row)));
        if let Some((matrix, _)) = held_out {
            outside.iter_mut().enumerate().for_each(|(row, sum)| *sum += tree.value(matrix.row(row)));
        }
        record(&outside, &mut errors);
        model.trees.push(tree);
    }
    (model, errors)
}

impl Matrix {
    fn row(&self, row: usize) -> impl Fn(usize) -> f64 {
        move |column| self.columns.get(column).and_then(|column| column.get(row)).copied().unwrap_or(f64::NAN)
    }
}

impl Boosted {
    /// The prediction for one row of features; one that is missing is a gap.
    #[must_use]
    pub fn predict(&self, features: &[f64]) -> f64 {
        let of = |index: usize| features.get(index).copied().unwrap_or(f64::NAN);
        self.base + self.trees.iter().map(|tree| tree.value(of)).sum::<f64>()
    }

    /// The same model with its first `rounds` trees only.
    #[must_use]
    pub fn truncated(mut self, rounds: usize) -> Self {
        self.trees.truncate(rounds);
        self
    }

    /// How many features it takes.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }

    /// Whether a model that was read can be used: bounded, trees that end, finite numbers.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.base.is_finite()
            && self.trees.len() <= MOST_TREES
            && self.trees.iter().all(|tree| tree.is_sound(self.features, MOST_NODES))
    }
}

fn share(count: usize, share: f64) -> usize {
    ((count as f64 * share.clamp(0.0, 1.0)).ceil() as usize).clamp(1, count.max(1))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Growth =
        Growth { shrinkage: 1.0, leaves: 4, least_rows: 1, l2: 0.0, row_share: 1.0, feature_share: 1.0 };

    #[test]
    fn one_full_step_is_the_table_of_means() {
        // Four cells of a 2 × 2 table, each with its mean.
        let rows: Vec<[f64; 2]> = (0..40).map(|i| [f64::from(i % 2), f64::from((i / 2) % 2)]).collect();
        let targets: Vec<f64> =
            rows.iter().zip(0..).map(|([a, b], i)| 10.0 * a + 3.0 * b + f64::from((i / 4) % 2)).collect();
        let (model, _) = fit(&Matrix::from_rows(&rows), &targets, 1, &ALL, 0, None);
        for (row, mean) in [([0.0, 0.0], 0.5), ([1.0, 0.0], 10.5), ([0.0, 1.0], 3.5), ([1.0, 1.0], 13.5)] {
            assert!((model.predict(&row) - mean).abs() < 1e-12, "{row:?}: {}", model.predict(&row));
        }
    }

    fn wavy(count: usize, seed: u64) -> (Matrix, Vec<f64>) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let rows: Vec<[f64; 3]> = (0..count).map(|_| std::array::from_fn(|_| random.random())).collect();
        let noise = |random: &mut ChaCha8Rng| random.random_range(-0.1..0.1);
        let targets = rows.iter().map(|[a, b, _]| (6.0 * a).sin() * b + noise(&mut random)).collect();
        (Matrix::from_rows(&rows), targets)
    }

    #[test]
    fn a_curved_function_is_learnt_down_to_its_noise() {
        let (matrix, targets) = wavy(4_000, 1);
        let (fresh, truth) = wavy(2_000, 2);
        let how = Growth { feature_share: 1.0, ..Growth::default() };
        let (_, errors) = fit(&matrix, &targets, 300, &how, 3, Some((&fresh, &truth)));
        // Uniform noise of half width 0.1 has a standard deviation of 0.0577.
        let (first, last) = (errors[0].sqrt(), errors[300].sqrt());
        assert!(first > 0.3 && (0.055..0.072).contains(&last), "{first} {last}");
    }

    #[test]
    fn the_same_seed_gives_the_same_trees_and_another_gives_others() {
        let (matrix, targets) = wavy(500, 1);
        let model = |seed| fit(&matrix, &targets, 5, &Growth::default(), seed, None).0;
        assert_eq!(model(7), model(7));
        assert_ne!(model(7), model(8));
    }

    #[test]
    fn gaps_and_missing_features_are_a_value_of_their_own() {
        let rows: Vec<[f64; 1]> = (0..30).map(|i| [if i % 3 == 0 { f64::NAN } else { f64::from(i % 3) }]).collect();
        let targets: Vec<f64> = (0..30).map(|i| if i % 3 == 0 { 5.0 } else { 0.0 }).collect();
        let (model, _) = fit(&Matrix::from_rows(&rows), &targets, 30, &Growth { shrinkage: 0.5, ..ALL }, 0, None);
        for (row, expected) in [(&[f64::NAN][..], 5.0), (&[], 5.0), (&[1.0], 0.0), (&[2.0], 0.0)] {
            assert!((model.predict(row) - expected).abs() < 1e-2, "{row:?}: {}", model.predict(row));
        }
    }

    #[test]
    fn a_model_whose_trees_do_not_end_is_unsound() {
        let (matrix, targets) = wavy(500, 1);
        let (model, _) = fit(&matrix, &targets, 2, &Growth::default(), 1, None);
        assert!(model.is_sound());
        let text = serde_json::to_string(&model).unwrap();
        let read: Boosted = serde_json::from_str(&text).unwrap();
        // Numbers as text may differ in the last digit.
        assert!(read.is_sound() && (read.predict(&[0.3; 3]) - model.predict(&[0.3; 3])).abs() < 1e-12);
        let looped = text.replacen("\"left\":1", "\"left\":0", 1).replacen("\"right\":1", "\"right\":0", 1);
        assert_ne!(looped, text);
        assert!(!serde_json::from_str::<Boosted>(&looped).unwrap().is_sound());
    }
}
