//! A blade whose truth is known, because it is simulated: by other laws than those that are asked.

mod hostile;
mod judged;
mod plant;

use super::twin::TRAILING;
use super::*;
use crate::living::{Band, Evidence, Finding, Living, Row, Setting};
use crate::turbine_blade::Individual;
use plant::{LAPSE, Plant};

fn evidence(part: &str, finding: Finding) -> Evidence {
    Evidence { at_ms: 0, part: part.to_owned(), finding }
}

fn found(mm: f64) -> Evidence {
    let quantity = "crack_length".to_owned();
    evidence("crack", Finding::Measured { quantity, value: mm, deviation: None })
}

fn nothing() -> Evidence {
    evidence("crack", Finding::Nothing { quantity: "crack_length".to_owned() })
}

fn replaced() -> Evidence {
    evidence("blade", Finding::Done { action: "replaced".to_owned() })
}

/// After so many seconds of the plant.
fn watched(seconds: u32) -> (Plant, BladeTwin) {
    let mut plant = Plant::new(3, Individual::default());
    let mut twin = BladeTwin::new(BladeConfig::default(), 9);
    plant.run(&mut twin, seconds);
    (plant, twin)
}

/// After a whole round of the plant's dispatch, 13,000 h.
fn dispatched() -> (Plant, BladeTwin) {
    let mut plant = Plant::new(3, Individual::default());
    plant.lapse = 0.5 * LAPSE;
    let mut twin = BladeTwin::new(BladeConfig::default(), 9);
    plant.run(&mut twin, 780);
    twin.learn(&found(plant.blade.outputs().crack_mm)).unwrap();
    (plant, twin)
}

fn set(levers: &[(&str, f64)]) -> Setting {
    Setting(levers.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect())
}

fn samples(twin: &BladeTwin, quantity: &str, setting: &Setting) -> Vec<f64> {
    let all = twin.predict(setting);
    all.into_iter().find(|prediction| prediction.quantity == quantity).map(|one| one.samples).unwrap()
}

fn band(twin: &BladeTwin, quantity: &str, setting: &Setting) -> Band {
    Band::of(samples(twin, quantity, setting)).unwrap()
}

fn belief(twin: &BladeTwin, id: &str) -> Band {
    twin.beliefs().into_iter().find(|belief| belief.id == id).unwrap().now
}

fn width(band: Band) -> f64 {
    band.p95 - band.p5
}

#[test]
fn before_there_was_a_flame_nothing_is_predicted_or_foreseen() {
    let mut twin = BladeTwin::new(BladeConfig::default(), 1);
    assert!(twin.predict(&Setting::default()).is_empty() && twin.foresee().is_none());
    let cold = [15.0, 1.0, 15.0, 6.0, 0.0, 0.0, 480.0, 15.0, 15.0];
    for i in 0..100 {
        twin.observe(&Row { at_ms: 10_000 * i, seconds: 10.0, time_lapse: 1.0, values: &cold });
    }
    assert!(twin.predict(&Setting::default()).is_empty() && twin.foresee().is_none());
    assert_eq!(twin.standing().explains, None);
}

#[test]
fn the_effectiveness_of_the_simulated_edge_is_found_and_narrow() {
    let (_, twin) = watched(300);
    // The simulator's trailing edge is cooled by 0.44, its leading one by 0.46.
    for (id, truth) in [("effectiveness", 0.44), ("leading_edge_effectiveness", 0.46)] {
        let now = belief(&twin, id);
        assert!(now.holds(truth) && width(now) < 0.02, "{id}: {now:?}");
    }
}

#[test]
fn virtual_sensors_read_the_metal_and_stop_with_the_flame() {
    let (mut plant, mut twin) = watched(60);
    let truth = plant.blade.outputs().metal_deg_c[3];
    let metal = band(&twin, "metal_temperature", &Setting::default());
    assert!(metal.holds(truth) && width(metal) < 20.0, "{truth} {metal:?}");
    while plant.blade.outputs().fired {
        plant.run(&mut twin, 1);
    }
    plant.run(&mut twin, 3);
    assert!(twin.predict(&Setting::default()).iter().all(|one| one.quantity != "metal_temperature"));
}

#[test]
fn without_thermocouples_the_effectiveness_stays_the_prior_and_life_is_still_predicted() {
    let mut plant = Plant::new(3, Individual::default());
    plant.thermocouples = false;
    let mut twin = BladeTwin::new(BladeConfig::default(), 9);
    plant.run(&mut twin, 300);
    let one = twin.beliefs().remove(0);
    assert!((one.now.p50 - one.prior.p50).abs() < 1e-12 && (width(one.now) - width(one.prior)).abs() < 1e-3, "{one:?}");
    assert!(twin.foresee().is_none() && !twin.predict(&Setting::default()).is_empty());
}

#[test]
fn a_borescope_narrows_length_and_life() {
    let (plant, mut twin) = watched(300);
    let before = [band(&twin, "crack_length", &Setting::default()), band(&twin, "rul", &Setting::default())];
    twin.learn(&found(plant.blade.outputs().crack_mm)).unwrap();
    let after = [band(&twin, "crack_length", &Setting::default()), band(&twin, "rul", &Setting::default())];
    for ((before, after), share) in before.into_iter().zip(after).zip([0.8, 1.0]) {
        assert!(width(after) < share * width(before), "{before:?} {after:?}");
    }
}

#[test]
fn a_borescope_that_finds_nothing_rules_long_cracks_out() {
    let (_, mut twin) = watched(300);
    let before = band(&twin, "crack_length", &Setting::default());
    twin.learn(&nothing()).unwrap();
    let after = band(&twin, "crack_length", &Setting::default());
    assert!(after.p95 < 0.9 * before.p95 && width(after) < 0.9 * width(before), "{before:?} {after:?}");
    assert!(after.p5 > 0.7 * before.p5, "{before:?} {after:?}");
}

#[test]
fn a_blade_that_still_turns_has_no_crack_that_would_have_broken_it() {
    let (_, twin) = watched(900);
    let hottest = twin.duty.hardest().unwrap().edge_stress_mpa(0.44);
    // (K_IC/(1.12 σ))²/π.
    let critical_mm = 1000.0 * (60.0 / (1.12 * hottest)).powi(2) / std::f64::consts::PI;
    let now = band(&twin, "crack_length", &Setting::default());
    assert!((3.0..15.0).contains(&critical_mm) && now.p95 < critical_mm, "{now:?} {critical_mm}");
}

#[test]
fn a_finding_far_from_the_belief_starts_the_crack_anew_there() {
    let (_, mut twin) = watched(300);
    twin.learn(&found(12.0)).unwrap();
    let now = band(&twin, "crack_length", &Setting::default());
    assert!(now.holds(12.0) && width(now) < 3.0, "{now:?}");
    // Longer than what may stay in service.
    assert_eq!(band(&twin, "rul", &Setting::default()).p95, 0.0);
}

#[test]
fn a_new_blade_has_no_creep_a_short_crack_and_more_life() {
    let (_, mut twin) = watched(300);
    twin.learn(&found(2.0)).unwrap();
    let before = band(&twin, "rul", &Setting::default());
    twin.learn(&replaced()).unwrap();
    assert!(band(&twin, "crack_length", &Setting::default()).p95 < 0.4);
    assert_eq!(band(&twin, "creep_life", &Setting::default()).p95, 0.0);
    assert!(band(&twin, "rul", &Setting::default()).p5 > before.p95);
    assert!(!twin.standing().calibrated);
}

#[test]
fn levers_move_the_life_where_they_should() {
    let (_, twin) = dispatched();
    let life = |levers: &[(&str, f64)]| band(&twin, "rul", &set(levers)).p50;
    let now = life(&[]);
    assert!(life(&[("firing_temperature", 30.0)]) < 0.97 * now);
    assert!(life(&[("firing_temperature", -60.0)]) > 1.05 * now);
    assert!(life(&[("load_limit", 70.0)]) > 1.1 * now);
    assert!(life(&[("coolant_temperature", -60.0)]) < now, "a colder core strains the edge more: starts cost more");
    // The simulated plant starts four times a day.
    let (base, shifts) = (life(&[("base_load", 1.0)]), life(&[("two_shift", 1.0)]));
    assert!(base > now && shifts > 2.0 * now, "{now} {base} {shifts}");
}

#[test]
fn creep_is_what_heat_costs_at_base_load() {
    let (_, mut twin) = watched(100);
    // Hardly any starts are left, and no crack to speak of.
    twin.learn(&replaced()).unwrap();
    let hour = |levers: &[(&str, f64)]| {
        let mut levers = levers.to_vec();
        levers.push(("base_load", 1.0));
        let all = twin.predict(&set(&levers));
        let path = all.into_iter().find(|one| one.quantity == "creep_life").and_then(|one| one.path).unwrap();
        let (hours, last) = path.points.last().copied().unwrap();
        last.p50 / hours
    };
    assert!(hour(&[("firing_temperature", 30.0)]) > 1.3 * hour(&[]));
    assert!(hour(&[("coolant_temperature", -60.0)]) < 0.8 * hour(&[]));
    assert!(hour(&[("load_limit", 80.0)]) < 0.5 * hour(&[]));
}

#[test]
fn settings_are_paired_sample_by_sample() {
    let (_, twin) = dispatched();
    let neutral = samples(&twin, "rul", &Setting::default());
    assert_eq!(neutral, samples(&twin, "rul", &set(&[("load_limit", 100.0), ("unknown", 3.0)])));
    let cooler = samples(&twin, "rul", &set(&[("load_limit", 80.0)]));
    let worse = neutral.iter().zip(&cooler).filter(|(now, then)| then < now).count();
    assert!(worse * 100 < neutral.len(), "{worse}");
}

#[test]
fn the_fan_goes_from_what_is_believed_now_to_its_threshold() {
    let (plant, mut twin) = watched(300);
    twin.learn(&found(plant.blade.outputs().crack_mm)).unwrap();
    let all = twin.predict(&Setting::default());
    let (life, length) = (&all[0], &all[2]);
    let (path, threshold) = (life.path.as_ref().unwrap(), life.threshold.as_ref().unwrap());
    assert_eq!((path.quantity, threshold.quantity, threshold.value), ("crack_length", "crack_length", 3.0));
    let (first, now) = (path.points[0], Band::of(length.samples.clone()).unwrap());
    assert!(first.0 == 0.0 && (first.1.p50 / now.p50 - 1.0).abs() < 1e-9, "{first:?} {now:?}");
    // Where half of the samples have ended, half of the cracks are beyond.
    let middle = Band::of(life.samples.clone()).unwrap().p50;
    let crossed = path.points.windows(2).find(|pair| pair[1].1.p50 >= 3.0).unwrap();
    assert!((crossed[0].0..=crossed[1].0).contains(&middle), "{middle} {crossed:?}");
}

#[test]
fn starts_are_counted_by_the_flame_where_no_counter_is() {
    let mut plant = Plant::new(3, Individual::default());
    plant.counter = false;
    plant.lapse = 30.0;
    let mut twin = BladeTwin::new(BladeConfig::default(), 9);
    plant.run(&mut twin, 2300);
    // Three starts, each of which stands for as many as the time lapse says.
    let hours = 2300.0 * 30.0 / 3600.0;
    let (rate, _) = twin.duty.starts_an_hour();
    assert!((rate - 90.5 / (hours + 48.0)).abs() < 1e-3, "{rate}");
}

#[test]
fn a_counter_that_goes_back_or_jumps_beyond_belief_counts_nothing() {
    let (_, mut twin) = watched(60);
    let before = belief(&twin, "crack_length");
    let hot = |starts: f64| [1180.0, 9.5, 400.0, 3000.0, 100.0, 1.0, starts, 837.0, 821.0];
    for starts in [0.0, 1e6] {
        twin.observe(&Row { at_ms: 0, seconds: 1.0, time_lapse: 30.0, values: &hot(starts) });
        let now = belief(&twin, "crack_length");
        assert!((now.p50 / before.p50 - 1.0).abs() < 0.01, "{starts}: {before:?} {now:?}");
    }
    assert!(twin.standing().outside.iter().any(|why| why.contains("counter")), "{:?}", twin.standing());
}

#[test]
fn a_gap_in_the_data_ages_the_blade_as_usual() {
    let mut twin = BladeTwin::new(BladeConfig::default(), 9);
    let hot = [1180.0, 9.5, 400.0, 3000.0, 100.0, 1.0, 480.0, 837.0, 821.0];
    let row = |at_ms, values| Row { at_ms, seconds: 10.0, time_lapse: 1.0, values };
    for i in 0..1000 {
        twin.observe(&row(10_000 * i, &hot));
    }
    let creep = twin.edges[TRAILING].creep;
    twin.observe(&row(10_000 * 999 + 3_600_000_000, &[480.5; 0]));
    // 1,000 rows were 2.8 h; the gap was 1,000 h.
    let ratio = twin.edges[TRAILING].creep / creep;
    assert!((ratio / 361.0 - 1.0).abs() < 0.02, "{ratio}");
}

#[test]
fn a_blocked_passage_is_a_surprise_that_costs_life() {
    use crate::faults::{Fault, FaultKind};
    let (mut plant, mut twin) = watched(120);
    let before = band(&twin, "rul", &Setting::default());
    assert_eq!(twin.standing().explains, Some(true));
    let kind = FaultKind::CoolingPassageBlockage;
    plant.blade.inject(Fault { kind, rate: 30.0 });
    plant.run(&mut twin, 12);
    assert_eq!(twin.standing().explains, Some(false));
    plant.run(&mut twin, 30);
    let truth = plant.blade.outputs();
    let effectiveness = (truth.gas_temperature_deg_c - truth.metal_deg_c[3])
        / (truth.gas_temperature_deg_c - truth.coolant_temperature_deg_c);
    assert!((belief(&twin, "effectiveness").p50 - effectiveness).abs() < 0.005);
    assert!(band(&twin, "rul", &Setting::default()).p50 < 0.6 * before.p50);
    let all = twin.predict(&Setting::default());
    assert_eq!(all[0].failure_mode, "creep rupture");
}

#[test]
fn outside_of_what_it_was_made_for_it_says_in_what() {
    let (_, mut twin) = watched(60);
    assert!(twin.standing().outside.is_empty(), "{:?}", twin.standing());
    let fast = [1180.0, 9.5, 400.0, 3300.0, 100.0, 1.0];
    twin.observe(&Row { at_ms: 0, seconds: 1.0, time_lapse: LAPSE, values: &fast });
    assert_eq!(twin.standing().outside, ["speed over rated 1.10 is outside 0 to 1.05"]);
}

#[test]
fn what_foresees_the_metal_holds_what_comes_nine_times_of_ten() {
    let (mut plant, mut twin) = watched(100);
    let lead_s = (3600.0 * twin.lead_h() / LAPSE).ceil() as u32;
    let (mut held, mut of) = (0, 0);
    for _ in 0..300 {
        let Some(foreseen) = twin.foresee() else {
            plant.run(&mut twin, lead_s);
            continue;
        };
        plant.run(&mut twin, lead_s);
        if let Some(came) = twin.foresee() {
            of += 1;
            held += i32::from(foreseen.band.holds(came.observed));
        }
    }
    println!("foreseen metal temperature held {held} of {of}");
    assert!(of > 100 && held * 100 >= of * 88, "{held} of {of}");
}

#[test]
fn a_fleet_moves_the_prior_and_nonsense_does_not() {
    let mut twin = BladeTwin::new(BladeConfig::default(), 1);
    let before = twin.beliefs();
    let of = |mean: f64, deviation: f64| {
        ["effectiveness", "crack_growth", "creep_rate"].map(|id| (id.to_owned(), (mean, deviation))).into()
    };
    twin.start_from(&of(f64::NAN, 1.0));
    twin.start_from(&of(0.5, -1.0));
    assert_eq!(twin.beliefs(), before);
    let population = [
        ("effectiveness".to_owned(), (0.45, 0.02)),
        ("crack_growth".to_owned(), (4e-7_f64.ln(), 0.3)),
        ("creep_rate".to_owned(), (0.5, 0.3)),
    ];
    twin.start_from(&population.into());
    for (id, middle) in [("effectiveness", 0.45), ("crack_growth", 400.0), ("creep_rate", 0.5_f64.exp())] {
        let one = twin.beliefs().into_iter().find(|one| one.id == id).unwrap();
        assert!((one.prior.p50 / middle - 1.0).abs() < 1e-9 && (one.now.p50 / middle - 1.0).abs() < 0.05, "{one:?}");
    }
    assert!(twin.fits());
}

#[test]
fn a_twin_that_was_stored_goes_on_with_the_same_numbers() {
    let (mut plant, mut one) = watched(300);
    one.learn(&found(0.6)).unwrap();
    let mut other: BladeTwin = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert!(other.fits());
    let mut twins = [&mut one, &mut other];
    plant.run_all(&mut twins, 600);
    for twin in twins {
        twin.learn(&nothing()).unwrap();
    }
    for quantity in ["rul", "rul_cycles", "crack_length", "creep_life"] {
        let both = [&one, &other].map(|twin| band(twin, quantity, &Setting::default()));
        // Numbers in JSON are read back to the last digit but one.
        let near = |a: f64, b: f64| a == b || (a / b - 1.0).abs() < 1e-6;
        assert!(near(both[0].p5, both[1].p5) && near(both[0].p50, both[1].p50), "{quantity}: {both:?}");
    }
}
