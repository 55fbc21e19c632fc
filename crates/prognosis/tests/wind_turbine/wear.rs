//! The high-speed bearing wears out on request, crosses the limits one by one, and can be replaced.

use twinscope_prognosis::Fault;
use twinscope_prognosis::wind_turbine::{Outputs, TurbineParameters, WindTurbine};

use crate::{WEAR, constant_mean, mean, run, steady, wear};

/// When a condition first holds, s.
fn first(readings: &[Outputs], condition: impl Fn(&Outputs) -> bool) -> Option<usize> {
    readings.iter().position(condition).map(|index| index + 1)
}

#[test]
fn wear_crosses_one_limit_after_the_other_within_minutes() {
    for seed in 1..=8 {
        let mut turbine = WindTurbine::new(constant_mean(10.5), seed);
        run(&mut turbine, 1.0, 60);
        turbine.inject(wear(1.0));
        let readings = run(&mut turbine, 1.0, 900);
        let vibration = |limit| first(&readings, |o| o.high_speed_bearing_vibration_mm_per_s > limit).unwrap();
        let temperature = |limit| first(&readings, |o| o.high_speed_bearing_temperature_deg_c > limit).unwrap();
        let times = [vibration(4.5), vibration(7.1), temperature(80.0), temperature(90.0)];
        for (time, window) in times.iter().zip([50..130, 110..230, 160..290, 220..420]) {
            assert!(window.contains(time), "seed {seed}: {times:?}");
        }
        assert!(times.is_sorted(), "seed {seed}: {times:?}");
    }
}

#[test]
fn kurtosis_warns_before_the_velocity_does() {
    let mut turbine = WindTurbine::new(constant_mean(10.5), 1);
    turbine.inject(wear(1.0));
    let readings = run(&mut turbine, 1.0, 900);
    let kurtosis = first(&readings, |o| o.high_speed_bearing_kurtosis > 5.0).unwrap();
    let velocity = first(&readings, |o| o.high_speed_bearing_vibration_mm_per_s > 4.5).unwrap();
    assert!(kurtosis < velocity, "{kurtosis} s, {velocity} s");
    // And falls again when the damage has spread.
    let last = readings.last().unwrap();
    assert!(last.high_speed_bearing_kurtosis < 4.5, "{}", last.high_speed_bearing_kurtosis);
}

#[test]
fn a_worn_out_bearing_gets_no_worse() {
    for rate in [1.0, Fault::HIGHEST_RATE] {
        let mut turbine = WindTurbine::new(steady(12.0), 1);
        turbine.inject(wear(rate));
        run(&mut turbine, 10.0, 360);
        let readings = run(&mut turbine, 10.0, 1000);
        for o in &readings {
            let temperature = o.high_speed_bearing_temperature_deg_c;
            let vibration = o.high_speed_bearing_vibration_mm_per_s;
            assert!((95.0..125.0).contains(&temperature), "rate {rate}: {temperature}");
            assert!((9.0..15.0).contains(&vibration), "rate {rate}: {vibration}");
        }
    }
}

#[test]
fn a_fault_of_rate_0_leaves_the_bearing_sound() {
    let mut turbine = WindTurbine::new(constant_mean(10.5), 1);
    turbine.inject(wear(0.0));
    let readings = run(&mut turbine, 10.0, 360);
    assert!(readings.iter().all(|o| o.high_speed_bearing_vibration_mm_per_s < 2.5));
}

#[test]
fn a_higher_rate_is_faster() {
    let time_to_medium = |rate| {
        let mut turbine = WindTurbine::new(steady(10.5), 1);
        turbine.inject(wear(rate));
        let readings = run(&mut turbine, 1.0, 600);
        first(&readings, |o| o.high_speed_bearing_vibration_mm_per_s > 4.5).unwrap()
    };
    assert!(time_to_medium(3.0) < time_to_medium(1.0));
    assert!(time_to_medium(1.0) < time_to_medium(0.3));
}

#[test]
fn clearing_the_fault_repairs_the_bearing() {
    let mut turbine = WindTurbine::new(steady(10.5), 1);
    let healthy = turbine.outputs();
    turbine.inject(wear(1.0));
    run(&mut turbine, 1.0, 600);
    turbine.clear(WEAR);
    assert!(turbine.faults().is_empty());
    let soon = *run(&mut turbine, 1.0, 60).last().unwrap();
    assert!(soon.high_speed_bearing_vibration_mm_per_s < 2.5);
    assert!(soon.high_speed_bearing_kurtosis < 3.5);
    // Steel does not cool at once.
    assert!(soon.high_speed_bearing_temperature_deg_c > healthy.high_speed_bearing_temperature_deg_c);
    let later = *run(&mut turbine, 10.0, 720).last().unwrap();
    let difference = later.high_speed_bearing_temperature_deg_c - healthy.high_speed_bearing_temperature_deg_c;
    assert!(difference.abs() < 1.0, "{difference}");
}

#[test]
fn friction_of_a_worn_bearing_costs_power() {
    // Below rated power, where no pitch makes up for it; the cooler does not listen to the bearing, so that the oil
    // and its drag stay as they are.
    let mut parameters = steady(7.0);
    parameters.gearbox.cooler_by_bearing_deg_c = (500.0, 600.0);
    let oil_w_per_k = parameters.high_speed_bearing.oil_w_per_k;
    let efficiency = parameters.gearbox.mesh_efficiency * parameters.electrical.efficiency;
    let mut sound = WindTurbine::new(parameters, 1);
    let mut worn = sound.clone();
    worn.inject(wear(Fault::HIGHEST_RATE));
    run(&mut sound, 1.0, 900);
    run(&mut worn, 1.0, 900);
    let (sound, worn) = (run(&mut sound, 1.0, 600), run(&mut worn, 1.0, 600));
    let power_w = |readings: &[Outputs]| 1e3 * mean(readings.iter().map(|o| o.power_kw));
    let friction_w = |readings: &[Outputs]| {
        oil_w_per_k * mean(readings.iter().map(|o| o.high_speed_bearing_temperature_deg_c - o.oil_temperature_deg_c))
    };
    let more_friction_w = friction_w(&worn) - friction_w(&sound);
    assert!(more_friction_w > 1_000.0, "{more_friction_w}");
    // At the best tip speed ratio the rotor's power does not answer to a slightly lower speed, so that what friction
    // takes is missing at the grid, but for what meshes, generator and converter would have lost of it.
    let lost_w = power_w(&sound) - power_w(&worn);
    let expected_w = more_friction_w * efficiency;
    assert!((lost_w / expected_w - 1.0).abs() < 0.15, "{lost_w} W for {expected_w}");
}

#[test]
fn injecting_again_changes_the_rate_and_adds_nothing() {
    let mut turbine = WindTurbine::new(TurbineParameters::default(), 1);
    turbine.inject(wear(1.0));
    turbine.inject(wear(2.0));
    assert_eq!(turbine.faults(), [wear(2.0)]);
    turbine.clear(WEAR);
    turbine.clear(WEAR);
    assert!(turbine.faults().is_empty());
}

#[test]
fn a_rate_that_slipped_past_the_check_does_no_harm() {
    for (rate, kept) in [(f64::NAN, 0.0), (-1.0, 0.0), (f64::INFINITY, Fault::HIGHEST_RATE)] {
        let mut turbine = WindTurbine::new(TurbineParameters::default(), 1);
        turbine.inject(Fault { kind: WEAR, rate });
        assert_eq!(turbine.faults(), [wear(kept)]);
        turbine.step(10.0);
        assert!(turbine.outputs().high_speed_bearing_temperature_deg_c.is_finite());
    }
}
