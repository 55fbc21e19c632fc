//! How good predictions were (Saxena, Celaya, Saha, Saha, Goebel 2010, Metrics for offline evaluation of prognostic
//! performance, Int. J. Prognostics and Health Management 1(1)).
//!
//! Times are in one unit of the caller's. A prediction is samples of the time of the event, beyond any horizon as
//! infinity. Nothing of no data: a function that has nothing to judge returns `None`.

/// One prediction, made at `at`: samples of when the event comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// When it was made.
    pub at: f64,
    /// When the event comes, ascending; infinity for later than was looked.
    pub events: Vec<f64>,
}

impl Prediction {
    /// Sorts the samples; those that are no numbers count as infinity.
    #[must_use]
    pub fn new(at: f64, mut events: Vec<f64>) -> Self {
        for event in &mut events {
            if event.is_nan() {
                *event = f64::INFINITY;
            }
        }
        events.sort_by(f64::total_cmp);
        Self { at, events }
    }

    /// Quantile of the time of the event, none without samples.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        quantile(&self.events, share)
    }

    /// Share of the samples from `low` to `high`.
    #[must_use]
    pub fn share_within(&self, low: f64, high: f64) -> f64 {
        if self.events.is_empty() {
            return 0.0;
        }
        let below = self.events.partition_point(|event| *event < low);
        let until = self.events.partition_point(|event| *event <= high);
        until.saturating_sub(below) as f64 / self.events.len() as f64
    }
}

/// Quantile of ascending values, with linear interpolation (Hyndman and Fan 1996, type 7); none of no values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    // Two infinities have no difference.
    Some(if low == high || place.fract() == 0.0 { *low } else { low + place.fract() * (high - low) })
}

/// Whether at least `beta` of the samples are within `alpha` of the true remaining life around the true event.
#[must_use]
pub fn within_alpha(prediction: &Prediction, event: f64, alpha: f64, beta: f64) -> bool {
    let margin = alpha * (event - prediction.at);
    margin >= 0.0 && prediction.share_within(event - margin, event + margin) >= beta
}

/// The alpha-lambda test at the first prediction at or after `lambda` of the way from `start` to the event.
#[must_use]
pub fn alpha_lambda(
    predictions: &[Prediction],
    start: f64,
    event: f64,
    lambda: f64,
    alpha: f64,
    beta: f64,
) -> Option<bool> {
    let from = start + lambda * (event - start);
    predictions.iter().find(|p| p.at >= from && p.at <= event).map(|p| within_alpha(p, event, alpha, beta))
}

/// Prognostic horizon: how long before the event a prediction held the alpha test for the first time.
#[must_use]
pub fn prognostic_horizon(predictions: &[Prediction], event: f64, alpha: f64, beta: f64) -> Option<f64> {
    predictions.iter().find(|p| within_alpha(p, event, alpha, beta)).map(|p| event - p.at)
}

/// Of what the relative accuracy is a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelativeTo {
    /// The true remaining life at the prediction (Saxena 2010, equation 5).
    RemainingLife,
    /// The true time of the event (`ProgPy` 1.5, `cumulative_relative_accuracy`).
    TimeOfEvent,
}

/// Mean relative accuracy of the medians: 1 − |true − predicted| over what `relative` says.
#[must_use]
pub fn relative_accuracy(predictions: &[Prediction], event: f64, relative: RelativeTo) -> Option<f64> {
    let each = predictions.iter().filter(|p| p.at < event).filter_map(|p| {
        let scale = match relative {
            RelativeTo::RemainingLife => event - p.at,
            RelativeTo::TimeOfEvent => event,
        };
        Some(1.0 - (event - p.quantile(0.5)?).abs() / scale)
    });
    mean(each)
}

/// Share of the bands `(low, high)` that hold their truth.
#[must_use]
pub fn coverage(bands: impl IntoIterator<Item = (f64, f64, f64)>) -> Option<f64> {
    mean(bands.into_iter().map(|(low, high, truth)| if (low..=high).contains(&truth) { 1.0 } else { 0.0 }))
}

/// Continuous ranked probability score of ascending samples, in their unit; smaller is better (Gneiting and Raftery
/// 2007, J. Am. Stat. Assoc. 102, equation 21): E|X − y| − E|X − X'|/2.
#[must_use]
pub fn crps(sorted: &[f64], truth: f64) -> Option<f64> {
    let n = sorted.len() as f64;
    let distance = mean(sorted.iter().map(|x| (x - truth).abs()))?;
    let spread: f64 = (1..).zip(sorted).map(|(rank, x)| (2.0 * f64::from(rank) - n - 1.0) * x).sum();
    Some(distance - spread / (n * n))
}

/// Probability integral transform: the share of ascending samples below the truth, half of those equal to it.
#[must_use]
pub fn pit(sorted: &[f64], truth: f64) -> Option<f64> {
    if sorted.is_empty() {
        return None;
    }
    let below = sorted.partition_point(|x| *x < truth);
    let until = sorted.partition_point(|x| *x <= truth);
    Some((below + until) as f64 / (2 * sorted.len()) as f64)
}

/// How many of the transforms fall into each of `bins` equal parts of 0 to 1: even where the predictions are calibrated.
#[must_use]
pub fn pit_histogram(transforms: &[f64], bins: usize) -> Vec<usize> {
    let mut counts = vec![0; bins];
    for value in transforms.iter().filter(|value| (0.0..=1.0).contains(*value)) {
        let bin = ((value * bins as f64) as usize).min(bins.saturating_sub(1));
        if let Some(count) = counts.get_mut(bin) {
            *count += 1;
        }
    }
    counts
}

/// Monotonicity of predicted remaining lives: |Σ sign of their changes| / (n − 1); 1 when they only fall or only rise.
#[must_use]
pub fn monotonicity(remaining: &[f64]) -> Option<f64> {
    let signs = remaining.windows(2).map(|pair| match *pair {
        [a, b] if b > a => 1.0,
        [a, b] if b < a => -1.0,
        _ => 0.0,
    });
    mean(signs).map(f64::abs)
}

/// Mean; none of nothing.
#[must_use]
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.into_iter().fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(computed: Option<f64>, expected: f64) {
        let computed = computed.unwrap();
        assert!((computed - expected).abs() < 1e-9, "{computed} is not {expected}");
    }

    /// Event at 100. At 20 the margin of 0.2 is 16: 84 to 116; at 60 it is 8: 92 to 108.
    fn predictions() -> Vec<Prediction> {
        vec![
            Prediction::new(20.0, vec![120.0, 70.0, 90.0, 80.0, 118.0]),
            Prediction::new(60.0, vec![91.0, 93.0, 100.0, 107.0, 109.0]),
            Prediction::new(90.0, vec![99.0, 100.0, 101.0, 98.0, 120.0]),
        ]
    }

    #[test]
    fn alpha_lambda_asks_the_first_prediction_after_lambda() {
        let all = predictions();
        assert_eq!(alpha_lambda(&all, 0.0, 100.0, 0.5, 0.2, 0.5), Some(true));
        assert_eq!(alpha_lambda(&all, 0.0, 100.0, 0.5, 0.2, 0.7), Some(false));
        assert_eq!(alpha_lambda(&all, 0.0, 100.0, 0.1, 0.2, 0.5), Some(false));
        assert_eq!(alpha_lambda(&all, 0.0, 100.0, 0.95, 0.2, 0.5), None);
    }

    #[test]
    fn the_prognostic_horizon_is_from_the_first_prediction_that_holds() {
        let all = predictions();
        near(prognostic_horizon(&all, 100.0, 0.2, 0.5), 40.0);
        near(prognostic_horizon(&all, 100.0, 0.2, 0.7), 10.0);
        assert_eq!(prognostic_horizon(&all[..1], 100.0, 0.2, 0.5), None);
    }

    #[test]
    fn relative_accuracy_says_of_what() {
        // Medians 90, 100, 100; errors 10, 0, 0 of 80 or of 100.
        near(relative_accuracy(&predictions(), 100.0, RelativeTo::RemainingLife), (0.875 + 2.0) / 3.0);
        near(relative_accuracy(&predictions(), 100.0, RelativeTo::TimeOfEvent), (0.9 + 2.0) / 3.0);
    }

    #[test]
    fn crps_of_one_sample_is_its_distance_and_of_two_is_by_hand() {
        near(crps(&[3.0], 5.0), 2.0);
        // E|X - 1| = (1 + 1)/2, E|X - X'| = (0 + 2 + 2 + 0)/4.
        near(crps(&[0.0, 2.0], 1.0), 0.5);
        assert_eq!(crps(&[], 1.0), None);
    }

    #[test]
    fn crps_of_a_normal_distribution_is_the_closed_form() {
        // Gneiting and Raftery 2007, equation 20 at y = mean: sigma (2 phi(0) - 1/sqrt(pi)).
        use statrs::distribution::{ContinuousCDF as _, Normal};
        let normal = Normal::new(0.0, 1.0).unwrap();
        let sorted: Vec<f64> = (0..20_000).map(|i| normal.inverse_cdf((f64::from(i) + 0.5) / 20_000.0)).collect();
        let expected = 2.0 / std::f64::consts::TAU.sqrt() - 1.0 / std::f64::consts::PI.sqrt();
        assert!((crps(&sorted, 0.0).unwrap() - expected).abs() < 1e-3);
    }

    #[test]
    fn pit_counts_what_lies_below_and_its_histogram_is_even_for_a_calibrated_forecast() {
        near(pit(&[1.0, 2.0, 3.0, 4.0], 2.5), 0.5);
        near(pit(&[1.0, 2.0, 3.0, 4.0], 2.0), 0.375);
        let transforms: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        assert_eq!(pit_histogram(&transforms, 10), [10; 10]);
        assert_eq!(pit_histogram(&[0.0, 1.0, f64::NAN], 2), [1, 1]);
    }

    #[test]
    fn monotonicity_is_one_for_a_fall_and_nothing_for_a_wobble() {
        near(monotonicity(&[5.0, 4.0, 2.0, 1.0]), 1.0);
        near(monotonicity(&[1.0, 2.0, 1.0]), 0.0);
        near(monotonicity(&[5.0, 4.0, 4.5, 3.0]), 1.0 / 3.0);
        assert_eq!(monotonicity(&[1.0]), None);
    }

    #[test]
    fn coverage_counts_truths_inside() {
        near(coverage([(0.0, 2.0, 1.0), (0.0, 2.0, 3.0), (0.0, 2.0, 2.0), (0.0, f64::INFINITY, 9.0)]), 0.75);
    }

    #[test]
    fn quantiles_bear_what_never_comes() {
        let prediction = Prediction::new(0.0, vec![f64::NAN, 1.0, f64::INFINITY, 2.0]);
        near(prediction.quantile(1.0 / 3.0), 2.0);
        assert_eq!(prediction.quantile(1.0), Some(f64::INFINITY));
        assert_eq!(Prediction::new(0.0, vec![]).quantile(0.5), None);
    }
}
