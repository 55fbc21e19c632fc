//! The engine on the shipped sites and their simulated machines, on a clock of the tests' own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use twinscope_prognosis::{Fault, FaultKind};
use twinscope_twin::site::{parse_site, parse_type, resolve};

use super::*;
use crate::simulator::{Feed, Options as Simulation, StartFault};

const START_MS: i64 = 1_767_225_600_000;

fn assets() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets")
}

/// A shipped site, without its models.
fn shipped(name: &str) -> (Arc<Site>, PathBuf) {
    let base = assets().join("sites").join(name);
    let text = std::fs::read_to_string(base.join("site.toml")).expect("a site");
    let (file, _) = parse_site(&text, "site.toml");
    let mut types = BTreeMap::new();
    for id in file.type_ids() {
        let text = std::fs::read_to_string(assets().join("types").join(format!("{id}.toml"))).expect("a type");
        let (kind, problems) = parse_type(&text, &id);
        assert!(problems.is_empty(), "{problems:?}");
        types.insert(id, kind);
    }
    (Arc::new(resolve(&file, &types, &BTreeMap::new()).0), base)
}

/// An engine beside the simulated machines of its site.
struct Bench {
    site: Arc<Site>,
    engine: Engine,
    feed: Feed,
    at_ms: u64,
    /// The last payload of each topic.
    said: BTreeMap<String, Value>,
    /// What a viewer makes of it.
    viewer: TwinState,
    /// What each prediction is said to take, s: a long time lets most of them rest.
    takes_s: f64,
}

impl Bench {
    fn new(name: &str, fault: Option<FaultKind>, store: Option<&mut Store>) -> Self {
        let (site, base) = shipped(name);
        let faults = fault.map(|kind| StartFault { asset: None, fault: Fault { kind, rate: 1.0 } });
        let simulation = Simulation { rate_hz: 2, faults: faults.into_iter().collect(), ..Simulation::default() };
        let feed = Feed::new(&site, &simulation, START_MS).expect("machines");
        let mut engine = Engine::new(&site, &base, 1, store).expect("an engine");
        engine.link(SourceRow(0), LinkEvent::Live, Now { wall_ms: START_MS, mono_ms: 1_000 });
        let viewer = TwinState::new(Arc::clone(&site), Options::default());
        Self { site, engine, feed, at_ms: 0, said: BTreeMap::new(), viewer, takes_s: 0.0 }
    }

    fn now(&self) -> Now {
        Now { wall_ms: START_MS + self.at_ms as i64, mono_ms: 1_000 + self.at_ms }
    }

    /// Lets so many seconds pass.
    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds * 4 {
            self.at_ms += 250;
            let now = self.now();
            for sample in self.feed.advance_to(now.wall_ms) {
                self.tell(&sample.topic, &sample.payload);
            }
            let takes_s = self.takes_s;
            let mut spent = || takes_s;
            for message in self.engine.tick(now, &mut spent) {
                let raw = RawMessage {
                    topic: message.topic.as_bytes(),
                    payload: &message.payload,
                    received: now,
                    retained: false,
                };
                self.viewer.messages(message.source, [raw], now);
                let value = if message.payload.is_empty() {
                    Value::Null
                } else {
                    serde_json::from_slice(&message.payload).expect("JSON")
                };
                self.said.insert(message.topic, value);
            }
        }
    }

    fn tell(&mut self, topic: &str, payload: &[u8]) -> Vec<String> {
        let raw = RawMessage { topic: topic.as_bytes(), payload, received: self.now(), retained: false };
        self.engine.messages(SourceRow(0), [raw], self.now())
    }

    /// What was said last on a topic below the site's.
    fn last(&self, tail: &str) -> &Value {
        let topic = format!("twinscope/v1/{}/{tail}", self.site.id);
        self.said
            .get(&topic)
            .unwrap_or_else(|| panic!("nothing on {topic}; there is {:#?}", self.said.keys().collect::<Vec<_>>()))
    }
}

const LIFE: &str = "wt-01/high_speed_bearing/prediction/rul/gearbox/baseline";

#[test]
fn every_shipped_site_with_estimators_makes_an_engine() {
    for (name, models) in [("demo", 1), ("farm", 24), ("blade", 1), ("ev", 1)] {
        let (site, base) = shipped(name);
        let engine = Engine::new(&site, &base, 1, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(engine.size().0, models, "{name}");
    }
}

#[test]
fn the_demos_bearing_gets_a_life_that_holds_the_truth_and_shortens() {
    let mut bench = Bench::new("demo", Some(FaultKind::HighSpeedBearingWear), None);
    bench.run(80);
    let early = bench.last(LIFE).clone();
    // It vibrates at 7.1 mm/s when it is loaded after about 160 s: 80 s of 21,600 are 480 h.
    let at = |life: &Value, level: &str| life["quantiles"][level].as_f64().unwrap_or(f64::INFINITY);
    assert!(at(&early, "0.05") < 480.0 && at(&early, "0.95") > 480.0, "{early:#}");
    assert_eq!(early["time_lapse"], 21_600.0);
    assert_eq!(early["from_simulation"], true);
    assert_eq!(early["threshold"]["value"], 7.1);
    bench.run(45);
    let late = bench.last(LIFE).clone();
    assert!(at(&late, "0.5") < at(&early, "0.5"), "{late:#}");
    assert!(
        late["parameters"]["bearing_wear"]["p50"].as_f64() > late["parameters"]["bearing_wear"]["prior_p95"].as_f64()
    );
    assert!(late["coverage"]["of"].as_u64() > Some(3), "{late:#}");
    assert_eq!(late["prior"], "calibrated");
}

#[test]
fn virtual_sensors_are_called_that() {
    let mut bench = Bench::new("demo", None, None);
    bench.run(20);
    for (tail, unit) in [
        ("high_speed_bearing/prediction/bearing_load", "kN"),
        ("high_speed_bearing/prediction/film_thickness", "um"),
        ("gearbox/prediction/generator_torque", "kN.m"),
    ] {
        let said = bench.last(&format!("wt-01/{tail}/gearbox/baseline"));
        assert_eq!((said["provenance"].as_str(), said["unit"].as_str()), (Some("virtual"), Some(unit)), "{said:#}");
    }
}

#[test]
fn a_question_is_answered_beside_the_baseline_and_withdrawn_when_told() {
    let mut bench = Bench::new("demo", Some(FaultKind::HighSpeedBearingWear), None);
    bench.run(90);
    let ask = |setting: &str| format!(r#"{{"model":"gearbox","scenario":"plan-a","setting":{setting}}}"#);
    let topic = "twinscope/v1/demo/wt-01/command/what-if";
    assert!(bench.tell(topic, ask(r#"{"derate":60}"#).as_bytes()).is_empty());
    bench.run(1);
    let answer = bench.last("wt-01/high_speed_bearing/prediction/rul/gearbox/plan-a").clone();
    assert_eq!(answer["setting"]["derate"], 60.0);
    assert!(answer["against"]["p50"].as_f64() > Some(0.0), "{answer:#}");
    assert_eq!(answer["against"]["better"], 1.0, "in no sample is less load worse");
    assert!(bench.tell(topic, ask("null").as_bytes()).is_empty());
    bench.run(1);
    assert!(bench.last("wt-01/high_speed_bearing/prediction/rul/gearbox/plan-a").is_null());
}

#[test]
fn what_is_not_understood_is_said_and_harms_nothing() {
    let mut bench = Bench::new("demo", None, None);
    bench.run(10);
    for (topic, payload) in [
        ("wt-01/command/what-if", "{"),
        ("wt-01/command/what-if", r#"{"model":"gearbox","scenario":"baseline","setting":{}}"#),
        ("wt-01/command/what-if", r#"{"model":"flux","scenario":"a","setting":{}}"#),
        ("wt-01/command/economics", r#"{"model":"gearbox","energy_price":1e99}"#),
        ("wt-01/high_speed_bearing/inspection/1", r#"{"quantity":"wear","value":400,"unit":"%"}"#),
        ("wt-01/high_speed_bearing/maintenance/1", r#"{"action":"painted"}"#),
        ("wt-01/high_speed_bearing/maintenance/2", "{]"),
    ] {
        let refused = bench.tell(&format!("twinscope/v1/demo/{topic}"), payload.as_bytes());
        assert_eq!(refused.len(), 1, "{topic} {payload}: {refused:?}");
    }
    bench.run(10);
    assert!(bench.last(LIFE)["issued_at"].as_i64() > Some(START_MS + 10_000));
}

#[test]
fn a_finding_moves_the_belief_once_under_its_id() {
    let mut bench = Bench::new("demo", None, None);
    bench.run(20);
    let topic = "twinscope/v1/demo/wt-01/high_speed_bearing/inspection/endoscope-1";
    let found = br#"{"quantity":"wear","value":20,"unit":"%","deviation":1}"#;
    let wear = |bench: &Bench| bench.last(LIFE)["parameters"]["bearing_wear"]["p50"].as_f64().unwrap_or(f64::NAN);
    let before = wear(&bench);
    assert!(bench.tell(topic, found).is_empty());
    bench.run(1);
    let after = wear(&bench);
    assert!(after > before + 0.1, "{before} {after}");
    let replaced = br#"{"action":"replaced"}"#;
    bench.tell("twinscope/v1/demo/wt-01/high_speed_bearing/maintenance/new", replaced);
    // The broker says again what it had kept: it was learned already.
    bench.tell(topic, found);
    bench.run(1);
    assert!(wear(&bench) < 0.01, "{}", wear(&bench));
}

#[test]
fn every_part_offers_the_evidence_that_its_model_can_use() {
    for (name, tail, id) in [
        ("demo", "wt-01/gearbox/prediction/generator_torque/gearbox/baseline", "oil_viscosity"),
        ("blade", "blade-01/trailing_edge/prediction/crack_length/blade/baseline", "crack_length"),
    ] {
        let mut bench = Bench::new(name, None, None);
        bench.run(20);
        let accepts = bench.last(tail)["accepts"].as_array().expect("a list").clone();
        assert!(accepts.iter().any(|question| question["id"] == id), "{name}: {accepts:#?}");
    }
}

#[test]
fn advice_ranks_what_can_be_done_and_follows_the_figures() {
    let mut bench = Bench::new("demo", Some(FaultKind::HighSpeedBearingWear), None);
    bench.run(100);
    let tail = "wt-01/high_speed_bearing/advice/gearbox";
    let advice = bench.last(tail).clone();
    let cost = |action: &Value| action["cost"]["mean"].as_f64().unwrap_or(f64::NAN);
    let actions = advice["actions"].as_array().expect("actions").clone();
    assert!(actions.len() >= 3 && actions.windows(2).all(|pair| cost(&pair[0]) <= cost(&pair[1])), "{advice:#}");
    assert!(actions.iter().any(|action| action["id"] == "wait"));
    let issued = advice["issued_at"].clone();
    let refused = bench.tell("twinscope/v1/demo/wt-01/command/economics", br#"{"model":"gearbox","energy_price":300}"#);
    assert!(refused.is_empty(), "{refused:?}");
    bench.run(1);
    let changed = bench.last(tail);
    assert_ne!(changed["issued_at"], issued);
    let price = changed["economics"].as_array().expect("inputs").iter().find(|input| input["id"] == "energy_price");
    assert_eq!(
        price.map(|price| (price["value"].clone(), price["source"].clone())),
        Some((300.0.into(), "changed by a person".into()))
    );
}

#[test]
fn models_live_on_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(folder.path()).expect("a store");
    let mut bench = Bench::new("demo", Some(FaultKind::HighSpeedBearingWear), None);
    bench.run(60);
    assert_eq!(bench.engine.save(&mut store), Vec::<String>::new());
    let believed = bench.last(LIFE)["parameters"]["bearing_wear"]["p50"].as_f64().unwrap_or(f64::NAN);
    let mut again = Bench::new("demo", None, Some(&mut store));
    assert_eq!(store.take_troubles(), Vec::<String>::new());
    again.run(2);
    let restored = again.last(LIFE)["parameters"]["bearing_wear"]["p50"].as_f64().unwrap_or(f64::NAN);
    assert!(believed > 0.005 && (restored - believed).abs() < 0.5 * believed, "{believed} {restored}");
}

#[test]
fn state_that_is_not_usable_is_kept_aside_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wt-01.gearbox.json");
    std::fs::write(&path, br#"{"version":1,"model":{"gearbox":{}}}"#).expect("a file");
    let mut store = Store::open(folder.path()).expect("a store");
    Bench::new("demo", None, Some(&mut store));
    let troubles = store.take_troubles();
    assert!(troubles.len() == 1 && troubles[0].contains("wt-01.gearbox.json.bad"), "{troubles:?}");
    assert!(!path.exists() && folder.path().join("wt-01.gearbox.json.bad").exists());
}

#[test]
fn the_blades_crack_and_the_cars_pack_are_predicted() {
    for (name, tail) in [
        ("blade", "blade-01/blade/prediction/rul/blade/baseline"),
        ("blade", "blade-01/trailing_edge/prediction/crack_length/blade/baseline"),
        ("ev", "car-01/pack/prediction/rul/battery/baseline"),
        ("ev", "car-01/pack/prediction/soc/battery/baseline"),
    ] {
        let mut bench = Bench::new(name, None, None);
        // A day of the car's ageing takes a minute.
        bench.run(70);
        let said = bench.last(tail);
        let known = said["quantiles"].as_object().is_some_and(|quantiles| !quantiles.is_empty());
        assert!(known || said["beyond_horizon"].as_f64() > Some(0.9), "{tail}: {said:#}");
    }
}

#[test]
fn an_asset_without_a_past_starts_from_what_the_others_are_like() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(folder.path()).expect("a store");
    let mut bench = Bench::new("farm", None, None);
    bench.takes_s = 30.0;
    bench.run(125);
    assert_eq!(bench.engine.save(&mut store), Vec::<String>::new());
    std::fs::remove_file(folder.path().join("wt-07.gearbox.json")).expect("its state");
    let mut again = Bench::new("farm", None, Some(&mut store));
    again.run(12);
    let parameter = |asset: &str| {
        let life = again.last(&format!("{asset}/high_speed_bearing/prediction/rul/gearbox/baseline"));
        let of = life["parameters"]["cooler_effectiveness"].clone();
        (
            of["prior_from"].clone(),
            of["prior_p95"].as_f64().unwrap_or(f64::NAN) - of["prior_p05"].as_f64().unwrap_or(f64::NAN),
        )
    };
    let ((known, generic), (new, fleet)) = (parameter("wt-01"), parameter("wt-07"));
    assert_eq!((known.as_str(), new.as_str()), (Some("generic"), Some("fleet")));
    assert!(fleet < 0.5 * generic, "all have one cooler: {fleet} {generic}");
}

#[test]
fn all_that_is_said_is_taken_by_a_viewer() {
    for (name, fault) in [
        ("demo", Some(FaultKind::HighSpeedBearingWear)),
        ("blade", Some(FaultKind::CoolingPassageBlockage)),
        ("ev", None),
    ] {
        let mut bench = Bench::new(name, fault, None);
        bench.run(100);
        let snapshot = bench.viewer.snapshot(bench.now());
        let trouble: Vec<_> = snapshot.sources.iter().filter_map(|source| source.trouble.clone()).collect();
        let counters = snapshot.counters;
        assert_eq!((counters.bad_predictions, counters.bad_records), (0, 0), "{name}: {trouble:?}");
        assert!(
            counters.predictions > 10 && counters.records > 0 && !snapshot.lives.is_empty(),
            "{name}: {counters:?}"
        );
    }
}

#[test]
fn without_telemetry_nothing_is_said() {
    let (site, base) = shipped("demo");
    let mut engine = Engine::new(&site, &base, 1, None).expect("an engine");
    for second in 0..60 {
        let now = Now { wall_ms: START_MS + 1000 * second, mono_ms: 1_000 + 1000 * second as u64 };
        assert!(engine.tick(now, &mut || 0.0).is_empty());
    }
}

/// A pump that publishes once in ten seconds, with a model by configuration.
const PUMP: &str = r#"
schema = 1
id = "pump"
model = "pump.glb"

[[part]]
id = "pump"
node = "Pump"

[[part.signal]]
id = "vibration"
topic = "{site}/{asset}/pump"
path = "/vibration"
unit = "mm/s"

[[part.signal]]
id = "temperature"
topic = "{site}/{asset}/pump"
path = "/temperature"
unit = "degC"

[[part.signal]]
id = "flow"
topic = "{site}/{asset}/pump"
path = "/flow"

[[estimator]]
kind = "machine"
id = "watch"
parts = { machine = "pump" }
inputs = { vibration = "pump.vibration", temperature = "pump.temperature", flow = "pump.flow" }
settings = { signals = ["vibration", "temperature"], conditions = ["flow"], row = "10s", learn_days = 0.05 }
"#;

#[test]
fn any_machine_is_watched_by_configuration_alone() {
    let site = "schema = 1\n[site]\nid = \"plant\"\n[[source]]\nid = \"s\"\nurl = \"mqtt://127.0.0.1\"\n\
                [[asset]]\nid = \"p-1\"\ntype = \"pump\"\nposition = [0.0, 0.0, 0.0]\n";
    let (file, problems) = parse_site(site, "site.toml");
    assert!(problems.is_empty(), "{problems:?}");
    let (kind, problems) = parse_type(PUMP, "pump");
    assert!(problems.is_empty(), "{problems:?}");
    let (site, _) = resolve(&file, &BTreeMap::from([("pump".to_owned(), kind)]), &BTreeMap::new());
    let mut engine = Engine::new(&Arc::new(site), &assets(), 1, None).expect("an engine");
    engine.link(SourceRow(0), LinkEvent::Live, Now { wall_ms: START_MS, mono_ms: 1_000 });
    let mut anomaly = |from: u64, to: u64, drift: f64| {
        let mut last = f64::NAN;
        for second in (from..to).step_by(5) {
            let now = Now { wall_ms: START_MS + 1000 * second as i64, mono_ms: 1_000 + 1000 * second };
            // Two tones that do not hang together, and a flow that explains half of the vibration.
            let (a, b) = ((second as f64 * 0.37).sin(), (second as f64 * 0.91).cos());
            let payload = format!(
                r#"{{"vibration":{},"temperature":{},"flow":{}}}"#,
                2.0 + 0.2 * b + 0.05 * a + drift,
                50.0 + a,
                10.0 + b
            );
            let raw =
                RawMessage { topic: b"plant/p-1/pump", payload: payload.as_bytes(), received: now, retained: false };
            assert_eq!(engine.messages(SourceRow(0), [raw], now), Vec::<String>::new());
            for message in engine.tick(now, &mut || 0.0) {
                if message.topic == "twinscope/v1/plant/p-1/pump/prediction/anomaly/watch/baseline" {
                    let body: Value = serde_json::from_slice(&message.payload).expect("JSON");
                    last = body["quantiles"]["0.5"].as_f64().unwrap_or(f64::NAN);
                }
            }
        }
        last
    };
    let usual = anomaly(5, 8_000, 0.0);
    let unusual = anomaly(8_000, 11_000, 1.0);
    assert!(usual < 1.0 && unusual > 1.0, "a share of the limit: {usual} {unusual}");
}
