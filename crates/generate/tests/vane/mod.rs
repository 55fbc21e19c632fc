//! The gas turbine blade: true to the report's tables, with fields only where something is known.

use crate::{find, json, model, world_points};
use std::collections::BTreeSet;
use std::path::Path;
use twinscope_generate::scene::Scene;
use twinscope_generate::vane::{
    MEASURED_CSV, On, PRESSURE_ARC, Profile, Region, SPAN, SUCTION_ARC, Section, Vane, WallFields, arc_of,
    measured_csv, read, to_chord,
};

fn blade() -> Scene {
    model("turbine_blade")
}

fn tables() -> (Vane, Profile) {
    let vane = read().unwrap();
    let profile = Profile::new(&vane);
    (vane, profile)
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Each part that sites can bind to, with the node that carries it.
const PARTS: &[(&str, &str)] = &[
    ("airfoil", "Airfoil"),
    ("blade", "Blade"),
    ("fixture", "Fixture"),
    ("leading_edge", "LeadingEdge"),
    ("passage_1", "Passage1"),
    ("passage_10", "Passage10"),
    ("passage_2", "Passage2"),
    ("passage_3", "Passage3"),
    ("passage_4", "Passage4"),
    ("passage_5", "Passage5"),
    ("passage_6", "Passage6"),
    ("passage_7", "Passage7"),
    ("passage_8", "Passage8"),
    ("passage_9", "Passage9"),
    ("platform", "Platform"),
    ("pressure_side", "PressureSide"),
    ("root", "Root"),
    ("suction_side", "SuctionSide"),
    ("tip", "Tip"),
    ("trailing_edge", "TrailingEdge"),
];

#[test]
fn every_part_id_is_there_and_no_other() {
    let mut found = Vec::new();
    blade().walk(&mut |node, _| {
        if let Some(id) = &node.part_id {
            found.push((id.clone(), node.name.clone()));
        }
    });
    found.sort_unstable();
    let expected: Vec<_> = PARTS.iter().map(|&(id, name)| (id.to_owned(), name.to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_outline_runs_through_every_point_of_the_table() {
    let (vane, profile) = tables();
    for &point in &vane.profile {
        let (_, off) = profile.nearest(to_chord(point));
        assert!(off < 1e-6, "{point:?} is {off} m off");
    }
}

#[test]
fn the_outline_passes_the_walls_of_the_computation_within_a_tenth_of_a_millimetre() {
    // It was meshed from the same table by somebody else.
    let (vane, profile) = tables();
    let worst = vane.wall.iter().map(|s| profile.nearest(to_chord(s.at)).1).fold(0.0, f64::max);
    assert!(worst < 1e-4, "{worst} m");
}

#[test]
fn arcs_agree_with_the_axial_distances_that_the_report_gives() {
    let (vane, profile) = tables();
    let x = |(v, u): (f64, f64)| -0.006_346_54 + v * 0.567_865_82 + u * 0.823_121_14;
    // From the table's leftmost point to its rightmost.
    let chord = 0.078_161;
    for station in vane.temperature.iter().chain(&vane.pressure) {
        let off = (x(profile.at(arc_of(station))) / chord - station.axial) * chord;
        assert!(off.abs() < 2e-4, "at {}: {off} m", station.share);
    }
}

#[test]
fn the_arcs_leave_the_blunt_trailing_edge_between_them() {
    let (_, profile) = tables();
    // Half a circle of 3.46 mm, the diameter of the table's points 29 to 40.
    let rest = profile.length() - SUCTION_ARC - PRESSURE_ARC;
    assert!((rest - 0.005_4).abs() < 0.000_6, "{rest} m");
}

#[test]
fn no_cell_of_the_metal_lies_in_a_passage_and_each_passage_is_free_of_cells_up_to_its_wall() {
    let (vane, _) = tables();
    for (number, passage) in (1..).zip(&vane.passages) {
        let nearest =
            vane.solid.iter().map(|s| distance(to_chord(s.at), (passage.v, passage.u))).fold(f64::MAX, f64::min);
        let wall = nearest - passage.radius;
        assert!((0.0..0.000_5).contains(&wall), "passage {number}: the first cell is {wall} m behind the wall");
    }
}

#[test]
fn walls_around_the_passages_are_thicker_than_a_millimetre() {
    let (vane, profile) = tables();
    for (number, passage) in (1..).zip(&vane.passages) {
        let wall = profile.nearest((passage.v, passage.u)).1 - passage.radius;
        assert!(wall > 0.001, "passage {number}: {wall} m");
    }
}

#[test]
fn airfoil_height_and_chord_are_true_to_size() {
    let scene = blade();
    let tip = world_points(&scene, "Tip");
    let top = tip.iter().map(|p| p.y).fold(f64::MIN, f64::max);
    let foot =
        world_points(&scene, "Platform").iter().map(|p| p.y).filter(|y| *y < top - 0.07).fold(f64::MIN, f64::max);
    assert!((SPAN - 0.076_2).abs() < 1e-9);
    assert!((top - foot - SPAN).abs() < 0.003_1, "{top} {foot}: the fillet ends 3 mm above the platform");
    let extent = |along: &mut dyn Iterator<Item = f64>| {
        let (low, high) = along.fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
        high - low
    };
    // The wall of the computation, meshed from the same table by somebody else.
    let theirs = extent(&mut tables().0.wall.iter().map(|s| to_chord(s.at).0));
    let ours = extent(&mut tip.iter().map(|p| p.x));
    assert!((ours - theirs).abs() < 0.000_2, "{ours} for {theirs}");
}

#[test]
fn it_stands_on_the_ground() {
    let lowest = world_points(&blade(), "Stand").iter().map(|p| p.y).fold(f64::MAX, f64::min);
    assert!(lowest.abs() < 1e-9, "{lowest}");
}

#[test]
fn the_section_is_meshed_whole() {
    let (vane, profile) = tables();
    let section = Section::new(&vane, &profile);
    let area: f64 = section
        .triangles
        .iter()
        .map(|(_, corners)| {
            let [a, b, c] = corners.map(|i| section.corners[i].wall);
            ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)) / 2.0
        })
        .sum();
    let outline: Vec<(f64, f64)> = (0..4000).map(|k| profile.at(profile.length() * f64::from(k) / 4000.0)).collect();
    let whole: f64 = (0..4000)
        .map(|i| (outline[i], outline[(i + 1) % 4000]))
        .map(|(a, b)| (a.0 * b.1 - b.0 * a.1) / 2.0)
        .sum::<f64>()
        .abs();
    let holes: f64 = vane.passages.iter().map(|p| std::f64::consts::PI * p.radius * p.radius).sum();
    assert!((area / (whole - holes) - 1.0).abs() < 0.003, "{area} of {}", whole - holes);
    // The outline's edges are there: each corner of it has a triangle with the next.
    let edges: BTreeSet<(usize, usize)> =
        section.triangles.iter().flat_map(|(_, [a, b, c])| [(*a, *b), (*b, *c), (*c, *a)]).collect();
    let on: Vec<usize> =
        (0..section.corners.len()).filter(|&i| matches!(section.corners[i].on, On::Outline(_))).collect();
    for (k, &i) in on.iter().enumerate() {
        let next = on[(k + 1) % on.len()];
        assert!(edges.contains(&(i, next)) || edges.contains(&(next, i)), "between corners {i} and {next}");
    }
}

#[test]
fn all_four_parts_have_metal() {
    let (vane, profile) = tables();
    let section = Section::new(&vane, &profile);
    for region in [Region::LeadingEdge, Region::Suction, Region::Pressure, Region::TrailingEdge] {
        let count = section.triangles.iter().filter(|(r, _)| *r == region).count();
        assert!(count > 500, "{region:?}: {count}");
    }
}

#[test]
fn a_station_shows_what_was_measured_there() {
    let (vane, profile) = tables();
    let fields = WallFields::new(&vane, &profile);
    for station in &vane.temperature {
        assert!((fields.at(arc_of(station)).temperature - station.value).abs() < 1e-6, "{station:?}");
    }
    for station in &vane.pressure {
        assert!((fields.at(arc_of(station)).pressure - station.value).abs() < 1e-9, "{station:?}");
    }
}

#[test]
fn beyond_the_last_station_nothing_is_known() {
    let (vane, profile) = tables();
    let fields = WallFields::new(&vane, &profile);
    // Temperature: 0.8662 of the suction side, 0.8627 of the pressure side.
    for arc in [0.867 * SUCTION_ARC, SUCTION_ARC, -0.864 * PRESSURE_ARC, -PRESSURE_ARC] {
        assert!(fields.at(arc).temperature.is_nan(), "at {arc} m");
        assert!(fields.at(arc).heat_transfer.is_nan(), "at {arc} m");
        assert!(fields.at(arc).temperature_cfd.is_finite(), "the computation knows all of the wall");
    }
    assert!(fields.at(0.0).temperature.is_finite(), "the nose lies between two stations");
}

#[test]
fn the_computed_wall_is_as_hot_as_the_table_says() {
    let (vane, profile) = tables();
    let fields = WallFields::new(&vane, &profile);
    for sample in vane.wall.iter().step_by(17) {
        let here = fields.at(profile.nearest(to_chord(sample.at)).0);
        assert!((here.temperature_cfd - sample.temperature).abs() < 0.05, "{sample:?}: {here:?}");
        assert!((here.pressure_cfd / sample.pressure - 1.0).abs() < 0.001, "{sample:?}: {here:?}");
    }
}

#[test]
fn every_number_of_a_field_is_finite_and_every_field_is_labelled() {
    let document = json(&blade());
    let mut seen = BTreeSet::new();
    for mesh in document["meshes"].as_array().unwrap() {
        for primitive in mesh["primitives"].as_array().unwrap() {
            for name in primitive["attributes"].as_object().unwrap().keys().filter(|name| name.starts_with('_')) {
                let label = &mesh["extras"]["fields"][name];
                assert!(
                    label["name"].is_string() && label["unit"].is_string() && label["source"].is_string(),
                    "{name}"
                );
                seen.insert(name.clone());
            }
        }
    }
    let names =
        ["_HEAT_TRANSFER", "_PRESSURE", "_PRESSURE_CFD", "_TEMPERATURE", "_TEMPERATURE_CFD", "_TEMPERATURE_DIFFERENCE"];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), names);
}

#[test]
fn the_tips_face_shows_the_computed_metal_and_the_trailing_edge_has_a_piece_without_measurement() {
    let document = json(&blade());
    let primitives = |name: &str| {
        let meshes = document["meshes"].as_array().unwrap();
        meshes.iter().find(|mesh| mesh["name"] == name).unwrap()["primitives"].as_array().unwrap().clone()
    };
    assert!(primitives("Tip").iter().all(|p| p["attributes"]["_TEMPERATURE_CFD"].is_u64()));
    let tail = primitives("TrailingEdge");
    let wall = |p: &&serde_json::Value| p["attributes"]["_PRESSURE_CFD"].is_u64();
    assert!(tail.iter().filter(wall).any(|p| p["attributes"]["_TEMPERATURE"].is_null()));
    assert!(tail.iter().filter(wall).any(|p| p["attributes"]["_TEMPERATURE"].is_u64()));
}

#[test]
fn the_committed_points_are_what_the_generator_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/fields");
    let committed = std::fs::read_to_string(folder.join(MEASURED_CSV)).unwrap();
    assert!(committed == measured_csv(&read().unwrap()), "out of date: run `cargo run -p twinscope-generate`");
}

#[test]
fn the_points_lie_on_the_wall_of_the_model() {
    let (vane, _) = tables();
    let scene = blade();
    let mut wall = Vec::new();
    for name in ["LeadingEdge", "SuctionSide", "PressureSide", "TrailingEdge"] {
        wall.extend(world_points(&scene, name));
    }
    let csv = measured_csv(&vane);
    let rows: Vec<&str> =
        csv.lines().filter(|line| line.starts_with("suction") || line.starts_with("pressure")).collect();
    assert_eq!(rows.len(), 75);
    for row in rows {
        let numbers: Vec<f64> = row.split(',').skip(1).map(|field| field.parse().unwrap()).collect();
        let off = wall.iter().map(|p| (p.x - numbers[1] / 1e3).hypot(p.z - numbers[2] / 1e3)).fold(f64::MAX, f64::min);
        assert!(off < 0.000_3, "{row}: {off} m");
    }
}

#[test]
fn coolant_stays_within_its_passage() {
    let scene = blade();
    let vane = read().unwrap();
    for (number, passage) in (1..).zip(&vane.passages) {
        let name = format!("Passage{number}");
        assert!(find(&scene.root, &name).is_some());
        for p in world_points(&scene, &name) {
            let r = (p.x - (passage.v - 0.072_5)).hypot(p.z - (0.017_5 - passage.u));
            assert!(r < passage.radius, "{name}: {r}");
        }
    }
}
