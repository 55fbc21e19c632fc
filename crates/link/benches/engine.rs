//! How much of a processor the engine needs for a thousand wind turbines that publish once a second.
//!
//! `cargo bench --profile dev -p twinscope-link --bench engine`. A minute of telemetry of 1,000 turbines is made first;
//! then the engine takes it as fast as it can, on a clock of the benchmark's own. Time is that of the process, all of its
//! threads together, so that predictions on several of them count in full.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use twinscope_link::engine::Engine;
use twinscope_link::simulator::{Feed, Options};
use twinscope_twin::site::{Site, SourceRow, parse_site, parse_type, resolve};
use twinscope_twin::state::{LinkEvent, RawMessage};
use twinscope_twin::time::Now;

const START_MS: i64 = 1_767_225_600_000;

fn site(turbines: u32) -> Arc<Site> {
    let assets = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    let mut text = "schema = 1\n[site]\nid = \"many\"\n[[source]]\nid = \"s\"\nurl = \"sim:\"\n".to_owned();
    for turbine in 1..=turbines {
        write!(text, "[[asset]]\nid = \"wt-{turbine}\"\ntype = \"wind-turbine\"\nposition = [0.0, 0.0, 0.0]\n")
            .unwrap();
    }
    let (file, _) = parse_site(&text, "site.toml");
    let kind = std::fs::read_to_string(assets.join("types/wind-turbine.toml")).unwrap();
    let types = BTreeMap::from([("wind-turbine".to_owned(), parse_type(&kind, "wind-turbine").0)]);
    Arc::new(resolve(&file, &types, &BTreeMap::new()).0)
}

/// Processor time of this process so far, s (Linux: ticks of 10 ms).
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn main() {
    // `cargo test --benches` runs benchmarks too: then a token amount, to see that it works.
    let real = std::env::args().any(|arg| arg == "--bench");
    let (turbines, seconds): (u32, u64) = if real { (1_000, 60) } else { (10, 5) };
    let site = site(turbines);
    let options = Options { rate_hz: 1, ..Options::default() };
    let mut feed = Feed::new(&site, &options, START_MS).unwrap();
    let telemetry: Vec<_> = (1..=seconds).map(|second| feed.advance_to(START_MS + 1_000 * second as i64)).collect();
    let messages: usize = telemetry.iter().map(Vec::len).sum();
    let mut engine = Engine::new(&site, &PathBuf::from("."), 1, None).unwrap();
    engine.link(SourceRow(0), LinkEvent::Live, Now { wall_ms: START_MS, mono_ms: 1_000 });

    let (begin, mut mark) = (processor_s(), Instant::now());
    let mut predictions = 0;
    for (second, samples) in (1..).zip(&telemetry) {
        for quarter in 0..4_u64 {
            let at_ms = 1_000 * second + 250 * quarter;
            let now = Now { wall_ms: START_MS + at_ms as i64, mono_ms: 1_000 + at_ms };
            if quarter == 0 {
                let raw = samples.iter().map(|sample| RawMessage {
                    topic: sample.topic.as_bytes(),
                    payload: &sample.payload,
                    received: now,
                    retained: false,
                });
                engine.messages(SourceRow(0), raw, now);
            }
            let mut spent = || {
                let took = mark.elapsed().as_secs_f64();
                mark = Instant::now();
                took
            };
            predictions += engine.tick(now, &mut spent).len();
        }
    }
    let took = processor_s() - begin;
    println!(
        "{turbines} turbines, {seconds} s of telemetry at 1 Hz ({messages} messages): {took:.1} s of processor time, \
         {:.2} of one core; {predictions} messages published",
        took / seconds as f64
    );
}
