//! The coolant loop: radiator with fan, pump, chiller, and the hoses between them, the pack and the drive unit.
//!
//! Hoses are given in the direction of the flow: pump, chiller, pack, drive unit, radiator, pump.

use super::dimensions::{PACK, PACK_BOTTOM};
use super::drive::motor;
use crate::math::{Place, V3, v};
use crate::mesh::{Shape, bend, block, drum, extrude, fine_tube, hose, lathe};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// The radiator's front, m.
const RADIATOR: f64 = -1.965;

fn radiator() -> Part {
    let mut part = Part::new();
    let (x0, x1) = (RADIATOR, RADIATOR + 0.030);
    let (low, high, half) = (0.34, 0.68, 0.30);
    for side in [-1.0, 1.0] {
        part.add(
            Material::DarkSteel,
            block(v(x0 - 0.006, low, side * half), v(x1 + 0.006, high, side * (half + 0.05)), 0.008),
        );
    }
    for k in 0..18 {
        let y = low + 0.012 + (high - low - 0.024) * f64::from(k) / 17.0;
        part.add(
            Material::Aluminium,
            block(v(x0 + 0.003, y - 0.0012, -half + 0.0005), v(x1 - 0.003, y + 0.0012, half - 0.0005), 0.0),
        );
    }
    for k in 0..60 {
        let z = -half + 0.01 + (2.0 * half - 0.02) * f64::from(k) / 59.0;
        part.add(
            Material::Aluminium,
            block(v(x0 + 0.008, low + 0.004, z - 0.0006), v(x1 - 0.008, high - 0.004, z + 0.0006), 0.0),
        );
    }
    part
}

/// Seven blades about x, around the origin.
fn fan() -> Part {
    let mut part = Part::new();
    part.add(Material::DarkSteel, drum(-0.022, 0.022, 0.052, 0.006, 32));
    part.add(Material::DarkSteel, fine_tube(-0.014, 0.014, 0.158, 0.163, 0.001, 56));
    for k in 0..7 {
        let blade = [(-0.024, 0.0515), (0.024, 0.0515), (0.036, 0.157), (-0.030, 0.157)];
        let blade = extrude(&blade, -0.0018, 0.0018, 0.0);
        // In the plane of the fan, twisted against it.
        let place = Place::about_y(62.0).then(&Place::about_x(360.0 * f64::from(k) / 7.0));
        part.add(Material::DarkSteel, blade.placed(&place));
    }
    part
}

fn shroud() -> Part {
    let mut part = Part::new();
    part.add(Material::DarkSteel, fine_tube(-0.020, 0.030, 0.168, 0.176, 0.001, 56));
    part.add(Material::DarkSteel, drum(0.032, 0.085, 0.042, 0.006, 24));
    for k in 0..3 {
        let strut = block(v(0.038, 0.043, -0.008), v(0.046, 0.167, 0.008), 0.0);
        part.add(Material::DarkSteel, strut.placed(&Place::about_x(120.0 * f64::from(k) + 30.0)));
    }
    part
}

fn pump() -> Part {
    let mut part = Part::new();
    let body = [(-0.075, 0.034), (-0.012, 0.036), (-0.010, 0.045), (0.022, 0.045), (0.030, 0.020), (0.060, 0.017)];
    part.add(Material::Aluminium, lathe(&body, 28));
    part.add(Material::Aluminium, drum(0.0, 0.045, 0.014, 0.0, 14).placed(&Place::UPRIGHT).moved(0.006, 0.040, 0.028));
    for k in 0..10 {
        let rib = block(v(-0.070, 0.0345, -0.002), v(-0.016, 0.0395, 0.002), 0.0);
        part.add(Material::Aluminium, rib.placed(&Place::about_x(36.0 * f64::from(k))));
    }
    part
}

fn chiller() -> Part {
    let mut part = Part::new();
    for k in 0..14 {
        let y = 0.006 * f64::from(k);
        part.add(Material::Aluminium, block(v(-0.055, y, -0.045), v(0.055, y + 0.0045, 0.045), 0.0));
    }
    part.add(Material::DarkSteel, block(v(-0.058, -0.007, -0.048), v(0.058, -0.001, 0.048), 0.002));
    part.add(Material::DarkSteel, block(v(-0.058, 0.084, -0.048), v(0.058, 0.090, 0.048), 0.002));
    for (x, z) in [(-0.038, -0.028), (0.038, 0.028)] {
        part.add(Material::MachinedSteel, drum(0.0905, 0.115, 0.011, 0.0, 14).placed(&Place::UPRIGHT).moved(x, 0.0, z));
    }
    part
}

fn tank() -> Part {
    let mut part = Part::new();
    part.add(Material::Cabinet, block(v(-0.08, 0.0, -0.06), v(0.08, 0.12, 0.06), 0.022));
    part.add(Material::DarkSteel, drum(0.121, 0.145, 0.028, 0.004, 20).placed(&Place::UPRIGHT));
    part
}

fn line(path: &[V3], radius: f64) -> Shape {
    hose(&bend(path, 0.055, 5), radius, 12)
}

/// The loop with its hoses.
pub(super) fn thermal(meshes: &mut Meshes) -> Node {
    let m = motor();
    let (front, plate) = (-PACK.0 / 2.0, PACK_BOTTOM + 0.03);
    let (pump_at, chiller_at) = (v(-1.66, 0.40, 0.26), v(-1.20, 0.42, -0.28));
    let fan_at = v(RADIATOR + 0.070, 0.51, 0.0);
    let mut keep = |name: &str, part: Part| meshes.keep(name, part);
    let hoses = [
        (
            "HosePump",
            "hose_pump",
            "Coolant hose, pump to chiller",
            vec![
                v(-1.60, 0.40, 0.26),
                v(-1.46, 0.40, 0.26),
                v(-1.40, 0.47, -0.10),
                v(-1.30, 0.47, -0.28),
                v(-1.258, 0.46, -0.28),
            ],
        ),
        (
            "HosePack",
            "hose_pack",
            "Coolant hose, chiller to pack",
            vec![v(-1.142, 0.44, -0.28), v(-1.06, 0.42, -0.28), v(-1.02, plate, -0.28), v(front, plate, -0.28)],
        ),
        (
            "HoseDrive",
            "hose_drive",
            "Coolant hose, pack to drive unit",
            vec![
                v(-front, plate, 0.45),
                v(0.98, plate, 0.45),
                v(1.04, m.y, 0.34),
                v(m.x, m.y + 0.06, 0.33),
                v(m.x, m.y + 0.06, 0.228),
            ],
        ),
        (
            "HoseReturn",
            "hose_return",
            "Coolant hose, drive unit to radiator",
            vec![
                v(m.x, m.y - 0.07, 0.228),
                v(m.x, m.y - 0.07, 0.40),
                v(1.00, 0.31, 0.66),
                v(0.80, 0.335, 0.70),
                v(-0.80, 0.335, 0.70),
                v(-1.02, 0.34, 0.62),
                v(-1.16, 0.36, 0.22),
                v(-1.58, 0.50, 0.12),
                v(-1.80, 0.64, 0.325),
                v(RADIATOR + 0.037, 0.64, 0.325),
            ],
        ),
        (
            "HoseRadiator",
            "hose_radiator",
            "Coolant hose, radiator to pump",
            vec![v(RADIATOR + 0.037, 0.38, 0.325), v(-1.84, 0.38, 0.325), v(-1.78, 0.36, 0.28), v(-1.736, 0.40, 0.26)],
        ),
    ];
    let mut children: Vec<Node> = hoses
        .into_iter()
        .map(|(name, id, label, path)| {
            let mut part = Part::new();
            part.add(Material::Rubber, line(&path, 0.0115));
            let mesh = keep(name, part);
            Node::part(name, id, label, "hose").shows(mesh).with(Meta::by("Example Hoses").of("EPDM rubber"))
        })
        .collect();
    let (radiator, fan, shroud) = (keep("Radiator", radiator()), keep("Fan", fan()), keep("FanShroud", shroud()));
    let (pump, chiller, tank) = (keep("Pump", pump()), keep("Chiller", chiller()), keep("ExpansionTank", tank()));
    children.extend([
        Node::part("Radiator", "radiator", "Radiator", "cooler")
            .shows(radiator)
            .with(Meta::by("Example Thermal").of("aluminium")),
        Node::part("FanShroud", "fan_motor", "Fan motor and shroud", "motor")
            .shows(shroud)
            .at(fan_at)
            .with(Meta::by("Example Motors")),
        Node::part("Fan", "fan", "Fan", "fan")
            .shows(fan)
            .at(fan_at)
            .turns_about(v(1.0, 0.0, 0.0))
            .with(Meta::by("Example Thermal").of("polyamide").weighs(0.9)),
        Node::part("Pump", "coolant_pump", "Coolant pump", "pump")
            .shows(pump)
            .at(pump_at)
            .with(Meta::by("Example Pumps").of("aluminium").weighs(1.1)),
        Node::part("Chiller", "chiller", "Chiller", "cooler")
            .shows(chiller)
            .at(chiller_at)
            .with(Meta::by("Example Thermal").of("aluminium")),
        Node::part("ExpansionTank", "expansion_tank", "Expansion tank", "tank")
            .shows(tank)
            .at(v(-1.42, 0.66, 0.36))
            .with(Meta::by("Example Thermal").of("polypropylene").weighs(0.7)),
    ]);
    Node::part("ThermalLoop", "thermal_loop", "Thermal loop", "system").holds(children)
}
