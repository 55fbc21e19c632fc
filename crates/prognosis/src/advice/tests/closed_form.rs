//! Costs and dates that are known by other means.

use super::super::case::Case;
use super::super::figures::{Figures, Once, Terms, lost_share};
use super::super::renewal::{NewLife, Renewal};
use super::*;

/// Failures cost 10, planned replacements 1.
fn figures(life: NewLife) -> Figures {
    Figures {
        planned: Once { work: 1.0, lost: 0.0 },
        failure: 10.0,
        failure_lost: 0.0,
        finds: 1.0,
        reach_h: 0.0,
        renewal: Renewal::new(life, 10.0, 1.0, YEAR_H),
    }
}

/// Expected cost of running to failure, and the best date with its expected cost.
fn wait_and_replace(lives: &[f64], figures: &Figures) -> (f64, f64, f64) {
    let economics = economics(Kind::Machine, &[]);
    let actions = actions(Kind::Machine, &[]);
    let calendar = calendar(Kind::Machine, &every_day());
    let best = |index: usize, once: Once| {
        let action: &Action = &actions[index];
        let case = Case::new(action, [lives, lives], &economics.values(), &calendar, 0.0, YEAR_H).unwrap();
        case.best(figures, Terms { once, per_hour: 0.0 })
    };
    let (wait, replace) = (best(0, Once::default()), best(1, figures.planned));
    (wait.mean, replace.date.unwrap().start_h, replace.mean)
}

#[test]
fn what_has_no_memory_runs_to_failure() {
    let mean_h = 2_000.0;
    let figures = figures(NewLife { mean_h, shape: 1.0 });
    let (wait, date, replace) = wait_and_replace(&weibull(1.0, mean_h, 20_000), &figures);
    // Failures are a Poisson process, whatever is done.
    let expected = 10.0 * YEAR_H / mean_h;
    assert!((wait / expected - 1.0).abs() < 0.005, "{wait} {expected}");
    // Every date before the end of the year only adds the replacement: the last one costs least.
    assert!(replace > wait && date > YEAR_H - 48.0, "{replace} {date}");
}

#[test]
fn what_wears_is_replaced_near_the_age_of_barlow_and_hunter() {
    let (shape, scale) = (3.0, 2_600.0);
    let reliability = |t: f64| (-(t / scale).powf(shape)).exp();
    // Their policy I: the age with the least cost by the hour, found here on a grid of its own.
    let (mut area, mut best) = (0.0, (f64::INFINITY, 0.0));
    for hour in 0..8_000 {
        let t = f64::from(hour) + 1.0;
        area += 0.5 * (reliability(t - 1.0) + reliability(t));
        let rate = (1.0 * reliability(t) + 10.0 * (1.0 - reliability(t))) / area;
        if rate < best.0 {
            best = (rate, t);
        }
    }
    let mean_h = scale * 0.892_979_512; // Gamma(4/3)
    let figures = figures(NewLife { mean_h, shape });
    let (wait, date, replace) = wait_and_replace(&weibull(shape, scale, 20_000), &figures);
    assert!((date / best.1 - 1.0).abs() < 0.1, "{date} {}", best.1);
    assert!(replace < 0.7 * wait, "{replace} {wait}");
    // A new part costs their least rate in the long run, but for the end of the horizon.
    let long = figures.renewal.over(YEAR_H) - figures.renewal.over(0.5 * YEAR_H);
    assert!((long / (0.5 * YEAR_H * best.0) - 1.0).abs() < 0.1, "{long}");
}

#[test]
fn a_failure_that_costs_no_more_than_the_work_is_waited_for() {
    let figures = Figures {
        failure: 1.0,
        renewal: Renewal::new(NewLife { mean_h: 2_000.0, shape: 3.0 }, 1.0, 1.0, YEAR_H),
        ..figures(NewLife { mean_h: 2_000.0, shape: 3.0 })
    };
    let (wait, _, replace) = wait_and_replace(&weibull(3.0, 2_000.0, 1_000), &figures);
    assert!(wait <= replace, "{wait} {replace}");
}

#[test]
fn a_power_limit_costs_the_energy_above_it() {
    assert_eq!(lost_share(1.0, 0.35), 0.0);
    assert!((lost_share(0.8, 1.0) - 0.2).abs() < 1e-12);
    // By the rectangle rule over the power of each hour of the year.
    let (limit, mean) = (0.7, 0.4);
    let power = |hour: u32| ((f64::from(hour) + 0.5) / 8760.0_f64).powf(1.0 / mean - 1.0);
    let all: f64 = (0..8760).map(power).sum();
    let limited: f64 = (0..8760).map(|hour| power(hour).min(limit)).sum();
    assert!((all / 8760.0 - mean).abs() < 1e-3);
    assert!((lost_share(limit, mean) - (1.0 - limited / all)).abs() < 1e-3);
}

#[test]
fn samples_cost_on_average_what_the_mean_says() {
    let blade = [lever("base_load", "", [0.0, 1.0, 0.0])];
    let all = [
        (Kind::Gearbox, &LEVERS[..]),
        (Kind::Blade, &blade[..]),
        (Kind::Battery, &[lever("charge_limit", "%", [50.0, 100.0, 100.0])][..]),
    ];
    for (kind, levers) in all {
        let (economics, calendar) = (economics(kind, &[]), calendar(kind, &Operations::default()));
        let figures = Figures::new(&economics.values(), YEAR_H);
        let wait = weibull(2.0, 6_000.0, 500);
        let longer: Vec<f64> = wait.iter().map(|life| life * 1.3).collect();
        let made = actions(kind, levers);
        assert!(made.len() > 2, "{kind:?}");
        for action in &made {
            let lives = if action.setting.0.is_empty() { &wait } else { &longer };
            let case = Case::new(action, [lives, &wait], &economics.values(), &calendar, 168.0, YEAR_H).unwrap();
            let terms = Terms::new(&economics.values(), &figures, action);
            let best = case.best(&figures, terms);
            let samples = case.samples(&figures, terms, best.date);
            let mean = samples.iter().map(|split| split.total()).sum::<f64>() / samples.len() as f64;
            assert!((mean - best.mean).abs() < 1e-9 * best.mean.abs(), "{}: {mean} {}", action.id, best.mean);
        }
    }
}
