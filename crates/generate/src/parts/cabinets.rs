//! Steel cabinets: the converter's row and the control cabinet.

use super::{ELECTRIC, leaf};
use crate::math::{Place, v};
use crate::mesh::{block, drum, fins, sheet_box, tube};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Size of one cabinet, m; its front looks to +z, its foot stands at y = 0, its middle at x = 0.
pub struct Cabinet {
    /// Along x.
    pub width: f64,
    /// Along y.
    pub height: f64,
    /// Along z.
    pub depth: f64,
}

impl Cabinet {
    /// Plinth, body, door with hinges and handle.
    #[must_use]
    pub fn part(&self) -> Part {
        let mut part = Part::new();
        let (w, h, front) = (self.width / 2.0, self.height, self.depth / 2.0);
        let plinth = 0.10;
        let sheet = 0.003;
        let (a, b) = (v(-w + 0.02, 0.0, -front + 0.03), v(w - 0.02, plinth, front - 0.03));
        part.add(Material::DarkSteel, sheet_box(a, b, 0.01, sheet));
        part.add(Material::Cabinet, sheet_box(v(-w + 0.004, plinth, -front), v(w - 0.004, h, front), 0.015, sheet));
        // The door stands a little before the frame.
        let (z0, z1) = (front - 0.005, front + 0.028);
        part.add(Material::Cabinet, sheet_box(v(-w + 0.03, plinth + 0.03, z0), v(w - 0.03, h - 0.03, z1), 0.01, sheet));
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

    /// Air inlet in the door.
    pub fn louvre(&self, part: &mut Part, y: f64, count: u32) {
        let (w, z) = (self.width / 2.0 - 0.14, self.depth / 2.0 + 0.028);
        part.add(
            Material::GreyPaint,
            fins(count, v(-w, y, z - 0.005), v(w, y + 0.018, z + 0.012), v(0.0, 0.035, 0.0), 0.0),
        );
    }
}

/// Four cabinets side by side, with air inlets in the doors; on top of them fans, and the busbar duct behind. The front
/// looks to +z.
pub fn converter(m: &mut Meshes) -> Node {
    let cabinet = Cabinet { width: 0.70, height: 2.0, depth: 0.76 };
    let mut shared = Part::new();
    shared.add(Material::GreyPaint, sheet_box(v(-1.39, 2.0, -0.37), v(1.39, 2.14, -0.29), 0.012, 0.003));
    let mut cabinets = Vec::new();
    let mut plain = cabinet.part();
    cabinet.louvre(&mut plain, 0.28, 7);
    let mut control = plain.clone();
    cabinet.louvre(&mut plain, 1.52, 6);
    // Display and stop button of the control section.
    control.add(Material::Rubber, block(v(-0.15, 1.45, 0.40), v(0.15, 1.67, 0.412), 0.0));
    let button = drum(0.0, 0.03, 0.03, 0.006, 18).placed(&Place::ACROSS).moved(0.0, 1.32, 0.405);
    control.add(Material::DarkSteel, button);
    let (plain, control) = (m.keep("ConverterCabinet", plain), m.keep("ConverterControl", control));
    let sections = ["grid side", "control", "generator side", "filter and crowbar"];
    for (n, what) in (1..).zip(sections) {
        let x = (f64::from(n) - 2.5) * cabinet.width;
        // Fan box.
        let mut top = Part::new();
        top.add(Material::Cabinet, sheet_box(v(-0.27, 1.995, -0.27), v(0.27, 2.10, 0.27), 0.015, 0.003));
        top.add(Material::DarkSteel, tube(2.09, 2.118, 0.20, 0.23, 0.0, 24).placed(&Place::UPRIGHT));
        top.add(Material::DarkSteel, tube(2.095, 2.112, 0.10, 0.115, 0.0, 14).placed(&Place::UPRIGHT));
        shared.join(top.moved(x, 0.0, 0.0));
        let node = Node::part(
            &format!("ConverterCabinet{n}"),
            &format!("converter_cabinet_{n}"),
            &format!("Converter cabinet {n}, {what}"),
            "electrical",
        );
        let mesh = if n == 2 { control } else { plain };
        cabinets.push(node.shows(mesh).at(v(x, 0.0, 0.0)).with(Meta::by(ELECTRIC)));
    }
    leaf(m, "Converter", "converter", "Converter", "electrical", shared).with(Meta::by(ELECTRIC)).holds(cabinets)
}

/// A control cabinet; its front looks to +z.
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
    part
}
