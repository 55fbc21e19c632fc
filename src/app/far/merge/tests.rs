use super::*;

fn piece(mesh: Mesh, place: Vec3, mover: Option<usize>, shell: bool) -> Piece {
    Piece {
        raw: Arc::new(Raw::of(&mesh).unwrap()),
        place: Affine3A::from_translation(place),
        colour: Vec4::new(0.1, 0.2, 0.3, 1.0),
        mover,
        shell,
    }
}

fn ball(radius: f32) -> Mesh {
    Sphere::new(radius).mesh().uv(32, 24)
}

/// The extent of a body along x, m.
fn reach(mesh: &Mesh) -> (f32, f32) {
    let VertexAttributeValues::Float32x3(positions) = mesh.attribute(Mesh::ATTRIBUTE_POSITION).unwrap() else {
        panic!("positions")
    };
    positions.iter().fold((f32::MAX, f32::MIN), |(low, high), p| (low.min(p[0]), high.max(p[0])))
}

#[test]
fn what_moves_together_is_one_body_in_the_frame_of_its_mover() {
    let pieces = [
        piece(ball(1.0), Vec3::ZERO, None, false),
        piece(ball(1.0), Vec3::new(10.0, 0.0, 0.0), Some(0), false),
        piece(ball(1.0), Vec3::new(14.0, 0.0, 0.0), Some(0), false),
    ];
    let movers = [(Affine3A::from_translation(Vec3::new(12.0, 0.0, 0.0)), None)];
    let plan = merge(&pieces, &movers).unwrap();
    assert_eq!(plan.bodies.iter().map(|(mover, _)| *mover).collect::<Vec<_>>(), [None, Some(0)]);
    let (low, high) = reach(&plan.bodies[1].1);
    assert!((low + 3.0).abs() < 0.05 && (high - 3.0).abs() < 0.05, "{low} to {high}");
    assert_eq!(plan.body_of, [1, 0]);
}

#[test]
fn what_is_small_and_moves_stands_still_in_the_body_that_carries_it() {
    let pieces =
        [piece(ball(10.0), Vec3::ZERO, None, false), piece(ball(0.3), Vec3::new(20.0, 0.0, 0.0), Some(0), false)];
    let plan = merge(&pieces, &[(Affine3A::from_translation(Vec3::new(20.0, 0.0, 0.0)), None)]).unwrap();
    assert_eq!(plan.bodies.len(), 1);
    assert_eq!(plan.body_of, [0, 0]);
    assert!(reach(&plan.bodies[0].1).1 > 20.0);
}

#[test]
fn what_is_inside_of_a_housing_is_left_out() {
    let shell = || piece(Cuboid::from_length(10.0).mesh().build(), Vec3::ZERO, None, true);
    let alone = merge(&[shell()], &[]).unwrap();
    let filled = merge(&[shell(), piece(ball(2.0), Vec3::ZERO, None, false)], &[]).unwrap();
    let corners = |plan: &Plan| plan.bodies[0].1.count_vertices();
    assert_eq!(corners(&alone), corners(&filled));
}

#[test]
fn a_model_without_faces_has_no_bodies() {
    assert!(merge(&[], &[]).is_none());
}
