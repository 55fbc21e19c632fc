//! Normals: smooth over curved faces, split at hard edges.
//!
//! The faces around a corner are grouped across edges that bend by less than the crease angle; each group has one
//! normal, weighted by area and angle. Large flat faces therefore stay flat, and a chamfer between them shades like a
//! rounded edge without any vertex of its own.

use super::{P2, Shape, Values, values_of};
use crate::math::{V3, v};

/// Neighbours that meet at a sharper angle keep an edge: above a 45° chamfer, below the 60° of a hexagon.
const CREASE_COSINE: f64 = 0.64; // cos 50.2°

/// Triangles ready for a vertex buffer.
#[derive(Clone, Debug, Default)]
pub struct Shaded {
    /// Positions in metres.
    pub positions: Vec<[f32; 3]>,
    /// Unit normals, one for each position.
    pub normals: Vec<[f32; 3]>,
    /// Texture coordinates: empty, or one for each position.
    pub texture: Vec<[f32; 2]>,
    /// Fields, with one value for each position; not a number where nothing is known.
    pub values: Vec<Values>,
    /// Three for each triangle.
    pub indices: Vec<u32>,
}

impl Shaded {
    fn push(&mut self, p: V3, n: V3, texture: Option<P2>) -> u32 {
        let index = self.positions.len();
        self.positions.push([p.x as f32, p.y as f32, p.z as f32]);
        self.normals.push([n.x as f32, n.y as f32, n.z as f32]);
        if texture.is_some() || !self.texture.is_empty() {
            // What has none shares the buffer with what has.
            self.texture.resize(index, [0.0; 2]);
            let (along, around) = texture.unwrap_or((0.0, 0.0));
            self.texture.push([along as f32, around as f32]);
        }
        index as u32
    }
}

/// Corners of equal position become one.
fn weld(shape: &Shape) -> (Vec<V3>, Vec<[usize; 3]>) {
    let key = |p: &V3| [p.x, p.y, p.z].map(|c| (c * 1e6).round() as i64);
    let mut order: Vec<usize> = (0..shape.points.len()).collect();
    order.sort_by_key(|&i| (key(&shape.points[i]), i));
    let mut first = vec![0; shape.points.len()];
    let mut leader = None;
    for &i in &order {
        let at = match leader {
            Some(l) if key(&shape.points[l]) == key(&shape.points[i]) => l,
            _ => i,
        };
        leader = Some(at);
        first[i] = at;
    }
    let faces = shape.faces.iter().map(|f| f.map(|i| first[i as usize])).collect();
    (shape.points.clone(), faces)
}

/// Adds a shape to a buffer. Corners at which the texture coordinates of two faces differ become two vertices.
pub fn shade(shape: &Shape, into: &mut Shaded) {
    let (points, faces) = weld(shape);
    let normals: Vec<V3> =
        faces.iter().map(|&[a, b, c]| (points[b] - points[a]).cross(points[c] - points[a])).collect();
    let mut around: Vec<Vec<usize>> = vec![Vec::new(); points.len()];
    for (f, face) in faces.iter().enumerate() {
        for &corner in face {
            around[corner].push(f);
        }
    }
    let units: Vec<V3> = normals.iter().map(|n| n.unit()).collect();
    let before = into.positions.len();
    // The corner of each vertex that is made.
    let mut corner_of: Vec<usize> = Vec::new();
    // Vertex index of each face's three corners.
    let mut index_of: Vec<[u32; 3]> = vec![[0; 3]; faces.len()];
    for (corner, ring) in around.iter().enumerate() {
        for group in groups(ring, &faces, &units, corner) {
            let mut sum = v(0.0, 0.0, 0.0);
            for &f in &group {
                sum = sum + normals[f] * corner_angle(&points, faces[f], corner);
            }
            let (p, n) = (points[corner], sum.unit());
            let mut given: Vec<(Option<P2>, u32)> = Vec::new();
            for f in group {
                for (slot, _) in faces[f].iter().enumerate().filter(|(_, c)| **c == corner) {
                    let texture = shape.texture.get(shape.faces[f][slot] as usize).copied();
                    let known = given.iter().find(|(t, _)| *t == texture).map(|&(_, index)| index);
                    index_of[f][slot] = known.unwrap_or_else(|| {
                        let index = into.push(p, n, texture);
                        corner_of.push(corner);
                        given.push((texture, index));
                        index
                    });
                }
            }
        }
    }
    into.indices.extend(index_of.into_iter().flatten());
    for (label, values) in &shape.values {
        let known = values_of(&mut into.values, label);
        known.resize(before, f32::NAN);
        known.extend(corner_of.iter().map(|&corner| values.get(corner).copied().unwrap_or(f32::NAN)));
    }
    let count = into.positions.len();
    into.values.iter_mut().for_each(|(_, values)| values.resize(count, f32::NAN));
}

/// The faces around a corner, grouped so that neighbours within a group meet smoothly.
fn groups(ring: &[usize], faces: &[[usize; 3]], units: &[V3], corner: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for &f in ring {
        let joins = |g: &usize| {
            let shared = faces[f].iter().any(|c| *c != corner && faces[*g].contains(c));
            shared && units[f].dot(units[*g]) > CREASE_COSINE
        };
        let (mut touching, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.iter().any(joins));
        touching.push(vec![f]);
        groups = rest;
        groups.push(touching.into_iter().flatten().collect());
    }
    groups
}

/// Angle of a face at one of its corners, in radians.
fn corner_angle(points: &[V3], face: [usize; 3], corner: usize) -> f64 {
    let [a, b, c] = face;
    let (p, q, r) = if corner == a {
        (a, b, c)
    } else if corner == b {
        (b, c, a)
    } else {
        (c, a, b)
    };
    let (e, f) = ((points[q] - points[p]).unit(), (points[r] - points[p]).unit());
    libm::acos(e.dot(f).clamp(-1.0, 1.0))
}
