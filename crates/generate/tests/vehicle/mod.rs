//! What the electric vehicle's model promises to those who use it.

use crate::{find, model, origin_of, world_points};
use twinscope_generate::math::V3;
use twinscope_generate::scene::Scene;
use twinscope_generate::vehicle::dimensions::{
    CELLS, HEIGHT, LENGTH, MODULES, NOSE, PACK, PACK_BOTTOM, TRACK, TYRE, WHEELBASE, WIDTH, reduction,
};

fn car() -> Scene {
    model("electric_vehicle")
}

/// Lowest and highest corner.
fn ends(points: &[V3]) -> (V3, V3) {
    points.iter().fold((points[0], points[0]), |(low, high), p| {
        let least = V3 { x: low.x.min(p.x), y: low.y.min(p.y), z: low.z.min(p.z) };
        (least, V3 { x: high.x.max(p.x), y: high.y.max(p.y), z: high.z.max(p.z) })
    })
}

#[test]
fn length_and_height_are_the_tables_and_so_is_the_width_without_mirrors() {
    let scene = car();
    let (low, high) = ends(&world_points(&scene, "Body"));
    assert!((low.x - NOSE).abs() < 0.01, "{}", low.x);
    assert!((high.x - low.x - LENGTH).abs() < 0.015, "{}", high.x - low.x);
    assert!((high.y - HEIGHT).abs() < 0.03, "{}", high.y);
    let (low, high) = (ends(&world_points(&scene, "DoorFrontRight")).0, ends(&world_points(&scene, "DoorFrontLeft")).1);
    assert!((high.z - low.z - WIDTH).abs() < 0.02, "{}", high.z - low.z);
}

#[test]
fn wheels_stand_on_the_ground_at_wheelbase_and_track() {
    let scene = car();
    let place = |name: &str| origin_of(&scene, name).origin;
    assert!((place("WheelRL").x - place("WheelFL").x - WHEELBASE).abs() < 1e-9);
    assert!((place("WheelFL").z - place("WheelFR").z - TRACK).abs() < 1e-9);
    for wheel in ["WheelFL", "WheelFR", "WheelRL", "WheelRR"] {
        let (low, high) = ends(&world_points(&scene, wheel));
        assert!(low.y.abs() < 0.002 && (high.y - TYRE).abs() < 0.002, "{wheel}: {} to {}", low.y, high.y);
        assert!(low.z.abs().max(high.z.abs()) < WIDTH / 2.0, "{wheel} sticks out");
    }
}

#[test]
fn there_are_288_cells_of_one_mesh_inside_the_pack() {
    let scene = car();
    let mut meshes = vec![];
    scene.walk(&mut |node, _| {
        if node.kind == "cell" {
            meshes.push(node.mesh);
        }
    });
    assert_eq!(meshes.len() as u32, MODULES * CELLS);
    meshes.dedup();
    assert_eq!(meshes.len(), 1, "cells share one mesh");
    for module in 1..=MODULES {
        let (low, high) = ends(&world_points(&scene, &format!("Module{module}")));
        assert!(low.x > -PACK.0 / 2.0 && high.x < PACK.0 / 2.0, "module {module}");
        assert!(low.z > -PACK.1 / 2.0 && high.z < PACK.1 / 2.0, "module {module}");
        assert!(low.y > PACK_BOTTOM && high.y < PACK_BOTTOM + PACK.2 - 0.0115, "module {module}");
    }
}

#[test]
fn cells_and_modules_do_not_reach_into_each_other() {
    let scene = car();
    let boxes: Vec<_> = (1..=MODULES).map(|k| ends(&world_points(&scene, &format!("Module{k}")))).collect();
    for (k, (a, b)) in boxes.iter().enumerate() {
        for (c, d) in &boxes[k + 1..] {
            let apart = a.x > d.x || c.x > b.x || a.z > d.z || c.z > b.z;
            assert!(apart, "module {}", k + 1);
        }
    }
    let place = |n: u32| origin_of(&scene, &format!("Module1Cell{n}")).origin.z;
    let (low, high) = ends(&world_points(&scene, "Module1Cell1"));
    assert!((place(2) - place(1)).abs() > high.z - low.z);
}

#[test]
fn the_pack_is_as_large_as_published() {
    let (low, high) = ends(&world_points(&car(), "PackLid"));
    assert!((high.x - low.x - PACK.0).abs() < 1e-6 && (high.z - low.z - PACK.1).abs() < 1e-6);
    let (tray, _) = ends(&world_points(&car(), "PackTray"));
    assert!((high.y - tray.y - PACK.2).abs() < 1e-6, "{}", high.y - tray.y);
}

#[test]
fn shafts_turn_about_z_and_lie_as_far_apart_as_their_teeth_need() {
    let scene = car();
    for name in ["MotorRotor", "IntermediateShaft", "Differential", "HalfShaftLeft", "WheelRL"] {
        let axis = find(&scene.root, name).unwrap().axis.unwrap();
        assert!((axis.x, axis.y, axis.z) == (0.0, 0.0, 1.0), "{name}");
    }
    let between = |a: &str, b: &str| {
        let (a, b) = (origin_of(&scene, a).origin, origin_of(&scene, b).origin);
        (a.x - b.x).hypot(a.y - b.y)
    };
    // (21 + 56) · 2 mm / 2 and (19 + 82) · 2.5 mm / 2.
    assert!((between("MotorRotor", "IntermediateShaft") - 0.077).abs() < 1e-9);
    assert!((between("IntermediateShaft", "Differential") - 0.12625).abs() < 1e-9);
    assert!((reduction() - 56.0 / 21.0 * 82.0 / 19.0).abs() < 1e-12);
}

#[test]
fn the_body_is_left_and_right_alike() {
    let scene = car();
    for name in ["WingFront", "DoorFront", "DoorRear", "WingRear", "PillarA", "WindowFront", "Headlamp"] {
        let (left, right) =
            (world_points(&scene, &format!("{name}Left")), world_points(&scene, &format!("{name}Right")));
        let ((a, b), (c, d)) = (ends(&left), ends(&right));
        assert!((a.z + d.z).abs() < 1e-9 && (b.z + c.z).abs() < 1e-9 && (a.x - c.x).abs() < 1e-9, "{name}");
    }
}

#[test]
fn nothing_of_the_skateboard_pokes_through_the_body() {
    let scene = car();
    for name in ["Pack", "DriveUnit", "Electrics", "ThermalLoop", "Cabin"] {
        for p in world_points(&scene, name) {
            assert!(p.z.abs() < WIDTH / 2.0 - 0.02, "{name} through the side: {p:?}");
            assert!(p.x > NOSE + 0.02 && p.x < NOSE + LENGTH - 0.02, "{name} through an end: {p:?}");
            assert!(p.y < HEIGHT - 0.04 && p.y > 0.10, "{name} through roof or ground: {p:?}");
        }
    }
}
