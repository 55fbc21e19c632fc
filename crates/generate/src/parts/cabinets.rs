//! Steel cabinets: the converter's row and the control cabinet.

use crate::math::{Place, v};
use crate::mesh::{block, drum, fins, tube};
use crate::scene::{Material, Part};

/// Size of one cabinet; its front looks to +z, its foot stands at y = 0, its middle at x = 0.
struct Cabinet {
    width: f64,
    height: f64,
    depth: f64,
}

impl Cabinet {
    fn part(&self) -> Part {
        let mut part = Part::new();
        let (w, h, front) = (self.width / 2.0, self.height, self.depth / 2.0);
        let plinth = 0.10;
        part.add(Material::DarkSteel, block(v(-w + 0.02, 0.0, -front + 0.03), v(w - 0.02, plinth, front - 0.03), 0.01));
        part.add(Material::Cabinet, block(v(-w + 0.004, plinth, -front), v(w - 0.004, h, front), 0.015));
        // The door stands a little before the frame.
        let (z0, z1) = (front - 0.005, front + 0.028);
        part.add(Material::Cabinet, block(v(-w + 0.03, plinth + 0.03, z0), v(w - 0.03, h - 0.03, z1), 0.01));
        for y in [plinth + 0.25, h - 0.25] {
            let hinge = drum(-0.05, 0.05, 0.014, 0.003, 10).placed(&Place::UPRIGHT);
            part.add(Material::DarkSteel, hinge.moved(-w + 0.025, y, z1));
        }
        part.add(
            Material::DarkSteel,
            block(v(w - 0.11, h * 0.5, z1 - 0.005), v(w - 0.07, h * 0.5 + 0.22, z1 + 0.022), 0.008),
        );
        part
    }

    fn louvre(&self, part: &mut Part, y: f64, count: u32) {
        let (w, z) = (self.width / 2.0 - 0.14, self.depth / 2.0 + 0.028);
        part.add(
            Material::GreyPaint,
            fins(count, v(-w, y, z - 0.005), v(w, y + 0.018, z + 0.012), v(0.0, 0.035, 0.0), 0.0),
        );
    }
}

/// Four cabinets side by side, with air inlets in the doors, fans on top and the busbar duct behind; the front looks
/// to +z.
pub fn converter() -> Part {
    let mut part = Part::new();
    let cabinet = Cabinet { width: 0.70, height: 2.0, depth: 0.76 };
    for k in 0..4 {
        let x = (f64::from(k) - 1.5) * cabinet.width;
        let mut one = cabinet.part();
        cabinet.louvre(&mut one, 0.28, 7);
        if k != 1 {
            cabinet.louvre(&mut one, 1.52, 6);
        } else {
            // Display and stop button of the control section.
            one.add(Material::Rubber, block(v(-0.15, 1.45, 0.40), v(0.15, 1.67, 0.412), 0.0));
            let button = drum(0.0, 0.03, 0.03, 0.006, 14).placed(&Place::ACROSS).moved(0.0, 1.32, 0.405);
            one.add(Material::DarkSteel, button);
        }
        // Fan box.
        one.add(Material::Cabinet, block(v(-0.27, 1.995, -0.27), v(0.27, 2.10, 0.27), 0.015));
        let grille = tube(2.09, 2.118, 0.20, 0.23, 0.0, 24);
        one.add(Material::DarkSteel, grille.placed(&Place::UPRIGHT));
        one.add(Material::DarkSteel, tube(2.095, 2.112, 0.10, 0.115, 0.0, 14).placed(&Place::UPRIGHT));
        part.join(one.moved(x, 0.0, 0.0));
    }
    part.add(Material::GreyPaint, block(v(-1.36, 2.0, -0.37), v(1.36, 2.14, -0.29), 0.012));
    part
}

/// The control cabinet; its front looks to -z, towards the middle of the nacelle.
pub fn control() -> Part {
    let cabinet = Cabinet { width: 0.60, height: 1.8, depth: 0.44 };
    let mut part = cabinet.part();
    part.add(Material::Rubber, block(v(-0.16, 1.30, 0.245), v(0.12, 1.50, 0.256), 0.0));
    for (k, x) in [-0.14, -0.05, 0.04].into_iter().enumerate() {
        let lamp = drum(0.0, 0.02 + 0.006 * k as f64, 0.018, 0.005, 12).placed(&Place::ACROSS);
        part.add(Material::DarkSteel, lamp.moved(x, 1.20, 0.246));
    }
    cabinet.louvre(&mut part, 0.30, 5);
    for x in [-0.18, -0.06, 0.06, 0.18] {
        part.add(Material::Rubber, drum(1.79, 1.88, 0.025, 0.005, 12).placed(&Place::UPRIGHT).moved(x, 0.0, -0.08));
    }
    part.placed(&Place::about_y(180.0))
}
