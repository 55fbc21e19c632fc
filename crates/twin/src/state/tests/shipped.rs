//! The sites that ship with the program, fed with plausible messages: everything in them works.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::fixture::{START_MS, Twin};
use crate::command::Command;
use crate::quality::Quality;
use crate::site::{PartRow, Signal, SignalInput, Site, SiteFile, parse_site, parse_type, resolve};
use crate::state::TwinState;
use crate::time::Now;

/// A site without its models: what rolls up to what is not looked at here.
fn load(name: &str) -> Site {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sites").join(name);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let (file, problems) = parse_site(&read(&folder.join("site.toml")), "site.toml");
    assert!(problems.is_empty(), "{problems:?}");
    let mut types = BTreeMap::new();
    for id in file.type_ids() {
        let places = SiteFile::TYPE_FOLDERS.iter().map(|types| folder.join(types).join(format!("{id}.toml")));
        let path = places.into_iter().find(|path| path.is_file()).expect("a type file");
        types.insert(id.to_owned(), parse_type(&read(&path), "type.toml").0);
    }
    resolve(&file, &types, &BTreeMap::new()).0
}

/// A value that a signal may have: a switch where no number is asked for.
fn plausible(signal: &Signal) -> String {
    match signal.range {
        Some([low, high]) => (low + 0.3 * (high - low)).to_string(),
        None if signal.unit.is_empty() => "false".to_owned(),
        None => "1".to_owned(),
    }
}

fn check(name: &str) {
    let site = load(name);
    let mut payloads: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for signal in &site.signals {
        let SignalInput::Topic(input) = &signal.input else { continue };
        let fields = payloads.entry(input.filter.clone()).or_default();
        let key = |pointer: &str| pointer.trim_start_matches('/').to_owned();
        fields.insert(key(input.path.as_deref().expect("all of them are JSON")), plausible(signal));
        if let Some(time) = &input.time {
            fields.insert(key(&time.path), START_MS.to_string());
        }
    }
    assert!(!payloads.is_empty(), "{name}");
    let parts = site.parts.len();
    let names: Vec<String> =
        site.signals.iter().map(|s| format!("{}.{}", site.parts[s.part.index()].id, s.id)).collect();
    let mut twin = Twin {
        state: TwinState::new(Arc::new(site), crate::state::Options::default()),
        now: Now { wall_ms: START_MS, mono_ms: 0 },
    };
    for (topic, fields) in &payloads {
        let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        twin.hear(topic, format!("{{{}}}", fields.join(",")));
    }
    let snapshot = twin.snapshot();
    for (signal, name) in snapshot.signals.iter().zip(&names) {
        assert!(
            signal.quality <= Quality::Good || signal.reason == crate::quality::QualityReason::OutOfRange,
            "{name}: {signal:?}"
        );
    }
    let counters = snapshot.counters;
    let trouble =
        [counters.unreadable, counters.wrong_type, counters.missing, counters.unbound, counters.expression_errors];
    assert_eq!(trouble, [0; 5], "{name}");
    for part in 0..u32::try_from(parts).unwrap() {
        twin.command(Command::Select(Some(PartRow(part))));
        let detail = twin.snapshot().selected.unwrap();
        let signals = detail.signals.iter().filter_map(|signal| signal.error.clone());
        let alarms = detail.alarms.iter().filter_map(|alarm| alarm.error.clone());
        let health = detail.health.iter().filter_map(|health| health.error.clone());
        let errors: Vec<String> = signals.chain(alarms).chain(health).collect();
        assert_eq!(errors, [""; 0], "{name}: part {part}");
    }
}

#[test]
fn the_demo_works() {
    check("demo");
}

#[test]
fn the_blade_works() {
    check("blade");
}

#[test]
fn the_real_turbines_work() {
    check("la-haute-borne");
}

#[test]
fn the_example_of_a_plant_works() {
    check("plant-example");
}
