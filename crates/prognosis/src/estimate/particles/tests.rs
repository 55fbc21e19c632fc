use super::*;
use crate::estimate::model::Scale;

/// A level that loses `loss` a step times the rate; measured as it is.
struct Tank;

const LEVEL: [Quantity; 1] = [Quantity { name: "level", unit: "m", scale: Scale::Linear }];
const LOSS: [Quantity; 1] = [Quantity { name: "loss", unit: "m", scale: Scale::Log }];

impl Model for Tank {
    type Load = ();
    fn states(&self) -> &[Quantity] {
        &LEVEL
    }
    fn parameters(&self) -> &[Quantity] {
        &LOSS
    }
    fn outputs(&self) -> usize {
        1
    }
    fn step(&self, state: &mut [f64], parameters: &[f64], (): &(), dt: f64, rate: f64, _: &mut Noise<'_>) {
        state[0] -= parameters[0] * dt * rate;
    }
    fn output(&self, state: &[f64], _: &[f64], (): &(), out: &mut [f64]) {
        out[0] = state[0];
    }
    fn event_state(&self, state: &[f64], _: &[f64], (): &()) -> f64 {
        state[0]
    }
}

const STILL: Discrepancy = Discrepancy { deviation: 0.0, memory: 1.0 };

fn tank(level: f64, spread: f64, count: usize) -> Particles {
    let state = Prior { median: level, deviation: spread };
    Particles::new(&Tank, &[state], &[Prior { median: 0.1, deviation: 0.5 }], STILL, count, 3)
}

#[test]
fn the_posterior_of_a_level_is_the_one_that_quadrature_gives() {
    let mut filter = tank(0.0, 1.0, 20_000);
    let evidence = Evidence::Measured { output: 0, value: 2.0, deviation: 0.7 };
    filter.update(&Tank, &(), &evidence);
    let (mut sum, mut mass, mut square) = (0.0, 0.0, 0.0);
    for i in -6000..6000 {
        let x = f64::from(i) * 1e-3;
        let z = (2.0 - x) / 0.7;
        let density = (-0.5 * x * x).exp() * (1.0 + z * z / 4.0).powf(-2.5);
        (sum, mass, square) = (sum + x * density, mass + density, square + x * x * density);
    }
    let (mean, deviation) = (sum / mass, (square / mass - (sum / mass).powi(2)).sqrt());
    let (found, spread) = filter.state(0);
    assert!((found - mean).abs() < 0.03, "{found} {mean}");
    assert!((spread - deviation).abs() < 0.03, "{spread} {deviation}");
}

#[test]
fn a_parameter_is_found_from_what_it_does() {
    let mut filter = tank(10.0, 0.1, 2000);
    for step in 1..=60 {
        filter.step(&Tank, &(), 1.0, 1);
        let value = 10.0 - 0.06 * f64::from(step);
        filter.update(&Tank, &(), &Evidence::Measured { output: 0, value, deviation: 0.05 });
    }
    let (loss, spread) = filter.parameter(0);
    assert!((loss - 0.06).abs() < 2.0 * spread.max(0.001), "{loss} {spread}");
    assert!(spread < 0.01, "{spread}");
}

#[test]
fn one_wild_reading_moves_little() {
    let mut filter = tank(1.0, 0.1, 2000);
    let update = filter.update(&Tank, &(), &Evidence::Measured { output: 0, value: 50.0, deviation: 0.05 });
    assert!(update.pit.unwrap() > 0.99, "{update:?}");
    assert!((filter.state(0).0 - 1.0).abs() < 0.1, "{:?}", filter.state(0));
}

#[test]
fn systematic_resampling_keeps_each_particle_as_often_as_its_weight_says() {
    let mut filter = tank(0.0, 1.0, 4);
    filter.states = vec![1.0, 2.0, 3.0, 4.0];
    filter.weights = vec![0.5, 0.25, 0.25, 0.0];
    let picked = filter.pick(8, &mut generator(1, 1)).states;
    let count = |value: f64| picked.iter().filter(|x| **x == value).count();
    // Each count is its expectation rounded up or down; here the expectations are whole.
    assert_eq!([1.0, 2.0, 3.0, 4.0].map(count), [4, 2, 2, 0]);
}

#[test]
fn shrunk_kernels_keep_mean_and_spread() {
    let mut filter = tank(0.0, 1.0, 50_000);
    let logs = |filter: &Particles| {
        let column: Vec<f64> = filter.parameters.iter().map(|v| v.ln()).collect();
        moments(&column, &filter.weights)
    };
    let before = logs(&filter);
    (0..20).for_each(|_| filter.resample(&Tank));
    let after = logs(&filter);
    assert!((after.0 - before.0).abs() < 0.02 && (after.1 / before.1 - 1.0).abs() < 0.02, "{before:?} {after:?}");
}

#[test]
fn finding_nothing_says_that_it_is_small() {
    // Two sizes, one below and one above what is found half of the time.
    let mut filter = tank(0.0, 1.0, 1000);
    filter.states = (0..1000).map(|i| if i % 2 == 0 { 0.5 } else { 2.0 }).collect();
    let detection = Detection { half_found: 1.0, spread: 0.5 };
    filter.update(&Tank, &(), &Evidence::NotFound { state: 0, detection });
    // Phi(-1.3863) = 0.08283, Phi(1.3863) = 0.91717 (Abramowitz and Stegun, table 26.1).
    let expected = 0.5 * 0.91717 + 2.0 * 0.08283;
    assert!((filter.state(0).0 - expected).abs() < 0.03, "{:?}", filter.state(0));
}

#[test]
fn an_exact_value_is_taken_and_a_replaced_part_starts_anew() {
    let mut filter = tank(5.0, 1.0, 1000);
    assert!(filter.update(&Tank, &(), &Evidence::Exact { state: 0, value: 4.2 }).explained);
    let (mean, deviation) = filter.state(0);
    assert!((mean - 4.2).abs() < 1e-9 && deviation < 1e-9, "{mean} {deviation}");
    let new = [Prior { median: 9.0, deviation: 0.01 }];
    filter.update(
        &Tank,
        &(),
        &Evidence::Replaced { states: &new, parameters: &[Prior { median: 0.2, deviation: 0.1 }] },
    );
    assert!((filter.state(0).0 - 9.0).abs() < 0.01 && (filter.parameter(0).0 - 0.2).abs() < 0.01);
}

#[test]
fn what_was_found_is_rather_large() {
    let mut filter = tank(0.0, 1.0, 1000);
    filter.states = (0..1000).map(|i| if i % 2 == 0 { 0.5 } else { 2.0 }).collect();
    let detection = Detection { half_found: 1.0, spread: 0.5 };
    filter.update(&Tank, &(), &Evidence::Found { state: 0, detection });
    // As for finding nothing, the other way round.
    let expected = 2.0 * 0.91717 + 0.5 * 0.08283;
    assert!((filter.state(0).0 - expected).abs() < 0.03, "{:?}", filter.state(0));
}

#[test]
fn what_nothing_explains_is_told_and_changes_nothing() {
    let mut filter = tank(5.0, 1.0, 100);
    let before = filter.clone();
    for (value, deviation) in [(f64::NAN, 1.0), (f64::INFINITY, 1.0), (1.0, 0.0), (1.0, f64::NAN)] {
        let update = filter.update(&Tank, &(), &Evidence::Measured { output: 0, value, deviation });
        assert!(!update.explained || deviation > 0.0, "{value} {deviation}");
        assert!(filter.weights.iter().all(|w| w.is_finite()));
    }
    assert_eq!(filter.states, before.states);
}

#[test]
fn a_filter_that_was_stored_goes_on_with_the_same_numbers() {
    let discrepancy = Discrepancy { deviation: 0.3, memory: 10.0 };
    let prior = [Prior { median: 5.0, deviation: 1.0 }];
    let mut filter = Particles::new(&Tank, &prior, &[Prior { median: 0.1, deviation: 0.5 }], discrepancy, 200, 9);
    let run = |filter: &mut Particles| {
        for _ in 0..5 {
            filter.step(&Tank, &(), 0.1, 10);
            filter.update(&Tank, &(), &Evidence::Measured { output: 0, value: 4.0, deviation: 0.2 });
        }
    };
    run(&mut filter);
    let text = serde_json::to_string(&filter).unwrap();
    let mut again: Particles = serde_json::from_str(&text).unwrap();
    assert!(again.fits(&Tank));
    run(&mut filter);
    run(&mut again);
    for (a, b) in filter.states.iter().zip(&again.states) {
        assert!((a - b).abs() <= 1e-12 * a.abs(), "{a} {b}");
    }
}

#[test]
fn the_rate_wanders_as_far_as_it_should_whatever_the_step() {
    let discrepancy = Discrepancy { deviation: 0.4, memory: 20.0 };
    for (dt, steps) in [(1.0, 200), (10.0, 20)] {
        let mut rng = generator(5, 5);
        let (kept, added) = discrepancy.over(dt);
        let ends: Vec<f64> = (0..20_000)
            .map(|_| (0..steps).fold(0.0, |log_rate, _| kept * log_rate + added * normal(&mut rng)))
            .collect();
        let variance = ends.iter().map(|x| x * x).sum::<f64>() / ends.len() as f64;
        assert!((variance.sqrt() / 0.4 - 1.0).abs() < 0.03, "{dt}: {}", variance.sqrt());
    }
}

#[test]
fn a_stored_filter_that_was_spoilt_is_known() {
    let whole = serde_json::to_value(tank(1.0, 0.1, 3)).unwrap();
    for (field, value) in
        [("weights", "[]"), ("states", "[1.0]"), ("weights", "[1.0, 1.0, 1.0]"), ("log_rates", "[0.0]")]
    {
        let mut spoilt = whole.clone();
        spoilt[field] = serde_json::from_str(value).unwrap();
        let filter: Particles = serde_json::from_value(spoilt).unwrap();
        assert!(!filter.fits(&Tank), "{field} {value}");
    }
}

#[test]
fn the_closed_form_of_students_t_is_that_of_the_library() {
    let t = statrs::distribution::StudentsT::new(0.0, 1.0, FREEDOM).unwrap();
    for z in [-30.0, -2.776, -0.3, 0.0, 1.0, 2.132, 100.0] {
        assert!((student_cdf(z) - t.cdf(z)).abs() < 1e-12, "{z}: {} {}", student_cdf(z), t.cdf(z));
    }
}
