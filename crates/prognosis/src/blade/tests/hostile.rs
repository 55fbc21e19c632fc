//! What comes from outside: rows, findings and stored twins that are wrong.

use super::*;

#[test]
fn a_stored_twin_with_broken_numbers_does_not_fit() {
    let (_, twin) = watched(30);
    let text = serde_json::to_string(&twin).unwrap();
    let broken =
        [("\"creep_before\":0.3", "\"creep_before\":-1"), ("\"rated_speed_rpm\":3000.0", "\"rated_speed_rpm\":0")];
    for (from, to) in broken {
        assert!(text.contains(from), "{from}");
        let read: BladeTwin = serde_json::from_str(&text.replace(from, to)).unwrap();
        assert!(!read.fits(), "{to}");
    }
}

#[test]
fn hostile_rows_neither_panic_nor_poison() {
    let (mut plant, mut twin) = watched(200);
    let wild = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300, 0.0, -1.0, 1e7, 500.0];
    let mut values = vec![0.0; 9];
    for i in 0..5000_usize {
        for (j, value) in values.iter_mut().enumerate() {
            *value = wild[(i * 7 + j * j + i / 9) % wild.len()];
        }
        let span = wild[i % wild.len()];
        let at_ms = if i % 2 == 0 { i64::MAX } else { i64::MIN };
        let shown = values.get(..i % 10).unwrap_or(&values);
        twin.observe(&Row { at_ms, seconds: span, time_lapse: wild[(i / 3) % wild.len()], values: shown });
    }
    assert!(twin.fits(), "{twin:?}");
    for quantity in ["rul", "crack_length", "creep_life"] {
        assert!(samples(&twin, quantity, &set(&[("load_limit", f64::NAN)])).iter().all(|one| !one.is_nan()));
    }
    // It goes on learning.
    plant.run(&mut twin, 300);
    assert!((belief(&twin, "effectiveness").p50 - 0.44).abs() < 0.01, "{:?}", belief(&twin, "effectiveness"));
}

#[test]
fn evidence_that_it_cannot_use_is_refused_and_changes_nothing() {
    let (_, mut twin) = watched(30);
    let before = twin.clone();
    let length = |value, deviation| Finding::Measured { quantity: "crack_length".to_owned(), value, deviation };
    for (part, finding) in [
        ("crack", length(-1.0, None)),
        ("crack", length(f64::NAN, None)),
        ("crack", length(1.0, Some(0.0))),
        ("blade", length(1.0, None)),
        ("crack", Finding::Done { action: "replaced".to_owned() }),
        ("blade", Finding::Nothing { quantity: "replaced".to_owned() }),
    ] {
        assert!(twin.learn(&evidence(part, finding.clone())).is_err(), "{finding:?}");
    }
    assert_eq!(twin, before);
}

#[test]
fn findings_at_the_ends_of_what_is_possible_leave_it_sound() {
    let (mut plant, mut twin) = watched(30);
    for (value, deviation) in [(0.0, None), (60.0, None), (0.0, Some(1e-6)), (60.0, Some(60.0)), (1e-9, Some(1e-9))] {
        let quantity = "crack_length".to_owned();
        twin.learn(&evidence("crack", Finding::Measured { quantity, value, deviation })).unwrap();
        plant.run(&mut twin, 20);
        assert!(twin.fits());
        assert!(samples(&twin, "rul", &Setting::default()).iter().all(|hours| *hours >= 0.0));
        twin.learn(&nothing()).unwrap();
    }
    for _ in 0..50 {
        twin.learn(&nothing()).unwrap();
    }
    assert!(twin.fits());
}
