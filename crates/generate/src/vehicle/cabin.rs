//! Seats, dashboard and steering wheel: enough to see that people sit in it.

use crate::math::{Place, cos, sin, v};
use crate::mesh::{Shape, extrude, fine_ring, rounded};
use crate::scene::{Material, Meshes, Meta, Node, Part};

/// A seat in side view, x to the rear, from its front lower corner.
fn seat(width: f64) -> Shape {
    let outline = rounded(
        &[
            (0.00, 0.00, 0.03),
            (0.46, -0.04, 0.05),
            (0.56, 0.02, 0.04),
            (0.76, 0.66, 0.05),
            (0.66, 0.69, 0.05),
            (0.45, 0.13, 0.09),
            (0.02, 0.13, 0.05),
        ],
        4,
    );
    extrude(&outline, -width / 2.0, width / 2.0, 0.035)
}

fn head_rest() -> Shape {
    extrude(
        &rounded(&[(0.0, 0.0, 0.03), (0.09, 0.0, 0.03), (0.11, 0.17, 0.03), (0.03, 0.18, 0.03)], 4),
        -0.13,
        0.13,
        0.02,
    )
}

/// Seats, dashboard and steering wheel.
pub(super) fn cabin(meshes: &mut Meshes) -> Node {
    let trim = Meta::by("Example Interiors").of("textile and foam");
    let mut front = Part::new();
    front.add(Material::GreyPaint, seat(0.52));
    front.add(Material::GreyPaint, head_rest().moved(0.68, 0.71, 0.0));
    let front = meshes.keep("SeatFront", front);
    let mut bench = Part::new();
    bench.add(Material::GreyPaint, seat(1.28));
    for z in [-0.42, 0.0, 0.42] {
        bench.add(Material::GreyPaint, head_rest().moved(0.68, 0.70, z));
    }
    let bench = meshes.keep("SeatRear", bench);
    let mut dashboard = Part::new();
    let outline = rounded(
        &[(-0.93, 0.86, 0.05), (-0.60, 0.70, 0.04), (-0.52, 0.80, 0.05), (-0.56, 0.93, 0.06), (-0.92, 1.00, 0.03)],
        4,
    );
    dashboard.add(Material::DarkSteel, extrude(&outline, -0.66, 0.66, 0.03));
    let dashboard = meshes.keep("Dashboard", dashboard);
    let mut wheel = Part::new();
    let profile: Vec<_> =
        (0..10).map(|k| 36.0 * f64::from(k)).map(|a| (0.015 * cos(a), 0.178 + 0.017 * sin(a))).collect();
    wheel.add(Material::DarkSteel, fine_ring(&profile, 40));
    wheel.add(
        Material::DarkSteel,
        extrude(
            &rounded(&[(-0.17, -0.02, 0.0), (0.17, -0.02, 0.0), (0.09, 0.05, 0.03), (-0.09, 0.05, 0.03)], 3),
            -0.012,
            0.012,
            0.004,
        )
        .placed(&Place { axes: [v(0.0, 0.0, 1.0), v(0.0, 1.0, 0.0), v(-1.0, 0.0, 0.0)], origin: v(0.0, 0.0, 0.0) }),
    );
    let wheel = meshes.keep("SteeringWheel", wheel);
    // The column rises towards the driver at 24 degrees; driver on the left, which is +z.
    let half = 24.0 / 2.0;
    let tilt = [0.0, 0.0, sin(half), cos(half)];
    Node::part("Cabin", "cabin", "Cabin", "system").holds(vec![
        Node::part("SeatDriver", "seat_driver", "Driver's seat", "trim")
            .shows(front)
            .at(v(-0.30, 0.44, 0.37))
            .with(trim),
        Node::part("SeatPassenger", "seat_passenger", "Passenger's seat", "trim")
            .shows(front)
            .at(v(-0.30, 0.44, -0.37))
            .with(trim),
        Node::part("SeatRear", "seat_rear", "Rear bench", "trim").shows(bench).at(v(0.62, 0.46, 0.0)).with(trim),
        Node::part("Dashboard", "dashboard", "Dashboard", "trim").shows(dashboard).with(trim),
        Node::part("SteeringWheel", "steering_wheel", "Steering wheel", "control")
            .shows(wheel)
            .at(v(-0.43, 0.92, 0.37))
            .turned(tilt)
            .turns_about(v(1.0, 0.0, 0.0))
            .with(trim),
    ])
}
