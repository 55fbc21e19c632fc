//! The traction battery: tray and lid, twelve modules of 24 cells, cooling plates, bus bars, management and contactors.
//!
//! Modules stand in six rows of two, numbered from the front, left before right. Cells are numbered along a module from
//! the car's middle outwards \[E\].

use super::dimensions::{CELLS, MODULES, PACK, PACK_BOTTOM, PACK_KG};
use crate::math::{Place, V3, v};
use crate::mesh::{Shape, bend, block, extrude, extrude_ring, hose, rounded};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Wall of the tray, m.
const WALL: f64 = 0.012;
/// Floor of the tray, m; the cooling plates lie on it.
const FLOOR: f64 = 0.008;
/// A module: along the car, up, across, m \[E\].
const MODULE: (f64, f64, f64) = (0.225, 0.100, 0.595);
/// Distance of the rows, m.
const ROW: f64 = 0.247;
/// Middle of the first row, m.
const FIRST: f64 = -0.507;
/// Distance of a module's middle from the car's, m.
const ASIDE: f64 = 0.335;
/// A cell: along the car, up, across, m \[E\].
const CELL: (f64, f64, f64) = (0.203, 0.083, 0.0212);
/// Distance of the cells, m.
const PITCH: f64 = 0.0237;
/// Height of the cells' lower side above the module's, m.
const FOOT: f64 = 0.004;

/// Height of the modules' lower side, m.
fn deck() -> f64 {
    PACK_BOTTOM + FLOOR + 0.010
}

/// A rounded rectangle about the origin in the plane of the floor, as (x, z).
fn outline(length: f64, width: f64, r: f64) -> Vec<(f64, f64)> {
    let (x, z) = (length / 2.0, width / 2.0);
    rounded(&[(-x, -z, r), (x, -z, r), (x, z, r), (-x, z, r)], 6)
}

/// What was extruded along z stands upright, its outline in (x, z).
fn flat(shape: Shape) -> Shape {
    shape.placed(&Place { axes: [v(1.0, 0.0, 0.0), v(0.0, 0.0, 1.0), v(0.0, 1.0, 0.0)], origin: v(0.0, 0.0, 0.0) })
}

fn tray() -> Part {
    let (length, width, height) = PACK;
    let mut part = Part::new();
    let (outer, inner) = (outline(length, width, 0.09), outline(length - 2.0 * WALL, width - 2.0 * WALL, 0.078));
    part.add(
        Material::Aluminium,
        flat(extrude_ring(&outer, &inner, PACK_BOTTOM + FLOOR, PACK_BOTTOM + height - 0.012, 0.0)),
    );
    part.add(Material::Aluminium, flat(extrude(&outer, PACK_BOTTOM, PACK_BOTTOM + FLOOR - 0.0005, 0.003)));
    // Cross members between the rows.
    for row in 0..5 {
        let x = FIRST + ROW * (f64::from(row) + 0.5);
        part.add(Material::Aluminium, block(v(x - 0.006, deck(), -0.66), v(x + 0.006, deck() + 0.085, 0.66), 0.0));
    }
    // Mounting ears to the sills.
    for k in 0..6 {
        let x = -0.75 + 0.30 * f64::from(k);
        for side in [-1.0, 1.0] {
            let z = side * (width / 2.0 + 0.001);
            part.add(
                Material::Aluminium,
                block(v(x - 0.03, PACK_BOTTOM + 0.05, z), v(x + 0.03, PACK_BOTTOM + 0.09, z + side * 0.04), 0.004),
            );
        }
    }
    part
}

fn lid() -> Part {
    let (length, width, height) = PACK;
    let mut part = Part::new();
    let top = PACK_BOTTOM + height;
    part.add(Material::GreyPaint, flat(extrude(&outline(length, width, 0.09), top - 0.0115, top - 0.004, 0.003)));
    // Beads that stiffen the sheet.
    for row in 0..6 {
        let x = FIRST + ROW * f64::from(row);
        for side in [-1.0, 1.0] {
            part.add(
                Material::GreyPaint,
                block(v(x - 0.085, top - 0.0035, side * 0.07), v(x + 0.085, top, side * 0.60), 0.002),
            );
        }
    }
    part
}

fn cell() -> Part {
    let (x, y, z) = (CELL.0 / 2.0, CELL.1, CELL.2 / 2.0);
    let mut part = Part::new();
    part.add(Material::Aluminium, block(v(-x, 0.0, -z), v(x, y, z), 0.0022));
    for side in [-1.0, 1.0] {
        let at = side * 0.068;
        part.add(Material::Copper, block(v(at - 0.013, y + 0.0002, -0.0065), v(at + 0.013, y + 0.0032, 0.0065), 0.0));
    }
    part
}

fn module() -> Part {
    let (x, y, z) = (MODULE.0 / 2.0, MODULE.1, MODULE.2 / 2.0);
    let mut part = Part::new();
    for side in [-1.0, 1.0] {
        part.add(Material::Aluminium, block(v(-x, 0.0, side * z), v(x, y * 0.94, side * (z - 0.010)), 0.002));
        part.add(
            Material::Aluminium,
            block(v(side * x, 0.006, -z + 0.011), v(side * (x - 0.0035), y * 0.88, z - 0.011), 0.0),
        );
        // Bus bars over the terminals, in the pieces that connect neighbours.
        for k in 0..CELLS / 2 {
            let at = (f64::from(2 * k) - 11.0) * PITCH + if side > 0.0 { PITCH } else { 0.0 };
            let (low, high) = (at - PITCH * 0.5 - 0.009, at + PITCH * 0.5 + 0.009);
            let high = high.min(z - 0.012);
            part.add(
                Material::Copper,
                block(v(side * 0.056, FOOT + CELL.1 + 0.0036, low), v(side * 0.080, FOOT + CELL.1 + 0.0056, high), 0.0),
            );
        }
    }
    // The flexible board with the voltage taps.
    part.add(
        Material::Resin,
        block(v(-0.03, FOOT + CELL.1 + 0.002, -z + 0.02), v(0.03, FOOT + CELL.1 + 0.0035, z - 0.02), 0.0),
    );
    part
}

fn modules(meshes: &mut Meshes) -> Vec<Node> {
    let cell = meshes.keep("Cell", cell());
    let module = meshes.keep("Module", module());
    (0..MODULES)
        .map(|index| {
            let number = index + 1;
            let side = if index % 2 == 0 { 1.0 } else { -1.0 };
            let cells = (0..CELLS)
                .map(|k| {
                    let n = k + 1;
                    // From the car's middle outwards.
                    let z = side * (f64::from(k) - (f64::from(CELLS) - 1.0) / 2.0) * PITCH;
                    Node::part(
                        &format!("Module{number}Cell{n}"),
                        &format!("module_{number}_cell_{n}"),
                        &format!("Module {number}, cell {n}"),
                        "cell",
                    )
                    .shows(cell)
                    .at(v(0.0, FOOT, z))
                })
                .collect();
            let x = FIRST + ROW * f64::from(index / 2);
            Node::part(&format!("Module{number}"), &format!("module_{number}"), &format!("Module {number}"), "module")
                .shows(module)
                .at(v(x, deck(), side * ASIDE))
                .with(Meta::by("Example Cells").of("lithium nickel manganese cobalt oxide and graphite").weighs(31.0))
                .holds(cells)
        })
        .collect()
}

/// A cooling plate below the modules of one side, and the tube in it, on which a flow can be drawn.
fn cooling_plate(meshes: &mut Meshes, number: u32, side: f64) -> Node {
    let (y, x0, x1) = (PACK_BOTTOM + FLOOR, FIRST - 0.13, FIRST + 5.0 * ROW + 0.13);
    let mut plate = Part::new();
    plate.add(Material::Aluminium, block(v(x0, y + 0.0005, side * 0.035), v(x1, y + 0.0022, side * 0.640), 0.0));
    let plate = meshes.keep(&format!("CoolingPlate{number}"), plate);
    let mut path: Vec<V3> = vec![v(x0 - 0.05, y + 0.006, side * 0.06)];
    for lane in 0..6 {
        let z = side * (0.06 + 0.108 * f64::from(lane));
        let (from, to) = if lane % 2 == 0 { (x0 + 0.02, x1 - 0.02) } else { (x1 - 0.02, x0 + 0.02) };
        path.push(v(from, y + 0.006, z));
        path.push(v(to, y + 0.006, z));
    }
    path.push(v(x0 - 0.05, y + 0.006, side * 0.60));
    let mut tube = Part::new();
    tube.add(Material::Aluminium, hose(&bend(&path, 0.03, 4), 0.0036, 8));
    let tube = meshes.keep(&format!("CoolingTube{number}"), tube);
    let label = if side > 0.0 { "left" } else { "right" };
    Node::part(
        &format!("CoolingPlate{number}"),
        &format!("cooling_plate_{number}"),
        &format!("Cooling plate, {label}"),
        "cooler",
    )
    .shows(plate)
    .with(Meta::by("Example Thermal").of("aluminium"))
    .holds(vec![Node::group(&format!("CoolingTube{number}"), "Coolant channel", "pipe").shows(tube)])
}

/// The bars from module to module and to the contactors.
fn bus_bars() -> Part {
    let mut part = Part::new();
    let y = deck() + MODULE.1 - 0.004;
    for row in 0..5 {
        let x = FIRST + ROW * (f64::from(row) + 0.5);
        for side in [-1.0, 1.0] {
            part.add(Material::Copper, block(v(x - 0.05, y, side * 0.044), v(x + 0.05, y + 0.003, side * 0.064), 0.0));
        }
    }
    let rear = FIRST + 5.0 * ROW;
    part.add(Material::Copper, block(v(rear - 0.010, y, -0.036), v(rear + 0.010, y + 0.003, 0.036), 0.0));
    for side in [-1.0, 1.0] {
        part.add(
            Material::Copper,
            block(v(FIRST - 0.21, y, side * 0.050), v(FIRST - 0.05, y + 0.003, side * 0.070), 0.0),
        );
    }
    part
}

fn boxes(meshes: &mut Meshes) -> Vec<Node> {
    let (y, front) = (PACK_BOTTOM + FLOOR + 0.004, -PACK.0 / 2.0 + 0.04);
    let mut bms = Part::new();
    bms.add(Material::Cabinet, block(v(front + 0.02, y, 0.24), v(front + 0.17, y + 0.045, 0.52), 0.005));
    for k in 0..4 {
        let z = 0.27 + 0.065 * f64::from(k);
        bms.add(
            Material::DarkSteel,
            block(v(front + 0.005, y + 0.008, z), v(front + 0.0195, y + 0.034, z + 0.045), 0.0),
        );
    }
    let bms = meshes.keep("BatteryManagement", bms);
    let mut contactors = Part::new();
    contactors.add(Material::DarkSteel, block(v(front + 0.02, y, -0.20), v(front + 0.17, y + 0.055, 0.18), 0.006));
    for k in 0..3 {
        let z = -0.13 + 0.11 * f64::from(k);
        contactors.add(
            Material::Cabinet,
            block(v(front + 0.05, y + 0.0555, z - 0.035), v(front + 0.14, y + 0.098, z + 0.035), 0.006),
        );
    }
    let contactors = meshes.keep("ContactorBox", contactors);
    vec![
        Node::part("BatteryManagement", "bms", "Battery management", "controller")
            .shows(bms)
            .with(Meta::by("Example Controls").of("circuit board in aluminium").weighs(1.9)),
        Node::part("ContactorBox", "contactors", "Contactor box", "switchgear")
            .shows(contactors)
            .with(Meta::by("Example Switchgear").of("plastic and copper").weighs(6.4)),
    ]
}

/// The whole pack.
pub(super) fn pack(meshes: &mut Meshes) -> Node {
    let (tray, lid, bars) =
        (meshes.keep("PackTray", tray()), meshes.keep("PackLid", lid()), meshes.keep("BusBars", bus_bars()));
    let mut children = vec![
        Node::part("PackTray", "pack_tray", "Pack tray", "housing")
            .shows(tray)
            .with(Meta::by("Example Castings").of("aluminium")),
        Node::part("PackLid", "pack_lid", "Pack lid", "housing")
            .shows(lid)
            .with(Meta::by("Example Pressings").of("steel sheet")),
        Node::part("BusBars", "bus_bars", "Bus bars", "busbar")
            .shows(bars)
            .with(Meta::by("Example Copper").of("copper")),
        cooling_plate(meshes, 1, 1.0),
        cooling_plate(meshes, 2, -1.0),
    ];
    children.extend(boxes(meshes));
    children.extend(modules(meshes));
    Node::part("Pack", "pack", "Traction battery", "battery")
        .with(Meta::by("Example Batteries").of("cells, aluminium and copper").weighs(PACK_KG))
        .holds(children)
}
