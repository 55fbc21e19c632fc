//! The merged bodies of one model, without the world around it: what moves together, simplified, without what is small or
//! inside.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::math::Affine3A;
use bevy::mesh::{Indices, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;

use crate::app::detail::simplify;

/// Error of a body and smallest piece of it, as shares of the machine's radius: 0.2 and 0.3 pixels where it is shown first.
const ERROR: f32 = 0.0012;
const SMALLEST_PIECE: f32 = 0.002;
/// What moves and is smaller than this share of the machine's radius stands still in its body.
const SMALLEST_MOVER: f32 = 0.05;
/// A mesh, apart from the world.
pub(super) struct Raw {
    pub(super) positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    indices: Vec<u32>,
}

impl Raw {
    pub(super) fn of(mesh: &Mesh) -> Option<Self> {
        if mesh.primitive_topology() != PrimitiveTopology::TriangleList {
            return None;
        }
        let VertexAttributeValues::Float32x3(positions) = mesh.attribute(Mesh::ATTRIBUTE_POSITION)? else {
            return None;
        };
        let VertexAttributeValues::Float32x3(normals) = mesh.attribute(Mesh::ATTRIBUTE_NORMAL)? else { return None };
        let indices: Vec<u32> = match mesh.indices() {
            Some(indices) => indices.iter().map(|index| index as u32).collect(),
            None => (0..positions.len() as u32).collect(),
        };
        let sound = normals.len() == positions.len()
            && indices.len().is_multiple_of(3)
            && indices.iter().all(|&index| (index as usize) < positions.len())
            && positions.iter().flatten().all(|value| value.is_finite());
        sound.then(|| Self { positions: positions.clone(), normals: normals.clone(), indices })
    }
}

/// A primitive of the model, in its place.
pub(super) struct Piece {
    pub(super) raw: Arc<Raw>,
    pub(super) place: Affine3A,
    pub(super) colour: Vec4,
    pub(super) mover: Option<usize>,
    /// What is wholly inside of its box is not seen from afar.
    pub(super) shell: bool,
}

/// What a task makes for one model.
pub(super) struct Plan {
    pub(super) middle: Vec3,
    pub(super) radius: f32,
    pub(super) body_of: Vec<usize>,
    pub(super) bodies: Vec<(Option<usize>, Mesh)>,
}

/// A box around points.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: Vec3,
    high: Vec3,
}

impl Bounds {
    const NONE: Self = Self { low: Vec3::INFINITY, high: Vec3::NEG_INFINITY };

    fn with(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn radius(self) -> f32 {
        if self.low.x > self.high.x { 0.0 } else { 0.5 * (self.high - self.low).length() }
    }

    fn holds(self, other: Self) -> bool {
        self.low.cmple(other.low).all() && self.high.cmpge(other.high).all()
    }
}

impl Piece {
    fn bounds(&self) -> Bounds {
        self.raw.positions.iter().fold(Bounds::NONE, |bounds, &position| {
            let at = self.place.transform_point3(position.into());
            bounds.with(Bounds { low: at, high: at })
        })
    }
}

/// Merges a model's pieces. `movers`: their place in the model, and the mover above. `None`: there is nothing to merge.
pub(super) fn merge(pieces: &[Piece], movers: &[(Affine3A, Option<usize>)]) -> Option<Plan> {
    let boxes: Vec<Bounds> = pieces.iter().map(Piece::bounds).collect();
    let all = boxes.iter().fold(Bounds::NONE, |all, &bounds| all.with(bounds));
    let radius = all.radius();
    if radius <= 0.0 {
        return None;
    }
    // Movers stand behind those above them, so each finds its parent decided.
    let mut sizes = vec![Bounds::NONE; movers.len()];
    for (piece, &bounds) in pieces.iter().zip(&boxes) {
        let mut at = piece.mover;
        for _ in 0..=movers.len() {
            let Some((size, mover)) = at.and_then(|at| Some((sizes.get_mut(at)?, movers.get(at)?))) else { break };
            *size = size.with(bounds);
            at = mover.1;
        }
    }
    let mut owner: Vec<Option<usize>> = Vec::with_capacity(movers.len());
    for (index, (size, &(_, above))) in sizes.iter().zip(movers).enumerate() {
        let own = size.radius() >= SMALLEST_MOVER * radius;
        owner.push(if own { Some(index) } else { above.and_then(|above| owner.get(above).copied().flatten()) });
    }
    let owner_of = |mover: Option<usize>| mover.and_then(|mover| owner.get(mover).copied().flatten());
    let shells: Vec<(usize, Option<usize>, Bounds)> = pieces
        .iter()
        .zip(&boxes)
        .enumerate()
        .filter(|(_, (piece, _))| piece.shell)
        .map(|(index, (piece, &bounds))| (index, owner_of(piece.mover), bounds))
        .collect();
    let mut by_owner: BTreeMap<Option<usize>, Vec<&Piece>> = BTreeMap::new();
    for (index, (piece, &bounds)) in pieces.iter().zip(&boxes).enumerate() {
        let mine = owner_of(piece.mover);
        let inside = |&(shell, owner, outer): &(usize, Option<usize>, Bounds)| {
            shell != index && owner == mine && outer.holds(bounds) && outer.radius() > bounds.radius()
        };
        if bounds.radius() >= SMALLEST_PIECE * radius && !shells.iter().any(inside) {
            by_owner.entry(mine).or_default().push(piece);
        }
    }
    let mut bodies = Vec::new();
    let mut body_of_owner = HashMap::new();
    for (mover, pieces) in by_owner {
        let frame = mover.and_then(|mover| movers.get(mover)).map_or(Affine3A::IDENTITY, |(place, _)| *place);
        if let Some(mesh) = body(&pieces, frame.inverse(), ERROR * radius) {
            body_of_owner.insert(mover, bodies.len());
            bodies.push((mover, mesh));
        }
    }
    if bodies.is_empty() {
        return None;
    }
    // What lost its body (all of it is small or inside) is told by what it stands on.
    let body_of = (0..movers.len()).map(Some).chain([None]).map(|mover| {
        let mut at = owner_of(mover);
        for _ in 0..=movers.len() {
            if let Some(&body) = body_of_owner.get(&at) {
                return body;
            }
            at = at.and_then(|at| movers.get(at)).and_then(|(_, above)| owner_of(*above));
        }
        0
    });
    let body_of = body_of.collect();
    Some(Plan { middle: 0.5 * (all.low + all.high), radius, body_of, bodies })
}

/// One mesh of pieces, in the frame of what moves them.
fn body(pieces: &[&Piece], frame: Affine3A, error_m: f32) -> Option<Mesh> {
    let (mut positions, mut normals, mut colours, mut indices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        let place = frame * piece.place;
        let turn = place.matrix3.inverse().transpose();
        let first = positions.len() as u32;
        positions.extend(piece.raw.positions.iter().map(|&p| place.transform_point3(p.into()).to_array()));
        normals.extend(piece.raw.normals.iter().map(|&n| (turn * Vec3::from(n)).normalize_or(Vec3::Y).to_array()));
        colours.resize(positions.len(), piece.colour.to_array());
        let mirrored = place.matrix3.determinant() < 0.0;
        indices.extend(piece.raw.indices.chunks_exact(3).flat_map(|corner| {
            let mut triangle = [0, 1, 2].map(|n| corner.get(n).copied().unwrap_or_default() + first);
            if mirrored {
                triangle.reverse();
            }
            triangle
        }));
    }
    let (indices, _) = simplify(&positions, &normals, &colours, &indices, error_m);
    if indices.is_empty() {
        return None;
    }
    // Only the corners that are left.
    let mut place: HashMap<u32, u32> = HashMap::new();
    let mut keep = Vec::new();
    let mut packed = Vec::with_capacity(indices.len());
    for index in indices {
        packed.push(*place.entry(index).or_insert_with(|| {
            keep.push(index as usize);
            keep.len() as u32 - 1
        }));
    }
    fn pick<T: Copy>(values: &[T], keep: &[usize]) -> Vec<T> {
        keep.iter().filter_map(|&index| values.get(index).copied()).collect()
    }
    Some(
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::default())
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, pick(&positions, &keep))
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, pick(&normals, &keep))
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, pick(&colours, &keep))
            .with_inserted_indices(Indices::U32(packed)),
    )
}

#[cfg(test)]
mod tests;
