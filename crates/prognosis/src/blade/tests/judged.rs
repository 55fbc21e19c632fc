//! How often the truth lies where the model says, over blades that differ: in their crack at the beginning, its pace and
//! the pace of creep. Every second one has a passage that gets blocked. Figures are printed; `docs/models.md` has them.

use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

use super::plant::{LAPSE, Plant};
use super::{found, nothing};
use crate::blade::predict::HORIZON_H;
use crate::blade::{BladeConfig, BladeTwin};
use crate::estimate::generator;
use crate::estimate::particles::Detection;
use crate::faults::{Fault, FaultKind};
use crate::living::{Band, Living as _, Setting};
use crate::turbine_blade::Individual;

/// Between inspections, s of the plant: 4,000 h.
const INSPECTED_EVERY_S: u32 = 120;
/// Longest run, s: the model's horizon and some.
const LONGEST_S: u32 = 5400;
const LIMIT_MM: f64 = 3.0;
/// The priors were settled while looking at seeds 0 to 59.
const FIRST_SEED: u64 = 1000;
const BLADES: u64 = 60;

/// What was said at one moment.
struct Said {
    hours: f64,
    life: Band,
    length_held: bool,
}

struct Course {
    said: Vec<Said>,
    ended_h: f64,
    by_creep: bool,
}

fn course(seed: u64) -> Course {
    let mut rng = generator(seed, 5);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let individual = Individual {
        crack_mm: 0.4 * (0.5 * normal()).exp(),
        crack_rate: (0.5 * normal()).exp(),
        creep_rate: (0.5 * normal()).exp(),
    };
    let mut plant = Plant::new(seed, individual);
    let mut twin = BladeTwin::new(BladeConfig::default(), seed);
    let mut course = Course { said: Vec::new(), ended_h: f64::INFINITY, by_creep: false };
    let hours = |second: u32| f64::from(second) * LAPSE / 3600.0;
    let (mut blocking, mut second) = (f64::NAN, 0);
    if seed % 2 == 1 {
        blocking = 100.0 + 300.0 * (0.5 + 0.2 * normal()).clamp(0.0, 1.0);
    }
    let detection = Detection { half_found: 1.0, spread: 0.5 };
    while second < LONGEST_S {
        plant.run(&mut twin, 20);
        second += 20;
        let truth = plant.blade.outputs();
        if truth.crack_mm >= LIMIT_MM || truth.creep_life_percent >= 100.0 {
            course.ended_h = hours(second);
            course.by_creep = truth.creep_life_percent >= 100.0;
            break;
        }
        if (f64::from(second) - blocking).abs() < 10.0 {
            // Between a quarter and all of what can be blocked.
            let rate = 0.9 + 0.3 * normal().abs();
            plant.blade.inject(Fault { kind: FaultKind::CoolingPassageBlockage, rate });
        }
        if second.is_multiple_of(INSPECTED_EVERY_S) {
            let chance = detection.probability(truth.crack_mm);
            let drawn: f64 = rand::Rng::random(&mut generator(seed, 1000 + u64::from(second)));
            let finding = if drawn < chance { found((truth.crack_mm + 0.3 * normal()).max(0.0)) } else { nothing() };
            twin.learn(&finding).unwrap();
        }
        if second.is_multiple_of(60) {
            let all = twin.predict(&Setting::default());
            let of = |quantity: &str| all.iter().find(|one| one.quantity == quantity).map(|one| one.samples.clone());
            let [life, length] = ["rul", "crack_length"].map(|quantity| of(quantity).and_then(Band::of).unwrap());
            course.said.push(Said { hours: hours(second), life, length_held: length.holds(truth.crack_mm) });
        }
    }
    course
}

/// Share of all that was said that holds, and the mean of the shares of the blades: those that end soon say little, and
/// count in the second as much as others.
fn shares(courses: &[Course], holds: impl Fn(&Course, &Said) -> bool) -> [f64; 2] {
    let counts = courses
        .iter()
        .filter(|course| !course.said.is_empty())
        .map(|course| (course.said.iter().filter(|said| holds(course, said)).count() as f64, course.said.len() as f64));
    let counts: Vec<(f64, f64)> = counts.collect();
    let all: f64 = counts.iter().map(|(_, of)| of).sum();
    [
        counts.iter().map(|(held, _)| held).sum::<f64>() / all,
        counts.iter().map(|(held, of)| held / of).sum::<f64>() / counts.len() as f64,
    ]
}

#[test]
fn the_truth_lies_in_the_90_percent_band_about_as_often_as_promised() {
    let courses: Vec<Course> = (FIRST_SEED..FIRST_SEED + BLADES).into_par_iter().map(course).collect();
    let left = |course: &Course, said: &Said| {
        let left = course.ended_h - said.hours;
        // Beyond the horizon infinity is true.
        if left > HORIZON_H { f64::INFINITY } else { left }
    };
    let length = shares(&courses, |_, said| said.length_held);
    let life = shares(&courses, |course, said| said.life.holds(left(course, said)));
    let early = shares(&courses, |course, said| left(course, said) < said.life.p5);
    let errors = courses.iter().flat_map(|course| {
        course
            .said
            .iter()
            .map(|said| (said.life.p50 / left(course, said) - 1.0).abs())
            .filter(|error| error.is_finite())
    });
    let mut errors: Vec<f64> = errors.collect();
    errors.sort_by(f64::total_cmp);
    let count = |which: fn(&Course) -> bool| courses.iter().filter(|course| which(course)).count();
    println!(
        "of all that was said, by blade: crack length held {length:.3?}; remaining life held {life:.3?}, ended before its \
         band {early:.3?}; median error of its middle {:.2}; of {BLADES} ended {}, by creep {}",
        errors[errors.len() / 2],
        count(|course| course.ended_h.is_finite()),
        count(|course| course.by_creep),
    );
    for share in [length, life] {
        assert!((0.85..=0.98).contains(&share[0]) && share[1] > 0.8, "{share:?}");
    }
}
