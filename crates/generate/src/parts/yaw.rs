//! The yaw bearing with its outer teeth, and one yaw drive.

use super::layout::YAW_GEAR_RADIUS;
use crate::math::{Place, v};
use crate::mesh::{block, bolts, drum, external_gear, lathe, pipe, tube};
use crate::scene::{Material, Part};

/// Height of the yaw bearing, on which the bedplate stands.
pub const YAW_HEIGHT: f64 = 0.20;

/// What is bolted to the tower: the outer ring with its teeth, and the brake disc; the origin is the tower top.
pub fn ring() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    let teeth = 120;
    let module = 2.0 * YAW_GEAR_RADIUS / f64::from(teeth);
    part.add(Material::MachinedSteel, external_gear(teeth, module, 0.015, 0.155, 1.50, 0.0).placed(&up));
    part.add(Material::CastIron, tube(0.002, 0.165, 1.40, 1.502, 0.01, 52).placed(&up));
    part.add(Material::DarkSteel, bolts(16, 1.45, 0.165, 1.0, 0.034).placed(&up));
    // The brake disc lies on the tower's flange.
    part.add(Material::MachinedSteel, tube(0.002, 0.032, 1.00, 1.30, 0.004, 52).placed(&up));
    part
}

/// What turns with the nacelle: the inner ring, which carries the bedplate, and the brake calipers under it.
pub fn inner_ring() -> Part {
    let mut part = Part::new();
    part.add(Material::MachinedSteel, tube(0.05, YAW_HEIGHT, 1.24, 1.392, 0.012, 52).placed(&Place::UPRIGHT));
    for k in 0..8 {
        let caliper = block(v(1.0, -0.06, -0.16), v(1.16, YAW_HEIGHT + 0.005, 0.16), 0.0);
        part.add(Material::DarkSteel, caliper.placed(&Place::about_y(45.0 * f64::from(k) + 22.5)));
    }
    part
}

/// Pinion, planetary gearbox, motor with fins and brake, standing on the bedplate's base; the origin is on its axis at
/// the height of the tower top.
pub fn drive() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::MachinedSteel, external_gear(12, 0.02, 0.01, 0.16, 0.05, 0.0).placed(&up));
    part.add(Material::MachinedSteel, drum(0.02, 0.34, 0.07, 0.01, 18).placed(&up));
    // Gearbox: mounting flange, then stages of decreasing size.
    let body = [
        (0.28, 0.19),
        (0.335, 0.19),
        (0.335, 0.150),
        (0.585, 0.150),
        (0.585, 0.168),
        (0.62, 0.168),
        (0.62, 0.135),
        (0.80, 0.135),
        (0.80, 0.150),
        (0.835, 0.150),
        (0.835, 0.115),
        (0.965, 0.115),
        (0.965, 0.140),
        (1.00, 0.140),
    ];
    part.add(Material::GearboxPaint, lathe(&body, 24).placed(&up));
    part.add(Material::DarkSteel, bolts(10, 0.170, 0.335, 1.0, 0.024).placed(&up));
    // Motor.
    part.add(Material::GreyPaint, drum(1.00, 1.34, 0.108, 0.008, 24).placed(&up));
    for k in 0..18 {
        let a = 20.0 * f64::from(k);
        if !(70.0..=110.0).contains(&a) {
            let fin = block(v(0.10, 1.03, -0.004), v(0.135, 1.32, 0.0), 0.002);
            part.add(Material::GreyPaint, fin.placed(&Place::about_y(a - 90.0)));
        }
    }
    part.add(Material::DarkSteel, lathe(&[(1.335, 0.138), (1.47, 0.138), (1.50, 0.11)], 24).placed(&up));
    // Terminal box, and the cable that leaves it.
    part.add(Material::GreyPaint, block(v(0.09, 1.10, -0.07), v(0.185, 1.26, 0.07), 0.01));
    let cable = [v(0.14, 1.11, 0.0), v(0.14, 0.95, 0.0), v(0.19, 0.6, 0.0), v(0.215, 0.33, 0.0)];
    part.add(Material::Rubber, pipe(&crate::mesh::bend(&cable, 0.1, 1), 0.013, 8));
    part
}
