//! What comes from outside: gaps, wild rows, a restart.

use super::car::{DAY_IN_A_MINUTE, Watched};
use super::watched;
use twinscope_prognosis::battery::BatteryTwin;
use twinscope_prognosis::living::{Living as _, Row};

#[test]
fn a_model_that_was_stored_goes_on_with_the_same_numbers() {
    let mut one = watched();
    let mut other = one.clone();
    other.twin = serde_json::from_str::<BatteryTwin>(&serde_json::to_string(&one.twin).unwrap()).unwrap();
    assert!(other.twin.fits());
    one.run(600);
    other.run(600);
    let (here, there) = (one.twin.predict(&Default::default()), other.twin.predict(&Default::default()));
    assert_eq!(here.len(), there.len());
    for (a, b) in here.iter().zip(&there) {
        // Numbers in JSON are read back to the last digit but one.
        let near = |(a, b): (&f64, &f64)| a == b || (a / b - 1.0).abs() < 1e-6;
        assert!(a.samples.iter().zip(&b.samples).all(near), "{}", a.quantity);
    }
}

#[test]
fn the_same_rows_and_seed_give_the_same_numbers() {
    let run = || {
        let mut watched = Watched::typical(3, DAY_IN_A_MINUTE);
        watched.run(200);
        watched.twin
    };
    let (one, other) = (run(), run());
    assert_eq!(one, other);
    assert_eq!(one.predict(&Default::default()), other.predict(&Default::default()));
}

#[test]
fn a_damaged_store_is_refused_or_told() {
    let stored = serde_json::to_value(&watched().twin).unwrap();
    for (field, value) in [("capacity_ah", -1.0), ("seed", -1.0)] {
        let mut damaged = stored.clone();
        damaged[field] = serde_json::json!(value);
        assert!(serde_json::from_value::<BatteryTwin>(damaged).map_or(true, |twin| !twin.fits()), "{field}");
    }
    let mut damaged = stored;
    damaged["config"]["series_cells"] = serde_json::json!(0);
    assert!(serde_json::from_value::<BatteryTwin>(damaged).map_or(true, |twin| !twin.fits()));
}

#[test]
fn wild_rows_never_panic_and_stay_numbers() {
    let mut watched = watched();
    let wild = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, 1e300, -1e300, 1e9, -5.0, 700.0, 60.0];
    for (index, a) in wild.iter().enumerate() {
        for b in wild {
            let row = watched.row();
            watched.tell(&row);
            let mut bad = row;
            bad[index % 5] = *a;
            bad[(index + 1) % 5] = b;
            let at_ms = watched.at_ms;
            for (at_ms, seconds, time_lapse) in [(at_ms, 1.0, 1440.0), (at_ms, *a, b), (at_ms, b, *a), (at_ms, 1.0, *a)]
            {
                watched.twin.observe(&Row { at_ms, seconds, time_lapse, values: &bad });
            }
            watched.twin.observe(&Row { at_ms, seconds: 1.0, time_lapse: 1440.0, values: &bad[..index % 5] });
        }
    }
    for at_ms in [i64::MIN, i64::MAX, 0, watched.at_ms] {
        let row = watched.row();
        watched.twin.observe(&Row { at_ms, seconds: 1.0, time_lapse: 1440.0, values: &row });
    }
    assert!(watched.twin.fits());
    for prediction in watched.twin.predict(&Default::default()) {
        assert!(prediction.samples.iter().all(|sample| !sample.is_nan()), "{}", prediction.quantity);
    }
}

#[test]
fn wild_values_and_clocks_do_no_lasting_harm() {
    let mut watched = watched();
    let (wide, at_ms) = ([f64::NAN, f64::INFINITY, 1e300, -1e300, 1e5, -200.0, 0.0], watched.at_ms);
    for seconds in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.0] {
        for (index, value) in wide.into_iter().enumerate() {
            let mut row = watched.row();
            row[index % 5] = value;
            let at_ms = [at_ms, i64::MIN, i64::MAX, 0][index % 4];
            watched.twin.observe(&Row { at_ms, seconds, time_lapse: value, values: &row });
        }
    }
    // A charge later it knows what it knew.
    watched.run(1200);
    let (soc, capacity) = (watched.truth().soc, watched.truth().capacity);
    assert!((watched.band("soc").p50 - soc).abs() < 2.5, "{soc} {:?}", watched.band("soc"));
    assert!(watched.band("soh_capacity").holds(capacity), "{capacity} {:?}", watched.band("soh_capacity"));
}

#[test]
fn one_wild_voltage_is_left_out() {
    let mut watched = watched();
    let before = watched.band("soc");
    let mut row = watched.row();
    row[1] = 250.0;
    watched.tell(&row);
    let after = watched.band("soc");
    assert!((after.p50 - before.p50).abs() < 0.5, "{before:?} {after:?}");
}

#[test]
fn after_a_gap_it_knows_less_of_the_charge_and_is_older() {
    let mut watched = watched();
    let (charge, capacity) = (watched.band("soc"), watched.belief("capacity"));
    // Half an hour, in which such a car has been charged and driven for thirty days.
    watched.at_ms += 1_800_000;
    let nothing = [f64::NAN; 5];
    watched.tell(&nothing);
    let (wider, older) = (watched.band("soc"), watched.belief("capacity"));
    assert!(wider.p95 - wider.p5 > 10.0 * (charge.p95 - charge.p5), "{charge:?} {wider:?}");
    assert!(older.p50 < capacity.p50 - 0.3, "{capacity:?} {older:?}");
    watched.run(120);
    let truth = watched.truth().soc;
    assert!((watched.band("soc").p50 - truth).abs() < 2.5, "{truth}: {:?}", watched.band("soc"));
}

#[test]
fn time_lapse_ages_the_pack_and_changes_nothing_else() {
    let [slow, fast] = [1.0, DAY_IN_A_MINUTE].map(|time_lapse| {
        let mut watched = Watched::typical(4, time_lapse);
        watched.run(400);
        watched
    });
    assert!((slow.band("soc").p50 - fast.band("soc").p50).abs() < 1.0);
    assert!(slow.predict("rul", &[]).is_none() && fast.predict("rul", &[]).is_some());
    assert!(fast.truth().capacity < slow.truth().capacity - 0.1);
}

#[test]
fn conditions_that_the_law_was_not_tested_in_are_told() {
    let mut watched = Watched::typical(6, DAY_IN_A_MINUTE);
    watched.run(20);
    assert!(watched.twin.standing().outside.is_empty(), "{:?}", watched.twin.standing());
    let mut row = watched.row();
    row[2] = 51.0;
    watched.tell(&row);
    assert_eq!(watched.twin.standing().outside, ["temperature 51.00 °C is outside 0 to 45 °C"]);
    // Half charged and charged again, at more than 1C: neither is what the law's cells went through.
    let told = self::watched().twin.standing().outside.join("; ");
    assert!(told.contains("depth of the cycles"), "{told}");
}
