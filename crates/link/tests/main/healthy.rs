//! The demos without a fault, through the twin: their alarm rules stay quiet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use twinscope_link::simulator::{Feed, Options as Simulation, StartFault};
use twinscope_prognosis::{Fault, FaultKind};
use twinscope_twin::quality::Quality;
use twinscope_twin::site::{Site, SiteFile, SourceRow, parse_site, parse_type, resolve};
use twinscope_twin::state::{LinkEvent, Options, RawMessage, TwinState};
use twinscope_twin::time::{Now, WallMs};

const START_MS: WallMs = 1_767_225_600_000;
const SIMULATOR: SourceRow = SourceRow(0);

/// The demo as it ships, without its model: what rolls up to what is not looked at here.
fn demo(site: &str) -> Arc<Site> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sites").join(site);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let (file, problems) = parse_site(&read(&folder.join("site.toml")), "site.toml");
    assert_eq!(problems, []);
    let mut types = BTreeMap::new();
    for id in file.type_ids() {
        let places = SiteFile::TYPE_FOLDERS.iter().map(|types| folder.join(types).join(format!("{id}.toml")));
        let path = places.into_iter().find(|path| path.is_file()).unwrap();
        types.insert(id.to_owned(), parse_type(&read(&path), "type.toml").0);
    }
    let mut site = resolve(&file, &types, &BTreeMap::new()).0;
    // Half an hour by the clock; in time lapse a blade would live for years, and grow old.
    site.assets.iter_mut().for_each(|asset| asset.time_lapse = 1.0);
    Arc::new(site)
}

#[test]
fn half_an_hour_of_a_healthy_turbine_raises_no_alarm() {
    stays_quiet("demo", 1);
}

#[test]
fn half_an_hour_of_a_healthy_car_raises_no_alarm() {
    stays_quiet("ev", 1);
}

#[test]
fn half_an_hour_of_a_healthy_blade_raises_no_alarm_through_stops_and_starts() {
    // Holds have other lengths with another seed.
    for seed in [1, 2, 7] {
        stays_quiet("blade", seed);
    }
}

#[track_caller]
fn stays_quiet(site: &str, seed: u64) {
    const SECONDS: u32 = 30 * 60;
    let site = demo(site);
    let mut feed = Feed::new(&site, &Simulation { seed, ..Simulation::default() }, START_MS).unwrap();
    let mut twin = TwinState::new(Arc::clone(&site), Options::default());
    let moment = |wall_ms: WallMs| Now { wall_ms, mono_ms: (wall_ms - START_MS).unsigned_abs() };
    twin.link(SIMULATOR, LinkEvent::Live, moment(START_MS));
    for second in 1..=SECONDS {
        let now = moment(START_MS + 1_000 * i64::from(second));
        let samples = feed.advance_to(now.wall_ms);
        let raw = samples.iter().map(|sample| RawMessage {
            topic: sample.topic.as_bytes(),
            payload: &sample.payload,
            received: moment(sample.t_ms),
            retained: false,
        });
        twin.messages(SIMULATOR, raw, now);
        twin.tick(now);
        let snapshot = twin.snapshot(now);
        let raised: Vec<&str> = snapshot
            .alarms
            .iter()
            .filter(|alarm| alarm.active)
            .map(|alarm| site.alarms[alarm.alarm.index()].id.as_str())
            .collect();
        assert_eq!(raised, [""; 0], "after {second} s");
        // And quiet because all is heard and fine, not because nothing is known.
        for (status, signal) in snapshot.signals.iter().zip(&site.signals) {
            assert_eq!(status.quality, Quality::Good, "after {second} s: {}: {:?}", signal.id, status.reason);
        }
    }
}

/// When alarms come first, s, in the order of their coming, with these faults from the start.
fn story(site: &str, fault: Fault, seconds: u32) -> Vec<(u32, String)> {
    let site = demo(site);
    let options = Simulation { faults: vec![StartFault { asset: None, fault }], ..Simulation::default() };
    let mut feed = Feed::new(&site, &options, START_MS).unwrap();
    let mut twin = TwinState::new(Arc::clone(&site), Options::default());
    let moment = |wall_ms: WallMs| Now { wall_ms, mono_ms: (wall_ms - START_MS).unsigned_abs() };
    twin.link(SIMULATOR, LinkEvent::Live, moment(START_MS));
    let mut raised: Vec<(u32, String)> = Vec::new();
    for second in 1..=seconds {
        let now = moment(START_MS + 1_000 * i64::from(second));
        let samples = feed.advance_to(now.wall_ms);
        let raw = samples.iter().map(|sample| RawMessage {
            topic: sample.topic.as_bytes(),
            payload: &sample.payload,
            received: moment(sample.t_ms),
            retained: false,
        });
        twin.messages(SIMULATOR, raw, now);
        twin.tick(now);
        for alarm in twin.snapshot(now).alarms.iter().filter(|alarm| alarm.active) {
            let rule = &site.alarms[alarm.alarm.index()];
            let name = format!("{}.{}", site.parts[rule.part.index()].id, rule.id);
            if raised.iter().all(|(_, known)| *known != name) {
                raised.push((second, name));
            }
        }
    }
    raised
}

#[test]
fn a_blocked_passage_is_caught_by_its_flow_and_then_by_its_wall_within_three_minutes() {
    let fault = Fault { kind: FaultKind::CoolingPassageBlockage, rate: 1.0 };
    let raised = story("blade", fault, 180);
    let names: Vec<&str> = raised.iter().map(|(_, name)| name.as_str()).collect();
    let expected = [
        "passage_9.flow-low",
        "trailing_edge.trailing-edge-hot",
        "passage_9.flow-very-low",
        "trailing_edge.trailing-edge-hot-high",
        "trailing_edge.trailing-edge-hot-critical",
    ];
    let mut sorted = names.clone();
    sorted.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted, "{raised:?}");
    assert_eq!((names[0], names[4]), (expected[0], expected[4]), "{raised:?}");
    assert!(raised[0].0 < 60, "{raised:?}");
}

#[test]
fn a_hot_streak_is_caught_by_the_exhaust_and_the_leading_edge_within_three_minutes() {
    let fault = Fault { kind: FaultKind::HotStreak, rate: 1.0 };
    let raised = story("blade", fault, 180);
    for name in ["airfoil.exhaust-spread", "leading_edge.leading-edge-hot", "leading_edge.leading-edge-hot-high"] {
        assert!(raised.iter().any(|(_, known)| known == name), "{name}: {raised:?}");
    }
}
