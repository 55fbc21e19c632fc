//! What the wind turbine's model promises beyond what every model does.

mod turning;

use crate::{edges, find, is_closed, json, origin_of, world_points};
use twinscope_generate::math::{V3, lookup};
use twinscope_generate::mesh::Shape;
use twinscope_generate::scene::Scene;
use twinscope_generate::tables;

fn scene() -> Scene {
    crate::model("wind_turbine")
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

#[test]
fn every_part_id_is_there_exactly_once_and_no_other() {
    let document = json(&scene());
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
