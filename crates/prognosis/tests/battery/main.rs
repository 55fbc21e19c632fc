//! The living model of a battery pack on the simulated car, whose truth is known and whose laws are others.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking, as the test itself does")]

mod car;
mod honesty;
mod robustness;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use car::{DAY_IN_A_MINUTE, Watched};
use twinscope_prognosis::living::{Evidence, EvidenceError, Finding, Living as _};

/// A car that was watched for an hour, which are sixty days of ageing and three charges.
fn watched() -> Watched {
    static WATCHED: OnceLock<Watched> = OnceLock::new();
    WATCHED
        .get_or_init(|| {
            let mut watched = Watched::typical(1, DAY_IN_A_MINUTE);
            watched.run(3600);
            watched
        })
        .clone()
}

fn told(finding: Finding) -> Evidence {
    Evidence { at_ms: 1_764_000_000_000, part: "pack".into(), finding }
}

fn capacity_test(value: f64, deviation: Option<f64>) -> Evidence {
    told(Finding::Measured { quantity: "capacity".into(), value, deviation })
}

#[test]
fn a_minute_is_needed_for_a_charge_and_a_day_for_a_life() {
    let mut watched = Watched::typical(2, DAY_IN_A_MINUTE);
    watched.run(3);
    assert!(watched.twin.predict(&Default::default()).is_empty());
    watched.run(20);
    assert!(watched.predict("soc", &[]).is_some() && watched.predict("rul", &[]).is_none());
    watched.run(60);
    assert!(watched.predict("rul", &[]).is_some());
}

#[test]
fn predictions_say_what_they_are_of_and_what_ends_a_life() {
    let predictions = watched().twin.predict(&Default::default());
    let quantities: Vec<&str> = predictions.iter().map(|prediction| prediction.quantity).collect();
    assert_eq!(quantities, ["soc", "soh_capacity", "soh_resistance", "range", "rul", "rul_distance"]);
    for prediction in &predictions {
        let virtual_one = !prediction.quantity.starts_with("rul");
        assert_eq!((prediction.part, prediction.is_virtual), ("pack", virtual_one), "{}", prediction.quantity);
        assert_eq!(prediction.horizon.is_none(), virtual_one, "{}", prediction.quantity);
        assert!(prediction.samples.iter().all(|sample| !sample.is_nan() && *sample >= 0.0), "{}", prediction.quantity);
    }
    let life = &predictions[4];
    let threshold = life.threshold.as_ref().unwrap();
    assert_eq!((threshold.quantity, threshold.value, threshold.unit), ("capacity", 80.0, "%"));
    let path = life.path.as_ref().unwrap();
    assert!(path.points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1.p50 > pair[1].1.p50));
    assert!(path.points[0].0 == 0.0 && path.points.last().unwrap().1.p50 < 80.0, "{path:?}");
}

#[test]
fn the_range_is_that_of_the_charge_at_the_consumption_of_the_cycle() {
    let mut watched = watched();
    let band = watched.band("range");
    let (charge, km) = (watched.car.outputs().soc_percent, watched.car.outputs().odometer_km);
    // What the next drives take, until it charges again.
    while watched.car.outputs().charge_power_kw == 0.0 {
        watched.run(1);
    }
    let driven = watched.car.outputs().odometer_km - km;
    let range = driven * charge / (charge - watched.car.outputs().soc_percent);
    assert!(band.holds(range), "{range} km is not in {band:?}");
}

#[test]
fn sparing_habits_lengthen_the_life_and_no_sample_loses_by_them() {
    let watched = watched();
    let hours = |setting: &[(&str, f64)]| watched.predict("rul", setting).unwrap().samples;
    let usual = hours(&[]);
    for (spared, wasted) in [
        ([("temperature", -5.0)], [("temperature", 5.0)]),
        ([("distance", 50.0)], [("distance", 150.0)]),
        ([("charge_limit", 70.0)], [("charge_limit", 95.0)]),
    ] {
        let (longer, shorter) = (hours(&spared), hours(&wasted));
        for ((longer, usual), shorter) in longer.iter().zip(&usual).zip(&shorter) {
            assert!(longer >= usual && usual >= shorter, "{spared:?}: {longer} {usual} {shorter}");
        }
        assert!(longer.iter().sum::<f64>() > 1.02 * usual.iter().filter(|h| h.is_finite()).sum::<f64>(), "{spared:?}");
    }
}

#[test]
fn who_drives_less_gets_older_but_no_further() {
    let watched = watched();
    let middle = |quantity, setting: &[(&str, f64)]| {
        let mut samples = watched.predict(quantity, setting).unwrap().samples;
        samples.sort_by(f64::total_cmp);
        samples[samples.len() / 2]
    };
    let less = [("distance", 50.0)];
    assert!(middle("rul", &less) > 1.3 * middle("rul", &[]));
    assert!(middle("rul_distance", &less) < middle("rul_distance", &[]));
}

#[test]
fn a_capacity_test_moves_the_belief_to_it_and_narrows_it() {
    let mut watched = watched();
    let before = watched.belief("capacity");
    let tested = before.p50 - 6.0;
    watched.twin.learn(&capacity_test(tested, Some(0.8))).unwrap();
    let after = watched.belief("capacity");
    assert!((after.p50 - tested).abs() < 2.0, "{tested}: {before:?} {after:?}");
    assert!(after.p95 - after.p5 < 0.6 * (before.p95 - before.p5), "{before:?} {after:?}");
    assert!(watched.band("rul").p50 < self::watched().band("rul").p50);
}

#[test]
fn a_new_pack_is_new_and_ages_about_as_the_old_one_did() {
    let mut watched = watched();
    let (pace, life) = (watched.belief("k_cyc"), watched.band("rul"));
    watched.twin.learn(&told(Finding::Done { action: "replaced".into() })).unwrap();
    assert!(watched.belief("capacity").holds(234.0) && watched.belief("resistance").holds(1.0));
    assert!((watched.belief("k_cyc").p50 / pace.p50 - 1.0).abs() < 1e-9);
    // From 100 to 80 % rather than from 92, but the first losses are the fastest.
    assert!(watched.band("rul").p50 > 1.2 * life.p50, "{:?} {life:?}", watched.band("rul"));
    assert!(!watched.twin.standing().calibrated);
}

#[test]
fn evidence_that_cannot_be_changes_nothing_and_says_why() {
    let mut watched = watched();
    let before = watched.twin.clone();
    for (evidence, unknown) in [
        (capacity_test(f64::NAN, None), false),
        (capacity_test(-3.0, None), false),
        (capacity_test(9000.0, None), false),
        (capacity_test(210.0, Some(-1.0)), false),
        (told(Finding::Nothing { quantity: "capacity".into() }), true),
        (told(Finding::Done { action: "oil-changed".into() }), true),
        (Evidence { part: "motor".into(), ..capacity_test(210.0, None) }, true),
    ] {
        let error = watched.twin.learn(&evidence).unwrap_err();
        assert_eq!(matches!(error, EvidenceError::Unknown { .. }), unknown, "{evidence:?}: {error}");
    }
    assert_eq!(watched.twin, before);
}

#[test]
fn what_a_fleet_knows_is_where_a_new_model_starts() {
    let mut watched = Watched::typical(5, DAY_IN_A_MINUTE);
    let generic = watched.belief("k_cyc");
    let population =
        [("k_cyc", (1.5, 0.2)), ("k_cal", (f64::NAN, 0.1)), ("k_res", (0.0, -1.0)), ("nothing", (0.0, 1.0))];
    watched
        .twin
        .start_from(&population.map(|(id, told)| (id.to_owned(), told)).into_iter().collect::<BTreeMap<_, _>>());
    let known = watched.belief("k_cyc");
    assert!((known.p50 / 1.5_f64.exp() - 1.0).abs() < 1e-6 && known.p95 / known.p5 < generic.p95 / generic.p5);
    assert!((watched.belief("k_cal").p50 - 1.0).abs() < 1e-9);
    assert!(watched.twin.fits());
}
