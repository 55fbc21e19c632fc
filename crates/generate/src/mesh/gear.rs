//! Toothed wheels about the x axis, with involute flanks.
//!
//! Geometry after ISO 21771: profile shift, working centre distance, tip shortening. The root is a straight line below
//! the base circle instead of a trochoid, and teeth are thinner by a little backlash, so that straight pieces of flank
//! do not cut into each other.

use super::Shape;
use crate::math::{Place, cos, sin, tan, v};

/// Normal pressure angle of the basic rack, degrees (ISO 53).
const PRESSURE: f64 = 20.0;
/// Each flank is set back by this share of the module, m/m.
const SET_BACK: f64 = 0.03;
/// Depth of the root below the reference line over the module (ISO 53).
const DEDENDUM: f64 = 1.25;

/// The teeth of one wheel.
#[derive(Clone, Copy, Debug)]
pub struct Teeth {
    /// How many.
    pub count: u32,
    /// Normal module, m.
    pub module: f64,
    /// Profile shift over the module; of a ring with inner teeth that of the wheel that would fill it.
    pub shift: f64,
    /// What is taken off the tip over the module, so that it clears the root of the other wheel.
    pub shortened: f64,
    /// Helix angle, degrees; the hand is that of its sign.
    pub helix: f64,
}

impl Teeth {
    /// Spur teeth without profile shift.
    #[must_use]
    pub const fn plain(count: u32, module: f64) -> Teeth {
        Teeth { count, module, shift: 0.0, shortened: 0.0, helix: 0.0 }
    }

    fn transverse_pressure(&self) -> f64 {
        libm::atan(tan(PRESSURE) / cos(self.helix))
    }

    /// Reference radius, m.
    #[must_use]
    pub fn reference(&self) -> f64 {
        self.module / cos(self.helix) * f64::from(self.count) / 2.0
    }

    /// Radius of the tips of outer teeth, m.
    #[must_use]
    pub fn tip(&self) -> f64 {
        self.reference() + self.module * (1.0 + self.shift - self.shortened)
    }

    /// Radius of the gaps between outer teeth, m.
    #[must_use]
    pub fn root(&self) -> f64 {
        self.reference() - self.module * (DEDENDUM - self.shift)
    }

    /// Radius of the tips of inner teeth, m.
    #[must_use]
    pub fn inner_tip(&self) -> f64 {
        self.reference() - self.module * (1.0 - self.shift - self.shortened)
    }

    /// Radius of the gaps between inner teeth, m.
    #[must_use]
    pub fn inner_root(&self) -> f64 {
        self.reference() + self.module * (DEDENDUM + self.shift)
    }

    /// Angle of one pitch, degrees.
    #[must_use]
    pub fn pitch(&self) -> f64 {
        360.0 / f64::from(self.count)
    }

    /// Half of the angle that an outer tooth fills at a radius, degrees: ISO 21771, 5.3 (tooth thickness).
    fn half_angle(&self, radius: f64) -> f64 {
        let pressure = self.transverse_pressure();
        let base = self.reference() * libm::cos(pressure);
        let here = libm::acos((base / radius).min(1.0));
        let involute = |a: f64| libm::tan(a) - a;
        let z = f64::from(self.count);
        let half = (core::f64::consts::PI / 2.0 + 2.0 * self.shift * tan(PRESSURE)) / z;
        (half + involute(pressure) - involute(here)).to_degrees()
    }

    /// Radii at which a flank has a corner, from the axis outwards.
    fn radii(&self, low: f64, high: f64) -> Vec<f64> {
        let base = self.reference() * libm::cos(self.transverse_pressure());
        let from = low.max(base + 1e-4);
        // Large teeth are looked at from close by.
        let pieces = if self.module > 0.02 {
            3
        } else if self.count < 100 {
            2
        } else {
            1
        };
        let mut radii: Vec<f64> =
            (0..=pieces).map(|k| from + (high - from) * f64::from(k) / f64::from(pieces)).collect();
        if low < from {
            radii.insert(0, low);
        }
        radii
    }
}

/// Centre distance at which two wheels with outer teeth mesh without play, m, and what has to be taken off their tips
/// over the module: ISO 21771, equations for the working pressure angle, solved by Newton's rule. The module and helix
/// are those of `a`.
#[must_use]
pub fn centres(a: &Teeth, b: &Teeth) -> (f64, f64) {
    let pressure = a.transverse_pressure();
    let sum = f64::from(a.count + b.count);
    let wanted = libm::tan(pressure) - pressure + 2.0 * tan(PRESSURE) * (a.shift + b.shift) / sum;
    let mut working = pressure;
    for _ in 0..30 {
        let (t, error) = (libm::tan(working), libm::tan(working) - working - wanted);
        working -= error / (t * t);
    }
    let plain = a.module / cos(a.helix) * sum / 2.0;
    let distance = plain * libm::cos(pressure) / libm::cos(working);
    (distance, a.shift + b.shift - (distance - plain) / a.module)
}

/// A toothed rim given as one tooth, (radius, angle from its middle), and the circle on its other side, which has one
/// corner for each tooth. The solid lies between them.
fn wheel(count: u32, tooth: &[(f64, f64)], other: f64, x0: f64, x1: f64) -> Shape {
    let mut shape = Shape::default();
    let pitch = 360.0 / f64::from(count);
    let corners = tooth.len() as u32;
    let around = |shape: &mut Shape, x: f64, r: f64, a: f64| shape.push(v(x, r * cos(a), r * sin(a)));
    for x in [x0, x1] {
        for k in 0..count {
            for &(r, a) in tooth {
                around(&mut shape, x, r, pitch * f64::from(k) + a);
            }
        }
        for k in 0..count {
            around(&mut shape, x, other, pitch * f64::from(k));
        }
    }
    let (rim, face) = (corners * count, (corners + 1) * count);
    for k in 0..count {
        // Each tooth's face is a fan from its foot, and one triangle more to the next tooth's foot.
        let (foot, next_foot) = (rim + k, rim + (k + 1) % count);
        for t in 0..corners {
            let (a, b) = (k * corners + t, (k * corners + t + 1) % rim);
            let foot = if t + 1 < corners { foot } else { next_foot };
            shape.quad(a, b, face + b, face + a);
            shape.tri(b, a, foot);
            shape.tri(face + a, face + b, face + foot);
        }
        let last = k * corners + corners - 1;
        shape.tri(last, foot, next_foot);
        shape.tri(face + foot, face + last, face + next_foot);
        shape.quad(next_foot, foot, face + foot, face + next_foot);
    }
    shape.outward()
}

/// A helix shears the faces around the axis; at x = 0 the first tooth looks to +y.
fn sheared(mut shape: Shape, teeth: &Teeth) -> Shape {
    if teeth.helix != 0.0 {
        let per_metre = (tan(teeth.helix) / teeth.reference()).to_degrees();
        for p in &mut shape.points {
            *p = Place::about_x(per_metre * p.x).point(*p);
        }
    }
    shape
}

/// One tooth from flank to flank.
fn outline(radii: &[f64], half: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let rising = radii.iter().map(|&r| (r, -half(r)));
    let falling = radii.iter().rev().map(|&r| (r, half(r)));
    rising.chain(falling).collect()
}

/// A wheel with outer teeth and a bore, its first tooth towards +y (at x = 0, if it is helical).
#[must_use]
pub fn external_gear(teeth: &Teeth, x0: f64, x1: f64, bore: f64) -> Shape {
    let back = |r: f64| (SET_BACK * teeth.module / r).to_degrees();
    let radii = teeth.radii(teeth.root(), teeth.tip());
    let tooth = outline(&radii, |r| teeth.half_angle(r) - back(r));
    sheared(wheel(teeth.count, &tooth, bore, x0, x1), teeth)
}

/// A ring with inner teeth, its first tooth towards +y.
#[must_use]
pub fn internal_gear(teeth: &Teeth, x0: f64, x1: f64, outside: f64) -> Shape {
    let back = |r: f64| (SET_BACK * teeth.module / r).to_degrees();
    // From the root inwards: its gap is the tooth of the wheel that would fill it.
    let mut radii = teeth.radii(teeth.inner_tip(), teeth.inner_root());
    radii.reverse();
    let tooth = outline(&radii, |r| teeth.pitch() / 2.0 - teeth.half_angle(r) - back(r));
    wheel(teeth.count, &tooth, outside, x0, x1)
}

/// Turn of `driven`, degrees, with which it meshes with the outer teeth of `driver`, whose first tooth is turned by
/// `turn`. The axis of `driven` lies in the direction `at` from that of `driver`.
#[must_use]
pub fn in_mesh(driver: &Teeth, turn: f64, driven: &Teeth, at: f64) -> f64 {
    // Where the line of centres passes, in pitches from a tooth's middle: both together make half a pitch.
    let passed = (at - turn) / driver.pitch();
    (at + 180.0 - (0.5 - passed) * driven.pitch()).rem_euclid(driven.pitch())
}

/// Turn of a ring with inner teeth, degrees, with which it meshes with a wheel inside of it that is turned by `turn` and
/// whose axis lies in the direction `at`.
#[must_use]
pub fn ring_in_mesh(ring: &Teeth, wheel: &Teeth, turn: f64, at: f64) -> f64 {
    let passed = (at - turn) / wheel.pitch();
    (at - (passed - 0.5) * ring.pitch()).rem_euclid(ring.pitch())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nejad et al. (2016), tables V and VI: first stage of the 5 MW reference gearbox.
    const SUN: Teeth = Teeth { count: 19, module: 0.045, shift: 0.617, shortened: 0.0, helix: 0.0 };
    const PLANET: Teeth = Teeth { count: 17, module: 0.045, shift: 0.802, shortened: 0.0, helix: 0.0 };

    #[test]
    fn the_centre_distance_of_the_published_stage_follows_from_its_profile_shifts() {
        let (distance, _) = centres(&SUN, &PLANET);
        assert!((distance - 0.863).abs() < 0.0005, "{distance}");
    }

    #[test]
    fn shortened_tips_clear_the_roots_by_a_quarter_of_the_module() {
        let (distance, shortened) = centres(&SUN, &PLANET);
        let sun = Teeth { shortened, ..SUN };
        assert!((distance - sun.tip() - PLANET.root() - 0.25 * 0.045).abs() < 1e-6);
    }

    #[test]
    fn a_tooth_without_shift_fills_half_of_the_pitch_at_the_reference_circle() {
        let teeth = Teeth::plain(30, 0.01);
        assert!((teeth.half_angle(teeth.reference()) - teeth.pitch() / 4.0).abs() < 1e-9);
    }
}
