//! The parts of the wind turbine and the tree that joins them.
//!
//! Frames: the tower's is the world's. The nacelle's has its origin on the tower axis at the tower top. The
//! drivetrain's is the nacelle's turned by the uptilt about the point where the shaft crosses the tower axis; its x
//! axis is the main shaft, pointing downwind.

mod bearing;
mod bedplate;
mod blade;
mod cabinets;
mod cooling;
mod gearbox;
mod generator;
mod highspeed;
mod housing;
mod hub;
mod layout;
mod sensors;
mod shaft;
mod spinner;
mod stages;
mod tower;
mod transformer;
mod yaw;

pub use layout::Layout;

use crate::math::{quaternion, quaternion_product, v};
use crate::scene::{Meshes, Node, Part, Scene};
use crate::tables::Tables;

/// Builds the whole turbine from the tables.
#[must_use]
pub fn wind_turbine(tables: &Tables) -> Scene {
    let layout = Layout::new(tables);
    let mut m = Meshes::default();
    let yaw = yaw_system(tables, &layout, &mut m);
    let root = Node::group("WindTurbine", "Wind turbine", "turbine").holds(vec![
        leaf(&mut m, "Foundation", "foundation", "Foundation", "structure", tower::foundation()),
        leaf(&mut m, "Tower", "tower", "Tower", "structure", tower::tower(tables)).holds(vec![
            leaf(&mut m, "TowerDoor", "tower_door", "Tower door", "structure", tower::door(tables)),
            // Its teeth stand still: the drives walk round them.
            leaf(&mut m, "YawRing", "yaw_bearing", "Yaw bearing", "bearing", yaw::ring()).at(v(
                0.0,
                layout.tower_top,
                0.0,
            )),
        ]),
        yaw,
    ]);
    Scene {
        name: "wind_turbine",
        credit: "Geometry after the IEA 3.4 MW reference turbine (Apache-2.0); see assets/CREDITS.md",
        meshes: m.0,
        root,
    }
}

fn leaf(m: &mut Meshes, name: &str, id: &str, label: &str, kind: &'static str, part: Part) -> Node {
    let mesh = m.keep(name, part);
    Node::part(name, id, label, kind).shows(mesh)
}

fn yaw_system(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    let drive = m.keep("YawDrive", yaw::drive());
    let inner_ring = m.keep("YawInnerRing", yaw::inner_ring());
    let mut children = vec![Node::group("YawInnerRing", "Inner ring of the yaw bearing", "bearing").shows(inner_ring)];
    for (k, (x, z)) in (1..).zip(layout.yaw_drives()) {
        let node = Node::part(&format!("YawDrive{k}"), &format!("yaw_drive_{k}"), &format!("Yaw drive {k}"), "drive");
        children.push(node.shows(drive).at(v(x, 0.0, z)));
    }
    children.push(nacelle(tables, layout, m));
    Node::part("Yaw", "yaw_system", "Yaw system", "system")
        .at(v(0.0, layout.tower_top, 0.0))
        // A heading grows clockwise seen from above.
        .turns_about(v(0.0, -1.0, 0.0))
        .holds(children)
}

fn nacelle(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    let drivetrain = drivetrain(tables, layout, m);
    Node::part("Nacelle", "nacelle", "Nacelle", "system").holds(vec![
        leaf(m, "Housing", "nacelle_housing", "Nacelle housing", "housing", housing::housing(layout)),
        leaf(m, "Bedplate", "bedplate", "Bedplate", "structure", bedplate::bedplate(layout)),
        drivetrain,
        leaf(m, "Converter", "converter", "Converter", "electrical", cabinets::converter()).at(layout.converter),
        leaf(m, "Transformer", "transformer", "Transformer", "electrical", transformer::transformer())
            .at(layout.transformer),
        leaf(m, "OilCooler", "oil_cooler", "Oil cooler", "cooling", cooling::oil_cooler()).at(layout.oil_cooler),
        leaf(m, "LubeUnit", "lube_unit", "Lubrication unit", "cooling", cooling::lube_unit()).at(layout.lube_unit),
        leaf(m, "ControlCabinet", "control_cabinet", "Control cabinet", "electrical", cabinets::control())
            .at(layout.control_cabinet),
        leaf(m, "WindVane", "wind_sensor", "Wind vane and anemometer", "sensor", sensors::wind_vane())
            .at(layout.wind_vane),
    ])
}

fn drivetrain(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    let shaft_axis = v(1.0, 0.0, 0.0);
    let rotor = rotor(tables, layout, m);
    let hss = layout.high_speed_axis;
    let on_hss = |x: f64| v(x, hss.y, hss.z);
    let gearbox = Node::part("Gearbox", "gearbox", "Gearbox", "gearbox").holds(vec![
        leaf(m, "GearboxHousing", "gearbox_housing", "Gearbox housing", "housing", gearbox::housing(layout)),
        leaf(m, "PlanetStage1", "planet_stage_1", "First planetary stage", "gear", stages::planetary(layout, 0)),
        leaf(m, "PlanetStage2", "planet_stage_2", "Second planetary stage", "gear", stages::planetary(layout, 1)),
        leaf(m, "HighSpeedStage", "high_speed_stage", "High-speed stage", "gear", stages::parallel(layout)),
        leaf(m, "HighSpeedBearing", "high_speed_bearing", "High-speed bearing", "bearing", bearing::high_speed())
            .at(on_hss(layout.high_speed_face)),
    ]);
    let generator_bearing = m.keep("GeneratorBearing", bearing::generator());
    let generator_rotor =
        leaf(m, "GeneratorRotor", "generator_rotor", "Generator rotor", "electrical", generator::rotor(tables));
    Node::part("Drivetrain", "drivetrain", "Drivetrain", "system")
        .at(v(0.0, layout.shaft_height, 0.0))
        .turned(quaternion(v(0.0, 0.0, 1.0), -layout.uptilt))
        .holds(vec![
            rotor,
            leaf(m, "MainBearingFront", "main_bearing", "Main bearing", "bearing", bearing::main_front()).at(v(
                layout.main_bearing_x,
                0.0,
                0.0,
            )),
            leaf(m, "MainBearingRear", "main_bearing_rear", "Rear main bearing", "bearing", bearing::main_rear())
                .at(v(layout.main_bearing_rear_x, 0.0, 0.0)),
            gearbox,
            leaf(
                m,
                "HighSpeedShaft",
                "high_speed_shaft",
                "High-speed shaft",
                "shaft",
                highspeed::shaft(tables, layout),
            )
            .at(on_hss(layout.high_speed_face))
            .turns_about(shaft_axis),
            leaf(m, "Brake", "brake", "Brake", "brake", highspeed::brake_caliper(layout))
                .at(on_hss(layout.brake_x))
                .holds(vec![
                    leaf(m, "BrakeDisc", "brake_disc", "Brake disc", "brake", highspeed::brake_disc())
                        .turns_about(shaft_axis),
                ]),
            leaf(m, "Coupling", "coupling", "Coupling", "coupling", highspeed::coupling(layout))
                .at(on_hss(layout.coupling_x))
                .turns_about(shaft_axis),
            leaf(m, "Generator", "generator", "Generator", "electrical", generator::stator(tables))
                .at(on_hss(layout.generator_x))
                .holds(vec![
                    generator_rotor.turns_about(shaft_axis),
                    Node::part("GeneratorBearingDE", "generator_bearing_de", "Generator bearing, drive end", "bearing")
                        .shows(generator_bearing)
                        .at(v(-layout.generator_bearing, 0.0, 0.0)),
                    Node::part(
                        "GeneratorBearingNDE",
                        "generator_bearing_nde",
                        "Generator bearing, non-drive end",
                        "bearing",
                    )
                    .shows(generator_bearing)
                    .at(v(layout.generator_bearing, 0.0, 0.0))
                    .turned([0.0, 1.0, 0.0, 0.0]),
                ]),
        ])
}

fn rotor(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    let blade = m.keep("Blade", blade::blade(tables));
    let pitch_bearing = m.keep("PitchBearing", bearing::pitch(tables));
    let mut children = vec![
        leaf(m, "MainShaft", "main_shaft", "Main shaft", "shaft", shaft::main_shaft(tables, layout)),
        leaf(m, "Hub", "hub", "Hub", "structure", hub::hub(tables)),
        leaf(m, "Spinner", "spinner", "Spinner", "housing", spinner::spinner(tables)),
    ];
    // The blade's axis leans upwind by the cone angle, then goes to its third of the circle.
    let cone = quaternion(v(0.0, 0.0, 1.0), tables.cone);
    let place = |k: u32, r: f64| {
        let rotation = quaternion_product(quaternion(v(1.0, 0.0, 0.0), 120.0 * f64::from(k - 1)), cone);
        let along = crate::math::place_of(rotation, v(0.0, 0.0, 0.0)).turn(v(0.0, 1.0, 0.0));
        (rotation, along * r)
    };
    for k in 1..=3 {
        let (rotation, p) = place(k, layout::pitch_bearing_seat(tables));
        let name = format!("PitchBearing{k}");
        let node = Node::part(&name, &format!("pitch_bearing_{k}"), &format!("Pitch bearing {k}"), "bearing");
        children.push(node.shows(pitch_bearing).at(p).turned(rotation));
    }
    for k in 1..=3 {
        let (rotation, p) = place(k, tables.hub_diameter / 2.0);
        let node = Node::part(&format!("Blade{k}"), &format!("blade_{k}"), &format!("Blade {k}"), "blade");
        // Pitching towards feather turns the leading edge into the wind: negative about the span.
        children.push(node.shows(blade).at(p).turned(rotation).turns_about(v(0.0, -1.0, 0.0)));
    }
    // Seen from upwind the rotor turns clockwise: from +y towards +z.
    Node::part("Rotor", "rotor", "Rotor", "system")
        .at(v(layout.hub_x, 0.0, 0.0))
        .turns_about(v(1.0, 0.0, 0.0))
        .holds(children)
}
