//! The gear stages: ring gear barrels with planets and sun, and the parallel stage with wheel and pinion.
//!
//! Tooth counts, modules, face widths and centre distances are the table's, scaled as the layout says.

use super::gearbox::{BARREL, FLANGE, PARALLEL_FRONT, RING_1, RING_2};
use super::layout::{GEARBOX_REAR, Layout};
use crate::math::{Place, V3, angle, cos, sin, v};
use crate::mesh::{
    P2, Shape, block, bolts, drum, external_gear, extrude, extrude_ring, hex_bolt, hull, internal_gear, lathe_ring,
    rounded, star, tube,
};
use crate::scene::{Material, Part};
use crate::tables::Stage;

/// A planetary stage: the ring gear is also the housing there.
pub fn planetary(layout: &Layout, index: usize) -> Part {
    let mut part = Part::new();
    let Some(stage) = layout.stages.get(index) else { return part };
    let (x0, x1) = if index == 0 { RING_1 } else { RING_2 };
    let barrel = BARREL[index.min(1)];
    let count = if index == 0 { 32 } else { 28 };
    let across = if index == 0 { 0.036 } else { 0.034 };

    let inside = stage.module * f64::from(stage.driver) / 2.0 + 1.25 * stage.module;
    let seat = inside + 0.012;
    // Barrel with a flange at each end and a shallow waist with a band.
    let f = 0.05;
    let profile = [
        (x0, barrel + FLANGE),
        (x0 + f, barrel + FLANGE),
        (x0 + f + 0.02, barrel),
        (x1 - f - 0.02, barrel),
        (x1 - f, barrel + FLANGE),
        (x1, barrel + FLANGE),
        (x1, seat),
        (x0, seat),
    ];
    part.add(Material::GearboxPaint, lathe_ring(&profile, 52));
    part.add(Material::DarkSteel, bolts(count, barrel + 0.026, x0 + f, 1.0, across));
    part.add(Material::DarkSteel, bolts(count, barrel + 0.026, x1 - f, -1.0, across));
    let band = (x0 + x1) / 2.0;
    part.add(Material::GearboxPaint, tube(band - 0.05, band + 0.05, barrel - 0.02, barrel + 0.012, 0.0, 52));

    let middle = (x0 + x1) / 2.0;
    let (g0, g1) = (middle - stage.face / 2.0, middle + stage.face / 2.0);
    let steel = Material::MachinedSteel;
    let phase = Phase::of(stage);
    let ring = internal_gear(stage.driver, stage.module, g0, g1, seat - 0.001);
    part.add(steel, ring.placed(&Place::about_x(phase.ring)));
    let planet_radius = stage.module * f64::from(stage.planet) / 2.0;
    let pin = planet_radius * 0.42;
    for k in 0..3 {
        let at = FIRST_PLANET + 120.0 * f64::from(k);
        let place = Place::shift(0.0, stage.centres, 0.0).then(&Place::about_x(at));
        let planet = external_gear(stage.planet, stage.module, g0 + 0.01, g1 - 0.01, pin + 0.04, 0.0);
        part.add(steel, planet.placed(&Place::about_x(phase.planet(at))).placed(&place));
        part.add(Material::DarkSteel, drum(x0 + 0.01, x1 - 0.01, pin, 0.01, 20).placed(&place));
    }
    let sun_radius = stage.module * f64::from(stage.driven) / 2.0;
    part.add(steel, external_gear(stage.driven, stage.module, g0 - 0.01, g1 + 0.01, sun_radius * 0.45, 0.0));
    // Carrier cheeks; the rear one leaves room for the sun's shaft.
    part.add(Material::CastIron, cheek(stage.centres, pin + 0.06, sun_radius * 0.5, x0 + 0.002, g0 - 0.004));
    part.add(Material::CastIron, cheek(stage.centres, pin + 0.06, sun_radius * 1.1, g1 + 0.004, x1 - 0.002));
    part
}

/// Where the first planet stands, as an angle about x.
const FIRST_PLANET: f64 = 60.0;

/// How the gears of a planetary stage are turned so that each tooth meets a gap. The sun's first tooth looks to +y.
struct Phase {
    sun: f64,
    planet: f64,
    /// Turn of the ring, degrees.
    ring: f64,
}

impl Phase {
    fn of(stage: &Stage) -> Phase {
        let [sun, planet, ring] = [stage.driven, stage.planet, stage.driver].map(f64::from);
        // With the planets turned to the sun, so much of a pitch of the ring is left towards the first planet; the
        // number of planets divides sun and ring together, so it is the same at the others.
        let left = FIRST_PLANET / 360.0 * (sun + ring) + planet / 2.0;
        Phase { sun, planet, ring: 360.0 / ring * (left - libm::floor(left)) }
    }

    /// Turn in degrees about its own axis of the planet that stands at `at` degrees: half a pitch from the sun's tooth
    /// that is next to it there.
    fn planet(&self, at: f64) -> f64 {
        180.0 - 360.0 / self.planet * (0.5 - at / 360.0 * self.sun)
    }
}

/// A cheek of the planet carrier: a plate with three rounded lobes around the planets' pins.
fn cheek(centres: f64, lobe: f64, bore: f64, x0: f64, x1: f64) -> Shape {
    // The corner of an equilateral triangle lies two radii outside the circle that rounds it.
    let corner = centres + 2.0 * lobe;
    let corners: Vec<(f64, f64, f64)> =
        [60.0, 180.0, 300.0].iter().map(|&a| (corner * cos(a), corner * sin(a), lobe)).collect();
    let (outer, inner) = star(&rounded(&corners, 6), bore, 24);
    extrude_ring(&outer, &inner, x0, x1, 0.008).placed(&Place::UPRIGHT)
}

/// The outline of the parallel stage's housing as (y, z), grown by `by`.
fn pear(axis: V3, by: f64) -> Vec<P2> {
    hull((0.0, 0.0), 0.70 + by, (axis.y, axis.z), 0.39 + by, 16)
}

/// The parallel stage: a pear-shaped hollow casting, helical wheel and pinion.
pub fn parallel(layout: &Layout) -> Part {
    let mut part = Part::new();
    let Some(stage) = layout.stages.last() else { return part };
    let axis = layout.high_speed_axis;
    let (x0, x1) = (PARALLEL_FRONT, GEARBOX_REAR);
    let paint = Material::GearboxPaint;
    let up = Place::UPRIGHT;

    let body = extrude(&pear(axis, 0.0), x0, x1, 0.035);
    let cavity = extrude(&pear(axis, -0.06), x0 + 0.05, x1 - 0.06, 0.0);
    part.add(paint, body.hollowed(cavity).placed(&up));
    // Joint between the two halves of the casting, with its bolts.
    let joint = x0 + 0.34;
    part.add(paint, flange(axis, 0.0, 0.062, joint - 0.045, joint - 0.001));
    part.add(paint, flange(axis, 0.0, 0.062, joint + 0.001, joint + 0.045));
    let around = pear(axis, 0.034);
    for p in spaced(&around, 0.23) {
        let head = hex_bolt(0.034);
        part.add(Material::DarkSteel, head.clone().moved(joint + 0.045, p.0, p.1));
        part.add(Material::DarkSteel, head.placed(&Place::about_y(180.0)).moved(joint - 0.045, p.0, p.1));
    }
    // Foot flange towards the ring gear.
    part.add(paint, flange(axis, -0.02, 0.05, x0 - 0.005, x0 + 0.05));
    // Ribs on the rear face run from the main axis outwards.
    for a in [100.0, 140.0, 180.0, 220.0, 260.0, 300.0] {
        let rib = block(v(x1 - 0.02, 0.30, -0.02), v(x1 + 0.035, 0.66, 0.02), 0.01);
        part.add(paint, rib.placed(&Place::about_x(a + 63.0)));
    }
    // Inspection cover on the upper flank between the two axes.
    let lean = angle(axis.z, axis.y);
    let cover = Place::about_x(lean - 90.0);
    let at = |p: V3| cover.point(p);
    let top = 0.60;
    let box_ = block(v(x0 + 0.42, top - 0.12, 0.16), v(x1 - 0.05, top + 0.05, 0.50), 0.015);
    part.add(paint, box_.placed(&cover));
    let lid = block(v(x0 + 0.41, top + 0.045, 0.15), v(x1 - 0.04, top + 0.07, 0.51), 0.008);
    part.add(Material::Cabinet, lid.placed(&cover));
    for (dx, dz) in [(0.435, 0.18), (0.435, 0.33), (0.435, 0.48), (0.555, 0.18), (0.555, 0.33), (0.555, 0.48)] {
        let p = at(v(x0 + dx, top + 0.07, dz));
        part.add(Material::DarkSteel, hex_bolt(0.024).placed(&up).placed(&cover).moved(p.x, p.y, p.z));
    }
    // Oil level glass on the far side.
    let glass = tube(-0.015, 0.015, 0.03, 0.055, 0.005, 18).placed(&Place::ACROSS);
    part.add(Material::MachinedSteel, glass.moved(x0 + 0.47, -0.12, -0.70));

    gears(&mut part, layout, stage.module / cos(stage.helix));
    part
}

fn gears(part: &mut Part, layout: &Layout, module: f64) {
    let Some(stage) = layout.stages.last() else { return };
    let axis = layout.high_speed_axis;
    let (g0, g1) = (PARALLEL_FRONT + 0.14, PARALLEL_FRONT + 0.14 + stage.face);
    let steel = Material::MachinedSteel;
    part.add(steel, external_gear(stage.driver, module, g0, g1, 0.15, stage.helix));
    part.add(steel, tube(PARALLEL_FRONT + 0.06, GEARBOX_REAR - 0.07, 0.10, 0.152, 0.01, 24));
    let pinion = external_gear(stage.driven, module, g0 - 0.01, g1 + 0.01, 0.09, -stage.helix);
    part.add(steel, pinion.moved(0.0, axis.y, axis.z));
}

/// A collar around the pear between two offsets.
fn flange(axis: V3, from: f64, to: f64, x0: f64, x1: f64) -> Shape {
    extrude_ring(&pear(axis, to), &pear(axis, from - 0.02), x0, x1, 0.008).placed(&Place::UPRIGHT)
}

/// Points along a closed outline, about `step` apart.
fn spaced(outline: &[P2], step: f64) -> Vec<P2> {
    let mut out = Vec::new();
    let mut left = step / 2.0;
    for (i, &(x0, y0)) in outline.iter().enumerate() {
        let (x1, y1) = outline[(i + 1) % outline.len()];
        let length = ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)).sqrt();
        let mut at = left;
        while at < length {
            let t = at / length;
            out.push((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t));
            at += step;
        }
        left = at - length;
    }
    out
}
