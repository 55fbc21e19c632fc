//! The gearbox oil's cooler on the roof, and the lubrication unit in the nacelle.

use crate::math::{Place, v};
use crate::mesh::{Shape, bend, block, drum, fins, lathe, lathe_ring, pipe, tube};
use crate::scene::{Material, Part};

/// Two radiators with fans in a frame that stands across the roof; the origin is on the roof.
pub fn oil_cooler() -> Part {
    let mut part = Part::new();
    let (low, high, half) = (0.24, 1.42, 1.35);
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
        let hose = [v(-0.06, y, z * 0.6), v(-0.24, y, z), v(-0.24, -0.08, z)];
        part.add(Material::Rubber, pipe(&bend(&hose, 0.12, 3), 0.036, 12));
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
    let r = 0.50;
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
    for k in 0..7 {
        part.add(
            Material::DarkSteel,
            fan_blade(r - 0.02).placed(&Place::about_x(360.0 / 7.0 * f64::from(k))).moved(0.16, y, z),
        );
    }
    part.add(
        Material::DarkSteel,
        lathe(&[(0.08, 0.13), (0.19, 0.13), (0.23, 0.10), (0.245, 0.05)], 20).moved(0.0, y, z),
    );
    // Guard: rings and four spokes.
    for ring in [0.20, 0.35] {
        part.add(Material::GreyPaint, tube(0.258, 0.268, ring, ring + 0.01, 0.003, 20).moved(0.0, y, z));
    }
    for k in 0..8 {
        let spoke = block(v(0.262, 0.02, -0.005), v(0.272, r + 0.02, 0.005), 0.0);
        part.add(Material::GreyPaint, spoke.placed(&Place::about_x(45.0 * f64::from(k))).moved(0.0, y, z));
    }
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

/// Tank, pump with motor, double filter and manifold on a frame; the origin is its middle on the deck.
pub fn lube_unit() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::GreyPaint, block(v(-0.62, 0.0, -0.26), v(0.62, 0.07, 0.26), 0.012));
    // Tank with lid, level tube and breather.
    part.add(Material::GearboxPaint, block(v(-0.60, 0.07, -0.24), v(0.02, 0.60, 0.22), 0.03));
    part.add(Material::Cabinet, block(v(-0.58, 0.595, -0.22), v(0.0, 0.625, 0.20), 0.01));
    part.add(Material::Aluminium, pipe(&[v(-0.52, 0.16, 0.235), v(-0.52, 0.52, 0.235)], 0.012, 10));
    part.add(Material::Aluminium, drum(0.62, 0.74, 0.045, 0.012, 14).placed(&up).moved(-0.10, 0.0, -0.12));
    // Motor and pump on the lid, upright.
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
    // Double filter: two bowls with domed heads and a change-over valve between.
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
        part.add(Material::DarkSteel, crate::mesh::bolts(8, 0.122, 0.83, 1.0, 0.016).placed(&up).moved(x, 0.0, 0.0));
        let gauge = drum(0.0, 0.035, 0.04, 0.006, 18).placed(&Place::ACROSS);
        part.add(Material::Cabinet, gauge.moved(x, 0.96, 0.02));
        part.add(Material::MachinedSteel, pipe(&[v(x, 0.89, 0.03), v(x, 0.95, 0.03)], 0.01, 8));
        part.add(Material::GreyPaint, pipe(&[v(x, 0.05, 0.0), v(x, 0.12, 0.0)], 0.04, 12));
    }
    part.add(Material::DarkSteel, block(v(0.24, 0.62, -0.06), v(0.40, 0.74, 0.06), 0.015));
    part.add(Material::MachinedSteel, pipe(&[v(0.32, 0.70, 0.05), v(0.32, 0.70, 0.16), v(0.40, 0.70, 0.18)], 0.011, 8));
    // Hoses: pump to filter, filter to the gearbox's oil line, and along the roof to the cooler and
    // back to the tank.
    let hose = |path: &[crate::math::V3], r: f64| pipe(&bend(path, 0.14, 2), r, 8);
    part.add(
        Material::Rubber,
        hose(&[v(-0.30, 0.69, 0.0), v(-0.10, 0.69, 0.10), v(0.10, 0.69, 0.12), v(0.26, 0.68, 0.03)], 0.028),
    );
    part.add(
        Material::Rubber,
        hose(&[v(0.32, 0.73, 0.0), v(0.32, 0.86, 0.14), v(0.05, 0.95, 0.55), v(-0.10, 0.95, 0.82)], 0.028),
    );
    part.add(
        Material::Rubber,
        hose(
            &[
                v(0.46, 0.85, -0.1),
                v(0.62, 1.0, -0.2),
                v(0.62, 2.78, -0.12),
                v(4.41, 2.78, -0.12),
                v(4.41, 2.78, 1.46),
                v(4.41, 2.96, 1.46),
            ],
            0.03,
        ),
    );
    part.add(
        Material::Rubber,
        hose(
            &[
                v(-0.05, 0.60, -0.08),
                v(-0.05, 2.70, -0.20),
                v(4.41, 2.70, -0.20),
                v(4.41, 2.70, 1.78),
                v(4.41, 2.96, 1.78),
            ],
            0.03,
        ),
    );
    part
}
