//! The engine as one more client of a real broker.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use twinscope_link::engine::{EngineHandle, EngineOptions, Report, Store, as_worker};
use twinscope_link::simulator::{Options, Simulator, Target};
use twinscope_prognosis::{Fault, FaultKind};
use twinscope_twin::site::{Protocol, Site, SourceRow, parse_site, parse_type, resolve};

use crate::support::mosquitto::Mosquitto;
use crate::support::probe::Probe;
use crate::support::settings;

/// The shipped demo, its time lapse included.
fn site() -> (Arc<Site>, PathBuf) {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    let base = assets.join("sites/demo");
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a shipped file");
    let (file, _) = parse_site(&read(base.join("site.toml")), "site.toml");
    let (kind, _) = parse_type(&read(assets.join("types/wind-turbine.toml")), "wind-turbine");
    let types = BTreeMap::from([("wind-turbine".to_owned(), kind)]);
    (Arc::new(resolve(&file, &types, &BTreeMap::new()).0), base)
}

fn engine(port: u16, store: Option<Store>) -> (EngineHandle, Receiver<Report>) {
    let (site, base) = site();
    let (tell, told) = channel();
    let connection = as_worker(settings(port, Protocol::Auto), "test");
    let options = EngineOptions { seed: 1, store };
    let report = move |report| {
        let _ = tell.send(report);
    };
    let engine = EngineHandle::spawn(&site, &base, vec![(SourceRow(0), connection)], options, report);
    (engine.expect("an engine"), told)
}

fn machines(port: u16) -> Simulator {
    let fault = Fault { kind: FaultKind::HighSpeedBearingWear, rate: 1.0 };
    let faults = vec![twinscope_link::simulator::StartFault { asset: None, fault }];
    let options = Options { faults, ..Options::default() };
    let target = Target::Broker(Box::new(settings(port, Protocol::Auto)));
    Simulator::spawn(target, &site().0, &options, |_| {}).expect("a simulation")
}

const LIFE: &str = "twinscope/v1/demo/wt-01/high_speed_bearing/prediction/rul/gearbox/baseline";

#[test]
fn predictions_are_kept_by_the_broker_for_whoever_comes_later() {
    let broker = Mosquitto::open();
    let _machines = machines(broker.port);
    let (engine, told) = engine(broker.port, None);
    while !matches!(told.recv_timeout(Duration::from_secs(30)).expect("a report"), Report::Published(_)) {}
    drop(engine);
    let mut later = Probe::start(settings(broker.port, Protocol::Auto), &[LIFE]);
    later.until("the life", |probe| probe.payloads().iter().any(|payload| payload.contains("\"quantiles\"")));
}

#[test]
fn what_it_cannot_use_is_reported() {
    let broker = Mosquitto::open();
    let (_engine, told) = engine(broker.port, None);
    let topic = "twinscope/v1/demo/wt-01/high_speed_bearing/maintenance/1";
    broker.publish(topic, r#"{"action":"painted"}"#, &["-r"]);
    loop {
        if let Report::Trouble(trouble) = told.recv_timeout(Duration::from_secs(30)).expect("a report") {
            assert!(trouble.contains("painted") && trouble.contains("replaced"), "{trouble}");
            break;
        }
    }
}

#[test]
fn state_is_written_when_it_ends() {
    let broker = Mosquitto::open();
    let _machines = machines(broker.port);
    let folder = tempfile::tempdir().expect("a folder");
    let (engine, told) = engine(broker.port, Some(Store::open(folder.path()).expect("a store")));
    while !matches!(told.recv_timeout(Duration::from_secs(30)).expect("a report"), Report::Published(_)) {}
    drop(engine);
    let text = std::fs::read_to_string(folder.path().join("wt-01.gearbox.json")).expect("the state");
    assert!(text.contains("\"gearbox\""), "{text}");
}
