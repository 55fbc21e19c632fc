use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::evaluate::NamedTable;

const NOISE: f64 = 40.0;

/// Hourly rows of a turbine of 2 MW with its rated wind at 12 m/s; every tenth day it stands with feathered blades.
fn year(days: usize, seed: u64) -> Vec<WindRow> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = Vec::new();
    for hour in 0..24 * days {
        let (day, speed) = (hour / 24, random.random_range(0.0..16.0_f64));
        let air = 10.0 + 12.0 * (day as f64 / 58.0).sin() + random.random_range(-4.0..4.0);
        let stands = day % 10 == 9 || speed < 2.5;
        let density = (REFERENCE_C + ZERO_C) / (air + ZERO_C);
        let full = (2_000.0 * density * (speed / 12.0).powi(3)).min(2_000.0);
        let noise = NOISE * 3.0_f64.sqrt() * random.random_range(-1.0..1.0);
        let wind = Wind {
            speed,
            air,
            pitch: if stands { 90.0 } else { (speed - 12.0).max(0.0) * 2.0 - 1.0 },
            vane: random.random_range(-5.0..5.0),
        };
        rows.push(WindRow { day, wind, power: if stands { -5.0 } else { full + noise } });
    }
    rows
}

#[test]
fn power_is_predicted_down_to_the_noise_and_nine_of_ten_are_in_the_band() {
    let model = WindPower::train(&year(365, 1), 0).unwrap();
    let (mut square, mut inside, mut count) = (0.0, 0.0, 0.0);
    for row in year(365, 2) {
        let Some((mean, [low, .., high])) = model.predict(&row.wind) else { continue };
        assert!(row.power > -4.9 * NOISE && row.day % 10 != 9, "only what runs is predicted");
        square += (row.power - mean).powi(2);
        inside += f64::from((low..=high).contains(&row.power));
        count += 1.0;
    }
    let (rmse, coverage): (f64, f64) = ((square / count).sqrt(), inside / count);
    assert!(count > 5_000.0 && (0.97 * NOISE..1.2 * NOISE).contains(&rmse), "{rmse} of {count}");
    assert!((0.87..0.94).contains(&coverage), "{coverage}");
}

#[test]
fn what_is_normal_is_asked_of_the_inputs() {
    let model = WindPower::train(&year(100, 1), 0).unwrap();
    let normal = Wind { speed: 8.0, air: 10.0, pitch: -1.0, vane: 0.0 };
    for (wind, expected) in [
        (normal, true),
        (Wind { pitch: 3.9, ..normal }, true),
        (Wind { pitch: 5.0, ..normal }, false),
        (Wind { speed: 15.0, pitch: 5.0, ..normal }, true),
        (Wind { speed: 2.9, ..normal }, false),
        (Wind { air: f64::NAN, ..normal }, false),
        (Wind { speed: f64::INFINITY, ..normal }, false),
    ] {
        assert_eq!(model.is_normal(&wind), expected, "{wind:?}");
        assert_eq!(model.predict(&wind).is_some(), expected, "{wind:?}");
    }
}

#[test]
fn cold_air_carries_more_power() {
    // IEC 61400-12-1: the same power at a speed that is smaller by the cube root of the density's ratio.
    let cold = Wind { speed: 8.0, air: -15.0, pitch: 0.0, vane: 0.0 };
    assert!((cold.at_reference() - 8.0 * (288.15_f64 / 258.15).cbrt()).abs() < 1e-12);
}

#[test]
fn too_few_days_and_tampered_models_are_refused() {
    let error = WindPower::train(&year(40, 1), 0).unwrap_err().to_string();
    assert!(error.starts_with("36 days in normal operation"), "{error}");
    let text = serde_json::to_string(&WindPower::train(&year(100, 1), 0).unwrap()).unwrap();
    assert!(serde_json::from_str::<WindPower>(&text).is_ok());
    for (from, to, why) in
        [("\"version\":1", "\"version\":9", "layout 9"), ("\"feature\":0", "\"feature\":7", "not a model")]
    {
        let tampered = text.replacen(from, to, 1);
        let error = serde_json::from_str::<WindPower>(&tampered).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn rows_keep_their_gaps_and_name_what_is_no_time() {
    let header = "time_utc,power_kw,wind_speed_ms,outdoor_temp_c,pitch_deg,vane_deg,more\n";
    let parse = |rows: &str| super::rows(&NamedTable::parse("t.csv", format!("{header}{rows}").as_bytes()).unwrap());
    let rows = parse("2014-01-01T00:00,1,2,3,4,5,x\n2014-01-01T00:10,,2,,4,5,\n2014-01-02T00:00,1,2,3,4,5,\n").unwrap();
    assert_eq!(rows.iter().map(|row| row.day).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(rows[0].wind, Wind { speed: 2.0, air: 3.0, pitch: 4.0, vane: 5.0 });
    assert!(rows[1].power.is_nan() && rows[1].wind.air.is_nan() && !rows[1].wind.is_known());
    let error = parse("1.1.2014,1,2,3,4,5,\n").unwrap_err().to_string();
    assert!(error.starts_with("t.csv, line 2, column `time_utc`: `1.1.2014` is not a time such as"), "{error}");
}
