//! The parts of the wind turbine and the tree that joins them.
//!
//! Frames: the tower's is the world's. The nacelle's has its origin on the tower axis at the tower top. The
//! drivetrain's is the nacelle's turned by the uptilt about the point where the shaft crosses the tower axis; its x
//! axis is the main shaft, pointing downwind.

mod bearing;
mod bedplate;
mod blade;
mod cabinets;
mod climb;
mod cooling;
mod gearbox;
mod generator;
mod highspeed;
mod housing;
mod hub;
mod interior;
mod layout;
mod oil;
mod parallel;
mod pitch;
mod roof;
mod sensors;
mod shaft;
mod spinner;
mod stages;
mod tower;
mod transformer;
mod yaw;

pub use layout::Layout;

use crate::math::{quaternion, quaternion_product, v};
use crate::scene::{Meshes, Meta, Node, Part, Scene};
use crate::tables::Tables;

// Makers on the type plates: fictional, and named so.
const STEEL: &str = "Example Steelworks";
const GEARS: &str = "Example Gears";
const BEARINGS: &str = "Example Bearings";
const ELECTRIC: &str = "Example Electric";
const HYDRAULICS: &str = "Example Hydraulics";
const CONTROLS: &str = "Example Controls";
const COMPOSITES: &str = "Example Composites";

/// Builds the whole turbine from the tables.
#[must_use]
pub fn wind_turbine(tables: &Tables) -> Scene {
    let layout = Layout::new(tables);
    let mut m = Meshes::default();
    let top = v(0.0, layout.tower_top, 0.0);
    let yaw = yaw_system(tables, &layout, &mut m);
    // The teeth of the yaw bearing stand still: the drives walk round them.
    let on_top = yaw::on_tower(&mut m).into_iter().map(|node| node.at(top)).collect();
    let root = Node::group("WindTurbine", "Wind turbine", "turbine").holds(vec![
        leaf(&mut m, "Foundation", "foundation", "Foundation", "structure", tower::foundation())
            .with(Meta::by("Example Concrete")),
        tower::tower(tables, &mut m).holds(on_top),
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
    Node::part("Yaw", "yaw_system", "Yaw system", "system")
        .at(v(0.0, layout.tower_top, 0.0))
        // A heading grows clockwise seen from above.
        .turns_about(v(0.0, -1.0, 0.0))
        .holds(yaw::on_nacelle(m))
        .holds(vec![nacelle(tables, layout, m)])
}

fn nacelle(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    Node::part("Nacelle", "nacelle", "Nacelle", "system")
        .holds(vec![
            leaf(m, "Housing", "nacelle_housing", "Nacelle housing", "housing", housing::housing(layout))
                .with(Meta::by(COMPOSITES)),
            leaf(m, "Bedplate", "bedplate", "Bedplate", "structure", bedplate::bedplate(layout)).with(Meta::by(STEEL)),
            drivetrain(tables, layout, m),
            cabinets::converter(m).at(layout.converter),
            transformer::transformer(m).at(layout.transformer),
            cooling::oil_cooler(m).at(layout.oil_cooler),
            oil::lube_unit(m).at(layout.lube_unit),
            leaf(m, "ControlCabinet", "control_cabinet", "Control cabinet", "electrical", cabinets::control())
                .at(layout.control_cabinet)
                .with(Meta::by(CONTROLS)),
            leaf(m, "WindVane", "wind_sensor", "Wind vane and anemometer", "sensor", sensors::wind_vane())
                .at(layout.wind_vane)
                .with(Meta::by(CONTROLS)),
        ])
        .holds(oil::oil_lines(layout, m))
        .holds(oil::hydraulics(layout, m))
        .holds(interior::inside(m))
        .holds(roof::on_roof(m))
}

fn drivetrain(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    let x = v(1.0, 0.0, 0.0);
    let hss = layout.high_speed_axis;
    let on_hss = |x: f64| v(x, hss.y, hss.z);
    let gearbox = Node::part("Gearbox", "gearbox", "Gearbox", "gearbox")
        .with(Meta::by(GEARS))
        .holds(vec![
            leaf(m, "GearboxHousing", "gearbox_housing", "Gearbox housing", "housing", gearbox::housing(layout))
                .with(Meta::by(GEARS)),
            stages::planetary(layout, 0, m),
            stages::planetary(layout, 1, m),
            parallel::high_speed_stage(layout, m),
            bearing::high_speed_bearing(m).at(on_hss(layout.high_speed_face)),
        ])
        .holds(stages::carrier_bearings(m))
        .holds(gearbox::bushings(m));
    let shaft =
        leaf(m, "HighSpeedShaft", "high_speed_shaft", "High-speed shaft", "shaft", highspeed::shaft(tables, layout))
            .at(on_hss(layout.high_speed_face))
            .turns_about(x)
            .with(Meta::by(GEARS))
            .holds(parallel::pinion(layout, m).into_iter().collect());
    Node::part("Drivetrain", "drivetrain", "Drivetrain", "system")
        .at(v(0.0, layout.shaft_height, 0.0))
        .turned(quaternion(v(0.0, 0.0, 1.0), -layout.uptilt))
        .holds(vec![
            rotor(tables, layout, m),
            bearing::main_front(m).at(x * layout.main_bearing_x),
            bearing::main_rear(m).at(x * layout.main_bearing_rear_x),
            gearbox,
            shaft,
            leaf(m, "Brake", "brake", "Brake", "brake", highspeed::brake_caliper(layout))
                .at(on_hss(layout.brake_x))
                .with(Meta::by(HYDRAULICS))
                .holds(vec![
                    leaf(m, "BrakeDisc", "brake_disc", "Brake disc", "brake", highspeed::brake_disc())
                        .turns_about(x)
                        .with(Meta::by(HYDRAULICS)),
                ]),
            leaf(m, "Coupling", "coupling", "Coupling", "coupling", highspeed::coupling(layout))
                .at(on_hss(layout.coupling_x))
                .turns_about(x)
                .with(Meta::by(GEARS)),
            generator::generator(tables, layout.generator_bearing, m).at(on_hss(layout.generator_x)),
            leaf(m, "SlipRing", "slip_ring", "Slip ring of the hub", "electrical", gearbox::slip_ring(layout))
                .with(Meta::by(ELECTRIC)),
        ])
}

fn rotor(tables: &Tables, layout: &Layout, m: &mut Meshes) -> Node {
    let blade = m.keep("Blade", blade::blade(tables));
    let pitch_bearing = m.keep("PitchBearing", bearing::pitch(tables));
    let pitch_gear = pitch::gear(m);
    let mut children = vec![
        leaf(m, "MainShaft", "main_shaft", "Main shaft", "shaft", shaft::main_shaft(tables, layout))
            .with(Meta::by(STEEL)),
        leaf(m, "Hub", "hub", "Hub", "structure", hub::hub(tables)).with(Meta::by(STEEL)),
        leaf(m, "Spinner", "spinner", "Spinner", "housing", spinner::spinner(tables)).with(Meta::by(COMPOSITES)),
    ];
    // The blade's axis leans upwind by the cone angle, then goes to its third of the circle.
    let cone = quaternion(v(0.0, 0.0, 1.0), tables.cone);
    let rotation = |k: u32| quaternion_product(quaternion(v(1.0, 0.0, 0.0), 120.0 * f64::from(k - 1)), cone);
    let along = |k: u32, r: f64| crate::math::place_of(rotation(k), v(0.0, 0.0, 0.0)).turn(v(0.0, r, 0.0));
    for k in 1..=3 {
        let name = format!("PitchBearing{k}");
        let node = Node::part(&name, &format!("pitch_bearing_{k}"), &format!("Pitch bearing {k}"), "bearing");
        let seat = layout::pitch_bearing_seat(tables);
        children.push(node.shows(pitch_bearing).at(along(k, seat)).turned(rotation(k)).with(Meta::by(BEARINGS)));
    }
    children.extend(pitch::in_hub(tables, m, &rotation));
    for k in 1..=3 {
        let gear = Node::part(
            &format!("PitchGear{k}"),
            &format!("pitch_gear_{k}"),
            &format!("Gear ring of blade {k}"),
            "gear",
        )
        .shows(pitch_gear)
        .with(Meta::by(BEARINGS));
        let node = Node::part(&format!("Blade{k}"), &format!("blade_{k}"), &format!("Blade {k}"), "blade");
        children.push(
            node.shows(blade)
                .at(along(k, tables.hub_diameter / 2.0))
                .turned(rotation(k))
                // Pitching towards feather turns the leading edge into the wind: negative about the span.
                .turns_about(v(0.0, -1.0, 0.0))
                .with(Meta::by(COMPOSITES))
                .holds(vec![gear]),
        );
    }
    // Seen from upwind the rotor turns clockwise: from +y towards +z.
    Node::part("Rotor", "rotor", "Rotor", "system")
        .at(v(layout.hub_x, 0.0, 0.0))
        .turns_about(v(1.0, 0.0, 0.0))
        .holds(children)
}
