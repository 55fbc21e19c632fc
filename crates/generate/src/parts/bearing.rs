//! All bearings that can be seen: main, high-speed, generator, pitch.

use super::layout::PITCH_BEARING_HEIGHT;
use super::shaft::{FRONT_SEAT, REAR_SEAT};
use super::{BEARINGS, leaf};
use crate::math::{Place, v};
use crate::mesh::{
    P2, Shape, block, bolts, drum, extrude_ring, fine_ring, fine_tube, hex_bolt, lathe_ring, pipe, roller_row, rounded,
    star, tube,
};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Tables;

/// A rolling bearing about the x axis, its middle at x = 0, its rollers open to both sides.
#[derive(Clone, Copy)]
pub struct Rolling {
    /// Radius of the inner ring's bore.
    pub bore: f64,
    /// Radius of the outer ring's outside.
    pub outside: f64,
    /// Width of the inner ring; the outer one is drawn narrower, so that the rollers show.
    pub width: f64,
    /// Rollers in a row.
    pub rollers: u32,
    /// One or two.
    pub rows: u32,
}

impl Rolling {
    fn height(&self) -> f64 {
        self.outside - self.bore
    }

    /// Radius of the circle on which the rollers' axes lie.
    #[must_use]
    pub fn circle(&self) -> f64 {
        self.bore + 0.5 * self.height()
    }

    /// Radius of a roller: what fits between the rings, and beside its neighbour with an eighth of the pitch to spare.
    #[must_use]
    pub fn roller(&self) -> f64 {
        let pitch = 2.0 * core::f64::consts::PI * self.circle() / f64::from(self.rollers);
        (0.285 * self.height()).min(0.4377 * pitch)
    }

    /// Ends of a row of rollers along the axis.
    fn row(&self, row: u32) -> (f64, f64) {
        let w = self.width / 2.0;
        match (self.rows, row) {
            (1, _) => (-0.9 * w, 0.9 * w),
            (_, 0) => (-0.76 * w, -0.09 * w),
            _ => (0.09 * w, 0.76 * w),
        }
    }

    /// The ring on the shaft.
    #[must_use]
    pub fn inner_ring(&self) -> Part {
        let mut part = Part::new();
        let (r0, w) = (self.bore, self.width / 2.0);
        let outer = self.circle() - self.roller();
        part.add(Material::MachinedSteel, fine_tube(-w, w, r0, outer, self.height() * 0.06, self.fineness()));
        part
    }

    /// The ring in the housing.
    #[must_use]
    pub fn outer_ring(&self) -> Part {
        let mut part = Part::new();
        let (r1, w) = (self.outside, 0.62 * self.width / 2.0);
        let inner = self.circle() + self.roller();
        part.add(Material::MachinedSteel, fine_tube(-w, w, inner, r1, self.height() * 0.06, self.fineness()));
        part
    }

    fn fineness(&self) -> u32 {
        if self.outside > 0.25 { 44 } else { 28 }
    }
}

/// Rollers and their cage, which go round together at about half the speed of the shaft. `fine` ones are for where they
/// are seen from close by.
pub fn rollers(rolling: &Rolling, fine: bool) -> Part {
    let mut part = Part::new();
    let (circle, radius, h) = (rolling.circle(), rolling.roller(), rolling.height());
    let w = rolling.width / 2.0;
    for row in 0..rolling.rows {
        let (x0, x1) = rolling.row(row);
        // The second row stands in the gaps of the first.
        let turn = 180.0 / f64::from(rolling.rollers) * f64::from(row);
        let rollers = roller_row(rolling.rollers, circle, radius, x0, x1, fine);
        part.add(Material::MachinedSteel, rollers.placed(&Place::about_x(turn)));
        // The cage: a band between the rollers, and a narrow ring at the outer end.
        part.add(Material::DarkSteel, tube(x0 * 0.9, x1 * 0.9, circle - 0.07 * h, circle + 0.07 * h, 0.0, 24));
    }
    for s in [-1.0, 1.0] {
        let end = rolling.row(rolling.rows - 1).1;
        let (a, b) = (s * (end + 0.01 * w), s * (end + 0.07 * w));
        let (inner, outer) = (circle - 0.06 * h, circle + 0.06 * h);
        let ring = [(a, outer), (b, outer), (b, inner), (a, inner)];
        part.add(Material::Resin, fine_ring(&ring, rolling.fineness() - 8));
    }
    part
}

/// Sizes of a bearing in a split housing that stands on a foot.
struct Pillow {
    rolling: Rolling,
    /// Radius of the housing's arch.
    arch: f64,
    /// Half width over the feet.
    foot: f64,
    /// Height of the foot's sole, below the axis.
    sole: f64,
}

impl Pillow {
    fn part(&self) -> Part {
        let mut part = Part::new();
        let iron = Material::CastIron;
        let w = self.rolling.width / 2.0;
        let (arch, bore) = (self.arch, self.rolling.outside);
        part.add(iron, across(&self.outline(), bore, -w * 0.86, w * 0.86, 0.03));
        // The band around the arch, wider than the web below it.
        part.add(iron, tube(-w - 0.02, w + 0.02, bore, arch - 0.045, 0.02, 48));
        for s in [-1.0, 1.0] {
            // Covers hold the outer ring; they leave the rollers open to view.
            let (a, b) = (s * (w + 0.015), s * (w + 0.055));
            part.add(iron, tube(a, b, bore - 0.022, arch - 0.06, 0.0, 48));
            part.add(Material::DarkSteel, bolts(16, (bore + arch - 0.07) / 2.0, b, s, 0.036));
            self.side(&mut part, s);
        }
        self.top(&mut part);
        part
    }

    /// Cross-section as (y, z): straight flanks below, the arch above.
    fn outline(&self) -> Vec<P2> {
        let (a, y) = (self.arch, self.sole);
        let mut corners = vec![(y, a * 0.97, 0.0), (y, -a * 0.97, 0.0)];
        for k in 0..=16 {
            let t = -90.0 + 180.0 * f64::from(k) / 16.0;
            corners.push((a * crate::math::cos(t), a * crate::math::sin(t), 0.0));
        }
        rounded(&corners, 1)
    }

    /// Lugs at the split line with their bolts, gussets and holding-down bolts on one side.
    fn side(&self, part: &mut Part, s: f64) {
        let iron = Material::CastIron;
        let w = self.rolling.width / 2.0;
        let foot = v(w * 0.93, self.sole + 0.13, s * self.foot);
        part.add(iron, block(v(-foot.x, self.sole, s * self.arch * 0.6), foot, 0.025));
        let (inner, outer) = (self.arch - 0.1, self.arch + 0.17);
        let mut lug = |y0: f64, y1: f64| {
            let (a, b) = (s * inner, s * outer);
            part.add(iron, block(v(-w * 0.72, y0, a), v(w * 0.72, y1, b), 0.02));
        };
        lug(-0.16, -0.006);
        lug(0.006, 0.13);
        for x in [-w * 0.42, w * 0.42] {
            let bolt = hex_bolt(0.095).placed(&Place::UPRIGHT);
            part.add(Material::MachinedSteel, bolt.moved(x, 0.13, s * (outer - 0.09)));
        }
        for x in [-w * 0.55, w * 0.55] {
            let bolt = hex_bolt(0.09).placed(&Place::UPRIGHT);
            part.add(Material::DarkSteel, bolt.moved(x, self.sole + 0.13, s * (self.foot - 0.11)));
        }
        // A gusset between foot and lug.
        let gusset = [
            (s * (self.arch * 0.9), self.sole + 0.1),
            (s * (self.foot - 0.2), self.sole + 0.1),
            (s * (self.foot - 0.24), self.sole + 0.2),
            (s * (outer - 0.03), -0.12),
            (s * (self.arch * 0.9), -0.12),
        ];
        let plate = crate::mesh::extrude(&gusset, -0.03, 0.03, 0.008);
        // Drawn with z as its first axis; turned so that it stands across the shaft.
        part.add(
            iron,
            plate.placed(&Place {
                axes: [v(0.0, 0.0, 1.0), v(0.0, 1.0, 0.0), v(1.0, 0.0, 0.0)],
                origin: v(0.0, 0.0, 0.0),
            }),
        );
    }

    /// Lifting eye, grease line and temperature probe on the crown.
    fn top(&self, part: &mut Part) {
        let a = self.arch;
        part.add(Material::CastIron, block(v(-0.09, a - 0.06, -0.14), v(0.09, a + 0.035, 0.14), 0.015));
        let eye = tube(-0.02, 0.02, 0.035, 0.07, 0.008, 14).moved(0.0, a + 0.08, 0.0);
        part.add(Material::DarkSteel, eye);
        let probe = drum(0.0, 0.10, 0.018, 0.004, 12).placed(&Place::UPRIGHT);
        part.add(Material::MachinedSteel, probe.moved(0.0, a + 0.03, 0.10));
        let cable =
            [v(0.0, a + 0.12, 0.10), v(0.0, a + 0.17, 0.16), v(0.0, a * 0.72, a * 0.80), v(0.0, 0.16, a + 0.06)];
        part.add(Material::Rubber, pipe(&crate::mesh::bend(&cable, 0.12, 2), 0.012, 8));
    }
}

/// An outline in (y, z) with a bore about the axis, drawn along x.
fn across(outline: &[P2], bore: f64, x0: f64, x1: f64, bevel: f64) -> Shape {
    let (outer, inner) = star(outline, bore, 28);
    extrude_ring(&outer, &inner, x0, x1, bevel).placed(&Place::UPRIGHT)
}

/// Height of both main bearings' soles below the shaft axis.
pub const MAIN_SOLE: f64 = -0.80;

/// The front main bearing: a single row, as the turbine's table has it (`mb1Type`: CARB).
const FRONT: Rolling = Rolling { bore: FRONT_SEAT, outside: 0.69, width: 0.50, rollers: 20, rows: 1 };
/// The rear main bearing: two rows (`mb2Type`: SRB).
const REAR: Rolling = Rolling { bore: REAR_SEAT, outside: 0.54, width: 0.40, rollers: 18, rows: 2 };

/// A main bearing: its housing with the rings and the rollers in it. `id` is the housing's.
fn main(m: &mut Meshes, name: &str, id: &str, label: &str, pillow: Pillow) -> Node {
    let rolling = pillow.rolling;
    let what = label.to_lowercase();
    let mut piece = |suffix: &str, end: &str, title: &str, part: Part| {
        let node = leaf(
            m,
            &format!("{name}{suffix}"),
            &format!("{id}_{end}"),
            &format!("{title} of the {what}"),
            "bearing",
            part,
        );
        node.with(Meta::by(BEARINGS))
    };
    let x = v(1.0, 0.0, 0.0);
    let pieces = vec![
        piece("OuterRing", "outer_ring", "Outer ring", rolling.outer_ring()),
        piece("Rollers", "rollers", "Rollers and cage", rollers(&rolling, true)).turns_about(x),
        piece("InnerRing", "inner_ring", "Inner ring", rolling.inner_ring()).turns_about(x),
    ];
    leaf(m, name, id, label, "bearing", pillow.part()).with(Meta::by(BEARINGS)).holds(pieces)
}

/// The front main bearing.
pub fn main_front(m: &mut Meshes) -> Node {
    let pillow = Pillow { rolling: FRONT, arch: 0.86, foot: 1.30, sole: MAIN_SOLE };
    main(m, "MainBearingFront", "main_bearing", "Main bearing", pillow)
}

/// The rear main bearing.
pub fn main_rear(m: &mut Meshes) -> Node {
    let pillow = Pillow { rolling: REAR, arch: 0.69, foot: 1.20, sole: MAIN_SOLE };
    main(m, "MainBearingRear", "main_bearing_rear", "Rear main bearing", pillow)
}

/// Bore of the high-speed bearing: the sleeve on the shaft.
pub const HIGH_SPEED_BORE: f64 = 0.17;
/// Outside of the high-speed bearing: 340 × 620 × 224 mm, dimension series 32 of ISO 15.
const HIGH_SPEED_OUTSIDE: f64 = 0.31;
const HIGH_SPEED_WIDTH: f64 = 0.224;
/// Thickness of the flange that carries it.
const HIGH_SPEED_FLANGE: f64 = 0.09;

/// The simulator's bearing: two rows of 20 rollers, 66 mm in diameter and 75 mm long.
const HIGH_SPEED: Rolling =
    Rolling { bore: HIGH_SPEED_BORE, outside: HIGH_SPEED_OUTSIDE, width: HIGH_SPEED_WIDTH, rollers: 20, rows: 2 };
/// Its middle from the gearbox's rear face.
const HIGH_SPEED_MIDDLE: f64 = HIGH_SPEED_FLANGE + 0.05 + HIGH_SPEED_WIDTH / 2.0 - 0.01;

/// The high-speed shaft's bearing with its rollers and its inner ring. These are details of it, not parts: the state of
/// the bearing is theirs.
pub fn high_speed_bearing(m: &mut Meshes) -> Node {
    let middle = v(HIGH_SPEED_MIDDLE, 0.0, 0.0);
    let (roll, ring) = (
        m.keep("HighSpeedBearingRollers", rollers(&HIGH_SPEED, true)),
        m.keep("HighSpeedBearingRing", HIGH_SPEED.inner_ring()),
    );
    leaf(m, "HighSpeedBearing", "high_speed_bearing", "High-speed bearing", "bearing", high_speed())
        .with(Meta::by(BEARINGS))
        .holds(vec![
            Node::group("HighSpeedBearingRollers", "Rollers and cage", "bearing").shows(roll).at(middle),
            Node::group("HighSpeedBearingRing", "Inner ring", "bearing").shows(ring).at(middle),
        ])
}

/// The high-speed shaft's bearing on the gearbox's rear face (x = 0): the cover flange first, then a seat, then the
/// outer ring, open to the rear.
fn high_speed() -> Part {
    let mut part = Part::new();
    let f = HIGH_SPEED_FLANGE;
    let flange = [
        (-0.01, 0.43),
        (f - 0.035, 0.43),
        (f - 0.02, 0.415),
        (f - 0.02, 0.365),
        (f, 0.345),
        (f + 0.045, 0.335),
        (f + 0.05, 0.33),
        (f + 0.05, 0.22),
        (-0.01, 0.22),
    ];
    part.add(Material::GearboxPaint, fine_ring(&flange, 36));
    part.add(Material::MachinedSteel, bolts(16, 0.392, f - 0.02, 1.0, 0.036));
    part.join(HIGH_SPEED.outer_ring().moved(HIGH_SPEED_MIDDLE, 0.0, 0.0));
    // Two probes: temperature on top, vibration at the side.
    for turn in [0.0, -90.0] {
        let place = Place::about_x(turn);
        let boss = drum(0.335, 0.40, 0.026, 0.004, 12).placed(&Place::UPRIGHT).moved(f + 0.01, 0.0, 0.0);
        let probe = drum(0.395, 0.46, 0.014, 0.003, 12).placed(&Place::UPRIGHT).moved(f + 0.01, 0.0, 0.0);
        part.add(Material::CastIron, boss.placed(&place));
        part.add(Material::MachinedSteel, probe.placed(&place));
    }
    part
}

/// A generator bearing in its cartridge, looking towards -x from its end bell (x = 0 is its middle).
pub fn generator() -> Part {
    let mut part = Part::new();
    let rolling = Rolling { bore: 0.10, outside: 0.185, width: 0.085, rollers: 12, rows: 1 };
    for piece in [rolling.inner_ring(), rolling.outer_ring(), rollers(&rolling, false)] {
        part.join(piece.moved(-0.025, 0.0, 0.0));
    }
    let cartridge = [
        (0.02, 0.34),
        (0.005, 0.355),
        (-0.02, 0.355),
        (-0.035, 0.34),
        (-0.04, 0.235),
        (-0.07, 0.225),
        (-0.075, 0.185),
        (0.02, 0.185),
    ];
    part.add(Material::CastIron, lathe_ring(&cartridge, 40));
    part.add(Material::DarkSteel, bolts(12, 0.295, -0.036, -1.0, 0.03));
    // Grease nipple and probe.
    let nipple = drum(0.23, 0.30, 0.014, 0.003, 10).placed(&Place::UPRIGHT).moved(-0.055, 0.0, 0.0);
    part.add(Material::MachinedSteel, nipple);
    part
}

/// A pitch bearing, standing on its seat on the hub: outer ring to the hub. The inner ring with its teeth is the
/// blade's and turns with it.
pub fn pitch(tables: &Tables) -> Part {
    let mut part = Part::new();
    let root = tables.blade.first().map_or(1.3, |s| s.chord / 2.0);
    let h = PITCH_BEARING_HEIGHT;
    let up = Place::UPRIGHT;
    part.add(Material::MachinedSteel, tube(0.0, h - 0.035, root - 0.055, root + 0.07, 0.0, 52).placed(&up));
    part.add(Material::CastIron, tube(h - 0.02, h, root - 0.10, root - 0.005, 0.004, 52).placed(&up));
    part.add(Material::DarkSteel, bolts(30, root + 0.042, h - 0.035, 1.0, 0.034).placed(&up));
    part
}
