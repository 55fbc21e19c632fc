//! The body: panels, glass and lamps on one smooth surface, with shut lines between them.
//!
//! The left side is drawn and mirrored. Lines along the car are hoops of the surface, upright ones have a constant x.

use super::dimensions::WHEELBASE;
use super::panel::{Line, Patch};
use super::surface::{At, TOP, angle_at, normal, place_at, point};
use crate::math::{Place, V3, cos, mix, sin, v};
use crate::mesh::{End, Shape, extrude, rounded, shell};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// Thickness of a panel with its frame and lining, m.
const PANEL: f64 = 0.022;
/// Thickness of glass, m.
const GLASS: f64 = 0.005;
/// Half of a shut line, m.
const GAP: f64 = 0.0025;
/// Radius of a wheel arch around the middle of its wheel, m.
const ARCH: f64 = 0.383;
/// Middle of the wheels above the ground, m.
const AXLE: f64 = super::dimensions::TYRE / 2.0;
/// Shut lines in side view: front and rear edge of the front door, rear edge of the rear door, m.
const DOORS: [f64; 3] = [-0.800, 0.272, 1.215];
/// Where bumpers end on the sides, m.
const BUMPERS: [f64; 2] = [-1.790, 1.795];
/// Hoops of the sill's upper edge, of the belt line, and of the upper edge of the windows.
const SILL: f64 = 0.62;
const BELT: f64 = 4.10;
const RAIL: f64 = 7.86;
/// Edge of the bonnet and of the windscreen, and of tailgate and rear window, degrees.
const BONNET: f64 = 46.5;
const TAILGATE: f64 = 146.0;

/// A hoop between two angles.
fn hoop(t: f64, from: f64, to: f64) -> Line {
    (0..=16).map(|k| (mix(from, to, f64::from(k) / 16.0), t)).collect()
}

/// A line with this x from hoop to hoop, on the left side.
fn upright(x: f64, from: f64, to: f64) -> Line {
    leaning((x, from), (x, to))
}

/// A straight line in side view between two (x, hoop).
fn leaning((x0, t0): (f64, f64), (x1, t1): (f64, f64)) -> Line {
    (0..=16)
        .map(|k| {
            let share = f64::from(k) / 16.0;
            let (x, t) = (mix(x0, x1, share), mix(t0, t1, share));
            (angle_at(t, x), t)
        })
        .collect()
}

/// The lip of a wheel arch from its front to its rear, down to the sill's upper edge.
fn arch(axle_x: f64) -> Line {
    (0..=28)
        .map(|k| {
            let a = mix(188.0, -8.0, f64::from(k) / 28.0);
            place_at(axle_x + ARCH * cos(a), AXLE + ARCH * sin(a), (0.0, BELT))
        })
        .collect()
}

fn join(lines: &[&[At]]) -> Line {
    lines.concat()
}

fn ends(line: &Line) -> (At, At) {
    let first = line.first().copied().unwrap_or((0.0, 0.0));
    (first, line.last().copied().unwrap_or(first))
}

/// Rear edge of the rear door: a line that gives way to the wheel arch.
fn rear_door_edge(by: f64) -> Line {
    (0..=24)
        .map(|k| {
            let t = mix(SILL, BELT, f64::from(k) / 24.0);
            let y = point((angle_at(t, 1.0), t)).y;
            let reach = ARCH + 0.055;
            let up = y - AXLE;
            let x = if up.abs() < reach { WHEELBASE / 2.0 - libm::sqrt(reach * reach - up * up) } else { DOORS[2] };
            (angle_at(t, x.min(DOORS[2]) + by), t)
        })
        .collect()
}

/// A panel whose four lines are found from three: `start` and `end`, and `bottom` and `top` as hoops if not given.
fn patch(bottom: Line, top: Line, start: Line, end: Line, size: (u32, u32)) -> Patch {
    Patch { bottom, top, start, end, size }
}

/// A panel between two hoops and two angles.
fn window((t0, t1): (f64, f64), (a0, a1): (f64, f64), size: (u32, u32)) -> Patch {
    patch(hoop(t0, a0, a1), hoop(t1, a0, a1), vec![(a0, t0), (a0, t1)], vec![(a1, t0), (a1, t1)], size)
}

/// A panel between two lines from below to above, closed by hoops.
fn between(start: Line, end: Line, size: (u32, u32)) -> Patch {
    let ((s0, s1), (e0, e1)) = (ends(&start), ends(&end));
    let line = |from: At, to: At| -> Line {
        (0..=16).map(|k| f64::from(k) / 16.0).map(|s| (mix(from.0, to.0, s), mix(from.1, to.1, s))).collect()
    };
    patch(line(s0, e0), line(s1, e1), start, end, size)
}

fn front_wing() -> Patch {
    let (foot, lamp) = ((angle_at(SILL, BUMPERS[0] + 0.004), SILL), (48.4, 3.46));
    let start = join(&[&leaning((BUMPERS[0] + 0.004, SILL), (BUMPERS[0] + 0.006, 2.4)), &[lamp]]);
    let end = upright(DOORS[0] - GAP, SILL, BELT);
    let bottom = join(&[&[foot], &arch(-WHEELBASE / 2.0), &[ends(&end).0]]);
    let cowl = (BONNET + 0.3, 4.9);
    let top = join(&[&[lamp, (BONNET + 0.5, 4.0), cowl], &[(56.0, 4.45)], &[ends(&end).1]]);
    patch(bottom, top, start, end, (44, 22))
}

fn rear_wing() -> Patch {
    let start = rear_door_edge(2.0 * GAP);
    let foot = (angle_at(SILL, BUMPERS[1] - 0.004), SILL);
    let edge = TAILGATE - 0.3;
    let end =
        join(&[&leaning((BUMPERS[1] - 0.004, SILL), (BUMPERS[1], 2.1)), &[(edge, 2.28), (edge, 3.2), (edge, BELT)]]);
    let bottom = join(&[&[ends(&start).0], &arch(WHEELBASE / 2.0), &[foot]]);
    let top = hoop(BELT, ends(&start).1.0, edge);
    patch(bottom, top, start, end, (44, 22))
}

/// The A-pillar's edges: angle at a hoop.
fn a_pillar(t: f64, by: f64) -> At {
    (mix(45.6, 42.0, (t - 5.0) / 3.0) + by, t)
}

fn pillar(from: f64, to: f64, by: f64) -> Line {
    (0..=16).map(|k| a_pillar(mix(from, to, f64::from(k) / 16.0), by)).collect()
}

fn front_window() -> Patch {
    let start =
        join(&[&[(angle_at(BELT + 0.05, DOORS[0] + 0.05), BELT + 0.05), (56.5, 4.56)], &pillar(5.02, RAIL, 3.6)]);
    let end = upright(0.242, BELT + 0.05, RAIL);
    between(start, end, (20, 18))
}

fn rear_window() -> Patch {
    between(upright(0.302, BELT + 0.05, RAIL), leaning((1.235, BELT + 0.05), (1.165, RAIL)), (18, 14))
}

/// Behind the rear door, up to the roof.
fn d_pillar() -> Patch {
    let edge = (0..=16).map(|k| (TAILGATE - 0.3, mix(BELT + 0.016, RAIL + 0.08, f64::from(k) / 16.0))).collect();
    between(leaning((1.252, BELT + 0.016), (1.182, RAIL + 0.08)), edge, (16, 16))
}

fn quarter_glass() -> Patch {
    between(leaning((1.285, 4.42), (1.235, 7.35)), leaning((1.500, 4.95), (1.360, 7.35)), (8, 10))
}

fn roof() -> Shape {
    const ROWS: u32 = 14;
    let skin = |depth: f64| -> Vec<Vec<V3>> {
        (0..=ROWS)
            .map(|row| {
                let t = mix(RAIL + 0.1, TOP - 0.25, f64::from(row) / f64::from(ROWS));
                (0..96)
                    .map(|k| {
                        // Columns close to the corners, where the outline bends.
                        let at = (3.75 * f64::from(k), t);
                        point(at) + normal(at) * -depth
                    })
                    .collect()
            })
            .collect()
    };
    let top = point((0.0, TOP));
    let middle = v(0.65, top.y, 0.0);
    let end = End::Pole { outer: middle, inner: middle - v(0.0, PANEL, 0.0) };
    shell(&skin(0.0), &skin(PANEL), End::Rim, end, &[])
}

fn mirror() -> Shape {
    let outline =
        rounded(&[(-0.095, -0.060, 0.035), (0.080, -0.062, 0.02), (0.080, 0.055, 0.03), (-0.06, 0.066, 0.05)], 5);
    let housing = extrude(&outline, 0.0, 0.155, 0.022).moved(-0.665, 1.045, 0.885);
    let mut shape = housing;
    shape.append(
        extrude(
            &rounded(&[(-0.045, -0.012, 0.01), (0.045, -0.012, 0.01), (0.045, 0.012, 0.01), (-0.045, 0.012, 0.01)], 3),
            0.0,
            0.09,
            0.0,
        )
        .moved(-0.660, 0.998, 0.800),
    );
    shape
}

struct Body<'a> {
    meshes: &'a mut Meshes,
    nodes: Vec<Node>,
}

const PRESSING: Meta = Meta::by("Example Pressings").of("steel and aluminium sheet");
const GLAZING: Meta = Meta::by("Example Glazing").of("laminated glass");
const LIGHTING: Meta = Meta::by("Example Lighting").of("polycarbonate");

impl Body<'_> {
    fn add(
        &mut self,
        name: &str,
        id: &str,
        label: &str,
        kind: &'static str,
        meta: Meta,
        material: Material,
        shape: Shape,
    ) {
        let mut part = Part::new();
        part.add(material, shape);
        let mesh = self.meshes.keep(name, part);
        self.nodes.push(Node::part(name, id, label, kind).shows(mesh).with(meta));
    }

    /// One for each side.
    fn both(
        &mut self,
        name: &str,
        id: &str,
        label: &str,
        kind: &'static str,
        meta: Meta,
        material: Material,
        shape: &Shape,
    ) {
        for (side, letter, word, place) in
            [("Left", "l", "left", Place::IDENTITY), ("Right", "r", "right", Place::MIRROR_Z)]
        {
            let shape = shape.clone().placed(&place);
            let (name, id, label) = (format!("{name}{side}"), format!("{id}_{letter}"), format!("{label}, {word}"));
            self.add(&name, &id, &label, kind, meta, material, shape);
        }
    }
}

/// The body in white, its glass and its lamps.
pub(super) fn body(meshes: &mut Meshes) -> Node {
    use Material::{Cabinet, DarkSteel, MachinedSteel, WhitePaint};
    let mut body = Body { meshes, nodes: Vec::new() };
    let panel = |patch: Patch| patch.solid(0.0, PANEL);
    let glass = |patch: Patch| patch.solid(-0.004, GLASS);

    let bumper_end = |side: f64| -> Line {
        let line = leaning((BUMPERS[0], 0.0), (BUMPERS[0], 2.4));
        join(&[&line, &[(48.0, 3.46)]]).iter().map(|&(a, t)| (side * a, t)).collect()
    };
    body.add(
        "BumperFront",
        "bumper_front",
        "Front bumper",
        "housing",
        PRESSING,
        WhitePaint,
        panel(between(bumper_end(-1.0), bumper_end(1.0), (48, 20))),
    );
    let edge = |side: f64| vec![(side * (BONNET + 1.3), 3.52), (side * BONNET, 4.0), (side * (BONNET - 0.2), 4.92)];
    body.add(
        "Bonnet",
        "bonnet",
        "Bonnet",
        "housing",
        PRESSING,
        WhitePaint,
        panel(between(edge(-1.0), edge(1.0), (40, 22))),
    );
    body.both("WingFront", "wing_front", "Front wing", "housing", PRESSING, WhitePaint, &panel(front_wing()));
    body.both(
        "DoorFront",
        "door_front",
        "Front door",
        "housing",
        PRESSING,
        WhitePaint,
        &panel(between(upright(DOORS[0] + GAP, SILL, BELT), upright(DOORS[1] - GAP, SILL, BELT), (20, 20))),
    );
    body.both(
        "DoorRear",
        "door_rear",
        "Rear door",
        "housing",
        PRESSING,
        WhitePaint,
        &panel(between(upright(DOORS[1] + GAP, SILL, BELT), rear_door_edge(0.0), (20, 20))),
    );
    body.both("WingRear", "wing_rear", "Rear wing", "housing", PRESSING, WhitePaint, &panel(rear_wing()));
    body.both(
        "Sill",
        "sill",
        "Sill",
        "housing",
        PRESSING,
        DarkSteel,
        &between(upright(-1.000, 0.0, SILL - 0.03), upright(0.985, 0.0, SILL - 0.03), (24, 5)).solid(0.0, 0.05),
    );
    body.both(
        "PillarA",
        "pillar_a",
        "A-pillar",
        "housing",
        PRESSING,
        WhitePaint,
        &panel(between(pillar(5.0, RAIL + 0.08, 0.3), pillar(5.0, RAIL + 0.08, 3.3), (4, 18))),
    );
    body.both(
        "PillarB",
        "pillar_b",
        "B-pillar",
        "housing",
        PRESSING,
        DarkSteel,
        &panel(between(upright(0.248, BELT + 0.03, RAIL + 0.08), upright(0.296, BELT + 0.03, RAIL + 0.08), (3, 14))),
    );
    body.both("PillarD", "pillar_d", "D-pillar", "housing", PRESSING, WhitePaint, &panel(d_pillar()));
    body.add("Roof", "roof", "Roof", "housing", PRESSING, WhitePaint, roof());
    let rear_end = |mirror: bool| -> Line {
        let line = join(&[&leaning((BUMPERS[1], 0.0), (BUMPERS[1] + 0.005, 2.05)), &[(TAILGATE, 2.26)]]);
        line.iter().map(|&(a, t)| (if mirror { 360.0 - a } else { a }, t)).collect()
    };
    body.add(
        "BumperRear",
        "bumper_rear",
        "Rear bumper",
        "housing",
        PRESSING,
        WhitePaint,
        panel(between(rear_end(false), rear_end(true), (40, 14))),
    );
    body.add(
        "Tailgate",
        "tailgate",
        "Tailgate",
        "housing",
        PRESSING,
        WhitePaint,
        panel(window((2.28, 4.92), (TAILGATE, 360.0 - TAILGATE), (36, 18))),
    );
    body.add(
        "Spoiler",
        "spoiler",
        "Roof spoiler",
        "housing",
        PRESSING,
        WhitePaint,
        window((7.5, 8.35), (150.0, 210.0), (28, 6)).solid(0.028, 0.020),
    );

    body.add(
        "Windscreen",
        "windscreen",
        "Windscreen",
        "housing",
        GLAZING,
        DarkSteel,
        glass(between(
            pillar(4.99, RAIL, 0.0).iter().map(|&(a, t)| (-a, t)).collect(),
            pillar(4.99, RAIL, 0.0),
            (28, 20),
        )),
    );
    body.both("WindowFront", "window_front", "Front window", "housing", GLAZING, DarkSteel, &glass(front_window()));
    body.both("WindowRear", "window_rear", "Rear side window", "housing", GLAZING, DarkSteel, &glass(rear_window()));
    body.both(
        "WindowQuarter",
        "window_quarter",
        "Quarter window",
        "housing",
        GLAZING,
        DarkSteel,
        &quarter_glass().solid(0.002, GLASS),
    );
    body.add(
        "WindowTailgate",
        "window_tailgate",
        "Rear window",
        "housing",
        GLAZING,
        DarkSteel,
        glass(window((5.0, RAIL), (TAILGATE + 0.8, 359.2 - TAILGATE), (28, 14))),
    );

    body.both(
        "Headlamp",
        "headlamp",
        "Headlamp",
        "lamp",
        LIGHTING,
        Cabinet,
        &between(leaning_angles((20.0, 2.95), (21.5, 3.34)), leaning_angles((51.5, 2.98), (49.5, 3.42)), (18, 5))
            .solid(0.004, 0.05),
    );
    body.add(
        "LightBar",
        "light_bar",
        "Daytime running light",
        "lamp",
        LIGHTING,
        Cabinet,
        window((3.15, 3.23), (-19.5, 19.5), (20, 2)).solid(0.003, 0.012),
    );
    body.both(
        "Taillamp",
        "taillamp",
        "Tail lamp",
        "lamp",
        LIGHTING,
        DarkSteel,
        &between(leaning_angles((133.0, 3.18), (131.0, 3.62)), leaning_angles((162.0, 3.05), (163.0, 3.55)), (18, 5))
            .solid(0.004, 0.04),
    );
    body.add(
        "Intake",
        "intake",
        "Cooling air intake",
        "trim",
        PRESSING,
        DarkSteel,
        window((0.75, 1.55), (-27.0, 27.0), (24, 4)).solid(0.003, 0.018),
    );
    body.add(
        "PlateRear",
        "plate_rear",
        "Number plate carrier",
        "trim",
        PRESSING,
        Cabinet,
        window((1.25, 1.62), (166.0, 194.0), (8, 3)).solid(0.004, 0.008),
    );
    body.both("Mirror", "mirror", "Door mirror", "trim", LIGHTING, WhitePaint, &mirror());
    for (name, id, x) in [("HandleFront", "handle_front", 0.13), ("HandleRear", "handle_rear", 1.03)] {
        body.both(
            name,
            id,
            "Door handle",
            "trim",
            PRESSING,
            MachinedSteel,
            &between(leaning((x - 0.09, 2.88), (x - 0.09, 2.99)), leaning((x + 0.09, 2.90), (x + 0.09, 3.01)), (6, 2))
                .solid(0.012, 0.016),
        );
    }
    let children = body.nodes;
    Node::part("Body", "body", "Body", "system").holds(children)
}

/// A straight line in (angle, hoop).
fn leaning_angles(from: At, to: At) -> Line {
    vec![from, to]
}
