use super::*;

/// A sphere of a metre with one normal a corner.
fn ball() -> Mesh {
    Sphere::new(1.0).mesh().uv(64, 48)
}

fn triangles(mesh: &Mesh) -> usize {
    mesh.indices().map_or(0, |indices| indices.len() / 3)
}

#[test]
fn a_coarser_level_has_fewer_triangles_and_stays_within_its_error() {
    let mesh = ball();
    let levels = Soup::of(&mesh).unwrap().levels();
    assert!(!levels.is_empty());
    let mut before = triangles(&mesh);
    for ((level, error_m), share) in levels.iter().zip(ERRORS) {
        assert!(triangles(level) < before, "{} after {before}", triangles(level));
        assert!(*error_m <= share * 2.0 * 1.001, "{error_m} m");
        before = triangles(level);
        // Corners are corners of the whole mesh, on the ball; the middle of each face is not deeper than the error.
        let VertexAttributeValues::Float32x3(positions) = level.attribute(Mesh::ATTRIBUTE_POSITION).unwrap() else {
            panic!("positions")
        };
        let indices: Vec<usize> = level.indices().unwrap().iter().collect();
        let deepest = indices
            .chunks_exact(3)
            .map(|face| 1.0 - (face.iter().map(|&i| Vec3::from(positions[i])).sum::<Vec3>() / 3.0).length())
            .fold(0.0, f32::max);
        // The quadric measures a mean over the faces that were there: the deepest point is at most some times that.
        assert!(deepest < 4.0 * share * 2.0, "{deepest} m");
    }
}

#[test]
fn a_level_keeps_the_attributes_of_its_mesh() {
    let mesh = ball();
    let (level, _) = Soup::of(&mesh).unwrap().levels().remove(0);
    for attribute in [Mesh::ATTRIBUTE_POSITION, Mesh::ATTRIBUTE_NORMAL, Mesh::ATTRIBUTE_UV_0] {
        let values = level.attribute(attribute).unwrap();
        assert_eq!(values.len(), level.count_vertices(), "{}", attribute.name);
    }
}

#[test]
fn what_has_few_triangles_is_left_alone() {
    assert!(Soup::of(&Cuboid::from_length(1.0).mesh().build()).is_none());
}

#[test]
fn the_coarsest_level_within_a_pixel_is_shown() {
    let errors = [0.0, 0.5, 3.0];
    let at = |size_px: f32, pixels: f32| level(Some(0), size_px, errors.iter().map(|error| error * pixels));
    assert_eq!(at(500.0, 4.0), Some(0));
    assert_eq!(at(50.0, 1.0), Some(1));
    assert_eq!(at(10.0, 0.1), Some(2));
}

#[test]
fn a_level_that_is_shown_is_kept_a_little_beyond_its_pixel() {
    let errors = [0.0, 1.0];
    assert_eq!(level(Some(0), 50.0, errors.into_iter()), Some(0));
    assert_eq!(level(Some(1), 50.0, errors.into_iter()), Some(1));
}

#[test]
fn what_is_smaller_than_a_pixel_and_a_half_is_not_drawn_until_it_is_two() {
    let one = || [0.0].into_iter();
    assert_eq!(level(Some(0), 1.4, one()), None);
    assert_eq!(level(None, 1.8, one()), None);
    assert_eq!(level(None, 2.1, one()), Some(0));
}

#[test]
fn a_metre_ten_metres_off_is_as_large_as_the_view_says() {
    // Half the view is ten metres at ten metres: 360 pixels are ten metres.
    let eye = Eye { place: Vec3::ZERO, pixels: 360.0 };
    assert!((eye.pixels_a_metre(Vec3::new(0.0, 0.0, -10.0), 0.0) - 36.0).abs() < 1e-4);
}
