//! Oil: the gearbox's lubrication unit with pump and filter, the lines to gearbox and cooler, and the brakes' hydraulics.

use super::gearbox::BARREL;
use super::layout::{FLOOR, Layout};
use super::{HYDRAULICS, leaf};
use crate::math::{Place, V3, cos, sin, v};
use crate::mesh::{bend, block, bolts, drum, hose, lathe, pipe, sheet_box, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Tank and frame; on them the pump with its motor and the double filter. The origin is its middle on the landing.
pub fn lube_unit(m: &mut Meshes) -> Node {
    let pump = leaf(m, "OilPump", "oil_pump", "Oil pump", "pump", pump()).with(Meta::by(HYDRAULICS));
    let filter = leaf(m, "OilFilter", "oil_filter", "Oil filter", "filter", filter()).with(Meta::by(HYDRAULICS));
    leaf(m, "LubeUnit", "lube_unit", "Lubrication unit", "cooling", tank())
        .with(Meta::by(HYDRAULICS))
        .holds(vec![pump, filter])
}

fn tank() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::GreyPaint, block(v(-0.62, 0.0, -0.26), v(0.62, 0.07, 0.26), 0.012));
    // Tank with lid, level tube and breather.
    part.add(Material::GearboxPaint, sheet_box(v(-0.60, 0.07, -0.24), v(0.02, 0.60, 0.22), 0.03, 0.006));
    part.add(Material::Cabinet, block(v(-0.58, 0.595, -0.22), v(0.0, 0.625, 0.20), 0.01));
    part.add(Material::Aluminium, pipe(&[v(-0.52, 0.16, 0.235), v(-0.52, 0.52, 0.235)], 0.012, 10));
    part.add(Material::Aluminium, drum(0.62, 0.74, 0.045, 0.012, 14).placed(&up).moved(-0.10, 0.0, -0.12));
    part
}

/// The pump in the tank's lid, its motor upright above it.
fn pump() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    let motor = lathe(
        &[
            (0.62, 0.10),
            (0.66, 0.10),
            (0.67, 0.075),
            (0.72, 0.075),
            (0.73, 0.115),
            (0.76, 0.115),
            (0.77, 0.095),
            (1.06, 0.095),
            (1.07, 0.112),
            (1.14, 0.112),
            (1.17, 0.09),
        ],
        20,
    );
    part.add(Material::GreyPaint, motor.placed(&up).moved(-0.36, 0.0, 0.0));
    for k in 0..20 {
        let fin = block(v(0.085, 0.79, -0.004), v(0.118, 1.05, 0.0), 0.002);
        part.add(Material::GreyPaint, fin.placed(&Place::about_y(18.0 * f64::from(k))).moved(-0.36, 0.0, 0.0));
    }
    part.add(Material::GreyPaint, block(v(-0.43, 0.84, 0.09), v(-0.29, 0.98, 0.17), 0.01));
    part
}

/// Two bowls with domed heads and a change-over valve between.
fn filter() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    for x in [0.18, 0.46] {
        let bowl = lathe(
            &[
                (0.10, 0.06),
                (0.12, 0.095),
                (0.15, 0.105),
                (0.78, 0.105),
                (0.785, 0.13),
                (0.83, 0.13),
                (0.835, 0.115),
                (0.88, 0.10),
                (0.91, 0.06),
            ],
            20,
        );
        part.add(Material::GearboxPaint, bowl.placed(&up).moved(x, 0.0, 0.0));
        part.add(Material::DarkSteel, bolts(8, 0.122, 0.83, 1.0, 0.016).placed(&up).moved(x, 0.0, 0.0));
        let gauge = drum(0.0, 0.035, 0.04, 0.006, 18).placed(&Place::ACROSS);
        part.add(Material::Cabinet, gauge.moved(x, 0.96, 0.02));
        part.add(Material::MachinedSteel, pipe(&[v(x, 0.89, 0.03), v(x, 0.95, 0.03)], 0.01, 8));
        part.add(Material::GreyPaint, pipe(&[v(x, 0.05, 0.0), v(x, 0.12, 0.0)], 0.04, 12));
    }
    part.add(Material::DarkSteel, block(v(0.24, 0.62, -0.06), v(0.40, 0.74, 0.06), 0.015));
    part.add(Material::MachinedSteel, pipe(&[v(0.32, 0.70, 0.05), v(0.32, 0.70, 0.16), v(0.40, 0.70, 0.18)], 0.011, 8));
    // From the pump.
    let path = [v(-0.30, 0.69, 0.0), v(-0.10, 0.69, 0.10), v(0.10, 0.69, 0.12), v(0.26, 0.68, 0.03)];
    part.add(Material::Rubber, hose(&bend(&path, 0.14, 3), 0.028, 12));
    part
}

/// What carries oil between gearbox, lubrication unit and cooler. Paths run the way the oil flows.
pub fn oil_lines(layout: &Layout, m: &mut Meshes) -> Vec<Node> {
    let unit = |x: f64, y: f64, z: f64| layout.lube_unit + v(x, y, z);
    let tilt = layout.tilt();
    let on_gearbox = |x: f64, r: f64, a: f64| tilt.point(v(x, r * cos(a), r * sin(a)));
    let steel = |part: &mut Part, path: &[V3], r: f64| part.add(Material::Aluminium, hose(&bend(path, 0.10, 4), r, 14));
    let rubber = |part: &mut Part, path: &[V3], r: f64| part.add(Material::Rubber, hose(&bend(path, 0.16, 5), r, 14));

    // From the filter along the gearbox's lower flank, with a branch to each stage.
    let mut supply = Part::new();
    let (side, r) = (236.0, BARREL[0] + 0.13);
    let start = on_gearbox(1.86, r, side);
    rubber(
        &mut supply,
        &[unit(0.32, 0.73, 0.06), unit(0.32, 0.92, 0.12), unit(0.30, 0.92, 0.36), start + v(0.25, 0.1, -0.1), start],
        0.030,
    );
    steel(&mut supply, &[start, on_gearbox(0.62, r, side)], 0.028);
    for (x, foot) in [(0.72, BARREL[0] - 0.03), (1.42, BARREL[1] - 0.03), (1.84, 0.68)] {
        steel(&mut supply, &[on_gearbox(x, r, side), on_gearbox(x, foot, side)], 0.020);
        let nut = tube(-0.03, 0.03, 0.021, 0.042, 0.006, 6).placed(&Place::UPRIGHT);
        let nut = nut.moved(0.0, foot + 0.06, 0.0).placed(&Place::about_x(side)).moved(x, 0.0, 0.0);
        supply.add(Material::MachinedSteel, nut.placed(&tilt));
    }

    // From the sump back to the tank.
    let mut back = Part::new();
    let drain = tilt.point(v(2.08, -0.66, -0.18));
    rubber(
        &mut back,
        &[drain, drain + v(0.0, -0.14, -0.08), v(2.05, 0.62, -1.0), v(1.85, 0.66, -1.28), unit(-0.20, 0.36, 0.22)],
        0.038,
    );

    // Below the roof to the cooler and back.
    let port = |z: f64| layout.oil_cooler + v(-0.24, -0.06, z);
    let mut there = Part::new();
    let (y, z) = (3.22, -1.94);
    rubber(
        &mut there,
        &[
            unit(0.46, 0.85, -0.08),
            unit(0.46, 0.98, -0.24),
            v(2.44, y, z),
            v(6.36, y, z),
            v(6.36, y, -0.16),
            port(-0.16),
        ],
        0.032,
    );
    let mut home = Part::new();
    let (y, z) = (3.13, -1.86);
    rubber(&mut home, &[port(0.16), v(6.36, y, 0.16), v(6.36, y, z), v(1.90, y, z), unit(-0.05, 0.60, -0.08)], 0.032);
    // Clamps below the roof hold the two lines.
    for x in [3.0, 4.2, 5.4] {
        there.add(Material::DarkSteel, block(v(x - 0.02, 3.08, -2.0), v(x + 0.02, 3.27, -1.80), 0.006));
        there.add(Material::DarkSteel, pipe(&[v(x, 3.26, -1.9), v(x, 3.40, -1.9)], 0.01, 8));
    }
    [
        ("OilLineSupply", "oil_line_supply", "Oil line, filter to gearbox", supply),
        ("OilLineReturn", "oil_line_return", "Oil line, gearbox to tank", back),
        ("OilLineToCooler", "oil_line_to_cooler", "Oil line, filter to cooler", there),
        ("OilLineFromCooler", "oil_line_from_cooler", "Oil line, cooler to tank", home),
    ]
    .into_iter()
    .map(|(name, id, label, part)| leaf(m, name, id, label, "pipe", part).with(Meta::by(HYDRAULICS)))
    .collect()
}

/// The hydraulic unit of the brakes, and its line to the rotor brake. The unit's origin is its middle on the floor.
pub fn hydraulics(layout: &Layout, m: &mut Meshes) -> Vec<Node> {
    let at = v(2.93, FLOOR, -1.95);
    let up = Place::UPRIGHT;
    let mut unit = Part::new();
    unit.add(Material::GreyPaint, block(v(-0.24, 0.0, -0.24), v(0.24, 0.06, 0.24), 0.01));
    unit.add(Material::GearboxPaint, sheet_box(v(-0.22, 0.06, -0.22), v(0.22, 0.48, 0.22), 0.025, 0.006));
    unit.add(Material::DarkSteel, block(v(-0.23, 0.475, -0.23), v(0.23, 0.50, 0.23), 0.006));
    let motor = [(0.50, 0.09), (0.53, 0.09), (0.54, 0.075), (0.78, 0.075), (0.79, 0.085), (0.84, 0.085), (0.86, 0.06)];
    unit.add(Material::GreyPaint, lathe(&motor, 22).placed(&up).moved(-0.09, 0.0, 0.08));
    // Accumulators, valve block with its coils, gauge.
    for x in [-0.13, 0.02] {
        let bottle = [(0.49, 0.03), (0.52, 0.06), (0.80, 0.06), (0.85, 0.045), (0.87, 0.02)];
        unit.add(Material::DarkSteel, lathe(&bottle, 22).placed(&up).moved(x, 0.0, -0.13));
    }
    unit.add(Material::Aluminium, block(v(0.06, 0.49, -0.03), v(0.20, 0.62, 0.18), 0.008));
    for z in [0.0, 0.07, 0.14] {
        unit.add(Material::Rubber, block(v(0.075, 0.62, z - 0.022), v(0.185, 0.70, z + 0.022), 0.006));
    }
    let gauge = drum(0.0, 0.03, 0.04, 0.006, 22).placed(&Place::ACROSS);
    unit.add(Material::Cabinet, gauge.moved(0.13, 0.66, 0.185));
    let mut line = Part::new();
    let caliper =
        layout.tilt().point(v(layout.brake_x, layout.high_speed_axis.y - 0.02, layout.high_speed_axis.z - 0.50));
    let path = [
        at + v(0.13, 0.56, 0.18),
        at + v(0.13, 0.56, 0.30),
        at + v(0.13, -0.12, 0.34),
        v(3.06, 0.37, -0.12),
        v(3.10, 0.37, caliper.z),
        v(3.10, caliper.y - 0.3, caliper.z),
        caliper,
    ];
    line.add(Material::Rubber, hose(&bend(&path, 0.10, 4), 0.013, 10));
    vec![
        leaf(m, "HydraulicUnit", "hydraulic_unit", "Hydraulic unit of the brakes", "pump", unit)
            .at(at)
            .with(Meta::by(HYDRAULICS)),
        leaf(m, "HydraulicLine", "hydraulic_line", "Hydraulic line to the brake", "pipe", line)
            .with(Meta::by(HYDRAULICS)),
    ]
}
