//! The two planetary stages: ring gear, carrier with planets on their bearings, sun.
//!
//! Tooth counts, modules, face widths, profile shifts and centre distances are the table's, scaled as the layout says.
//! At rest each tooth meets a gap; what turns has a node of its own, and planets are the carrier's children.

use super::bearing::{Rolling, rollers};
use super::gearbox::{RING_1, RING_2};
use super::layout::Layout;
use super::{BEARINGS, GEARS, leaf};
use crate::math::{Place, cos, quaternion, sin, v};
use crate::mesh::{
    Shape, Teeth, block, centres, drum, external_gear, extrude_ring, in_mesh, internal_gear, lathe, lathe_ring,
    ring_in_mesh, rounded, star, tube,
};
use crate::scene::{Material, Meshes, Meta, Node, Part};
use crate::tables::Stage;

/// Where the first planet stands, as an angle about x.
const FIRST_PLANET: f64 = 60.0;
const STEEL: Material = Material::MachinedSteel;

/// The wheels of a planetary stage. The sun's first tooth looks to +y.
pub struct Wheels {
    /// With inner teeth.
    pub ring: Teeth,
    /// Three of them.
    pub planet: Teeth,
    /// In the middle.
    pub sun: Teeth,
}

impl Wheels {
    /// From a line of the table.
    #[must_use]
    pub fn of(stage: &Stage) -> Wheels {
        let [ring, planet, sun] = [(stage.driver, 0), (stage.planet, 1), (stage.driven, 2)].map(|(count, k)| Teeth {
            count,
            module: stage.module,
            shift: stage.shifts.get(k).copied().unwrap_or(0.0),
            shortened: 0.0,
            helix: 0.0,
        });
        let (_, shortened) = centres(&sun, &planet);
        Wheels { ring, planet: Teeth { shortened, ..planet }, sun: Teeth { shortened, ..sun } }
    }
}

/// Sizes that differ between the two stages, m.
struct Size {
    /// The carrier's cheeks: front and rear, each from front to rear.
    cheeks: [(f64, f64); 2],
    /// Bore of the front and the rear cheek.
    bores: [f64; 2],
    /// Planet bearing (the table's, scaled): bore, outside radius.
    bearing: (f64, f64),
    /// Posts between the cheeks: from radius, to radius, half width.
    post: (f64, f64, f64),
    /// Journals of the carrier: front and rear, as (x of the end, inner and outer radius).
    journals: [(f64, f64, f64); 2],
}

const SIZES: [Size; 2] = [
    Size {
        cheeks: [(RING_1.0 - 0.045, 0.515), (0.925, 1.005)],
        bores: [0.27, 0.36],
        bearing: (0.16, 0.24),
        post: (0.43, 0.555, 0.20),
        journals: [(0.02, 0.32, 0.41), (1.075, 0.33, 0.40)],
    },
    Size {
        cheeks: [(1.135, RING_2.0 + 0.008), (1.652, 1.72)],
        bores: [0.12, 0.19],
        bearing: (0.152, 0.208),
        post: (0.285, 0.42, 0.07),
        journals: [(1.08, 0.19, 0.27), (1.79, 0.19, 0.25)],
    },
];

/// Where the carriers' bearings sit: middle, bore, outside, width.
const CARRIER_BEARINGS: [(f64, f64, f64, f64); 4] =
    [(0.25, 0.41, 0.62, 0.16), (1.045, 0.40, 0.50, 0.06), (1.108, 0.27, 0.37, 0.05), (1.758, 0.25, 0.36, 0.055)];

/// Everything of one planetary stage; `index` is 0 or 1.
pub fn planetary(layout: &Layout, index: usize, m: &mut Meshes) -> Node {
    let n = index + 1;
    let ordinal = if index == 0 { "first" } else { "second" };
    let group = Node::part(
        &format!("PlanetStage{n}"),
        &format!("planet_stage_{n}"),
        &format!("{} planetary stage", if index == 0 { "First" } else { "Second" }),
        "gear",
    )
    .with(Meta::by(GEARS));
    let (Some(stage), Some(size)) = (layout.stages.get(index), SIZES.get(index)) else { return group };
    let wheels = Wheels::of(stage);
    let x = v(1.0, 0.0, 0.0);
    let (x0, x1) = if index == 0 { RING_1 } else { RING_2 };
    let middle = (x0 + x1) / 2.0;
    let (g0, g1) = (middle - stage.face / 2.0, middle + stage.face / 2.0);

    let planet_turn = |at: f64| in_mesh(&wheels.sun, 0.0, &wheels.planet, at);
    let ring_turn = ring_in_mesh(&wheels.ring, &wheels.planet, planet_turn(FIRST_PLANET), FIRST_PLANET);
    let about = |degrees: f64| quaternion(x, degrees);

    let ring = leaf(
        m,
        &format!("RingGear{n}"),
        &format!("ring_gear_{n}"),
        &format!("Ring gear, {ordinal} stage"),
        // It is the gearbox's wall here, and hides what turns inside unless it is drawn as glass.
        "housing",
        ring_gear(&wheels, g0, g1),
    )
    .turned(about(ring_turn))
    .with(Meta::by(GEARS));

    let planet = m.keep(&format!("Planet{n}"), planet_wheel(&wheels, size, g0 + 0.01, g1 - 0.01));
    let bearing = m.keep(&format!("PlanetBearing{n}"), planet_bearing(size, stage.face - 0.04));
    let mut on_carrier = Vec::new();
    for k in 1..=3 {
        let at = FIRST_PLANET + 120.0 * f64::from(k - 1);
        let p = v(0.0, stage.centres * cos(at), stage.centres * sin(at));
        let name = |what: &str| format!("{what}{n}{k}");
        on_carrier.push(
            Node::part(&name("Planet"), &format!("planet_{n}_{k}"), &format!("Planet {k}, {ordinal} stage"), "gear")
                .shows(planet)
                .at(p)
                .turned(about(planet_turn(at)))
                .turns_about(x)
                .with(Meta::by(GEARS)),
        );
        on_carrier.push(
            Node::part(
                &name("PlanetBearing"),
                &format!("planet_bearing_{n}_{k}"),
                &format!("Bearing of planet {k}, {ordinal} stage"),
                "bearing",
            )
            .shows(bearing)
            .at(p + x * middle)
            .turns_about(x)
            .with(Meta::by(BEARINGS)),
        );
    }
    let carrier = leaf(
        m,
        &format!("Carrier{n}"),
        &format!("carrier_{n}"),
        &format!("Planet carrier, {ordinal} stage"),
        "gear",
        carrier(stage, size),
    )
    .turns_about(x)
    .with(Meta::by(GEARS).of("cast iron"))
    .holds(on_carrier);

    let sun = leaf(
        m,
        &format!("SunGear{n}"),
        &format!("sun_gear_{n}"),
        &format!("Sun gear, {ordinal} stage"),
        "gear",
        sun_wheel(&wheels, g0 - 0.005, g1 + 0.005),
    )
    .turns_about(x)
    .with(Meta::by(GEARS));
    let sun = if index == 0 { sun.holds(vec![first_intermediate_shaft(m)]) } else { sun };
    group.holds(vec![ring, carrier, sun])
}

/// The four bearings of the two carriers.
pub fn carrier_bearings(m: &mut Meshes) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (k, (x, bore, outside, width)) in (1..).zip(CARRIER_BEARINGS) {
        let count = if outside > 0.5 { 30 } else { 24 };
        let rolling = Rolling { bore, outside, width, rollers: count, rows: 1 };
        let mut part = rolling.inner_ring();
        part.join(rolling.outer_ring());
        part.join(rollers(&rolling, false));
        let name = format!("CarrierBearing{k}");
        let node = leaf(m, &name, &format!("carrier_bearing_{k}"), &format!("Carrier bearing {k}"), "bearing", part);
        nodes.push(node.at(v(x, 0.0, 0.0)).with(Meta::by(BEARINGS)));
    }
    nodes
}

fn ring_gear(wheels: &Wheels, g0: f64, g1: f64) -> Part {
    let mut part = Part::new();
    part.add(STEEL, internal_gear(&wheels.ring, g0, g1, wheels.ring.inner_root() + 0.018));
    part
}

fn planet_wheel(wheels: &Wheels, size: &Size, g0: f64, g1: f64) -> Part {
    let mut part = Part::new();
    part.add(STEEL, external_gear(&wheels.planet, g0, g1, size.bearing.1));
    part
}

fn planet_bearing(size: &Size, length: f64) -> Part {
    let (bore, outside) = size.bearing;
    // Two rows of cylindrical rollers; the planet's bore is their outer raceway.
    let rolling = Rolling { bore, outside: outside + 0.003, width: length, rollers: 18, rows: 2 };
    let mut part = rolling.inner_ring();
    part.join(rollers(&rolling, false));
    part
}

fn sun_wheel(wheels: &Wheels, g0: f64, g1: f64) -> Part {
    let mut part = Part::new();
    let root = wheels.sun.root();
    part.add(STEEL, external_gear(&wheels.sun, g0, g1, root * 0.45));
    // The shaft that carries it, and leaves to the rear.
    let r = root * 0.45 + 0.002;
    part.add(STEEL, lathe(&[(g0 - 0.01, r - 0.01), (g0, r), (g1 + 0.06, r), (g1 + 0.07, r - 0.01)], 24));
    part
}

/// From the first sun to the second carrier: a quill shaft in two toothed couplings.
fn first_intermediate_shaft(m: &mut Meshes) -> Node {
    let mut part = Part::new();
    let shaft = [(0.95, 0.10), (1.00, 0.12), (1.02, 0.12), (1.04, 0.105), (1.14, 0.105), (1.16, 0.12), (1.20, 0.12)];
    part.add(STEEL, lathe(&shaft, 24));
    let teeth = Teeth::plain(28, 0.01);
    part.add(STEEL, external_gear(&teeth, 0.985, 1.03, 0.11));
    part.add(STEEL, external_gear(&teeth, 1.145, 1.19, 0.11));
    leaf(m, "IntermediateShaft1", "intermediate_shaft_1", "Intermediate shaft, first to second stage", "shaft", part)
        .with(Meta::by(GEARS))
}

/// Cheeks, posts, pins and journals of a planet carrier.
fn carrier(stage: &Stage, size: &Size) -> Part {
    let mut part = Part::new();
    let iron = Material::CastIron;
    let (pin, _) = size.bearing;
    let lobe = pin + if stage.planet < 20 { 0.06 } else { 0.045 };
    let [front, rear] = size.cheeks;
    for ((x0, x1), bore) in size.cheeks.into_iter().zip(size.bores) {
        part.add(iron, cheek(stage.centres, lobe, bore, x0, x1));
    }
    let (low, high, half) = size.post;
    for k in 0..3 {
        let post = block(v(front.1 - 0.01, low, -half), v(rear.0 + 0.01, high, half), 0.02);
        part.add(iron, post.placed(&Place::about_x(FIRST_PLANET + 60.0 + 120.0 * f64::from(k))));
        let place = Place::shift(0.0, stage.centres, 0.0).then(&Place::about_x(FIRST_PLANET + 120.0 * f64::from(k)));
        part.add(Material::DarkSteel, drum(front.0 - 0.006, rear.1 + 0.006, pin - 0.001, 0.01, 28).placed(&place));
        // A retaining plate on each end of the pin.
        for (x, d) in [(front.0, -0.014), (rear.1, 0.014)] {
            part.add(STEEL, tube(x, x + d, pin * 0.45, pin + 0.02, 0.004, 28).placed(&place));
        }
    }
    for ((end, inner, outer), (x0, x1)) in size.journals.into_iter().zip(size.cheeks) {
        // From the cheek's middle to the journal's end, with a fillet where it meets the cheek.
        let (face, towards) = if end < x0 { (x0, -1.0) } else { (x1, 1.0) };
        let root = (face - towards * 0.01, outer + 0.035);
        let profile =
            [root, (face + towards * 0.012, outer + 0.02), (face + towards * 0.03, outer), (end, outer), (end, inner)];
        let mut profile = profile.to_vec();
        profile.push((root.0, inner));
        part.add(iron, lathe_ring(&profile, 40));
    }
    part
}

/// A cheek of the planet carrier: a plate with three rounded lobes around the planets' pins.
fn cheek(centres: f64, lobe: f64, bore: f64, x0: f64, x1: f64) -> Shape {
    // The corner of an equilateral triangle lies two radii outside the circle that rounds it.
    let corner = centres + 2.0 * lobe;
    let corners: Vec<(f64, f64, f64)> =
        [60.0, 180.0, 300.0].iter().map(|&a| (corner * cos(a), corner * sin(a), lobe)).collect();
    let (outer, inner) = star(&rounded(&corners, 7), bore, 24);
    extrude_ring(&outer, &inner, x0, x1, 0.008).placed(&Place::UPRIGHT)
}
