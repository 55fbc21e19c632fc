//! What stands still within one frame: bodies, the tree over their triangles, and their ladders.

use crate::bvh::Bvh;
use crate::geometry::{Bounds, Triangle};
use crate::ladder::{self, Ladder};

/// Most triangles of a shape; more are left out. A plant of 10,000 detailed parts has fewer.
const MOST_TRIANGLES: usize = 20_000_000;
/// A corner further away than this is a mistake, m.
const FAR: f32 = 1e6;

/// What a body is to a walker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Stands in the way, and carries.
    #[default]
    Solid,
    /// Is climbed.
    Ladder,
    /// A lid: carries, and opens for who comes along a ladder.
    Hatch,
    /// Opens for everyone.
    Door,
}

impl Kind {
    /// Of the word that a type file or a model has for it: `ladder`, `hatch`, `door`; everything else is solid.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "ladder" => Self::Ladder,
            "hatch" => Self::Hatch,
            "door" => Self::Door,
            _ => Self::Solid,
        }
    }
}

/// One body: usually the mesh of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// What it is called: the id of its part.
    pub name: String,
    /// What it is to a walker.
    pub kind: Kind,
    /// Its triangles, m, in the frame of the shape.
    pub triangles: Vec<Triangle>,
}

/// Bodies that stand still to each other. Several machines of one type share it.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub(crate) bvh: Bvh,
    /// Name and kind of each body.
    bodies: Vec<(String, Kind)>,
    /// Where each hatch and door is.
    openings: Vec<(u32, Bounds)>,
    pub(crate) ladders: Vec<Ladder>,
}

impl Shape {
    /// Of bodies. Triangles without an area, and those that are not finite, are left out.
    #[must_use]
    pub fn new(bodies: Vec<Body>) -> Self {
        let sound = |triangle: &&Triangle| {
            let [a, b, c] = **triangle;
            triangle.iter().all(|corner| corner.abs().max_element() < FAR)
                && (b - a).cross(c - a).length_squared() > 1e-14
        };
        let mut items = Vec::new();
        let mut stations = Vec::new();
        let mut openings = Vec::new();
        let mut named = Vec::with_capacity(bodies.len());
        for (index, body) in (0_u32..).zip(bodies) {
            let triangles: Vec<Triangle> = body.triangles.iter().filter(sound).copied().collect();
            match body.kind {
                Kind::Ladder => stations.extend(ladder::stations(&triangles)),
                Kind::Hatch | Kind::Door if !triangles.is_empty() => {
                    openings.push((index, Bounds::of(triangles.iter().flatten().copied())));
                }
                _ => {}
            }
            let room = MOST_TRIANGLES.saturating_sub(items.len());
            items.extend(triangles.into_iter().take(room).map(|triangle| (triangle, index)));
            named.push((body.name, body.kind));
        }
        let mut shape = Self { bvh: Bvh::new(items), bodies: named, openings, ladders: Vec::new() };
        let mut ladders = ladder::chains(stations);
        for ladder in &mut ladders {
            ladder.find_side(&shape);
        }
        shape.ladders = ladders;
        shape
    }

    /// What a body is.
    pub(crate) fn kind(&self, body: u32) -> Kind {
        self.bodies.get(body as usize).map_or(Kind::Solid, |(_, kind)| *kind)
    }

    /// The names of hatches and doors that a box meets.
    pub(crate) fn openings(&self, bounds: &Bounds) -> impl Iterator<Item = (&str, Kind)> {
        let met = self.openings.iter().filter(move |(_, opening)| opening.meets(bounds));
        met.filter_map(|(body, _)| self.bodies.get(*body as usize)).map(|(name, kind)| (name.as_str(), *kind))
    }

    /// How many triangles it has.
    #[must_use]
    pub fn triangles(&self) -> usize {
        self.bvh.len()
    }
}
