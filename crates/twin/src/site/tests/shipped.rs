//! The files in `assets/` are without problems, and say what they should.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::*;
use super::{WIND_TURBINE, lines, model};
use crate::severity::Severity;

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets")
}

/// A shipped site as a caller loads it: types searched in their folders, all models by the wind turbine's nodes.
fn load(site: &str) -> Site {
    load_with(site, &model(WIND_TURBINE))
}

/// A shipped site with the nodes of its own model.
fn load_own(site: &str, model: &str) -> Site {
    load_with(site, &nodes_of(&std::fs::read(assets().join("models").join(model)).unwrap()))
}

fn load_blade() -> Site {
    load_own("blade", "turbine_blade.glb")
}

fn load_any(site: &str) -> Site {
    match site {
        "blade" => load_blade(),
        "ev" => load_own("ev", "electric_vehicle.glb"),
        _ => load(site),
    }
}

fn load_with(site: &str, nodes: &ModelNodes) -> Site {
    let folder = assets().join("sites").join(site);
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (file, problems) = parse_site(&read(&folder.join("site.toml")), "site.toml");
    assert_eq!(problems, [], "{site}");
    let mut types = BTreeMap::new();
    let mut models = BTreeMap::new();
    for id in file.type_ids() {
        let found = SiteFile::TYPE_FOLDERS.iter().map(|types| (types, folder.join(types).join(format!("{id}.toml"))));
        let (from_site, path) = found.into_iter().find(|(_, path)| path.is_file()).expect("a type file");
        let (mut kind, problems) = parse_type(&read(&path), &format!("{id}.toml"));
        assert_eq!(lines(&problems), [""; 0], "{id}");
        kind.folder_from_site = (*from_site).to_owned();
        models.insert(kind.model_path_from_site(), nodes.clone());
        types.insert(id, kind);
    }
    let (site, problems) = resolve(&file, &types, &models);
    assert_eq!(lines(&problems), [""; 0]);
    site
}

/// The nodes of a GLB file: its JSON chunk follows a header of 12 bytes and its own length and kind.
fn nodes_of(glb: &[u8]) -> ModelNodes {
    let length = u32::from_le_bytes(glb[12..16].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&glb[20..20 + length]).unwrap();
    let mut nodes = Vec::new();
    let mut open: Vec<(u64, Option<usize>)> =
        json["scenes"][0]["nodes"].as_array().unwrap().iter().map(|root| (root.as_u64().unwrap(), None)).collect();
    while let Some((index, parent)) = open.pop() {
        let node = &json["nodes"][usize::try_from(index).unwrap()];
        let name = node["name"].as_str().unwrap_or("");
        let path = parent.map_or_else(
            || name.to_owned(),
            |parent: usize| {
                let parent: &ModelNode = &nodes[parent];
                format!("{}/{name}", parent.path)
            },
        );
        let children = node["children"].as_array().cloned().unwrap_or_default();
        open.extend(children.iter().map(|child| (child.as_u64().unwrap(), Some(nodes.len()))));
        nodes.push(ModelNode { path, part_id: node["extras"]["part_id"].as_str().map(str::to_owned), parent });
    }
    ModelNodes { nodes }
}

#[test]
fn the_nodes_of_these_tests_are_in_the_model_file() {
    let file = nodes_of(&std::fs::read(assets().join("models/wind_turbine.glb")).unwrap());
    let id = |nodes: &ModelNodes, mut at: usize| loop {
        at = nodes.nodes[at].parent?;
        if nodes.nodes[at].part_id.is_some() {
            return nodes.nodes[at].part_id.clone();
        }
    };
    let ours = model(WIND_TURBINE);
    for (at, node) in ours.nodes.iter().enumerate() {
        let Some(part_id) = &node.part_id else { continue };
        let found = file.find(&format!("id:{part_id}")).unwrap_or_else(|| panic!("{part_id} is not in the file"));
        assert_eq!(id(&file, found), id(&ours, at), "{part_id} lies under another part");
    }
}

fn part<'a>(site: &'a Site, id: &str) -> &'a Part {
    site.parts.iter().find(|part| part.id == id).unwrap_or_else(|| panic!("no part {id}"))
}

fn signal<'a>(site: &'a Site, name: &str) -> &'a Signal {
    let (part_id, id) = name.split_once('.').unwrap();
    let rows = &part(site, part_id).signals;
    let signals = &site.signals[rows.start as usize..rows.end as usize];
    signals.iter().find(|signal| signal.id == id).unwrap_or_else(|| panic!("no signal {name}"))
}

#[test]
fn the_plant_example_has_no_problems() {
    let site = load("plant-example");
    assert_eq!(site.assets.len(), 2);
    assert_eq!(site.sources[0].password_env.as_deref(), Some("TWINSCOPE_MQTT_PASSWORD"));
}

#[test]
fn every_part_of_the_model_is_a_part_of_the_demo() {
    let site = load("demo");
    let bound: Vec<_> = site.parts.iter().map(|part| part.node.trim_start_matches("id:")).collect();
    for id in model(WIND_TURBINE).nodes.iter().filter_map(|node| node.part_id.as_deref()) {
        assert!(bound.contains(&id), "{id} is not bound");
    }
    assert!(site.sources[0].simulated);
    assert_eq!(site.assets[0].model, "../../models/wind_turbine.glb");
}

#[test]
fn every_part_of_the_blade_is_bound_and_has_its_place() {
    let site = load_blade();
    let nodes = nodes_of(&std::fs::read(assets().join("models/turbine_blade.glb")).unwrap());
    let mut ids: Vec<_> = nodes.nodes.iter().filter_map(|node| node.part_id.as_deref()).collect();
    let mut bound: Vec<_> = site.parts.iter().map(|part| part.node.trim_start_matches("id:")).collect();
    ids.sort_unstable();
    bound.sort_unstable();
    assert_eq!(ids, bound);
    let parent = |id: &str| part(&site, id).parent.map(|row| site.parts[row.index()].id.as_str());
    assert_eq!(parent("passage_9"), Some("airfoil"));
    assert_eq!(parent("trailing_edge"), Some("airfoil"));
    assert_eq!(parent("root"), Some("blade"));
}

#[test]
fn a_wall_of_the_blade_is_as_well_cooled_as_its_temperature_says() {
    let site = load_blade();
    let inputs = [("temperature", 790.0), ("airfoil.gas_temperature", 1180.0), ("airfoil.coolant_temperature", 400.0)];
    assert!((derived(&site, "pressure_side.effectiveness", &inputs) - 0.5).abs() < 1e-9);
}

/// The signals that the simulator publishes, by topic.
const PUBLISHED: [(&str, &[&str]); 13] = [
    ("wind", &["speed", "direction", "temperature"]),
    ("rotor", &["speed", "torque", "azimuth", "locked"]),
    ("pitch", &["blade_1", "blade_2", "blade_3"]),
    ("yaw", &["heading", "error"]),
    ("main_bearing", &["temperature", "vibration"]),
    ("gearbox", &["oil_temperature", "oil_inlet_temperature", "oil_pressure", "vibration", "cooler", "pump"]),
    ("high_speed_bearing", &["temperature", "vibration", "kurtosis"]),
    ("generator", &["speed", "winding_temperature", "bearing_de_temperature", "bearing_nde_temperature", "vibration"]),
    ("converter", &["power", "temperature"]),
    ("transformer", &["temperature"]),
    ("brake", &["applied", "pad"]),
    ("tower", &["acceleration"]),
    ("control", &["service_stop"]),
];

#[test]
fn the_demo_binds_every_field_that_is_published_once() {
    let site = load("demo");
    let mut bound: Vec<String> = site
        .signals
        .iter()
        .filter_map(|signal| match &signal.input {
            SignalInput::Topic(topic) => Some(format!("{}{}", topic.filter, topic.path.as_deref().unwrap_or(""))),
            SignalInput::Expression(_) => None,
        })
        .collect();
    bound.sort();
    let mut published: Vec<String> = PUBLISHED
        .iter()
        .flat_map(|(topic, fields)| fields.iter().map(move |field| format!("demo/wt-01/{topic}/{field}")))
        .collect();
    published.sort();
    assert_eq!(bound, published);
}

#[test]
fn the_high_speed_bearing_warns_in_steps() {
    let site = load("demo");
    let bearing = part(&site, "high_speed_bearing");
    let mut steps: Vec<_> = site.alarms[bearing.alarms.start as usize..bearing.alarms.end as usize]
        .iter()
        .filter_map(|alarm| match alarm.condition {
            Condition::High { signal, limit } => {
                Some((site.signals[signal.index()].id.as_str(), limit, alarm.priority))
            }
            _ => None,
        })
        .filter(|(signal, ..)| *signal != "kurtosis")
        .collect();
    steps.sort_by(|a, b| (a.0, a.1).partial_cmp(&(b.0, b.1)).unwrap());
    let expected = [
        ("temperature", 80.0, Severity::High),
        ("temperature", 90.0, Severity::Critical),
        ("vibration", 4.5, Severity::Medium),
        ("vibration", 7.1, Severity::High),
        ("vibration", 11.0, Severity::Critical),
    ];
    assert_eq!(steps, expected);
}

/// Zone boundaries B/C and C/D of VDI 3834-1 for tower, rotor bearing, gearbox and generator.
#[test]
fn vibration_warns_where_the_zones_of_vdi_3834_end() {
    let site = load("demo");
    for (name, caution, act) in [
        ("tower.acceleration", 0.3, 0.5),
        ("main_bearing.vibration", 2.0, 3.2),
        ("gearbox.vibration", 3.5, 5.6),
        ("generator.vibration", 6.0, 10.0),
    ] {
        let (part_id, id) = name.split_once('.').unwrap();
        let rows = &part(&site, part_id).alarms;
        let steps: Vec<_> = site.alarms[rows.start as usize..rows.end as usize]
            .iter()
            .filter_map(|alarm| match alarm.condition {
                Condition::High { signal, limit } if site.signals[signal.index()].id == id => {
                    Some((limit, alarm.priority))
                }
                _ => None,
            })
            .collect();
        assert_eq!(steps[..2], [(caution, Severity::Medium), (act, Severity::High)], "{name}");
    }
}

#[test]
fn low_oil_pressure_counts_only_while_the_rotor_turns() {
    let site = load("demo");
    for (id, low) in [("gear-oil-pressure-low", 1.5), ("gear-oil-pressure-very-low", 0.5)] {
        let alarm = site.alarms.iter().find(|alarm| alarm.id == id).unwrap();
        let Condition::When(when) = &alarm.condition else { panic!("{id} does not ask for the rotor's speed") };
        // A condition counts 1 where it holds.
        let holds =
            |pressure: f64, speed: f64| evaluate(when, &[("oil_pressure", pressure), ("rotor.speed", speed)]) > 0.5;
        assert!(holds(low, 8.0), "{id}");
        assert!(!holds(low, 0.0), "{id}");
        assert!(!holds(3.0, 8.0), "{id}");
    }
}

#[test]
fn every_part_of_the_cars_model_is_a_part_of_its_site_and_every_cell_has_a_voltage() {
    let site = load_any("ev");
    let glb = std::fs::read(assets().join("models/electric_vehicle.glb")).unwrap();
    let mut in_model: Vec<String> = nodes_of(&glb).nodes.into_iter().filter_map(|node| node.part_id).collect();
    let mut in_site: Vec<String> = site.parts.iter().map(|part| part.id.clone()).collect();
    in_model.sort_unstable();
    in_site.sort_unstable();
    assert_eq!(in_model, in_site);
    let cells: Vec<_> = site.parts.iter().filter(|part| part.kind == "cell").collect();
    assert_eq!(cells.len(), 288);
    for cell in cells {
        let (module, number) = cell.id.trim_start_matches("module_").split_once("_cell_").unwrap();
        let SignalInput::Topic(input) = &signal(&site, &format!("{}.voltage", cell.id)).input else {
            panic!("{}", cell.id)
        };
        assert_eq!(input.filter, format!("ev/car-01/module/{module}"));
        assert_eq!(input.path.as_deref(), Some(format!("/cell_{number}").as_str()));
        let parent = cell.parent.map(|row| site.parts[row.index()].id.clone());
        assert_eq!(parent, Some(format!("module_{module}")));
    }
}

#[test]
fn every_alarm_says_why_and_what_to_do() {
    for site in ["demo", "ev", "la-haute-borne", "blade"] {
        for alarm in load_any(site).alarms {
            for text in [&alarm.cause, &alarm.consequence, &alarm.response] {
                assert!(text.len() > 10 && text.ends_with('.'), "{site}: {}: {text:?}", alarm.id);
            }
        }
    }
}

#[test]
fn parts_without_signals_and_without_children_say_why() {
    for name in ["demo", "ev", "la-haute-borne", "blade"] {
        let site = load_any(name);
        for (row, part) in (0_u32..).zip(&site.parts) {
            let has_children = site.parts.iter().any(|child| child.parent == Some(PartRow(row)));
            assert!(!part.signals.is_empty() || has_children || part.note.is_some(), "{name}: {}", part.id);
        }
    }
}

#[test]
fn parents_follow_the_model() {
    let site = load("demo");
    let parent = |id: &str| part(&site, id).parent.map(|row| site.parts[row.index()].id.as_str());
    assert_eq!(parent("high_speed_bearing"), Some("gearbox"));
    assert_eq!(parent("gearbox"), Some("drivetrain"));
    assert_eq!(parent("blade_2"), Some("rotor"));
    assert_eq!(parent("tower_door"), Some("tower"));
    assert_eq!(parent("nacelle"), Some("yaw_system"));
    assert_eq!(parent("tower"), None);
    // Its teeth are bolted to the tower.
    assert_eq!(parent("yaw_bearing"), Some("tower"));
}

/// A vector after `turn` degrees about y.
fn about_y(deg: f64, [x, y, z]: [f64; 3]) -> [f64; 3] {
    let (sin, cos) = deg.to_radians().sin_cos();
    [x * cos + z * sin, y, z * cos - x * sin]
}

#[test]
fn the_nacelle_looks_into_its_heading() {
    let site = load("demo");
    let turn = &part(&site, "yaw_system").motions[0];
    assert_eq!((turn.kind, turn.axis), (MotionKind::Turn, 1));
    // East is +x and north is -z; the model looks to -x.
    for (heading, east, north) in [(270.0, -1.0, 0.0), (0.0, 0.0, 1.0), (90.0, 1.0, 0.0), (180.0, 0.0, -1.0)] {
        let [x, _, z] = about_y(turn.scale * heading + turn.offset, [-1.0, 0.0, 0.0]);
        assert!((x - east).abs() < 1e-9 && (-z - north).abs() < 1e-9, "{heading}: {x} {z}");
    }
}

#[test]
fn feathering_turns_the_leading_edge_into_the_wind() {
    let site = load("demo");
    let turn = &part(&site, "blade_1").motions[0];
    let [x, _, z] = about_y(turn.scale * 90.0 + turn.offset, [0.0, 0.0, 1.0]);
    assert!((x + 1.0).abs() < 1e-9 && z.abs() < 1e-9);
}

#[test]
fn the_high_speed_side_turns_against_the_rotor() {
    let site = load("demo");
    let spin = |id: &str| part(&site, id).motions[0].clone();
    assert_eq!((spin("rotor").kind, spin("rotor").axis, spin("rotor").scale), (MotionKind::Spin, 0, 1.0));
    // Shaft and disc with the gears, the rest with the generator: a coupling that slips shows.
    // Nejad et al. (2016), tables V and VI: (1 + 56/19) (1 + 93/18) 95/24.
    let ratio = -(75.0 / 19.0) * (111.0 / 18.0) * (95.0 / 24.0);
    for (id, scale, by) in [
        ("high_speed_shaft", ratio, "rotor"),
        ("brake_disc", ratio, "rotor"),
        ("coupling", -1.0, "generator"),
        ("generator_rotor", -1.0, "generator"),
    ] {
        assert_eq!((spin(id).kind, spin(id).axis), (MotionKind::Spin, 0), "{id}");
        assert!((spin(id).scale - scale).abs() < 1e-9, "{id}: {} instead of {scale}", spin(id).scale);
        assert_eq!(site.signals[spin(id).signal.index()].id, "speed");
        assert_eq!(site.parts[site.signals[spin(id).signal.index()].part.index()].id, by);
    }
}

/// The value of an expression of a shipped site, its inputs by name (`part.x`, or `x` of `part`).
#[track_caller]
fn evaluate(expression: &str, inputs: &[(&str, f64)]) -> f64 {
    let language = crate::expression::Language::default();
    let expression = language.compile(expression).unwrap();
    let value = |name: &String| {
        let number = inputs.iter().find(|(known, _)| known == name).map(|(_, number)| *number);
        Some(crate::value::Value::Number(number.unwrap_or_else(|| panic!("no input {name}"))))
    };
    let values: Vec<_> = expression.inputs().iter().map(value).collect();
    expression.evaluate(&language, &values).unwrap().as_number().unwrap()
}

#[track_caller]
fn derived(site: &Site, name: &str, inputs: &[(&str, f64)]) -> f64 {
    match &signal(site, name).input {
        SignalInput::Expression(expression) => evaluate(expression, inputs),
        SignalInput::Topic(_) => panic!("{name} is not derived"),
    }
}

#[test]
fn the_derived_rotor_speed_follows_an_mm82() {
    let site = load("la-haute-borne");
    let speed = |power: f64, wind: f64| {
        derived(&site, "rotor.speed", &[("converter.power", power), ("wind_sensor.speed", wind)])
    };
    assert_eq!(speed(-4.0, 2.0), 0.0);
    assert_eq!(speed(20.0, 3.0), 8.5);
    // 7.6 * 7 m/s / 41 m in rpm.
    assert!((speed(500.0, 7.0) - 7.6 * 7.0 / 41.0 * 60.0 / std::f64::consts::TAU).abs() < 0.02);
    assert_eq!(speed(2050.0, 14.0), 17.1);
    assert!(part(&site, "rotor").motions[0].derived);
}

#[test]
fn derived_signals_of_the_demo_compute() {
    let site = load("demo");
    let slip = |rotor: f64, generator: f64| {
        derived(&site, "coupling.slip", &[("rotor.speed", rotor), ("generator.speed", generator)])
    };
    assert!(slip(11.76, 11.76 * 96.354).abs() < 1e-9);
    assert!((slip(10.0, 973.1754) - 1.0).abs() < 1e-9);
    assert_eq!(slip(1.0, 500.0), 0.0);
    let spread = [("blade_1.pitch", 1.0), ("blade_2.pitch", 4.0), ("blade_3.pitch", -2.0)];
    assert_eq!(derived(&site, "hub.pitch_spread", &spread), 6.0);
    // 2,915 kN.m at 11.76 rpm: 3,590 kW.
    let power = derived(&site, "drivetrain.mechanical_power", &[("rotor.torque", 2915.0), ("rotor.speed", 11.76)]);
    assert!((power - 3_590.0).abs() < 5.0, "{power}");
}

#[test]
fn health_falls_from_new_to_failed() {
    let site = load("demo");
    let health = |vibration: f64, temperature: f64| {
        let expression = part(&site, "high_speed_bearing").health.as_deref().unwrap();
        evaluate(expression, &[("vibration", vibration), ("temperature", temperature)])
    };
    assert!(health(2.0, 65.0) >= 1.0);
    assert!((health(4.5, 72.0) - (1.0 - 2.0 / 8.5)).abs() < 1e-9);
    assert!(health(11.0, 72.0).abs() < 1e-9);
    assert!(health(3.0, 100.0).abs() < 1e-9);
}

#[test]
fn la_haute_borne_binds_the_columns_of_its_table() {
    let site = load("la-haute-borne");
    assert_eq!(site.assets.iter().map(|asset| asset.id.as_str()).collect::<Vec<_>>(), ["R80711", "R80736"]);
    let mut paths: Vec<_> = site.signals[..site.signals.len() / 2]
        .iter()
        .filter_map(|signal| match &signal.input {
            SignalInput::Topic(topic) => {
                assert_eq!(topic.filter, "la-haute-borne/R80711/scada");
                topic.path.as_deref()
            }
            SignalInput::Expression(_) => None,
        })
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let columns =
        ["/nacelle_deg", "/outdoor_temp_c", "/pitch_deg", "/power_kw", "/vane_deg", "/wind_dir_deg", "/wind_speed_ms"];
    assert_eq!(paths, columns);
    for asset in &site.assets {
        assert!(asset.stand_in.as_deref().is_some_and(|why| why.contains("MM82")));
    }
    assert!(part(&site, "gearbox").note.as_deref().is_some_and(|note| note.starts_with("No drivetrain sensors")));
}

/// Tooth counts of the model's gearbox (Nejad et al. 2016, tables V and VI): ring, planet and sun of two stages, wheel and
/// pinion of the third.
#[test]
fn gears_turn_as_their_teeth_count() {
    let site = load("demo");
    let speed = |id: &str| {
        let motion = &part(&site, id).motions[0];
        assert_eq!((motion.kind, motion.axis), (MotionKind::Spin, 0), "{id}");
        assert_eq!(site.signals[motion.signal.index()].id, "speed", "{id}");
        motion.scale
    };
    let close = |id: &str, expected: f64| assert!((speed(id) - expected).abs() < 1e-5, "{id}: {}", speed(id));
    close("carrier_1", 1.0);
    close("planet_1_2", -56.0 / 17.0);
    close("sun_gear_1", 1.0 + 56.0 / 19.0);
    close("carrier_2", speed("sun_gear_1"));
    close("planet_2_3", -93.0 / 36.0 * speed("carrier_2"));
    close("sun_gear_2", (1.0 + 93.0 / 18.0) * speed("carrier_2"));
    close("high_speed_wheel", speed("sun_gear_2"));
    close("high_speed_shaft", -95.0 / 24.0 * speed("high_speed_wheel"));
    close("brake_disc", speed("high_speed_shaft"));
}
