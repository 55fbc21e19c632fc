//! What the wind turbine's model promises to those who use it.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking, as the test itself does")]

mod turning;

use std::collections::BTreeMap;
use std::path::Path;
use twinscope_generate::math::{Place, V3, lookup};
use twinscope_generate::mesh::Shape;
use twinscope_generate::scene::{Node, Part, Scene};
use twinscope_generate::{tables, wind_turbine, wind_turbine_glb};

fn scene() -> Scene {
    wind_turbine().unwrap()
}

fn find<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    if node.name == name { Some(node) } else { node.children.iter().find_map(|child| find(child, name)) }
}

/// All points of the solids that a node and its children show, in the world.
fn world_points(scene: &Scene, name: &str) -> Vec<V3> {
    let wanted = find(&scene.root, name).unwrap();
    let mut inside = vec![];
    let mut names = vec![];
    fn collect(node: &Node, names: &mut Vec<String>) {
        names.push(node.name.clone());
        node.children.iter().for_each(|child| collect(child, names));
    }
    collect(wanted, &mut names);
    scene.walk(&mut |node, place| {
        if names.contains(&node.name)
            && let Some(part) = scene.part_of(node)
        {
            inside.extend(part.solids.iter().flat_map(|(_, shape)| shape.points.iter().map(|p| place.point(*p))));
        }
    });
    inside
}

fn origin_of(scene: &Scene, name: &str) -> Place {
    let mut found = None;
    scene.walk(&mut |node, place| {
        if node.name == name {
            found = Some(*place);
        }
    });
    found.unwrap()
}

#[test]
fn the_committed_file_is_what_the_generator_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/models/wind_turbine.glb");
    let committed = std::fs::read(&path).unwrap();
    let made = wind_turbine_glb().unwrap();
    assert!(committed == made, "wind_turbine.glb is out of date: run `cargo run -p twinscope-generate`");
}

#[test]
fn two_runs_make_the_same_bytes() {
    assert!(wind_turbine_glb().unwrap() == wind_turbine_glb().unwrap());
}

/// Each part that sites can bind to, with the node that carries it.
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

/// The JSON chunk of the file.
fn json() -> serde_json::Value {
    let bytes = wind_turbine_glb().unwrap();
    assert_eq!(&bytes[..4], b"glTF");
    assert_eq!(bytes.len(), u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize);
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    serde_json::from_slice(&bytes[20..20 + length]).unwrap()
}

#[test]
fn every_part_id_is_there_exactly_once_and_no_other() {
    let document = json();
    let mut found: Vec<(&str, &str)> = document["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| Some((node["extras"]["part_id"].as_str()?, node["name"].as_str().unwrap())))
        .collect();
    found.sort_unstable();
    let mut expected = PARTS.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn node_names_are_unique() {
    let document = json();
    let mut names: Vec<&str> =
        document["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_part_shows_something_or_holds_parts_that_do() {
    fn shows(node: &Node) -> bool {
        node.mesh.is_some() || node.children.iter().any(shows)
    }
    let scene = scene();
    scene.walk(&mut |node, _| assert!(shows(node), "{} is empty", node.name));
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

#[test]
fn tower_diameters_are_the_tables() {
    let scene = scene();
    let part = scene.part_of(find(&scene.root, "Tower").unwrap()).unwrap();
    // The first solid is the tube itself, without flanges and stairs.
    let tube = &part.solids[0].1;
    for (height, diameter) in [(0.0, 5.99), (64.82, 5.85), (108.0, 3.0)] {
        let widest = tube
            .points
            .iter()
            .filter(|p| (p.y - height).abs() < 1e-6)
            .map(|p| 2.0 * p.x.hypot(p.z))
            .fold(0.0, f64::max);
        assert!((widest - diameter).abs() < 1e-6, "at {height} m: {widest}");
    }
}

#[test]
fn the_towers_wall_is_steel_sheet_all_the_way_up() {
    let scene = scene();
    let part = scene.part_of(find(&scene.root, "Tower").unwrap()).unwrap();
    let tower = tables::read().unwrap().tower;
    let outer = |height: f64| lookup(&tower, height) / 2.0;
    let mut inner: Vec<(f64, f64)> = part.solids[0]
        .1
        .points
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

/// How often each directed edge occurs, with corners welded by position.
fn edges<'a>(shapes: impl Iterator<Item = &'a Shape>) -> BTreeMap<([i64; 3], [i64; 3]), u32> {
    let mut edges = BTreeMap::new();
    for shape in shapes {
        let key = |i: u32| {
            let p = shape.at(i);
            [p.x, p.y, p.z].map(|c| (c * 1e6).round() as i64)
        };
        for &[a, b, c] in &shape.faces {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                *edges.entry((key(from), key(to))).or_insert(0) += 1;
            }
        }
    }
    edges
}

fn is_closed(edges: &BTreeMap<([i64; 3], [i64; 3]), u32>) -> bool {
    edges.iter().all(|(&(a, b), &count)| count == 1 && edges.get(&(b, a)) == Some(&1))
}

fn each_part(scene: &Scene) -> impl Iterator<Item = (&str, &Part)> {
    scene.meshes.iter().map(|(name, part)| (name.as_str(), part))
}

#[test]
fn the_housing_is_closed() {
    let scene = scene();
    let (_, housing) = each_part(&scene).find(|(name, _)| *name == "Housing").unwrap();
    assert!(is_closed(&edges(housing.solids.iter().map(|(_, shape)| shape))));
}

#[test]
fn every_solid_is_closed_and_looks_outwards() {
    let scene = scene();
    let mut open = Vec::new();
    for (name, part) in each_part(&scene) {
        for (index, (material, shape)) in part.solids.iter().enumerate() {
            // Solids of many pieces (bolts) have the sum of their volumes.
            if !is_closed(&edges(std::iter::once(shape))) {
                open.push(format!("{name} solid {index} ({material:?}) is open"));
            }
            if shape.volume() <= 0.0 {
                open.push(format!("{name} solid {index} ({material:?}) is inside out"));
            }
        }
    }
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn no_triangle_is_degenerate_in_the_files_precision() {
    let scene = scene();
    let mut flat = Vec::new();
    for (name, part) in each_part(&scene) {
        for (index, (_, shape)) in part.solids.iter().enumerate() {
            for &[a, b, c] in &shape.faces {
                let round = |i: u32| {
                    let p = shape.at(i);
                    let f = |x: f64| f64::from(x as f32);
                    twinscope_generate::math::v(f(p.x), f(p.y), f(p.z))
                };
                let (a, b, c) = (round(a), round(b), round(c));
                if (b - a).cross(c - a).length() < 1e-9 {
                    flat.push(format!("{name} solid {index} at {a:?}"));
                }
            }
        }
    }
    assert!(flat.is_empty(), "{} triangles: {:#?}", flat.len(), &flat[..flat.len().min(10)]);
}

#[test]
fn a_software_renderer_can_draw_it() {
    // Without a graphics card each triangle costs, once for every node that shows it.
    let scene = scene();
    let mut drawn: Vec<(usize, String)> = Vec::new();
    scene.walk(&mut |node, _| {
        if let Some(part) = scene.part_of(node) {
            drawn.push((part.solids.iter().map(|(_, shape)| shape.faces.len()).sum(), node.name.clone()));
        }
    });
    drawn.sort_unstable();
    let total: usize = drawn.iter().map(|(triangles, _)| triangles).sum();
    assert!(total <= 110_000, "{total} triangles; the most: {:?}", &drawn[drawn.len() - 8..]);
}

#[test]
fn nothing_of_the_drivetrain_behind_the_hub_pokes_through_the_housing() {
    let scene = scene();
    let housing = world_points(&scene, "Housing");
    let limit = |f: fn(f64, f64) -> f64, get: fn(&V3) -> f64, start: f64| housing.iter().map(get).fold(start, f);
    let (side, rear) = (limit(f64::max, |p| p.z, f64::MIN), limit(f64::max, |p| p.x, f64::MIN));
    let wall = 0.06;
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
    ] {
        for p in world_points(&scene, name) {
            assert!(p.z.abs() < side - wall, "{name} through the side: {p:?}");
            assert!(p.x < rear - wall && p.x > -3.10 + wall, "{name} through an end: {p:?}");
            assert!(p.y - 108.0 < 3.45 - wall && p.y - 108.0 > -0.45, "{name} through roof or floor: {p:?}");
        }
    }
}
