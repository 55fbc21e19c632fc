//! The bedplate: a welded front frame on the yaw bearing that carries main bearings and torque arms, and beams to the
//! rear with the generator's pedestals and the seats of the cabinets.

use super::bearing::MAIN_SOLE;
use super::gearbox::TORQUE_PIN;
use super::generator;
use super::layout::Layout;
use super::yaw::YAW_HEIGHT;
use crate::math::{Place, V3, v};
use crate::mesh::{P2, Shape, block, bolts, extrude, rounded, tube};
use crate::scene::{Material, Part};

const PAINT: Material = Material::GreyPaint;
/// Distance of the main webs from the middle.
const WEB: f64 = 1.22;
const PLATE: f64 = 0.05;
/// Upper face of the base plate.
const BASE: f64 = YAW_HEIGHT + 0.09;
/// Upper face of the rear beams, on which the floor lies.
pub const BEAMS: f64 = 0.45;

/// The bedplate in the nacelle's frame.
pub fn bedplate(layout: &Layout) -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(PAINT, tube(YAW_HEIGHT, BASE, 1.19, 1.97, 0.008, 72).placed(&up));
    part.add(Material::DarkSteel, bolts(32, 1.351, BASE, 1.0, 0.05).placed(&up));
    webs(&mut part, layout);
    seats(&mut part, layout);
    torque_brackets(&mut part, layout);
    rear_frame(&mut part);
    pedestals(&mut part, layout);
    part
}

/// A plate whose outline in (x, y) is drawn along z.
fn web(outline: &[(f64, f64, f64)], z0: f64, z1: f64) -> Shape {
    let points: Vec<P2> = rounded(outline, 4);
    extrude(&points, z0, z1, 0.008)
}

fn webs(part: &mut Part, layout: &Layout) {
    let tilt = layout.tilt();
    let at = |x: f64, y: f64| {
        let p = tilt.point(v(x, y, 0.0));
        (p.x, p.y)
    };
    let top = MAIN_SOLE - 0.07;
    let corner = |(x, y): P2, r: f64| (x, y, r);
    let outline = [
        corner(at(-2.94, top), 0.02),
        (-3.00, 0.46, 0.25),
        (-2.30, BASE - 0.03, 0.6),
        (2.95, BASE - 0.03, 0.0),
        (2.95, 0.44, 0.1),
        corner(at(1.40, top - 0.06), 0.5),
        corner(at(0.75, -0.62), 0.15),
        corner(at(0.25, -0.62), 0.1),
        // A gap for the way from the hatch to the walkway.
        (0.06, 0.75, 0.1),
        (0.06, 0.44, 0.08),
        (-0.62, 0.44, 0.08),
        corner(at(-0.70, top), 0.1),
    ];
    for s in [-1.0, 1.0] {
        let (a, b) = (s * (WEB - PLATE / 2.0), s * (WEB + PLATE / 2.0));
        part.add(PAINT, web(&outline, a, b));
        // Stiffeners outside.
        for (x, high) in [(-2.2, 0.98), (-1.45, 0.92), (0.62, 0.80), (1.75, 0.44), (2.4, 0.44)] {
            let (a, b) = (s * WEB, s * (WEB + 0.17));
            part.add(PAINT, block(v(x - 0.02, BASE - 0.02, a), v(x + 0.02, high, b), 0.006));
        }
        // Inner webs below the bearings.
        let inner = [
            corner(at(-2.92, top), 0.0),
            (-2.96, 0.50, 0.2),
            (-2.30, BASE - 0.03, 0.5),
            (-0.62, BASE - 0.03, 0.0),
            corner(at(-0.62, top), 0.0),
        ];
        let (a, b) = (s * 0.50, s * (0.50 + PLATE));
        part.add(PAINT, web(&inner, a, b));
        // Lower flange of the front overhang.
        let (a, b) = (s * (WEB - 0.14), s * (WEB + 0.14));
        part.add(PAINT, block(v(-2.20, BASE - 0.005, a), v(2.95, BASE + 0.035, b), 0.008));
    }
    // Cross webs.
    for (x, high) in [(-2.90, 0.90), (-1.95, 0.86), (-0.66, 0.44), (1.62, 0.44), (2.92, 0.44)] {
        let low = if x < -2.5 { 0.47 } else { BASE - 0.02 };
        part.add(PAINT, block(v(x - PLATE / 2.0, low, -WEB), v(x + PLATE / 2.0, high, WEB), 0.006));
    }
}

/// Machined seats for the main bearings' feet, in the drivetrain's frame and tilted with it.
fn seats(part: &mut Part, layout: &Layout) {
    let tilt = layout.tilt();
    for (x, half_length, half_width) in [(layout.main_bearing_x, 0.30, 1.42), (layout.main_bearing_rear_x, 0.28, 1.36)]
    {
        let plate = block(
            v(x - half_length, MAIN_SOLE - 0.10, -half_width),
            v(x + half_length, MAIN_SOLE - 0.03, half_width),
            0.015,
        );
        part.add(PAINT, plate.placed(&tilt));
        for s in [-1.0, 1.0] {
            let (a, b) = (s * 0.85, s * (half_width - 0.05));
            let pad = block(v(x - 0.24, MAIN_SOLE - 0.035, a), v(x + 0.24, MAIN_SOLE + 0.001, b), 0.006);
            part.add(Material::MachinedSteel, pad.placed(&tilt));
        }
    }
    // Upper flange along each web between the seats.
    for s in [-1.0, 1.0] {
        let (a, b) = (s * (WEB - 0.15), s * (WEB + 0.15));
        let strip = block(v(-2.94, MAIN_SOLE - 0.095, a), v(-0.77, MAIN_SOLE - 0.05, b), 0.01);
        part.add(PAINT, strip.placed(&tilt));
    }
}

/// Brackets that hold the torque arms' rubber either side.
fn torque_brackets(part: &mut Part, layout: &Layout) {
    let tilt = layout.tilt();
    let x = 0.29;
    for s in [-1.0, 1.0] {
        let z = s * TORQUE_PIN;
        let mut add = |x0: f64, x1: f64, y0: f64, y1: f64, z0: f64, z1: f64, bevel: f64| {
            part.add(PAINT, block(v(x0, y0, z0), v(x1, y1, z1), bevel).placed(&tilt));
        };
        add(x - 0.24, x + 0.24, -0.47, -0.40, z - 0.24, z + 0.17, 0.015);
        for dx in [-0.20, 0.16] {
            let (a, b) = (s * (WEB - 0.02), s * (TORQUE_PIN + 0.15));
            add(x + dx, x + dx + 0.04, -1.16, -0.45, a, b, 0.008);
        }
        add(x - 0.18, x + 0.18, -0.68, -0.45, s * (WEB - 0.03), s * (WEB + 0.03), 0.008);
    }
}

/// I-beams to the rear, and cross beams with outriggers for the floor and the cabinets.
fn rear_frame(part: &mut Part) {
    let (x0, x1) = (2.55, 8.60);
    for s in [-1.0, 1.0] {
        // Beams run along z of the extrusion; UPRIGHT takes its z to x.
        let profile = i_profile(0.30, 0.24);
        let beam = extrude(&profile, x0, x1, 0.0).placed(&Place::UPRIGHT);
        part.add(PAINT, beam.moved(0.0, BEAMS - 0.15, s * WEB));
    }
    for x in [3.35, 4.1, 5.1, 6.1, 7.0, 8.2] {
        let profile = i_profile(0.22, 0.16);
        let beam = extrude(&profile, -WEB, WEB, 0.0);
        // Outline (height, width) stays in (y, x) after the turn.
        let place =
            Place { axes: [v(0.0, 1.0, 0.0), v(-1.0, 0.0, 0.0), v(0.0, 0.0, 1.0)], origin: v(x, BEAMS - 0.13, 0.0) };
        part.add(PAINT, beam.placed(&place));
        for s in [-1.0, 1.0] {
            // Outriggers under the cabinets.
            let (a, b) = (s * (WEB + 0.005), s * 2.24);
            part.add(PAINT, block(v(x - 0.05, BEAMS - 0.12, a), v(x + 0.05, BEAMS, b), 0.01));
        }
    }
    // Brackets under the walkway along the front.
    for x in [-2.45, -1.75, 0.05, 0.62, 1.75, 2.4] {
        part.add(PAINT, block(v(x - 0.04, BEAMS - 0.10, WEB - 0.01), v(x + 0.04, BEAMS, 2.24), 0.01));
    }
    // Landing beside the gearbox for the lubrication unit, on brackets from the web.
    for x in [1.35, 2.7] {
        part.add(PAINT, block(v(x - 0.03, BASE - 0.05, -2.2), v(x + 0.03, 0.37, -WEB), 0.008));
    }
}

/// An I-section as (y, z), its middle at the origin.
fn i_profile(height: f64, width: f64) -> Vec<P2> {
    let (h, w, t, b) = (height / 2.0, width / 2.0, 0.022, 0.012);
    vec![
        (-h, -w),
        (-h + t, -w),
        (-h + t, -b),
        (h - t, -b),
        (h - t, -w),
        (h, -w),
        (h, w),
        (h - t, w),
        (h - t, b),
        (-h + t, b),
        (-h + t, w),
        (-h, w),
    ]
}

/// Pedestals under the generator's feet, tilted on top as the generator is.
fn pedestals(part: &mut Part, layout: &Layout) {
    let axis = layout.high_speed_axis;
    let tilt = layout.tilt();
    for s in [-1.0, 1.0] {
        let z = axis.z + s * 0.58;
        let sole = axis.y + generator::SOLE;
        let (x0, x1) = (layout.generator_x - 0.80, layout.generator_x + 0.80);
        let at = |x: f64, y: f64| tilt.point(v(x, y, 0.0));
        let (a, b): (V3, V3) = (at(x0, sole - 0.06), at(x1, sole - 0.06));
        // A wedge: level below, tilted above.
        let side = [(a.x, BEAMS - 0.01), (b.x, BEAMS - 0.01), (b.x, b.y), (a.x, a.y)];
        for dz in [-0.16, 0.13] {
            part.add(PAINT, extrude(&side, z + dz, z + dz + 0.03, 0.006));
        }
        let seat = block(v(x0, sole - 0.07, z - 0.24), v(x1, sole + 0.001, z + 0.24), 0.012);
        part.add(PAINT, seat.placed(&tilt));
    }
}
