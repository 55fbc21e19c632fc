use std::sync::OnceLock;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// Machines that wear at their own pace: two sensors follow the wear and the load, one says nothing, one is constant.
fn fleet(count: usize, seed: u64) -> Vec<Run> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|unit| {
            let life = random.random_range(80..160);
            let (made, mut run) = (random.random_range(-1.0..1.0), Run { unit: unit.to_string(), ..Run::default() });
            for cycle in 1..=life {
                let wear = (f64::from(cycle - life) / 25.0).exp();
                let load = random.random_range(0.0..1.0);
                let mut noise = || random.random_range(-0.1..0.1);
                run.settings.push(vec![load]);
                run.sensors.push(vec![
                    made + 2.0 * load + 3.0 * wear + noise(),
                    50.0 - load - 2.0 * wear + noise(),
                    noise(),
                    7.0,
                ]);
            }
            run
        })
        .collect()
}

fn cut(run: &Run, left: usize) -> Run {
    let known = run.cycles() - left;
    Run { unit: run.unit.clone(), settings: run.settings[..known].to_vec(), sensors: run.sensors[..known].to_vec() }
}

fn trained() -> &'static RemainingLife {
    static MODEL: OnceLock<RemainingLife> = OnceLock::new();
    MODEL.get_or_init(|| RemainingLife::train(&fleet(40, 1), &Options::default()).unwrap())
}

#[test]
fn the_remaining_life_of_machines_not_seen_is_predicted_inside_its_band() {
    let model = trained();
    let (mut square, mut inside, mut widths) = (0.0, 0, [0.0; 2]);
    let fleet = fleet(100, 2);
    for (at, run) in fleet.iter().enumerate() {
        let left = 1 + at % 60;
        let prediction = model.predict(&cut(run, left)).unwrap();
        let [low, .., high] = prediction.quantiles;
        let truth = left as f64;
        square += (prediction.mean - truth).powi(2);
        inside += usize::from((low..=high).contains(&truth));
        widths[usize::from(left > 30)] += high - low;
    }
    let rmse = (square / 100.0).sqrt();
    // Remaining lives of 1 to 60 around their mean have 17.3.
    assert!(rmse < 8.0, "{rmse}");
    assert!((80..=98).contains(&inside), "{inside} of 100");
    assert!(widths[0] < 0.7 * widths[1], "a worn machine is known better: {widths:?}");
}

#[test]
fn what_is_far_from_failure_is_said_to_be_beyond_reach() {
    let (model, fleet) = (trained(), fleet(20, 3));
    let beyond = |left: usize| {
        let shares = fleet.iter().filter(|run| run.cycles() > left + LEAST_CYCLES);
        let shares: Vec<f64> = shares.map(|run| model.predict(&cut(run, left)).unwrap().beyond).collect();
        shares.iter().sum::<f64>() / shares.len() as f64
    };
    let (near, far) = (beyond(5), beyond(100));
    assert!(near < 0.01 && far > 0.1, "{near} {far}");
}

#[test]
fn a_model_that_was_stored_predicts_the_same_and_one_that_was_tampered_with_is_refused() {
    let model = trained();
    let text = serde_json::to_string(model).unwrap();
    let read: RemainingLife = serde_json::from_str(&text).unwrap();
    let run = cut(&fleet(1, 4)[0], 20);
    let (ours, theirs) = (model.predict(&run).unwrap(), read.predict(&run).unwrap());
    assert!((ours.mean - theirs.mean).abs() < 1e-9, "{ours:?} {theirs:?}");
    for (from, to, why) in [
        ("\"version\":1", "\"version\":2", "layout 2"),
        ("\"settings\":1", "\"settings\":0", "not a model"),
        ("\"left\":1", "\"left\":0", "not a model"),
        ("\"units\":40", "\"units\":40,\"more\":1", "unknown field"),
    ] {
        let tampered = text.replacen(from, to, 1);
        assert_ne!(tampered, text, "{from}");
        let error = serde_json::from_str::<RemainingLife>(&tampered).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn runs_of_other_machines_are_not_predicted() {
    let model = trained();
    let mut run = fleet(1, 4).remove(0);
    run.sensors.iter_mut().for_each(|row| row.truncate(2));
    assert_eq!(model.predict(&run), None);
    assert_eq!(model.predict(&Run::default()), None);
}

#[test]
fn what_cannot_be_learnt_from_is_said() {
    let error = |runs: &[Run]| RemainingLife::train(runs, &Options::default()).unwrap_err().to_string();
    assert!(error(&fleet(3, 1)).starts_with("3 units"));
    let mut constant = fleet(12, 1);
    constant.iter_mut().flat_map(|run| &mut run.sensors).for_each(|row| *row = vec![1.0]);
    assert!(error(&constant).starts_with("no sensor changes"));
    let mut uneven = fleet(12, 1);
    uneven[5].sensors[3].push(1.0);
    assert!(error(&uneven).starts_with("unit `5` has 6 numbers a cycle where the first has 5"));
    let horizon = Options { horizon: Some(f64::NAN), seed: 0 };
    assert_eq!(
        RemainingLife::train(&fleet(12, 1), &horizon).unwrap_err().to_string().split(';').next(),
        Some("the horizon is NaN cycles")
    );
}
