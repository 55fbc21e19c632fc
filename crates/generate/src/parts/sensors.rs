//! What measures the wind on the roof.

use crate::math::{Place, cos, sin, v};
use crate::mesh::{block, drum, extrude, lathe, pipe};
use crate::scene::{Material, Part};

/// A mast with a cup anemometer, a vane, an obstruction light and a lightning rod; the origin is on the roof.
pub fn wind_vane() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    let steel = Material::GreyPaint;
    part.add(steel, drum(0.0, 0.06, 0.16, 0.015, 20).placed(&up));
    part.add(steel, pipe(&[v(0.0, 0.02, 0.0), v(0.0, 1.65, 0.0)], 0.035, 16));
    for s in [-1.0, 1.0] {
        part.add(steel, pipe(&[v(0.0, 0.35, 0.0), v(0.0, 0.03, s * 0.42)], 0.018, 10));
        part.add(steel, block(v(-0.06, 0.0, s * 0.42 - 0.06), v(0.06, 0.05, s * 0.42 + 0.06), 0.01));
        let arm = [v(0.0, 1.20, 0.0), v(0.0, 1.20, s * 0.62), v(0.0, 1.42, s * 0.62)];
        part.add(steel, pipe(&crate::mesh::bend(&arm, 0.10, 3), 0.024, 12));
        let body = lathe(&[(1.40, 0.045), (1.41, 0.052), (1.52, 0.052), (1.56, 0.03), (1.62, 0.022)], 18);
        part.add(Material::Cabinet, body.placed(&up).moved(0.0, 0.0, s * 0.62));
    }
    // Lightning rod above all.
    part.add(Material::MachinedSteel, lathe(&[(1.63, 0.016), (2.25, 0.012), (2.35, 0.002)], 12).placed(&up));
    // Three cups.
    for k in 0..3 {
        let a = 120.0 * f64::from(k) + 20.0;
        let (c, s) = (cos(a), sin(a));
        let at = |r: f64, y: f64| v(r * c, y, 0.62 + r * s);
        part.add(Material::DarkSteel, pipe(&[at(0.0, 1.63), at(0.16, 1.63)], 0.008, 8));
        let cup =
            lathe(&[(-0.075, 0.004), (-0.045, 0.036), (0.0, 0.05), (0.004, 0.047), (-0.01, 0.04), (-0.03, 0.02)], 18);
        let p = at(0.20, 1.63);
        part.add(Material::DarkSteel, cup.placed(&Place::about_y(-a - 90.0)).moved(p.x, p.y, p.z));
    }
    // Vane: a counterweight into the wind and a tail behind.
    let z = -0.62;
    part.add(Material::DarkSteel, pipe(&[v(-0.24, 1.635, z), v(0.30, 1.635, z)], 0.010, 8));
    part.add(
        Material::DarkSteel,
        lathe(&[(-0.32, 0.004), (-0.27, 0.026), (-0.20, 0.026), (-0.19, 0.012)], 14).moved(0.0, 1.635, z),
    );
    let tail = [(0.16, 1.63), (0.24, 1.60), (0.42, 1.55), (0.42, 1.80), (0.30, 1.76)];
    part.add(Material::DarkSteel, extrude(&tail, z - 0.006, z + 0.006, 0.002));
    // Obstruction light on its own bracket.
    part.add(steel, pipe(&[v(0.0, 0.75, 0.0), v(0.22, 0.75, 0.0)], 0.02, 10));
    part.add(steel, drum(0.73, 0.80, 0.065, 0.01, 18).placed(&up).moved(0.24, 0.0, 0.0));
    part.add(
        Material::Cabinet,
        lathe(&[(0.80, 0.055), (0.88, 0.055), (0.92, 0.04), (0.94, 0.015)], 18).placed(&up).moved(0.24, 0.0, 0.0),
    );
    part
}
