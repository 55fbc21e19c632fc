use super::*;
use crate::estimate::metrics::quantile;

const TEST: Test = Test {
    law: ParisLaw::ALUMINIUM_2024_T3,
    geometry: Geometry::Centre { width_m: 0.1524 },
    range_mpa: 48.28,
    stress_ratio: 0.2,
};

/// A course whose rate is the reference's times exp(level + slope x + o), measured every 20,000 cycles; o wanders with x as
/// an Ornstein-Uhlenbeck process of length 0.2 and the standard deviation `wander`.
fn course(level: f64, slope: f64, wander: f64, seed: u64) -> Course {
    let mut rng = generator(seed, 4);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let (mut length, mut points) = (0.009, vec![(0.0, 0.009)]);
    let (mut o, mut x) = (wander * normal(), TEST.x(length));
    for cycle in 1..=4000 {
        let range = TEST.geometry.intensity(TEST.range_mpa, length);
        length += 100.0 * TEST.law.growth_m(range, 0.2) * (level + slope * x + o).exp();
        let kept = (-(TEST.x(length) - x) / 0.2).exp();
        o = kept * o + wander * (1.0 - kept * kept).sqrt() * normal();
        x = TEST.x(length);
        if cycle % 200 == 0 || length > 0.05 {
            points.push((f64::from(cycle) * 100.0, length));
        }
        if length > 0.05 {
            break;
        }
    }
    Course::new(points).unwrap().0
}

/// A fleet with known spread: level 0.08, slope 0.05, wandering 0.06.
fn fleet(count: u64, seed: u64) -> Vec<Course> {
    let mut rng = generator(seed, 3);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    (0..count).map(|i| course(0.08 * normal(), 0.05 * normal(), 0.06, 1000 * seed + i)).collect()
}

#[test]
fn between_measurements_the_cycles_are_the_laws() {
    let exact = course(0.0, 0.0, 0.0, 0);
    let (n, a) = exact.last();
    let half = exact.cycles_at(&TEST, 0.02).unwrap();
    let left = TEST.law.cycles(TEST.geometry, 48.28, 0.2, 0.02, a);
    assert!(((n - half) / left - 1.0).abs() < 3e-3, "{n} {half} {left}");
    assert_eq!(exact.cycles_at(&TEST, 0.008), None);
    let short = exact.until(0.03);
    assert!((short.extrapolated(&TEST, a) / n - 1.0).abs() < 3e-3);
}

#[test]
fn points_out_of_order_are_left_out_and_counted() {
    let (course, left_out) =
        Course::new(vec![(0.0, 1.0), (2.0, 3.0), (1.0, 2.0), (3.0, 2.5), (4.0, f64::NAN), (5.0, 4.0)]).unwrap();
    assert_eq!((course.points.len(), left_out), (4, 2));
    assert_eq!(Course::new(vec![(0.0, 1.0), (1.0, 1.0)]), None);
}

#[test]
fn a_specimen_like_the_fleet_is_predicted_within_its_band_nine_times_in_ten() {
    let profile = RateProfile::fit(&TEST, &fleet(20, 1), 0.0498).unwrap();
    for from in [0.009, 0.015, 0.03] {
        let mut held = 0;
        for one in fleet(80, 2) {
            let left = one.cycles_at(&TEST, 0.0498).unwrap() - one.cycles_at(&TEST, from).unwrap();
            let samples = profile.remaining(&one.until(from), from, 0.0498, 400, 5).unwrap();
            let [low, high] = [0.05, 0.95].map(|share| quantile(&samples, share).unwrap());
            held += i32::from((low..=high).contains(&left));
        }
        // 90 % of 80, three standard deviations of a binomial.
        assert!((64..=80).contains(&held), "{from}: {held}");
    }
}

#[test]
fn what_was_seen_of_a_crack_narrows_what_remains() {
    let profile = RateProfile::fit(&TEST, &fleet(20, 1), 0.0498).unwrap();
    let fast = course(0.25, 0.0, 0.0, 0);
    let width = |known: &Course| {
        let samples = profile.remaining(known, 0.02, 0.0498, 400, 5).unwrap();
        let [low, middle, high] = [0.05, 0.5, 0.95].map(|share| quantile(&samples, share).unwrap());
        ((high - low) / middle, middle)
    };
    let (blind, by_fleet) = width(&fast.until(0.009));
    let (seen, own) = width(&fast.until(0.02));
    assert!(seen < 0.7 * blind && own < 0.85 * by_fleet, "{seen} {blind} {own} {by_fleet}");
}

#[test]
fn leaving_one_out_is_fitting_the_others_at_the_same_scales() {
    let courses = fleet(6, 4);
    let profile = RateProfile::fit(&TEST, &courses, 0.0498).unwrap();
    let rest = profile.without(5).unwrap();
    let all = rest.remaining(&courses[5].until(0.012), 0.012, 0.0498, 50, 1).unwrap();
    assert!(all.iter().all(|cycles| cycles.is_finite()));
    assert!(profile.without(6).is_none());
    assert!(RateProfile::fit(&TEST, &courses[..1], 0.0498).is_none());
}
