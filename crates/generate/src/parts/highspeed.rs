//! From gearbox to generator: the high-speed shaft, the brake, the coupling.

use super::bearing::HIGH_SPEED_BORE;
use super::layout::Layout;
use crate::math::{Place, v};
use crate::mesh::{block, bolts, circle, drum, extrude, fine_tube, lathe, tube};
use crate::scene::{Material, Part};
use crate::tables::Tables;

/// The high-speed shaft; x = 0 is the gearbox's rear face.
pub fn shaft(tables: &Tables, layout: &Layout) -> Part {
    let mut part = Part::new();
    let r = tables.high_speed_shaft / 2.0;
    let sleeve = HIGH_SPEED_BORE - 0.001;
    let end = layout.coupling_x - layout.coupling_length / 2.0 - layout.high_speed_face;
    let profile = [
        (-0.54, 0.085),
        (-0.53, 0.095),
        (-0.02, 0.10),
        (0.0, r),
        (0.10, r),
        (0.105, sleeve - 0.01),
        (0.115, sleeve),
        (0.372, sleeve),
        (0.38, sleeve - 0.008),
        (0.38, r),
        (end - 0.012, r),
        (end, r - 0.012),
    ];
    part.add(Material::MachinedSteel, lathe(&profile, 28));
    // Shaft nut: eight flats and a lock plate, which also show that the shaft turns.
    part.add(Material::DarkSteel, tube(0.388, 0.443, r + 0.001, 0.198, 0.012, 8));
    for k in 0..4 {
        let key = block(v(0.442, r - 0.01, -0.016), v(0.46, r + 0.045, 0.016), 0.0);
        part.add(Material::MachinedSteel, key.placed(&Place::about_x(90.0 * f64::from(k))));
    }
    part
}

/// A ventilated disc: two plates with vanes between, on a bell.
pub fn brake_disc() -> Part {
    let mut part = Part::new();
    let steel = Material::MachinedSteel;
    part.add(steel, fine_tube(-0.036, -0.014, 0.19, 0.43, 0.004, 36));
    part.add(steel, fine_tube(0.014, 0.036, 0.19, 0.43, 0.004, 36));
    for k in 0..20 {
        let vane = block(v(-0.015, 0.205, -0.005), v(0.015, 0.422, 0.005), 0.0);
        part.add(steel, vane.placed(&Place::about_x(18.0 * f64::from(k))));
    }
    part.add(Material::DarkSteel, tube(-0.11, 0.05, 0.143, 0.215, 0.012, 28));
    part.add(Material::DarkSteel, tube(0.03, 0.06, 0.15, 0.27, 0.011, 28));
    part.add(Material::MachinedSteel, bolts(12, 0.242, 0.06, 1.0, 0.03));
    part
}

/// The caliper, on a bracket from the gearbox's rear face; the origin is the disc's middle on the shaft axis.
pub fn brake_caliper(layout: &Layout) -> Part {
    let mut part = Part::new();
    let dark = Material::DarkSteel;
    // Drawn above the shaft, then turned to the side of the main axis, where the gearbox's face is.
    let mut upper = Part::new();
    for s in [-1.0, 1.0] {
        let (a, b) = (s * 0.058, s * 0.175);
        upper.add(dark, block(v(a, 0.26, -0.17), v(b, 0.52, 0.17), 0.025));
        let cylinder = drum(0.0, 0.05, 0.075, 0.012, 20);
        let cylinder = if s < 0.0 { cylinder.placed(&Place::about_y(180.0)) } else { cylinder };
        for z in [-0.085, 0.085] {
            upper.add(Material::MachinedSteel, cylinder.clone().moved(s * 0.17, 0.36, z));
        }
        // Pad and its back plate.
        let (p, q) = (s * 0.0365, s * 0.0595);
        upper.add(Material::Rubber, block(v(p, 0.28, -0.13), v(q, 0.415, 0.13), 0.0));
    }
    upper.add(dark, block(v(-0.15, 0.445, -0.16), v(0.15, 0.53, 0.16), 0.02));
    // Two bracket plates back to the gearbox, and the foot on its face.
    let back = layout.high_speed_face - layout.brake_x;
    for z in [-0.155, 0.115] {
        upper.add(Material::GreyPaint, block(v(back + 0.02, 0.34, z), v(0.05, 0.50, z + 0.04), 0.01));
    }
    upper.add(Material::GreyPaint, block(v(back - 0.005, 0.30, -0.19), v(back + 0.04, 0.54, 0.19), 0.01));
    part.join(upper.placed(&Place::about_x(-100.0)));
    part
}

/// A coupling with two laminated discs and an insulating tube between; the origin is its middle.
pub fn coupling(layout: &Layout) -> Part {
    let mut part = Part::new();
    let half = layout.coupling_length / 2.0;
    for s in [-1.0, 1.0] {
        let side = |a: f64, b: f64| (s * a, s * b);
        // Hub on the shaft's end.
        let (a, b) = side(half, half - 0.055);
        part.add(Material::DarkSteel, drum(a, b, 0.225, 0.012, 28));
        let (a, b) = side(half + 0.06, half - 0.01);
        part.add(Material::DarkSteel, tube(a, b, 0.101, 0.17, 0.012, 28));
        // Disc pack: six-sided plates, alternately bolted to either side.
        for k in 0..5 {
            let x = half - 0.078 - 0.011 * f64::from(k);
            let (a, b) = side(x, x - 0.008);
            let plate = extrude(&circle((0.0, 0.0), 0.236, 6), a, b, 0.0).placed(&Place::UPRIGHT);
            let plate = plate.placed(&Place::about_x(30.0));
            part.add(Material::MachinedSteel, plate);
        }
        let (a, b) = side(half - 0.052, half - 0.152);
        part.add(Material::DarkSteel, drum(a, b, 0.09, 0.004, 20));
        let (a, b) = side(half - 0.146, half - 0.20);
        part.add(Material::DarkSteel, drum(a, b, 0.225, 0.012, 28));
        for k in 0..6 {
            let place = Place::about_x(60.0 * f64::from(k) + 30.0);
            let (a, b) = side(half + 0.012, half - 0.218);
            part.add(Material::MachinedSteel, drum(a, b, 0.014, 0.002, 12).moved(0.0, 0.188, 0.0).placed(&place));
            let (a, b) = side(half + 0.016, half - 0.002);
            part.add(Material::MachinedSteel, drum(a, b, 0.026, 0.002, 6).moved(0.0, 0.188, 0.0).placed(&place));
        }
    }
    part.add(Material::Resin, drum(-half + 0.19, half - 0.19, 0.175, 0.01, 28));
    part
}
