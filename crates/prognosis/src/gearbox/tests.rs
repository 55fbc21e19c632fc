//! One machine, its truth known: what the twin finds, and what it says when it is out of its depth.

use super::*;
use crate::bearing_life::Weibull;
use crate::estimate::consistency::Verdict;
use crate::living::Band;

const RATED_KW: f64 = 2050.0;
const RATED_RPM: f64 = 1200.0;

/// Six hours of a machine that is the model's own and has done the same for two days, in this condition.
fn rows(condition: Condition) -> Vec<Telemetry> {
    let mut temperatures = Temperatures { oil_deg_c: 50.0, bearing_deg_c: 55.0 };
    (0..288).map(|index| row(index, condition, &mut temperatures)).skip(252).collect()
}

/// Its `index`th ten minutes.
fn row(index: u32, condition: Condition, temperatures: &mut Temperatures) -> Telemetry {
    // Powers from 15 % up to rated, each for an hour, so that the temperatures follow.
    let power_share = [0.15, 0.4, 1.0, 0.7, 0.25, 0.9][(index / 6 % 6) as usize];
    let operation = Operation { power_share, speed_share: power_share.cbrt(), ambient_deg_c: 10.0, duty: None };
    let thermal = Thermal::KELMARSH;
    thermal.step(temperatures, &condition, &operation, 600.0);
    let settled = *temperatures;
    let inlet = thermal.inlet_deg_c(settled, &condition, &operation);
    let thickness =
        condition.viscosity_factor * thermal.oil.viscosity_mm2_per_s(inlet) / thermal.oil.viscosity_mm2_per_s(50.0);
    let speed = operation.speed_share;
    let damage = 11.5 * speed * (0.75 + 0.25 * operation.torque_share());
    let sound = 1.5 + 0.6 * power_share;
    let misaligned = condition.misalignment_mrad * speed;
    Telemetry {
        ambient_deg_c: 10.0,
        power_kw: power_share * RATED_KW,
        generator_speed_rpm: speed * RATED_RPM,
        oil_deg_c: settled.oil_deg_c,
        oil_inlet_deg_c: inlet,
        oil_pressure_bar: 1.0 + 2.0 * thickness.cbrt(),
        cooler_duty: thermal.duty(settled),
        bearing_deg_c: settled.bearing_deg_c,
        bearing_vibration_mm_per_s: (sound.powi(2) + (1.5 * misaligned).powi(2) + condition.wear * damage.powi(2))
            .sqrt(),
        generator_vibration_mm_per_s: (2.1 * speed.powf(1.8)).hypot(4.0 * misaligned),
    }
}

fn watched(condition: Condition, days: u32) -> Twin {
    let mut twin = Twin::new(RATED_KW, RATED_RPM, 7);
    let day = rows(condition);
    for _ in 0..days * 4 {
        for telemetry in &day {
            twin.observe(telemetry, 600.0, 1.0);
        }
    }
    twin
}

const AGED: Condition =
    Condition { viscosity_factor: 0.85, cooler_effectiveness: 0.36, misalignment_mrad: 0.6, ..Condition::NEW };

#[test]
fn each_living_parameter_of_an_aged_machine_is_found() {
    let twin = watched(AGED, 40);
    for (living, truth) in
        [(Living::Misalignment, 0.6), (Living::Wear, 0.0), (Living::Viscosity, 0.85), (Living::Cooler, 0.36)]
    {
        let belief = twin.belief(living).unwrap();
        assert!(belief.now.holds(truth), "{living:?}: {truth} is not in {:?}", belief.now);
        let width = |band: Band| band.p95 - band.p5;
        assert!(width(belief.now) < 0.8 * width(belief.prior) || living == Living::Wear, "{belief:?}");
    }
}

#[test]
fn a_worn_bearing_is_told_and_a_sound_one_is_not() {
    assert!(!watched(AGED, 60).is_worn());
    assert!(watched(Condition { wear: 0.08, ..AGED }, 60).is_worn());
}

#[test]
fn a_bearing_that_wears_has_less_life_left_than_a_sound_one() {
    let middle = |condition| Life::default().remaining(&watched(condition, 30)).unwrap().quantile(0.5).unwrap();
    let (sound, worn) = (middle(AGED), middle(Condition { wear: 0.1, ..AGED }));
    assert!(worn < 0.7 * sound, "{worn} {sound}");
}

#[test]
fn derating_lengthens_the_life_of_a_worn_bearing_in_no_sample_less() {
    let twin = watched(Condition { wear: 0.1, ..AGED }, 30);
    let life = Life::default();
    let (full, derated) = (
        life.remaining(&twin).unwrap(),
        life.remaining_under(&twin, &Plan { power_limit: 0.6, ..Plan::default() }).unwrap(),
    );
    for share in [0.05, 0.2, 0.5] {
        assert!(derated.quantile(share).unwrap() >= full.quantile(share).unwrap(), "{share}");
    }
    assert!(derated.probability_by(180.0).unwrap() < full.probability_by(180.0).unwrap());
}

#[test]
fn fatigue_ends_a_life_that_wear_does_not() {
    let twin = watched(AGED, 10);
    let fatigue = Some((Weibull { scale: 2000.0, shape: 1.5 }, 0.0));
    let without = Life::default().remaining(&twin).unwrap().probability_by(365.0).unwrap();
    let with = Life { fatigue, ..Life::default() }.remaining(&twin).unwrap().probability_by(365.0).unwrap();
    assert!(with > 0.95 && without < 0.9, "{with} {without}");
}

#[test]
fn before_the_first_full_day_no_life_is_predicted() {
    assert_eq!(Life::default().remaining(&Twin::new(RATED_KW, RATED_RPM, 1)), None);
}

#[test]
fn a_machine_that_the_model_does_not_know_is_told_so() {
    let mut twin = watched(AGED, 14);
    assert_ne!(twin.verdict(), Verdict::DoesNotExplain);
    for (index, telemetry) in rows(AGED).into_iter().cycle().take(1008).enumerate() {
        // A sensor that jumps by 40 K and back every two hours.
        let jump = if index / 12 % 2 == 0 { 40.0 } else { 0.0 };
        twin.observe(&Telemetry { oil_inlet_deg_c: telemetry.oil_inlet_deg_c - jump, ..telemetry }, 600.0, 1.0);
    }
    assert_eq!(twin.verdict(), Verdict::DoesNotExplain);
}

#[test]
fn outside_of_its_calibration_the_twin_says_in_what() {
    let mut twin = watched(AGED, 1);
    assert!(twin.outside_calibration().is_empty(), "{:?}", twin.outside_calibration());
    for telemetry in rows(AGED).into_iter().take(6) {
        twin.observe(&Telemetry { ambient_deg_c: 44.0, ..telemetry }, 600.0, 1.0);
    }
    assert_eq!(twin.outside_calibration(), ["air temperature 44.00 is outside -15 to 35"]);
}

#[test]
fn virtual_sensors_read_what_the_machine_has() {
    let telemetry = rows(AGED)[12];
    let seen = watched(AGED, 40).virtual_sensors(&telemetry, &HighSpeedBearing::default()).unwrap();
    let band = |values: &[f64]| Band::of(values.to_vec()).unwrap();
    // F = 100 kN (0.15 + 1) + 20 kN/mrad 0.6 mrad, with rated torque in the third hour.
    assert!(band(&seen.bearing_load_n).holds(1.27e5), "{:?}", band(&seen.bearing_load_n));
    // P/(ω η) with 4.4 % lost behind the shaft.
    let torque = 2.05e6 / (0.956 * RATED_RPM * std::f64::consts::TAU / 60.0);
    assert!(band(&seen.torque_n_m).holds(torque), "{:?}", band(&seen.torque_n_m));
    let lambda = band(&seen.lambda);
    assert!(lambda.p5 > 1.0 && lambda.p95 < 12.0, "{lambda:?}");
    assert!((band(&seen.film_m).p50 / 0.4e-6 / lambda.p50 - 1.0).abs() < 1e-9);
}

#[test]
fn rows_with_nothing_in_them_do_no_harm() {
    let mut twin = watched(AGED, 5);
    let before = twin.belief(Living::Cooler).unwrap();
    let nothing =
        Telemetry { ambient_deg_c: f64::NAN, oil_deg_c: f64::INFINITY, oil_inlet_deg_c: f64::NAN, ..rows(AGED)[0] };
    (0..600).for_each(|_| assert_eq!(twin.observe(&nothing, 600.0, 1.0), None));
    assert_eq!(twin.belief(Living::Cooler).unwrap(), before);
}

#[test]
fn a_twin_that_was_stored_goes_on_with_the_same_numbers() {
    let mut one = watched(AGED, 3);
    let mut other: Twin = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert!(other.fits());
    for telemetry in &rows(AGED) {
        one.observe(telemetry, 600.0, 1.0);
        other.observe(telemetry, 600.0, 1.0);
    }
    for living in Living::ALL {
        let (a, b) = (one.belief(living).unwrap().now, other.belief(living).unwrap().now);
        // Numbers in JSON are read back to the last digit but one.
        assert!((a.p50 - b.p50).abs() < 1e-9 && (a.p95 - b.p95).abs() < 1e-9, "{living:?}: {a:?} {b:?}");
    }
}
