use super::*;
use crate::estimate::consistency::{Consistency, Verdict};
use crate::estimate::model::Quantity;

/// Position and speed, measured position: linear, so that the Kalman filter is exact.
struct Cart;

const CART: [Quantity; 2] = [
    Quantity { name: "position", unit: "m", scale: Scale::Linear },
    Quantity { name: "speed", unit: "m/s", scale: Scale::Linear },
];

impl Model for Cart {
    type Load = f64;
    fn states(&self) -> &[Quantity] {
        &CART
    }
    fn parameters(&self) -> &[Quantity] {
        &[]
    }
    fn outputs(&self) -> usize {
        1
    }
    fn step(&self, state: &mut [f64], _: &[f64], pull: &f64, dt: f64, _: f64, _: &mut Noise<'_>) {
        state[0] += state[1] * dt;
        state[1] += pull * dt;
    }
    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        out[0] = 0.05 * dt;
        out[1] = 0.1 * dt;
    }
    fn output(&self, state: &[f64], _: &[f64], _: &f64, out: &mut [f64]) {
        out[0] = state[0];
    }
    fn event_state(&self, state: &[f64], _: &[f64], _: &f64) -> f64 {
        state[0]
    }
}

/// Decays with a rate that is a parameter above zero.
struct Decay;

const AMOUNT: [Quantity; 1] = [Quantity { name: "amount", unit: "", scale: Scale::Log }];
const RATE: [Quantity; 1] = [Quantity { name: "rate", unit: "1/s", scale: Scale::Log }];

impl Model for Decay {
    type Load = ();
    fn states(&self) -> &[Quantity] {
        &AMOUNT
    }
    fn parameters(&self) -> &[Quantity] {
        &RATE
    }
    fn outputs(&self) -> usize {
        1
    }
    fn step(&self, state: &mut [f64], parameters: &[f64], (): &(), dt: f64, rate: f64, _: &mut Noise<'_>) {
        state[0] *= (-parameters[0] * rate * dt).exp();
    }
    fn output(&self, state: &[f64], _: &[f64], (): &(), out: &mut [f64]) {
        out[0] = state[0];
    }
    fn event_state(&self, state: &[f64], _: &[f64], (): &()) -> f64 {
        state[0]
    }
}

fn cart(spread: Spread) -> Unscented {
    let priors = [Prior { median: 0.0, deviation: 1.0 }, Prior { median: 1.0, deviation: 0.5 }];
    Unscented::new(&Cart, &priors, &[], spread)
}

fn measured(value: f64, deviation: f64) -> [Measurement; 1] {
    [Measurement { output: 0, value, deviation }]
}

/// The textbook filter on the cart: mean and covariance.
fn kalman(values: &[f64]) -> ([f64; 2], [[f64; 2]; 2]) {
    let (mut x, mut p) = ([0.0, 1.0], [[1.0, 0.0], [0.0, 0.25]]);
    for z in values {
        x = [x[0] + x[1], x[1] + 0.2];
        let (a, b, d) = (p[0][0], p[0][1], p[1][1]);
        p = [[a + 2.0 * b + d + 0.0025, b + d], [b + d, d + 0.01]];
        let s = p[0][0] + 0.09;
        let k = [p[0][0] / s, p[1][0] / s];
        let gap = z - x[0];
        x = [x[0] + k[0] * gap, x[1] + k[1] * gap];
        p = [[(1.0 - k[0]) * p[0][0], (1.0 - k[0]) * p[0][1]], [(1.0 - k[0]) * p[0][1], p[1][1] - k[1] * p[0][1]]];
    }
    (x, p)
}

#[test]
fn on_a_linear_model_it_is_the_kalman_filter_whatever_the_spread() {
    let values = [1.3, 2.1, 3.9, 5.0, 6.8, 9.1];
    let (x, p) = kalman(&values);
    for spread in [
        Spread::default(),
        Spread { alpha: 0.1, beta: 2.0, kappa: None },
        Spread { alpha: 0.5, beta: 0.0, kappa: Some(0.0) },
    ] {
        let mut filter = cart(spread);
        for value in values {
            assert_eq!(filter.predict(&Cart, &0.2, 1.0), Recovery::None);
            assert_eq!(filter.update(&Cart, &0.2, &measured(value, 0.3)).recovery, Recovery::None);
        }
        let covariance = &filter.root * filter.root.transpose();
        for i in 0..2 {
            assert!((filter.mean[i] - x[i]).abs() < 1e-8, "{spread:?}: {} {x:?}", filter.mean);
            for j in 0..2 {
                assert!((covariance[(i, j)] - p[i][j]).abs() < 1e-8, "{spread:?}: {covariance} {p:?}");
            }
        }
    }
}

#[test]
fn sigma_points_give_mean_and_spread_of_a_square() {
    // x ~ N(3, 0.5²): E x² = 9.25, exact for the unscented transform.
    struct Square;
    const X: [Quantity; 1] = [Quantity { name: "x", unit: "", scale: Scale::Linear }];
    impl Model for Square {
        type Load = ();
        fn states(&self) -> &[Quantity] {
            &X
        }
        fn parameters(&self) -> &[Quantity] {
            &[]
        }
        fn outputs(&self) -> usize {
            0
        }
        fn step(&self, state: &mut [f64], _: &[f64], (): &(), _: f64, _: f64, _: &mut Noise<'_>) {
            state[0] *= state[0];
        }
        fn output(&self, _: &[f64], _: &[f64], (): &(), _: &mut [f64]) {}
        fn event_state(&self, _: &[f64], _: &[f64], (): &()) -> f64 {
            1.0
        }
    }
    let mut filter = Unscented::new(&Square, &[Prior { median: 3.0, deviation: 0.5 }], &[], Spread::default());
    filter.predict(&Square, &(), 1.0);
    let (mean, deviation) = filter.quantity(0).unwrap();
    // Variance of x²: 4 mean² s² + 2 s⁴ = 9.125. With kappa 3 - n and beta 0 it is exact; beta 2 adds 2 s⁴.
    assert!((mean - 9.25).abs() < 1e-9, "{mean}");
    assert!((deviation * deviation - 9.25).abs() < 1e-9, "{}", deviation * deviation);
}

#[test]
fn innovations_of_a_true_model_are_chi_square_and_of_a_wrong_one_are_not() {
    let run = |pull: f64| {
        let mut rng = generator(21, 0);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let mut filter = cart(Spread::default());
        let mut truth = [normal(), 1.0 + 0.5 * normal()];
        let mut window = Consistency::new(100);
        let mut expected = 0;
        for _ in 0..400 {
            truth = [truth[0] + truth[1] + 0.05 * normal(), truth[1] + pull + 0.1 * normal()];
            filter.predict(&Cart, &0.2, 1.0);
            let innovation = filter.update(&Cart, &0.2, &measured(truth[0] + 0.3 * normal(), 0.3));
            expected += i32::from(innovation.expected);
            window.learn(innovation.squared, innovation.measurements);
        }
        (window.verdict(), expected)
    };
    let (verdict, expected) = run(0.2);
    assert_eq!(verdict, Verdict::Explains);
    // 95 % of 400, three standard deviations of a binomial.
    assert!((367..=393).contains(&expected), "{expected}");
    assert_eq!(run(0.6).0, Verdict::DoesNotExplain);
}

#[test]
fn a_rate_in_log_space_is_found_and_stays_above_zero() {
    let start = [Prior { median: 1.0, deviation: 0.05 }];
    let mut filter = Unscented::new(&Decay, &start, &[Prior { median: 0.02, deviation: 0.8 }], Spread::default());
    for step in 1..=40 {
        filter.predict(&Decay, &(), 1.0);
        let value = (-0.05 * f64::from(step)).exp();
        assert_eq!(filter.update(&Decay, &(), &measured(value, 0.01)).recovery, Recovery::None);
    }
    let (rate, deviation) = filter.quantity(1).unwrap();
    assert!((rate / 0.05).ln().abs() < 2.0 * deviation && deviation < 0.05, "{rate} {deviation}");
    assert!(filter.ensemble(500, 1).parameters.iter().all(|rate| *rate > 0.0));
}

#[test]
fn nothing_that_comes_in_makes_it_not_finite() {
    let huge = [f64::NAN, f64::INFINITY, -1e300, 1e300, 0.0, 1e-300];
    for pull in huge {
        for value in huge {
            for deviation in huge {
                for spread in [Spread::default(), Spread { alpha: 1e-3, beta: -5.0, kappa: Some(-50.0) }] {
                    let mut filter = cart(spread);
                    for _ in 0..3 {
                        filter.predict(&Cart, &pull, 1.0);
                        filter.update(&Cart, &pull, &measured(value, deviation));
                    }
                    let finite = filter.mean.iter().chain(filter.root.iter()).all(|x| x.is_finite());
                    assert!(finite, "{pull} {value} {deviation} {spread:?}");
                }
            }
        }
    }
}

#[test]
fn what_breaks_is_told_and_the_prior_returns() {
    let mut filter = cart(Spread::default());
    filter.predict(&Cart, &0.2, 1.0);
    assert_eq!(filter.predict(&Cart, &f64::NAN, 1.0), Recovery::Reset);
    assert_eq!(filter.quantity(1), Some((1.0, 0.5)));
}

#[test]
fn measurements_that_are_none_are_left_out() {
    let mut filter = cart(Spread::default());
    let bad = [
        Measurement { output: 0, value: f64::NAN, deviation: 0.1 },
        Measurement { output: 7, value: 1.0, deviation: 0.1 },
        Measurement { output: 0, value: 1.0, deviation: 0.0 },
    ];
    assert_eq!(filter.update(&Cart, &0.0, &bad).measurements, 0);
    assert_eq!(filter.mean, cart(Spread::default()).mean);
}

#[test]
fn loosening_adds_variance_to_one_quantity() {
    let mut filter = cart(Spread::default());
    filter.predict(&Cart, &0.2, 1.0);
    let before = (filter.quantity(0).unwrap().1, filter.quantity(1).unwrap().1);
    filter.loosen(1, 2.0);
    let after = (filter.quantity(0).unwrap().1, filter.quantity(1).unwrap().1);
    assert!((after.0 - before.0).abs() < 1e-12);
    assert!((after.1 * after.1 - before.1 * before.1 - 4.0).abs() < 1e-9, "{after:?}");
}

#[test]
fn it_survives_a_restart_and_damage_is_known() {
    let mut filter = cart(Spread::default());
    filter.predict(&Cart, &0.2, 1.0);
    let stored = serde_json::to_value(&filter).unwrap();
    let again: Unscented = serde_json::from_value(stored.clone()).unwrap();
    assert!(again.fits(&Cart) && !again.fits(&Decay));
    assert!((again.root - &filter.root).norm() < 1e-12);
    for (field, value) in [("root", "[1.0]"), ("states", "9"), ("mean", "[]")] {
        let mut damaged = stored.clone();
        damaged[field] = serde_json::from_str(value).unwrap();
        let error = serde_json::from_value::<Unscented>(damaged).unwrap_err().to_string();
        assert!(error.contains("let it learn again"), "{error}");
    }
}
