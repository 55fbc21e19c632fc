//! A wheel with its tyre, rim, disc and caliper, about z; the outside of the car is +z.

use super::dimensions::{TYRE, TYRE_WIDTH};
use crate::math::{Place, cos, mix, sin, v};
use crate::mesh::{P2, Shape, block, bolts, extrude, extrude_ring, fine_ring, fine_tube, lathe, rounded};
use crate::scene::{Material, Part};

/// Radius of an 18-inch rim's bead seat, m (ETRTO: 462 mm across).
const SEAT: f64 = 0.2286;
/// Spokes.
const SPOKES: u32 = 10;
/// Disc: radius and half thickness, m \[E\].
const DISC: (f64, f64) = (0.165, 0.012);
/// Where the disc stands, from the wheel's middle inwards, m.
const DISC_AT: f64 = -0.045;

fn across(shape: Shape) -> Shape {
    shape.placed(&Place::ACROSS)
}

/// Tread with four grooves, shoulders and walls, hollow.
pub(super) fn tyre() -> Part {
    let (r, w) = (TYRE / 2.0, TYRE_WIDTH / 2.0);
    let mut outer: Vec<P2> = vec![
        (-0.088, SEAT + 0.002),
        (-0.098, SEAT + 0.012),
        (-w + 0.004, SEAT + 0.032),
        (-w, SEAT + 0.062),
        (-w + 0.006, r - 0.030),
        (-0.088, r - 0.010),
        (-0.078, r - 0.0035),
    ];
    for groove in [-0.050, -0.017, 0.017, 0.050] {
        outer.extend([
            (groove - 0.0055, r - 0.0005),
            (groove - 0.0045, r - 0.0085),
            (groove + 0.0045, r - 0.0085),
            (groove + 0.0055, r - 0.0005),
        ]);
    }
    let mirrored: Vec<P2> = outer.iter().take(7).rev().map(|&(x, y)| (-x, y)).collect();
    outer.extend(mirrored);
    let inner: [P2; 6] = [
        (0.075, SEAT + 0.010),
        (w - 0.014, SEAT + 0.06),
        (0.080, r - 0.022),
        (-0.080, r - 0.022),
        (-w + 0.014, SEAT + 0.06),
        (-0.075, SEAT + 0.010),
    ];
    outer.extend(inner);
    let mut part = Part::new();
    part.add(Material::Rubber, across(fine_ring(&outer, 72)));
    part
}

/// A double spoke in the (y, z) of the wheel, from the hub to the barrel.
fn spoke() -> Shape {
    let mut all = Shape::default();
    for side in [-1.0, 1.0] {
        let outline: Vec<P2> = [(-0.010, 0.050), (0.010, 0.050), (0.0075, 0.222), (-0.0075, 0.222)].to_vec();
        let bar = extrude(&outline, 0.0, 0.022, 0.004);
        // Leans back towards the hub, and a little aside towards the rim.
        let lean = Place::about_x(4.0).then(&Place::about_z(side * 4.2));
        all.append(bar.placed(&lean).moved(side * 0.004, 0.0, 0.052));
    }
    all
}

pub(super) fn rim() -> Part {
    let mut part = Part::new();
    let barrel = [
        (-0.092, SEAT - 0.004),
        (-0.095, SEAT + 0.014),
        (-0.088, SEAT + 0.014),
        (-0.083, SEAT),
        (-0.060, SEAT - 0.004),
        (-0.035, SEAT - 0.022),
        (0.020, SEAT - 0.022),
        (0.045, SEAT - 0.006),
        (0.083, SEAT),
        (0.088, SEAT + 0.016),
        (0.097, SEAT + 0.014),
        (0.094, SEAT - 0.010),
        (0.050, SEAT - 0.016),
        (0.022, SEAT - 0.031),
        (-0.037, SEAT - 0.031),
        (-0.064, SEAT - 0.014),
    ];
    part.add(Material::Aluminium, across(fine_ring(&barrel, 64)));
    let one = spoke();
    for k in 0..SPOKES {
        part.add(Material::Aluminium, one.clone().placed(&Place::about_z(360.0 * f64::from(k) / f64::from(SPOKES))));
    }
    let hub = [(0.030, 0.062), (0.062, 0.060), (0.070, 0.045), (0.072, 0.030)];
    part.add(Material::Aluminium, across(lathe(&hub, 32)));
    part.add(Material::DarkSteel, across(bolts(5, 0.056, 0.0615, 1.0, 0.017)));
    part
}

/// Disc with its bell, and holes that show that it turns.
pub(super) fn disc() -> Part {
    let mut part = Part::new();
    let (r, half) = DISC;
    for side in [-1.0, 1.0] {
        let (z0, z1) = (DISC_AT + side * half, DISC_AT + side * (half - 0.0075));
        part.add(Material::MachinedSteel, across(fine_tube(z0, z1, 0.098, r, 0.0008, 56)));
    }
    // Vanes between the two faces.
    for k in 0..28 {
        let vane =
            block(v(0.101, -0.0025, DISC_AT - half + 0.0077), v(r - 0.003, 0.0025, DISC_AT + half - 0.0077), 0.0);
        part.add(Material::CastIron, vane.placed(&Place::about_z(360.0 * f64::from(k) / 28.0)));
    }
    let bell = [
        (DISC_AT + half - 0.001, 0.0975),
        (DISC_AT + half - 0.001, 0.088),
        (0.022, 0.085),
        (0.022, 0.034),
        (0.029, 0.034),
        (0.029, 0.091),
        (DISC_AT + half - 0.0075, 0.0975),
    ];
    part.add(Material::CastIron, across(fine_ring(&bell, 40)));
    part
}

/// The caliper over the disc, at the rear of a front disc (to +x).
pub(super) fn caliper() -> Part {
    let mut part = Part::new();
    let arc = |r: f64| -> Vec<P2> {
        (0..=8).map(|k| mix(-24.0, 24.0, f64::from(k) / 8.0)).map(|a| (r * cos(a), r * sin(a))).collect()
    };
    let sector = |from: f64, to: f64| -> Vec<P2> {
        let mut outline = arc(to);
        outline.extend(arc(from).into_iter().rev());
        outline
    };
    let (r, half) = DISC;
    part.add(
        Material::DarkSteel,
        extrude(&sector(0.112, r + 0.018), DISC_AT + half + 0.009, DISC_AT + half + 0.030, 0.004),
    );
    part.add(
        Material::DarkSteel,
        extrude(&sector(0.112, r + 0.018), DISC_AT - half - 0.052, DISC_AT - half - 0.009, 0.006),
    );
    part.add(
        Material::DarkSteel,
        extrude(&sector(r + 0.004, r + 0.0175), DISC_AT - half - 0.0085, DISC_AT + half + 0.0085, 0.0),
    );
    for side in [-1.0, 1.0] {
        let (z0, z1) = (DISC_AT + side * (half + 0.0003), DISC_AT + side * (half + 0.0085));
        part.add(Material::Resin, extrude(&sector(0.114, r - 0.002), z0.min(z1), z0.max(z1), 0.0));
    }
    part
}

/// Knuckle with the wheel bearing.
pub(super) fn knuckle() -> Part {
    let mut part = Part::new();
    part.add(Material::CastIron, across(fine_tube(-0.105, -0.062, 0.031, 0.058, 0.003, 32)));
    let arm = rounded(&[(-0.055, -0.150, 0.03), (0.055, -0.150, 0.03), (0.048, 0.150, 0.03), (-0.048, 0.150, 0.03)], 4);
    part.add(Material::CastIron, extrude_ring(&arm, &bore(&arm, 0.0605), -0.098, -0.072, 0.004));
    part
}

/// A circle with a point for each of an outline, at its angle.
fn bore(outline: &[P2], r: f64) -> Vec<P2> {
    let at = |&(x, y): &P2| {
        let length = libm::hypot(x, y);
        (x / length * r, y / length * r)
    };
    outline.iter().map(at).collect()
}
