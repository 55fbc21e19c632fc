//! What is published, what the site file says, and what is compared by place.

use serde_json::Value;

use super::super::words::number;
use super::*;
use crate::living::Prediction;

/// The JSON of "Advice" in the documentation.
fn documented() -> Value {
    let text = include_str!("../../../../../docs/predictions.md");
    let advice = text.split("## Advice").nth(1).unwrap();
    serde_json::from_str(advice.split("```json").nth(1).unwrap().split("```").next().unwrap()).unwrap()
}

#[track_caller]
fn has_the_fields_of(made: &Value, documented: &Value) {
    match (made, documented) {
        (Value::Object(made), Value::Object(documented)) => {
            for (key, value) in documented {
                has_the_fields_of(made.get(key).unwrap_or_else(|| panic!("no {key}")), value);
            }
        }
        (Value::Array(made), Value::Array(documented)) => has_the_fields_of(&made[0], &documented[0]),
        (made, documented) => {
            let kind = |value: &Value| (value.is_number(), value.is_string(), value.is_boolean());
            assert_eq!(kind(made), kind(documented), "{made} {documented}");
        }
    }
}

#[test]
fn the_message_is_the_documented_one() {
    let economics = economics(Kind::Gearbox, &[]);
    let calendar = calendar(Kind::Gearbox, &every_day());
    let choices = gearbox(&weibull(3.0, 1_500.0, 100), &[]);
    let advice = Advice {
        issued_at: NOW_MS,
        valid_until: Some(NOW_MS + 86_400_000),
        currency: economics.currency().to_owned(),
        horizon_h: YEAR_H,
        time_lapse: 1.0,
        from_simulation: false,
        economics: economics.inputs().to_vec(),
        windows: calendar.assumption(),
        waiting: wait_a_week(&choices, &economics, &calendar, YEAR_H),
        actions: advise(&choices, &economics, &calendar, YEAR_H),
    };
    has_the_fields_of(&serde_json::to_value(&advice).unwrap(), &documented());
}

#[test]
fn every_input_is_a_key_of_the_site_file_with_the_same_bounds() {
    let schema = twinscope_twin::site::schema::site_schema();
    let keys = schema.pointer("/$defs/economics/properties").and_then(Value::as_object).unwrap();
    let mut known = std::collections::BTreeSet::new();
    for kind in Kind::ALL {
        for input in economics(kind, &[]).inputs() {
            assert!((input.low..=input.high).contains(&input.value), "{}", input.id);
            let key = match input.id {
                "crews" => schema.pointer("/$defs/operations/properties/crews").unwrap(),
                id => keys.get(id).unwrap_or_else(|| panic!("[economics] has no {id}")),
            };
            let bounds = [&key["minimum"], &key["maximum"]].map(|bound| bound.as_f64().unwrap());
            assert_eq!(bounds, [input.low, input.high], "{}", input.id);
            known.insert(input.id);
        }
    }
    assert!(keys.keys().all(|key| known.contains(key.as_str())));
}

#[test]
fn the_site_file_counts_before_what_is_generic() {
    let site = BTreeMap::from([("energy_price".to_owned(), 90.0), ("pack_parts".to_owned(), 1.0)]);
    let made = Economics::new(Kind::Gearbox, "DKK", &site, &Operations { crews: 2, windows: Vec::new() });
    let input = |id: &str| made.inputs().iter().find(|input| input.id == id).unwrap();
    assert_eq!((input("energy_price").value, input("energy_price").source.as_ref()), (90.0, "site file"));
    assert_eq!(input("energy_price").unit, "DKK/MWh");
    assert_eq!((input("crews").value, input("crews").source.as_ref()), (2.0, "site file"));
    assert!(input("oil_change_parts").source.starts_with("[E]"));
    assert!(made.inputs().iter().all(|input| input.id != "pack_parts"));
}

fn life(samples: &[f64]) -> Prediction {
    Prediction {
        part: "bearing",
        quantity: "rul",
        unit: "d",
        samples: samples.to_vec(),
        horizon: Some(100.0),
        failure_mode: "".into(),
        threshold: None,
        path: None,
        is_virtual: false,
    }
}

#[test]
fn a_gain_that_every_sample_has_is_no_noise() {
    let baseline: Vec<f64> = (1..=50).map(f64::from).collect();
    let longer: Vec<f64> = baseline.iter().map(|life| life + 3.0).collect();
    let found = against(&life(&baseline), &life(&longer), "baseline").unwrap();
    assert_eq!([found.p05, found.p50, found.p95, found.better, found.beyond], [3.0, 3.0, 3.0, 1.0, 0.0]);
    // The same lives in another order: on average the same gain, and a spread.
    let shuffled: Vec<f64> = longer.iter().rev().copied().collect();
    let found = against(&life(&baseline), &life(&shuffled), "baseline").unwrap();
    assert!(found.p05 < -40.0 && found.p95 > 40.0 && (found.p50 - 3.0).abs() < 1e-9);
}

#[test]
fn what_lies_beyond_the_horizon_is_no_gain_and_no_loss() {
    const INF: f64 = f64::INFINITY;
    let found = |a: &[f64], b: &[f64]| {
        against(&life(a), &life(b), "baseline").map(|found| [found.p50, found.better, found.beyond])
    };
    // Two of four last beyond it either way: one of the other two is better.
    assert_eq!(found(&[10.0, 20.0, INF, 300.0], &[INF, 20.0, INF, INF]), Some([0.0, 0.5, 0.5]));
    // It gains at least what is left of the horizon.
    assert_eq!(found(&[60.0], &[INF]), Some([40.0, 1.0, 0.0]));
    assert_eq!(found(&[INF], &[60.0]), Some([-40.0, 0.0, 0.0]));
    assert_eq!(found(&[INF, INF], &[INF, 100.0]), None);
    assert_eq!(found(&[], &[]), None);
    assert_eq!(found(&[1.0], &[1.0, 2.0]), None);
    assert_eq!(found(&[f64::NAN], &[1.0]), None);
}

#[test]
fn lives_come_in_hours_whatever_their_unit() {
    assert_eq!(hours(&life(&[1.0, f64::INFINITY])), Some((vec![24.0, f64::INFINITY], 2_400.0)));
    assert_eq!(hours(&Prediction { unit: "mo", horizon: None, ..life(&[12.0]) }), Some((vec![8766.0], f64::INFINITY)));
    assert_eq!(hours(&Prediction { unit: "km", ..life(&[1.0]) }), None);
}

#[test]
fn numbers_have_three_digits_that_count() {
    for (value, text) in [
        (0.0, "0"),
        (41_234.0, "41,200"),
        (1_234_567.0, "1,230,000"),
        (31.04, "31"),
        (0.012_34, "0.0123"),
        (-999.6, "-1,000"),
        (70.0, "70"),
    ] {
        assert_eq!(number(value), text);
    }
}
