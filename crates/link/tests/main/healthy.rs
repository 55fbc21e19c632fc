//! The demos without a fault, through the twin: their alarm rules stay quiet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use twinscope_link::simulator::{Feed, Options as Simulation};
use twinscope_twin::quality::Quality;
use twinscope_twin::site::{Site, SiteFile, SourceRow, parse_site, parse_type, resolve};
use twinscope_twin::state::{LinkEvent, Options, RawMessage, TwinState};
use twinscope_twin::time::{Now, WallMs};

const START_MS: WallMs = 1_767_225_600_000;
const SIMULATOR: SourceRow = SourceRow(0);

/// A demo as it ships, without its model: what rolls up to what is not looked at here.
fn shipped(site: &str) -> Arc<Site> {
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
    Arc::new(resolve(&file, &types, &BTreeMap::new()).0)
}

#[test]
fn half_an_hour_of_a_healthy_turbine_raises_no_alarm() {
    stays_quiet("demo");
}

#[test]
fn half_an_hour_of_a_healthy_car_raises_no_alarm() {
    stays_quiet("ev");
}

fn stays_quiet(site: &str) {
    const SECONDS: u32 = 30 * 60;
    let site = shipped(site);
    let mut feed = Feed::new(&site, &Simulation::default(), START_MS).unwrap();
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
