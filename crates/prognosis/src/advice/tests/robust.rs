//! Whatever the samples and the inputs are: no panic, and cards with numbers, or none.

use super::*;

fn sound(choices: &[Choice], economics: &Economics) -> Vec<Card> {
    let calendar = calendar(economics.kind(), &Operations::default());
    let cards = advise(choices, economics, &calendar, YEAR_H);
    for card in &cards {
        let Cost { mean, p05, p50, p95 } = card.cost;
        assert!([mean, p05, p50, p95, card.saves].iter().all(|cost| cost.is_finite()), "{card:?}");
        assert!(p05 <= p50 && p50 <= p95 && (0.0..=1.0).contains(&card.failure_before), "{card:?}");
        let sum: f64 = card.parts.iter().map(|part| part.mean).sum();
        assert!((sum - mean).abs() <= 1e-6 * mean.abs().max(1.0), "{card:?}");
    }
    cards
}

#[test]
fn anything_may_be_a_sample() {
    const INF: f64 = f64::INFINITY;
    let economics = economics(Kind::Gearbox, &[]);
    assert!(sound(&[], &economics).is_empty());
    assert!(sound(&gearbox(&[], &[]), &economics).is_empty());
    assert!(sound(&gearbox(&[f64::NAN; 10], &[]), &economics).is_empty());
    for lives in [vec![0.0; 3], vec![-1.0, -INF], vec![INF; 2], vec![1e308, 1e-308], vec![f64::NAN, 5.0], vec![YEAR_H]]
    {
        assert!(!sound(&gearbox(&lives, &[]), &economics).is_empty(), "{lives:?}");
    }
}

#[test]
fn a_sample_that_is_no_number_is_left_out_of_all_choices() {
    let economics = economics(Kind::Gearbox, &[]);
    let lives = [100.0, 200.0, 9e9, 300.0];
    let mut broken = gearbox(&lives, &[]);
    broken[2].lives[2] = f64::NAN;
    assert_eq!(sound(&broken, &economics), sound(&gearbox(&[100.0, 200.0, 300.0], &[]), &economics));
    // More than half of them: the choice itself is left out.
    broken[2].lives = vec![f64::NAN, f64::NAN, f64::NAN, 1.0];
    assert!(sound(&broken, &economics).iter().all(|card| card.id != "oil_change"));
    // Those of another number of samples do not belong to them.
    broken[2].lives = vec![1.0];
    let cards = sound(&broken, &economics);
    assert!(cards.len() == 5 && cards.iter().all(|card| card.id != "oil_change"));
    assert!(sound(&broken[1..], &economics).is_empty(), "nothing to compare with");
}

#[test]
fn any_bound_of_any_input_gives_numbers() {
    for kind in Kind::ALL {
        let levers = [LEVERS.as_slice(), &[lever("base_load", "", [0.0, 1.0, 0.0])]].concat();
        let made = actions(kind, &levers);
        let lives = weibull(2.0, 5_000.0, 50);
        let choices: Vec<Choice> = made.into_iter().map(|action| Choice { action, lives: lives.clone() }).collect();
        let generic = economics(kind, &[]);
        for end in [|input: &Input| input.low, |input: &Input| input.high] {
            let mut all = generic.clone();
            for input in generic.inputs() {
                let mut one = generic.clone();
                one.set(input.id, end(input)).unwrap();
                assert!(!sound(&choices, &one).is_empty(), "{kind:?} {}", input.id);
                all.set(input.id, end(input)).unwrap();
            }
            sound(&choices, &all);
        }
    }
}

#[test]
fn any_horizon_and_any_window_is_taken() {
    let economics = economics(Kind::Gearbox, &[]);
    let choices = gearbox(&weibull(2.0, 5_000.0, 50), &[]);
    let windows = vec![i64::MIN..i64::MAX, 5..5, i64::MAX - 1..i64::MAX];
    for operations in [Operations::default(), Operations { crews: 0, windows }] {
        for now_ms in [0, i64::MIN, i64::MAX] {
            for horizon_h in [f64::NAN, -1.0, 0.0, 1e-300, 1.0, 1e12, f64::INFINITY] {
                let calendar = Calendar::new(Kind::Gearbox, &operations, now_ms, horizon_h);
                for card in advise(&choices, &economics, &calendar, horizon_h) {
                    assert!(card.cost.mean.is_finite() && horizon_h > 0.0, "{horizon_h} {card:?}");
                }
            }
        }
    }
}

#[test]
fn inputs_outside_of_their_bounds_are_refused_with_what_to_do() {
    let mut economics = economics(Kind::Gearbox, &[]);
    let before = economics.clone();
    let said = |economics: &mut Economics, id: &str, value: f64| economics.set(id, value).unwrap_err().to_string();
    assert_eq!(said(&mut economics, "energy_price", -1.0), "energy_price is -1; give a number from 0 to 2000 EUR/MWh");
    assert!(said(&mut economics, "energy_price", f64::NAN).contains("from 0 to 2000"));
    assert!(said(&mut economics, "pack_parts", 1.0).contains("it counts with energy_price, "));
    assert_eq!(economics, before);
    economics.set("energy_price", 90.0).unwrap();
    assert_eq!(economics.inputs()[0].source, "changed by a person");
}
