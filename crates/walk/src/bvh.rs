//! A tree of boxes over triangles: finds those in a box, and the first on a way.

use glam::Vec3;

use crate::geometry::{Bounds, Triangle, hit};

/// Triangles of a leaf: more makes a step slower, fewer the tree larger.
const LEAF: usize = 6;
/// Deeper than a tree of halves over 2³² triangles.
const DEPTH: usize = 64;

/// A box with what is in it: `count` triangles from `first`, or if there are none, the nodes `first` and `first + 1`.
#[derive(Clone, Copy, Debug)]
struct Node {
    bounds: Bounds,
    first: u32,
    count: u32,
}

/// The tree, and its triangles in the order of its leaves.
#[derive(Clone, Debug, Default)]
pub struct Bvh {
    nodes: Vec<Node>,
    triangles: Vec<Triangle>,
    /// The body of each.
    bodies: Vec<u32>,
}

impl Bvh {
    /// Over triangles with their bodies; at most 2³² − 1 of them.
    pub fn new(mut items: Vec<(Triangle, u32)>) -> Self {
        let mut nodes = Vec::new();
        if !items.is_empty() {
            nodes.push(Node { bounds: Bounds::EMPTY, first: 0, count: 0 });
            split(&mut items, 0, 0, &mut nodes);
        }
        let (triangles, bodies) = items.into_iter().unzip();
        Self { nodes, triangles, bodies }
    }

    /// Around everything.
    pub fn bounds(&self) -> Bounds {
        self.nodes.first().map_or(Bounds::EMPTY, |node| node.bounds)
    }

    /// How many triangles there are.
    pub const fn len(&self) -> usize {
        self.triangles.len()
    }

    /// Tells every triangle whose box meets `bounds`, with its body.
    pub fn within(&self, bounds: &Bounds, mut tell: impl FnMut(Triangle, u32)) {
        self.visit(
            |node| node.meets(bounds),
            |triangle, body| {
                if Bounds::of(triangle).meets(bounds) {
                    tell(triangle, body);
                }
            },
        );
    }

    /// Where `from + t · way`, t from 0 to 1, first meets a triangle of a body that counts: t, the triangle, its body.
    pub fn first(&self, from: Vec3, way: Vec3, counts: impl Fn(u32) -> bool) -> Option<(f32, Triangle, u32)> {
        // Finite also where the way stays level: 0 · ∞ would be no number.
        let inverse = way.to_array().map(|part| if part.abs() < 1e-30 { 1e30 } else { part.recip() });
        let inverse = Vec3::from_array(inverse);
        let best = std::cell::Cell::new(None::<(f32, Triangle, u32)>);
        let nearer = |bounds: &Bounds| {
            let (a, b) = ((bounds.low - from) * inverse, (bounds.high - from) * inverse);
            let enter = a.x.min(b.x).max(a.y.min(b.y)).max(a.z.min(b.z)).max(0.0);
            let leave = a.x.max(b.x).min(a.y.max(b.y)).min(a.z.max(b.z)).min(best.get().map_or(1.0, |(t, ..)| t));
            enter <= leave + 1e-6
        };
        self.visit(nearer, |triangle, body| {
            if let Some(t) = hit(from, way, triangle)
                && best.get().is_none_or(|(before, ..)| t < before)
                && counts(body)
            {
                best.set(Some((t, triangle, body)));
            }
        });
        best.get()
    }

    fn visit(&self, enter: impl Fn(&Bounds) -> bool, mut tell: impl FnMut(Triangle, u32)) {
        let mut open = [0_u32; DEPTH];
        let mut count = usize::from(!self.nodes.is_empty());
        while count > 0 {
            count -= 1;
            let Some(node) = self.nodes.get(open[count] as usize) else { continue };
            if !enter(&node.bounds) {
                continue;
            }
            if node.count > 0 {
                let range = node.first as usize..(node.first + node.count) as usize;
                let triangles = self.triangles.get(range.clone()).unwrap_or_default();
                for (triangle, body) in triangles.iter().zip(self.bodies.get(range).unwrap_or_default()) {
                    tell(*triangle, *body);
                }
            } else if count + 2 <= DEPTH {
                open[count] = node.first;
                open[count + 1] = node.first + 1;
                count += 2;
            }
        }
    }
}

/// Fills the node `at` with `items`, the first of which is number `from` of all.
fn split(items: &mut [(Triangle, u32)], from: usize, at: usize, nodes: &mut Vec<Node>) {
    let centre = |[a, b, c]: &Triangle| *a + *b + *c;
    let bounds = Bounds::of(items.iter().flat_map(|(triangle, _)| *triangle));
    let first = if items.len() <= LEAF { from } else { nodes.len() };
    let count = if items.len() <= LEAF { items.len() } else { 0 };
    if let Some(node) = nodes.get_mut(at) {
        *node = Node { bounds, first: first as u32, count: count as u32 };
    }
    if count > 0 {
        return;
    }
    nodes.extend([Node { bounds: Bounds::EMPTY, first: 0, count: 0 }; 2]);
    let middles = Bounds::of(items.iter().map(|(triangle, _)| centre(triangle)));
    let size = middles.high - middles.low;
    let axis = size.max_position();
    let half = items.len() / 2;
    items.select_nth_unstable_by(half, |(a, _), (b, _)| centre(a)[axis].total_cmp(&centre(b)[axis]));
    let (low, high) = items.split_at_mut(half);
    split(low, from, first, nodes);
    split(high, from + half, first + 1, nodes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkerboard of floor tiles, 40 by 40 m, each its own body.
    fn tiles() -> Bvh {
        let tile = |x: f32, z: f32| {
            let at = |dx: f32, dz: f32| Vec3::new(x + dx, 0.0, z + dz);
            [[at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0)], [at(1.0, 1.0), at(0.0, 1.0), at(1.0, 0.0)]]
        };
        let mut items = Vec::new();
        for (body, (x, z)) in (0..).zip((0..40).flat_map(|x| (0..40).map(move |z| (x as f32, z as f32)))) {
            items.extend(tile(x, z).map(|triangle| (triangle, body)));
        }
        Bvh::new(items)
    }

    #[test]
    fn what_is_in_a_box_is_found_whole() {
        let mut found = Vec::new();
        tiles().within(&Bounds { low: Vec3::new(3.5, -1.0, 5.5), high: Vec3::new(4.5, 1.0, 5.6) }, |_, body| {
            found.push(body);
        });
        found.sort_unstable();
        assert_eq!(found, [125, 125, 165, 165]);
    }

    #[test]
    fn a_ray_down_finds_the_tile_below_it_and_none_that_does_not_count() {
        let tiles = tiles();
        let (from, way) = (Vec3::new(7.25, 3.0, 2.25), Vec3::new(0.0, -6.0, 0.0));
        let (t, _, body) = tiles.first(from, way, |_| true).unwrap();
        assert_eq!((t, body), (0.5, 282));
        assert!(tiles.first(from, way, |body| body != 282).is_none());
    }

    #[test]
    fn a_ray_on_the_border_of_two_tiles_falls_through_neither() {
        let tiles = tiles();
        for k in 1..40_u8 {
            let from = Vec3::new(f32::from(k), 1.0, f32::from(k) + 0.5);
            assert!(tiles.first(from, Vec3::new(0.0, -2.0, 0.0), |_| true).is_some(), "{k}");
        }
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        let empty = Bvh::new(Vec::new());
        assert!(empty.first(Vec3::ZERO, Vec3::Y, |_| true).is_none());
        assert_eq!(empty.len(), 0);
    }
}
