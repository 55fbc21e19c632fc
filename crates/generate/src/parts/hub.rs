//! The cast hub: a hollow ball with three blade flanges, open to the front and to the shaft.

use super::layout::pitch_bearing_seat;
use crate::math::{Place, cos, mix, sin, v};
use crate::mesh::{bolts, drum, lathe_ring, sheet_box};
use crate::scene::{Material, Part};
use crate::tables::Tables;

/// Rear face of the hub, where the main shaft is bolted on, from the hub centre.
pub const HUB_REAR: f64 = 1.62;
/// Radius of that flange.
pub const HUB_FLANGE: f64 = 1.14;

/// The hub in the rotor's frame.
pub fn hub(tables: &Tables) -> Part {
    let mut part = Part::new();
    let seat = pitch_bearing_seat(tables);
    let ball = tables.hub_diameter / 2.0 - 0.12;
    let wall = 0.075;

    let arc = |r: f64, from: f64, to: f64, steps: u32| {
        (0..=steps).map(move |k| {
            let a = mix(from, to, f64::from(k) / f64::from(steps));
            (r * -cos(a), r * sin(a))
        })
    };
    // Angles from the nose; the openings are left by where the arcs stop.
    let mut profile = vec![(-1.66, 0.66), (-1.66, 0.86), (-1.63, 0.89)];
    profile.extend(arc(ball, 30.0, 139.0, 10));
    profile.extend([(HUB_REAR - 0.14, HUB_FLANGE), (HUB_REAR - 0.02, HUB_FLANGE), (HUB_REAR, HUB_FLANGE - 0.02)]);
    profile.extend([(HUB_REAR, 0.80), (HUB_REAR - 0.12, 0.80)]);
    profile.extend(arc(ball - wall, 147.0, 27.0, 4));
    part.add(Material::CastIron, lathe_ring(&profile, 52));

    let collar = [(1.18, 1.50), (1.38, 1.41), (1.60, 1.375), (seat, 1.37), (seat, 1.24), (1.18, 1.24)];
    for k in 0..3 {
        let place = blade_place(tables, k);
        part.add(Material::CastIron, lathe_ring(&collar, 44).placed(&Place::UPRIGHT).placed(&place));
    }
    part.add(Material::DarkSteel, bolts(36, HUB_FLANGE - 0.07, HUB_REAR - 0.14, -1.0, 0.055));
    part.add(Material::DarkSteel, bolts(20, 0.76, -1.66, -1.0, 0.05));
    // Pitch control box in the nose.
    part.add(Material::Cabinet, sheet_box(v(-2.05, -0.36, -0.36), v(-1.70, 0.36, 0.36), 0.03, 0.004));
    part.add(Material::MachinedSteel, drum(-1.72, -1.68, 0.66, 0.01, 40));
    part
}

/// From a blade's frame, unshifted, to the rotor's.
pub fn blade_place(tables: &Tables, k: u32) -> Place {
    Place::about_z(tables.cone).then(&Place::about_x(120.0 * f64::from(k)))
}
