//! Eight hours of telemetry at speed: what the twin of the demo's turbine takes in memory, hour by hour.
//!
//! `cargo bench --profile dev -p twinscope-link --bench soak`. The simulator's messages go through the reducer on a clock of
//! the benchmark's own, as the core's thread would give them to it: four samples a second, a tick every 250 ms, a picture
//! once a second; every ten minutes the bearing breaks and is mended. Memory is that of the process (Linux: VmRSS).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use twinscope_link::simulator::{Feed, Options};
use twinscope_twin::command::Command;
use twinscope_twin::site::{AssetRow, Site, SourceRow, parse_site, parse_type, resolve};
use twinscope_twin::state::{LinkEvent, Options as Twin, RawMessage, TwinState};
use twinscope_twin::time::Now;

const START_MS: i64 = 1_767_225_600_000;
const TICK_MS: u64 = 250;
/// Between a fault and its repair, and the next fault, ms.
const HALF_ROUND_MS: u64 = 300_000;

fn site() -> Arc<Site> {
    let assets = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    let read = |file: &str| std::fs::read_to_string(assets.join(file)).unwrap();
    let (file, _) = parse_site(&read("sites/demo/site.toml"), "site.toml");
    let kind = parse_type(&read("types/wind-turbine.toml"), "wind-turbine").0;
    Arc::new(resolve(&file, &BTreeMap::from([("wind-turbine".to_owned(), kind)]), &BTreeMap::new()).0)
}

/// Resident memory of this process, MiB.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn main() {
    // `cargo test --benches` runs benchmarks too: then a token amount, to see that it works.
    let real = std::env::args().any(|arg| arg == "--bench");
    let hours: u64 = if real { 8 } else { 1 };
    let part = if real { 3_600_000 } else { 60_000 };
    let site = site();
    let mut feed = Feed::new(&site, &Options::default(), START_MS).unwrap();
    let mut twin = TwinState::new(Arc::clone(&site), Twin::default());
    let now = |at_ms: u64| Now { wall_ms: START_MS + at_ms as i64, mono_ms: 1_000 + at_ms };
    twin.link(SourceRow(0), LinkEvent::Live, now(0));
    let (begin, mut messages, mut at_ms) = (Instant::now(), 0_usize, 0_u64);
    println!("hour,messages,rss_mib,history_evicted");
    println!("0,0,{:.1},0", resident_mib());
    for hour in 1..=hours {
        while at_ms < hour * part {
            at_ms += TICK_MS;
            let moment = now(at_ms);
            let samples = feed.advance_to(moment.wall_ms);
            messages += samples.len();
            let raw = samples.iter().map(|sample| RawMessage {
                topic: sample.topic.as_bytes(),
                payload: &sample.payload,
                received: moment,
                retained: false,
            });
            twin.messages(SourceRow(0), raw, moment);
            twin.tick(moment);
            if at_ms.is_multiple_of(1_000) {
                std::hint::black_box(twin.snapshot(moment));
            }
            if at_ms.is_multiple_of(HALF_ROUND_MS) {
                let (asset, fault) = (AssetRow(0), "high-speed-bearing-wear".to_owned());
                let command = if (at_ms / HALF_ROUND_MS).is_multiple_of(2) {
                    Command::ClearFault { asset, fault }
                } else {
                    Command::InjectFault { asset, fault, rate: 2.0 }
                };
                for outgoing in twin.command(command, moment).outgoing {
                    feed.command(outgoing.topic.as_bytes(), &outgoing.payload).unwrap();
                }
            }
        }
        let evicted = twin.snapshot(now(at_ms)).counters.history_evicted;
        println!("{hour},{messages},{:.1},{evicted}", resident_mib());
    }
    let took = begin.elapsed().as_secs_f64();
    println!(
        "{:.0} s of telemetry in {took:.1} s, {:.0} messages a second",
        at_ms as f64 / 1e3,
        messages as f64 / took
    );
}
