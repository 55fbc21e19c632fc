//! The main shaft: forged, from the hub's flange through two bearings into the gearbox.

use super::hub::HUB_REAR;
use super::layout::Layout;
use crate::mesh::{bolts, lathe, lathe_ring, tube};
use crate::scene::{Material, Part};
use crate::tables::Tables;

/// Radius of the shaft in the front main bearing.
pub const FRONT_SEAT: f64 = 0.46;
/// Radius of the shaft in the rear main bearing.
pub const REAR_SEAT: f64 = 0.34;

/// The shaft in the rotor's frame (origin at the hub centre).
pub fn main_shaft(tables: &Tables, layout: &Layout) -> Part {
    let mut part = Part::new();
    let end = tables.low_speed_shaft / 2.0;
    // Written in the drivetrain's frame, then shifted to the rotor's.
    let face = layout.hub_x + HUB_REAR;
    let profile = [
        (face, 1.12),
        (face + 0.13, 1.12),
        (face + 0.15, 1.10),
        (face + 0.15, 0.78),
        (face + 0.17, 0.70),
        (face + 0.20, 0.63),
        (-2.97, 0.56),
        (-2.96, FRONT_SEAT),
        (-2.36, FRONT_SEAT),
        (-2.35, 0.53),
        (-2.27, 0.51),
        (-2.25, 0.44),
        (-1.30, 0.37),
        (-1.29, REAR_SEAT),
        (-0.80, REAR_SEAT),
        (-0.79, 0.39),
        (-0.71, 0.38),
        (-0.70, end),
        (0.05, end),
    ];
    part.add(Material::MachinedSteel, lathe(&profile, 36));
    part.add(Material::DarkSteel, bolts(36, 1.02, face + 0.15, 1.0, 0.062));
    // Shrink disc: two rings drawn together on the gearbox's hollow carrier shaft.
    part.add(Material::GearboxPaint, tube(-0.58, 0.0, end + 0.002, 0.40, 0.015, 36));
    for (x0, x1) in [(-0.53, -0.37), (-0.34, -0.18)] {
        let half = (x1 - x0) / 2.0;
        let ring =
            [(x0, 0.53), (x0 + 0.03, 0.59), (x0 + half, 0.60), (x1 - 0.03, 0.59), (x1, 0.53), (x1, 0.41), (x0, 0.41)];
        part.add(Material::DarkSteel, lathe_ring(&ring, 36));
    }
    part.add(Material::MachinedSteel, bolts(16, 0.50, -0.53, -1.0, 0.05));
    part.moved(-layout.hub_x, 0.0, 0.0)
}
