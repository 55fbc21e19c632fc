//! Toothed wheels about the x axis.
//!
//! Teeth are trapezoids: they agree in number, size and distance with the real ones, they are not involutes.

use super::{P2, Shape};
use crate::math::{Place, cos, sin, v};

/// Corners of one tooth as (angle over pitch, height over the tooth's): two on the tip, two in the root. At the pitch
/// line it fills a little less than half of the pitch, or two gears could not mesh.
const TOOTH: [P2; 4] = [(-0.37, 0.0), (-0.13, 1.0), (0.13, 1.0), (0.37, 0.0)];
/// The same for fine teeth, which lie inside the gearbox or under the bedplate: one on the tip, which is cut a little,
/// and one in the root.
const FINE_TOOTH: [P2; 2] = [(0.0, 0.85), (0.5, 0.1)];
/// Teeth below this height are fine, m.
const FINE: f64 = 0.065;

/// A toothed rim and the circle on its other side, which has one corner for each tooth, or for each two where it
/// is far away and they are many. The solid lies between them.
fn wheel(count: u32, tip: f64, root: f64, other: f64, x0: f64, x1: f64) -> Shape {
    let mut shape = Shape::default();
    let pitch = 360.0 / f64::from(count);
    let tooth: &[P2] = if (tip - root).abs() < FINE { &FINE_TOOTH } else { &TOOTH };
    let corners = tooth.len() as u32;
    // A fan over two teeth folds back on itself unless it starts far from them.
    let far = (other - root).abs() > 4.0 * core::f64::consts::PI * root / f64::from(count);
    let share = if far && count >= 40 { 2 } else { 1 };
    let feet = count.div_ceil(share);
    let around = |shape: &mut Shape, x: f64, r: f64, a: f64| shape.push(v(x, r * cos(a), r * sin(a)));
    for x in [x0, x1] {
        for k in 0..count {
            for &(at, height) in tooth {
                around(&mut shape, x, root + (tip - root) * height, pitch * (f64::from(k) + at));
            }
        }
        for k in 0..feet {
            around(&mut shape, x, other, 360.0 * f64::from(k) / f64::from(feet));
        }
    }
    let (rim, face) = (corners * count, corners * count + feet);
    for k in 0..count {
        let next = (k + 1) % count;
        // Each tooth's face is a fan from its foot, and one triangle more where the next tooth has another foot.
        let (c, d) = (rim + k / share, rim + next / share);
        for t in 0..corners {
            let (a, b) = (k * corners + t, (k * corners + t + 1) % rim);
            shape.quad(a, b, face + b, face + a);
            let foot = if t + 1 < corners { c } else { d };
            shape.tri(b, a, foot);
            shape.tri(face + a, face + b, face + foot);
        }
        let last = k * corners + corners - 1;
        if c != d {
            shape.tri(last, c, d);
            shape.tri(face + c, face + last, face + d);
            shape.quad(d, c, face + c, face + d);
        }
    }
    shape.outward()
}

/// A helix shears the faces around the axis.
fn sheared(mut shape: Shape, helix_deg: f64, r: f64) -> Shape {
    if helix_deg != 0.0 {
        let per_metre = (crate::math::tan(helix_deg) / r).to_degrees();
        for p in &mut shape.points {
            *p = Place::about_x(per_metre * p.x).point(*p);
        }
    }
    shape
}

/// A wheel with outer teeth and a bore. `module` and widths in metres.
#[must_use]
pub fn external_gear(count: u32, module: f64, x0: f64, x1: f64, bore: f64, helix_deg: f64) -> Shape {
    let r = module * f64::from(count) / 2.0;
    sheared(wheel(count, r + module, r - 1.25 * module, bore, x0, x1), helix_deg, r)
}

/// A ring with inner teeth.
#[must_use]
pub fn internal_gear(count: u32, module: f64, x0: f64, x1: f64, outside: f64) -> Shape {
    let r = module * f64::from(count) / 2.0;
    wheel(count, r - module, r + 1.25 * module, outside, x0, x1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one tooth fills of the pitch at this height.
    fn filled(tooth: &[P2], height: f64) -> f64 {
        let next = tooth.iter().chain(tooth.first()).skip(1).enumerate();
        let next = next.map(|(k, &(at, h))| (if k + 1 == tooth.len() { at + 1.0 } else { at }, h));
        let crossings = tooth.iter().zip(next).filter_map(|(&(a, h), (b, i))| {
            let crosses = (h < height) != (i < height);
            crosses.then(|| (h < height, a + (b - a) * (height - h) / (i - h)))
        });
        // From where the outline rises through the height to where it falls again.
        crossings.map(|(rises, at)| if rises { -at } else { at }).sum::<f64>().rem_euclid(1.0)
    }

    /// ISO 53: a tooth is one module high above the pitch line and 1.25 below, and there as wide as the gap beside it.
    #[test]
    fn a_tooth_fills_at_most_half_of_the_pitch_at_the_pitch_line() {
        for tooth in [&TOOTH[..], &FINE_TOOTH] {
            let width = filled(tooth, 1.25 / 2.25);
            assert!((0.35..=0.5).contains(&width), "{tooth:?}: {width}");
        }
    }
}
