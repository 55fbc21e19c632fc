//! Whether a filter still explains what is measured: its normalised innovations squared against chi-square
//! (Bar-Shalom, Li, Kirubarajan 2001, Estimation with Applications to Tracking and Navigation, section 5.4).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF as _};

/// Value below which chi-square with `freedom` degrees lies with this probability; infinite where that means nothing.
#[must_use]
pub fn chi_square_quantile(probability: f64, freedom: f64) -> f64 {
    if !(probability > 0.0 && probability < 1.0) {
        return f64::INFINITY;
    }
    ChiSquared::new(freedom).map_or(f64::INFINITY, |chi| chi.inverse_cdf(probability))
}

/// What the innovations say of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Too few innovations to say.
    TooFew,
    /// As large as the filter expects.
    Explains,
    /// Larger: the model does not explain the asset, or the noise is larger than was said.
    DoesNotExplain,
    /// Smaller: the bands are wider than need be.
    TooCautious,
}

/// A window of innovations. With a test of 99 % on both sides at each update, one in a hundred windows is an accident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consistency {
    window: usize,
    recent: VecDeque<(f64, f64)>,
}

impl Consistency {
    /// Judges the last `window` innovations, at least 5.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self { window: window.max(5), recent: VecDeque::new() }
    }

    /// Takes one: the normalised innovation squared and how many measurements it is made of. Not finite ones count as
    /// beyond belief.
    pub fn learn(&mut self, squared: f64, freedom: usize) {
        if self.recent.len() == self.window {
            self.recent.pop_front();
        }
        let squared = if squared.is_finite() { squared } else { 1e6 };
        self.recent.push_back((squared, freedom as f64));
    }

    /// What the window says.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.recent.len() < self.window {
            return Verdict::TooFew;
        }
        let (sum, freedom) = self.recent.iter().fold((0.0, 0.0), |(s, f), (squared, n)| (s + squared, f + n));
        if sum > chi_square_quantile(0.995, freedom) {
            Verdict::DoesNotExplain
        } else if sum < chi_square_quantile(0.005, freedom) {
            Verdict::TooCautious
        } else {
            Verdict::Explains
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_are_those_of_the_tables() {
        // Abramowitz and Stegun 1964, table 26.8.
        for (probability, freedom, value) in [(0.95, 1.0, 3.8415), (0.95, 2.0, 5.9915), (0.99, 10.0, 23.2093)] {
            let computed = chi_square_quantile(probability, freedom);
            assert!((computed - value).abs() < 1e-3, "{computed}");
        }
        assert_eq!(chi_square_quantile(0.95, 0.0), f64::INFINITY);
    }

    #[test]
    fn a_window_says_which_way_the_model_is_wrong() {
        let of = |squared| {
            let mut consistency = Consistency::new(20);
            (0..30).for_each(|_| consistency.learn(squared, 1));
            consistency.verdict()
        };
        assert_eq!(of(1.0), Verdict::Explains);
        assert_eq!(of(4.0), Verdict::DoesNotExplain);
        assert_eq!(of(0.01), Verdict::TooCautious);
        assert_eq!(of(f64::NAN), Verdict::DoesNotExplain);
        assert_eq!(Consistency::new(20).verdict(), Verdict::TooFew);
    }
}
