//! What stands on the roof beside cooler and wind sensors: hatches, handrails, aviation lights, lightning rods.

use super::housing::ROOF;
use super::{ELECTRIC, STEEL, leaf};
use crate::math::{Place, v};
use crate::mesh::{bend, block, drum, extrude, lathe, pipe, rounded};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// All of it, in the nacelle's frame.
pub fn on_roof(m: &mut Meshes) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (n, (x, half)) in (1..).zip([(-1.6, 0.45), (1.2, 0.7), (4.0, 0.45)]) {
        let node = leaf(
            m,
            &format!("RoofHatch{n}"),
            &format!("roof_hatch_{n}"),
            &format!("Roof hatch {n}"),
            "hatch",
            hatch(half),
        );
        nodes.push(node.at(v(x, ROOF, 0.0)).with(Meta::by(STEEL).of("glass fibre laminate")));
    }
    nodes.push(leaf(m, "RoofRails", "roof_rails", "Handrails on the roof", "structure", rails()).with(Meta::by(STEEL)));
    let light = m.keep("AviationLight", light());
    let rod = m.keep("LightningRod", rod());
    for (n, s) in (1..).zip([-1.0, 1.0]) {
        let node = Node::part(
            &format!("AviationLight{n}"),
            &format!("aviation_light_{n}"),
            &format!("Aviation light {n}"),
            "light",
        );
        nodes.push(node.shows(light).at(v(7.75, ROOF - 0.01, s * 1.35)).with(Meta::by(ELECTRIC)));
    }
    for (n, (x, z)) in (1..).zip([(8.45, -1.55), (8.45, 1.55), (-2.55, 0.0)]) {
        let node = Node::part(
            &format!("LightningRod{n}"),
            &format!("lightning_rod_{n}"),
            &format!("Lightning rod {n}"),
            "structure",
        );
        nodes.push(node.shows(rod).at(v(x, ROOF - 0.03, z)).with(Meta::by(ELECTRIC)));
    }
    nodes
}

fn hatch(half: f64) -> Part {
    let mut part = Part::new();
    let outline = rounded(&[(-half, -0.5, 0.1), (half, -0.5, 0.1), (half, 0.5, 0.1), (-half, 0.5, 0.1)], 4);
    // The outline lies in (x, z); an extrusion along z then stands upright after a quarter turn.
    let lid = extrude(&outline, 0.0, 0.075, 0.02).placed(&Place::about_x(90.0));
    part.add(Material::Laminate, lid.moved(0.0, 0.055, 0.0));
    for z in [-0.3, 0.3] {
        part.add(Material::DarkSteel, block(v(-half - 0.02, -0.01, z - 0.06), v(-half + 0.05, 0.07, z + 0.06), 0.01));
    }
    part
}

/// Rails either side of the way over the roof.
fn rails() -> Part {
    let mut part = Part::new();
    for z in [-1.25, 1.25] {
        let (a, b) = (-2.2, 5.4);
        for (top, r) in [(1.0, 0.022), (0.52, 0.016)] {
            let path = [v(a, ROOF - 0.02, z), v(a, ROOF + top, z), v(b, ROOF + top, z), v(b, ROOF - 0.02, z)];
            part.add(Material::GreyPaint, pipe(&bend(&path, 0.15, 3), r, 8));
        }
        for k in 1..6 {
            let x = a + (b - a) * f64::from(k) / 6.0;
            part.add(Material::GreyPaint, pipe(&[v(x, ROOF - 0.02, z), v(x, ROOF + 1.0, z)], 0.018, 8));
            part.add(
                Material::DarkSteel,
                block(v(x - 0.06, ROOF - 0.01, z - 0.05), v(x + 0.06, ROOF + 0.014, z + 0.05), 0.004),
            );
        }
    }
    part
}

/// A lamp on a short post. Its cover is grey here: what it signals is not the viewer's to colour.
fn light() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::GreyPaint, block(v(-0.09, 0.0, -0.09), v(0.09, 0.03, 0.09), 0.008));
    part.add(Material::GreyPaint, pipe(&[v(0.0, 0.02, 0.0), v(0.0, 0.72, 0.0)], 0.03, 14));
    part.add(Material::DarkSteel, drum(0.70, 0.80, 0.10, 0.012, 28).placed(&up));
    part.add(Material::Lamp, lathe(&[(0.80, 0.085), (0.96, 0.085), (1.00, 0.07), (1.02, 0.03)], 28).placed(&up));
    for a in [0.0, 90.0, 180.0, 270.0] {
        let guard = [v(0.094, 0.79, 0.0), v(0.094, 1.0, 0.0), v(0.03, 1.04, 0.0)];
        part.add(Material::DarkSteel, pipe(&bend(&guard, 0.04, 2), 0.006, 8).placed(&Place::about_y(a)));
    }
    part
}

fn rod() -> Part {
    let mut part = Part::new();
    let up = Place::UPRIGHT;
    part.add(Material::DarkSteel, drum(0.0, 0.05, 0.07, 0.01, 18).placed(&up));
    part.add(
        Material::MachinedSteel,
        lathe(&[(0.04, 0.02), (0.9, 0.018), (0.91, 0.012), (1.8, 0.010), (1.9, 0.002)], 12).placed(&up),
    );
    part
}
