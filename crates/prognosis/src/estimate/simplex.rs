//! The least of a function of a few numbers without its derivatives (Nelder and Mead 1965, Computer Journal 7): for the
//! handful of scales that a training set decides.

/// Coefficients of the paper: reflection, expansion, contraction, shrinkage.
const REFLECT: f64 = 1.0;
const EXPAND: f64 = 2.0;
const CONTRACT: f64 = 0.5;

/// Where `cost` is least, from `start` with first steps of `step`, after at most `evaluations`, or when all corners cost
/// the same within `tolerance`. A cost that is not a number counts as infinite.
#[must_use]
pub fn minimize(
    cost: impl Fn(&[f64]) -> f64,
    start: &[f64],
    step: f64,
    evaluations: usize,
    tolerance: f64,
) -> Vec<f64> {
    let judge = |place: Vec<f64>| {
        let value = cost(&place);
        (if value.is_nan() { f64::INFINITY } else { value }, place)
    };
    let mut corners = vec![judge(start.to_vec())];
    for i in 0..start.len() {
        let mut place = start.to_vec();
        if let Some(value) = place.get_mut(i) {
            *value += step;
        }
        corners.push(judge(place));
    }
    let mut used = corners.len();
    loop {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some((worst, rest)) = corners.split_last_mut() else { return start.to_vec() };
        let (Some(best), Some(second)) = (rest.first().cloned(), rest.last().map(|corner| corner.0)) else {
            return worst.1.clone();
        };
        if used >= evaluations || worst.0 - best.0 <= tolerance {
            return best.1;
        }
        let count = rest.len() as f64;
        let middle: Vec<f64> =
            (0..start.len()).map(|i| rest.iter().filter_map(|c| c.1.get(i)).sum::<f64>() / count).collect();
        let toward =
            |factor: f64| -> Vec<f64> { middle.iter().zip(&worst.1).map(|(m, w)| m + factor * (m - w)).collect() };
        let reflected = judge(toward(REFLECT));
        used += 1;
        let next = if reflected.0 < best.0 {
            used += 1;
            let expanded = judge(toward(EXPAND));
            Some(if expanded.0 < reflected.0 { expanded } else { reflected })
        } else if reflected.0 < second {
            Some(reflected)
        } else {
            used += 1;
            let outside = reflected.0 < worst.0;
            let contracted = judge(toward(if outside { CONTRACT } else { -CONTRACT }));
            (contracted.0 < reflected.0.min(worst.0)).then_some(contracted)
        };
        match next {
            Some(corner) => *worst = corner,
            None => {
                used += rest.len();
                for corner in corners.iter_mut().skip(1) {
                    let place = best.1.iter().zip(&corner.1).map(|(b, c)| b + CONTRACT * (c - b)).collect();
                    *corner = judge(place);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_bottom_of_rosenbrocks_valley() {
        let valley = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let found = minimize(valley, &[-1.2, 1.0], 0.5, 2000, 1e-14);
        assert!((found[0] - 1.0).abs() < 1e-4 && (found[1] - 1.0).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn it_ends_in_time_and_bears_what_is_no_number() {
        let cliff = |x: &[f64]| if x[0] > 0.0 { x[0] } else { f64::NAN };
        let found = minimize(cliff, &[3.0], 1.0, 60, 0.0);
        assert!(found[0] > 0.0 && found[0] < 0.1, "{found:?}");
        assert_eq!(minimize(|_| f64::NAN, &[1.0, 2.0], 1.0, 10, 0.0), [1.0, 2.0]);
        assert_eq!(minimize(|_| 0.0, &[], 1.0, 10, 0.0), Vec::<f64>::new());
    }
}
