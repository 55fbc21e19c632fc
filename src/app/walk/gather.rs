//! The meshes of the scene as a world to walk in: read on the main thread, built beside the frames.
//!
//! What turns about the vertical (a nacelle that yaws) is a solid of its own, which moves on as it does on screen. All else
//! stands where it stood when the walk began: a rotor is as round as it was.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::gltf::GltfExtras;
use bevy::math::Affine3A;
use bevy::mesh::{Indices, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use twinscope_twin::site::{AssetRow, MotionKind, PartRow, Site};
use twinscope_walk::{Body, Frame, Kind, Shape, Solid, World as Walked};

use crate::app::detail::Detail;
use crate::app::far::FarBody;
use crate::app::models::{ModelOf, PartOf, Parts, Skin};
use crate::app::stage;

/// Machines whose middle is further from where a walk begins are left out, m: nobody walks there before the next start.
const NEAR: f32 = 260.0;
/// A turn about an axis that leans more than this is none about the vertical: cosine of 2°.
const UPRIGHT: f32 = 0.9994;

/// What is read of the scene.
#[derive(bevy::ecs::system::SystemParam)]
pub struct Reading<'w, 's> {
    roots: Query<'w, 's, (Entity, &'static ModelOf, &'static GlobalTransform)>,
    drawn: Query<
        'w,
        's,
        (Entity, &'static Mesh3d, Option<&'static Detail>, Option<&'static PartOf>),
        (With<Skin>, Without<FarBody>),
    >,
    parents: Query<'w, 's, &'static ChildOf>,
    extras: Query<'w, 's, &'static GltfExtras>,
    pub places: Query<'w, 's, &'static GlobalTransform>,
    meshes: Res<'w, Assets<Mesh>>,
}

/// A mesh where it is.
struct Piece {
    /// The node it belongs to, its name and what it is.
    node: Entity,
    name: String,
    kind: Kind,
    /// Into the frame of its solid.
    place: Affine3A,
    points: Arc<Vec<[f32; 3]>>,
    indices: Arc<Vec<u32>>,
}

/// What a world is built of, and where the solids that turn are.
pub struct Gathered {
    solids: Vec<(Frame, Vec<Piece>)>,
    /// The node of each solid that turns.
    pub turning: Vec<(usize, Entity)>,
    ground: stage::Ground,
}

/// Where a node is, if it is only moved and turned about the vertical.
pub fn frame(place: &GlobalTransform) -> Frame {
    let z = place.rotation() * Vec3::Z;
    Frame { origin: place.translation(), yaw: z.x.atan2(z.z) }
}

/// Nodes that turn about the vertical, among the parts of a site.
fn turners(site: &Site, parts: &Parts, places: &Query<&GlobalTransform>) -> Vec<Entity> {
    let turns = |row: u32| {
        let part = site.parts.get(row as usize)?;
        let node = parts.nodes.get(row as usize).copied().flatten()?;
        let place = places.get(node).ok()?;
        let upright = part.motions.iter().filter(|motion| motion.kind == MotionKind::Turn).any(|motion| {
            let local = [Vec3::X, Vec3::Y, Vec3::Z].get(usize::from(motion.axis)).copied().unwrap_or(Vec3::X);
            (place.rotation() * local).y.abs() > UPRIGHT
        });
        // What a rotor carries goes round with it: a blade that points up turns about the vertical for a moment only.
        let above =
            std::iter::successors(part.parent, |row| site.parts.get(row.index())?.parent).take(site.parts.len());
        let carried = above
            .filter_map(|row| site.parts.get(row.index()))
            .any(|part| part.motions.iter().any(|motion| matches!(motion.kind, MotionKind::Spin | MotionKind::Slide)));
        (upright && !carried).then_some(node)
    };
    (0..u32::try_from(site.parts.len()).unwrap_or(u32::MAX)).filter_map(turns).collect()
}

impl Reading<'_, '_> {
    /// Where the model of an asset is.
    pub fn root(&self, asset: AssetRow) -> Option<GlobalTransform> {
        self.roots.iter().find(|(_, model, _)| model.asset == asset).map(|(.., place)| *place)
    }

    /// Everything that stands near a place. Copies what it needs, and does nothing else.
    pub fn gather(&self, site: &Site, parts: &Parts, near: Vec3, floor: Option<f32>) -> Gathered {
        let turners = turners(site, parts, &self.places);
        // The solid of each turning node and of each machine, in the order in which they were met.
        let mut solids: Vec<(Frame, Vec<Piece>)> = Vec::new();
        let mut of: HashMap<Entity, usize> = HashMap::new();
        let mut turning = Vec::new();
        type Copied = (Arc<Vec<[f32; 3]>>, Arc<Vec<u32>>);
        let mut copied: HashMap<AssetId<Mesh>, Option<Copied>> = HashMap::new();
        let roots: HashMap<Entity, f32> = self
            .roots
            .iter()
            .map(|(entity, _, place)| (entity, place.translation().with_y(near.y).distance(near)))
            .collect();
        for (entity, mesh, detail, part) in &self.drawn {
            let mut above = std::iter::successors(Some(entity), |at| self.parents.get(*at).ok().map(ChildOf::parent));
            let owner = above.find(|at| turners.contains(at) || roots.contains_key(at));
            let root = owner.and_then(|owner| match roots.contains_key(&owner) {
                true => Some(owner),
                false => above.find(|at| roots.contains_key(at)),
            });
            let (Some(owner), Some(root)) = (owner, root) else { continue };
            if roots.get(&root).is_none_or(|away| *away > NEAR) {
                continue;
            }
            let (Ok(owner_place), Ok(place)) = (self.places.get(owner), self.places.get(entity)) else { continue };
            let whole = detail.and_then(Detail::whole).unwrap_or(&mesh.0);
            let copy = copied.entry(whole.id()).or_insert_with(|| self.meshes.get(whole).and_then(copy));
            let Some((points, indices)) = copy else { continue };
            let frame = frame(owner_place);
            let index = *of.entry(owner).or_insert_with(|| {
                solids.push((frame, Vec::new()));
                if owner != root {
                    turning.push((solids.len() - 1, owner));
                }
                solids.len() - 1
            });
            let node = self.parents.get(entity).map_or(entity, ChildOf::parent);
            let (name, kind) = self.about(site, node, part.map(|part| part.0));
            let to_frame = Transform::from_translation(frame.origin).with_rotation(Quat::from_rotation_y(frame.yaw));
            let place = to_frame.compute_affine().inverse() * place.affine();
            if let Some((_, pieces)) = solids.get_mut(index) {
                pieces.push(Piece {
                    node,
                    name,
                    kind,
                    place,
                    points: Arc::clone(points),
                    indices: Arc::clone(indices),
                });
            }
        }
        Gathered { solids, turning, ground: stage::ground(site, floor) }
    }

    /// The row of a node's part as a name, and what it is: its part says it, else its own extras.
    fn about(&self, site: &Site, node: Entity, row: Option<PartRow>) -> (String, Kind) {
        let part = row.and_then(|part| site.parts.get(part.index()));
        let name = row.map(|row| row.0.to_string()).unwrap_or_default();
        let of_part = part.map_or(Kind::Solid, |part| Kind::of(&part.kind));
        let said = || {
            let extras: serde_json::Value = serde_json::from_str(&self.extras.get(node).ok()?.value).ok()?;
            Some(Kind::of(extras.get("kind")?.as_str()?))
        };
        (name, if of_part == Kind::Solid { said().unwrap_or_default() } else { of_part })
    }
}

/// The corners and the triangles of a mesh, if it has any.
fn copy(mesh: &Mesh) -> Option<(Arc<Vec<[f32; 3]>>, Arc<Vec<u32>>)> {
    if mesh.primitive_topology() != PrimitiveTopology::TriangleList {
        return None;
    }
    let Some(VertexAttributeValues::Float32x3(points)) = mesh.attribute(Mesh::ATTRIBUTE_POSITION) else { return None };
    let indices = match mesh.indices() {
        Some(Indices::U32(indices)) => indices.clone(),
        Some(Indices::U16(indices)) => indices.iter().map(|index| u32::from(*index)).collect(),
        None => (0..u32::try_from(points.len()).ok()?).collect(),
    };
    Some((Arc::new(points.clone()), Arc::new(indices)))
}

impl Gathered {
    /// Builds the world; takes as long as half a million triangles take, and so not in a frame.
    pub fn build(self) -> Walked {
        let solids = self.solids.into_iter().map(|(frame, pieces)| {
            // One body a node: rails and rungs of a ladder may be of two materials.
            let mut at: HashMap<Entity, usize> = HashMap::new();
            let mut bodies: Vec<Body> = Vec::new();
            for piece in pieces {
                let corner = |index: &u32| {
                    let point = piece.points.get(*index as usize).copied().unwrap_or([f32::NAN; 3]);
                    piece.place.transform_point3(Vec3::from_array(point))
                };
                let triangles = piece.indices.chunks_exact(3).filter_map(|three| match three {
                    [a, b, c] => Some([corner(a), corner(b), corner(c)]),
                    _ => None,
                });
                let index = *at.entry(piece.node).or_insert_with(|| {
                    bodies.push(Body { name: piece.name.clone(), kind: piece.kind, triangles: Vec::new() });
                    bodies.len() - 1
                });
                if let Some(body) = bodies.get_mut(index) {
                    body.triangles.extend(triangles);
                }
            }
            Solid { shape: Arc::new(Shape::new(bodies)), frame }
        });
        let ground = self.ground;
        Walked::new(solids.collect(), move |x, z| ground.height(x, z))
    }
}
