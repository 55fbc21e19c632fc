//! The simulated blade from outside: reproducible, physical, healthy while it is dispatched, and hot on request.

use twinscope_prognosis::turbine_blade::{
    COMPRESSION, FASTEST_TIME_LAPSE, Individual, Outputs, PLACES, Place, TurbineBlade, crack_growth_m, rupture_hours,
    topics,
};
use twinscope_prognosis::{Fault, FaultKind, Reading};

const BLOCKAGE: Fault = Fault { kind: FaultKind::CoolingPassageBlockage, rate: 1.0 };
const STREAK: Fault = Fault { kind: FaultKind::HotStreak, rate: 1.0 };
/// Half an hour of the viewer is fifteen hours of the machine.
const HALF_AN_HOUR_S: u32 = 1800;

fn run(blade: &mut TurbineBlade, seconds: u32) -> Vec<Outputs> {
    (0..seconds)
        .map(|_| {
            blade.step(1.0);
            blade.outputs()
        })
        .collect()
}

fn metal(outputs: &Outputs, place: Place) -> f64 {
    PLACES.iter().zip(outputs.metal_deg_c).find(|(known, _)| **known == place).map_or(f64::NAN, |(_, metal)| metal)
}

fn numbers(outputs: &Outputs) -> Vec<f64> {
    let readings = topics(outputs).into_iter().flat_map(|(_, fields)| fields);
    let number = |(_, reading)| match reading {
        Reading::Number(number) => vec![number],
        Reading::Numbers(numbers) => numbers,
        Reading::Flag(_) => vec![],
    };
    readings.flat_map(number).collect()
}

#[test]
fn the_same_seed_gives_the_same_numbers_to_the_last_bit() {
    let history = || {
        let mut blade = TurbineBlade::new(42);
        let mut all = run(&mut blade, 200);
        blade.inject(BLOCKAGE);
        all.extend(run(&mut blade, 300));
        blade.clear(BLOCKAGE.kind);
        all.extend(run(&mut blade, 100));
        all
    };
    assert_eq!(history(), history());
}

#[test]
fn everything_is_finite_and_within_bounds_through_starts_and_stops() {
    for seed in [1, 2, 3] {
        let mut blade = TurbineBlade::new(seed);
        blade.inject(Fault { rate: 5.0, ..BLOCKAGE });
        blade.inject(Fault { rate: 5.0, ..STREAK });
        for outputs in run(&mut blade, HALF_AN_HOUR_S) {
            assert!(numbers(&outputs).iter().all(|number| number.is_finite()), "{outputs:?}");
            assert!((0.0..=100.0).contains(&outputs.load_percent));
            assert!((0.0..3100.0).contains(&outputs.speed_rpm));
            let hottest = outputs.metal_deg_c.iter().copied().fold(f64::MIN, f64::max);
            assert!(hottest < outputs.gas_temperature_deg_c.max(900.0) + 150.0, "{outputs:?}");
            assert!(outputs.coolant_flow_g_per_s.iter().all(|flow| *flow >= 0.0));
        }
    }
}

#[test]
fn a_viewer_sees_base_load_part_load_a_stop_and_a_start_within_a_quarter_of_an_hour() {
    let outputs = run(&mut TurbineBlade::new(1), 900);
    let (first, last) = (outputs[0], outputs[899]);
    assert!(first.load_percent > 99.0 && first.fired);
    assert!(outputs.iter().any(|o| (65.0..80.0).contains(&o.load_percent)), "no part load");
    assert!(outputs.iter().any(|o| !o.fired && o.speed_rpm < 20.0), "no standstill");
    assert!(last.starts >= first.starts + 1.0, "no start");
    let up = outputs.iter().rposition(|o| !o.fired).unwrap();
    assert!(outputs[up..].iter().any(|o| o.load_percent > 99.0), "no full load after the start");
}

#[test]
fn at_base_load_each_wall_lies_between_coolant_and_gas_and_the_platform_is_coolest() {
    let outputs = TurbineBlade::new(1).outputs();
    for place in PLACES {
        let metal = metal(&outputs, place);
        assert!(metal > outputs.coolant_temperature_deg_c + 100.0 && metal < outputs.gas_temperature_deg_c - 100.0);
        assert!(place == Place::Platform || metal > self::metal(&outputs, Place::Platform), "{place:?}: {metal}");
    }
    // Total of run 145, NASA CR-168015, appendix A.
    let flow: f64 = outputs.coolant_flow_g_per_s.iter().sum();
    assert!((flow - 88.9).abs() < 1.0, "{flow} g/s");
}

#[test]
fn damage_never_shrinks() {
    let mut blade = TurbineBlade::new(4);
    let mut before = blade.outputs();
    for outputs in run(&mut blade, HALF_AN_HOUR_S) {
        for (name, a, b) in [
            ("creep", before.creep_life_percent, outputs.creep_life_percent),
            ("strain", before.creep_strain_percent, outputs.creep_strain_percent),
            ("crack", before.crack_mm, outputs.crack_mm),
            ("starts", before.starts, outputs.starts),
            ("hours", before.fired_hours, outputs.fired_hours),
        ] {
            assert!(b >= a, "{name}: {a} then {b}");
        }
        before = outputs;
    }
}

#[test]
fn a_start_grows_the_crack_and_hours_alone_do_not() {
    let outputs = run(&mut TurbineBlade::new(1), 900);
    let start = outputs.windows(2).position(|pair| pair[1].starts > pair[0].starts).unwrap();
    assert_eq!(outputs[0].crack_mm, outputs[start].crack_mm);
    assert!(outputs[start + 1].crack_mm > outputs[start].crack_mm);
}

#[test]
fn a_blocked_passage_loses_its_flow_and_heats_the_trailing_edge_within_minutes() {
    let mut blade = TurbineBlade::new(1);
    let before = blade.outputs();
    blade.inject(BLOCKAGE);
    let outputs = run(&mut blade, 160);
    let after = outputs[159];
    assert!(after.passage_area_percent[8] < 20.0, "{}", after.passage_area_percent[8]);
    assert!(after.coolant_flow_g_per_s[8] < 0.2 * before.coolant_flow_g_per_s[8]);
    assert!(after.coolant_outlet_deg_c[8] > before.coolant_outlet_deg_c[8] + 20.0);
    assert!(metal(&after, Place::TrailingEdge) > metal(&before, Place::TrailingEdge) + 60.0);
    // The other passages and the walls away from it do not notice.
    assert!((after.coolant_flow_g_per_s[0] / before.coolant_flow_g_per_s[0] - 1.0).abs() < 0.03);
    assert!((metal(&after, Place::LeadingEdge) - metal(&before, Place::LeadingEdge)).abs() < 5.0);
}

#[test]
fn a_hot_streak_heats_the_leading_edge_most_and_spreads_the_exhaust() {
    let mut blade = TurbineBlade::new(1);
    let before = blade.outputs();
    blade.inject(STREAK);
    let after = run(&mut blade, 130)[129];
    let rise = |place| metal(&after, place) - metal(&before, place);
    assert!(rise(Place::LeadingEdge) > 45.0, "{}", rise(Place::LeadingEdge));
    assert!(rise(Place::LeadingEdge) > rise(Place::SuctionSide) + 20.0);
    assert!(after.exhaust_spread_k > before.exhaust_spread_k + 45.0);
}

#[test]
fn after_a_repair_the_wall_cools_down_and_the_damage_stays() {
    let mut blade = TurbineBlade::new(1);
    let before = blade.outputs();
    blade.inject(Fault { rate: 3.0, ..BLOCKAGE });
    let hot = run(&mut blade, 100)[99];
    blade.clear(BLOCKAGE.kind);
    assert!(blade.faults().is_empty());
    let after = run(&mut blade, 20)[19];
    assert!((metal(&after, Place::TrailingEdge) - metal(&before, Place::TrailingEdge)).abs() < 6.0);
    assert!(after.creep_life_percent >= hot.creep_life_percent);
}

#[test]
fn heat_costs_life() {
    // Larson and Miller 1952 with C = 20, through the two points of IN-738LC that the model is drawn through.
    for (stress, temperature) in [(214.0, 871.0), (83.0, 982.0)] {
        let hours = rupture_hours(stress, temperature);
        assert!((hours / 1000.0 - 1.0).abs() < 0.05, "{stress} MPa, {temperature} °C: {hours} h");
    }
    assert!(rupture_hours(90.0, 850.0) > 2.0 * rupture_hours(90.0, 880.0));
    assert!(rupture_hours(90.0, 850.0) > rupture_hours(100.0, 850.0));
}

#[test]
fn a_crack_grows_by_the_cube_of_the_range_and_not_below_the_threshold() {
    // 1.12 × 300 MPa × √(π 1 mm) is 18.83 MPa √m: 2e-7 (18.83/20)³ m.
    let one = crack_growth_m(0.001, 300.0);
    assert!((one / 1.669e-7 - 1.0).abs() < 0.005, "{one}");
    assert!((crack_growth_m(0.001, 600.0) / one - 8.0).abs() < 1e-9);
    assert_eq!(crack_growth_m(0.001, 100.0), 0.0);
}

#[test]
fn a_step_that_is_no_time_changes_nothing_and_a_long_one_counts_as_ten_seconds() {
    let mut blade = TurbineBlade::new(1);
    let before = (blade.outputs(), blade.time_s());
    for dt_s in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        blade.step(dt_s);
        assert_eq!((blade.outputs(), blade.time_s()), before, "{dt_s}");
    }
    blade.step(1e300);
    assert_eq!(blade.time_s(), 10.0);
}

/// What ages in some seconds, after a whole cycle has been seen: creep, hours, starts.
fn aged(time_lapse: f64, seconds: u32) -> [f64; 3] {
    let mut blade = TurbineBlade::new(1);
    run(&mut blade, 1400);
    blade.set_time_lapse(time_lapse);
    let before = blade.outputs();
    run(&mut blade, seconds);
    let after = blade.outputs();
    [
        after.creep_life_percent - before.creep_life_percent,
        after.fired_hours - before.fired_hours,
        after.starts - before.starts,
    ]
}

#[test]
fn in_time_lapse_creep_hours_and_starts_go_by_as_many_times_faster() {
    // Two rounds of the dispatch, so that as many starts are seen as go by on average.
    let [creep, hours, starts] = aged(COMPRESSION, 1464);
    let lapsed = aged(1000.0 * COMPRESSION, 1464);
    for (name, slow, fast, tolerance) in
        [("creep", creep, lapsed[0], 1e-6), ("hours", hours, lapsed[1], 1e-6), ("starts", starts, lapsed[2], 0.05)]
    {
        assert!((fast / slow / 1000.0 - 1.0).abs() < tolerance, "{name}: {slow} {fast}");
    }
}

#[test]
fn a_time_lapse_has_bounds() {
    let mut blade = TurbineBlade::new(1);
    for (asked, given) in [(0.0, COMPRESSION), (-1.0, COMPRESSION), (f64::INFINITY, FASTEST_TIME_LAPSE), (3e5, 3e5)] {
        blade.set_time_lapse(asked);
        assert_eq!(blade.time_lapse(), given, "{asked}");
    }
    blade.set_time_lapse(f64::NAN);
    assert_eq!(blade.time_lapse(), 3e5);
}

#[test]
fn at_the_fastest_time_lapse_everything_stays_finite_and_damage_ends() {
    let wild = Individual { crack_mm: f64::NAN, crack_rate: f64::INFINITY, creep_rate: 1e9 };
    let mut blade = TurbineBlade::individual(1, wild);
    blade.set_time_lapse(FASTEST_TIME_LAPSE);
    let last = run(&mut blade, 100).pop().unwrap();
    assert!(numbers(&last).iter().all(|number| number.is_finite()), "{last:?}");
    assert_eq!((last.creep_life_percent, last.crack_mm), (100.0, 30.0));
}

#[test]
fn a_blade_whose_crack_is_faster_ends_with_a_longer_one() {
    let crack_mm = |crack_rate| {
        let mut blade = TurbineBlade::individual(1, Individual { crack_rate, ..Individual::default() });
        blade.set_time_lapse(120_000.0);
        run(&mut blade, 200).pop().unwrap().crack_mm
    };
    assert!(crack_mm(2.0) > crack_mm(1.0) && crack_mm(1.0) > 0.4);
}

#[test]
fn topics_and_fields_are_the_published_ones() {
    let messages = topics(&TurbineBlade::new(1).outputs());
    let names: Vec<String> = messages
        .into_iter()
        .map(|(topic, fields)| {
            let fields: Vec<&str> = fields.into_iter().map(|(name, _)| name).collect();
            format!("{topic}: {}", fields.join(" "))
        })
        .collect();
    let mut expected = vec![
        "machine: load power speed fired".to_owned(),
        "gas: temperature pressure spread".to_owned(),
        "coolant: temperature flow".to_owned(),
        "metal: leading_edge suction_side pressure_side trailing_edge tip platform".to_owned(),
        "stress: root leading_edge trailing_edge".to_owned(),
        "life: creep_strain creep_life crack starts hours".to_owned(),
    ];
    expected.extend((1..=10).map(|n| format!("passage/{n}: flow outlet_temperature area")));
    assert_eq!(names, expected);
}
