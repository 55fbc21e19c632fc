//! The gearbox oil's cooler on the roof.

use super::{ELECTRIC, HYDRAULICS, leaf};
use crate::math::{Place, v};
use crate::mesh::{Shape, bend, block, fins, hose, lathe, lathe_ring, pipe, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Two radiators with fans in a frame that stands across the roof; the origin is on the roof.
pub fn oil_cooler(m: &mut Meshes) -> Node {
    let fan = m.keep("OilCoolerFan", fan());
    let fans = (1..).zip([-1.0, 1.0]).map(|(n, s)| {
        Node::part(
            &format!("OilCoolerFan{n}"),
            &format!("oil_cooler_fan_{n}"),
            &format!("Fan {n} of the oil cooler"),
            "cooling",
        )
        .shows(fan)
        .at(v(0.0, f64::midpoint(LOW, HIGH), s * HALF / 2.0))
        .turns_about(v(1.0, 0.0, 0.0))
        .with(Meta::by(ELECTRIC))
    });
    let fans = fans.collect();
    leaf(m, "OilCooler", "oil_cooler", "Oil cooler", "cooling", frame()).with(Meta::by(HYDRAULICS)).holds(fans)
}

/// Lower and upper edge of the radiators above the roof, and half the width of the frame.
const LOW: f64 = 0.24;
const HIGH: f64 = 1.42;
const HALF: f64 = 1.35;
/// Radius of a fan's shroud.
const SHROUD: f64 = 0.50;

fn frame() -> Part {
    let mut part = Part::new();
    let (low, high, half) = (LOW, HIGH, HALF);
    let frame = Material::GreyPaint;
    for s in [-1.0, 1.0] {
        let z = s * half;
        part.add(frame, block(v(-0.12, 0.0, z - 0.05), v(0.12, high + 0.06, z + 0.05), 0.012));
        let strut = [v(0.11, high - 0.25, z), v(0.72, 0.02, z)];
        part.add(frame, pipe(&strut, 0.032, 10));
        part.add(frame, block(v(0.62, 0.0, z - 0.09), v(0.82, 0.045, z + 0.09), 0.01));
        part.add(frame, block(v(-0.2, 0.0, z - 0.1), v(0.2, 0.045, z + 0.1), 0.01));
    }
    part.add(frame, block(v(-0.12, low - 0.07, -half), v(0.12, low, half), 0.012));
    part.add(frame, block(v(-0.12, high, -half), v(0.12, high + 0.07, half), 0.012));
    part.add(frame, block(v(-0.12, low - 0.02, -0.035), v(0.12, high + 0.02, 0.035), 0.01));
    for s in [-1.0, 1.0] {
        radiator(&mut part, s * half / 2.0, low, high);
    }
    // Supply and return through the roof.
    for (z, y) in [(-0.16, low + 0.12), (0.16, high - 0.12)] {
        let path = [v(-0.06, y, z * 0.6), v(-0.24, y, z), v(-0.24, -0.08, z)];
        part.add(Material::Rubber, hose(&bend(&path, 0.12, 3), 0.036, 14));
        part.add(
            Material::DarkSteel,
            tube(-0.01, 0.05, 0.037, 0.075, 0.008, 14).placed(&Place::UPRIGHT).moved(-0.24, 0.0, z),
        );
    }
    part
}

/// One finned core, and its fan towards +x.
fn radiator(part: &mut Part, z: f64, low: f64, high: f64) {
    let w = 0.60;
    // Header tanks above and below the fins.
    part.add(Material::Aluminium, block(v(-0.095, low, z - w), v(0.055, low + 0.11, z + w), 0.02));
    part.add(Material::Aluminium, block(v(-0.095, high - 0.11, z - w), v(0.055, high, z + w), 0.02));
    let count = 24;
    let step = (2.0 * w - 0.02) / f64::from(count - 1);
    let (a, b) = (v(-0.085, low + 0.10, z - w + 0.005), v(0.045, high - 0.10, z - w + 0.015));
    part.add(Material::Aluminium, fins(count, a, b, v(0.0, 0.0, step), 0.0));
    part.add(Material::DarkSteel, block(v(-0.03, low + 0.1, z - w), v(-0.01, high - 0.1, z + w), 0.0));
    // Shroud and fan.
    let y = (low + high) / 2.0;
    let r = SHROUD;
    let shroud = [
        (0.05, r + 0.075),
        (0.10, r + 0.035),
        (0.24, r + 0.03),
        (0.27, r + 0.045),
        (0.265, r + 0.01),
        (0.24, r),
        (0.10, r),
        (0.05, r + 0.03),
    ];
    part.add(Material::GreyPaint, lathe_ring(&shroud, 36).moved(0.0, y, z));
    // Guard: rings and four spokes.
    for ring in [0.17, 0.28, 0.39] {
        part.add(Material::GreyPaint, tube(0.258, 0.266, ring, ring + 0.008, 0.0, 28).moved(0.0, y, z));
    }
    for k in 0..8 {
        let spoke = block(v(0.262, 0.02, -0.005), v(0.272, r + 0.02, 0.005), 0.0);
        part.add(Material::GreyPaint, spoke.placed(&Place::about_x(45.0 * f64::from(k))).moved(0.0, y, z));
    }
}

/// A fan about its own axis, which is the x axis.
fn fan() -> Part {
    let mut part = Part::new();
    for k in 0..7 {
        let blade = fan_blade(SHROUD - 0.02).placed(&Place::about_x(360.0 / 7.0 * f64::from(k)));
        part.add(Material::DarkSteel, blade.moved(0.16, 0.0, 0.0));
    }
    part.add(Material::DarkSteel, lathe(&[(0.08, 0.13), (0.19, 0.13), (0.23, 0.10), (0.245, 0.05)], 28));
    part
}

/// A twisted blade from the hub to radius `r`, standing up.
fn fan_blade(r: f64) -> Shape {
    let mut shape = block(v(-0.006, 0.11, -0.085), v(0.006, r, 0.085), 0.0);
    for p in &mut shape.points {
        // More pitch near the hub.
        let pitch = 52.0 - 26.0 * (p.y - 0.11) / (r - 0.11);
        *p = Place::about_y(pitch).point(*p);
    }
    shape
}
