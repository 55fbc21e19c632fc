use twinscope_prognosis::gearbox::{Config, GearboxTwin};
use twinscope_prognosis::living::{Band, Living as _, Row, Setting};
use twinscope_prognosis::wind_turbine::{TurbineParameters, WindTurbine};
use twinscope_prognosis::{Fault, FaultKind};

#[test]
fn story() {
    for lapse in [7200.0, 14400.0, 21600.0] {
        println!("lapse {lapse}");
        let mut machine = WindTurbine::new(TurbineParameters::default(), 1);
        println!("rated rpm {}", machine.rated_generator_speed_rpm());
        let mut twin = GearboxTwin::new(Config::default(), 1).unwrap();
        machine.inject(Fault { kind: FaultKind::HighSpeedBearingWear, rate: 1.0 });
        let seconds = twin.row_seconds(lapse);
        for second in 0..500 {
            let mut sum = vec![0.0; 11];
            for _ in 0..4 {
                machine.step(0.25);
                let o = machine.outputs();
                let v = [
                    o.ambient_temperature_deg_c,
                    o.power_kw,
                    o.generator_speed_rpm,
                    o.oil_temperature_deg_c,
                    o.oil_inlet_temperature_deg_c,
                    o.oil_pressure_bar,
                    o.cooler_duty,
                    o.high_speed_bearing_temperature_deg_c,
                    o.high_speed_bearing_vibration_mm_per_s,
                    o.generator_vibration_mm_per_s,
                    o.wind_speed_m_per_s,
                ];
                for (s, v) in sum.iter_mut().zip(v) {
                    *s += v / 4.0;
                }
            }
            twin.observe(&Row { at_ms: 1000 * (second + 1), seconds, time_lapse: lapse, values: &sum });
            if second % 25 == 24 {
                let t = std::time::Instant::now();
                let p = twin.predict(&Setting::default());
                let took = t.elapsed();
                let rul = p.iter().find(|p| p.quantity == "rul").map(|p| Band::of(p.samples.clone()).unwrap());
                let s = rul.map(|b| [b.p5, b.p50, b.p95].map(|h| h * 3600.0 / lapse));
                let b: Vec<String> = twin
                    .beliefs()
                    .iter()
                    .map(|b| format!("{} {:.3}..{:.3}..{:.3}", b.id, b.now.p5, b.now.p50, b.now.p95))
                    .collect();
                println!(
                    "{:4} s wear {:.3} vib {:.2} P {:.0}: rul s {:.0?} {} {:?} {:?} {:?}",
                    second + 1,
                    machine.high_speed_bearing_wear(),
                    sum[8],
                    sum[1],
                    s.unwrap_or_default(),
                    b.join(" "),
                    twin.standing().explains,
                    took,
                    twin.foresee().map(|f| (f.observed, f.band.p5, f.band.p95))
                );
            }
        }
    }
}
