//! What the wind turbine's model promises beyond what every model does.

mod turning;
mod walk;

use crate::{edges, find, is_closed, json, origin_of, world_points};
use twinscope_generate::math::{V3, lookup};
use twinscope_generate::mesh::Shape;
use twinscope_generate::scene::{Material, Scene};
use twinscope_generate::tables;

fn scene() -> Scene {
    crate::model("wind_turbine")
}

/// Parts that sites bound to from the start, with the nodes that carry them.
const PARTS: &[(&str, &str)] = &[
    ("foundation", "Foundation"),
    ("tower", "Tower"),
    ("tower_door", "TowerDoor"),
    ("yaw_system", "Yaw"),
    ("yaw_bearing", "YawRing"),
    ("yaw_drive_1", "YawDrive1"),
    ("yaw_drive_2", "YawDrive2"),
    ("yaw_drive_3", "YawDrive3"),
    ("yaw_drive_4", "YawDrive4"),
    ("nacelle", "Nacelle"),
    ("nacelle_housing", "Housing"),
    ("bedplate", "Bedplate"),
    ("drivetrain", "Drivetrain"),
    ("main_bearing", "MainBearingFront"),
    ("main_bearing_rear", "MainBearingRear"),
    ("gearbox", "Gearbox"),
    ("gearbox_housing", "GearboxHousing"),
    ("planet_stage_1", "PlanetStage1"),
    ("planet_stage_2", "PlanetStage2"),
    ("high_speed_stage", "HighSpeedStage"),
    ("high_speed_bearing", "HighSpeedBearing"),
    ("high_speed_shaft", "HighSpeedShaft"),
    ("brake", "Brake"),
    ("brake_disc", "BrakeDisc"),
    ("coupling", "Coupling"),
    ("generator", "Generator"),
    ("generator_rotor", "GeneratorRotor"),
    ("generator_bearing_de", "GeneratorBearingDE"),
    ("generator_bearing_nde", "GeneratorBearingNDE"),
    ("rotor", "Rotor"),
    ("main_shaft", "MainShaft"),
    ("hub", "Hub"),
    ("spinner", "Spinner"),
    ("pitch_bearing_1", "PitchBearing1"),
    ("pitch_bearing_2", "PitchBearing2"),
    ("pitch_bearing_3", "PitchBearing3"),
    ("blade_1", "Blade1"),
    ("blade_2", "Blade2"),
    ("blade_3", "Blade3"),
    ("converter", "Converter"),
    ("transformer", "Transformer"),
    ("oil_cooler", "OilCooler"),
    ("lube_unit", "LubeUnit"),
    ("control_cabinet", "ControlCabinet"),
    ("wind_sensor", "WindVane"),
];

#[test]
fn parts_that_sites_know_keep_their_nodes() {
    let document = json(&scene());
    let nodes = document["nodes"].as_array().unwrap();
    for (id, name) in PARTS {
        let node = nodes.iter().find(|node| node["extras"]["part_id"] == *id).unwrap();
        assert_eq!(node["name"], *name);
    }
}

/// A part of the type file: what its node's id is, and how it moves.
struct TypePart {
    ids: Vec<String>,
    motion: Option<Moves>,
}

/// One `[[part.motion]]`.
#[derive(Clone)]
struct Moves {
    axis: String,
    signal: String,
    scale: f64,
    offset: f64,
}

/// Reads of the type file what these tests need: nodes, repeats, and the one motion of a part that moves. What flows
/// through a part does not move it.
fn type_file() -> Vec<TypePart> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/types/wind-turbine.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    let number = |block: &str, key: &str| value(block, key).map(|value| value.parse::<f64>().unwrap());
    text.split("[[part]]")
        .skip(1)
        .map(|part| {
            let (head, motion) = part.split_once("[[part.motion]]").unwrap_or((part, ""));
            let id = value(head, "node").unwrap().replace("id:", "");
            let ids = match value(head, "count").map(|count| count.parse::<u32>().unwrap()) {
                Some(count) => (1..=count).map(|n| id.replace("{n}", &n.to_string())).collect(),
                None => vec![id],
            };
            let motion = motion.split("[[").next().filter(|text| value(text, "axis").is_some()).map(|motion| Moves {
                axis: value(motion, "axis").unwrap(),
                signal: value(motion, "signal").unwrap(),
                scale: number(motion, "scale").unwrap_or(1.0),
                offset: number(motion, "offset").unwrap_or(0.0),
            });
            TypePart { ids, motion }
        })
        .collect()
}

#[test]
fn the_type_file_knows_every_part_and_no_other() {
    let mut found = Vec::new();
    scene().walk(&mut |node, _| found.extend(node.part_id.clone()));
    let mut expected: Vec<String> = type_file().into_iter().flat_map(|part| part.ids).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// The tests of site files have a copy of the tree, because they use nothing of this crate.
#[test]
fn the_tree_that_site_files_are_tested_with_is_the_models() {
    fn lines(node: &twinscope_generate::scene::Node, depth: usize, out: &mut String) {
        let id = node.part_id.as_ref().map(|id| format!(" [{id}]")).unwrap_or_default();
        out.push_str(&format!("{}{}{id}\n", "  ".repeat(depth), node.name));
        node.children.iter().for_each(|child| lines(child, depth + 1, out));
    }
    let mut made = String::new();
    lines(&scene().root, 0, &mut made);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../twin/src/site/tests/wind_turbine.txt");
    assert!(made == std::fs::read_to_string(path).unwrap(), "wind_turbine.txt should be:\n{made}");
}

#[test]
fn there_are_at_least_120_parts_and_each_has_a_type_plate_unless_it_is_a_system() {
    let mut count = 0;
    scene().walk(&mut |node, _| {
        if node.part_id.is_some() {
            count += 1;
            assert!(node.meta.is_some() || node.kind == "system", "{}", node.name);
        }
    });
    assert!(count >= 120, "{count}");
}

#[test]
fn what_flows_in_a_pipe_can_be_drawn_along_it() {
    let scene = scene();
    let mut pipes = 0;
    scene.walk(&mut |node, _| {
        if node.kind == "pipe" {
            pipes += 1;
            let part = scene.part_of(node).unwrap();
            let texture = part.solids.iter().flat_map(|(_, shape)| &shape.texture);
            let length = texture.map(|&(along, _)| along).fold(0.0, f64::max);
            assert!(length > 1.0, "{}: {length} m", node.name);
        }
    });
    assert!(pipes >= 5, "{pipes}");
}

/// The simulator has two rows of 20 rollers, 66 mm in diameter and 75 mm long, in this bearing.
#[test]
fn the_high_speed_bearing_has_the_simulators_rollers() {
    let scene = scene();
    let part = scene.part_of(find(&scene.root, "HighSpeedBearingRollers").unwrap()).unwrap();
    let rows: Vec<&Shape> =
        part.solids.iter().filter(|(material, _)| *material == Material::MachinedSteel).map(|(_, s)| s).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
        };
        let (x0, x1) = range(&mut row.points.iter().map(|p| p.x));
        assert!((x1 - x0 - 0.075).abs() < 1e-3, "{}", x1 - x0);
        let (near, far) = range(&mut row.points.iter().map(|p| p.y.hypot(p.z)));
        assert!((far - near - 0.066).abs() < 2e-3, "{}", far - near);
        // A roller of this many corners, 20 times.
        assert_eq!(row.points.len() % 20, 0);
        let outermost = row.points.iter().filter(|p| p.x == x0 && p.y.hypot(p.z) > far - 0.012).count();
        assert_eq!(outermost % 20, 0);
    }
}

#[test]
fn rotor_diameter_is_within_half_a_percent() {
    let scene = scene();
    let rotor = origin_of(&scene, "Rotor");
    let [axis, ..] = rotor.axes;
    let diameter = tables::read().unwrap().rotor_diameter;
    for name in ["Blade1", "Blade2", "Blade3"] {
        let reach = world_points(&scene, name)
            .into_iter()
            .map(|p| {
                let d = p - rotor.origin;
                (d - axis * d.dot(axis)).length()
            })
            .fold(0.0, f64::max);
        assert!((2.0 * reach / diameter - 1.0).abs() < 0.005, "{name}: {}", 2.0 * reach);
    }
}

#[test]
fn hub_height_and_overhang_are_the_tables() {
    let hub = origin_of(&scene(), "Rotor").origin;
    assert!((hub.y - 110.0).abs() < 0.01, "{}", hub.y);
    assert!((hub.x + 5.0).abs() < 0.01, "{}", hub.x);
}

#[test]
fn the_shaft_is_tilted_nose_up() {
    let [axis, ..] = origin_of(&scene(), "Rotor").axes;
    let tilt = (-axis.y).asin().to_degrees();
    assert!((tilt - 5.0).abs() < 0.01, "{tilt}");
}

/// Corners of the five sections.
fn tower_shell(scene: &Scene) -> Vec<V3> {
    (1..=5).flat_map(|n| world_points(scene, &format!("TowerSection{n}"))).collect()
}

#[test]
fn tower_diameters_are_the_tables() {
    let scene = scene();
    let tube = tower_shell(&scene);
    for (height, diameter) in [(0.0, 5.99), (64.82, 5.85), (108.0, 3.0)] {
        let widest =
            tube.iter().filter(|p| (p.y - height).abs() < 1e-6).map(|p| 2.0 * p.x.hypot(p.z)).fold(0.0, f64::max);
        assert!((widest - diameter).abs() < 1e-6, "at {height} m: {widest}");
    }
}

#[test]
fn the_towers_wall_is_steel_sheet_all_the_way_up() {
    let scene = scene();
    let tower = tables::read().unwrap().tower;
    let outer = |height: f64| lookup(&tower, height) / 2.0;
    let mut inner: Vec<(f64, f64)> = tower_shell(&scene)
        .iter()
        .map(|p| (p.y, p.x.hypot(p.z)))
        .filter(|&(height, r)| r < outer(height) - 0.001)
        .collect();
    inner.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Sheets of such towers are 10 to 60 mm thick.
    for height in (0..=108).map(f64::from) {
        let wall = outer(height) - lookup(&inner, height);
        assert!((0.01..0.06).contains(&wall), "at {height} m: {wall}");
    }
}

/// Lowest and highest coordinate along a chord of this twist, of the blade's points at one span. The ends are the
/// straight line's between the two nearest rings of points, as the surface's are.
fn chord_ends(blade: &Shape, station: &tables::Station) -> (f64, f64) {
    let (sin, cos) = station.twist.to_radians().sin_cos();
    // Along the chord towards the nose, which positive twist turns upwind.
    let along = |p: &V3| (p.x - station.prebend) * -sin + p.z * cos;
    let spans = || blade.points.iter().map(|p| p.y);
    let below = spans().filter(|y| *y <= station.span + 1e-9).fold(f64::MIN, f64::max);
    let above = spans().filter(|y| *y >= station.span - 1e-9).fold(f64::MAX, f64::min);
    let ends = |span: f64| {
        let ring = blade.points.iter().filter(|p| (p.y - span).abs() < 1e-9).map(along);
        ring.fold((f64::MAX, f64::MIN), |(low, high), a| (low.min(a), high.max(a)))
    };
    let t = if above > below { (station.span - below) / (above - below) } else { 0.0 };
    let ((a, b), (c, d)) = (ends(below), ends(above));
    (a + (c - a) * t, b + (d - b) * t)
}

#[test]
fn blade_chord_and_twist_are_the_tables() {
    let scene = scene();
    let part = scene.part_of(find(&scene.root, "Blade1").unwrap()).unwrap();
    let blade = &part.solids[0].1;
    for station in tables::read().unwrap().blade.iter().filter(|s| s.span > 12.0) {
        let (low, high) = chord_ends(blade, station);
        assert!((high - low - station.chord).abs() < 0.02 * station.chord, "at {} m: {}", station.span, high - low);
        assert!((high - station.axis).abs() < 0.02 * station.chord, "at {} m: nose at {high}", station.span);
    }
}

#[test]
fn a_blade_on_top_moves_with_its_nose_first() {
    // Seen from upwind the rotor turns clockwise, which is from +y towards +z: the nose of the top blade looks to +z.
    let scene = scene();
    let part = scene.part_of(find(&scene.root, "Blade1").unwrap()).unwrap();
    let tip = part.solids[0].1.points.iter().filter(|p| p.y > 42.0 && p.y < 46.0);
    let (low, high) = tip.fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.z), high.max(p.z)));
    assert!(high < -low, "the pitch axis lies in the front half of the chord: {low} {high}");
    assert!(find(&scene.root, "Rotor").unwrap().axis.unwrap().x > 0.0);
}

#[test]
fn the_housing_is_closed() {
    let scene = scene();
    let (_, housing) = scene.meshes.iter().find(|(name, _)| *name == "Housing").unwrap();
    assert!(is_closed(&edges(housing.solids.iter().map(|(_, shape)| shape))));
}

#[test]
fn nothing_of_the_drivetrain_behind_the_hub_pokes_through_the_housing() {
    let scene = scene();
    let housing = world_points(&scene, "Housing");
    let limit = |f: fn(f64, f64) -> f64, get: fn(&V3) -> f64, start: f64| housing.iter().map(get).fold(start, f);
    let (side, rear) = (limit(f64::max, |p| p.z, f64::MIN), limit(f64::max, |p| p.x, f64::MIN));
    let wall = 0.04;
    for name in [
        "Bedplate",
        "MainBearingFront",
        "MainBearingRear",
        "Gearbox",
        "Brake",
        "Coupling",
        "Generator",
        "Converter",
        "Transformer",
        "LubeUnit",
        "ControlCabinet",
        "YawDrive1",
        "YawDrive2",
        "YawDrive3",
        "YawDrive4",
        "NacelleFloor",
        "NacelleHandrails",
        "ServiceCrane",
        "HydraulicUnit",
        "DripTray",
    ] {
        for p in world_points(&scene, name) {
            assert!(p.z.abs() < side - wall, "{name} through the side: {p:?}");
            assert!(p.x < rear - wall && p.x > -3.10 + wall, "{name} through an end: {p:?}");
            assert!(p.y - 108.0 < 3.45 - wall && p.y - 108.0 > -0.45, "{name} through roof or floor: {p:?}");
        }
    }
}
