//! Edges on demand: lines where the surface of a part bends or ends. Made once a mesh, beside the frames.

use std::collections::HashMap;

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{MeshTag, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};

use super::detail::Detail;
use super::material::{Lighting, PartMaterial, PartRows, Surface};
use super::models::PartOf;
use super::panels::Panels;

/// Draws edges.
pub struct EdgesPlugin;

impl Plugin for EdgesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Edges>().add_systems(Update, (ask, take).chain());
    }
}

/// Where two faces meet at more than this angle there is an edge: the cosine of 25°.
const SHARP: f32 = 0.906;

/// Triangles that are copied in one frame, to be looked at beside it: some milliseconds.
const MOST_FACES: usize = 60_000;

/// The edges of a mesh.
enum Lines {
    Asked(Task<Option<Mesh>>),
    /// `None`: it has none.
    Made(Option<Handle<Mesh>>),
}

/// The edges of all meshes that were asked for, and the lines that are drawn.
#[derive(Resource, Default)]
pub struct Edges {
    of: HashMap<AssetId<Mesh>, Lines>,
    material: Option<Handle<PartMaterial>>,
    drawn: HashMap<Entity, Entity>,
    /// Some are being made.
    waiting: bool,
    /// Some were not asked for yet.
    more: bool,
}

impl Edges {
    /// Whether some are still to be made.
    pub const fn busy(&self) -> bool {
        self.waiting || self.more
    }
}

/// Asks for the edges of what is drawn without, and takes all away when none are wanted.
fn ask(
    mut commands: Commands,
    panels: Res<Panels>,
    mut edges: ResMut<Edges>,
    meshes: Res<Assets<Mesh>>,
    primitives: Query<(Entity, &Mesh3d, Option<&Detail>), With<PartOf>>,
) {
    let edges = edges.bypass_change_detection();
    if !panels.ui.sight.edges {
        for (_, line) in edges.drawn.drain() {
            commands.entity(line).try_despawn();
        }
        (edges.waiting, edges.more) = (false, false);
        return;
    }
    edges.drawn.retain(|primitive, _| primitives.contains(*primitive));
    let mut copied = 0;
    edges.more = false;
    for (_, mesh, detail) in &primitives {
        let whole = detail.and_then(Detail::whole).unwrap_or(&mesh.0);
        if edges.of.contains_key(&whole.id()) {
            continue;
        }
        if copied > MOST_FACES {
            edges.more = true;
            break;
        }
        let faces = meshes.get(whole).and_then(faces);
        copied += faces.as_ref().map_or(0, Vec::len);
        let lines = match faces {
            Some(faces) => Lines::Asked(AsyncComputeTaskPool::get().spawn(async move { lines(&faces) })),
            None => Lines::Made(None),
        };
        edges.of.insert(whole.id(), lines);
    }
}

/// Draws what was made.
fn take(
    mut commands: Commands,
    panels: Res<Panels>,
    rows: Res<PartRows>,
    mut edges: ResMut<Edges>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<PartMaterial>>,
    primitives: Query<(Entity, &Mesh3d, Option<&Detail>), With<PartOf>>,
) {
    if !panels.ui.sight.edges {
        return;
    }
    let edges = edges.bypass_change_detection();
    edges.waiting = false;
    for lines in edges.of.values_mut() {
        if let Lines::Asked(task) = lines {
            match block_on(poll_once(task)) {
                Some(made) => *lines = Lines::Made(made.map(|mesh| meshes.add(mesh))),
                None => edges.waiting = true,
            }
        }
    }
    let material = edges.material.get_or_insert_with(|| {
        materials.add(PartMaterial {
            surface: Surface { base: Vec4::new(0.045, 0.052, 0.062, 1.0), params: Vec4::new(0.0, 1.0, 0.0, 0.0) },
            texture: None,
            rows: rows.buffer(),
            ghost: false,
            over_glass: false,
            flow: false,
            lighting: Lighting::default(),
            section: false,
            edges: true,
            cull: None,
        })
    });
    for (primitive, mesh, detail) in &primitives {
        if edges.drawn.contains_key(&primitive) {
            continue;
        }
        let whole = detail.and_then(Detail::whole).unwrap_or(&mesh.0);
        if let Some(Lines::Made(Some(lines))) = edges.of.get(&whole.id()) {
            // Of no part: in no colour but its own.
            let line = (Mesh3d(lines.clone()), MeshMaterial3d(material.clone()), MeshTag(u32::MAX), ChildOf(primitive));
            edges.drawn.insert(primitive, commands.spawn(line).id());
        }
    }
}

/// Corners of the triangles of a mesh.
fn faces(mesh: &Mesh) -> Option<Vec<[Vec3; 3]>> {
    if mesh.primitive_topology() != PrimitiveTopology::TriangleList {
        return None;
    }
    let VertexAttributeValues::Float32x3(positions) = mesh.attribute(Mesh::ATTRIBUTE_POSITION)? else { return None };
    let corner = |index: usize| positions.get(index).map(|p| Vec3::from_array(*p));
    let indices: Vec<usize> = match mesh.indices() {
        Some(indices) => indices.iter().collect(),
        None => (0..positions.len()).collect(),
    };
    let (triangles, _) = indices.as_chunks::<3>();
    Some(triangles.iter().filter_map(|[a, b, c]| Some([corner(*a)?, corner(*b)?, corner(*c)?])).collect())
}

/// The lines where faces bend or end; `None`: there are none.
fn lines(faces: &[[Vec3; 3]]) -> Option<Mesh> {
    // What lies within a quarter of a millimetre is one place.
    let key = |p: Vec3| p.to_array().map(|v| (v * 4_096.0).round() as i32);
    let mut sides: HashMap<[[i32; 3]; 2], (Vec3, [Vec3; 2], bool)> = HashMap::new();
    for &[a, b, c] in faces {
        let normal = (b - a).cross(c - a).normalize_or_zero();
        if normal == Vec3::ZERO {
            continue;
        }
        for (from, to) in [(a, b), (b, c), (c, a)] {
            let (first, second) = (key(from), key(to));
            let pair = if first < second { [first, second] } else { [second, first] };
            sides
                .entry(pair)
                // An edge until a face on its other side goes on as this one does.
                .and_modify(|(other, _, edge)| *edge = other.dot(normal) < SHARP)
                .or_insert((normal, [from, to], true));
        }
    }
    let mut ends: Vec<[Vec3; 2]> = sides.into_values().filter(|(.., edge)| *edge).map(|(_, ends, _)| ends).collect();
    // What comes out of a hash map is sorted, so that a picture does not depend on it.
    ends.sort_by(|a, b| a[0].to_array().partial_cmp(&b[0].to_array()).unwrap_or(std::cmp::Ordering::Equal));
    let positions: Vec<[f32; 3]> = ends.into_iter().flatten().map(|p| p.to_array()).collect();
    (!positions.is_empty()).then(|| {
        Mesh::new(PrimitiveTopology::LineList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges_of(mesh: &Mesh) -> usize {
        lines(&faces(mesh).unwrap()).map_or(0, |mesh| mesh.count_vertices() / 2)
    }

    #[test]
    fn a_cube_has_twelve_edges_and_no_diagonals() {
        assert_eq!(edges_of(&Cuboid::from_length(1.0).mesh().build()), 12);
    }

    #[test]
    fn a_ball_has_no_edges() {
        assert_eq!(edges_of(&Sphere::new(1.0).mesh().uv(64, 32)), 0);
    }

    #[test]
    fn a_sheet_ends_at_its_rim() {
        assert_eq!(edges_of(&Plane3d::default().mesh().size(1.0, 1.0).build()), 4);
    }

    #[test]
    fn a_cylinder_has_the_rims_of_its_ends() {
        let cylinder = Cylinder::new(1.0, 2.0).mesh().resolution(48).build();
        assert_eq!(edges_of(&cylinder), 2 * 48);
    }

    #[test]
    fn a_mesh_of_lines_has_no_faces() {
        let mesh = Mesh::new(PrimitiveTopology::LineList, RenderAssetUsages::default());
        assert!(faces(&mesh).is_none());
    }
}
