//! What one update of a particle filter costs, and one Monte Carlo prediction.
//!
//! `cargo bench --profile dev -p twinscope-prognosis`. Prints the median of several rounds in processor time of all
//! threads, over two for what is spread over processors (wall time where the system does not tell it), because others
//! may have the processors too; no comparison with earlier runs.

use std::hint::black_box;
use std::time::Instant;

use twinscope_prognosis::battery::circuit::{Circuit, Draw};
use twinscope_prognosis::crack::{Crack, Cycles, Geometry, ParisLaw};
use twinscope_prognosis::estimate::particles::{Discrepancy, Ensemble, Evidence, Particles};
use twinscope_prognosis::estimate::predict::{Horizon, Scenario, to_threshold};
use twinscope_prognosis::estimate::unscented::{Measurement, Spread, Unscented};
use twinscope_prognosis::estimate::{Model, Prior};

const ROUNDS: usize = 15;
const CELL: Circuit = Circuit { end_v: 3.0, charge_noise_c: 0.5 };
const LOAD: Draw = Draw { current_a: 2.0, air_k: 292.1 };
const WANDER: Discrepancy = Discrepancy { deviation: 0.1, memory: 1e4 };
const LAW: [Prior; 1] = [Prior { median: 1.0, deviation: 0.2 }];

fn main() {
    // Cargo passes arguments for its own harness; there is nothing to choose here.
    let start: Vec<Prior> = Circuit::FULL.iter().map(|median| Prior { median: *median, deviation: 0.01 }).collect();

    let full = Particles::new(&CELL, &start, &LAW, WANDER, 1000, 1);
    let mut filter = full.clone();
    let mut round = 0;
    report("cell: particle filter, 1,000 particles, ten 1 s steps and an update", 0.5, (1.0, 200), || {
        // Charged again before it is empty.
        if round == 200 {
            (filter, round) = (full.clone(), 0);
        }
        filter.step(&CELL, &LOAD, 1.0, 10);
        round += 1;
        let value = 4.1 - 1e-4 * f64::from(round);
        black_box(filter.update(&CELL, &LOAD, &Evidence::Measured { output: 0, value, deviation: 0.01 }));
    });

    let mut filter = Unscented::new(&CELL, &start, &LAW, Spread::default());
    report("cell: unscented filter, one 1 s step and an update", 0.5, (1.0, 1000), || {
        filter.predict(&CELL, &LOAD, 1.0);
        black_box(filter.update(&CELL, &LOAD, &[Measurement { output: 0, value: 4.1, deviation: 0.01 }]));
    });

    let ensemble =
        Ensemble { states: Circuit::FULL.repeat(1000), parameters: vec![1.0; 1000], log_rates: vec![0.0; 1000] };
    // So little is drawn that no cell is empty before the horizon: all steps are taken.
    let history = [Draw { current_a: 1.0, air_k: 292.1 }, Draw { current_a: 2.0, air_k: 292.1 }];
    predict(
        "cell: 1,000 samples of 3,000 steps, two processors",
        &CELL,
        &ensemble,
        &history,
        Horizon { dt: 1.0, steps: 3000 },
    );

    let crack = Crack { law: ParisLaw::NICKEL_GENERIC, geometry: Geometry::Edge, first_m: 4e-4, limit_m: 1.0 };
    let ensemble =
        Ensemble { states: vec![4e-4; 1000], parameters: [2e-7, 3.0].repeat(1000), log_rates: vec![0.0; 1000] };
    let history = [Cycles { range_mpa: 300.0, stress_ratio: 0.0, factor: 1.0 }];
    predict(
        "crack: 1,000 samples of 3,000 steps, two processors",
        &crack,
        &ensemble,
        &history,
        Horizon { dt: 1.0, steps: 3000 },
    );
}

fn predict<M: Model>(name: &str, model: &M, ensemble: &Ensemble, history: &[M::Load], horizon: Horizon) {
    report(name, 150.0, (2.0, 1), || {
        let scenario = Scenario { history, block: 60 };
        let fan = to_threshold(model, ensemble, WANDER, scenario, Clone::clone, horizon, 3);
        assert_eq!(fan.beyond_horizon(), Some(1.0), "a sample ended early");
        black_box(fan);
    });
}

/// Processor time of all threads, or else wall time.
struct Stopwatch {
    cpu_ns: Option<f64>,
    start: Instant,
}

impl Stopwatch {
    fn start() -> Self {
        Self { cpu_ns: cpu_ns(), start: Instant::now() }
    }

    fn ms(&self) -> f64 {
        match (self.cpu_ns, cpu_ns()) {
            (Some(from), Some(to)) => (to - from) * 1e-6,
            _ => self.start.elapsed().as_secs_f64() * 1e3,
        }
    }
}

/// Nanoseconds that the threads of this program have had a processor, on Linux.
fn cpu_ns() -> Option<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        sum += text.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(sum)
}

/// Median milliseconds of `run` over the processors that it is spread over, in windows of `batch` runs (the clock ticks in
/// 4 ms), beside what it may take.
fn report(name: &str, most_ms: f64, (processors, batch): (f64, u32), mut run: impl FnMut()) {
    run();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let watch = Stopwatch::start();
            (0..batch).for_each(|_| run());
            watch.ms() / processors / f64::from(batch)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{:9.3} ms, at most {most_ms}: {name}", times[ROUNDS / 2]);
}
