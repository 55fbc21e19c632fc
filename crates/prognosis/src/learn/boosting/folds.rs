//! One model a fold, and for each row the prediction of the one that has not seen its fold.

use rayon::prelude::*;

use super::{Boosted, Growth, Matrix, fit};

/// What several candidates and folds gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// A model for each fold, grown on the rows of the others. Their mean is the prediction for what is new.
    pub models: Vec<Boosted>,
    /// For each row the prediction of the model that has not seen its fold.
    pub held_out: Vec<f64>,
}

impl Folded {
    /// Fits each candidate on each fold, with up to `rounds` trees, and keeps the candidate and the one number of
    /// trees for all folds that predict the held-out rows best.
    ///
    /// Rows that hang together (one engine, one fortnight) belong into one fold.
    #[must_use]
    pub fn fit<R: AsRef<[f64]>>(
        rows: &[R],
        targets: &[f64],
        fold_of: &[usize],
        rounds: usize,
        candidates: &[Growth],
        seed: u64,
    ) -> Self {
        let folds = fold_of.iter().max().map_or(0, |last| last + 1);
        let part = |chosen: &dyn Fn(usize) -> bool| -> (Matrix, Vec<f64>) {
            let of_fold = rows.iter().zip(targets).zip(fold_of).filter(|(_, fold)| chosen(**fold));
            let (rows, targets): (Vec<&[f64]>, Vec<f64>) =
                of_fold.map(|((row, target), _)| (row.as_ref(), *target)).unzip();
            (Matrix::from_rows(&rows), targets)
        };
        let parts: Vec<_> =
            (0..folds).map(|fold| (part(&|other| other != fold), part(&|other| other == fold))).collect();
        let jobs: Vec<(&Growth, usize)> =
            candidates.iter().flat_map(|how| (0..folds).map(move |fold| (how, fold))).collect();
        let fitted: Vec<(Boosted, Vec<f64>)> = jobs
            .into_par_iter()
            .filter_map(|(how, fold)| {
                let ((inside, targets), (outside, truth)) = parts.get(fold)?;
                let (model, mut path) =
                    fit(inside, targets, rounds, how, seed.wrapping_add(fold as u64), Some((outside, truth)));
                // The sum over rows, so that folds count by their size.
                path.iter_mut().for_each(|error| *error *= truth.len() as f64);
                Some((model, path))
            })
            .collect();
        let best = fitted
            .chunks(folds.max(1))
            .map(|models| (models, best_rounds(models, rounds)))
            .min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let models: Vec<Boosted> = best.map_or_else(Vec::new, |(models, (rounds, _))| {
            models.iter().map(|(model, _)| model.clone().truncated(rounds)).collect()
        });
        let held_out = rows
            .iter()
            .zip(fold_of)
            .map(|(row, fold)| models.get(*fold).map_or(f64::NAN, |model| model.predict(row.as_ref())))
            .collect();
        Self { models, held_out }
    }
}

/// The number of trees with the least error over the folds, and that error.
fn best_rounds(models: &[(Boosted, Vec<f64>)], rounds: usize) -> (usize, f64) {
    (0..=rounds)
        .map(|rounds| {
            // A model that found nothing to split stays as it is.
            let error = |path: &Vec<f64>| path.get(rounds).or(path.last()).copied().unwrap_or(f64::INFINITY);
            (rounds, models.iter().map(|(_, path)| error(path)).sum::<f64>())
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((rounds, f64::INFINITY))
}

/// The mean prediction of several models; not a number of none.
#[must_use]
pub fn mean_prediction(models: &[Boosted], features: &[f64]) -> f64 {
    models.iter().map(|model| model.predict(features)).sum::<f64>() / models.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_holds_inside_a_unit_is_not_believed_for_others() {
        // The second feature names the unit, the target is the unit's own level: nothing to learn about the next one.
        let rows: Vec<[f64; 2]> = (0..200).map(|at| [f64::from(at % 7), f64::from(at / 10)]).collect();
        let targets: Vec<f64> = (0..200_i32).map(|at| f64::from((at / 10 * 7919) % 13)).collect();
        let fold_of: Vec<usize> = (0..200).map(|at| at / 10 % 5).collect();
        let how = [Growth { least_rows: 5, feature_share: 1.0, ..Growth::default() }];
        let folded = Folded::fit(&rows, &targets, &fold_of, 50, &how, 1);
        let by_rows = Folded::fit(&rows, &targets, &(0..200).map(|at| at % 5).collect::<Vec<_>>(), 50, &how, 1);
        let error = |of: &Folded| of.held_out.iter().zip(&targets).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 200.0;
        // Levels of 0 to 12: a variance near 14. Rows of a unit on both sides leak it.
        assert!(error(&by_rows) < 2.0, "{}", error(&by_rows));
        assert!(error(&folded) > 8.0, "{}", error(&folded));
        assert_eq!((folded.models.len(), folded.held_out.len()), (5, 200));
    }

    #[test]
    fn the_better_candidate_is_kept() {
        let rows: Vec<[f64; 2]> = (0..300).map(|at| [f64::from(at % 17), f64::from(at % 13)]).collect();
        let targets: Vec<f64> = rows.iter().map(|[a, b]| a * b).collect();
        let fold_of: Vec<usize> = (0..300).map(|at| at % 3).collect();
        let good = Growth { feature_share: 1.0, least_rows: 5, ..Growth::default() };
        let poor = Growth { least_rows: 200, ..good };
        let fit = |candidates: &[Growth]| Folded::fit(&rows, &targets, &fold_of, 40, candidates, 1);
        assert_eq!(fit(&[poor, good]), fit(&[good]));
    }
}
