//! The filter as it is kept over a restart: plain lists of numbers, checked when they come back.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Scale, Spread, Unscented};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stored {
    scales: Vec<Scale>,
    states: usize,
    spread: Spread,
    mean: Vec<f64>,
    /// Column by column.
    root: Vec<f64>,
    prior_mean: Vec<f64>,
    prior_root: Vec<f64>,
}

/// A stored filter that cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the stored filter is damaged: {0}; delete it and let it learn again")]
pub(super) struct Damaged(&'static str);

impl From<Unscented> for Stored {
    fn from(filter: Unscented) -> Self {
        Self {
            scales: filter.scales,
            states: filter.states,
            spread: filter.spread,
            mean: filter.mean.as_slice().to_vec(),
            root: filter.root.as_slice().to_vec(),
            prior_mean: filter.prior.0.as_slice().to_vec(),
            prior_root: filter.prior.1.as_slice().to_vec(),
        }
    }
}

impl TryFrom<Stored> for Unscented {
    type Error = Damaged;

    fn try_from(stored: Stored) -> Result<Self, Damaged> {
        let n = stored.scales.len();
        let lists = [&stored.mean, &stored.root, &stored.prior_mean, &stored.prior_root];
        if lists.map(Vec::len) != [n, n * n, n, n * n] || stored.states > n {
            return Err(Damaged("its lists differ in length"));
        }
        if !lists.into_iter().flatten().all(|number| number.is_finite()) {
            return Err(Damaged("a number is not finite"));
        }
        Ok(Self {
            scales: stored.scales,
            states: stored.states,
            spread: stored.spread,
            mean: DVector::from_vec(stored.mean),
            root: DMatrix::from_vec(n, n, stored.root),
            prior: (DVector::from_vec(stored.prior_mean), DMatrix::from_vec(n, n, stored.prior_root)),
        })
    }
}
