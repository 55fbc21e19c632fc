//! The living model of a battery pack on the simulated car, whose truth is known and whose laws are others.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking, as the test itself does")]

mod car;

use car::Watched;
use twinscope_prognosis::battery::BatteryConfig;
use twinscope_prognosis::electric_vehicle::VehicleParameters;
use twinscope_prognosis::living::{Band, Living as _};

#[test]
#[ignore]
fn explore() {
    for seed in 1..=2 {
        let mut watched = Watched::typical(seed, 1440.0);
        let started = std::time::Instant::now();
        let mut squares = (0.0, 0);
        for hour in 0..50 {
            for _ in 0..10 {
                watched.run(30);
                let soc = watched.predict_soc();
                let e = soc - watched.truth().soc_percent;
                squares = (squares.0 + e * e, squares.1 + 1);
            }
            let t = watched.truth();
            let band = |q: &str| watched.predict(q, &[]).and_then(|p| Band::of(p.samples));
            let now = std::time::Instant::now();
            let rul = band("rul").map(|b| [b.p5 / 24.0, b.p50 / 24.0, b.p95 / 24.0]);
            let took = now.elapsed();
            if hour % 5 == 0 {
                println!(
                    "{hour} truth {t:?} soc {:?} cap {:?} res {:?} rul d {rul:?} km {:?} range {:?} {took:?}",
                    band("soc").unwrap(),
                    band("soh_capacity").unwrap(),
                    band("soh_resistance").unwrap(),
                    band("rul_distance").map(|b| b.p50),
                    band("range").map(|b| b.p50),
                );
            }
            if t.capacity_percent < 80.0 {
                break;
            }
        }
        println!("rmse {} {:?}", (squares.0 / squares.1 as f64).sqrt(), started.elapsed());
        println!("{:?}\n{:?}", watched.twin.standing(), watched.twin.foresee());
        for b in watched.twin.beliefs() {
            println!("{} {:?} prior {:?}", b.id, b.now, b.prior);
        }
    }
}
