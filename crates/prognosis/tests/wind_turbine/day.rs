//! A day in the life of healthy turbines: in range, within physics, below every limit.

use std::f64::consts::PI;
use std::sync::OnceLock;

use twinscope_prognosis::Reading;
use twinscope_prognosis::wind_turbine::{Outputs, TurbineParameters, WindTurbine, topics};

use crate::{RATED_KW, SECONDS_PER_DAY, mean, run};

/// A day of each of several healthy turbines, a reading every ten seconds.
fn healthy_days() -> &'static [(u64, Vec<Outputs>)] {
    static DAYS: OnceLock<Vec<(u64, Vec<Outputs>)>> = OnceLock::new();
    DAYS.get_or_init(|| {
        [1, 2, 3, 0xdead_beef]
            .map(|seed| {
                let mut turbine = WindTurbine::new(TurbineParameters::default(), seed);
                (seed, run(&mut turbine, 10.0, SECONDS_PER_DAY / 10))
            })
            .into()
    })
}

#[test]
fn shafts_keep_the_gear_ratio() {
    for (seed, day) in healthy_days() {
        let ratio = mean(day.iter().map(|o| o.generator_speed_rpm)) / mean(day.iter().map(|o| o.rotor_speed_rpm));
        assert!((ratio - 97.0).abs() < 0.05, "seed {seed}: {ratio}");
    }
}

#[test]
fn it_takes_no_more_from_the_wind_than_betz_allows() {
    let radius_m = TurbineParameters::default().rotor.radius_m;
    for (seed, day) in healthy_days() {
        for (hour, readings) in day.chunks(360).enumerate() {
            let wind_kw =
                mean(readings.iter().map(|o| 0.5e-3 * 1.225 * PI * radius_m.powi(2) * o.wind_speed_m_per_s.powi(3)));
            let power_kw = mean(readings.iter().map(|o| o.power_kw));
            assert!(power_kw <= 16.0 / 27.0 * wind_kw, "seed {seed}, hour {hour}: {power_kw} of {wind_kw}");
        }
    }
}

#[test]
fn power_never_exceeds_rated_by_a_tenth_and_reaches_it() {
    for (seed, day) in healthy_days() {
        let highest = day.iter().map(|o| o.power_kw).fold(f64::MIN, f64::max);
        assert!((RATED_KW..1.1 * RATED_KW).contains(&highest), "seed {seed}: {highest}");
    }
}

#[test]
fn every_reading_of_a_day_is_finite() {
    for (seed, day) in healthy_days() {
        for outputs in day {
            for (topic, fields) in topics(outputs) {
                for (field, reading) in fields {
                    if let Reading::Number(value) = reading {
                        assert!(value.is_finite(), "seed {seed}: {topic} {field} {value}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_reading_of_a_day_is_in_the_range_of_its_kind() {
    for (seed, day) in healthy_days() {
        for o in day {
            let in_range = (0.0..40.0).contains(&o.wind_speed_m_per_s)
                && (0.0..360.0).contains(&o.wind_direction_deg)
                && (0.0..360.0).contains(&o.nacelle_heading_deg)
                && (0.0..360.0).contains(&o.rotor_azimuth_deg)
                && (-180.0..=180.0).contains(&o.yaw_error_deg)
                && (5.0..20.0).contains(&o.ambient_temperature_deg_c)
                && (0.0..13.5).contains(&o.rotor_speed_rpm)
                && (-500.0..4500.0).contains(&o.rotor_torque_kn_m)
                && o.pitch_deg.iter().all(|pitch| (-1.0..=91.0).contains(pitch))
                && (2.0..6.1).contains(&o.oil_pressure_bar)
                && (0.0..=1.0).contains(&o.cooler_duty)
                && o.oil_inlet_temperature_deg_c < o.oil_temperature_deg_c + 0.5
                && (20.0..45.0).contains(&o.main_bearing_temperature_deg_c)
                && (20.0..102.0).contains(&o.winding_temperature_deg_c)
                && (20.0..65.0).contains(&o.generator_bearing_de_temperature_deg_c)
                && (20.0..75.0).contains(&o.generator_bearing_nde_temperature_deg_c)
                && (20.0..75.0).contains(&o.converter_temperature_deg_c)
                && (20.0..110.0).contains(&o.transformer_temperature_deg_c)
                && (0.0..18.1).contains(&o.brake_pad_mm)
                && !o.brake_applied;
            assert!(in_range, "seed {seed}: {o:?}");
        }
    }
}

#[test]
fn a_healthy_day_crosses_no_limit() {
    for (seed, day) in healthy_days() {
        for (name, limit, value) in day.iter().flat_map(|o| {
            [
                ("bearing vibration", 4.5, o.high_speed_bearing_vibration_mm_per_s),
                ("bearing temperature", 80.0, o.high_speed_bearing_temperature_deg_c),
                ("bearing kurtosis", 4.0, o.high_speed_bearing_kurtosis),
                ("oil temperature", 65.0, o.oil_temperature_deg_c),
                // Boundaries B/C of VDI 3834-1 for gearbox, generator, rotor bearing and tower.
                ("gearbox vibration", 3.5, o.gearbox_vibration_mm_per_s),
                ("generator vibration", 6.0, o.generator_vibration_mm_per_s),
                ("main bearing vibration", 2.0, o.main_bearing_vibration_mm_per_s),
                ("tower acceleration", 0.3, o.tower_acceleration_m_per_s2),
            ]
        }) {
            assert!(value < limit, "seed {seed}: {name} {value}");
        }
    }
}

#[test]
fn a_healthy_bearing_is_warm_and_quiet() {
    for (seed, day) in healthy_days() {
        let vibration = mean(day.iter().map(|o| o.high_speed_bearing_vibration_mm_per_s));
        let temperature = mean(day.iter().map(|o| o.high_speed_bearing_temperature_deg_c));
        let kurtosis = mean(day.iter().map(|o| o.high_speed_bearing_kurtosis));
        assert!((1.5..2.5).contains(&vibration), "seed {seed}: {vibration}");
        assert!((55.0..70.0).contains(&temperature), "seed {seed}: {temperature}");
        assert!((kurtosis - 3.0).abs() < 0.01, "seed {seed}: {kurtosis}");
    }
}

#[test]
fn the_nacelle_follows_the_wind() {
    for (seed, day) in healthy_days() {
        let turned = day
            .iter()
            .map(|o| o.nacelle_heading_deg)
            .fold((f64::MAX, f64::MIN), |(low, high), h| (low.min(h), high.max(h)));
        assert!(turned.1 - turned.0 > 5.0, "seed {seed}: {turned:?}");
        let error = mean(day.iter().map(|o| o.yaw_error_deg.abs()));
        assert!(error < 8.0, "seed {seed}: {error}");
    }
}
