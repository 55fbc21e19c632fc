//! It runs: reproducible, the same whatever the step, on its power curve, and stopped where it should be.

use twinscope_prognosis::wind_turbine::{Condition, Outputs, TurbineParameters, WindTurbine};

use crate::{WEAR, constant_mean, mean, run, steady, wear};

#[test]
fn the_same_seed_gives_the_same_numbers_to_the_last_bit() {
    let history = || {
        let mut turbine = WindTurbine::new(TurbineParameters::default(), 42);
        let mut all = run(&mut turbine, 0.1, 500);
        turbine.inject(wear(1.0));
        all.extend(run(&mut turbine, 0.37, 500));
        turbine.clear(WEAR);
        all.extend(run(&mut turbine, 10.0, 50));
        all
    };
    assert_eq!(history(), history());
}

#[test]
fn another_seed_gives_other_weather() {
    let history = |seed| {
        let mut turbine = WindTurbine::new(TurbineParameters::default(), seed);
        run(&mut turbine, 1.0, 60)
    };
    let (one, other) = (history(1), history(2));
    let difference = mean(one.iter().zip(&other).map(|(a, b)| (a.wind_speed_m_per_s - b.wind_speed_m_per_s).abs()));
    assert!(difference > 0.2, "{difference}");
}

#[test]
fn a_step_that_is_no_time_changes_nothing() {
    let mut turbine = WindTurbine::new(TurbineParameters::default(), 1);
    turbine.step(1.0);
    let before = (turbine.outputs(), turbine.time_s());
    for dt_s in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        turbine.step(dt_s);
        assert_eq!((turbine.outputs(), turbine.time_s()), before, "{dt_s}");
    }
}

#[test]
fn a_step_longer_than_ten_seconds_counts_as_ten() {
    let mut long = WindTurbine::new(TurbineParameters::default(), 1);
    let mut ten = long.clone();
    long.step(1e300);
    ten.step(10.0);
    assert_eq!(long.time_s(), 10.0);
    assert_eq!(long.outputs(), ten.outputs());
}

#[test]
fn time_adds_up() {
    let mut turbine = WindTurbine::new(TurbineParameters::default(), 1);
    assert_eq!(turbine.time_s(), 0.0);
    run(&mut turbine, 0.25, 40);
    assert!((turbine.time_s() - 10.0).abs() < 1e-9);
}

#[test]
fn mean_power_does_not_depend_on_the_step() {
    const HOURS: f64 = 8.0;
    let mean_power = |dt_s: f64| {
        let mut turbine = WindTurbine::new(constant_mean(8.0), 5);
        let steps = (HOURS * 3600.0 / dt_s) as u32;
        mean(run(&mut turbine, dt_s, steps).iter().map(|o| o.power_kw))
    };
    let reference = mean_power(0.1);
    // The same inner steps, read more rarely.
    for dt_s in [1.0, 10.0] {
        let power = mean_power(dt_s);
        assert!((power / reference - 1.0).abs() < 0.01, "{dt_s} s: {power} for {reference}");
    }
    // Other inner steps draw other weather: what differs is mostly chance.
    for dt_s in [0.05, 0.07] {
        let power = mean_power(dt_s);
        assert!((power / reference - 1.0).abs() < 0.06, "{dt_s} s: {power} for {reference}");
    }
}

/// NREL turbine-models, `IEA_Reference_3.4MW_130.csv`: wind (m/s), power (kW).
#[test]
fn the_power_curve_is_the_published_one() {
    for (wind, power_kw) in [
        (5.3862, 560.898),
        (6.1098, 819.126),
        (7.1252, 1299.172),
        (8.0899, 1901.499),
        (8.8703, 2506.636),
        (9.203, 2799.333),
        (10.8757, 3370.0),
        (13.0487, 3370.0),
        (19.3448, 3370.0),
    ] {
        let power = WindTurbine::new(steady(wind), 1).outputs().power_kw;
        assert!((power / power_kw - 1.0).abs() < 0.07, "{wind} m/s: {power} for {power_kw}");
    }
}

#[test]
fn it_starts_in_balance() {
    for wind in [6.0, 9.8, 12.0] {
        let mut turbine = WindTurbine::new(steady(wind), 1);
        let first = turbine.outputs();
        let last = *run(&mut turbine, 10.0, 720).last().unwrap();
        for (name, a, b, tolerance) in [
            ("power", first.power_kw, last.power_kw, 40.0),
            ("rotor", first.rotor_speed_rpm, last.rotor_speed_rpm, 0.05),
            ("oil", first.oil_temperature_deg_c, last.oil_temperature_deg_c, 0.5),
            ("bearing", first.high_speed_bearing_temperature_deg_c, last.high_speed_bearing_temperature_deg_c, 0.5),
            ("transformer", first.transformer_temperature_deg_c, last.transformer_temperature_deg_c, 0.5),
        ] {
            assert!((a - b).abs() < tolerance, "{wind} m/s, {name}: {a} then {b}");
        }
    }
}

#[test]
fn in_a_storm_it_stands_feathered_with_its_brake_on() {
    let outputs = WindTurbine::new(steady(30.0), 1).outputs();
    assert!(outputs.brake_applied);
    assert!(outputs.rotor_speed_rpm < 0.01, "{}", outputs.rotor_speed_rpm);
    assert!(outputs.pitch_deg.iter().all(|pitch| *pitch > 85.0));
    assert!(outputs.power_kw < 0.0);
    assert!(outputs.brake_pad_mm < 18.0);
}

#[test]
fn in_a_calm_it_waits_and_draws_its_own_power() {
    let outputs = WindTurbine::new(steady(1.5), 1).outputs();
    assert!((-50.0..0.0).contains(&outputs.power_kw), "{}", outputs.power_kw);
    assert!(!outputs.brake_applied);
}

const SOUND: Condition = Condition { misalignment_mrad: 0.0, viscosity_factor: 1.0, cooler_effectiveness: 0.5 };

/// After an hour at 11 m/s.
fn in_condition(condition: Condition) -> Outputs {
    let mut turbine = WindTurbine::new(steady(11.0), 1);
    turbine.set_condition(condition);
    (0..60).for_each(|_| turbine.step_in_balance(11.0, 12.0, 60.0));
    turbine.outputs()
}

#[test]
fn a_crooked_shaft_shakes_the_generator_more_than_the_bearing() {
    let (straight, crooked) = (in_condition(SOUND), in_condition(Condition { misalignment_mrad: 0.8, ..SOUND }));
    let generator = crooked.generator_vibration_mm_per_s - straight.generator_vibration_mm_per_s;
    let bearing = crooked.high_speed_bearing_vibration_mm_per_s - straight.high_speed_bearing_vibration_mm_per_s;
    assert!(generator > 2.0 * bearing && bearing > 0.1, "{generator} {bearing}");
}

#[test]
fn thin_oil_needs_less_pressure() {
    let (fresh, thin) = (in_condition(SOUND), in_condition(Condition { viscosity_factor: 0.7, ..SOUND }));
    assert!(
        thin.oil_pressure_bar < fresh.oil_pressure_bar - 0.1,
        "{} {}",
        thin.oil_pressure_bar,
        fresh.oil_pressure_bar
    );
}

#[test]
fn a_fouled_cooler_leaves_the_oil_warmer() {
    let (clean, fouled) = (in_condition(SOUND), in_condition(Condition { cooler_effectiveness: 0.3, ..SOUND }));
    let warmer_k = fouled.oil_inlet_temperature_deg_c - clean.oil_inlet_temperature_deg_c;
    assert!(warmer_k > 1.0, "{warmer_k}");
}
