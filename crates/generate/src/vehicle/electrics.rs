//! Charger, converter to 12 V, auxiliary battery, charge port and the high-voltage cables.
//!
//! Cables are grey with marking rings: orange would be the colour of a state.

use super::dimensions::{PACK, PACK_BOTTOM};
use super::drive::motor;
use crate::math::{V3, v};
use crate::mesh::{bend, block, drum, fins, hose, pipe};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Radius of a high-voltage cable, m.
const CABLE: f64 = 0.0095;

/// A cable with rings every 15 cm.
fn cable(path: &[V3]) -> Part {
    let path = bend(path, 0.07, 6);
    let mut part = Part::new();
    part.add(Material::GreyPaint, hose(&path, CABLE, 10));
    let mut left = 0.10;
    for pair in path.windows(2) {
        let along = pair[1] - pair[0];
        let mut at = left;
        while at < along.length() {
            let (from, axis) = (pair[0] + along.unit() * at, along.unit());
            part.add(Material::Cabinet, pipe(&[from - axis * 0.006, from + axis * 0.006], CABLE + 0.0012, 10));
            at += 0.15;
        }
        left = at - along.length();
    }
    part
}

fn finned(low: V3, high: V3, count: u32) -> Part {
    let mut part = Part::new();
    part.add(Material::Aluminium, block(low, high, 0.008));
    let pitch = (high.x - low.x - 0.03) / f64::from(count);
    let first = v(low.x + 0.015, high.y + 0.0005, low.z + 0.012);
    part.add(
        Material::Aluminium,
        fins(count, first, v(first.x + 0.004, high.y + 0.013, high.z - 0.012), v(pitch, 0.0, 0.0), 0.0),
    );
    part
}

fn auxiliary() -> Part {
    let mut part = Part::new();
    let (low, high) = (v(-1.78, 0.60, 0.20), v(-1.60, 0.76, 0.42));
    part.add(Material::DarkSteel, block(low, high, 0.006));
    part.add(
        Material::Cabinet,
        block(
            v(low.x + 0.008, high.y + 0.0004, low.z + 0.008),
            v(high.x - 0.008, high.y + 0.012, high.z - 0.008),
            0.004,
        ),
    );
    for z in [0.245, 0.375] {
        part.add(
            Material::Copper,
            block(v(-1.765, high.y + 0.0125, z - 0.008), v(-1.745, high.y + 0.028, z + 0.008), 0.002),
        );
    }
    part
}

fn port() -> Part {
    // On the right rear wing: -z.
    let mut part = Part::new();
    let place = v(1.66, 0.80, -0.790);
    part.add(Material::DarkSteel, block(place - v(0.075, 0.095, 0.006), place + v(0.075, 0.095, 0.02), 0.006));
    let socket = |x: f64, y: f64, r: f64| {
        drum(0.0, 0.03, r, 0.002, 20).placed(&crate::math::Place::ACROSS).moved(
            place.x + x,
            place.y + y,
            place.z - 0.0365,
        )
    };
    part.add(Material::Cabinet, socket(0.0, 0.035, 0.033));
    for x in [-0.026, 0.026] {
        part.add(Material::Cabinet, socket(x, -0.045, 0.020));
    }
    part
}

/// Everything electric outside of pack and drive unit.
pub(super) fn electrics(meshes: &mut Meshes) -> Node {
    let m = motor();
    let front = -PACK.0 / 2.0;
    let pack = PACK_BOTTOM + 0.09;
    let mut add = |name: &str, id: &str, label: &str, kind: &'static str, meta: Meta, part: Part| {
        let mesh = meshes.keep(name, part);
        Node::part(name, id, label, kind).shows(mesh).with(meta)
    };
    let cables = Meta::by("Example Cables").of("copper and silicone");
    let children = vec![
        add(
            "Charger",
            "charger",
            "On-board charger",
            "converter",
            Meta::by("Example Power").of("aluminium").weighs(11.5),
            finned(v(1.52, 0.50, -0.36), v(1.86, 0.60, 0.02), 12),
        ),
        add(
            "DcDc",
            "dcdc",
            "DC-DC converter",
            "converter",
            Meta::by("Example Power").of("aluminium").weighs(4.2),
            finned(v(-1.52, 0.58, -0.14), v(-1.30, 0.67, 0.12), 8),
        ),
        add(
            "AuxiliaryBattery",
            "battery_12v",
            "12 V battery",
            "battery",
            Meta::by("Example Batteries").of("lead and polypropylene").weighs(13.4),
            auxiliary(),
        ),
        add(
            "ChargePort",
            "charge_port",
            "Charge port",
            "connector",
            Meta::by("Example Connectors").of("plastic and copper").weighs(1.7),
            port(),
        ),
        add("CablesDrive", "cables_drive", "High-voltage cables, drive", "cable", cables, {
            let mut part = Part::new();
            for z in [0.02, 0.08] {
                let socket = v(m.x - 0.206, m.y + 0.173, z);
                part.join(cable(&[v(0.90, pack, z), v(0.955, pack, z), v(0.955, socket.y, z), socket]));
            }
            part
        }),
        add(
            "CablesFront",
            "cables_front",
            "High-voltage cables, front",
            "cable",
            cables,
            cable(&[
                v(front, pack, 0.05),
                v(front - 0.10, pack, 0.05),
                v(front - 0.16, 0.50, 0.05),
                v(-1.299, 0.625, 0.05),
            ]),
        ),
        add("CablesCharge", "cables_charge", "High-voltage cables, charging", "cable", cables, {
            let mut part = Part::new();
            for offset in [-0.03, 0.03] {
                part.join(cable(&[
                    v(1.66 + offset, 0.757, -0.769),
                    v(1.66 + offset, 0.757, -0.62),
                    v(1.70 + offset, 0.58, -0.52),
                    v(1.70 + offset, 0.55, -0.361),
                ]));
            }
            part.join(cable(&[
                v(1.519, 0.54, -0.20),
                v(1.33, 0.54, -0.24),
                v(0.98, 0.42, -0.26),
                v(0.95, pack, -0.26),
                v(0.90, pack, -0.26),
            ]));
            part
        }),
    ];
    Node::part("Electrics", "electrics", "High-voltage system", "system").holds(children)
}
