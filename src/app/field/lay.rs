//! The surfaces that carry a field: lean copies of meshes with a value at each vertex. Made off the main thread.

use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::math::Affine3A;
use bevy::mesh::{Indices, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;

use crate::field::Cloud;
use crate::view::field::{Limits, robust};

/// Values that limits are made from: of more, every n-th counts.
const MOST_SAMPLES: usize = 1 << 20;

/// One mesh to lay the field on, and the primitives that wear it.
pub struct Bare {
    /// The primitives that have this mesh.
    pub entities: Vec<Entity>,
    /// Triangles, lines or points.
    pub topology: PrimitiveTopology,
    /// In the mesh's space, m.
    pub positions: Vec<[f32; 3]>,
    /// One a vertex, or none.
    pub normals: Option<Vec<[f32; 3]>>,
    /// Corners, or all vertices in their order.
    pub indices: Option<Indices>,
    /// Where the values come from.
    pub values: Values,
}

/// Where the values of a mesh come from.
pub enum Values {
    /// One a vertex; what is not finite is not known.
    Given(Arc<[f32]>),
    /// From nowhere.
    Unknown,
    /// Points around it.
    Near {
        /// The points, in the model's space.
        points: Arc<Cloud>,
        /// From the mesh's space to the model's, where nothing has moved.
        model_from_mesh: Affine3A,
        /// Distance beyond which nothing is known, m.
        most: f32,
    },
}

/// A mesh with the field on it.
pub struct Laid {
    /// The primitives that wear it.
    pub entities: Vec<Entity>,
    /// Position, normal, and (value, known) as second texture coordinates.
    pub mesh: Mesh,
    /// One a vertex; not finite: not known.
    pub values: Arc<[f32]>,
}

/// A field, laid on its surfaces.
#[derive(Default)]
pub struct Field {
    /// The surfaces.
    pub surfaces: Vec<Laid>,
    /// Robust limits over all values; `None`: none is known.
    pub limits: Option<Limits>,
    /// Smallest and largest value.
    pub extent: Option<[f32; 2]>,
    /// Vertices without a value.
    pub unknown: u64,
}

/// The vertices and triangles of a mesh, copied; `None`: it has none that can be drawn so.
pub fn bare(mesh: &Mesh, values: Values) -> Option<Bare> {
    let floats = |attribute| match mesh.attribute(attribute) {
        Some(VertexAttributeValues::Float32x3(values)) => Some(values.clone()),
        _ => None,
    };
    Some(Bare {
        entities: Vec::new(),
        topology: mesh.primitive_topology(),
        positions: floats(Mesh::ATTRIBUTE_POSITION)?,
        normals: floats(Mesh::ATTRIBUTE_NORMAL),
        indices: mesh.indices().cloned(),
        values,
    })
}

/// Lays the field on the meshes.
pub fn lay(meshes: Vec<Bare>) -> Field {
    let mut field = Field::default();
    let mut known: Vec<f32> = Vec::new();
    let vertices: usize = meshes.iter().map(|mesh| mesh.positions.len()).sum();
    let stride = vertices.div_ceil(MOST_SAMPLES).max(1);
    for bare in meshes {
        let values: Arc<[f32]> = match bare.values {
            Values::Given(values) if values.len() == bare.positions.len() => values,
            // Another number of values than of vertices: whose they are is not known.
            Values::Given(_) | Values::Unknown => vec![f32::NAN; bare.positions.len()].into(),
            Values::Near { points, model_from_mesh, most } => {
                let place =
                    |position: &[f32; 3]| model_from_mesh.transform_point3(Vec3::from_array(*position)).to_array();
                bare.positions.iter().map(|p| points.at(place(p), most).unwrap_or(f32::NAN)).collect()
            }
        };
        for value in values.iter() {
            if value.is_finite() {
                let [low, high] = field.extent.unwrap_or([*value; 2]);
                field.extent = Some([low.min(*value), high.max(*value)]);
            } else {
                field.unknown += 1;
            }
        }
        known.extend(values.iter().filter(|value| value.is_finite()).step_by(stride));
        let told: Vec<[f32; 2]> =
            values.iter().map(|&value| if value.is_finite() { [value, 1.0] } else { [0.0, 0.0] }).collect();
        let mut mesh = Mesh::new(bare.topology, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, bare.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_UV_1, told);
        if let Some(normals) = bare.normals {
            mesh.insert_attribute(Mesh::ATTRIBUTE_NORMAL, normals);
        }
        if let Some(indices) = bare.indices {
            mesh.insert_indices(indices);
        }
        field.surfaces.push(Laid { entities: bare.entities, mesh, values });
    }
    field.limits = robust(&mut known);
    field
}

/// The value at a point of a triangle, from those at its corners; `None`: one of them is not known.
///
/// The corners, in the order of the triangle, and the point are in the same space.
#[must_use]
pub fn interpolated(corners: [Vec3; 3], values: [f32; 3], point: Vec3) -> Option<f32> {
    let [a, b, c] = corners;
    // Areas of the three triangles that the point makes, over that of the whole.
    let normal = (b - a).cross(c - a);
    let whole = normal.length_squared();
    if !(whole.is_finite() && whole > 0.0) || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let share = |from: Vec3, to: Vec3| ((to - from).cross(point - from).dot(normal) / whole).clamp(0.0, 1.0);
    let weights = [share(b, c), share(c, a), share(a, b)];
    let sum: f32 = weights.iter().sum();
    (sum > 0.0).then(|| weights.iter().zip(values).map(|(weight, value)| weight * value).sum::<f32>() / sum)
}

/// The vertices of a triangle of a mesh, by its number.
pub fn corners(indices: Option<&Indices>, topology: PrimitiveTopology, triangle: usize) -> Option<[usize; 3]> {
    let first = match topology {
        PrimitiveTopology::TriangleList => triangle.checked_mul(3)?,
        PrimitiveTopology::TriangleStrip => triangle,
        _ => return None,
    };
    let at = |n: usize| match indices {
        Some(Indices::U16(indices)) => indices.get(n).map(|&index| usize::from(index)),
        Some(Indices::U32(indices)) => indices.get(n).map(|&index| index as usize),
        None => Some(n),
    };
    Some([at(first)?, at(first + 1)?, at(first + 2)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORNERS: [Vec3; 3] = [Vec3::ZERO, Vec3::X, Vec3::Y];

    #[test]
    fn a_value_inside_a_triangle_is_that_of_its_plane() {
        // 300 + 100 x + 200 y at the corners.
        for (x, y) in [(0.0, 0.0), (1.0, 0.0), (0.25, 0.5), (0.1, 0.1)] {
            let value = interpolated(CORNERS, [300.0, 400.0, 500.0], Vec3::new(x, y, 0.0)).unwrap();
            assert!((value - (300.0 + 100.0 * x + 200.0 * y)).abs() < 1e-3, "{value} at {x}, {y}");
        }
    }

    #[test]
    fn a_triangle_with_a_corner_that_is_not_known_has_no_value() {
        assert_eq!(interpolated(CORNERS, [300.0, f32::NAN, 500.0], Vec3::new(0.1, 0.1, 0.0)), None);
    }

    #[test]
    fn a_triangle_without_area_has_no_value() {
        assert_eq!(interpolated([Vec3::ZERO, Vec3::X, Vec3::X * 2.0], [1.0; 3], Vec3::X), None);
    }

    fn triangle(values: &[f32]) -> Bare {
        Bare {
            entities: Vec::new(),
            topology: PrimitiveTopology::TriangleList,
            positions: CORNERS.map(|corner| corner.to_array()).to_vec(),
            normals: None,
            indices: None,
            values: Values::Given(values.into()),
        }
    }

    #[test]
    fn what_is_not_known_is_marked_and_does_not_count_for_the_limits() {
        let field = lay(vec![triangle(&[1.0, f32::NAN, f32::INFINITY]), triangle(&[2.0, 3.0, 4.0])]);
        assert_eq!(field.unknown, 2);
        let limits = field.limits.unwrap();
        assert_eq!((limits.low, limits.high), (1.0, 4.0));
        let Some(VertexAttributeValues::Float32x2(told)) = field.surfaces[0].mesh.attribute(Mesh::ATTRIBUTE_UV_1)
        else {
            panic!("no values");
        };
        assert_eq!(*told, [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]);
    }

    #[test]
    fn another_number_of_values_than_of_vertices_is_not_known() {
        let field = lay(vec![triangle(&[1.0, 2.0])]);
        assert_eq!((field.unknown, field.limits), (3, None));
    }
}
