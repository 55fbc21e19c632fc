//! Where a crack comes to the surface: the section of a part by the plane of the crack, and the lines along it.

use bevy::asset::RenderAssetUsages;
use bevy::math::Affine3A;
use bevy::mesh::{Indices, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use twinscope_twin::site::Crack;

use super::super::field::lay;

/// Points of a line along a side.
const POINTS: u8 = 24;

/// The section of a part by the plane of its crack, m, in the frame of the part's node.
pub struct Section {
    from: Vec3,
    along: Vec3,
    normal: Vec3,
    /// Through the wall.
    across: Vec3,
    /// Pieces of the outline: how far along the crack, and across.
    pieces: Vec<[Vec2; 2]>,
}

impl Section {
    /// Without a part yet.
    pub fn new(crack: &Crack) -> Self {
        let vector = |v: [f64; 3]| Vec3::from_array(v.map(|v| v as f32));
        let (along, normal) = (vector(crack.direction), vector(crack.normal));
        Self { from: vector(crack.from), along, normal, across: normal.cross(along), pieces: Vec::new() }
    }

    /// Cuts a mesh; `place`: from the mesh to the part's node.
    pub fn mesh(&mut self, mesh: &Mesh, place: Affine3A) {
        let Some(VertexAttributeValues::Float32x3(points)) = mesh.attribute(Mesh::ATTRIBUTE_POSITION) else { return };
        let count = mesh.indices().map_or(points.len(), Indices::len) / 3;
        for triangle in 0..count {
            let Some(corners) = lay::corners(mesh.indices(), mesh.primitive_topology(), triangle) else { return };
            let at = |corner: usize| points.get(corner).map(|p| place.transform_point3(Vec3::from_array(*p)));
            if let [Some(a), Some(b), Some(c)] = corners.map(at) {
                self.triangle([a, b, c]);
            }
        }
    }

    fn triangle(&mut self, corners: [Vec3; 3]) {
        let [a, b, c] = corners.map(|p| p - self.from);
        let flat = |p: Vec3| Vec2::new(p.dot(self.along), p.dot(self.across));
        let crossing = |p: Vec3, q: Vec3| {
            let (height, other) = (p.dot(self.normal), q.dot(self.normal));
            ((height >= 0.0) != (other >= 0.0)).then(|| flat(p.lerp(q, height / (height - other))))
        };
        let mut ends = [crossing(a, b), crossing(b, c), crossing(c, a)].into_iter().flatten();
        if let (Some(start), Some(end)) = (ends.next(), ends.next())
            && start.is_finite()
            && end.is_finite()
        {
            self.pieces.push([start, end]);
        }
    }

    /// The surface on one side of the crack at a depth: the nearest across, `lift` off it.
    fn surface(&self, depth: f32, side: f32, lift: f32) -> Option<Vec3> {
        let hit = |[start, end]: &[Vec2; 2]| {
            let reach = end.x - start.x;
            let share = (depth - start.x) / reach;
            let across = start.y + (end.y - start.y) * share;
            let out = Vec2::new(start.y - end.y, reach).normalize_or_zero();
            let out = if out.y * side < 0.0 { -out } else { out };
            (reach != 0.0 && (0.0..=1.0).contains(&share) && across * side > 0.0).then_some((across, out))
        };
        let nearest = self.pieces.iter().filter_map(hit).min_by(|(a, _), (b, _)| (a * side).total_cmp(&(b * side)));
        let (across, out) = nearest?;
        let at = Vec2::new(depth, across) + out * lift;
        Some(self.at(at))
    }

    fn at(&self, flat: Vec2) -> Vec3 {
        self.from + self.along * flat.x + self.across * flat.y
    }

    /// The place in the metal at a depth.
    pub fn inside(&self, depth: f32) -> Vec3 {
        self.at(Vec2::new(depth, 0.0))
    }

    /// Lines along the surface between two depths: one around the edge if it begins there, else one on each side. Each
    /// ends where the part does.
    pub fn lines(&self, from: f32, to: f32, lift: f32) -> Vec<Vec<Vec3>> {
        let sides = [-1.0, 1.0].map(|side| {
            let share = |n: u8| (f32::from(n) / f32::from(POINTS)).powi(2);
            // The edge itself has no sides.
            let first = u8::from(from <= 0.0);
            let depths = (first..=POINTS).map(|n| from + (to - from) * share(n));
            depths.map_while(|depth| self.surface(depth, side, lift)).collect::<Vec<_>>()
        });
        if from > 0.0 {
            return sides.into_iter().filter(|side| side.len() > 1).collect();
        }
        let [left, right] = sides;
        let edge = self.at(Vec2::new(-lift, 0.0));
        let around: Vec<Vec3> = left.into_iter().rev().chain([edge]).chain(right).collect();
        if around.len() > 1 { vec![around] } else { Vec::new() }
    }

    /// Short lines across the crack at a depth, one on each side.
    pub fn ticks(&self, depth: f32, half: f32, lift: f32) -> Vec<Vec<Vec3>> {
        let at = [-1.0, 1.0].into_iter().filter_map(|side| self.surface(depth, side, lift));
        at.map(|p| vec![p - self.normal * half, p + self.normal * half]).collect()
    }

    /// How far the outline is from where the crack begins, m.
    #[cfg(test)]
    pub fn off_surface(&self) -> f32 {
        let nearest = |[start, end]: &[Vec2; 2]| {
            let reach = *end - *start;
            let share = (-start.dot(reach) / reach.length_squared().max(1e-20)).clamp(0.0, 1.0);
            (*start + reach * share).length()
        };
        self.pieces.iter().map(nearest).fold(f32::INFINITY, f32::min)
    }

    /// Across the lines that run along the crack.
    pub fn normal(&self) -> Vec3 {
        self.normal
    }

    /// Through the wall, from one face to the other.
    pub fn across(&self) -> Vec3 {
        self.across
    }

    /// Across its ticks.
    pub fn along(&self) -> Vec3 {
        self.along
    }
}

/// Lines as a mesh that a hull's shader draws as wide as it says, whatever the distance: pairs of corners in one place, with
/// normals to both sides. Seen from both sides.
pub fn ribbon(lines: &[Vec<Vec3>], across: Vec3) -> Mesh {
    let (mut positions, mut normals, mut indices) = (Vec::new(), Vec::new(), Vec::<u32>::new());
    for line in lines {
        for (n, point) in line.iter().enumerate() {
            if let Some(first) = u32::try_from(positions.len()).ok().filter(|_| n > 0) {
                let [a, b, c, d] = [first - 2, first - 1, first, first + 1];
                indices.extend([a, b, c, c, b, d, a, c, b, c, d, b]);
            }
            positions.extend([point.to_array(); 2]);
            normals.extend([across.to_array(), (-across).to_array()]);
        }
    }
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_indices(Indices::U32(indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crack() -> Crack {
        Crack {
            from: [1.0, 0.0, 0.0],
            direction: [-1.0, 0.0, 0.0],
            normal: [0.0, 1.0, 0.0],
            quantity: "crack_length".to_owned(),
        }
    }

    /// A wall of 0.2 from x = 0 to 1, its edge at x = 1, cut at y = 0.
    fn wall() -> Section {
        let mut section = Section::new(&crack());
        let mesh = Mesh::from(Cuboid::new(1.0, 1.0, 0.2));
        section.mesh(&mesh, Affine3A::from_translation(Vec3::new(0.5, 0.1, 0.0)));
        section
    }

    #[test]
    fn a_crack_runs_around_the_edge_and_along_both_faces_of_its_wall() {
        let lines = wall().lines(0.0, 0.3, 0.01);
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        let (first, last) = (line.first().unwrap(), line.last().unwrap());
        assert!(
            (first.distance(Vec3::new(0.7, 0.0, 0.11)) < 1e-5) != (last.distance(Vec3::new(0.7, 0.0, 0.11)) < 1e-5)
        );
        assert!(
            (first.distance(Vec3::new(0.7, 0.0, -0.11)) < 1e-5) != (last.distance(Vec3::new(0.7, 0.0, -0.11)) < 1e-5)
        );
        assert!(line.iter().any(|p| p.distance(Vec3::new(1.01, 0.0, 0.0)) < 1e-5), "over the edge");
        assert!(line.iter().all(|p| p.y.abs() < 1e-6), "in its plane");
    }

    #[test]
    fn what_goes_on_from_inside_the_wall_has_a_line_on_each_face() {
        let lines = wall().lines(0.3, 0.5, 0.0);
        let ends: Vec<Vec3> = lines.iter().filter_map(|line| line.last().copied()).collect();
        assert_eq!(ends.len(), 2);
        assert!(ends.iter().all(|p| (p.x - 0.5).abs() < 1e-5 && (p.z.abs() - 0.1).abs() < 1e-5), "{ends:?}");
    }

    #[test]
    fn a_crack_longer_than_its_part_ends_with_it() {
        let lines = wall().lines(0.0, 5.0, 0.0);
        let shortest = lines.iter().flatten().map(|p| p.x).fold(f32::MAX, f32::min);
        assert!((0.0..0.3).contains(&shortest), "{shortest}");
    }

    #[test]
    fn a_crack_that_misses_its_part_is_drawn_nowhere() {
        let mut section = Section::new(&Crack { from: [1.0, 9.0, 0.0], ..crack() });
        section.mesh(&Mesh::from(Cuboid::new(1.0, 1.0, 0.2)), Affine3A::IDENTITY);
        assert!(section.lines(0.0, 0.3, 0.0).is_empty());
        assert!(section.ticks(0.1, 0.1, 0.0).is_empty());
    }

    #[test]
    fn a_ribbon_has_two_corners_a_point_with_normals_to_both_sides() {
        let mesh = ribbon(&[vec![Vec3::ZERO, Vec3::X], vec![Vec3::Y, Vec3::Z, Vec3::X]], Vec3::Y);
        assert_eq!(mesh.count_vertices(), 10);
        // Two triangles a piece, from both sides.
        assert_eq!(mesh.indices().map(Indices::len), Some(3 * 4 * 3));
    }
}
